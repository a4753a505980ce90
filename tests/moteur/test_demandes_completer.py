"""What the territory adds to the demandes: from the files loaded, and nothing where there are none."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from exports_sne import demande, exporter

from partiteur.moteur.demandes import (
    DelaisAnormaux,
    SeuilsQuartile,
    completer,
    lire_demandes,
    lire_sne,
    schema_demandes,
)
from partiteur.moteur.geographie import Commune, Geographie
from partiteur.regles.cotation.catalogue import catalogue_livre

CATALOGUE = catalogue_livre()
GEOGRAPHIE = Geographie(
    {"99001": Commune("99001", "Ville fictive", "99", "99", "999000011", None)},
)
SEUILS = SeuilsQuartile({("999000011", 2026): 900_000})
DELAIS = DelaisAnormaux({("99", None): 24})


def lire(dossier: Path, texte: str) -> list[dict[str, object]]:
    """The rows of a CSV, completed for 2026."""
    chemin = dossier / "demandes.csv"
    chemin.write_text(texte, encoding="utf-8")
    demandes = completer(lire_demandes(chemin, CATALOGUE), CATALOGUE, GEOGRAPHIE, 2026, SEUILS, DELAIS)
    assert demandes.table.schema == schema_demandes(CATALOGUE, demandes.colonnes)
    return [dict(ligne) for ligne in demandes.table.to_pylist()]


def test_le_delai_et_le_quartile_du_territoire(tmp_path: Path) -> None:
    """Strictly beyond the délai, strictly under the threshold; unknown without the commune or the resources."""
    lignes = lire(
        tmp_path,
        "numero_unique;communes_demandees;anciennete_mois;ressources_uc\n"
        "1;99001|01001;25;8999,99\n2;99001;24;9000\n3;01001;99;1\n4;;99;1\n5;99001;;\n",
    )
    assert [ligne["delai_anormalement_long"] for ligne in lignes] == [True, False, None, None, None]
    assert [ligne["premier_quartile"] for ligne in lignes] == [True, False, None, None, None]
    assert [ligne["delai_anormalement_long_mois"] for ligne in lignes] == [24, 24, None, None, 24]
    assert lignes[0]["seuil_premier_quartile"] == Decimal(9000)


def test_ce_que_dit_le_fichier_reste(tmp_path: Path) -> None:
    """A column that is there is not computed again."""
    (ligne,) = lire(
        tmp_path, "numero_unique;commune_demandee;ressources_uc;premier_quartile\n1;99001;1;non\n"
    )
    assert ligne["premier_quartile"] is False
    assert ligne["seuil_premier_quartile"] == Decimal(9000)


def test_une_autre_annee_n_a_pas_de_seuil(tmp_path: Path) -> None:
    """And an export of the SNE is completed like a CSV."""
    lues = lire_sne(exporter(tmp_path, demande()), CATALOGUE, date(2026, 11, 22))
    (en_2026,) = completer(lues, CATALOGUE, GEOGRAPHIE, 2026, SEUILS, DELAIS).table.to_pylist()
    (en_2027,) = completer(lues, CATALOGUE, GEOGRAPHIE, 2027, SEUILS, DELAIS).table.to_pylist()
    assert (en_2026["premier_quartile"], en_2027["premier_quartile"]) == (False, None)
    assert en_2026["delai_anormalement_long"] is False


def test_rien_a_ajouter(tmp_path: Path) -> None:
    """Nothing is lacking: the same object."""
    complet = "numero_unique;delai_anormalement_long_mois;delai_anormalement_long;seuil_premier_quartile;premier_quartile\n"
    chemin = tmp_path / "demandes.csv"
    chemin.write_text(complet + "1;24;oui;9000;non\n", encoding="utf-8")
    lues = lire_demandes(chemin, CATALOGUE)
    assert completer(lues, CATALOGUE, GEOGRAPHIE, 2026, SEUILS, DELAIS) is lues
