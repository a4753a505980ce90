"""What the tests of the command line share: the command run in this process."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from partiteur.cli import main


@dataclass(frozen=True)
class Rendu:
    """How a command ended, and what it said."""

    code: int
    sortie: str
    erreur: str


@pytest.fixture
def lancer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Rendu]:
    """Run `partiteur …` as the installed command does, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def lancer_(*arguments: object) -> Rendu:
        monkeypatch.setattr(sys, "argv", ["partiteur", *map(str, arguments)])
        capsys.readouterr()
        try:
            code = main()
        except SystemExit as fin:
            code = fin.code
        dit = capsys.readouterr()
        return Rendu(code or 0, dit.out, dit.err)

    return lancer_
