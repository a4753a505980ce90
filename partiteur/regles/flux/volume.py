"""The volume expected in a year, what is subtracted from it, and what is left to share."""

from collections.abc import Mapping
from fractions import Fraction
from math import floor

from partiteur.regles.assiette import Assiette
from partiteur.regles.faits import NON_RESERVE, Cadre, Definition, Mutations
from partiteur.regles.repartition import plus_forts_restes
from partiteur.regles.socle import (
    ErreurUtilisateur,
    Etape,
    Resultat,
    avertir,
    bareme,
    nombre,
    pourcentage,
    regle,
)

Quantite = int | Fraction


class FluxImpossible(ErreurUtilisateur):
    """The dossier does not say enough to compute a flux."""


@regle("r441-5-convention", "s1", du="2018-01-01")
def volume_attendu(assiette: Assiette, taux: Fraction) -> Resultat:
    """Le volume attendu est l'assiette multipliée par le taux de rotation, gardé exact."""
    volume = assiette.total * taux
    formule = f"{nombre(assiette.total)} × {pourcentage(taux)}"
    return Resultat(volume, "calcule", (Etape("Volume attendu", formule, volume, "s1"),))


@regle("s0", "d3", du="2018-01-01")
def moyenne_annuelle(constate: Mapping[int, int], annees: tuple[int, ...], quoi: str) -> Resultat:
    """La moyenne annuelle d'un nombre constaté sur des années nommées, gardée exacte.

    Raises FluxImpossible when a year is missing: an unknown year is not a year without any.
    """
    manquantes = [str(annee) for annee in annees if annee not in constate]
    if manquantes or not annees:
        raise FluxImpossible(
            f"{quoi} : il manque {', '.join(manquantes) or 'les années'} pour faire la moyenne ; "
            "donnez chaque année (« baux » de [volume] ou du périmètre, « constate » de [soustraits.mutations])."
        )
    moyenne = Fraction(sum(constate[annee] for annee in annees), len(annees))
    formule = f"({' + '.join(nombre(constate[annee]) for annee in annees)}) ÷ {len(annees)}, années {annees[0]} à {annees[-1]}"
    return Resultat(moyenne, "calcule", (Etape(quoi, formule, moyenne, "s0"),))


@regle("r441-5-soustraits", "s0", du="2018-01-01")
def mutations_prevues(mutations: Mutations, cadre: Cadre, exercice: int) -> Resultat:
    """Les mutations prévues : le volume que fixe la CUS s'il y en a un, sinon la valeur ou la moyenne des années passées.

    Raises FluxImpossible when the method's figures are missing.
    """
    if mutations.methode == "valeur" or (mutations.source == "cus" and mutations.valeur is not None):
        if mutations.valeur is None:
            raise FluxImpossible(
                "Mutations : la méthode « valeur » demande « valeur » dans [soustraits.mutations]."
            )
        origine = {"cus": "fixé par la CUS", "charte": "fixé par la charte"}.get(
            mutations.source or "", "prévision du bailleur"
        )
        return Resultat(
            mutations.valeur, "donnee", (Etape("Mutations", origine, mutations.valeur, "r441-5-soustraits"),)
        )
    nombre_annees = cadre.annees_mutations or len(mutations.constate)
    annees = mutations.annees or tuple(range(exercice - nombre_annees, exercice))
    return moyenne_annuelle(mutations.constate, annees, "Mutations")


@regle("d1", du="2018-01-01")
def partage_soustraits(
    soustraits: Mapping[str, Quantite], volumes: Mapping[str, Fraction], volume_total: Fraction
) -> Resultat:
    """Partage les soustraits du territoire entre ses périmètres selon leur volume attendu, aux plus forts restes.

    `volumes` are those of perimeters of one scale, that do not overlap; the rest of the territory takes its share
    too. Returns {perimeter: {category: dwellings}}.
    """
    reste = volume_total - sum(volumes.values(), Fraction(0))
    poids = {**volumes, NON_RESERVE: max(reste, Fraction(0))}
    somme = sum(poids.values(), Fraction(0))
    partage: dict[str, dict[str, Quantite]] = {code: {} for code in volumes}
    for categorie, combien in soustraits.items():
        exacts = {code: combien * v / somme if somme else Fraction(0) for code, v in poids.items()}
        entiers = plus_forts_restes(exacts, floor(combien), (), NON_RESERVE).valeur
        for code in volumes:
            partage[code][categorie] = entiers[code]
    formule = "au prorata du volume attendu"
    etape = Etape("Soustraits des périmètres", formule, ", ".join(volumes), "d1")
    return Resultat(partage, "prorata", (etape,))


@regle("r441-5-soustraits", "s3", du="2020-02-22")
def flux_a_repartir(volume: Fraction, soustraits: Mapping[str, Quantite], ou: str) -> Resultat:
    """Le flux à répartir est le volume attendu moins les logements soustraits, jamais au-dessous de zéro.

    Subtracted after the rotation, in units of flux: never from the stock.
    """
    categories = bareme("soustraits")
    somme = sum(soustraits.values(), Fraction(0))
    exact = max(volume - somme, Fraction(0))
    avertissements = []
    if volume < somme:
        avertissements.append(avertir("flux_negatif", ou=ou, soustraits=nombre(somme), volume=nombre(volume)))
    etapes = [
        Etape(f"Soustraits : {categories[c]['libelle']}", "à retrancher", n, categories[c]["texte"])
        for c, n in soustraits.items()
        if n
    ]
    formule = " - ".join([nombre(volume), *(nombre(n) for n in soustraits.values() if n)])
    etapes.append(Etape("Flux à répartir", formule, exact, "r441-5-soustraits"))
    return Resultat(exact, "negatif" if volume < somme else "calcule", tuple(etapes), tuple(avertissements))


@regle("s0", du="2018-01-01")
def flux_ordre_publie(assiette: Assiette, soustraits: Mapping[str, Quantite], taux: Fraction) -> Resultat:
    """Ordre publié d'une fiche : les soustraits sont retranchés de l'assiette, puis la rotation s'applique à la différence.

    Interpretation: it takes a yearly volume from a stock, two different units; kept to compare, never by default.
    """
    somme = sum(soustraits.values(), Fraction(0))
    exact = max((assiette.total - somme) * taux, Fraction(0))
    bon = max(assiette.total * taux - somme, Fraction(0))
    formule = f"({nombre(assiette.total)} - {nombre(somme)}) × {pourcentage(taux)}"
    dit = avertir("unites_melangees", flux=nombre(bon))
    return Resultat(
        exact, "unites_melangees", (Etape("Flux à répartir, ordre publié", formule, exact, "s0"),), (dit,)
    )


@regle("s1", du="2018-01-01")
def double_deduction(
    soustraits: Mapping[str, Quantite], definition: Definition | None, definition_cadre: Definition | None
) -> Resultat:
    """Une libération que la rotation écarte ne peut pas être soustraite une seconde fois du flux.

    A rate given without its definition is compared with the cadre's, as a condition.
    """
    reference = definition or definition_cadre
    categories = bareme("soustraits")
    doubles = [
        str(categories[c]["libelle"])
        for c, n in soustraits.items()
        if n and reference and categories[c].get("liberations") in reference.motifs_exclus
    ]
    avertissements = [] if definition else [avertir("rotation_sans_definition")]
    if doubles:
        phrase = "message" if definition else "conditionnel"
        avertissements.append(avertir("double_deduction", phrase=phrase, categories=" et ".join(doubles)))
    return Resultat(bool(doubles), "double" if doubles else "simple", (), tuple(avertissements))
