"""`python -m partiteur.web COMMANDE`: what manage.py does, from an installed wheel too."""

import os
import sys


def principal(arguments: list[str] | None = None) -> None:
    """Run a management command; a setting that misses is one French sentence and exit code 2."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partiteur.web.settings")
    from django.core.management import execute_from_command_line

    from partiteur.regles.socle import ErreurUtilisateur

    try:
        execute_from_command_line(arguments or sys.argv)
    except ErreurUtilisateur as erreur:
        sys.stderr.write(f"Erreur : {erreur}\n")
        sys.exit(2)


if __name__ == "__main__":
    principal()
