"""A rule applied to a table once a combination says the same as the rule applied row by row."""

from datetime import date
from typing import Any

import poche
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from partiteur.moteur.appliquer import appliquer, repondre
from partiteur.moteur.classes import FAITS, classer
from partiteur.moteur.execution import connexion, executer, vue_table
from partiteur.regles.assiette import famille_financement, motifs_exclusion, typologie_groupee
from partiteur.regles.faits import Logement
from partiteur.regles.socle import Resultat, bareme

VALEURS: dict[str, list[Any]] = {
    "usage": [None, "familial", "etudiant", "chrs", "sous_location"],
    "type_construction": [None, "C", "E"],
    "financement": [None, "12", "16", "42"],
    "famille_financement": [None, "PLUS", "PLI"],
    "mode": [None, "1", "4"],
    "contingent": [None, "5", "7"],
    "en_vente": [None, True, False],
    "sortie_patrimoine": [None, "4", "1"],
    "a_demolir": [None, True, False],
    "conventionne": [None, True, False],
    "specifique": [None, "jeunes", "autre"],
}
logements = st.fixed_dictionaries({fait: st.sampled_from(valeurs) for fait, valeurs in VALEURS.items()})
VIDE = dict.fromkeys(VALEURS)
EXCLU = {
    **VIDE, "usage": "etudiant", "financement": "16", "mode": "4", "contingent": "5", "en_vente": True,
    "sortie_patrimoine": "4", "conventionne": False, "specifique": "jeunes",
}  # fmt: skip


def exclusion_du_logement(*faits: Any) -> Resultat:
    """`motifs_exclusion` over columns rather than a `Logement`."""
    return motifs_exclusion(Logement(*faits))


def test_les_faits_tires_sont_ceux_du_logement():
    assert tuple(VALEURS) == FAITS


@settings(deadline=None, max_examples=25)
@given(st.lists(logements, max_size=12))
@example([])
@example([VIDE, VIDE, EXCLU, EXCLU])
def test_motifs_exclusion_ligne_a_ligne(lignes):
    con, table = connexion(), poche.table_parc(lignes)
    vue_table(con, "parc", table)
    sorties = {
        "motifs": (pa.string(), lambda r: "|".join(r.valeur.motifs)),
        "inconnus": (pa.string(), lambda r: "|".join(r.valeur.inconnus)),
    }
    sql = appliquer(con, "parc", FAITS, exclusion_du_logement, sorties)
    lues = sorted(executer(con, f"select ligne, motifs, inconnus from ({sql})"))
    reponses = [motifs_exclusion(Logement(**ligne)).valeur for ligne in lignes]
    attendues = [("|".join(r.motifs), "|".join(r.inconnus)) for r in reponses]
    assert lues == [(rang + 2, *attendue) for rang, attendue in enumerate(attendues)]
    en_memoire = repondre(table, FAITS, exclusion_du_logement, sorties)
    assert list(zip(*(en_memoire[nom].to_pylist() for nom in sorties), strict=True)) == attendues


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "10", "12", "16", "42", ""]), st.sampled_from([None, "PLAI", "autre", ""])
        ),
        max_size=12,
    )
)
@example([])
@example([(None, None), (None, None), ("12", None), (None, "PLAI")])
def test_famille_financement_ligne_a_ligne(paires):
    con = connexion()
    lignes = [{"financement": financement, "famille_financement": famille} for financement, famille in paires]
    vue_table(con, "parc", poche.table_parc(lignes))
    faits = ("financement", "famille_financement")
    sql = appliquer(con, "parc", faits, famille_financement, {"famille": (pa.string(), lambda r: r.valeur)})
    lues = sorted(executer(con, f"select ligne, famille from ({sql})"), key=lambda ligne: ligne[0])
    assert lues == [(rang + 2, famille_financement(*paire).valeur) for rang, paire in enumerate(paires)]


def test_la_regle_est_demandee_une_fois_par_combinaison():
    demandes = []

    def regle(mode: str | None, annee: int | None) -> Resultat:
        demandes.append((mode, annee))
        return Resultat(None if mode is None else f"{mode}/{annee}")

    con = connexion()
    lignes = [{"mode": "1", "annee_construction": 1990}] * 5 + [{}] * 4 + [{"mode": "1"}] * 3
    vue_table(con, "parc", poche.table_parc(lignes))
    sql = appliquer(
        con, "parc", ("mode", "annee_construction"), regle, {"dit": (pa.string(), lambda r: r.valeur)}
    )
    dits = executer(con, f"select dit, count(*) from ({sql}) group by dit order by dit nulls last")
    assert sorted(demandes, key=str) == sorted([("1", 1990), (None, None), ("1", None)], key=str)
    assert dits == [("1/1990", 5), ("1/None", 3), (None, 4)]


def test_en_memoire_les_combinaisons_ne_se_confondent_pas():
    """More combinations than a short integer tells apart; dictionaries with and without unknown ones."""
    noms = [str(n) for n in range(2000)]
    colonnes = {f"c{rang}": [*noms[rang:], *noms[:rang]] for rang in range(4)} | {"vide": [None] * len(noms)}
    table = pa.table({nom: pa.array(valeurs, pa.string()) for nom, valeurs in colonnes.items()})
    codee = table.set_column(1, "c1", table["c1"].combine_chunks().dictionary_encode())
    for lue in (table, codee):
        dites = repondre(lue, list(colonnes), lambda *f: f, {"dit": (pa.string(), str)})["dit"].to_pylist()
        assert dites == [str(ligne) for ligne in zip(*colonnes.values(), strict=True)]


@settings(deadline=None, max_examples=15)
@given(st.lists(logements, max_size=8))
def test_classer_ne_perd_ni_n_invente_rien(lignes):
    lue = poche.table_parc(lignes)
    classee = classer(lue).sort_by("ligne")
    propres = [nom for nom in lue.column_names if nom != "famille_financement"]
    assert classee.select(propres).to_pylist() == lue.select(propres).to_pylist()
    attendus = [motifs_exclusion(Logement(**ligne)).valeur for ligne in lignes]
    assert classee["motifs"].to_pylist() == ["|".join(a.motifs) for a in attendus]
    assert classee["inconnus"].to_pylist() == ["|".join(a.inconnus) for a in attendus]
    familles = [famille_financement(li["financement"], li["famille_financement"]).valeur for li in lignes]
    assert classee["famille_financement"].to_pylist() == familles


def test_classer_ajoute_ce_que_la_loi_dit():
    classee = classer(
        poche.table_parc(
            [
                {"financement": "13", "typologie": "T7", "date_bail": date(2023, 6, 1), "usage": "etudiant"},
                {"financement": "13", "famille_financement": "PLAI", "typologie": "T2"},
                {},
            ]
        )
    ).sort_by("ligne")
    assert classee["famille_financement"].to_pylist() == ["PLUS", "PLAI", None]
    assert classee["typologie_groupe"].to_pylist() == ["T6+", "T2", None]
    assert classee["typologie_groupe"][0].as_py() == typologie_groupee("T7").valeur
    assert classee["annee_bail"].to_pylist() == [2023, None, None]
    assert classee["motifs"].to_pylist() == ["etudiant", "", ""]
    tous = [motif for motif in bareme("exclus")["faits"] if motif != "texte"]
    assert classee["inconnus"][2].as_py() == "|".join(tous)
    assert classee.schema.field("annee_bail").type == pa.int32()
