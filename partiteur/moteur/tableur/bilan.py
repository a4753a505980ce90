"""The workbook of a bilan: réservataires, the long table, its six marginals as live sums, and what goes with them."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import IO, Any

from partiteur.moteur.tableur.bilan_annexes import ecrire_annexes
from partiteur.moteur.tableur.classeur import (
    Cellule,
    Classeur,
    Formule,
    adresse,
    classeur,
    quotient,
    vive,
)
from partiteur.regles.bilan import Atteinte, Bilan, Ventilation
from partiteur.regles.socle import bareme

CROISE = "Tableau croisé"
INCONNU = "inconnu"
SYNTHESE = ("mise_a_disposition", "validee", "candidats_proposes", "candidats_acceptes", "attribution", "bail_signe",
            "refus_adaptes", "en_cours", "neutralisees")  # fmt: skip


def ecrire_bilan(bilan: Bilan, fichier: IO[bytes]) -> None:
    """Write the workbook of a bilan."""
    titre = f"Bilan du {bilan.du:%d/%m/%Y} au {bilan.au:%d/%m/%Y}"
    with classeur(fichier, titre) as livre:
        _synthese(livre, bilan, titre)
        _engagements(livre, bilan)
        ecrire_ventilation(livre, bilan.ventilation, titre)
        ecrire_annexes(livre, bilan)


def ecrire_croisement(ventilation: Ventilation, titre: str, fichier: IO[bytes]) -> None:
    """The workbook of a long table alone: another bailleur's, or a territory's."""
    with classeur(fichier, titre) as livre:
        ecrire_ventilation(livre, ventilation, titre)


def ecrire_ventilation(livre: Classeur, ventilation: Ventilation, titre: str) -> None:
    """The long table and its marginals: the shape of R441-5-1, of one bailleur or of a territory."""
    premiere, derniere = _croise(livre, ventilation, titre)
    _marginaux(livre, ventilation, premiere, derniere)


def mot(valeur: Any) -> str:
    """A value as a sheet writes it: oui, non, inconnu; a period by its label."""
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if valeur is None:
        return INCONNU
    return _periodes().get(valeur, str(valeur))


def _periodes() -> Mapping[str, str]:
    return {c["code"]: c["libelle"] for c in bareme("periodes_construction")["classes"]}


def _libelles(noms: Iterable[str]) -> list[str]:
    return [bareme("bilan")["libelles"][nom] for nom in noms]


def _synthese(livre: Classeur, bilan: Bilan, titre: str) -> None:
    """One réservataire a row: the counters and the taux de chute."""
    entetes = ("Code", "Réservataire", *_libelles(SYNTHESE), "Taux de chute")
    feuille = livre.feuille("Réservataires", (18, 30, *(13 for _ in entetes[2:])))
    preuve = bilan.preuve
    au = f"{bilan.connu_au:%d/%m/%Y}" if bilan.connu_au else "jour inconnu, journal vide"
    feuille.titre(
        f"{titre} · {bilan.bailleur or preuve.journal}",
        f"Connu au {au}. Tête du journal : {preuve.tete or 'journal sans empreintes, invérifiable'}.",
        f"{bilan.vacances} vacances, {bilan.flux_constate} entrées dans le flux, {bilan.non_offertes} proposées à aucun "
        f"réservataire. Surcompte : {bilan.surcompte}.",
    )
    entete = feuille.entete(entetes, figees=2, nombres=range(2, len(entetes)))
    for ligne in bilan.reservataires:
        comptes = (ligne.compteurs[nom] for nom in SYNTHESE)
        feuille.ligne([ligne.code, ligne.nom or "", *comptes, taux(ligne.taux_chute)])
    feuille.filtrer(entete)
    total: list[Cellule] = ["Total", None]
    for colonne, nom in enumerate(SYNTHESE, start=2):
        somme = sum(ligne.compteurs[nom] for ligne in bilan.reservataires)
        total.append(_somme(entete + 1, feuille.rang, colonne, somme))
    feuille.ligne([*total, None], "resultat")


def _engagements(livre: Classeur, bilan: Bilan) -> None:
    """One réservataire a row: what engages the bailleur, against the volume of the year and the flux really seen."""
    entetes = ("Réservataire", "Étape qui engage", "Compté", "Volume de l'année", "Atteinte du volume", "Part",
               "Flux constaté", "Attendu à date", "Atteinte du flux", "Écart", "Alerte")  # fmt: skip
    feuille = livre.feuille("Engagements", (34, 22, *(13 for _ in entetes[3:]), 24))
    feuille.titre(
        "Ce qui est dû et ce qui est compté",
        "L'attendu à date est la part du flux constaté dans le périmètre du réservataire ; l'écart est le compté moins l'attendu.",
    )
    entete = feuille.entete(entetes, nombres=range(2, 10))
    libelles = bareme("decompte")["etapes"]["libelles"]
    for ligne in bilan.reservataires:
        compte, volume, part, flux, attendu = (adresse(feuille.rang + 1, c) for c in (2, 3, 5, 6, 7))
        atteinte = ligne.atteinte or Atteinte(None, None, None)
        feuille.ligne(
            [
                ligne.nom or ligne.code,
                libelles[ligne.etape] if ligne.etape else "non fixée",
                "non compté" if ligne.engage is None else ligne.engage,
                "non comparé" if ligne.objectif is None else ligne.objectif,
                _calcule(atteinte.du_volume, f"={compte}/{volume}", "taux"),
                taux(ligne.part),
                "—" if ligne.flux_constate is None else ligne.flux_constate,
                _calcule(ligne.attendu, f"={part}*{flux}"),
                _calcule(atteinte.du_flux, f"={compte}/{attendu}", "taux"),
                _calcule(atteinte.ecart, f"={compte}-{attendu}"),
                ligne.alerte.mots if ligne.alerte else "",
            ]
        )
    feuille.filtrer(entete)


def taux(valeur: Fraction | None) -> Cellule:
    """An exact rate, or a dash when there is nothing to divide."""
    return "—" if valeur is None else quotient(valeur, "taux")


def _calcule(valeur: Fraction | None, formule: str, style: str = "exact") -> Cellule:
    return "—" if valeur is None else Formule(formule, valeur, style)


def _somme(premiere: int, derniere: int, colonne: int, somme: int) -> Cellule:
    """A live total, 0 for an empty table."""
    if derniere < premiere:
        return 0
    return vive(somme, (f"=SUM({adresse(premiere, colonne)}:{adresse(derniere, colonne)})", somme))


def _croise(livre: Classeur, ventilation: Ventilation, titre: str) -> tuple[int, int]:
    """The long table: one combination of the axes a row, then the live totals; its first and last rows."""
    axes, compteurs = ventilation.axes, list(ventilation.total)
    feuille = livre.feuille(CROISE, (*(18 for _ in axes), *(13 for _ in compteurs)))
    feuille.titre(
        titre,
        f"Une ligne par combinaison : {', '.join(_libelles(axes)).lower()}. Les inconnus sont comptés et dits.",
    )
    largeur = len(axes)
    entetes = [*_libelles(axes), *_libelles(compteurs)]
    entete = feuille.entete(entetes, nombres=range(largeur, len(entetes)))
    for cellule in ventilation.lignes:
        feuille.ligne([*map(mot, cellule.cle), *(cellule.compteurs[nom] for nom in compteurs)])
    derniere = feuille.rang
    feuille.filtrer(entete)
    sommes = [
        _somme(entete + 1, derniere, largeur + i, ventilation.total[nom]) for i, nom in enumerate(compteurs)
    ]
    feuille.ligne(["Total", *[None] * (largeur - 1), *sommes], "resultat")
    return entete + 1, derniere


def _marginaux(livre: Classeur, ventilation: Ventilation, premiere: int, derniere: int) -> None:
    """The marginals, each cell a live sum over the long table."""
    compteurs = list(ventilation.total)
    feuille = livre.feuille("Marginaux", (34, *(13 for _ in compteurs)))
    feuille.titre(
        "Les marginaux, un par axe",
        "Chaque nombre est la somme des lignes du tableau croisé ; les totaux sont égaux.",
    )
    for rang, axe in enumerate(ventilation.axes):
        tons: Sequence[str] = ["entete", *["entete_nombre"] * len(compteurs)]
        feuille.ligne([*_libelles([axe]), *_libelles(compteurs)], tons=tons)
        debut = feuille.rang + 1
        for cellule in ventilation.marginaux[axe]:
            cle = adresse(feuille.rang + 1, 0)
            sommes = [
                _filtre(cellule.compteurs[nom], cle, rang, len(ventilation.axes) + i, premiere, derniere)
                for i, nom in enumerate(compteurs)
            ]
            feuille.ligne([mot(cellule.cle[0]), *sommes])
        totaux = [
            _somme(debut, feuille.rang, 1 + i, ventilation.total[nom]) for i, nom in enumerate(compteurs)
        ]
        feuille.ligne(["Total", *totaux], "total")
        feuille.saut()


def _filtre(valeur: int, cle: str, axe: int, compteur: int, premiere: int, derniere: int) -> Cellule:
    """The rows of the long table whose axis is that of the row, summed; texts compared whole."""
    if derniere < premiere:
        return valeur
    lus, nombres = (
        f"'{CROISE}'!{adresse(premiere, c, fixe=True)}:{adresse(derniere, c, fixe=True)}"
        for c in (axe, compteur)
    )
    return Formule(f"=SUMPRODUCT(({lus}={cle})*{nombres})", valeur)


def ecrire_tableau(titre: str, lignes: Sequence[Sequence[Any]], fichier: IO[bytes]) -> None:
    """A workbook of one table, its header first; an empty one says so."""
    with classeur(fichier, titre) as livre:
        entete = lignes[0] if lignes else ("Aucune ligne",)
        nombres = [i for i, _ in enumerate(entete) if any(type(ligne[i]) is int for ligne in lignes[1:])]
        feuille = livre.feuille("Tableau", [max(16, len(str(nom)) + 2) for nom in entete])
        feuille.titre(titre)
        rang = feuille.entete([str(nom) for nom in entete], nombres=nombres)
        for ligne in lignes[1:]:
            feuille.ligne([v if type(v) is int else mot(v) for v in ligne])
        if lignes:
            feuille.filtrer(rang)
