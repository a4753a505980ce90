"""The published parc cut into programmes, before their financing and their year."""

from dataclasses import dataclass
from random import Random

from partiteur.demo.publie import BAILLEURS, COMMUNES, SPECIAUX, CommuneDemo

TAILLE_MIN, TAILLE_MAX = 8, 120


@dataclass(frozen=True, slots=True)
class Ebauche:
    """A programme before its financing and its year are known."""

    bailleur: str
    commune: CommuneDemo
    qpv: bool
    nature: str
    taille: int


def decouper(rng: Random) -> list[Ebauche]:
    """Cut each bailleur × commune × QPV cell of the published parc into programmes of 8 to 120 dwellings."""
    ebauches = []
    for bailleur in BAILLEURS:
        for commune in COMMUNES:
            for (lettre, qpv), reste in commune.parc.items():
                if lettre != bailleur.lettre:
                    continue
                natures = [s[3:] for s in SPECIAUX if s[:3] == (lettre, commune.code, qpv)]
                reste -= sum(taille for _, taille in natures)
                while reste > TAILLE_MAX:
                    # Never leave less than a whole programme behind.
                    taille = rng.randint(TAILLE_MIN, min(TAILLE_MAX, reste - TAILLE_MIN))
                    natures.append(("ordinaire", taille))
                    reste -= taille
                natures.append(("ordinaire", reste))
                ebauches += [Ebauche(lettre, commune, qpv, nature, taille) for nature, taille in natures]
    return ebauches
