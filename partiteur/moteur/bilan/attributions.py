"""The attributions of a period, one by one: the objectifs they serve, the SNE entry list, the hors-QPV return (D27, D42)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from partiteur.moteur.bilan.constats import jour, numero
from partiteur.moteur.execution import executer, requete
from partiteur.moteur.journal.forme import lire_json
from partiteur.regles.decompte import Decompte
from partiteur.regles.objectifs import Attribution, Objectif, mesure_objectif, objectifs_servis
from partiteur.regles.socle import bareme
from partiteur.regles.vacance import LogementVacant

HORS_QPV, EN_QPV = "quartile_hors_qpv", "mixite_qpv"


@dataclass(frozen=True)
class Faite:
    """An attribution made: its vacance, its dwelling, to whom it is imputed (None: the bailleur), when, what it serves."""

    vacance: str
    logement: LogementVacant
    imputation: str | None
    le: date
    bail: date | None
    faits: Attribution
    servis: Mapping[str, bool | None]
    menage_connu: bool


def attributions(
    con: duckdb.DuckDBPyConnection,
    decompte: Decompte,
    logements: Mapping[str, LogementVacant],
    types: Mapping[str, str],
    du: date,
    au: date,
) -> tuple[Faite, ...]:
    """The attributions of a period, one a vacance; `types`: the type of each réservataire, by code."""
    imputations = {
        v: ligne.code for ligne in decompte.lignes for v in (*ligne.attribution, *ligne.bail_signe)
    }
    dehors = {v for genres in (decompte.soustraits, decompte.hors_flux) for vs in genres.values() for v in vs}
    bornes = [numero(du), numero(au)] * 3
    faites = []
    menages: dict[str, dict[str, Any]] = {"": {}}
    for vacance, logement, attribution, bail, texte in executer(con, requete("bilan_attributions"), bornes):
        if texte not in menages:
            menages[texte] = lire_json(texte)
        lieu = logements.get(vacance) or LogementVacant(vacance, logement or None)
        qui = imputations.get(vacance)
        faits = _faits(menages[texte], lieu, bail is not None, vacance not in dehors, qui, types)
        servis: Mapping[str, bool | None] = objectifs_servis(faits).valeur
        le_bail = None if bail is None else jour(bail)
        faites.append(
            Faite(vacance, lieu, qui, jour(attribution), le_bail, faits, servis, bool(menages[texte]))
        )
    return tuple(faites)


def _faits(
    menage: Mapping[str, Any],
    logement: LogementVacant,
    signe: bool,
    dans_le_flux: bool,
    qui: str | None,
    types: Mapping[str, str],
) -> Attribution:
    """What the rule looks at; letters unknown are not « none »."""
    publics = menage.get("public_l441_1")
    return Attribution(
        logement.qpv,
        signe,
        None if qui is None else types.get(qui, "autre"),
        dans_le_flux,
        menage.get("dalo"),
        None if publics is None else tuple(publics),
        menage.get("premier_quartile"),
        menage.get("relogement"),
        menage.get("travailleur_essentiel"),
        menage.get("accord"),
        menage.get("public_prioritaire"),
    )


def mesurer(faites: Sequence[Faite], au: date) -> tuple[Objectif, ...]:
    """Every objectif: for all, then by EPCI for those of L441-1 al. 24 to 27, by réservataire for its quarter."""
    comptes: dict[tuple[str, str], Counter[bool | None]] = defaultdict(Counter)
    for faite in faites:
        for code, sert in faite.servis.items():
            comptes[code, ""][sert] += 1
            ou = _ou(code, faite)
            if ou:
                comptes[code, ou][sert] += 1
    table = bareme("objectifs")
    ordre = [code for code in table if isinstance(table[code], list)] + list(table["nombres"]["libelles"])
    for code in ordre:
        comptes.setdefault((code, ""), Counter())
    cles = sorted(comptes, key=lambda cle: (ordre.index(cle[0]), cle[1]))
    return tuple(
        mesure_objectif(
            code, comptes[code, ou][True], comptes[code, ou][False], comptes[code, ou][None], au, ou or None
        ).valeur
        for code, ou in cles
    )


def _ou(code: str, faite: Faite) -> str | None:
    """Where an objectif is followed besides the whole: the EPCI, or the réservataire whose quarter it is."""
    if code in (HORS_QPV, EN_QPV):
        return faite.logement.epci or "epci inconnu"
    return faite.imputation if code.startswith("quart_") else None


def retour_hors_qpv(
    faites: Iterable[Faite], bailleur: str | None, du: date, au: date
) -> Iterator[dict[str, Any]]:
    """The return of L441-1 al. 33: leases signed outside QPV, by bailleur × EPCI, for one period."""
    groupes: dict[str, Counter[bool | None]] = defaultdict(Counter)
    relogees: Counter[str] = Counter()
    for faite in faites:
        if faite.bail is None or not du <= faite.bail <= au or HORS_QPV not in faite.servis:
            continue
        ou = faite.logement.epci or ""
        groupes[ou][faite.servis[HORS_QPV]] += 1
        relogees[ou] += faite.faits.relogement in bareme("objectifs")["relogements"]["codes"]
    for epci in sorted(groupes):
        comptes = groupes[epci]
        yield {
            "bailleur": bailleur,
            "epci": epci or None,
            "du": du.isoformat(),
            "au": au.isoformat(),
            "baux_hors_qpv": comptes.total(),
            "premier_quartile_ou_reloges": comptes[True],
            "dont_reloges": relogees[epci],
            "autres": comptes[False],
            "inconnus": comptes[None],
        }


def saisies_sne(
    faites: Iterable[Faite], types: Mapping[str, str], rpls: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """What R441-2-8 and R441-2-9 ask to enter in the SNE, one row an attribution; nobody is named.

    `rpls`: the RPLS number of the dwelling of each vacance, where a parc says it; `logement` is the journal's own.
    """
    for faite in faites:
        faits = faite.faits
        yield {
            "vacance": faite.vacance,
            "logement": faite.logement.logement,
            "numero_rpls": rpls.get(faite.vacance),
            "attribution": faite.le.isoformat(),
            "bail": None if faite.bail is None else faite.bail.isoformat(),
            "imputation": faite.imputation or "bailleur",
            "type": types.get(faite.imputation, "autre") if faite.imputation else "bailleur",
            "dalo": faits.dalo,
            "publics_l441_1": None if faits.publics is None else "|".join(faits.publics),
            "accord": faits.accord,
            "premier_quartile": faits.premier_quartile,
            "relogement": faits.relogement,
            "objectifs": "|".join(code for code, sert in faite.servis.items() if sert),
        }
