"""`grille publier`: the public page on a grid (CRPA L312-1-3), made from the very file that scores."""

from collections.abc import Iterator
from pathlib import Path

import click

from partiteur.cli.aide import Commande
from partiteur.cli.cotation_texte import PREUVES
from partiteur.cli.grille_mots import mot_de_condition, mot_du_critere, points
from partiteur.cli.sortie import ecrire
from partiteur.moteur.grille import charger_grille
from partiteur.regles.cotation import Catalogue, Grille, Rubrique, catalogue_livre
from partiteur.regles.socle import bareme, citer

POPULATIONS = {
    "toutes": "toutes les demandes",
    "premiere_demande": "les premières demandes",
    "mutation": "les demandes de mutation des locataires du parc social",
}
COMBINAISONS = {
    "somme": "les points s'additionnent",
    "max": "seul le critère qui donne le plus de points compte",
    "exclusif": "une seule case peut être cochée ; si plusieurs le sont, la plus haute compte",
}
MENTIONS = ("aide", "contribution", "donnees", "operations", "mention", "publication")


@click.command(cls=Commande)
@click.argument("grille")
@click.option("--sortie", type=click.Path(path_type=Path), help="Fichier où écrire, plutôt que l'écran.")
def commande(grille: str, sortie: Path | None) -> None:
    """Écrit la page publique de GRILLE en Markdown : critères, points, conditions, règles du calcul."""
    catalogue = catalogue_livre()
    page = "\n".join(page_publique(charger_grille(grille, Path(), catalogue), catalogue))
    if sortie is None:
        click.echo(page)
    else:
        ecrire(sortie, page + "\n")


def page_publique(grille: Grille, catalogue: Catalogue) -> Iterator[str]:
    """The page, line by line."""
    yield f"# {grille.titre}"
    yield ""
    fin = f" au {grille.valide_au:%d/%m/%Y}" if grille.valide_au else ""
    yield f"Grille {grille.code}, version {grille.version}, valable du {grille.valide_du:%d/%m/%Y}{fin}, pour {POPULATIONS[grille.population]}."
    for mot, valeur in (("Délibération", grille.deliberation), ("Source", grille.source), ("Publié", grille.publie),
                        ("Non publié", grille.non_publie)):  # fmt: skip
        if valeur:
            yield f"{mot} : {valeur}"
    yield ""
    yield "## Critères et points"
    for racine in grille.enfants(None):
        yield from _rubrique(grille, racine, catalogue, "###")
    yield ""
    yield "## Total"
    yield ""
    if grille.plafond is not None:
        yield f"- Le total ne dépasse pas {points(grille.plafond)}, avant ce qui s'applique après le plafond."
    yield f"- Il ne descend pas sous {points(grille.plancher)}."
    ordre = [f"« {catalogue.variables[d.variable].libelle} »" if d.variable in catalogue.variables else d.variable
             for d in grille.departage]  # fmt: skip
    yield f"- À égalité : {', puis '.join([*ordre, 'la demande la plus ancienne', 'le numéro unique'])}."
    yield "- Une donnée inconnue ne donne aucun point, et elle est signalée."
    if grille.refus_sans_effet:
        yield "- Refuser un logement adapté ne change pas la note."
    if grille.evaluation_mois is not None:
        yield f"- La grille est évaluée tous les {grille.evaluation_mois} mois."
    for hors in grille.hors_cotation:
        si = mot_de_condition(hors.si, catalogue.variables)
        yield f"- Hors cotation, {hors.libelle}, si {si}. {hors.motif}"
    for cle in MENTIONS:
        mention = bareme("cotation_information")[cle]
        yield ""
        yield f"## {mention['titre']}"
        yield ""
        yield f"{mention['phrase']} [{citer(mention['texte'])}]"


def _rubrique(grille: Grille, rubrique: Rubrique, catalogue: Catalogue, dieses: str) -> Iterator[str]:
    yield ""
    yield f"{dieses} {rubrique.libelle}"
    yield ""
    limites = [COMBINAISONS[rubrique.combinaison]]
    if rubrique.plafond is not None:
        limites.append(f"{points(rubrique.plafond)} au plus")
    if rubrique.plancher is not None:
        limites.append(f"{points(rubrique.plancher)} au moins")
    if rubrique.apres_plafond:
        limites.append("compté après le plafond du total")
    yield f"Dans cette rubrique, {' ; '.join(limites)}."
    yield ""
    for critere in grille.criteres_de(rubrique.code):
        texte = f" [{critere.texte}]" if critere.texte else ""
        admis = "" if critere.declaration_admise else " ; une simple déclaration ne suffit pas"
        yield f"- **{critere.libelle}** : {mot_du_critere(critere, catalogue.variables)}. Preuve : {PREUVES[critere.preuve]}{admis}.{texte}"
    for enfant in grille.enfants(rubrique.code):
        yield from _rubrique(grille, enfant, catalogue, dieses + "#")
