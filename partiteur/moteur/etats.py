"""État des lieux: dwellings counted by any axes, reserved or not. Reads, filters, counts; no law here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from partiteur.moteur.droits import Registre, RegistreEnFichier, poser
from partiteur.moteur.execution import Connexion, connexion, executer, identifiant, lire, requete
from partiteur.moteur.millesime import TOUT, Parc, reunir, vue
from partiteur.moteur.poses import poser_en_fichier
from partiteur.regles.socle import Avertissement, ErreurUtilisateur, avertir, bareme

Moteur = Callable[[], Connexion]
AXES = (
    "bailleur", "departement", "region", "epci", "commune", "programme", "reservataire", "contingent", "qpv",
    "typologie", "typologie_groupe", "individuel", "financement", "famille_financement", "annee_construction",
    "annee_mise_en_location", "mode", "usage", "motifs", "en_vente", "a_demolir", "conventionne", "pmr", "dpe",
    "specifique", "convention",
)  # fmt: skip


class RegistreDUnParc(ErreurUtilisateur):
    """A register of rights is a bailleur's: it cannot be read against several parcs."""


class AxeInconnu(ErreurUtilisateur):
    """An axis that no parc has."""


@dataclass(frozen=True)
class EtatDesLieux:
    """Rows of (one value per axis, dwellings), unknown as None; they add up to `total`."""

    axes: tuple[str, ...]
    lignes: tuple[tuple[Any, ...], ...]
    total: int
    avertissements: tuple[Avertissement, ...] = ()


def verifier_axes(axes: Sequence[str]) -> tuple[str, ...]:
    """The axes asked, once each. Raises AxeInconnu on any other, or when there is none."""
    if not axes:
        raise AxeInconnu(f"Aucun axe n'est demandé. Axes possibles : {', '.join(AXES)}.")
    for axe in axes:
        if axe not in AXES:
            raise AxeInconnu(f"L'axe « {axe} » est inconnu. Axes possibles : {', '.join(AXES)}.")
    return tuple(dict.fromkeys(axes))


def etat_des_lieux(
    parcs: Sequence[Parc],
    axes: Sequence[str],
    registre: Registre | RegistreEnFichier | None = None,
    moteur: Moteur = connexion,
) -> EtatDesLieux:
    """Count the dwellings of several parcs by axes; the réservataires from the register, else RPLS contingents (D19).

    `moteur` opens the engine a parc is counted on. Raises AxeInconnu.
    """
    axes = verifier_axes(axes)
    table, avertissements = compter(parcs, axes, registre, moteur)
    lignes = list(zip(*(colonne.to_pylist() for colonne in table.columns), strict=True))
    lignes.sort(key=lambda ligne: [(valeur is None, str(valeur)) for valeur in ligne[:-1]])
    return EtatDesLieux(axes, tuple(lignes), sum(ligne[-1] for ligne in lignes), avertissements)


def compter(
    parcs: Sequence[Parc],
    axes: Sequence[str],
    registre: Registre | RegistreEnFichier | None = None,
    moteur: Moteur = connexion,
) -> tuple[pa.Table, tuple[Avertissement, ...]]:
    """The same as a table in no order, for parcs of millions: a column an axis, then `logements` (int64)."""
    if isinstance(registre, Registre) and len(parcs) > 1:
        raise RegistreDUnParc("Un registre des droits va avec un seul parc : comptez les fichiers un à un.")
    tables = []
    avertissements: dict[Avertissement, None] = {}
    pose = registre is not None and "reservataire" in axes
    for parc in parcs if pose else reunir(parcs):
        con = moteur()
        vue(con, parc, TOUT)
        lue, dits = compter_la_vue(con, parc, axes, registre)
        avertissements |= dict.fromkeys(dits)
        tables.append(lue)
    if not tables:
        return pa.table({axe: pa.array([], pa.string()) for axe in (*axes, "logements")}), ()
    table, ajoutees = pa.concat_tables(tables), len(tables) > 1
    if registre is None and "reservataire" in axes:
        avertissements[avertir("contingents_rpls")] = None
        table, inconnus = en_contingents(table, axes.index("reservataire"))
        ajoutees = ajoutees or inconnus
    if ajoutees:
        sommes = table.group_by(list(axes)).aggregate([("logements", "sum")])
        table = sommes.rename_columns([*axes, "logements"])
    return table, tuple(avertissements)


def compter_la_vue(
    con: Connexion, parc: Parc, axes: Sequence[str], registre: Registre | RegistreEnFichier | None
) -> tuple[pa.Table, tuple[Avertissement, ...]]:
    """Count the view `parc` by axes, the réservataires still codes; and what of the register does not fit the parc."""
    if registre is None or "reservataire" not in axes:
        return lire(con, _requete_du_parc(axes)), ()
    if isinstance(registre, RegistreEnFichier) and parc.sha:
        dits = poser_en_fichier(con, parc, registre)
    else:
        dits = poser(con, registre, "parc")
    return lire(con, requete_des_droits(axes, "parc")), dits


def _requete_du_parc(axes: Sequence[str]) -> str:
    colonnes = ", ".join("contingent" if axe == "reservataire" else identifiant(axe) for axe in axes)
    return requete("etat_des_lieux", axes=colonnes, source="parc")


def compter_droits(con: Connexion, axes: Sequence[str], source: str) -> list[tuple[Any, ...]]:
    """Count the view `source` by axes, `reservataire` and `conteste` among them, against the rights posed."""
    return executer(con, requete_des_droits(axes, source))


def requete_des_droits(axes: Sequence[str], source: str) -> str:
    """The query that counts `source` by axes against the rights posed; see `compter_droits`."""
    propres = [identifiant(axe) for axe in axes if axe not in ("reservataire", "conteste")]
    communs = "".join(
        f",\n        case when min(g.{a}) = max(g.{a}) and count(g.{a}) = count(*) then min(g.{a}) end as {a}"
        for a in propres
    )
    return requete(
        "etat_des_lieux_droits",
        source=source,
        axes_groupes="".join(f"p.{a}, " for a in propres),
        axes_communs=communs,
        axes_connus="".join(f"g.{a}, " for a in propres),
        axes_libres="".join(f"l.{a}, " for a in propres),
        axes_finaux=", ".join(axes),
    )


def en_contingents(table: pa.Table, rang: int) -> tuple[pa.Table, bool]:
    """Name the contingents by their label; a code nobody knows is unknown, and its groups are then to be added up."""
    codes = bareme("contingents")["codes"]
    libelles = pa.array([ligne["libelle"] for ligne in codes.values()])
    lus = table.column(rang).combine_chunks()
    nommes = libelles.take(pc.index_in(lus, pa.array(list(codes))))
    return table.set_column(rang, "reservataire", nommes), nommes.null_count > lus.null_count
