"""The calculation sheet on the screen."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import IO, Any

import click

from partiteur.cli.aide import Commande
from partiteur.cli.comparer import json_de_la_comparaison, tableau_de_la_comparaison, texte_de_la_comparaison
from partiteur.cli.moteur import options_de_moteur
from partiteur.cli.sortie import SortieImpossible, options_de_sortie_et_classeur, publier
from partiteur.cli.structure import publier_avec_la_structure
from partiteur.moteur.comparaison import actualiser as actualiser_
from partiteur.moteur.etats import Moteur
from partiteur.moteur.execution import connexion
from partiteur.moteur.feuille import exact, json_du_flux
from partiteur.moteur.flux import calculer_dossier
from partiteur.regles.flux.feuille import Flux, FluxPerimetre, PartReservataire
from partiteur.regles.socle import bareme, citer, nombre, pourcentage, textes

REGIMES = {
    "flux": "dans le flux",
    "annee_livraison": "droits ajoutés l'année de livraison",
    "litterale": "droits de l'année non augmentés",
    "un_tour": "droits pour un tour",
}
ECHELLES = {"departement": "département", "epci": "EPCI", "commune": "commune"}
LARGEUR, LARGEUR_LIBELLE, LARGEUR_NOMBRE = 100, 46, 10


@click.command(cls=Commande)
@click.argument("dossier", type=click.Path(path_type=Path))
@click.option("--etapes", is_flag=True, help="Montrer chaque étape, sa formule et son texte.")
@click.option(
    "--actualiser",
    type=click.Path(path_type=Path),
    help="Le dossier de l'an dernier : dire ce qui a changé, et pourquoi.",
)
@click.option(
    "--structure", is_flag=True, help="Ajouter la structure indicative de chaque volume (financement, lieu)."
)
@click.option(
    "--tous", is_flag=True, help="DOSSIER est un répertoire national : le flux de tous les bailleurs."
)
@click.option("--cadre", help="Avec --tous : le cadre, livré ou fichier .toml.")
@click.option("--exercice", type=int, help="Avec --tous : l'année du flux.")
@options_de_sortie_et_classeur
@options_de_moteur
def commande(
    dossier: Path,
    etapes: bool,
    actualiser: Path | None,
    structure: bool,
    tous: bool,
    cadre: str | None,
    exercice: int | None,
    forme: str,
    sortie: Path | None,
    moteur: Moteur,
) -> None:
    """Calcule le flux de DOSSIER (un fichier .toml ou .xlsx) et ce qui revient à chaque réservataire."""
    if tous:
        _publier_tous(dossier, cadre, exercice, forme, sortie, moteur)
        return
    if moteur is not connexion or cadre or exercice:
        raise SortieImpossible("Les options --moteur spark, --cadre et --exercice vont avec --tous.")
    if actualiser is not None:
        _publier_l_actualisation(actualiser, dossier, forme, sortie)
        return
    flux = calculer_dossier(dossier)
    if structure:
        publier_avec_la_structure(flux, dossier, forme, sortie, lambda: texte_du_flux(flux, etapes=etapes))
        return
    publier(
        forme,
        sortie,
        texte=lambda: texte_du_flux(flux, etapes=etapes),
        json_=lambda: json_du_flux(flux),
        tableau=lambda: tableau_du_flux(flux),
        classeur=lambda fichier: _classeur_du_flux(flux, fichier),
    )


def _publier_tous(
    dossier: Path,
    cadre: str | None,
    exercice: int | None,
    forme: str,
    sortie: Path | None,
    moteur: Moteur,
) -> None:
    """The flux of every bailleur of a national folder."""
    from partiteur.cli.national import publier_le_flux_de_tous

    if cadre is None or exercice is None:
        raise SortieImpossible("--tous demande --cadre et --exercice.")
    if forme == "xlsx":
        raise SortieImpossible("Le flux de tous les bailleurs s'écrit en Parquet, en CSV ou en JSON.")
    publier_le_flux_de_tous(dossier, cadre, exercice, moteur, forme, sortie)


def _classeur_du_flux(flux: Flux, fichier: IO[bytes]) -> None:
    from partiteur.moteur.tableur.flux import ecrire_flux  # slow to load, and useless to who reads text

    ecrire_flux(flux, fichier)


def _publier_l_actualisation(ancien: Path, nouveau: Path, forme: str, sortie: Path | None) -> None:
    """Two years of a dossier, one against the other (D60)."""
    comparaison, changements = actualiser_(ancien, nouveau)
    publier(
        forme,
        sortie,
        texte=lambda: "\n".join(
            [texte_de_la_comparaison(comparaison), "", "Ce qui a changé", *(f"  {c}" for c in changements)]
        ),
        json_=lambda: json_de_la_comparaison(comparaison) | {"changements": list(changements)},
        tableau=lambda: tableau_de_la_comparaison(comparaison),
    )


def tableau_du_flux(flux: Flux) -> Iterable[Sequence[Any]]:
    """The shares, one a line, the non-réservé last."""
    yield ("code", "nom", "type", "perimetre", "part", "part_appliquee", "exact", "objectif")
    for p in (*flux.reservataires, flux.non_reserve):
        parts = (exact(p.part), exact(p.part_appliquee), exact(p.exact))
        yield (
            p.code,
            p.nom or "",
            p.type,
            "|".join(p.perimetres),
            *parts,
            "" if p.objectif is None else p.objectif,
        )


def texte_du_flux(flux: Flux, *, etapes: bool = False) -> str:
    """The sheet as it is read: the account of the territory, the shares, the other perimeters, what must be said."""
    lignes = [_titre(flux), *_compte(flux), "", *_parts(flux), *_neuf(flux), *_perimetres(flux)]
    if etapes:
        lignes += [
            "",
            "Étapes",
            *(f"  {e.libelle} : {e.formule} = {_valeur(e.valeur)}  [{citer(e.texte)}]" for e in flux.etapes),
        ]
    dits = (_insecable(f"{a.message} [{citer(a.texte)}]") for a in flux.avertissements)
    lignes += ["", *(fill(d, LARGEUR, initial_indent="  ! ", subsequent_indent="    ") for d in dits)]
    verifie = min(
        (textes()[t]["verifie_le"] for t in flux.cites if textes()[t]["confiance"] == "lu"), default=None
    )
    for piece in flux.dossier.pieces:
        lignes.append(f"  Pièce {piece.nom} : {nombre(piece.lignes)} lignes, SHA-256 {piece.empreinte[:16]}…")
    if verifie:
        lignes.append(f"  Textes vérifiés au {verifie:%d/%m/%Y}.")
    return "\n".join(lignes)


def _insecable(phrase: str) -> str:
    """No line breaks inside a number, a quotation mark or a citation, nor before « : ; ! ? % »."""
    phrase = re.sub(r" (?=[:;!?%»])|(?<=«) |(?<=\d) (?=\d)", "\u00a0", phrase)
    return re.sub(
        r"\[[^\]]*\]",
        lambda cite: cite[0] if len(cite[0]) > LARGEUR else cite[0].replace(" ", "\u00a0"),
        phrase,
    )


def _valeur(valeur: Any) -> str:
    return valeur if isinstance(valeur, str) else nombre(valeur)


def _titre(flux: Flux) -> str:
    territoire, dossier = flux.territoire, flux.dossier
    nom = (
        f"{territoire.nom} ({territoire.code})"
        if territoire.nom
        else f"{ECHELLES[territoire.echelle]} {territoire.code}"
    )
    return f"Flux {dossier.exercice} · {dossier.bailleur} · {nom} · cadre {dossier.cadre.titre}"


def _ligne(signe: str, libelle: str, valeur: str, note: str = "", texte: str = "") -> str:
    source = f"  [{texte}]" if texte else ""
    return f"  {signe:1} {libelle:<{LARGEUR_LIBELLE}}{valeur:>{LARGEUR_NOMBRE}}   {note}{source}".rstrip()


def _compte(flux: Flux) -> list[str]:
    """The account of the territory: parc, exclus, assiette, rotation, volume, soustraits, flux."""
    territoire, dossier = flux.territoire, flux.dossier
    definition = dossier.definition
    motifs, categories = bareme("exclus")["motifs"], bareme("soustraits")
    exclus, soustraits = territoire.assiette.exclus, {c: n for c, n in territoire.soustraits.items() if n}
    date_parc = f" au {dossier.date_parc:%d/%m/%Y}" if dossier.date_parc else ""
    lignes = [_ligne("", f"Parc{date_parc}", nombre(territoire.assiette.parc), dossier.source_parc or "")]
    lignes += _retranche("Exclus", exclus, motifs)
    lignes.append(_ligne("=", "Assiette", nombre(territoire.assiette.total)))
    if territoire.taux is not None:
        note = (definition.code, citer(definition.texte)) if definition else ("donnée par le bailleur", "")
        note = (f"{note[0]}, {dossier.periode_rotation}", note[1]) if dossier.periode_rotation else note
        lignes.append(_ligne("×", "Rotation", pourcentage(territoire.taux), *note))
    if territoire.neuf:
        programmes = ", ".join(n.programme for n in flux.neuf if n.regime == "flux")
        lignes.append(
            _ligne(
                "+",
                "Premières mises en location",
                nombre(territoire.neuf),
                programmes,
                citer("r441-5-convention"),
            )
        )
    methode = "" if territoire.taux is not None else "moyenne des baux signés"
    lignes.append(_ligne("=", "Volume attendu", nombre(territoire.volume), methode))
    lignes += _retranche("Soustraits", soustraits, categories)
    reste = "" if territoire.exact == territoire.a_repartir else f"exact {nombre(territoire.exact)}"
    lignes.append(_ligne("=", "Flux à répartir", nombre(territoire.a_repartir), reste))
    return lignes


def _retranche(titre: str, quantites: Mapping[str, Any], libelles: Mapping[str, Any]) -> list[str]:
    """What is taken off, in one line when it rests on one text: « mutations 400 · ANRU 50 », else a line a motif."""
    somme = nombre(sum(quantites.values()))
    textes_cites = {libelles[c]["texte"] for c in quantites}
    if len(quantites) == 1:
        return [
            _ligne("−", titre, somme, *(libelles[c]["libelle"] for c in quantites), *map(citer, textes_cites))
        ]
    if len(textes_cites) == 1:
        note = " · ".join(f"{libelles[c]['libelle']} {nombre(n)}" for c, n in quantites.items())
        return [_ligne("−", titre, somme, note, *map(citer, textes_cites))]
    details = [
        _ligne("", f"  {libelles[c]['libelle']}", nombre(n), "", citer(libelles[c]["texte"]))
        for c, n in quantites.items()
    ]
    return [_ligne("−", titre, somme), *details]


def _parts(flux: Flux) -> list[str]:
    """The réservataires of the whole territory, then those of a perimeter, then what is left."""
    entete = f"    {'':<{LARGEUR_LIBELLE}}{'part':>{LARGEUR_NOMBRE}}{_titre_du_volume(flux):>18}"
    lignes = [entete, *(_part(part, flux) for part in flux.reservataires)]
    reste = "Non réservé" if flux.dossier.complet else "Autres réservataires et non réservé"
    return [*lignes, _part(flux.non_reserve, flux, reste)]


def _titre_du_volume(flux: Flux) -> str:
    """« objectif » when every engagement is a volume, else « volume indicatif » (D68)."""
    engagements = {p.engagement for p in flux.reservataires}
    return "objectif" if engagements == {"volume"} else "volume indicatif"


def _part(part: PartReservataire, flux: Flux, libelle: str | None = None) -> str:
    noms = {p.code: p.nom or p.code for p in flux.perimetres}
    ailleurs = part.perimetres != (flux.territoire.code,)
    ou = f" · {', '.join(noms[p] for p in part.perimetres)}" if ailleurs else ""
    contestes = part.part_sans_contestes
    sans = f" · sans les droits contestés {pourcentage(contestes)}" if contestes is not None else ""
    plafonnee = f" · demandée {pourcentage(part.part)}" if part.part != part.part_appliquee else ""
    volume = "non publié" if part.objectif is None else nombre(part.objectif)
    titre = libelle or part.nom or part.code
    motifs = "".join(f" · {motif}" for motif in _motifs(part, flux))
    rythme = f" · environ un tous les {part.tous_les_ans} ans" if part.tous_les_ans else ""
    neuf = f" · neuf + {nombre(part.majoration)}" if part.majoration else ""
    return (
        f"    {titre:<{LARGEUR_LIBELLE}}{pourcentage(part.part_appliquee):>{LARGEUR_NOMBRE}}{volume:>18}"
        f"   exact {nombre(part.exact)}{ou}{motifs}{plafonnee}{rythme}{neuf}{sans}"
    )


def _motifs(part: PartReservataire, flux: Flux) -> Iterable[str]:
    """What makes a share other than part × flux: a volume, article 5, PNRU, what is carried."""
    etat = flux.etat
    if part.engagement == "volume":
        yield "en volume"
    if part.code in etat.article5:
        yield f"article 5 : {nombre(etat.article5[part.code])} au préfet"
    if part.type == "etat_prioritaires" and etat.article5:
        yield f"article 5 : + {nombre(sum(etat.article5.values()))}"
    if etat.pnru and part.type in ("etat_prioritaires", "action_logement"):
        yield f"PNRU {'−' if part.type == 'etat_prioritaires' else '+'} {nombre(etat.pnru)}"
    report = next((r.report for r in flux.dossier.reservataires if r.code == part.code), 0)
    if report:
        yield f"report {nombre(report)}"
    if part.solde_reporte:
        yield f"solde reporté {nombre(part.solde_reporte)}"


def _neuf(flux: Flux) -> list[str]:
    """The new programmes and the rights on them, one a line."""
    noms = {r.code: r.nom or r.code for r in flux.reservataires}
    lignes = [
        f"    {n.programme:<{LARGEUR_LIBELLE}}{nombre(n.logements):>{LARGEUR_NOMBRE}} logements"
        f" · {REGIMES[n.regime]} · {', '.join(f'{noms[c]} {d}' for c, d in n.droits.items()) or 'aucun droit propre'}"
        for n in flux.neuf
    ]
    return ["", "    Programmes neufs", *lignes] if lignes else []


def _perimetres(flux: Flux) -> list[str]:
    """The other perimeters, one a line."""
    autres = flux.perimetres[1:]
    if not autres:
        return []
    entete = f"    {'Périmètre':<{LARGEUR_LIBELLE}}{'parc':>9}{'assiette':>10}{'rotation':>10}{'volume':>10}{'soustraits':>12}{'flux':>10}"
    return ["", entete, *(_perimetre(p) for p in autres)]


def _perimetre(p: FluxPerimetre) -> str:
    taux = pourcentage(p.taux) if p.taux is not None else "baux"
    chiffres = (nombre(p.assiette.parc), nombre(p.assiette.total), taux, nombre(p.volume))
    parc, assiette, rotation, volume = chiffres
    soustraits = nombre(sum(p.soustraits.values()))
    nom = p.nom or p.code
    return f"    {nom:<{LARGEUR_LIBELLE}}{parc:>9}{assiette:>10}{rotation:>10}{volume:>10}{soustraits:>12}{nombre(p.exact):>10}"
