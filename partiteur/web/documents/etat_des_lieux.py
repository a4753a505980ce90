"""The état des lieux of a bailleur: what is asked in the address, counted in a perimeter, cached under all it comes from."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from io import BytesIO
from typing import Any

from partiteur.moteur.feuille import json_de_l_etat
from partiteur.moteur.lignes_csv import en_csv
from partiteur.moteur.millesime import TOUT
from partiteur.moteur.millesime import Territoire as Perimetre
from partiteur.moteur.selection import Selection, mot, selectionner
from partiteur.regles.socle import bareme, nombre, pourcentage
from partiteur.web import depot as fichiers
from partiteur.web.composants import Barre, barres
from partiteur.web.documents.compte import noms_des_codes
from partiteur.web.models import Millesime, Organisation
from partiteur.web.models.organisation import ECHELLES
from partiteur.web.templatetags.typographie import jour

LIGNES = {
    "reservataire": "Réservataire",
    "commune": "Commune",
    "epci": "EPCI",
    "famille_financement": "Financement",
    "typologie_groupe": "Typologie",
    "qpv": "Quartier prioritaire (QPV)",
    "individuel": "Logement individuel",
    "conventionne": "Conventionné",
    "motifs": "Motif d'exclusion",
}
COLONNES = ("famille_financement", "typologie_groupe", "qpv", "individuel")
FILTRES = ("reservataire", "commune", "epci", "famille_financement", "typologie_groupe", "qpv", "individuel")
DU_LOGEMENT = tuple(axe for axe in FILTRES if axe != "reservataire")
NON_RESERVE, CONTINGENT_LIBRE = "non_reserve", "Non réservé"  # by the register, by the RPLS
ETAT = "État, "  # the préfet has several codes: what each is for is said after its name


@dataclass(frozen=True)
class Demande:
    """What is counted, and where: the key of the cache (E5); `perimetre` comes from droits alone."""

    sha: str
    sha_droits: str | None
    le: date
    perimetre: Perimetre
    lignes: str
    colonnes: str | None
    filtres: tuple[tuple[str, str], ...]

    @property
    def axes(self) -> tuple[str, ...]:
        """The axes of the table asked."""
        return (self.lignes, self.colonnes) if self.colonnes else (self.lignes,)


@lru_cache(maxsize=2048)
def _compter(
    sha: str,
    sha_droits: str | None,
    le: date,
    regles: str,
    perimetre: Perimetre,
    axes: tuple[str, ...],
    filtres: tuple[tuple[str, str], ...],
) -> Selection:
    """Count once for all who may see the same perimeter; every argument is in the key, or it is a leak."""
    registre = fichiers.registre(sha_droits, le) if sha_droits else None
    return selectionner(fichiers.parc(sha), perimetre, axes, dict(filtres), registre, fichiers.moteur)


def compter(demande: Demande, axes: Sequence[str], filtres: Sequence[tuple[str, str]]) -> Selection:
    """The selection of a demande on other axes. Raises FichierRefuse when the millésime was altered."""
    selection: Selection = _lire(_compter, demande, tuple(axes), tuple(filtres))
    return selection


def _lire(compte: Callable[..., Any], demande: Demande, *suite: tuple[Any, ...]) -> Any:
    """What a count kept in memory says of a demande, under all it comes from."""
    regles = fichiers.versions()["regles"]
    # The whole of a parc is one object (see millesime.vue), whatever an address said.
    perimetre = TOUT if demande.perimetre == TOUT else demande.perimetre
    with fichiers.sans_chemin(fichiers.chemin_du_parc(demande.sha).parent):
        return compte(demande.sha, demande.sha_droits, demande.le, regles, perimetre, *suite)


@lru_cache(maxsize=2048)
def _valeurs(
    sha: str, sha_droits: str | None, le: date, regles: str, perimetre: Perimetre
) -> Mapping[str, tuple[Any, ...]]:
    """The values of each filter in a perimeter: the dwellings are read once for all the axes that are theirs."""
    groupes = selectionner(fichiers.parc(sha), perimetre, DU_LOGEMENT, {}, None, fichiers.moteur).etat.lignes
    lues = {axe: tuple({groupe[rang] for groupe in groupes}) for rang, axe in enumerate(DU_LOGEMENT)}
    titulaires = _compter(sha, sha_droits, le, regles, perimetre, ("reservataire",), ()).etat.lignes
    return {"reservataire": tuple(titulaire for titulaire, _ in titulaires), **lues}


def choix(demande: Demande, noms: "Noms") -> Mapping[str, list[tuple[str, str]]]:
    """The values each filter may take in the perimeter, with their words. Raises FichierRefuse as `compter`."""
    trouves = _lire(_valeurs, demande)
    return {
        axe: sorted(
            ((mot(valeur), noms.dire(axe, valeur)) for valeur in valeurs),
            key=lambda paire: (paire[0] == "inconnu", paire[1], paire[0]),
        )
        for axe, valeurs in trouves.items()
    }


class Noms:
    """Values in words: organisations, communes, EPCI by their code; the rest as it is."""

    def __init__(self) -> None:
        self._codes = noms_des_codes()

    def dire(self, axe: str, valeur: Any) -> str:
        """A value of an axis, as a page says it."""
        if valeur is None:
            return "inconnu"
        if axe == "reservataire":
            if valeur == NON_RESERVE:
                return CONTINGENT_LIBRE
            nom, genre = self._codes.get(valeur, (valeur, ""))
            return f"{nom}, {genre.removeprefix(ETAT)}" if genre.startswith(ETAT) else nom
        if axe == "commune":
            commune = fichiers.geographie().commune(valeur)
            return f"{commune.nom} ({valeur})" if commune else valeur
        if axe == "epci":
            return fichiers.geographie().nom_epci(valeur) or valeur
        if axe == "motifs":
            motifs = bareme("exclus")["motifs"]
            return ", ".join(motifs[m]["libelle"] for m in valeur.split("|") if m) or "aucun"
        return mot(valeur)


@dataclass(frozen=True)
class Rangee:
    """A row of the table: its words, the value in the address, its cells, its total, its share of all, its bar."""

    nom: str
    ecrit: str
    cases: tuple[int, ...]
    total: int
    part: Fraction
    barre: Barre


@dataclass(frozen=True)
class Tableau:
    """The table on the screen, its sentences first; its totals add up both ways.

    `chapeau`: what is counted, as of when; `indecis`: what the filters cannot place; "" where there is nothing to say.
    """

    titre: str
    entete: str
    colonnes: tuple[str, ...]
    rangees: tuple[Rangee, ...]
    totaux: tuple[int, ...]
    total: int
    phrase: str
    chapeau: str
    indecis: str


def tableau(demande: Demande, selection: Selection, noms: Noms) -> Tableau:
    """Rows and columns from the groups of an état: each cell is one of them, each total the sum of its line."""
    etat = selection.etat
    colonnes = list(dict.fromkeys(groupe[1] for groupe in etat.lignes)) if demande.colonnes else []
    colonnes.sort(key=lambda valeur: (valeur is None, str(valeur)))
    cases = {tuple(groupe[:-1]): groupe[-1] for groupe in etat.lignes}
    sommes: dict[Any, int] = {}
    for groupe in etat.lignes:
        sommes[groupe[0]] = sommes.get(groupe[0], 0) + groupe[-1]
    haut = max(sommes.values(), default=0)
    rangees = []
    for valeur, somme in sommes.items():
        nom = noms.dire(demande.lignes, valeur)
        (barre,) = barres([(nom, somme)], haut)
        siennes = tuple(cases.get((valeur, c), 0) for c in colonnes)
        rangees.append(Rangee(nom, mot(valeur), siennes, somme, Fraction(somme, etat.total), barre))
    if demande.lignes in ("reservataire", "commune", "epci", "motifs"):
        rangees.sort(
            key=lambda r: (r.ecrit in (NON_RESERVE, CONTINGENT_LIBRE), r.ecrit == "inconnu", -r.total, r.nom)
        )
    return Tableau(
        _titre(rangees),
        LIGNES[demande.lignes],
        tuple(noms.dire(str(demande.colonnes), c) for c in colonnes),
        tuple(rangees),
        tuple(sum(r.cases[i] for r in rangees) for i in range(len(colonnes))),
        etat.total,
        _phrase(demande, rangees),
        _chapeau(demande, selection),
        _indecis(selection),
    )


def _chapeau(demande: Demande, selection: Selection) -> str:
    retenus = f" retenus sur {nombre(selection.ensemble)}" if demande.filtres else ""
    registre = (
        "Les réservataires sont ceux du registre des droits."
        if demande.sha_droits
        else "Aucun registre des droits n'est importé : les réservataires sont les contingents du RPLS."
    )
    return f"Situation au {jour(demande.le)}, {nombre(selection.etat.total)} logements{retenus}. {registre}"


def _indecis(selection: Selection) -> str:
    if not selection.indecis:
        return ""
    return (
        f"{nombre(selection.indecis)} logements ne peuvent pas être placés par ces filtres : leur valeur est inconnue, "
        "ou leur programme porte des droits en nombre sans dire sur quels logements."
    )


def _titre(rangees: Sequence[Rangee]) -> str:
    """A sentence: what the longest bar says."""
    if not rangees:
        return "Aucun logement"
    premiere = max(rangees, key=lambda r: r.total)
    return f"{premiere.nom} : {nombre(premiere.total)} logements, {pourcentage(premiere.part)} de ce qui est compté"


def _phrase(demande: Demande, rangees: Sequence[Rangee]) -> str:
    """Reserved and not reserved, where the rows are réservataires."""
    if demande.lignes != "reservataire":
        return ""
    libres = sum(r.total for r in rangees if r.ecrit in (NON_RESERVE, CONTINGENT_LIBRE))
    inconnus = sum(r.total for r in rangees if r.ecrit == "inconnu")
    reserves = sum(r.total for r in rangees) - libres - inconnus
    dit = f"{nombre(reserves)} logements réservés, {nombre(libres)} non réservés"
    return f"{dit}, {nombre(inconnus)} dont on ne sait rien." if inconnus else f"{dit}."


def en_mots(demande: Demande, noms: Noms) -> list[tuple[str, str, str]]:
    """The filters, in words: axis, value, « Commune : Aurevielle »."""
    return [
        (axe, valeur, f"{LIGNES[axe]} : {noms.dire(axe, _valeur(valeur))}") for axe, valeur in demande.filtres
    ]


def _valeur(ecrit: str) -> Any:
    return None if ecrit == "inconnu" else ecrit


def nommer_perimetre(perimetre: Perimetre) -> str:
    """A perimeter in words: « Tout le parc », « commune Aurevielle »."""
    if perimetre.echelle == "tout":
        return "Tout le parc"
    nom = None
    if perimetre.echelle == "commune":
        commune = fichiers.geographie().commune(perimetre.code)
        nom = commune.nom if commune else None
    elif perimetre.echelle == "epci":
        nom = fichiers.geographie().nom_epci(perimetre.code)
    return f"{ECHELLES[perimetre.echelle]} {nom or perimetre.code}"


def exporter(bailleur: Organisation, demande: Demande, forme: str, noms: Noms) -> tuple[bytes, str]:
    """What is on the screen as a file, and its type: pdf, xlsx, csv or json; the same result object as the page (E1)."""
    selection = compter(demande, demande.axes, demande.filtres)
    if forme == "json":
        return json.dumps(
            json_de_l_etat(selection.etat), ensure_ascii=False, indent=2
        ).encode(), "application/json"
    if forme == "csv":
        lignes = [(*selection.etat.axes, "logements"), *selection.etat.lignes]
        return (en_csv(lignes) + "\n").encode(), "text/csv; charset=utf-8"
    dits = [dit for _, _, dit in en_mots(demande, noms)]
    if forme == "pdf":
        from partiteur.web.documents import imprimes, pdf

        ou, lu = nommer_perimetre(demande.perimetre), tableau(demande, selection, noms)
        return pdf.ecrire(imprimes.etat_des_lieux(bailleur, demande, selection, lu, ou, dits)), pdf.TYPE
    from partiteur.moteur.tableur.etats import CROISEMENT, Classement, ecrire_etat  # slow to load

    ou = "".join(f" · {dit}" for dit in (nommer_perimetre(demande.perimetre), *dits))
    croise = compter(demande, CROISEMENT, demande.filtres)
    fichier = BytesIO()
    titre = f"État des lieux au {demande.le:%d/%m/%Y} · {bailleur}{ou}"
    ecrire_etat(Classement(titre, selection.etat, croise.etat), fichier)
    return fichier.getvalue(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def derniers_millesimes(bailleurs: Iterable[Organisation]) -> Mapping[int, Mapping[str, Millesime]]:
    """The last parc and the last register of each bailleur, by its key then by nature, in one query."""
    derniers: dict[int, dict[str, Millesime]] = {}
    for lu in Millesime.objects.filter(bailleur__in=bailleurs):
        derniers.setdefault(lu.bailleur_id, {}).setdefault(lu.nature, lu)
    return derniers


def millesimes(bailleur: Organisation) -> tuple[list[Millesime], Millesime | None]:
    """The pictures of a parc, the last first, and the register its rights are read in."""
    tous = list(Millesime.objects.filter(bailleur=bailleur).select_related("par__utilisateur"))
    droits = next((m for m in tous if m.nature == "droits"), None)
    return [m for m in tous if m.nature == "parc"], droits
