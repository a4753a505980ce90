"""What each réservataire asks of the flux, by its method, then under the caps: exact dwellings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from partiteur.regles.assiette import Assiette
from partiteur.regles.droits import droits_uniques, flux_negocie, part_reservataire, parts_ponderees
from partiteur.regles.etat import derogation_en_vigueur, retrocession_pnru, supplement_article5
from partiteur.regles.faits import NON_RESERVE, Dossier, Reservataire
from partiteur.regles.flux.feuille import EtatPublie, FluxPerimetre
from partiteur.regles.flux.volume import FluxImpossible
from partiteur.regles.repartition import TROP, Borne, parts_possibles, plafond_etat, plafond_garanties
from partiteur.regles.socle import Resultat, bareme, nombre

Perimetres = Sequence[FluxPerimetre]


@dataclass(frozen=True)
class Parts:
    """By code: the part asked, exact dwellings after caps, and which are volumes; the caps; the void codes."""

    parts: Mapping[str, Fraction]
    exacts: Mapping[str, Fraction]
    volumes: frozenset[str]
    bornes: tuple[Borne, ...]
    nuls: frozenset[str]
    etat: EtatPublie
    faits: tuple[Resultat, ...]


def les_siens(reservataire: Reservataire, perimetres: Perimetres) -> list[FluxPerimetre]:
    """The perimeters a réservataire's part applies to: those it names, else the dossier's territory.

    Raises FluxImpossible when it names one the dossier does not define.
    """
    connus = {p.code: p for p in perimetres}
    inconnus = [code for code in reservataire.perimetres if code not in connus]
    if inconnus:
        raise FluxImpossible(
            f"Réservataire « {reservataire.code} » : le périmètre « {inconnus[0]} » n'est pas défini ; "
            "ajoutez-le sous [[perimetres]]."
        )
    for code in reservataire.perimetres:
        if reservataire.perimetres.count(code) > 1 or set(connus[code].dans) & set(reservataire.perimetres):
            raise FluxImpossible(
                f"Réservataire « {reservataire.code} » : le périmètre « {code} » est déjà compris dans un autre "
                "de sa liste ; il serait compté deux fois."
            )
    return [connus[code] for code in reservataire.perimetres] or [perimetres[0]]


def assiette_de(reservataire: Reservataire, perimetres: Perimetres) -> Assiette:
    """The assiette a réservataire's reserved dwellings are a share of."""
    siens = les_siens(reservataire, perimetres)
    if len(siens) == 1:
        return siens[0].assiette
    return Assiette(sum(p.assiette.parc for p in siens), {}, sum(p.assiette.total for p in siens))


def flux_de(reservataire: Reservataire, perimetres: Perimetres) -> Fraction:
    """The exact flux a réservataire's part applies to."""
    return sum((p.exact for p in les_siens(reservataire, perimetres)), Fraction(0))


def calculer_parts(dossier: Dossier, perimetres: Perimetres) -> Parts:
    """Every réservataire's exact dwellings, and all the results they come from."""
    faits: list[Resultat] = []
    ponderees = _ponderees(dossier, perimetres, faits)
    parts: dict[str, Fraction] = {}
    exacts: dict[str, Fraction] = {}
    volumes = set()
    for reservataire in dossier.reservataires:
        flux, code = flux_de(reservataire, perimetres), reservataire.code
        resultat = _demande(reservataire, perimetres, ponderees)
        faits.append(resultat)
        if resultat.code == "volume":
            volumes.add(code)
            exacts[code] = resultat.valeur
            parts[code] = resultat.valeur / flux if flux else Fraction(0)
        else:
            parts[code] = resultat.valeur
            exacts[code] = resultat.valeur * flux
    plafonnes, bornes, etat = _plafonner(dossier, perimetres, exacts, faits)
    nuls = _nuls(dossier, perimetres, plafonnes, volumes, faits)
    return Parts(parts, plafonnes, frozenset(volumes), bornes, nuls, etat, tuple(faits))


def _demande(
    reservataire: Reservataire, perimetres: Perimetres, ponderees: Mapping[str, Fraction]
) -> Resultat:
    """What a réservataire asks, by its method: a part of the flux, or (code `volume`) dwellings."""
    if reservataire.methode == "rotation_ponderee":
        return Resultat(ponderees[reservataire.code], "ponderee")
    if reservataire.methode == "negocie":
        return flux_negocie(reservataire)
    if reservataire.methode == "droits_uniques":
        taux = (
            reservataire.taux
            if reservataire.taux is not None
            else les_siens(reservataire, perimetres)[0].taux
        )
        if taux is None:
            raise FluxImpossible(
                f"Réservataire « {reservataire.code} » : les droits uniques demandent une rotation ; donnez « taux »."
            )
        uniques = droits_uniques(reservataire.droits_de_suite, reservataire.negocies, taux)
        return replace(uniques, code="volume")
    return part_reservataire(reservataire, assiette_de(reservataire, perimetres))


def _ponderees(dossier: Dossier, perimetres: Perimetres, faits: list[Resultat]) -> dict[str, Fraction]:
    """The parts of the réservataires weighted by their own rotation, perimeter by perimeter.

    All the contingents of a perimeter and its non-réservé are needed, or the method is refused (D6).
    """
    parts: dict[str, Fraction] = {}
    ponderes = [r for r in dossier.reservataires if r.methode == "rotation_ponderee"]
    for perimetre in {
        les_siens(r, perimetres)[0].code: les_siens(r, perimetres)[0] for r in ponderes
    }.values():
        tous = [r for r in dossier.reservataires if les_siens(r, perimetres)[0] is perimetre]
        manquants = [r.code for r in tous if r.taux is None or r.reserves is None]
        if manquants:
            raise FluxImpossible(
                f"Rotation pondérée : il manque « reserves » ou « taux » à {', '.join(manquants)} ; "
                "la méthode demande tous les contingents du périmètre."
            )
        contingents = {r.code: (r.reserves or 0, r.taux or Fraction(0)) for r in tous}
        libres = perimetre.assiette.total - sum(n for n, _ in contingents.values())
        if libres < 0:
            raise FluxImpossible(
                f"Rotation pondérée : {nombre(perimetre.assiette.total - libres)} logements réservés pour une assiette "
                f"de {nombre(perimetre.assiette.total)} ({_ou(perimetre)}) ; corrigez « reserves »."
            )
        if libres and dossier.taux_non_reserve is None:
            raise FluxImpossible(
                "Rotation pondérée : il manque « taux » sous [non_reserve], pour les logements non réservés."
            )
        if libres:
            contingents[NON_RESERVE] = (libres, dossier.taux_non_reserve or Fraction(0))
        resultat = parts_ponderees(contingents)
        lisibles = (
            replace(e, libelle=e.libelle.replace(NON_RESERVE, "non réservé")) for e in resultat.etapes
        )
        faits.append(replace(resultat, etapes=tuple(lisibles)))
        parts |= resultat.valeur
    return parts


def _plafonner(
    dossier: Dossier, perimetres: Perimetres, exacts: Mapping[str, Fraction], faits: list[Resultat]
) -> tuple[dict[str, Fraction], tuple[Borne, ...], EtatPublie]:
    """The State's own keys and cap, then the guarantors' caps territory by territory (D1, D2, D8)."""
    a_la_date = date(dossier.exercice, 1, 1)
    territoire, types = perimetres[0], bareme("reservataires")
    ajustes = dict(exacts)
    supplements = _article5(dossier, territoire, ajustes, faits)
    prioritaires = [r.code for r in dossier.reservataires if r.type == "etat_prioritaires"]
    dedans = sum((s for s, dans_le_plafond in supplements.values() if dans_le_plafond), Fraction(0))
    if supplements and not prioritaires:
        raise FluxImpossible(
            "Article 5 : le dossier ne nomme pas l'État (prioritaires), qui reçoit ce supplément."
        )
    if prioritaires:
        ajustes[prioritaires[0]] += dedans
    derogation = derogation_en_vigueur(dossier.etat.derogation, dossier.exercice)
    etat = plafond_etat(ajustes, dossier.reservataires, territoire.exact, a_la_date, derogation.valeur)
    garanties = plafond_garanties(etat.valeur.exacts, garants(dossier, perimetres), a_la_date)
    faits += [derogation, etat, garanties]
    finals, bornes = dict(garanties.valeur.exacts), (*etat.valeur.bornes, *garanties.valeur.bornes)
    rendu = _pnru(dossier, territoire, finals, faits)
    dehors = sum((s for s, dans_le_plafond in supplements.values() if not dans_le_plafond), Fraction(0))
    if prioritaires and dehors:
        finals[prioritaires[0]] += dehors
        bornes = tuple(
            replace(b, limite=b.limite + dehors) if prioritaires[0] in b.codes else b for b in bornes
        )
    de_l_etat = [r.code for r in dossier.reservataires if "etat" in types[r.type]["plafonds"]]
    total = sum((finals[code] for code in de_l_etat), Fraction(0))
    return finals, bornes, EtatPublie(total, rendu, {c: s for c, (s, _) in supplements.items()})


def _article5(
    dossier: Dossier, territoire: FluxPerimetre, exacts: dict[str, Fraction], faits: list[Resultat]
) -> dict[str, tuple[Fraction, bool]]:
    """What article 5 adds to the préfet's flux, by réservataire; that réservataire, without a convention, has no part."""
    supplements = {}
    for decision in dossier.etat.article5:
        if territoire.taux is None:
            raise FluxImpossible("Article 5 : le flux des logements en stock demande un taux de rotation.")
        resultat = supplement_article5(decision, territoire.taux, dossier.exercice)
        faits.append(resultat)
        if resultat.code == "hors_periode":
            continue
        supplements[decision.reservataire] = (resultat.valeur, decision.dans_le_plafond)
        if decision.reservataire in exacts:
            exacts[decision.reservataire] = Fraction(0)
    return supplements


def _pnru(
    dossier: Dossier, territoire: FluxPerimetre, exacts: dict[str, Fraction], faits: list[Resultat]
) -> Fraction | None:
    """What the State gives back to Action Logement, moved from one to the other."""
    if dossier.etat.pnru is None:
        return None
    par_type = {r.type: r.code for r in reversed(dossier.reservataires)}
    if "etat_prioritaires" not in par_type or "action_logement" not in par_type:
        raise FluxImpossible(
            "PNRU : le dossier nomme l'État (prioritaires) et Action Logement, ou pas de rétrocession."
        )
    donne, recoit = par_type["etat_prioritaires"], par_type["action_logement"]
    types = bareme("reservataires")
    du_prefet = [r.code for r in dossier.reservataires if "etat" in types[r.type]["plafonds"]]
    etat = sum((exacts[code] for code in du_prefet), Fraction(0))
    resultat = retrocession_pnru(dossier.etat.pnru, exacts[donne], etat, territoire.exact)
    exacts[donne] -= resultat.valeur
    exacts[recoit] += resultat.valeur
    faits.append(resultat)
    rendu: Fraction = resultat.valeur
    return rendu


def garants(dossier: Dossier, perimetres: Perimetres) -> dict[str, tuple[tuple[str, ...], Fraction]]:
    """For each territory, the smallest first, the guarantors whose perimeters lie in it, and its flux.

    A département is nobody's guarantee territory: it counts only for those who name no other. Who guarantees on
    several territories at once is capped on them together.
    """
    types = bareme("reservataires")
    tous = [
        (r.code, les_siens(r, perimetres))
        for r in dossier.reservataires
        if r.contrepartie == "garantie" and "garanties" in types[r.type]["plafonds"]
    ]
    territoires: dict[str, tuple[tuple[str, ...], Fraction]] = {}
    for perimetre in sorted(perimetres, key=lambda p: (p is perimetres[0], -len(p.dans), p.code)):
        contenant = perimetre is perimetres[0] and perimetre.echelle != "departement"
        codes = tuple(
            code
            for code, siens in tous
            if contenant or all(perimetre.code in (p.code, *p.dans) for p in siens)
        )
        if codes:
            territoires[_ou(perimetre)] = (codes, perimetre.exact)
    couverts = {code for codes, _ in territoires.values() for code in codes}
    for code, siens in tous:
        if code not in couverts:
            ensemble = sum((p.exact for p in siens), Fraction(0))
            territoires[" et ".join(_ou(p) for p in siens)] = ((code,), ensemble)
    return territoires


def _ou(perimetre: FluxPerimetre) -> str:
    """A territory's name with its code: two communes may bear one name."""
    return f"{perimetre.nom} ({perimetre.code})" if perimetre.nom else perimetre.code


def _nuls(
    dossier: Dossier,
    perimetres: Perimetres,
    exacts: Mapping[str, Fraction],
    volumes: set[str],
    faits: list[Resultat],
) -> frozenset[str]:
    """The réservataires whose volumes are void: those of a territory where the percentages pass 100 %."""
    nuls: set[str] = set()
    en_part = [
        (r, les_siens(r, perimetres), flux_de(r, perimetres))
        for r in dossier.reservataires
        if r.code not in volumes
    ]
    for perimetre in perimetres:
        couvrants = {}
        for reservataire, siens, flux in en_part:
            if perimetre is perimetres[0]:
                couvrants[reservataire.code] = (
                    exacts[reservataire.code] / perimetre.exact if perimetre.exact else Fraction(0)
                )
            elif flux and any(
                p.code in (perimetre.code, *perimetre.dans) or p is perimetres[0] for p in siens
            ):
                couvrants[reservataire.code] = exacts[reservataire.code] / flux
        resultat = parts_possibles(couvrants, perimetre.nom or perimetre.code)
        faits.append(resultat)
        if resultat.code == TROP:
            nuls |= set(couvrants)
    return frozenset(nuls)
