"""The objectifs of the attributions: quarters and halves of L441-1, agreements; one attribution serves several (D27)."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from partiteur.regles.socle import Etape, Resultat, bareme, en_vigueur, fraction, regle

ACCORDS = ("acd", "aci", "cia")


@dataclass(frozen=True)
class Attribution:
    """What the law looks at in an attribution; None is unknown.

    `imputation`: the type of the réservataire it is imputed to, None for the bailleur. `dans_le_flux`: False for a
    soustrait or a dwelling out of the flux. `publics`: letters of L441-1, empty for none;
    `public_prioritaire`: whether there was any, once the letters are erased. `accord`: acd, aci or cia.
    """

    qpv: bool | None = None
    signe: bool = False
    imputation: str | None = None
    dans_le_flux: bool = True
    dalo: bool | None = None
    publics: tuple[str, ...] | None = None
    premier_quartile: bool | None = None
    relogement: str | None = None
    travailleur_essentiel: bool | None = None
    accord: str | None = None
    public_prioritaire: bool | None = None


@dataclass(frozen=True)
class Objectif:
    """An objectif and what serves it: `inconnues` bear on it and say nothing; `cible` None: a number no file gives.

    `minimum` and `maximum`: the rate if none of the unknown served it, if all did. `etat`: atteint, non_atteint,
    indetermine (the unknown decide), sans_attribution, sans_cible. `ou`: the réservataire or the EPCI, None for all.
    """

    code: str
    libelle: str
    ou: str | None
    servies: int
    autres: int
    inconnues: int
    cible: Fraction | None
    minimum: Fraction | None
    maximum: Fraction | None
    etat: str


@regle("d27", "l441-1-mixite", "l441-1-quart-dalo", "l313-26-2", "l441-1-2", du="2018-01-01")
def objectifs_servis(attribution: Attribution) -> Resultat:
    """Une attribution se montre en face de chaque objectif qu'elle sert : elle peut en servir plusieurs.

    Returns, for each objectif it bears on, True when it serves it, False when it does not, None when it is unknown.
    """
    servis: dict[str, bool | None] = {}
    if attribution.qpv is not True and attribution.signe:
        relogee = attribution.relogement in bareme("objectifs")["relogements"]["codes"]
        sert = True if relogee else attribution.premier_quartile
        servis["quartile_hors_qpv"] = sert if attribution.qpv is False else None
    if attribution.qpv is not False:
        premier = attribution.premier_quartile if attribution.qpv else None
        servis["mixite_qpv"] = None if premier is None else not premier
    quart = _quart(attribution)
    if quart:
        servis[quart] = _prioritaire(attribution)
    for accord in ACCORDS:
        if attribution.accord == accord:
            servis[f"accord_{accord}"] = True
    if attribution.travailleur_essentiel is not None:
        servis["travailleurs_essentiels"] = attribution.travailleur_essentiel
    return Resultat(servis, "calcule")


def _quart(attribution: Attribution) -> str | None:
    """Which quarter an attribution bears on.

    Interpretation: soustraits are nobody's reservation and do not enter the bailleur's own quarter. Confidence: low.
    """
    if attribution.imputation is None:
        return "quart_bailleur" if attribution.dans_le_flux else None
    types = bareme("objectifs")["types"]
    return next((code for code, t in types.items() if attribution.imputation in t and code != "texte"), None)


def _prioritaire(attribution: Attribution) -> bool | None:
    """DALO or, failing that, a public of L441-1; unknown as long as one of the two may still be true."""
    publics = attribution.public_prioritaire if attribution.publics is None else bool(attribution.publics)
    if attribution.dalo or publics:
        return True
    return None if attribution.dalo is None or publics is None else False


@regle("d27", "l441-1-mixite", du="2018-01-01")
def mesure_objectif(
    code: str,
    servies: int,
    autres: int,
    inconnues: int,
    a_la_date: date,
    ou: str | None = None,
) -> Resultat:
    """Un objectif se mesure entre deux bornes : celles que donneraient les inconnus, tous contre ou tous pour.

    `servies`, `autres`, `inconnues`: attributions that serve it, that do not, that do not say. Returns an `Objectif`.
    """
    table = bareme("objectifs")
    if code in table["nombres"]["libelles"]:
        libelle, cible, texte = table["nombres"]["libelles"][code], None, table["nombres"]["texte"]
    else:
        ligne = en_vigueur("objectifs", code, a_la_date)
        libelle, cible, texte = ligne["libelle"], fraction(ligne["taux"]), ligne["texte"]
    total = servies + autres + inconnues
    minimum = Fraction(servies, total) if total else None
    maximum = Fraction(servies + inconnues, total) if total else None
    etat = _etat(cible, minimum, maximum)
    valeur = Objectif(code, libelle, ou, servies, autres, inconnues, cible, minimum, maximum, etat)
    formule = f"{servies} ÷ {total}, {inconnues} sans réponse"
    return Resultat(valeur, etat, (Etape(libelle, formule, minimum, texte),))


def _etat(cible: Fraction | None, minimum: Fraction | None, maximum: Fraction | None) -> str:
    if minimum is None or maximum is None:
        return "sans_attribution"
    if cible is None:
        return "sans_cible"
    if minimum >= cible:
        return "atteint"
    return "non_atteint" if maximum < cible else "indetermine"


@regle("d41", "l441-1-designations", du="2018-01-01")
def nombre_publie(nombre: int) -> Resultat:
    """Dans une page rendue publique, un petit nombre de ménages n'est pas dit ; zéro l'est.

    Returns the number, or None when it is kept back. The bilan of R441-5-1 keeps nothing back.
    """
    if 0 < nombre <= bareme("objectifs")["publication"]["secret"]:
        return Resultat(None, "secret")
    return Resultat(nombre, "publie")
