"""The guards: triggers that hold the account append-only, remarks and agreements too, and adopted dossiers
as they are; one SQL file per engine (E8).

They are made again after each migration, because SQLite drops them without a word when it alters a table.
"""

import re
import sqlite3
from importlib import resources
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

NOM = re.compile(r"^create trigger (\w+)", re.MULTILINE)


def texte(vendeur: str) -> str:
    """The SQL of an engine: « sqlite » or « postgresql »."""
    return (resources.files(__package__) / f"{vendeur}.sql").read_text("utf-8")


def ordres(vendeur: str) -> list[str]:
    """Its statements, one by one."""
    if vendeur != "sqlite":
        return [texte(vendeur)]
    lus, ordre = [], ""
    for ligne in texte(vendeur).splitlines(keepends=True):
        ordre += ligne
        if sqlite3.complete_statement(ordre):
            lus.append(ordre.strip())
            ordre = ""
    return lus


def noms(vendeur: str) -> frozenset[str]:
    """The triggers there must be."""
    return frozenset(NOM.findall(texte(vendeur)))


def poser(connexion: BaseDatabaseWrapper) -> None:
    """Make the guards, in place of those there are."""
    with connexion.cursor() as curseur:
        for ordre in ordres(connexion.vendor):
            curseur.execute(ordre)


def apres_migration(sender: Any, using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Signal of migrate: the guards, then the table of the shared cache."""
    from django.core.management import call_command

    connexion = connections[using]
    if {"web_evenement", "web_dossier", "web_accord"} <= set(connexion.introspection.table_names()):
        poser(connexion)
        call_command("createcachetable", database=using, verbosity=0)


def manquantes(connexion: BaseDatabaseWrapper) -> list[str]:
    """The guards that are absent, disabled, or no longer what they should be."""
    with connexion.cursor() as curseur:
        if connexion.vendor == "sqlite":
            curseur.execute("select name, sql from sqlite_master where type = 'trigger'")
            poses = {nom: sql.lower() for nom, sql in curseur.fetchall()}
            return sorted(
                trouve[1]
                for ordre in ordres("sqlite")
                if (trouve := NOM.search(ordre))
                and poses.get(trouve[1]) != ordre[trouve.start() : -1].lower()
            )
        curseur.execute(
            "select tgname from pg_trigger join pg_class on pg_class.oid = tgrelid"
            " join pg_proc on pg_proc.oid = tgfoid"
            " where not tgisinternal and tgenabled = 'A' and pg_table_is_visible(pg_class.oid)"
            " and proname in ('compte_refuser', 'compte_suivre', 'compte_effacer', 'dossier_garder', 'message_effacer')"
        )
        return sorted(noms("postgresql") - {nom for (nom,) in curseur.fetchall()})
