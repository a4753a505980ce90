"""The yearly pack: what is due to each addressee before 28 February, what of it is complete, what is missing (D76)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import IO, Any

from partiteur.moteur.bilan.attributions import retour_hors_qpv, saisies_sne
from partiteur.moteur.bilan.caleol import activite
from partiteur.moteur.bilan.echange import lignes_d_echange
from partiteur.moteur.bilan.etablir import Etabli, etablir
from partiteur.moteur.bilan.feuille import json_du_bilan
from partiteur.moteur.bilan.retards import retards
from partiteur.moteur.bilan.source import Demande, Source, lire_source
from partiteur.moteur.droits import registre_au
from partiteur.moteur.etats import EtatDesLieux, etat_des_lieux
from partiteur.moteur.feuille import compte, json_de_l_etat
from partiteur.moteur.flux import calculer_dossier
from partiteur.moteur.journal import parc_du_dossier
from partiteur.moteur.lecture.droits import lire_droits
from partiteur.moteur.schema import lire_toml
from partiteur.regles.bilan import Bilan, dates_intermediaires, soustraits_realises
from partiteur.regles.decompte import LigneDecompte
from partiteur.regles.flux.feuille import Flux
from partiteur.regles.objectifs import nombre_publie
from partiteur.regles.socle import bareme, citer, fraction

AXES_DE_L_ETAT = ("reservataire", "commune", "qpv", "famille_financement", "typologie_groupe")
Lignes = Iterable[Sequence[Any]]


@dataclass(frozen=True)
class Piece:
    """One document of the pack: its folder, its name without suffix, its title, the text that asks for it.

    `json` and `lignes` (header first) are the same figures; `bilan` when its workbook is that of a bilan. `manques`:
    why it is not complete.
    """

    dossier: str
    nom: str
    titre: str
    texte: str
    json: Any
    lignes: tuple[Sequence[Any], ...]
    manques: tuple[str, ...] = ()
    bilan: Bilan | None = None
    page: str | None = None

    @property
    def complet(self) -> bool:
        """Whether nothing it should say is missing."""
        return not self.manques

    def ecrire_classeur(self, fichier: IO[bytes]) -> None:
        """Its workbook."""
        from partiteur.moteur.tableur.bilan import ecrire_bilan, ecrire_tableau

        if self.bilan is not None:
            ecrire_bilan(self.bilan, fichier)
        else:
            ecrire_tableau(self.titre, self.lignes, fichier)


@dataclass(frozen=True)
class Annuel:
    """A yearly pack being composed: the whole bilan, and the dossier of the exercice that follows, if known."""

    etabli: Etabli
    demande: Demande
    exercice: int
    suivant: Flux | None
    dossier: Path

    @property
    def source(self) -> Source:
        """What everything is counted from."""
        return self.etabli.source


def composer(journal: Path, dossier: Path, demande: Demande, suivant: Path | None = None) -> Iterator[Piece]:
    """Every piece of the pack of the year that `demande` ends; `suivant`: the dossier of the year after.

    Raises what a bilan and a dossier raise.
    """
    exercice = demande.au.year
    voulue = replace(
        demande, du=date(exercice, 1, 1), dossier=dossier, objectifs=True, dates=demande.dates or ()
    )
    with lire_source(journal, dossier, voulue.reinjection) as source:
        etabli = etablir(source, voulue)
    apres = calculer_dossier(suivant) if suivant else source.flux
    annee_suivante = apres if apres and apres.dossier.exercice == exercice + 1 else None
    annuel = Annuel(etabli, voulue, exercice, annee_suivante, dossier)
    communes = [_bilan(annuel), _previsionnel(annuel), _etat_des_lieux(annuel)]
    codes = [part.code for part in source.flux.reservataires] if source.flux else []
    for code in codes:
        for piece in communes:
            yield replace(piece, dossier=f"reservataires/{code}")
    yield from _par_epci(annuel)
    for piece in communes:
        yield replace(piece, dossier="prefet")
    yield _hors_qpv(annuel, "prefet", None)
    yield _objectifs(annuel)
    yield _retards(annuel)
    yield _designations(annuel)
    yield _sne(annuel)
    yield from _caleol(annuel)


def _bilan(annuel: Annuel, bilan: Bilan | None = None) -> Piece:
    """The bilan of R441-5-1: proposed and attributed, by the six axes."""
    voulu = bilan or annuel.etabli.bilan
    return Piece(
        "",
        "bilan",
        f"Bilan {annuel.exercice} des logements proposés et attribués",
        "r441-5-1",
        json_du_bilan(voulu),
        tuple(lignes_d_echange(voulu)),
        tuple(m.message for m in voulu.manques if m.code in bareme("manques")["incomplet"]),
        voulu,
    )


def _previsionnel(annuel: Annuel) -> Piece:
    """The soustraits forecast for the year after, and those of the year by category (R441-5 I al. 5)."""
    prevus = annuel.suivant.territoire.soustraits if annuel.suivant else None
    realises = {ligne.categorie: ligne for ligne in annuel.etabli.bilan.soustraits}
    reprises = {c: fraction(n) for c, n in prevus.items()} if prevus is not None else None
    lignes = soustraits_realises(reprises, {c: ligne.realise for c, ligne in realises.items()}).valeur
    suite = annuel.exercice + 1
    tableau = [
        {
            "categorie": ligne.categorie,
            "libelle": bareme("soustraits")[ligne.categorie]["libelle"],
            f"prevu_{annuel.exercice}": _compte(realises[ligne.categorie].prevu)
            if ligne.categorie in realises
            else None,
            f"realise_{annuel.exercice}": ligne.realise,
            f"prevu_{suite}": _compte(ligne.prevu),
        }
        for ligne in lignes
    ]
    manques = (
        []
        if annuel.suivant
        else [
            f"Le dossier de l'exercice {suite} n'est pas donné (--suivant) : rien n'est prévu pour {suite}."
        ]
    )
    if all(ligne.prevu is None for ligne in realises.values()):
        manques.append(
            f"Le prévisionnel de {annuel.exercice} n'est pas connu : le réalisé n'est comparé à rien."
        )
    titre = f"Soustraits : réalisé {annuel.exercice}, prévisionnel {suite}"
    return _tableau("previsionnel", titre, "r441-5-soustraits", tableau, manques)


def _compte(valeur: Any) -> Any:
    return None if valeur is None else compte(valeur)


def _tableau(
    nom: str,
    titre: str,
    texte: str,
    objets: Sequence[Mapping[str, Any]],
    manques: Iterable[str] = (),
    dossier: str = "",
) -> Piece:
    """A piece that is one table, the same as JSON and as rows."""
    entete = tuple(objets[0]) if objets else ()
    lignes = (entete, *(tuple(_cellule(objet[cle]) for cle in entete) for objet in objets))
    return Piece(dossier, nom, titre, texte, list(objets), lignes if objets else (), tuple(manques))


def _cellule(valeur: Any) -> Any:
    return "inconnu" if valeur is None else valeur


def _etat_des_lieux(annuel: Annuel) -> Piece:
    """The dwellings by réservataire and by what they are, at the date of the parc, in the exchange schema (D29)."""
    titre, texte = "État des lieux des réservations", "decret-2020-145"
    parc, _ = parc_du_dossier(annuel.dossier)
    if parc is None:
        dit = "Le dossier ne donne pas de fichier de parc (parc.fichier) : aucun état des lieux."
        return _tableau("etat-des-lieux", titre, texte, (), [dit])
    document = lire_toml(annuel.dossier)
    dit = document["parc"].get("date")
    a_la_date = date.fromisoformat(dit) if dit else date(annuel.exercice, 12, 31)
    registre, manques = None, []
    if "droits" in document:
        registre = registre_au(
            lire_droits(annuel.dossier.parent / document["droits"]["fichier"]).table, a_la_date
        )
    else:
        manques.append("Sans registre des droits, les réservataires sont les contingents du RPLS.")
    etat: EtatDesLieux = etat_des_lieux([parc], AXES_DE_L_ETAT, registre)
    manques += [a.message for a in etat.avertissements if a.gravite != "information"]
    tete = {"bailleur": annuel.etabli.bilan.bailleur, "au": a_la_date.isoformat()}
    lignes = [{**tete, **ligne} for ligne in json_de_l_etat(etat)]
    return _tableau("etat-des-lieux", f"{titre} au {a_la_date:%d/%m/%Y}", texte, lignes, manques)


def _par_epci(annuel: Annuel) -> Iterator[Piece]:
    """The bilan of each EPCI's territory, which it submits to its conférence before 31 March."""
    epcis = sorted({lo.epci for lo in annuel.source.logements.values() if lo.epci})
    for epci in epcis:
        local = etablir(annuel.source, replace(annuel.demande, epci=epci)).bilan
        yield replace(_bilan(annuel, local), dossier=f"epci/{epci}")
        yield _hors_qpv(annuel, f"epci/{epci}", epci)


def _hors_qpv(annuel: Annuel, dossier: str, epci: str | None) -> Piece:
    """The half-yearly return of L441-1: leases outside QPV, by bailleur × EPCI, at 30 June and 31 December."""
    fins = dates_intermediaires(
        date(annuel.exercice, 1, 1), date(annuel.exercice, 12, 31), bareme("objectifs")["hors_qpv"]["dates"]
    ).valeur
    debut = date(annuel.exercice, 1, 1)
    lignes: list[Mapping[str, Any]] = []
    for fin in fins:
        lues = retour_hors_qpv(annuel.etabli.faites, annuel.etabli.bilan.bailleur, debut, fin)
        lignes += [ligne for ligne in lues if epci is None or ligne["epci"] == epci]
        debut = date.fromordinal(fin.toordinal() + 1)
    inconnus = sum(ligne["inconnus"] for ligne in lignes)
    manques = (
        [f"Baux dont le quartile, le relogement ou le QPV est inconnu : {inconnus}."] if inconnus else []
    )
    if not lignes:
        manques.append("Aucun bail signé hors QPV connu sur ce territoire dans l'année.")
    titre = f"Attributions suivies de baux signés hors QPV, {annuel.exercice}"
    return _tableau("hors-qpv", titre, "l441-1-hors-qpv", lignes, manques, dossier)


def _objectifs(annuel: Annuel) -> Piece:
    objets = [{**o, "ou": o["ou"] or "ensemble"} for o in json_du_bilan(annuel.etabli.bilan)["objectifs"]]
    indecis = [o["libelle"] for o in objets if o["etat"] == "indetermine" and o["ou"] == "ensemble"]
    manques = [f"{libelle} : les inconnus ne permettent pas de dire s'il est atteint." for libelle in indecis]
    return _tableau(
        "objectifs", f"Objectifs d'attribution {annuel.exercice}", "l441-1-mixite", objets, manques, "prefet"
    )


def _retards(annuel: Annuel) -> Piece:
    """Who answered, designated or offered late: what the préfet follows (D42, D43)."""
    contexte, bilan = annuel.source.conventions.contexte, annuel.etabli.bilan
    noms = bilan.noms
    lignes = [
        {"partie": ligne["partie"], "nom": noms.get(ligne["code"], ligne["code"]), **ligne}
        for ligne in retards(annuel.etabli.faits.table, contexte.limites, tuple(noms), bilan.du, bilan.au)
    ]
    sans = sum(ligne["sans_terme"] for ligne in lignes if ligne["code"])
    manques = [m.message for m in bilan.manques if m.code == "remarque" and "Zone tendue" in m.message]
    manques += [
        f"Réponses et désignations dont ni la loi ni la convention ne fixent le terme : {sans}."
    ] * bool(sans)
    return _tableau(
        "retards",
        f"Réponses, désignations et offres hors délai, {annuel.exercice}",
        "l441-1-delai",
        lignes,
        manques,
        "prefet",
    )


def _caleol(annuel: Annuel) -> Iterator[Piece]:
    """The yearly account of the commission, to itself and to the board (R441-9 IV)."""
    lue = activite(annuel.etabli.faits.table, annuel.etabli.bilan, annuel.etabli.faites)
    titre = f"Commission d'attribution, {annuel.exercice}"
    yield _tableau("bilan", f"{titre} : par réservataire", "r441-9", lue.reservataires, lue.manques, "caleol")
    yield _tableau("seances", f"{titre} : par séance", "r441-9", lue.seances, lue.manques, "caleol")


def _designations(annuel: Annuel) -> Piece:
    """The bilan of designations in the département, to be made public: small numbers of households are kept back."""
    bilan = annuel.etabli.bilan
    parts = {ligne.code: ligne for ligne in bilan.reservataires}
    objets = []
    for ligne in annuel.etabli.decompte.lignes:
        nombres = {
            "logements_mis_a_disposition": len(ligne.mise_a_disposition),
            "logements_avec_candidats": _public(len(ligne.candidats_proposes)),
            "attributions": _public(len(ligne.attribution)),
            "baux_signes": _public(len(ligne.bail_signe)),
            "sans_candidat": len(_sans_candidat(ligne)),
        }
        objets.append({"reservataire": parts[ligne.code].nom or ligne.code, **nombres})
    piece = _tableau(
        "designations",
        f"Bilan départemental des désignations {annuel.exercice}",
        "l441-1-designations",
        objets,
        ["Les conditions de désignation sont un texte du bailleur et du réservataire : à joindre."],
        "publication",
    )
    return replace(piece, page=_page(piece, bilan))


def _sans_candidat(ligne: LigneDecompte) -> set[str]:
    """Offered, no candidate ever proposed, and no longer open."""
    return set(ligne.mise_a_disposition) - set(ligne.candidats_proposes) - set(ligne.en_cours)


def _public(nombre: int) -> Any:
    """A count of households as a public page says it."""
    publie = nombre_publie(nombre)
    return (
        publie.valeur if publie.code == "publie" else f"de 1 à {bareme('objectifs')['publication']['secret']}"
    )


def _page(piece: Piece, bilan: Bilan) -> str:
    """A page to put online as it is: a title, a table, its source."""
    entete = "".join(
        f'<th scope="col">{_html(str(nom).replace("_", " ").capitalize())}</th>' for nom in piece.lignes[0]
    )
    corps = "\n".join(
        f'<tr><th scope="row">{_html(ligne[0])}</th>'
        + "".join(f"<td>{_html(v)}</td>" for v in ligne[1:])
        + "</tr>"
        for ligne in piece.lignes[1:]
    )
    qui = _html(" · ".join(filter(None, (bilan.bailleur, bilan.territoire))))
    return (
        f'<!doctype html>\n<html lang="fr">\n<head><meta charset="utf-8"><title>{_html(piece.titre)}</title></head>\n<body>\n'
        f"<h1>{_html(piece.titre)}</h1>\n<p>{qui}. Du {bilan.du:%d/%m/%Y} au {bilan.au:%d/%m/%Y} "
        f"({_html(citer(piece.texte))}). Un nombre de ménages de 1 à {bareme('objectifs')['publication']['secret']} n'est pas "
        f"publié.</p>\n<table>\n<thead><tr>{entete}</tr></thead>\n<tbody>\n{corps}\n</tbody>\n</table>\n</body>\n</html>\n"
    )


def _html(valeur: object) -> str:
    return str(valeur).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _sne(annuel: Annuel) -> Piece:
    """What must be entered in the SNE for each attribution, signed or not."""
    objets = list(saisies_sne(annuel.etabli.faites, annuel.source.types, annuel.source.rpls))
    inconnus = sum(objet["dalo"] is None for objet in objets)
    manques = [f"Attributions dont on ne sait pas si le ménage est DALO : {inconnus}."] if inconnus else []
    sans_rpls = sum(objet["numero_rpls"] is None for objet in objets)
    manques += [f"Attributions dont le numéro RPLS du logement est inconnu : {sans_rpls}."] * bool(sans_rpls)
    return _tableau(
        "saisies", f"Saisies au SNE, attributions {annuel.exercice}", "r441-2-9", objets, manques, "sne"
    )
