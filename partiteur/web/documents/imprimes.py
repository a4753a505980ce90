"""What is printed: the état des lieux, the sheet of a commune, the calculation sheet, as blocks of words already written.

Each takes the frozen result that its page shows, and adds nothing to it (E1).
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from partiteur.moteur.selection import Selection
from partiteur.web import depot as fichiers
from partiteur.web.composants import Chiffre
from partiteur.web.documents.commune import ORIGINE, PERSONNE, RAPPEL, FicheCommune
from partiteur.web.documents.etat_des_lieux import Demande, Rangee
from partiteur.web.documents.etat_des_lieux import Tableau as TableauEtat
from partiteur.web.documents.feuille import FeuilleFlux, Part
from partiteur.web.documents.pdf import (
    Alerte,
    Bloc,
    Case,
    Colonne,
    Document,
    Liste,
    Paragraphe,
    Reperes,
    Tableau,
    Titre,
    cases,
)
from partiteur.web.models import Dossier, Organisation
from partiteur.web.templatetags.typographie import jour, nombre, pourcent

PAYSAGE_DES = 6  # columns of numbers: beyond, the page is on its side
NOM_MAX = 40  # of a file: beyond, it is a digest
NON_PUBLIE = "non publié"


def _versions(versions: Mapping[str, str]) -> str:
    return f"Partiteur {versions['partiteur']}, règles d'empreinte {versions['regles']}."


# --- état des lieux


def etat_des_lieux(
    bailleur: Organisation,
    demande: Demande,
    selection: Selection,
    tableau: TableauEtat,
    ou: str,
    filtres: Sequence[str],
) -> Document:
    """The table on the screen; `ou` names its perimeter, `filtres` say what is kept."""
    blocs: list[Bloc] = [
        Paragraphe(tableau.chapeau, discret=True),
        Paragraphe(f"Périmètre : {ou}." + (f" Filtres : {' ; '.join(filtres)}." if filtres else "")),
    ]
    blocs += [Alerte("À savoir.", a.message) for a in selection.etat.avertissements]
    blocs += [Alerte("À savoir.", tableau.indecis)] if tableau.indecis else []
    blocs += [Paragraphe(tableau.phrase)] if tableau.phrase else []
    if tableau.rangees:
        blocs.append(_tableau_de_l_etat(tableau))
    else:
        blocs.append(Paragraphe("Aucun logement ne répond à ces filtres."))
    sources = [f"Parc importé, empreinte {demande.sha[:16]}."]
    if demande.sha_droits:
        sources.append(f"Registre des droits, empreinte {demande.sha_droits[:16]}, lu au {jour(demande.le)}.")
    blocs += [Titre("D'où viennent ces nombres"), Liste([*sources, _versions(fichiers.versions())])]
    return Document(
        f"{bailleur} : état des lieux",
        f"Situation au {jour(demande.le)}",
        demande.le,
        blocs,
        paysage=len(tableau.colonnes) > PAYSAGE_DES,
    )


def _tableau_de_l_etat(tableau: TableauEtat) -> Tableau:
    barres = not tableau.colonnes
    colonnes = [Colonne(tableau.entete, nombre=False, poids=1)]
    colonnes += [Colonne(mots) for mots in (*tableau.colonnes, "Logements", "Part")]
    total = cases("Total", *map(nombre, tableau.totaux), nombre(tableau.total), "100 %")
    return Tableau(
        tableau.titre, colonnes, [_rangee(r, barres=barres) for r in tableau.rangees], pied=[total]
    )


def _rangee(rangee: Rangee, *, barres: bool) -> Sequence[Case]:
    part = Case(pourcent(rangee.part), barre=rangee.barre.longueur if barres else None)
    return (*cases(rangee.nom, *map(nombre, rangee.cases), nombre(rangee.total)), part)


# --- sheet of a commune


def fiche_commune(fiche: FicheCommune) -> Document:
    """One page for a mayor."""
    blocs: list[Bloc] = [Paragraphe(f"{ORIGINE}, au {jour(fiche.le)}.", discret=True)]
    if not fiche.chez:
        blocs.append(Paragraphe(PERSONNE))
        return Document(fiche.titre, f"Au {jour(fiche.le)}", fiche.le, blocs, une_page=True)
    blocs += [
        Reperes(
            (
                (nombre(fiche.logements), "logements sociaux"),
                (nombre(fiche.qpv), "en quartier prioritaire de la politique de la ville (QPV)"),
                (nombre(fiche.reserves), "réservés à la commune"),
            )
        ),
        Paragraphe(fiche.phrase),
        Tableau(
            "Bailleur par bailleur",
            (
                Colonne("Bailleur", nombre=False, poids=1),
                *map(Colonne, ("Logements", "En QPV", "Réservés à la commune", "Part")),
            ),
            [
                (
                    Case(str(c.bailleur), [f"au {jour(c.le)}"]),
                    *cases(nombre(c.logements), nombre(c.qpv), nombre(c.reserves), pourcent(c.part)),
                )
                for c in fiche.chez
            ],
            pied=[cases("Ensemble", nombre(fiche.logements), nombre(fiche.qpv), nombre(fiche.reserves), "")],
        ),
        Titre("Ce que les bailleurs doivent à la commune"),
        Liste([f"{c.bailleur} : {c.du}" for c in fiche.chez]),
        Paragraphe(RAPPEL, discret=True),
    ]
    return Document(fiche.titre, f"Au {jour(fiche.le)}", fiche.le, blocs, une_page=True)


# --- calculation sheet


def feuille_de_calcul(dossier: Dossier, feuille: FeuilleFlux, titre_cadre: str) -> Document:
    """The sheet of a flux: its account, its shares, its perimeters, every step, its pieces; the same for all its readers."""
    le = (dossier.adopte_le or dossier.depose_le).date()
    etat = f"Version adoptée le {jour(le)}." if dossier.adopte_le else "Brouillon : ce flux n'est pas adopté."
    blocs: list[Bloc] = [
        Paragraphe(f"{dossier.bailleur}, cadre {titre_cadre}. {etat}", discret=True),
        _calcul(feuille.calcul),
        *_alertes(feuille),
        Titre("Parts"),
        _parts(feuille),
        *_neuf(feuille),
        *_perimetres(feuille),
        Titre("À savoir"),
        Liste([f"{message} ({texte})" for _, gravite, message, texte in feuille.avertissements if gravite == "information"]),
        *_etapes(feuille),
        Titre("Pièces et versions"),
        Liste(list(_sources(dossier, feuille))),
    ]  # fmt: skip
    return Document(feuille.titre, str(dossier), le, [b for b in blocs if b != Liste([])])


def _calcul(chiffres: Sequence[Chiffre]) -> Tableau:
    return Tableau(
        "Le compte du territoire",
        (
            Colonne("Compte", nombre=False),
            Colonne("Nombre"),
            Colonne("Formule et texte", nombre=False, poids=1),
        ),
        [
            (
                Case(f"{c.signe} {c.nom}" if c.signe else c.nom),
                Case(nombre(c.valeur), [c.unite] if c.unite else []),
                Case(" ; ".join(filter(None, (c.formule, c.methode))), [t.mots for t in c.textes]),
            )
            for c in chiffres
        ],
        sommes=[rang for rang, c in enumerate(chiffres) if c.total],
    )  # fmt: skip


def _alertes(feuille: FeuilleFlux) -> Iterator[Alerte]:
    for titre, gravite, message, texte in feuille.avertissements:
        if gravite != "information":
            yield Alerte(f"{titre}.", message, texte, grave=gravite == "illegal")


def _parts(feuille: FeuilleFlux) -> Tableau:
    return Tableau(
        feuille.legende,
        (
            Colonne("Réservataire", nombre=False, poids=3),
            *map(Colonne, ("Part", "Exact", feuille.colonne)),
            Colonne("À savoir", nombre=False, poids=2),
        ),
        [_part(p) for p in feuille.parts],
        pied=[
            cases(feuille.reste.nom, pourcent(feuille.part_du_reste), "", nombre(feuille.reste.valeur), ""),
            cases("Total partagé", "", "", nombre(feuille.a_partager), ""),
        ],
    )  # fmt: skip


def _part(part: Part) -> Sequence[Case]:
    objectif = NON_PUBLIE if part.objectif is None else nombre(part.objectif)
    chiffres = cases(pourcent(part.part), nombre(part.exact), objectif, " ; ".join(part.notes))
    return (Case(part.nom, [part.ou] if part.ou else []), *chiffres)


def _neuf(feuille: FeuilleFlux) -> Iterator[Bloc]:
    if feuille.neuf:
        yield Titre("Programmes neufs")
        yield Liste([f"{n['programme']} : {nombre(n['logements'])} logements." for n in feuille.neuf])


def _perimetres(feuille: FeuilleFlux) -> Iterator[Bloc]:
    if feuille.perimetres:
        yield Titre("Les autres périmètres")
        comptes = ("Parc", "Assiette", "Rotation", "Volume", "Soustraits", "Flux exact")
        yield Tableau(
            "Le même compte, périmètre par périmètre",
            (Colonne("Périmètre", nombre=False, poids=1), *map(Colonne, comptes)),
            [
                cases(p["nom"], nombre(p["parc"]), nombre(p["assiette"]), p["taux"])
                + cases(nombre(p["volume"]), nombre(p["soustraits"]), nombre(p["exact"]))
                for p in feuille.perimetres
            ],
        )


def _etapes(feuille: FeuilleFlux) -> Iterator[Bloc]:
    if feuille.etapes:
        yield Titre("Toutes les étapes du calcul")
        yield Tableau(
            "Dans leur ordre, avec la formule et le texte",
            (
                Colonne("Étape", nombre=False, poids=6),
                Colonne("Formule", nombre=False, poids=8),
                Colonne("Valeur exacte", poids=4),
                Colonne("Texte", nombre=False, poids=4),
            ),
            [
                cases(e["libelle"], e["formule"], "inconnu" if e["valeur"] is None else e["valeur"], e["texte"])
                for e in feuille.etapes
            ],
            menu=True,
        )  # fmt: skip


def _sources(dossier: Dossier, feuille: FeuilleFlux) -> Iterator[str]:
    yield f"{dossier.fichier}, empreinte {dossier.sha[:16]}."
    for piece in feuille.pieces:
        nom = piece["nom"] if len(piece["nom"]) <= NOM_MAX else f"{piece['nom'][:NOM_MAX]}…"
        yield f"{nom}, {nombre(piece['lignes'])} lignes, empreinte {piece['sha256'][:16]}."
    if feuille.verifie_le:
        yield f"Les textes cités ont été vérifiés, pour le plus ancien, le {jour(feuille.verifie_le)}."
    yield _versions(json.loads(dossier.versions) if dossier.adopte_le else fichiers.versions())
