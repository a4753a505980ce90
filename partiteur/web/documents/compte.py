"""The account of a bailleur over a year, read in the database, counted as the command line counts its export."""

import fcntl
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.cache import caches
from django.db.models import Max, Q

from partiteur.moteur.journal import (
    Compte,
    Contexte,
    compter,
    conventions_du_dossier,
    journal_en_colonnes,
)
from partiteur.regles.decompte import Decompte, LigneDecompte
from partiteur.regles.socle import ErreurUtilisateur, nombre
from partiteur.web.composants import Solde, barres
from partiteur.web.depot import dossier as chemin_du_dossier
from partiteur.web.depot import sans_chemin, versions
from partiteur.web.models import Chaine, Contenu, Dossier, Reservataire
from partiteur.web.models.journal import en_colonnes, tete
from partiteur.web.models.organisation import TYPES_RESERVATAIRE

TERMINEES = ("bail_signe", "vacance_close", "conge_retracte")
# The four stages of a balance, in the order they are reached, and what the page calls them.
ETAPES = {
    "mise_a_disposition": "mis à disposition",
    "candidats_proposes": "candidats proposés",
    "attribution": "attribués",
    "bail_signe": "baux signés",
}


@dataclass(frozen=True)
class Annee:
    """A year of a chain, counted until `au`: its account, and the dossier whose conventions it is kept with.

    `jusqu_au`: the last event. Without a `dossier`, every réservataire has the default regime; `remarques` says what
    the reader must know.
    """

    annee: int
    jusqu_au: date
    au: date
    compte: Compte
    dossier: Dossier | None = None
    remarques: tuple[str, ...] = ()

    @property
    def decompte(self) -> Decompte:
        """The counters."""
        return self.compte.decompte

    def lignes(self, codes: frozenset[str] | None = None) -> list[LigneDecompte]:
        """The lines of some réservataires (when None, of all something happened to), the most offered first."""
        lues = [
            ligne
            for ligne in self.decompte.lignes
            if (any(getattr(ligne, etape) for etape in ETAPES) if codes is None else ligne.code in codes)
        ]
        return sorted(lues, key=lambda ligne: (-len(ligne.mise_a_disposition), ligne.code))

    @property
    def objectifs(self) -> Mapping[str, int]:
        """What was adopted for this very year, by réservataire; nothing of another year's dossier."""
        if self.dossier is None or self.dossier.exercice != self.annee:
            return {}
        lus = json.loads(self.dossier.resultat)["reservataires"]
        return {r["code"]: r["objectif"] for r in lus if r["objectif"] is not None}


def derniere_annee(chaine: Chaine, a_la_date: date) -> Annee | None:
    """The last year the account says something of, on a day; None for an account that says nothing.

    Counted as `partiteur decompte` counts the export with the same dossier, to the day. Kept in memory under the head
    of the chain: the same events are counted once by each worker.
    """
    dernier = (
        Contenu.objects.filter(chaine=chaine, date_effet__lte=a_la_date.isoformat())
        .exclude(type="")
        .aggregate(dernier=Max("date_effet"))["dernier"]
    )
    if not dernier:
        return None
    jusqu_au = date.fromisoformat(dernier)
    au = min(a_la_date, date(jusqu_au.year, 12, 31))
    dossier = conventions_de(chaine.bailleur_id, jusqu_au.year)
    identifiant = dossier.identifiant if dossier else ""
    compte, remarques = _compter(chaine.pk, str(tete(chaine)), au, identifiant, versions()["regles"])
    return Annee(jusqu_au.year, jusqu_au, au, compte, dossier, remarques)


def conventions_de(bailleur: int, annee: int) -> Dossier | None:
    """The dossier whose conventions hold for a year: adopted for it, else the last before, else the first after."""
    adoptes = Dossier.objects.filter(bailleur=bailleur, adopte_le__isnull=False)
    avant = adoptes.filter(exercice__lte=annee).order_by("-exercice", "-adopte_le", "-pk")
    return avant.first() or adoptes.order_by("exercice", "-adopte_le", "-pk").first()


@lru_cache(maxsize=64)
def _compter(
    chaine: int, tete_connue: str, au: date, dossier: str, regles: str
) -> tuple[Compte, tuple[str, ...]]:
    """`_compter_l_annee`, once for all the workers; `tete_connue` and `regles` make another key of another state."""
    cle = hashlib.sha256(repr((chaine, tete_connue, au, dossier, regles)).encode()).hexdigest()
    compte = _partage(cle)
    if compte is not None:
        return compte
    with _chacun_son_tour():
        compte = _partage(cle)  # made while this one waited
        if compte is None:
            compte = _compter_l_annee(chaine, au, dossier)
            with suppress(OSError):  # a full disk: each worker keeps its own
                caches["comptes"].set(cle, compte)
    return compte


def _partage(cle: str) -> tuple[Compte, tuple[str, ...]] | None:
    """What a worker made for all; None when none did, or when it cannot be read here."""
    with suppress(OSError):  # another user's file
        compte: tuple[Compte, tuple[str, ...]] | None = caches["comptes"].get(cle)
        return compte
    return None


@contextmanager
def _chacun_son_tour() -> Iterator[None]:
    """One count at a time on the machine: the other core serves, and who waited finds it made."""
    dossier = Path(settings.CACHES["comptes"]["LOCATION"])
    with ExitStack() as pile:
        with suppress(OSError):  # a full disk: nobody waits
            dossier.mkdir(mode=0o700, exist_ok=True)
            fcntl.flock(pile.enter_context((dossier / "tour").open("ab")), fcntl.LOCK_EX)
        yield


def _compter_l_annee(chaine: int, au: date, dossier: str) -> tuple[Compte, tuple[str, ...]]:
    """The account from 1 January to `au`, and what the reader must know of how it is kept."""
    lue = Chaine.objects.get(pk=chaine)
    du = date(au.year, 1, 1)
    journal = journal_en_colonnes(en_colonnes(lue, _qui_comptent(lue, du, au)), f"journal-{lue.nom}.csv")
    contexte, remarques = Contexte({}), ("Aucun dossier n'est adopté : le régime par défaut est appliqué.",)
    if dossier:
        try:
            with sans_chemin(chemin_du_dossier(dossier).parent):
                conventions = conventions_du_dossier(chemin_du_dossier(dossier), journal)
            contexte, remarques = conventions.contexte, conventions.remarques
        except ErreurUtilisateur as erreur:
            remarques = (
                f"Les conventions ne peuvent pas être lues, le régime par défaut est appliqué : {erreur}",
            )
    return compter(journal, contexte, du, au), remarques


def _qui_comptent(chaine: Chaine, du: date, au: date) -> Q:
    """The vacances a period can say something of: those that move in it, those not over, balances taken up.

    A silence may fall in the period of a vacance that only moved before; one that is over has none left, unless a
    rectification opens it again.
    """
    de_la_chaine = Contenu.objects.filter(chaine=chaine)
    bougent = de_la_chaine.filter(date_effet__gte=du.isoformat(), date_effet__lte=au.isoformat())
    finies = de_la_chaine.filter(type__in=TERMINEES, date_effet__lt=du.isoformat())
    gardees = de_la_chaine.filter(type__in=("rectification", "reprise"))
    return (
        Q(contenu__vacance__in=bougent.values("vacance"))
        | Q(contenu__vacance__in=gardees.values("vacance"))
        | ~Q(contenu__vacance__in=finies.values("vacance"))
    )


def noms_des_codes() -> Mapping[str, tuple[str, str]]:
    """By code: the organisation, and what it is as a réservataire."""
    lus = Reservataire.objects.values_list("code", "organisation__nom", "type")
    return {code: (nom, TYPES_RESERVATAIRE[type_]) for code, nom, type_ in lus}


def solde(ligne: LigneDecompte, nom: str, precision: str, echelle: int, objectif: int | None = None) -> Solde:
    """The balance of a réservataire: its four stages, its objectif when there is one, on a scale shared by all shown."""
    nombres = [(mots, len(getattr(ligne, etape))) for etape, mots in ETAPES.items()]
    if objectif is None:
        return Solde(nom, precision, barres(nombres, echelle))
    place = min(100, round(100 * objectif / max(echelle, 1)))
    return Solde(
        nom, precision, barres(nombres, echelle), place, None, f"Objectif : {nombre(objectif)} logements."
    )


def echelle(lignes: list[LigneDecompte], objectifs: Iterable[int] = ()) -> int:
    """The longest bar of all, or the farthest objectif."""
    return max((*objectifs, *(len(getattr(ligne, etape)) for ligne in lignes for etape in ETAPES)), default=0)
