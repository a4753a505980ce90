"""Who a dossier's dwellings may be turned to: parts of the flux, places, and parts of each class of dwelling (D61)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from partiteur.moteur.cadre import chemin_du_cadre, document_du_cadre
from partiteur.moteur.etats import compter_droits
from partiteur.moteur.execution import executer, requete
from partiteur.moteur.flux import construire
from partiteur.moteur.flux.comptes import compter, est_sem
from partiteur.moteur.geographie import charger
from partiteur.moteur.schema import DocumentInvalide, valider
from partiteur.moteur.tableur import lire_document
from partiteur.regles.decompte import Regime, clauses_du_dossier, methode_du_cadre, regime
from partiteur.regles.flux import flux as calculer
from partiteur.regles.flux.feuille import Flux, PartReservataire
from partiteur.regles.orientation import (
    Attentes,
    AttentesImpossibles,
    Classe,
    LogementsDeClasse,
    Poids,
    parts_attendues,
    poids_du_cadre,
)
from partiteur.regles.socle import fraction

LIEUX = ("commune", "epci", "departement")
AXES = (*LIEUX, "famille_financement", "qpv", "typologie_groupe")
TERRITOIRE = ("territoire", "")
Place = tuple[str, str]  # a scale and a code; TERRITOIRE is the dossier's whole


@dataclass(frozen=True)
class Beneficiaire:
    """A réservataire: its part of the flux of its places, and of each class where it differs from its part.

    `ouverture`: what last year's balance adds to what it is owed (D4), None when the dossier says nothing of it.
    """

    code: str
    nom: str | None
    type: str
    gestion: str
    part: Fraction
    places: tuple[Place, ...]
    classes: Mapping[Classe, Fraction] = field(default_factory=dict)
    ouverture: Fraction | None = None

    def part_de(self, classe: Classe) -> Fraction:
        """Its part of a class of dwellings."""
        return self.classes.get(classe, self.part) if self.classes else self.part


@dataclass(frozen=True)
class Cibles:
    """What a dossier says for its orientation.

    `soustraits`: the dwellings forecast by category; `volume`: those the year should free, soustraits included.
    `territoire`: the dossier's place. `regimes`: how the account of each réservataire is kept.
    """

    beneficiaires: tuple[Beneficiaire, ...]
    soustraits: Mapping[str, Fraction]
    volume: Fraction
    territoire: Place
    poids: Poids
    regimes: Mapping[str, Regime]
    motifs_exclus: tuple[str, ...]
    sem: bool
    exercice: int


def cibles_du_dossier(chemin: Path) -> Cibles:
    """The parts, places and targets of a dossier. Raises what reading it raises, and DocumentInvalide when the cadre
    asks a target that the dossier does not give."""
    document = lire_document(chemin)
    valider(document, "dossier", chemin)
    flux = calculer(construire(document, chemin))
    cadre = document_du_cadre(chemin_du_cadre(document["cadre"], chemin.parent))[0]
    poids, methode = poids_du_cadre(cadre), methode_du_cadre(cadre)
    clauses = {r["code"]: clauses_du_dossier(r) for r in document.get("reservataires", ())}
    dits = {r["code"] for r in document.get("reservataires", ()) if "precedent" in r}
    parts = _parts_par_classe(document, chemin, flux, poids)
    territoire = flux.territoire
    return Cibles(
        tuple(
            Beneficiaire(
                part.code,
                part.nom,
                part.type,
                clauses[part.code].gestion,
                part.part_appliquee,
                _places(part, flux),
                parts.get(part.code, {}),
                Fraction(-part.solde_reporte) if part.code in dits else None,
            )
            for part in flux.reservataires
        ),
        {categorie: Fraction(n) for categorie, n in territoire.soustraits.items()},
        territoire.volume,
        (territoire.echelle, territoire.code),
        poids,
        {code: regime(methode, clause).valeur for code, clause in clauses.items()},
        flux.dossier.cadre.motifs_exclus,
        est_sem(document),
        flux.dossier.exercice,
    )


def _places(part: PartReservataire, flux: Flux) -> tuple[Place, ...]:
    """Where a part applies: the dossier's whole, or the perimeters the convention names."""
    siens = [p for p in flux.perimetres if p.code in part.perimetres]
    return tuple(TERRITOIRE if p is flux.territoire else (p.echelle, p.code) for p in siens)


def _parts_par_classe(
    document: Mapping[str, Any], chemin: Path, flux: Flux, poids: Poids
) -> dict[str, dict[Classe, Fraction]]:
    """The part of each class where it is not that of the flux: the stock a réservataire held, or what it wishes."""
    if poids.cible == "attentes":
        return _parts_attendues(document, chemin, flux)
    return _parts_du_stock(document, chemin, flux) if poids.cible == "stock_initial" else {}


def _parts_attendues(
    document: Mapping[str, Any], chemin: Path, flux: Flux
) -> dict[str, dict[Classe, Fraction]]:
    """For a target of the wishes said in the dossier (D59); a réservataire that says none follows the parc."""
    dites = {
        r["code"]: _attentes(r["attentes"]) for r in document.get("reservataires", ()) if "attentes" in r
    }
    if not dites or "fichier" not in document["parc"]:
        raise DocumentInvalide(
            f"{chemin} : le cadre vise les attentes des réservataires ; donnez « fichier » dans [parc], et « attentes » à "
            "un réservataire au moins (typologies, financements, qpv)."
        )
    parc, _ = _stocks(document, chemin.parent, flux)
    rendu: dict[str, dict[Classe, Fraction]] = {}
    for part in flux.reservataires:
        if part.code in dites:
            dedans = _dans(_places(part, flux))
            tout = _par_classe(x for x in parc if dedans(x))
            comptes = [LogementsDeClasse(n, *classe) for classe, n in tout.items()]
            try:
                parts = parts_attendues(dites[part.code], part.part_appliquee, comptes).valeur
            except AttentesImpossibles as erreur:
                raise DocumentInvalide(f"{chemin}, réservataire « {part.code} » : {erreur}") from erreur
            rendu[part.code] = dict(zip(tout, parts, strict=True))
    return rendu


def _attentes(donnees: Mapping[str, Any]) -> Attentes:
    """The wishes of one [[reservataires]]."""
    typologies, financements = (
        {valeur: fraction(taux) for valeur, taux in donnees.get(axe, {}).items()}
        for axe in ("typologies", "financements")
    )
    return Attentes(typologies, financements, fraction(donnees["qpv"]) if "qpv" in donnees else None)


def _parts_du_stock(
    document: Mapping[str, Any], chemin: Path, flux: Flux
) -> dict[str, dict[Classe, Fraction]]:
    """For a target of the initial stock: what each réservataire held of a class, against what its places hold of it.

    Its part of a class is its part of the flux, times the share of the class in its stock over that in the parc. A
    right on a programme, whose dwelling nobody knows, is left out; a réservataire without any other follows the parc.
    """
    if "fichier" not in document["parc"] or "droits" not in document:
        raise DocumentInvalide(
            f"{chemin} : le cadre vise la structure du stock initial ; donnez « fichier » dans [parc] et dans [droits]."
        )
    parc, reserves = _stocks(document, chemin.parent, flux)
    rendu: dict[str, dict[Classe, Fraction]] = {}
    for part in flux.reservataires:
        dedans = _dans(_places(part, flux))
        tout = _par_classe(x for x in parc if dedans(x))
        du_registre = _par_classe(x for x in reserves if x["reservataire"] == part.code and dedans(x))
        sien = {classe: n for classe, n in du_registre.items() if classe in tout}
        total, ensemble = sum(sien.values()), sum(tout.values())
        if total:
            rendu[part.code] = {
                classe: part.part_appliquee * Fraction(sien.get(classe, 0) * ensemble, total * n)
                for classe, n in tout.items()
            }
    return rendu


def _stocks(
    document: Mapping[str, Any], base: Path, flux: Flux
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The assiette counted by AXES: all of it, then what each réservataire holds, where a register says it."""
    geographie = charger(base / document["geographie"]["fichier"] if "geographie" in document else None)
    con = compter(document, base, flux.dossier.cadre, None, geographie).con
    comptes = executer(con, requete("etat_des_lieux", axes=", ".join(AXES), source="assiette"))
    axes = (*AXES, "reservataire")
    droits = compter_droits(con, axes, "assiette") if "droits" in document else ()
    return (
        [dict(zip((*AXES, "logements"), ligne, strict=True)) for ligne in comptes],
        [dict(zip((*axes, "logements"), ligne, strict=True)) for ligne in droits],
    )


def _dans(places: tuple[Place, ...]) -> Callable[[Mapping[str, Any]], bool]:
    return lambda ligne: TERRITOIRE in places or any(ligne[echelle] == code for echelle, code in places)


def _par_classe(lignes: Iterable[Mapping[str, Any]]) -> dict[Classe, int]:
    sommes: dict[Classe, int] = defaultdict(int)
    for ligne in lignes:
        sommes[ligne["famille_financement"], ligne["qpv"], ligne["typologie_groupe"]] += ligne["logements"]
    return sommes
