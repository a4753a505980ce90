"""The advice: every destination with its rank or what excludes it, its reasons, its balance before and after."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from partiteur.regles.orientation.faits import MAIRE, SOUSTRAIT, LogementAOrienter, Poids, Position, Solde
from partiteur.regles.orientation.priorite import Rang, classer
from partiteur.regles.socle import Etape, Resultat, bareme, nombre, pourcentage, regle

EN_COURS = "offre_en_cours"
INCONNUS = ("financement inconnu", "QPV inconnu", "typologie inconnue")


@dataclass(frozen=True)
class Ligne:
    """A destination of the advice: its rank (None: excluded), why, and its balances.

    `avant`: without this dwelling; `apres`: were it chosen; `sinon`: were another. `exclue`: the codes that exclude
    it. The maire, who has no part, has no balance.
    """

    destination: str
    rang: int | None
    motifs: tuple[str, ...]
    avant: Solde | None = None
    apres: Solde | None = None
    sinon: Solde | None = None
    exclue: tuple[str, ...] = ()


@dataclass(frozen=True)
class Conseil:
    """The lines in their order, excluded ones last; the constraints of the dwelling; what its residence needs."""

    lignes: tuple[Ligne, ...]
    contraintes: tuple[str, ...] = ()
    residence: str | None = None

    @property
    def premiere(self) -> str | None:
        """The destination advised, None when all are excluded."""
        return next((ligne.destination for ligne in self.lignes if ligne.rang is not None), None)


@regle("d61", "d24", "s1", "l441-1-echec-qpv", du="2018-01-01")
def orientation(
    logement: LogementAOrienter,
    positions: Sequence[Position],
    poids: Poids,
    aboutissement: Fraction = Fraction(1),
) -> Resultat:
    """Classe les destinations d'un logement libéré par le retard que chacune comblerait, et dit pourquoi.

    Priority = weight of volume × lag on the part of the flux really seen + weight of structure × the same lag in the
    dwelling's class; a tie goes to the smallest part, then by alphabetical order. After a failure in QPV the maire
    comes first. `aboutissement`: the share of known mises à disposition that counted, at which those in progress are
    taken. Returns a `Conseil`, its code says whether the maire comes first, a mise à disposition is still open, or
    nobody may receive the dwelling. Nothing is decided: another choice needs a reason (`choix_motive`).
    """
    rangs = classer(logement, positions, poids, aboutissement)
    admises = [r for r in rangs if not r.exclusions]
    lignes = [
        _ligne(logement, r, rang if not r.exclusions else None, aboutissement)
        for rang, r in enumerate(rangs, start=1 + bool(logement.maire))
    ]
    if logement.maire is not None:
        phrase = bareme("orientation")["phrases"]["maire"]
        lignes.insert(0, Ligne(f"{MAIRE}:{logement.maire}", 1, (phrase,)))
    code = "calcule" if admises else "sans_destination"
    if any(position.deja == EN_COURS for position in positions):
        code = EN_COURS
    if logement.maire is not None:
        code = MAIRE
    etapes = tuple(_etape(r, poids) for r in admises)
    residence = bareme("orientation")["residences"].get(logement.residence)
    return Resultat(Conseil(tuple(lignes), tuple(_contraintes(logement)), residence), code, etapes)


@regle("d61", "d24", "s1", du="2018-01-01")
def choix_motive(conseil: Sequence[str], choisie: str, motif: str | None = None) -> Resultat:
    """Un autre choix que le premier du conseil demande un motif, gardé au journal ; le premier n'en demande pas.

    `conseil`: the destinations ranked, in their order, those excluded left out. A motif is a code of [raisons] or of
    motifs.toml. Returns whether the choice may be recorded, and the reason why as a code.
    """
    if conseil and choisie == conseil[0]:
        return Resultat(True, "premier")
    quoi = "motive" if choisie in conseil else "exclue_motivee"
    raisons, motifs = bareme("orientation")["raisons"], bareme("motifs")["motifs"]
    if not motif:
        phrase = "Ce n'est pas la première destination du conseil : donnez un motif."
        return Resultat(False, "motif_manquant", (Etape(choisie, phrase, None, "d61"),))
    if motif not in motifs and (motif not in raisons or motif == "texte"):
        connues = ", ".join(code for code in raisons if code != "texte")
        phrase = f"Le motif « {motif} » n'existe pas ; motifs : {connues}."
        return Resultat(False, "motif_inconnu", (Etape(choisie, phrase, None, "d61"),))
    return Resultat(True, quoi, (Etape(choisie, str(raisons.get(motif, motif)), None, "d61"),))


def _ligne(logement: LogementAOrienter, rang: Rang, numero: int | None, aboutissement: Fraction) -> Ligne:
    position, sinon = rang.position, rang.solde
    avant = Solde(
        position.attendu,
        sinon.compte,
        position.attendu - sinon.compte,
        position.attendu_classe,
        sinon.compte_classe,
        _moins(position.attendu_classe, sinon.compte_classe),
    )
    apres = replace(
        sinon,
        compte=sinon.compte + 1,
        retard=sinon.retard - 1,
        compte_classe=None if sinon.compte_classe is None else sinon.compte_classe + 1,
        retard_classe=_moins(sinon.retard_classe, Fraction(1)),
    )
    if rang.exclusions:
        motifs = tuple(_exclusions(logement, rang))
        return Ligne(position.destination, None, motifs, avant, exclue=rang.exclusions)
    motifs = tuple(_motifs(logement, position, avant, aboutissement))
    return Ligne(position.destination, numero, motifs, avant, apres, sinon)


def _moins(de: Fraction | None, quoi: Fraction | None) -> Fraction | None:
    return None if de is None or quoi is None else de - quoi


def _exclusions(logement: LogementAOrienter, rang: Rang) -> Iterator[str]:
    phrases, motifs = bareme("orientation")["exclusions"], bareme("exclus")["motifs"]
    for code in rang.exclusions:
        motif = motifs[logement.motif_exclusion]["libelle"] if code == "hors_flux" else ""
        yield str(phrases[code]).format(motif=motif)


def _motifs(
    logement: LogementAOrienter, position: Position, avant: Solde, aboutissement: Fraction
) -> Iterator[str]:
    """Volume, class, then what is to know of the destination."""
    base = {SOUSTRAIT: "sur les soustraits prévus"}.get(position.genre, "sur sa part du flux constaté")
    detail = f"{_dire(avant.attendu, 'attendu')}, {_dire(position.compte, 'compté')}"
    if position.en_cours:
        chance = f" ({pourcentage(aboutissement)} aboutissent)" if aboutissement != 1 else ""
        detail += f" et {nombre(position.en_cours)} en cours{chance}"
    yield f"{_retard(avant.retard)} {base} : {detail}."
    if avant.retard_classe is not None and avant.attendu_classe is not None:
        comptes = position.compte_classe + position.en_cours_classe
        yield (
            f"{_retard(avant.retard_classe)} en {_classe(logement)} : {_dire(avant.attendu_classe, 'attendu')}, "
            f"{_dire(comptes, 'compté')}{' ou en cours' if position.en_cours_classe else ''}."
        )
    phrases = bareme("orientation")["phrases"]
    if position.gestion in phrases:
        yield str(phrases[position.gestion])
    if position.genre == SOUSTRAIT:
        yield str(phrases["soustrait"]).format(prevus=nombre(position.prevus))


def _retard(retard: Fraction) -> str:
    if not retard:
        return "À jour"
    return f"{'En retard' if retard > 0 else 'En avance'} de {_dire(abs(retard), 'logement')}"


def _dire(valeur: Fraction | int, mot: str) -> str:
    """« 1,5 attendu », « 2 attendus »: the plural begins at two."""
    return f"{nombre(valeur)} {mot}{'s' if abs(Fraction(valeur)) >= 1 + 1 else ''}"


def _classe(logement: LogementAOrienter) -> str:
    """« PLUS, hors QPV, T3 »."""
    qpv = {True: "QPV", False: "hors QPV"}.get(logement.qpv) if logement.qpv is not None else None
    lus = (logement.famille_financement, qpv, logement.typologie)
    return ", ".join(lu or inconnu for lu, inconnu in zip(lus, INCONNUS, strict=True))


def _contraintes(logement: LogementAOrienter) -> Iterator[str]:
    phrases = bareme("orientation")["phrases"]
    for nom in ("individuel", "plai_adapte", "pmr"):
        if getattr(logement, nom):
            yield str(phrases[nom])


def _etape(rang: Rang, poids: Poids) -> Etape:
    classe = rang.solde.retard if rang.solde.retard_classe is None else rang.solde.retard_classe
    formule = f"{nombre(poids.quantite)} × {nombre(rang.solde.retard)} + {nombre(poids.structure)} × {nombre(classe)}"
    return Etape(f"Priorité, {rang.position.destination}", formule, rang.priorite, "d61")
