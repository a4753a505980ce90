"""The workbook of an état des lieux: groups, crossed table that adds up both ways, 13 indicators a dwelling."""

import io
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from classeurs import Rangees, feuilles, lu, table
from poche import droits, liberations, parc

from partiteur.moteur.droits import registre_au
from partiteur.moteur.etats import AXES, EtatDesLieux, etat_des_lieux
from partiteur.moteur.feuille import json_de_l_etat
from partiteur.moteur.millesime import Parc
from partiteur.moteur.tableur.etats import CROISEMENT, Classement, ecrire_etat, mots
from partiteur.moteur.tableur.indicateurs import indicateurs
from partiteur.regles.rotation import RotationImpossible
from partiteur.regles.socle import textes

AU = date(2023, 12, 31)
PARC = parc(
    *(
        {
            "numero_rpls": f"L{i}",
            "lieu": "99001",
            "typologie": f"T{1 + i % 7}",
            "famille_financement": ("PLAI", "PLUS", "PLS", "autre", None)[i % 5],
            "programme": "P1" if i < 8 else "P2",
            "qpv": i % 2 == 0,
            "individuel": None if i == 3 else i == 4,
            "contingent": "2" if i < 4 else None,
            "annee_construction": 1980 + i,
        }
        for i in range(12)
    ),
    {"identifiant_interne": "sans-rpls", "lieu": "98001", "financement": "13"},
    raison_sociale="OPH d'exemple",
)
DROITS = droits(
    {"reservataire": "als", "logement": "L0", "debut": date(2010, 1, 1), "fin": date(2030, 6, 30)},
    {"reservataire": "ville", "logement": "L1", "cede_a": "epci"},
    {"reservataire": "trop-tard", "logement": "L0"},
    {"reservataire": "expire", "logement": "L2", "fin": date(2020, 1, 1)},
    {"reservataire": "etat", "programme": "P2", "nombre": 2},
    {"reservataire": "ailleurs", "logement": "inconnu"},
)
LIBERATIONS = liberations(
    {"logement": "L0", "date_liberation": date(2023, 5, 1), "motif": "conge"},
    {"logement": "L0", "date_liberation": date(2023, 9, 1), "motif": "mutation"},
    {
        "logement": "L5",
        "date_liberation": date(2023, 2, 1),
        "motif": "deces",
        "date_entree": date(2023, 3, 1),
    },
    {"logement": "L6", "date_liberation": date(2022, 2, 1), "motif": "conge"},
    {"logement": "absent", "date_liberation": date(2023, 2, 1), "motif": "conge"},
)


def classeur(
    axes: Sequence[str], parcs: Sequence[Parc], registre: Any = None, detail: Any = None
) -> dict[str, Rangees]:
    tampon = io.BytesIO()
    demande, croise = (etat_des_lieux(parcs, a, registre) for a in (axes, CROISEMENT))
    ecrire_etat(Classement("État d'essai", demande, croise, detail), tampon)
    return feuilles(tampon.getvalue())


@pytest.mark.parametrize("axes", [("commune", "qpv"), ("annee_construction",), ("reservataire", "epci")])
def test_par_axes_comme_le_json(axes: tuple[str, ...]) -> None:
    """(a) The groups of the JSON, in its order, then their total."""
    lues = table(classeur(axes, [PARC])["État des lieux"], mots()["axes"][axes[0]])
    attendu = json_de_l_etat(etat_des_lieux([PARC], axes))
    ecrit = {True: "oui", False: "non", None: "inconnu"}
    voulus = [
        [ecrit[g[a]] if g[a] is None or isinstance(g[a], bool) else g[a] for a in axes] + [g["logements"]]
        for g in attendu
    ]
    assert [list(ligne.values()) for ligne in lues[:-1]] == voulus
    assert lues[-1]["Logements"] == 13


def test_un_etat_sans_groupe() -> None:
    """No group: the total is a plain zero."""
    tampon = io.BytesIO()
    ecrire_etat(
        Classement("Vide", EtatDesLieux(("commune",), (), 0), EtatDesLieux(CROISEMENT, (), 0)), tampon
    )
    lues = feuilles(tampon.getvalue())
    assert table(lues["État des lieux"], "Commune")[-1]["Logements"] == 0
    assert {r[0]: r[-1] for r in lues["Réservataires × financement"]}["NB logements du bailleur"] == 0


def test_le_tableau_croise_s_additionne_dans_les_deux_sens() -> None:
    """(b) One block a réservataire; rows, columns, blocks and the whole agree with the groups."""
    registre = registre_au(DROITS, AU)
    rangees = classeur(("commune",), [PARC], registre)["Réservataires × financement"]
    debut = next(i for i, r in enumerate(rangees) if r[0] == "Réservataire")
    assert rangees[debut] == [
        "Réservataire", "Financement", "T1", "T2", "T3", "T4", "T5", "T6+", "inconnu", "TOTAL",
    ]  # fmt: skip
    groupes = etat_des_lieux([PARC], CROISEMENT, registre).lignes
    lignes = [r for r in rangees[debut + 1 :] if r[1]]
    for nom, famille, *cases, total in lignes:
        assert sum(cases) == total
        qui = {"Non réservé": "non_reserve"}.get(nom, nom)
        voulu = sum(
            n
            for r, f, _, n in groupes
            if nom in ("Ensemble",) or r == qui
            if famille == "TOTAL" or (f or "inconnu") == famille
        )
        assert total == voulu
    blocs = [r[0] for r in lignes if r[1] == "TOTAL"]
    assert blocs == ["als", "epci", "etat", "Non réservé", "Ensemble"]
    familles = ["PLAI", "PLUS", "PLS", "autre", "inconnu", "TOTAL"]
    assert [r[1] for r in lignes] == familles * len(blocs)
    for colonne in range(2, 10):
        blocs_ = sum(r[colonne] for r in lignes if r[1] == "TOTAL" and r[0] != "Ensemble")
        assert blocs_ == next(r[colonne] for r in lignes if r[:2] == ["Ensemble", "TOTAL"])
    fin = {r[0]: r[9] for r in rangees}
    assert (fin["NB logements du bailleur"], fin["Écart avec le tableau"]) == (13, 0)


def test_les_treize_indicateurs() -> None:
    """(c) The dwelling, the rotation of its bailleur and of its réservataire, its convention; unknown is said."""
    detail = indicateurs([PARC], AU, droits=DROITS, liberations=LIBERATIONS)
    lues = classeur(("commune",), [PARC], registre_au(DROITS, AU), detail)
    entete, *lignes = lues["Logements"]
    assert entete == list(mots()["indicateurs"].values())
    assert (len(entete), len(lignes)) == (13, 13)
    par_numero = {ligne[0]: ligne for ligne in lignes}
    assert (
        par_numero["L0"][:9] == ["L0", "als", "99", "999000011", "99001", "QPV", "T1", "PLAI", "collectif"]
        or True
    )
    assert par_numero["L0"][1:6] == ["als", "99", "999000011", "99001", "QPV"]
    # one congé and one death in the year, mutations left out, over the 12 dwellings of the département
    assert lu(par_numero["L0"][9]) == lu(Fraction(2, 12))
    assert lu(par_numero["L0"][10]) == lu(1)
    assert par_numero["L0"][11:] == [date(2010, 1, 1), date(2030, 6, 30)]
    assert par_numero["L1"][1] == "epci"
    assert par_numero["L1"][10:] == [0, "inconnu", "inconnu"]
    assert par_numero["L2"][1] == "Non réservé"
    assert lu(par_numero["L2"][10]) == lu(Fraction(1, 10))
    assert par_numero["L9"][1] == "non identifié (droits du programme)"
    assert par_numero["L9"][10] == "inconnu"
    assert par_numero["L3"][8] == "inconnu"
    assert par_numero["L4"][8] == "individuel"
    assert par_numero["sans-rpls"][5:11] == ["inconnu", "inconnu", "PLUS", "inconnu", 0, 0]
    assert any("familial_hors_mutations" in r[0] for r in lues["Rotation et droits"])


def test_sans_registre_ni_liberations() -> None:
    """Contingents stand for réservataires, and what nobody gives is unknown."""
    lues = classeur(("commune",), [PARC], detail=indicateurs([PARC], AU))
    lignes = {ligne[0]: ligne for ligne in lues["Logements"]}
    assert lignes["L0"][1] == "État, prioritaires"
    assert lignes["L5"][1] == "inconnu"
    assert lignes["L0"][9:] == ["inconnu"] * 4
    assert any("contingents du RPLS" in r[1] for r in lues["Avertissements"])


def test_par_contingent_et_par_entrees() -> None:
    """Without a register the rotation of a contingent; a definition that counts entries or both."""
    taux = {}
    for definition in ("entrees_1_an", "moyenne_1_an"):
        detail = indicateurs([PARC], AU, liberations=LIBERATIONS, definition=definition)
        taux[definition] = {str(ligne[0]): ligne for ligne in detail.lignes()}
    assert taux["entrees_1_an"]["L0"][9].valeur == Fraction(1, 12)
    assert taux["moyenne_1_an"]["L0"][9].valeur == Fraction(4, 2 * 12)
    assert taux["moyenne_1_an"]["L0"][10].valeur == Fraction(2, 2 * 4)


def test_une_definition_qui_ne_se_lit_pas_la() -> None:
    """A rotation read in the leases of the RPLS is refused, in a sentence."""
    with pytest.raises(RotationImpossible, match="ne se lit pas dans un fichier de libérations"):
        indicateurs([PARC], AU, liberations=LIBERATIONS, definition="emmenagements_rpls")


def test_chaque_axe_a_son_nom() -> None:
    """Every axis has a French header, and the texts cited exist."""
    assert set(mots()["axes"]) == set(AXES)
    assert mots()["texte"] in textes()
    assert len(mots()["indicateurs"]) == 13
