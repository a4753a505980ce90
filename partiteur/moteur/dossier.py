"""Writes a dossier to correct, from a parc and what goes with it: every figure it can read, every gap named."""

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partiteur.moteur.cadre import charger_cadre
from partiteur.moteur.etats import etat_des_lieux
from partiteur.moteur.geographie import Geographie
from partiteur.moteur.lecture import lire_droits
from partiteur.moteur.millesime import ECHELLES, Parc, Territoire, ouvrir
from partiteur.moteur.schema import DocumentInvalide
from partiteur.regles.assiette import motif_retenu
from partiteur.regles.faits import Cadre
from partiteur.regles.socle import bareme


@dataclass(frozen=True)
class Pieces:
    """The files a dossier is made from, and what the user says of them."""

    parc: Path
    cadre: str
    exercice: int
    droits: Path | None = None
    liberations: Path | None = None
    geographie: Path | None = None
    territoire: Territoire | None = None
    nom: str | None = None


def creer(pieces: Pieces, geographie: Geographie, base: Path) -> str:
    """The text of a dossier.toml whose files are named relative to `base`.

    Raises DocumentInvalide when the territory asked holds no dwelling, and what reading the files raises.
    """
    parc = ouvrir(pieces.parc, geographie)
    cadre = charger_cadre(pieces.cadre, base)
    territoire = pieces.territoire or _territoire_principal(parc)
    if (territoire.code,) not in {
        ligne[:-1] for ligne in etat_des_lieux([parc], [territoire.echelle]).lignes
    }:
        raise DocumentInvalide(
            f"{pieces.parc} : aucun logement dans le territoire « {territoire.code} » ({territoire.echelle}) ; "
            "vérifiez le code."
        )
    lignes = [
        "# Dossier préparé par « partiteur dossier creer ». Relisez chaque ligne ; celles marquées « à corriger » manquent.",
        f"cadre = {_toml(pieces.cadre)}",
        f"exercice = {pieces.exercice}",
        "complet = false  # true quand tous les réservataires sont nommés",
        "",
        "[bailleur]",
        f"nom = {_toml(pieces.nom or parc.raison_sociale or parc.bailleur or 'à corriger')}",
        *([f"siren = {_toml(parc.bailleur)}"] if parc.bailleur and len(parc.bailleur) == 9 else []),
        "",
        "[territoire]",
        f"echelle = {_toml(territoire.echelle)}",
        f"code = {_toml(territoire.code)}",
        "",
        *(
            ["[geographie]", f"fichier = {_toml(_relatif(pieces.geographie, base))}", ""]
            if pieces.geographie
            else []
        ),
        *_parc(pieces, parc, base),
        *_rotation(pieces, cadre, parc, base),
        "[soustraits]",
        "# mutations = …          # à corriger : prévision de l'année, par catégorie",
        "# relogements_anru = …",
        "",
        *_reservataires(pieces, parc, cadre, territoire, geographie, base),
    ]
    return "\n".join(lignes).rstrip() + "\n"


def _toml(valeur: object) -> str:
    return json.dumps(str(valeur), ensure_ascii=False)


def _relatif(chemin: Path, base: Path) -> str:
    return Path(os.path.relpath(chemin.resolve(), base.resolve())).as_posix()


def _territoire_principal(parc: Parc) -> Territoire:
    """The département that holds the most dwellings; a convention is made at that scale (R441-5)."""
    etat = etat_des_lieux([parc], ["departement"])
    connus = [(n, code) for code, n in etat.lignes if code is not None]
    if not connus:
        raise DocumentInvalide(
            "Aucun logement du parc n'a de département connu ; vérifiez les codes commune."
        )
    return Territoire("departement", max(connus)[1])


def _parc(pieces: Pieces, parc: Parc, base: Path) -> Iterator[str]:
    yield "[parc]"
    yield f"fichier = {_toml(_relatif(pieces.parc, base))}"
    yield f"date = {pieces.exercice - 1}-12-31  # à corriger si la photographie a une autre date"
    yield f"source = {_toml('RPLS' if parc.source.startswith('rpls') else 'Fichier du bailleur')}"
    yield "# exclus = { pli = … }   # pour confirmer ou corriger un motif lu dans le fichier"
    yield ""
    if pieces.droits:
        yield from ("[droits]", f"fichier = {_toml(_relatif(pieces.droits, base))}", "")


def _rotation(pieces: Pieces, cadre: Cadre, parc: Parc, base: Path) -> Iterator[str]:
    yield "[rotation]"
    if pieces.liberations:
        yield f"liberations = {_toml(_relatif(pieces.liberations, base))}"
        if cadre.definition is None:
            yield '# definition = "…"      # à corriger : ce cadre n\'en fixe pas ; voir « partiteur regles taux_rotation »'
    elif any(
        annee is not None for annee, _ in etat_des_lieux([parc], ["annee_mise_en_location"]).lignes
    ) and _a_des_baux(parc):
        yield 'definition = "emmenagements_rpls"  # lue dans les baux du fichier ; un fichier de libérations vaut mieux'
    else:
        yield '# taux = "… %"           # à corriger : le fichier ne dit rien de la rotation'
    yield ""


def _a_des_baux(parc: Parc) -> bool:
    return any(mode is not None for mode, _ in etat_des_lieux([parc], ["mode"]).lignes)


def _reservataires(
    pieces: Pieces, parc: Parc, cadre: Cadre, territoire: Territoire, geographie: Geographie, base: Path
) -> Iterator[str]:
    if pieces.droits:
        yield from _du_registre(pieces.droits, parc, geographie)
    else:
        yield from _des_contingents(parc, cadre, territoire)


def _du_registre(droits: Path, parc: Parc, geographie: Geographie) -> Iterator[str]:
    """One réservataire a code of the register; a commune's or an EPCI's code gives its type and its perimeter."""
    contreparties: dict[str, Counter[str]] = defaultdict(Counter)
    for droit in lire_droits(droits).table.to_pylist():
        contreparties[droit["cede_a"] or droit["reservataire"]][droit["contrepartie"] or "sans"] += droit[
            "nombre"
        ]
    epcis = {epci for epci, _ in etat_des_lieux([parc], ["epci"]).lignes}
    territoriaux = {}
    for code in contreparties:
        if code in epcis:
            territoriaux[code] = "epci"
        elif geographie.commune(code):
            territoriaux[code] = "commune"
    for code, echelle in territoriaux.items():
        yield from ("[[perimetres]]", f"code = {_toml(code)}", f"echelle = {_toml(echelle)}", "")
    for code, compte in contreparties.items():
        yield from ("[[reservataires]]", f"code = {_toml(code)}")
        if code in territoriaux:
            yield from (f"type = {_toml(territoriaux[code])}", f"perimetre = {_toml(code)}")
        else:
            yield 'type = "autre"          # à corriger : etat_prioritaires, action_logement, departement…'
        yield from (f"contrepartie = {_toml(compte.most_common(1)[0][0])}", "")


def _des_contingents(parc: Parc, cadre: Cadre, territoire: Territoire) -> Iterator[str]:
    """Without a register: the contingents of the RPLS inside the assiette, which are not réservataires (D19)."""
    codes = bareme("contingents")["codes"]
    reserves: Counter[Any] = Counter()
    for contingent, motifs, lieu, n in etat_des_lieux(
        [parc], ["contingent", "motifs", territoire.echelle]
    ).lignes:
        dedans = motif_retenu(motifs.split("|"), cadre.motifs_exclus, False).valeur is None
        if (
            lieu == territoire.code
            and dedans
            and contingent in codes
            and codes[contingent]["type"] != "non_reserve"
        ):
            reserves[contingent] += n
    yield "# Contingents du RPLS : remplacez-les par les réservataires de vos conventions."
    for contingent, n in sorted(reserves.items()):
        yield from ("[[reservataires]]", f"code = {_toml(f'contingent-{contingent}')}")
        yield f"nom = {_toml(codes[contingent]['libelle'])}"
        yield from (f"type = {_toml(codes[contingent]['type'])}", f"reserves = {n}", "")


def territoire_de(texte: str) -> Territoire:
    """Read « departement:31 ». Raises DocumentInvalide on anything else."""
    echelle, _, code = texte.partition(":")
    if echelle not in ECHELLES or not code:
        raise DocumentInvalide(
            f"Le territoire « {texte} » s'écrit echelle:code, par exemple departement:31 ou epci:200000000."
        )
    return Territoire(echelle, code)
