"""The sheets that say why: « Étapes », « Avertissements », « Textes »."""

from collections.abc import Iterable
from fractions import Fraction

from partiteur.moteur.tableur.classeur import Cellule, Feuille, compte, quotient
from partiteur.regles.flux.feuille import Flux
from partiteur.regles.socle import Avertissement, Etape, citer, textes

GRAVITES = {"illegal": "Illégal", "a_justifier": "À justifier", "information": "Information"}
CONFIANCES = {"lu": "article lu en entier", "doctrine": "doctrine", "convention": "convention de calcul"}


def ecrire_etapes(feuille: Feuille, etapes: Iterable[Etape]) -> None:
    """Every step of the calculation, in its order: what, how, how much, by which text."""
    feuille.titre(
        "Étapes du calcul",
        "Dans leur ordre : chaque nombre, la formule qui le donne et le texte qui la fonde.",
    )
    entete = feuille.entete(("N°", "Étape", "Formule", "Valeur", "Texte"), figees=2, nombres=(0, 3))
    for numero, etape in enumerate(etapes, start=1):
        feuille.ligne((numero, etape.libelle, etape.formule, _valeur(etape), citer(etape.texte)))
    feuille.filtrer(entete)


def _valeur(etape: Etape) -> Cellule:
    """A rate stays a fraction below one; a count that is not whole keeps its two decimals on the screen."""
    valeur = etape.valeur
    if not isinstance(valeur, Fraction):
        return valeur
    est_un_taux = etape.libelle.rpartition(" · ")[2].startswith(("Rotation", "Part "))
    return quotient(valeur, "taux") if est_un_taux else compte(valeur)


def ecrire_avertissements(feuille: Feuille, avertissements: Iterable[Avertissement]) -> None:
    """Everything the reader must know, the gravest first."""
    feuille.titre("Avertissements", "Ce qu'il faut savoir avant de signer ; les plus graves d'abord.")
    entete = feuille.entete(("Gravité", "Message", "Texte", "Code"))
    for avertissement in sorted(avertissements, key=lambda a: list(GRAVITES).index(a.gravite)):
        gravite = GRAVITES[avertissement.gravite]
        feuille.ligne((gravite, avertissement.message, citer(avertissement.texte), avertissement.code))
    if feuille.rang == entete:
        feuille.ligne(("Information", "Aucun avertissement.", "", ""))
    feuille.filtrer(entete)


def ecrire_textes(feuille: Feuille, cites: Iterable[str]) -> None:
    """Each text cited, what it is, and the date it was last read."""
    feuille.titre("Textes cités", "Chaque texte, la version lue et le jour où elle l'a été.")
    entete = feuille.entete(("Texte", "Intitulé", "Version du", "Vérifié le", "Nature"))
    for identifiant in cites:
        texte = textes()[identifiant]
        nature = CONFIANCES.get(texte["confiance"], texte["confiance"])
        feuille.ligne((citer(identifiant), texte["titre"], texte.get("version"), texte["verifie_le"], nature))
    feuille.filtrer(entete)


def textes_du_flux(flux: Flux) -> tuple[str, ...]:
    """The ids of the texts that a flux and its warnings cite, in their order."""
    return tuple(dict.fromkeys((*flux.cites, *(a.texte for a in flux.avertissements))))
