"""People: invited, welcomed, given a role, removed; dormant accounts put to sleep."""

import hashlib
import secrets
from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string

from partiteur.regles.socle import bareme
from partiteur.web.actions.acte import ActeRefuse, acte
from partiteur.web.actions.horloge import aujourd_hui, maintenant
from partiteur.web.droits import (
    ROLES,
    Acteur,
    Operateur,
    Permission,
    chez_soi,
    permissions,
    peut,
)
from partiteur.web.models import Invitation, Membre, Organisation, Utilisateur

VALIDITE = timedelta(days=7)
DORMANCE = timedelta(days=bareme("durees")["comptes_dormants"]["jours"])


class InvitationPerimee(ActeRefuse):
    """A link that no longer opens anything."""


def empreinte(jeton: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(jeton.encode()).hexdigest()


@acte(Permission.GERER_MEMBRES)
def inviter(
    *,
    par: Acteur,
    organisation: Organisation,
    courriel: str,
    nom: str,
    role: str,
    referent: bool = False,
    adresse: str = "",
) -> tuple[Invitation, str]:
    """Invite somebody; the link leaves by mail once the transaction holds. Returns the invitation and its token.

    `adresse` is where the site is, « https://…/invitation/ »; empty, nothing is sent. Nobody gives a role that it could
    not manage: a référent stays in its own organisation. Raises ActeRefuse.
    """
    _exiger_role(par, organisation, role)
    courriel = courriel.strip().lower()
    if _membres(organisation).filter(utilisateur__courriel=courriel).exists():
        raise ActeRefuse(f"« {courriel} » est déjà membre de {organisation}.")
    jeton = secrets.token_urlsafe(32)
    le = maintenant()
    invitation = Invitation(
        jeton=empreinte(jeton),
        courriel=courriel,
        nom=nom.strip(),
        organisation=organisation,
        role=role,
        referent=referent,
        par=None if isinstance(par, Operateur) else par,
        cree_le=le,
        expire_le=le + VALIDITE,
    )
    try:
        invitation.full_clean()
    except ValidationError as erreur:
        raise ActeRefuse(" ".join(erreur.messages)) from erreur
    _en_attente(organisation).filter(courriel=courriel).update(annulee_le=le)
    invitation.save()
    if adresse:
        transaction.on_commit(lambda: _envoyer(invitation, f"{adresse}{jeton}/"))
    return invitation, jeton


def _envoyer(invitation: Invitation, lien: str) -> None:
    """The mail of an invitation, outside any transaction."""
    corps = render_to_string(
        "web/courriels/invitation.txt",
        {"invitation": invitation, "lien": lien, "role": ROLES[invitation.role]},
    )
    send_mail(
        f"Invitation à rejoindre {invitation.organisation} sur Partiteur",
        corps,
        None,
        [invitation.courriel],
    )


def _exiger_role(par: Acteur, organisation: Organisation, role: str) -> None:
    if not chez_soi(par, organisation):
        raise ActeRefuse(f"Vous ne gérez pas les membres de « {organisation} ».")
    voulu = ROLES.get(role)
    if voulu is None or organisation.type not in voulu.types:
        raise ActeRefuse(
            f"Ce rôle n'existe pas dans une organisation de type « {organisation.get_type_display()} »."
        )


def _membres(organisation: Organisation):
    return organisation.membres.filter(Q(au__isnull=True) | Q(au__gt=aujourd_hui()))


def _en_attente(organisation: Organisation):
    return organisation.invitations.filter(acceptee_le=None, annulee_le=None)


def lire_invitation(jeton: str) -> Invitation:
    """The invitation of a token still good. Raises InvitationPerimee."""
    trouvee = Invitation.objects.select_related("organisation").filter(jeton=empreinte(jeton)).first()
    if trouvee is None or trouvee.annulee_le:
        raise InvitationPerimee(
            "Ce lien ne mène à aucune invitation : demandez-en une nouvelle au référent de votre organisation."
        )
    if trouvee.acceptee_le:
        raise InvitationPerimee("Cette invitation a déjà servi : connectez-vous avec votre mot de passe.")
    if trouvee.expire_le <= maintenant():
        raise InvitationPerimee(
            "Cette invitation a plus de sept jours : demandez-en une nouvelle au référent de votre organisation."
        )
    return trouvee


@acte(None)
def accepter(*, jeton: str, mot_de_passe: str = "", utilisateur: Utilisateur | None = None) -> Membre:
    """Accept an invitation: a new account is made with its password, or an account known joins, once logged in.

    The mailbox is proved by the link. Raises InvitationPerimee, ActeRefuse (weak password, somebody else's link).
    """
    invitation = lire_invitation(jeton)
    Invitation.objects.select_for_update().get(pk=invitation.pk)
    connu = Utilisateur.objects.filter(courriel=invitation.courriel).first()
    if connu is not None and connu != utilisateur:
        raise ActeRefuse(
            f"Un compte existe pour {invitation.courriel} : connectez-vous, puis rouvrez ce lien."
        )
    if connu is None:
        connu = Utilisateur(courriel=invitation.courriel, nom=invitation.nom)
        try:
            validate_password(mot_de_passe, connu)
        except ValidationError as erreur:
            raise ActeRefuse(" ".join(erreur.messages)) from erreur
        connu.set_password(mot_de_passe)
        connu.save()
        EmailAddress.objects.create(user=connu, email=connu.courriel, primary=True, verified=True)
    if connu.membres.filter(organisation=invitation.organisation, au__isnull=True).exists():
        raise ActeRefuse(f"Vous êtes déjà membre de {invitation.organisation}.")
    return _accueillir(invitation, connu)


@acte(None)
def accepter_par_fournisseur(*, courriel: str, compte: SocialAccount) -> Utilisateur:
    """Accept what an address the organisation's provider vouches for was invited to: an account, bound to `compte`.

    `compte` (not saved yet) says issuer and subject, which alone open the account afterwards. Raises ActeRefuse when
    nobody invited that address.
    """
    en_attente = Invitation.objects.select_for_update().filter(
        courriel=courriel, acceptee_le=None, annulee_le=None, expire_le__gt=maintenant()
    )
    invitations = list(en_attente.order_by("pk"))
    if not invitations:
        raise ActeRefuse(
            "Votre organisation vous reconnaît, mais vous n'avez pas encore de compte ici : demandez une invitation "
            "au référent de votre organisation."
        )
    personne = Utilisateur(courriel=courriel, nom=invitations[0].nom)
    personne.set_unusable_password()
    personne.save()
    EmailAddress.objects.create(user=personne, email=courriel, primary=True, verified=True)
    for invitation in invitations:
        _accueillir(invitation, personne)
    compte.user = personne
    compte.save()
    return personne


def _accueillir(invitation: Invitation, personne: Utilisateur) -> Membre:
    invitation.acceptee_le = maintenant()
    invitation.save(update_fields=["acceptee_le"])
    return Membre.objects.create(
        utilisateur=personne,
        organisation=invitation.organisation,
        role=invitation.role,
        referent=invitation.referent,
        du=aujourd_hui(),
    )


@acte(Permission.GERER_MEMBRES)
def annuler(*, par: Acteur, invitation: Invitation) -> None:
    """Cancel an invitation not accepted yet: its link dies."""
    if not chez_soi(par, invitation.organisation):
        raise ActeRefuse(f"Vous ne gérez pas les invitations de « {invitation.organisation} ».")
    invitation.annulee_le = maintenant()
    invitation.save(update_fields=["annulee_le"])


@acte(Permission.GERER_MEMBRES)
def changer_role(*, par: Acteur, membre: Membre, role: str, referent: bool) -> Membre:
    """Give another role: the former membership ends, a new one begins, so that the past stays said.

    Nobody changes its own role. Raises ActeRefuse.
    """
    _exiger_role(par, membre.organisation, role)
    _pas_soi(par, membre, "changer votre propre rôle")
    _finir(membre)
    return Membre.objects.create(
        utilisateur=membre.utilisateur,
        organisation=membre.organisation,
        role=role,
        referent=referent,
        du=aujourd_hui(),
    )


@acte(Permission.GERER_MEMBRES)
def retirer(*, par: Acteur, membre: Membre) -> None:
    """End a membership today; what the person did stays. Raises ActeRefuse."""
    if not chez_soi(par, membre.organisation):
        raise ActeRefuse(f"Vous ne gérez pas les membres de « {membre.organisation} ».")
    _pas_soi(par, membre, "vous retirer vous-même")
    restent = [m for m in _membres(membre.organisation).exclude(pk=membre.pk) if _gere(m)]
    if _gere(membre) and not restent and not peut(par, Permission.GERER_INSTANCE):
        raise ActeRefuse("C'est le dernier référent de l'organisation : désignez-en un autre d'abord.")
    _finir(membre)


def _gere(membre: Membre) -> bool:
    return Permission.GERER_MEMBRES in permissions(membre)


def _pas_soi(par: Acteur, membre: Membre, quoi: str) -> None:
    if not isinstance(par, Operateur) and par.utilisateur_id == membre.utilisateur_id:
        raise ActeRefuse(f"Vous ne pouvez pas {quoi} : demandez à un autre référent.")


def _finir(membre: Membre) -> None:
    membre.au = aujourd_hui()
    membre.save(update_fields=["au"])


@acte(Permission.GERER_INSTANCE)
def endormir(*, par: Acteur, simulation: bool = True) -> list[Utilisateur]:
    """The accounts nobody has used for 180 days, closed unless it is a simulation; an invitation opens them again."""
    limite = maintenant() - DORMANCE
    dormants = list(
        Utilisateur.objects.filter(
            Q(last_login__lt=limite) | Q(last_login=None, cree_le__lt=limite), is_active=True
        ).order_by("courriel")
    )
    if not simulation:
        Utilisateur.objects.filter(pk__in=[u.pk for u in dormants]).update(is_active=False)
    return dormants


@acte(Permission.GERER_INSTANCE)
def reveiller(*, par: Acteur, utilisateur: Utilisateur) -> None:
    """Open a dormant account again."""
    utilisateur.is_active = True
    utilisateur.last_login = maintenant()
    utilisateur.save(update_fields=["is_active", "last_login"])
