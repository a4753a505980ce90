"""The bilan of a journal, its yearly pack, and the bilans of others read back."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

import click

from partiteur.cli.aide import Commande, Groupe
from partiteur.cli.bilan.echange import (
    classeur_de,
    comme_un_bilan,
    dire_importe,
    json_importe,
    lignes_importees,
    lire,
    texte_du_territoire,
)
from partiteur.cli.bilan.texte import texte_du_bilan
from partiteur.cli.sortie import options_de_sortie_et_classeur, publier

FICHIER = click.Path(path_type=Path)
JOUR = click.DateTime(["%Y-%m-%d"])
PAR_DEFAUT = "etablir"


class _Bilan(Groupe):
    """A group whose first command needs no name: « partiteur bilan JOURNAL --au DATE »."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """A first word that names no command is the journal, or an option about it."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [PAR_DEFAUT, *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Bilan)
def commande() -> None:
    """Faire le bilan d'un journal : « partiteur bilan JOURNAL --au DATE », son dossier annuel, celui d'un territoire."""


def _options_du_bilan(fonction: Any) -> Any:
    """The options shared by a bilan and what is made of it."""
    for option in reversed(
        [
            click.option(
                "--connu-le",
                type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]),
                help="Ignorer ce qui a été saisi après.",
            ),
            click.option(
                "--reinjection",
                type=click.Choice(["motif", "toutes", "derniere"]),
                help="Règle de réinjection, à la place de toute autre.",
            ),
            click.option(
                "--stock",
                type=click.IntRange(1990, 2100),
                help="Année encore en stock, pour comparer les taux de chute.",
            ),
            click.option(
                "--intermediaires",
                help="Bilans intermédiaires : « defaut », ou des dates MM-JJ séparées par des virgules.",
            ),
            click.option(
                "--malgre-les-refus", is_flag=True, help="Compter sans les lignes qui ne peuvent pas l'être."
            ),
        ]
    ):
        fonction = option(fonction)
    return fonction


@commande.command(PAR_DEFAUT, cls=Commande)
@click.argument("journal", type=FICHIER)
@click.option("--dossier", type=FICHIER, help="Dossier (TOML) : conventions, parts, parc.")
@click.option("--du", type=JOUR, help="Premier jour ; à défaut le 1er janvier de --au.")
@click.option("--au", type=JOUR, required=True, help="Dernier jour compté.")
@_options_du_bilan
@click.option("--objectifs", is_flag=True, help="Mesurer les objectifs d'attribution (CIA, DALO, accords).")
@options_de_sortie_et_classeur
def etablir_(
    journal: Path,
    dossier: Path | None,
    du: datetime | None,
    au: datetime,
    forme: str,
    sortie: Path | None,
    **options: Any,
) -> None:
    """Fait le bilan de JOURNAL d'une date à l'autre, croisé selon les six axes du R441-5-1."""
    from partiteur.moteur.bilan import etablir, json_du_bilan

    demande = _demande(au.date(), du.date() if du else None, dossier, **options)
    bilan = etablir(journal, demande).bilan
    publier(
        forme,
        sortie,
        texte=lambda: texte_du_bilan(bilan),
        json_=lambda: json_du_bilan(bilan),
        tableau=lambda: _tableau(bilan),
        classeur=lambda fichier: _classeur(bilan, fichier),
    )


def _demande(
    au: date,
    du: date | None,
    dossier: Path | None,
    *,
    connu_le: datetime | None,
    reinjection: str | None,
    stock: int | None,
    intermediaires: str | None,
    malgre_les_refus: bool,
    objectifs: bool = True,
) -> Any:
    """What the command asks. Raises DateIllisible on interim dates that are not."""
    from partiteur.cli.decompte import instant
    from partiteur.moteur.bilan import Demande, lire_dates

    return Demande(
        au,
        du,
        instant(connu_le),
        dossier,
        reinjection,
        objectifs,
        malgre_les_refus,
        stock,
        lire_dates(intermediaires),
    )


def _classeur(bilan: Any, fichier: IO[bytes]) -> None:
    from partiteur.moteur.tableur.bilan import ecrire_bilan

    ecrire_bilan(bilan, fichier)


def _tableau(bilan: Any) -> Iterable[Sequence[Any]]:
    from partiteur.moteur.bilan import lignes_d_echange

    return lignes_d_echange(bilan)


@commande.command(cls=Commande)
@click.argument("journal", type=FICHIER)
@click.option("--dossier", type=FICHIER, required=True, help="Dossier (TOML) de l'exercice, ou du suivant.")
@click.option("--suivant", type=FICHIER, help="Dossier de l'exercice suivant, pour son prévisionnel.")
@click.option("--exercice", type=click.IntRange(2000, 2100), required=True, help="Année du bilan.")
@click.option("--sortie", type=FICHIER, required=True, help="Dossier à créer.")
@_options_du_bilan
def annuel(
    journal: Path, dossier: Path, suivant: Path | None, exercice: int, sortie: Path, **options: Any
) -> None:
    """Écrit le dossier annuel de JOURNAL : pour chaque destinataire, ce qui lui est dû, et ce qui manque."""
    from partiteur.cli.bilan.annuel import dire, ecrire_les_pieces
    from partiteur.moteur.bilan.annuel import composer

    demande = _demande(date(exercice, 12, 31), None, dossier, **options)
    titre = f"Dossier annuel {exercice}"
    dire(sortie, ecrire_les_pieces(composer(journal, dossier, demande, suivant), sortie, titre))


@commande.command(cls=Commande)
@click.argument("fichier", type=FICHIER)
@click.option("--malgre-les-refus", is_flag=True, help="Reprendre sans les lignes illisibles.")
@options_de_sortie_et_classeur
def importer(fichier: Path, malgre_les_refus: bool, forme: str, sortie: Path | None) -> None:
    """Relit FICHIER, le bilan ou l'état des lieux d'un bailleur au format d'échange, et le contrôle ligne par ligne."""
    lu = lire(fichier, malgre_les_refus)
    publier(
        forme,
        sortie,
        texte=lambda: "\n".join([dire_importe(lu), *(f"  ! {phrase}" for phrase in lu.refusees)]),
        json_=lambda: json_importe(lu),
        tableau=lambda: lignes_importees([lu]),
        classeur=lambda f: classeur_de(lu.ventilation, str(lu.bailleur or lu.source), f),
    )


@commande.command(cls=Commande)
@click.argument("fichiers", type=FICHIER, nargs=-1, required=True)
@click.option("--malgre-les-refus", is_flag=True, help="Additionner sans les lignes illisibles.")
@options_de_sortie_et_classeur
def consolider(fichiers: tuple[Path, ...], malgre_les_refus: bool, forme: str, sortie: Path | None) -> None:
    """Additionne les bilans, ou les états des lieux, de plusieurs bailleurs, au format d'échange, en ceux du territoire."""
    from partiteur.moteur.bilan import consolider as additionner

    lus = [lire(fichier, malgre_les_refus) for fichier in fichiers]
    territoire = additionner(lus)
    publier(
        forme,
        sortie,
        texte=lambda: "\n".join([*map(dire_importe, lus), "", *texte_du_territoire(territoire)]),
        json_=lambda: {
            "bailleurs": [lu.bailleur or lu.source for lu in lus],
            "bilans": [
                {"source": lu.source, "bailleur": lu.bailleur, "total": dict(lu.ventilation.total)}
                for lu in lus
            ],
            **{cle: v for cle, v in json_importe(comme_un_bilan(territoire)).items() if cle != "source"},
        },
        tableau=lambda: lignes_importees(lus),
        classeur=lambda f: classeur_de(territoire.ventilation, "Territoire", f),
    )
