"""The JSON of a result: exact numbers as reduced fractions in text, counts as integers, unknown as null."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from partiteur.moteur.etats import EtatDesLieux
from partiteur.moteur.lecture import Lecture
from partiteur.regles.flux.feuille import EtatPublie, Flux, FluxPerimetre, PartReservataire
from partiteur.regles.socle import Avertissement, Etape, citer


def exact(valeur: Fraction | int) -> str:
    """A reduced fraction as text: « 5367/20 », « 100 »."""
    return str(Fraction(valeur))


def compte(valeur: Fraction | int) -> int | str:
    """A number of dwellings: an integer, or the exact text of a mean that is not whole."""
    fraction = Fraction(valeur)
    return int(fraction) if fraction.denominator == 1 else str(fraction)


def json_du_flux(flux: Flux) -> dict[str, Any]:
    """The calculation sheet, in the shape other programs rely on."""
    dossier, territoire = flux.dossier, flux.territoire
    return {
        "exercice": dossier.exercice,
        "cadre": dossier.cadre.code,
        "bailleur": dossier.bailleur,
        "territoire": {"echelle": territoire.echelle, "code": territoire.code, "nom": territoire.nom},
        "parc": {
            "date": dossier.date_parc.isoformat() if dossier.date_parc else None,
            "source": dossier.source_parc,
        },
        **_json_du_perimetre(territoire, flux),
        "a_partager": flux.a_repartir,
        "reservataires": [_json_de_la_part(part) for part in flux.reservataires],
        "non_reserve": _json_du_reste(flux.non_reserve),
        "perimetres": [
            {
                "code": p.code,
                "nom": p.nom,
                "echelle": p.echelle,
                **_json_du_perimetre(p, flux),
            }
            for p in flux.perimetres[1:]
        ],
        "etat": _json_de_l_etat(flux.etat),
        "neuf": [
            {"programme": n.programme, "commune": n.commune, "logements": n.logements, "regime": n.regime}
            | {"droits": dict(n.droits)}
            for n in flux.neuf
        ],
        "pieces": [
            {"nom": p.nom, "sha256": p.empreinte, "lignes": p.lignes, "refusees": p.refusees}
            for p in dossier.pieces
        ],
        "avertissements": [json_de_l_avertissement(a) for a in flux.avertissements],
        "etapes": [_json_de_l_etape(etape) for etape in flux.etapes],
    }


def _json_du_perimetre(perimetre: FluxPerimetre, flux: Flux) -> dict[str, Any]:
    definition = flux.dossier.definition
    return {
        "assiette": {
            "parc": perimetre.assiette.parc,
            "exclus": dict(perimetre.assiette.exclus),
            "total": perimetre.assiette.total,
        },
        "rotation": {
            "taux": exact(perimetre.taux) if perimetre.taux is not None else None,
            "definition": definition.code if definition else None,
            **({"periode": flux.dossier.periode_rotation} if flux.dossier.periode_rotation else {}),
        },
        "flux": {
            "volume": exact(perimetre.volume),
            **({"neuf": perimetre.neuf} if perimetre.neuf else {}),
            "soustraits": {categorie: compte(n) for categorie, n in perimetre.soustraits.items()},
            "a_repartir_exact": exact(perimetre.exact),
            "a_repartir": perimetre.a_repartir,
        },
    }


def _json_de_la_part(part: PartReservataire) -> dict[str, Any]:
    return {
        "code": part.code,
        "nom": part.nom,
        "type": part.type,
        "perimetre": list(part.perimetres) if len(part.perimetres) > 1 else part.perimetres[0],
        "contrepartie": part.contrepartie,
        "methode": part.methode,
        "part": exact(part.part),
        "part_appliquee": exact(part.part_appliquee),
        "part_sans_contestes": _exact_ou_rien(part.part_sans_contestes),
        "exact": exact(part.exact),
        "objectif": part.objectif,
        "engagement": part.engagement,
        "reste_a_reporter": _exact_ou_rien(part.reste_a_reporter),
        "tous_les_ans": part.tous_les_ans,
        "solde_reporte": part.solde_reporte,
        "majoration": part.majoration,
        "droits_uniques": [
            {"annee": a.annee, "ouverture": a.ouverture, "acquis": a.acquis, "negocies": a.negocies}
            | {"consommes": a.consommes, "expires": a.expires, "solde": a.solde}
            for a in part.droits_uniques
        ],
    }


def _json_du_reste(part: PartReservataire) -> dict[str, Any]:
    return {
        "part": exact(part.part),
        "exact": exact(part.exact),
        "objectif": part.objectif,
        "reste_a_reporter": _exact_ou_rien(part.reste_a_reporter),
    }


def _exact_ou_rien(valeur: Fraction | None) -> str | None:
    return None if valeur is None else exact(valeur)


def _json_de_l_etat(etat: EtatPublie) -> dict[str, Any]:
    hors_qpv = etat.hors_qpv or {}
    return {
        "exact": exact(etat.exact),
        "hors_qpv": {lecture: _exact_ou_rien(valeur) for lecture, valeur in hors_qpv.items()} or None,
        "pnru": _exact_ou_rien(etat.pnru),
        "article5": {code: exact(valeur) for code, valeur in etat.article5.items()},
        "delegations": [
            {"delegataire": delegataire, "territoire": territoire, "exact": exact(valeur)}
            for delegataire, territoire, valeur in etat.delegations
        ],
    }


def _json_de_l_etape(etape: Etape) -> dict[str, Any]:
    valeur = etape.valeur
    return {
        "libelle": etape.libelle,
        "formule": etape.formule,
        "valeur": None if valeur is None else str(valeur),
        "texte": citer(etape.texte),
    }


def json_de_l_avertissement(avertissement: Avertissement) -> dict[str, Any]:
    """A warning: code, gravity, sentence, text."""
    return {
        "code": avertissement.code,
        "gravite": avertissement.gravite,
        "message": avertissement.message,
        "texte": citer(avertissement.texte),
    }


def json_de_l_etat(etat: EtatDesLieux) -> list[dict[str, Any]]:
    """An état des lieux: one object a group, its axes and its dwellings."""
    return [dict(zip((*etat.axes, "logements"), ligne, strict=True)) for ligne in etat.lignes]


def json_de_la_lecture(lecture: Lecture) -> Mapping[str, Any]:
    """What a control found: rows read, rows accepted, findings with examples."""
    return {
        "lignes": lecture.lignes,
        "acceptees": lecture.acceptees,
        "constats": [
            {
                "code": c.code,
                "gravite": c.gravite,
                "colonne": c.colonne,
                "nombre": c.nombre,
                "message": c.message,
                "exemples": [{"ligne": e.ligne, "valeur": e.valeur} for e in c.exemples],
            }
            for c in lecture.constats
        ],
    }
