"""What the law says: each rule with its text, its period, its cases' file."""

from importlib import import_module
from pathlib import Path

import click

from partiteur.cli.aide import Commande
from partiteur.cli.sortie import options_de_sortie, publier
from partiteur.regles.socle import REGLES, ErreurUtilisateur, Regle, interpretations, textes

MODULES = (
    "assiette",
    "rotation",
    "droits",
    "rapprochement",
    "repartition",
    "etat",
    "neuf",
    "structure",
    "flux",
    "vacance",
    "decompte",
    "orientation",
    "bilan",
    "objectifs",
    "delais",
    "demeure",
    "menage",
    "plafonds",
    "poids",
    "cotation",
)


class RegleInconnue(ErreurUtilisateur):
    """No rule has this name."""


def charger_regles() -> dict[str, Regle]:
    """Every rule, by name, once its module is imported."""
    for module in MODULES:
        import_module(f"partiteur.regles.{module}")
    return dict(sorted(REGLES.items(), key=lambda paire: (MODULES.index(paire[1].module), paire[0])))


@click.command(cls=Commande)
@click.argument("nom", required=False)
@click.option(
    "--documentation", type=click.Path(path_type=Path), help="Écrire les pages de référence dans ce dossier."
)
@options_de_sortie
def commande(nom: str | None, documentation: Path | None, forme: str, sortie: Path | None) -> None:
    """Dit ce que dit chaque règle, ou la règle NOM, avec son texte."""
    if documentation is not None:
        _ecrire_les_pages(documentation)
        return
    regles = charger_regles()
    if nom is not None and nom not in regles:
        raise RegleInconnue(f"La règle « {nom} » est inconnue. Règles : {', '.join(regles)}.")
    choisies = [regles[nom]] if nom else list(regles.values())
    publier(
        forme,
        sortie,
        texte=lambda: (
            _texte_de_la_regle(choisies[0]) if nom else "\n".join(f"{r.nom:<26} {r.resume}" for r in choisies)
        ),
        json_=lambda: [_json_de_la_regle(r) for r in choisies],
        tableau=lambda: [
            ("nom", "textes", "resume"),
            *((r.nom, "|".join(r.textes), r.resume) for r in choisies),
        ],
    )


def _ecrire_les_pages(dossier: Path) -> None:
    from partiteur.cli.documentation import pages  # heavy imports, only when pages are asked for
    from partiteur.cli.sortie import ecrire

    dossier.mkdir(parents=True, exist_ok=True)
    for page, contenu in pages().items():
        ecrire(dossier / Path(page).name, contenu)
        click.echo(dossier / Path(page).name)


def _texte_de_la_regle(regle: Regle) -> str:
    lignes = [regle.nom, f"  {regle.resume}", f"  En vigueur depuis le {regle.du:%d/%m/%Y}"]
    if regle.au:
        lignes[-1] += f", jusqu'au {regle.au:%d/%m/%Y} exclu"
    lignes += [f"  [{textes()[t]['cite']}] {textes()[t]['titre']} ({_confiance(t)})" for t in regle.textes]
    lignes += [
        f"  {i['question']} {i['lecture']} (confiance {i['confiance']})"
        for i in interpretations().get(regle.nom, [])
    ]
    return "\n".join(lignes)


def _confiance(texte: str) -> str:
    ligne = textes()[texte]
    return {
        "lu": f"lu, vérifié au {ligne['verifie_le']:%d/%m/%Y}",
        "doctrine": "doctrine, n'oblige pas",
        "convention": "convention de calcul, aucun texte ne la fixe",
    }[ligne["confiance"]]


def _json_de_la_regle(regle: Regle) -> dict[str, object]:
    return {
        "nom": regle.nom,
        "module": regle.module,
        "resume": regle.resume,
        "du": regle.du.isoformat(),
        "au": regle.au.isoformat() if regle.au else None,
        "textes": [
            {"id": t, "cite": textes()[t]["cite"], "titre": textes()[t]["titre"]} for t in regle.textes
        ],
    }
