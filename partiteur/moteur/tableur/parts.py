"""The sheets « Réservataires » and « Périmètres »: who is owed what, and of which flux."""

from collections.abc import Sequence
from fractions import Fraction

from partiteur.moteur.tableur.calcul import ENTIER, Reperes
from partiteur.moteur.tableur.classeur import Cellule, Feuille, adresse, compte, plage, quotient, vive
from partiteur.regles.flux.feuille import Flux, FluxPerimetre, PartReservataire
from partiteur.regles.socle import bareme

ECHELLES = {"departement": "département", "epci": "EPCI", "commune": "commune"}
CONTREPARTIES = {
    "terrain": "terrain",
    "financement": "financement",
    "garantie": "garantie d'emprunt",
    "sans": "",
}
ENGAGEMENTS = {"pourcentage": "pourcentage", "volume": "volume"}
NON_PUBLIE = "non publié"
LIEU = ("Code", "Périmètre", "Échelle", "Parc")
ASSIETTE = ("Total des exclus", "Assiette", "Rotation", "Volume attendu")
NET = ("Total des soustraits", "Flux exact", "Flux à répartir")
QUI = (
    "Code",
    "Réservataire",
    "Type",
    "Périmètre",
    "Contrepartie",
    "Part",
    "Part appliquée",
    "Flux du périmètre",
    "Exact",
)
PRECISIONS = ("Engagement", "Reste à reporter", "Part sans les droits contestés", "Précisions")
LARGEURS = (17, 34, 26, 26, 18, 9, 10, 11, 11, 11, 14, 10, 12, 40)
NOMBRES = (5, 6, 7, 8, 9, 11, 12)
EXACT, OBJECTIF = 8, 9  # columns
FIN: tuple[Cellule, ...] = (None,) * 4  # the columns after them, empty in the totals


def nommer(perimetre: FluxPerimetre) -> str:
    """How a sheet calls a perimeter: its name, else its scale and code."""
    return perimetre.nom or f"{ECHELLES[perimetre.echelle]} {perimetre.code}"


def colonnes_des_perimetres(flux: Flux) -> tuple[list[str], list[str]]:
    """The motifs and the categories that some perimeter counts, in the order of their barèmes."""
    motifs = [m for m in bareme("exclus")["motifs"] if any(p.assiette.exclus.get(m) for p in flux.perimetres)]
    categories = [
        c for c in bareme("soustraits") if c != "source" and any(p.soustraits.get(c) for p in flux.perimetres)
    ]
    return motifs, categories


def largeurs_des_perimetres(flux: Flux) -> list[float]:
    """Widths of the columns of « Périmètres »: as many as there are motifs and categories."""
    motifs, categories = colonnes_des_perimetres(flux)
    return [12, 30, 13, 10, *[13] * len(motifs), 10, 10, 10, 11, *[13] * len(categories), 11, 11, 10]


def ecrire_perimetres(feuille: Feuille, flux: Flux) -> dict[str, str]:
    """One perimeter a row, its account live; returns where the exact flux of each is, by code."""
    motifs, categories = colonnes_des_perimetres(flux)
    feuille.titre(
        "Périmètres",
        "Le territoire du dossier, puis les périmètres qu'il contient ; ils ne s'additionnent pas.",
    )
    libelles = [f"Exclus : {bareme('exclus')['motifs'][m]['libelle']}" for m in motifs]
    soustraits = [f"Soustraits : {bareme('soustraits')[c]['libelle']}" for c in categories]
    feuille.entete(
        (*LIEU, *libelles, *ASSIETTE, *soustraits, *NET),
        figees=2,
        nombres=range(3, len(feuille.largeurs)),
    )
    ou = {}
    for perimetre in flux.perimetres:
        ton = "section" if perimetre is flux.territoire else "normal"
        rang = feuille.ligne(_perimetre(perimetre, feuille.rang + 1, motifs, categories), ton)
        ou[perimetre.code] = feuille.reference(rang, len(feuille.largeurs) - 2)
    return ou


def _perimetre(
    p: FluxPerimetre, rang: int, motifs: Sequence[str], categories: Sequence[str]
) -> list[Cellule]:
    cellules: list[Cellule] = [p.code, nommer(p), ECHELLES[p.echelle], p.assiette.parc]
    parc = len(cellules) - 1
    exclus = [p.assiette.exclus.get(m, 0) for m in motifs]
    cellules += exclus
    cellules.append(_total(rang, len(cellules), [Fraction(n) for n in exclus]))
    hors, somme_exclus = adresse(rang, len(cellules) - 1), sum(exclus)
    reste = (f"={adresse(rang, parc)}-{hors}", p.assiette.parc - somme_exclus)
    cellules.append(vive(p.assiette.total, reste))
    assiette = adresse(rang, len(cellules) - 1)
    cellules.append("moyenne des baux" if p.taux is None else quotient(p.taux, "taux"))
    taux = adresse(rang, len(cellules) - 1)
    produit = [] if p.taux is None else [(f"={assiette}*{taux}", p.assiette.total * p.taux)]
    cellules.append(vive(p.volume, *produit, style="exact"))
    volume = adresse(rang, len(cellules) - 1)
    soustraits = [Fraction(p.soustraits.get(c, 0)) for c in categories]
    cellules += [compte(n) for n in soustraits]
    cellules.append(_total(rang, len(cellules), soustraits))
    moins, somme = adresse(rang, len(cellules) - 1), sum(soustraits, Fraction(0))
    nets = [(f"=MAX(0,{volume}-{moins})", max(p.volume - somme, Fraction(0)))]
    if p.taux is not None:
        publie = max((p.assiette.total - somme) * p.taux, Fraction(0))
        nets.append((f"=MAX(0,({assiette}-{moins})*{taux})", publie))
    cellules.append(vive(p.exact, *nets, style="exact"))
    exact = adresse(rang, len(cellules) - 1)
    return [*cellules, vive(p.a_repartir, (ENTIER.format(exact=exact), p.a_repartir))]


def _total(rang: int, colonne: int, valeurs: Sequence[Fraction]) -> Cellule:
    """The live sum of the cells just before `colonne`."""
    total = sum(valeurs, Fraction(0))
    if not valeurs:
        return 0
    debut, fin = adresse(rang, colonne - len(valeurs)), adresse(rang, colonne - 1)
    return vive(total, (f"=SUM({debut}:{fin})", total))


def ecrire_reservataires(feuille: Feuille, flux: Flux, reperes: Reperes, ou: dict[str, str]) -> None:
    """One réservataire a row, the non-réservé, then what they add up to, set against the flux to share."""
    volumes = {p.engagement for p in flux.reservataires} == {"volume"}
    titre = "Objectif" if volumes else "Volume indicatif"
    feuille.titre(
        f"Ce qui revient à chaque réservataire en {flux.dossier.exercice}",
        "L'engagement est le pourcentage ; le volume qui en découle est indicatif, sauf pour un engagement en volume.",
    )
    feuille.entete(
        (*QUI, titre, *PRECISIONS),
        figees=2,
        nombres=NOMBRES,
    )
    premiere = feuille.rang + 1
    for part in flux.reservataires:
        feuille.ligne(_part(part, feuille.rang + 1, flux, ou))
    _bas(feuille, flux, premiere, reperes)


def _part(part: PartReservataire, rang: int, flux: Flux, ou: dict[str, str]) -> list[Cellule]:
    types, siens = bareme("reservataires"), [p for p in flux.perimetres if p.code in part.perimetres]
    base = sum((p.exact for p in siens), Fraction(0))
    somme = "=" + "+".join(ou[p.code] for p in siens)
    produit = (f"={adresse(rang, 6)}*{adresse(rang, 7)}", part.part_appliquee * base)
    return [
        part.code,
        part.nom or "",
        types[part.type]["libelle"],
        ", ".join(nommer(p) for p in siens),
        CONTREPARTIES.get(part.contrepartie, part.contrepartie),
        quotient(part.part, "taux"),
        quotient(part.part_appliquee, "taux"),
        vive(base, (somme, base), style="exact"),
        vive(part.exact, produit, style="exact"),
        NON_PUBLIE if part.objectif is None else part.objectif,
        ENGAGEMENTS.get(part.engagement, part.engagement),
        None if part.reste_a_reporter is None else quotient(part.reste_a_reporter),
        None if part.part_sans_contestes is None else quotient(part.part_sans_contestes, "taux"),
        _dire(part),
    ]


def _bas(feuille: Feuille, flux: Flux, premiere: int, reperes: Reperes) -> None:
    """The total of the réservataires, the non-réservé, their sum, and the same flux read on the calculation sheet."""
    derniere, reste = feuille.rang, flux.non_reserve
    exacts = sum((p.exact for p in flux.reservataires), Fraction(0))
    entiers = sum(p.objectif or 0 for p in flux.reservataires)
    vides: list[Cellule] = [None] * 3
    sommes: list[Cellule] = [0, 0]
    if flux.reservataires:
        sommes = [
            vive(exacts, (f"=SUM({plage(premiere, derniere, EXACT)})", exacts), style="exact"),
            vive(entiers, (f"=SUM({plage(premiere, derniere, OBJECTIF)})", entiers)),
        ]
    tete: list[Cellule] = [None, "Total des réservataires", *vides, None, None, None]
    total = feuille.ligne([*tete, *sommes, *FIN], "total")
    nom = "Non réservé" if flux.dossier.complet else "Autres réservataires et non réservé"
    objectif = NON_PUBLIE if reste.objectif is None else reste.objectif
    parts = [quotient(reste.part, "taux"), quotient(reste.part_appliquee, "taux"), None]
    report = None if reste.reste_a_reporter is None else quotient(reste.reste_a_reporter)
    rang = feuille.ligne(
        [None, nom, *vides, *parts, quotient(reste.exact), objectif, None, report, None, None]
    )
    tout = exacts + reste.exact
    entier: Cellule = NON_PUBLIE
    if reste.objectif is not None:
        ensemble = entiers + reste.objectif
        entier = vive(ensemble, (f"={adresse(total, OBJECTIF)}+{adresse(rang, OBJECTIF)}", ensemble))
    exact = vive(tout, (f"={adresse(total, EXACT)}+{adresse(rang, EXACT)}", tout), style="exact")
    tete = [None, "Flux à répartir", *vides, None, None, None]
    feuille.ligne([*tete, exact, entier, *FIN], "resultat")
    calcul: list[Cellule] = [
        vive(flux.territoire.exact, (f"={reperes.exact}", flux.territoire.exact), style="exact")
    ]
    calcul.append(vive(flux.a_repartir, (f"={reperes.entier}", flux.a_repartir)))
    tete = [None, "Flux d'après la feuille de calcul", *vides, None, None, None]
    feuille.ligne([*tete, *calcul, *FIN], "detail")


def _dire(part: PartReservataire) -> str:
    """What comes beside the part: majoration, balance carried, rarity."""
    phrases = []
    if part.majoration:
        phrases.append(f"{part.majoration} logements de plus, de programmes livrés dans l'année")
    if part.solde_reporte:
        phrases.append(f"solde reporté de l'année précédente : {part.solde_reporte}")
    if part.tous_les_ans and part.tous_les_ans > 1:
        phrases.append(f"environ un logement tous les {part.tous_les_ans} ans")
    return " ; ".join(phrases)
