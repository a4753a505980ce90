"""Who may do what: the whole truth. Roles, pages, circles, fields. What is not written here is refused.

A role is a name, a sentence and permissions. A page (the name of an address) asks for a permission, and says the widest
circle (D67) from which the object it shows may be seen. Another's object does not exist: 404.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, IntEnum, StrEnum

from django.db.models import Q, QuerySet

from partiteur.moteur.millesime import TOUT
from partiteur.moteur.millesime import Territoire as Perimetre
from partiteur.regles.socle import ErreurUtilisateur
from partiteur.web.models import Dossier, Membre, Organisation, Reservation, Territoire


class Permission(StrEnum):
    """What can be asked for; the sentence completes « Vous ne pouvez pas… »."""

    GERER_INSTANCE = "gérer les organisations de l'instance"
    GERER_MEMBRES = "gérer les membres de l'organisation"
    VOIR_ACCES = "voir le journal des accès de l'organisation"
    VOIR_ANNUAIRE = "voir l'annuaire"
    GERER_ANNUAIRE = "tenir l'annuaire de l'organisation"
    VOIR_AGREGATS = "voir les totaux d'un bailleur"
    TENIR_PARC = "tenir le parc et le flux du bailleur"
    VOIR_LIGNES = "voir les logements et les vacances"
    VOIR_NOMINATIF = "voir ce qui touche aux ménages"
    VOIR_JOURNAL = "voir le journal partagé"
    ATTRIBUER = "inscrire les actes du bailleur"
    DESIGNER = "répondre et désigner pour le réservataire"
    SIEGER = "siéger en commission"
    ACCUEILLIR = "répondre aux demandeurs"


class Porte(Enum):
    """Pages that ask for no permission."""

    PUBLIQUE = "ouverte à tous"
    CONNECTE = "ouverte à toute personne connectée"
    FERMEE = "fermée : l'adresse n'existe pas"


class Cercle(IntEnum):
    """How far an object is from who asks (D67), the nearest first."""

    MIEN = 1
    OUVERT = 2
    ETRANGER = 3


P = Permission
REFERENT = frozenset({P.GERER_MEMBRES, P.VOIR_ACCES, P.GERER_ANNUAIRE})
LECTURE = frozenset({P.VOIR_ANNUAIRE, P.VOIR_AGREGATS})


@dataclass(frozen=True)
class Role:
    """What a person is in its organisation; `types` are the organisations where it makes sense."""

    nom: str
    phrase: str
    types: tuple[str, ...]
    permissions: frozenset[Permission]
    second_facteur: bool = False


RESERVATAIRES = (
    "commune", "epci", "departement", "region", "etat_departement", "action_logement", "autre",
)  # fmt: skip
ROLES: Mapping[str, Role] = {
    "bailleur_lecture": Role(
        "Bailleur, lecture",
        "Voit le parc, le flux, les vacances et les bilans du bailleur, sans rien y changer.",
        ("bailleur",),
        LECTURE | {P.VOIR_LIGNES, P.VOIR_JOURNAL},
    ),
    "bailleur_attribution": Role(
        "Bailleur, attribution",
        "Oriente les logements libérés, les met à disposition et inscrit la suite, jusqu'au bail.",
        ("bailleur",),
        LECTURE | {P.VOIR_LIGNES, P.VOIR_JOURNAL, P.VOIR_NOMINATIF, P.ATTRIBUER},
    ),
    "bailleur_responsable": Role(
        "Bailleur, responsable",
        "Fait ce que fait l'attribution, tient le parc et le flux, gère les membres et voit qui a consulté quoi.",
        ("bailleur",),
        LECTURE | REFERENT | {P.TENIR_PARC, P.VOIR_LIGNES, P.VOIR_JOURNAL, P.VOIR_NOMINATIF, P.ATTRIBUER},
    ),
    "reservataire_lecture": Role(
        "Réservataire, lecture",
        "Voit les logements qui lui sont offerts, son solde, et les totaux du bailleur.",
        RESERVATAIRES,
        LECTURE | {P.VOIR_LIGNES, P.VOIR_JOURNAL},
    ),
    "reservataire_designation": Role(
        "Réservataire, désignation",
        "Répond aux mises à disposition et désigne des candidats.",
        RESERVATAIRES,
        LECTURE | {P.VOIR_LIGNES, P.VOIR_JOURNAL, P.VOIR_NOMINATIF, P.DESIGNER},
    ),
    "epci": Role(
        "EPCI",
        "Voit les totaux de tous les bailleurs sur son territoire, les conventions et les bilans.",
        ("epci",),
        LECTURE | {P.VOIR_JOURNAL},
    ),
    "etat_departement": Role(
        "État, département",
        "Contrôle les conventions et les bilans du département, bailleur par bailleur.",
        ("etat_departement",),
        LECTURE | {P.VOIR_JOURNAL},
    ),
    "etat_region": Role("État, région", "Voit les totaux de la région.", ("etat_region",), LECTURE),
    "ar_hlm": Role(
        "Association régionale Hlm",
        "Voit qui a signé et où en sont les bilans, en totaux.",
        ("ar_hlm",),
        LECTURE,
    ),
    "membre_caleol": Role(
        "Membre de la CALEOL",
        "Siège à la commission et voit les dossiers de ses séances.",
        ("bailleur",),
        frozenset({P.SIEGER, P.VOIR_ANNUAIRE}),
    ),
    "guichet": Role(
        "Guichet des demandeurs",
        "Explique à un demandeur où en est sa demande, à partir de son numéro unique.",
        ("guichet", "commune", "epci", "bailleur"),
        frozenset({P.ACCUEILLIR, P.VOIR_ANNUAIRE}),
    ),
    "administrateur": Role(
        "Administrateur de l'instance",
        "Crée les organisations et invite leurs premiers membres ; ne voit ni les vacances ni les bilans.",
        ("instance",),
        REFERENT | {P.GERER_INSTANCE, P.VOIR_ANNUAIRE},
        second_facteur=True,
    ),
}


@dataclass(frozen=True)
class Page:
    """What an address asks for. `objet`: what its last argument names; `cercle`: from how far it may be seen."""

    acces: Permission | Porte
    objet: str | None = None
    cercle: Cercle | None = None
    ecrit_en_get: str = ""  # why a GET must write there: by the protocol, never by choice
    sans_base: bool = False  # answers even when the database does not


CODES_MONTRES = "allauth note que les codes de secours ont été montrés"
PUBLIQUE, CONNECTE, FERMEE = (Page(porte) for porte in Porte)
PAGES: Mapping[str, Page] = {
    # public
    "presentation": PUBLIQUE,
    "accessibilite": PUBLIQUE,
    "mentions_legales": PUBLIQUE,
    "confidentialite": PUBLIQUE,
    "sante": Page(Porte.PUBLIQUE, sans_base=True),
    "invitation": Page(Porte.PUBLIQUE, "jeton"),
    "demo_entrer": Page(Porte.PUBLIQUE, "compte_demo"),
    # oneself
    "aujourdhui": CONNECTE,
    "mon_compte": CONNECTE,
    "changer_organisation": Page(Porte.CONNECTE, "mon_membre", Cercle.MIEN),
    # one's organisation
    "membres": Page(P.GERER_MEMBRES),
    "inviter": Page(P.GERER_MEMBRES),
    "annuler_invitation": Page(P.GERER_MEMBRES, "invitation", Cercle.MIEN),
    "retirer_membre": Page(P.GERER_MEMBRES, "membre", Cercle.MIEN),
    "changer_role": Page(P.GERER_MEMBRES, "membre", Cercle.MIEN),
    "acces": Page(P.VOIR_ACCES),
    "annuaire": Page(P.VOIR_ANNUAIRE),
    "ajouter_contact": Page(P.GERER_ANNUAIRE),
    "contact": Page(P.GERER_ANNUAIRE, "contact", Cercle.MIEN),
    "retirer_contact": Page(P.GERER_ANNUAIRE, "contact", Cercle.MIEN),
    "absence": Page(P.GERER_ANNUAIRE, "contact", Cercle.MIEN),
    # the parc and the flux
    "parcs": Page(P.VOIR_AGREGATS),
    "etat_des_lieux": Page(P.VOIR_AGREGATS, "bailleur", Cercle.OUVERT),
    "exporter_etat": Page(P.VOIR_AGREGATS, "bailleur", Cercle.OUVERT),
    "fiche_commune": Page(P.VOIR_AGREGATS),
    "deposer_parc": Page(P.TENIR_PARC),
    "depot": Page(P.TENIR_PARC, "depot", Cercle.MIEN),
    "rapport_depot": Page(P.TENIR_PARC, "depot", Cercle.MIEN),
    "confirmer_depot": Page(P.TENIR_PARC, "depot", Cercle.MIEN),
    "abandonner_depot": Page(P.TENIR_PARC, "depot", Cercle.MIEN),
    "dossiers": Page(P.VOIR_AGREGATS),
    "deposer_dossier": Page(P.TENIR_PARC),
    "preparer_dossier": Page(P.TENIR_PARC),
    "dossier": Page(P.VOIR_AGREGATS, "dossier", Cercle.OUVERT),
    "telecharger_dossier": Page(P.VOIR_AGREGATS, "dossier", Cercle.OUVERT),
    "pieces_dossier": Page(P.VOIR_LIGNES, "dossier", Cercle.MIEN),
    "adopter_dossier": Page(P.TENIR_PARC, "dossier", Cercle.MIEN),
    "retirer_dossier": Page(P.TENIR_PARC, "dossier", Cercle.MIEN),
    # the account
    "journaux": Page(P.VOIR_JOURNAL),
    "journal": Page(P.VOIR_JOURNAL, "bailleur", Cercle.OUVERT),
    "exporter_journal": Page(P.VOIR_JOURNAL, "bailleur", Cercle.OUVERT),
    # the instance
    "organisations": Page(P.GERER_INSTANCE),
    "creer_organisation": Page(P.GERER_INSTANCE),
    "organisation": Page(P.GERER_INSTANCE, "organisation", Cercle.ETRANGER),
    "inviter_ailleurs": Page(P.GERER_INSTANCE, "organisation", Cercle.ETRANGER),
    "succession": Page(P.GERER_INSTANCE),
    "composants": Page(P.GERER_INSTANCE),  # for whoever works on the pages
    # allauth: login, password, second factor, the organisation's provider
    "account_login": PUBLIQUE,
    "account_logout": CONNECTE,
    "account_inactive": PUBLIQUE,
    "account_reauthenticate": CONNECTE,
    "account_change_password": CONNECTE,
    "account_set_password": CONNECTE,
    "account_reset_password": PUBLIQUE,
    "account_reset_password_done": PUBLIQUE,
    "account_reset_password_from_key": Page(Porte.PUBLIQUE, "cle"),
    "account_reset_password_from_key_done": PUBLIQUE,
    "mfa_index": CONNECTE,
    "mfa_authenticate": PUBLIQUE,
    "mfa_reauthenticate": CONNECTE,
    "mfa_activate_totp": CONNECTE,
    "mfa_deactivate_totp": CONNECTE,
    "mfa_view_recovery_codes": Page(Porte.CONNECTE, ecrit_en_get=CODES_MONTRES),
    "mfa_generate_recovery_codes": CONNECTE,
    "mfa_download_recovery_codes": Page(Porte.CONNECTE, ecrit_en_get=CODES_MONTRES),
    "openid_connect_login": Page(Porte.PUBLIQUE, "fournisseur"),
    "openid_connect_callback": Page(
        Porte.PUBLIQUE,
        "fournisseur",
        ecrit_en_get="OpenID Connect ramène la personne par une redirection, qui la connecte",
    ),
    "socialaccount_login_cancelled": PUBLIQUE,
    "socialaccount_login_error": PUBLIQUE,
    "socialaccount_connections": CONNECTE,
    "socialaccount_signup": FERMEE,
    "account_signup": FERMEE,
    "account_email": FERMEE,
    "account_email_verification_sent": FERMEE,
    "account_confirm_email": FERMEE,
    "account_confirm_login_code": FERMEE,
}


class Interdit(ErreurUtilisateur):
    """An act or a page that the role does not allow."""


class Operateur:
    """Whoever holds the machine: commands act in its name, and the chain says the instance's."""

    agent = "instance-0"


OPERATEUR = Operateur()
Acteur = Membre | Operateur


def permissions(membre: Membre) -> frozenset[Permission]:
    """What a member may do; a référent also manages its own organisation."""
    role = ROLES.get(membre.role)
    if role is None:
        return frozenset()
    return role.permissions | REFERENT if membre.referent else role.permissions


def peut(qui: Acteur | None, permission: Permission) -> bool:
    """May this member do that? Nobody may do nothing; the operator may do everything."""
    if isinstance(qui, Operateur):
        return True
    return qui is not None and permission in permissions(qui)


def exiger(qui: Acteur | None, permission: Permission) -> None:
    """Raises Interdit when it may not."""
    if not peut(qui, permission):
        raise Interdit(f"Votre rôle ne permet pas de {permission.value}.")


def chez_soi(qui: Acteur, organisation: Organisation) -> bool:
    """Is it its own organisation, or does it manage the whole instance?"""
    if isinstance(qui, Operateur):
        return True
    return qui.organisation_id == organisation.pk or peut(qui, P.GERER_INSTANCE)


def second_facteur_exige(membre: Membre) -> bool:
    """Must this member hold a second factor?"""
    role = ROLES.get(membre.role)
    return role is not None and role.second_facteur


# --- circles: whose data a member may see ----------------------------------------------------------------------------


def codes(membre: Membre, a_la_date: date) -> list[str]:
    """The codes under which the account names the member's organisation."""
    return list(membre.organisation.reservataires.au(a_la_date).values_list("code", flat=True))


def bailleurs(membre: Membre, a_la_date: date) -> QuerySet[Organisation]:
    """The bailleurs whose totals a member may see: its own, those it has rights at, those of its territory."""
    organisation = membre.organisation
    tous = Organisation.objects.filter(type="bailleur")
    if not peut(membre, P.VOIR_AGREGATS):
        return tous.none()
    if organisation.type == "bailleur":
        return tous.filter(pk=organisation.pk)
    if organisation.type in ("ar_hlm", "etat_region"):
        return tous
    reservations = Reservation.objects.au(a_la_date)
    siennes = reservations.filter(reservataire__in=organisation.reservataires.au(a_la_date))
    visibles = Q(reservations__in=siennes)
    if organisation.type in ("epci", "etat_departement"):
        visibles |= Q(territoires__in=_competences(organisation, a_la_date))
    return tous.filter(visibles).distinct()


def _competences(organisation: Organisation, a_la_date: date) -> QuerySet[Territoire]:
    """The territories of bailleurs that are those an authority is competent for."""
    condition = Q(pk__in=())
    for territoire in organisation.territoires.au(a_la_date):
        condition |= Q(echelle=territoire.echelle, code=territoire.code)
    return Territoire.objects.au(a_la_date).filter(condition)


def cercle(membre: Membre, bailleur: Organisation, a_la_date: date) -> Cercle:
    """How far a bailleur is from a member."""
    if membre.organisation_id == bailleur.pk:
        return Cercle.MIEN
    if bailleurs(membre, a_la_date).filter(pk=bailleur.pk).exists():
        return Cercle.OUVERT
    return Cercle.ETRANGER


def perimetres(membre: Membre, bailleur: Organisation, a_la_date: date) -> tuple[Perimetre, ...]:
    """The parts of a bailleur's parc a member may count in: what `vue(con, parc, perimetre)` takes (E5).

    A réservataire sees the perimeters of its rights, an authority its territory, the bailleur and the region's bodies
    the whole. Empty for a stranger.
    """
    loin = cercle(membre, bailleur, a_la_date)
    if loin is Cercle.ETRANGER or not peut(membre, P.VOIR_AGREGATS):
        return ()
    organisation = membre.organisation
    if loin is Cercle.MIEN or organisation.type in ("ar_hlm", "etat_region"):
        return (TOUT,)
    lieux = {(t.echelle, t.code) for t in organisation.territoires.au(a_la_date)}
    if organisation.type not in ("epci", "etat_departement"):
        lieux = set()
    siennes = Reservation.objects.au(a_la_date).filter(
        bailleur=bailleur, reservataire__in=organisation.reservataires.au(a_la_date)
    )
    lieux |= set(siennes.values_list("echelle", "code"))
    return tuple(Perimetre(echelle, code) for echelle, code in sorted(lieux))


def dossiers(membre: Membre, a_la_date: date) -> QuerySet[Dossier]:
    """The dossiers of flux a member may read: all of its own bailleur, those adopted of the bailleurs open to it."""
    visibles = Dossier.objects.filter(bailleur__in=bailleurs(membre, a_la_date))
    return visibles.filter(Q(bailleur=membre.organisation) | Q(adopte_le__isnull=False))


# --- fields: what is said of households and persons ------------------------------------------------------------------

# Keys of an event's `donnees` that only an act on households needs; null otherwise.
CHAMPS_NOMINATIFS = ("menage", "candidat", "candidats", "piece")


def champs(membre: Membre, donnees: Mapping[str, object]) -> dict[str, object]:
    """The data of an event a member may read: those about a household need the permission to (health, violence…)."""
    if peut(membre, P.VOIR_NOMINATIF):
        return dict(donnees)
    return {cle: valeur for cle, valeur in donnees.items() if cle not in CHAMPS_NOMINATIFS}
