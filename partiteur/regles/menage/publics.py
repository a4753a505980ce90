"""The publics of L441-1, letter by letter, from facts that may be unknown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from partiteur.regles.menage.composition import MenageImpossible
from partiteur.regles.socle import Etape, Resultat, bareme, en_vigueur, regle


@dataclass(frozen=True)
class Publics:
    """The letters of L441-1 a household belongs to, and those that facts not known yet could give it."""

    reconnus: tuple[str, ...]
    inconnus: tuple[str, ...]


@regle("l441-1-publics", du="2018-01-01")
def publics_l441_1(
    situation: Mapping[str, bool | None], statut_occupation: str | None, motifs: Sequence[str]
) -> Resultat:
    """Dit de quels publics prioritaires du L441-1, lettres a à m et g bis, relève un ménage.

    `situation` holds the facts stated (publics_l441_1.toml names them), before what the SNE codes of the present
    housing and of the motifs say. Value a Publics; codes `prioritaire`, `inconnu`, `non_prioritaire`. Declared
    facts make a declared letter: proof is another matter. Raises MenageImpossible on a fact or status unknown here.
    """
    table = bareme("publics_l441_1")
    connus = {fait for ligne in table["lettres"].values() for groupe in ligne["tous"] for fait in groupe}
    if autres := sorted(set(situation) - connus):
        raise MenageImpossible(
            f"« {autres[0]} » n'est pas un fait du L441-1. Faits connus : {', '.join(sorted(connus))}."
        )
    faits = {**_du_statut(table["statuts"], statut_occupation), **_des_motifs(table["motifs"], motifs)}
    faits |= {fait: vrai for fait, vrai in situation.items() if vrai is not None}
    reconnus, inconnus, etapes = [], [], []
    for lettre, ligne in table["lettres"].items():
        vrai = _tous(_un_de(faits.get(fait) for fait in groupe) for groupe in ligne["tous"])
        if vrai:
            reconnus.append(lettre)
            etapes.append(Etape(f"L441-1 {lettre}", ligne["libelle"], "oui", ligne["texte"]))
        elif vrai is None:
            inconnus.append(lettre)
    code = "prioritaire" if reconnus else "inconnu" if inconnus else "non_prioritaire"
    return Resultat(Publics(tuple(reconnus), tuple(inconnus)), code, tuple(etapes))


@regle("l441-1-publics", du="2018-01-01")
def sortant_ase(
    age: int | None, mineur_emancipe: bool | None, fin_prise_en_charge: date | None, a_la_date: date
) -> Resultat:
    """Relève de la lettre m le mineur émancipé ou le majeur de moins de 21 ans, jusqu'à trois ans après la fin de l'aide sociale à l'enfance.

    `fin_prise_en_charge` is the last day of the aide sociale à l'enfance, begun before the majority; None when
    nothing says there was one. Value True, False or None.
    """
    ligne = en_vigueur("publics_l441_1", "sortant_ase", a_la_date)
    if mineur_emancipe:
        en_age: bool | None = True
    else:
        en_age = None if age is None else age < int(ligne["age"])
    if fin_prise_en_charge is None:
        dans_le_delai = None
    else:
        annee = fin_prise_en_charge.year + int(ligne["annees"])
        terme = (annee, fin_prise_en_charge.month, fin_prise_en_charge.day)
        dans_le_delai = (a_la_date.year, a_la_date.month, a_la_date.day) <= terme
    vrai = _tous((en_age, dans_le_delai))
    return Resultat(vrai, "inconnu" if vrai is None else "oui" if vrai else "non")


def _du_statut(statuts: Mapping[str, Sequence[str]], statut: str | None) -> dict[str, bool]:
    """What a status says: true for its own facts, false for those of the others."""
    if statut is None:
        return {}
    codes = {code: faits for code, faits in statuts.items() if code != "texte"}
    if statut not in codes:
        raise MenageImpossible(
            f"« {statut} » n'est pas un code de statut d'occupation. Codes connus : {', '.join(codes)}."
        )
    return {fait: fait in codes[statut] for faits in codes.values() for fait in faits}


def _des_motifs(table: Mapping[str, Sequence[str]], motifs: Sequence[str]) -> dict[str, bool]:
    return {fait: True for motif in motifs for fait in table.get(motif, ())}


def _un_de(valeurs: Iterable[bool | None]) -> bool | None:
    """True when one is, else None when one is unknown, else False."""
    lues = list(valeurs)
    return True if True in lues else None if None in lues else False


def _tous(valeurs: Iterable[bool | None]) -> bool | None:
    """False when one is, else None when one is unknown, else True."""
    lues = list(valeurs)
    return False if False in lues else None if None in lues else True
