"""Random grids that the lint finds valid, as documents, and random demandes for them: what properties are tried on.

The documents use every form of points, every combination and every cap; `grilles()` draws a `Grille`, `demandes()`
a `Demande` with some facts unknown and some proofs.
"""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from partiteur.regles.cotation import NIVEAUX, Demande, Grille, Preuve, catalogue_livre, lire_grille

AU = date(2024, 3, 31)
POINTS = st.integers(0, 40) | st.sampled_from(["0.5", "7/4"])
STATUTS, LETTRES = ("HLM", "LP", "SD", "CPE"), ("a", "c", "g", "l")
BOOLEENS = ("handicap", "mutation", "famille_monoparentale", "dalo_reconnu")
JOURS = st.integers(-60, 900).map(lambda n: AU - timedelta(days=n))
FAITS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(BOOLEENS, st.booleans()),
    "anciennete_mois": st.integers(0, 150),
    "nb_personnes": st.integers(1, 7),
    "taux_effort": st.integers(0, 120).map(lambda n: Fraction(n, 100)),
    "statut_occupation": st.sampled_from(STATUTS),
    "publics_l441_1": st.lists(st.sampled_from(LETTRES), unique=True).map(tuple),
    "refus_logement_adapte": st.lists(JOURS, max_size=4).map(tuple),
}
CONDITIONS: st.SearchStrategy[dict[str, Any]] = (
    st.sampled_from(BOOLEENS).map(lambda v: {"variable": v, "est": True})
    | st.sampled_from(LETTRES).map(lambda v: {"variable": "publics_l441_1", "contient": v})
    | st.integers(2, 6).map(lambda n: {"variable": "nb_personnes", "au_moins": n})
    | st.lists(st.sampled_from(STATUTS), min_size=1, max_size=2, unique=True).map(
        lambda v: {"variable": "statut_occupation", "dans": v}
    )
)
COMPOSEES = st.recursive(
    CONDITIONS,
    lambda c: (
        st.lists(c, min_size=1, max_size=2).map(lambda li: {"un_de": li}) | c.map(lambda x: {"sauf": x})
    ),
    max_leaves=3,
)


@st.composite
def formes(draw: Any) -> dict[str, Any]:
    """The keys of a form of points that rises with its variable, where it has one."""
    a, b, c = sorted(draw(st.lists(st.integers(0, 40), min_size=3, max_size=3)))
    match draw(st.integers(0, 5)):
        case 0:
            return {"si": draw(COMPOSEES), "points": draw(POINTS)}
        case 1:
            palier = {
                "a_partir_de": draw(st.integers(1, 90)),
                "points_par_unite": draw(st.sampled_from([1, "5/2"])),
            }
            return {
                "variable": "anciennete_mois",
                "points_par_unite": "0.5",
                "paliers": [palier],
                "sens": "croissant",
            }
        case 2:
            bornes = [{"moins_de": "0.33", "points": a}, {"moins_de": "0.7", "points": b}, {"points": c}]
            return {"variable": "taux_effort", "tranches": bornes, "sens": "croissant"}
        case 3:
            return {"variable": "statut_occupation", "valeurs": {"SD": c, "CPE": b}}
        case 4:
            lignes = {"variable": "nb_personnes", "moins_de": [3, 5]}
            colonnes = {"variable": "statut_occupation", "valeurs": ["LP", "HLM"]}
            points = [[a, 0], [b, a], [c, b]]
            return {
                "tableau": {"lignes": lignes, "colonnes": colonnes, "points": points},
                "sens": "croissant",
            }
    return {
        "compteur": "refus_logement_adapte", "points": draw(st.integers(1, 9)), "maximum": draw(st.integers(1, 3)),
        "fenetre_mois": draw(st.integers(1, 24)), "a_partir_de": draw(st.integers(1, 2)),
    }  # fmt: skip


@st.composite
def documents(draw: Any) -> dict[str, Any]:
    """A document that fits the schema and holds together, but for criteria without effect and cap too low."""
    rubriques: dict[str, Any] = {"malus": {"libelle": "Malus", "apres_plafond": True}}
    for rang in range(draw(st.integers(1, 4))):
        rubriques[f"r{rang}"] = {
            "libelle": f"R{rang}",
            "combinaison": draw(st.sampled_from(["somme", "max", "exclusif"])),
            "plafond": draw(st.integers(120, 200)),
            **({"parent": f"r{draw(st.integers(0, rang - 1))}"} if rang and draw(st.booleans()) else {}),
        }
    codes = [code for code in rubriques if code != "malus"]
    criteres = [
        {
            "code": f"c{rang}", "rubrique": draw(st.sampled_from(codes)), "libelle": f"C{rang}", **draw(formes()),
            "preuve": draw(st.sampled_from(NIVEAUX)), "declaration_admise": draw(st.booleans()),
        }
        for rang in range(draw(st.integers(1, 6)))
    ]  # fmt: skip
    criteres.append({
        "code": "refus", "rubrique": "malus", "libelle": "Refus", "compteur": "refus_logement_adapte", "points": -7,
        "fenetre_mois": 18, "effet": {"gel_anciennete_mois": draw(st.integers(1, 12))},
    })  # fmt: skip
    publics = {"variable": "publics_l441_1", "contient": "l"}
    criteres.append({"code": "l", "rubrique": "r0", "libelle": "L", "si": publics, "points": 20})
    dalo = {"variable": "dalo_reconnu", "est": True}
    criteres.append({"code": "dalo", "rubrique": "r0", "libelle": "DALO", "si": dalo, "points": 50,
                     "declaration_admise": False})  # fmt: skip
    return {
        "grille": "tiree", "version": "1", "titre": "Tirée au sort", "epci": "200000001", "valide_du": "2020-01-01",
        "evaluation_mois": 12, "plafond": draw(st.integers(120, 300)), "departage": ["anciennete_mois"],
        "rubriques": rubriques, "criteres": criteres,
    }  # fmt: skip


def grilles() -> st.SearchStrategy[Grille]:
    """A grid read from such a document."""
    return documents().map(lambda d: lire_grille(d, catalogue_livre()))


PREUVES = st.builds(Preuve, st.sampled_from(NIVEAUX), st.none() | JOURS)


@st.composite
def demandes(draw: Any, grille: Grille, numero: str = "1") -> Demande:
    """A demande with facts known or not, and proofs of some criteria."""
    faits = draw(st.fixed_dictionaries({nom: st.none() | fait for nom, fait in FAITS.items()}))
    preuves = draw(st.dictionaries(st.sampled_from([c.code for c in grille.criteres]), PREUVES))
    return Demande(numero, draw(st.none() | JOURS), faits, preuves)
