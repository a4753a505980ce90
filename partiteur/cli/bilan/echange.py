"""Bilans read back from others, and a territory added up, as they are shown."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from partiteur.cli.bilan.texte import TITRES
from partiteur.cli.sortie import en_colonnes
from partiteur.regles.socle import nombre


def lire(fichier: Path, malgre_les_refus: bool) -> Any:
    """A bilan read back. Raises BilanRefuse on lines that cannot be read, unless asked to go on without them."""
    from partiteur.moteur.bilan import BilanRefuse, lire_bilan

    lu = lire_bilan(fichier)
    if lu.refusees and not malgre_les_refus:
        lignes = "\n".join(f"  {phrase}" for phrase in lu.refusees)
        raise BilanRefuse(
            f"{fichier.name} : lignes illisibles : {nombre(len(lu.refusees))} ; corrigez, ou reprenez le reste avec "
            f"--malgre-les-refus.\n{lignes}"
        )
    return lu


def dire_importe(lu: Any) -> str:
    periode = f"du {lu.du:%d/%m/%Y} au {lu.au:%d/%m/%Y}" if lu.du and lu.au else "période inconnue"
    absents = f" Colonnes absentes : {', '.join(lu.absents)}." if lu.absents else ""
    total = lu.ventilation.total
    if "logements" in total:
        periode = f"état des lieux au {lu.au:%d/%m/%Y}" if lu.au else "état des lieux d'une date inconnue"
        dit = f"{nombre(total['logements'])} logements"
    else:
        dit = f"{nombre(total['mise_a_disposition'])} proposés, {nombre(total['attribution'])} attribués"
    qui = lu.bailleur or "bailleur inconnu"
    return f"{lu.source} : {qui}, {periode}, {nombre(lu.lignes)} lignes, {dit}.{absents}"


def json_importe(lu: Any) -> dict[str, Any]:
    from partiteur.moteur.bilan import cellule_en_json, marginaux_en_json

    return {
        "source": lu.source,
        "bailleur": lu.bailleur,
        "du": lu.du.isoformat() if lu.du else None,
        "au": lu.au.isoformat() if lu.au else None,
        "lignes": lu.lignes,
        "absents": list(lu.absents),
        "refusees": list(lu.refusees),
        "ventilation": [cellule_en_json(lu.ventilation, c) for c in lu.ventilation.lignes],
        "marginaux": marginaux_en_json(lu.ventilation),
        "total": dict(lu.ventilation.total),
    }


def lignes_importees(lus: Sequence[Any]) -> Iterator[Sequence[Any]]:
    from partiteur.moteur.bilan import entete_d_echange, lignes_de

    yield entete_d_echange(lus[0].ventilation)
    for lu in lus:
        tete = (
            lu.bailleur or lu.source,
            lu.du.isoformat() if lu.du else "",
            lu.au.isoformat() if lu.au else "",
        )
        yield from lignes_de(lu.ventilation, tete)


def classeur_de(ventilation: Any, titre: str, fichier: IO[bytes]) -> None:
    from partiteur.moteur.tableur.bilan import ecrire_croisement

    ecrire_croisement(ventilation, titre, fichier)


def comme_un_bilan(territoire: Any) -> Any:
    from partiteur.moteur.bilan import BilanEchange

    bilans = territoire.bilans
    return BilanEchange(
        "territoire",
        None,
        territoire.du,
        territoire.au,
        territoire.ventilation,
        sum(lu.lignes for lu in bilans),
        tuple(dict.fromkeys(nom for lu in bilans for nom in lu.absents)),
        tuple(phrase for lu in bilans for phrase in lu.refusees),
    )


def texte_du_territoire(territoire: Any) -> Iterator[str]:
    depuis = f"du {territoire.du:%d/%m/%Y} " if territoire.du else ""
    yield f"Territoire, {depuis}au {territoire.au:%d/%m/%Y}"
    total = territoire.ventilation.total
    titres = {"logements": "logements"} if "logements" in total else TITRES
    tableau = [("", *titres.values())]
    for cellule in territoire.ventilation.marginaux["reservataire"]:
        tableau.append((str(cellule.cle[0]), *(nombre(cellule.compteurs[nom]) for nom in titres)))
    tableau.append(("Total", *(nombre(total[nom]) for nom in titres)))
    yield from en_colonnes(tableau, [False] + [True] * len(titres))
