"""Where the register of rights, the parc and a réservataire's own list do not say the same: one code a line."""

from dataclasses import dataclass
from datetime import date

from partiteur.regles.socle import Resultat, bareme, regle


@dataclass(frozen=True)
class DroitDit:
    """A right as one side tells it; None: it does not say. `logement`: the names the dwelling goes by."""

    nombre: int | None = None
    programme: str | None = None
    logement: tuple[str, ...] = ()
    debut: date | None = None
    fin: date | None = None
    nature: str | None = None
    contrepartie: str | None = None


@regle("arrete-2010-01-05", "d15", du="2018-01-01")
def contingent_attendu(type_: str | None) -> Resultat:
    """Donne le contingent du RPLS où sont rangés les logements réservés à un réservataire de ce type.

    Interpretation: the RPLS counts under its contingent 4 every collectivité and public body. Confidence: medium.
    None for a type that is unknown, or that no contingent surely holds.
    """
    contingents = bareme("rapprochement")["contingents"]
    attendu = contingents.get(type_) if type_ in bareme("reservataires") else None
    return Resultat(attendu, "connu" if attendu else "inconnu")


@regle("d15", "arrete-2010-01-05", du="2018-01-01")
def ecart_avec_le_parc(
    compte: bool,
    identifie: bool,
    trouve: bool,
    premier: bool,
    tient: bool,
    contingent_droit: str | None,
    contingent_parc: str | None,
    reserves_au_parc: str | None,
) -> Resultat:
    """Dit ce qui sépare une ligne du registre de ce que dit le parc : un seul code par ligne, le plus grave d'abord.

    `compte`: the right is in force; `identifie`: it names a dwelling; `trouve`: the parc holds its dwelling or its
    programme; `premier`: no earlier line holds the dwelling; `tient`: the programme has as many free dwellings as
    rights; `reserves_au_parc`: dwellings of the programme under the same contingent, against the register's (« aucun »,
    « autre », « autant »). What is unknown is no gap. The value says whether there is a gap.
    """
    code = "concorde"
    if not compte:
        code = "hors_compte"
    elif not trouve:
        code = "logement_absent" if identifie else "programme_absent"
    elif identifie and not premier:
        code = "logement_deja_tenu"
    elif not identifie and not tient:
        code = "programme_depasse"
    elif identifie:
        code = _du_logement(contingent_droit, contingent_parc)
    elif reserves_au_parc is None:
        code = "non_compare"
    elif reserves_au_parc != "autant":
        code = "non_reserve_au_parc" if reserves_au_parc == "aucun" else "autre_nombre"
    return _resultat("parc", code)


def _du_logement(contingent_droit: str | None, contingent_parc: str | None) -> str:
    codes = bareme("contingents")["codes"]
    if contingent_droit is None or contingent_parc not in codes:
        return "non_compare"
    if codes[contingent_parc]["type"] == "non_reserve":
        return "non_reserve_au_parc"
    return "concorde" if contingent_parc == contingent_droit else "autre_contingent"


@regle("d15", du="2018-01-01")
def ecart_avec_la_liste(registre: DroitDit | None, liste: DroitDit | None, compte: bool = True) -> Resultat:
    """Dit ce qui sépare une ligne du registre de celle de la liste du réservataire, le plus grave d'abord.

    None: the side has no such line. `compte`: the line of the register is in force. Two values differ when both are
    known and are not the same. The value is the names of all that differs.
    """
    if registre is None:
        return Resultat((), "absente_du_registre")
    if liste is None:
        return Resultat((), "absente_de_la_liste" if compte else "hors_compte")
    differe = {
        "logement": bool(registre.logement and liste.logement)
        and not set(registre.logement) & set(liste.logement),
        "programme": not (registre.logement and liste.logement)
        and _differe(registre.programme, liste.programme),
        "nombre": _differe(registre.nombre, liste.nombre),
        "debut": _differe(registre.debut, liste.debut),
        "fin": _differe(registre.fin, liste.fin),
        "nature": _differe(registre.nature, liste.nature),
        "contrepartie": _differe(registre.contrepartie, liste.contrepartie),
    }
    noms = tuple(nom for nom, vrai in differe.items() if vrai)
    for code, membres in SORTES.items():
        if set(membres) & set(noms):
            return Resultat(noms, code)
    return Resultat(noms, "concorde")


SORTES = {
    "objet": ("logement", "programme"),
    "nombre": ("nombre",),
    "dates": ("debut", "fin"),
    "nature": ("nature", "contrepartie"),
}


def _differe(a: object, b: object) -> bool:
    return a is not None and b is not None and a != b


def _resultat(ou: str, code: str) -> Resultat:
    return Resultat(bool(bareme("rapprochement")[ou][code]["ecart"]), code)
