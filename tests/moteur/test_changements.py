"""Two parcs of one bailleur: what came, what left, what is not told the same way."""

import poche
from hypothesis import given, settings
from hypothesis import strategies as st

from partiteur.moteur.changements import COMPARES, MONTRES, Changement, comparer_parcs

AVANT = (
    {"numero_rpls": "1", "lieu": "99001", "typologie": "T2", "programme": "A"},
    {"numero_rpls": "2", "lieu": "99001", "typologie": "T3", "programme": "A"},
    {"identifiant_interne": "x", "lieu": "99001", "qpv": True},
    {"lieu": "99001"},
)


def test_chaque_sorte_est_comptee():
    apres = (
        {"numero_rpls": "1", "lieu": "99001", "typologie": "T2", "programme": "A"},
        {"identifiant_interne": "x", "lieu": "99001", "qpv": None, "dpe": "D"},
        {"numero_rpls": "9", "lieu": "99002", "programme": "B"},
        {"lieu": "99001"},
    )
    trouves = comparer_parcs(poche.table_parc(AVANT), poche.table_parc(apres))
    assert (trouves.nouveaux, trouves.disparus, trouves.changes, trouves.identiques) == (1, 1, 1, 1)
    assert trouves.sans_identifiant == 1
    assert trouves.colonnes == {"qpv": 1, "dpe": 1}
    assert trouves.exemples == (
        Changement("nouveau", "9", "B"),
        Changement("disparu", "2", "A"),
        Changement("change", "x", None, ("qpv", "dpe")),
    )


def test_le_meme_parc_ne_change_rien():
    parc = poche.table_parc(AVANT)
    trouves = comparer_parcs(parc, parc)
    assert (trouves.nouveaux, trouves.disparus, trouves.changes, trouves.colonnes) == (0, 0, 0, {})
    assert trouves.identiques + trouves.sans_identifiant == len(AVANT)


def test_peu_d_exemples():
    parc = [{"numero_rpls": str(n)} for n in range(MONTRES + 5)]
    trouves = comparer_parcs(poche.table_parc([]), poche.table_parc(parc))
    assert (trouves.nouveaux, len(trouves.exemples)) == (MONTRES + 5, MONTRES)


LOGEMENTS = st.dictionaries(
    st.integers(0, 8),
    st.fixed_dictionaries({}, optional={"qpv": st.booleans(), "dpe": st.sampled_from("AB")}),
)


@settings(max_examples=25, deadline=None)
@given(LOGEMENTS, LOGEMENTS)
def test_comme_deux_dictionnaires(avant, apres):
    """The counts are those of two dicts compared by hand."""

    def table(parc):
        return poche.table_parc([{"numero_rpls": str(n), **faits} for n, faits in parc.items()])

    trouves = comparer_parcs(table(avant), table(apres))
    communs = avant.keys() & apres.keys()
    differents = [n for n in communs if any(avant[n].get(c) != apres[n].get(c) for c in COMPARES)]
    assert trouves.nouveaux == len(apres.keys() - avant.keys())
    assert trouves.disparus == len(avant.keys() - apres.keys())
    assert trouves.changes == len(differents)
    assert trouves.identiques == len(communs) - len(differents)
