"""Each list asks the database a fixed number of questions, however many rows it shows."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from fabriques import (
    DU,
    creer_contact,
    creer_depot,
    creer_dossier,
    creer_invitation,
    creer_membre,
    creer_organisation,
    navigateur,
)
from test_compte import JOUR, ecrire
from test_parc import LE, PARC

from partiteur.web import depot
from partiteur.web.actions import organisation, parc
from partiteur.web.documents.etat_des_lieux import _compter
from partiteur.web.droits import OPERATEUR
from partiteur.web.models import Millesime

# Who reads the longest list of each page, and how many queries it takes, the session's and the access journal's with it.
# Read-only costs PostgreSQL a savepoint, where SQLite sets a pragma (middleware.lecture_seule).
LISTES = {
    "parcs": ("reservataire_lecture", 10),
    "dossiers": ("reservataire_lecture", 9),
    "journaux": ("reservataire_lecture", 9),
    "fiche_commune": ("reservataire_lecture", 19),
    "annuaire": ("bailleur_responsable", 11),
    "membres": ("bailleur_responsable", 10),
    "acces": ("bailleur_responsable", 10),
    "deposer_parc": ("bailleur_responsable", 10),
    "organisations": ("administrateur", 11),
    "retards": ("etat_region", 11),
}


def grossir(monde) -> None:
    """Two more of everything: bailleurs with a parc, a dossier and a journal; people, contacts, invitations, files."""
    for _ in range(2):
        autre = creer_organisation("bailleur")
        for code, echelle, lieu in (("c-lieu", "commune", "06029"), ("c-ailleurs", "commune", "06030")):
            organisation.reserver(
                par=OPERATEUR, bailleur=autre, reservataire=monde.codes[code], echelle=echelle, code=lieu, du=DU
            )  # fmt: skip
        for bailleur in (autre, monde.bailleur):
            creer_dossier(bailleur)
            contenu = PARC.replace("\n1;", f"\nn{bailleur.pk}-{Millesime.objects.count()};")
            fichier = depot.recevoir(
                f"m{Millesime.objects.count():015}", SimpleUploadedFile("parc.csv", contenu.encode())
            )
            lecture = depot.lire("parc", fichier, bailleur.siren)
            sha = depot.garder("parc", lecture, fichier)
            ecrit = parc.Ecrit("parc", sha, LE, "parc.csv", lecture.acceptees, 0, "[]")
            parc.importer(par=OPERATEUR, bailleur=bailleur, ecrit=ecrit)
        monde_de = type("Monde", (), {"bailleur": autre})
        ecrire(monde_de, vacance=f"v{autre.pk}", reservataire=None, date_effet=JOUR)
        for org in (monde.bailleur, monde.commune, autre):
            creer_contact(org)
        navigateur(creer_membre(monde.bailleur, "bailleur_responsable")).get(reverse("annuaire"))
        creer_invitation(monde.bailleur, "bailleur_lecture")
        creer_depot(monde.bailleur)


def compter(client, nom) -> int:
    """The queries of a page asked a second time."""
    client.get(reverse(nom))
    with CaptureQueriesContext(connection) as posees:
        assert client.get(reverse(nom)).status_code == 200
    return len(posees)


@pytest.mark.parametrize("nom", LISTES)
def test_une_liste_ne_demande_pas_plus_pour_plus_de_lignes(monde, settings, tmp_path, nom):
    settings.MEDIA_ROOT = tmp_path
    _compter.cache_clear()
    role, attendues = LISTES[nom]
    client = navigateur(monde.membres[role])
    grossir(monde)
    avant = compter(client, nom)
    grossir(monde)
    assert compter(client, nom) == avant == attendues + (connection.vendor == "postgresql")
