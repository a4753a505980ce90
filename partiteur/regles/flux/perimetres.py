"""The account of each perimeter: its assiette, its rotation, its volume, what is subtracted, its flux (D1)."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from partiteur.regles.assiette import Assiette, assiette
from partiteur.regles.etat import autorisation_suffisante
from partiteur.regles.faits import Definition, Dossier, Mutations, Perimetre, ProgrammeNeuf, Rotation
from partiteur.regles.flux.feuille import FluxPerimetre
from partiteur.regles.flux.volume import (
    FluxImpossible,
    Quantite,
    double_deduction,
    flux_a_repartir,
    flux_ordre_publie,
    moyenne_annuelle,
    mutations_prevues,
    partage_soustraits,
    volume_attendu,
)
from partiteur.regles.rotation import definition, taux_rotation
from partiteur.regles.socle import Avertissement, Etape, Resultat, avertir, bareme, nombre


def calculer_perimetres(dossier: Dossier) -> tuple[tuple[FluxPerimetre, ...], list[Resultat]]:
    """Compute every perimeter, the dossier's territory first, and the results their steps come from."""
    faits: list[Resultat] = []
    volumes = {
        p.code: _avec_le_neuf(p, dossier, _volume(p, dossier, faits), faits) for p in dossier.perimetres
    }
    territoire = dossier.perimetres[0]
    soustraits = {territoire.code: _soustraits(territoire, dossier, faits)}
    faits += [
        autorisation_suffisante(categorie, combien, dossier.autorisations, dossier.exercice)
        for categorie, combien in soustraits[territoire.code].items()
        if combien and bareme("soustraits")[categorie].get("autorisation")
    ]
    soustraits |= _soustraits_des_autres(dossier, volumes, soustraits[territoire.code], faits)
    if volumes[territoire.code][1] is not None:
        definition_cadre = _definition_du_cadre(dossier)
        faits.append(double_deduction(soustraits[territoire.code], dossier.definition, definition_cadre))
    calcules = tuple(
        _perimetre(p, dossier, volumes[p.code], soustraits[p.code], faits) for p in dossier.perimetres
    )
    return calcules, faits


def _perimetre(
    perimetre: Perimetre,
    dossier: Dossier,
    volume: tuple[Assiette, Fraction | None, Fraction],
    soustraits: Mapping[str, Quantite],
    faits: list[Resultat],
) -> FluxPerimetre:
    """One perimeter's account, its flux net of what is subtracted, in the order its cadre says."""
    assis, taux, attendu = volume
    neuf = sum(p.logements for p in _arrivees(perimetre, dossier))
    if dossier.cadre.ordre == "soustraits_d_abord" and taux is not None:
        net = flux_ordre_publie(assis, soustraits, taux)
        net = replace(net, valeur=net.valeur + neuf)
    else:
        net = flux_a_repartir(attendu, soustraits, perimetre.nom or perimetre.code)
    faits.append(_situer(net, perimetre, dossier))
    return FluxPerimetre(
        perimetre.code,
        perimetre.nom,
        perimetre.echelle,
        perimetre.dans,
        assis,
        taux,
        attendu,
        soustraits,
        net.valeur,
        neuf,
    )


def _definition_du_cadre(dossier: Dossier) -> Definition | None:
    cadre = dossier.cadre
    return definition(cadre.definition, cadre.motifs_exclus) if cadre.definition else None


def _situer(resultat: Resultat, perimetre: Perimetre, dossier: Dossier) -> Resultat:
    """Name the perimeter in the steps of all but the territory, which the reader knows."""
    if perimetre is dossier.perimetres[0]:
        return resultat
    ou = perimetre.nom or perimetre.code
    return replace(resultat, etapes=tuple(replace(e, libelle=f"{ou} · {e.libelle}") for e in resultat.etapes))


def _volume(
    perimetre: Perimetre, dossier: Dossier, faits: list[Resultat]
) -> tuple[Assiette, Fraction | None, Fraction]:
    assis = assiette(perimetre, dossier)
    deja_dits = {a.code for fait in faits for a in fait.avertissements}
    nouveaux = tuple(a for a in assis.avertissements if a.code not in deja_dits)
    faits.append(_situer(replace(assis, avertissements=nouveaux), perimetre, dossier))
    if dossier.cadre.volume == "moyenne_baux":
        combien = dossier.cadre.annees_volume or len(perimetre.baux)
        annees = tuple(sorted(perimetre.baux))[-combien:] if len(perimetre.baux) >= combien else ()
        annees = annees or tuple(range(dossier.exercice - combien, dossier.exercice))
        volume = moyenne_annuelle(perimetre.baux, annees, f"Baux signés, {perimetre.nom or perimetre.code}")
        faits.append(_situer(volume, perimetre, dossier))
        return assis.valeur, None, volume.valeur
    rotation, avertissements = _rotation_de(perimetre, dossier)
    taux = taux_rotation(rotation, dossier.definition)
    volume = volume_attendu(assis.valeur, taux.valeur)
    faits += [
        _situer(replace(taux, avertissements=avertissements), perimetre, dossier),
        _situer(volume, perimetre, dossier),
    ]
    return assis.valeur, taux.valeur, volume.valeur


def _arrivees(perimetre: Perimetre, dossier: Dossier) -> list[ProgrammeNeuf]:
    """The programmes of the year, under the regime `flux`, that lie in a perimeter: their first lettings join its volume (D7)."""
    return [
        p
        for p in dossier.neuf
        if p.regime == "flux"
        and p.livraison.year == dossier.exercice
        and (perimetre is dossier.perimetres[0] or perimetre.code in (p.commune, *p.dans))
    ]


def _avec_le_neuf(
    perimetre: Perimetre,
    dossier: Dossier,
    calcule: tuple[Assiette, Fraction | None, Fraction],
    faits: list[Resultat],
) -> tuple[Assiette, Fraction | None, Fraction]:
    """The volume with the first lettings of the year."""
    assis, taux, volume = calcule
    arrivees = _arrivees(perimetre, dossier)
    if not arrivees:
        return calcule
    neuf = sum(p.logements for p in arrivees)
    formule = " + ".join(f"{p.programme} {nombre(p.logements)}" for p in arrivees)
    etape = Etape("Premières mises en location", formule, neuf, "r441-5-convention")
    faits.append(_situer(Resultat(neuf, "calcule", (etape,)), perimetre, dossier))
    return assis, taux, volume + neuf


def _rotation_de(perimetre: Perimetre, dossier: Dossier) -> tuple[Rotation, tuple[Avertissement, ...]]:
    """Its own rotation; else that of the perimeter of the definition's scale it lies in; else the territory's."""
    if perimetre.rotation:
        return perimetre.rotation, ()
    echelle = dossier.definition.echelle if dossier.definition else None
    for autre in dossier.perimetres:
        if autre.code in perimetre.dans and autre.echelle == echelle and autre.rotation:
            return autre.rotation, ()
    territoire = dossier.perimetres[0]
    if territoire.rotation is None:
        cadre = dossier.cadre
        raise FluxImpossible(
            f"Aucune rotation. Le cadre « {cadre.code} » n'en donne pas la valeur : ajoutez [rotation] avec « taux », "
            "ou « liberations » et une « definition », ou [volume] avec la méthode « moyenne_baux »."
        )
    ailleurs = (
        echelle in (None, territoire.echelle) or perimetre is territoire or perimetre.echelle != echelle
    )
    ou = perimetre.nom or perimetre.code
    return territoire.rotation, () if ailleurs else (avertir("rotation_prise_ailleurs", ou=ou),)


def _soustraits(perimetre: Perimetre, dossier: Dossier, faits: list[Resultat]) -> dict[str, Quantite]:
    """What a perimeter gives of its own, the mutations forecast by their method."""
    resolus: dict[str, Quantite] = {}
    for categorie, valeur in (perimetre.soustraits or {}).items():
        if isinstance(valeur, Mutations):
            prevues = mutations_prevues(valeur, dossier.cadre, dossier.exercice)
            faits.append(_situer(prevues, perimetre, dossier))
            resolus[categorie] = prevues.valeur
        else:
            resolus[categorie] = valeur
    return resolus


def _soustraits_des_autres(
    dossier: Dossier,
    volumes: Mapping[str, tuple[Assiette, Fraction | None, Fraction]],
    du_territoire: Mapping[str, Quantite],
    faits: list[Resultat],
) -> dict[str, dict[str, Quantite]]:
    """Each scale apart, for its perimeters do not overlap: their own soustraits, or their share of the territory's."""
    territoire, *autres = dossier.perimetres
    resolus: dict[str, dict[str, Quantite]] = {}
    for echelle in dict.fromkeys(p.echelle for p in autres):
        sans = [p for p in autres if p.echelle == echelle and p.soustraits is None]
        for perimetre in (p for p in autres if p.echelle == echelle and p.soustraits is not None):
            resolus[perimetre.code] = _soustraits(perimetre, dossier, faits)
        propres = [p.code for p in autres if p.echelle == echelle and p.soustraits is not None]
        reste = {c: n - sum(resolus[code].get(c, 0) for code in propres) for c, n in du_territoire.items()}
        volume = volumes[territoire.code][-1] - sum((volumes[code][-1] for code in propres), Fraction(0))
        if sans:
            a_partager = {c: max(n, 0) for c, n in reste.items()}
            partage = partage_soustraits(a_partager, {p.code: volumes[p.code][-1] for p in sans}, volume)
            faits.append(partage if any(a_partager.values()) else replace(partage, etapes=()))
            resolus |= partage.valeur
    return resolus
