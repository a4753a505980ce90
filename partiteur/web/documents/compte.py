"""The account of a bailleur over a year, read in the database and counted by the rule; kept by the chain's head."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.db.models import Max

from partiteur.moteur.journal.forme import FAITS, evenement_de
from partiteur.regles.decompte import Decompte, LigneDecompte, decompte
from partiteur.regles.vacance import Evenement, tenir
from partiteur.web.composants import Solde, barres
from partiteur.web.models import Chaine, Contenu, Reservataire
from partiteur.web.models.journal import tete
from partiteur.web.models.organisation import TYPES_RESERVATAIRE

# The four stages of a balance, in the order they are reached, and what the page calls them.
ETAPES = {
    "mise_a_disposition": "mis à disposition",
    "candidats_proposes": "candidats proposés",
    "attribution": "attribués",
    "bail_signe": "baux signés",
}


@dataclass(frozen=True)
class Annee:
    """A year of a chain: until when it says something, and its décompte."""

    annee: int
    jusqu_au: date
    decompte: Decompte

    def lignes(self, codes: frozenset[str] | None = None) -> list[LigneDecompte]:
        """The lines of some réservataires (all when None), the most offered first."""
        lues = [ligne for ligne in self.decompte.lignes if codes is None or ligne.code in codes]
        return sorted(lues, key=lambda ligne: (-len(ligne.mise_a_disposition), ligne.code))


def derniere_annee(chaine: Chaine, a_la_date: date) -> Annee | None:
    """The last year the account says something of, on a day; None for an account that says nothing.

    Kept in memory under the head of the chain: the same events are counted once by each worker.
    """
    dernier = (
        Contenu.objects.filter(chaine=chaine, date_effet__lte=a_la_date.isoformat())
        .exclude(type="")
        .aggregate(dernier=Max("date_effet"))["dernier"]
    )
    if not dernier:
        return None
    jusqu_au = date.fromisoformat(dernier)
    return Annee(jusqu_au.year, jusqu_au, _compter(chaine.pk, str(tete(chaine)), jusqu_au.year))


@lru_cache(maxsize=64)
def _compter(chaine: int, tete_connue: str, annee: int) -> Decompte:
    """The décompte of a year; `tete_connue` makes another key of another state of the chain."""
    du, au = date(annee, 1, 1), date(annee, 12, 31)
    tenue = tenir(_evenements(chaine, du, au))
    resultat: Decompte = decompte(tenue.inscrits, {}, du, au, None, tenue.irregularites).valeur
    return resultat


def _evenements(chaine: int, du: date, au: date) -> list[Evenement]:
    """All the events of the vacances that move in a period, in the order of the chain."""
    de_la_chaine = Contenu.objects.filter(chaine=chaine)
    bougent = de_la_chaine.filter(date_effet__gte=du.isoformat(), date_effet__lte=au.isoformat()).values(
        "vacance"
    )
    lus = de_la_chaine.exclude(type="").filter(vacance__in=bougent).order_by("enveloppe__numero")
    return [evenement_de(ligne) for ligne in lus.values(*FAITS)]


def noms_des_codes() -> Mapping[str, tuple[str, str]]:
    """By code: the organisation, and what it is as a réservataire."""
    return {
        r.code: (str(r.organisation), TYPES_RESERVATAIRE[r.type])
        for r in Reservataire.objects.select_related("organisation")
    }


def solde(ligne: LigneDecompte, nom: str, precision: str, echelle: int) -> Solde:
    """The balance of a réservataire: its four stages, on a scale shared by all those shown."""
    nombres = [(mots, len(getattr(ligne, etape))) for etape, mots in ETAPES.items()]
    return Solde(nom, precision, barres(nombres, echelle))


def echelle(lignes: list[LigneDecompte]) -> int:
    """The longest bar of all."""
    return max((len(getattr(ligne, etape)) for ligne in lignes for etape in ETAPES), default=0)
