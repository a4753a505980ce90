"""The account in the database: inscribed by one act, chained as its file is, erased without breaking (E6, E7)."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from fabriques import creer_membre

from partiteur.moteur.journal import FormeRefusee, ecrire_journal, exiger_intacte, lire_journal, lire_tete
from partiteur.web.actions import journal
from partiteur.web.actions.acte import ACTES, acte
from partiteur.web.actions.journal import InscriptionRefusee, inscrire
from partiteur.web.documents.journal import ExportRefuse, exporter_journal
from partiteur.web.droits import OPERATEUR
from partiteur.web.models import Chaine, Contenu, Vacance
from partiteur.web.models.journal import lignes, tete, verifier

JOUR = date(2024, 3, 1)
CANDIDATS = {"candidats": ["c1", "c2", "c3"]}


def ecrire(monde, *, par=OPERATEUR, vacance="v1", type_="conge_recu", **faits):
    """One event, in a transaction of its own."""
    with transaction.atomic():
        return inscrire(
            par=par,
            bailleur=monde.bailleur,
            vacance=vacance,
            type_=type_,
            date_effet=faits.pop("date_effet", JOUR),
            **faits,
        )


def derouler(monde):
    """A whole vacance, offered to the commune, let to its first candidate."""
    suite = [
        ("conge_recu", None, {"typologie": "T3"}),
        ("mise_a_disposition", "c-lieu", {}),
        ("designation", "c-lieu", CANDIDATS),
        ("decision_caleol", "c-lieu", {"candidat": "c1", "decision": "attribution"}),
        ("bail_signe", "c-lieu", {"candidat": "c1", "menage": {"dalo": True, "agent_etat": False}}),
    ]
    return [
        ecrire(monde, type_=type_, reservataire=qui, donnees=donnees, logement="L1")
        for type_, qui, donnees in suite
    ]


def test_la_base_et_le_fichier_ont_la_meme_chaine(monde, tmp_path):
    """The export is what `partiteur journal verifier` accepts, with the same head, contents byte for byte."""
    derouler(monde)
    chaine = Chaine.objects.get(bailleur=monde.bailleur)
    export = tmp_path / "journal.csv"
    dite = exporter_journal(par=OPERATEUR, bailleur=monde.bailleur, a_la_date=JOUR, cible=export)
    lu = lire_journal(export)
    assert exiger_intacte(lu).tete == dite == tete(chaine) == verifier(chaine).tete
    assert dite.numero == 5
    assert lu.evenements[0].type == "conge_recu"
    assert Vacance.objects.get(chaine=chaine).logement == "L1"


def test_reprendre_un_export_octet_pour_octet(monde, tmp_path):
    """A journal moves to an empty chain and comes out the same bytes (D49)."""
    derouler(monde)
    export, encore = tmp_path / "a.csv", tmp_path / "b.csv"
    exporter_journal(par=OPERATEUR, bailleur=monde.bailleur, a_la_date=JOUR, cible=export)
    ecrire_journal(encore, ({**li, "chaine": li["chaine"]} for li in lignes(monde.bailleur.chaine)))
    assert export.read_bytes() == encore.read_bytes()
    with pytest.raises(journal.ActeRefuse, match="contient déjà"):
        journal.reprendre(par=OPERATEUR, bailleur=monde.bailleur, fichier=export)
    with pytest.raises(journal.ActeRefuse, match="pas celui de"):
        journal.reprendre(par=OPERATEUR, bailleur=monde.voisin, fichier=export)


@pytest.mark.parametrize(
    ("faits", "phrase"),
    [
        ({"type_": "bail_signe", "vacance": "inconnue"}, "n'a pas été ouverte"),
        ({"vacance": "v1"}, "déjà ouverte"),
        ({"vacance": "v2", "evenement": "e-connu"}, "déjà inscrit"),
        ({"type_": "retrait", "motif": "humeur"}, "motif « humeur »"),
        ({"type_": "mise_en_bourse", "vacance": "v3"}, "réservé"),
    ],
)
def test_l_impossible_est_refuse(monde, faits, phrase):
    """What cannot be is refused in a sentence, and leaves nothing (D28)."""
    ecrire(monde, evenement="e-connu")
    with pytest.raises((InscriptionRefusee, FormeRefusee), match=phrase):
        ecrire(monde, **faits)
    assert tete(monde.bailleur.chaine).numero == 1


@pytest.mark.parametrize(
    "donnees", [{"nom": "Dupont"}, {"candidats": ["1234567890123"]}, {"candidats": ["Jean Dupont"]}]
)
def test_aucune_personne_n_entre_dans_la_chaine(monde, donnees):
    """No name, no numéro unique, no free text has where to go."""
    ecrire(monde)
    with pytest.raises(FormeRefusee):
        ecrire(monde, type_="designation", reservataire="c-lieu", donnees=donnees)


def test_l_auteur_est_opaque_et_a_le_droit(monde):
    """A réservataire writes what is its own; the chain names an agent, not a person."""
    ecrire(monde)
    ecrire(monde, type_="mise_a_disposition", reservataire="c-lieu")
    membre = monde.membres["reservataire_designation"]
    ecrit = ecrire(monde, par=membre, type_="designation", reservataire="c-lieu", donnees=CANDIDATS)
    assert ecrit.auteur == f"{monde.commune.siren}:{membre.utilisateur.agent}"
    assert membre.utilisateur.nom not in ecrit.donnees
    with pytest.raises(InscriptionRefusee, match="n'a pas le droit"):
        ecrire(monde, par=membre, type_="retrait", reservataire="c-lieu")
    etranger = monde.etrangers["reservataire_designation"]
    with pytest.raises(InscriptionRefusee, match="n'a pas le droit"):
        ecrire(monde, par=etranger, type_="designation", reservataire="c-lieu", donnees=CANDIDATS)


def test_l_irregulier_est_inscrit_avec_son_code(monde):
    """Two candidates without a reason: recorded, and marked (D28)."""
    ecrire(monde)
    ecrire(monde, type_="mise_a_disposition", reservataire="c-lieu")
    ecrit = ecrire(monde, type_="designation", reservataire="c-lieu", donnees={"candidats": ["c1", "c2"]})
    assert '"irregularite":"candidats_insuffisants"' in ecrit.donnees
    assert verifier(monde.bailleur.chaine).etat == "intacte"


def test_inscrire_demande_une_transaction(transactional_db):
    """An event never goes in outside the transaction of an act."""
    from fabriques import faire_un_monde

    monde = faire_un_monde()
    with pytest.raises(RuntimeError, match="transaction"):
        inscrire(par=OPERATEUR, bailleur=monde.bailleur, vacance="v1", type_="conge_recu", date_effet=JOUR)


def test_un_echec_annule_tout_l_acte(monde):
    """What follows in the act fails: the event is not in."""

    class Panne(Exception):
        pass

    @acte(None)
    def agir():
        inscrire(par=OPERATEUR, bailleur=monde.bailleur, vacance="v1", type_="conge_recu", date_effet=JOUR)
        raise Panne

    with pytest.raises(Panne):
        agir()
    ACTES.pop("test_compte.agir", None)
    assert tete(monde.bailleur.chaine).numero == 0
    assert verifier(monde.bailleur.chaine).etat == "intacte"


@pytest.mark.parametrize("tout", [False, True])
def test_effacer_laisse_la_chaine_intacte(monde, tmp_path, tout):
    """Salt, agent, candidatures and household go; the head stays, the file verifies."""
    derouler(monde)
    avant = tete(monde.bailleur.chaine)
    assert journal.effacer(par=OPERATEUR, bailleur=monde.bailleur, vacance="v1", tout=tout) == 5
    verdict = verifier(monde.bailleur.chaine, avant)
    assert (verdict.etat, verdict.tete) == ("intacte", avant)
    assert (verdict.nues, verdict.effaces) == ((5, 0) if tout else (0, 5))
    export = tmp_path / "journal.csv"
    exporter_journal(par=OPERATEUR, bailleur=monde.bailleur, a_la_date=JOUR, cible=export)
    assert exiger_intacte(lire_journal(export)).tete == avant
    reste = "".join(li["sel"] + li["donnees"] for li in lignes(monde.bailleur.chaine))
    assert "agent_etat" not in reste
    assert '"c1"' not in reste


def test_effacer_tout_le_monde_ne_change_aucun_compteur(monde):
    """The types and réservataires that counters read are what they were."""
    derouler(monde)
    avant = [(li["type"], li["reservataire"], li["date_effet"]) for li in lignes(monde.bailleur.chaine)]
    journal.effacer(par=OPERATEUR, bailleur=monde.bailleur, vacance="v1")
    apres = [(li["type"], li["reservataire"], li["date_effet"]) for li in lignes(monde.bailleur.chaine)]
    assert apres == avant


def test_seul_le_bailleur_efface(monde):
    derouler(monde)
    with pytest.raises(journal.ActeRefuse, match="Seul le bailleur"):
        journal.effacer(par=monde.etrangers["bailleur_attribution"], bailleur=monde.bailleur, vacance="v1")
    with pytest.raises(journal.ActeRefuse, match="Aucune vacance"):
        journal.effacer(par=OPERATEUR, bailleur=monde.bailleur, vacance="v9")


def test_l_export_est_coupe_a_son_lecteur(monde, tmp_path):
    """A commune reads what names it; an authority bare envelopes; a stranger nothing. All verify, with one head."""
    derouler(monde)
    ecrire(monde, vacance="v2")
    attendus = {
        ("bailleur_responsable", None): 6,
        ("bailleur_lecture", None): 5,  # the lease tells of a household
        ("reservataire_designation", "c-lieu"): 5,
        ("epci", None): 0,
    }
    for (role, code), lisibles in attendus.items():
        export = tmp_path / f"{role}.csv"
        dite = exporter_journal(
            par=monde.membres[role], bailleur=monde.bailleur, a_la_date=JOUR, cible=export, code=code
        )
        lu = lire_journal(export)
        assert exiger_intacte(lu).tete == dite
        assert (role, lu.acceptees) == (role, lisibles)
    with pytest.raises(ExportRefuse):
        exporter_journal(
            par=monde.etrangers["reservataire_designation"],
            bailleur=monde.bailleur,
            a_la_date=JOUR,
            cible=tmp_path / "x.csv",
            code="c-lieu",
        )


def test_une_tete_connue_montre_la_troncature(monde):
    """The database is cut and rewritten by its owner: a head printed elsewhere says so."""
    derouler(monde)
    chaine = monde.bailleur.chaine
    assert verifier(chaine, lire_tete(f"6:{'0' * 64}")).etat == "tronquee"
    assert verifier(chaine, lire_tete(f"5:{'0' * 64}")).etat == "reecrite"
    assert verifier(monde.voisin.chaine, lire_tete(f"1:{'0' * 64}")).etat == "tronquee"


def test_deux_inscriptions_ne_prennent_pas_le_meme_numero(monde):
    """UNIQUE(chaine, numero) is the last wall."""
    ecrire(monde)
    premier = Contenu.objects.get().enveloppe
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as curseur:
        curseur.execute(
            "insert into web_evenement (chaine_id, numero, empreinte_contenu, empreinte_precedente, empreinte)"
            " values (%s, %s, '', '', '')",
            [premier.chaine_id, premier.numero],
        )


def test_un_journal_a_la_fois(monde):
    with pytest.raises(journal.ActeRefuse, match="déjà un journal"):
        journal.ouvrir(par=OPERATEUR, bailleur=monde.bailleur)
    with pytest.raises(journal.ActeRefuse, match="n'est pas un bailleur"):
        journal.ouvrir(par=OPERATEUR, bailleur=monde.commune)
    chez = {"par": OPERATEUR, "bailleur": monde.commune, "vacance": "v", "type_": "conge_recu"}
    with pytest.raises(InscriptionRefusee, match="n'a pas de journal"), transaction.atomic():
        inscrire(**chez, date_effet=JOUR)


def test_la_reprise_d_un_agent_est_unique(monde):
    """Each person has its own opaque number, drawn at random."""
    agents = {creer_membre(monde.bailleur, "bailleur_lecture").utilisateur.agent for _ in range(50)}
    assert len(agents) == 50
