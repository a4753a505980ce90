"""From a journal and a dossier to a bilan: reads, counts, crosses, compares."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb

from partiteur.moteur.bilan.attributions import Faite, attributions, mesurer
from partiteur.moteur.bilan.constats import candidats, delais, jours, refus
from partiteur.moteur.bilan.en_vigueur import EnVigueur, en_vigueur
from partiteur.moteur.bilan.engagements import (
    Compte,
    avertissements_des_engagements,
    lignes_du_bilan,
    manques_des_engagements,
)
from partiteur.moteur.bilan.neuf import manques_du_neuf, programmes
from partiteur.moteur.bilan.source import Demande, Source, lire_source
from partiteur.moteur.bilan.ventilation import candidats_acceptes, inconnues, nombre_de, restreindre, ventiler
from partiteur.moteur.execution import connexion, vue_table
from partiteur.moteur.journal import Journal
from partiteur.regles.bilan import (
    Bilan,
    LigneSoustraits,
    Manque,
    Preuve,
    dates_intermediaires,
    manquer,
    soustraits_realises,
)
from partiteur.regles.decompte import Decompte
from partiteur.regles.flux.feuille import Flux
from partiteur.regles.socle import Avertissement, ErreurUtilisateur, bareme, fraction, nombre

INTERMEDIAIRES = (
    "mise_a_disposition",
    "validee",
    "candidats_proposes",
    "attribution",
    "bail_signe",
    "en_cours",
)
NOMS_DES_FAITS = {
    "commune": "commune",
    "qpv": "QPV",
    "typologie": "typologie",
    "famille_financement": "financement",
    "periode_construction": "année de construction",
}


class BilanRefuse(ErreurUtilisateur):
    """A journal with lines that cannot be counted, and nobody asked to count without them."""


@dataclass(frozen=True)
class Etabli:
    """A bilan, and what its pack is written from: the account, the source, the attributions, the events in force."""

    bilan: Bilan
    decompte: Decompte
    source: Source
    faites: tuple[Faite, ...]
    lignes_refusees: tuple[str, ...]
    faits: EnVigueur


def etablir(journal: Path | Source, demande: Demande) -> Etabli:
    """The bilan of a journal. Raises BilanRefuse on lines that cannot be counted, unless asked to count without them;
    BilanIncoherent when two totals differ; and what reading the files raises.
    """
    if not isinstance(journal, Source):
        with lire_source(journal, demande.dossier, demande.reinjection) as source:
            return etablir(source, demande)
    source = journal
    du, au, connu = demande.debut, demande.au, demande.connu_le
    compte = source.compter(du, au, connu)
    faits = en_vigueur(source.journal, source.conventions.contexte, au, connu, compte.refuses)
    refusees = tuple(lignes_refusees(source.journal, faits))
    combien = combien_refusees(source.journal, faits)
    if combien and not demande.malgre_refus:
        raise BilanRefuse(_refuser(source.journal, refusees, combien))
    con = connexion()
    vue_table(con, "faits", faits.dans(_dedans(source, demande)))
    decompte = _restreindre(source, demande, compte.decompte)
    acceptes = candidats_acceptes(decompte, candidats(con))
    stock = None
    if demande.stock is not None:
        annee = demande.stock
        lu = source.compter(date(annee, 1, 1), date(annee, 12, 31), connu)
        stock = _restreindre(source, demande, lu.decompte)
    propre = source.flux is not None and source.flux.dossier.exercice == au.year and demande.epci is None
    comptes = Compte(
        decompte,
        acceptes,
        source.logements,
        source.flux,
        source.regimes,
        au.year,
        propre,
        stock,
        source.minimums,
    )
    faites: tuple[Faite, ...] = ()
    if demande.objectifs:
        faites = attributions(con, decompte, source.logements, source.types, du, au)
    bilan = _bilan(source, demande, comptes, faits, con, compte.avertissements)
    objectifs = mesurer(faites, au) if demande.objectifs else None
    manques = [*_manques(source, comptes, bilan, combien), *_manques_du_menage(faites)]
    bilan = replace(bilan, objectifs=objectifs, manques=tuple(manques), refuses=combien)
    return Etabli(bilan, decompte, source, faites, refusees, faits)


def _dedans(source: Source, demande: Demande) -> frozenset[str] | None:
    """The vacances of the EPCI asked; None for all."""
    if demande.epci is None:
        return None
    return frozenset(v for v, logement in source.logements.items() if logement.epci == demande.epci)


def _restreindre(source: Source, demande: Demande, decompte: Decompte) -> Decompte:
    """The account of the vacances of the EPCI asked, or the whole of it."""
    dedans = _dedans(source, demande)
    return decompte if dedans is None else restreindre(decompte, dedans)


def lignes_refusees(journal: Journal, faits: EnVigueur) -> Iterator[str]:
    """Each line that is not counted, in words: what a cell holds, or an event that cannot be."""
    yield from (f"ligne {ligne}, {cause}" for ligne, cause in journal.refusees)
    for constat in journal.constats:
        if constat.gravite == "erreur" and constat.code != "evenement_refuse":
            yield from (f"ligne {e.ligne} : {e.valeur} ({constat.code})" for e in constat.exemples)
            autres = constat.nombre - len(constat.exemples)
            yield from [f"et {autres} autres lignes : {constat.message}"] * bool(autres)
    yield from (f"événement « {refus.evenement} » : {refus.phrase}" for refus in faits.refus)


def combien_refusees(journal: Journal, faits: EnVigueur) -> int:
    """How many lines are not counted."""
    ailleurs = sum(
        c.nombre for c in journal.constats if c.gravite == "erreur" and c.code != "evenement_refuse"
    )
    return len(journal.refusees) + ailleurs + len(faits.refus)


def _refuser(journal: Journal, refusees: Sequence[str], combien: int) -> str:
    lignes = "\n".join(f"  {ligne}" for ligne in refusees)
    return (
        f"{journal.source.name} : lignes qui ne peuvent pas être comptées : {nombre(combien)} ; corrigez, ou demandez "
        f"le bilan sans elles avec --malgre-les-refus.\n{lignes}"
    )


def _bilan(
    source: Source,
    demande: Demande,
    comptes: Compte,
    faits: EnVigueur,
    con: duckdb.DuckDBPyConnection,
    avertissements: tuple[Avertissement, ...],
) -> Bilan:
    """The result, all but what depends on it."""
    decompte, flux = comptes.decompte, source.flux
    du, au = demande.debut, demande.au
    offertes = {v for ligne in decompte.lignes for v in (*ligne.mise_a_disposition, *ligne.attribution)}
    return Bilan(
        du=du,
        au=au,
        connu_le=demande.connu_le,
        connu_jusqu_a=faits.connu_jusqu_a,
        bailleur=flux.dossier.bailleur if flux else source.chaine,
        territoire=demande.epci or ((flux.territoire.nom or flux.territoire.code) if flux else None),
        reinjection=demande.reinjection,
        stock=demande.stock,
        preuve=Preuve(
            source.journal.source.name,
            source.tete,
            source.journal.acceptees,
            source.dossier.name if source.dossier else None,
            flux.dossier.cadre.code if flux else None,
        ),
        vacances=len(decompte.vacances),
        flux_constate=len(decompte.flux_constate),
        non_offertes=len(set(decompte.flux_constate) - offertes),
        hors_flux={motif: len(vacances) for motif, vacances in decompte.hors_flux.items()},
        annulees=len(decompte.annulees),
        echecs=len(decompte.echecs),
        imputations_particulieres=decompte.imputations_particulieres,
        surcompte=decompte.surcompte,
        reservataires=lignes_du_bilan(comptes),
        ventilation=ventiler(decompte, source.logements, comptes.candidats),
        soustraits=_soustraits(decompte, flux if comptes.propre else None),
        delais=delais(con, source.regimes, du, au),
        jours_dus=jours(con, du, au),
        refus=refus(con, source.logements, source.dpe, du, au),
        intermediaires=_intermediaires(source, demande),
        objectifs=None,
        manques=(),
        programmes=programmes(faits.dans(_dedans(source, demande)), source, du, au),
        avertissements=(*avertissements, *avertissements_des_engagements(comptes)),
    )


def _soustraits(decompte: Decompte, flux: Flux | None) -> tuple[LigneSoustraits, ...]:
    """Forecast, of the dossier when it is of the year, and realised."""
    prevus = None
    if flux is not None:
        prevus = {categorie: fraction(n) for categorie, n in flux.territoire.soustraits.items()}
    realises = {categorie: len(vacances) for categorie, vacances in decompte.soustraits.items()}
    lignes: tuple[LigneSoustraits, ...] = soustraits_realises(prevus, realises).valeur
    return lignes


def _intermediaires(source: Source, demande: Demande) -> dict[date, dict[str, dict[str, int]]]:
    """The counters at each interim date, from the first day of the period.

    Without dates asked, each réservataire has those of its convention, else of the cadre, else the default ones (D46).
    """
    if demande.dates is None:
        return {}
    du = demande.debut
    clauses = {} if demande.dates else source.arrets
    propres = {code: dates_intermediaires(du, demande.au, dates).valeur for code, dates in clauses.items()}
    communs = dates_intermediaires(du, demande.au, demande.dates or source.arrets_du_cadre).valeur
    rendus: dict[date, dict[str, dict[str, int]]] = {}
    for le in sorted({*communs, *(arret for arrets in propres.values() for arret in arrets)}):
        decompte = _restreindre(source, demande, source.compter(du, le, demande.connu_le).decompte)
        rendus[le] = {
            ligne.code: {nom: nombre_de(ligne, nom, {}) for nom in INTERMEDIAIRES}
            for ligne in decompte.lignes
            if le in propres.get(ligne.code, communs)
        }
    return {le: lignes for le, lignes in rendus.items() if lignes}


def _manques(source: Source, comptes: Compte, bilan: Bilan, refusees: int) -> Iterator[Manque]:
    """What the bilan does not know, named."""
    journal = source.journal
    if not journal.enchaine:
        yield manquer("journal_sans_empreintes")
    if journal.nues:
        yield manquer("enveloppes_nues", nombre=journal.nues)
    if refusees:
        yield manquer("lignes_refusees", nombre=refusees)
    yield from manques_des_engagements(comptes, bilan.reservataires)
    comptees = {
        v
        for ligne in comptes.decompte.lignes
        for v in (*ligne.mise_a_disposition, *ligne.attribution, *ligne.neutralisees)
    }
    for axe, inconnus in inconnues(source.logements, comptees).items():
        if inconnus:
            yield manquer("fait_inconnu", nombre=inconnus, fait=NOMS_DES_FAITS[axe])
    yield manquer("plafond_cus")
    if all(ligne.prevu is None for ligne in bilan.soustraits):
        yield manquer("prevision_absente")
    yield manquer("loyer_non_calcule")
    non_qualifies = sum(ligne.non_qualifies for ligne in bilan.refus)
    if non_qualifies:
        yield manquer("refus_non_qualifies", nombre=non_qualifies)
    if bilan.refus:
        yield manquer("refus_sans_fait", nombre=sum(li.nombre for li in bilan.refus if li.dpe is None))
    yield from manques_du_neuf(bilan.programmes)
    yield from (manquer("remarque", message=phrase) for phrase in source.conventions.remarques)


def _manques_du_menage(faites: Sequence[Faite]) -> Iterator[Manque]:
    sans = sum(not faite.menage_connu for faite in faites)
    if sans:
        yield manquer("menage_inconnu", nombre=sans)
    accords = {faite.faits.accord for faite in faites if faite.faits.accord}
    if accords:
        libelles = bareme("objectifs")["nombres"]["libelles"]
        dits = ", ".join(libelles[f"accord_{accord}"] for accord in sorted(accords))
        yield manquer("objectif_accord_inconnu", accords=dits)
