"""The grid of cotation.toml in openfisca-core: one variable a criterion, numpy formulas, the same two scores and ranks.

What openfisca has no type for (lists, dated events, proofs) is turned into arrays while the Parquet is read.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from openfisca_core.entities import build_entity
from openfisca_core.indexed_enums import Enum  # noqa: F401  (openfisca needs it imported before variables)
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

PERIODE = "2026-11"
DEMANDE = build_entity("demande", "demandes", "Demande", is_person=True)
BOOLEENS = (
    "dalo_reconnu", "pdalhpd", "violences", "handicap", "logement_inadapte_handicap", "sur_occupation", "habitat_indigne",
    "non_decent", "famille_monoparentale", "travailleur_essentiel", "travaille_epci", "dossier_complet",
)  # fmt: skip
NOMBRES = ("anciennete_mois", "delai_anormalement_long_mois", "nb_enfants_mineurs", "nb_occupants", "taux_effort",
           "ressources_uc", "seuil_premier_quartile", "reste_a_vivre")  # fmt: skip
EVENEMENTS = {
    "proposition_sans_suite": "2024-11-22",
    "refus_logement_adapte": "2025-11-22",
    "non_reponse": "2025-11-22",
}
LETTRES = {
    "expulsion": ["l"],
    "structure": ["b", "d"],
    "autres_publics": ["c", "e", "f", "gbis", "h", "i", "j", "m"],
}
STATUTS = {
    "SD": 40,
    "SQUAT": 35,
    "CAMCAR": 30,
    "HOT": 25,
    "SH": 25,
    "CP": 15,
    "CPE": 10,
    "SLHT": 10,
    "RHVS": 10,
}
PREUVES = {"dalo": 4, "pdalhpd": 3, "violences": 2, "handicap": 2, "expulsion": 2, "structure": 2, "autres_publics": 2,
           "suroccupation": 2, "indigne": 2, "non_decent": 2, "effort": 2}  # fmt: skip
NIVEAUX = ["declaree", "deposee", "verifiee", "validee_travailleur_social", "transmise"]
DECLARES = ("dalo", "violences")  # whose declaration is not enough
CRITERES = {
    "anciennete": ("mois", "delai", "sans_suite"),
    "publics": ("dalo", "pdalhpd", "violences", "handicap", "expulsion", "structure", "autres_publics"),
    "logement": ("statut", "suroccupation", "taille", "decohabitation"),
    "etat": ("indigne", "non_decent"),
    "ressources": ("effort", "quartile", "reste"),
    "foyer": ("monoparentale", "enfants", "emploi", "complet"),
    "malus": ("refus", "non_reponse"),
}


def formules() -> dict[str, Any]:
    """The points of each criterion from the inputs, as numpy."""
    w, s = np.where, np.select

    def mois(lu: Any) -> Any:
        return np.minimum(lu("anciennete_mois"), 60) + 2 * np.maximum(lu("anciennete_mois") - 60, 0)

    def taille(lu: Any) -> Any:
        t, n = lu("typologie"), lu("nb_occupants")
        return s([(t == 1) & (n >= 5), (t == 1) & (n >= 3), (t == 2) & (n >= 5), (t == 2) & (n >= 3), (t == 3) & (n >= 5)],
                 [18, 12, 12, 5, 8], 0)  # fmt: skip

    return {
        "mois": mois,
        "delai": lambda lu: 20 * (lu("anciennete_mois") > lu("delai_anormalement_long_mois")),
        "sans_suite": lambda lu: 5 * np.minimum(lu("n_proposition_sans_suite"), 3),
        "dalo": lambda lu: 80 * lu("dalo_reconnu"),
        "pdalhpd": lambda lu: 40 * lu("pdalhpd"),
        "violences": lambda lu: 40 * lu("violences"),
        "handicap": lambda lu: lu("handicap") * w(lu("logement_inadapte_handicap"), 30, 25),
        "expulsion": lambda lu: 20 * lu("lettre_expulsion"),
        "structure": lambda lu: 15 * lu("lettre_structure"),
        "autres_publics": lambda lu: 10 * lu("lettre_autres_publics"),
        "statut": lambda lu: lu("points_statut"),
        "suroccupation": lambda lu: 20 * lu("sur_occupation"),
        "taille": taille,
        "decohabitation": lambda lu: 5 * lu("motif_12"),
        "indigne": lambda lu: 25 * lu("habitat_indigne"),
        "non_decent": lambda lu: 15 * (lu("non_decent") & ~lu("habitat_indigne")),
        "effort": lambda lu: w(np.isnan(lu("taux_effort")), 0, s(
            [lu("taux_effort") < 0.33, lu("taux_effort") < 0.5, lu("taux_effort") < 0.7], [0, 5, 10], 15)),
        "quartile": lambda lu: 15 * (lu("ressources_uc") < lu("seuil_premier_quartile")),
        "reste": lambda lu: w(np.isnan(lu("reste_a_vivre")), 0, s(
            [lu("reste_a_vivre") < 200, lu("reste_a_vivre") < 400, lu("reste_a_vivre") < 700], [12, 8, 4], 0)),
        "monoparentale": lambda lu: 5 * lu("famille_monoparentale"),
        "enfants": lambda lu: np.minimum(3 * lu("nb_enfants_mineurs"), 12),
        "emploi": lambda lu: 10 * (lu("travailleur_essentiel") & lu("travaille_epci")),
        "complet": lambda lu: 5 * lu("dossier_complet"),
        "refus": lambda lu: -10 * np.minimum(np.maximum(lu("n_refus_logement_adapte") - 1, 0), 1),
        "non_reponse": lambda lu: -5 * np.minimum(lu("n_non_reponse"), 2),
    }  # fmt: skip


def systeme() -> TaxBenefitSystem:
    """The tax and benefit system: inputs, criteria, rubriques, the two scores."""
    systeme = TaxBenefitSystem([DEMANDE])

    def ajouter(nom: str, type_: type, formule: Any = None) -> None:
        corps: dict[str, Any] = {"value_type": type_, "entity": DEMANDE, "definition_period": DateUnit.MONTH}
        if formule is not None:
            corps["formula"] = lambda demande, periode: formule(lambda v: demande(v, periode))
        systeme.add_variable(type(nom, (Variable,), corps))

    for nom in (*BOOLEENS, *(f"lettre_{c}" for c in LETTRES), "motif_12", *(f"preuve_{c}" for c in PREUVES),
                *(f"admis_{c}" for c in DECLARES)):  # fmt: skip
        ajouter(nom, bool)
    for nom in (*NOMBRES[:4], "typologie", "points_statut", *(f"n_{e}" for e in EVENEMENTS)):
        ajouter(nom, int)
    for nom in NOMBRES[4:]:
        ajouter(nom, float)
    for nom, formule in formules().items():
        ajouter(f"critere_{nom}", float, formule)
    for passe in ("declare", "verifie"):
        for rubrique, criteres in CRITERES.items():
            ajouter(f"{rubrique}_{passe}", float, _rubrique(rubrique, criteres, passe == "verifie"))
        ajouter(f"score_{passe}", float, _total(passe))
    return systeme


def _rubrique(rubrique: str, criteres: tuple[str, ...], verifie: bool) -> Any:
    def un(lu: Any, critere: str) -> Any:
        points = lu(f"critere_{critere}")
        if critere in DECLARES:
            points = points * lu(f"admis_{critere}")
        return points * lu(f"preuve_{critere}") if verifie and critere in PREUVES else points

    def formule(lu: Any) -> Any:
        points = [un(lu, critere) for critere in criteres]
        if rubrique in ("logement", "etat"):
            return np.maximum.reduce(points)
        total = sum(points)
        plafond = {"anciennete": 110, "ressources": 30}.get(rubrique)
        return total if plafond is None else np.minimum(total, plafond)

    return formule


def _total(passe: str) -> Any:
    avant = [r for r in CRITERES if r != "malus"]
    return lambda lu: np.maximum(
        np.minimum(sum(lu(f"{r}_{passe}") for r in avant), 200) + lu(f"malus_{passe}"), 0
    )


def entrees(table: pa.Table) -> dict[str, Any]:
    """The inputs as numpy arrays."""

    def plein(nom: str, defaut: Any) -> Any:
        return pc.fill_null(table[nom], defaut).to_numpy()

    lus: dict[str, Any] = {nom: plein(nom, False) for nom in BOOLEENS}
    for nom in NOMBRES[:4]:
        lus[nom] = plein(nom, 0)
    for nom in NOMBRES[4:]:
        lus[nom] = pc.cast(table[nom], pa.float64()).to_numpy()
    n = table.num_rows
    for nom, depuis in EVENEMENTS.items():
        lus[f"n_{nom}"] = _compter(
            table[nom], lambda v, d=depuis: pc.greater(v, pa.scalar(d).cast(pa.date32())), n
        )
    for nom, lettres in LETTRES.items():
        lus[f"lettre_{nom}"] = (
            _compter(table["publics_l441_1"], lambda v, li=lettres: pc.is_in(v, pa.array(li)), n) > 0
        )
    lus["motif_12"] = _compter(table["motifs"], lambda v: pc.equal(v, "12"), n) > 0
    lus["typologie"] = (
        pc.fill_null(pc.index_in(table["typologie_actuelle"], pa.array(["T1", "T2", "T3"])), -1).to_numpy()
        + 1
    )
    rang = pc.index_in(table["statut_occupation"], pa.array(list(STATUTS)))
    lus["points_statut"] = np.append(list(STATUTS.values()), 0)[pc.fill_null(rang, len(STATUTS)).to_numpy()]
    for nom, niveau in PREUVES.items():
        preuve = f"preuve_{nom}"
        niveaux = np.zeros(n, dtype=int)
        if preuve in table.column_names:
            niveaux = pc.fill_null(pc.index_in(table[preuve], pa.array(NIVEAUX)), 0).to_numpy()
        if f"{preuve}_jusqu_au" in table.column_names:
            perimee = pc.fill_null(
                pc.less(table[f"{preuve}_jusqu_au"], pa.scalar("2026-11-22").cast(pa.date32())), False
            )
            niveaux = np.where(perimee.to_numpy(), np.minimum(niveaux, 1), niveaux)
        lus[f"preuve_{nom}"] = niveaux >= niveau
        if nom in DECLARES:
            lus[f"admis_{nom}"] = niveaux >= 1
    return lus


def _compter(listes: Any, quand: Any, n: int) -> Any:
    """How many elements of each list satisfy a condition."""
    bloc = listes.combine_chunks()
    bloc = bloc.chunk(0) if isinstance(bloc, pa.ChunkedArray) else bloc
    parents = pc.list_parent_indices(bloc).to_numpy()
    return np.bincount(
        parents, weights=quand(pc.list_flatten(bloc)).to_numpy(zero_copy_only=False), minlength=n
    ).astype(int)


def coter(chemin: Path, colonnes: list[str], *, classer: bool) -> pa.Table:
    """Read, score, and rank by numpy, which openfisca does not do."""
    table = pq.read_table(chemin, columns=colonnes)
    simulation = SimulationBuilder().build_default_simulation(systeme(), table.num_rows)
    for nom, valeurs in entrees(table).items():
        simulation.set_input(nom, PERIODE, valeurs)
    score, verifie = (
        simulation.calculate(f"score_{p}", PERIODE).astype(np.int64) for p in ("declare", "verifie")
    )
    if not classer:
        return pa.table({"numero_unique": table["numero_unique"], "score": score, "score_verifie": verifie})
    liste = pc.dictionary_encode(
        pc.binary_join_element_wise(
            pc.fill_null(table["epci"], ""), pc.fill_null(table["typologie"], ""), "-"
        )
    ).combine_chunks()
    liste = (liste.chunk(0) if isinstance(liste, pa.ChunkedArray) else liste).indices.to_numpy()
    numero = pc.array_sort_indices(table["numero_unique"]).to_numpy()
    rang_numero = np.empty(len(numero), dtype=np.int64)
    rang_numero[numero] = np.arange(len(numero))
    depot = pc.fill_null(pc.cast(pc.cast(table["date_depot"], pa.int32()), pa.int64()), 10**6).to_numpy()
    anciennete = pc.fill_null(table["anciennete_mois"], -1).to_numpy()
    ordre = np.lexsort((rang_numero, depot, -anciennete, -score, liste))
    debuts = np.flatnonzero(np.r_[True, np.diff(liste[ordre]) != 0])
    rangs = np.empty(len(ordre), dtype=np.int64)
    rangs[ordre] = np.arange(len(ordre)) - np.repeat(debuts, np.diff(np.r_[debuts, len(ordre)])) + 1
    return pa.table(
        {"numero_unique": table["numero_unique"], "score": score, "score_verifie": verifie, "rang": rangs}
    )
