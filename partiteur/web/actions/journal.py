"""The account: the one place where an event is inscribed, erased, or a chain opened (E6-E8)."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection

from partiteur.moteur.journal import COLONNES, enchainer, exiger_intacte, lire_journal
from partiteur.moteur.journal.controle import effacee
from partiteur.moteur.journal.forme import FAITS, textes, verifier
from partiteur.regles import vacance as regles
from partiteur.regles.vacance.etat import OUVERTURES
from partiteur.web.actions.acte import ActeRefuse, acte
from partiteur.web.actions.horloge import aujourd_hui, maintenant
from partiteur.web.droits import Acteur, Operateur, Permission
from partiteur.web.models import Chaine, Contenu, Evenement, Organisation, Vacance
from partiteur.web.models.journal import evenements_de, tete

LOT = 2_000


class InscriptionRefusee(ActeRefuse):
    """An event that cannot be: the account says why (D28)."""


def inscrire(
    *,
    par: Acteur,
    bailleur: Organisation,
    vacance: str,
    type_: str,
    date_effet: date,
    reservataire: str | None = None,
    motif: str | None = None,
    logement: str | None = None,
    donnees: Mapping[str, Any] | None = None,
    evenement: str | None = None,
) -> Contenu:
    """Inscribe one event at the end of a bailleur's chain, inside the transaction of the act that calls.

    The head of the chain is locked first; the event is then judged on the vacance as it is (D28), and what is irregular
    carries its code. Raises InscriptionRefusee, FormeRefusee; RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("inscrire writes inside the transaction of an act")
    chaine = _verrouiller(bailleur)
    Vacance.objects.select_for_update().filter(chaine=chaine, code=vacance).first()
    deja = evenements_de(chaine, vacance)
    nouveau = regles.Evenement(
        evenement=evenement or f"e{secrets.token_hex(8)}",
        vacance=vacance,
        type=type_,
        date_effet=date_effet,
        date_saisie=maintenant(),
        auteur=_auteur(par, bailleur),
        logement=logement,
        reservataire=reservataire,
        motif=motif,
        donnees=dict(donnees or {}),
    )
    ecrit = textes(nouveau)
    verifier(ecrit)
    codes_irreguliers = _admettre(chaine, deja, nouveau, _organisation(par, bailleur, reservataire))
    if codes_irreguliers:
        marque = {**nouveau.donnees, "irregularite": "+".join(codes_irreguliers)}
        ecrit = textes(replace(nouveau, donnees=marque))
        verifier(ecrit)
    (contenu,) = _ajouter(chaine, list(enchainer(chaine.nom, [ecrit], tete(chaine))))
    return contenu


def _verrouiller(bailleur: Organisation) -> Chaine:
    """The chain, its head ours until the end of the transaction (on SQLite, BEGIN IMMEDIATE has locked all)."""
    chaine = Chaine.objects.select_for_update().filter(bailleur=bailleur).first()
    if chaine is None:
        raise InscriptionRefusee(f"« {bailleur} » n'a pas de journal : ouvrez-le d'abord.")
    return chaine


def _auteur(par: Acteur, bailleur: Organisation) -> str:
    """SIREN and opaque agent; the operator writes in the bailleur's name."""
    siren = bailleur.siren if isinstance(par, Operateur) else par.organisation.siren
    agent = par.agent if isinstance(par, Operateur) else par.utilisateur.agent
    return f"{siren}:{agent}"


def _organisation(
    par: Acteur, bailleur: Organisation, reservataire: str | None
) -> regles.Organisation | None:
    """Who writes, as the rules know it; None is the operator, whose rights are not looked at."""
    if isinstance(par, Operateur):
        return None
    if par.organisation_id == bailleur.pk:
        return regles.Organisation(bailleur.siren, "bailleur")
    siens = par.organisation.reservataires.au(aujourd_hui())
    sien = siens.filter(code=reservataire).first() or siens.first()
    if sien is None:
        return regles.Organisation(par.organisation.siren, "inconnu")
    return regles.Organisation(sien.code, sien.type)


def _admettre(
    chaine: Chaine,
    deja: Sequence[regles.Evenement],
    nouveau: regles.Evenement,
    organisation: regles.Organisation | None,
) -> tuple[str, ...]:
    """The irregularities of an event that may be inscribed. Raises InscriptionRefusee when it may not."""
    if Contenu.objects.filter(chaine=chaine, evenement=nouveau.evenement).exists():
        raise InscriptionRefusee(f"L'événement « {nouveau.evenement} » est déjà inscrit.")
    if organisation is not None:
        etat = regles.etat_vacance(regles.effectifs(deja))
        jugement = regles.admission(etat, nouveau, organisation)
        if not jugement.valeur:
            raise InscriptionRefusee(_phrase(jugement.etapes[0].formule))
    tenue = regles.tenir([*deja, nouveau])
    refus = [refuse for refuse in tenue.refus if refuse.evenement == nouveau.evenement]
    if refus:
        raise InscriptionRefusee(_phrase(refus[0].phrase))
    return tuple(tenue.irregularites.get(nouveau.evenement, ()))


def _phrase(texte: str) -> str:
    return texte[:1].upper() + texte[1:]


def _ajouter(chaine: Chaine, chainees: Sequence[Mapping[str, str]]) -> list[Contenu]:
    """Insert chained rows: envelopes, contents, and the vacances they open. Nothing else inserts."""
    contenus: list[Contenu] = []
    for debut in range(0, len(chainees), LOT):
        lot = chainees[debut : debut + LOT]
        enveloppes = Evenement.objects.bulk_create(
            Evenement(
                chaine=chaine,
                numero=int(ligne["numero"]),
                empreinte_contenu=ligne["empreinte_contenu"],
                empreinte_precedente=ligne["empreinte_precedente"],
                empreinte=ligne["empreinte"],
            )
            for ligne in lot
        )
        contenus += Contenu.objects.bulk_create(
            Contenu(
                enveloppe=enveloppe,
                chaine=chaine,
                sel=ligne["sel"],
                **{nom: ligne[nom] for nom in FAITS},
            )
            for enveloppe, ligne in zip(enveloppes, lot, strict=True)
        )
    ouvertes = {c.vacance: c.logement for c in contenus if c.type in OUVERTURES}
    Vacance.objects.bulk_create(
        (Vacance(chaine=chaine, code=code, logement=logement) for code, logement in ouvertes.items()),
        ignore_conflicts=True,
    )
    return contenus


@acte(Permission.GERER_INSTANCE)
def ouvrir(*, par: Acteur, bailleur: Organisation) -> Chaine:
    """Open the chain of a bailleur, named by its SIREN. Raises ActeRefuse when it is none, or has one."""
    if bailleur.type != "bailleur":
        raise ActeRefuse(f"« {bailleur} » n'est pas un bailleur : seul un bailleur tient un journal.")
    if Chaine.objects.filter(bailleur=bailleur).exists():
        raise ActeRefuse(f"« {bailleur} » a déjà un journal.")
    return Chaine.objects.create(nom=bailleur.siren, bailleur=bailleur)


@acte(Permission.GERER_INSTANCE)
def reprendre(*, par: Acteur, bailleur: Organisation, fichier: Path) -> int:
    """Take back a chained export into an empty chain, byte for byte; returns how many events.

    Raises JournalAltere when it does not verify, ActeRefuse when the chain is not empty or is another's.
    """
    journal = lire_journal(fichier)
    verdict = exiger_intacte(journal)
    chaine = _verrouiller(bailleur)
    if verdict.chaine != chaine.nom:
        raise ActeRefuse(
            f"{fichier.name} est le journal de « {verdict.chaine} », pas celui de « {chaine.nom} »."
        )
    if tete(chaine).numero:
        raise ActeRefuse(f"Le journal de « {bailleur} » contient déjà des événements.")
    _ajouter(chaine, journal.table.select(list(COLONNES)).to_pylist())
    return verdict.evenements


@acte(Permission.ATTRIBUER)
def effacer(*, par: Acteur, bailleur: Organisation, vacance: str, tout: bool = False) -> int:
    """Erase a vacance as `partiteur journal effacer` does: the chain verifies, counters do not move.

    With `tout`, only bare envelopes stay. Returns how many events. Raises ActeRefuse when there is no such vacance.
    """
    if not isinstance(par, Operateur) and par.organisation_id != bailleur.pk:
        raise ActeRefuse("Seul le bailleur efface une vacance de son journal.")
    chaine = _verrouiller(bailleur)
    contenus = list(Contenu.objects.filter(chaine=chaine, vacance=vacance).order_by("enveloppe__numero"))
    if not contenus or not vacance:
        raise ActeRefuse(f"Aucune vacance « {vacance} » dans ce journal : vérifiez son identifiant.")
    numeros: dict[str, str] = {}
    for contenu in contenus:
        ligne = {nom: getattr(contenu, nom) for nom in FAITS} | {"sel": contenu.sel}
        reste = dict.fromkeys((*FAITS, "sel"), "") if tout else effacee(ligne, numeros)
        for nom in (*FAITS, "sel"):
            setattr(contenu, nom, reste[nom])
    Contenu.objects.bulk_update(contenus, [*FAITS, "sel"], batch_size=200)
    return len(contenus)
