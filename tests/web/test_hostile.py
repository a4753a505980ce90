"""Whatever is sent, on any address, by anyone: an answer, never a 500.

`PARTITEUR_REQUETES_HOSTILES=10000 pytest tests/web/test_hostile.py` sends as many; `PARTITEUR_GRAINE` draws others.
"""

import logging
import os
import resource
import shutil
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from django.urls import reverse
from fabriques import navigateur
from hostile import Assaut

from partiteur.web import depot as depots
from partiteur.web.documents import parc as documents
from partiteur.web.models import Depot

DEMANDEES = os.environ.get("PARTITEUR_REQUETES_HOSTILES")
REQUETES = int(os.environ.get("PARTITEUR_REQUETES_HOSTILES", "300"))
FICHIERS = int(DEMANDEES or "60")
MEMOIRE = 2 * 2**30  # what the largest workbook that is read takes, and as much again
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


@contextmanager
def memoire_bornee():
    """No more memory to write in than now and MEMOIRE: beyond, an allocation fails, and so does the test.

    Addresses are not counted: each thread takes as many as it likes and writes nothing there.
    """
    avant = resource.getrlimit(resource.RLIMIT_DATA)
    occupees = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_DATA, (occupees + MEMOIRE, avant[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, avant)


def test_aucun_fichier_ne_fait_tomber_une_page(
    monde, django_capture_on_commit_callbacks, caplog, settings, tmp_path, monkeypatch
):
    """Every form that takes a file: bent files, bombs, odd names. No 500, memory bounded, nothing left that no row knows."""
    settings.MEDIA_ROOT = tmp_path / "fichiers"
    # A heavy file is read by a process of its own, which would not see this base: here, at once.
    monkeypatch.setattr(depots, "traiter_a_part", documents.traiter)
    caplog.set_level(logging.CRITICAL + 1)

    def suivre(client, adresse):
        code = client.get(adresse).status_code
        if code < 500 and "/importer/" in adresse:
            client.get(adresse + "rapport/")
            confirme = client.post(adresse + "confirmer/", {"le": "2023-12-31", "lu": "on"})
            code = (
                client.get(confirme.url).status_code if confirme.status_code == 302 else confirme.status_code
            )
        return code

    def ranger():
        attente = settings.MEDIA_ROOT / ".attente"
        restes = {d.name for d in attente.iterdir()} if attente.is_dir() else set()
        assert restes <= set(Depot.objects.values_list("identifiant", flat=True))
        dossiers = settings.MEDIA_ROOT / "dossiers"
        assert not [d for d in (dossiers.iterdir() if dossiers.is_dir() else ()) if d.name.startswith(".")]
        shutil.rmtree(attente, ignore_errors=True)
        shutil.rmtree(settings.MEDIA_ROOT / "parc", ignore_errors=True)

    assaut = Assaut(monde, Random(GRAINE), django_capture_on_commit_callbacks)
    assaut.preparer()
    try:
        with memoire_bornee():
            attaquees = assaut.televerser(FICHIERS, suivre, ranger)
    finally:
        assaut.fermer()
    mio = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**10
    print(
        f"{FICHIERS} fichiers hostiles sur {sorted(attaquees)}, réponses : {dict(sorted(assaut.codes.items()))}, pic {mio} Mio"
    )
    assert assaut.fautes == {}, "\n".join(f"{quoi}\n    {envoi}" for quoi, envoi in assaut.fautes.items())
    assert {"deposer_parc", "deposer_dossier"} <= attaquees
    assert 200 in assaut.codes


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
