"""The account of a journal: every counter of every réservataire, each opening to its vacances (D39, D40)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from fractions import Fraction

from partiteur.regles.decompte.regime import Regime
from partiteur.regles.decompte.vacance import Compte, CompteVacance, decompter
from partiteur.regles.socle import (
    Avertissement,
    Etape,
    Resultat,
    avertir,
    bareme,
    fraction,
    pourcentage,
    regle,
)
from partiteur.regles.vacance.evenement import Evenement, retenir
from partiteur.regles.vacance.historique import Normalise, historique_normalise


@dataclass(frozen=True)
class LigneDecompte:
    """The counters of a réservataire over a period: each is the vacances it is made of.

    `engage`: those at the stage that binds, None when nothing sets it; `entree_par_bail`: those whose entry is
    unknown and dated by the lease (D33). `en_cours`: offered in the period and neither attributed nor lost at its end;
    `sans_bail`: attributed, and a lease may still follow. `premieres_locations`: first lettings counted apart.
    `sorties`: vacances it was concerned by and that left the flux. `chute`: the share of its resolved mises à
    disposition of the period that no attribution followed.
    """

    code: str
    mise_a_disposition: tuple[str, ...] = ()
    validee: tuple[str, ...] = ()
    candidats_proposes: tuple[str, ...] = ()
    attribution: tuple[str, ...] = ()
    bail_signe: tuple[str, ...] = ()
    entree: tuple[str, ...] = ()
    entree_par_bail: tuple[str, ...] = ()
    engage: tuple[str, ...] | None = None
    refus_adaptes: tuple[str, ...] = ()
    refus_inadaptes: tuple[str, ...] = ()
    en_cours: tuple[str, ...] = ()
    sans_bail: tuple[str, ...] = ()
    neutralisees: tuple[str, ...] = ()
    echecs: tuple[str, ...] = ()
    imputees: tuple[str, ...] = ()
    requalifiees: tuple[str, ...] = ()
    premieres_locations: tuple[str, ...] = ()
    sorties: tuple[str, ...] = ()
    qpv_maire: tuple[str, ...] = ()
    chute: Fraction | None = None


COMPTEURS = tuple(
    champ.name for champ in fields(LigneDecompte) if champ.name not in ("code", "engage", "chute")
)


@dataclass(frozen=True)
class Decompte:
    """The account over a period, as known on a date.

    `vacances`: those with an event in the period; `flux_constate`: those that entered it in the period (D22);
    `soustraits` and `hors_flux`: those that left it, by category and by motif; `surcompte`: Σ mises à disposition −
    vacances offered.
    """

    du: date | None
    au: date | None
    connu_le: datetime | None
    vacances: tuple[str, ...]
    flux_constate: tuple[str, ...]
    soustraits: Mapping[str, tuple[str, ...]]
    hors_flux: Mapping[str, tuple[str, ...]]
    annulees: tuple[str, ...]
    imputations_particulieres: tuple[str, ...]
    echecs: tuple[str, ...]
    surcompte: int
    lignes: tuple[LigneDecompte, ...]


@dataclass
class _Compteurs:
    """Counters being filled: the vacances of each counter of each réservataire, and of the whole."""

    du: date | None
    au: date | None
    listes: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    chutes: dict[str, list[bool]] = field(default_factory=dict)

    def dans_la_periode(self, le: date) -> bool:
        """Whether a date is in the period; the events dated after its end are already left out."""
        return (self.du is None or self.du <= le) and (self.au is None or le <= self.au)

    def ajouter(self, code: str, compteur: str, vacance: str) -> None:
        """A vacance in a counter, once."""
        liste = self.listes.setdefault((code, compteur), [])
        if vacance not in liste[-1:]:
            liste.append(vacance)

    def lire(self, code: str, compteur: str) -> tuple[str, ...]:
        """The vacances of a counter."""
        return tuple(self.listes.get((code, compteur), ()))


@regle("d25", "d39", "d40", "r441-5-1", du="2018-01-01")
def decompte(
    evenements: Sequence[Evenement],
    regimes: Mapping[str, Regime],
    du: date | None = None,
    au: date | None = None,
    connu_le: datetime | None = None,
    irregularites: Mapping[str, tuple[str, ...]] | None = None,
) -> Resultat:
    """Tient le compte de chaque réservataire sur une période : quatre étapes, et ce qui est montré à part.

    `evenements`: a journal's, in its order, admitted (`tenir`). A stage counts at the date of the event that reached
    it, from `du` to `au` included. A réservataire without a regime has the default one. Returns a `Decompte`.
    """
    par_vacance: dict[str, list[Evenement]] = {}
    for evenement in evenements:
        par_vacance.setdefault(evenement.vacance, []).append(evenement)
    compteurs = _Compteurs(du, au)
    codes = set(regimes)
    for vacance in sorted(par_vacance):
        normalise = historique_normalise(retenir(par_vacance[vacance], au, connu_le), irregularites)
        propres = tuple(regimes.get(code, Regime()) for code in normalise.reservataires)
        codes.update(normalise.reservataires)
        compte: CompteVacance = decompter(normalise.historique, propres).valeur
        _compter_vacance(compteurs, vacance, normalise, compte)
        for ligne in compte.comptes:
            _compter(compteurs, vacance, normalise, compte, ligne)
    lignes = tuple(_ligne(compteurs, code, regimes.get(code, Regime())) for code in sorted(codes))
    valeur = _composer(compteurs, connu_le, lignes)
    return Resultat(valeur, "calcule", tuple(_etapes(valeur)), tuple(avertissements_du_decompte(valeur)))


def _composer(
    compteurs: _Compteurs, connu_le: datetime | None, lignes: tuple[LigneDecompte, ...]
) -> Decompte:
    """The account, once every counter is filled."""
    offertes = {vacance for ligne in lignes for vacance in ligne.mise_a_disposition}
    return Decompte(
        compteurs.du,
        compteurs.au,
        connu_le,
        compteurs.lire("", "vacances"),
        compteurs.lire("", "flux_constate"),
        _par_genre(compteurs, "soustrait:"),
        _par_genre(compteurs, "hors_flux:"),
        compteurs.lire("", "annulees"),
        compteurs.lire("", "imputations_particulieres"),
        compteurs.lire("", "echecs"),
        sum(len(ligne.mise_a_disposition) for ligne in lignes) - len(offertes),
        lignes,
    )


def _compter_vacance(
    compteurs: _Compteurs, vacance: str, normalise: Normalise, compte: CompteVacance
) -> None:
    """What is counted of the vacance itself, at the date it entered the flux."""
    if any(compteurs.dans_la_periode(le) for le in normalise.dates):
        compteurs.ajouter("", "vacances", vacance)
    if compte.oriente is None or not compteurs.dans_la_periode(normalise.dates[compte.oriente]):
        return
    genre = compte.destination[0] if compte.destination else ""
    marques = {
        "flux_constate": compte.dans_le_flux,
        "annulees": compte.annulee,
        genre: ":" in genre and not compte.annulee,
        "imputations_particulieres": compte.imputation_particuliere,
        "echecs": compte.echec_reservataire,
    }
    for nom, vrai in marques.items():
        if vrai:
            compteurs.ajouter("", nom, vacance)


def _compter(
    compteurs: _Compteurs, vacance: str, normalise: Normalise, entier: CompteVacance, compte: Compte
) -> None:
    """The counters of one réservataire in one vacance."""
    code = normalise.reservataires[compte.reservataire - 1]
    atteintes = dict(compte.etapes)
    for nom, le in _dates(normalise, entier, compte):
        if compteurs.dans_la_periode(le):
            compteurs.ajouter(code, nom, vacance)
    offert = atteintes.get("mise_a_disposition")
    if offert is None or not compteurs.dans_la_periode(normalise.dates[offert]):
        return
    attribue = "attribution" in atteintes
    if attribue or not compte.en_cours:
        compteurs.chutes.setdefault(code, []).append(not attribue)


def _dates(normalise: Normalise, entier: CompteVacance, compte: Compte) -> Iterator[tuple[str, date]]:
    """Each counter a vacance enters, with the date that says in which period."""
    dates = normalise.dates
    for etape, rang in compte.etapes:
        yield etape, dates[rang]
        if etape == "bail_signe" and entier.bail is not None:
            entree = normalise.entrees[entier.bail]
            yield "entree", max(entree, dates[rang]) if entree else dates[rang]
            if entree is None:
                yield "entree_par_bail", dates[rang]
    for nom, rangs in (
        ("neutralisees", compte.neutralisees),
        ("refus_adaptes", compte.refus_adaptes),
        ("refus_inadaptes", compte.refus_inadaptes),
    ):
        yield from ((nom, dates[rang]) for rang in rangs)
    attribue = any(etape == "attribution" for etape, _ in compte.etapes)
    premier = dict(compte.etapes).get("mise_a_disposition", compte.offert)
    offert = entier.oriente if premier is None else premier
    le = dates[offert or 0]
    marques = {
        "en_cours": compte.en_cours and not attribue,
        "sans_bail": compte.en_cours and attribue,
        "echecs": compte.echec_reservataire,
        "imputees": compte.imputation is not None,
        "requalifiees": compte.requalifie,
        "premieres_locations": bool(compte.etapes_a_part),
        "sorties": compte.statut == "sorti",
        "qpv_maire": compte.statut == "qpv_maire",
    }
    yield from ((nom, le) for nom, vrai in marques.items() if vrai)


def _ligne(compteurs: _Compteurs, code: str, regime: Regime) -> LigneDecompte:
    """The counters of a réservataire, and its taux de chute."""
    resolues = compteurs.chutes.get(code, [])
    return LigneDecompte(
        code,
        **{nom: compteurs.lire(code, nom) for nom in COMPTEURS},
        engage=compteurs.lire(code, regime.etape) if regime.etape else None,
        chute=taux_chute(len(resolues), len(resolues) - sum(resolues)).valeur,
    )


def _par_genre(compteurs: _Compteurs, genre: str) -> dict[str, tuple[str, ...]]:
    """The vacances that left the flux, by category or motif."""
    noms = [nom for code, nom in compteurs.listes if not code and nom.startswith(genre)]
    return {nom.removeprefix(genre): compteurs.lire("", nom) for nom in sorted(noms)}


def _etapes(valeur: Decompte) -> Iterator[Etape]:
    """Each count, with the vacances it is made of."""
    libelles = bareme("decompte")["etapes"]["libelles"]
    for ligne in valeur.lignes:
        for etape, libelle in libelles.items():
            vacances = getattr(ligne, etape)
            if vacances:
                yield Etape(f"{ligne.code}, {libelle}", ", ".join(vacances), len(vacances), "r441-5-1")
        if ligne.neutralisees:
            noms = ", ".join(ligne.neutralisees)
            yield Etape(f"{ligne.code}, neutralisées", noms, len(ligne.neutralisees), "d25")


def avertissements_du_decompte(valeur: Decompte) -> Iterator[Avertissement]:
    """What an account warns of: dwellings counted twice, entries dated by the lease (D33, D40)."""
    if valeur.surcompte:
        yield avertir("surcompte", nombre=valeur.surcompte)
    for ligne in valeur.lignes:
        if ligne.engage and ligne.engage == ligne.entree and ligne.entree_par_bail:
            yield avertir("entree_par_bail", nom=ligne.code, nombre=len(ligne.entree_par_bail))


@regle("d39", "s0", du="2018-01-01")
def taux_chute(resolues: int, suivies: int) -> Resultat:
    """Le taux de chute est la part des mises à disposition résolues que l'étape n'a pas suivies.

    Those still open are left out and shown; None when none is resolved.
    """
    if not resolues:
        return Resultat(None, "sans_mise_a_disposition")
    taux = Fraction(resolues - suivies, resolues)
    return Resultat(taux, "calcule", (Etape("Taux de chute", f"1 − {suivies} ÷ {resolues}", taux, "s0"),))


@regle("d34", "s1", du="2018-01-01")
def part_requalifiee(
    requalifiees: int, flux: int, minimum: Fraction | None = None, nom: str = "Le réservataire"
) -> Resultat:
    """En gestion mixte, les logements requalifiés par le bailleur se comparent au minimum de la convention.

    `flux`: the réservataire's flux of the year, dwellings requalified included; `nom`: its name, for the warning.
    Returns their share, None for an empty flux.
    """
    if not flux:
        return Resultat(None, "flux_vide")
    part = Fraction(requalifiees, flux)
    etapes = (Etape("Part requalifiée", f"{requalifiees} ÷ {flux}", part, "d34"),)
    if minimum is None or part >= minimum:
        return Resultat(part, "sans_minimum" if minimum is None else "atteint", etapes)
    dit = avertir(
        "requalification_insuffisante", nom=nom, part=pourcentage(part), minimum=pourcentage(minimum)
    )
    return Resultat(part, "insuffisant", etapes, (dit,))


@dataclass(frozen=True)
class SoldeRepris:
    """A réservataire's opening balance, with the exercice it closes and its proof."""

    exercice: int | None
    solde: Fraction
    compteurs: Mapping[str, int]
    preuve: str | None


@regle("d4", "d28", du="2018-01-01")
def soldes_repris(evenements: Sequence[Evenement]) -> Resultat:
    """Le solde d'ouverture de chaque réservataire est celui de sa dernière reprise, avec sa preuve.

    `evenements`: those in force (`effectifs`). Returns `SoldeRepris` by code.
    """
    soldes = {
        str(e.reservataire): SoldeRepris(
            e.donnees.get("exercice"),
            fraction(e.donnees.get("solde") or 0),
            dict(e.donnees.get("compteurs") or {}),
            e.donnees.get("preuve"),
        )
        for e in evenements
        if e.type == "reprise"
    }
    etapes = tuple(
        Etape(f"Reprise, {code}", s.preuve or "sans preuve", s.solde, "d4") for code, s in soldes.items()
    )
    return Resultat(soldes, "calcule", etapes)
