"""`partiteur simuler` and `partiteur flux --structure`: one result in three forms, the same figures in each."""

import csv
import io
import json
from fractions import Fraction
from pathlib import Path

import pytest

from partiteur.regles.socle import nombre, pourcentage

DOSSIER = """cadre = "paca-2024"
exercice = 2024
bailleur = {nom = "OPH d'exemple"}
territoire = {echelle = "departement", code = "31"}
parc = {total = 2000, date = 2023-12-31}
rotation = {taux = "10 %"}
soustraits = {mutations = 50}
[[perimetres]]
code = "31555"
echelle = "commune"
nom = "La Ville"
parc = 100
[[reservataires]]
code = "A"
nom = "Le premier"
type = "autre"
reserves = {PLUS = {T2 = 100, T3 = 300}, PLAI = {T2 = 0, T3 = 100}}
[[reservataires]]
code = "ville"
type = "commune"
part = "2 %"
perimetre = "31555"
"""


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    chemin = tmp_path / "dossier.toml"
    chemin.write_text(DOSSIER, encoding="utf-8")
    return chemin


def test_trois_formes_les_memes_chiffres(dossier: Path, lancer) -> None:
    """Text and CSV show every figure of the JSON."""
    options = ("simuler", dossier, "--tirages", 300, "--graine", 7)
    feuille = json.loads(lancer(*options, "--format", "json").sortie)
    lignes = list(csv.DictReader(io.StringIO(lancer(*options, "--format", "csv").sortie), delimiter=";"))
    texte = lancer(*options).sortie
    assert (feuille["tirages"], feuille["graine"]) == (300, 7)
    assert "300 années tirées, graine 7" in texte
    assert [p["code"] for p in feuille["reservataires"]] == ["A", "ville", "non_reserve"]
    for part, ligne in zip(feuille["reservataires"], lignes, strict=True):
        for cle in ("code", "exact", "objectif", "p10", "p50", "p90", "non_atteint"):
            assert ligne[cle] == str(part[cle])
        attente = part["attente"] or dict.fromkeys(
            ("moyenne", "p90", "moyenne_sans_report", "p90_sans_report"), ""
        )
        assert {c: ligne[f"attente_{c}"] for c in attente} == {c: str(v) for c, v in attente.items()}
        nom = part["nom"] or {"non_reserve": "Non réservé"}.get(part["code"], part["code"])
        (rangee,) = [li.split("  ") for li in texte.splitlines() if li.strip().startswith(nom) and "%" in li]
        cellules = [c.strip() for c in rangee if c.strip()]
        quantiles = [nombre(part[q]) for q in ("p10", "p50", "p90")]
        probabilite = pourcentage(Fraction(part["non_atteint"]))
        assert cellules == [
            nom,
            nombre(part["objectif"]),
            nombre(Fraction(part["exact"])),
            *quantiles,
            probabilite,
        ]
    for p in feuille["perimetres"]:
        (rangee,) = [
            li for li in texte.splitlines() if li.strip().startswith(p["nom"] or p["code"]) and "10 %" in li
        ]
        tires = [nombre(p[quoi][q]) for quoi in ("liberations", "flux") for q in ("p10", "p50", "p90")]
        assert rangee.split("10 %")[1].split() == tires


def test_l_attente_de_la_commune(dossier: Path, lancer) -> None:
    """Owed 2 % of 7 dwellings, 0.14 a year: the wait is in the text, in years."""
    sortie = lancer("simuler", dossier, "--tirages", 500, "--format", "json").sortie
    attente = json.loads(sortie)["reservataires"][1]["attente"]
    texte = lancer("simuler", dossier, "--tirages", 500).sortie
    (rangee,) = [li for li in texte.splitlines() if li.strip().startswith("ville") and " ans" in li]
    annees = [attente[c] for c in ("moyenne", "p90", "moyenne_sans_report", "p90_sans_report")]
    assert [c.strip() for c in rangee.split("  ") if c.strip()][2:] == [
        f"{nombre(Fraction(a))} ans" for a in annees
    ]
    assert "Sans report : une chance par an" in texte


def test_des_volumes_nuls_et_une_mention(dossier: Path, lancer) -> None:
    """Void volumes say so, in text and in CSV; nobody waits; a mention closes the text."""
    dossier.write_text(
        DOSSIER.split("[[perimetres]]")[0]
        .replace('rotation = {taux = "10 %"}\n', "")
        .replace(
            "soustraits", 'volume = {methode = "moyenne_baux", annees = 1, baux = {2023 = 200}}\nsoustraits'
        )
        + '[[reservataires]]\ncode = "a"\ntype = "autre"\npart = "60 %"\n'
        + '[[reservataires]]\ncode = "b"\ntype = "autre"\npart = "50 %"\n',
        encoding="utf-8",
    )
    texte = lancer("simuler", dossier, "--tirages", 5).sortie
    assert texte.count("non publié") == 2
    assert "Attente" not in texte
    assert texte.splitlines()[-1].startswith("  ! La rotation n'est pas donnée")
    lignes = lancer("simuler", dossier, "--tirages", 5, "--format", "csv").sortie.splitlines()
    assert lignes[1] == "a;;90;;;;;;;;;"


@pytest.mark.parametrize(("tirages", "trop"), [(1, "avec report"), (40, None)])
def test_une_attente_qui_ne_se_lit_pas_dans_les_tirages(
    dossier: Path, lancer, tirages: int, trop: str | None
) -> None:
    """One year drawn completes no dwelling at 0.14 a year: the wait is too far to say, not zero."""
    texte = lancer("simuler", dossier, "--tirages", tirages).sortie
    assert ("trop loin" in texte) is (trop is not None)


def test_un_an_au_singulier(dossier: Path, lancer) -> None:
    """Under two years, a year is singular."""
    dossier.write_text(DOSSIER.replace('"2 %"', '"12 %"'), encoding="utf-8")
    texte = lancer("simuler", dossier, "--tirages", 50).sortie
    assert "≈ 1,19 an  " in texte  # 1 ÷ 0.84
    assert " 2 ans\n" in texte


def test_aucun_tirage_est_refuse(dossier: Path, lancer) -> None:
    """A number of years that is none is an error in one sentence."""
    rendu = lancer("simuler", dossier, "--tirages", 0)
    assert rendu.code == 2
    assert rendu.erreur == "Erreur : « 0 » tirage : demandez-en au moins un, par exemple --tirages 10000.\n"


def test_structure_en_trois_formes(dossier: Path, lancer) -> None:
    """The sheet, then its structure; the JSON adds a key, the CSV is the structure alone."""
    feuille = json.loads(lancer("flux", dossier, "--structure", "--format", "json").sortie)
    nue = json.loads(lancer("flux", dossier, "--format", "json").sortie)
    premier, ville = (r.pop("structure") for r in feuille["reservataires"])
    assert feuille == nue
    assert ville is None
    assert premier["contractuelle"] is False
    cases = premier["famille_financement_typologie_groupe"]["cases"]
    # 500 reserved of 2,000, a quarter of 150: 37.5 exactly, spread 1:3:0:1
    objectif = feuille["reservataires"][0]["objectif"]
    assert sum(c["logements"] for c in cases) == objectif
    assert [Fraction(c["exact"]) for c in cases] == [Fraction(objectif * n, 5) for n in (1, 3, 0, 1)]
    lignes = list(
        csv.DictReader(
            io.StringIO(lancer("flux", dossier, "--structure", "--format", "csv").sortie), delimiter=";"
        )
    )
    assert [(li["ligne"], li["colonne"], li["exact"], int(li["logements"])) for li in lignes] == [
        (c["famille_financement"], c["typologie_groupe"], c["exact"], c["logements"]) for c in cases
    ]
    assert {li["base"] for li in lignes} == {"reserves"}
    texte = lancer("flux", dossier, "--structure").sortie
    assert texte.startswith(lancer("flux", dossier).sortie.rstrip("\n"))
    tableau = [li.split() for li in texte.partition("Structure des volumes")[2].splitlines()]
    for famille in ("PLUS", "PLAI"):
        comptes = [c["logements"] for c in cases if c["famille_financement"] == famille]
        assert [famille, *map(str, comptes), str(sum(comptes))] in tableau
    assert "Le premier, selon ses logements réservés" in texte


def test_structure_du_territoire_de_demonstration(territoire, lancer) -> None:
    """On a whole parc, every published volume has its structure, and every table adds up to it."""
    chemin = territoire.bailleurs[0].dossier
    feuille = json.loads(lancer("flux", chemin, "--structure", "--format", "json").sortie)
    for r in feuille["reservataires"]:
        for cle in ("famille_financement_typologie_groupe", "commune_qpv"):
            assert sum(c["logements"] for c in r["structure"][cle]["cases"]) == r["objectif"]
    texte = lancer("flux", chemin, "--structure").sortie
    assert "hors QPV  en QPV" in texte


def test_une_structure_qui_ne_peut_etre_dite(dossier: Path, lancer) -> None:
    """Parts alone say nothing of what the volumes are made of."""
    sans = "\n".join(li for li in DOSSIER.splitlines() if not li.startswith("reserves")) + "\n"
    dossier.write_text(sans.replace('type = "autre"', 'type = "autre"\npart = "3 %"'), encoding="utf-8")
    rendu = lancer("flux", dossier, "--structure")
    assert rendu.code == 2
    assert "la structure demande le fichier du parc" in rendu.erreur
