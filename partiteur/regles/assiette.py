"""The assiette: the dwellings on which the annual flow bears, and why the others are outside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from partiteur.regles.faits import Dossier, Logement, Perimetre
from partiteur.regles.socle import (
    Avertissement,
    ErreurUtilisateur,
    Etape,
    Resultat,
    avertir,
    bareme,
    nombre,
    regle,
)

MOT = {True: "oui", False: "non"}


class AssietteImpossible(ErreurUtilisateur):
    """More dwellings are excluded than the parc holds."""


@dataclass(frozen=True)
class Exclusion:
    """The motifs that take a dwelling out of the assiette, in counting order, and those left unknown."""

    motifs: tuple[str, ...]
    inconnus: tuple[str, ...]


@dataclass(frozen=True)
class Assiette:
    """A parc, what is excluded from it by motif, and what is left (dwellings)."""

    parc: int
    exclus: Mapping[str, int]
    total: int


@regle("l441-1-flux", "r441-5-identifies", "l302-16", "l631-12", "arrete-2010-01-05", du="2020-02-22")
def motifs_exclusion(logement: Logement) -> Resultat:
    """Dit pour quels motifs un logement est hors de l'assiette, d'après ce que son bailleur en déclare.

    Every motif is kept, whatever the cadre; the cadre chooses later. A motif is unknown when none of the facts
    that could tell it is known. The bailleur confirms what is deduced from a code (D17).
    """
    deductions, faits = bareme("exclus")["deductions"], bareme("exclus")["faits"]
    trouves: dict[str, Etape] = {}
    for fait in fields(logement):
        valeur = getattr(logement, fait.name)
        motif = deductions.get(fait.name, {}).get(MOT.get(valeur, valeur))
        if motif:
            libelle = bareme("exclus")["motifs"][motif]["libelle"]
            formule = f"{fait.name} = {MOT.get(valeur, valeur)}"
            trouves.setdefault(
                motif, Etape(libelle, formule, motif, bareme("exclus")["motifs"][motif]["texte"])
            )
    motifs = tuple(m for m in bareme("exclus")["motifs"] if m in trouves)
    inconnus = tuple(
        motif
        for motif, sources in faits.items()
        if motif != "texte" and motif not in trouves and all(getattr(logement, s) is None for s in sources)
    )
    code = "exclu" if motifs else "inconnu" if inconnus else "dans_assiette"
    return Resultat(Exclusion(motifs, inconnus), code, tuple(trouves[m] for m in motifs))


@regle("l441-1-flux", du="2020-02-22")
def motif_retenu(motifs: Sequence[str], motifs_cadre: Sequence[str], bailleur_sem: bool) -> Resultat:
    """Compte un logement exclu une seule fois, au premier de ses motifs que le cadre retient.

    A dwelling without convention is out of the field for a SEM only (D20).
    """
    for motif in motifs:
        if motif in motifs_cadre and (bailleur_sem or motif != "non_conventionne_sem"):
            return Resultat(motif, "exclu")
    return Resultat(None, "dans_assiette")


@regle("sdes-rpls", du="2018-01-01")
def famille_financement(financement: str | None, famille: str | None) -> Resultat:
    """Range un financement dans sa famille : PLAI, PLUS, PLS, PLI ou autre."""
    if famille is not None:
        return Resultat(famille, "donnee")
    if financement is None:
        return Resultat(None, "inconnu")
    trouvee = bareme("financement")["familles"].get(financement)
    etape = Etape("Famille de financement", f"FINAN {financement}", trouvee, "sdes-rpls")
    return Resultat(trouvee, "deduite" if trouvee else "inconnu", (etape,))


@regle("d16", du="2018-01-01")
def typologie_groupee(typologie: str | None) -> Resultat:
    """Groupe les typologies comme les tableaux échangés : T1 à T5, T6 et plus."""
    groupe = bareme("typologies")["groupes"].get(typologie)
    return Resultat(groupe, "groupe" if groupe else "inconnu")


@regle("r441-5-convention", "l441-1-flux", du="2020-02-22")
def assiette(perimetre: Perimetre, dossier: Dossier) -> Resultat:
    """L'assiette est le parc locatif social du périmètre, moins les logements exclus, motif par motif.

    Returns an `Assiette`. Raises AssietteImpossible when more is excluded than there is.
    """
    motifs = bareme("exclus")["motifs"]
    exclus, avertissements = exclus_admis(perimetre, dossier)
    total = perimetre.parc - sum(exclus.values())
    if total < 0:
        ou = perimetre.nom or perimetre.code
        raise AssietteImpossible(
            f"{ou} : {nombre(sum(exclus.values()))} logements exclus pour un parc de {nombre(perimetre.parc)} ; "
            "corrigez [parc] ou ses exclus."
        )
    etapes = [Etape("Parc", dossier.source_parc or "parc donné", perimetre.parc, "r441-5-convention")]
    etapes += [
        Etape(f"Exclus : {motifs[m]['libelle']}", "à retrancher", n, motifs[m]["texte"])
        for m, n in exclus.items()
    ]
    formule = " - ".join([nombre(perimetre.parc), *(nombre(n) for n in exclus.values())])
    etapes.append(Etape("Assiette", formule, total, "r441-5-convention"))
    return Resultat(Assiette(perimetre.parc, exclus, total), "calcule", tuple(etapes), avertissements)


def exclus_admis(perimetre: Perimetre, dossier: Dossier) -> tuple[dict[str, int], tuple[Avertissement, ...]]:
    """The exclusions that count, in the order of the barème, and what must be said of the others (D10)."""
    motifs = bareme("exclus")["motifs"]
    du_rpls = (dossier.source_parc or "").upper().startswith("RPLS")
    admis: dict[str, int] = {}
    avertissements = []
    for motif in (m for m in motifs if perimetre.exclus.get(m)):
        combien, libelle = perimetre.exclus[motif], motifs[motif]["libelle"]
        if du_rpls and not motifs[motif]["dans_rpls"]:
            avertissements.append(avertir("exclu_hors_source", nombre=nombre(combien), motif=libelle))
            continue
        admis[motif] = combien
        if motif == "non_eligibles":
            avertissements.append(avertir("exclus_non_detailles", nombre=nombre(combien)))
        elif motif not in dossier.cadre.motifs_exclus:
            avertissements.append(avertir("exclu_hors_cadre", nombre=nombre(combien), motif=libelle))
    for motif in (m for m in dossier.cadre.motifs_exclus if perimetre.inconnus.get(m)):
        combien, libelle = perimetre.inconnus[motif], motifs[motif]["libelle"]
        avertissements.append(avertir("donnees_inconnues", nombre=nombre(combien), fait=libelle))
    return admis, tuple(avertissements)
