"""Programmes and dwellings of the fictitious territory, with the exact totals of `publie`."""

from dataclasses import dataclass
from random import Random

from partiteur.demo.decoupe import Ebauche, decouper
from partiteur.demo.financement import code_finan, financer
from partiteur.demo.publie import BAILLEURS, INDIVIDUELS, QPV_INCONNUS, CommuneDemo

LIEUX = ("Clos", "Terrasses", "Jardins", "Allées", "Balcons", "Cours", "Patios", "Belvédère")
ARBRES = ("Aubiers", "Orpins", "Cistes", "Jujubiers", "Alisiers", "Micocouliers", "Pistachiers", "Arbousiers")
VOIES = ("RUE", "AVENUE", "CHEMIN", "IMPASSE", "ALLEE")
# Surfaces in hundredths of m2, by number of rooms.
SURFACES = {1: 2900, 2: 4600, 3: 6300, 4: 7700, 5: 9200, 6: 10800}
# Monthly rent in centimes per m2, by family.
LOYERS = {"PLAI": 560, "PLUS": 630, "PLS": 870, "PLI": 1040}


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme: one bailleur, one commune, one QPV value, one year; nature is ordinaire or one of SPECIAUX."""

    code: str
    bailleur: str
    commune: CommuneDemo
    qpv: bool
    nature: str
    taille: int
    annee: int
    typvoie: str
    voie: str
    numero_voie: int


@dataclass(frozen=True, slots=True)
class Logement:
    """A dwelling: surface in hundredths of m2, rent in centimes; `particularite` is empty for an ordinary one."""

    numero: str
    interne: str
    programme: Programme
    rang: int
    famille: str
    finan: str
    typologie: int
    surface: int | None
    loyer: int
    individuel: bool
    qpv_connu: bool
    particularite: str
    dpe: str

    @property
    def type_construction(self) -> str:
        """TYPECONST of the RPLS: C, I or E."""
        return "E" if self.particularite == "etudiant" else "I" if self.individuel else "C"

    @property
    def en_flux(self) -> bool:
        """True for a dwelling that may carry a right not identified: ordinary, or in a new programme."""
        return self.particularite in ("", "neuf")


def batir(rng: Random) -> tuple[Logement, ...]:
    """Build every dwelling of the territory, bailleur after bailleur, programme after programme."""
    ebauches = decouper(rng)
    tirages = financer(ebauches, rng)
    individuels = _individuels(ebauches, rng)
    programmes = [_programme(i, e, tirages[i][-1][0], rng) for i, e in enumerate(ebauches)]
    particularites = _particularites(programmes, rng)
    lacunes = _qpv_inconnus(programmes, rng)
    logements: list[Logement] = []
    for i, programme in enumerate(programmes):
        for rang in range(programme.taille):
            famille, typologie = tirages[i][rang]
            surface = SURFACES[typologie] + 50 * rng.randint(-8, 8)
            numero = len(logements) + 1
            logements.append(
                Logement(
                    numero=f"99{numero:08d}",
                    interne=f"{programme.bailleur}{numero:06d}",
                    programme=programme,
                    rang=rang,
                    famille=famille,
                    finan=code_finan(famille, programme.annee),
                    typologie=typologie,
                    surface=None if numero % 2003 == 0 else surface,
                    loyer=surface * LOYERS[famille] // 100 * rng.randint(94, 106) // 100,
                    individuel=rang < individuels.get(i, 0),
                    qpv_connu=(i, rang) not in lacunes,
                    particularite=particularites.get((i, rang), ""),
                    dpe=rng.choice("ABBCCC") if programme.annee >= 2005 else rng.choice("CCDDDDEEFG"),
                )
            )
    return tuple(logements)


def _individuels(ebauches: list[Ebauche], rng: Random) -> dict[int, int]:
    """Choose small programmes outside QPV to hold the individual dwellings: programme → their number."""
    petits = [i for i, e in enumerate(ebauches) if e.nature == "ordinaire" and not e.qpv and e.taille <= 40]
    rng.shuffle(petits)
    reste, choisis = INDIVIDUELS, {}
    for i in petits:
        choisis[i] = min(reste, ebauches[i].taille)
        reste -= choisis[i]
        if not reste:
            return choisis
    raise ValueError("not enough small programmes for the individual dwellings")


def _programme(i: int, ebauche: Ebauche, famille: str, rng: Random) -> Programme:
    """Give a programme its name, street and a year that its financing allows."""
    bornes = {
        "PLUS": (1955, 1986) if ebauche.qpv else (1962, 2018),
        "PLAI": (1992, 2021),
        "PLI": (2014, 2021),
    }
    annee = 2023 if ebauche.nature == "neuf" else rng.randint(*bornes.get(famille, (1992, 2021)))
    if ebauche.nature == "demolition":
        annee = rng.randint(1958, 1968)
    return Programme(
        code=f"{ebauche.bailleur}{i + 1:03d} {rng.choice(LIEUX)} des {rng.choice(ARBRES)}",
        bailleur=ebauche.bailleur,
        commune=ebauche.commune,
        qpv=ebauche.qpv,
        nature=ebauche.nature,
        taille=ebauche.taille,
        annee=annee,
        typvoie=rng.choice(VOIES),
        voie=f"DES {rng.choice(ARBRES).upper()} FICTIFS",
        numero_voie=rng.randint(1, 180),
    )


def _particularites(programmes: list[Programme], rng: Random) -> dict[tuple[int, int], str]:
    """Mark the dwellings that the law sets apart: whole special programmes, then single dwellings by bailleur."""
    marques = {
        (i, rang): p.nature
        for i, p in enumerate(programmes)
        if p.nature != "ordinaire"
        for rang in range(p.taille)
    }
    for bailleur in BAILLEURS:
        ordinaires = [
            (i, rang)
            for i, p in enumerate(programmes)
            if p.bailleur == bailleur.lettre and p.nature == "ordinaire" and p.commune.code != "99012"
            for rang in range(p.taille)
        ]
        # A sale plan takes whole neighbouring dwellings, the rest is scattered.
        nombre = bailleur.particularites["en_vente"]
        debut = rng.randrange(len(ordinaires) - nombre)
        marques |= dict.fromkeys(ordinaires[debut : debut + nombre], "en_vente")
        del ordinaires[debut : debut + nombre]
        autres = {nom: n for nom, n in bailleur.particularites.items() if nom != "en_vente"}
        choisis = rng.sample(ordinaires, sum(autres.values()))
        marques |= zip(choisis, [nom for nom, n in autres.items() for _ in range(n)], strict=True)
    return marques


def _qpv_inconnus(programmes: list[Programme], rng: Random) -> set[tuple[int, int]]:
    """Choose the dwellings whose QPV value is left empty, never one that is in QPV."""
    lacunes: set[tuple[int, int]] = set()
    for lettre, nombre in QPV_INCONNUS.items():
        hors = [
            i
            for i, p in enumerate(programmes)
            if p.bailleur == lettre and p.nature == "ordinaire" and not p.qpv
        ]
        lacunes |= {(i, 0) for i in rng.sample(hors, nombre)}
    return lacunes
