"""Random grids that hold together, random demandes, and both as a table: what the two evaluations are compared on."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from partiteur.moteur.cotation import Source
from partiteur.regles.cotation import (
    NIVEAUX,
    Axe,
    Coefficient,
    Comparaison,
    Compteur,
    Condition,
    Critere,
    Demande,
    Departage,
    Enumere,
    Forfait,
    Forme,
    Grille,
    HorsCotation,
    Palier,
    ParUnite,
    Preuve,
    Reference,
    Rubrique,
    Sauf,
    Tableau,
    Tous,
    Tranche,
    Tranches,
    UnDe,
)

AU = date(2026, 3, 31)  # a month's end: the same day of shorter months does not exist
CODES = {"statut_occupation": ("HLM", "SD", "l'été", "x\\"), "typologie_actuelle": ("T1", "$T2")}
LISTES = {"motifs": ("01", "02", "03"), "publics_l441_1": ("a", "l", "gbis")}
TYPES = {
    "dalo_reconnu": "booleen", "handicap": "booleen", "mutation": "booleen",
    "anciennete_mois": "entier", "nb_personnes": "entier", "delai_anormalement_long_mois": "entier",
    "taux_effort": "nombre", "ressources_uc": "nombre",
    **dict.fromkeys(CODES, "code"), **dict.fromkeys(LISTES, "liste"),
    "date_jugement": "date",
    "refus_logement_adapte": "evenements", "non_reponse": "evenements",
}  # fmt: skip
ARROW = {
    "booleen": pa.bool_(), "entier": pa.int64(), "nombre": pa.decimal128(18, 6), "code": pa.string(),
    "liste": pa.list_(pa.string()), "date": pa.date32(), "evenements": pa.list_(pa.date32()),
}  # fmt: skip
POINTS = st.fractions(-30, 60, max_denominator=4)
JOURS = st.integers(0, 900).map(lambda n: AU + timedelta(days=60 - n))
NOMBRES = st.integers(-1, 8).map(lambda n: Fraction(n, 6)) | st.integers(0, 90).map(
    lambda n: Fraction(n, 100)
)


def de_type(*types: str) -> st.SearchStrategy[str]:
    """A variable of one of these types."""
    return st.sampled_from([nom for nom, type_ in TYPES.items() if type_ in types])


def valeur(variable: str) -> st.SearchStrategy[Any]:
    """A value a condition compares with, or a fact."""
    match TYPES[variable]:
        case "booleen":
            return st.booleans()
        case "entier":
            return st.integers(0, 90).map(Fraction)
        case "nombre":
            return NOMBRES
        case "code":
            return st.sampled_from(CODES[variable])
        case "date":
            return JOURS
    return st.sampled_from(LISTES[variable])


@st.composite
def comparaisons(draw: Any) -> Comparaison:
    variable = draw(de_type("booleen", "entier", "nombre", "code", "liste", "date"))
    ordre = ("egal", "different", "au_moins", "au_plus", "superieur_a", "inferieur_a", "dans")
    operateurs = {
        "booleen": ("est", "egal", "different"), "code": ("egal", "different", "dans"), "liste": ("contient",),
    }.get(TYPES[variable], ordre)  # fmt: skip
    operateur = draw(st.sampled_from(operateurs))
    combien = 3 if operateur in ("dans", "contient") else 1
    valeurs = draw(st.lists(valeur(variable), min_size=1, max_size=combien))
    if TYPES[variable] == "entier" and draw(st.booleans()):
        valeurs[0] = Reference(draw(st.sampled_from(("delai_anormalement_long_mois", "seuil"))))
    return Comparaison(variable, operateur, tuple(valeurs))


CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    comparaisons(),
    lambda dedans: (
        st.builds(Sauf, dedans)
        | st.builds(Tous, st.lists(dedans, min_size=1, max_size=3).map(tuple))
        | st.builds(UnDe, st.lists(dedans, min_size=1, max_size=3).map(tuple))
    ),
    max_leaves=4,
)


@st.composite
def axes(draw: Any) -> Axe:
    variable = draw(de_type("booleen", "entier", "nombre", "code"))
    if TYPES[variable] in ("entier", "nombre"):
        bornes = draw(st.lists(valeur(variable), min_size=1, max_size=2, unique=True))
        return Axe(variable, bornes=tuple(sorted(bornes)))
    return Axe(variable, tuple(draw(st.lists(valeur(variable), min_size=1, max_size=2, unique=True))))


@st.composite
def tranches(draw: Any) -> Tranches:
    """Ranges that follow one another, or leave a hole."""
    variable = draw(de_type("entier", "nombre"))
    bornes = sorted(draw(st.lists(valeur(variable), min_size=1, max_size=4, unique=True)))
    debuts, fins = [None, *bornes], [*bornes, None]
    lignes = [Tranche(a, b, draw(POINTS)) for a, b in zip(debuts, fins, strict=True)]
    return Tranches(variable, tuple(li for li in lignes if draw(st.integers(0, 9)) or len(lignes) < 3))


@st.composite
def compteurs(draw: Any) -> Compteur:
    return Compteur(
        draw(de_type("evenements")),
        draw(POINTS),
        draw(st.none() | st.integers(1, 24)),
        draw(st.integers(1, 3)),
        draw(st.none() | st.integers(1, 3)),
        draw(st.none() | de_type("evenements")),
    )


@st.composite
def formes(draw: Any) -> tuple[Forme, Condition | None]:
    """A form of points, and the condition it needs or may have."""
    si = draw(st.none() | CONDITIONS)
    match draw(st.integers(0, 5)):
        case 0:
            return Forfait(draw(POINTS)), si or draw(CONDITIONS)
        case 1:
            seuils = sorted(draw(st.lists(st.integers(1, 80), max_size=2, unique=True)))
            return ParUnite(
                draw(de_type("entier")), draw(POINTS), tuple(Palier(s, draw(POINTS)) for s in seuils)
            ), si
        case 2:
            return draw(tranches()), si
        case 3:
            variable = draw(de_type("code"))
            codes = draw(st.lists(valeur(variable), min_size=1, unique=True))
            return Enumere(variable, tuple((c, draw(POINTS)) for c in codes)), si
        case 4:
            lignes, colonnes = draw(axes()), draw(axes())
            points = tuple(tuple(draw(POINTS) for _ in range(colonnes.taille)) for _ in range(lignes.taille))
            return Tableau(lignes, colonnes, points), si
    return draw(compteurs()), si


@st.composite
def criteres(draw: Any, code: str, rubrique: str) -> Critere:
    forme, si = draw(formes())
    return Critere(
        code, rubrique, code, "local", forme, si,
        coefficients=tuple(
            Coefficient(draw(st.fractions(0, 3, max_denominator=3)), draw(st.none() | CONDITIONS))
            for _ in range(draw(st.sampled_from((0, 0, 1, 2))))
        ),
        plafond=draw(st.none() | POINTS),
        preuve=draw(st.sampled_from(NIVEAUX)),
        declaration_admise=draw(st.booleans()),
        gel_anciennete_mois=draw(st.integers(1, 14) | st.none()) if isinstance(forme, Compteur) else None,
    )  # fmt: skip


@st.composite
def grilles(draw: Any, combien: int = 6) -> Grille:
    """A grid: rubriques up to three deep, of each combination, capped and floored at each level."""
    rubriques: list[Rubrique] = []
    for rang in range(draw(st.integers(1, 5))):
        parent = draw(st.none() | st.sampled_from([r.code for r in rubriques])) if rubriques else None
        combinaison = draw(st.sampled_from(("somme", "max", "exclusif")))
        plancher = draw(st.none() | st.fractions(-20, 0, max_denominator=2))
        plafond = draw(st.none() | st.fractions(0, 60, max_denominator=2))
        apres = parent is None and draw(st.booleans())
        rubriques.append(Rubrique(f"r{rang}", f"R{rang}", combinaison, plafond, plancher, parent, apres))
    lignes = [
        draw(criteres(f"c{rang}", draw(st.sampled_from([r.code for r in rubriques]))))
        for rang in range(draw(st.integers(1, combien)))
    ]
    hors = [
        HorsCotation(f"h{n}", f"H{n}", draw(CONDITIONS), f"motif {n}") for n in range(draw(st.integers(0, 2)))
    ]
    return Grille(
        "g", "1", "G", "200000000", "toutes", date(2024, 1, 1), tuple(rubriques), tuple(lignes),
        plafond=draw(st.none() | st.fractions(0, 100, max_denominator=3)),
        plancher=draw(st.fractions(-10, 5, max_denominator=3)),
        departage=(Departage("anciennete_mois"), Departage("taux_effort", croissant=True)),
        hors_cotation=tuple(hors),
        references={"seuil": Fraction(36)},
    )  # fmt: skip


def fait(variable: str) -> st.SearchStrategy[Any]:
    """A fact, or None."""
    match TYPES[variable]:
        case "entier":
            return st.none() | st.integers(0, 90)
        case "nombre":
            return st.none() | st.integers(0, 1_200_000).map(
                lambda n: Fraction(n // 5_000 * 5_000, 1_000_000)
            )
        case "liste":
            return st.none() | st.lists(valeur(variable), max_size=3, unique=True).map(tuple)
        case "evenements":
            return st.lists(JOURS, max_size=4).map(tuple) | st.none()
    return st.none() | valeur(variable)


PREUVES = st.builds(
    Preuve, st.sampled_from(NIVEAUX), st.none() | st.integers(-2, 2).map(lambda n: AU + timedelta(n))
)


def demandes(grille: Grille, combien: int) -> st.SearchStrategy[list[Demande]]:
    """Demandes with some of their facts and proofs."""
    une = st.tuples(
        st.none() | JOURS,
        st.fixed_dictionaries({nom: fait(nom) for nom in TYPES}),
        st.dictionaries(st.sampled_from([c.code for c in grille.criteres]), PREUVES),
    )
    return st.lists(une, min_size=1, max_size=combien).map(
        lambda lues: [Demande(f"{rang:03}", *faits) for rang, faits in enumerate(lues)]
    )


def en_table(
    grille: Grille, liste: Sequence[Demande], absentes: Sequence[str] = ()
) -> tuple[pa.Table, Source]:
    """The demandes as the engine reads them, some columns left out."""
    colonnes: dict[str, pa.Array] = {
        "numero_unique": pa.array([d.numero_unique for d in liste], pa.string()),
        "date_depot": pa.array([d.date_depot for d in liste], pa.date32()),
    }
    for nom, type_ in TYPES.items():
        if nom not in absentes:
            colonnes[nom] = pa.array([_brut(d.faits[nom]) for d in liste], ARROW[type_])
    for critere in grille.criteres:
        preuves = [d.preuves.get(critere.code) for d in liste]
        if any(preuves):
            nom = f"preuve_{critere.code}"
            colonnes[nom] = pa.array([p and p.niveau for p in preuves], pa.string())
            colonnes[f"{nom}_jusqu_au"] = pa.array([p and p.valide_jusqu_au for p in preuves], pa.date32())
    table = pa.table(colonnes)
    return table, Source("demandes", tuple(table.column_names), TYPES)


def _brut(fait: Any) -> Any:
    if isinstance(fait, tuple):
        return list(fait)
    if isinstance(fait, Fraction):
        return Decimal(fait.numerator) / Decimal(fait.denominator)
    return fait
