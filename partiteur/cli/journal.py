"""Commands on a journal: verify its chain, say its head, filter, erase, import."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from partiteur.cli.aide import Groupe
from partiteur.cli.sortie import SortieImpossible, options_de_sortie, publier
from partiteur.moteur.journal import (
    Journal,
    Verdict,
    ecrire_journal,
    effacer,
    enchainer,
    exporter,
    lire_journal,
    lire_tete,
    tete_de,
    verifier_journal,
)
from partiteur.moteur.lecture import Constat
from partiteur.regles.socle import nombre

FICHIER = click.Path(path_type=Path)


@click.group(cls=Groupe)
def commande() -> None:
    """Vérifier, exporter, importer le journal partagé des vacances."""


@commande.command()
@click.argument("fichier", type=FICHIER)
@click.option("--tete", help="Tête connue par ailleurs, NUMERO:EMPREINTE (bilan, courriel, export).")
@options_de_sortie
@click.pass_context
def verifier(ctx: click.Context, fichier: Path, tete: str | None, forme: str, sortie: Path | None) -> None:
    """Vérifie la chaîne de FICHIER : intacte, altérée (et où), tronquée, réécrite, ou invérifiable."""
    connue = lire_tete(tete) if tete else None
    journal = lire_journal(fichier)
    verdict = verifier_journal(journal, connue)
    publier(
        forme,
        sortie,
        texte=lambda: _texte_du_verdict(fichier, journal, verdict),
        json_=lambda: _json_du_verdict(journal, verdict),
        tableau=lambda: [
            ("etat", "numero", "phrase"),
            (verdict.etat, verdict.numero or "", verdict.phrase),
        ],
    )
    ctx.exit(0 if verdict.etat == "intacte" else 2)


def _texte_du_verdict(fichier: Path, journal: Journal, verdict: Verdict) -> str:
    lignes = [f"{fichier.name} : {verdict.phrase}."]
    if verdict.nues:
        lignes.append(f"  {nombre(verdict.nues)} enveloppes nues : leur contenu n'est pas dans ce fichier.")
    if verdict.effaces:
        lignes.append(
            f"  {nombre(verdict.effaces)} événements effacés : leur place est prouvée, leur contenu ne l'est plus."
        )
    return "\n".join([*lignes, *_constats(journal.constats)])


def _json_du_verdict(journal: Journal, verdict: Verdict) -> dict[str, Any]:
    return {
        "etat": verdict.etat,
        "phrase": verdict.phrase,
        "numero": verdict.numero,
        "chaine": verdict.chaine,
        "evenements": verdict.evenements,
        "nues": verdict.nues,
        "effaces": verdict.effaces,
        "tete": str(verdict.tete) if verdict.tete else None,
        "constats": [vars(c) | {"exemples": [vars(e) for e in c.exemples]} for c in journal.constats],
    }


def _constats(constats: tuple[Constat, ...]) -> list[str]:
    return [f"  {'!' if c.gravite == 'erreur' else '-'} {c.message}" for c in constats]


@commande.command()
@click.argument("fichier", type=FICHIER)
def tete(fichier: Path) -> None:
    """Dit la tête de la chaîne de FICHIER, NUMERO:EMPREINTE, si elle est intacte."""
    click.echo(str(tete_de(lire_journal(fichier))))


@commande.command(name="exporter")
@click.argument("fichier", type=FICHIER)
@click.option("--reservataire", required=True, help="Code du réservataire à qui l'export est destiné.")
@click.option("--sortie", type=FICHIER, required=True, help="Fichier à écrire.")
def exporter_(fichier: Path, reservataire: str, sortie: Path) -> None:
    """Écrit ce qu'un réservataire peut lire de FICHIER, et l'enveloppe nue du reste ; l'export se vérifie encore."""
    lisibles = exporter(fichier, sortie, reservataire)
    click.echo(f"{sortie} : {nombre(lisibles)} événements lisibles par « {reservataire} ».")


@commande.command(name="effacer")
@click.argument("fichier", type=FICHIER)
@click.option("--vacance", required=True, help="Identifiant de la vacance.")
@click.option(
    "--tout", is_flag=True, help="Ne rien laisser des faits ; le compte de cette vacance est perdu."
)
def effacer_(fichier: Path, vacance: str, tout: bool) -> None:
    """Efface de FICHIER le sel, l'agent, les candidatures et le ménage d'une vacance ; la chaîne reste intacte."""
    effaces = effacer(fichier, vacance, tout=tout)
    reste = "rien n'en reste que les enveloppes" if tout else "les compteurs ne changent pas"
    click.echo(f"{fichier} : {nombre(effaces)} événements effacés ({reste}).")


@commande.command()
def schema() -> None:
    """Écrit le Table Schema du format d'échange (JSON)."""
    from partiteur.moteur.journal.schema import table_schema

    click.echo(json.dumps(table_schema(), ensure_ascii=False, indent=2))


@commande.command(name="importer")
@click.argument("fichier", type=FICHIER)
@click.option("--modele", type=FICHIER, help="Modèle (TOML) des colonnes et des mots de votre logiciel.")
@click.option("--chaine", help="SIREN du bailleur, si ni le fichier ni le modèle ne le disent.")
@click.option("--suite", type=FICHIER, help="Journal enchaîné à prolonger ; il n'est pas modifié.")
@click.option("--sortie", type=FICHIER, required=True, help="Journal à écrire (.csv ou .jsonl).")
@click.pass_context
def importer_(
    ctx: click.Context,
    fichier: Path,
    modele: Path | None,
    chaine: str | None,
    suite: Path | None,
    sortie: Path,
) -> None:
    """Transforme FICHIER (une ligne par proposition, ou des événements sans empreintes) en journal enchaîné."""
    from partiteur.moteur.journal.reprise import reprendre

    repris = reprendre(fichier, modele, datetime.now(UTC), chaine=chaine, suite=suite)
    if not repris.ecrits:
        raise SortieImpossible(
            f"{fichier.name} : aucune ligne n'est acceptée. "
            + " ".join(c.message for c in repris.constats[:3])
        )
    nouvelles = list(enchainer(repris.chaine, repris.ecrits, repris.tete))
    ecrire_journal(sortie, [*repris.deja, *nouvelles])
    refusees = repris.lignes - repris.acceptees
    click.echo(
        f"{sortie} : {nombre(len(nouvelles))} événements inscrits, {nombre(repris.acceptees)} lignes acceptées"
        + (f", {nombre(refusees)} refusées." if refusees else ".")
    )
    click.echo(f"Tête : {nouvelles[-1]['numero']}:{nouvelles[-1]['empreinte']}")
    for ligne in _constats(repris.constats):
        click.echo(ligne)
