"""Cadres and schemas: what a file gets wrong is said in French, with its place."""

from datetime import date
from pathlib import Path

import pytest

from partiteur.moteur.cadre import (
    cadres_livres,
    charger_cadre,
    chemin_du_cadre,
    document_du_cadre,
    verifier_cadre,
)
from partiteur.moteur.schema import DocumentInvalide, ecarts, lire_toml, valider
from partiteur.regles.rotation import definition

BASE = {"code": "mien", "titre": "Mon cadre", "du": "2024-01-01", "texte": "s1"}
DOSSIER = {
    "cadre": "droit-commun",
    "exercice": 2024,
    "bailleur": {"nom": "OPH"},
    "territoire": {"echelle": "departement", "code": "99"},
    "parc": {"total": 10},
}


def ecrire(dossier: Path, nom: str, texte: str) -> Path:
    chemin = dossier / f"{nom}.toml"
    entete = (
        "" if "code =" in texte else f'code = "{nom}"\ntitre = "Cadre {nom}"\ndu = 2024-01-01\ntexte = "s1"\n'
    )
    chemin.write_text(entete + texte, encoding="utf-8")
    return chemin


def phrases(chemin: Path) -> list[str]:
    return [f"{ecart.chemin} : {ecart.message}" for ecart in verifier_cadre(chemin)]


@pytest.mark.parametrize("code", cadres_livres())
def test_chaque_cadre_livre_est_valide_et_se_charge(code):
    chemin = chemin_du_cadre(code, Path())
    assert verifier_cadre(chemin) == ()
    cadre = charger_cadre(code, Path())
    assert (cadre.code, cadre.lignage[0]) == (code, code)
    assert set(cadre.lignage) <= {code, "droit-commun"}
    assert cadre.motifs_exclus
    if cadre.definition:
        assert definition(cadre.definition, cadre.motifs_exclus).code == cadre.definition


def test_les_cadres_livres():
    livres = cadres_livres()
    assert {"casa-2023", "droit-commun", "mtpm-2023", "occitanie-2023", "paca-2024"} <= set(livres)
    assert list(livres) == sorted(livres)


def test_le_droit_commun_ne_dit_que_le_cch():
    cadre = charger_cadre("droit-commun", Path())
    assert (cadre.volume, cadre.definition, cadre.annees_volume, cadre.annees_mutations) == (None,) * 4
    assert cadre.mutations == "valeur"


def test_mon_cadre_par_son_chemin(tmp_path):
    (tmp_path / "dedans").mkdir()
    ecrire(tmp_path / "dedans", "mien", '[exclus]\nmotifs = ["pli"]\ntexte = "s1"\n')
    cadre = charger_cadre("dedans/mien.toml", tmp_path)
    assert (cadre.code, cadre.titre, cadre.texte, cadre.lignage) == ("mien", "Cadre mien", "s1", ("mien",))
    assert cadre.motifs_exclus == ("pli",)
    assert (cadre.volume, cadre.mutations) == (None, "valeur")
    absolu = charger_cadre(str(tmp_path / "dedans/mien.toml"), Path("ailleurs"))
    assert absolu == cadre


def test_l_heritage_remplace_table_par_table(tmp_path):
    ecrire(
        tmp_path,
        "parent",
        'herite = "occitanie-2023"\n[mutations]\nmethode = "moyenne"\nannees = 2\ntexte = "s0"\n',
    )
    ecrire(tmp_path, "enfant", 'herite = "parent.toml"\n[exclus]\nmotifs = ["chrs"]\ntexte = "s1"\n')
    cadre = charger_cadre("enfant.toml", tmp_path)
    assert cadre.lignage == ("enfant", "parent", "occitanie-2023", "droit-commun")
    assert cadre.motifs_exclus == ("chrs",)
    assert (cadre.mutations, cadre.annees_mutations) == ("moyenne", 2)
    assert (cadre.volume, cadre.definition) == ("assiette_x_rotation", "familial_hors_mutations")
    assert verifier_cadre(tmp_path / "enfant.toml") == ()


def test_ce_que_le_dossier_remplace_l_emporte(tmp_path):
    cadre = charger_cadre(
        "mtpm-2023", tmp_path, {"volume": {"annees": 2}, "exclus": {"motifs": ["pli"]}, "parc": {"total": 1}}
    )
    assert (cadre.volume, cadre.annees_volume, cadre.motifs_exclus) == ("moyenne_baux", 2, ("pli",))


def test_un_heritage_en_rond_est_refuse(tmp_path):
    ecrire(tmp_path, "un", 'herite = "deux.toml"\n')
    ecrire(tmp_path, "deux", 'herite = "un.toml"\n')
    with pytest.raises(DocumentInvalide, match="les cadres un → deux héritent en rond"):
        document_du_cadre(tmp_path / "un.toml")
    assert any("héritent en rond" in phrase for phrase in phrases(tmp_path / "un.toml"))


@pytest.mark.parametrize("nom", ["inconnu-2024", "absent.toml", "dossier.toml", ""])
def test_un_cadre_inconnu_nomme_ceux_qui_existent(tmp_path, nom):
    (tmp_path / "dossier.toml").mkdir()
    with pytest.raises(DocumentInvalide, match=f"« {nom} » est inconnu.*paca-2024 ; ou donnez le chemin"):
        chemin_du_cadre(nom, tmp_path)


@pytest.mark.parametrize(
    ("texte", "attendue"),
    [
        ('[etape]\ntexte = "nulle-part"\n', "etape : le texte « nulle-part » n'est pas dans textes.toml"),
        (
            '[rotation]\ndefinition = "au_pif"\ntexte = "s1"\n',
            "définition de rotation « au_pif » est inconnue",
        ),
        ("au = 2023-12-31\n", "au : la fin de la période précède son début"),
        ("au = 2024-01-01\n", "au : la fin de la période précède son début"),
        ('au = "2024-13-45"\n', ""),
        ('herite = "inconnu"\n', "Le cadre « inconnu » est inconnu"),
        ("[volume]\nmethode = 3\n", "volume"),
        ("bidon = 1\n", "clé inconnue « bidon » ; clés possibles : code, titre, herite"),
        ("code =\n", "TOML incorrect"),
    ],
)
def test_verifier_dit_tout_ce_qui_ne_va_pas(tmp_path, texte, attendue):
    chemin = ecrire(tmp_path, "mien", texte)
    assert any(attendue in phrase for phrase in phrases(chemin)), phrases(chemin)


def test_un_texte_a_moi_avec_sa_source_est_admis(tmp_path):
    chemin = ecrire(tmp_path, "mien", 'source = "délibération du 3 mai"\n[etape]\ntexte = "delib"\n')
    assert verifier_cadre(chemin) == ()


def test_un_parent_fautif_est_nomme(tmp_path):
    ecrire(tmp_path, "parent", "bidon = 1\n")
    enfant = ecrire(tmp_path, "enfant", 'herite = "parent.toml"\n')
    assert [p for p in phrases(enfant) if "parent.toml" in p and "clé inconnue « bidon »" in p]


@pytest.mark.parametrize(
    ("schema", "document", "attendue"),
    [
        ("cadre", {**BASE, "autre": 1}, " : clé inconnue « autre » ; clés possibles : code, titre, herite"),
        ("cadre", {**BASE, "volume": {"texte": "s1"}}, "volume : il manque « methode »."),
        ("cadre", {**BASE, "titre": 3}, "titre : « 3 » devrait être un texte."),
        ("cadre", {**BASE, "du": "hier"}, "du : « hier » n'a pas la forme attendue (date aaaa-mm-jj)."),
        ("cadre", {**BASE, "code": "À moi"}, "code : « À moi » n'a pas la forme attendue (^[a-z0-9-]+$)."),
        (
            "cadre",
            {**BASE, "volume": {"methode": "au pif", "texte": "s1"}},
            "volume › methode : « au pif » n'est pas admis ; valeurs possibles : assiette_x_rotation, moyenne_baux.",
        ),
        (
            "cadre",
            {**BASE, "volume": {"methode": "moyenne_baux", "annees": 0, "texte": "s1"}},
            "volume › annees : 0 est au-dessous de 1.",
        ),
        (
            "cadre",
            {**BASE, "exclus": {"motifs": ["pli", "bidon"], "texte": "s1"}},
            "exclus › motifs › n° 2 : « bidon » n'est pas admis ; valeurs possibles : defense_securite",
        ),
        (
            "cadre",
            {**BASE, "exclus": {"motifs": ["pli", "pli"], "texte": "s1"}},
            "exclus › motifs : « ['pli', 'pli'] » n'est pas admis.",
        ),
        ("dossier", {**DOSSIER, "exercice": 2101}, "exercice : 2101 est au-dessus de 2100."),
        ("dossier", {**DOSSIER, "exercice": "2024"}, "exercice : « 2024 » devrait être un nombre entier."),
        ("dossier", {**DOSSIER, "complet": "oui"}, "complet : « oui » devrait être true ou false."),
        ("dossier", {**DOSSIER, "parc": 3}, "parc : « 3 » devrait être une table."),
        ("dossier", {**DOSSIER, "perimetres": {}}, "perimetres : une table devrait être une liste."),
        (
            "dossier",
            {**DOSSIER, "rotation": {"taux": []}},
            "rotation › taux : une liste devrait être un texte ou un nombre entier.",
        ),
        (
            "dossier",
            {**DOSSIER, "reservataires": [{"code": "a", "type": "autre"}, {"code": "b", "type": "autre", "typ": "x"}]},
            "reservataires › n° 2 : clé inconnue « typ »",
        ),
        ("dossier", {**DOSSIER, "bailleur": {"nom": ""}}, "bailleur › nom : « » n'est pas admis."),
        ("dossier", {**DOSSIER, "bailleur": {"nom": "O", "siren": "12"}}, "bailleur › siren : « 12 » n'a pas la forme"),
    ],
)  # fmt: skip
def test_chaque_faute_de_forme_a_sa_phrase(schema, document, attendue):
    trouves = [f"{e.chemin} : {e.message}" for e in ecarts(document, schema)]
    assert len(trouves) == 1
    assert trouves[0].replace("«  »", "« »").startswith(attendue)
    with pytest.raises(DocumentInvalide) as erreur:
        valider(document, schema, "mon.toml")
    assert str(erreur.value).startswith("mon.toml, ")


@pytest.mark.parametrize(
    ("mutations", "attendue"),
    [
        ({"methode": "au pif"}, "soustraits › mutations › methode : « au pif » n'est pas admis"),
        (-1, "soustraits › mutations : -1 est au-dessous de 0."),
        ({"bidon": 1}, "soustraits › mutations : clé inconnue « bidon »"),
    ],
)
def test_une_faute_sous_deux_formes_admises_vise_la_bonne(mutations, attendue):
    (ecart,) = ecarts({**DOSSIER, "soustraits": {"mutations": mutations}}, "dossier")
    assert f"{ecart.chemin} : {ecart.message}".startswith(attendue)


def test_chaque_cle_manquante_est_dite_une_fois():
    manques = [ecart.message for ecart in ecarts({}, "dossier")]
    assert sorted(manques) == sorted(
        f"il manque « {cle} »." for cle in ("cadre", "exercice", "bailleur", "territoire", "parc")
    )


def test_un_document_juste_n_a_aucun_ecart():
    assert list(ecarts(BASE, "cadre")) == []
    assert list(ecarts(DOSSIER, "dossier")) == []


def test_un_toml_garde_les_decimales_et_date_en_texte(tmp_path):
    chemin = tmp_path / "d.toml"
    chemin.write_bytes("\ufeffa = 1.10\nd = 2024-02-29\nt = [1.50, {e = 2024-01-01}]\n".encode())
    assert lire_toml(chemin) == {"a": "1.10", "d": "2024-02-29", "t": ["1.50", {"e": "2024-01-01"}]}
    assert date.fromisoformat(lire_toml(chemin)["d"]) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("contenu", "phrase"),
    [
        (None, "fichier illisible"),
        ("é = 1".encode("latin-1"), "ce n'est pas du texte UTF-8"),
        (b"a = = 1", "TOML incorrect"),
        (b"d = 2024-02-30", "TOML incorrect"),
        (b"a = " + b"[" * 10_000, "TOML incorrect"),
    ],
)
def test_un_fichier_qui_n_est_pas_du_toml(tmp_path, contenu, phrase):
    chemin = tmp_path / "d.toml"
    if contenu is not None:
        chemin.write_bytes(contenu)
    with pytest.raises(DocumentInvalide, match=phrase) as erreur:
        lire_toml(chemin)
    assert "d.toml" in str(erreur.value)
