"""The home page of a member: what is due, what waits, where its balances are; or what to do first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from partiteur.regles.delais import jour_limite
from partiteur.regles.socle import citer, nombre
from partiteur.web.composants import Chiffre, Echeance, Lien, Solde, Vide
from partiteur.web.documents import demeure
from partiteur.web.documents.annuaire import avis
from partiteur.web.documents.compte import Annee, derniere_annee, echelle, noms_des_codes, solde
from partiteur.web.documents.mots import mots
from partiteur.web.documents.remarque import a_repondre
from partiteur.web.documents.vacances import en_attente
from partiteur.web.droits import Permission, bailleurs, codes, peut
from partiteur.web.models import Chaine, Membre, Organisation

PROCHE = timedelta(days=7)
RETARDS_MONTRES = 5
JOURS_PAR_SEMAINE, SEMAINES_PAR_MOIS = 7, 4


@dataclass(frozen=True)
class Journee:
    """The page: its day, a sentence, the dates, what waits without a date, the balances of a year, the empty state.

    `retards`: what the bailleurs of the territory owe the State.
    """

    jour: date
    phrase: str
    echeances: tuple[Echeance, ...] = ()
    attentes: tuple[Echeance, ...] = ()
    soldes: tuple[Solde, ...] = ()
    chiffres: tuple[Chiffre, ...] = ()
    annee: int | None = None
    jusqu_au: date | None = None
    remarques: tuple[str, ...] = ()
    avis: tuple[Echeance, ...] = ()
    vide: Vide | None = None
    retards: tuple[Echeance, ...] = ()


def journee(membre: Membre | None, jour: date) -> Journee:
    """The home page of a member on a day; None: of somebody who belongs to no organisation."""
    if membre is None:
        vide = Vide(
            "Vous n'êtes membre d'aucune organisation : demandez une invitation au référent de la vôtre."
        )
        return Journee(jour, "Rien ne peut vous être montré.", vide=vide)
    visibles = Chaine.objects.filter(bailleur__in=bailleurs(membre, jour)).select_related("bailleur")
    chaines, ecrites = list(visibles), list(visibles.filter(evenements__numero=1))
    lignes = peut(membre, Permission.VOIR_LIGNES)
    siens = frozenset(codes(membre, jour))
    attentes = (*_attentes(membre, ecrites, siens), *a_repondre(membre)) if lignes else ()
    datees = sorted(
        (*_invitations(membre, jour), *_obligations(membre, chaines, siens, jour)), key=lambda e: e.le or jour
    )
    comptes = _comptes(membre, ecrites, siens, jour) if lignes else {}
    vide = None if attentes or comptes else _vide(membre, chaines)
    dits, retards = tuple(avis(membre, jour)), tuple(_retards(membre, jour))
    phrase = _phrase(datees, (*attentes, *(r for r in retards if r.etat)), jour)
    return Journee(jour, phrase, tuple(datees), attentes, avis=dits, vide=vide, retards=retards, **comptes)


def _phrase(datees: Iterable[Echeance], attentes: Sequence[Echeance], jour: date) -> str:
    """How much waits, and when the next date is; what is no dwelling (`nombre` 0) is told when nothing else waits."""
    combien = sum(attente.nombre for attente in attentes)
    suite = next((e for e in datees if e.le and e.le >= jour), None)
    dit = next((attente.phrase for attente in attentes), "Rien ne vous attend aujourd'hui.")
    if combien:
        dit = (
            f"{nombre(combien)} logements attendent une suite."
            if combien > 1
            else "Un logement attend une suite."
        )
    return f"{dit} La prochaine échéance est {suite.dans}." if suite else dit


# --- dates


def dans(le: date, jour: date) -> str:
    """« demain », « dans 5 jours », « dans 8 semaines », « dans 3 mois », « il y a 2 jours »."""
    jours = (le - jour).days
    proches = {0: "aujourd'hui", 1: "demain", -1: "hier"}
    if jours in proches:
        return proches[jours]
    if jours < 0:
        return f"il y a {-jours} jours"
    semaines = jours // JOURS_PAR_SEMAINE
    if semaines < 2:
        return f"dans {jours} jours"
    mois = semaines // SEMAINES_PAR_MOIS
    return (
        f"dans {semaines} semaines"
        if mois < 3
        else f"dans {(le.year - jour.year) * 12 + le.month - jour.month} mois"
    )


def _etat(le: date, jour: date) -> str:
    return "tard" if le < jour else "bientot" if le - jour <= PROCHE else ""


def _obligations(
    membre: Membre, chaines: list[Chaine], siens: frozenset[str], jour: date
) -> Iterable[Echeance]:
    """What the law asks of the bailleur each year, said to it and to those who receive it."""
    organisation = membre.organisation.type
    if not peut(membre, Permission.VOIR_AGREGATS) or not chaines:
        return
    for obligation in mots()["obligations"]:
        phrase = obligation["bailleur"] if organisation == "bailleur" else obligation["autres"]
        if organisation != "bailleur" and not siens and organisation not in obligation["pour"]:
            continue
        le = jour_limite(obligation["code"], jour.year, jour).valeur
        if le < jour:
            le = jour_limite(obligation["code"], jour.year + 1, jour).valeur
        yield Echeance(
            le,
            dans(le, jour),
            phrase,
            f"Code de la construction et de l'habitation, {citer(obligation['texte'])}.",
            None,
            _etat(le, jour),
        )


def _retards(membre: Membre, jour: date) -> Iterable[Echeance]:
    """To the State: the conventions that ended, the oldest first, and the bilan of which the site knows the date alone."""
    lus = demeure.suivis(membre, jour) if peut(membre, Permission.SUIVRE) else []
    echues = [(suivi.depuis, suivi) for suivi in lus if suivi.depuis is not None]
    for depuis, suivi in echues[:RETARDS_MONTRES]:
        phrase = f"La convention de l'État avec {suivi.bailleur} est échue."
        suite = f"D'après le flux adopté de {suivi.exercice}."
        yield Echeance(depuis, dans(depuis, jour), phrase, suite, _demeurer(membre, suivi), "tard", 0)
    if autres := echues[RETARDS_MONTRES:]:
        phrase = f"Conventions de l'État échues, chez d'autres bailleurs : {nombre(len(autres))}."
        yield Echeance(autres[0][0], "pour la plus ancienne", phrase, etat="tard", nombre=0)
    bilan = demeure.bilan_du(jour)
    if lus and bilan is not None:
        phrase = f"Chaque bailleur devait avoir transmis à l'État son bilan de {bilan.exercice}."
        suite = "Le site ne tient pas les bilans : il ne sait pas lesquels sont parvenus."
        yield Echeance(bilan.terme, dans(bilan.terme, jour), phrase, suite, nombre=0)


def _demeurer(membre: Membre, suivi: demeure.Suivi) -> Lien | None:
    if not peut(membre, Permission.CONTROLER):
        return None
    adresse = reverse("mise_en_demeure", args=[suivi.bailleur.identifiant])
    return Lien("Préparer une mise en demeure", f"{adresse}?manques={demeure.CONVENTION}")


def _invitations(membre: Membre, jour: date) -> Iterable[Echeance]:
    """Invitations nobody took up yet, to whoever may send them again."""
    if not peut(membre, Permission.GERER_MEMBRES):
        return
    for invitation in membre.organisation.invitations.filter(acceptee_le=None, annulee_le=None):
        le = invitation.expire_le.date()
        suite = "Passé ce jour, il faudra l'inviter à nouveau."
        if le < jour:
            suite = "Son lien ne s'ouvre plus : invitez cette personne à nouveau."
        phrase = f"{invitation.nom} n'a pas encore accepté votre invitation."
        lien = Lien("Voir les membres", reverse("membres"))
        yield Echeance(le, dans(le, jour), phrase, suite, lien, _etat(le, jour))


# --- what waits, read in the account


def _attentes(membre: Membre, chaines: list[Chaine], siens: frozenset[str]) -> Iterable[Echeance]:
    """The vacances that wait, by state, the oldest told."""
    chez_soi = membre.organisation.type == "bailleur"
    phrases = mots()["attentes" if chez_soi else "attentes_du_reservataire"]
    for chaine in chaines:
        attendues = en_attente(chaine, None if chez_soi else siens)
        for statut, (une, plusieurs) in phrases.items():
            if statut not in attendues:
                continue
            combien, depuis = attendues[statut]
            phrase = une if combien == 1 else plusieurs.format(nombre(combien))
            suite = "" if chez_soi else f"Chez {chaine.bailleur}."
            quand = "libéré ce jour-là" if combien == 1 else "pour le plus ancien"
            adresse = reverse("vacances_du_bailleur", args=[chaine.bailleur.identifiant])
            lien = Lien("Les voir" if combien > 1 else "Le voir", f"{adresse}?etat={statut}")
            yield Echeance(depuis, quand, phrase, suite, lien, nombre=combien)


# --- balances


def _comptes(membre: Membre, chaines: list[Chaine], siens: frozenset[str], jour: date) -> dict[str, Any]:
    """The balances of the last year the account tells of; {} when it tells of none."""
    chez_soi = membre.organisation.type == "bailleur"
    annees = [(chaine.bailleur, annee) for chaine in chaines if (annee := derniere_annee(chaine, jour))]
    if not annees:
        return {}
    derniere = max(annee.annee for _, annee in annees)
    noms, soldes, lues = noms_des_codes(), [], []
    for bailleur, annee in annees:
        if annee.annee == derniere:
            objectifs = annee.objectifs
            lues += [
                (bailleur, ligne, objectifs.get(ligne.code))
                for ligne in annee.lignes(None if chez_soi else siens)
            ]
    longue = echelle([ligne for _, ligne, _ in lues], [o for _, _, o in lues if o is not None])
    for bailleur, ligne, objectif in lues:
        nom, genre = noms.get(ligne.code, (ligne.code, "code inconnu de l'annuaire"))
        dit = (nom, genre) if chez_soi else (str(bailleur), genre)
        soldes.append(solde(ligne, *dit, longue, objectif))
    chiffres = tuple(_flux(bailleur, annee) for bailleur, annee in annees if chez_soi)
    jusqu_au = max(annee.jusqu_au for _, annee in annees)
    remarques = tuple(dit for _, annee in annees if chez_soi for dit in annee.remarques)
    return {
        "soldes": tuple(soldes),
        "chiffres": chiffres,
        "annee": derniere,
        "jusqu_au": jusqu_au,
        "remarques": remarques,
    }


def _flux(bailleur: Organisation, annee: Annee) -> Chiffre:
    """The dwellings of the flux of the year, as the account found them."""
    compte, dossier = annee.decompte, annee.dossier
    soustraits = sum(len(v) for v in compte.soustraits.values())
    hors = sum(len(v) for v in compte.hors_flux.values())
    donnees = [Lien(f"le journal de {bailleur}", reverse("journal", args=[bailleur.identifiant]))]
    methode = "Régime par défaut : aucun dossier de flux n'est adopté."
    if dossier is not None:
        methode = (
            f"Conventions du dossier de flux {dossier.exercice}, adopté le {dossier.adopte_le:%d/%m/%Y}."
        )
        donnees.append(
            Lien(f"le dossier de flux {dossier.exercice}", reverse("dossier", args=[dossier.identifiant]))
        )
    return Chiffre(
        f"Flux constaté en {annee.annee}",
        len(compte.flux_constate),
        "logements",
        formule=(
            f"{nombre(len(compte.vacances))} vacances suivies dans l'année, dont {nombre(soustraits)} soustraites, {nombre(hors)} hors "
            f"flux et {nombre(len(compte.annulees))} annulées"
        ),
        donnees=tuple(donnees),
        textes=(Lien(citer("r441-5-soustraits")), Lien(citer("r441-5-1"))),
        methode=methode,
        commande=f"partiteur decompte journal-{bailleur.siren}.csv --dossier dossier.toml --au {annee.au}"
        if dossier
        else "",
    )


# --- nothing yet


def _vide(membre: Membre, chaines: list[Chaine]) -> Vide:
    """What to do first, by what one may do."""
    gestes = []
    if peut(membre, Permission.GERER_INSTANCE):
        gestes += [
            Lien("Créer les organisations du territoire", reverse("creer_organisation")),
            Lien("Inviter une première personne dans chacune", reverse("organisations")),
        ]
        return Vide("Vous tenez l'instance : les vacances et les bilans ne vous sont pas montrés.", gestes)
    if peut(membre, Permission.TENIR_PARC):
        gestes.append(Lien("Importer votre parc, puis votre registre des droits", reverse("deposer_parc")))
    if peut(membre, Permission.GERER_MEMBRES):
        gestes.append(Lien("Inviter les personnes qui travailleront avec vous", reverse("inviter")))
    if peut(membre, Permission.GERER_ANNUAIRE):
        gestes.append(Lien("Dire dans l'annuaire qui répond, et qui supplée", reverse("ajouter_contact")))
    if peut(membre, Permission.VOIR_AGREGATS) and membre.organisation.type != "bailleur" and chaines:
        gestes.append(Lien("Lire l'état des lieux des parcs", reverse("parcs")))
        gestes.append(Lien("Lire le flux adopté par chaque bailleur", reverse("dossiers")))
    if peut(membre, Permission.VOIR_JOURNAL) and chaines:
        gestes.append(Lien("Lire les journaux partagés et vérifier leurs chaînes", reverse("journaux")))
    elif peut(membre, Permission.VOIR_ANNUAIRE):
        gestes.append(Lien("Voir dans l'annuaire qui appeler", reverse("annuaire")))
    return Vide(_phrase_vide(membre, chaines), gestes)


def _phrase_vide(membre: Membre, chaines: list[Chaine]) -> str:
    if membre.organisation.type == "bailleur" and peut(membre, Permission.VOIR_JOURNAL):
        return "Le journal de votre parc est vide : rien n'y est encore inscrit."
    if peut(membre, Permission.VOIR_LIGNES):
        return "Aucun bailleur ne vous a encore mis de logement à disposition."
    if peut(membre, Permission.VOIR_JOURNAL):
        return (
            "Vous lisez le compte de chaque bailleur du territoire : sa chaîne et ses totaux, sans les logements."
            if chaines
            else "Aucun bailleur de votre territoire n'a encore ouvert son journal."
        )
    return str(mots()["rien"].get(membre.role, mots()["rien"]["autres"]))
