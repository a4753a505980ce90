"""People and organisations of the tests, all invented, made by the acts themselves."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client

from partiteur.web.actions import annuaire, organisation
from partiteur.web.actions import membre as actes_membre
from partiteur.web.actions.horloge import maintenant
from partiteur.web.documents.flux import geler, ranger
from partiteur.web.droits import OPERATEUR, ROLES
from partiteur.web.models import (
    Contact,
    Depot,
    Dossier,
    Invitation,
    Membre,
    Message,
    Millesime,
    Organisation,
    Remarque,
    Reservataire,
    Utilisateur,
)

DU = date(2020, 1, 1)
_numeros = count(1)


def creer_organisation(type_: str, **donnees: Any) -> Organisation:
    """An organisation with a SIREN of its own."""
    rang = next(_numeros)
    defauts = {"siren": f"999{rang:06}", "nom": f"Organisation {rang} canari{rang:04}", "du": DU}
    return organisation.creer(par=OPERATEUR, type_=type_, **{**defauts, **donnees})


def creer_membre(org: Organisation, role: str, *, referent: bool = False, nom: str = "") -> Membre:
    """A person, its account and its membership."""
    rang = next(_numeros)
    personne = Utilisateur.objects.create(courriel=f"p{rang}@exemple.fr", nom=nom or f"Personne {rang}")
    return Membre.objects.create(utilisateur=personne, organisation=org, role=role, referent=referent, du=DU)


class Navigateur(Client):
    """A browser over https."""

    def request(self, **demande: Any) -> Any:
        """Any request, over https."""
        return super().request(**{**demande, "wsgi.url_scheme": "https", "SERVER_PORT": "443"})


def navigateur(membre: Membre | None = None, **options: Any) -> Navigateur:
    """A browser; with a member, its session as the login opens it."""
    client = Navigateur(**options)
    if membre is not None:
        client.force_login(membre.utilisateur, settings.AUTHENTICATION_BACKENDS[0])
        session = client.session
        session["fin"] = (maintenant() + timedelta(hours=8)).isoformat()
        session["membre"] = membre.identifiant
        session.save()
        if ROLES[membre.role].second_facteur:
            donner_second_facteur(membre.utilisateur)
    return client


def donner_second_facteur(personne: Utilisateur) -> None:
    """A TOTP authenticator, as allauth keeps it."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    if not Authenticator.objects.filter(user=personne).exists():
        TOTP.activate(personne, generate_totp_secret())


@dataclass
class Monde:
    """A territory: a bailleur and its réservataires, another bailleur they do not know, and the rest.

    `membres` holds one member a role in the near organisations, `etrangers` one a role elsewhere.
    """

    bailleur: Organisation
    voisin: Organisation
    commune: Organisation
    autre_commune: Organisation
    codes: dict[str, Reservataire] = field(default_factory=dict)
    membres: dict[str, Membre] = field(default_factory=dict)
    etrangers: dict[str, Membre] = field(default_factory=dict)


TYPE_DU_ROLE = {nom: role.types[0] for nom, role in ROLES.items()}


def faire_un_monde() -> Monde:
    """Bailleur and communes, with rights of the commune at the bailleur; one member a role, here and elsewhere."""
    lieu, ailleurs = [("epci", "200000001"), ("departement", "99")], [("epci", "200000002")]
    bailleur = creer_organisation("bailleur", nom="Bailleur du lieu", territoires=lieu)
    voisin = creer_organisation("bailleur", nom="Bailleur d'ailleurs", territoires=ailleurs)
    commune = creer_organisation("commune", nom="Commune du lieu", codes=[("c-lieu", "commune")])
    autre = creer_organisation("commune", nom="Commune d'ailleurs", codes=[("c-ailleurs", "commune")])
    monde = Monde(bailleur, voisin, commune, autre)
    for org, chez in ((commune, bailleur), (autre, voisin)):
        code = org.reservataires.get()
        monde.codes[code.code] = code
        organisation.reserver(
            par=OPERATEUR, bailleur=chez, reservataire=code, echelle="commune", code="99001", du=DU
        )
    pres = {"bailleur": bailleur, "commune": commune}
    loin = {"bailleur": voisin, "commune": autre}
    for nom, type_ in TYPE_DU_ROLE.items():
        if type_ not in pres:
            competences = lieu if type_ in ("epci", "etat_departement", "etat_region", "ar_hlm") else []
            pres[type_] = creer_organisation(type_, territoires=competences)
            loin[type_] = creer_organisation(
                type_, territoires=ailleurs if type_ in ("epci", "etat_departement") else []
            )
        monde.membres[nom] = creer_membre(pres[type_], nom)
        monde.etrangers[nom] = creer_membre(loin[type_], nom)
    return monde


def creer_contact(org: Organisation, nom: str = "Un contact") -> Contact:
    """Somebody in a directory."""
    return annuaire.enregistrer(par=OPERATEUR, organisation=org, nom=nom, courriel="contact@exemple.fr")


def creer_invitation(org: Organisation, role: str, courriel: str = "") -> tuple[Invitation, str]:
    """An invitation and its token."""
    return actes_membre.inviter(
        par=OPERATEUR,
        organisation=org,
        courriel=courriel or f"i{next(_numeros)}@exemple.fr",
        nom="Personne invitée",
        role=role,
    )


DOSSIER = """cadre = "occitanie-2023"
exercice = 2024
[bailleur]
nom = "OPH d'exemple"
[territoire]
echelle = "departement"
code = "31"
[parc]
total = 15000
[rotation]
taux = "10 %"
[[reservataires]]
code = "c-lieu"
nom = "Commune du lieu"
type = "departement"
part = "20 %"
contrepartie = "financement"
"""


def creer_depot(org: Organisation) -> Depot:
    """A file that waits for a yes, its report empty."""
    vu = {"lignes": 1, "acceptees": 1, "constats": [], "annee": 2024, "precedent": None, "changements": None}
    depot = Depot(
        bailleur=org, nature="parc", fichier="parc.csv", apercu=json.dumps(vu), cree_le=maintenant()
    )
    depot.save()
    return depot


def creer_dossier(
    org: Organisation, *, adopte: bool = True, texte: str = DOSSIER, gele: Mapping[str, str] | None = None
) -> Dossier:
    """A dossier of flux, adopted or not, its files where the site keeps them; `gele`: columns frozen otherwise."""
    with tempfile.TemporaryDirectory() as passage:
        chemin = Path(passage) / "dossier.toml"
        chemin.write_text(texte, "utf-8")
        recu = ranger(chemin, {})
    cree = Dossier(
        identifiant=recu.identifiant,
        bailleur=org,
        exercice=recu.exercice,
        cadre=recu.cadre,
        fichier=recu.fichier,
        sha=recu.sha,
        depose_le=maintenant(),
    )
    cree.save()
    if adopte:
        resultat, versions = geler(cree)
        cree.adopte_le, cree.resultat, cree.versions = maintenant(), resultat, versions
        for nom, valeur in (gele or {}).items():
            setattr(cree, nom, valeur)
        cree.save()
    return cree


def creer_registre(bailleur: Organisation, sha: str = "") -> Millesime:
    """A register of rights, its rows nowhere."""
    return Millesime.objects.create(
        bailleur=bailleur, nature="droits", sha=sha or f"{next(_numeros):064}", le=date(2023, 12, 31), lignes=1,
        fichier="droits.csv", refusees=0, constats="[]", importe_le=maintenant(),
    )  # fmt: skip


def creer_remarque(
    bailleur: Organisation, reservataire: Organisation, *, categorie: str = "nombre", mot: str = "Pourquoi"
) -> Remarque:
    """A remark of the réservataire, its words said by a member of it."""
    par = reservataire.membres.first() or creer_membre(reservataire, "reservataire_designation")
    remarque = Remarque.objects.create(
        bailleur=bailleur, reservataire=reservataire, auteur=reservataire, registre=creer_registre(bailleur), cle="d:d1",
        categorie=categorie, ligne=json.dumps({"programme": "P1", "logement": None, "nombre": 4}),
        propose=json.dumps({"nombre": 6} if categorie == "nombre" else {}),
    )  # fmt: skip
    Message.objects.create(
        remarque=remarque, auteur=reservataire, par=par, le=maintenant(), acte="ouvre", texte=mot
    )
    return remarque
