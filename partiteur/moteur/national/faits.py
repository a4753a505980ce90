"""What SQL counts for every bailleur × département × perimeter, as the rules qualify it; nothing is computed from it here."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

import pyarrow as pa

from partiteur.moteur.droits import RegistreEnFichier, poser
from partiteur.moteur.etats import requete_des_droits
from partiteur.moteur.execution import Connexion, executer, garder, requete, vue_parquet, vue_table
from partiteur.moteur.flux.comptes import vue_assiette
from partiteur.moteur.geographie import Geographie
from partiteur.moteur.millesime import TOUT, Parc, vue
from partiteur.moteur.rotation import Compte, compter_rotation, liberations
from partiteur.regles.faits import Cadre, Definition
from partiteur.regles.socle import bareme

ETAPES = ("classes", "droits", "état des lieux", "assiette", "rotation", "flux")
Suivi = Callable[[str, int, int], None]
Couple = tuple[str, str]  # bailleur, département
Lieu = tuple[str, str, str, str]  # and a perimeter: its scale and its code
TEXTE = pa.string()


@dataclass(frozen=True)
class Sources:
    """The files a national flux is computed from, for one exercice."""

    parc: Path
    droits: Path
    liberations: Path


@dataclass(frozen=True)
class Titulaire:
    """A réservataire of the register: its type, its usual counterpart, the scale of its own territory if it has one."""

    type: str
    contrepartie: str
    echelle: str | None


@dataclass(frozen=True)
class Faits:
    """What SQL counted for every couple: parc and exclusions by perimeter, rights, rotation, leases, mutations."""

    titulaires: Mapping[str, Titulaire]
    parcs: Mapping[Lieu, Mapping[str | None, int]]
    inconnus: Mapping[Couple, Mapping[str, int]]
    hors_qpv: Mapping[Couple, int]
    reserves: Mapping[Couple, Mapping[str, tuple[int, int]]]
    evenements: Mapping[Lieu, Fraction]
    denominateurs: Mapping[Lieu, int]
    baux: Mapping[Lieu, Mapping[int, int]]
    mutations: Mapping[Couple, Mapping[int, int]]


@dataclass(frozen=True)
class Methode:
    """What is asked of every couple alike: a cadre, its definition of rotation, an exercice."""

    cadre: Cadre
    definition: Definition | None
    exercice: int

    @property
    def date_parc(self) -> date:
        """The date of the parc and of the rights: the eve of the exercice."""
        return date(self.exercice - 1, 12, 31)

    @property
    def par_les_baux(self) -> bool:
        """Whether the volume is a mean of leases, without rotation."""
        return self.cadre.volume == "moyenne_baux"


def compter(
    con: Connexion, parc: Parc, sources: Sources, methode: Methode, geographie: Geographie, suivi: Suivi
) -> Faits:
    """Everything SQL counts, on one engine; `suivi` is told each step."""
    definition = methode.definition
    vue(con, parc, TOUT)
    vue_parquet(con, "liberations", sources.liberations)
    vue_assiette(con, methode.cadre, sem=False)
    suivi(ETAPES[1], 0, 1)
    poser(con, RegistreEnFichier(sources.droits, methode.date_parc), "assiette")
    titulaires = _titulaires(con, geographie)
    suivi(ETAPES[2], 0, 1)
    axes = ("bailleur", "departement", "epci", "commune", "reservataire", "conteste")
    garder(con, "reserves", requete_des_droits(axes, "assiette"))
    reserves: dict[Couple, dict[str, tuple[int, int]]] = defaultdict(dict)
    for bailleur, departement, code, nombre, contestes in executer(con, requete("reserves")):
        reserves[bailleur, departement][code] = (nombre, contestes)
    suivi(ETAPES[3], 0, 1)
    parcs, inconnus = _parcs(con)
    suivi(ETAPES[4], 0, 1)
    evenements: Mapping[Lieu, Fraction] = {}
    denominateurs: Mapping[Lieu, int] = {}
    if definition and not methode.par_les_baux:
        echelles = dict.fromkeys(("departement", definition.echelle))
        comptage = compter_rotation(
            con, definition, methode.exercice, methode.date_parc, ("bailleur", *echelles)
        )
        evenements = _par_lieu(comptage.evenements, echelles)
        denominateurs = {c: int(n) for c, n in _par_lieu(comptage.logements, echelles).items()}
    baux, mutations = _mouvements(con, methode)
    return Faits(
        titulaires, parcs, inconnus, _hors_qpv(con), reserves, evenements, denominateurs, baux, mutations
    )


def _titulaires(con: Connexion, geographie: Geographie) -> dict[str, Titulaire]:
    """The réservataires of the register, and the view `territoriaux` of those whose code is a commune or an EPCI."""
    types = bareme("reservataires")
    titulaires = {}
    for code, type_, contrepartie in executer(con, requete("titulaires")):
        connu = type_ if type_ in types and isinstance(types[type_], Mapping) else "autre"
        echelle = None
        if types[connu].get("territoire_propre"):
            echelle = "commune" if geographie.commune(code) else "epci" if geographie.nom_epci(code) else None
        titulaires[code] = Titulaire(connu, contrepartie or "sans", echelle)
    propres = {code: t.echelle for code, t in titulaires.items() if t.echelle}
    vue_table(
        con,
        "territoriaux",
        pa.table({"code": pa.array(propres, TEXTE), "echelle": pa.array(propres.values(), TEXTE)}),
    )
    return titulaires


def _parcs(con: Connexion) -> tuple[dict[Lieu, dict[str | None, int]], dict[Couple, dict[str, int]]]:
    """Dwellings by perimeter and by motif retained (None: in the assiette), and the unknowns of a département."""
    parcs: dict[Lieu, dict[str | None, int]] = defaultdict(lambda: defaultdict(int))
    inconnus: dict[Couple, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    sql = requete("etat_des_lieux", axes="bailleur, departement, motif, inconnus", source="retenu")
    for bailleur, departement, motif, indecis, logements in executer(con, sql):
        if bailleur is not None and departement is not None:
            parcs[bailleur, departement, "departement", departement][motif] += logements
            for inconnu in (i for i in indecis.split("|") if i and not motif):
                inconnus[bailleur, departement][inconnu] += logements
    for bailleur, departement, code, echelle, motif, logements in executer(con, requete("perimetres")):
        parcs[bailleur, departement, echelle, code][motif] += logements
    return parcs, inconnus


def _par_lieu(comptes: Iterable[Compte], echelles: Iterable[str]) -> dict[Lieu, Fraction]:
    """Sums by couple and by perimeter of each scale; what is of no known bailleur or département is left out."""
    sommes: dict[Lieu, Fraction] = defaultdict(Fraction)
    for compte in comptes:
        if compte.bailleur is None or compte.departement is None:
            continue
        for echelle in echelles:
            code = getattr(compte, echelle)
            if code is not None:
                sommes[compte.bailleur, compte.departement, echelle, code] += compte.nombre
    return sommes


def _hors_qpv(con: Connexion) -> dict[Couple, int]:
    """Dwellings of the assiette outside QPV, where some dwelling of the couple says."""
    connus: dict[Couple, int] = defaultdict(int)
    sql = requete("etat_des_lieux", axes="bailleur, departement, qpv", source="assiette")
    for bailleur, departement, qpv, logements in executer(con, sql):
        if qpv is not None:
            connus[bailleur, departement] += 0 if qpv else logements
    return connus


def _mouvements(
    con: Connexion, methode: Methode
) -> tuple[dict[Lieu, dict[int, int]], dict[Couple, dict[int, int]]]:
    """By year: new leases where the cadre wants their mean for a volume, internal mutations where it wants theirs."""
    baux: dict[Lieu, dict[int, int]] = defaultdict(dict)
    mutations: dict[Couple, dict[int, int]] = defaultdict(dict)
    cadre, exercice = methode.cadre, methode.exercice
    pour_le_volume = (cadre.annees_volume or 1) if methode.par_les_baux else 0
    pour_les_mutations = (cadre.annees_mutations or 1) if cadre.mutations == "moyenne" else 0
    echelles = ("commune", "epci", "departement") if pour_le_volume else ("departement",)
    for annee in range(exercice - max(pour_le_volume, pour_les_mutations), exercice):
        lignes = liberations(con, date(annee, 1, 1), date(annee + 1, 1, 1), ("bailleur", *echelles))
        entrees: list[Compte] = []
        departs: list[Compte] = []
        for motif, _, bailleur, *lieu, sortis, entres in lignes:
            places = dict(zip(echelles, lieu, strict=True))
            entrees.append(Compte(Fraction(entres), bailleur=bailleur, **places))
            if motif == "mutation":
                departs.append(Compte(Fraction(sortis), bailleur=bailleur, **places))
        if pour_le_volume and annee >= exercice - pour_le_volume:
            for cle, nombre in _par_lieu(entrees, echelles).items():
                baux[cle][annee] = int(nombre)
        if pour_les_mutations and annee >= exercice - pour_les_mutations:
            for (bailleur, departement, *_), nombre in _par_lieu(departs, ("departement",)).items():
                mutations[bailleur, departement][annee] = int(nombre)
    return baux, mutations
