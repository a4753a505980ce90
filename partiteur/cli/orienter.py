"""Where a vacated dwelling would best go, with reasons; and what a year would have been under several policies."""

import statistics
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from textwrap import wrap
from typing import Any

import click

from partiteur.cli.aide import Groupe
from partiteur.cli.sortie import en_colonnes, options_de_sortie, publier
from partiteur.moteur.feuille import exact
from partiteur.moteur.journal import conventions_du_dossier, en_verifiant, lire_journal
from partiteur.moteur.orientation import EtatOrientation, cibles_du_dossier
from partiteur.moteur.orientation.fiches import fiches_du_parc
from partiteur.moteur.orientation.rejeu import POLITIQUES, Issue, annee_de, jouer, tirer
from partiteur.regles.orientation import NON_RESERVE, Conseil, Ligne, Solde
from partiteur.regles.socle import Resultat, bareme, nombre, pourcentage

FICHIER = click.Path(path_type=Path)
JOUR = click.DateTime(["%Y-%m-%d"])
LARGEUR = 96
NOMS = {
    "plus_en_retard": "le plus en retard",
    "hasard": "au hasard",
    "conseil": "le conseil",
    "optimum": "l'optimum",
}


class _Conseiller(Groupe):
    """« orienter JOURNAL … » is « orienter conseiller JOURNAL … »."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Name the command left out."""
        if args and args[0] not in (*self.commands, "-h", "--help"):
            args = ["conseiller", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Conseiller)
def commande() -> None:
    """Conseiller où orienter un logement libéré, et rejouer une année. « orienter JOURNAL … » suffit."""


@commande.command()
@click.argument("journal", type=FICHIER)
@click.option("--dossier", type=FICHIER, required=True, help="Dossier (TOML) : parts, périmètres, cadre.")
@click.option("--vacance", required=True, help="Numéro de la vacance à orienter.")
@click.option("--parc", type=FICHIER, help="Parc, à la place de celui du dossier.")
@click.option("--au", type=JOUR, help="Jour du conseil ; à défaut le dernier jour du journal.")
@click.option(
    "--residence",
    type=click.Choice(["fragilite_faible", "a_preserver", "a_reequilibrer"]),
    help="Ce que demande l'équilibre de la résidence, pour le montrer.",
)
@options_de_sortie
def conseiller(
    journal: Path,
    dossier: Path,
    vacance: str,
    parc: Path | None,
    au: datetime | None,
    residence: str | None,
    forme: str,
    sortie: Path | None,
) -> None:
    """Classe les destinations de la vacance, de la plus à la moins en retard, et dit pourquoi."""
    etat = _etat(journal, dossier, parc, None, au.date() if au else None)
    resultat = etat.conseiller(vacance, residence)
    publier(
        forme,
        sortie,
        texte=lambda: _texte(etat, vacance, resultat),
        json_=lambda: [_json_de_la_ligne(ligne) for ligne in resultat.valeur.lignes],
        tableau=lambda: _tableau(resultat.valeur),
    )


@commande.command()
@click.argument("journal", type=FICHIER)
@click.option("--dossier", type=FICHIER, required=True, help="Dossier (TOML) : parts, périmètres, cadre.")
@click.option("--parc", type=FICHIER, help="Parc, à la place de celui du dossier.")
@click.option("--du", type=JOUR, help="Premier jour ; à défaut le 1er janvier de --au.")
@click.option("--au", type=JOUR, help="Dernier jour ; à défaut celui du journal.")
@click.option("--graines", type=click.IntRange(1, 1000), default=20, show_default=True, help="Tirages.")
@click.option("--optimum", "avec_optimum", is_flag=True, help="Chercher aussi le meilleur possible (long).")
@options_de_sortie
def rejouer(
    journal: Path,
    dossier: Path,
    parc: Path | None,
    du: datetime | None,
    au: datetime | None,
    graines: int,
    avec_optimum: bool,
    forme: str,
    sortie: Path | None,
) -> None:
    """Rejoue les vacances d'une année sous plusieurs politiques, échecs et réinjections compris."""
    etat = _etat(journal, dossier, parc, du.date() if du else None, au.date() if au else None)
    annee = annee_de(etat)
    issues: list[list[Issue]] = []
    for graine in range(1, graines + 1):
        tirage = tirer(annee, graine)
        issues.append([jouer(etat.cibles, tirage, nom) for nom in POLITIQUES])
        if avec_optimum:
            from partiteur.moteur.orientation.optimum import optimum

            issues[-1].append(optimum(etat.cibles, tirage))
    resumes = [_resumer(politique) for politique in zip(*issues, strict=True)]
    publier(
        forme,
        sortie,
        texte=lambda: _texte_du_rejeu(etat, annee.echec, graines, resumes),
        json_=lambda: {
            "du": etat.du.isoformat(),
            "au": etat.au.isoformat(),
            "vacances": len(annee.vacances),
            "echec": exact(annee.echec),
            "graines": graines,
            "politiques": resumes,
        },
        tableau=lambda: [tuple(resumes[0]), *(tuple(r.values()) for r in resumes)],
    )


def _etat(
    journal: Path, dossier: Path, parc: Path | None, du: date | None, au: date | None
) -> EtatOrientation:
    """The balances of the year of a journal, up to a day."""
    cibles = cibles_du_dossier(dossier)
    lu = lire_journal(journal)
    with en_verifiant(lu):
        conventions = conventions_du_dossier(dossier, lu, None, parc)
        evenements = lu.evenements
    logements = conventions.logements.par_vacance
    fin = au or max((e.date_effet for e in evenements), default=date(cibles.exercice, 12, 31))
    fiches = fiches_du_parc(conventions.parc, logements.values())
    etat = EtatOrientation(cibles, logements, du or date(fin.year, 1, 1), fin, fiches, conventions.contexte)
    etat.charger(evenements)
    return etat


def _texte(etat: EtatOrientation, vacance: str, resultat: Resultat) -> str:
    """The advice as it is read."""
    conseil: Conseil = resultat.valeur
    rendu = [f"Orientation de la vacance {vacance}, au {etat.au:%d/%m/%Y}", f"  {_logement(etat, vacance)}"]
    rendu += [f"  {phrase}" for phrase in (*conseil.contraintes, *_remarques(etat, conseil, resultat.code))]
    rendu.append("")
    for ligne in conseil.lignes:
        if ligne.rang is not None:
            rendu += _paragraphe(f"{ligne.rang:>3}. {_nom(etat, ligne)}", ligne)
    exclues = [ligne for ligne in conseil.lignes if ligne.rang is None]
    if exclues:
        rendu += [*[""] * bool(rendu[-1]), "  Écartées", *_ecartees(etat, exclues)]
    rendu += [
        "",
        "  Un conseil n'oblige pas : un autre choix que le premier se motive, et le motif entre au journal.",
    ]
    return "\n".join(rendu)


def _ecartees(etat: EtatOrientation, exclues: Sequence[Ligne]) -> Iterator[str]:
    """Those excluded, each named; those of the same reasons are told together."""
    ensemble: dict[tuple[str, ...], list[str]] = {}
    for ligne in exclues:
        ensemble.setdefault(ligne.motifs, []).append(_nom(etat, ligne))
    for motifs, noms in ensemble.items():
        dit = f"{', '.join(noms)} : {' '.join(motifs)}"
        yield from wrap(dit, LARGEUR, initial_indent="    ", subsequent_indent="      ")


def _logement(etat: EtatOrientation, vacance: str) -> str:
    lo = etat.logements[vacance]
    qpv = {True: "en QPV", False: "hors QPV", None: "QPV inconnu"}[lo.qpv]
    return f"{lo.logement or 'logement inconnu'} : {lo.famille_financement or 'financement inconnu'}, {qpv}, {lo.typologie or 'typologie inconnue'}, commune {lo.commune or 'inconnue'}"


def _remarques(etat: EtatOrientation, conseil: Conseil, code: str) -> Iterator[str]:
    if conseil.residence:
        yield f"Résidence : {conseil.residence}."
    if code == "offre_en_cours":
        yield "Une mise à disposition est en cours : attendez sa fin, ou retirez-la."
    if code == "sans_destination":
        yield "Aucune destination n'est possible."
    if etat.cibles.exercice != etat.au.year:
        yield f"Les parts sont celles du dossier de l'exercice {etat.cibles.exercice}."


def _paragraphe(titre: str, ligne: Ligne) -> list[str]:
    """A destination, its balance before and after, its reasons."""
    rendu = [titre]
    if ligne.avant and ligne.apres:
        rendu[0] += f"  (solde {_signe(-ligne.avant.retard)} → {_signe(-ligne.apres.retard)})"
    for motif in ligne.motifs:
        rendu += wrap(motif, LARGEUR, initial_indent="     ", subsequent_indent="     ")
    return rendu


def _signe(valeur: Fraction) -> str:
    """« +1,2 », « ≈ −3,33 »: counted minus owed."""
    _, approche, lu = nombre(abs(valeur)).rpartition("≈ ")
    return f"{approche}{'+' if valeur > 0 else '−' if valeur else ''}{lu}"


def _nom(etat: EtatOrientation, ligne: Ligne) -> str:
    """A destination as people call it."""
    genre, _, code = ligne.destination.partition(":")
    if genre == "soustrait":
        return f"Soustrait, {bareme('soustraits')[code]['libelle']}"
    if genre == "maire":
        return f"Le maire ({code})"
    if genre == NON_RESERVE:
        return "Non réservé"
    noms = {b.code: b.nom for b in etat.cibles.beneficiaires}
    return noms.get(code) or code


def _json_de_la_ligne(ligne: Ligne) -> dict[str, Any]:
    return {
        "destination": ligne.destination,
        "rang": ligne.rang,
        "motifs": list(ligne.motifs),
        "soldes_avant": _json_du_solde(ligne.avant),
        "soldes_apres": _json_du_solde(ligne.apres),
        "soldes_sinon": _json_du_solde(ligne.sinon),
        "exclue": list(ligne.exclue) or None,
    }


def _json_du_solde(solde: Solde | None) -> dict[str, str | None] | None:
    if solde is None:
        return None
    return {nom: None if valeur is None else exact(valeur) for nom, valeur in vars(solde).items()}


def _tableau(conseil: Conseil) -> Iterator[Sequence[Any]]:
    noms = ("attendu", "compte", "retard", "retard_classe")
    yield (
        "destination",
        "rang",
        *(f"avant_{n}" for n in noms),
        *(f"apres_{n}" for n in noms),
        "motifs",
        "exclue",
    )
    for ligne in conseil.lignes:
        soldes = [
            "" if solde is None or getattr(solde, nom) is None else exact(getattr(solde, nom))
            for solde in (ligne.avant, ligne.apres)
            for nom in noms
        ]
        yield (ligne.destination, ligne.rang or "", *soldes, " ".join(ligne.motifs), "|".join(ligne.exclue))


def _resumer(issues: Sequence[Issue]) -> dict[str, Any]:
    """The medians of a policy over the seeds, exact; a distance that nothing gives is null."""
    codes = [o.code for o in issues[0].offerts if o.code != NON_RESERVE]
    medians = [
        statistics.median(abs(o.compte - o.attendu) for i in issues for o in i.offerts if o.code == code)
        for code in codes
    ]
    return {
        "politique": issues[0].politique,
        "distance_volume": _mediane([i.quantitative for i in issues]),
        "pire_ecart": _mediane([i.pire for i in issues]),
        "pire_ecart_median": exact(max(medians, default=Fraction(0))),
        "distance_structure": _mediane([i.structure for i in issues]),
        "borne_structure": _mediane([i.borne for i in issues]),
    }


def _mediane(valeurs: Sequence[Fraction | None]) -> str | None:
    connues = [v for v in valeurs if v is not None]
    return exact(statistics.median(connues)) if connues else None


def _texte_du_rejeu(
    etat: EtatOrientation, echec: Fraction, graines: int, resumes: Sequence[dict[str, Any]]
) -> str:
    tableau = [("", "distance en volume", "pire écart", "pire écart médian", "distance de structure")]
    for r in resumes:
        distances = [_lire(r[cle]) for cle in ("distance_volume", "distance_structure")]
        tableau.append(
            (
                NOMS[r["politique"]],
                "—" if distances[0] is None else pourcentage(distances[0]),
                nombre(_lire(r["pire_ecart"])),
                nombre(_lire(r["pire_ecart_median"])),
                "—" if distances[1] is None else pourcentage(distances[1]),
            )
        )
    flux = etat.soldes.flux[("territoire", ""), None]
    rendu = [
        f"Année rejouée du {etat.du:%d/%m/%Y} au {etat.au:%d/%m/%Y} : {nombre(flux)} vacances, "
        f"{pourcentage(echec)} de mises à disposition en échec ; médianes de {nombre(graines)} tirages",
        "",
        *en_colonnes(tableau, [False, True, True, True, True]),
        "",
        "  Écarts en logements, à la dernière mise à disposition. Pire écart : le réservataire le plus loin de sa part",
        "  du flux constaté, à chaque tirage. Pire écart médian : celui dont l'écart médian est le plus grand.",
    ]
    optimum = next((r for r in resumes if r["politique"] == "optimum"), None)
    if optimum:
        borne = _lire(optimum["borne_structure"])
        rendu += [
            "  L'optimum connaît d'avance toute l'année : chaque logement qui se libérera et chaque échec.",
            f"  À 2 logements près, aucune répartition n'a une distance de structure sous {pourcentage(borne or Fraction(0))}.",
        ]
    return "\n".join(rendu)


def _lire(texte: str | None) -> Fraction | None:
    return None if texte is None else Fraction(texte)
