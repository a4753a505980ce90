"""The rights of a register posed on a millésime at a date, written beside it: disposable, rebuilt on demand.

Posing joins millions of dwellings by their numbers; an état des lieux by other axes then reads the answer again.
"""

from collections.abc import Iterable
from importlib.resources.abc import Traversable
from pathlib import Path

from partiteur.moteur import appliquer, droits
from partiteur.moteur.droits import RegistreEnFichier, dire, situer
from partiteur.moteur.execution import (
    Connexion,
    connexion,
    ecrire_a_cote,
    requete,
    version,
    vue_parquet,
    vue_sql,
)
from partiteur.moteur.fichiers import empreinte
from partiteur.moteur.millesime import TOUT, Parc, vue
from partiteur.regles.socle import RACINE, Avertissement

SOURCES = (
    Path(appliquer.__file__),
    Path(droits.__file__),
    Path(__file__),
    RACINE / "droits.py",
    RACINE / "baremes" / "droits.toml",
)
REQUETES = (
    "droits_numeros", "droits_situes", "droits_poses", "droits_libres", "droits_bornes", "droits_depassements",
    "droits_ecarts", "poses",
)  # fmt: skip
VUES = {
    "identifies": "select ligne, reservataire, conteste from poses where quoi = 'identifie'",
    "nombres": "select programme, reservataire, conteste, nombre from poses where quoi = 'nombre'",
    "depassements": "select programme, nombre as demandes, logements, ligne as premier from poses where quoi = 'depassement'",
    "ecarts": "select ligne as connu, nombre from poses where quoi = 'ecart'",
}


def poser_en_fichier(con: Connexion, parc: Parc, registre: RegistreEnFichier) -> tuple[Avertissement, ...]:
    """The same as `poser` on the whole of a millésime, from a file beside it, written first when missing."""
    chemin = fichier_des_poses(parc, registre)
    if not chemin.exists():
        a_part = connexion()
        vue(a_part, parc, TOUT)
        situer(a_part, registre, "parc")
        ecrire_a_cote(a_part, requete("poses"), chemin)
    vue_parquet(con, "poses", chemin)
    for nom, sql in VUES.items():
        vue_sql(con, nom, sql)
    return dire(con)


def fichier_des_poses(parc: Parc, registre: RegistreEnFichier) -> Path:
    """Where the rights of a register posed on a millésime at a date are written."""
    return fichier_a_cote("poses", parc, registre)


def fichier_a_cote(
    quoi: str,
    parc: Parc,
    registre: RegistreEnFichier,
    sources: Iterable[Traversable] = (),
    requetes: Iterable[str] = (),
    *autres: str,
) -> Path:
    """A file beside a millésime, drawn from it and from a register posed on it: its name says all it comes from.

    The rest is what it needs beside the posing: code and lists, named queries, texts.
    """
    de_quoi = version((*SOURCES, *sources), (*REQUETES, *requetes), *autres)
    nom = f"{quoi}-{parc.sha}-{empreinte(registre.chemin)}-{registre.a_la_date:%Y%m%d}-{de_quoi}.parquet"
    return Path(str(parc.classes)).with_name(nom)
