"""Financing and typologies of the dwellings, in the exact shares of the published table."""

from collections.abc import Sequence
from random import Random

from partiteur.demo.decoupe import Ebauche
from partiteur.demo.publie import TYPOLOGIES
from partiteur.demo.tirage import parts, urne

# Families of the programmes the published table does not describe.
FIXES = {"etudiant": "PLS", "pli": "PLI"}


def table_visee(nombre: int) -> dict[tuple[str, int], int]:
    """Scale the published table to `nombre` dwellings: (family, number of rooms) → dwellings."""
    table = {(famille, t): n for famille, ligne in TYPOLOGIES.items() for t, n in enumerate(ligne, start=1)}
    return parts(nombre, table)


def financer(ebauches: Sequence[Ebauche], rng: Random) -> list[list[tuple[str, int]]]:
    """Give each dwelling of each programme its family and its number of rooms.

    Families are laid over whole programmes: PLUS first, in QPV and in the older stock, then PLAI, then PLS.
    Within a family the rooms are drawn without replacement; students have one room.
    """
    libres = [i for i, e in enumerate(ebauches) if e.nature not in FIXES]
    visee = table_visee(sum(ebauches[i].taille for i in libres))
    suite = []
    for famille in TYPOLOGIES:
        pieces = [t for (f, t), nombre in visee.items() if f == famille for _ in range(nombre)]
        rng.shuffle(pieces)
        suite += [(famille, t) for t in pieces]
    # What is to be demolished is old, hence PLUS; outside QPV a programme comes later, hence PLAI or PLS more often.
    rangs = {}
    for i in libres:
        rangs[i] = (ebauches[i].nature != "demolition", rng.random() + (0 if ebauches[i].qpv else 0.4))
    ordre = iter(suite)
    tirages = {
        i: [next(ordre) for _ in range(ebauches[i].taille)] for i in sorted(libres, key=rangs.__getitem__)
    }
    return [tirages[i] if i in tirages else _hors_table(e, rng) for i, e in enumerate(ebauches)]


def _hors_table(ebauche: Ebauche, rng: Random) -> list[tuple[str, int]]:
    """Family and rooms of a student residence or of a PLI programme."""
    famille = FIXES[ebauche.nature]
    pieces = {1: 1} if ebauche.nature == "etudiant" else {2: 3, 3: 4, 4: 3}
    return [(famille, t) for t in urne(ebauche.taille, pieces, rng)]


def code_finan(famille: str, annee: int) -> str:
    """FINAN code of a family for a year: the law renamed its loans in 1977, 1990 and 2000."""
    if famille == "PLUS":
        return "52" if annee < 1978 else "12" if annee < 2000 else "13"
    return {"PLAI": "11" if annee < 2000 else "10", "PLS": "14", "PLI": "16"}[famille]
