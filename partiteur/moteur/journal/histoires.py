"""The vacances of a journal by normalised history (E9): what the rule answers of one, it answers of all.

Two vacances have the same history when their events bear the same types, motifs and data in the same order, with
réservataires and candidatures numbered by first appearance, dates compared with one another, with the délais and with
the period asked, the same rights, and réservataires kept under the same regimes. Columns are compared as numbers;
only distinct shapes of events, and distinct histories, are looked at one by one.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate, pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from partiteur.moteur.journal.distincts import distincts, encoder
from partiteur.moteur.journal.forme import ecrire_json, lire_json
from partiteur.moteur.journal.lecture import CANDIDATURE, MASQUE
from partiteur.regles.decompte import Regime
from partiteur.regles.vacance import Limites, LogementVacant, Organisation, a_le_droit
from partiteur.regles.vacance.etat import OUVERTURES
from partiteur.regles.vacance.historique import PREMIERE_LOCATION

JETON = re.compile(CANDIDATURE)
ENTREE = r'"entree":"(?P<entree>[^"]*)"'
FERMANTS = ("bail_signe", "vacance_close")
REPONSES = ("validation", "declinaison")
SANS_EFFET = "inscription_caleol"
# Data that neither the account nor what is irregular looks at; the entry is compared apart. Taken out of the texts,
# they leave few shapes.
SANS_PORTEE = re.compile(
    r'"(?:source|canal|piece|seance|operation|choix|preavis_mois|date_limite|envoi|reception|information|typologie'
    r"|famille_financement|commune|epci|annee_construction|programme|gestion|echec_reservataire|beneficiaire"
    r'|critere|entree)":(?:"[^"]*"|[a-z0-9]+),?'
)
LIEUX = 3  # before, in, after the period
SIREN = 9
OCTETS = 8  # of an int64
EPOQUE = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Contexte:
    """What an account looks at besides the events: regimes, rights, délais, dwellings; all but the first are optional.

    `organisations`: as `tenir` takes them. `limites`: the last days of each mise à disposition, by its identifier.
    `logements`: what a parc adds to the openings.
    """

    regimes: Mapping[str, Regime]
    organisations: Mapping[str, Organisation] | None = None
    limites: Mapping[str, Limites] = field(default_factory=dict)
    logements: Mapping[str, LogementVacant] = field(default_factory=dict)


@dataclass
class Groupe:
    """The vacances of one history.

    `temoin`: the rows of one of them, in order. `reservataires`: hers, by first appearance. `vacances`: for each tuple
    of réservataires, the vacances (ranks) that are told of them.
    """

    temoin: Sequence[int]
    reservataires: tuple[str, ...]
    vacances: dict[tuple[str, ...], list[int]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True)
class _Forme:
    """A distinct shape of event: its type, its class (what is looked at, but for names), the réservataire it bears on."""

    type: str
    classe: int
    qui: str


@dataclass(frozen=True)
class _Colonnes:
    """The events sorted by vacance, then in their order, as plain values.

    `bornes`: where each vacance starts, and the end. `rangs`: the row of each event. `formes`: its shape. `codes`: the
    bytes of its class and its marks. `jours`: its day, from an epoch. `candidatures`: its data, "" when it names none.
    `identifiants`: only where délais are given.
    """

    bornes: list[int]
    rangs: list[int]
    formes: list[int]
    codes: memoryview
    jours: list[int]
    candidatures: list[str]
    identifiants: list[str]


def grouper(
    table: pa.Table, contexte: Contexte, du: date | None, au: date | None
) -> tuple[list[str], list[Groupe]]:
    """The identifiers of the vacances of `table` (events that count, in order), and their groups by history."""
    vacances = encoder(table.column("vacance"))
    gabarits = _sans_portee(table.column("gabarit"))
    rangs, textes = distincts(*(table.column(nom) for nom in ("type", "motif", "reservataire")), gabarits)
    lues = list(_formes(textes))
    formes = {forme: rang for rang, forme in enumerate(dict.fromkeys(lues))}
    rangs_de_forme = pa.array([formes[forme] for forme in lues], pa.int64()).take(rangs)
    marques = _marques(table, contexte, du, au)
    colonnes = _trier(table, contexte, vacances.indices, rangs_de_forme, list(formes), marques)
    lecteur = _Lecteur(colonnes, list(formes), contexte)
    groupes: dict[Any, Groupe] = {}
    for vacance, (debut, fin) in enumerate(pairwise(colonnes.bornes)):
        cle, reservataires = lecteur.lire(debut, fin)
        groupe = groupes.get(cle)
        if groupe is None:
            groupe = groupes[cle] = Groupe(colonnes.rangs[debut:fin], reservataires)
        groupe.vacances[reservataires].append(vacance)
    return vacances.dictionary.to_pylist(), list(groupes.values())


def _sans_portee(gabarits: Any) -> pa.DictionaryArray:
    """The data of each event without what nothing looks at."""
    lus = encoder(gabarits)
    reduits = [SANS_PORTEE.sub("", texte).replace(",}", "}") for texte in lus.dictionary.to_pylist()]
    restes = encoder(pa.array(reduits, pa.string()))
    return pa.DictionaryArray.from_arrays(restes.indices.take(lus.indices), restes.dictionary)


def _formes(textes: Iterable[tuple[str, ...]]) -> Iterator[_Forme]:
    """The shapes of events, from their type, motif, réservataire and data (candidatures masked)."""
    classes: dict[str, int] = {}
    for type_, motif, reservataire, gabarit in textes:
        donnees = lire_json(gabarit)
        genre, _, code = str(donnees.get("destination") or "").partition(":")
        if genre == "reservataire":
            donnees["destination"] = genre
        dit = "" if type_ == SANS_EFFET else _dit(type_, donnees)
        classe = classes.setdefault("\n".join((type_, motif, dit)), len(classes))
        yield _Forme(type_, classe, reservataire or (code if genre == "reservataire" else ""))


def _dit(type_: str, donnees: dict[str, Any]) -> str:
    """What is looked at of the data of an event. Of an opening: the QPV, and the regime of a first letting."""
    retenues = {cle: v for cle, v in donnees.items() if v is not None}
    if type_ in OUVERTURES:
        neuf = donnees.get("origine") == PREMIERE_LOCATION
        retenues["origine"], retenues["regime"] = neuf, retenues.get("regime") if neuf else None
    menage = retenues.pop("menage", None)
    if menage:
        retenues["menage"] = [menage.get("deja_locataire"), menage.get("relogement")]
    return ecrire_json(retenues)


def _marques(table: pa.Table, contexte: Contexte, du: date | None, au: date | None) -> pa.Array:
    """One number an event: its place in the period, that of the entry it tells, its author's right, the QPV of a parc."""
    marques = _lieux(table.column("date_effet"), du, au)
    baux = pc.equal(table.column("type"), "bail_signe")
    entrees = pc.struct_field(pc.extract_regex(table.column("donnees").filter(baux), ENTREE), "entree")
    lues = pc.if_else(pc.is_valid(entrees), pc.add(_lieux(entrees, du, au), 1), 0).cast(pa.int64())
    vide = pa.repeat(pa.scalar(0, pa.int64()), table.num_rows)
    places = pc.replace_with_mask(vide, _un(baux), _un(lues.fill_null(0)))
    marques = pc.add(pc.multiply(marques, LIEUX + 1), places)
    for marque, valeurs in ((_interdits(table, contexte), 2), (_qpv(table, contexte), 3)):
        if marque is not None:
            marques = pc.add(pc.multiply(marques, valeurs), marque)
    return _un(marques)


def _lieux(jours: Any, du: date | None, au: date | None) -> Any:
    """Before the period 0, in it 1, after it 2, of ISO dates."""
    avant = pc.less(jours, du.isoformat() if du else "")
    apres = pc.greater(jours, au.isoformat() if au else "9999")
    return pc.if_else(avant, 0, pc.if_else(apres, 2, 1)).cast(pa.int64())


def _un(colonne: Any) -> pa.Array:
    """One array of a column."""
    return colonne.combine_chunks() if isinstance(colonne, pa.ChunkedArray) else colonne


def _interdits(table: pa.Table, contexte: Contexte) -> pa.Array | None:
    """1 for an event that its author may not record; None when rights are not looked at."""
    organisations = contexte.organisations
    if organisations is None:
        return None
    sirens = pc.utf8_slice_codeunits(table.column("auteur"), 0, SIREN)
    rangs, textes = distincts(sirens, table.column("type"), table.column("reservataire"))
    inconnue = organisations.get("", Organisation("", "inconnu"))
    interdits = [
        0 if a_le_droit(type_, qui or None, organisations.get(siren, _nommee(inconnue, siren))) else 1
        for siren, type_, qui in textes
    ]
    return pa.array(interdits, pa.int64()).take(rangs)


def _nommee(inconnue: Organisation, siren: str) -> Organisation:
    return Organisation(siren, inconnue.type, inconnue.autres)


def _qpv(table: pa.Table, contexte: Contexte) -> pa.Array | None:
    """1 or 2 for the opening of a dwelling that the parc says out of QPV or in it; None without a parc."""
    connus = {v: 1 + bool(lo.qpv) for v, lo in contexte.logements.items() if lo.qpv is not None}
    if not connus:
        return None
    vacances = encoder(table.column("vacance"))
    marques = pa.array([connus.get(v, 0) for v in vacances.dictionary.to_pylist()], pa.int64())
    ouvertures = _un(pc.is_in(table.column("type"), pa.array(OUVERTURES)))
    return pc.if_else(ouvertures, marques.take(vacances.indices), 0)


def _trier(
    table: pa.Table,
    contexte: Contexte,
    vacances: pa.Array,
    rangs_de_forme: pa.Array,
    formes: Sequence[_Forme],
    marques: pa.Array,
) -> _Colonnes:
    """The columns of numbers, by vacance then by order in the journal."""
    ordre = pc.sort_indices(vacances)  # stable
    comptes = pc.struct_field(pc.value_counts(vacances.take(ordre)), "counts").to_pylist()
    pas = (pc.max(marques).as_py() or 0) + 1
    classes = pa.array([forme.classe for forme in formes], pa.int64()).take(rangs_de_forme)
    codes = pc.add(pc.multiply(classes, pas), marques).take(ordre)
    jours = _un(table.column("date_effet")).cast(pa.date32()).cast(pa.int32())
    identifiants = _un(table.column("evenement")).take(ordre).to_pylist() if contexte.limites else []
    return _Colonnes(
        list(accumulate(comptes, initial=0)),
        ordre.to_pylist(),
        rangs_de_forme.take(ordre).to_pylist(),
        memoryview(codes.buffers()[1] or b""),
        jours.take(ordre).to_pylist(),
        _candidatures(table).take(ordre).to_pylist(),
        identifiants,
    )


def _candidatures(table: pa.Table) -> pa.Array:
    """The data of the events that name candidatures of ours, "" for the others."""
    gabarits = encoder(table.column("gabarit"))
    nomment = pc.match_substring(gabarits.dictionary, MASQUE).take(gabarits.indices)
    nomment = pc.and_(nomment, _un(pc.not_equal(table.column("type"), SANS_EFFET)))
    return pc.if_else(nomment, _un(table.column("donnees")), "")


class _Lecteur:
    """Reads the history of one vacance after another, remembering what it met."""

    def __init__(self, colonnes: _Colonnes, formes: Sequence[_Forme], contexte: Contexte) -> None:
        self.colonnes, self.formes = colonnes, formes
        numeros = {
            regime: rang for rang, regime in enumerate(dict.fromkeys(contexte.regimes.values()), start=1)
        }
        self.regimes = {code: numeros[regime] for code, regime in contexte.regimes.items()}
        self.limites = contexte.limites
        self._connues: dict[tuple[int, ...], tuple[Any, tuple[str, ...], int | None, bool]] = {}

    def lire(self, debut: int, fin: int) -> tuple[Any, tuple[str, ...]]:
        """The history of the vacance whose events go from `debut` to `fin`, and its réservataires in order."""
        c = self.colonnes
        formes = tuple(c.formes[debut:fin])
        connue = self._connues.get(formes)
        if connue is None:
            connue = self._connues[formes] = self._numeroter([self.formes[forme] for forme in formes])
        suite, reservataires, fermeture, seule = connue
        jetons = JETON.findall("".join(c.candidatures[debut:fin]))
        cle = (
            bytes(c.codes[debut * OCTETS : fin * OCTETS]),
            suite,
            _ordre(c.jours[debut:fin], fermeture),
            tuple(map(jetons.index, jetons)),
            self._retards(debut, fin) if self.limites else (),
            debut if seule else None,
        )
        return cle, reservataires

    def _numeroter(self, formes: Sequence[_Forme]) -> tuple[Any, tuple[str, ...], int | None, bool]:
        """Réservataires numbered by first appearance with their regimes, where the vacance closes, judged by itself.

        By itself: a rectification cites identifiers; between two answers, the delay of entry matters (D54).
        """
        types = [forme.type for forme in formes]
        nommes = tuple(dict.fromkeys(forme.qui for forme in formes if forme.qui))
        places = {nom: place for place, nom in enumerate(nommes, start=1)}
        suite = tuple(places.get(forme.qui, 0) for forme in formes)
        fermeture = next((rang for rang, type_ in enumerate(types) if type_ in FERMANTS), None)
        seule = "rectification" in types or sum(type_ in REPONSES for type_ in types) > 1
        return (suite, tuple(self.regimes.get(nom, 0) for nom in nommes)), nommes, fermeture, seule

    def _retards(self, debut: int, fin: int) -> tuple[bool | None, ...]:
        """Of each answer and designation, whether it comes after what each earlier mise à disposition left."""
        c = self.colonnes
        dits: list[bool | None] = []
        for rang in range(debut, fin):
            forme = self.formes[c.formes[rang]]
            if forme.type not in (*REPONSES, "designation"):
                continue
            for offre in range(debut, rang):
                offerte = self.formes[c.formes[offre]]
                if offerte.type == "mise_a_disposition" and offerte.qui == forme.qui:
                    limites = self.limites.get(c.identifiants[offre], Limites())
                    limite = limites.designation if forme.type == "designation" else limites.reponse
                    dits.append(None if limite is None else c.jours[rang] > limite.toordinal() - EPOQUE)
        return tuple(dits)


def _ordre(jours: list[int], fermeture: int | None) -> tuple[int, ...]:
    """What matters of the order of dates.

    As long as they go forward, whether two are equal changes nothing, but after a lease or a close, where what is
    later is refused: these are ranked. Dates that go back are all ranked.
    """
    tries = sorted(jours)
    if jours == tries:
        if fermeture is None:
            return ()
        jours = tries = jours[fermeture:]
    rangs = {jour: rang for rang, jour in enumerate(dict.fromkeys(tries))}
    return tuple(rangs[jour] for jour in jours)
