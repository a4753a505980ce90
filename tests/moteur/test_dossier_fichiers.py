"""From a dossier that names files to its flux: everything counted by hand on a dozen dwellings."""

from fractions import Fraction
from pathlib import Path

import poche
import pytest

from partiteur.moteur.flux import calculer_dossier, construire
from partiteur.moteur.schema import DocumentInvalide, lire_toml
from partiteur.regles.flux.volume import FluxImpossible

# 99: ten dwellings. 99001: 1-5, of which a student's (4) and a PLI (5); 99002: 6-8; 99003: 9, 10. 98: 11.
PARC = """numero rpls;code insee;programme;usage;financement;en vente
1;99001;A;familial;13;non
2;99001;A;familial;13;non
3;99001;A;familial;13;non
4;99001;A;etudiant;13;non
5;99001;A;familial;16;non
6;99002;B;familial;13;
7;99002;B;familial;13;non
8;99002;B;familial;13;oui
9;99003;C;familial;13;non
10;99003;C;familial;13;non
11;98001;D;familial;13;non
"""
DROITS = """droit;reservataire;programme;logement;nombre;fin;statut;cede_a
D1;etat;A;;2;;;
D2;99001;;3;1;;conteste;
D3;99001;;4;1;;;
D4;ancien;B;;1;;;99001
D5;etat;C;;1;30/12/2023;;
D6;etat;C;;1;31/12/2023;;
D7;etat;D;;1;;;
"""
LIBERATIONS = """logement;date_liberation;motif;date_entree
1;15/03/2023;conge;01/05/2023
2;15/04/2023;mutation;01/06/2023
4;15/05/2023;conge;01/07/2023
6;15/06/2023;deces;01/08/2023
9;15/07/2022;mutation;01/09/2022
10;15/08/2021;mutation;01/10/2021
11;15/09/2023;conge;01/11/2023
"""
TETE = """cadre = "{cadre}"
exercice = 2024
bailleur = {{nom = "OPH"{categorie}}}
territoire = {{echelle = "{echelle}", code = "{code}"}}
geographie = {{fichier = "communes.csv"}}
"""
PARC_TOML = 'parc = {fichier = "parc.csv", date = 2023-12-31}\n'
MOTIFS = ("pli", "etudiant", "plan_de_vente")


@pytest.fixture
def dossier(tmp_path: Path):
    poche.ecrire(tmp_path, {"parc.csv": PARC, "droits.csv": DROITS, "liberations.csv": LIBERATIONS})

    def ecrire(
        reste: str, parc: str = PARC_TOML, cadre="paca-2024", code="99", echelle="departement", categorie=""
    ):
        chemin = tmp_path / "dossier.toml"
        tete = TETE.format(cadre=cadre, code=code, echelle=echelle, categorie=categorie)
        chemin.write_text(tete + parc + reste, encoding="utf-8")
        return chemin

    return ecrire


def faits(chemin: Path):
    return construire(lire_toml(chemin), chemin)


def codes(flux):
    return [a.code for a in flux.avertissements]


def test_l_assiette_et_la_rotation_viennent_des_fichiers(dossier):
    flux = calculer_dossier(dossier('rotation = {liberations = "liberations.csv"}\n'))
    territoire = flux.territoire
    assert (territoire.assiette.parc, territoire.assiette.total) == (10, 7)
    assert territoire.assiette.exclus == {"pli": 1, "etudiant": 1, "plan_de_vente": 1}
    assert territoire.taux == Fraction(3, 7)  # 1, 2 and 6 of the seven dwellings concerned
    assert (territoire.volume, territoire.exact, territoire.a_repartir) == (3, 3, 3)
    assert flux.dossier.definition.code == "liberations_12_mois"
    assert set(flux.dossier.deduits) == set(MOTIFS)
    assert {"exclus_deduits", "donnees_inconnues"} <= set(codes(flux))


def test_un_fait_inconnu_reste_compte_et_se_dit(dossier):
    (territoire,) = faits(dossier('rotation = {taux = "10 %"}\n')).perimetres
    assert territoire.inconnus["plan_de_vente"] == 1  # dwelling 6
    assert territoire.inconnus["defense_securite"] == 7  # no contingent in the file: all but the excluded


def test_une_sem_exclut_ses_non_conventionnes(dossier, tmp_path):
    lignes = (
        PARC.replace("en vente", "en vente;conventionne")
        .replace("non\n", "non;non\n")
        .replace("oui\n", "oui;oui\n")
    )
    (tmp_path / "parc.csv").write_text(lignes.replace("13;\n", "13;;\n"), encoding="utf-8")
    oph = faits(dossier('rotation = {taux = "10 %"}\n')).perimetres[0].exclus
    assert oph == {"pli": 1, "etudiant": 1, "plan_de_vente": 1}
    sem = faits(dossier('rotation = {taux = "10 %"}\n', categorie=', categorie = "sem"')).perimetres[0].exclus
    assert sem == {"non_conventionne_sem": 8, "plan_de_vente": 1}


def test_les_exclus_confirmes_par_le_dossier_l_emportent(dossier):
    parc = 'parc = {fichier = "parc.csv", date = 2023-12-31, exclus = {etudiant = 0, pli = 3}}\n'
    chemin = dossier('rotation = {taux = "10 %"}\n', parc)
    lu = faits(chemin)
    assert lu.perimetres[0].exclus == {"etudiant": 0, "pli": 3, "plan_de_vente": 1}
    assert lu.deduits == ("plan_de_vente",)
    assert calculer_dossier(chemin).territoire.assiette.total == 6


@pytest.mark.parametrize(
    ("parc", "phrase"),
    [
        ('parc = {fichier = "parc.csv", total = 3}\n', "donnez « total » ou « fichier »"),
        ("parc = {date = 2023-12-31}\n", "donnez « total » ou « fichier »"),
    ],
)
def test_le_parc_et_son_total_ne_vont_pas_ensemble(dossier, parc, phrase):
    with pytest.raises(DocumentInvalide, match=phrase):
        calculer_dossier(dossier('rotation = {taux = "10 %"}\n', parc))


def test_un_territoire_sans_logement_est_refuse(dossier):
    with pytest.raises(
        DocumentInvalide, match=r"parc\.csv : aucun logement dans le territoire « 97 » \(departement\)"
    ):
        calculer_dossier(dossier('rotation = {taux = "10 %"}\n', code="97"))
    perimetre = '[[perimetres]]\ncode = "97001"\nechelle = "commune"\n'
    with pytest.raises(DocumentInvalide, match="« 97001 »"):
        calculer_dossier(dossier('rotation = {taux = "10 %"}\n' + perimetre))


def test_les_perimetres_viennent_du_fichier_ou_des_chiffres(dossier):
    lu = faits(
        dossier(
            'rotation = {liberations = "liberations.csv"}\n'
            '[[perimetres]]\ncode = "99001"\nechelle = "commune"\n'
            '[[perimetres]]\ncode = "999000011"\nechelle = "epci"\n'
            '[[perimetres]]\ncode = "99003"\nechelle = "commune"\nparc = 5\nexclus = {chrs = 2}\n'
        )
    )
    territoire, aurevielle, metropole, orpiers = lu.perimetres
    assert (aurevielle.parc, aurevielle.exclus, aurevielle.nom) == (
        5,
        {"etudiant": 1, "pli": 1},
        "Aurevielle",
    )
    assert (aurevielle.dans, orpiers.dans) == (("999000011",), ())
    assert (metropole.parc, metropole.nom) == (8, "Métropole d'Aurevielle")
    assert metropole.exclus == {"etudiant": 1, "pli": 1, "plan_de_vente": 1}
    assert (orpiers.parc, orpiers.exclus, orpiers.inconnus) == (5, {"chrs": 2}, {})
    assert territoire.rotation.numerateur == 3
    # the definition is measured in the département: the perimeters take its rate
    assert (aurevielle.rotation, metropole.rotation, orpiers.rotation) == (None, None, None)


def test_une_definition_d_epci_se_mesure_dans_l_epci(dossier):
    lu = faits(
        dossier(
            'rotation = {liberations = "liberations.csv"}\n'
            '[[perimetres]]\ncode = "99001"\nechelle = "commune"\n'
            '[[perimetres]]\ncode = "999000011"\nechelle = "epci"\n',
            cadre="casa-2023",
        )
    )
    _, commune, epci = lu.perimetres
    assert commune.rotation is None
    assert (epci.rotation.numerateur, epci.rotation.denominateur) == (3, 6)  # 8 is for sale, which casa keeps


def test_un_taux_donne_fait_taire_les_liberations(dossier):
    lu = faits(dossier('rotation = {taux = "10 %", liberations = "liberations.csv"}\n'))
    assert lu.perimetres[0].rotation.taux == Fraction(1, 10)
    assert lu.definition.code == "liberations_12_mois"


def test_une_definition_sans_liberations_est_une_phrase(dossier):
    with pytest.raises(FluxImpossible, match="« liberations »"):
        calculer_dossier(dossier('rotation = {definition = "departs_1_an"}\n'))


def test_une_definition_du_rpls_se_passe_de_liberations(dossier, tmp_path):
    lignes = PARC.replace("en vente", "en vente;mode;annee de mise en location;date du bail").replace(
        "\n", ";1;1990;01/2023\n"
    )
    lignes = lignes.replace(
        "en vente;mode;annee de mise en location;date du bail;1;1990;01/2023",
        "en vente;mode;annee de mise en location;date du bail",
    )
    (tmp_path / "parc.csv").write_text(lignes, encoding="utf-8")
    rotation = faits(dossier('rotation = {definition = "emmenagements_rpls"}\n')).perimetres[0].rotation
    # the definition keeps what the cadre keeps: 7 dwellings, all let since January 2023
    assert (rotation.numerateur, rotation.denominateur) == (7, 7)


RESERVATAIRES = (
    'rotation = {taux = "1/2"}\ndroits = {fichier = "droits.csv"}\n'
    '[[perimetres]]\ncode = "99001"\nechelle = "commune"\n'
    '[[perimetres]]\ncode = "999000011"\nechelle = "epci"\n'
    '[[reservataires]]\ncode = "etat"\ntype = "etat_prioritaires"\n'
    '[[reservataires]]\ncode = "99001"\ntype = "commune"\nperimetre = "99001"\n'
    '[[reservataires]]\ncode = "donne"\ntype = "autre"\npart = "1 %"\n'
    '[[reservataires]]\ncode = "rien"\ntype = "autre"\nperimetre = "999000011"\n'
)


def test_les_reserves_viennent_du_registre_dans_l_assiette_et_le_perimetre(dossier):
    lu = faits(dossier(RESERVATAIRES))
    etat, commune, donne, rien = lu.reservataires
    assert (etat.reserves, etat.reserves_contestes) == (
        3,
        0,
    )  # 2 in A, D6 in C; D5 has expired; D7 is elsewhere
    assert (commune.reserves, commune.reserves_contestes) == (1, 1)  # D3 is a student's; D4 lies in 99002
    assert (donne.reserves, rien.reserves) == (None, 0)
    dits = {a.code: a.message for a in lu.constats}
    assert dits == {"droits_hors_assiette": dits["droits_hors_assiette"]}
    assert dits["droits_hors_assiette"].endswith("hors de l'assiette : 1, comptés dans aucune part.")


def test_les_perimetres_d_un_reservataire_s_ajoutent(dossier):
    lu = faits(
        dossier(
            'rotation = {taux = "1/2"}\ndroits = {fichier = "droits.csv"}\n'
            '[[perimetres]]\ncode = "99001"\nechelle = "commune"\n'
            '[[perimetres]]\ncode = "99002"\nechelle = "commune"\n'
            '[[reservataires]]\ncode = "99001"\ntype = "commune"\nperimetre = ["99001", "99002"]\n'
        )
    )
    assert (lu.reservataires[0].reserves, lu.reservataires[0].reserves_contestes) == (2, 1)


def test_la_part_avec_et_sans_les_droits_contestes(dossier):
    flux = calculer_dossier(dossier(RESERVATAIRES))
    _, commune, *_ = flux.reservataires
    assert (commune.part, commune.part_sans_contestes) == (Fraction(1, 3), 0)


def test_les_droits_se_lisent_a_la_date_du_parc_sinon_fin_n_moins_un(dossier):
    for parc in (PARC_TOML, 'parc = {fichier = "parc.csv"}\n'):
        assert faits(dossier(RESERVATAIRES, parc)).reservataires[0].reserves == 3
    tot = faits(dossier(RESERVATAIRES, 'parc = {fichier = "parc.csv", date = 2023-12-30}\n'))
    assert tot.reservataires[0].reserves == 4  # D5 and D6 both run


def test_le_volume_par_la_moyenne_des_baux(dossier):
    perimetre = '[[perimetres]]\ncode = "99002"\nechelle = "commune"\n'
    chemin = dossier('rotation = {liberations = "liberations.csv"}\n' + perimetre, cadre="mtpm-2023")
    lu = faits(chemin)
    assert lu.perimetres[0].baux == {2021: 1, 2022: 1, 2023: 4}
    assert lu.perimetres[1].baux == {2021: 0, 2022: 0, 2023: 1}
    assert lu.perimetres[0].rotation is None
    flux = calculer_dossier(chemin)
    assert (flux.territoire.taux, flux.territoire.volume) == (None, 2)
    assert flux.territoire.soustraits == {"mutations": 1}  # (1 + 1 + 1) / 3
    assert (flux.perimetres[1].volume, flux.territoire.exact) == (Fraction(1, 3), 1)


def test_les_mutations_constatees_quand_le_cadre_veut_leur_moyenne(dossier):
    chemin = dossier('rotation = {liberations = "liberations.csv"}\n', cadre="casa-2023")
    mutations = faits(chemin).perimetres[0].soustraits["mutations"]
    assert (mutations.methode, mutations.constate) == ("moyenne", {2022: 1, 2023: 1})
    donnees = dossier(
        'rotation = {liberations = "liberations.csv"}\nsoustraits = {mutations = 9}\n', cadre="casa-2023"
    )
    assert faits(donnees).perimetres[0].soustraits == {"mutations": 9}
    sans = dossier('rotation = {taux = "10 %"}\n', cadre="casa-2023")
    assert faits(sans).perimetres[0].soustraits == {}


def test_les_annees_de_mutations_demandees_par_le_dossier(dossier):
    chemin = dossier(
        'rotation = {liberations = "liberations.csv"}\n'
        '[soustraits.mutations]\nmethode = "moyenne"\nannees = [2021, 2023]\nsource = "constate"\n'
    )
    mutations = faits(chemin).perimetres[0].soustraits["mutations"]
    assert (mutations.annees, mutations.constate, mutations.source) == (
        (2021, 2023),
        {2021: 1, 2023: 1},
        "constate",
    )
    flux = calculer_dossier(chemin)
    assert flux.territoire.soustraits == {"mutations": 1}


def test_les_mutations_en_table_suivent_la_methode_du_cadre(dossier):
    chemin = dossier(
        'rotation = {taux = "10 %"}\n[soustraits.mutations]\nvaleur = 3\nsource = "charte"\n',
        cadre="paca-2024",
    )
    mutations = faits(chemin).perimetres[0].soustraits["mutations"]
    assert (mutations.methode, mutations.valeur, mutations.source) == ("valeur", 3, "charte")


def test_une_correspondance_nomme_les_colonnes(dossier, tmp_path):
    (tmp_path / "parc.csv").write_text(PARC.replace("code insee", "ou donc"), encoding="utf-8")
    (tmp_path / "colonnes.toml").write_text('[colonnes]\ncommune = "ou donc"\n', encoding="utf-8")
    parc = 'parc = {fichier = "parc.csv", correspondance = "colonnes.toml"}\n'
    assert faits(dossier('rotation = {taux = "10 %"}\n', parc)).perimetres[0].parc == 10


def test_rien_de_dit_sur_la_rotation_est_une_phrase(dossier):
    with pytest.raises(
        FluxImpossible, match=r"Aucune rotation\. Le cadre « paca-2024 » n'en donne pas la valeur"
    ):
        calculer_dossier(dossier(""))
