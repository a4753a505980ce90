"""The bilan as a person reads it on a screen."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from partiteur.cli.sortie import en_colonnes
from partiteur.regles.bilan import Bilan, LigneBilan
from partiteur.regles.socle import bareme, nombre, pourcentage

TITRES = {
    "mise_a_disposition": "proposés",
    "validee": "validés",
    "candidats_proposes": "avec candidats",
    "attribution": "attribués",
    "bail_signe": "baux",
    "en_cours": "en cours",
    "neutralisees": "neutralisés",
    "refus_adaptes": "refus adaptés",
}
INTERMEDIAIRES = ("mise_a_disposition", "attribution", "bail_signe", "en_cours")
LARGEUR_DU_NOM = 46


def texte_du_bilan(bilan: Bilan) -> str:
    """The bilan as a person reads it."""
    tete = f"Bilan du {bilan.du:%d/%m/%Y} au {bilan.au:%d/%m/%Y}"
    if bilan.bailleur:
        tete += f" · {bilan.bailleur}"
    connu = f"Connu au {bilan.connu_au:%d/%m/%Y}" if bilan.connu_au else "Journal vide"
    preuve = bilan.preuve.tete or "journal sans empreintes, invérifiable"
    rendu = [tete, f"  {connu}. Tête du journal : {preuve}.", "", *_compteurs(bilan), ""]
    rendu += [
        f"  {nombre(bilan.vacances)} vacances, dont {nombre(bilan.flux_constate)} entrées dans le flux "
        f"({nombre(bilan.non_offertes)} proposées à aucun réservataire), {nombre(bilan.annulees)} annulées.",
        f"  Logements proposés à deux réservataires ou plus, comptés en trop : {nombre(bilan.surcompte)}. "
        f"Échecs de réservataires : {nombre(bilan.echecs)}. "
        f"Imputations particulières : {nombre(len(bilan.imputations_particulieres))}.",
        f"  Bilan croisé : {nombre(len(bilan.ventilation.lignes))} lignes (voir --format csv, xlsx ou json).",
    ]
    blocs = (
        _engagements,
        _chutes,
        _soustraits,
        _droits_uniques,
        _programmes,
        _delais,
        _objectifs,
        _intermediaires,
    )
    for bloc in blocs:
        lignes = list(bloc(bilan))
        rendu += ["", *lignes] if lignes else []
    rendu += [
        "",
        *(f"  ! {a.message}" for a in bilan.avertissements),
        *(f"  ? {m.message}" for m in bilan.manques),
    ]
    return "\n".join(rendu)


def _tableau(lignes: list[tuple[str, ...]], a_gauche: int = 0) -> list[str]:
    """Names on the left, figures on the right; the `a_gauche` last columns are words."""
    chiffres = len(lignes[0]) - 1 - a_gauche
    return en_colonnes(
        [(li[0][:LARGEUR_DU_NOM], *li[1:]) for li in lignes],
        [False, *[True] * chiffres, *[False] * a_gauche],
    )


def _taux(valeur: Fraction | None) -> str:
    return "—" if valeur is None else pourcentage(valeur)


def _nombre(valeur: Fraction | int | None) -> str:
    return "—" if valeur is None else nombre(valeur)


def _compteurs(bilan: Bilan) -> list[str]:
    """What was offered and what became of it."""
    lignes = [
        (
            ligne.nom or ligne.code,
            *(nombre(ligne.compteurs[nom]) for nom in TITRES),
            _taux(ligne.taux_chute),
        )
        for ligne in bilan.reservataires
    ]
    return _tableau([("Logements", *TITRES.values(), "chute"), *lignes])


def _engagements(bilan: Bilan) -> Iterator[str]:
    """What is due to each, of the dossier: by volume, then by the flux really seen."""
    dus = [_engagement(ligne) for ligne in bilan.reservataires if ligne.part is not None]
    if dus:
        entete = ("Ce qui est dû", "compté", "volume", "du volume", "part", "attendu", "écart", "du flux", "")
        yield from _tableau([entete, *dus], 1)
        yield "  Compté à l'étape qui engage ; attendu = part × flux constaté de son périmètre ; écart = compté − attendu."


def _engagement(ligne: LigneBilan) -> tuple[str, ...]:
    atteinte = ligne.atteinte
    return (
        ligne.nom or ligne.code,
        _nombre(ligne.engage),
        _nombre(ligne.objectif),
        _taux(atteinte.du_volume if atteinte else None),
        _taux(ligne.part),
        _nombre(ligne.attendu),
        _nombre(atteinte.ecart if atteinte else None),
        _taux(atteinte.du_flux if atteinte else None),
        ligne.alerte.mots if ligne.alerte else "",
    )


def _chutes(bilan: Bilan) -> Iterator[str]:
    """By réservataire and stage, among the mises à disposition resolved; the stock year under it."""
    libelles = bareme("decompte")["etapes"]["libelles"]
    etapes = bareme("decompte")["etapes"]["ordre"][1:]
    lignes = []
    for ligne in bilan.reservataires:
        if ligne.compteurs["mise_a_disposition"]:
            dits = {c.etape: f"{_taux(c.taux)} ({nombre(c.en_cours)})" for c in ligne.chutes}
            lignes.append((ligne.nom or ligne.code, *(dits[etape] for etape in etapes)))
        if ligne.chutes_stock is not None and ligne.compteurs["mise_a_disposition"]:
            avant = {c.etape: _taux(c.taux) for c in ligne.chutes_stock}
            lignes.append((f"  en stock, {bilan.stock}", *(avant[etape] for etape in etapes)))
    if lignes:
        yield from _tableau([("Chute avant :", *(libelles[etape] for etape in etapes)), *lignes])
        yield "  Parmi les mises à disposition résolues ; entre parenthèses, celles en cours, qui ne sont pas perdues."


def _soustraits(bilan: Bilan) -> Iterator[str]:
    libelles = {code: c["libelle"] for code, c in bareme("soustraits").items() if isinstance(c, Mapping)}
    exclus = {code: c["libelle"] for code, c in bareme("exclus")["motifs"].items()}
    lignes = [
        (libelles[li.categorie], _nombre(li.prevu), nombre(li.realise), _nombre(li.ecart))
        for li in bilan.soustraits
    ]
    yield from _tableau([("Soustraits", "prévus", "réalisés", "écart"), *lignes])
    for motif, combien in bilan.hors_flux.items():
        yield f"  Hors flux, {exclus.get(motif) or motif.replace('_', ' ')} : {nombre(combien)}"


def _droits_uniques(bilan: Bilan) -> Iterator[str]:
    """The account of each year, and what the journal counts at the stage that binds."""
    for ligne in bilan.reservataires:
        nom = ligne.nom or ligne.code
        for annee in ligne.droits_uniques:
            yield (
                f"  Droits uniques {annee.annee}, {nom} : ouverture {nombre(annee.ouverture)}, acquis "
                f"{nombre(annee.acquis)}, négociés {nombre(annee.negocies)}, consommés {nombre(annee.consommes)}, expirés "
                f"{nombre(annee.expires)}, solde {nombre(annee.solde)}"
            )
        if ligne.droits_uniques:
            yield (
                f"    au journal, du {bilan.du:%d/%m/%Y} au {bilan.au:%d/%m/%Y} : {_nombre(ligne.engage)} à l'étape qui engage"
            )


def _programmes(bilan: Bilan) -> Iterator[str]:
    """The new programmes: what the dossier says, what the journal opened and let."""
    lignes = [
        (
            s.programme or s.code or "programme inconnu",
            _nombre(s.logements),
            nombre(s.ouvertes),
            nombre(s.louees),
        )
        for s in bilan.programmes
    ]
    if lignes:
        yield from _tableau([("Premières locations", "logements", "ouvertes", "louées"), *lignes])


def _delais(bilan: Bilan) -> Iterator[str]:
    """Those of all réservataires together, then the days of vacancy by party."""
    libelles = bareme("bilan")["delais"]["libelles"]
    lignes = [
        (libelles[d.delai], _nombre(d.duree.mediane), _nombre(d.duree.p90), nombre(d.duree.nombre))
        for d in bilan.delais
        if d.reservataire is None and d.gestion is None
    ]
    yield from _tableau([("Délais, en jours", "médiane", "neuf sur dix", "mesurés"), *lignes])
    parties = bareme("bilan")["jours_dus"]["libelles"]
    dus = ", ".join(f"{parties[p].lower()} {nombre(j)}" for p, j in bilan.jours_dus.items())
    yield f"  Jours de vacance, à qui ils sont dus : {dus}"


def _objectifs(bilan: Bilan) -> Iterator[str]:
    """Each objectif under its name: for all, then by EPCI or réservataire."""
    lignes = [("Objectifs", "servies", "autres", "inconnues", "au moins", "au plus", "pour", "")]
    for o in bilan.objectifs or ():
        comptes = (nombre(o.servies), nombre(o.autres), nombre(o.inconnues))
        taux = (_taux(o.minimum), _taux(o.maximum), _taux(o.cible))
        qui = f"    {bilan.noms.get(o.ou, o.ou)}" if o.ou else "    ensemble"
        lignes.append((qui, *comptes, *taux, bareme("objectifs")["etats"][o.etat]))
    entete, *rendues = _tableau(lignes, 1)
    if rendues:
        yield entete
    for objectif, rendue in zip(bilan.objectifs or (), rendues, strict=True):
        if not objectif.ou:
            yield f"  {objectif.libelle}"
        yield rendue


def _intermediaires(bilan: Bilan) -> Iterator[str]:
    """A table a date; a réservataire with nothing has its zeros."""
    for rang, (le, lignes) in enumerate(bilan.intermediaires.items()):
        dits = [
            (bilan.noms.get(code, code), *(nombre(comptes[nom]) for nom in INTERMEDIAIRES))
            for code, comptes in lignes.items()
        ]
        yield from [""] * bool(rang)
        yield from _tableau([(f"Au {le:%d/%m/%Y}", *(TITRES[nom] for nom in INTERMEDIAIRES)), *dits])
