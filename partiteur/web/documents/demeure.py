"""What the bailleurs of a territory owe the State and are late with, and the mise en demeure to send them (D42).

A convention is read in the adopted flux; a bilan is not kept by the site, which says only when it was due. Nothing is sent.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.db.models import QuerySet

from partiteur.moteur.fichiers import empreinte
from partiteur.moteur.legalite import dates_de_la_convention
from partiteur.moteur.schema import lire_toml
from partiteur.regles.delais import Delai
from partiteur.regles.demeure import (
    BilanDu,
    convention_a_la_date,
    delai_mise_en_demeure,
    dernier_bilan_du,
    terme_mise_en_demeure,
)
from partiteur.regles.socle import ErreurUtilisateur, Resultat, bareme, citer
from partiteur.web import depot as fichiers
from partiteur.web.documents import pdf
from partiteur.web.droits import bailleurs, codes, dossiers
from partiteur.web.models import Dossier, Membre, Organisation
from partiteur.web.templatetags.typographie import jour as en_lettres

EXPIREE, EN_COURS = "expiree", "en_cours"
# How each state of a convention is said and coloured, the worst first.
ETATS = {
    EXPIREE: ("Échue", "non"),
    "inconnue": ("Inconnue", "attente"),
    "a_venir": ("À venir", "attente"),
    EN_COURS: ("En cours", "fait"),
    "sans_etat": ("Sans objet", ""),
}
# Of several lines of one convention, the one that is believed: it has ended only if none runs nor may run.
CRUES = (EN_COURS, "inconnue", EXPIREE, "a_venir")
CONSTATS = {
    EXPIREE: "Échue depuis le {depuis}, d'après le flux adopté de {exercice}.",
    "inconnue": "Le flux adopté de {exercice} n'en donne pas les dates.",
    "a_venir": "Elle commence le {debut}, d'après le flux adopté de {exercice}.",
    EN_COURS: "Jusqu'au {fin}, d'après le flux adopté de {exercice}.",
}
SANS_FIN = "Sans date de fin, d'après le flux adopté de {exercice}."
SANS_DEBUT = "Le flux adopté de {exercice} n'en donne pas la date de début."
DIVERGENT = " Les lignes de l'État n'y ont pas toutes les mêmes dates : vérifiez."
BILAN, CONVENTION = "bilan", "convention"
MANQUES = {
    BILAN: "Le bilan annuel n'a pas été transmis à l'État",
    CONVENTION: "Aucune convention en cours n'est signée avec l'État",
}
# What to look at before a letter leaves, by state of the convention: it asks for one, or it speaks of ending one.
VERIFIER = {
    EN_COURS: "Le flux adopté dit cette convention en cours : vérifiez avant d'écrire.",
    "a_venir": "Le flux adopté dit quand cette convention commence : vérifiez qu'elle n'est pas déjà signée.",
}
RESILIER = {
    EXPIREE: "Une convention échue ne se résilie pas : cochez aussi la convention.",
    "sans_etat": "Le flux adopté ne donne aucune convention de l'État à résilier : cochez aussi la convention.",
    "a_venir": "Une convention qui n'a pas commencé n'engage pas encore le bailleur : vérifiez avant d'écrire.",
    "inconnue": "Le site ne sait pas si une convention est en cours : sans elle, il n'y a rien à résilier.",
}
CODE = "du code de la construction et de l'habitation"
Dates = tuple[date | None, date | None]


@dataclass(frozen=True)
class Suivi:
    """The convention of the State with a bailleur on a day: its state (ETATS), what says it, since when it is missing.

    `exercice`: of the flux it was read in.
    """

    bailleur: Organisation
    etat: str
    constat: str
    depuis: date | None = None
    exercice: int | None = None

    @property
    def mots(self) -> str:
        """Its state, in a word."""
        return ETATS[self.etat][0]

    @property
    def ton(self) -> str:
        """How it is coloured; the word says it all."""
        return ETATS[self.etat][1]


def bilan_du(jour: date) -> BilanDu | None:
    """The last bilan annuel that was due on a day."""
    du: BilanDu | None = dernier_bilan_du(jour).valeur
    return du


@dataclass(frozen=True)
class Lecteur:
    """Whose conventions are read: the codes of the State's service, its départements (None: of them all)."""

    codes: frozenset[str]
    departements: frozenset[str] | None


@dataclass(frozen=True)
class Flux:
    """What an adopted dossier says of the State: does it name everyone, where it is, the dates by code."""

    complet: bool
    departements: frozenset[str]
    conventions: Mapping[str, Dates]


def suivis(membre: Membre, jour: date) -> list[Suivi]:
    """The bailleurs of a member's territory and the convention of the State with each, the oldest missing first."""
    adoptes: dict[int, list[Dossier]] = defaultdict(list)
    for dossier in _adoptes(membre, jour):
        adoptes[dossier.bailleur_id].append(dossier)
    lecteur = _lecteur(membre, jour)
    lus = [_suivi(b, adoptes[b.pk], lecteur, jour) for b in bailleurs(membre, jour).order_by("nom")]
    return sorted(lus, key=lambda s: (list(ETATS).index(s.etat), s.depuis or jour))


def suivi(membre: Membre, bailleur: Organisation, au: date, jour: date) -> Suivi:
    """The same of one bailleur on a day, to somebody who reads it today (`jour`)."""
    return _suivi(bailleur, _adoptes(membre, jour).filter(bailleur=bailleur), _lecteur(membre, jour), au)


def _lecteur(membre: Membre, jour: date) -> Lecteur:
    """A préfet has the conventions of its département alone (R441-5 I)."""
    departements = None
    if membre.organisation.type == "etat_departement":
        siens = membre.organisation.territoires.au(jour).filter(echelle="departement")
        departements = frozenset(siens.values_list("code", flat=True))
    return Lecteur(frozenset(codes(membre, jour)), departements)


def _adoptes(membre: Membre, jour: date) -> QuerySet[Dossier]:
    """The adopted dossiers a member may read, the last adopted first."""
    lisibles = dossiers(membre, jour).filter(adopte_le__isnull=False)
    return lisibles.defer("resultat", "versions").order_by("-adopte_le", "-pk")


def _suivi(bailleur: Organisation, adoptes: Iterable[Dossier], lecteur: Lecteur, jour: date) -> Suivi:
    """From the flux of the year, else of the last before, else of the first after; ended only if no later one says it runs."""
    connus = list(adoptes)
    if not connus:
        return Suivi(
            bailleur, "inconnue", "Aucun flux n'est adopté : le site ne sait rien de cette convention."
        )
    suite = _de_l_annee(connus, lecteur, jour.year)
    dossier = next(suite, None)
    if dossier is None:
        constat = (
            "Aucun flux adopté n'est propre à votre département : le site ne sait rien de cette convention."
        )
        return Suivi(bailleur, "inconnue", constat)
    lu = _dans(dossier, bailleur, lecteur, jour)
    if lu.etat != EXPIREE:
        return lu
    suivants = (_dans(d, bailleur, lecteur, jour) for d in suite if d.exercice > dossier.exercice)
    return next((suivant for suivant in suivants if suivant.etat == EN_COURS), lu)


def _de_l_annee(adoptes: Sequence[Dossier], lecteur: Lecteur, annee: int) -> Iterator[Dossier]:
    """The version adopted last of each year, of the reader's départements: the year's, those before it, those after it."""
    rendus = set()
    for dossier in sorted(adoptes, key=lambda d: (d.exercice > annee, abs(d.exercice - annee))):
        if dossier.exercice not in rendus and _est_de(dossier, lecteur.departements):
            rendus.add(dossier.exercice)
            yield dossier


def _est_de(dossier: Dossier, departements: frozenset[str] | None) -> bool:
    """Is its territory wholly of these départements? One that is not known is nobody's; a file that is lost, everyone's."""
    if departements is None:
        return True
    try:
        siens = _flux(dossier.identifiant, dossier.sha).departements
    except ErreurUtilisateur:
        return True
    return bool(siens) and siens <= departements


def _dans(dossier: Dossier, bailleur: Organisation, lecteur: Lecteur, jour: date) -> Suivi:
    """What one dossier says, under the reader's codes if it has any."""
    annee = dossier.exercice
    try:
        flux = _flux(dossier.identifiant, dossier.sha)
    except ErreurUtilisateur:
        constat = (
            f"Le fichier du flux adopté de {annee} ne se lit pas : le site ne sait rien de cette convention."
        )
        return Suivi(bailleur, "inconnue", constat)
    retenues = [
        dates for code, dates in flux.conventions.items() if not lecteur.codes or code in lecteur.codes
    ]
    if not flux.conventions and flux.complet:
        constat = f"Le flux adopté de {annee} nomme tous les réservataires, sans l'État."
        return Suivi(bailleur, "sans_etat", constat)
    if not retenues:
        comment = " sous l'un de vos codes" if flux.conventions else ""
        return Suivi(bailleur, "inconnue", f"Le flux adopté de {annee} ne nomme pas l'État{comment}.")
    # One convention by bailleur and réservataire (R441-5): what one line of the State says, the others need not repeat.
    dites = list(dict.fromkeys(dates for dates in retenues if any(dates))) or [(None, None)]
    jugees = [(convention_a_la_date(*dates, jour), dates) for dates in dites]
    lue, dates = max(jugees, key=lambda jugee: (-CRUES.index(jugee[0].code), jugee[1][1] or date.max))
    constat = _constat(lue, dates, dossier) + (DIVERGENT if len(dites) > 1 else "")
    return Suivi(bailleur, lue.code, constat, lue.valeur, annee)


def _constat(lue: Resultat, dates: Dates, dossier: Dossier) -> str:
    debut, fin = dates
    phrase = CONSTATS[lue.code]
    if lue.code == EN_COURS and fin is None:
        phrase = SANS_FIN
    elif lue.code == "inconnue" and fin is not None:
        phrase = SANS_DEBUT
    return phrase.format(
        depuis=en_lettres(lue.valeur), debut=en_lettres(debut), fin=en_lettres(fin), exercice=dossier.exercice
    )


@lru_cache(maxsize=1024)
def _flux(identifiant: str, sha: str) -> Flux:
    """What an adopted dossier says of the State: it never changes.

    Raises ErreurUtilisateur, each time, when its file is gone or is no longer what was adopted.
    """
    chemin = fichiers.dossier(identifiant)
    document = lire_toml(chemin)
    if empreinte(chemin) != sha:
        raise fichiers.FichierRefuse("Le fichier du dossier n'est plus celui qui a été adopté.")
    types = bareme("reservataires")
    etat = [r for r in document.get("reservataires", []) if "etat" in types[r["type"]]["plafonds"]]
    lieu = document["territoire"]
    return Flux(
        document.get("complet", False),
        _departements(lieu["echelle"], lieu["code"]),
        {r["code"]: dates_de_la_convention(r) for r in etat},
    )


def _departements(echelle: str, code: str) -> frozenset[str]:
    """The départements a territory lies in; none when the geography does not know it."""
    if echelle == "departement":
        return frozenset({code})
    if echelle == "epci":
        return fichiers.geographie().departements(code)
    commune = fichiers.geographie().commune(code)
    return frozenset({commune.departement} if commune else ())


# --- mise en demeure


@dataclass(frozen=True)
class Lettre:
    """A mise en demeure to reread and sign: from whom, to whom, its words, the last day it leaves; `rappels`: before it is sent."""

    de: str
    bailleur: Organisation
    envoi: date
    objet: str
    paragraphes: tuple[str, ...]
    terme: date
    delai: Delai
    formule: str
    texte: str
    rappels: tuple[str, ...]


def lettre(membre: Membre, bailleur: Organisation, manques: Sequence[str], envoi: date, jour: date) -> Lettre:
    """The mise en demeure of a bailleur for what is missing (MANQUES), sent on a day from 2021 on, prepared on `jour`."""
    lue, delai = suivi(membre, bailleur, envoi, jour), delai_mise_en_demeure(envoi)
    bilan = bilan_du(envoi) if BILAN in manques else None
    fin = terme_mise_en_demeure(envoi, envoi)
    objets = [f"bilan annuel de {bilan.exercice}"] if bilan else []
    if CONVENTION in manques:
        objets.append("convention de réservation de l'État")
    return Lettre(
        str(membre.organisation),
        bailleur,
        envoi,
        f"mise en demeure, {' et '.join(objets)}",
        tuple(_paragraphes(manques, lue, bilan, delai, fin.valeur)),
        fin.valeur,
        delai,
        fin.etapes[0].formule,
        citer(fin.etapes[0].texte),
        tuple(_rappels(manques, lue, delai)),
    )


def _paragraphes(
    manques: Sequence[str], lue: Suivi, bilan: BilanDu | None, delai: Delai, terme: date
) -> Iterable[str]:
    yield "Madame, Monsieur,"
    demandes = []
    if bilan is not None:
        yield (
            f"L'article {citer('r441-5-1')} {CODE} demande à votre organisme de "
            "transmettre chaque année à l'ensemble de ses réservataires le bilan des logements proposés et "
            f"attribués l'année précédente. Le bilan de {bilan.exercice} était dû au plus tard le "
            f"{en_lettres(bilan.terme)}. L'État, réservataire de votre parc, ne l'a pas reçu."
        )
        demandes.append(f"de me transmettre le bilan de {bilan.exercice}")
    if CONVENTION in manques:
        constat = "À ce jour, aucune convention en cours n'est signée."
        if lue.etat == EXPIREE:
            constat = f"La dernière convention connue est échue depuis le {en_lettres(lue.depuis)}."
        yield (
            f"L'article {citer('r441-5-convention')} {'du même code' if demandes else CODE} rend obligatoire une "
            f"convention de réservation signée entre l'État, réservataire de votre parc, et votre organisme. {constat}"
        )
        demandes.append("de signer avec l'État une convention de réservation")
    yield (
        f"Je vous mets en demeure {' et '.join(demandes)} dans un délai de {delai} à compter de la réception de cette "
        f"lettre. Reçue le jour de son envoi, elle vous laisse jusqu'au {en_lettres(terme)} inclus."
    )
    arrete = "régler par arrêté les modalités pratiques de mise en œuvre des réservations de l'État"
    article = f"article {citer('r441-5-2-demeure')} du même code"
    if CONVENTION in manques:
        yield f"À défaut de signature, il m'appartiendra de {arrete} ({article})."
    else:
        yield (
            f"Si cette mise en demeure reste sans suite pendant {delai}, je pourrai résilier la convention de "
            f"réservation de l'État, puis {arrete} ({article})."
        )
    yield "Veuillez agréer, Madame, Monsieur, l'expression de ma considération distinguée."
    yield "Le préfet"


def _rappels(manques: Sequence[str], lue: Suivi, delai: Delai) -> Iterable[str]:
    yield "Partiteur n'envoie rien : ce texte est à relire et à faire signer."
    yield f"Convention de l'État, ce que sait le site : {lue.constat}"
    article = citer("r441-5-2-demeure")
    if BILAN in manques:
        yield (
            "Le site ne tient pas les bilans : vérifiez que celui-ci ne vous est pas parvenu, et que la convention en "
            f"fait un engagement. L'article {article} ne permet de résilier que si un engagement n'est pas tenu."
        )
    rappels = VERIFIER if CONVENTION in manques else RESILIER
    if lue.etat in rappels:
        yield rappels[lue.etat]
    if CONVENTION in manques:
        yield (
            f"Quand une convention manque, l'article {article} ne fixe pas de délai : {delai} sont proposés, ceux qu'il "
            "donne avant une résiliation. Le préfet peut prendre son arrêté sans les attendre."
        )
    yield (
        f"Le texte ne dit pas d'où partent les {delai}. Quand vous connaissez le jour de la réception, donnez-le à la "
        "place de celui de l'envoi pour lire le terme."
    )


def imprimer(lettre: Lettre) -> bytes:
    """The letter as a PDF. Raises PdfRefuse."""
    entete = (
        lettre.de,
        f"À l'attention du représentant légal de {lettre.bailleur}, SIREN {lettre.bailleur.siren}",
        f"Le {en_lettres(lettre.envoi)}",
        f"Objet : {lettre.objet}.",
    )
    blocs = [pdf.Paragraphe(mots) for mots in (*entete, *lettre.paragraphes)]
    return pdf.ecrire(pdf.Document("Mise en demeure", str(lettre.bailleur), lettre.envoi, blocs))
