"""Three years of events of a fictitious bailleur, on the dwellings and dates of its libérations; no person in them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from partiteur.demo.bati import Logement
from partiteur.demo.mouvements import DATE_PARC, Liberation
from partiteur.demo.publie import IDENTIFIES, RESERVATAIRES, Organisme, perimetre_contient
from partiteur.demo.recits import (
    CANDIDATS,
    DELEGUEE,
    DEUX,
    PREMIER,
    RECITS,
    REQUALIFIEE,
    SECOND,
    Pas,
    Scene,
)
from partiteur.moteur.journal.chaine import enchainer

# The préfet leaves the management of its contingent to these bailleurs; the others designate with it (D75).
DELEGATIONS = ("B",)
ALS = "action-logement"
PART_REQUALIFIEE = 30  # percent of the vacances turned towards Action Logement
REGIMES = {"A": "flux", "B": "un_tour", "C": "annee_livraison"}
ORIGINES = {
    "conge": "conge",
    "deces": "deces",
    "expulsion": "expulsion",
    "abandon": "abandon",
    "mutation": "mutation",
}
HORS_JOURNAL = ("etudiant", "pli", "demolition", "sous_location", "fonction", *IDENTIFIES)
PREAVIS = (30, 30, 60, 90)
RETARDS = (*(0,) * 80, *(1,) * 50, *(2,) * 20, *(3,) * 10, 30)  # days before an event is recorded
RETRACTES = 6  # congés withdrawn a year, per thousand dwellings vacated
RECTIFIES = 8  # per thousand vacances, a date of lease corrected
NOMS = {nom: recit for nom, (_, recit) in RECITS.items()}
POIDS = [poids for poids, _ in RECITS.values()]
DIRECTES = tuple(
    nom for nom in RECITS if nom in ("reussite", "validee", "refus_adapte", "silence", "insuffisants")
)


CANONIQUE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass
class Fil:
    """The events of one vacance, as texts of the exchange file, in the order they were recorded."""

    organisme: Organisme
    vacance: str
    logement: str
    rng: Random
    ecrits: list[dict[str, str]]
    saisie: datetime
    candidats: tuple[str, ...] = ()

    def noter(self, pas: Pas, le: date) -> None:
        """Record a step, some hours or days after it happened, never before the step above."""
        type_, qui, motif, donnees = pas
        retard = RETARDS[int(self.rng.random() * len(RETARDS))]
        instant = datetime.combine(le + timedelta(days=retard), time(8)) + timedelta(
            seconds=self.rng.randrange(36_000)
        )
        self.saisie = max(self.saisie + timedelta(seconds=1), instant)
        auteur = f"{self.organisme.siren}:{1 + int(self.rng.random() * 9)}"
        self.ecrits.append(
            {
                "evenement": f"{self.vacance}-{len(self.ecrits) + 1}",
                "vacance": self.vacance,
                "logement": self.logement,
                "type": type_,
                "date_effet": le.isoformat(),
                "date_saisie": self.saisie.isoformat() + "Z",
                "auteur": auteur,
                "reservataire": qui or "",
                "motif": motif or "",
                "donnees": CANONIQUE.encode(self._remplir(donnees)) if donnees else "{}",
            }
        )

    def tirer(self) -> None:
        """Draw the numbers of a turn's candidatures."""
        self.candidats = tuple(f"c{self.rng.getrandbits(48):012x}" for _ in range(3))

    def _remplir(self, donnees: Mapping[str, Any]) -> dict[str, Any]:
        tous = self.candidats
        places = (
            {CANDIDATS: list(tous), DEUX: list(tous[:2]), PREMIER: tous[0], SECOND: tous[1]} if tous else {}
        )
        return {cle: places.get(v, v) if isinstance(v, str) else v for cle, v in donnees.items()}


def raconter(
    organisme: Organisme, logements: Sequence[Logement], liberations: Sequence[Liberation], graine: int
) -> list[dict[str, str]]:
    """The chained rows of a bailleur's journal, the same bytes for the same seed; recorded until 31/01/2024.

    Every familial libération that the flux knows, the first lettings of new programmes, a few congés withdrawn.
    """
    rng = Random(f"journal-{organisme.lettre}-{graine}")
    ecrits = [
        ligne
        for rang, (logement, debut, origine, fin) in enumerate(
            _vacances(logements, liberations, rng), start=1
        )
        for ligne in _vacance(organisme, rang, logement, debut, origine, fin, rng)
    ]
    ecrits.sort(key=lambda ligne: ligne["date_saisie"])  # stable: a chain is the order of entry
    sels = (rng.randbytes(32).hex() for _ in ecrits)
    return list(enchainer(organisme.siren, ecrits, sels=sels))


def _vacances(
    logements: Sequence[Logement], liberations: Sequence[Liberation], rng: Random
) -> Iterator[tuple[Logement, date, str, date | None]]:
    """(dwelling, opening, origine, entry of the next tenant); origine « retracte » for a congé withdrawn."""
    for liberation in liberations:
        if liberation.usage == "familial" and liberation.logement.particularite not in HORS_JOURNAL:
            ouverture = liberation.date_liberation - timedelta(days=rng.choice(PREAVIS))
            origine = ORIGINES.get(liberation.motif, "conge")
            if origine in ("deces", "abandon", "expulsion"):
                ouverture = liberation.date_liberation
            yield liberation.logement, ouverture, origine, liberation.date_entree
    for logement in logements:
        if logement.particularite == "neuf":
            entree = date(2023, rng.randint(11, 12), 1) if rng.random() < 0.6 else None
            yield logement, date(2023, 7, rng.randint(1, 28)), "premiere_location", entree
    liberes = {liberation.logement.numero for liberation in liberations}
    restes = [lo for lo in logements if lo.numero not in liberes and lo.particularite == ""]
    for logement in rng.sample(restes, len(liberations) * RETRACTES // 1000):
        yield logement, date(2021, 1, 1) + timedelta(days=rng.randrange(1000)), "retracte", None


def _vacance(
    organisme: Organisme,
    rang: int,
    logement: Logement,
    debut: date,
    origine: str,
    entree: date | None,
    rng: Random,
) -> list[dict[str, str]]:
    """The events of one vacance, none dated after the parc's date."""
    programme = logement.programme
    interne = logement.interne if programme.bailleur == "B" else logement.numero
    fil = Fil(organisme, f"{organisme.siren}-{rang:05}", interne, rng, [], datetime.combine(debut, time(7)))
    fil.noter(_ouverture(organisme, logement, origine), debut)
    if origine == "retracte":
        a, _ = _deux_reservataires(logement, rng)
        for pas in (
            ("orientation", a, None, {"destination": f"reservataire:{a}"}),
            ("mise_a_disposition", a, None, {}),
        ):
            fil.noter(pas, debut + timedelta(days=3))
        fil.noter(("conge_retracte", None, "conge_retracte", {}), debut + timedelta(days=rng.randint(5, 25)))
        return fil.ecrits
    if logement.particularite == "en_vente":
        fil.noter(("orientation", None, None, {"destination": "hors_flux:vente"}), debut + timedelta(days=5))
        fil.noter(
            ("vacance_close", None, None, {"issue": "vendue"}), debut + timedelta(days=rng.randint(60, 200))
        )
        return [ligne for ligne in fil.ecrits if ligne["date_effet"] <= DATE_PARC.isoformat()]
    pas = _recit(organisme, logement, rng)
    # Not let yet at the date of the parc: the story goes on after it, and is cut there.
    signature = (entree or DATE_PARC + timedelta(days=rng.randint(10, 60))) - timedelta(
        days=rng.randint(0, 6)
    )
    signature = max(signature, debut + timedelta(days=5))
    _derouler(fil, pas, debut, signature, entree)
    if rng.randrange(1000) < RECTIFIES:
        _rectifier(fil)
    return [ligne for ligne in fil.ecrits if ligne["date_effet"] <= DATE_PARC.isoformat()]


def _ouverture(organisme: Organisme, logement: Logement, origine: str) -> Pas:
    """The opening, with what the account needs to know of the dwelling."""
    programme = logement.programme
    donnees: dict[str, Any] = {
        "typologie": f"T{logement.typologie}",
        "famille_financement": logement.famille,
        "qpv": programme.qpv if logement.qpv_connu else None,
        "commune": programme.commune.code,
        "annee_construction": programme.annee,
    }
    if origine in ("conge", "retracte"):
        return ("conge_recu", None, None, donnees)
    if origine == "premiere_location":
        donnees |= {"regime": REGIMES[organisme.lettre], "programme": f"NEUF-{programme.commune.code}"}
    return ("vacance_ouverte", None, None, {**donnees, "origine": origine})


def _recit(organisme: Organisme, logement: Logement, rng: Random) -> list[Pas]:
    """Draw a story that fits the dwelling: the préfet's delegation, the mixed management of ALS, QPV."""
    a, b = _deux_reservataires(logement, rng)
    programme = logement.programme
    scene = Scene(a, b, programme.commune.code, programme.qpv, rng)
    nom = rng.choices(list(NOMS), POIDS)[0]
    if nom == "hors_qpv" and programme.qpv:
        nom = "reussite"
    if nom in ("anru", "mutation_decouverte") and organisme.lettre == "C":
        nom = "mutation"
    if a == "etat-prioritaires" and organisme.lettre in DELEGATIONS and nom in DIRECTES:
        return DELEGUEE(scene)
    if a == ALS and nom in DIRECTES and rng.randrange(100) < PART_REQUALIFIEE:
        return REQUALIFIEE(scene)
    return NOMS[nom](scene)


def _deux_reservataires(logement: Logement, rng: Random) -> tuple[str, str]:
    """Two réservataires whose perimeter holds the dwelling, drawn by their rights."""
    commune = logement.programme.commune
    possibles = [
        r for r in RESERVATAIRES if r.code not in IDENTIFIES and perimetre_contient(r.perimetre, commune)
    ]
    a = rng.choices(possibles, [r.droits for r in possibles])[0]
    autres = [r for r in possibles if r is not a]
    return a.code, rng.choices(autres, [r.droits for r in autres])[0].code


def _derouler(fil: Fil, pas: Sequence[Pas], debut: date, signature: date, entree: date | None) -> None:
    """Spread the steps between the opening and the lease; the dwelling is let on the day of entry."""
    duree = (signature - debut).days
    jours = sorted(fil.rng.randint(1, max(duree - 1, 1)) for _ in pas)
    for (type_, qui, motif, donnees), jour in zip(pas, jours, strict=True):
        if type_ == "designation":
            fil.tirer()
        if type_ == "bail_signe":
            le_jour = entree or signature
            fil.noter((type_, qui, motif, {**donnees, "entree": le_jour.isoformat()}), signature)
            fil.noter(("vacance_close", None, None, {"issue": "relouee"}), le_jour)
        else:
            fil.noter((type_, qui, motif, donnees), debut + timedelta(days=jour))


def _rectifier(fil: Fil) -> None:
    """The lease was dated wrong: one day earlier, its data unchanged."""
    for ligne in [ligne for ligne in fil.ecrits if ligne["type"] == "bail_signe"]:
        le = date.fromisoformat(ligne["date_effet"]) - timedelta(days=1)
        remplace = {
            "type": "bail_signe",
            "date_effet": le.isoformat(),
            "reservataire": ligne["reservataire"] or None,
            "motif": None,
            "donnees": json.loads(ligne["donnees"]),
        }
        fil.noter(("rectification", None, None, {"annule": ligne["evenement"], "remplace": remplace}), le)
