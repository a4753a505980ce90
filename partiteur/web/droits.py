"""Who may do what: the whole truth, with `pages`. Roles, circles, fields. What is not written is refused.

A role is a name, a sentence and permissions; what an address asks for is in `pages`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

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
    CONTROLER = "contrôler la légalité des flux"
    SUIVRE = "suivre les conventions et les bilans dus à l'État"
    VOIR_LIGNES = "voir les logements et les vacances"
    VOIR_NOMINATIF = "voir ce qui touche aux ménages"
    VOIR_JOURNAL = "voir le journal partagé"
    ATTRIBUER = "inscrire les actes du bailleur"
    DESIGNER = "répondre et désigner pour le réservataire"
    RAPPROCHER = "discuter et arrêter les droits de l'organisation"
    SIEGER = "siéger en commission"
    ACCUEILLIR = "répondre aux demandeurs"


class Cercle(IntEnum):
    """How far an object is from who asks (D67), the nearest first."""

    MIEN = 1
    OUVERT = 2
    ETRANGER = 3


P = Permission
REFERENT = frozenset({P.GERER_MEMBRES, P.VOIR_ACCES, P.GERER_ANNUAIRE})
LECTURE = frozenset({P.VOIR_ANNUAIRE, P.VOIR_AGREGATS})
DETAIL = LECTURE | {P.VOIR_LIGNES, P.VOIR_JOURNAL}


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
        DETAIL,
    ),
    "bailleur_attribution": Role(
        "Bailleur, attribution",
        "Oriente les logements libérés, les met à disposition et inscrit la suite, jusqu'au bail.",
        ("bailleur",),
        DETAIL | {P.VOIR_NOMINATIF, P.ATTRIBUER},
    ),
    "bailleur_responsable": Role(
        "Bailleur, responsable",
        "Fait ce que fait l'attribution, tient le parc et le flux, gère les membres et voit qui a consulté quoi.",
        ("bailleur",),
        DETAIL | REFERENT | {P.TENIR_PARC, P.RAPPROCHER, P.VOIR_NOMINATIF, P.ATTRIBUER},
    ),
    "reservataire_lecture": Role(
        "Réservataire, lecture",
        "Voit les logements qui lui sont offerts, son solde, et les totaux du bailleur.",
        RESERVATAIRES,
        DETAIL,
    ),
    "reservataire_designation": Role(
        "Réservataire, désignation",
        "Répond aux mises à disposition, désigne des candidats, discute et arrête ses droits.",
        RESERVATAIRES,
        DETAIL | {P.VOIR_NOMINATIF, P.DESIGNER, P.RAPPROCHER},
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
        LECTURE | {P.VOIR_JOURNAL, P.CONTROLER, P.SUIVRE},
    ),
    "etat_region": Role(
        "État, région",
        "Voit les totaux de la région, les conventions et les bilans dus à l'État.",
        ("etat_region",),
        LECTURE | {P.SUIVRE},
    ),
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
    return perimetres_ouverts(membre, a_la_date).get(bailleur, ())


def perimetres_ouverts(membre: Membre, a_la_date: date) -> Mapping[Organisation, tuple[Perimetre, ...]]:
    """The same for each bailleur whose totals a member may see, in as many queries for a hundred as for one."""
    visibles, organisation = list(bailleurs(membre, a_la_date)), membre.organisation
    if organisation.type in ("bailleur", "ar_hlm", "etat_region"):
        return dict.fromkeys(visibles, (TOUT,))
    competences = set()
    if organisation.type in ("epci", "etat_departement"):
        competences = {(t.echelle, t.code) for t in organisation.territoires.au(a_la_date)}
    lieux = {bailleur.pk: set(competences) for bailleur in visibles}
    siennes = Reservation.objects.au(a_la_date).filter(
        bailleur__in=list(lieux), reservataire__in=organisation.reservataires.au(a_la_date)
    )
    for bailleur, echelle, code in siennes.values_list("bailleur_id", "echelle", "code"):
        lieux[bailleur].add((echelle, code))
    return {
        bailleur: tuple(Perimetre(echelle, code) for echelle, code in sorted(lieux[bailleur.pk]))
        for bailleur in visibles
    }


def dossiers(membre: Membre, a_la_date: date) -> QuerySet[Dossier]:
    """The dossiers of flux a member may read: all of its own bailleur, those adopted of the bailleurs open to it."""
    visibles = Dossier.objects.filter(bailleur__in=bailleurs(membre, a_la_date))
    return visibles.filter(Q(bailleur=membre.organisation) | Q(adopte_le__isnull=False))


def titulaires(membre: Membre, bailleur: Organisation, a_la_date: date) -> frozenset[str] | None:
    """Whose lines of a register a member may read (D67): its own codes'; None: all, of its own bailleur."""
    if not peut(membre, P.VOIR_LIGNES) or cercle(membre, bailleur, a_la_date) is Cercle.ETRANGER:
        return frozenset()
    return None if membre.organisation_id == bailleur.pk else frozenset(codes(membre, a_la_date))


# --- fields: what is said of households and persons ------------------------------------------------------------------

# Keys of an event's `donnees` that only an act on households needs; null otherwise.
CHAMPS_NOMINATIFS = ("menage", "candidat", "candidats", "piece")


def champs(membre: Membre, donnees: Mapping[str, object]) -> dict[str, object]:
    """The data of an event a member may read: those about a household need the permission to (health, violence…)."""
    if peut(membre, P.VOIR_NOMINATIF):
        return dict(donnees)
    return {cle: valeur for cle, valeur in donnees.items() if cle not in CHAMPS_NOMINATIFS}
