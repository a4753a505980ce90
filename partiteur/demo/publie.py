"""What was published, and the invented territory that carries the same totals.

Sources of the figures:

- Dashboard of the métropole Toulon Provence Méditerranée, restitution of 28/02/2023 (audat.var): 24 217
  dwellings (23 736 collectifs + 481 individuels, 98,01 % and 1,99 %), 9 229 of them in QPV (38,11 %); 12
  communes; non réservé 10 080 (41,6 %), préfecture 6 149, commune-centre 1 880, Action Logement 1 650, second
  commune 753, conseil départemental 592, other communes 531, 326, 224, 221 and 143, métropole 322. The
  préfecture's fonctionnaires are hard to read on the scan: 565 is taken. The list is cut off there; the 781
  dwellings that remain are invented: the small réservataires at the end of RESERVATAIRES.
- Table « Réservataire A » of the Association régionale pour l'habitat social Provence-Alpes-Côte d'Azur et
  Corse, lignes directrices pour 2024: PLAI 453, PLUS 1 303, PLS 244 by typologie T1 to T6.

Everything else (names, SIREN, streets, dates, exclusions) is invented. The smallest commune, 69 dwellings in the
dashboard, holds 12 here (D75); the 57 others, and 3 the dashboard places nowhere, are in the first commune.
"""

from dataclasses import dataclass

DEPARTEMENT = REGION = "99"
NOM_DEPARTEMENT = "Val-d'Aurette (fictif)"
METROPOLE, COMMUNAUTE = "999000011", "999000029"
NOMS_EPCI = {METROPOLE: "Métropole d'Aurevielle (fictive)", COMMUNAUTE: "CC des Orpiers (fictive)"}

LOGEMENTS, EN_QPV, INDIVIDUELS = 24_217, 9_229, 481

TYPOLOGIES: dict[str, tuple[int, ...]] = {
    "PLUS": (73, 354, 406, 378, 89, 3),
    "PLAI": (38, 94, 221, 78, 22, 0),
    "PLS": (41, 55, 98, 38, 12, 0),
}


@dataclass(frozen=True)
class CommuneDemo:
    """An invented commune; `parc` counts the dwellings by bailleur (A, B, C) and in QPV or not."""

    code: str
    nom: str
    epci: str
    parc: dict[tuple[str, bool], int]


@dataclass(frozen=True)
class Organisme:
    """An invented bailleur; `departs` are its libérations of 2021, 2022, 2023 per thousand dwellings."""

    lettre: str
    nom: str
    siren: str
    siret: str
    dossier: str
    cadre: str
    departs: tuple[int, int, int]
    particularites: dict[str, int]


@dataclass(frozen=True)
class ReservataireDemo:
    """A réservataire, its CONTRESLOG contingent and its rights; `perimetre` is a commune, an EPCI or DEPARTEMENT."""

    code: str
    nom: str
    type: str
    contrepartie: str
    contingent: str
    perimetre: str
    droits: int


def _commune(code: str, nom: str, epci: str, a: tuple[int, int], b: tuple[int, int], c: int) -> CommuneDemo:
    """Read a line of the table below: (in QPV, outside) for A and for B; C has nothing in QPV."""
    cases = {("A", True): a[0], ("A", False): a[1], ("B", True): b[0], ("B", False): b[1], ("C", False): c}
    return CommuneDemo(code, nom, epci, {case: nombre for case, nombre in cases.items() if nombre})


COMMUNES = (
    _commune("99001", "Aurevielle", METROPOLE, (3200, 2800), (1813, 1545), 1400),
    _commune("99002", "Valcombrane", METROPOLE, (1400, 1200), (1080, 771), 500),
    _commune("99003", "Roquaubert", COMMUNAUTE, (560, 1000), (200, 592), 0),
    _commune("99004", "Castelbrune", METROPOLE, (454, 900), (236, 467), 0),
    _commune("99005", "Montaurelle", METROPOLE, (0, 565), (0, 300), 600),
    _commune("99006", "Bellaurette", METROPOLE, (0, 331), (0, 300), 400),
    _commune("99007", "Le Pré-Sauret", COMMUNAUTE, (0, 317), (0, 200), 0),
    _commune("99008", "Olivaire", METROPOLE, (286, 195), (0, 0), 0),
    _commune("99009", "Saint-Aubran", COMMUNAUTE, (0, 163), (0, 150), 0),
    _commune("99010", "Les Orpiers", COMMUNAUTE, (0, 103), (0, 80), 0),
    _commune("99011", "La Vernède-Haute", METROPOLE, (0, 97), (0, 0), 0),
    _commune("99012", "Le Revelin", COMMUNAUTE, (0, 12), (0, 0), 0),
)

BAILLEURS = (
    Organisme(
        "A",
        "Aurette Habitat (OPH fictif)",
        "999000102",
        "99900010200015",
        "aurette-habitat",
        "paca-2024",
        (52, 57, 59),
        {"en_vente": 80, "sous_location": 70, "defense": 80, "etat-conventions": 35, "fonction": 12},
    ),
    Organisme(
        "B",
        "Le Foyer orpien (ESH fictive)",
        "999000201",
        "99900020100015",
        "foyer-orpien",
        "occitanie-2023",
        (50, 54, 61),
        {"en_vente": 40, "sous_location": 35, "defense": 42, "etat-conventions": 17, "fonction": 8},
    ),
    Organisme(
        "C",
        "Les Toits de Castelbrune (coopérative fictive)",
        "999000300",
        "99900030000015",
        "toits-de-castelbrune",
        "casa-2023",
        (53, 56, 62),
        {"en_vente": 25, "sous_location": 20, "defense": 18, "etat-conventions": 8, "fonction": 4},
    ),
)

# Programmes that are not ordinary: bailleur, commune, in QPV, nature, dwellings.
SPECIAUX = (
    ("A", "99001", False, "etudiant", 118),
    ("B", "99002", False, "etudiant", 96),
    ("C", "99001", False, "etudiant", 64),
    ("A", "99005", False, "pli", 46),
    ("B", "99006", False, "pli", 30),
    ("C", "99006", False, "pli", 34),
    ("A", "99002", True, "demolition", 96),
    ("B", "99001", True, "demolition", 60),
    ("A", "99001", False, "neuf", 40),
    ("A", "99003", False, "neuf", 28),
    ("B", "99004", False, "neuf", 36),
    ("C", "99005", False, "neuf", 30),
)

# Dwellings outside QPV whose file does not say whether they are in QPV.
QPV_INCONNUS = {"A": 6, "B": 4, "C": 0}

# Guarantors stay under 20 % of their territory, but for 99007; defence and R314 dwellings are identified, out of flux.
RESERVATAIRES = (
    ReservataireDemo(
        "etat-prioritaires", "Préfecture, publics prioritaires", "etat_prioritaires", "sans", "2", "99", 6149
    ),
    ReservataireDemo("99001", "Commune d'Aurevielle", "commune", "garantie", "4", "99001", 1880),
    ReservataireDemo(
        "action-logement", "Action Logement Services", "action_logement", "financement", "3", "99", 1650
    ),
    ReservataireDemo(
        "etat-fonctionnaires", "Préfecture, fonctionnaires", "etat_fonctionnaires", "sans", "1", "99", 565
    ),
    ReservataireDemo("99002", "Commune de Valcombrane", "commune", "garantie", "4", "99002", 753),
    ReservataireDemo("cd99", "Conseil départemental", "departement", "financement", "4", "99", 592),
    ReservataireDemo("99003", "Commune de Roquaubert", "commune", "terrain", "4", "99003", 531),
    ReservataireDemo("99005", "Commune de Montaurelle", "commune", "financement", "4", "99005", 326),
    ReservataireDemo(METROPOLE, "Métropole d'Aurevielle", "epci", "financement", "4", METROPOLE, 322),
    ReservataireDemo("99004", "Commune de Castelbrune", "commune", "garantie", "4", "99004", 224),
    ReservataireDemo("99006", "Commune de Bellaurette", "commune", "financement", "4", "99006", 221),
    ReservataireDemo("99007", "Commune du Pré-Sauret", "commune", "garantie", "4", "99007", 143),
    ReservataireDemo("region99", "Conseil régional", "region", "financement", "4", "99", 210),
    ReservataireDemo(
        COMMUNAUTE, "Communauté de communes des Orpiers", "epci", "garantie", "4", COMMUNAUTE, 149
    ),
    ReservataireDemo("99008", "Commune d'Olivaire", "commune", "terrain", "4", "99008", 90),
    ReservataireDemo("99009", "Commune de Saint-Aubran", "commune", "financement", "4", "99009", 50),
    ReservataireDemo("99010", "Commune des Orpiers", "commune", "garantie", "4", "99010", 25),
    ReservataireDemo("99011", "Commune de La Vernède-Haute", "commune", "garantie", "4", "99011", 15),
    ReservataireDemo("99012", "Commune du Revelin", "commune", "garantie", "4", "99012", 2),
    ReservataireDemo("caf99", "Caisse d'allocations familiales", "autre", "financement", "6", "99", 40),
    ReservataireDemo("defense", "Ministère de la défense", "defense_securite", "financement", "5", "99", 140),
    ReservataireDemo(
        "etat-conventions", "État, conventions R314", "etat_conventions", "financement", "5", "99", 60
    ),
)
NON_RESERVE = 10_080
IDENTIFIES = ("defense", "etat-conventions")


def perimetre_contient(perimetre: str, commune: CommuneDemo) -> bool:
    """Say whether a perimeter (département, EPCI or commune code) holds a commune."""
    return perimetre in (DEPARTEMENT, commune.epci, commune.code)
