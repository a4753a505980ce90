"""The sheet « Fiche d'assiette »: the published form, by EPCI, beside the order of operations the law asks for (D10)."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any

from partiteur.moteur.tableur.classeur import Cellule, Feuille, Formule, adresse, compte, quotient, vive
from partiteur.moteur.tableur.parts import nommer
from partiteur.regles.flux.feuille import Flux, FluxPerimetre

PREMIERE = 1  # the column of the first perimeter; the labels are before
TONS = {
    "parc": "total", "total_exclus": "total", "total_soustraits": "total", "assiette": "total",
    "flux_publie": "total", "flux": "resultat", "ecart": "total", "exclus": "detail", "soustraits": "detail",
}  # fmt: skip


@cache
def modele() -> Mapping[str, Any]:
    """The published form, as data."""
    return tomllib.loads((resources.files(__package__) / "fiche.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Ordres:
    """The flux of a perimeter in both orders of operations; the published one is unknown without a rate."""

    assiette_publiee: Fraction
    publie: Fraction | None
    rotation_d_abord: Fraction


def ordres(perimetre: FluxPerimetre) -> Ordres:
    """Both orders: the published one takes a yearly volume from a stock, the other takes it from the flux."""
    somme = _soustraits_de(perimetre)
    publiee = perimetre.assiette.total - somme
    publie = None if perimetre.taux is None else max(publiee * perimetre.taux, Fraction(0))
    return Ordres(publiee, publie, max(perimetre.volume - somme, Fraction(0)))


def perimetres_de_la_fiche(flux: Flux) -> tuple[FluxPerimetre, ...]:
    """The columns of the form: each EPCI, then the whole territory."""
    epcis = tuple(p for p in flux.perimetres[1:] if p.echelle == "epci")
    return (*epcis, flux.territoire)


def largeurs_de_la_fiche(flux: Flux) -> list[float]:
    """A wide column of labels, one a perimeter."""
    return [70, *[20] * len(perimetres_de_la_fiche(flux))]


def ecrire_fiche(feuille: Feuille, flux: Flux) -> None:
    """Write the form, its sums and both orders live, then why they differ."""
    dossier, colonnes = flux.dossier, perimetres_de_la_fiche(flux)
    valeurs = {"exercice": dossier.exercice, "source": dossier.source_parc or "du bailleur"}
    feuille.titre(modele()["titre"].format(**valeurs), modele()["note"])
    for ligne in modele()["entete"]:
        connu = dossier.bailleur if ligne["champ"] == "bailleur" else dossier.fiche.get(ligne["champ"])
        feuille.ligne((ligne["libelle"], connu), tons=("normal", "note" if connu else "saisie"))
    feuille.saut()
    noms = [nommer(p) for p in colonnes]
    feuille.entete(("Calcul de l'assiette", *noms), nombres=range(PREMIERE, PREMIERE + len(noms)))
    rangs = {rang: feuille.rang + 1 + i for i, rang in enumerate(range(len(modele()["ligne"])))}
    fiche = Fiche(rangs)
    for rang, ligne in enumerate(modele()["ligne"]):
        genre = ligne["genre"]
        cellules = [fiche.cellule(rang, ligne, p, PREMIERE + i) for i, p in enumerate(colonnes)]
        ton = TONS.get(genre, "normal")
        cases = ["saisie" if genre in ("saisie", "nouvelles") else ton] * len(colonnes)
        feuille.ligne((ligne["libelle"].format(**valeurs), *cellules), tons=(ton, *cases))
    feuille.saut()
    for phrase in modele()["pourquoi"]:
        feuille.ligne((phrase,))


@dataclass(frozen=True)
class Fiche:
    """Where each line of the form is, so that formulas find each other."""

    rangs: Mapping[int, int]

    def cellule(self, rang: int, ligne: Mapping[str, Any], p: FluxPerimetre, colonne: int) -> Cellule:
        """One case of the form."""
        faire: Callable[..., Cellule] | None = getattr(self, f"_{ligne['genre']}", None)
        return faire(ligne, p, colonne) if faire else None

    def _en(self, genre: str, colonne: int) -> str:
        """The address of the (only) line of a kind."""
        return next(
            adresse(self.rangs[i], colonne)
            for i, ligne in enumerate(modele()["ligne"])
            if ligne["genre"] == genre
        )

    def _somme(self, genre: str, colonne: int) -> str:
        rangs = [self.rangs[i] for i, ligne in enumerate(modele()["ligne"]) if ligne["genre"] == genre]
        return f"=SUM({adresse(rangs[0], colonne)}:{adresse(rangs[-1], colonne)})"

    def _parc(self, ligne: Mapping[str, Any], p: FluxPerimetre, colonne: int) -> Cellule:
        return p.assiette.parc

    def _exclus(self, ligne: Mapping[str, Any], p: FluxPerimetre, colonne: int) -> Cellule:
        return compte(_compter(ligne, p.assiette.exclus))

    def _soustraits(self, ligne: Mapping[str, Any], p: FluxPerimetre, colonne: int) -> Cellule:
        return compte(_compter(ligne, p.soustraits))

    def _total_exclus(self, ligne: Mapping[str, Any], p: FluxPerimetre, colonne: int) -> Formule:
        total = sum(p.assiette.exclus.values())
        return vive(total, (self._somme("exclus", colonne), total))

    def _total_soustraits(self, ligne: Mapping[str, Any], p: FluxPerimetre, colonne: int) -> Formule:
        total = sum(p.soustraits.values(), Fraction(0))
        return vive(total, (self._somme("soustraits", colonne), total))

    def _assiette(self, ligne: Mapping[str, Any], p: FluxPerimetre, colonne: int) -> Formule:
        moins = "-".join(self._en(genre, colonne) for genre in ("parc", "total_exclus", "total_soustraits"))
        publiee = ordres(p).assiette_publiee
        return vive(publiee, (f"={moins}+{self._en('nouvelles', colonne)}", publiee))

    def _taux(self, ligne: Mapping[str, Any], p: FluxPerimetre, colonne: int) -> Cellule:
        return "moyenne des baux" if p.taux is None else quotient(p.taux, "taux")

    def _flux_publie(self, ligne: Mapping[str, Any], p: FluxPerimetre, colonne: int) -> Cellule:
        publie = ordres(p).publie
        if publie is None:
            return "sans objet"
        formule = f"=MAX(0,{self._en('assiette', colonne)}*{self._en('taux', colonne)})"
        return vive(publie, (formule, publie), style="exact")

    def _flux(self, ligne: Mapping[str, Any], p: FluxPerimetre, colonne: int) -> Formule:
        net, candidats = ordres(p).rotation_d_abord, []
        if p.taux is not None:
            parc, exclus, taux = (self._en(g, colonne) for g in ("parc", "total_exclus", "taux"))
            formule = f"=MAX(0,({parc}-{exclus})*{taux}-{self._en('total_soustraits', colonne)})"
            candidats.append((formule, max(p.assiette.total * p.taux - _soustraits_de(p), Fraction(0))))
        return vive(net, *candidats, style="exact")

    def _ecart(self, ligne: Mapping[str, Any], p: FluxPerimetre, colonne: int) -> Cellule:
        deux = ordres(p)
        if deux.publie is None:
            return "sans objet"
        ecart = deux.publie - deux.rotation_d_abord
        formule = f"={self._en('flux_publie', colonne)}-{self._en('flux', colonne)}"
        return vive(ecart, (formule, ecart), style="exact")


def _soustraits_de(p: FluxPerimetre) -> Fraction:
    return Fraction(sum(p.soustraits.values(), Fraction(0)))


def _compter(ligne: Mapping[str, Any], quantites: Mapping[str, Fraction | int]) -> Fraction:
    """What a line counts: its codes, or, for the line that has none, the codes of no other line."""
    codes = ligne.get("codes")
    pris = {
        code
        for autre in modele()["ligne"]
        for code in autre.get("codes", ())
        if autre["genre"] == ligne["genre"]
    }
    return sum(
        (Fraction(n) for c, n in quantites.items() if (c in codes if codes else c not in pris)), Fraction(0)
    )
