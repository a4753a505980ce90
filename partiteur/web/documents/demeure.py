"""What the bailleurs of a territory owe the State and are late with, and the mise en demeure to send them (D42).

A convention is read in the adopted flux; a bilan is not kept by the site, which says only when it was due. Nothing is sent.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from partiteur.moteur.legalite import dates_de_la_convention
from partiteur.moteur.schema import lire_toml
from partiteur.regles.delais import Delai
from partiteur.regles.demeure import BilanDu, convention_a_la_date, dernier_bilan_du, terme_mise_en_demeure
from partiteur.regles.socle import ErreurUtilisateur, Resultat, bareme, citer, en_vigueur
from partiteur.web import depot as fichiers
from partiteur.web.documents import pdf
from partiteur.web.documents.legalite import derniers
from partiteur.web.droits import bailleurs, codes, dossiers
from partiteur.web.models import Dossier, Membre, Organisation
from partiteur.web.templatetags.typographie import jour as en_lettres

EXPIREE = "expiree"
# How each state of a convention is said and coloured, the worst first.
ETATS = {
    EXPIREE: ("Échue", "non"),
    "inconnue": ("Inconnue", "attente"),
    "a_venir": ("À venir", "attente"),
    "en_cours": ("En cours", "fait"),
    "sans_etat": ("Sans objet", ""),
}
CONSTATS = {
    EXPIREE: "Échue depuis le {depuis}, d'après le flux adopté de {exercice}.",
    "inconnue": "Le flux adopté de {exercice} n'en donne pas les dates.",
    "a_venir": "Elle commence le {debut}, d'après le flux adopté de {exercice}.",
    "en_cours": "Jusqu'au {fin}, d'après le flux adopté de {exercice}.",
}
SANS_FIN = "Sans date de fin, d'après le flux adopté de {exercice}."
BILAN, CONVENTION = "bilan", "convention"
MANQUES = {
    BILAN: "Le bilan annuel n'a pas été transmis à l'État",
    CONVENTION: "Aucune convention en cours n'est signée avec l'État",
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


def suivis(membre: Membre, jour: date) -> list[Suivi]:
    """The bailleurs of a member's territory and the convention of the State with each, the oldest missing first."""
    adoptes: dict[int, list[Dossier]] = defaultdict(list)
    for dossier in derniers(_lisibles(membre, jour)):
        adoptes[dossier.bailleur_id].append(dossier)
    siens = frozenset(codes(membre, jour))
    lus = [_suivi(b, adoptes[b.pk], siens, jour) for b in bailleurs(membre, jour).order_by("nom")]
    return sorted(lus, key=lambda s: (list(ETATS).index(s.etat), s.depuis or jour))


def suivi(membre: Membre, bailleur: Organisation, au: date, jour: date) -> Suivi:
    """The same of one bailleur on a day, to somebody who reads it today (`jour`)."""
    siens = frozenset(codes(membre, jour))
    return _suivi(bailleur, derniers(_lisibles(membre, jour).filter(bailleur=bailleur)), siens, au)


def _lisibles(membre: Membre, jour: date) -> Iterable[Dossier]:
    return dossiers(membre, jour).defer("resultat", "versions")


def _suivi(bailleur: Organisation, adoptes: Sequence[Dossier], siens: frozenset[str], jour: date) -> Suivi:
    """From the flux of the year, else of the last before, else of the first after."""
    if not adoptes:
        return Suivi(
            bailleur, "inconnue", "Aucun flux n'est adopté : le site ne sait rien de cette convention."
        )
    dossier = min(adoptes, key=lambda d: (d.exercice > jour.year, abs(d.exercice - jour.year)))
    complet, lues = _conventions_de_l_etat(dossier.identifiant)
    retenues = {code: dates for code, dates in lues.items() if code in siens} or lues
    if not retenues:
        if complet:
            return Suivi(
                bailleur,
                "sans_etat",
                f"Le flux adopté de {dossier.exercice} nomme tous les réservataires, sans l'État.",
            )
        return Suivi(bailleur, "inconnue", f"Le flux adopté de {dossier.exercice} ne nomme pas l'État.")
    # One convention by bailleur and réservataire (R441-5): what one line of the State says, the others need not repeat.
    dites = [dates for dates in retenues.values() if any(dates)] or [(None, None)]
    jugees = [(convention_a_la_date(*dates, jour), dates) for dates in dites]
    lue, dates = min(jugees, key=lambda jugee: list(ETATS).index(jugee[0].code))
    return Suivi(bailleur, lue.code, _constat(lue, dates, dossier), lue.valeur, dossier.exercice)


def _constat(lue: Resultat, dates: Dates, dossier: Dossier) -> str:
    debut, fin = dates
    phrase = SANS_FIN if lue.code == "en_cours" and fin is None else CONSTATS[lue.code]
    return phrase.format(
        depuis=en_lettres(lue.valeur), debut=en_lettres(debut), fin=en_lettres(fin), exercice=dossier.exercice
    )


@lru_cache(maxsize=256)
def _conventions_de_l_etat(identifiant: str) -> tuple[bool, Mapping[str, Dates]]:
    """Does a dossier name every réservataire; the dates of the conventions of the State, by code. It never changes.

    Nothing where its file is gone: what it said is then unknown.
    """
    try:
        document = lire_toml(fichiers.dossier(identifiant))
    except ErreurUtilisateur:
        return False, {}
    types = bareme("reservataires")
    etat = [r for r in document.get("reservataires", []) if "etat" in types[r["type"]]["plafonds"]]
    return document.get("complet", False), {r["code"]: dates_de_la_convention(r) for r in etat}


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
    manques = [manque for manque in MANQUES if manque in manques]
    lue, bilan = suivi(membre, bailleur, envoi, jour), dernier_bilan_du(envoi).valeur
    ligne = en_vigueur("delais", "mise_en_demeure", envoi)
    delai = Delai(ligne["nombre"], ligne["unite"])
    fin = terme_mise_en_demeure(envoi, envoi)
    objets = {BILAN: f"bilan annuel de {bilan.exercice}", CONVENTION: "convention de réservation de l'État"}
    return Lettre(
        str(membre.organisation),
        bailleur,
        envoi,
        f"mise en demeure, {' et '.join(objets[m] for m in manques)}",
        tuple(_paragraphes(manques, lue, bilan, delai, fin.valeur)),
        fin.valeur,
        delai,
        fin.etapes[0].formule,
        citer(fin.etapes[0].texte),
        tuple(_rappels(manques, lue, delai)),
    )


def _paragraphes(
    manques: Sequence[str], lue: Suivi, bilan: BilanDu, delai: Delai, terme: date
) -> Iterable[str]:
    yield "Madame, Monsieur,"
    demandes = []
    if BILAN in manques:
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
    if BILAN in manques and CONVENTION not in manques and lue.etat == EXPIREE:
        yield "Une convention échue ne se résilie pas : cochez aussi la convention."
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
