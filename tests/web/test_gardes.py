"""The attacks of E8: what holds the account append-only and adopted dossiers frozen, on each engine, after a migration too."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction
from fabriques import creer_dossier, faire_un_monde
from test_compte import derouler, ecrire

from partiteur.web import controles, gardes
from partiteur.web.actions import dossier as actes_dossier
from partiteur.web.droits import OPERATEUR
from partiteur.web.models import Contenu, Dossier, Evenement
from partiteur.web.models.journal import verifier

COLONNES = "chaine_id, numero, empreinte_contenu, empreinte_precedente, empreinte"
ATTAQUES = {
    "modifier une enveloppe": "update web_evenement set empreinte = 'x'",
    "renuméroter": "update web_evenement set numero = numero + 100",
    "supprimer la fin": "delete from web_evenement where numero = 5",
    "supprimer un contenu": "delete from web_contenu where enveloppe_id in (select max(enveloppe_id) from web_contenu)",
    "modifier un contenu": "update web_contenu set motif = 'x'",
    "modifier des données": "update web_contenu set donnees = '{}'",
    "effacer en changeant un fait": "update web_contenu set sel = '', reservataire = 'x'",
    "déplacer un contenu": "update web_contenu set sel = '', enveloppe_id = enveloppe_id + 1000",
    "insérer au milieu": f"insert into web_evenement ({COLONNES}) select {COLONNES} from web_evenement where numero = 2",
    "insérer trop loin": f"insert into web_evenement ({COLONNES})"
    " select chaine_id, 99, 'a', 'b', 'c' from web_evenement where numero = 2",
    "renommer la chaîne": "update web_chaine set nom = 'x'",
    "supprimer la chaîne": "delete from web_chaine",
    "changer un résultat gelé": "update web_dossier set resultat = '{}' where adopte_le is not null",
    "dégeler un dossier": "update web_dossier set adopte_le = null, resultat = ''",
    "déplacer l'adoption": "update web_dossier set adopte_le = '2020-01-01 00:00:00+00'",
    "donner un dossier adopté": "update web_dossier set bailleur_id = (select max(id) from web_organisation)"
    " where adopte_le is not null",
    "changer les versions": "update web_dossier set versions = '{}' where adopte_le is not null",
    "supprimer un dossier adopté": "delete from web_dossier where adopte_le is not null",
}
PROPRES = {
    "sqlite": {
        "remplacer une enveloppe": f"insert or replace into web_evenement (id, {COLONNES})"
        " select id, chaine_id, numero, 'x', 'y', 'z' from web_evenement where numero = 2",
        "remplacer par le numéro": f"replace into web_evenement ({COLONNES})"
        " select chaine_id, numero, 'x', 'y', 'z' from web_evenement where numero = 2",
        "modifier ou remplacer": "update or replace web_evenement set numero = 1 where numero = 2",
        "remplacer un contenu": "insert or replace into web_contenu select * from web_contenu",
        "remplacer la chaîne": "insert or replace into web_chaine select * from web_chaine",
        "remplacer un dossier adopté": "insert or replace into web_dossier select * from web_dossier"
        " where adopte_le is not null",
        "prendre la place d'un dossier adopté": "update or replace web_dossier set identifiant ="
        " (select identifiant from web_dossier where adopte_le is not null) where adopte_le is null",
    },
    "postgresql": {
        "vider": "truncate web_evenement cascade",
        "vider les contenus": "truncate web_contenu",
        "écraser": f"insert into web_evenement ({COLONNES}) select {COLONNES} from web_evenement where numero = 2"
        " on conflict (chaine_id, numero) do update set empreinte = 'x'",
        "changer de mode": "set local session_replication_role = replica; delete from web_contenu",
        "vider les dossiers": "truncate web_dossier cascade",
        "écraser un dossier adopté": "insert into web_dossier select * from web_dossier where adopte_le is not null"
        " on conflict (identifiant) do update set resultat = '{}'",
        "changer de mode pour un dossier": "set local session_replication_role = replica;"
        " delete from web_dossier where adopte_le is not null",
    },
}


def adopter(monde):
    """An adopted dossier, and one that is not yet."""
    creer_dossier(monde.bailleur)
    return creer_dossier(monde.bailleur, adopte=False)


def photographie():
    """Every row the guards hold."""
    return [list(modele.objects.order_by("pk").values_list()) for modele in (Evenement, Contenu, Dossier)]


def attaquer(monde):
    """Try them all; each fails and the account is what it was. Returns the attacks that went through."""
    reussies = []
    for nom, ordre in {**ATTAQUES, **PROPRES[connection.vendor]}.items():
        try:
            with transaction.atomic(), connection.cursor() as curseur:
                curseur.execute(ordre)
        except DatabaseError:
            continue
        reussies.append(nom)
    return reussies


def test_aucune_attaque_ne_passe(monde):
    derouler(monde)
    adopter(monde)
    avant = photographie()
    assert attaquer(monde) == []
    assert photographie() == avant
    assert verifier(monde.bailleur.chaine).etat == "intacte"


def test_un_dossier_pas_encore_adopte_reste_libre(monde):
    """Corrected, adopted or withdrawn: the guard is for what is frozen."""
    brouillon = adopter(monde)
    Dossier.objects.filter(pk=brouillon.pk).update(fichier="autre.toml")
    actes_dossier.retirer(par=OPERATEUR, dossier=brouillon)
    encore = creer_dossier(monde.bailleur, adopte=False)
    assert actes_dossier.adopter(par=OPERATEUR, dossier=encore, resultat="{}", versions="{}").adopte_le
    with pytest.raises(DatabaseError, match="adopté"), transaction.atomic():
        encore.delete()


@pytest.mark.django_db(transaction=True)
def test_une_migration_remet_les_gardes():
    """SQLite drops the triggers of a table it alters: they come back with the migration, and hold."""
    monde = faire_un_monde()
    derouler(monde)
    adopter(monde)
    for table, nom in ((Evenement, "empreinte"), (Contenu, "motif"), (Dossier, "fichier")):
        ancien = table._meta.get_field(nom)
        nouveau = models.CharField(max_length=ancien.max_length + 1)
        nouveau.set_attributes_from_name(nom)
        nouveau.model = table
        with connection.schema_editor() as editeur:
            editeur.alter_field(table, ancien, nouveau)
        with connection.schema_editor() as editeur:
            editeur.alter_field(table, nouveau, ancien)
    if connection.vendor == "sqlite":
        assert {
            "evenement_sans_modification",
            "contenu_sans_modification",
            "dossier_adopte_sans_modification",
        } <= set(gardes.manquantes(connection))
        with pytest.raises(controles.ServiceRefuse, match="La garde"):
            controles.exiger()
    call_command("migrate", verbosity=0)
    assert gardes.manquantes(connection) == []
    assert attaquer(monde) == []
    ecrire(monde, vacance="v2")
    assert verifier(monde.bailleur.chaine).etat == "intacte"


def test_une_garde_affaiblie_est_vue(monde):
    """A guard that bears the name and holds nothing is missing."""
    with connection.cursor() as curseur:
        if connection.vendor == "sqlite":
            curseur.execute("drop trigger contenu_sans_suppression")
            curseur.execute(
                "create trigger contenu_sans_suppression before delete on web_contenu begin select 1; end"
            )
        else:
            curseur.execute("alter table web_contenu disable trigger contenu_sans_suppression")
    assert gardes.manquantes(connection) == ["contenu_sans_suppression"]
    with pytest.raises(controles.ServiceRefuse, match="contenu_sans_suppression"):
        controles.exiger()


def test_ecrivains_simultanes_et_arrets_brutaux(db):
    """Several writers at once, then killed: all in, one order, nothing told is lost. bench/compte.py has the full size."""
    import os

    script = Path(__file__).parents[2] / "bench" / "compte.py"
    environnement = {**os.environ, "DATABASE_URL": ""}
    if connection.vendor == "postgresql":
        nom = f"{connection.settings_dict['NAME']}_compte"
        with connection._nodb_cursor() as curseur:
            curseur.execute(f"drop database if exists {nom}")
            curseur.execute(f"create database {nom}")
        hote = connection.settings_dict["HOST"]
        environnement["DATABASE_URL"] = f"postgresql://site@/{nom}?host={hote}"
    fait = subprocess.run(
        [sys.executable, str(script), "--ecrivains", "4", "--evenements", "80", "--coups", "3"],
        env=environnement,
        capture_output=True,
        text=True,
        check=False,
    )
    assert fait.returncode == 0, fait.stdout + fait.stderr
    assert "80 ajouts de 4 écrivains, chaîne intacte" in fait.stdout
    assert "3 arrêts brutaux" in fait.stdout


def test_le_role_du_site_ne_peut_pas_lever_les_gardes(monde):
    """On PostgreSQL the site's role is not the owner: it inscribes and reads, and cannot undo nor disable (E8)."""
    if connection.vendor != "postgresql":
        return  # a file has one owner: whoever reads it
    from partiteur.web.management.commands.preparer import Command

    derouler(monde)
    Command._accorder("usager")
    with connection.cursor() as curseur:
        curseur.execute("set role usager")
        for ordre in (
            "alter table web_contenu disable trigger all",
            "drop trigger contenu_sans_suppression on web_contenu",
            "create or replace function compte_refuser() returns trigger language plpgsql as 'begin return old; end'",
            "delete from web_contenu",
            "truncate web_evenement cascade",
            "update web_evenement set empreinte = 'x'",
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                curseur.execute(ordre)
        ecrire(monde, vacance="v2")
        curseur.execute("reset role")
    assert verifier(monde.bailleur.chaine).etat == "intacte"
