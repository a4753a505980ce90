"""The facts of each perimeter of a dossier: from the files it names, from its figures otherwise."""

from collections.abc import Mapping

from partiteur.moteur.flux.comptes import Comptes, Document, parc_compte
from partiteur.moteur.geographie import Geographie
from partiteur.moteur.millesime import Territoire
from partiteur.moteur.rotation import compter_par_annee
from partiteur.moteur.schema import DocumentInvalide
from partiteur.regles.faits import Definition, Mutations, Perimetre, Rotation
from partiteur.regles.socle import taux


def lire_perimetre(
    territoire: Document,
    rang: int,
    document: Document,
    comptes: Comptes | None,
    definition: Definition | None,
    geographie: Geographie,
) -> Perimetre:
    """One perimeter's facts: from the files where the dossier names some, from its figures otherwise."""
    racine = document if rang == 0 else territoire
    figures = document["parc"] if rang == 0 else _figures(territoire)
    lieu = Territoire(territoire["echelle"], territoire["code"])
    inconnus: dict[str, int] = {}
    exclus, parc = dict(figures.get("exclus", {})), figures.get("total")
    if comptes and parc is None:
        parc, lus, inconnus = parc_compte(comptes, lieu)
        exclus = {**lus, **exclus}
    if parc is None:
        raise DocumentInvalide(f"Périmètre « {lieu.code} » : donnez « parc », son nombre de logements.")
    return Perimetre(
        code=lieu.code,
        echelle=lieu.echelle,
        parc=parc,
        exclus=exclus,
        dans=_contenants(lieu, territoire, document, geographie),
        nom=territoire.get("nom") or _nom(lieu, geographie),
        soustraits=_soustraits(racine.get("soustraits"), rang, comptes, lieu),
        rotation=_rotation(racine.get("rotation", {}), rang, comptes, lieu, definition),
        baux=_baux(racine, rang, comptes, lieu),
        inconnus=inconnus,
    )


def _figures(territoire: Document) -> Document:
    """A perimeter's figures, in the form of the territory's."""
    parc = territoire.get("parc")
    total = parc["total"] if isinstance(parc, Mapping) else parc
    return {"total": total, "exclus": territoire.get("exclus", {})}


def _contenants(
    lieu: Territoire, territoire: Document, document: Document, geographie: Geographie
) -> tuple[str, ...]:
    """The other perimeters of the dossier this one lies in, the smallest first; said by the dossier, or by the COG."""
    if "dans" in territoire:
        return tuple(territoire["dans"])
    commune = geographie.commune(lieu.code) if lieu.echelle == "commune" else None
    connus = {p["code"] for p in document.get("perimetres", [])} | {document["territoire"]["code"]}
    return (commune.epci,) if commune and commune.epci and commune.epci in connus else ()


def _nom(lieu: Territoire, geographie: Geographie) -> str | None:
    if lieu.echelle == "commune":
        commune = geographie.commune(lieu.code)
        return commune.nom if commune else None
    return geographie.nom_epci(lieu.code) if lieu.echelle == "epci" else geographie.nom_departement(lieu.code)


def _soustraits(
    donnes: Document | None, rang: int, comptes: Comptes | None, lieu: Territoire
) -> dict[str, int | Mutations] | None:
    """What a perimeter subtracts: its own, or for the territory the mutations seen where the cadre wants their mean."""
    if donnes is None and rang:
        return None
    soustraits = dict(donnes or {})
    mutations = soustraits.get("mutations")
    calcule = mutations is None and comptes is not None and comptes.cadre.mutations == "moyenne" and rang == 0
    if isinstance(mutations, Mapping) or (calcule and comptes and comptes.a_des_liberations):
        soustraits["mutations"] = _mutations(mutations or {}, comptes, lieu)
    return soustraits


def _mutations(table: Document, comptes: Comptes | None, lieu: Territoire) -> Mutations:
    par_annee = {cle: n for cle, n in table.items() if cle.isdigit()} or table.get("constate", {})
    constate = {int(annee): nombre for annee, nombre in par_annee.items()}
    methode = table.get("methode") or (
        comptes.cadre.mutations if comptes else "moyenne" if constate else "valeur"
    )
    if methode == "moyenne" and not constate and comptes and comptes.a_des_liberations:
        exercice, annees = comptes.dossier["exercice"], comptes.cadre.annees_mutations or 1
        demandees = table.get("annees") or range(exercice - annees, exercice)
        constate = compter_par_annee(comptes.con, demandees, lieu, motif="mutation")
    return Mutations(
        methode, table.get("valeur"), tuple(table.get("annees", ())), constate, table.get("source")
    )


def _rotation(
    donnee: Document, rang: int, comptes: Comptes | None, lieu: Territoire, definition: Definition | None
) -> Rotation | None:
    """A rate given; else the counts, for the territory and for the perimeters of the definition's scale."""
    if "taux" in donnee:
        return Rotation(taux=taux(donnee["taux"]))
    if (
        comptes is None
        or comptes.rotation is None
        or (rang and definition and lieu.echelle != definition.echelle)
    ):
        return None
    return comptes.rotation.rotation(lieu)


def _baux(racine: Document, rang: int, comptes: Comptes | None, lieu: Territoire) -> dict[int, int]:
    """Signed leases by year: given, or counted from the entries of the libérations where the cadre wants their mean."""
    donnes = racine.get("volume", {}).get("baux") if rang == 0 else racine.get("baux")
    if not donnes and rang == 0:
        donnes = _baux_des_communes(racine)
    if donnes:
        return {int(annee): nombre for annee, nombre in donnes.items()}
    if comptes is None or not comptes.a_des_liberations or comptes.cadre.volume != "moyenne_baux":
        return {}
    exercice, annees = comptes.dossier["exercice"], comptes.cadre.annees_volume or 1
    return compter_par_annee(comptes.con, range(exercice - annees, exercice), lieu, motif=None)


def _baux_des_communes(document: Document) -> dict[str, int]:
    """The territory's leases by year: those of its communes, where they make the whole parc."""
    communes = [p for p in document.get("perimetres", []) if p["echelle"] == "commune" and "baux" in p]
    if sum(_figures(p)["total"] or 0 for p in communes) != document["parc"].get("total"):
        return {}
    annees = set.intersection(*(set(p["baux"]) for p in communes)) if communes else set()
    return {annee: sum(p["baux"][annee] for p in communes) for annee in annees}
