"""Whatever is sent, on any address, by anyone: an answer, never a 500.

`PARTITEUR_REQUETES_HOSTILES=10000 pytest tests/web/test_hostile.py` sends as many; `PARTITEUR_GRAINE` draws others.
"""

import logging
import os
from random import Random

import pytest
from django.urls import reverse
from fabriques import navigateur
from hostile import Assaut

REQUETES = int(os.environ.get("PARTITEUR_REQUETES_HOSTILES", "300"))
GRAINE = int(os.environ.get("PARTITEUR_GRAINE", "2026"))


def test_aucune_requete_ne_fait_tomber_une_page(monde, django_capture_on_commit_callbacks, caplog):
    """Every form, every parameter, every role."""
    assaut = Assaut(monde, Random(GRAINE), django_capture_on_commit_callbacks)
    assaut.preparer()
    caplog.set_level(logging.CRITICAL + 1)  # what it logs is thousands of refusals
    try:
        assaut.mener(REQUETES)
    finally:
        assaut.fermer()
    print(f"{REQUETES} requêtes hostiles, réponses : {dict(sorted(assaut.codes.items()))}")
    assert assaut.fautes == {}, "\n".join(f"{quoi}\n    {envoi}" for quoi, envoi in assaut.fautes.items())
    atteints = {200, 302, 400, 403, 404, 405}
    assert atteints <= set(assaut.codes), assaut.codes


# Each made a 500 once.
TROUVES = (
    ("mfa_reauthenticate", (), "?next=http%3A//%5B"),
    ("account_login", (), "?next=http%3A//%5B"),
    ("openid_connect_login", ("repere",), ""),
    ("journal", ("repere",), ""),
    ("exporter_journal", ("repere",), "?code=%00"),
    ("acces", (), "?genre=%00"),
)


@pytest.mark.parametrize(("nom", "arguments", "suite"), TROUVES)
def test_ce_qui_a_ete_trouve(monde, nom, arguments, suite):
    """A null character in an address, a return address that cannot be read: refused, not fallen over."""
    client = navigateur(monde.membres["bailleur_responsable"])
    adresse = reverse(nom, args=arguments).replace("repere", "%00") + suite
    for methode in ("get", "post"):
        assert getattr(client, methode)(adresse).status_code in (200, 302, 400, 405)


def test_un_biscuit_avec_un_caractere_nul_est_refuse(monde):
    assert navigateur().get("/", HTTP_COOKIE='__Host-session="\\000"').status_code == 400
