"""What a convention says of the account of one réservataire, laid over what the cadre says (D25, D30)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from partiteur.regles.socle import Etape, Resultat, bareme, fraction, regle

VAUT_VALIDATION = "vaut_validation"


@dataclass(frozen=True)
class Methode:
    """What a cadre says of the account: the stage by gestion, what neutralises, re-injection, silence, new programmes."""

    etapes: Mapping[str, str] = field(default_factory=dict)
    neutralise: tuple[str, ...] | None = None
    reinjection: str | None = None
    silence: str | None = None
    neuf: str = "flux"
    textes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Clauses:
    """What the convention of a réservataire says of the account; None where it leaves it to the cadre."""

    code: str
    type: str = "autre"
    gestion: str = "directe"
    etape: str | None = None
    reinjection: str | None = None
    silence: str | None = None
    mutation: str | None = None
    ecartees: tuple[str, ...] = ()
    part_requalifiee: Fraction | None = None


@dataclass(frozen=True)
class Regime:
    """How the account of a réservataire is kept; hashable, so that a history and its regimes are judged once.

    `etape`: the binding stage, None when nothing sets it. `neutralise`: the imputabilités that neutralise.
    `ecartees`: the irregularities that do not count. `mutation`: where a mutation the réservataire presented goes.
    """

    etape: str | None = None
    gestion: str = "directe"
    reinjection: str = "motif"
    neutralise: tuple[str, ...] = ("bailleur", "force_majeure", "commission")
    silence: str = "ne_vaut_pas"
    mutation: str = "soustrait"
    neuf: str = "flux"
    ecartees: tuple[str, ...] = ()


def methode_du_cadre(document: Mapping[str, Any]) -> Methode:
    """The `Methode` of a cadre's document, its inheritance already laid."""
    tables = {t: document.get(t, {}) for t in ("etape", "neutralise", "reinjection", "validation", "neuf")}
    return Methode(
        {cle: etape for cle, etape in tables["etape"].items() if cle != "texte"},
        tuple(tables["neutralise"]["imputabilites"]) if tables["neutralise"] else None,
        tables["reinjection"].get("regle"),
        tables["validation"].get("silence"),
        tables["neuf"].get("regime", "flux"),
        {nom: table["texte"] for nom, table in tables.items() if table},
    )


def clauses_du_dossier(donne: Mapping[str, Any]) -> Clauses:
    """The `Clauses` of one [[reservataires]] of a dossier (D30)."""
    return Clauses(
        donne["code"],
        donne["type"],
        donne.get("gestion", "directe"),
        donne.get("etape"),
        donne.get("reinjection"),
        donne.get("validation", {}).get("silence"),
        donne.get("mutation_presentee_par_reservataire"),
        tuple(donne.get("irregularites_ecartees", ())),
        fraction(donne["part_requalifiee"]) if "part_requalifiee" in donne else None,
    )


@regle("d30", "d25", "d33", du="2018-01-01")
def regime(methode: Methode, clauses: Clauses, reinjection: str | None = None) -> Resultat:
    """Dit comment se tient le compte d'un réservataire : sa convention d'abord, sinon le cadre, sinon le défaut.

    `reinjection` asked for on the command line overrides all, and a step says so. Returns a `Regime`, with the code
    « etape_non_fixee » when nothing says which stage binds: the four are counted all the same.
    """
    motifs, reinjections = bareme("motifs")["neutralise"], bareme("decompte")["reinjection"]
    etape = clauses.etape or methode.etapes.get(clauses.type) or _etape_de_gestion(methode, clauses.gestion)
    neutralise = motifs["imputabilites"] if methode.neutralise is None else methode.neutralise
    regle_choisie = reinjection or clauses.reinjection or methode.reinjection or reinjections["defaut"]
    valeur = Regime(
        etape,
        clauses.gestion,
        regle_choisie,
        tuple(neutralise),
        clauses.silence or methode.silence or Regime.silence,
        clauses.mutation or Regime.mutation,
        methode.neuf,
        clauses.ecartees,
    )
    demande = "demandée" if reinjection else "de la convention ou du cadre"
    etapes = (
        Etape("Étape qui engage", etape or "non fixée", None, _source(clauses.etape, methode, "etape")),
        Etape(
            "Réinjection",
            f"règle « {regle_choisie} », {demande}",
            None,
            _source(clauses.reinjection or reinjection, methode, "reinjection"),
        ),
        Etape("Neutralisé si imputable à", ", ".join(neutralise), None, _source(None, methode, "neutralise")),
    )
    return Resultat(valeur, "calcule" if etape else "etape_non_fixee", etapes)


def _etape_de_gestion(methode: Methode, gestion: str) -> str | None:
    """Mixed management is direct but for what is requalified, which is imputed (D21)."""
    return methode.etapes.get("deleguee" if gestion == "deleguee" else "directe")


def _source(propre: str | None, methode: Methode, table: str) -> str:
    return "d30" if propre else methode.textes.get(table, "d25")
