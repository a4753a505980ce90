"""What is forgotten in time: baremes/durees.toml applied, the account's chain and counters unmoved (E6, E13, E15)."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.sessions.models import Session
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from partiteur.regles.socle import bareme
from partiteur.web.actions.acte import acte
from partiteur.web.actions.horloge import aujourd_hui, maintenant
from partiteur.web.actions.journal import effacer
from partiteur.web.droits import Acteur, Permission
from partiteur.web.models import (
    Acces,
    Chaine,
    Contact,
    Contenu,
    Depot,
    Dossier,
    Invitation,
    Membre,
    Message,
    Utilisateur,
)

OUBLIE = "Personne oubliée"
DOMAINE = "oublie.invalid"  # RFC 2606: no mail can go there


@dataclass(frozen=True)
class Oubli:
    """One kind of thing forgotten: its name in durees.toml, what it is, before which day, how many."""

    nom: str
    objet: str
    avant: date
    nombre: int


def limite(nom: str, a_la_date: date) -> date:
    """What is older than that day is forgotten."""
    return a_la_date - timedelta(days=int(bareme("durees")[nom]["jours"]))


@acte(Permission.GERER_INSTANCE)
def purger(*, par: Acteur, depot: Path, simulation: bool = True) -> list[Oubli]:
    """Forget what durees.toml says, or only count it. `depot` is where the files of imports are.

    An event loses its agent, candidatures, household and salt (`journal.effacer`); its envelope, its type, its
    réservataire and its dates stay: the chain verifies and no counter moves. Files go last, once all else is done.
    """
    jour = aujourd_hui()
    faits: dict[str, Callable[[date], int]] = {
        "acces": lambda avant: _retirer(Acces.objects.filter(instant__lt=_debut(avant)), simulation),
        "invitations": lambda avant: _retirer(
            Invitation.objects.filter(expire_le__lt=_debut(avant)), simulation
        ),
        "contacts": lambda avant: _contacts(avant, simulation),
        "comptes": lambda avant: _comptes(avant, simulation),
        "vacances": lambda avant: _vacances(par, avant, simulation),
        "remarques": lambda avant: _remarques(avant, simulation),
        "depots": lambda avant: _depots(depot, avant, simulation),
        "originaux": lambda avant: _originaux(depot, avant, simulation),
    }
    if not simulation:
        Session.objects.filter(expire_date__lt=maintenant()).delete()
    lus = bareme("durees")
    oublis = []
    for nom, faire in faits.items():
        avant = limite(nom, jour)
        oublis.append(Oubli(nom, lus[nom]["objet"], avant, faire(avant)))
    return oublis


def _debut(jour: date) -> datetime:
    return timezone.make_aware(datetime.combine(jour, time.min))


def _retirer(lignes: QuerySet, simulation: bool) -> int:
    """Delete rows, or count them."""
    nombre = lignes.count()
    if not simulation:
        lignes.delete()
    return nombre


def _contacts(avant: date, simulation: bool) -> int:
    """Contacts out of the directory; those they stood in for, or who stood in for them, stay."""
    partis = Contact.objects.filter(au__lt=avant)
    if not simulation:
        Contact.objects.filter(supplee__in=partis).update(supplee=None)
    return _retirer(partis, simulation)


def _comptes(avant: date, simulation: bool) -> int:
    """People without a membership since then: name, address and means to log in go; the opaque agent stays."""
    jour = _debut(avant)
    partis = list(
        Utilisateur.objects.exclude(courriel__endswith=f"@{DOMAINE}")
        .exclude(membres__in=_membres_depuis(avant))
        .filter(Q(last_login__lt=jour) | Q(last_login=None), cree_le__lt=jour)
    )
    if simulation:
        return len(partis)
    for modele in (EmailAddress, Authenticator, SocialAccount):
        modele.objects.filter(user__in=partis).delete()
    for personne in partis:
        personne.nom, personne.courriel = OUBLIE, f"{personne.agent}@{DOMAINE}"
        personne.is_active = False
        personne.set_unusable_password()
        personne.save()
    return len(partis)


def _membres_depuis(avant: date) -> QuerySet:
    return Membre.objects.filter(Q(au__isnull=True) | Q(au__gte=avant))


def _vacances(par: Acteur, avant: date, simulation: bool) -> int:
    """Vacances whose last event is older, erased where a salt still proves something."""
    finies = [
        (chaine, code)
        for chaine in Chaine.objects.select_related("bailleur").order_by("nom")
        for code in Contenu.objects.filter(chaine=chaine)
        .exclude(vacance="")
        .values_list("vacance", flat=True)
        .annotate(dernier=Max("date_effet"), sel_=Max("sel"))
        .filter(dernier__lt=avant.isoformat())
        .exclude(sel_="")
        .order_by("vacance")
    ]
    if not simulation:
        for chaine, code in finies:
            effacer(par=par, bailleur=chaine.bailleur, vacance=code)
    return len(finies)


def _remarques(avant: date, simulation: bool) -> int:
    """Remarks closed since: their words go; who decided what, and when, stays."""
    finies = Message.objects.filter(acte__in=Message.FINS, le__lt=_debut(avant)).values("remarque")
    dits = Message.objects.filter(remarque__in=finies).exclude(texte="")
    nombre = dits.values("remarque").distinct().count()
    if not simulation:
        dits.update(texte="")
    return nombre


def _depots(depot: Path, avant: date, simulation: bool) -> int:
    """Files that waited for a yes nobody said, and what waits without a row: a request that was killed."""
    vieux = Depot.objects.filter(cree_le__lt=_debut(avant))
    identifiants = set(vieux.values_list("identifiant", flat=True))
    attente = depot / ".attente"
    instant = _debut(avant).timestamp()
    restes = {d.name for d in attente.iterdir() if d.stat().st_mtime < instant} if attente.is_dir() else set()
    perdus = restes - set(Depot.objects.values_list("identifiant", flat=True)) | identifiants
    # A dossier killed before its row was there: under its identifier, or still without a name.
    gardes = set(Dossier.objects.values_list("identifiant", flat=True))
    rangs = depot / "dossiers"
    orphelins = (
        {d for d in rangs.iterdir() if d.name not in gardes and d.stat().st_mtime < instant}
        if rangs.is_dir()
        else set()
    )
    if not simulation:
        vieux.delete()
        for dossier in {attente / nom for nom in perdus} | orphelins:
            shutil.rmtree(dossier, ignore_errors=True)
    return len(perdus) + len(orphelins)


def _originaux(depot: Path, avant: date, simulation: bool) -> int:
    """The files people sent, kept beside the millésimes made of them; the millésimes stay."""
    instant = _debut(avant).timestamp()
    anciens = [f for f in depot.rglob("*.original*") if f.is_file() and f.stat().st_mtime < instant]
    if not simulation:
        for fichier in anciens:
            fichier.unlink()
    return len(anciens)
