"""What makes a function an act: declared, keyword-only, allowed, one transaction."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.db import transaction

from partiteur.regles.socle import ErreurUtilisateur
from partiteur.web.droits import Permission, exiger

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
