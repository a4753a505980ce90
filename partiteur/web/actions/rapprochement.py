"""Remarks on a register, from one side to the other; the list of a réservataire; the lines both sides agree."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from partiteur.web.actions.acte import ActeRefuse, acte
from partiteur.web.actions.horloge import aujourd_hui, maintenant
from partiteur.web.droits import Acteur, Operateur, Permission, bailleurs
from partiteur.web.models import Accord, Liste, Membre, Message, Millesime, Organisation, Remarque


@dataclass(frozen=True)
class Extrait:
    """The lines of a réservataire in a register: how many, how many rights, the SHA-256 of their text."""

    lignes: int
    droits: int
    empreinte: str


@acte(Permission.RAPPROCHER)
def ouvrir(
    *,
    par: Acteur,
    registre: Millesime,
    reservataire: Organisation,
    cle: str,
    ligne: Mapping[str, Any],
    categorie: str,
    propose: Mapping[str, Any],
    texte: str,
) -> Remarque:
    """Make a remark to the other side on a line (`cle`; "": one that is missing). Raises ActeRefuse."""
    sien = _cote(par, registre.bailleur, reservataire)
    if categorie not in Remarque.CATEGORIES or (categorie == "manquante") != (not cle):
        raise ActeRefuse("Cette sorte de remarque ne va pas avec cette ligne : choisissez-en une autre.")
    ouvertes = Remarque.objects.entre(registre.bailleur, reservataire).avec_etat().filter(issue=None)
    if cle and ouvertes.filter(cle=cle, categorie=categorie, auteur=sien.organisation).exists():
        raise ActeRefuse("Vous avez déjà fait cette remarque sur cette ligne : attendez la réponse.")
    remarque = Remarque.objects.create(
        bailleur=registre.bailleur,
        reservataire=reservataire,
        auteur=sien.organisation,
        registre=registre,
        cle=cle,
        categorie=categorie,
        ligne=_json(ligne),
        propose=_json(propose),
    )
    _dire(remarque, sien, "ouvre", texte)
    return remarque


@acte(Permission.RAPPROCHER)
def repondre(*, par: Acteur, remarque: Remarque, acte: str, texte: str) -> Message:
    """Answer, accept, refuse with a reason, or withdraw: the other side decides, the author withdraws. Raises ActeRefuse."""
    sien = _cote(par, remarque.bailleur, remarque.reservataire)
    lue = Remarque.objects.select_for_update().get(pk=remarque.pk)
    if lue.messages.filter(acte__in=Message.FINS).exists():
        raise ActeRefuse("Cette remarque est close : faites-en une autre, elle la citera.")
    if acte not in lue.permis(sien.organisation):
        raise ActeRefuse("Ce n'est pas à vous d'en décider : répondez, ou attendez la réponse.")
    if acte in ("repond", "refuse") and not texte.strip():
        raise ActeRefuse("Dites pourquoi : l'autre partie lira ces mots.")
    return _dire(lue, sien, acte, texte)


@acte(Permission.RAPPROCHER)
def deposer_liste(
    *,
    par: Acteur,
    bailleur: Organisation,
    sha: str,
    fichier: str,
    lignes: int,
    refusees: int,
    constats: str,
) -> Liste:
    """Say what rights one has at a bailleur: a list that is on the disk, in place of the last. Raises ActeRefuse."""
    if isinstance(par, Operateur) or par.organisation_id == bailleur.pk:
        raise ActeRefuse("Le bailleur dit les droits dans son registre ; la liste est celle du réservataire.")
    sien = _cote(par, bailleur, par.organisation)
    return Liste.objects.create(
        bailleur=bailleur,
        reservataire=sien.organisation,
        sha=sha,
        fichier=fichier,
        lignes=lignes,
        refusees=refusees,
        constats=constats,
        deposee_le=maintenant(),
        par=sien,
    )


@acte(Permission.RAPPROCHER)
def arreter(*, par: Acteur, registre: Millesime, reservataire: Organisation, extrait: Extrait) -> Accord:
    """Agree, for one's side, the lines of a réservataire in the last register; once. Raises ActeRefuse."""
    bailleur = registre.bailleur
    sien = _cote(par, bailleur, reservataire)
    Organisation.objects.select_for_update().get(
        pk=bailleur.pk
    )  # no register comes, nobody agrees, meanwhile
    dernier = Millesime.objects.filter(bailleur=bailleur, nature="droits").first()
    if dernier is None or dernier.pk != registre.pk:
        raise ActeRefuse("Un registre plus récent est importé : relisez ses lignes avant de les arrêter.")
    if Remarque.objects.entre(bailleur, reservataire).avec_etat().filter(issue=None).exists():
        raise ActeRefuse("Des remarques sont encore ouvertes : répondez-y, ou retirez-les, avant d'arrêter.")
    siens = {"bailleur": bailleur, "reservataire": reservataire, "auteur": sien.organisation}
    if Accord.objects.filter(**siens, empreinte=extrait.empreinte).exists():
        raise ActeRefuse("Vous avez déjà arrêté ces lignes.")
    return Accord.objects.create(**siens, registre=registre, le=maintenant(), par=sien, **vars(extrait))


def _cote(par: Acteur, bailleur: Organisation, reservataire: Organisation) -> Membre:
    """Who acts, being of one of the two sides. Raises ActeRefuse."""
    if bailleur.type != "bailleur" or bailleur.pk == reservataire.pk:
        raise ActeRefuse("Il faut un bailleur et un réservataire.")
    if isinstance(par, Operateur) or par.organisation_id not in (bailleur.pk, reservataire.pk):
        raise ActeRefuse("Seuls le bailleur et le réservataire parlent de leurs droits.")
    if par.organisation_id != bailleur.pk and not _en_relation(par, bailleur):
        raise ActeRefuse("Vous n'avez pas de droits chez ce bailleur.")
    return par


def _en_relation(par: Membre, bailleur: Organisation) -> bool:
    return bailleurs(par, aujourd_hui()).filter(pk=bailleur.pk).exists()


def _dire(remarque: Remarque, sien: Membre, acte: str, texte: str) -> Message:
    return Message.objects.create(
        remarque=remarque, auteur=sien.organisation, par=sien, le=maintenant(), acte=acte, texte=texte.strip()
    )


def _json(valeurs: Mapping[str, Any]) -> str:
    return json.dumps(valeurs, ensure_ascii=False, default=str)
