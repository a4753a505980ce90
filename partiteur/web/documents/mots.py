"""The words the pages share: mots.toml, read once."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any


@cache
def mots() -> Mapping[str, Any]:
    """The words of mots.toml."""
    return tomllib.loads((Path(__file__).parent / "mots.toml").read_text("utf-8"))
