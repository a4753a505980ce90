"""The other sheets of a bilan: chutes, soustraits, delays, refusals, objectifs, what is missing."""

from fractions import Fraction
from typing import Any

from partiteur.moteur.tableur.classeur import Cellule, Classeur, Formule, Nombre, adresse, compte, quotient
from partiteur.regles.bilan import Bilan, Chute
from partiteur.regles.socle import bareme


def ecrire_annexes(livre: Classeur, bilan: Bilan) -> None:
    """Every sheet after the tables of R441-5-1."""
    _chutes(livre, bilan)
    _soustraits(livre, bilan)
    if any(ligne.droits_uniques for ligne in bilan.reservataires):
        _droits_uniques(livre, bilan)
    if bilan.programmes:
        _programmes(livre, bilan)
    _delais(livre, bilan)
    _refus(livre, bilan)
    if bilan.objectifs is not None:
        _objectifs(livre, bilan)
    if bilan.intermediaires:
        _intermediaires(livre, bilan)
    _manques(livre, bilan)


def _mot(valeur: Any) -> str:
    return {True: "oui", False: "non", None: "inconnu"}.get(valeur, str(valeur))


def _taux(valeur: Fraction | None) -> Cellule:
    return "—" if valeur is None else quotient(valeur, "taux")


def _chutes(livre: Classeur, bilan: Bilan) -> None:
    """By stage: offered and resolved, followed, still open, lost; beside, the year in stock."""
    feuille = livre.feuille("Chutes", (34, 28, 13, 13, 13, 13, 16))
    feuille.titre(
        "Taux de chute par étape",
        "Parmi les mises à disposition résolues, part que l'étape n'a pas suivies ; celles en cours ne sont pas perdues.",
    )
    entetes = ("Réservataire", "Étape", "Résolues", "Suivies", "En cours", "Taux de chute")
    entete = feuille.entete((*entetes, f"Avant ({bilan.stock})" if bilan.stock else ""), nombres=range(2, 7))
    libelles = bareme("decompte")["etapes"]["libelles"]
    for ligne in bilan.reservataires:
        avant: dict[str, Chute] = {c.etape: c for c in ligne.chutes_stock or ()}
        for chute in ligne.chutes:
            rang = feuille.rang + 1
            formule = f"=1-{adresse(rang, 3)}/{adresse(rang, 2)}"
            feuille.ligne(
                [
                    ligne.nom or ligne.code,
                    libelles[chute.etape],
                    chute.resolues,
                    chute.suivies,
                    chute.en_cours,
                    "—" if chute.taux is None else Formule(formule, chute.taux, "taux"),
                    _taux(avant[chute.etape].taux) if chute.etape in avant else "",
                ]
            )
    feuille.filtrer(entete)


def _soustraits(livre: Classeur, bilan: Bilan) -> None:
    """Forecast, realised, difference, by category."""
    feuille = livre.feuille("Soustraits", (48, 13, 13, 13))
    feuille.titre("Soustraits : prévisionnel et réalisé", "Par catégorie d'opération (R441-5 I al. 5).")
    entete = feuille.entete(("Catégorie", "Prévu", "Réalisé", "Écart"), nombres=(1, 2, 3))
    for ligne in bilan.soustraits:
        rang = feuille.rang + 1
        formule = f"={adresse(rang, 2)}-{adresse(rang, 1)}"
        style = "entier" if ligne.ecart is None or ligne.ecart.denominator == 1 else "exact"
        feuille.ligne(
            [
                bareme("soustraits")[ligne.categorie]["libelle"],
                "inconnu" if ligne.prevu is None else compte(ligne.prevu),
                ligne.realise,
                "inconnu" if ligne.ecart is None else Formule(formule, ligne.ecart, style),
            ]
        )
    feuille.filtrer(entete)


def _droits_uniques(livre: Classeur, bilan: Bilan) -> None:
    """The account of the droits uniques, year by year; beside, what the journal counts in the period."""
    feuille = livre.feuille("Droits uniques", (34, 10, 13, 13, 13, 13, 13, 13, 20))
    feuille.titre(
        "Compte des droits uniques", "Le compte est celui du dossier ; au journal, l'étape qui engage."
    )
    entetes = (
        "Réservataire",
        "Année",
        "Ouverture",
        "Acquis",
        "Négociés",
        "Consommés",
        "Expirés",
        "Solde",
        "Au journal",
    )
    entete = feuille.entete(entetes, nombres=range(2, len(entetes)))
    for ligne in bilan.reservataires:
        for annee in ligne.droits_uniques:
            rang = feuille.rang + 1
            solde = f"=SUM({adresse(rang, 2)}:{adresse(rang, 4)})-{adresse(rang, 5)}-{adresse(rang, 6)}"
            comptes = (annee.ouverture, annee.acquis, annee.negocies, annee.consommes, annee.expires)
            au_journal = ligne.engage if annee.annee == bilan.au.year else ""
            feuille.ligne(
                [
                    ligne.nom or ligne.code,
                    Nombre(annee.annee, "libre"),
                    *comptes,
                    Formule(solde, annee.solde),
                    "non fixé" if au_journal is None else au_journal,
                ]
            )
    feuille.filtrer(entete)


def _programmes(livre: Classeur, bilan: Bilan) -> None:
    """The new programmes of the dossier, and the first lettings the journal opened."""
    feuille = livre.feuille("Premières locations", (34, 20, 13, 13, 13, 18))
    feuille.titre(
        "Programmes neufs", "Les ouvertures du journal se rapprochent du dossier par le code du programme."
    )
    entetes = ("Programme", "Code", "Logements", "Ouvertes", "Louées", "Sous un autre régime")
    entete = feuille.entete(entetes, nombres=range(2, len(entetes)))
    for s in bilan.programmes:
        logements = _mot(s.logements) if s.logements is None else s.logements
        feuille.ligne(
            [s.programme or "inconnu", s.code or "inconnu", logements, s.ouvertes, s.louees, s.autre_regime]
        )
    feuille.filtrer(entete)


def _delais(livre: Classeur, bilan: Bilan) -> None:
    """Median and P90 of each delay, and the days due to each party."""
    feuille = livre.feuille("Délais", (40, 34, 14, 13, 13, 13))
    feuille.titre("Délais constatés", "Jours calendaires ; médiane et neuvième décile.")
    feuille.entete(("Délai", "Réservataire", "Gestion", "Nombre", "Médiane", "P90"), nombres=(3, 4, 5))
    libelles = bareme("bilan")["delais"]["libelles"]
    noms = bilan.noms
    for delai in bilan.delais:
        qui = "" if delai.gestion else "tous"
        if delai.reservataire:
            qui = noms.get(delai.reservataire, delai.reservataire)
        duree = delai.duree
        feuille.ligne(
            [
                libelles[delai.delai],
                qui,
                delai.gestion or "",
                duree.nombre,
                _jours(duree.mediane),
                _jours(duree.p90),
            ]
        )
    feuille.saut()
    feuille.ligne(("Jours de vacance, à qui ils sont dus",), "section")
    for partie, jours in bilan.jours_dus.items():
        feuille.ligne((bareme("bilan")["jours_dus"]["libelles"][partie], jours))


def _jours(valeur: int | None) -> Cellule:
    return "—" if valeur is None else valeur


def _refus(livre: Classeur, bilan: Bilan) -> None:
    """Refusals by motif, réservataire and dwelling; who judged the proposal, and when."""
    noms = bilan.noms
    feuille = livre.feuille("Refus", (34, 34, 11, 9, 9, 11, 11, 13, 13, 24, 13, 13))
    feuille.titre("Refus des candidats", "Part adaptée : parmi ceux que quelqu'un a qualifiés.")
    entetes = ("Motif", "Réservataire", "Typologie", "En QPV", "DPE", "Adaptés", "Inadaptés", "Non qualifiés",
               "Part adaptée", "Qualifiés par", "Du", "Au")  # fmt: skip
    entete = feuille.entete(entetes, nombres=(5, 6, 7, 8))
    motifs = bareme("motifs")["motifs"]
    for ligne in bilan.refus:
        feuille.ligne(
            [
                motifs.get(ligne.motif, {}).get("libelle", ligne.motif),
                "inconnu" if ligne.reservataire is None else noms.get(ligne.reservataire, ligne.reservataire),
                _mot(ligne.typologie),
                _mot(ligne.qpv),
                _mot(ligne.dpe),
                ligne.adaptes,
                ligne.inadaptes,
                ligne.non_qualifies,
                _taux(ligne.part_adaptee),
                ", ".join(ligne.juges) or "personne",
                ligne.premier,
                ligne.dernier,
            ]
        )
    feuille.filtrer(entete)


def _objectifs(livre: Classeur, bilan: Bilan) -> None:
    """Each objectif between its two bounds."""
    noms = bilan.noms
    feuille = livre.feuille("Objectifs", (60, 34, 11, 11, 11, 11, 12, 12, 16))
    feuille.titre(
        "Objectifs d'attribution",
        "Les bornes sont celles que donneraient les inconnus, tous contre ou tous pour.",
    )
    entetes = ("Objectif", "Où", "Servies", "Autres", "Inconnues", "Cible", "Au moins", "Au plus", "État")
    entete = feuille.entete(entetes, nombres=range(2, 8))
    for objectif in bilan.objectifs or ():
        feuille.ligne(
            [
                objectif.libelle,
                noms.get(objectif.ou, objectif.ou) if objectif.ou else "ensemble",
                objectif.servies,
                objectif.autres,
                objectif.inconnues,
                _taux(objectif.cible),
                _taux(objectif.minimum),
                _taux(objectif.maximum),
                bareme("objectifs")["etats"][objectif.etat],
            ]
        )
    feuille.filtrer(entete)


def _intermediaires(livre: Classeur, bilan: Bilan) -> None:
    """The counters at each interim date."""
    noms = bilan.noms
    compteurs = list(next(iter(next(iter(bilan.intermediaires.values())).values()), {}))
    feuille = livre.feuille("Intermédiaires", (14, 34, *(14 for _ in compteurs)))
    feuille.titre("Bilans intermédiaires", "Compteurs depuis le premier jour de la période, à chaque date.")
    libelles = bareme("bilan")["libelles"]
    entete = feuille.entete(
        ("Au", "Réservataire", *(libelles[n] for n in compteurs)), nombres=range(2, 2 + len(compteurs))
    )
    for le, lignes in bilan.intermediaires.items():
        for code, comptes in lignes.items():
            feuille.ligne([le, noms.get(code, code), *(comptes[nom] for nom in compteurs)])
    feuille.filtrer(entete)


def _manques(livre: Classeur, bilan: Bilan) -> None:
    """What this bilan does not know."""
    feuille = livre.feuille("Manques", (110, 30))
    feuille.titre("Ce qui manque", "Ce que ce bilan ne sait pas, et ce qu'il faut savoir pour le lire.")
    feuille.entete(("Message", "Code"))
    for manque in bilan.manques:
        feuille.ligne((manque.message, manque.code))
    for avertissement in bilan.avertissements:
        feuille.ligne((avertissement.message, avertissement.code))
