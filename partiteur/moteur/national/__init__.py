"""The flux of every bailleur in every département at once: facts counted by SQL, then the same rule, pair by pair.

A folder holds the millésimes (`parc-<sha>.parquet`, one a year), `droits.parquet` (the columns of D15 and the type of
each réservataire) and `liberations.parquet`.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from partiteur.moteur.cadre import charger_cadre
from partiteur.moteur.etats import Moteur
from partiteur.moteur.execution import connexion
from partiteur.moteur.geographie import Geographie, charger
from partiteur.moteur.millesime import ouvrir
from partiteur.moteur.national.faits import ETAPES, Couple, Faits, Lieu, Methode, Sources, Suivi, compter
from partiteur.regles.faits import Dossier, Etat, Mutations, Perimetre, Reservataire, Rotation
from partiteur.regles.flux import flux
from partiteur.regles.flux.feuille import PartReservataire
from partiteur.regles.rotation import definition as definition_de
from partiteur.regles.socle import ErreurUtilisateur

TEXTE, ENTIER = pa.string(), pa.int64()
COLONNES = {
    "exercice": ENTIER, "bailleur": TEXTE, "departement": TEXTE, "reservataire": TEXTE, "type": TEXTE,
    "contrepartie": TEXTE, "parc": ENTIER, "assiette": ENTIER, "taux": TEXTE, "volume": TEXTE, "flux": TEXTE,
    "a_repartir": ENTIER, "reserves": ENTIER, "part": TEXTE, "part_appliquee": TEXTE, "exact": TEXTE,
    "objectif": ENTIER, "engagement": TEXTE, "reste_a_reporter": TEXTE, "avertissements": TEXTE,
    "empechement": TEXTE,
}  # fmt: skip


class DossierNationalInvalide(ErreurUtilisateur):
    """The folder does not hold what a national flux is computed from."""


def trouver(dossier: Path, exercice: int) -> Sources:
    """The files of a folder for an exercice. Raises DossierNationalInvalide when one is missing."""
    annees: dict[int, Path] = {}
    for chemin in sorted(dossier.glob("parc-*.parquet")):
        try:
            annee = (pq.read_schema(chemin).metadata or {}).get(b"annee", b"").decode()
        except (OSError, pa.ArrowException) as erreur:
            raise DossierNationalInvalide(f"{chemin} : ce n'est pas un millésime lisible.") from erreur
        if annee:
            annees[int(annee)] = chemin
    if exercice not in annees:
        connues = ", ".join(map(str, sorted(annees))) or "aucun"
        raise DossierNationalInvalide(
            f"{dossier} : aucun millésime au 1er janvier {exercice} ; exercices possibles : {connues}."
        )
    for nom in ("droits", "liberations"):
        if not (dossier / f"{nom}.parquet").is_file():
            raise DossierNationalInvalide(f"{dossier} : il manque le fichier « {nom}.parquet ».")
    return Sources(annees[exercice], dossier / "droits.parquet", dossier / "liberations.parquet")


def flux_de_tous(
    dossier: Path,
    cadre: str,
    exercice: int,
    *,
    moteur: Moteur = connexion,
    suivi: Suivi = lambda etape, fait, total: None,
) -> pa.Table:
    """One row a bailleur × département × réservataire (the non-réservé last), in this order: the columns COLONNES.

    Exact numbers are fractions in text, unknown is null. `reserves` are the dwellings the register gives, `empechement`
    the sentence of the rule when a couple's flux cannot be computed. `suivi` is told each step, its progress, its
    length. Raises a subclass of ErreurUtilisateur when a file is missing or unreadable, or the cadre unknown.
    """
    sources = trouver(dossier, exercice)
    charge = charger_cadre(cadre, Path())
    definie = definition_de(charge.definition, charge.motifs_exclus) if charge.definition else None
    methode = Methode(charge, definie, exercice)
    suivi(ETAPES[0], 0, 1)
    geographie = charger()
    parc = ouvrir(sources.parc, geographie)
    faits = compter(moteur(), parc, sources, methode, geographie, suivi)
    couples = sorted({(bailleur, departement) for bailleur, departement, *_ in faits.parcs})
    colonnes: dict[str, list[Any]] = {nom: [] for nom in COLONNES}
    for rang, couple in enumerate(couples):
        suivi(ETAPES[-1], rang, len(couples))
        dossier_du_couple = _dossier(couple, faits, methode, geographie)
        for ligne in _lignes(couple, dossier_du_couple, faits.reserves.get(couple, {})):
            for nom in COLONNES:
                colonnes[nom].append(ligne.get(nom))
    suivi(ETAPES[-1], len(couples), len(couples))
    return pa.table({nom: pa.array(colonnes[nom], type_) for nom, type_ in COLONNES.items()})


def _dossier(couple: Couple, faits: Faits, methode: Methode, geographie: Geographie) -> Dossier:
    """The dossier of a bailleur in a département: its territory, then those of its territorial réservataires."""
    bailleur, departement = couple
    reserves = faits.reserves.get(couple, {})
    propres = sorted((str(faits.titulaires[c].echelle), c) for c in reserves if _a_son_territoire(c, faits))
    codes = {code for _, code in propres}
    lieux: list[Lieu] = [(*couple, "departement", departement), *((*couple, e, c) for e, c in propres)]
    perimetres = tuple(_perimetre(lieu, faits, methode, geographie, codes) for lieu in lieux)
    return Dossier(
        exercice=methode.exercice,
        cadre=methode.cadre,
        bailleur=bailleur,
        perimetres=perimetres,
        reservataires=tuple(
            Reservataire(
                code=code,
                type=faits.titulaires[code].type,
                reserves=nombre,
                reserves_contestes=contestes,
                contrepartie=faits.titulaires[code].contrepartie,
                perimetres=(code,) if code in codes else (),
            )
            for code, (nombre, contestes) in sorted(reserves.items())
        ),
        definition=methode.definition,
        date_parc=methode.date_parc,
        source_parc="RPLS",
        etat=Etat(assiette_hors_qpv=faits.hors_qpv.get(couple)),
        deduits=tuple(perimetres[0].exclus),
    )


def _a_son_territoire(code: str, faits: Faits) -> bool:
    return faits.titulaires[code].echelle is not None


def _perimetre(
    lieu: Lieu, faits: Faits, methode: Methode, geographie: Geographie, codes: set[str]
) -> Perimetre:
    bailleur, departement, echelle, code = lieu
    cadre, definition, exercice = methode.cadre, methode.definition, methode.exercice
    territoire = echelle == "departement"
    par_motif = faits.parcs[lieu]
    rotation = None
    if definition and not methode.par_les_baux and (territoire or echelle == definition.echelle):
        compte = faits.evenements.get(lieu, Fraction(0))
        rotation = Rotation(None, compte, faits.denominateurs.get(lieu, 0))
    soustraits: dict[str, int | Mutations] | None = None
    if territoire:
        constate = _par_annee(faits.mutations.get((bailleur, departement)), cadre.annees_mutations, exercice)
        soustraits = (
            {"mutations": Mutations("moyenne", constate=constate)} if cadre.mutations == "moyenne" else {}
        )
    commune = geographie.commune(code) if echelle == "commune" else None
    return Perimetre(
        code=code,
        echelle=echelle,
        parc=sum(par_motif.values()),
        exclus={motif: n for motif, n in par_motif.items() if motif},
        dans=(commune.epci,) if commune and commune.epci in codes else (),
        soustraits=soustraits,
        rotation=rotation,
        baux=_par_annee(faits.baux.get(lieu), cadre.annees_volume, exercice) if methode.par_les_baux else {},
        inconnus=faits.inconnus.get((bailleur, departement), {}) if territoire else {},
    )


def _par_annee(comptes: Mapping[int, int] | None, annees: int | None, exercice: int) -> dict[int, int]:
    """A count for every year asked: none seen in a register that covers them is zero."""
    return {a: (comptes or {}).get(a, 0) for a in range(exercice - (annees or 1), exercice)}


def _lignes(
    couple: Couple, dossier: Dossier, reserves: Mapping[str, tuple[int, int]]
) -> Iterator[dict[str, Any]]:
    """The rows of a couple; one row that says why when the rule refuses."""
    commun = {"exercice": dossier.exercice, "bailleur": couple[0], "departement": couple[1]}
    try:
        calcule = flux(dossier)
    except ErreurUtilisateur as erreur:
        yield {**commun, "parc": dossier.perimetres[0].parc, "empechement": str(erreur)}
        return
    territoire = calcule.territoire
    commun |= {
        "parc": territoire.assiette.parc,
        "assiette": territoire.assiette.total,
        "taux": _texte(territoire.taux),
        "volume": _texte(territoire.volume),
        "flux": _texte(territoire.exact),
        "a_repartir": calcule.a_repartir,
        "avertissements": "|".join(sorted({a.code for a in calcule.avertissements})),
    }
    for part in (*calcule.reservataires, calcule.non_reserve):
        yield {**commun, "reserves": reserves.get(part.code, (None,))[0], **_part(part)}


def _part(part: PartReservataire) -> dict[str, Any]:
    return {
        "reservataire": part.code,
        "type": part.type,
        "contrepartie": part.contrepartie,
        "part": _texte(part.part),
        "part_appliquee": _texte(part.part_appliquee),
        "exact": _texte(part.exact),
        "objectif": part.objectif,
        "engagement": part.engagement,
        "reste_a_reporter": _texte(part.reste_a_reporter),
    }


def _texte(exact: Fraction | None) -> str | None:
    return None if exact is None else str(Fraction(exact))
