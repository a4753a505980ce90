"""What makes the site refuse to start, what its commands do, the demo and its doors."""

import json
import os
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.urls import reverse
from fabriques import navigateur

from partiteur.cli.serveur import COMMANDES
from partiteur.demo.publie import BAILLEURS
from partiteur.moteur.journal import lire_journal, verifier_journal
from partiteur.web import controles, environnement, traces
from partiteur.web.demo import charger, comptes
from partiteur.web.droits import ROLES, bailleurs
from partiteur.web.management.commands import servir
from partiteur.web.models import Chaine, Membre
from partiteur.web.models.journal import verifier

COMPLETS = {
    "PARTITEUR_CLE": "x" * 60,
    "PARTITEUR_DONNEES": "/nulle-part",
    "PARTITEUR_HOTES": "a.fr",
    "PARTITEUR_COURRIEL": "aucun",
}


@pytest.mark.parametrize("manquante", list(COMPLETS))
def test_une_variable_manquante_est_nommee(manquante):
    """One French sentence, exit code 2, no traceback."""
    garde = {nom: valeur for nom, valeur in COMPLETS.items() if nom != manquante}
    fait = subprocess.run(
        [sys.executable, "-m", "partiteur.web", "check"],
        env={"PATH": os.environ["PATH"], **garde},
        capture_output=True,
        text=True,
        check=False,
    )
    assert fait.returncode == 2
    assert fait.stderr.startswith(f"Erreur : Il manque la variable d'environnement {manquante} : ")
    assert "Traceback" not in fait.stderr


@pytest.mark.parametrize(
    ("nom", "valeur", "fonction"),
    [
        ("PARTITEUR_CLE", "courte", environnement.cle),
        ("DATABASE_URL", "mysql://x", lambda: environnement.base(None)),
        ("DATABASE_URL", "postgresql://x@y", lambda: environnement.base(None)),
        ("PARTITEUR_COURRIEL", "relais", environnement.courriel),
        ("PARTITEUR_MANDATAIRES", "un", lambda: environnement.entier("PARTITEUR_MANDATAIRES", 0)),
    ],
)
def test_une_variable_fausse_dit_quoi_ecrire(monkeypatch, nom, valeur, fonction):
    monkeypatch.setenv(nom, valeur)
    with pytest.raises(environnement.ReglageManquant, match=nom):
        fonction()


def test_l_adresse_d_une_base(monkeypatch):
    """Names and passwords are decoded; a socket's folder is a host."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p%40ss@h:5433/b?sslmode=require")
    lue = environnement.base(None)
    assert [lue[cle] for cle in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "u",
        "p@ss",
        "h",
        "5433",
        "b",
    ]
    assert lue["OPTIONS"] == {"sslmode": "require"}
    assert environnement.base_de("postgresql://u@/b?host=/s")["HOST"] == "/s"
    monkeypatch.setenv("PARTITEUR_EXPEDITEUR", "a@b.fr")
    monkeypatch.setenv("PARTITEUR_COURRIEL", "smtp://u:p@relais")
    relais = environnement.courriel()
    assert (relais["EMAIL_HOST"], relais["EMAIL_PORT"], relais["EMAIL_USE_TLS"]) == ("relais", 587, True)


@pytest.mark.parametrize(
    ("reglage", "valeur"),
    [
        ("SECURE_SSL_REDIRECT", False),
        ("SESSION_COOKIE_SECURE", False),
        ("DEBUG", True),
        ("SECURE_HSTS_SECONDS", 0),
        ("CONTENT_SECURITY_POLICY", {"DIRECTIVES": {"script-src": ["'unsafe-inline'"]}}),
    ],
)
def test_un_reglage_peu_sur_refuse_de_servir(db, settings, reglage, valeur):
    controles.exiger()
    setattr(settings, reglage, valeur)
    with pytest.raises(controles.ServiceRefuse, match=reglage):
        controles.exiger()


def test_la_securite_de_django_ne_trouve_rien(db):
    """`check --deploy` is silent on production's settings."""
    call_command("check", deploy=True, fail_level="WARNING")


@pytest.mark.parametrize(
    ("adresse", "admise"),
    [("localhost", True), ("127.0.0.1", True), ("0.0.0.0", False), ("exemple.fr", False)],
)
def test_la_demonstration_ne_s_ouvre_pas_ailleurs(settings, adresse, admise):
    """No password there: the loopback alone."""
    settings.DEMO = True
    if admise:
        servir.exiger_adresse(adresse, 0)
    else:
        with pytest.raises(controles.ServiceRefuse, match="n'a pas de mot de passe"):
            servir.exiger_adresse(adresse, 0)


def test_la_demonstration_ne_repond_pas_a_une_autre_machine(monde, settings):
    settings.DEMO = True
    assert navigateur(REMOTE_ADDR="192.0.2.1").get("/").status_code == 403
    assert navigateur(REMOTE_ADDR="127.0.0.1").get("/").status_code == 200


def test_la_porte_de_la_demonstration_n_existe_pas_ailleurs(monde):
    """In production the address that enters without a password is a 404, whatever the account."""
    adresse = reverse("demo_entrer", args=[monde.membres["administrateur"].identifiant])
    assert navigateur().post(adresse).status_code == 404


@pytest.mark.long
def test_le_territoire_fictif_est_charge_et_servi(db, settings, territoire, tmp_path):
    """Three chains that verify, one account a role on the login page, each opens its home."""
    charger(territoire.dossier)
    assert [verifier(chaine).etat for chaine in Chaine.objects.all()] == ["intacte"] * len(BAILLEURS)
    assert {membre.role for membre, _, _ in comptes()} == set(ROLES)
    settings.DEMO = True
    page = navigateur().get(reverse("account_login")).text
    for membre, _, _ in comptes():
        assert reverse("demo_entrer", args=[membre.identifiant]) in page
        client = navigateur()
        assert client.post(reverse("demo_entrer", args=[membre.identifiant])).url == reverse("aujourdhui")
        assert client.get(reverse("aujourdhui")).status_code == 200
    epci = Membre.objects.get(role="epci")
    assert bailleurs(epci, epci.du).count() == len(BAILLEURS)
    chemin = tmp_path / "export.csv"
    call_command("exporter_journal", BAILLEURS[0].siren, chemin)
    assert verifier_journal(lire_journal(chemin)).etat == "intacte"
    assert chemin.read_bytes() == (territoire.dossier / BAILLEURS[0].dossier / "journal.csv").read_bytes()


def test_verifier_les_journaux_par_commande(monde, capsys):
    """All chains; one, against a head known; a wrong one is an error."""
    from test_compte import derouler

    derouler(monde)
    call_command("verifier_journaux")
    assert f"{monde.bailleur.siren} : chaîne intacte : 5 événements" in capsys.readouterr().out
    with pytest.raises(Exception, match="n'est plus ce qui a été inscrit"):
        call_command("verifier_journaux", chaine=monde.bailleur.siren, tete=f"9:{'0' * 64}")
    with pytest.raises(Exception, match="Aucun journal"):
        call_command("verifier_journaux", chaine="000000000")


def test_inviter_le_premier_administrateur(db, capsys):
    call_command(
        "inviter_administrateur",
        "a@exemple.fr",
        "Ada",
        siren="999000999",
        organisme="DSI",
        site="https://x.fr",
    )
    lien = capsys.readouterr().out.split("https://x.fr")[1].strip()
    assert navigateur().get(lien).status_code == 200


def test_chaque_commande_du_serveur_existe():
    """What `partiteur serveur` offers, Django has."""
    from django.core.management import get_commands

    assert set(COMMANDES) <= {nom for nom, app in get_commands().items() if app == "partiteur.web"}


def test_les_traces_ne_gardent_aucun_jeton():
    import logging

    trace = logging.LogRecord("x", 40, "", 0, "erreur sur %s", ("/invitation/abcDEF_1/",), None)
    assert traces.SansJeton().filter(trace)
    assert trace.getMessage() == "erreur sur /invitation/…/"


def test_les_pages_d_erreur_disent_que_faire(monde, connecter, settings):
    """404 and 403 in our words, with a way back; a 500 says nothing of the inside."""
    client = connecter(monde.membres["guichet"])
    perdue = client.get("/nulle-part/")
    assert perdue.status_code == 404
    assert "Cette page n&#x27;existe pas" in perdue.text or "Cette page n'existe pas" in perdue.text
    refusee = client.get(reverse("organisations"))
    assert refusee.status_code == 403
    assert "gérer les organisations" in refusee.text
    assert json.dumps("Traceback") not in refusee.text
