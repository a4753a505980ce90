"""The balances of every destination, moved by one vacance at a time: a few counters, whatever the year holds."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from partiteur.moteur.orientation.cible import TERRITOIRE, Beneficiaire, Cibles, Place
from partiteur.regles.orientation import (
    NON_RESERVE,
    Apport,
    Classe,
    LogementAOrienter,
    Offert,
    Position,
    Rang,
    classer,
)
from partiteur.regles.orientation.faits import RESERVATAIRE, SOUSTRAIT
from partiteur.regles.vacance import LogementVacant


@dataclass(frozen=True)
class Lieu:
    """Where a dwelling is and what it is: the places that hold it, TERRITOIRE first, and its class.

    `connues`: the scales whose code is known; a place of another scale may or may not hold it.
    """

    places: tuple[Place, ...]
    connues: frozenset[str]
    classe: Classe

    def dans(self, places: tuple[Place, ...]) -> bool | None:
        """Whether one of these places holds the dwelling; None when it is not known."""
        if any(place in self.places for place in places):
            return True
        return None if any(echelle not in self.connues for echelle, _ in places) else False


def lieu_de(logement: LogementVacant, typologie: str | None) -> Lieu:
    """The places and the class of a dwelling, its typology already grouped."""
    codes = {
        "commune": logement.commune,
        "epci": logement.epci,
        "departement": logement.departement,
    }
    connus = [(echelle, code) for echelle, code in codes.items() if code is not None]
    return Lieu(
        (TERRITOIRE, *connus),
        frozenset(("territoire", *(echelle for echelle, _ in connus))),
        (logement.famille_financement, logement.qpv, typologie),
    )


class Soldes:
    """Counters by place, by destination and by class; `ajouter` moves them by one vacance, forwards or back."""

    def __init__(self, cibles: Cibles) -> None:
        self.cibles = cibles
        self.flux: Counter[tuple[Place, Classe | None]] = Counter()
        self.comptes: Counter[tuple[str, Classe | None]] = Counter()
        self.en_cours: Counter[tuple[str, Classe | None]] = Counter()
        self.orientees = self.resolues = self.comptees = 0
        self._visee = cibles.poids.cible != "aucune"
        self._gains: dict[tuple[tuple[Place, ...], Classe], dict[str, tuple[Fraction, Fraction]]] = {}

    def ajouter(self, lieu: Lieu, apport: Apport, sens: int = 1) -> None:
        """Count what a vacance brings, or take it back with `sens` = -1."""
        self.resolues += sens * apport.resolues
        self.comptees += sens * apport.comptees
        if apport.sortie is not None:
            self.orientees += sens
            self.comptes[f"{SOUSTRAIT}:{apport.sortie}", None] += sens
        if not apport.dans_le_flux:
            return
        self.orientees += sens
        for place in lieu.places:
            self.flux[place, None] += sens
            self.flux[place, lieu.classe] += sens
        libres = [NON_RESERVE] if apport.non_reserve else []
        for codes, compteur in ((apport.comptes, self.comptes), (apport.en_cours, self.en_cours)):
            for code in codes:
                compteur[code, None] += sens
                compteur[code, lieu.classe] += sens
        for code in libres:
            self.comptes[code, None] += sens
            self.comptes[code, lieu.classe] += sens

    @property
    def aboutissement(self) -> Fraction:
        """The share of the mises à disposition of known end that counted; 1 before any."""
        return Fraction(self.comptees, self.resolues) if self.resolues else Fraction(1)

    def attendu(self, beneficiaire: Beneficiaire, classe: Classe | None = None) -> Fraction:
        """What a réservataire is owed of the flux seen in its places, in all or in a class."""
        vu = sum(self.flux[place, classe] for place in beneficiaire.places)
        if classe is None:
            return beneficiaire.part * vu + (beneficiaire.ouverture or 0)
        return beneficiaire.part_de(classe) * vu

    def reste(self, classe: Classe | None = None) -> Fraction:
        """What is left to the non-réservé, never below zero."""
        pris = sum((self.attendu(b, classe) for b in self.cibles.beneficiaires), Fraction(0))
        return max(self.flux[TERRITOIRE, classe] - pris, Fraction(0))

    def positions(self, lieu: Lieu, deja: Mapping[str, str] | None = None) -> tuple[Position, ...]:
        """Where each destination stands for a dwelling that the counters do not hold."""
        gains = self._gains_ici(lieu)
        return tuple(self._positions(lieu, gains, deja or {}))

    def classer(
        self, lieu: Lieu, logement: LogementAOrienter, deja: Mapping[str, str] | None = None
    ) -> tuple[Rang, ...]:
        """The order of the advice for a dwelling, without its sentences."""
        return classer(logement, self.positions(lieu, deja), self.cibles.poids, self.aboutissement)

    def _gains_ici(self, lieu: Lieu) -> dict[str, tuple[Fraction, Fraction]]:
        """What one more dwelling here adds to what each destination is owed, in all and in its class."""
        connus = self._gains.get((lieu.places, lieu.classe))
        if connus is None:
            siens = [b for b in self.cibles.beneficiaires if lieu.dans(b.places)]
            connus = {b.code: (b.part, b.part_de(lieu.classe)) for b in siens}
            pris = [sum((g[rang] for g in connus.values()), Fraction(0)) for rang in (0, 1)]
            connus[NON_RESERVE] = (max(1 - pris[0], Fraction(0)), max(1 - pris[1], Fraction(0)))
            self._gains[lieu.places, lieu.classe] = connus
        return connus

    def _positions(
        self, lieu: Lieu, gains: Mapping[str, tuple[Fraction, Fraction]], deja: Mapping[str, str]
    ) -> Iterator[Position]:
        rien = (Fraction(0), Fraction(0))
        pris = pris_classe = Fraction(0)
        for b in self.cibles.beneficiaires:
            position = self._position(f"{RESERVATAIRE}:{b.code}", b.code, lieu, gains.get(b.code, rien))
            attendu, du_classe = self.attendu(b), self.attendu(b, lieu.classe)
            pris, pris_classe = pris + attendu, pris_classe + du_classe
            yield replace(
                position,
                attendu=attendu,
                attendu_classe=du_classe if self._visee else None,
                nom=b.nom,
                type=b.type,
                gestion=b.gestion,
                dans_le_perimetre=lieu.dans(b.places),
                deja=deja.get(b.code),
            )
        libre = self._position(NON_RESERVE, NON_RESERVE, lieu, gains[NON_RESERVE])
        reste = max(self.flux[TERRITOIRE, None] - pris, Fraction(0))
        reste_classe = max(self.flux[TERRITOIRE, lieu.classe] - pris_classe, Fraction(0))
        yield replace(libre, attendu=reste, attendu_classe=reste_classe if self._visee else None)
        for categorie, prevus in self.cibles.soustraits.items():
            part = prevus / self.cibles.volume if self.cibles.volume else Fraction(0)
            code = f"{SOUSTRAIT}:{categorie}"
            compte = self.comptes[code, None]
            yield Position(code, part * self.orientees, part, compte, prevus=int(prevus))

    def _position(
        self, destination: str, code: str, lieu: Lieu, gains: tuple[Fraction, Fraction]
    ) -> Position:
        return Position(
            destination,
            Fraction(0),
            gains[0],
            self.comptes[code, None],
            self.en_cours[code, None],
            None,
            gains[1],
            self.comptes[code, lieu.classe],
            self.en_cours[code, lieu.classe],
        )

    def offerts(self) -> tuple[Offert, ...]:
        """What every réservataire, then the non-réservé, was owed and received or is offered, by class."""
        classes = [classe for place, classe in self.flux if place == TERRITOIRE and classe is not None]
        noms = {classe: "|".join(map(str, classe)) for classe in classes}
        rendus = []
        for code, attendu in [
            *((b.code, self.attendu(b)) for b in self.cibles.beneficiaires),
            (NON_RESERVE, self.reste()),
        ]:
            b = next((b for b in self.cibles.beneficiaires if b.code == code), None)
            du = {c: self.attendu(b, c) if b else self.reste(c) for c in classes} if self._visee else {}
            recus = {c: self.comptes[code, c] + self.en_cours[code, c] for c in classes}
            rendus.append(
                Offert(
                    code,
                    self.comptes[code, None] + self.en_cours[code, None],
                    attendu,
                    {noms[c]: n for c, n in recus.items() if n},
                    {noms[c]: n for c, n in du.items() if n},
                )
            )
        return tuple(rendus)
