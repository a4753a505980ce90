"""What the law looks at: frozen facts, without rows, files or clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from partiteur.regles.socle import Avertissement, ErreurUtilisateur, nombre

NON_RESERVE = "~non_reserve"  # sorts after every code, so that ties go to a réservataire first


class FaitsContradictoires(ErreurUtilisateur):
    """Facts that cannot all be true."""


@dataclass(frozen=True)
class Logement:
    """The coarse facts of a dwelling that decide whether it is in the assiette. None is unknown, never « non »."""

    usage: str | None = None
    type_construction: str | None = None
    financement: str | None = None
    famille_financement: str | None = None
    mode: str | None = None
    contingent: str | None = None
    en_vente: bool | None = None
    sortie_patrimoine: str | None = None
    a_demolir: bool | None = None
    conventionne: bool | None = None
    specifique: str | None = None


@dataclass(frozen=True)
class Definition:
    """A definition of the taux de rotation, as rotation.toml gives it."""

    code: str
    libelle: str
    compte: str
    periode: str
    annees: int
    motifs_exclus: tuple[str, ...]
    hors: tuple[str, ...]
    hors_denominateur: tuple[str, ...]
    echelle: str
    texte: str
    modes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cadre:
    """A local method: what it excludes and subtracts, how it measures rotation and volume, with its sources."""

    code: str
    titre: str
    texte: str
    motifs_exclus: tuple[str, ...]
    volume: str | None
    annees_volume: int | None
    definition: str | None
    mutations: str
    annees_mutations: int | None
    ordre: str = "rotation_d_abord"
    neuf: str = "flux"
    solde: str = "efface"
    lignage: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rotation:
    """A rate given by the bailleur, or the counts of its definition: events (whole or half), dwellings."""

    taux: Fraction | None = None
    numerateur: Fraction | None = None
    denominateur: int | None = None


@dataclass(frozen=True)
class Mutations:
    """The forecast of internal mutations: a value, or the mean of years observed; a CUS value comes first (D5)."""

    methode: str = "valeur"
    valeur: int | None = None
    annees: tuple[int, ...] = ()
    constate: Mapping[int, int] = field(default_factory=dict)
    source: str | None = None


@dataclass(frozen=True)
class Perimetre:
    """A territory's parc: dwellings, exclusions by motif, what is subtracted, its rotation or its signed leases.

    `dans` names the perimeters it lies in; `soustraits` is None when the perimeter gives none of its own.
    """

    code: str
    echelle: str
    parc: int
    exclus: Mapping[str, int] = field(default_factory=dict)
    dans: tuple[str, ...] = ()
    nom: str | None = None
    soustraits: Mapping[str, int | Mutations] | None = None
    rotation: Rotation | None = None
    baux: Mapping[int, int] = field(default_factory=dict)
    inconnus: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Solde:
    """Last year's balance of a réservataire: counted, owed, and what its convention does of the difference (D4)."""

    compte: int
    du: int
    regle: str = "efface"
    borne: int | None = None


@dataclass(frozen=True)
class MouvementDroitUnique:
    """A movement of an account of droits uniques: acquis (by a programme), negocie, consomme or expire."""

    annee: int
    nature: str
    nombre: int
    programme: str | None = None


@dataclass(frozen=True)
class Reservataire:
    """A réservataire and its share: a part with its base, or dwellings reserved inside the assiette."""

    code: str
    type: str
    nom: str | None = None
    part: Fraction | None = None
    base: str = "assiette"
    reserves: int | None = None
    reserves_contestes: int = 0
    contrepartie: str = "sans"
    perimetres: tuple[str, ...] = ()
    methode: str = "assiette"
    taux: Fraction | None = None
    volume: int | None = None
    justification: str | None = None
    droits_de_suite: Mapping[str, int] = field(default_factory=dict)
    negocies: int = 0
    ouverture_droits_uniques: int = 0
    mouvements: tuple[MouvementDroitUnique, ...] = ()
    report: Fraction = Fraction(0)
    solde: Solde | None = None
    constats: tuple[Avertissement, ...] = ()


@dataclass(frozen=True)
class Derogation:
    """A préfet's arrêté that lifts the cap, for at most a year."""

    arrete: str
    du: date
    au: date
    plafond: Fraction
    plafond_fonctionnaires: Fraction | None = None


@dataclass(frozen=True)
class Article5:
    """Dwellings reserved in stock whose convention was not made to conform, that a préfet's decision adds to his flux."""

    reservataire: str
    decision: str
    du: date
    stock: int
    dans_le_plafond: bool = True


@dataclass(frozen=True)
class Pnru:
    """What the State gives back to Action Logement for the first PNRU: a rate, of the flux or of its own part."""

    taux: Fraction
    base: str = "flux"


@dataclass(frozen=True)
class Delegation:
    """A delegation of the préfet's contingent on a perimeter, agents of the State left out."""

    delegataire: str
    territoire: str
    du: date
    au: date | None = None


@dataclass(frozen=True)
class Autorisation:
    """A préfet's authorisation to subtract a category, with its period and its quota."""

    categorie: str
    arrete: str
    du: date
    jusqu_au: date | None = None
    quota: int | None = None


@dataclass(frozen=True)
class Etat:
    """What a dossier says of the State beyond its parts."""

    derogation: Derogation | None = None
    uniforme_communes: bool = True
    parts_communes: Mapping[str, Fraction] = field(default_factory=dict)
    lecture_hors_qpv: str = "taux"
    part_hors_qpv: Fraction | None = None
    assiette_hors_qpv: int | None = None
    article5: tuple[Article5, ...] = ()
    pnru: Pnru | None = None
    delegations: tuple[Delegation, ...] = ()


@dataclass(frozen=True)
class ProgrammeNeuf:
    """A new programme: its dwellings, when, and the rights on it, given or as guarantees of its loans.

    `code`: what the openings of a journal call it, None where the dossier does not say.
    """

    programme: str
    commune: str
    logements: int
    livraison: date
    regime: str
    droits: Mapping[str, int] = field(default_factory=dict)
    garanties: Mapping[str, Fraction] = field(default_factory=dict)
    plafond: Fraction = Fraction(1)
    garants_exclus: tuple[str, ...] = ()
    majoration: bool = True
    dans: tuple[str, ...] = ()
    code: str | None = None


@dataclass(frozen=True)
class Piece:
    """A file a figure comes from: its name, its SHA-256, the rows read and refused."""

    nom: str
    empreinte: str
    lignes: int
    refusees: int = 0


@dataclass(frozen=True)
class Dossier:
    """Everything a flux is computed from. The first perimeter is the dossier's territory, the others lie in it."""

    exercice: int
    cadre: Cadre
    bailleur: str
    perimetres: tuple[Perimetre, ...]
    reservataires: tuple[Reservataire, ...]
    definition: Definition | None = None
    date_parc: date | None = None
    source_parc: str | None = None
    bailleur_sem: bool = False
    complet: bool = False
    etat: Etat = Etat()
    autorisations: tuple[Autorisation, ...] = ()
    neuf: tuple[ProgrammeNeuf, ...] = ()
    taux_non_reserve: Fraction | None = None
    report_non_reserve: Fraction = Fraction(0)
    periode_rotation: str | None = None
    fiche: Mapping[str, str] = field(default_factory=dict)
    pieces: tuple[Piece, ...] = ()
    deduits: tuple[str, ...] = ()
    ecarts_de_cadre: tuple[str, ...] = ()
    constats: tuple[Avertissement, ...] = ()

    def __post_init__(self) -> None:
        """Each réservataire and each perimeter has its own code, and a perimeter fits in the territory."""
        for quoi, codes in (
            ("réservataires", [r.code for r in self.reservataires]),
            ("périmètres", [p.code for p in self.perimetres]),
        ):
            doubles = [code for code in codes if codes.count(code) > 1]
            if doubles:
                raise FaitsContradictoires(
                    f"Deux {quoi} ont le code « {doubles[0]} » ; donnez à chacun le sien."
                )
        if {r.code for r in self.reservataires} & {NON_RESERVE, "non_reserve"}:
            raise FaitsContradictoires(
                "Le code « non_reserve » est réservé au non réservé ; donnez un autre code au réservataire."
            )
        connus = {p.code for p in self.perimetres}
        for perimetre in self.perimetres[1:]:
            absents = [code for code in perimetre.dans if code not in connus]
            if absents:
                raise FaitsContradictoires(
                    f"Le périmètre « {perimetre.code} » est dit dans « {absents[0]} », qui n'est pas défini."
                )
        for echelle in {p.echelle for p in self.perimetres[1:]}:
            somme = sum(p.parc for p in self.perimetres[1:] if p.echelle == echelle)
            if somme > self.perimetres[0].parc:
                raise FaitsContradictoires(
                    f"Les périmètres d'échelle « {echelle} » comptent {nombre(somme)} logements, plus que le territoire "
                    f"du dossier ({nombre(self.perimetres[0].parc)}) ; corrigez l'un des deux."
                )
