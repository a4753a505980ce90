"""The fictitious territory in the house: its organisations, their rights, their journals, one account a role."""

import json
import shutil
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import transaction

from partiteur.demo.publie import (
    BAILLEURS,
    COMMUNES,
    DEPARTEMENT,
    NOM_DEPARTEMENT,
    NOMS_EPCI,
    RESERVATAIRES,
    Organisme,
    ReservataireDemo,
    perimetre_contient,
)
from partiteur.moteur.feuille import json_de_la_lecture
from partiteur.web import depot
from partiteur.web.actions import annuaire, journal, membre, organisation, parc
from partiteur.web.actions import dossier as actes_du_flux
from partiteur.web.documents import flux
from partiteur.web.droits import OPERATEUR, ROLES
from partiteur.web.models import Membre, Organisation

DU, AU = date(2020, 1, 1), date(2023, 12, 31)
TYPES = {
    "etat_prioritaires": "etat_departement",
    "etat_fonctionnaires": "etat_departement",
    "etat_conventions": "etat_departement",
    "defense_securite": "autre",
}
AUTRES = (
    ("999000904", "Association régionale Hlm (fictive)", "ar_hlm"),
    ("999000912", "Services de l'État en région (fictifs)", "etat_region"),
    ("999000920", "Guichet du logement d'Aurevielle (fictif)", "guichet"),
    ("999000938", "Gestion de l'instance", "instance"),
)
# Who has adopted which flux: of 2024, every bailleur; of 2023, one.
ADOPTES = {
    "dossier.toml": tuple(organisme.siren for organisme in BAILLEURS),
    "dossier-2023.toml": ("999000300",),
}
# What is said of the préfet there beside what the files say. In 2024, a convention that runs and one that ended: the
# third is not said, and stays unknown. In 2023, a part that passes the cap of R441-5-2, which a contrôle finds.
PREFET = 'type = "etat_prioritaires"\n'
DU_PREFET = {
    "dossier.toml": {
        "999000102": "convention = { date_signature = 2023-12-15 }\n",
        "999000201": "convention = { debut = 2023-01-01, fin = 2025-12-31 }\n",
    },
    "dossier-2023.toml": {"999000300": 'part = "32 %"\n'},
}
# One account a role, in the organisation where it says most; the first words are what the login page shows.
COMPTES = (
    ("bailleur_lecture", "Aurette Habitat (OPH fictif)", "Lou Terrasse"),
    ("bailleur_attribution", "Aurette Habitat (OPH fictif)", "Camille Vannier"),
    ("bailleur_responsable", "Aurette Habitat (OPH fictif)", "Dominique Rigole"),
    ("membre_caleol", "Aurette Habitat (OPH fictif)", "Sacha Bief"),
    ("reservataire_lecture", "Conseil départemental", "Maxime Gué"),
    ("reservataire_designation", "Commune de Valcombrane", "Claude Martelière"),
    ("epci", NOMS_EPCI["999000011"], "Alix Canal"),
    ("etat_departement", f"Préfecture ({NOM_DEPARTEMENT})", "Andrea Source"),
    ("etat_region", "Services de l'État en région (fictifs)", "Noa Ravin"),
    ("ar_hlm", "Association régionale Hlm (fictive)", "Charlie Moulin"),
    ("guichet", "Guichet du logement d'Aurevielle (fictif)", "Morgan Puits"),
    ("administrateur", "Gestion de l'instance", "Ange Écluse"),
)


@transaction.atomic
def charger(dossier: Path) -> None:
    """Load the territory written in `dossier` by `partiteur.demo.territoire.ecrire`, into an empty base."""
    shutil.copyfile(dossier / "communes.csv", settings.DONNEES / "communes.csv")
    depot.geographie.cache_clear()
    par_nom = {organisme.nom: _bailleur(organisme, dossier) for organisme in BAILLEURS}
    for reservataire in RESERVATAIRES:
        _reservataire(reservataire, par_nom)
    for siren, nom, type_ in AUTRES:
        par_nom[nom] = organisation.creer(par=OPERATEUR, siren=siren, nom=nom, type_=type_, du=DU)
    for role, nom, personne in COMPTES:
        _compte(par_nom[nom], role, personne)
    for nom, org in par_nom.items():
        if org.type in ("commune", "departement"):
            annuaire.enregistrer(
                par=OPERATEUR,
                organisation=org,
                nom="Service du logement",
                fonction=f"{nom}, réservations",
                courriel=f"logement-{org.siren}@exemple.fr",
            )


def _bailleur(organisme: Organisme, dossier: Path) -> Organisation:
    """A bailleur, where its parc is, and its three years of events."""
    siennes = [c for c in COMMUNES if any(lettre == organisme.lettre for lettre, _ in c.parc)]
    lieux = [("departement", DEPARTEMENT), *(("epci", epci) for epci in sorted({c.epci for c in siennes}))]
    creee = organisation.creer(
        par=OPERATEUR, siren=organisme.siren, nom=organisme.nom, type_="bailleur", du=DU, territoires=lieux
    )
    journal.reprendre(par=OPERATEUR, bailleur=creee, fichier=dossier / organisme.dossier / "journal.csv")
    _parc(creee, dossier / organisme.dossier)
    return creee


def _parc(bailleur: Organisation, ici: Path) -> None:
    """Its parc and its register as millésimes, and its flux adopted."""
    for nature in ("parc", "droits"):
        fichier = ici / f"{nature}.csv"
        lecture = depot.lire(nature, fichier, bailleur.siren)
        sha = depot.garder(nature, lecture, fichier)
        refusees = lecture.lignes - lecture.acceptees
        constats = json.dumps(json_de_la_lecture(lecture)["constats"], ensure_ascii=False)
        ecrit = parc.Ecrit(nature, sha, AU, fichier.name, lecture.acceptees, refusees, constats)
        entre = parc.importer(par=OPERATEUR, bailleur=bailleur, ecrit=ecrit)
        if nature == "parc":
            recues = {fichier.name: depot.chemin_du_parc(entre.sha)}
    recues |= {nom: ici / nom for nom in ("droits.csv", "liberations.csv")}
    recues |= {"communes.csv": ici.parent / "communes.csv"}
    for nom, sirens in ADOPTES.items():
        if bailleur.siren in sirens:
            with TemporaryDirectory() as passage:
                avec = Path(passage) / nom
                dit = DU_PREFET[nom].get(bailleur.siren, "")
                avec.write_text(_avec(dit, (ici / nom).read_text("utf-8")), "utf-8")
                _adopter(bailleur, avec, recues)


def _avec(dit: str, dossier: str) -> str:
    """A dossier that says more of the préfet. Raises ValueError where it has no one place for it."""
    if dossier.count(PREFET) != 1:
        raise ValueError(f"« {PREFET.strip()} » must be written once in the dossier.")
    return dossier.replace(PREFET, PREFET + dit)


def _adopter(bailleur: Organisation, dossier: Path, recues: dict[str, Path]) -> None:
    """A dossier deposited with its pieces, and adopted."""
    recu = flux.ranger(dossier, recues)
    depose = actes_du_flux.deposer(
        par=OPERATEUR,
        bailleur=bailleur,
        identifiant=recu.identifiant,
        exercice=recu.exercice,
        cadre=recu.cadre,
        fichier=recu.fichier,
        sha=recu.sha,
    )
    resultat, versions = flux.geler(depose)
    actes_du_flux.adopter(par=OPERATEUR, dossier=depose, resultat=resultat, versions=versions)


def _reservataire(reservataire: ReservataireDemo, par_nom: dict[str, Organisation]) -> None:
    """A réservataire under its code, with rights at each bailleur of its perimeter; the préfet has three codes."""
    type_ = TYPES.get(reservataire.type, reservataire.type)
    nom = f"Préfecture ({NOM_DEPARTEMENT})" if type_ == "etat_departement" else reservataire.nom
    nom = NOMS_EPCI.get(reservataire.code, nom)
    echelle = "departement" if reservataire.perimetre == DEPARTEMENT else type_
    if nom not in par_nom:
        siren = reservataire.code if type_ == "epci" else f"9998{len(par_nom):05}"
        par_nom[nom] = organisation.creer(
            par=OPERATEUR,
            siren=siren,
            nom=nom,
            type_=type_,
            du=DU,
            territoires=[(echelle, reservataire.perimetre)],
        )
    code = organisation.coder(
        par=OPERATEUR, organisation=par_nom[nom], code=reservataire.code, type_=reservataire.type, du=DU
    )
    for organisme in BAILLEURS:
        chez = [
            c
            for c in COMMUNES
            if any(lettre == organisme.lettre for lettre, _ in c.parc)
            and perimetre_contient(reservataire.perimetre, c)
        ]
        if chez:
            organisation.reserver(
                par=OPERATEUR,
                bailleur=par_nom[organisme.nom],
                reservataire=code,
                echelle=echelle,
                code=reservataire.perimetre,
                du=DU,
            )


def _compte(org: Organisation, role: str, personne: str) -> Membre:
    """An account whose password nobody knows: the demo's login page opens it."""
    courriel = f"{role.replace('_', '-')}@exemple.fr"
    _, jeton = membre.inviter(
        par=OPERATEUR,
        organisation=org,
        courriel=courriel,
        nom=personne,
        role=role,
        referent=role == "reservataire_designation",
    )
    return membre.accepter(jeton=jeton, mot_de_passe=f"{jeton}Aa")


def comptes() -> list[tuple[Membre, str, str]]:
    """The accounts offered on the demo's login page: membership, name and sentence of the role, in order."""
    ordre = {role: rang for rang, (role, _, _) in enumerate(COMPTES)}
    lus = Membre.objects.filter(utilisateur__courriel__endswith="@exemple.fr", role__in=ordre)
    lus = sorted(lus.select_related("utilisateur", "organisation"), key=lambda m: ordre[m.role])
    return [(m, ROLES[m.role].nom, ROLES[m.role].phrase) for m in lus]
