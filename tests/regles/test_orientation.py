"""The advice is what it says: the least of a potential, whatever the order of reading; and who a vacance counts for."""

from datetime import date
from fractions import Fraction

import pytest
from constructeur import evenements
from hypothesis import given
from hypothesis import strategies as st

from partiteur.regles.decompte import Regime, decompter
from partiteur.regles.orientation import (
    Apport,
    LogementAOrienter,
    Poids,
    Position,
    apport,
    choix_motive,
    classer,
    distance_structure,
    orientation,
    poids_du_cadre,
)
from partiteur.regles.orientation.distance import Offert
from partiteur.regles.vacance import effectifs, historique_normalise

PLUS = LogementAOrienter("PLUS", False, "T3")
DEUX = Poids("parc", Fraction(2), Fraction(1))
rates = st.fractions(0, Fraction(1, 4), max_denominator=40)
dus = st.fractions(0, 30, max_denominator=12)
comptes = st.integers(0, 30)
une_position = st.tuples(dus, rates, comptes, comptes, dus, rates, comptes, comptes)


def position(rang: int, lu: tuple) -> Position:
    du, gain, compte, en_cours, du_c, gain_c, compte_c, en_cours_c = lu
    return Position(
        f"reservataire:{rang}", du, gain + Fraction(1, 100), compte, en_cours, du_c, gain_c, compte_c, en_cours_c
    )  # fmt: skip


@given(st.lists(une_position, min_size=1, max_size=6), st.randoms())
def test_le_premier_laisse_le_moins_de_retards(lus, hasard):
    """Among all choices, the first leaves the least sum of weighted squared lags, in volume and in class."""
    positions = [position(rang, lu) for rang, lu in enumerate(lus)]

    def reste(choisie):
        total = Fraction(0)
        for p in positions:
            un = p is choisie
            volume = p.attendu + p.gain - p.compte - p.en_cours - un
            classe = p.attendu_classe + p.gain_classe - p.compte_classe - p.en_cours_classe - un
            total += DEUX.quantite * volume**2 + DEUX.structure * classe**2
        return total

    rangs = classer(PLUS, positions, DEUX, Fraction(1))
    assert reste(rangs[0].position) == min(map(reste, positions))
    melangees = positions[:]
    hasard.shuffle(melangees)
    assert classer(PLUS, melangees, DEUX, Fraction(1)) == rangs


@given(st.lists(une_position, min_size=1, max_size=5))
def test_les_soldes_se_suivent(lus):
    """After = before + the part of one more dwelling, and one counted; the others only gain their part."""
    positions = [position(rang, lu) for rang, lu in enumerate(lus)]
    conseil = orientation(PLUS, positions, DEUX).valeur
    gains = {p.destination: (p.gain, p.gain_classe) for p in positions}
    assert [ligne.rang for ligne in conseil.lignes] == list(range(1, len(positions) + 1))
    for ligne in conseil.lignes:
        gain, gain_classe = gains[ligne.destination]
        assert ligne.sinon.retard == ligne.avant.retard + gain
        assert ligne.apres.retard == ligne.sinon.retard - 1
        assert ligne.apres.retard_classe == ligne.avant.retard_classe + gain_classe - 1
        assert ligne.apres.compte == ligne.avant.compte + 1


def test_lieu_inconnu_n_est_pas_non():
    ailleurs = Position("reservataire:A", Fraction(1), Fraction(1, 5), dans_le_perimetre=None)
    (ligne,) = orientation(PLUS, [ailleurs], DEUX).valeur.lignes
    assert ligne.exclue == ("lieu_inconnu",)
    assert orientation(PLUS, [ailleurs], DEUX).valeur.premiere is None
    assert ligne.motifs[0].startswith("La commune du logement est inconnue")


def test_toutes_les_raisons_d_une_exclusion():
    """A dwelling out of the flux, out of the perimeter: both are said."""
    logement = LogementAOrienter(motif_exclusion="pli", hors_territoire=True)
    (ligne,) = orientation(logement, [Position("reservataire:A", Fraction(1), Fraction(0), dans_le_perimetre=False)], DEUX).valeur.lignes  # fmt: skip
    assert ligne.exclue == ("hors_flux", "hors_territoire", "hors_perimetre")
    assert len(ligne.motifs) == 3


def test_ce_que_disent_les_motifs():
    """The lag, the class, the offers in progress at their chance, the management; singular under two."""
    p = Position(
        "reservataire:A", Fraction(7, 2), Fraction(1, 4), 1, 2, Fraction(3, 2), Fraction(1, 4), 1, 1, gestion="mixte"
    )  # fmt: skip
    volume, classe, gestion = orientation(PLUS, [p], DEUX, Fraction(3, 4)).valeur.lignes[0].motifs
    assert volume == "En retard de 1 logement sur sa part du flux constaté : 3,5 attendus, 1 compté et 2 en cours (75 % aboutissent)."  # fmt: skip
    assert classe == "En avance de 0,25 logement en PLUS, hors QPV, T3 : 1,5 attendu, 2 comptés ou en cours."
    assert gestion == "Gestion mixte : le bailleur peut requalifier ce logement."
    a_jour = Position("non_reserve", Fraction(0), Fraction(1), attendu_classe=Fraction(0))
    dit = orientation(LogementAOrienter(), [a_jour], DEUX).valeur.lignes[0].motifs
    assert dit[0] == "À jour sur sa part du flux constaté : 0 attendu, 0 compté."
    assert "financement inconnu, QPV inconnu, typologie inconnue" in dit[1]


def test_le_motif_qpv_maire_est_admis():
    assert choix_motive(("maire:1", "non_reserve"), "non_reserve", "qpv_maire").code == "motive"
    assert choix_motive(("A",), "B", "texte").code == "motif_inconnu"
    assert choix_motive((), "B").code == "motif_manquant"


def test_poids_du_cadre():
    assert poids_du_cadre({}) == Poids("aucune", Fraction(1), Fraction(1))
    document = {"structure_cible": {"valeur": "parc"}, "poids": {"quantite": "2"}}
    assert poids_du_cadre(document) == Poids("parc", Fraction(2), Fraction(1))


@given(
    st.dictionaries(st.sampled_from("abcd"), st.integers(0, 9), min_size=1),
    st.dictionaries(st.sampled_from("abcd"), st.fractions(0, 5, max_denominator=6), min_size=1),
)
def test_la_distance_de_structure_est_une_part(classes, cible):
    """Between 0 and 1; nil when the structure is the target's, whatever its scale."""
    distance = distance_structure([Offert("A", sum(classes.values()), Fraction(0), classes, cible)]).valeur
    assert distance is None or 0 <= distance <= 1
    pareil = {nom: Fraction(n * 7, 3) for nom, n in classes.items()}
    assert distance_structure([Offert("A", sum(classes.values()), Fraction(0), classes, pareil)]).valeur in (
        0,
        None,
    )


def ce_qu_apporte(*donnes, etape=None, gestion="directe", qpv=None) -> Apport:
    """What the history of a vacance brings, every réservataire under the same regime."""
    lus = effectifs(evenements([{"type": "conge_recu", "le": date(2024, 1, 1)}, *donnes]))
    normalise = historique_normalise(lus, None, qpv)
    regimes = tuple(Regime(etape, gestion) for _ in normalise.reservataires)
    compte = decompter(normalise.historique, regimes).valeur
    return apport(compte, normalise.reservataires, dict.fromkeys(normalise.reservataires, etape))


def pas(jour: int, type_: str, reservataire: str | None = None, **autres):
    return {"le": date(2024, 1, jour), "type": type_, "reservataire": reservataire, **autres}


OFFRE = pas(3, "mise_a_disposition", "A")
DECLINE = pas(5, "declinaison", "A", motif="declinaison")
RETIRE = pas(5, "retrait", "A", motif="retrait_bailleur")


@pytest.mark.parametrize(
    ("donnes", "attendu"),
    [
        ([], Apport()),
        ([OFFRE], Apport(True, en_cours=("A",))),
        ([pas(2, "orientation", destination="reservataire:A")], Apport(True, en_cours=("A",))),
        ([OFFRE, DECLINE], Apport(True, comptes=("A",), resolues=1, comptees=1)),
        ([OFFRE, RETIRE], Apport(True, resolues=1)),
        ([pas(2, "orientation", destination="non_reserve")], Apport(True, non_reserve=True)),
        ([pas(2, "orientation", destination="non_reserve"), OFFRE], Apport(True, en_cours=("A",))),
        ([pas(2, "orientation", destination="soustrait:mutations")], Apport(sortie="mutations")),
        ([pas(2, "orientation", destination="hors_flux:vente")], Apport()),
        ([OFFRE, pas(4, "conge_retracte")], Apport()),
        (
            [OFFRE, DECLINE, pas(6, "mise_a_disposition", "99001", motif="qpv_maire")],
            Apport(True, comptes=("A",), resolues=1, comptees=1),
        ),
        (
            [
                OFFRE,
                DECLINE,
                pas(6, "orientation", destination="reservataire:99001"),
                pas(6, "mise_a_disposition", "99001", motif="qpv_maire"),
            ],
            Apport(True, comptes=("A",), non_reserve=True, resolues=1, comptees=1),
        ),
    ],
)  # fmt: skip
def test_ce_qu_apporte_une_vacance(donnes, attendu):
    assert ce_qu_apporte(*donnes) == attendu


def test_l_etape_de_la_convention_decide():
    """Declined after an offer: counted at the mise à disposition, not at the lease; an entry is read in the lease."""
    assert ce_qu_apporte(OFFRE, DECLINE, etape="bail_signe").comptes == ()
    bail = pas(9, "bail_signe", "A", candidat="c1")
    designe = pas(4, "designation", "A", candidats=["c1", "c2", "c3"])
    assert ce_qu_apporte(OFFRE, designe, bail, etape="entree").comptes == ("A",)
