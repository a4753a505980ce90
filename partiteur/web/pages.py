"""What each address asks for: a permission, and the widest circle (D67) from which the object it shows may be seen.

Another's object does not exist: 404. An address that is not written here does not exist either.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from partiteur.web.droits import Cercle, Permission

P = Permission


class Porte(Enum):
    """Pages that ask for no permission."""

    PUBLIQUE = "ouverte à tous"
    CONNECTE = "ouverte à toute personne connectée"
    FERMEE = "fermée : l'adresse n'existe pas"


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
CONNECTE_D_ALLAUTH = (
    "account_logout", "account_reauthenticate", "account_change_password", "account_set_password", "mfa_index",
    "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_generate_recovery_codes",
    "socialaccount_connections",
)  # fmt: skip
DU_DEPOT = ("depot", "rapport_depot", "confirmer_depot", "reprendre_depot", "abandonner_depot")
PUBLIQUES_D_ALLAUTH = (
    "account_login", "account_inactive", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key_done", "mfa_authenticate", "socialaccount_login_cancelled",
    "socialaccount_login_error",
)  # fmt: skip
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
    **dict.fromkeys(
        ("ajouter_contact", "importer_annuaire", "confirmer_annuaire", "modele_annuaire"),
        Page(P.GERER_ANNUAIRE),
    ),
    **dict.fromkeys(
        ("contact", "retirer_contact", "absence", "retour"), Page(P.GERER_ANNUAIRE, "contact", Cercle.MIEN)
    ),
    # the parc and the flux
    **dict.fromkeys(
        ("parcs", "fiche_commune", "exporter_fiche", "dossiers", "comparer_bailleurs"), Page(P.VOIR_AGREGATS)
    ),
    "etat_des_lieux": Page(P.VOIR_AGREGATS, "bailleur", Cercle.OUVERT),
    "exporter_etat": Page(P.VOIR_AGREGATS, "bailleur", Cercle.OUVERT),
    **dict.fromkeys(("lignes", "ligne", "ecarts"), Page(P.VOIR_LIGNES, "bailleur", Cercle.OUVERT)),
    **dict.fromkeys(
        ("remarquer", "deposer_liste", "arreter_droits"), Page(P.RAPPROCHER, "bailleur", Cercle.OUVERT)
    ),
    "remarque": Page(P.VOIR_LIGNES, "remarque", Cercle.MIEN),
    "repondre_remarque": Page(P.RAPPROCHER, "remarque", Cercle.MIEN),
    **dict.fromkeys(
        ("deposer_parc", "deposer_dossier", "preparer_dossier", "nouveau_dossier"), Page(P.TENIR_PARC)
    ),
    **dict.fromkeys(DU_DEPOT, Page(P.TENIR_PARC, "depot", Cercle.MIEN)),
    "controle_legalite": Page(P.CONTROLER),
    "retards": Page(P.SUIVRE),
    **dict.fromkeys(("mise_en_demeure", "imprimer_demeure"), Page(P.CONTROLER, "bailleur", Cercle.OUVERT)),
    "dossier": Page(P.VOIR_AGREGATS, "dossier", Cercle.OUVERT),
    "simuler_dossier": Page(P.VOIR_AGREGATS, "dossier", Cercle.OUVERT),
    "corriger_dossier": Page(P.TENIR_PARC, "dossier", Cercle.MIEN),
    "telecharger_dossier": Page(P.VOIR_AGREGATS, "dossier", Cercle.OUVERT),
    "pieces_dossier": Page(P.VOIR_LIGNES, "dossier", Cercle.MIEN),
    "adopter_dossier": Page(P.TENIR_PARC, "dossier", Cercle.MIEN),
    "retirer_dossier": Page(P.TENIR_PARC, "dossier", Cercle.MIEN),
    # the account
    "vacances": Page(P.VOIR_LIGNES),
    "vacances_du_bailleur": Page(P.VOIR_LIGNES, "bailleur", Cercle.OUVERT),
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
    **dict.fromkeys(CONNECTE_D_ALLAUTH, CONNECTE),
    **dict.fromkeys(PUBLIQUES_D_ALLAUTH, PUBLIQUE),
    "account_reset_password_from_key": Page(Porte.PUBLIQUE, "cle"),
    "mfa_view_recovery_codes": Page(Porte.CONNECTE, ecrit_en_get=CODES_MONTRES),
    "mfa_download_recovery_codes": Page(Porte.CONNECTE, ecrit_en_get=CODES_MONTRES),
    "openid_connect_login": Page(Porte.PUBLIQUE, "fournisseur"),
    "openid_connect_callback": Page(
        Porte.PUBLIQUE,
        "fournisseur",
        ecrit_en_get="OpenID Connect ramène la personne par une redirection, qui la connecte",
    ),
    **dict.fromkeys(
        ("socialaccount_signup", "account_signup", "account_email", "account_email_verification_sent"), FERMEE
    ),
    **dict.fromkeys(("account_confirm_email", "account_confirm_login_code"), FERMEE),
}
