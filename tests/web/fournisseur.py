"""An OpenID Connect provider on this machine: it says who it is told to say, and signs it."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLE = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Fournisseur(ThreadingHTTPServer):
    """`personne` is what it says of whoever comes, `jeton` what its token says otherwise; `demandes` what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Reponses)
        self.personne: dict[str, Any] = {}
        self.jeton: dict[str, Any] = {}
        self.demandes: list[dict[str, str]] = []
        self.nonce = ""

    @property
    def adresse(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}"


class Reponses(BaseHTTPRequestHandler):
    """Discovery, keys, token, person. The page where one logs in is the test's own to follow."""

    server: Fournisseur

    def do_GET(self) -> None:
        """Discovery, keys, userinfo."""
        ici = self.server.adresse
        chemin = urlsplit(self.path).path
        if chemin == "/.well-known/openid-configuration":
            self._dire(
                {
                    "issuer": ici,
                    "authorization_endpoint": f"{ici}/entrer",
                    "token_endpoint": f"{ici}/jeton",
                    "userinfo_endpoint": f"{ici}/personne",
                    "jwks_uri": f"{ici}/cles",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                }
            )
        elif chemin == "/personne":
            self._dire(self.server.personne)
        else:
            nombres = CLE.public_key().public_numbers()
            self._dire({"keys": [{"kty": "RSA", "kid": "1", "n": _b64(nombres.n), "e": _b64(nombres.e)}]})

    def do_POST(self) -> None:
        """The token, against the code; what was asked is kept."""
        corps = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.demandes.append({cle: valeurs[0] for cle, valeurs in parse_qs(corps).items()})
        le = int(time.time())
        dit = {"iss": self.server.adresse, "aud": "partiteur", "iat": le, "exp": le + 60}
        if self.server.nonce:
            dit["nonce"] = self.server.nonce
        identite = jwt.encode(
            {**dit, **self.server.personne, **self.server.jeton}, CLE, "RS256", {"kid": "1"}
        )
        self._dire({"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": identite})

    def _dire(self, objet: dict[str, Any]) -> None:
        corps = json.dumps(objet).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(corps)))
        self.end_headers()
        self.wfile.write(corps)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


def _b64(nombre: int) -> str:
    return (
        base64.urlsafe_b64encode(nombre.to_bytes((nombre.bit_length() + 7) // 8, "big")).decode().rstrip("=")
    )


@contextmanager
def fournisseur() -> Iterator[Fournisseur]:
    """A provider that answers, for the time of a test."""
    serveur = Fournisseur()
    fil = threading.Thread(target=serveur.serve_forever, daemon=True)
    fil.start()
    try:
        yield serveur
    finally:
        serveur.shutdown()
        serveur.server_close()
        fil.join()
