#!/usr/bin/env python
"""Django's own commands (makemigrations, shell…); people use `partiteur serveur`."""

from partiteur.web.__main__ import principal

if __name__ == "__main__":
    principal()
