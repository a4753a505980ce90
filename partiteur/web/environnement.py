"""What the machine says: environment variables, each missing one named with what to write."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from partiteur.regles.socle import ErreurUtilisateur

LONGUEUR_CLE = 50


class ReglageManquant(ErreurUtilisateur):
    """A setting that is missing or cannot be used."""


def lire(nom: str, a_ecrire: str, defaut: str | None = None) -> str:
    """A variable of the environment. Raises ReglageManquant when it is empty and has no default."""
    valeur = os.environ.get(nom, "").strip() or defaut
    if valeur is None:
        raise ReglageManquant(f"Il manque la variable d'environnement {nom} : {a_ecrire}.")
    return valeur


def cle() -> str:
    """The secret key of the instance. Raises ReglageManquant when it is absent or short."""
    comment = (
        "écrivez-y au moins 50 caractères tirés au hasard, par exemple avec "
        "« python3 -c 'import secrets; print(secrets.token_urlsafe(48))' », et gardez-la secrète"
    )
    valeur = lire("PARTITEUR_CLE", comment)
    if len(valeur) < LONGUEUR_CLE:
        raise ReglageManquant(f"La variable PARTITEUR_CLE est trop courte : {comment}.")
    return valeur


def entier(nom: str, defaut: int) -> int:
    """A whole number. Raises ReglageManquant on anything else."""
    valeur = lire(nom, "un nombre entier", str(defaut))
    if not valeur.isdecimal():
        raise ReglageManquant(f"La variable {nom} vaut « {valeur} » : écrivez un nombre entier.")
    return int(valeur)


def dossier_donnees() -> Path:
    """Where the instance keeps its files: PARTITEUR_DONNEES, or what systemd gives."""
    par_systemd = os.environ.get("STATE_DIRECTORY", "").partition(":")[0] or None
    return Path(
        lire(
            "PARTITEUR_DONNEES",
            "le dossier où garder la base et les fichiers, par exemple /var/lib/partiteur",
            par_systemd,
        )
    )


def base(donnees: Path) -> dict[str, Any]:
    """The database: SQLite in the data folder, or the PostgreSQL of DATABASE_URL. Raises ReglageManquant."""
    adresse = os.environ.get("DATABASE_URL", "").strip()
    return base_de(adresse) if adresse else sqlite(donnees / "partiteur.sqlite3")


def base_de(adresse: str) -> dict[str, Any]:
    """The database of an address. Raises ReglageManquant."""
    lue = urlsplit(adresse)
    if lue.scheme == "sqlite":
        return sqlite(Path(unquote(lue.path)))
    if lue.scheme not in ("postgres", "postgresql") or not lue.path.strip("/"):
        raise ReglageManquant(
            "La variable DATABASE_URL n'est pas lisible : écrivez postgresql://utilisateur:motdepasse@machine:5432/base, "
            "ou sqlite:////dossier/partiteur.sqlite3."
        )
    options = dict(parse_qsl(lue.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(lue.path[1:]),
        "USER": unquote(lue.username or ""),
        "PASSWORD": unquote(lue.password or ""),
        "HOST": unquote(lue.hostname or options.pop("host", "")),
        "PORT": str(lue.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def sqlite(chemin: Path) -> dict[str, Any]:
    """SQLite as the journal needs it: one writer at a time, on the disk before it answers (E7, E8)."""
    return {
        "ENGINE": "partiteur.web.sqlite",
        "NAME": str(chemin),
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA recursive_triggers=ON;"
            "PRAGMA secure_delete=ON",  # what is erased leaves no byte behind
        },
    }


def courriel() -> dict[str, Any]:
    """The mail relay, from PARTITEUR_COURRIEL: smtp://…, smtps://…, or « aucun »."""
    adresse = lire(
        "PARTITEUR_COURRIEL",
        "le relais de courriel, par exemple smtp://utilisateur:motdepasse@relais:587, ou « aucun »",
    )
    if adresse == "aucun":
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    lue = urlsplit(adresse)
    if lue.scheme not in ("smtp", "smtps") or not lue.hostname:
        raise ReglageManquant(
            "La variable PARTITEUR_COURRIEL n'est pas lisible : écrivez smtp://utilisateur:motdepasse@relais:587, "
            "smtps://… pour le port 465, ou « aucun »."
        )
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": lue.hostname,
        "EMAIL_PORT": lue.port or (465 if lue.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(lue.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(lue.password or ""),
        "EMAIL_USE_SSL": lue.scheme == "smtps",
        "EMAIL_USE_TLS": lue.scheme == "smtp" and bool(lue.username),
        "EMAIL_TIMEOUT": 20,
        "DEFAULT_FROM_EMAIL": lire("PARTITEUR_EXPEDITEUR", "l'adresse d'où partent les courriels"),
    }


def fournisseur() -> dict[str, Any]:
    """The OpenID Connect provider, when PARTITEUR_OIDC_SERVEUR names one."""
    serveur = os.environ.get("PARTITEUR_OIDC_SERVEUR", "").strip()
    if not serveur:
        return {}
    return {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "entreprise",
                    "name": lire("PARTITEUR_OIDC_NOM", "le nom à montrer", "votre organisation"),
                    "client_id": lire("PARTITEUR_OIDC_CLIENT", "l'identifiant donné par le fournisseur"),
                    "secret": lire("PARTITEUR_OIDC_SECRET", "le secret donné par le fournisseur"),
                    "settings": {"server_url": serveur},
                }
            ],
        }
    }
