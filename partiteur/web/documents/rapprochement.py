"""« Écarts entre nous »: what a bailleur and a réservataire do not say alike, what they answered, what they agreed."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from partiteur.moteur.feuille import json_de_la_lecture
from partiteur.moteur.rapprochement import (
    Comparaison,
    Condition,
    Paire,
    comparer_listes,
    lignes,
    lignes_du_registre,
    sans_droit,
    texte_arrete,
    totaux,
)
from partiteur.regles.socle import bareme, nombre
from partiteur.web import depot as fichiers
from partiteur.web.actions.rapprochement import Extrait
from partiteur.web.documents import lignes as documents
from partiteur.web.documents.lignes import MOTS, Registre, dire, objet, visibles
from partiteur.web.models import (
    Accord,
    Liste,
    Membre,
    Millesime,
    Organisation,
    Remarque,
    Reservataire,
)
from partiteur.web.models.socle import tirer_identifiant
from partiteur.web.templatetags.typographie import jour

TOUTES = 10_000_000


# --- who the two sides are


def parties(registre: Registre) -> dict[Organisation, frozenset[str]]:
    """The réservataires of a register whom the instance knows, and their codes, by name."""
    lus = totaux(fichiers.moteur(), registre.chemin, Condition(), "titulaire")
    presents = {t.valeur for t in lus}
    trouvees: dict[Organisation, set[str]] = {}
    for reservataire in Reservataire.objects.select_related("organisation").order_by("organisation__nom"):
        if reservataire.code in presents and reservataire.organisation_id != registre.droits.bailleur_id:
            trouvees.setdefault(reservataire.organisation, set()).add(reservataire.code)
    return {organisation: frozenset(codes) for organisation, codes in trouvees.items()}


def codes_de(organisation: Organisation) -> frozenset[str]:
    """All the codes an organisation ever had: a register may name an old one."""
    return frozenset(organisation.reservataires.values_list("code", flat=True))


# --- what they agreed


def extraits(droits: Millesime, *parties: frozenset[str]) -> tuple[Extrait, ...]:
    """What is agreed of a register with each party, by its codes: its lines, their number, the digest of their text."""
    return _extraits(droits.sha, tuple(tuple(sorted(codes)) for codes in parties), str(settings.MEDIA_ROOT))


@lru_cache(maxsize=1024)
def _extraits(sha: str, parties: tuple[tuple[str, ...], ...], ici: str) -> tuple[Extrait, ...]:
    siennes = {code: rang for rang, codes in enumerate(parties) for code in codes}
    lues: list[list[dict[str, Any]]] = [[] for _ in parties]
    for ligne in lignes_de(sha, frozenset(siennes)):
        lues[siennes[ligne["titulaire"]]].append(ligne)
    return tuple(_extrait(lignes) for lignes in lues)


def _extrait(lues: Sequence[Mapping[str, Any]]) -> Extrait:
    empreinte = hashlib.sha256(texte_arrete(lues).encode()).hexdigest()
    return Extrait(len(lues), sum(ligne["nombre"] for ligne in lues), empreinte)


def lignes_de(sha: str, codes: frozenset[str] | None) -> list[dict[str, Any]]:
    """The lines of some codes in a register (None: all), as it says them, in the order of their keys."""
    ici = fichiers.registre(sha, date.min).chemin
    return lignes_du_registre(fichiers.moteur(), ici, visibles(codes))


def texte(droits: Millesime, codes: frozenset[str] | None) -> str:
    """The lines as a file: what is signed, byte for byte (None: those of all)."""
    return texte_arrete(lignes_de(droits.sha, codes))


@dataclass(frozen=True)
class Etat:
    """Where two parties are: who agreed these lines and when, how many remarks are open, in a sentence."""

    phrase: str
    arrete_le: datetime | None
    par_bailleur: datetime | None
    par_reservataire: datetime | None
    ouvertes: int


def etat(bailleur: Organisation, reservataire: Organisation, siennes: Extrait) -> Etat:
    """Of one réservataire."""
    remarques = Remarque.objects.entre(bailleur, reservataire).avec_etat()
    accords = Accord.objects.filter(bailleur=bailleur, reservataire=reservataire)
    return _etat(list(accords), remarques.filter(issue=None).count(), bailleur.pk, siennes)


def _etat(accords: Sequence[Accord], ouvertes: int, bailleur: int, siennes: Extrait) -> Etat:
    actuels = {a.auteur_id == bailleur: a.le for a in accords if a.empreinte == siennes.empreinte}
    arrete = max(actuels.values()) if len(actuels) == len((True, False)) else None
    attendent = (
        "une remarque reste ouverte" if ouvertes == 1 else f"{nombre(ouvertes)} remarques restent ouvertes"
    )
    if arrete:
        phrase = f"État arrêté d'un commun accord le {_jour(arrete)}"
        phrase += f" ; depuis, {attendent}." if ouvertes else "."
    elif ouvertes:
        phrase = f"{attendent[0].upper()}{attendent[1:]}."
    elif actuels:
        qui = "Le bailleur" if True in actuels else "Le réservataire"
        phrase = f"{qui} a arrêté ces lignes le {_jour(*actuels.values())} ; l'autre partie ne l'a pas encore fait."
    elif _deja(accords):
        phrase = "Les lignes ont changé depuis le dernier état arrêté : elles sont à relire et à arrêter."
    else:
        phrase = "Ces lignes ne sont pas encore arrêtées."
    return Etat(phrase, arrete, actuels.get(True), actuels.get(False), ouvertes)


def _deja(accords: Sequence[Accord]) -> bool:
    signes: dict[str, set[int]] = {}
    for accord in accords:
        signes.setdefault(accord.empreinte, set()).add(accord.auteur_id)
    return any(len(qui) > 1 for qui in signes.values())


def _jour(instant: datetime) -> str:
    return jour(instant.date())


@dataclass(frozen=True)
class Partie:
    """A réservataire of the register, as the bailleur sees them all."""

    organisation: Organisation
    extrait: Extrait
    etat: Etat


def tableau(registre: Registre) -> list[Partie]:
    """Each réservataire of a register, what it has and where the two are; the same queries however many they are."""
    bailleur = registre.droits.bailleur
    accords: dict[int, list[Accord]] = {}
    for accord in Accord.objects.filter(bailleur=bailleur):
        accords.setdefault(accord.reservataire_id, []).append(accord)
    ouvertes: dict[int, int] = {}
    for qui in (
        Remarque.objects.filter(bailleur=bailleur)
        .avec_etat()
        .filter(issue=None)
        .values_list("reservataire", flat=True)
    ):
        ouvertes[qui] = ouvertes.get(qui, 0) + 1
    lues, codes = [], parties(registre)
    tous = extraits(registre.droits, *codes.values())
    for organisation, siennes in zip(codes, tous, strict=True):
        ou = _etat(accords.get(organisation.pk, ()), ouvertes.get(organisation.pk, 0), bailleur.pk, siennes)
        lues.append(Partie(organisation, siennes, ou))
    return lues


def resume(membre: Membre, bailleur: Organisation, vus: frozenset[str] | None) -> str:
    """What an état des lieux says of the agreement, to who is one of its sides; "" to others, and without a register."""
    droits = Millesime.objects.filter(bailleur=bailleur, nature="droits").select_related("bailleur").first()
    if droits is None or vus == frozenset():
        return ""
    if vus is not None:
        (siennes,) = extraits(droits, vus)
        return etat(bailleur, membre.organisation, siennes).phrase if siennes.lignes else ""
    registre = documents.dernier_registre(bailleur)
    if registre is None:
        return ""
    lues = tableau(registre)
    arretes = sum(1 for partie in lues if partie.etat.arrete_le)
    ouvertes = sum(partie.etat.ouvertes for partie in lues)
    phrase = "Cet état n'est encore arrêté d'un commun accord avec aucun réservataire"
    if arretes:
        pluriel = "s" if arretes > 1 else ""
        phrase = f"État arrêté d'un commun accord avec {nombre(arretes)} réservataire{pluriel} sur {nombre(len(lues))}"
    if arretes == len(lues) and lues:
        quand = max(p.etat.arrete_le for p in lues if p.etat.arrete_le)
        phrase = f"État arrêté d'un commun accord avec tous les réservataires, le {_jour(quand)}"
    return f"{phrase} ; remarques ouvertes : {nombre(ouvertes)}."


# --- the list of the réservataire


@dataclass(frozen=True)
class EcartDeListe:
    """A right the two do not say alike: what it bears on, the category, each side's words, the key of the line."""

    nom: str
    ecart: str
    au_registre: str
    dans_la_liste: str
    cle: str
    propose: Mapping[str, Any]


def derniere_liste(bailleur: Organisation, reservataire: Organisation) -> Liste | None:
    """What the réservataire says it has."""
    return Liste.objects.filter(bailleur=bailleur, reservataire=reservataire).first()


def comparer(registre: Registre, codes: frozenset[str], liste: Liste) -> Comparaison:
    """The lines of a réservataire in the register, against its own list; counted once for both sides."""
    return _comparer(registre.chemin, tuple(sorted(codes)), liste.sha)


@lru_cache(maxsize=64)
def _comparer(chemin: Path, codes: tuple[str, ...], sha: str) -> Comparaison:
    siennes = lignes(fichiers.moteur(), chemin, visibles(frozenset(codes)), 0, TOUTES)
    return comparer_listes(siennes, pq.read_table(fichiers.registre(sha, date.min).chemin).to_pylist())


def nombres_de_liste(comparaison: Comparaison) -> list[tuple[str, int, bool]]:
    """Categories in words, how many lines, whether it is a gap; they add up to the lines of both sides."""
    dits = bareme("rapprochement")["liste"]
    return [(dits[code]["libelle"], n, dits[code]["ecart"]) for code, n in comparaison.nombres.items()]


def montrer_paire(paire: Paire) -> EcartDeListe:
    """A gap with the list, in words."""
    registre, liste = paire.registre, paire.liste
    noms = paire.differences or ("nombre",)
    propose = (
        {c: liste[c] for c in ("programme", "logement", "nombre") if liste[c]}
        if liste and not registre
        else {}
    )
    if registre and liste:
        propose = {c: liste[c] for c in paire.differences}
    return EcartDeListe(
        objet(registre or liste or {}),
        bareme("rapprochement")["liste"][paire.ecart]["libelle"],
        _mots(registre, noms),
        _mots(liste, noms),
        str(registre["cle"]) if registre else "",
        propose,
    )


def _mots(ligne: Mapping[str, Any] | None, noms: Sequence[str]) -> str:
    if ligne is None:
        return "rien"
    return ", ".join(f"{MOTS[c].lower()} : {dire(c, ligne[c])}" for c in noms)


@dataclass(frozen=True)
class ListeLue:
    """A list that is on the disk: what the act enters."""

    sha: str
    fichier: str
    lignes: int
    refusees: int
    constats: str


def recevoir(televerse: UploadedFile, siens: frozenset[str]) -> ListeLue:
    """Read the list of a réservataire and keep it. Raises FichierRefuse: unreadable, empty, or naming somebody else."""
    identifiant = tirer_identifiant()
    try:
        with fichiers.sans_chemin(fichiers.attente(identifiant)):
            chemin = fichiers.recevoir(identifiant, televerse)
            lecture = fichiers.lire("droits", chemin, "")
            nommes = {
                ligne["cede_a"] or ligne["reservataire"]
                for ligne in lecture.table.select(["reservataire", "cede_a"]).to_pylist()
            }
            if nommes - siens:
                raise fichiers.FichierRefuse(
                    f"{chemin.name} : la liste nomme « {min(nommes - siens)[:40]} », qui n'est pas l'un de vos codes "
                    f"({', '.join(sorted(siens)) or 'aucun'}) ; ne gardez que vos lignes."
                )
            sha = fichiers.garder("droits", lecture, chemin)
    finally:
        fichiers.oublier(identifiant)
    constats = json.dumps(json_de_la_lecture(lecture)["constats"], ensure_ascii=False)
    return ListeLue(sha, chemin.name, lecture.acceptees, lecture.lignes - lecture.acceptees, constats)


# --- what the parc says reserved and the register does not


def reserves_sans_droit(registre: Registre) -> list[tuple[str, str, int, int, int]]:
    """By programme and contingent: the parc, the register, what is missing. For the bailleur alone."""
    codes = bareme("contingents")["codes"]
    trouves = sans_droit(fichiers.moteur(), fichiers.parc(registre.parc.sha), registre.chemin)
    return [
        (
            s.programme or "Programme inconnu",
            codes[s.contingent]["libelle"],
            s.au_parc,
            s.au_registre,
            s.sans_droit,
        )
        for s in trouves
    ]
