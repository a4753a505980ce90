"""The barriers of each request, in the order of settings.MIDDLEWARE.

An address not declared in pages.PAGES does not exist; a GET reads, and the database holds it to that (E10).
"""

from collections.abc import Callable
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from partiteur.web.actions import acces
from partiteur.web.actions.horloge import aujourd_hui, maintenant
from partiteur.web.droits import Interdit, Permission, peut, second_facteur_exige
from partiteur.web.forms.socle import SAISIE
from partiteur.web.models import Membre as Appartenance
from partiteur.web.pages import PAGES, Page, Porte

Suite = Callable[[HttpRequest], HttpResponse]
FIN = "Votre session a pris fin à l'heure annoncée. Connectez-vous à nouveau."
FIN_SAISIE = f"{FIN} Ce que vous aviez saisi vous sera rendu."
SAISIE_GARDEE = "saisie"  # the key in the session
SAISIE_MAX, SAISIE_DUREE = 2**16, timedelta(hours=1)
LECTURES = ("GET", "HEAD", "OPTIONS")
# Where a person without its second factor may go: to make one, or to leave.
SANS_SECOND_FACTEUR = (
    "mfa_activate_totp", "mfa_index", "account_reauthenticate", "mfa_reauthenticate", "account_logout",
    "changer_organisation",
)  # fmt: skip


def page_de(requete: HttpRequest) -> Page | None:
    """What pages.PAGES says of the address asked; None: it does not exist."""
    trouvee = requete.resolver_match
    return PAGES.get(trouvee.view_name) if trouvee else None


def bornes(suite: Suite) -> Suite:
    """Refuse a body too large before it is read; in a demo, anyone who is not on this machine."""

    def borner(requete: HttpRequest) -> HttpResponse:
        longueur = requete.META.get("CONTENT_LENGTH") or "0"
        if not longueur.isdecimal() or int(longueur) > settings.CORPS_MAX:
            return HttpResponse(
                "Le fichier est trop lourd.", status=413, content_type="text/plain; charset=utf-8"
            )
        if illisible(requete):
            return HttpResponse(
                "Cette adresse n'est pas lisible.", status=400, content_type="text/plain; charset=utf-8"
            )
        if settings.DEMO and requete.META.get("REMOTE_ADDR") not in ("127.0.0.1", "::1", ""):
            return HttpResponse(
                "La démonstration ne répond qu'à sa propre machine.",
                status=403,
                content_type="text/plain; charset=utf-8",
            )
        return suite(requete)

    return borner


def maintenance(suite: Suite) -> Suite:
    """While the data folder holds a file named `maintenance`, say so on every page; health and style still answer."""

    def fermer(requete: HttpRequest) -> HttpResponse:
        if not (settings.DONNEES / "maintenance").exists() or requete.path == reverse("sante"):
            return suite(requete)
        reponse = render(requete, "503.html", status=503)
        reponse.headers["Retry-After"], reponse.headers["Cache-Control"] = "300", "no-store"
        return reponse

    return fermer


def illisible(requete: HttpRequest) -> bool:
    """Is there a null character in the address or in a cookie? No form sends one, and PostgreSQL has none."""
    dits = (requete.path_info, unquote(requete.META.get("QUERY_STRING", "")), *requete.COOKIES.values())
    return any("\0" in dit for dit in dits)


class Membre:
    """Say who asks, for which organisation (`request.membre`), and end a session at its announced hour."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite

    def __call__(self, requete: HttpRequest) -> HttpResponse:
        """Set request.membre, request.membres (all it may choose from) and request.fin_session."""
        requete.membre, requete.membres, requete.fin_session, requete.parti = None, [], None, None
        if requete.user.is_authenticated:
            fin = requete.session.get("fin")
            if fin is None or datetime.fromisoformat(fin) <= maintenant():
                requete.parti = requete.user.pk
                logout(requete)
                if requete.method != "POST":  # else once it is known where it came from: Fermeture
                    messages.info(requete, FIN)
                    return redirect_to_login(requete.get_full_path())
                return self.suite(requete)
            requete.fin_session = datetime.fromisoformat(fin)
            requete.membres = appartenances(requete.user)
            choisi = requete.session.get("membre")
            requete.membre = next(
                (m for m in requete.membres if m.identifiant == choisi), next(iter(requete.membres), None)
            )
        return self.suite(requete)


def appartenances(utilisateur: Any) -> list[Appartenance]:
    """The memberships in force of a person, in organisations that still exist."""
    lues = (
        Appartenance.objects.au(aujourd_hui())
        .filter(utilisateur=utilisateur)
        .select_related("organisation", "utilisateur")
        .order_by("organisation__nom")
    )
    return [m for m in lues if m.organisation.en_vigueur(aujourd_hui())]


class JournalAcces:
    """Note who saw or took what, in a transaction of its own, once the answer is made."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite

    def __call__(self, requete: HttpRequest) -> HttpResponse:
        """Note pages of an organisation; one's own account and public pages are not noted."""
        reponse = self.suite(requete)
        page = page_de(requete)
        if requete.membre is None or page is None or not isinstance(page.acces, Permission):
            return reponse
        if reponse.status_code in (403, 404):
            genre = "refus"
        elif reponse.status_code != 200 or requete.method != "GET":
            return reponse
        else:
            genre = "telechargement" if reponse.has_header("Content-Disposition") else "consultation"
        trouvee = requete.resolver_match
        objet = next((v for v in trouvee.kwargs.values() if isinstance(v, str) and len(v) == 16), "")
        acces.noter(
            utilisateur=requete.user,
            organisation=requete.membre.organisation,
            genre=genre,
            page=trouvee.view_name,
            objet=objet,
        )
        return reponse


class SaisieGardee:
    """What a session's end cut short: kept for the same person in the session that follows, never for another's.

    In the server's session, an hour at most; no password, no file; forms.socle shows it again.
    """

    def __init__(self, suite: Suite) -> None:
        self.suite = suite

    def __call__(self, requete: HttpRequest) -> HttpResponse:
        """Give it back on its page; once sent again, or too old, or another's, forget it."""
        gardee = requete.session.get(SAISIE_GARDEE) if requete.user.is_authenticated else None
        if gardee is None:
            return self.suite(requete)
        vieille = datetime.fromisoformat(gardee["le"]) + SAISIE_DUREE < maintenant()
        if vieille or gardee["pour"] != requete.user.pk:
            del requete.session[SAISIE_GARDEE]
            return self.suite(requete)
        jeton = SAISIE.set(gardee["champs"] if requete.path == gardee["page"] else {})
        try:
            reponse = self.suite(requete)
        finally:
            SAISIE.reset(jeton)
        if requete.method == "POST" and requete.path == gardee["vers"] and reponse.status_code < 400:
            requete.session.pop(SAISIE_GARDEE, None)
        return reponse

    @staticmethod
    def renvoyer(requete: HttpRequest, page: Page) -> HttpResponse:
        """To the login, then to where the form was; keep what was typed of a form of ours, once its origin is proved."""
        if requete.method != "POST":
            return redirect_to_login(requete.get_full_path())
        vue = urlsplit(requete.headers.get("Referer", ""))
        ou = vue.path if vue.netloc == requete.get_host() else requete.path
        if requete.parti is not None:
            champs = {nom: valeurs for nom, valeurs in requete.POST.lists() if nom != "csrfmiddlewaretoken"}
            taille = sum(len(valeur) for valeurs in champs.values() for valeur in valeurs)
            gardee = bool(champs) and isinstance(page.acces, Permission) and taille <= SAISIE_MAX
            if gardee:
                requete.session[SAISIE_GARDEE] = {
                    "pour": requete.parti,
                    "page": ou,
                    "vers": requete.path,
                    "champs": champs,
                    "le": maintenant().isoformat(),
                }
            messages.info(requete, FIN_SAISIE if gardee else FIN)
        return redirect_to_login(f"{ou}?{vue.query}" if vue.query and ou == vue.path else ou)


class Fermeture:
    """Closed by default: what pages.PAGES does not open is refused."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite

    def __call__(self, requete: HttpRequest) -> HttpResponse:
        """Show a refusal of an act as a page, whatever the view."""
        reponse = self.suite(requete)
        if requete.user.is_authenticated:
            reponse.headers.setdefault("Cache-Control", "no-store, private")
        return reponse

    def process_view(
        self, requete: HttpRequest, vue: Any, arguments: Any, nommes: Any
    ) -> HttpResponse | None:
        """Let in, send to the login, or refuse."""
        page = page_de(requete)
        if page is None or page.acces is Porte.FERMEE:
            raise Http404
        if page.acces is Porte.PUBLIQUE:
            return None
        if not requete.user.is_authenticated:
            return SaisieGardee.renvoyer(requete, page)
        nom = requete.resolver_match.view_name
        if self._doit_un_second_facteur(requete) and nom not in SANS_SECOND_FACTEUR:
            messages.warning(requete, "Votre rôle demande un second facteur : enregistrez-le pour continuer.")
            return redirect("mfa_activate_totp")
        if isinstance(page.acces, Permission) and not peut(requete.membre, page.acces):
            raise PermissionDenied(f"Votre rôle ne permet pas de {page.acces.value}.")
        return None

    def process_exception(self, requete: HttpRequest, erreur: Exception) -> HttpResponse | None:
        """An act refused for want of a right is a 403, with its sentence."""
        if isinstance(erreur, Interdit):
            return render(requete, "403.html", {"exception": str(erreur)}, status=403)
        return None

    @staticmethod
    def _doit_un_second_facteur(requete: HttpRequest) -> bool:
        if settings.DEMO:  # the demo's accounts hold no secret, and its machine is the reader's own
            return False
        return any(map(second_facteur_exige, requete.membres)) and not is_mfa_enabled(requete.user)


class LectureSeule:
    """A GET reads: the database itself refuses that it write."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite

    def __call__(self, requete: HttpRequest) -> HttpResponse:
        """Hold the view, and the rendering of its answer, to reading."""
        page = page_de_l_adresse(requete)
        if requete.method not in LECTURES or (page and (page.ecrit_en_get or page.sans_base)):
            return self.suite(requete)
        with lecture_seule():
            return self.suite(requete)


def page_de_l_adresse(requete: HttpRequest) -> Page | None:
    """The page of an address before Django has resolved it."""
    from django.urls import Resolver404, resolve

    try:
        return PAGES.get(resolve(requete.path_info).view_name)
    except Resolver404:
        return None


@contextmanager
def lecture_seule() -> Any:
    """Inside, the database refuses any write: query_only on SQLite, READ ONLY on PostgreSQL."""
    if connection.vendor == "sqlite":
        with connection.cursor() as curseur:
            curseur.execute("PRAGMA query_only = ON")
        try:
            yield
        finally:
            with connection.cursor() as curseur:
                curseur.execute("PRAGMA query_only = OFF")
    else:
        with transaction.atomic():
            with connection.cursor() as curseur:
                curseur.execute("SET TRANSACTION READ ONLY")
            yield
