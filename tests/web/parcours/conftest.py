"""A real browser on a real server: production's settings, https by a certificate made here, Debian's Chromium."""

import ssl
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connections
from django.test.testcases import LiveServerThread, QuietWSGIRequestHandler
from django.utils import timezone
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = "/usr/bin/chromium"


def certificat(dossier: Path) -> Path:
    """A certificate for localhost and its key, in one file."""
    cle = ec.generate_private_key(ec.SECP256R1())
    nom = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    fait = (
        x509.CertificateBuilder()
        .subject_name(nom)
        .issuer_name(nom)
        .public_key(cle.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(timezone.now() - timedelta(days=1))
        .not_valid_after(timezone.now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(cle, hashes.SHA256())
    )
    fichier = dossier / "localhost.pem"
    fichier.write_bytes(
        cle.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + fait.public_bytes(serialization.Encoding.PEM)
    )
    return fichier


@pytest.fixture(scope="module")
def chiffrement(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """What the server speaks https with."""
    contexte = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    contexte.load_cert_chain(certificat(tmp_path_factory.mktemp("https")))
    return contexte


class Reponse(QuietWSGIRequestHandler):
    """An answer; a connection the browser keeps without a word is let go."""

    timeout = 5


class ServeurHttps(ThreadedWSGIServer):
    """Django's test server, over https; a browser that hangs up is no error. It ends once its threads have."""

    daemon_threads = False
    chiffrement: ssl.SSLContext

    def finish_request(self, request: Any, client_address: Any) -> None:
        """The handshake in the thread of the connection, closed whatever happens.

        A browser opens connections in advance: one that never says a word would hold the end of the server.
        """
        request.settimeout(Reponse.timeout)
        with self.chiffrement.wrap_socket(request, server_side=True) as chiffree:
            super().finish_request(chiffree, client_address)

    def setup_environ(self) -> None:
        """What a proxy would say."""
        super().setup_environ()
        self.base_environ["HTTPS"] = "on"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Speak of anything but a hang-up."""
        if not isinstance(sys.exc_info()[1], ssl.SSLError | ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Serveur(LiveServerThread):
    """The site, in a thread."""

    def _create_server(self, connections_override: Any = None) -> ServeurHttps:
        return ServeurHttps(
            (self.host, self.port),
            Reponse,
            allow_reuse_address=False,
            connections_override=connections_override,
        )


@pytest.fixture
def site(transactional_db: None, chiffrement: ssl.SSLContext) -> Iterator[str]:
    """The address of the site being served."""
    ServeurHttps.chiffrement = chiffrement
    partagees = {
        base.alias: base for base in connections.all() if base.vendor == "sqlite" and base.is_in_memory_db()
    }
    for base in partagees.values():
        base.inc_thread_sharing()
    serveur = Serveur("localhost", StaticFilesHandler, partagees)
    serveur.daemon = True
    serveur.start()
    serveur.is_ready.wait()
    if serveur.error:
        raise serveur.error
    yield f"https://localhost:{serveur.port}"
    serveur.terminate()
    for base in partagees.values():
        base.dec_thread_sharing()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the module. Playwright keeps a loop running: Django is told that its rows may be read."""
    with pytest.MonkeyPatch.context() as remplacement, sync_playwright() as outil:
        remplacement.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        ouvert = outil.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield ouvert
        ouvert.close()
