"""Django's SQLite, its transactions in a queue.

SQLite polls for its lock ten times a second: under eight writers that never pause, some wait more than twenty seconds
and fail. Here a transaction first waits in the kernel's queue for a lock beside the base; a killed process frees it.
"""

import fcntl
import os
from typing import Any

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """The same, but for the wait before BEGIN IMMEDIATE."""

    tour: int | None = None

    def _start_transaction_under_autocommit(self) -> None:
        self._prendre()
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._rendre()
            raise

    def _prendre(self) -> None:
        nom = str(self.settings_dict["NAME"])
        if self.tour is None and not self.is_in_memory_db():
            self.tour = os.open(f"{nom}-tour", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self.tour, fcntl.LOCK_EX)

    def _rendre(self) -> None:
        if self.tour is not None:
            os.close(self.tour)
            self.tour = None

    def _commit(self) -> Any:
        try:
            return super()._commit()
        finally:
            self._rendre()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()
        finally:
            self._rendre()

    def _close(self) -> Any:
        try:
            return super()._close()
        finally:
            self._rendre()
