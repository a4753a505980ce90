"""The flux: each perimeter's volume, then what is owed to each réservataire."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import floor

from partiteur.regles.droits import compte_droits_uniques
from partiteur.regles.etat import part_deleguee, plancher_hors_qpv, uniformite_communes
from partiteur.regles.faits import NON_RESERVE, Dossier, Reservataire
from partiteur.regles.flux.feuille import EtatPublie, Flux, FluxPerimetre, NeufPublie, PartReservataire
from partiteur.regles.flux.mentions import avertissements_dossier, textes_non_verifies
from partiteur.regles.flux.parts import Parts, assiette_de, calculer_parts, flux_de
from partiteur.regles.flux.perimetres import calculer_perimetres
from partiteur.regles.flux.volume import FluxImpossible
from partiteur.regles.neuf import premiere_location
from partiteur.regles.repartition import plus_forts_restes, restes_a_reporter, solde_reporte
from partiteur.regles.socle import Resultat, avertir, nombre, regle


@regle("r441-5-convention", "l441-1-flux", du="2020-02-22")
def flux(dossier: Dossier) -> Flux:
    """Calcule le flux annuel d'un bailleur et ce qui revient à chaque réservataire, périmètre par périmètre.

    Raises a subclass of ErreurUtilisateur when the dossier does not say enough.
    """
    perimetres, calculs = calculer_perimetres(dossier)
    parts = calculer_parts(dossier, perimetres)
    soldes = {r.code: solde_reporte(r.solde) for r in dossier.reservataires}
    quotas, entiers, partage = _entiers(dossier, perimetres[0], parts, soldes)
    neuf, programmes = _neuf(dossier)
    etat, lectures = _etat(dossier, perimetres, parts)
    restes = restes_a_reporter(quotas, entiers, NON_RESERVE).valeur if NON_RESERVE in entiers else {}
    livres = tuple(n for n, p in zip(neuf, dossier.neuf, strict=True) if p.livraison.year == dossier.exercice)
    publies = tuple(
        _publier(r, perimetres, parts, entiers.get(r.code), restes.get(r.code), soldes[r.code].valeur, livres)
        for r in dossier.reservataires
    )
    faits = (
        avertissements_dossier(dossier),
        *calculs,
        *parts.faits,
        *soldes.values(),
        *partage,
        *programmes,
        *lectures,
    )
    resultat = Flux(
        dossier,
        perimetres,
        publies,
        _non_reserve(perimetres[0], parts, entiers.get(NON_RESERVE), restes.get(NON_RESERVE)),
        floor(sum(quotas.values(), Fraction(0))),
        neuf,
        etat,
        tuple(etape for fait in faits for etape in fait.etapes),
        tuple(dict.fromkeys(a for fait in faits for a in fait.avertissements)),
    )
    return replace(resultat, avertissements=(*resultat.avertissements, *textes_non_verifies(resultat)))


def _entiers(
    dossier: Dossier, territoire: FluxPerimetre, parts: Parts, soldes: Mapping[str, Resultat]
) -> tuple[dict[str, Fraction], dict[str, int], tuple[Resultat, ...]]:
    """What each is owed (exact, plus what is carried), and the whole dwellings; nothing for the void.

    With the non-réservé they add up to the flux à répartir, fractions carried included. The non-réservé gives way to
    the balances carried by the conventions. Who was served in advance is owed less than nothing: zero this year, and
    the advance is carried again, or a small share would be served more often than it is owed.
    """
    reports = {r.code: r.report for r in dossier.reservataires}
    engages = {c: exact + soldes[c].valeur for c, exact in parts.exacts.items()}
    dus = {code: engage + reports[code] for code, engage in engages.items()}
    total = territoire.exact + sum(reports.values(), dossier.report_non_reserve)
    reste = total - sum(dus.values(), Fraction(0))
    quotas = {code: max(du, Fraction(0)) for code, du in dus.items() if code not in parts.nuls}
    demande = sum((max(engage, Fraction(0)) for engage in engages.values()), Fraction(0))
    if parts.nuls or demande > territoire.exact:
        partage = plus_forts_restes(quotas, floor(sum(quotas.values(), Fraction(0))), parts.bornes, None)
        if not parts.nuls:
            dit = avertir(
                "objectif_superieur_capacite", demande=nombre(demande), flux=nombre(territoire.exact)
            )
            partage = replace(partage, avertissements=(dit,))
        return {**dus, NON_RESERVE: reste}, partage.valeur, (partage,)
    quotas[NON_RESERVE] = total - sum(quotas.values(), Fraction(0))
    partage = plus_forts_restes(quotas, floor(total), parts.bornes, NON_RESERVE)
    return {**dus, NON_RESERVE: reste}, partage.valeur, (partage,)


def _neuf(dossier: Dossier) -> tuple[tuple[NeufPublie, ...], list[Resultat]]:
    """The new programmes with the rights they bring, by regime."""
    resultats = [premiere_location(programme) for programme in dossier.neuf]
    publies = tuple(
        NeufPublie(p.programme, p.commune, p.logements, resultat.code, resultat.valeur)
        for p, resultat in zip(dossier.neuf, resultats, strict=True)
    )
    dits = [
        replace(r, avertissements=(avertir("neuf_lecture_litterale", programme=p.programme),))
        for p, r in zip(dossier.neuf, resultats, strict=True)
        if r.code == "litterale"
    ]
    return publies, [*(r for r in resultats if r.code != "litterale"), *dits]


def _etat(
    dossier: Dossier, perimetres: tuple[FluxPerimetre, ...], parts: Parts
) -> tuple[EtatPublie, list[Resultat]]:
    """The State's readings and délégations, once its part is known."""
    territoire, etat = perimetres[0], dossier.etat
    if not any(r.type in ("etat_prioritaires", "etat_fonctionnaires") for r in dossier.reservataires):
        return parts.etat, []
    part = parts.etat.exact / territoire.exact if territoire.exact else Fraction(0)
    plancher = plancher_hors_qpv(etat, part, territoire.assiette.total)
    connus = {p.code: p for p in perimetres}
    absents = [d.territoire for d in etat.delegations if d.territoire not in connus]
    if absents:
        raise FluxImpossible(
            f"Délégation : le périmètre « {absents[0]} » n'est pas défini sous [[perimetres]]."
        )
    prioritaires = sum(
        (parts.exacts[r.code] for r in dossier.reservataires if r.type == "etat_prioritaires"), Fraction(0)
    )
    part_deleguable = prioritaires / territoire.exact if territoire.exact else Fraction(0)
    deleguees = [
        part_deleguee(d, part_deleguable, connus[d.territoire].exact, dossier.exercice)
        for d in etat.delegations
    ]
    publiees = tuple(
        (d.delegataire, d.territoire, r.valeur) for d, r in zip(etat.delegations, deleguees, strict=True)
    )
    uniforme = uniformite_communes(etat.parts_communes, etat.uniforme_communes)
    return replace(parts.etat, hors_qpv=plancher.valeur, delegations=publiees), [
        plancher,
        uniforme,
        *deleguees,
    ]


def _publier(
    reservataire: Reservataire,
    perimetres: tuple[FluxPerimetre, ...],
    parts: Parts,
    objectif: int | None,
    reste: Fraction | None,
    solde: int,
    neuf: tuple[NeufPublie, ...],
) -> PartReservataire:
    code, flux_sien = reservataire.code, flux_de(reservataire, perimetres)
    exact = parts.exacts[code]
    sans = None
    if reservataire.reserves is not None and reservataire.reserves_contestes:
        confirmes = reservataire.reserves - reservataire.reserves_contestes
        sans = Fraction(confirmes, assiette_de(reservataire, perimetres).total)
    return PartReservataire(
        code=code,
        nom=reservataire.nom,
        type=reservataire.type,
        perimetres=reservataire.perimetres or (perimetres[0].code,),
        contrepartie=reservataire.contrepartie,
        methode=reservataire.methode,
        part=parts.parts[code],
        part_appliquee=exact / flux_sien if flux_sien else parts.parts[code],
        exact=exact,
        objectif=objectif,
        part_sans_contestes=sans,
        engagement="volume" if code in parts.volumes else "pourcentage",
        reste_a_reporter=reste,
        solde_reporte=solde,
        majoration=sum(p.droits.get(code, 0) for p in neuf if p.regime == "annee_livraison"),
        droits_uniques=compte_droits_uniques(
            reservataire.ouverture_droits_uniques, reservataire.mouvements
        ).valeur,
    )


def _non_reserve(
    territoire: FluxPerimetre, parts: Parts, objectif: int | None, reste: Fraction | None
) -> PartReservataire:
    exact = territoire.exact - sum(parts.exacts.values(), Fraction(0))
    part = exact / territoire.exact if territoire.exact else Fraction(0)
    return PartReservataire(
        code="non_reserve",
        nom=None,
        type="non_reserve",
        perimetres=(territoire.code,),
        contrepartie="sans",
        methode="reste",
        part=part,
        part_appliquee=part,
        exact=exact,
        objectif=objectif,
        reste_a_reporter=reste,
    )
