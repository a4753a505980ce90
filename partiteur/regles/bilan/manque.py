"""What a bilan does not know, said: one sentence each (manques.toml)."""

from dataclasses import dataclass

from partiteur.regles.socle import bareme


@dataclass(frozen=True)
class Manque:
    """A fact that is missing: its code, how many times where that has a sense, the sentence."""

    code: str
    message: str
    nombre: int | None = None


def manquer(code: str, **valeurs: object) -> Manque:
    """A sentence of manques.toml, filled; `nombre` is kept as a figure too."""
    nombre = valeurs.get("nombre")
    return Manque(
        code,
        str(bareme("manques")[code]).format(**valeurs),
        nombre if isinstance(nombre, int) else None,
    )
