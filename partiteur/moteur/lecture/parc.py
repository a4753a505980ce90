"""Reading a parc: the RPLS file a bailleur submits, RPLS open data, or the bailleur's own table."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from partiteur.moteur.geographie import Geographie
from partiteur.moteur.lecture.cellule import pieces, propre
from partiteur.moteur.lecture.colonne import citer, normaliser
from partiteur.moteur.lecture.constat import (
    ERREUR,
    Exemple,
    Lecture,
    LectureImpossible,
    Rapport,
    charger_toml,
)
from partiteur.moteur.lecture.doublon import deja_vus, repetes
from partiteur.moteur.lecture.fichier import Texte
from partiteur.moteur.lecture.tableau import Ouvert, Tableau, compter, lire_tableau, ouvrir, remplir
from partiteur.moteur.lecture.territoire import rattacher

EXIGEES = {"de la commune (DEPCOM ou « code Insee »)": ("commune",)}
IDENTIFIANTS = ("numero_rpls", "identifiant_interne")
ENTETES_OPEN_DATA = frozenset({"depcom", "libcom", "nbpiece", "construct", "patrimoine"})
NUMERO = re.compile(r"\s*\d")
ECHANTILLON = 1_000  # records that settle the width of a deposit


def lire_parc(
    chemin: Path, geographie: Geographie, *, bailleur: str | None = None, correspondance: Path | None = None
) -> Lecture:
    """Read the dwellings of a bailleur into the canonical parc, one row a dwelling.

    `bailleur` is the SIREN to write on every row (D18); without it the header of a deposit gives it, else the
    file's own column. `correspondance` is a TOML file whose [colonnes] say canonical = "header".
    Raises LectureImpossible when nothing can be read; rows that cannot are left out and reported.
    """
    rapport = Rapport(chemin.name)
    ouvert = ouvrir("parc", chemin, rapport)
    entete = _entete_depot(ouvert)
    if entete is not None:
        if correspondance is not None:
            raise LectureImpossible(
                f"{chemin.name} est le fichier RPLS déposé : ses positions sont connues, retirez la correspondance "
                f"« {correspondance.name} »."
            )
        tableau = _lire_depot(ouvert, entete, rapport)
        source = "rpls_depot"
    else:
        tableau = lire_tableau("parc", chemin, rapport, ouvert, EXIGEES, IDENTIFIANTS, correspondance)
        noms = {normaliser(nom) for nom in ouvert.apercu[ouvert.rang_entete][1]}
        open_data = noms >= ENTETES_OPEN_DATA and "numero_rpls" not in tableau.brutes
        source = "rpls_open_data" if open_data else "bailleur"
    rattacher(tableau, geographie)
    _completer(tableau)
    _chercher_doublons(tableau)
    _controler_voie(tableau)
    siren = _attribuer(tableau, bailleur, entete)
    table = tableau.canonique()
    return Lecture(
        table=table,
        lignes=tableau.total,
        acceptees=table.num_rows,
        constats=tuple(sorted(rapport.constats, key=lambda constat: constat.gravite != ERREUR)),
        source=source,
        bailleur=siren,
        raison_sociale=entete["raison_sociale"] or None if entete else None,
        annee=int(entete["annee"]) if entete else None,
    )


def _entete_depot(ouvert: Ouvert) -> dict[str, str] | None:
    """The fields of the header line of a deposit: year, raison sociale, SIRET, count; None for other files."""
    forme = charger_toml("depot")["entete"]
    champs = [propre(champ) for champ in ouvert.apercu[0][1]]
    court, long = forme["champs"]
    if (
        not isinstance(ouvert.source, Texte)
        or ouvert.source.separateur != ";"
        or not court <= len(champs) <= long
    ):
        return None
    lus = {
        nom: champs[forme[nom] - 1] if forme[nom] <= len(champs) else "" for nom in forme if nom != "champs"
    }
    lus["siret"] = lus["siret"].replace(" ", "")
    annonce = re.fullmatch(r"\d{14}", lus["siret"]) or re.fullmatch(r"\d{1,7}", lus["nombre"])
    return lus if re.fullmatch(r"(?:19|20)\d\d", lus["annee"]) and annonce else None


def _lire_depot(ouvert: Ouvert, entete: dict[str, str], rapport: Rapport) -> Tableau:
    """Read by position; the width is the most frequent one, at least that of the arrêté."""
    depot = charger_toml("depot")
    minimum = int(depot["logement"]["champs"])
    echantillon = islice(ouvert.source.enregistrements(), 1, ECHANTILLON + 1)
    largeurs = Counter(len(champs) for _, champs in echantillon if champs)
    if not largeurs:
        raise LectureImpossible(
            f"{rapport.fichier} ne contient que son en-tête, aucun logement : refaites l'export."
        )
    largeur = largeurs.most_common(1)[0][0]
    if largeur < minimum:
        raise LectureImpossible(
            f"{rapport.fichier}, ligne 2 : {largeur} champs au lieu de {minimum} ; après son en-tête, le fichier "
            "RPLS déposé compte une ligne par logement, sans noms de colonnes."
        )
    rapport.noter("champs_de_trop", max(largeur - minimum - 1, 0), connues=minimum + 1)
    positions = {nom: position - 1 for nom, (position, _) in depot["positions"].items()}
    intitules = {
        nom: f"{variable} (position {position})" for nom, (position, variable) in depot["positions"].items()
    }
    reprises: list[int] = []

    def logements() -> Iterator[tuple[int, list[str]]]:
        yield from islice(ouvert.source.enregistrements(largeur, reprises), 1, None)

    tableau = remplir("parc", rapport, logements(), largeur, positions, intitules, empreintes=False)
    exemples = [Exemple(ligne, "") for ligne in reprises]
    rapport.noter("enregistrement_sur_plusieurs_lignes", len(reprises), exemples=exemples)
    if entete["nombre"].isdecimal():
        annonce = int(entete["nombre"])
        rapport.noter("nombre_annonce", abs(annonce - tableau.total), annonce=annonce, lignes=tableau.total)
    return tableau


def _completer(tableau: Tableau) -> None:
    """What one column says of another: T1 bis, individuel by the type of construction, on sale (D17)."""
    if "typologie" in tableau.brutes:
        distincts = tableau.brutes["typologie"].dictionary.to_pylist()
        details = tableau.etendre("typologie", [pieces(propre(t))[1] for t in distincts], pa.string())
        tableau.valeurs["typologie_detail"] = pc.coalesce(tableau.colonne("typologie_detail"), details)
    construction = tableau.colonne("type_construction")
    tableau.valeurs["individuel"] = pc.coalesce(tableau.colonne("individuel"), pc.equal(construction, "I"))
    vrai = pa.scalar(True)
    commercialise = pc.if_else(tableau.colonne("mise_en_commercialisation"), vrai, None)
    mis_en_vente = pc.if_else(pc.is_valid(tableau.colonne("date_mise_en_vente")), vrai, None)
    tableau.valeurs["en_vente"] = pc.coalesce(tableau.colonne("en_vente"), commercialise, mis_en_vente)


def _chercher_doublons(tableau: Tableau) -> None:
    """Refuse an identifier met before; without identifier, only report rows identical in all."""
    presents = [nom for nom in IDENTIFIANTS if nom in tableau.brutes]
    if not presents:
        attendues = citer(["numéro RPLS", "identifiant interne", "référence logement"])
        tableau.rapport.noter("identifiant_absent", len(tableau.lignes), attendues=attendues)
        tableau.avertir("doublon_strict", deja_vus(tableau.empreintes))
        return
    numeros, internes = (tableau.colonne(nom) for nom in IDENTIFIANTS)
    sans_numero = pc.is_null(numeros)
    for nom, cles in (
        ("numero_rpls", numeros),
        ("identifiant_interne", pc.if_else(sans_numero, internes, None)),
    ):
        if nom in presents:
            tableau.refuser("doublon_identifiant", repetes(cles, tableau.gardees), nom)
    tableau.avertir("interne_en_double", _repetes_gardes(tableau, internes), presents[-1])
    aucun = pc.and_(sans_numero, pc.is_null(internes))
    tableau.avertir("identifiant_manquant", aucun, presents[0])


def _repetes_gardes(tableau: Tableau, cles: Any) -> Any:
    return pc.and_(repetes(cles, tableau.gardees), tableau.gardees)


def _controler_voie(tableau: Tableau) -> None:
    """Report the house numbers written in the name of the street while their own column is empty."""
    numeros, noms = (tableau.brutes.get(f"controle_{c}") for c in ("numero_voie", "nom_voie"))
    if numeros is None or noms is None:
        return
    sans = tableau.etendre("controle_numero_voie", [not propre(t) for t in numeros.dictionary.to_pylist()])
    avec = tableau.etendre("controle_nom_voie", [bool(NUMERO.match(t)) for t in noms.dictionary.to_pylist()])
    tableau.avertir("numero_dans_nomvoie", pc.and_(sans, avec), "controle_nom_voie")


def _attribuer(tableau: Tableau, demande: str | None, entete: dict[str, str] | None) -> str | None:
    """Write whose dwellings they are on every row (D18), and return it when it is one bailleur."""
    du_depot = entete["siret"][:9] if entete and len(entete["siret"]) == 14 else None
    lus = tableau.colonne("bailleur")
    if demande:
        autres = pc.fill_null(pc.not_equal(lus, demande), False)
        tableau.avertir("bailleur_different", autres, "bailleur", bailleur=demande)
        if du_depot and du_depot != demande:
            tableau.rapport.noter("bailleur_different", 1, exemples=[Exemple(1, du_depot)], bailleur=demande)
    impose = demande or du_depot
    if impose:
        tableau.valeurs["bailleur"] = pa.repeat(impose, len(tableau.lignes))
        return impose
    distincts = pc.unique(lus.filter(tableau.gardees)).drop_null().to_pylist()
    return str(distincts[0]) if len(distincts) == 1 and compter(pc.is_null(lus)) == 0 else None
