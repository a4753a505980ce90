"""A remark on a line of a register, in words: what it proposes, where it is, its thread."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from partiteur.moteur.rapprochement import COLONNES, corriger, est_au_registre, texte_arrete
from partiteur.regles.socle import nombre
from partiteur.web.composants import Echeance, Lien, Pas
from partiteur.web.documents.lignes import MOTS, Registre, dire, objet
from partiteur.web.documents.rapprochement import codes_de, lignes_de
from partiteur.web.models import Accord, Membre, Message, Organisation, Remarque

ISSUES = {
    "accepte": ("acceptée", "fait"),
    "refuse": ("refusée", "non"),
    "retire": ("retirée", ""),
    "reporte": ("portée au registre", "fait"),
}


@dataclass(frozen=True)
class Fil:
    """A remark as a page shows it: in words, where it is, and its thread."""

    remarque: Remarque
    titre: str
    objet: str
    etat: str
    genre: str
    propose: Sequence[tuple[str, str, str]]
    pas: Sequence[Pas]
    ouverte: bool


def fils(
    remarques: Sequence[Remarque], membre: Membre, registre: Registre | None, messages: bool = False
) -> list[Fil]:
    """Remarks in words; those accepted say whether the last register holds them."""
    lus: dict[int, list[Message]] = {}
    if messages:
        tous = Message.objects.filter(remarque__in=remarques).select_related("auteur", "par__utilisateur")
        for message in tous:
            lus.setdefault(message.remarque_id, []).append(message)
    portees = _portees([r for r in remarques if r.issue == "accepte"], registre)
    return [_fil(r, membre, lus.get(r.pk, ()), r.pk in portees) for r in remarques]


def _portees(acceptees: Sequence[Remarque], registre: Registre | None) -> set[int]:
    """Those the last register says."""
    if not acceptees or registre is None:
        return set()
    codes = {r.reservataire: codes_de(r.reservataire) for r in acceptees}
    siennes = {org.pk: lignes_de(registre.droits.sha, siens) for org, siens in codes.items()}
    return {
        r.pk
        for r in acceptees
        if est_au_registre(r.categorie, json.loads(r.propose), siennes[r.reservataire_id], r.cle)
    }


def registre_corrige(registre: Registre) -> str:
    """The register with the corrections both sides accepted and that it does not hold yet, as a file to import."""
    acceptees = Remarque.objects.filter(bailleur=registre.droits.bailleur).avec_etat().filter(issue="accepte")
    lues = list(acceptees.select_related("reservataire").order_by("pk"))
    portees = _portees(lues, registre)
    corrections = [(r.categorie, r.cle, json.loads(r.propose)) for r in lues if r.pk not in portees]
    return texte_arrete(corriger(lignes_de(registre.droits.sha, None), corrections))


def _fil(remarque: Remarque, membre: Membre, messages: Sequence[Message], portee: bool) -> Fil:
    ligne, propose = json.loads(remarque.ligne), json.loads(remarque.propose)
    if remarque.issue is None:
        a_moi = remarque.dernier != membre.organisation_id
        mots, genre = ("attend votre réponse", "attente") if a_moi else ("attend l'autre partie", "")
    else:
        mots, genre = ISSUES["reporte" if portee else remarque.issue]
        if remarque.issue == "accepte" and not portee:
            mots, genre = "acceptée, à porter au registre", "attente"
    return Fil(
        remarque,
        remarque.get_categorie_display(),
        objet(ligne) if ligne else objet({"logement": None, "programme": None} | propose),
        mots,
        genre,
        [(MOTS[c], dire(c, ligne.get(c)) if ligne else "rien", dire(c, v)) for c, v in propose.items()],
        [_pas(message, membre) for message in messages],
        remarque.issue is None,
    )


def _pas(message: Message, membre: Membre) -> Pas:
    """A step: the organisation, and the person for its own organisation alone (D67)."""
    phrase = f"{message.auteur} {message.get_acte_display()}"
    phrase += f" : « {message.texte} »" if message.texte else "."
    qui = str(message.par.utilisateur) if message.auteur_id == membre.organisation_id else ""
    return Pas(message.le.date(), phrase, qui)


def ligne_gardee(ligne: Mapping[str, Any]) -> dict[str, Any]:
    """What a remark keeps of the line it is on."""
    return {c: ligne[c] for c in COLONNES if c in ligne and ligne[c] is not None} | {
        c: ligne[c] for c in ("programme", "logement")
    }


# --- what waits, said on the home page


def a_repondre(membre: Membre) -> list[Echeance]:
    """Remarks the other side made or answered last, and lines it agreed; the oldest of each bailleur told."""
    ici, chez_soi = membre.organisation, membre.organisation.type == "bailleur"
    par_bailleur: dict[Organisation, list[Remarque]] = {}
    for remarque in Remarque.objects.qui_attendent(ici).select_related("bailleur", "reservataire"):
        par_bailleur.setdefault(remarque.bailleur, []).append(remarque)
    attentes = []
    for bailleur, lues in par_bailleur.items():
        une = "Une remarque sur des droits de réservation attend votre réponse."
        phrase = f"{nombre(len(lues))} remarques sur des droits de réservation attendent votre réponse."
        qui = " et ".join(sorted({str(r.reservataire) for r in lues})[:2]) if chez_soi else str(bailleur)
        depuis = min(r.depuis for r in lues).date()
        adresse = reverse("remarque", args=[lues[0].identifiant])
        if len(lues) > 1:
            adresse = reverse("ecarts", args=[bailleur.identifiant])
        phrase = une if len(lues) == 1 else phrase
        quand = "depuis ce jour-là" if len(lues) == 1 else "pour la plus ancienne"
        attentes.append(Echeance(depuis, quand, phrase, f"De {qui}.", Lien("Répondre", adresse), nombre=0))
    return attentes + [_a_arreter(accord, chez_soi) for accord in Accord.objects.a_rendre(ici)]


def _a_arreter(accord: Accord, chez_soi: bool) -> Echeance:
    avec = f"?avec={accord.reservataire.identifiant}" if chez_soi else ""
    lien = Lien("Les relire", reverse("ecarts", args=[accord.bailleur.identifiant]) + avec)
    phrase = "Des lignes de droits que l'autre partie a arrêtées attendent votre accord."
    return Echeance(accord.le.date(), "depuis ce jour-là", phrase, f"Par {accord.auteur}.", lien, nombre=0)
