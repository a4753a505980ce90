"""Sets a document: a program of its own, so that typst knows nothing of the instance and gives its memory back.

Reads {"le": "2024-01-31", "donnees": {…}} and writes a PDF. No file is open to it but the templates, no package, no font
of the machine: the same document is the same bytes everywhere.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import typst

GABARITS = Path(__file__).parent / "gabarits"
NORMES = ["a-2a", "ua-1"]  # to be kept for long, and to be read aloud


def composer(entree: IO[str], sortie: IO[bytes]) -> None:
    """Write the PDF of what is read. Raises typst.TypstError."""
    lu = json.load(entree)
    pdf = typst.compile(
        GABARITS / "document.typ",
        root=GABARITS,
        font_paths=typst.Fonts(include_system_fonts=False),
        ignore_system_fonts=True,
        package_path=GABARITS,
        package_cache_path=GABARITS,
        sys_inputs={"donnees": json.dumps(lu["donnees"])},
        pdf_standards=NORMES,
        timestamp=datetime.fromisoformat(lu["le"]).replace(tzinfo=UTC),
    )
    sortie.write(bytes(pdf))


if __name__ == "__main__":
    try:
        composer(sys.stdin, sys.stdout.buffer)
    except typst.TypstError as erreur:
        sys.exit(str(erreur.message))
