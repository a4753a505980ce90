"""A dossier as a workbook: the same document as the TOML, and errors that name sheet, row and column."""

import io
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from classeurs import DOSSIERS, OCCITANIE, PERIMETRES, feuilles, flux_de, parties

from partiteur.moteur.feuille import json_du_flux
from partiteur.moteur.flux import calculer_dossier
from partiteur.moteur.schema import DocumentInvalide, ecarts
from partiteur.moteur.tableur import est_un_classeur, lire_document
from partiteur.moteur.tableur.cles import CleInconnue, aplatir, listes, morceaux, schema, situer
from partiteur.moteur.tableur.dossier import ecrire_dossier, mots, remarques

MINIMUM = {
    "cadre": "paca-2024",
    "exercice": 2024,
    "bailleur.nom": "OPH",
    "territoire.echelle": "departement",
    "territoire.code": "31",
    "parc.total": 1000,
    "rotation.taux": "5 %",
}


def en_classeur(texte: str, dossier: Path) -> Path:
    """A dossier.toml written as a workbook by the product."""
    tampon = io.BytesIO()
    ecrire_dossier(texte, tampon)
    chemin = dossier / "d.xlsx"
    chemin.write_bytes(tampon.getvalue())
    return chemin


def a_la_main(
    dossier: Path, cles: dict[str, Any] | list[tuple[Any, ...]], **listes_: list[list[Any]]
) -> Path:
    """A workbook as somebody would type it: « Dossier », then « Réservataires » or « Périmètres »."""
    chemin = dossier / "main.xlsx"
    livre = xlsxwriter.Workbook(str(chemin))
    pourcent, jour = livre.add_format({"num_format": "0%"}), livre.add_format({"num_format": "dd/mm/yyyy"})

    def ecrire(feuille: Any, rangees: Any) -> None:
        for i, rangee in enumerate(rangees):
            for j, valeur in enumerate(rangee):
                if isinstance(valeur, date):
                    feuille.write_datetime(i, j, valeur, jour)
                elif isinstance(valeur, float):
                    feuille.write_number(i, j, valeur, pourcent)
                else:
                    feuille.write(i, j, valeur)

    ecrire(livre.add_worksheet("Dossier"), cles.items() if isinstance(cles, dict) else cles)
    for nom, rangees in listes_.items():
        ecrire(livre.add_worksheet({"r": "Réservataires", "p": "PERIMETRES"}[nom]), rangees)
    livre.close()
    return chemin


@pytest.mark.parametrize("nom", DOSSIERS)
def test_le_meme_document_donne_le_meme_json(nom: str, tmp_path: Path) -> None:
    """TOML and workbook: the same flux, to the last step."""
    attendu = json_du_flux(flux_de(DOSSIERS[nom], tmp_path))
    assert json_du_flux(calculer_dossier(en_classeur(DOSSIERS[nom], tmp_path))) == attendu


def test_tout_ce_que_le_schema_admet_revient(tmp_path: Path) -> None:
    """Tables in tables, lists of tables, empty tables, keys with dots, rates, dates: nothing is lost."""
    texte = PERIMETRES + (
        '[[perimetres]]\ncode = "01004"\nechelle = "commune"\nparc = 9\nsoustraits = {}\n'
        '[[reservataires]]\ncode = "t"\ntype = "autre"\nreserves = {"PLA.I" = {T1 = 3}, PLUS = {"a\\"b" = 4}}\n'
        "totaux = {total = 7}\ndroits_de_suite = {}\n"
        '[[reservataires.mouvements]]\nannee = 2023\nnature = "negocie"\nnombre = 2\n'
        '[[reservataires.mouvements]]\nannee = 2024\nnature = "consomme"\nnombre = 1\n'
        '[exclus]\nmotifs = ["pli", "etudiant"]\n[etat]\nuniforme_communes = false\nparts_communes = {"31555" = "30 %"}\n'
        '[[etat.article5]]\nreservataire = "x"\ndecision = "d"\ndu = 2024-01-01\nstock = 3\n'
        '[[autorisations]]\ncategorie = "demolition_hors_anru"\narrete = "a"\ndate = 2024-01-01\n'
    )
    brut = tomllib.loads(texte, parse_float=str)
    chemin = tmp_path / "d.toml"
    chemin.write_text(texte, encoding="utf-8")
    assert not list(ecarts(lire_document(chemin), "dossier"))
    assert lire_document(en_classeur(texte, tmp_path)) == lire_document(chemin)
    assert dict(aplatir(brut))["perimetres.4.soustraits"] == "{}"


def test_les_cases_tapees_a_la_main(tmp_path: Path) -> None:
    """Percents, decimals, dates and thousands as a spreadsheet holds them, read exactly."""
    cles: list[tuple[Any, ...]] = [
        ("clé", "valeur", "ce que c'est"),
        *((c, v) for c, v in MINIMUM.items() if c not in ("rotation.taux", "parc.total")),
        ("parc.total", "1 000", "une note"),
        ("parc.date", "31/12/2023"),
        ("rotation.taux", 0.1),
        ("complet", True),
        ("bailleur.siren", 999000102),
        ("volume.baux.AAAA", ""),
    ]
    part = [
        ["code", "type", "part", "remarque", "perimetre"],
        ["a", "autre", 0.2, "à revoir", "99001 ; 99002"],
        ["", "", "", "seule", ""],
        ["b", "autre", 1.37 / 100, "", "99001"],
        ["c", "autre", 0.1 + 0.2, "", ""],
        ["d", "autre", "0,05", "", ""],
        ["e", "autre", "1/73", "", ""],
        ["f", "autre", 1.0, "", ""],
    ]
    perimetres = [["code", "echelle", "parc"], ["99001", "commune", 10], ["99002", "commune", 20]]
    document = lire_document(a_la_main(tmp_path, cles, r=part, p=perimetres))
    assert document["rotation"] == {"taux": "0.1"}
    assert document["parc"] == {"total": 1000, "date": "2023-12-31"}
    assert (document["complet"], document["bailleur"]["siren"]) == (True, "999000102")
    assert [r["part"] for r in document["reservataires"]] == ["0.2", "0.0137", "0.3", "0,05", "1/73", "1"]
    assert [r.get("perimetre") for r in document["reservataires"][:2]] == [["99001", "99002"], "99001"]
    assert [p["parc"] for p in document["perimetres"]] == [10, 20]


RESERVATAIRE = [["code", "type", "part"], ["a", "autre", "5 %"]]
MAUVAIS = [
    ({"parc.totl": 3}, None, "« Dossier », ligne 8, colonne A : clé inconnue « parc.totl » ; vouliez-vous « total »"),
    ({"zzz": 3}, None, "« Dossier », ligne 8, colonne A : clé inconnue « zzz » ; clés possibles ici : cadre"),
    ({"cadre.x": 3}, None, "« Dossier », ligne 8, colonne A : clé inconnue « cadre.x » ; retirez-la"),
    ({"": 3}, None, "« Dossier », ligne 8, colonne A : une valeur sans clé"),
    ({"parc.total": "mille"}, None, "« Dossier », ligne 6, colonne B : « mille » devrait être un nombre entier"),
    ({"complet": "peut-être"}, None, "« Dossier », ligne 8, colonne B : « peut-être » devrait être true ou false"),
    ({"exercice": ""}, None, "feuille « Dossier » : il manque « exercice »"),
    ({"bailleur.nom": "", "bailleur.siren": "999000102"}, None, "feuille « Dossier », bailleur : il manque « nom »"),
    ({"rotation.taux": "vite"}, None, "« Dossier », ligne 7, colonne B : « vite » n'est pas un nombre"),
    ({"rotation.taux": 1 / 3}, None, "ligne 7, colonne B : 0.3333333333333333 est le résultat arrondi d'un calcul"),
    ({"soustraits.mutations": 3, "soustraits.mutations.valeur": 4}, None, "ligne 9, colonne A : « soustraits.mutations"),
    ({}, [*RESERVATAIRE, ["b", "roi", "1 %"]], "« Réservataires », ligne 3, colonne B : « roi » n'est pas admis"),
    ({}, [*RESERVATAIRE, ["", "", ""], ["b", "", "1 %"]], "« Réservataires », ligne 4 : il manque « type »"),
    ({}, [["code", "tipe"], ["a", "autre"]], "« Réservataires », ligne 2, colonne B : clé inconnue « tipe » ; vouliez-vous « type »"),
    ({}, [*RESERVATAIRE, ["c", "autre", "20 pourcent"]], "« Réservataires », ligne 3, colonne C : « 20 pourcent »"),
]  # fmt: skip


@pytest.mark.parametrize(("cles", "lignes", "phrase"), MAUVAIS)
def test_une_erreur_dit_ou(
    cles: dict[str, Any], lignes: list[list[Any]] | None, phrase: str, tmp_path: Path
) -> None:
    """One French sentence: the file, the sheet, the row, the column, what to do."""
    chemin = a_la_main(tmp_path, {**MINIMUM, **cles}, **({"r": lignes} if lignes else {}))
    with pytest.raises(DocumentInvalide) as erreur:
        lire_document(chemin)
    assert phrase in str(erreur.value)
    assert str(erreur.value).startswith(str(chemin))


def test_une_cle_donnee_deux_fois(tmp_path: Path) -> None:
    """Two rows for one key: nobody chooses for the user."""
    chemin = a_la_main(tmp_path, [*MINIMUM.items(), ("parc.total", 3)])
    with pytest.raises(DocumentInvalide, match=r"ligne 8, colonne A : « parc.total » est donné deux fois"):
        lire_document(chemin)


def test_ce_qui_n_est_pas_un_dossier(tmp_path: Path) -> None:
    """A text named .xlsx, a workbook without the sheet."""
    texte = tmp_path / "t.xlsx"
    texte.write_text("cadre = 1", encoding="utf-8")
    with pytest.raises(DocumentInvalide, match="ce n'est pas un classeur"):
        lire_document(texte)
    vide = tmp_path / "v.xlsx"
    livre = xlsxwriter.Workbook(str(vide))
    livre.add_worksheet("Feuil1").write(0, 0, "cadre")
    livre.close()
    with pytest.raises(DocumentInvalide, match="il manque la feuille « Dossier »"):
        lire_document(vide)
    assert est_un_classeur(Path("D.XLSX"))
    assert not est_un_classeur(Path("d.toml"))


def test_ce_qui_reste_a_corriger_est_dit(tmp_path: Path) -> None:
    """The comments of a prepared dossier.toml become remarks beside their key, and their cell is coloured."""
    texte = OCCITANIE.replace(
        'taux = "10 %"\n',
        'taux = "10 %"  # à corriger : donnez sa définition\n# definition = "…"   # manque\n',
    ).replace('type = "departement"\n', 'type = "departement"     # à corriger : le type\n')
    assert remarques(texte) == {
        "rotation.taux": "à corriger : donnez sa définition",
        "rotation.definition": "manque",
        "reservataires.1.type": "à corriger : le type",
    }
    octets = en_classeur(texte, tmp_path).read_bytes()
    lues = feuilles(octets)
    dossier = {r[0]: r for r in lues["Dossier"]}
    assert dossier["rotation.taux"][3] == "à corriger : donnez sa définition"
    assert dossier["rotation.definition"] == [
        "rotation.definition",
        "",
        mots()["cles"]["rotation.definition"],
        "manque",
    ]
    assert lues["Réservataires"][1][-1] == "type : à corriger : le type"
    assert lues["Périmètres"][0][:3] == ["code", "nom", "echelle"]
    assert "<f>" not in "".join(parties(octets, r"sheet\d").values())


def test_les_cles_expliquees_existent() -> None:
    """Each key with a meaning, each column offered, each sheet named is in the schema."""
    for cle in mots()["cles"]:
        situer(
            schema(),
            cle.replace("parc.exclus.*", "parc.exclus.pli").replace("soustraits.*", "soustraits.lhi"),
        )
    for liste, colonnes in mots()["colonnes"].items():
        for colonne in colonnes:
            situer(schema(), f"{liste}.1.{colonne}")
            assert colonne in mots()["aide"]["colonnes"]
    assert set(mots()["feuilles"]) - {"dossier"} <= set(listes())
    assert morceaux('a."b.c".1') == ["a", "b.c", "1"]
    with pytest.raises(CleInconnue):
        situer(schema(), "reservataires.0.code")
