"""Commands on a parc: control a file, import it as a millésime, count it."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import IO

import click

from partiteur.cli.aide import Groupe
from partiteur.cli.moteur import options_de_moteur
from partiteur.cli.national import ecrire_table
from partiteur.cli.sortie import (
    SortieImpossible,
    en_colonnes,
    mot,
    options_de_sortie,
    options_de_sortie_et_classeur,
    publier,
)
from partiteur.moteur.droits import Registre, RegistreEnFichier, registre_au
from partiteur.moteur.etats import EtatDesLieux, Moteur, compter, etat_des_lieux, verifier_axes
from partiteur.moteur.feuille import json_de_l_etat, json_de_la_lecture
from partiteur.moteur.geographie import charger
from partiteur.moteur.lecture import Lecture, lire_droits, lire_liberations, lire_parc
from partiteur.moteur.millesime import importer, ouvrir
from partiteur.regles.socle import Avertissement, nombre

FICHIER = click.Path(path_type=Path)


def options_de_lecture(commande: click.decorators.FC) -> click.decorators.FC:
    """The options of every command that reads a parc."""
    for option in (
        click.option("--geographie", type=FICHIER, help="Communes à ajouter au code officiel (CSV)."),
        click.option("--correspondance", type=FICHIER, help="Noms de vos colonnes (TOML)."),
        click.option("--bailleur", help="SIREN du bailleur, si le fichier ne le dit pas."),
    ):
        commande = option(commande)
    return commande


@click.group(cls=Groupe)
def commande() -> None:
    """Contrôler un fichier de parc, l'importer, en faire l'état des lieux."""


@commande.command()
@click.argument("fichier", type=FICHIER)
@options_de_lecture
@options_de_sortie
def controler(
    fichier: Path,
    geographie: Path | None,
    correspondance: Path | None,
    bailleur: str | None,
    forme: str,
    sortie: Path | None,
) -> None:
    """Lit FICHIER et dit, cellule par cellule, ce qui a été réparé et ce qu'il faut corriger."""
    lecture = lire_parc(fichier, charger(geographie), bailleur=bailleur, correspondance=correspondance)
    publier(
        forme,
        sortie,
        texte=lambda: texte_du_controle(lecture, fichier),
        json_=lambda: json_de_la_lecture(lecture),
        tableau=lambda: [
            ("code", "gravite", "colonne", "nombre", "message"),
            *((c.code, c.gravite, c.colonne or "", c.nombre, c.message) for c in lecture.constats),
        ],
    )


def texte_du_controle(lecture: Lecture, fichier: Path) -> str:
    """A control as it is read: the count, then errors, then warnings."""
    refusees = lecture.lignes - lecture.acceptees
    tete = f"{fichier.name} : {nombre(lecture.lignes)} lignes lues, {nombre(lecture.acceptees)} acceptées"
    lignes = [tete + (f", {nombre(refusees)} refusées." if refusees else ".")]
    for gravite, titre in (
        ("erreur", "Erreurs : ces lignes ne sont pas reprises"),
        ("avertissement", "Avertissements"),
    ):
        constats = [c for c in lecture.constats if c.gravite == gravite]
        if constats:
            lignes += ["", titre]
            lignes += [f"  {nombre(c.nombre):>8}  {c.message}" for c in constats]
    return "\n".join(lignes)


@commande.command(name="importer")
@click.argument("fichier", type=FICHIER)
@click.option("--depot", type=FICHIER, required=True, help="Dossier des millésimes.")
@options_de_lecture
def importer_(
    fichier: Path, depot: Path, geographie: Path | None, correspondance: Path | None, bailleur: str | None
) -> None:
    """Écrit FICHIER comme millésime immuable, nommé par son empreinte, dans le dossier des millésimes."""
    lecture = lire_parc(fichier, charger(geographie), bailleur=bailleur, correspondance=correspondance)
    chemin = importer(lecture, fichier, depot)
    refusees = lecture.lignes - lecture.acceptees
    click.echo(
        f"{chemin} : {nombre(lecture.acceptees)} logements"
        + (f", {nombre(refusees)} lignes refusées." if refusees else ".")
    )


@commande.command(name="etat-des-lieux")
@click.argument("fichiers", type=FICHIER, nargs=-1, required=True)
@click.option(
    "--par",
    default="reservataire,famille_financement",
    show_default=True,
    help="Axes, séparés par des virgules.",
)
@click.option("--droits", type=FICHIER, help="Registre des droits de réservation (CSV, ou Parquet national).")
@click.option(
    "--au",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Date de l'état des lieux ; à défaut la fin de l'année qui précède le RPLS, sinon aujourd'hui.",
)
@click.option("--detail", is_flag=True, help="Ajouter au classeur une ligne par logement, 13 indicateurs.")
@click.option("--liberations", type=FICHIER, help="Libérations, pour les deux rotations du détail.")
@click.option("--definition", help="Définition de ces rotations ; voir « partiteur regles taux_rotation ».")
@options_de_lecture
@options_de_sortie_et_classeur
@options_de_moteur
def etat_des_lieux_(
    fichiers: tuple[Path, ...],
    par: str,
    droits: Path | None,
    au: datetime | None,
    detail: bool,
    liberations: Path | None,
    definition: str | None,
    geographie: Path | None,
    correspondance: Path | None,
    bailleur: str | None,
    forme: str,
    sortie: Path | None,
    moteur: Moteur,
) -> None:
    """Compte les logements de FICHIERS selon les axes demandés ; les inconnus sont comptés et dits."""
    if forme != "xlsx" and (detail or liberations or definition):
        raise SortieImpossible(
            "Le détail par logement est un classeur : ajoutez --format xlsx --sortie FICHIER.xlsx."
        )
    axes = verifier_axes([axe.strip() for axe in par.split(",") if axe.strip()])
    communes = charger(geographie)
    parcs = [ouvrir(f, communes, bailleur=bailleur, correspondance=correspondance) for f in fichiers]
    annees = [parc.annee for parc in parcs if parc.annee]
    a_la_date = au.date() if au else date(max(annees) - 1, 12, 31) if annees else date.today()  # noqa: DTZ011
    registre: Registre | RegistreEnFichier | None = None
    table_droits = None
    if droits and droits.suffix == ".parquet":
        registre = RegistreEnFichier(droits, a_la_date)
    elif droits:
        table_droits = lire_droits(droits).table
        registre = registre_au(table_droits, a_la_date)
    if sortie is not None and sortie.suffix == ".parquet":
        table, avertissements = compter(parcs, axes, registre, moteur)
        ecrire_table(sortie, table.sort_by([(axe, "ascending") for axe in axes]))
        click.echo("\n".join([f"{sortie} : {nombre(table.num_rows)} lignes.", *_dits(avertissements)]))
        return
    etat = etat_des_lieux(parcs, axes, registre, moteur)

    def classeur(fichier: IO[bytes]) -> None:
        from partiteur.moteur.tableur.etats import CROISEMENT, Classement, ecrire_etat
        from partiteur.moteur.tableur.indicateurs import indicateurs

        lues = lire_liberations(liberations, communes).table if liberations else None
        logements = indicateurs(
            parcs, a_la_date, droits=table_droits, liberations=lues, definition=definition
        )
        noms = ", ".join(dict.fromkeys(p.raison_sociale or p.bailleur or "bailleur inconnu" for p in parcs))
        titre = f"État des lieux au {a_la_date:%d/%m/%Y} · {noms}"
        croise = etat_des_lieux(parcs, CROISEMENT, registre)
        ecrire_etat(Classement(titre, etat, croise, logements if detail else None), fichier)

    publier(
        forme,
        sortie,
        texte=lambda: texte_de_l_etat(etat),
        json_=lambda: json_de_l_etat(etat),
        tableau=lambda: [(*etat.axes, "logements"), *etat.lignes],
        classeur=classeur,
    )


def texte_de_l_etat(etat: EtatDesLieux) -> str:
    """An état des lieux as it is read, with its total."""
    lignes = [(*(mot(v) for v in ligne[:-1]), nombre(ligne[-1])) for ligne in etat.lignes]
    vides = ("",) * (len(etat.axes) - 1)
    tableau = [(*etat.axes, "logements"), *lignes, ("Total", *vides, nombre(etat.total))]
    rendu = en_colonnes(tableau, [False] * len(etat.axes) + [True])
    return "\n".join([*rendu, *_dits(etat.avertissements)])


def _dits(avertissements: Iterable[Avertissement]) -> list[str]:
    return [f"! {a.message}" for a in avertissements]
