"""The sheet « Feuille de calcul »: the account of a territory, from its parc to the flux to share."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from partiteur.moteur.tableur.classeur import TONS, Cellule, Feuille, compte, plage, quotient, vive
from partiteur.regles.flux.feuille import Flux
from partiteur.regles.socle import bareme, citer

LARGEURS = (50, 15, 78, 26)
VALEUR = 1  # the column of the numbers
NEUF = "Premières mises en location"
ENTIER = "=INT(ROUND({exact},9))"  # the rounding only undoes what binary fractions add
Detail = tuple[str, Fraction | int]


@dataclass(frozen=True)
class Reperes:
    """Where the other sheets find the flux of the territory, exact and whole."""

    exact: str
    entier: str


@dataclass(frozen=True)
class Compte:
    """The account being written: its sheet, the flux, and what the steps say of each line."""

    feuille: Feuille
    flux: Flux
    mentions: Mapping[str, tuple[str, str]]

    def poser(
        self, libelle: str, valeur: Cellule, ton: str = "normal", *, etape: str = "", note: str = ""
    ) -> int:
        """One line: label, value, the step's formula (or a note), the text it rests on; its row."""
        formule, texte = self.mentions.get(etape or libelle, ("", ""))
        cote = f"{ton}_note" if f"{ton}_note" in TONS else ton
        return self.feuille.ligne((libelle, valeur, note or formule, texte), tons=(ton, ton, cote, cote))

    def somme(self, libelle: str, details: list[Detail], rien: str) -> int:
        """The details, each under the name of its step, then their live total; the row of the total."""
        rangs = [self.poser(nom, compte(n), "detail") for nom, n in details] or [
            self.poser(rien, 0, "detail")
        ]
        total = sum((n for _, n in details), Fraction(0))
        formule = f"=SUM({plage(rangs[0], rangs[-1], VALEUR)})"
        return self.poser(libelle, vive(total, (formule, total)), note="à retrancher")


def ecrire_calcul(feuille: Feuille, flux: Flux) -> Reperes:
    """Write the account of the dossier's territory, every total and product live."""
    territoire, dossier = flux.territoire, flux.dossier
    feuille.titre(
        f"Flux {dossier.exercice} · {dossier.bailleur} · {territoire.nom or territoire.code}",
        f"Cadre : {dossier.cadre.titre}. Changez un nombre : les totaux suivent. Aucun taux n'est saisi arrondi.",
    )
    feuille.entete(("Ligne", "Nombre", "D'où il vient", "Texte"), nombres=(VALEUR,))
    mentions = {e.libelle: (e.formule, citer(e.texte)) for e in reversed(flux.etapes)}
    compte_ = Compte(feuille, flux, mentions)
    assiette = _assiette(compte_)
    taux = None if territoire.taux is None else _rotation(compte_, territoire.taux)
    volume = _volume(compte_, assiette, taux)
    categories = bareme("soustraits")
    details: list[Detail] = [
        (f"Soustraits : {categories[c]['libelle']}", n) for c, n in territoire.soustraits.items() if n
    ]
    soustraits = compte_.somme("Total des soustraits", details, "Aucun logement soustrait")
    somme = sum((n for _, n in details), Fraction(0))
    candidats = [(f"=MAX(0,B{volume}-B{soustraits})", max(territoire.volume - somme, Fraction(0)))]
    if territoire.taux is not None:
        publie = max((territoire.assiette.total - somme) * territoire.taux, Fraction(0))
        candidats.append((f"=MAX(0,(B{assiette}-B{soustraits})*B{taux})", publie))
    exact = vive(territoire.exact, *candidats, style="exact")
    rang_exact = compte_.poser("Flux à répartir, exact", exact, "total", etape="Flux à répartir")
    return Reperes(feuille.reference(rang_exact, VALEUR), _entier(compte_, rang_exact))


def _assiette(compte_: Compte) -> int:
    """The parc, what is excluded by motif, the assiette: its row."""
    assiette, date_parc = compte_.flux.territoire.assiette, compte_.flux.dossier.date_parc
    le = f" au {date_parc:%d/%m/%Y}" if date_parc else ""
    parc = compte_.poser(f"Parc{le}", assiette.parc, etape="Parc")
    motifs = bareme("exclus")["motifs"]
    details: list[Detail] = [(f"Exclus : {motifs[m]['libelle']}", n) for m, n in assiette.exclus.items()]
    exclus = compte_.somme("Total des exclus", details, "Aucun logement exclu")
    difference = (f"=B{parc}-B{exclus}", assiette.parc - sum(n for _, n in details))
    return compte_.poser("Assiette", vive(assiette.total, difference), "total")


def _rotation(compte_: Compte, taux: Fraction) -> int:
    """The rate: the counts it is made of when they are known, else the rate given; its row."""
    definition, rotation = compte_.flux.dossier.definition, compte_.flux.dossier.perimetres[0].rotation
    if rotation is None or definition is None or not rotation.denominateur or rotation.numerateur is None:
        return compte_.poser("Taux de rotation", quotient(taux, "taux"), etape="Rotation")
    haut = compte_.poser(
        "Libérations comptées", compte(rotation.numerateur), "detail", note="numérateur du taux"
    )
    bas = compte_.poser(
        "Logements au dénominateur", rotation.denominateur, "detail", note="dénominateur du taux"
    )
    annees = f"/{definition.annees}" if definition.annees > 1 else ""
    calcule = rotation.numerateur / definition.annees / rotation.denominateur
    formule = vive(taux, (f"=B{haut}{annees}/B{bas}", calcule), style="taux")
    return compte_.poser("Taux de rotation", formule, etape="Rotation")


def _volume(compte_: Compte, assiette: int, taux: int | None) -> int:
    """The expected volume: assiette × rotation or mean of the leases, and the first lettings of the year; its row."""
    territoire = compte_.flux.territoire
    if taux is not None:
        formule, attendu = f"=B{assiette}*B{taux}", territoire.assiette.total * (territoire.taux or 0)
        etape = "Volume attendu"
    else:
        formule, attendu, etape = _moyenne_des_baux(compte_)
    neuf = [e.valeur for e in compte_.flux.etapes if e.libelle == NEUF]
    if neuf and not isinstance(neuf[0], str):
        rang = compte_.poser(NEUF, compte(neuf[0] or 0), "detail")
        formule, attendu = f"{formule}+B{rang}", attendu + (neuf[0] or 0)
    return compte_.poser("Volume attendu", vive(territoire.volume, (formule, attendu)), "total", etape=etape)


def _moyenne_des_baux(compte_: Compte) -> tuple[str, Fraction, str]:
    """A volume that is the mean of the leases signed: each year, then the formula, its value, its step (D5)."""
    dossier, territoire = compte_.flux.dossier, compte_.flux.dossier.perimetres[0]
    combien = dossier.cadre.annees_volume or len(territoire.baux)
    annees = range(dossier.exercice - combien, dossier.exercice)
    etape = f"Baux signés, {territoire.nom or territoire.code}"
    baux = [territoire.baux[annee] for annee in annees]
    rangs = [
        compte_.poser(f"Baux signés en {annee}", n, "detail", etape=etape)
        for annee, n in zip(annees, baux, strict=True)
    ]
    return f"=SUM({plage(rangs[0], rangs[-1], VALEUR)})/{len(rangs)}", Fraction(sum(baux), len(baux)), etape


def _entier(compte_: Compte, exact: int) -> str:
    """The whole flux to share, after the fractions carried from last year (D3, D4): how other sheets name it."""
    flux, dossier = compte_.flux, compte_.flux.dossier
    report = sum((r.report for r in dossier.reservataires), dossier.report_non_reserve)
    total, note = f"B{exact}", "partie entière du flux exact"
    if report:
        rang = compte_.poser("Fractions reportées de l'année précédente", quotient(report), "detail")
        total, note = f"{total}+B{rang}", "partie entière du flux exact et des fractions reportées"
    candidat = (ENTIER.format(exact=total), floor(flux.territoire.exact + report))
    formule = vive(flux.a_repartir, candidat)
    rang = compte_.poser("Flux à répartir", formule, "resultat", etape="Flux à répartir", note=note)
    return compte_.feuille.reference(rang, VALEUR)
