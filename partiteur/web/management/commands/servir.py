"""Serve the site, if it is fit to."""

import ipaddress
import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections
from gunicorn.app.base import BaseApplication

from partiteur.web import controles


class Serveur(BaseApplication):
    """gunicorn, set from here rather than from a file."""

    def __init__(self, reglages: dict[str, Any]) -> None:
        self.reglages = reglages
        super().__init__()

    def load_config(self) -> None:
        """The settings given."""
        for nom, valeur in self.reglages.items():
            self.cfg.set(nom, valeur)

    def load(self) -> Any:
        """The application, in each worker."""
        from partiteur.web.wsgi import application

        return application


def exiger_adresse(adresse: str, port: int) -> None:
    """Raises ServiceRefuse when the address cannot be served: not this machine's in a demo, or taken."""
    hote = "127.0.0.1" if adresse == "localhost" else adresse
    try:
        locale = ipaddress.ip_address(hote).is_loopback
    except ValueError:
        locale = False
    if settings.DEMO and not locale:
        raise controles.ServiceRefuse(
            f"La démonstration n'a pas de mot de passe : elle ne s'ouvre pas sur « {adresse} », seulement sur localhost."
        )
    famille = socket.AF_INET6 if ":" in hote else socket.AF_INET
    with socket.socket(famille, socket.SOCK_STREAM) as essai:
        essai.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            essai.bind((hote, port))
        except OSError as erreur:
            raise controles.ServiceRefuse(
                f"L'adresse {adresse}:{port} ne peut pas être servie ({erreur.strerror}) : arrêtez ce qui l'occupe, ou "
                "choisissez un autre port avec --port."
            ) from erreur


class Command(BaseCommand):
    """`partiteur serveur`, behind a proxy that does the https."""

    help = "Sert le site."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where, and with how many workers."""
        parser.add_argument("--adresse", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--processus", type=int, default=2)

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse, or serve until told to stop."""
        exiger_adresse(options["adresse"], options["port"])
        controles.exiger()
        connections.close_all()  # none goes through a fork
        hote = "127.0.0.1" if options["adresse"] == "localhost" else options["adresse"]
        self.stdout.write(
            f"Partiteur répond sur http://{options['adresse']}:{options['port']} (Ctrl+C pour arrêter)."
        )
        self.stdout.flush()
        Serveur(
            {
                "bind": [f"[{hote}]:{options['port']}" if ":" in hote else f"{hote}:{options['port']}"],
                "workers": options["processus"],
                "worker_class": "gthread",
                "threads": 4,
                "loglevel": "warning",
                "proc_name": "partiteur",
                "limit_request_line": 4094,
                "control_socket_disable": True,  # nobody commands it but systemd; it would write in a home
                "forwarded_allow_ips": "127.0.0.1,::1",
            }
        ).run()
