"""New programmes: the rights they bring, and the three regimes of their first lettings (D7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from partiteur.regles.faits import ProgrammeNeuf
from partiteur.regles.repartition import plus_forts_restes
from partiteur.regles.socle import ErreurUtilisateur, Etape, Resultat, nombre, pourcentage, regle


class ProgrammeImpossible(ErreurUtilisateur):
    """A new programme whose rights do not fit."""


@regle("qe-17-2768", du="2018-01-01", au="2020-02-22")
def droits_garanties_programme(
    logements: int, garanties: Mapping[str, Fraction], plafond: Fraction
) -> Resultat:
    """Ancien droit : les garants d'un programme se partagent au plus 20 % de ses logements, selon ce que chacun garantit.

    Kept for the rights acquired under it, and for whoever still reasons by programme (S1). Returns {garant: dwellings}.
    """
    total = floor(plafond * logements)
    somme = sum(garanties.values(), Fraction(0))
    exacts = {code: total * part / somme for code, part in garanties.items()} if somme else {}
    entiers = plus_forts_restes(exacts, total if exacts else 0, (), None).valeur
    formule = f"{pourcentage(plafond)} × {nombre(logements)}, partagés selon les garanties"
    return Resultat(
        entiers, "ancien_droit", (Etape("Droits des garants du programme", formule, total, "qe-17-2768"),)
    )


@regle("r441-5-convention", "s0", "s1", du="2020-02-22")
def premiere_location(programme: ProgrammeNeuf) -> Resultat:
    """Les réservations s'exercent dès la première mise en location : dans le flux, sur l'année de livraison, ou pour un tour.

    Interpretation: the law puts first lettings in the flux; the other regimes are local practice. Returns
    {réservataire: rights}; code `flux`, `annee_livraison` (they raise the year's objectifs, or not: `litterale`)
    or `un_tour` (counted apart, extinguished at the first lease). Raises ProgrammeImpossible when the rights
    pass the dwellings.
    """
    droits = dict(programme.droits)
    etapes: tuple[Etape, ...] = ()
    if programme.garanties:
        garantis = droits_garanties_programme(programme.logements, programme.garanties, programme.plafond)
        etapes = garantis.etapes
        for code, n in ((c, n) for c, n in garantis.valeur.items() if c not in programme.garants_exclus):
            droits[code] = droits.get(code, 0) + n
    if sum(droits.values()) > programme.logements:
        raise ProgrammeImpossible(
            f"Programme neuf « {programme.programme} » : {nombre(sum(droits.values()))} droits pour "
            f"{nombre(programme.logements)} logements ; corrigez ses droits."
        )
    code = programme.regime
    if code == "annee_livraison" and not programme.majoration:
        code = "litterale"
    texte = {"flux": "r441-5-convention", "un_tour": "s1"}.get(programme.regime, "s0")
    etape = Etape(f"Neuf : {programme.programme}", f"régime {programme.regime}", programme.logements, texte)
    return Resultat(droits, code, (*etapes, etape))


@dataclass(frozen=True)
class Ouverture:
    """A first letting opened in a journal: the code of its programme and its regime, None unknown; whether it is let."""

    programme: str | None = None
    regime: str | None = None
    louee: bool = False


@dataclass(frozen=True)
class SuiviProgramme:
    """A programme and the first lettings a journal opened under its code; `autre_regime`: those under another regime.

    `logements` is None for a programme that the dossier does not name.
    """

    code: str | None
    programme: str | None
    logements: int | None
    ouvertes: int
    louees: int
    autre_regime: int = 0


@regle("d26", "s0", du="2018-01-01")
def suivi_des_programmes(
    programmes: Sequence[ProgrammeNeuf], ouvertures: Sequence[Ouverture], regime: str
) -> Resultat:
    """Les premières locations du journal se rapprochent des programmes du dossier par leur code.

    `regime`: that of the cadre, of an opening that says none. Returns a `SuiviProgramme` for each programme, in its order,
    then for each code the dossier has not; code `a_rapprocher` when there are some, or a programme without a code.
    """
    par_code: dict[str | None, list[Ouverture]] = {}
    for ouverture in ouvertures:
        par_code.setdefault(ouverture.programme, []).append(ouverture)
    suivis = []
    for programme in programmes:
        siennes = par_code.pop(programme.code, []) if programme.code else []
        autres = sum((o.regime or regime) != programme.regime for o in siennes)
        louees = sum(o.louee for o in siennes)
        suivis.append(
            SuiviProgramme(
                programme.code, programme.programme, programme.logements, len(siennes), louees, autres
            )
        )
    restes = sorted(par_code, key=lambda code: (code is None, code or ""))
    suivis += [
        SuiviProgramme(code, None, None, len(par_code[code]), sum(o.louee for o in par_code[code]))
        for code in restes
    ]
    etapes = tuple(
        Etape(
            f"Premières locations : {s.programme or s.code or 'programme inconnu'}",
            "ouvertes",
            s.ouvertes,
            "d26",
        )
        for s in suivis
    )
    complet = not restes and all(programme.code for programme in programmes)
    return Resultat(tuple(suivis), "rapproche" if complet else "a_rapprocher", etapes)
