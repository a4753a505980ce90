"""The facts of the réservataires, of the State's keys and of the new programmes of a dossier."""

from collections.abc import Mapping

from partiteur.moteur.flux.comptes import Comptes, Document, reserves_lues
from partiteur.moteur.geographie import Geographie
from partiteur.moteur.millesime import Territoire
from partiteur.moteur.schema import DocumentInvalide, jour
from partiteur.regles.droits import totaux_recalcules
from partiteur.regles.faits import (
    Article5,
    Autorisation,
    Cadre,
    Delegation,
    Derogation,
    Etat,
    MouvementDroitUnique,
    Perimetre,
    Pnru,
    ProgrammeNeuf,
    Reservataire,
    Solde,
)
from partiteur.regles.socle import Avertissement, Resultat, bareme, fraction, taux


def lire_reservataire(
    donne: Document, perimetres: tuple[Perimetre, ...], comptes: Comptes | None, cadre: Cadre
) -> Reservataire:
    """A réservataire's facts; its reserved dwellings come from the register where it gives neither part nor number."""
    noms = donne.get("perimetre", ())
    siens = (noms,) if isinstance(noms, str) else tuple(noms)
    reserves, contestes = donne.get("reserves"), 0
    constats: tuple[Avertissement, ...] = ()
    if isinstance(reserves, Mapping):
        tableau = _tableau(donne)
        reserves, constats = tableau.valeur.total, tableau.avertissements
    elif (
        reserves is None and not {"part", "volume"} & set(donne) and comptes and comptes.reserves is not None
    ):
        lieux = [Territoire(p.echelle, p.code) for p in perimetres if p.code in siens] or [
            Territoire(perimetres[0].echelle, perimetres[0].code)
        ]
        reserves, contestes = reserves_lues(comptes.reserves, donne["code"], lieux)
    return Reservataire(
        code=donne["code"],
        type=donne["type"],
        nom=donne.get("nom"),
        part=taux(donne["part"]) if "part" in donne else None,
        base=donne.get("base", "assiette"),
        reserves=reserves,
        reserves_contestes=contestes,
        contrepartie=donne.get("contrepartie", "sans"),
        perimetres=siens,
        methode=donne.get("methode", "assiette"),
        taux=taux(donne["taux"]) if "taux" in donne else None,
        volume=donne.get("volume"),
        justification=donne.get("justification"),
        droits_de_suite=donne.get("droits_de_suite", {}),
        negocies=donne.get("negocies", 0),
        ouverture_droits_uniques=donne.get("ouverture_droits_uniques", 0),
        mouvements=tuple(MouvementDroitUnique(**m) for m in donne.get("mouvements", [])),
        report=fraction(donne.get("report", 0)),
        solde=_solde(donne, cadre),
        constats=constats,
    )


def _solde(donne: Document, cadre: Cadre) -> Solde | None:
    """Last year's balance, under the convention's rule, else the cadre's."""
    precedent = donne.get("precedent")
    if precedent is None:
        return None
    return Solde(
        precedent["compte"], precedent["du"], donne.get("solde", cadre.solde), donne.get("solde_borne")
    )


def _tableau(donne: Document) -> Resultat:
    """Reserved dwellings given as a table: the totals are those of its cells, and its own totals are checked."""
    cases, totaux = donne["reserves"], donne.get("totaux", {})
    lignes = {ligne: n for ligne, n in totaux.items() if ligne in cases}
    colonnes = {c: n for c, n in totaux.items() if c not in cases and c != "total"}
    return totaux_recalcules(cases, lignes, colonnes, totaux.get("total"))


def lire_etat(document: Document, comptes: Comptes | None) -> Etat:
    """The State's keys of a dossier (D8); the assiette outside QPV is counted in the parc when it is not given."""
    cles = document.get("etat", {})
    hors_qpv = cles.get("assiette_hors_qpv")
    if hors_qpv is None and comptes is not None:
        hors_qpv = comptes.assiette_hors_qpv
    derogation, pnru = cles.get("derogation"), cles.get("pnru")
    return Etat(
        derogation=_derogation(derogation) if derogation else None,
        uniforme_communes=cles.get("uniforme_communes", True),
        parts_communes={code: taux(part) for code, part in cles.get("parts_communes", {}).items()},
        lecture_hors_qpv=cles.get("lecture_hors_qpv", "taux"),
        part_hors_qpv=taux(cles["part_hors_qpv"]) if "part_hors_qpv" in cles else None,
        assiette_hors_qpv=hors_qpv,
        article5=tuple(Article5(**{**a, "du": jour(a["du"])}) for a in cles.get("article5", [])),
        pnru=Pnru(taux(pnru["taux"]), pnru.get("base", "flux")) if pnru else None,
        delegations=tuple(_delegation(d) for d in cles.get("delegations", [])),
    )


def _derogation(cles: Document) -> Derogation:
    agents = cles.get("plafond_fonctionnaires")
    return Derogation(
        cles["arrete"],
        jour(cles["du"]),
        jour(cles["au"]),
        taux(cles["plafond"]),
        taux(agents) if agents else None,
    )


def _delegation(cles: Document) -> Delegation:
    au = cles.get("au")
    return Delegation(cles["delegataire"], cles["territoire"], jour(cles["du"]), jour(au) if au else None)


def lire_autorisations(document: Document) -> tuple[Autorisation, ...]:
    """The préfet's authorisations to subtract a category."""
    return tuple(
        Autorisation(
            a["categorie"],
            a["arrete"],
            jour(a["date"]),
            jour(a["jusqu_au"]) if "jusqu_au" in a else None,
            a.get("quota"),
        )
        for a in document.get("autorisations", [])
    )


def lire_neuf(document: Document, cadre: Cadre, geographie: Geographie) -> tuple[ProgrammeNeuf, ...]:
    """The new programmes, under their own regime or the cadre's (D7).

    Among guarantors, départements and régions have rights only where `garants_departement` says so: R441-5-3 does
    not name them. Raises DocumentInvalide on a réservataire the dossier does not define.
    """
    types = {r["code"]: r["type"] for r in document.get("reservataires", [])}
    programmes = []
    for n in document.get("neuf", []):
        commune = geographie.commune(n["commune"])
        _verifier_les_codes(n, types)
        programmes.append(
            ProgrammeNeuf(
                programme=n["programme"],
                commune=n["commune"],
                logements=n["logements"],
                livraison=jour(n["date"]),
                regime=n.get("regime", cadre.neuf),
                droits=n.get("droits", {}),
                garanties={code: taux(part) for code, part in n.get("garanties", {}).items()},
                plafond=taux(n.get("plafond", bareme("plafonds_reservation")["garanties"][0]["taux"])),
                garants_exclus=()
                if n.get("garants_departement")
                else tuple(c for c in n.get("garanties", {}) if types[c] in ("departement", "region")),
                majoration=n.get("majoration", True),
                dans=tuple(c for c in (commune.epci, commune.departement) if c) if commune else (),
                code=n.get("code"),
            )
        )
    return tuple(programmes)


def _verifier_les_codes(programme: Document, types: Mapping[str, str]) -> None:
    for code in (*programme.get("droits", {}), *programme.get("garanties", {})):
        if code not in types:
            raise DocumentInvalide(
                f"Programme neuf « {programme['programme']} » : le réservataire « {code} » n'est pas défini ; "
                "ajoutez-le sous [[reservataires]]."
            )
