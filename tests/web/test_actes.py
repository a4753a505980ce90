"""Every act × every role × mine or a stranger's, and nothing but acts writes. A new act is tried here, or fails."""

import ast
import inspect
from datetime import date
from pathlib import Path

import pytest
from fabriques import (
    creer_contact,
    creer_depot,
    creer_dossier,
    creer_invitation,
    creer_membre,
    creer_registre,
    creer_remarque,
)
from test_matrice import role_de, tout

from partiteur.web import actions
from partiteur.web.actions import (
    acces,
    annuaire,
    dossier,
    journal,
    membre,
    organisation,
    parc,
    purge,
    rapprochement,
)
from partiteur.web.actions.acte import ACTES, ActeRefuse, acte
from partiteur.web.droits import ROLES, Interdit, Permission, permissions

JOUR = date(2024, 3, 1)

# How to call each act: mine, then a stranger's (None: there is no such thing).
ACTES_ESSAYES = {
    "acces.noter": None,  # by the middleware alone, on the person of the request
    "membre.accepter_par_fournisseur": None,  # the provider's word on an address invited; tried in test_fournisseur
    "membre.accepter": None,  # the token is the right; tried in test_personnes
    "journal.ouvrir": lambda m, moi, org: (journal.ouvrir, {"bailleur": org}),
    "journal.reprendre": lambda m, moi, org: (journal.reprendre, {"bailleur": org, "fichier": Path("x")}),
    "journal.effacer": lambda m, moi, org: (journal.effacer, {"bailleur": org, "vacance": "v"}),
    "organisation.creer": lambda m, moi, org: (
        organisation.creer,
        {"siren": "999999999", "nom": "x", "type_": "commune", "du": JOUR},
    ),
    "organisation.situer": lambda m, moi, org: (
        organisation.situer,
        {"organisation": org, "echelle": "epci", "code": "200000001", "du": JOUR},
    ),
    "organisation.coder": lambda m, moi, org: (
        organisation.coder,
        {"organisation": org, "code": "x1", "type_": "commune", "du": JOUR},
    ),
    "organisation.reserver": lambda m, moi, org: (
        organisation.reserver,
        {
            "bailleur": m.bailleur,
            "reservataire": m.codes["c-ailleurs"],
            "echelle": "commune",
            "code": "99001",
            "du": JOUR,
        },
    ),
    "organisation.succeder": lambda m, moi, org: (
        organisation.succeder,
        {"cedante": m.commune, "beneficiaire": m.autre_commune, "nature": "fusion", "le": JOUR},
    ),
    "membre.inviter": lambda m, moi, org: (
        membre.inviter,
        {"organisation": org, "courriel": "x@exemple.fr", "nom": "X", "role": role_de(org)},
    ),
    "membre.annuler": lambda m, moi, org: (
        membre.annuler,
        {"invitation": creer_invitation(org, role_de(org))[0]},
    ),
    "membre.changer_role": lambda m, moi, org: (
        membre.changer_role,
        {"membre": creer_membre(org, role_de(org)), "role": role_de(org), "referent": False},
    ),
    "membre.retirer": lambda m, moi, org: (membre.retirer, {"membre": creer_membre(org, role_de(org))}),
    "membre.endormir": lambda m, moi, org: (membre.endormir, {}),
    "purge.purger": lambda m, moi, org: (purge.purger, {"depot": Path("nulle-part")}),
    "membre.reveiller": lambda m, moi, org: (membre.reveiller, {"utilisateur": moi.utilisateur}),
    "parc.deposer": lambda m, moi, org: (
        parc.deposer,
        {"bailleur": org, "identifiant": "i", "nature": "parc", "fichier": "x.csv", "apercu": "{}"},
    ),
    "parc.importer": lambda m, moi, org: (
        parc.importer,
        {"bailleur": org, "ecrit": parc.Ecrit("parc", "0" * 64, JOUR, "x.csv", 1, 0, "[]")},
    ),
    "parc.noter_lecture": lambda m, moi, org: (
        parc.noter_lecture,
        {"depot": creer_depot(org), "apercu": "{}"},
    ),
    "parc.demander": lambda m, moi, org: (parc.demander, {"depot": creer_depot(org), "le": JOUR}),
    "parc.refuser": lambda m, moi, org: (parc.refuser, {"depot": creer_depot(org), "phrase": "x"}),
    "parc.abandonner": lambda m, moi, org: (parc.abandonner, {"depot": creer_depot(org)}),
    "dossier.deposer": lambda m, moi, org: (
        dossier.deposer,
        {
            "bailleur": org,
            "identifiant": "i",
            "exercice": 2024,
            "cadre": "x",
            "fichier": "dossier.toml",
            "sha": "0" * 64,
        },
    ),
    "dossier.adopter": lambda m, moi, org: (
        dossier.adopter,
        {"dossier": creer_dossier(org, adopte=False), "resultat": "{}", "versions": "{}"},
    ),
    "dossier.retirer": lambda m, moi, org: (
        dossier.retirer,
        {"dossier": creer_dossier(org, adopte=False)},
    ),
    "rapprochement.ouvrir": lambda m, moi, org: (
        rapprochement.ouvrir,
        {
            "registre": creer_registre(org if org.type == "bailleur" else m.bailleur),
            "reservataire": m.autre_commune,
            "cle": "d:d1",
            "ligne": {},
            "categorie": "question",
            "propose": {},
            "texte": "Pourquoi",
        },
    ),
    "rapprochement.repondre": lambda m, moi, org: (
        rapprochement.repondre,
        {"remarque": creer_remarque(m.voisin, m.autre_commune), "acte": "repond", "texte": "Ainsi"},
    ),
    "rapprochement.deposer_liste": lambda m, moi, org: (
        rapprochement.deposer_liste,
        {
            "bailleur": m.voisin,
            "sha": "0" * 64,
            "fichier": "x.csv",
            "lignes": 1,
            "refusees": 0,
            "constats": "[]",
        },
    ),
    "rapprochement.arreter": lambda m, moi, org: (
        rapprochement.arreter,
        {
            "registre": creer_registre(m.voisin),
            "reservataire": m.autre_commune,
            "extrait": rapprochement.Extrait(1, 1, "0" * 64),
        },
    ),
    "annuaire.enregistrer": lambda m, moi, org: (
        annuaire.enregistrer,
        {"organisation": org, "nom": "X", "courriel": "x@exemple.fr"},
    ),
    "annuaire.retirer": lambda m, moi, org: (annuaire.retirer, {"contact": creer_contact(org)}),
    "annuaire.revenir": lambda m, moi, org: (annuaire.revenir, {"contact": creer_contact(org)}),
    "annuaire.importer": lambda m, moi, org: (
        annuaire.importer,
        {"organisation": org, "fiches": [annuaire.Fiche("X", "x@exemple.fr")]},
    ),
    "annuaire.absenter": lambda m, moi, org: (
        annuaire.absenter,
        {"contact": creer_contact(org), "du": JOUR, "au": date(2024, 3, 9)},
    ),
}
D_UNE_ORGANISATION = ("parc.", "rapprochement.", "dossier.", "membre.", "annuaire.", "journal.effacer")
DE_L_INSTANCE = ("membre.endormir", "membre.reveiller")


def test_chaque_acte_est_essaye():
    """An act nobody tries here fails."""
    assert set(ACTES_ESSAYES) == set(ACTES)


@pytest.mark.parametrize("role", list(ROLES))
def test_chaque_acte_pour_chaque_role(monde, role):
    """Without the permission: Interdit. With it, on a stranger's: refused too, unless one manages the instance."""
    moi = monde.membres[role]
    for nom, essai in ACTES_ESSAYES.items():
        if essai is None:
            continue
        fonction, arguments = essai(monde, moi, monde.etrangers[role].organisation)
        avant = tout()
        if ACTES[nom] not in permissions(moi):
            with pytest.raises(Interdit):
                fonction(par=moi, **arguments)
        elif (
            nom.startswith(D_UNE_ORGANISATION)
            and nom not in DE_L_INSTANCE
            and Permission.GERER_INSTANCE not in permissions(moi)
        ):
            with pytest.raises(ActeRefuse):
                fonction(par=moi, **arguments)
        else:
            continue
        assert tout() == avant, nom
        with pytest.raises(Interdit):
            fonction(par=None, **arguments)


def test_un_referent_gere_son_organisation_et_elle_seule(monde):
    """The référent of a commune invites at home, never elsewhere."""
    referent = creer_membre(monde.commune, "reservataire_lecture", referent=True)
    for nom in ("membre.inviter", "membre.annuler", "annuaire.enregistrer"):
        fonction, arguments = ACTES_ESSAYES[nom](monde, referent, monde.commune)
        fonction(par=referent, **arguments)
        fonction, arguments = ACTES_ESSAYES[nom](monde, referent, monde.autre_commune)
        with pytest.raises(ActeRefuse):
            fonction(par=referent, **arguments)


def test_nul_ne_donne_un_role_d_une_autre_organisation(monde):
    """A commune makes no administrator, and no bailleur."""
    referent = creer_membre(monde.commune, "reservataire_lecture", referent=True)
    for role in ("administrateur", "bailleur_responsable", "inconnu"):
        with pytest.raises(ActeRefuse, match="rôle"):
            membre.inviter(
                par=referent, organisation=monde.commune, courriel="x@exemple.fr", nom="X", role=role
            )


def test_seuls_les_actes_ecrivent():
    """No view, form, document nor middleware writes a row: only a declared act does, or what it calls in private."""
    ecritures = {
        "save",
        "create",
        "bulk_create",
        "update",
        "bulk_update",
        "delete",
        "get_or_create",
        "update_or_create",
    }
    racine = Path(actions.__file__).parents[1]
    fautes = []
    for chemin in racine.rglob("*.py"):
        if {"migrations", "management"} & set(chemin.parts):
            continue
        arbre = ast.parse(chemin.read_text("utf-8"))
        for fonction in ast.walk(arbre):
            if not isinstance(fonction, ast.FunctionDef):
                continue
            declare = any("acte" in ast.unparse(d) for d in fonction.decorator_list)
            prive = chemin.parent.name == "actions" and fonction.name.startswith("_")
            if declare or prive:
                continue
            for appel in ast.walk(fonction):
                if (
                    isinstance(appel, ast.Call)
                    and isinstance(appel.func, ast.Attribute)
                    and appel.func.attr in ecritures
                    and not _admis(chemin, appel)
                ):
                    fautes.append(f"{chemin.relative_to(racine)} {fonction.name} : {ast.unparse(appel)[:60]}")
    assert fautes == []


def _admis(chemin, appel):
    """Writings of no row: a model's own save, a dict's update, the settings of a connection."""
    return "super()" in ast.unparse(appel) or chemin.name in ("environnement.py", "settings.py")


def test_un_acte_ne_prend_que_des_arguments_nommes():
    """What is not keyword-only, or has no `par`, is refused when it is read."""
    with pytest.raises(TypeError, match="keyword-only"):

        @acte(None)
        def a(x):
            """."""

    with pytest.raises(TypeError, match="par="):

        @acte(Permission.ATTRIBUER)
        def b(*, x):
            """."""

    for module in (acces, annuaire, dossier, journal, membre, organisation, parc, rapprochement):
        publiques = [
            nom
            for nom, fonction in inspect.getmembers(module, inspect.isfunction)
            if fonction.__module__ == module.__name__ and not nom.startswith("_")
        ]
        declarees = {
            nom.partition(".")[2] for nom in ACTES if nom.startswith(module.__name__.rpartition(".")[2] + ".")
        }
        autres = set(publiques) - declarees
        assert autres <= {"inscrire", "lire_invitation", "empreinte", "verifier", "cle"}, module
