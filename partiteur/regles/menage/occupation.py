"""How a dwelling is occupied: too small, too large, or fitting by a local table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from partiteur.regles.menage.composition import MenageImpossible
from partiteur.regles.socle import Etape, Resultat, bareme, en_vigueur, nombre, regle


@dataclass(frozen=True)
class LigneTypologie:
    """One row of a table of adequacy: the pièces that fit a household of this many persons."""

    personnes: int
    pieces_min: int
    pieces_max: int


@regle("r822-25", "l442-5-2", du="2019-09-01")
def sur_occupation(surface: Fraction | None, nb_personnes: int | None, a_la_date: date) -> Resultat:
    """Le logement est suroccupé sous 9 m² pour une personne, 16 m² pour deux, 9 m² de plus par personne, 70 m² à partir de huit.

    `surface` habitable in m². « Un ménage sans enfant » is a couple, two persons. Value True, False, or None when a
    fact is unknown.
    """
    if surface is None or nb_personnes is None:
        return Resultat(None, "inconnu")
    personnes = _au_moins_une(nb_personnes)
    ligne = en_vigueur("sur_occupation", "surfaces", a_la_date)
    minimale = int(ligne["seul"])
    if personnes > 1:
        comptees = min(personnes, int(ligne["personnes_au_plus"]))
        minimale = int(ligne["deux"]) + int(ligne["par_personne"]) * (comptees - 1 - 1)
        minimale = min(minimale, int(ligne["maximum"]))
    trop_petit = surface < minimale
    etape = Etape(
        "Surface minimale, en m²",
        f"{personnes} personne(s), {nombre(surface)} m² occupés",
        minimale,
        "r822-25",
    )
    return Resultat(trop_petit, "suroccupe" if trop_petit else "non_suroccupe", (etape,))


@regle("l621-2", "l442-3-1", du="2018-01-01")
def sous_occupation(pieces: int | None, nb_personnes: int | None, a_la_date: date) -> Resultat:
    """Le logement est sous-occupé quand ses pièces habitables, hors cuisine, dépassent de plus d'un le nombre de personnes.

    Pièces used for a profession are not counted; children with a droit de visite are. Value True, False or None.
    """
    if pieces is None or nb_personnes is None:
        return Resultat(None, "inconnu")
    au_dela = int(en_vigueur("sur_occupation", "pieces", a_la_date)["au_dela"])
    admises = _au_moins_une(nb_personnes) + au_dela
    trop_grand = pieces > admises
    etape = Etape(
        "Pièces admises",
        f"{nb_personnes} personne(s) + {au_dela}, {pieces} pièces occupées",
        admises,
        "l621-2",
    )
    return Resultat(trop_grand, "sous_occupe" if trop_grand else "non_sous_occupe", (etape,))


@regle("typologie-adequate", du="2018-01-01")
def pieces_adequates(nb_personnes: int | None, table: Sequence[LigneTypologie] | None) -> Resultat:
    """Le nombre de pièces adapté à un ménage vient d'une table locale : aucune table nationale n'est en vigueur.

    `table` None is the one shipped. Value (pieces_min, pieces_max), or None; larger households take the last row.
    """
    if nb_personnes is None:
        return Resultat(None, "inconnu")
    lignes = sorted(_table_livree() if table is None else table, key=lambda ligne: ligne.personnes)
    if not lignes:
        raise MenageImpossible("La table des typologies adaptées est vide : donnez au moins une ligne.")
    personnes = _au_moins_une(nb_personnes)
    retenue = next((ligne for ligne in lignes if ligne.personnes >= personnes), lignes[-1])
    bornes = (retenue.pieces_min, retenue.pieces_max)
    etape = Etape(
        "Pièces adaptées", f"{personnes} personne(s)", f"T{bornes[0]} à T{bornes[1]}", "typologie-adequate"
    )
    return Resultat(bornes, "livree" if table is None else "locale", (etape,))


@regle("typologie-adequate", du="2018-01-01")
def typologie_adequate(
    pieces: int | None, nb_personnes: int | None, table: Sequence[LigneTypologie] | None
) -> Resultat:
    """Un logement est adapté au ménage quand ses pièces sont entre les bornes de la table locale.

    Value True, False (codes `trop_petit`, `trop_grand`), or None.
    """
    bornes = pieces_adequates(nb_personnes, table)
    if pieces is None or bornes.valeur is None:
        return Resultat(None, "inconnu")
    au_moins, au_plus = bornes.valeur
    code = "trop_petit" if pieces < au_moins else "trop_grand" if pieces > au_plus else "adapte"
    return Resultat(code == "adapte", code, bornes.etapes)


def _table_livree() -> list[LigneTypologie]:
    return [LigneTypologie(**ligne) for ligne in bareme("typologie_adequate")["lignes"]]


def _au_moins_une(personnes: int) -> int:
    if personnes < 1:
        raise MenageImpossible(f"Un ménage compte au moins une personne ; « {personnes} » est donné.")
    return personnes
