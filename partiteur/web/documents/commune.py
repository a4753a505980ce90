"""The sheet of a commune, for its mayor: the parc there, its rights, what it is owed, in words."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from io import BytesIO
from typing import Any

from partiteur.regles.socle import nombre, pourcentage
from partiteur.web import depot as fichiers
from partiteur.web.documents.etat_des_lieux import Demande, compter, derniers_millesimes
from partiteur.web.droits import dossiers, perimetres_ouverts
from partiteur.web.models import Dossier, Membre, Organisation, Reservation
from partiteur.web.templatetags.typographie import jour as ecrire_jour

FORMES = {"pdf": "PDF", "xlsx": "Classeur", "json": "JSON"}
ORIGINE = "Ce que disent les bailleurs du territoire"
PERSONNE = "Aucun bailleur n'a importé de logement dans cette commune."
RAPPEL = (
    "Le bailleur choisit les logements qu'il propose, à mesure qu'ils se libèrent ; la commune désigne des candidats, la "
    "commission d'attribution décide."
)


@dataclass(frozen=True)
class ChezUnBailleur:
    """What a bailleur has in the commune: dwellings, in QPV, reserved by the commune; and what it owes, in a sentence."""

    bailleur: Organisation
    le: date
    logements: int
    qpv: int
    reserves: int
    part: Fraction
    du: str
    objectif: int | None


@dataclass(frozen=True)
class FicheCommune:
    """The sheet: a commune, its bailleurs, their sums, on a day."""

    le: date
    code: str
    nom: str
    chez: tuple[ChezUnBailleur, ...]
    logements: int
    qpv: int
    reserves: int
    phrase: str
    sienne: bool

    @property
    def titre(self) -> str:
        """Whose rights are told."""
        return f"{self.nom} : le logement social et {'vos droits' if self.sienne else 'les droits de la commune'}"

    @property
    def chapeau(self) -> str:
        """Who says so, as of when, and of how many dwellings."""
        qpv = f"dont {nombre(self.qpv)} en quartier prioritaire de la politique de la ville (QPV)"
        return f"{ORIGINE}, au {ecrire_jour(self.le)}. {nombre(self.logements)} logements sociaux, {qpv}."


def communes_possibles(membre: Membre, jour: date) -> list[tuple[str, str]]:
    """The communes a member may ask the sheet of: those where its bailleurs have dwellings, in its perimeters."""
    ouvertes = demandes_ouvertes(membre, jour).values()
    codes = set().union(*(_par_commune(demande) for demandes in ouvertes for demande in demandes))
    nommees = ((code, fichiers.geographie().commune(code)) for code in codes)
    return sorted(((code, commune.nom if commune else code) for code, commune in nommees), key=lambda c: c[1])


def sa_commune(membre: Membre, jour: date) -> str | None:
    """The commune an organisation is, by the perimeter of its rights."""
    siennes = Reservation.objects.au(jour).filter(
        reservataire__organisation=membre.organisation, reservataire__type="commune", echelle="commune"
    )
    return siennes.values_list("code", flat=True).order_by("code").first()


def demandes_ouvertes(membre: Membre, jour: date) -> Mapping[Organisation, list[Demande]]:
    """The last parc of each bailleur that has one, in each perimeter the member may count in."""
    ouverts = perimetres_ouverts(membre, jour)
    derniers = derniers_millesimes(ouverts)
    demandes = {}
    for bailleur, siens in ouverts.items():
        lus = derniers.get(bailleur.pk, {})
        parc, droits = lus.get("parc"), lus.get("droits")
        if parc is not None:
            sha = droits.sha if droits else None
            demandes[bailleur] = [Demande(parc.sha, sha, parc.le, p, "commune", None, ()) for p in siens]
    return demandes


@lru_cache(maxsize=2048)
def _par_commune(demande: Demande) -> Mapping[str, Mapping[bool | None, int]]:
    """Dwellings by commune, in QPV or not: one count for the list of communes and for the sheet of each."""
    lus: dict[str, dict[bool | None, int]] = {}
    for commune, qpv, logements in compter(demande, ("commune", "qpv"), ()).etat.lignes:
        if commune:
            lus.setdefault(commune, {})[qpv] = logements
    return lus


def fiche(membre: Membre, code: str, jour: date) -> FicheCommune:
    """The sheet of a commune, of what the member may see there."""
    siens, adoptes = codes_de_la_commune(code, jour), _derniers_adoptes(membre, jour)
    chez = []
    for bailleur, demandes in demandes_ouvertes(membre, jour).items():
        vus = [(demande, _par_commune(demande).get(code, {})) for demande in demandes]
        # The same dwellings through several perimeters: the widest says all.
        demande, qpv = max(vus, key=lambda vu: sum(vu[1].values()), default=(None, {}))
        if demande is not None and qpv:
            chez.append(_chez(bailleur, demande, qpv, code, siens, adoptes.get(bailleur.pk)))
    commune = fichiers.geographie().commune(code)
    logements, reserves = sum(c.logements for c in chez), sum(c.reserves for c in chez)
    return FicheCommune(
        jour,
        code,
        commune.nom if commune else code,
        tuple(chez),
        logements,
        sum(c.qpv for c in chez),
        reserves,
        _phrase(logements, reserves),
        sa_commune(membre, jour) == code,
    )


def _phrase(logements: int, reserves: int) -> str:
    if not reserves:
        return "La commune n'a de droit de réservation sur aucun de ces logements."
    part = pourcentage(Fraction(reserves, logements))
    return f"La commune a des droits de réservation sur {nombre(reserves)} de ces logements, soit {part}."


def codes_de_la_commune(code: str, jour: date) -> frozenset[str]:
    """The codes under which a commune has rights."""
    siennes = Reservation.objects.au(jour).filter(echelle="commune", code=code, reservataire__type="commune")
    return frozenset(siennes.values_list("reservataire__code", flat=True))


def _chez(
    bailleur: Organisation,
    demande: Demande,
    qpv: Mapping[bool | None, int],
    code: str,
    siens: frozenset[str],
    adopte: Dossier | None,
) -> ChezUnBailleur:
    ici = (("commune", code),)
    par_reservataire = (
        dict(compter(demande, ("reservataire",), ici).etat.lignes) if demande.sha_droits else {}
    )
    reserves = sum(n for titulaire, n in par_reservataire.items() if titulaire in siens)
    logements = sum(qpv.values())
    du, objectif = _du(adopte, siens)
    return ChezUnBailleur(
        bailleur,
        demande.le,
        logements,
        qpv.get(True, 0),
        reserves,
        Fraction(reserves, logements or 1),
        du,
        objectif,
    )


def _derniers_adoptes(membre: Membre, jour: date) -> Mapping[int, Dossier]:
    """The last adopted flux of each bailleur, by its key, in two queries: the results are long, one each is read."""
    adoptes = dossiers(membre, jour).filter(adopte_le__isnull=False)
    derniers: dict[int, int] = {}
    for bailleur, cle in adoptes.values_list("bailleur_id", "pk"):
        derniers.setdefault(bailleur, cle)
    return {lu.bailleur_id: lu for lu in Dossier.objects.filter(pk__in=list(derniers.values()))}


def _du(adopte: Dossier | None, siens: frozenset[str]) -> tuple[str, int | None]:
    """What the last adopted flux owes the commune, in words, and in whole dwellings."""
    if adopte is None:
        return "Le flux de l'année n'est pas encore adopté.", None
    resultat = json.loads(adopte.resultat)
    parts = [r for r in resultat["reservataires"] if r["code"] in siens]
    if not parts:
        return f"Le flux {adopte.exercice} ne prévoit aucune part pour la commune.", None
    return _en_mots(parts, adopte.exercice)


def _en_mots(parts: Sequence[dict[str, object]], exercice: int) -> tuple[str, int | None]:
    (part, *_) = parts
    applique, objectif = Fraction(str(part["part_appliquee"])), part["objectif"]
    flux = f"{pourcentage(applique)} des logements à répartir dans la commune en {exercice}"
    if objectif is None:
        return (
            f"Le flux {exercice} ne publie pas d'objectif pour la commune : sa convention est à revoir.",
            None,
        )
    ans = part["tous_les_ans"]
    if ans:
        return f"{flux} : environ un logement tous les {ans} ans.", int(str(objectif))
    logements = int(str(objectif))
    pluriel = "s" if logements > 1 else ""
    return (
        f"{flux}, soit {nombre(logements)} logement{pluriel} à proposer à la commune dans l'année.",
        logements,
    )


# --- downloads


def en_json(fiche: FicheCommune) -> dict[str, Any]:
    """The sheet for other programs: shares as reduced fractions, unknown as null."""
    return {
        "commune": fiche.code,
        "nom": fiche.nom,
        "date": fiche.le.isoformat(),
        "logements": fiche.logements,
        "qpv": fiche.qpv,
        "reserves": fiche.reserves,
        "bailleurs": [
            {"siren": c.bailleur.siren, "nom": str(c.bailleur), "date": c.le.isoformat()}
            | {"logements": c.logements, "qpv": c.qpv, "reserves": c.reserves, "part": str(c.part)}
            | {"objectif": c.objectif, "du": c.du}
            for c in fiche.chez
        ],
    }


def classeur(fiche: FicheCommune) -> bytes:
    """The sheet as a workbook: a row a bailleur, live totals."""
    from partiteur.moteur.tableur.classeur import adresse, plage, vive
    from partiteur.moteur.tableur.classeur import classeur as ouvrir

    fichier = BytesIO()
    with ouvrir(fichier, fiche.titre) as livre:
        feuille = livre.feuille("Fiche commune", (34, 12, 12, 12, 14, 10, 12, 70))
        feuille.titre(fiche.titre, fiche.chapeau, fiche.phrase)
        comptes = ("Logements", "En QPV", "Réservés à la commune", "Part", "Objectif")
        entete = feuille.entete(("Bailleur", "Au", *comptes, "Ce qui est dû"), nombres=range(2, 7))
        for c in fiche.chez:
            rang = feuille.rang + 1
            part = vive(c.part, (f"={adresse(rang, 4)}/{adresse(rang, 2)}", c.part), style="taux")
            objectif = "inconnu" if c.objectif is None else c.objectif
            feuille.ligne((str(c.bailleur), c.le, c.logements, c.qpv, c.reserves, part, objectif, c.du))
        sommes = [
            vive(n, (f"=SUM({plage(entete + 1, feuille.rang, colonne)})", n)) if fiche.chez else n
            for colonne, n in enumerate((fiche.logements, fiche.qpv, fiche.reserves), start=2)
        ]
        feuille.ligne(("Ensemble", None, *sommes, None, None, None), "resultat")
    return fichier.getvalue()


def exporter(fiche: FicheCommune, forme: str) -> tuple[bytes, str]:
    """The sheet as a file, and its type: pdf, xlsx or json; the same result object as the page (E1)."""
    if forme == "json":
        return json.dumps(en_json(fiche), ensure_ascii=False, indent=2).encode(), "application/json"
    if forme == "xlsx":
        return classeur(fiche), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    from partiteur.web.documents import imprimes, pdf

    return pdf.ecrire(imprimes.fiche_commune(fiche)), pdf.TYPE
