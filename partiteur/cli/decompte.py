"""The account of a journal: four stages for each réservataire, what is shown apart, each count with its vacances."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import click

from partiteur.cli.aide import Commande
from partiteur.cli.sortie import en_colonnes, options_de_sortie, publier
from partiteur.moteur.feuille import exact
from partiteur.moteur.journal import Compte, Journal, compter, en_verifiant, lire_journal
from partiteur.regles.decompte import LigneDecompte
from partiteur.regles.socle import bareme, nombre, pourcentage

FICHIER = click.Path(path_type=Path)
TITRES = {
    "mise_a_disposition": "MAD",
    "validee": "validées",
    "candidats_proposes": "candidats",
    "attribution": "attributions",
    "bail_signe": "baux",
    "entree": "entrées",
    "neutralisees": "neutralisées",
    "en_cours": "en cours",
    "refus_adaptes": "refus adaptés",
    "imputees": "imputées",
}
AUTRES = (
    "sans_bail",
    "refus_inadaptes",
    "echecs",
    "requalifiees",
    "premieres_locations",
    "sorties",
    "qpv_maire",
)


@click.command(cls=Commande)
@click.argument("journal", type=FICHIER)
@click.option("--dossier", type=FICHIER, required=True, help="Dossier (TOML) : cadre et conventions.")
@click.option(
    "--du", type=click.DateTime(["%Y-%m-%d"]), help="Premier jour ; à défaut le 1er janvier de --au."
)
@click.option("--au", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Dernier jour compté.")
@click.option(
    "--connu-le",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]),
    help="Ignorer ce qui a été saisi après.",
)
@click.option(
    "--reinjection",
    type=click.Choice(["motif", "toutes", "derniere"]),
    help="Règle de réinjection, à la place de toute autre.",
)
@click.option("--parc", type=FICHIER, help="Parc qui complète les logements, à la place de celui du dossier.")
@click.option("--vacances", is_flag=True, help="Nommer les vacances de chaque compteur.")
@options_de_sortie
def commande(
    journal: Path,
    dossier: Path,
    du: datetime | None,
    au: datetime,
    connu_le: datetime | None,
    reinjection: str | None,
    parc: Path | None,
    vacances: bool,
    forme: str,
    sortie: Path | None,
) -> None:
    """Tient le compte de JOURNAL par réservataire, aux quatre étapes, d'une date à l'autre."""
    from partiteur.moteur.journal.conventions import conventions_du_dossier

    lu = lire_journal(journal)
    fin = au.date()
    debut = du.date() if du else date(fin.year, 1, 1)
    with en_verifiant(lu):
        conventions = conventions_du_dossier(dossier, lu, reinjection, parc)
        compte = compter(lu, conventions.contexte, debut, fin, instant(connu_le))
    remarques = [*_remarques(lu, compte, reinjection), *conventions.remarques]
    publier(
        forme,
        sortie,
        texte=lambda: _texte(compte, remarques, vacances),
        json_=lambda: _json(lu, compte, reinjection, remarques, vacances),
        tableau=lambda: _tableau(compte, vacances),
    )


def instant(connu_le: datetime | None) -> datetime | None:
    """A day alone is known to its last second."""
    if connu_le is None:
        return None
    entier = connu_le if connu_le.time() != time() else datetime.combine(connu_le.date(), time(23, 59, 59))
    return entier.replace(tzinfo=UTC)


def _lignes(compte: Compte) -> Iterable[LigneDecompte]:
    """The réservataires something happened to."""
    return [
        ligne for ligne in compte.decompte.lignes if any(getattr(ligne, nom) for nom in (*TITRES, *AUTRES))
    ]


def _texte(compte: Compte, remarques: Sequence[str], vacances: bool) -> str:
    decompte = compte.decompte
    tete = f"Décompte du {decompte.du:%d/%m/%Y} au {decompte.au:%d/%m/%Y}"
    if decompte.connu_le:
        tete += f", connu le {decompte.connu_le:%d/%m/%Y}"
    tableau = [("", *TITRES.values(), "chute", "engage")]
    for ligne in _lignes(compte):
        chute = "—" if ligne.chute is None else pourcentage(ligne.chute)
        engage = "—" if ligne.engage is None else nombre(len(ligne.engage))
        tableau.append((ligne.code, *(nombre(len(getattr(ligne, nom))) for nom in TITRES), chute, engage))
    rendu = [tete, "", *en_colonnes(tableau, [False] + [True] * (len(tableau[0]) - 1)), ""]
    rendu += [
        f"  {nombre(len(decompte.vacances))} vacances, dont {nombre(len(decompte.flux_constate))} entrées dans le flux.",
        *(f"  Soustraits, {nom} : {nombre(len(v))}." for nom, v in decompte.soustraits.items()),
        *(f"  Hors flux, {nom} : {nombre(len(v))}." for nom, v in decompte.hors_flux.items()),
        f"  Annulées : {nombre(len(decompte.annulees))}. Imputations particulières : "
        f"{nombre(len(decompte.imputations_particulieres))}. Surcompte : {nombre(decompte.surcompte)}.",
    ]
    rendu += [
        f"  Solde repris, {code} : {exact(s.solde)} (exercice {s.exercice or 'inconnu'}, {s.preuve or 'sans preuve'})."
        for code, s in compte.soldes.items()
    ]
    if compte.irregularites:
        libelles = bareme("evenements")["irregularites"]
        rendu.append("  Irrégularités inscrites (nombre de vacances) :")
        rendu += [
            f"    {libelles.get(code, code)} : {nombre(len(v))}" for code, v in compte.irregularites.items()
        ]
    rendu += [f"  ! {phrase}" for phrase in remarques]
    if vacances:
        for ligne in _lignes(compte):
            rendu += ["", ligne.code]
            rendu += [
                f"  {nom} : {', '.join(getattr(ligne, nom))}"
                for nom in (*TITRES, *AUTRES)
                if getattr(ligne, nom)
            ]
        if compte.irregularites:
            rendu += ["", "irrégularités"]
            rendu += [f"  {code} : {', '.join(v)}" for code, v in compte.irregularites.items()]
    return "\n".join(rendu)


def _remarques(journal: Journal, compte: Compte, reinjection: str | None) -> Iterable[str]:
    """What the reader must know of this count."""
    if not journal.enchaine:
        yield "Ce journal n'a pas d'empreintes : il est invérifiable."
    if journal.nues:
        yield f"{nombre(journal.nues)} événements ne sont pas lisibles dans ce fichier et ne sont pas comptés."
    if reinjection:
        yield f"Réinjection « {reinjection} » demandée, à la place de celle des conventions et du cadre."
    yield from (avertissement.message for avertissement in compte.avertissements)
    yield from (constat.message for constat in journal.constats)
    if compte.refuses:
        premier = compte.refus[0]
        yield f"{nombre(compte.refuses)} événements impossibles ne sont pas comptés, par exemple « {premier.evenement} » : {premier.phrase}"


def _json(
    journal: Journal, compte: Compte, reinjection: str | None, remarques: Sequence[str], vacances: bool
) -> dict[str, Any]:
    decompte = compte.decompte
    return {
        "du": decompte.du.isoformat() if decompte.du else None,
        "au": decompte.au.isoformat() if decompte.au else None,
        "connu_le": decompte.connu_le.isoformat() if decompte.connu_le else None,
        "vacances": len(decompte.vacances),
        "flux_constate": len(decompte.flux_constate),
        "reservataires": [_json_ligne(ligne, vacances) for ligne in decompte.lignes],
        "soustraits": {nom: len(v) for nom, v in decompte.soustraits.items()},
        "hors_flux": {nom: len(v) for nom, v in decompte.hors_flux.items()},
        "annulees": len(decompte.annulees),
        "imputations_particulieres": list(decompte.imputations_particulieres),
        "echecs": len(decompte.echecs),
        "surcompte": decompte.surcompte,
        "reinjection": reinjection,
        "soldes_repris": {code: vars(s) | {"solde": exact(s.solde)} for code, s in compte.soldes.items()},
        "irregularites": {code: list(v) if vacances else len(v) for code, v in compte.irregularites.items()},
        "refuses": compte.refuses,
        "refus": [vars(refus) for refus in compte.refus],
        "enchaine": journal.enchaine,
        "avertissements": [vars(a) for a in compte.avertissements],
        "remarques": list(remarques),
    }


def _json_ligne(ligne: LigneDecompte, vacances: bool) -> dict[str, Any]:
    noms = (*TITRES, *AUTRES)
    return {
        "code": ligne.code,
        **{nom: len(getattr(ligne, nom)) for nom in noms},
        "engage": None if ligne.engage is None else len(ligne.engage),
        "taux_chute": None if ligne.chute is None else exact(ligne.chute),
        **({"detail": {nom: list(getattr(ligne, nom)) for nom in noms}} if vacances else {}),
    }


def _tableau(compte: Compte, vacances: bool) -> Iterable[Sequence[Any]]:
    """One line a réservataire; with `vacances`, one line a réservataire, a counter and a vacance."""
    noms = (*TITRES, *AUTRES)
    if vacances:
        yield ("reservataire", "compteur", "vacance")
        for ligne in _lignes(compte):
            for nom in noms:
                yield from ((ligne.code, nom, vacance) for vacance in getattr(ligne, nom))
        return
    yield ("reservataire", *noms, "engage", "taux_chute")
    for ligne in compte.decompte.lignes:
        chute = "" if ligne.chute is None else exact(ligne.chute)
        engage = "" if ligne.engage is None else len(ligne.engage)
        yield (ligne.code, *(len(getattr(ligne, nom)) for nom in noms), engage, chute)
