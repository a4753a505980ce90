"""A score in plain French: the sheet a demandeur receives, with what the law says it must hold."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

from partiteur.cli.grille_mots import mot_de_forme
from partiteur.cli.sortie import en_colonnes, mot
from partiteur.moteur.cotation.explication import Classe, DelaiConstate, Explication, Position
from partiteur.moteur.feuille import compte
from partiteur.regles.cotation import Compteur, Fait
from partiteur.regles.socle import citer, nombre

PREUVES = {
    "declaree": "déclaré",
    "deposee": "pièce déposée",
    "verifiee": "vérifié",
    "validee_travailleur_social": "validé par un travailleur social",
    "transmise": "transmis par l'administration",
}


def mot_de_valeur(valeur: Fait) -> str:
    """A fact as it is read."""
    match valeur:
        case bool() | None:
            return mot(valeur)
        case tuple():
            return ", ".join(mot_de_valeur(v) for v in valeur) or "aucun"
        case date():
            return f"{valeur:%d/%m/%Y}"
        case Fraction() | int():
            return nombre(valeur)
    return str(valeur)


def texte_de_l_explication(e: Explication) -> str:
    """The whole sheet: the total, the lines, the position, the waits, the mentions the law asks for."""
    score, grille = e.score, e.grille
    return "\n".join(
        [
            f"Demande {score.numero_unique} · {grille.titre} · version {grille.version} · au {score.au:%d/%m/%Y}",
            "",
            f"  Votre note est de {nombre(score.score)} points sur ce que vous avez déclaré, "
            f"{nombre(score.score_verifie)} sur ce qui est vérifié.",
            *([f"  Elle ne sert pas à classer votre demande : {score.hors_cotation}"] if score.hors_cotation else []),
            *_mention(e, "parametres"),
            *_lignes(e),
            *_mention(e, "positionnement"),
            *(ligne for position in e.positions for ligne in _position(position, e)),
            *([] if e.positions else ["    Votre demande ne dit pas quelle typologie elle cherche : rien à comparer."]),
            *_mention(e, "delai"),
            *_delais(e),
            *_refus(e),
            *(ligne for cle in ("aide", "contribution", "donnees", "operations", "mention") for ligne in _mention(e, cle)),
        ]
    )  # fmt: skip


def _mention(e: Explication, cle: str) -> list[str]:
    """A sentence due, under its title, with its text."""
    mention = e.information[cle]
    return ["", f"  {mention['titre']} [{citer(mention['texte'])}]", f"  {mention['phrase']}"]


def _lignes(e: Explication) -> Iterator[str]:
    tete = ("Critère", "Ce qui a été lu", "Preuve", "Points", "Retenus", "Vérifiés", "Texte")
    lignes = [tete]
    for li in e.score.lignes:
        if not li.points and not li.manquantes:
            continue
        lu = "inconnu" if li.manquantes else mot_de_valeur(li.valeur)
        points = (nombre(li.points), nombre(li.points_retenus), nombre(li.points_verifies))
        lignes.append((li.libelle, lu, PREUVES[li.preuve], *points, li.texte or ""))
    yield from (
        f"    {ligne}" for ligne in en_colonnes(lignes, (False, False, False, True, True, True, False))
    )
    for s in e.score.sous_totaux:
        if s.brut != s.retenu:
            yield f"    {s.libelle} : {nombre(s.brut)} points, ramenés à {nombre(s.retenu)}."
    nuls = sum(not li.points and not li.manquantes for li in e.score.lignes)
    if nuls:
        yield f"    {nuls} autres critères ne vous donnent aucun point."
    if e.score.mois_geles:
        yield f"    {e.score.mois_geles} mois d'attente ne comptent pas, à la suite d'un refus ou d'un autre événement."
    yield from (f"    ! {constat.message}" for constat in e.score.constats)


def _position(position: Position, e: Explication) -> Iterator[str]:
    if position.demandes is None:
        yield f"    {position.typologie} : moins de {e.minimum} demandes analogues, leur répartition n'est pas montrée."
        return
    dessus = f"moins de {e.minimum}" if position.au_dessus is None else nombre(position.au_dessus)
    yield (
        f"    {position.typologie} : {nombre(position.demandes)} demandes analogues, la vôtre comprise ; "
        f"{dessus} ont plus de points que vous."
    )
    for classe in position.classes:
        ici = "  ← vous" if _contient(classe, e) else ""
        yield f"      {classe.de:>4} à {classe.a - 1:<4} points : {nombre(classe.demandes):>7}{ici}"


def _contient(classe: Classe, e: Explication) -> bool:
    return e.score.hors_cotation is None and classe.de <= e.score.score < classe.a


def _delais(e: Explication) -> Iterator[str]:
    if not e.delais_fournis:
        yield "    Aucun fichier d'attributions n'a été donné : le délai constaté n'est pas connu ici."
        return
    yield from (f"    {_un_delai(delai, e.minimum)}" for delai in e.delais)


def _un_delai(delai: DelaiConstate, minimum: int) -> str:
    ou = f"commune {delai.commune}" if delai.commune else "ensemble du territoire"
    if delai.moyenne is None or delai.attributions is None:
        return f"{delai.typologie}, {ou} : moins de {minimum} attributions, le délai n'est pas montré."
    return f"{delai.typologie}, {ou} : {nombre(delai.moyenne)} mois en moyenne, sur {nombre(delai.attributions)} attributions."


def _refus(e: Explication) -> Iterator[str]:
    malus = [c for c in e.grille.criteres if isinstance(c.forme, Compteur) and c.forme.points < 0]
    yield ""
    yield f"  Refus et événements qui changent la note [{citer(e.information['aide']['texte'])}]"
    yield from (f"    {c.libelle} : {mot_de_forme(c.forme, e.variables)}." for c in malus)
    if not malus:
        yield "    Aucun : refuser un logement adapté ne change pas la note."


def json_de_l_explication(e: Explication) -> dict[str, Any]:
    """The same, for a program."""
    from partiteur.cli.coter import valeur_json

    score = e.score
    return {
        "numero_unique": score.numero_unique,
        "grille": score.grille,
        "version": score.version,
        "au": score.au.isoformat(),
        "empreinte": score.empreinte,
        "score": compte(score.score),
        "score_verifie": compte(score.score_verifie),
        "hors_cotation": score.hors_cotation,
        "manquantes": list(score.manquantes),
        "mois_geles": score.mois_geles,
        "lignes": [
            {
                "critere": li.critere, "rubrique": li.rubrique, "libelle": li.libelle, "variable": li.variable,
                "valeur": valeur_json(li.valeur), "champ": li.champ, "preuve": li.preuve, "points": compte(li.points),
                "points_retenus": compte(li.points_retenus), "points_verifies": compte(li.points_verifies),
                "manquantes": list(li.manquantes), "texte": li.texte,
            }
            for li in score.lignes
        ],
        "rubriques": [
            {"rubrique": s.rubrique, "brut": compte(s.brut), "retenu": compte(s.retenu)} for s in score.sous_totaux
        ],
        "constats": [{"code": c.code, "rubrique": c.rubrique, "message": c.message} for c in score.constats],
        "positions": [
            {
                "typologie": p.typologie, "demandes": p.demandes, "au_dessus": p.au_dessus, "egales": p.egales,
                "classes": [{"de": c.de, "a": c.a, "demandes": c.demandes} for c in p.classes],
            }
            for p in e.positions
        ],
        "delais": [
            {
                "typologie": d.typologie, "commune": d.commune, "attributions": d.attributions,
                "moyenne": None if d.moyenne is None else compte(d.moyenne),
            }
            for d in e.delais
        ],
        "information": [
            {"titre": m["titre"], "phrase": m["phrase"], "texte": citer(m["texte"])} for m in e.information.values()
        ],
    }  # fmt: skip
