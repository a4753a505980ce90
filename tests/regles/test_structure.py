"""Controlled rounding: its properties on any table, and the tables the region published."""

from fractions import Fraction
from itertools import product
from math import ceil, floor
from typing import Any

import pytest
from constructeur import CAS
from depot import toml
from hypothesis import example, given
from hypothesis import strategies as st

from partiteur.regles.repartition import plus_forts_restes
from partiteur.regles.structure import (
    ArrondiImpossible,
    Exactes,
    TableauEntier,
    arrondi_controle,
    structure_du_flux,
)

PUBLIE = toml(CAS / "structure.toml")["publie"]
EXACT = st.fractions(min_value=0, max_value=9, max_denominator=12)


@st.composite
def tables(tirer: st.DrawFn, lignes: int = 5, colonnes: int = 5) -> dict[str, dict[str, Fraction]]:
    """A full table of exact cells."""
    noms = [f"T{i}" for i in range(tirer(st.integers(1, colonnes)))]
    return {f"P{i}": {nom: tirer(EXACT) for nom in noms} for i in range(tirer(st.integers(1, lignes)))}


def arrondir(exactes: Exactes, **imposes: Any) -> TableauEntier:
    """The table, its totals free but those named."""
    libres: dict[str, Any] = {"totaux_lignes": None, "totaux_colonnes": None, "total": None}
    tableau = arrondi_controle(exactes, **{**libres, **imposes}).valeur
    assert isinstance(tableau, TableauEntier)
    return tableau


def transposer(exactes: Exactes) -> dict[str, dict[str, Fraction]]:
    """Lines as columns."""
    noms = next(iter(exactes.values()))
    return {nom: {ligne: cases[nom] for ligne, cases in exactes.items()} for nom in noms}


def juste(entier: int, exact: Fraction) -> bool:
    """True for the whole number just below or above, which is the number itself when it is whole."""
    return floor(exact) <= entier <= ceil(exact)


def ecart(tableau: TableauEntier) -> Fraction:
    """The sum of the gaps that the nearest table makes least."""
    cellules = [
        (tableau.cases[li][co], v) for li, cases in tableau.exactes.items() for co, v in cases.items()
    ]
    marges = [(n, sum(tableau.exactes[li].values())) for li, n in tableau.lignes.items()]
    marges += [(n, sum(c[co] for c in tableau.exactes.values())) for co, n in tableau.colonnes.items()]
    return sum((abs(n - v) for n, v in [*cellules, *marges]), Fraction(0))


@given(tables())
def test_jamais_un_logement_entier_de_plus_ou_de_moins(exactes: dict[str, dict[str, Fraction]]) -> None:
    """Every cell and every total is the whole number below or above its exact value; both ways add up."""
    tableau = arrondir(exactes)
    for ligne, cases in exactes.items():
        assert all(juste(tableau.cases[ligne][colonne], v) for colonne, v in cases.items())
        assert juste(tableau.lignes[ligne], sum(cases.values(), Fraction(0)))
        assert tableau.lignes[ligne] == sum(tableau.cases[ligne].values())
    for colonne, cases in transposer(exactes).items():
        assert juste(tableau.colonnes[colonne], sum(cases.values(), Fraction(0)))
        assert tableau.colonnes[colonne] == sum(c[colonne] for c in tableau.cases.values())
    exact = sum((v for cases in exactes.values() for v in cases.values()), Fraction(0))
    assert tableau.total == sum(tableau.lignes.values()) == sum(tableau.colonnes.values())
    assert abs(tableau.total - exact) <= Fraction(1, 2)


@given(tables())
@example({"P0": {"T0": Fraction(0), "T1": Fraction(1, 2)}, "P1": {"T0": Fraction(1, 2), "T1": Fraction(0)}})
def test_transpose_et_ordre_de_lecture(exactes: dict[str, dict[str, Fraction]]) -> None:
    """The transposed table gives the transposed answer, and no order of lines or columns changes it."""
    tableau, transpose = arrondir(exactes), arrondir(transposer(exactes))
    assert transpose.lignes == tableau.colonnes
    assert transpose.colonnes == tableau.lignes
    assert all(transpose.cases[co][li] == n for li, cases in tableau.cases.items() for co, n in cases.items())
    envers = {li: dict(reversed(cases.items())) for li, cases in reversed(exactes.items())}
    assert arrondir(envers).cases == tableau.cases


@given(tables(lignes=3, colonnes=3))
def test_aucun_tableau_n_est_plus_proche(exactes: dict[str, dict[str, Fraction]]) -> None:
    """Against every table that adds up: none has a smaller sum of gaps."""
    tableau = arrondir(exactes)
    places = [(li, co, v) for li, cases in exactes.items() for co, v in cases.items()]
    for entiers in product(*(sorted({floor(v), ceil(v)}) for _, _, v in places)):
        cases: dict[str, dict[str, int]] = {li: {} for li in exactes}
        for (li, co, _), n in zip(places, entiers, strict=True):
            cases[li][co] = n
        lignes = {li: sum(c.values()) for li, c in cases.items()}
        colonnes = {co: sum(c[co] for c in cases.values()) for co in tableau.colonnes}
        rival = TableauEntier(cases, exactes, lignes, colonnes, sum(entiers))
        permis = all(juste(n, sum(exactes[li].values())) for li, n in lignes.items()) and all(
            juste(n, sum(c[co] for c in exactes.values())) for co, n in colonnes.items()
        )
        if permis and rival.total == tableau.total:
            assert ecart(tableau) <= ecart(rival)


@given(tables(lignes=1, colonnes=8))
def test_une_ligne_est_aux_plus_forts_restes(exactes: dict[str, dict[str, Fraction]]) -> None:
    """On one line, controlled rounding is the largest remainder, ties included."""
    tableau = arrondir(exactes)
    (exacts,) = exactes.values()
    assert tableau.colonnes == plus_forts_restes(exacts, tableau.total, (), None).valeur


@given(tables(), st.data())
def test_totaux_imposes_tenus(exactes: dict[str, dict[str, Fraction]], donnees: st.DataObject) -> None:
    """Totals that some table holds are held to the unit, on lines, on columns or on both."""
    entiers = {
        li: {co: donnees.draw(st.sampled_from(sorted({floor(v), ceil(v)}))) for co, v in cases.items()}
        for li, cases in exactes.items()
    }
    lignes = {li: sum(c.values()) for li, c in entiers.items()}
    colonnes = {co: sum(c[co] for c in entiers.values()) for co in next(iter(entiers.values()))}
    for imposes in ({"totaux_lignes": lignes, "totaux_colonnes": colonnes}, {"totaux_lignes": lignes, "total": sum(lignes.values())}):  # fmt: skip
        try:
            tableau = arrondir(exactes, **imposes)
        except ArrondiImpossible:
            # with the lines alone, the columns must still be below or above theirs: that may be impossible
            assert "totaux_colonnes" not in imposes
            continue
        assert tableau.lignes == lignes
        assert tableau.total == sum(lignes.values())
        assert all(
            juste(tableau.cases[li][co], v) for li, cases in exactes.items() for co, v in cases.items()
        )
        assert "totaux_colonnes" not in imposes or tableau.colonnes == colonnes


@pytest.mark.parametrize("table", ["A", "B", "C"])
def test_tables_publiees(table: str) -> None:
    """B and C again from A: they add up both ways, and differ from what was published only where the case says."""
    publie = PUBLIE[table]
    tableau = structure_du_flux(publie["total"], PUBLIE["A"]["cases"], {}).valeur
    assert tableau.total == publie["total"] == sum(tableau.lignes.values()) == sum(tableau.colonnes.values())
    differences = {
        f"{li} {co}": tableau.cases[li][co] - n for li, c in publie["cases"].items() for co, n in c.items()
    }
    differences |= {f"{li} total": tableau.lignes[li] - n for li, n in publie["lignes"].items()}
    differences |= {f"total {co}": tableau.colonnes[co] - n for co, n in publie["colonnes"].items()}
    assert {ou: n for ou, n in differences.items() if n} == publie["ecarts"]
    assert all(abs(n) <= 1 for n in publie["ecarts"].values())


@pytest.mark.parametrize("table", ["B", "C"])
def test_les_tables_publiees_ne_tombent_pas_juste(table: str) -> None:
    """What is corrected was wrong: the published cells do not make the published total."""
    publie = PUBLIE[table]
    assert sum(n for c in publie["cases"].values() for n in c.values()) != publie["total"]


@given(tables(), st.integers(0, 60))
def test_structure_fait_l_objectif(exactes: dict[str, dict[str, Fraction]], objectif: int) -> None:
    """A structure adds up to the objectif, and gives nothing where there is no dwelling."""
    stock = {li: {co: v.numerator for co, v in cases.items()} for li, cases in exactes.items()}
    resultat = structure_du_flux(objectif, stock, {})
    if any(n for cases in stock.values() for n in cases.values()):
        assert sum(n for cases in resultat.valeur.cases.values() for n in cases.values()) == objectif
        assert all(
            not n
            for li, cases in resultat.valeur.cases.items()
            for co, n in cases.items()
            if not stock[li][co]
        )
    else:
        assert resultat.code == "inconnu"
