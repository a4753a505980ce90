"""A register of rights between a bailleur and two communes: what the tests of « Écarts entre nous » start from."""

from typing import Any

from django.urls import reverse
from fabriques import DU, Monde, Navigateur, creer_membre, creer_organisation
from test_parc import importer

from partiteur.web.actions import organisation
from partiteur.web.documents import etat_des_lieux as etats
from partiteur.web.droits import OPERATEUR
from partiteur.web.models import Membre, Organisation

DROITS = (
    "droit;reservataire;programme;logement;nombre;fin\nd1;c-lieu;P1;;4;\nd2;c-lieu;;25;1;31/12/2040\nd3;autre-canari;P4;;3;\n"
    "d4;c-autre;P2;;2;\n"
)
CORRIGE = DROITS.replace("d1;c-lieu;P1;;4;", "d1;c-lieu;P1;;6;").replace("d3;autre-canari", "d9;autre-canari")


def tenir(monde: Monde, reglages: Any, dossier: Any) -> Membre:
    """The bailleur's parc and register; the commune has two lines of it, another (its member is returned) one.

    Files are in a place of their own, and nothing is remembered of another test's.
    """
    reglages.MEDIA_ROOT = dossier / "fichiers"
    etats._compter.cache_clear()
    co = creer_organisation("commune", nom="Co-réservataire", codes=[("c-autre", "commune")])
    for code, lieu in ((monde.codes["c-lieu"], "06029"), (co.reservataires.get(), "06030")):
        organisation.reserver(
            par=OPERATEUR, bailleur=monde.bailleur, reservataire=code, echelle="commune", code=lieu, du=DU
        )
    importer(monde.bailleur)
    importer(monde.bailleur, DROITS, "droits")
    return creer_membre(co, "reservataire_designation", nom="Personne co-canari")


def page(nom: str, org: Any, suite: str = "") -> str:
    """The address of a page, of a bailleur or of a remark."""
    return reverse(nom, args=[org.identifiant]) + suite


def remarquer(
    client: Navigateur, bailleur: Organisation, sorte: str = "nombre", cle: str = "d:d1", **corps: Any
) -> Any:
    """Make a remark, as the page does."""
    adresse = page("remarquer", bailleur, f"?cle={cle}&sorte={sorte}" if cle else "")
    return client.post(adresse, {"nombre": 6, "texte": "La convention dit six."} | corps)
