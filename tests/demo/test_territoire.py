"""The fictitious territory: same bytes for a seed, published totals for every seed, coherent files."""

import csv
import re
import tomllib
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest

from partiteur.demo.depot_rpls import CONTINGENTS, POSITIONS
from partiteur.demo.financement import code_finan, table_visee
from partiteur.demo.publie import (
    BAILLEURS,
    COMMUNES,
    EN_QPV,
    IDENTIFIES,
    INDIVIDUELS,
    LOGEMENTS,
    NON_RESERVE,
    RESERVATAIRES,
)
from partiteur.demo.territoire import ENCODAGES, BailleurDemo, Territoire, ecrire
from partiteur.demo.tirage import parts

DATE_PARC = date(2023, 12, 31)
COG = Path(__file__).parents[3] / "shared/donnees/geo/communes_cog2026.csv"
FAMILLES = {"10": "PLAI", "11": "PLAI", "12": "PLUS", "13": "PLUS", "52": "PLUS", "14": "PLS", "16": "PLI"}
# Each fact in the files of A, B and C; C says nothing of demolitions.
COLONNES = {
    "numero": ("IDENT_REP", "N° RPLS", "Identifiant RPLS"),
    "programme": ("COMPLGEO", "Programme", "Programme"),
    "commune": ("DEPCOM", "Code INSEE commune", "Code commune"),
    "qpv": ("QPV", "En QPV", "QPV"),
    "type": ("TYPECONST", "Type de construction", "Type de construction"),
    "pieces": ("NBPIECE", "Typologie", "Nombre de pièces"),
    "famille": ("FINAN", "Financement", "Code financement"),
    "mode": ("MODE", "Mode d'occupation", "Mode d'occupation"),
    "bail": ("BAIL", "Date du bail", "Date du bail"),
    "contingent": ("CONTRESLOG", "Contingent", "Contingent"),
    "vente": ("MISCOMMERCIAL", "En vente", "En vente"),
    "demolition": ("SORTIEPATRIM", "À démolir", None),
}
Ligne = dict[str, str]


def relire(chemin: Path, encodage: str = "utf-8") -> list[list[str]]:
    with chemin.open(encoding=encodage, newline="") as fichier:
        return list(csv.reader(fichier, delimiter=";", strict=True))


def tableau(chemin: Path) -> list[Ligne]:
    entete, *lignes = relire(chemin)
    return [dict(zip(entete, ligne, strict=True)) for ligne in lignes]


def jour(texte: str) -> date | None:
    return datetime.strptime(texte, "%d/%m/%Y").date() if texte else None  # noqa: DTZ007


def parc(lettre: str, bailleur: BailleurDemo) -> list[Ligne]:
    """Read a parc in one vocabulary: oui/non as 1/2, a family for a FINAN code, a number of rooms."""
    lus = relire(bailleur.parc, ENCODAGES[lettre])
    entete, *lus = [POSITIONS, *lus[1:]] if lettre == "A" else lus
    rangs = {
        champ: entete.index(nom) for champ, noms in COLONNES.items() if (nom := noms["ABC".index(lettre)])
    }
    lignes = []
    for ligne in lus:
        assert len(ligne) == len(entete)
        dwelling = {"demolition": ""} | {champ: ligne[rang] for champ, rang in rangs.items()}
        for champ in ("qpv", "vente", "demolition"):
            dwelling[champ] = {"Oui": "1", "Non": "2"}.get(dwelling[champ], dwelling[champ])
        dwelling["famille"] = FAMILLES.get(dwelling["famille"], dwelling["famille"])
        dwelling["type"] = dwelling["type"][0].replace("É", "E")
        dwelling["pieces"] = dwelling["pieces"].removeprefix("T")
        lignes.append(dwelling)
    return lignes


@pytest.fixture(scope="module")
def parcs(territoire: Territoire) -> dict[str, list[Ligne]]:
    return {lettre: parc(lettre, b) for lettre, b in zip("ABC", territoire.bailleurs, strict=True)}


@pytest.fixture(scope="module")
def logements(parcs: dict[str, list[Ligne]]) -> list[Ligne]:
    return [logement for lignes in parcs.values() for logement in lignes]


@pytest.fixture(scope="module")
def registres(territoire: Territoire) -> dict[str, list[Ligne]]:
    return {lettre: tableau(b.droits) for lettre, b in zip("ABC", territoire.bailleurs, strict=True)}


def en_cours(droits: list[Ligne]) -> list[Ligne]:
    return [d for d in droits if (jour(d["fin"]) or date.max) > DATE_PARC]


def titulaire(droit: Ligne) -> str:
    return droit["cede_a"] or droit["reservataire"]


def octets(dossier: Path) -> dict[str, bytes]:
    return {str(f.relative_to(dossier)): f.read_bytes() for f in sorted(dossier.rglob("*")) if f.is_file()}


def test_deterministe(territoire: Territoire, tmp_path: Path) -> None:
    ici = octets(territoire.dossier)
    ecrire(tmp_path / "meme")
    ecrire(tmp_path / "autre", graine=7)
    ailleurs = octets(tmp_path / "autre")
    assert octets(tmp_path / "meme") == ici
    assert ailleurs.keys() == ici.keys()
    identiques = {nom for nom in ici if ici[nom] == ailleurs[nom]}
    # Counts being exact, the dossiers do not depend on the seed.
    assert identiques == {nom for nom in ici if nom == "communes.csv" or "dossier" in Path(nom).name}
    lus = [parc(b.lettre, _bailleur(tmp_path / "autre" / b.dossier)) for b in BAILLEURS]
    assert sum(lo["qpv"] == "1" for lignes in lus for lo in lignes) == EN_QPV


def _bailleur(dossier: Path) -> BailleurDemo:
    fichiers = (dossier / nom for nom in ("dossier.toml", "parc.csv", "droits.csv", "liberations.csv"))
    return BailleurDemo("", "", *fichiers)


def test_totaux_publies(logements: list[Ligne], parcs: dict[str, list[Ligne]]) -> None:
    assert {lettre: len(lignes) for lettre, lignes in parcs.items()} == {"A": 13_583, "B": 7_734, "C": 2_900}
    assert len(logements) == LOGEMENTS == 24_217
    assert Counter(lo["qpv"] for lo in logements) == {"1": EN_QPV, "2": LOGEMENTS - EN_QPV - 10, "": 10}
    # As the dashboard rounds them.
    assert (EN_QPV * 10_000 * 2 // LOGEMENTS + 1) // 2 == 3811
    assert (INDIVIDUELS * 10_000 * 2 // LOGEMENTS + 1) // 2 == 199
    assert Counter(lo["type"] for lo in logements) == {"C": 23_736 - 278, "E": 278, "I": 481}
    assert Counter(lo["mode"] for lo in logements if lo["type"] == "E") == {"1": 278}
    assert Counter(lo["qpv"] for lo in parcs["C"]) == {"2": 2_900}


def test_financement_et_typologie(logements: list[Ligne]) -> None:
    decrits = [lo for lo in logements if lo["type"] != "E" and lo["famille"] != "PLI"]
    obtenu = Counter((lo["famille"], int(lo["pieces"])) for lo in decrits)
    assert obtenu == {cle: nombre for cle, nombre in table_visee(len(decrits)).items() if nombre}
    assert table_visee(2000)["PLUS", 2] == 354
    assert sum(nombre for (famille, _), nombre in table_visee(2000).items() if famille == "PLAI") == 453


def test_exclusions(logements: list[Ligne]) -> None:
    assert sum(lo["famille"] == "PLI" for lo in logements) == 110
    assert sum(lo["mode"] == "4" for lo in logements) == 125
    assert sum(lo["mode"] == "5" for lo in logements) == 24
    assert sum(lo["vente"] == "1" for lo in logements) == 145
    assert sum(lo["demolition"] in ("1", "4") for lo in logements) == 156
    assert sum(lo["contingent"] == "5" for lo in logements) == 200


def test_reservataires(registres: dict[str, list[Ligne]], logements: list[Ligne]) -> None:
    obtenu: Counter[str] = Counter()
    for droits in registres.values():
        for droit in en_cours(droits):
            obtenu[titulaire(droit)] += int(droit["nombre"])
    assert obtenu == {r.code: r.droits for r in RESERVATAIRES}
    assert (obtenu["etat-prioritaires"], obtenu["99001"], obtenu["action-logement"]) == (6149, 1880, 1650)
    assert sum(lo["contingent"] == "7" for lo in logements) == NON_RESERVE == LOGEMENTS - obtenu.total()


@pytest.mark.parametrize("lettre", ["A", "B", "C"])
def test_registre_et_parc(
    lettre: str, registres: dict[str, list[Ligne]], parcs: dict[str, list[Ligne]]
) -> None:
    tailles = Counter(lo["programme"] for lo in parcs[lettre])
    contingents = {lo["numero"]: lo["contingent"] for lo in parcs[lettre]}
    inscrits: Counter[str] = Counter()
    par_contingent: Counter[tuple[str, str]] = Counter()
    droits = registres[lettre]
    for droit in droits:
        inscrits[droit["programme"]] += int(droit["nombre"])
        if droit["logement"]:
            assert contingents[droit["logement"]] == CONTINGENTS[titulaire(droit)]
        if titulaire(droit) in IDENTIFIES:
            assert droit["logement"]
    for droit in en_cours(droits):
        par_contingent[droit["programme"], CONTINGENTS[titulaire(droit)]] += int(droit["nombre"])
    assert all(nombre <= tailles[programme] for programme, nombre in inscrits.items())
    reserves = [lo for lo in parcs[lettre] if lo["contingent"] != "7"]
    assert par_contingent == Counter((lo["programme"], lo["contingent"]) for lo in reserves)
    assert len({d["droit"] for d in droits}) == len(droits)
    assert {d["nature"] for d in droits} == {"suite", "unique", "un_tour"}
    assert {d["statut"] for d in droits} == {"declare_bailleur", "confirme", "conteste", "non_mobilise"}
    assert sum(bool(d["cede_a"]) for d in droits) >= 1
    assert len(droits) > len(en_cours(droits))
    assert all(bool(d["quotite_garantie"]) == (d["contrepartie"] == "garantie") for d in droits)


@pytest.mark.parametrize("lettre", ["A", "B", "C"])
def test_plafonds(lettre: str, registres: dict[str, list[Ligne]], parcs: dict[str, list[Ligne]]) -> None:
    """The État stays under 30 % and 5 %, a guarantor under 20 % of its commune, but for one commune."""
    exclus = ("5",)
    retenus = [
        lo for lo in parcs[lettre] if lo["type"] != "E" and lo["famille"] != "PLI" and lo["vente"] != "1"
    ]
    retenus = [lo for lo in retenus if lo["mode"] not in "45" and lo["demolition"] not in ("1", "4")]
    retenus = [lo for lo in retenus if lo["contingent"] not in exclus]
    droits: Counter[str] = Counter()
    for droit in en_cours(registres[lettre]):
        droits[titulaire(droit)] += int(droit["nombre"])
    etat = droits["etat-prioritaires"] + droits["etat-fonctionnaires"]
    assert etat * 10 <= len(retenus) * 3
    assert droits["etat-fonctionnaires"] * 20 <= len(retenus)
    communes = Counter(lo["commune"] for lo in retenus)
    garants = [r.code for r in RESERVATAIRES if r.contrepartie == "garantie" and r.code in communes]
    depassent = [code for code in garants if droits[code] * 5 > communes[code]]
    assert depassent == (["99007"] if lettre != "C" else [])


def test_programmes(parcs: dict[str, list[Ligne]]) -> None:
    for lignes in parcs.values():
        tailles = Counter(lo["programme"] for lo in lignes)
        assert min(tailles.values()) >= 8
        assert max(tailles.values()) <= 120
        assert len({(lo["programme"], lo["commune"]) for lo in lignes}) == len(tailles)
        assert len({(lo["programme"], lo["qpv"]) for lo in lignes if lo["qpv"]}) == len(tailles)


def test_identifiants_et_communes(logements: list[Ligne], territoire: Territoire) -> None:
    assert len({lo["numero"] for lo in logements}) == LOGEMENTS
    par_commune = Counter(lo["commune"] for lo in logements)
    assert par_commune == {c.code: sum(c.parc.values()) for c in COMMUNES}
    assert par_commune["99012"] == 12
    communes = tableau(territoire.dossier / "communes.csv")
    assert list(communes[0]) == ["code", "nom", "departement", "region", "epci", "nom_epci"]
    assert {c["code"] for c in communes} == set(par_commune)
    assert len({c["epci"] for c in communes}) == 2


def test_depot(territoire: Territoire) -> None:
    entete, *lignes = relire(territoire.bailleurs[0].parc)
    assert len(entete) == 12
    assert (entete[0], entete[9], entete[10]) == ("2024", "99900010200015", str(len(lignes)))
    assert {len(ligne) for ligne in lignes} == {64} == {len(POSITIONS)}
    for ligne in lignes:
        champs = dict(zip(POSITIONS, ligne, strict=True))
        assert champs["FINAN"] in FAMILLES
        assert (champs["MODE"] == "1") == bool(champs["BAIL"])
        assert not champs["BAIL"] or re.fullmatch(r"\d\d/\d{4}", champs["BAIL"])
        assert int(champs["CONSTRUCT"]) <= 2023
        if champs["BAIL"]:
            bail, offre = (tuple(reversed(champs[nom].split("/"))) for nom in ("BAIL", "REMLOCDATE"))
            assert champs["CONSTRUCT"] <= offre[0]
            assert offre <= bail <= ("2023", "12")


def test_cp1252(territoire: Territoire) -> None:
    with pytest.raises(UnicodeDecodeError):
        territoire.bailleurs[1].parc.read_text(encoding="utf-8")
    entete = relire(territoire.bailleurs[1].parc, "cp1252")[0]
    assert {"N° RPLS", "Code INSEE commune", "Financement", "Typologie", "En QPV"} <= set(entete)


@pytest.mark.parametrize(("rang", "lettre"), list(enumerate("ABC")))
def test_liberations(rang: int, lettre: str, territoire: Territoire, parcs: dict[str, list[Ligne]]) -> None:
    liberations = tableau(territoire.bailleurs[rang].liberations)
    familiaux = [lib for lib in liberations if lib["usage"] == "familial"]
    ordinaires = [lo for lo in parcs[lettre] if lo["type"] != "E"]
    annees = Counter(lib["date_liberation"][-4:] for lib in familiaux)
    attendu = [len(ordinaires) * taux // 1000 for taux in BAILLEURS[rang].departs]
    assert [annees[a] for a in ("2021", "2022", "2023")] == attendu
    assert all(50 <= taux <= 65 for taux in BAILLEURS[rang].departs)
    assert len({lib["logement"] for lib in familiaux}) == len(familiaux)
    motifs = Counter(lib["motif"] for lib in familiaux)
    assert 1100 <= motifs["mutation"] * 10_000 // len(familiaux) <= 1250
    assert ("relogement_anru" in motifs) == (lettre != "C")
    baux = {lo["numero"]: lo["bail"] for lo in parcs[lettre]}
    modes = {lo["numero"]: lo["mode"] for lo in parcs[lettre]}
    for lib in liberations:
        depart, entree = jour(lib["date_liberation"]), jour(lib["date_entree"])
        assert depart is not None
        assert date(2021, 1, 1) <= depart <= (entree or DATE_PARC) <= DATE_PARC
    for lib in familiaux:
        numero = f"99{int(lib['logement'][1:]):08d}" if lettre == "B" else lib["logement"]
        assert (modes[numero] == "1") == bool(lib["date_entree"])
        assert baux[numero][-7:] == lib["date_entree"][-7:]


def test_dates_des_droits(registres: dict[str, list[Ligne]]) -> None:
    for droit in (d for droits in registres.values() for d in droits):
        debut, fin = jour(droit["debut"]), jour(droit["fin"])
        remboursement = jour(droit["dernier_remboursement"])
        assert debut is not None
        assert date(1950, 1, 1) <= debut <= DATE_PARC
        assert fin is None or debut < fin
        assert (remboursement is not None) == (droit["contrepartie"] == "garantie")
        if remboursement is not None:
            assert fin == remboursement.replace(year=remboursement.year + 5)


def test_dossiers(territoire: Territoire, registres: dict[str, list[Ligne]]) -> None:
    cadres = []
    for bailleur, droits in zip(territoire.bailleurs, registres.values(), strict=True):
        dossier = tomllib.loads(bailleur.dossier.read_text(encoding="utf-8"))
        cadres.append(dossier["cadre"])
        for chemin in (dossier["parc"], dossier["droits"], dossier["geographie"]):
            assert (bailleur.dossier.parent / chemin["fichier"]).is_file()
        assert (bailleur.dossier.parent / dossier["rotation"]["liberations"]) == bailleur.liberations
        assert dossier["bailleur"] == {"nom": bailleur.nom, "siren": bailleur.siren}
        assert dossier["parc"]["date"] == DATE_PARC
        codes = [r["code"] for r in dossier["reservataires"]]
        assert set(codes) == {titulaire(d) for d in droits} - set(IDENTIFIES)
        perimetres = {p["code"] for p in dossier["perimetres"]}
        assert {r["perimetre"] for r in dossier["reservataires"] if "perimetre" in r} == perimetres
        assert dossier["soustraits"]["mutations"] > 0
    assert cadres == ["paca-2024", "occitanie-2023", "casa-2023"]


def test_dossiers_de_l_annee_du_journal(territoire: Territoire) -> None:
    """The dossier of 2023 holds the same parties and files; its soustraits are those of 2022, its programmes new in 2023."""
    for bailleur in territoire.bailleurs:
        lu, suivant = (
            tomllib.loads(d.read_text(encoding="utf-8")) for d in (bailleur.dossier_2023, bailleur.dossier)
        )
        assert (lu["exercice"], suivant["exercice"]) == (2023, 2024)
        assert [r["code"] for r in lu["reservataires"]] == [r["code"] for r in suivant["reservataires"]]
        assert (lu["parc"], lu["droits"]) == (suivant["parc"], suivant["droits"])
        departs = [
            lib
            for lib in tableau(bailleur.liberations)
            if lib["usage"] == "familial" and lib["date_liberation"].endswith("2022")
        ]
        assert lu["soustraits"]["mutations"] == sum(lib["motif"] == "mutation" for lib in departs)
        assert {n["date"].year for n in lu["neuf"]} == {2023}


def test_noms_inventes() -> None:
    if not COG.is_file():
        pytest.skip("../shared n'est pas là")
    with COG.open(encoding="utf-8", newline="") as fichier:
        reels = {ligne["nom"].casefold() for ligne in csv.DictReader(fichier, delimiter=";")}
    assert not reels & {c.nom.casefold() for c in COMMUNES}


def test_plus_forts_restes() -> None:
    assert parts(268, {"A": 2000, "B": 2760, "C": 607}) == {"A": 100, "B": 138, "C": 30}
    assert parts(3, {"A": 1, "B": 1}) == {"A": 2, "B": 1}


def test_code_finan() -> None:
    assert [code_finan("PLUS", annee) for annee in (1977, 1978, 2000)] == ["52", "12", "13"]
    assert [code_finan("PLAI", annee) for annee in (1999, 2000)] == ["11", "10"]
