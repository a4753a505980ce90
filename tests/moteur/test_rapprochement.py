"""A register set beside a parc and a list: each line in one category, totals that add up."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partiteur.moteur import poses, rapprochement
from partiteur.moteur.droits import RegistreEnFichier
from partiteur.moteur.execution import connexion
from partiteur.moteur.geographie import charger
from partiteur.moteur.lecture import lire_droits, lire_parc
from partiteur.moteur.millesime import importer, importer_droits, ouvrir
from partiteur.moteur.rapprochement import (
    COLONNES,
    Condition,
    Total,
    comparer_listes,
    corriger,
    differences,
    est_au_registre,
    lignes,
    lignes_du_registre,
    rapprocher,
    sans_droit,
    texte_arrete,
    totaux,
)

NOEL = date(2023, 12, 31)
# P1: 4 dwellings of contingent 4; P2: 3 of contingent 3 and one non réservé; P3: one nobody knows; P4: two of the État; P5: two of contingent 3.
PARC = "numero rpls;reference interne;code insee;programme;contingent\n" + "".join(
    f"{n};I{n};06029;{programme};{contingent}\n"
    for n, (programme, contingent) in enumerate(
        [
            *[("P1", 4)] * 4,
            *[("P2", 3)] * 3,
            ("P2", 7),
            ("P3", ""),
            ("P4", 2),
            ("P4", 2),
            ("P5", 3),
            ("P5", 3),
        ],
        start=1,
    )
)
DROITS = """droit;reservataire;programme;logement;nombre;fin;nature;cede_a
d1;commune;P1;;2;;;
d2;commune;;1;1;;;
d3;als;P5;;2;;;
d4;commune;;8;1;;;
d5;commune;;5;1;;;
d6;commune;;99;1;;;
d7;commune;P9;;1;;;
d8;als;;I1;1;;;
d9;als;P4;;5;;;
d10;commune;P3;;1;;;
d11;defense;;2;1;;;
d12;commune;P1;;1;31/12/2020;;
;ceda;P2;;1;;unique;als
"""
TYPES = {"commune": "commune", "als": "action_logement", "defense": "defense_securite"}
ATTENDUS = {
    "d1": "autre_nombre", "d2": "concorde", "d3": "concorde", "d4": "non_reserve_au_parc", "d5": "autre_contingent",
    "d6": "logement_absent", "d7": "programme_absent", "d8": "logement_deja_tenu", "d9": "programme_depasse",
    "d10": "non_compare", "d11": "non_compare", "d12": "hors_compte", None: "hors_compte",
}  # fmt: skip


@pytest.fixture(scope="module")
def lu(tmp_path_factory):
    """The millésime and its register, in files."""
    dossier = tmp_path_factory.mktemp("rapprochement")
    for nom, contenu in (("parc.csv", PARC), ("droits.csv", DROITS)):
        (dossier / nom).write_text(contenu, "utf-8")
    geographie = charger()
    parc = ouvrir(
        importer(lire_parc(dossier / "parc.csv", geographie), dossier / "parc.csv", dossier), geographie
    )
    droits = importer_droits(lire_droits(dossier / "droits.csv"), dossier / "droits.csv", dossier)
    return parc, RegistreEnFichier(droits, NOEL)


@pytest.fixture(scope="module")
def chemin(lu):
    return rapprocher(*lu, TYPES)


def test_chaque_ligne_a_son_code(chemin):
    """What a jurist would say of each; a register that says a dwelling by either of its numbers names the same one."""
    lues = lignes(connexion(), chemin, Condition(), 0, 100)
    assert {ligne["droit"]: ligne["ecart"] for ligne in lues} == ATTENDUS
    assert [ligne["titulaire"] for ligne in lues if ligne["droit"] is None] == ["als"]
    assert {ligne["droit"]: ligne["commune"] for ligne in lues if ligne["droit"] in ("d1", "d6")} == {
        "d1": "06029",
        "d6": None,
    }


def test_les_totaux_s_additionnent(chemin):
    """By any axis, lines and rights are those of the register; a condition keeps some of them."""
    for axe in ("ecart", "titulaire", "commune"):
        lus = totaux(connexion(), chemin, Condition(), axe)
        assert (sum(t.lignes for t in lus), sum(t.droits for t in lus)) == (13, 19)
    siennes = Condition().parmi("titulaire", ["commune"])
    assert totaux(connexion(), chemin, siennes, "titulaire") == (Total("commune", 8, 9),)
    assert totaux(connexion(), chemin, Condition().parmi("titulaire", []), "titulaire") == ()
    cherche = siennes.contenant(("programme", "logement"), "p1")
    assert [ligne["droit"] for ligne in lignes(connexion(), chemin, cherche, 0, 100)] == ["d1", "d12"]
    assert [ligne["droit"] for ligne in lignes(connexion(), chemin, siennes, 2, 2)] == ["d4", "d5"]


def test_ce_que_le_parc_reserve_sans_droit(lu, chemin):
    """Three dwellings of P1 are said, of four; those of P2 are another's, or nobody's; two of the État in P4, none."""
    trouves = {(s.programme, s.contingent): s for s in sans_droit(connexion(), lu[0], chemin)}
    assert {cle: (s.au_parc, s.au_registre, s.sans_droit) for cle, s in trouves.items()} == {
        ("P1", "4"): (4, 3, 1),
        ("P2", "3"): (3, 0, 3),
        ("P4", "2"): (2, 0, 2),
    }


def test_le_fichier_est_fait_une_fois_et_dit_tout_ce_dont_il_vient(lu, chemin, monkeypatch):
    """Another type of réservataire, another date, another way to pose rights or to compare them: another file."""
    inode = chemin.stat().st_ino
    assert rapprocher(*lu, TYPES) == chemin
    assert chemin.stat().st_ino == inode
    autres = {
        rapprocher(lu[0], RegistreEnFichier(lu[1].chemin, date(2019, 12, 31)), TYPES),
        rapprocher(*lu, TYPES | {"defense": "etat_fonctionnaires"}),
    }
    for module, nom in (
        (poses, "SOURCES"),
        (poses, "REQUETES"),
        (rapprochement, "SOURCES"),
        (rapprochement, "REQUETES"),
    ):
        monkeypatch.setattr(module, nom, getattr(module, nom)[1:])
        autres.add(rapprocher(*lu, TYPES))
        monkeypatch.undo()
    assert len(autres | {chemin}) == 7


def test_une_ligne_garde_sa_cle(lu):
    """Its own identifier, or what it bears on; and the text two parties sign is the same whatever the order."""
    con = connexion()
    toutes = lignes_du_registre(con, lu[1].chemin, Condition())
    cles = [ligne["cle"] for ligne in toutes]
    assert cles == sorted(cles)
    assert len(set(cles)) == 13
    assert "l:ceda:P2::1" in cles
    siennes = lignes_du_registre(con, lu[1].chemin, Condition().parmi("titulaire", ["als"]))[::-1]
    texte = texte_arrete(siennes)
    assert texte.splitlines()[0] == ";".join(COLONNES)
    assert texte.count("\n") == 1 + len(siennes) == 5
    assert texte.splitlines()[1] == ";ceda;;P2;;1;;;unique;;;;als;;"
    avant, apres = siennes[0], siennes[0] | {"nombre": 9}
    assert differences(avant, apres) == (("nombre", avant["nombre"], 9),)


LISTE = """droit;reservataire;programme;logement;nombre;fin;nature
d1;commune;P1;;2;31/12/2030;
;commune;;I1;1;;
d4;commune;;77;1;;
;commune;P9;;3;;
;commune;P5;;1;;
"""


def lire_liste(tmp_path, texte):
    (tmp_path / "liste.csv").write_text(texte, "utf-8")
    return lire_droits(tmp_path / "liste.csv").table.to_pylist()


def test_la_liste_d_un_reservataire(chemin, tmp_path):
    """By identifier, by either number of the dwelling, by programme; a line of each side is counted once."""
    siennes = lignes(connexion(), chemin, Condition().parmi("titulaire", ["commune"]), 0, 100)
    trouvee = comparer_listes(siennes, lire_liste(tmp_path, LISTE))
    assert trouvee.nombres == {
        "concorde": 2, "objet": 1, "nombre": 1, "absente_de_la_liste": 3, "absente_du_registre": 1, "hors_compte": 1,
    }  # fmt: skip
    dits = {(p.registre or p.liste)["programme"] or p.registre["droit"]: p for p in trouvee.ecarts}
    assert dits["d4"].differences == ("logement",)
    assert dits["P9"].ecart == "nombre"
    assert dits["P5"].registre is None
    assert trouvee.ecarts[0].ecart == "objet"


LIGNES = st.lists(
    st.fixed_dictionaries(
        {
            "programme": st.sampled_from(["P1", "P2", None]),
            "logement": st.sampled_from(["1", "2", None, None]),
            "nombre": st.integers(1, 3),
            "droit": st.sampled_from(["a", "b", None, None]),
        }
    ),
    max_size=8,
)


@given(LIGNES, LIGNES)
def test_chaque_ligne_des_deux_cotes_est_comptee_une_fois(registre, liste):
    """Whatever both say: pairs hold each line once, and a list set beside itself has no gap."""
    vides = dict.fromkeys(("debut", "fin", "nature", "contrepartie", "numero_rpls", "identifiant_interne"))
    siennes = [vides | ligne | {"ligne": i, "compte": True} for i, ligne in enumerate(registre)]
    dites = [vides | ligne | {"ligne": i} for i, ligne in enumerate(liste)]
    trouvee = comparer_listes(siennes, dites)
    seules = {"absente_de_la_liste": 1, "absente_du_registre": 1}
    paires = sum(n for code, n in trouvee.nombres.items() if code not in seules)
    assert 2 * paires + sum(trouvee.nombres.get(code, 0) for code in seules) == len(registre) + len(liste)
    memes = comparer_listes(siennes, siennes)
    assert all(paire.differences for paire in memes.ecarts if paire.registre and paire.liste)


def test_une_correction_portee_au_registre():
    """Said now, not yet, gone, added."""
    ligne = {"cle": "d:1", "nombre": 3, "fin": NOEL, "programme": "P1", "logement": None}
    assert est_au_registre("nombre", {"nombre": 3}, [ligne], "d:1")
    assert not est_au_registre("nombre", {"nombre": 4}, [ligne], "d:1")
    assert not est_au_registre("nombre", {"nombre": 3}, [ligne], "d:2")
    assert est_au_registre("dates", {"fin": "2023-12-31"}, [ligne], "d:1")
    assert est_au_registre("pas_a_nous", {}, [ligne], "d:2")
    assert not est_au_registre("pas_a_nous", {}, [ligne], "d:1")
    assert est_au_registre("manquante", {"programme": "P1", "nombre": 3}, [ligne], "")
    assert not est_au_registre("manquante", {"programme": "P2", "nombre": 3}, [ligne], "")


def test_un_registre_corrige_garde_son_ordre():
    """A line changed, one gone, one added; a correction on a line that left changes nothing."""
    vide = dict.fromkeys(COLONNES)
    lues = [vide | {"cle": c, "ligne": n, "nombre": n} for c, n in (("d:b", 3), ("d:a", 2), ("d:c", 4))]
    propose = [
        ("nombre", "d:b", {"nombre": 9}),
        ("pas_a_nous", "d:c", {}),
        ("manquante", "", {"programme": "P", "nombre": 1}),
        ("pas_a_nous", "d:partie", {}),
        ("nombre", "d:partie", {"nombre": 1}),
    ]
    assert [(li["nombre"], li["programme"], li["statut"]) for li in corriger(lues, propose)] == [
        (2, None, None),
        (9, None, None),
        (1, "P", "confirme"),
    ]
