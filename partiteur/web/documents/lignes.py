"""The lines of a bailleur's register, as each side may read them: set beside the parc, one by one, with their history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from partiteur.moteur.rapprochement import (
    Condition,
    Total,
    differences,
    lignes,
    lignes_du_registre,
    rapprocher,
    totaux,
)
from partiteur.regles.socle import bareme, nombre
from partiteur.web import depot as fichiers
from partiteur.web.documents.etat_des_lieux import Noms, millesimes
from partiteur.web.models import Membre, Millesime, Organisation, Reservataire
from partiteur.web.templatetags.typographie import jour

PAR_PAGE = 50
MOTS = {
    "droit": "Référence",
    "reservataire": "Code du réservataire",
    "convention_origine": "Convention",
    "programme": "Programme",
    "logement": "Logement",
    "nombre": "Nombre",
    "contrepartie": "Contrepartie",
    "quotite_garantie": "Quotité garantie",
    "nature": "Nature",
    "debut": "Début",
    "fin": "Fin",
    "dernier_remboursement": "Dernier remboursement",
    "cede_a": "Cédé à",
    "statut": "Statut",
    "piece": "Pièce",
}
VALEURS = {
    "suite": "droit de suite",
    "unique": "droit unique",
    "un_tour": "pour un tour",
    "declare_bailleur": "déclaré par le bailleur",
    "confirme": "confirmé",
    "conteste": "contesté",
    "non_mobilise": "non mobilisé",
    "financement": "financement",
    "terrain": "terrain",
    "garantie": "garantie d'emprunt",
    "sans": "sans contrepartie",
}
ETATS = {
    "en_vigueur": "en cours",
    "conteste": "en cours, contesté",
    "pas_encore_ouvert": "pas encore ouvert",
    "expire": "expiré",
    "eteint": "éteint avec la garantie",
    "non_mobilise": "non mobilisé",
    "unique": "droit unique, compté à part",
    "un_tour": "pour un tour, compté à part",
}


@dataclass(frozen=True)
class Registre:
    """The last register of a bailleur, and the last parc it is set beside."""

    droits: Millesime
    parc: Millesime

    @cached_property
    def chemin(self) -> Path:
        """The file of its lines set beside the parc, made the first time. Raises FichierRefuse: a file was altered."""
        types = tuple(sorted(Reservataire.objects.values_list("code", "type")))
        cle = (self.parc.sha, self.droits.sha, self.parc.le, types, str(settings.MEDIA_ROOT))
        trouve = _chemin(*cle)
        if not trouve.exists():  # disposable: somebody made room
            _chemin.cache_clear()
            trouve = _chemin(*cle)
        return trouve


@dataclass(frozen=True)
class Ligne:
    """A line as a page shows it: what it bears on, whose, how many, what is known of it, and its gap with the parc."""

    cle: str
    nom: str
    qui: str
    nombre: int
    ou: str
    precisions: str
    ecart: str
    est_ecart: bool


@dataclass(frozen=True)
class Decompte:
    """A category, in words: its lines, its rights, and whether it is a gap."""

    code: str
    nom: str
    lignes: int
    droits: int
    est_ecart: bool


@dataclass(frozen=True)
class Version:
    """A line in one register: what became of it, and what changed, in words."""

    millesime: Millesime
    quoi: str
    changements: Sequence[tuple[str, str, str]]


def dernier_registre(bailleur: Organisation) -> Registre | None:
    """The register a bailleur's lines are read in; None without a register, or without a parc to set it beside."""
    parcs, droits = millesimes(bailleur)
    if not droits or not parcs:
        return None
    droits.bailleur = bailleur  # known: not to be read again
    return Registre(droits, parcs[0])


@lru_cache(maxsize=256)
def _chemin(parc: str, droits: str, le: date, types: tuple[tuple[str, str], ...], ici: str) -> Path:
    with fichiers.sans_chemin(Path(ici) / "parc"):
        return rapprocher(fichiers.parc(parc), fichiers.registre(droits, le), dict(types))


def visibles(vus: frozenset[str] | None) -> Condition:
    """The lines a reader may see, by the codes droits.titulaires gives; None: all."""
    return Condition() if vus is None else Condition().parmi("titulaire", sorted(vus))


def filtrer(condition: Condition, filtres: Mapping[str, str]) -> Condition:
    """Those of the address: réservataire, commune (« inconnue » too), gap, words of the programme or the dwelling."""
    for colonne, nom in (("titulaire", "reservataire"), ("ecart", "ecart"), ("commune", "commune")):
        voulu = filtres.get(nom)
        if voulu == "inconnu" and colonne == "commune":
            condition = condition.et("r.commune is null")
        elif voulu:
            condition = condition.parmi(colonne, [voulu])
    if filtres.get("q"):
        colonnes = (
            "programme",
            "programme_du_parc",
            "logement",
            "numero_rpls",
            "identifiant_interne",
            "droit",
        )
        condition = condition.contenant(colonnes, filtres["q"])
    return condition


def choix(registre: Registre, vus: frozenset[str] | None, noms: Noms) -> dict[str, list[tuple[str, str]]]:
    """The values each filter may take among the lines a reader may see, with their words."""
    axes, con = ("titulaire", "commune", "ecart"), fichiers.moteur()
    lus = {axe: totaux(con, registre.chemin, visibles(vus), axe) for axe in axes}
    return {
        "reservataire": _tries((t.valeur, noms.dire("reservataire", t.valeur)) for t in lus["titulaire"]),
        "commune": [
            *_tries((t.valeur, noms.dire("commune", t.valeur)) for t in lus["commune"] if t.valeur),
            *(("inconnu", "inconnue") for t in lus["commune"] if t.valeur is None),
        ],
        "ecart": [(d.code, d.nom) for d in en_mots(lus["ecart"])],
    }


def _tries(paires: Any) -> list[tuple[str, str]]:
    return sorted(paires, key=lambda paire: paire[1])


def en_mots(lus: Sequence[Total]) -> list[Decompte]:
    """Categories of the gaps with the parc in their order; they add up to the lines they were counted in."""
    par_code = {t.valeur: t for t in lus}
    return [
        Decompte(code, dit["libelle"], par_code[code].lignes, par_code[code].droits, dit["ecart"])
        for code, dit in bareme("rapprochement")["parc"].items()
        if code in par_code
    ]


def compter(registre: Registre, condition: Condition) -> list[Decompte]:
    """The lines of a condition, by what separates them from the parc."""
    return en_mots(totaux(fichiers.moteur(), registre.chemin, condition, "ecart"))


def lire(registre: Registre, condition: Condition, passees: int, noms: Noms) -> list[Ligne]:
    """A page of lines, in words."""
    lues = lignes(fichiers.moteur(), registre.chemin, condition, passees, PAR_PAGE)
    return [montrer(ligne, noms) for ligne in lues]


def trouver(registre: Registre, vus: frozenset[str] | None, cle: str) -> Mapping[str, Any] | None:
    """The line of a key, among those a reader may see."""
    condition = visibles(vus).et("r.cle = ?", cle)
    return next(iter(lignes(fichiers.moteur(), registre.chemin, condition, 0, 1)), None)


def montrer(ligne: Mapping[str, Any], noms: Noms) -> Ligne:
    """A line of the file, in words."""
    dit = bareme("rapprochement")["parc"][ligne["ecart"]]
    return Ligne(
        ligne["cle"],
        objet(ligne),
        noms.dire("reservataire", ligne["titulaire"]),
        ligne["nombre"],
        noms.dire("commune", ligne["commune"]) if ligne["commune"] else "inconnue",
        ", ".join(_precisions(ligne)),
        dit["libelle"],
        dit["ecart"],
    )


def objet(ligne: Mapping[str, Any]) -> str:
    """What a line bears on."""
    if ligne["logement"]:
        return f"Logement {ligne['logement']}"
    return ligne["programme"] or "Sans programme ni logement"


def _precisions(ligne: Mapping[str, Any]) -> list[str]:
    faits = [ligne["typologie"], ligne["famille_financement"]]
    if ligne["qpv"] is not None:
        faits.append("en quartier prioritaire" if ligne["qpv"] else "hors quartier prioritaire")
    if ligne["individuel"] is not None:
        faits.append("individuel" if ligne["individuel"] else "collectif")
    if ligne["logements_du_programme"] is not None:
        faits.append(f"programme de {nombre(ligne['logements_du_programme'])} logements")
    if ligne["etat"] not in ("en_vigueur", None):
        faits.append(ETATS.get(ligne["etat"], ligne["etat"]))
    if ligne["fin"]:
        faits.append(f"jusqu'au {jour(ligne['fin'])}")
    return [fait for fait in faits if fait]


def dire(colonne: str, valeur: Any) -> str:
    """A value of the register in words."""
    if valeur is None or valeur == "":
        return "non dit"
    if colonne in ("debut", "fin", "dernier_remboursement"):
        return jour(valeur)
    if colonne in ("nature", "statut", "contrepartie"):
        return VALEURS.get(valeur, str(valeur))
    return str(valeur)


def fiche(ligne: Mapping[str, Any], colonnes: Sequence[str] = tuple(MOTS)) -> list[tuple[str, str]]:
    """What a line says, column by column; those it has no word of are left out."""
    return [(MOTS[c], dire(c, ligne[c])) for c in colonnes if c in ligne and ligne[c] is not None]


def histoire(bailleur: Organisation, vus: frozenset[str] | None, cle: str) -> list[Version]:
    """A line from one register to the next, the last first: when it came, what changed, when it left."""
    registres = Millesime.objects.filter(bailleur=bailleur, nature="droits").select_related(
        "par__utilisateur"
    )
    con, versions, avant = fichiers.moteur(), [], None
    for millesime in registres.order_by("importe_le", "pk"):
        ici = fichiers.registre(millesime.sha, millesime.le).chemin
        apres = next(iter(lignes_du_registre(con, ici, visibles(vus).et("r.cle = ?", cle))), None)
        changes = (
            [(MOTS[c], dire(c, a), dire(c, b)) for c, a, b in differences(avant, apres)]
            if avant and apres
            else []
        )
        quoi = {
            (False, True): "La ligne apparaît.",
            (True, False): "La ligne disparaît.",
            (True, True): "La ligne change." if changes else "La ligne ne change pas.",
            (False, False): "La ligne n'y est pas.",
        }[avant is not None, apres is not None]
        versions.append(Version(millesime, quoi, changes))
        avant = apres
    return versions[::-1]


def qui_a_importe(membre: Membre, millesime: Millesime) -> str:
    """A person is named to its own organisation alone (D67)."""
    if millesime.par is None or membre.organisation_id != millesime.bailleur_id:
        return ""
    return str(millesime.par.utilisateur)
