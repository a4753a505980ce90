"""What makes a function an act: declared, keyword-only, allowed, one transaction."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.db import transaction

from partiteur.regles.socle import ErreurUtilisateur
from partiteur.web.droits import Acteur, Operateur, Permission, exiger
from partiteur.web.models import Membre, Organisation

ACTES: dict[str, Permission | None] = {}
Fonction = TypeVar("Fonction", bound=Callable[..., Any])


class ActeRefuse(ErreurUtilisateur):
    """An act that cannot be, with what to do."""


def acte(permission: Permission | None) -> Callable[[Fonction], Fonction]:
    """Declare an act and the permission it asks of `par`; None: what anyone does for oneself.

    Raises TypeError, when the module is read, if a parameter is positional or `par` is missing.
    """

    def declarer(fonction: Fonction) -> Fonction:
        parametres = inspect.signature(fonction).parameters
        if permission is not None and "par" not in parametres:
            raise TypeError(f"{fonction.__qualname__}: an act takes par=")
        if any(p.kind is not inspect.Parameter.KEYWORD_ONLY for p in parametres.values()):
            raise TypeError(f"{fonction.__qualname__}: an act is keyword-only")

        @wraps(fonction)
        def agir(**arguments: Any) -> Any:
            if permission is not None:
                exiger(arguments["par"], permission)
            with transaction.atomic():
                return fonction(**arguments)

        ACTES[f"{fonction.__module__.rpartition('.')[2]}.{fonction.__name__}"] = permission
        return agir  # type: ignore[return-value]

    return declarer


def membre_de(par: Acteur) -> Membre | None:
    """Who is written down as having acted: the member, none for the operator of the instance."""
    return None if isinstance(par, Operateur) else par


def exiger_le_sien(par: Acteur, bailleur: Organisation, quoi: str) -> None:
    """Raises ActeRefuse when it is no bailleur, or another's: only the bailleur keeps its `quoi`."""
    if bailleur.type != "bailleur":
        raise ActeRefuse(f"« {bailleur} » n'est pas un bailleur : elle n'a pas de {quoi}.")
    if not isinstance(par, Operateur) and par.organisation_id != bailleur.pk:
        raise ActeRefuse(f"Le {quoi} d'un bailleur n'est tenu que par lui.")
