"""What the checks of the repository share: its root, its files, and how they say what they found."""

import subprocess
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

RACINE = Path(__file__).parents[1]
PARTITEUR = RACINE / "partiteur"


def lire(chemin: str | Path) -> str:
    """The text of a file of the repository."""
    return (RACINE / chemin).read_text(encoding="utf-8")


def toml(chemin: Path) -> dict[str, Any]:
    """A TOML file, read."""
    return tomllib.loads(chemin.read_text(encoding="utf-8"))


def fichiers() -> list[str]:
    """Every file of the repository that git keeps or would keep, by its path from the root."""
    commande = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    sortie = subprocess.run(commande, cwd=RACINE, capture_output=True, check=True, text=True).stdout
    return sorted(nom for nom in set(sortie.split("\0")) if nom and (RACINE / nom).is_file())


def rien(fautes: Iterable[str]) -> None:
    """Fail with every fault found, one a line."""
    trouvees = list(fautes)
    assert not trouvees, "\n  " + "\n  ".join(trouvees)
