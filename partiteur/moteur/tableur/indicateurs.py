"""The 13 indicators of a dwelling in an état des lieux: what it is, how fast it turns over, what its convention says."""

import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from importlib import resources
from typing import Any

import pyarrow as pa

from partiteur.moteur.execution import Connexion, connexion, executer, lire, requete, table_de, vue_table
from partiteur.moteur.millesime import TOUT, Parc, vue
from partiteur.moteur.tableur.classeur import Cellule, quotient
from partiteur.regles.droits import droit_en_vigueur
from partiteur.regles.faits import Definition
from partiteur.regles.rotation import (
    RotationImpossible,
    liberation_comptee,
    logement_au_denominateur,
    periode_rotation,
)
from partiteur.regles.rotation import definition as definition_de
from partiteur.regles.socle import bareme

TITULAIRES = {"ligne": pa.int32(), "reservataire": pa.string(), "debut": pa.date32(), "fin": pa.date32()}
PAR_PAQUET = 5_000  # dwellings made into Python values at once
MOTS = tomllib.loads((resources.files(__package__) / "etats.toml").read_text("utf-8"))
COMPTES: Mapping[str, Callable[[int, int], Fraction]] = {
    "departs": lambda departs, _: Fraction(departs),
    "entrees": lambda _, entrees: Fraction(entrees),
    "moyenne": lambda departs, entrees: Fraction(departs + entrees, 2),
}
Taux = Mapping[tuple[str | None, ...], Fraction]


@dataclass(frozen=True)
class Indicateurs:
    """The dwellings of an état des lieux: an iterator to call once, what to know to read it, the texts it rests on."""

    lignes: Callable[[], Iterator[list[Cellule]]]
    phrases: tuple[str, ...]
    textes: tuple[str, ...]


def indicateurs(
    parcs: Sequence[Parc],
    a_la_date: date,
    *,
    droits: pa.Table | None = None,
    liberations: pa.Table | None = None,
    definition: str | None = None,
) -> Indicateurs:
    """The 13 indicators of every dwelling of some parcs, at a date.

    `droits` is the register (D15), `liberations` those of the years before; a fact nobody gives is unknown (None).
    Raises RotationImpossible when the definition asked is unknown, or counts no libérations.
    """
    definie = definition_de(definition or MOTS["definition"], ()) if liberations is not None else None
    if definie and definie.compte not in COMPTES:
        raise RotationImpossible(
            f"La définition de rotation « {definie.code} » ne se lit pas dans un fichier de libérations ; choisissez-en une autre."
        )

    def lignes() -> Iterator[list[Cellule]]:
        for parc in parcs:
            yield from _du_parc(parc, a_la_date, droits, liberations, definie)

    return Indicateurs(lignes, tuple(_phrases(a_la_date, droits, definie)), _textes(definie))


def _textes(definie: Definition | None) -> tuple[str, ...]:
    return (MOTS["texte"], "d15", *((definie.texte,) if definie else ()))


def _phrases(a_la_date: date, droits: pa.Table | None, definie: Definition | None) -> Iterator[str]:
    yield f"État au {a_la_date:%d/%m/%Y}. « inconnu » : le fichier ne le dit pas."
    if droits is None:
        yield "Réservataire : contingent du RPLS, faute de registre des droits ; les dates de convention sont inconnues."
    else:
        yield "Réservataire et dates de convention : registre des droits, pour les logements identifiés."
        yield f"« {MOTS['non_identifie']} » : le programme porte des droits en nombre, le registre ne dit pas sur quels logements."
    if definie is None:
        yield "Rotation : inconnue, faute de fichier des libérations (--liberations)."
    else:
        yield f"Rotation « {definie.code} » : {definie.libelle}."
        yield "Chaque taux est une fraction : libérations d'une année ÷ logements, sur le même ensemble."


def _du_parc(
    parc: Parc,
    a_la_date: date,
    droits: pa.Table | None,
    liberations: pa.Table | None,
    definie: Definition | None,
) -> Iterator[list[Cellule]]:
    """The dwellings of one parc, in the order of its file."""
    con = connexion()
    vue(con, parc, TOUT)
    _poser_droits(con, droits, a_la_date)
    bailleur: Taux = {}
    reservataires: Taux = {}
    if liberations is not None and definie is not None:
        vue_table(con, "liberations", liberations)
        titulaire = "p.contingent" if droits is None else "coalesce(t.reservataire, 'non_reserve')"
        bailleur, reservataires = _taux(con, definie, a_la_date, titulaire)
    for lot in lire(con, requete("detail")).to_batches(PAR_PAQUET):
        for ligne in zip(*(colonne.to_pylist() for colonne in lot.columns), strict=True):
            yield _logement(ligne, droits is not None, bailleur, reservataires)


def _poser_droits(con: Connexion, droits: pa.Table | None, a_la_date: date) -> None:
    """Register `titulaires` (one right an identified dwelling, the first of the register) and `programmes`."""
    numeros: dict[str, int] = {}
    for ligne, *noms in executer(
        con, "select ligne, numero_rpls, identifiant_interne from parc order by ligne"
    ):
        for nom in noms:
            if nom is not None:
                numeros.setdefault(nom, ligne)
    poses: dict[int, tuple[Any, ...]] = {}
    programmes: dict[str, None] = {}
    for droit in droits.to_pylist() if droits is not None else ():
        dates = (droit["debut"], droit["fin"], droit["nature"], droit["statut"], a_la_date)
        en_vigueur = droit_en_vigueur(*dates, droit["dernier_remboursement"])
        if not en_vigueur.valeur:
            continue
        if droit["logement"] in numeros:
            titulaire = droit["cede_a"] or droit["reservataire"]
            poses.setdefault(numeros[droit["logement"]], (titulaire, droit["debut"], droit["fin"]))
        elif droit["logement"] is None and droit["programme"] is not None:
            programmes[droit["programme"]] = None
    colonnes: dict[str, list[Any]] = {"ligne": list(poses)}
    colonnes |= {nom: [pose[i] for pose in poses.values()] for i, nom in enumerate(list(TITULAIRES)[1:])}
    vue_table(con, "titulaires", table_de(colonnes, TITULAIRES))
    vue_table(con, "programmes", table_de({"programme": list(programmes)}, {"programme": pa.string()}))


def _taux(con: Connexion, definie: Definition, a_la_date: date, titulaire: str) -> tuple[Taux, Taux]:
    """The rates by département, and by département and holder; none where no dwelling is counted."""
    du, au = periode_rotation(definie, a_la_date.year + 1, a_la_date).valeur
    hauts: dict[tuple[str | None, ...], Fraction] = defaultdict(Fraction)
    bas: dict[tuple[str | None, ...], int] = defaultdict(int)
    sql = requete("rotation_reservataires", titulaire=titulaire)
    for departement, qui, motifs, motif, logements, departs, entrees in executer(con, sql, [du, au, du, au]):
        classes = motifs.split("|") if motifs else ()
        cles = ((departement,), (departement, qui))
        if logements and logement_au_denominateur(classes, definie).valeur:
            for cle in cles:
                bas[cle] += logements
        elif not logements and liberation_comptee(motif, classes, definie).valeur:
            for cle in cles:
                hauts[cle] += COMPTES[definie.compte](departs, entrees)
    taux = {cle: hauts[cle] / definie.annees / n for cle, n in bas.items()}
    return {c: t for c, t in taux.items() if len(c) == 1}, {c: t for c, t in taux.items() if len(c) > 1}


def _logement(ligne: Sequence[Any], registre: bool, bailleur: Taux, reservataires: Taux) -> list[Cellule]:
    """The 13 cells of a dwelling, unknown as None."""
    rpls, interne, _, qui, non_identifie, contingent, departement, epci, commune, *suite = ligne
    qpv, typologie, financement, famille, individuel, debut, fin = suite
    if not registre:
        codes = bareme("contingents")["codes"]
        nom = codes[contingent]["libelle"] if contingent in codes else None
        cle = contingent
    else:
        nom = qui or (MOTS["non_identifie"] if non_identifie else MOTS["non_reserve"])
        cle = qui or "non_reserve"
    taux = bailleur.get((departement,))
    propre = None if non_identifie else reservataires.get((departement, cle))
    return [
        rpls or interne,
        nom,
        departement,
        epci,
        commune,
        None if qpv is None else "QPV" if qpv else "hors QPV",
        typologie,
        famille or financement,
        None if individuel is None else "individuel" if individuel else "collectif",
        None if taux is None else quotient(taux, "taux"),
        None if propre is None else quotient(propre, "taux"),
        debut,
        fin,
    ]
