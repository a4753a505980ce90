"""From the demandes of an SNE file to the columns of a table of demandes: what is written, then what is deduced.

Dates of birth give ages at a date and are not kept. What the file does not hold is unknown: what a social worker or a
commission qualifies (violences, habitat indigne…) is in no export read, and is left to the other columns of a file.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from partiteur.moteur.demandes.cellule import lire_cellule, sorte
from partiteur.moteur.demandes.lecture import Compte, Demandes, reunir
from partiteur.moteur.demandes.schema import DEPOT, NUMERO, schema_demandes, variable_de
from partiteur.moteur.demandes.sne_xml import DemandeSne, demandes_sne
from partiteur.moteur.lecture.constat import LectureImpossible, Rapport
from partiteur.regles.cotation.catalogue import Catalogue, Variable
from partiteur.regles.menage import (
    Menage,
    anciennete_mois,
    categorie_menage,
    famille_monoparentale,
    jeune_menage,
    publics_l441_1,
    ressources_par_uc,
    ressources_retenues,
    sous_occupation,
    sur_occupation,
    unites_consommation,
)

LOT = 5_000
MAJORITE, QUATORZE_ANS = 18, 14
CENT = 100
LIENS_COUPLE = frozenset("MPC")  # ListeLienDemandeur: conjoint, PACS, concubin
SEULS = frozenset("CDSV")  # ListeSituationFamiliale
PIECES = {"C": 1, "T1": 1, "T2": 2, "T3": 3, "T4": 4, "T5": 5}  # « T6 et plus » gives no number
ENFANT, DALO_ACTIF, LOCATAIRE_HLM = "E", "ACTIF", "HLM"
HANDICAP, NON_DECENT = "07", "03"  # motifs
# The columns an SNE file fills: what is copied, then what is deduced.
COPIES = (
    "motifs", "typologies_demandees", "communes_demandees", "accord_collectif", "statut_dalo", "situation_familiale",
    "type_contrat", "commune_residence", "statut_occupation", "typologie_actuelle", "surface_actuelle", "nb_occupants",
    "loyer_actuel",
)  # fmt: skip
DEDUITES = (
    "anciennete_mois", "mutation", "dalo_reconnu", "handicap", "sans_logement", "sortie_structure", "non_decent",
    "nb_personnes", "nb_a_charge", "nb_enfants_mineurs", "famille_monoparentale", "jeune_menage", "age_demandeur",
    "categorie_menage", "ressources_mensuelles", "ressources_uc", "revenu_fiscal_reference", "sur_occupation",
    "sous_occupation",
)  # fmt: skip
Faits = dict[str, Any]


def lire_sne(chemin: Path, catalogue: Catalogue, a_la_date: date) -> Demandes:
    """Read an XML file of the SNE into the columns of the catalogue that it fills, one row a demande.

    Ages and the wait are counted at `a_la_date`. Raises LectureImpossible when the file is not one.
    """
    rapport = Rapport(chemin.name)
    fautes: dict[tuple[str, str], Compte] = {}
    noms = [NUMERO, DEPOT, *(nom for nom in (*COPIES, *DEDUITES) if nom in catalogue.variables)]
    schema = schema_demandes(catalogue, noms)
    lues = [0]

    def lots() -> Iterator[Any]:
        demandes = demandes_sne(chemin)
        while lot := list(islice(demandes, LOT)):
            lues[0] += len(lot)
            lignes = [_ligne(_Lecteur(catalogue, fautes, d), a_la_date) for d in lot]
            yield pa.Table.from_pylist(lignes, schema=schema)

    demandes = reunir(rapport, catalogue, noms, lots(), 0)
    if not lues[0]:
        raise LectureImpossible(f"{chemin.name} ne contient aucune demande : vérifiez l'export.")
    for (champ, code), compte in fautes.items():
        rapport.noter(
            f"demande_{code}", compte.nombre, champ, compte.exemples, attendu="la forme de l'échange du SNE"
        )
    return Demandes(demandes.colonnes, lues[0], demandes.acceptees, tuple(rapport.constats), demandes.table)


class _Lecteur:
    """The values of one demande; what cannot be read is unknown, and counted under its field."""

    def __init__(
        self, catalogue: Catalogue, fautes: dict[tuple[str, str], Compte], demande: DemandeSne
    ) -> None:
        self.catalogue, self.fautes, self.demande = catalogue, fautes, demande

    def personnes(self, *groupes: str) -> list[dict[str, list[str]]]:
        """The tables of these groups, in the order of the file."""
        return [table for groupe in groupes for table in self.demande.groupes.get(groupe, ())]

    def variable(self, nom: str) -> Any:
        """The value of a column copied, searched in the demande then in the demandeur."""
        variable = variable_de(self.catalogue, nom)
        for table in (self.demande.champs, *self.personnes("demandeur")):
            if nom in table:
                textes = table[nom] if variable.type == "liste" else table[nom][:1]
                return self._lire(variable, "|".join(textes))
        return None

    def valeur(self, table: dict[str, list[str]], champ: str, type_: str) -> Any:
        """The value of a field of one table, by its type."""
        textes = table.get(champ)
        return self._lire(Variable(champ, champ, type_), textes[0]) if textes else None

    def _lire(self, variable: Variable, texte: str) -> Any:
        valeur, faute = lire_cellule(variable, texte)
        if faute:
            self.fautes.setdefault((variable.code, faute), Compte()).ajouter(self.demande.ligne, sorte(texte))
        return valeur


def _ligne(lecteur: _Lecteur, a_la_date: date) -> Faits:
    """The columns of one demande. Those the catalogue does not have are left aside by the schema."""
    faits: Faits = {nom: lecteur.variable(nom) for nom in COPIES if nom in lecteur.catalogue.variables}
    depot = lecteur.valeur(lecteur.demande.champs, DEPOT, "date")
    numero = lecteur.valeur(lecteur.demande.champs, NUMERO, "code")
    faits |= {NUMERO: numero, DEPOT: depot, "anciennete_mois": anciennete_mois(depot, a_la_date).valeur}
    faits |= _menage(lecteur, faits, a_la_date) | _situation(faits, a_la_date)
    return {**faits, "ligne": lecteur.demande.ligne}


def _situation(faits: Faits, a_la_date: date) -> Faits:
    """What the housing and the motifs say; a motif that is not ticked says nothing."""
    statut, motifs = faits.get("statut_occupation"), faits.get("motifs") or ()
    publics = publics_l441_1({}, statut, ()).valeur
    lettre = {le: None if statut is None else le in publics.reconnus for le in ("d", "k")}
    dalo, pieces = faits.get("statut_dalo"), PIECES.get(faits.get("typologie_actuelle") or "")
    surface, occupants = faits.get("surface_actuelle"), faits.get("nb_occupants") or None
    return {
        "mutation": None if statut is None else statut == LOCATAIRE_HLM,
        "dalo_reconnu": None if dalo is None else dalo == DALO_ACTIF,
        "sans_logement": lettre["k"],
        "sortie_structure": lettre["d"],
        "non_decent": True if NON_DECENT in motifs else None,
        "sur_occupation": sur_occupation(surface and Fraction(surface), occupants, a_la_date).valeur,
        "sous_occupation": sous_occupation(pieces, occupants, a_la_date).valeur,
    }


def _menage(lecteur: _Lecteur, faits: Faits, a_la_date: date) -> Faits:
    """Who is in the foyer (L442-12), their ages, their resources. The children to be born are not counted."""
    adultes = lecteur.personnes("demandeur", "cotitulaire")
    charges, garde = lecteur.personnes("a_charge"), lecteur.personnes("en_garde")
    ages = [_age(lecteur.valeur(p, "naissance", "date"), a_la_date) for p in (*adultes, *charges, *garde)]
    enfants = [*(p for p in charges if p.get("lien", [""])[0] == ENFANT), *garde]
    ages_enfants = [_age(lecteur.valeur(p, "naissance", "date"), a_la_date) for p in enfants]
    couple, ages_couple = _couple(lecteur, faits, ages)
    personnes, nb_charges = (len(ages), len(charges) + len(garde)) if adultes else (None, None)
    handicap = (
        True if "handicap" in lecteur.demande.champs or HANDICAP in (faits.get("motifs") or ()) else None
    )
    menage = Menage(personnes, nb_charges, couple, ages_couple, handicap)
    categorie = categorie_menage(menage, a_la_date)
    sure = categorie.code == "certaine" and not categorie.valeur.personnes_supplementaires
    return {
        "handicap": handicap,
        "nb_personnes": personnes,
        "nb_a_charge": nb_charges,
        "nb_enfants_mineurs": _compter(ages_enfants, 0, MAJORITE) if adultes else None,
        "famille_monoparentale": famille_monoparentale(
            len(adultes) or None, couple, len(enfants) if adultes else None
        ).valeur,
        "jeune_menage": jeune_menage(menage, a_la_date).valeur,
        "age_demandeur": ages[0] if lecteur.personnes("demandeur") else None,
        "categorie_menage": categorie.valeur.numero if sure else None,
        **_ressources(lecteur, adultes, ages, a_la_date),
    }


def _couple(lecteur: _Lecteur, faits: Faits, ages: list[int | None]) -> tuple[bool | None, int | None]:
    """Whether the demandeur forms a couple with a cotitulaire, and the sum of their ages."""
    for rang, cotitulaire in enumerate(
        lecteur.personnes("cotitulaire"), start=len(lecteur.personnes("demandeur"))
    ):
        if cotitulaire.get("lien", [""])[0] in LIENS_COUPLE:
            deux = (ages[0], ages[rang])
            return True, None if None in deux else sum(age for age in deux if age is not None)
    return (False if faits.get("situation_familiale") in SEULS else None), None


def _ressources(
    lecteur: _Lecteur, adultes: list[dict[str, list[str]]], ages: list[int | None], a_la_date: date
) -> Faits:
    """Monthly resources received less those paid, the same for a unit and a year, the revenu fiscal; in euros."""
    n_2, n_1 = (
        _somme(lecteur.valeur(a, champ, "nombre") for a in adultes) for champ in ("revenu_n_2", "revenu_n_1")
    )
    retenu = ressources_retenues(_centimes(n_2), _centimes(n_1), None, None, a_la_date).valeur
    recues, versees = lecteur.personnes("recue"), lecteur.personnes("versee")
    mois = _somme(lecteur.valeur(r, "montant", "nombre") for r in recues) if recues else None
    moins = _somme(lecteur.valeur(r, "montant", "nombre") for r in versees) if versees else Decimal(0)
    mensuelles = None if mois is None or moins is None else mois - moins
    plus_de_14 = _compter(ages, QUATORZE_ANS, None)
    moins_de_14 = _compter(ages, 0, QUATORZE_ANS)
    unites = unites_consommation(plus_de_14, moins_de_14, a_la_date).valeur if plus_de_14 else None
    par_uc = ressources_par_uc(_centimes(mensuelles), unites).valeur
    return {
        "ressources_mensuelles": mensuelles,
        "ressources_uc": None if par_uc is None else Decimal(round(par_uc)) / CENT,
        "revenu_fiscal_reference": None if retenu is None else Decimal(retenu) / CENT,
    }


def _age(naissance: date | None, a_la_date: date) -> int | None:
    """Whole years; None when unknown or after the date."""
    if naissance is None or naissance > a_la_date:
        return None
    fete = (a_la_date.month, a_la_date.day) < (naissance.month, naissance.day)
    return a_la_date.year - naissance.year - fete


def _compter(ages: Iterable[int | None], de: int, a: int | None) -> int | None:
    """How many ages are in [de, a[; None when one is unknown."""
    lus = list(ages)
    connus = [age for age in lus if age is not None]
    if len(connus) < len(lus):
        return None
    return sum(de <= age and (a is None or age < a) for age in connus)


def _somme(montants: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of amounts; None when there is none, or one is unknown."""
    lus = list(montants)
    connus = [montant for montant in lus if montant is not None]
    return sum(connus, Decimal(0)) if lus and len(connus) == len(lus) else None


def _centimes(euros: Decimal | None) -> int | None:
    return None if euros is None else round(euros * CENT)
