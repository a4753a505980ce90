"""What may happen to a vacated dwelling: each story is a list of steps, in order, between the opening and the lease.

A step is (type, réservataire, motif, data); CANDIDATS, PREMIER and SECOND stand for numbers of candidatures drawn
for the vacance. Every kind of failure of motifs.toml is there, with the chance it has in a hundred vacances.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

Pas = tuple[str, str | None, str | None, dict[str, Any]]
CANDIDATS, DEUX, PREMIER, SECOND = "@tous", "@deux", "@premier", "@second"
MENAGES = (
    {"dalo": True, "premier_quartile": True, "deja_locataire": "non"},
    {"dalo": False, "premier_quartile": True, "deja_locataire": "autre"},
    {"dalo": False, "premier_quartile": False, "deja_locataire": "non", "travailleur_essentiel": True},
    {"dalo": False, "public_l441_1": ["g"], "deja_locataire": "non"},
    {"deja_locataire": "non"},
)


@dataclass(frozen=True)
class Scene:
    """Where a story happens: the first réservataire, the next one, the commune's, and whether it is in QPV."""

    a: str
    b: str
    commune: str
    qpv: bool
    rng: Random


def offrir(qui: str, motif: str | None = None) -> list[Pas]:
    """Turned towards a réservataire, then made available to it."""
    return [
        ("orientation", qui, motif, {"destination": f"reservataire:{qui}"}),
        ("mise_a_disposition", qui, motif, {}),
    ]


def designer(qui: str, nombre: str = CANDIDATS, origine: str = "reservataire") -> list[Pas]:
    """Candidates named, then put on the agenda."""
    return [
        ("designation", qui, None, {"candidats": nombre, "origine": origine}),
        ("inscription_caleol", None, None, {"candidats": nombre}),
    ]


def attribuer(qui: str | None, rang: str = PREMIER) -> Pas:
    """The commission's decision in favour of a candidate."""
    return ("decision_caleol", qui, None, {"candidat": rang, "decision": "attribution"})


def signer(scene: Scene, qui: str | None, rang: str = PREMIER, **menage: Any) -> list[Pas]:
    """Offer, acceptance, lease."""
    donnees = {"candidat": rang, "menage": {**scene.rng.choice(MENAGES), **menage}}
    return [
        ("offre", None, None, {"candidat": rang}),
        ("reponse_candidat", None, None, {"candidat": rang, "reponse": "accepte"}),
        ("bail_signe", qui, None, donnees),
    ]


def complet(scene: Scene, qui: str) -> list[Pas]:
    """From the offer to the lease, without incident."""
    return [*offrir(qui), *designer(qui), attribuer(qui), *signer(scene, qui)]


def _reussite(s: Scene) -> list[Pas]:
    return complet(s, s.a)


def _validee(s: Scene) -> list[Pas]:
    return [*offrir(s.a), ("validation", s.a, None, {}), *complet(s, s.a)[2:]]


def _puis_b(*echec: tuple[str, str]) -> Callable[[Scene], list[Pas]]:
    """Fails at once with A, then B signs."""

    def recit(s: Scene) -> list[Pas]:
        return [*offrir(s.a), *((t, s.a, m, {}) for t, m in echec), *_reprendre(s)]

    return recit


def _reprendre(s: Scene) -> list[Pas]:
    """After a failure: in QPV the maire first (D24), elsewhere the next réservataire."""
    if s.qpv and s.commune != s.a:
        suite = complet(s, s.commune)
        return [*offrir(s.commune, "qpv_maire"), *suite[2:]]
    return complet(s, s.b)


def _perdus(
    motif: str, donnees: Mapping[str, Any], type_: str = "decision_caleol"
) -> Callable[[Scene], list[Pas]]:
    """Every candidate of A is lost for the same reason, then the next signs."""

    def recit(s: Scene) -> list[Pas]:
        perdu: Pas = (type_, s.a, motif, {"candidats": CANDIDATS, **donnees})
        return [*offrir(s.a), *designer(s.a), perdu, *_reprendre(s)]

    return recit


def _refus_puis(motif: str, donnees: dict[str, Any]) -> Callable[[Scene], list[Pas]]:
    """The first candidate says no, the second, in rank two, signs."""

    def recit(s: Scene) -> list[Pas]:
        second: Pas = (
            "decision_caleol",
            s.a,
            None,
            {"candidat": SECOND, "decision": "attribution_rang", "rang": 2},
        )
        non: Pas = ("reponse_candidat", s.a, motif, {"candidat": PREMIER, **donnees})
        return [*offrir(s.a), *designer(s.a), attribuer(s.a), second, non, *signer(s, s.a, SECOND)]

    return recit


def _insuffisants(s: Scene) -> list[Pas]:
    return [*offrir(s.a), *designer(s.a, DEUX), attribuer(s.a), *signer(s, s.a)]


def _deux_fois(s: Scene) -> list[Pas]:
    return [*offrir(s.a), ("retrait", s.a, "retrait_bailleur", {}), *complet(s, s.a)]


def _candidat_du_bailleur(s: Scene) -> list[Pas]:
    designes = designer(s.a, DEUX, "autre")
    return [*offrir(s.a), *designes, attribuer(None), *signer(s, None)]


def _pour_compte(s: Scene) -> list[Pas]:
    return [*offrir(s.a), *designer(s.a, CANDIDATS, "bailleur_pour_compte"), attribuer(s.a), *signer(s, s.a)]


def _sans_attribution(s: Scene) -> list[Pas]:
    return [*offrir(s.a), *designer(s.a), *signer(s, s.a)[2:]]


def _indisponible(s: Scene) -> list[Pas]:
    return [
        *offrir(s.a),
        ("retrait", s.a, "logement_indisponible", {}),
        ("vacance_close", None, None, {"issue": "travaux"}),
    ]


def _imputee(base: str) -> Callable[[Scene], list[Pas]]:
    """No mise à disposition: the bailleur designates, the attribution is imputed on A (D21)."""

    def recit(s: Scene) -> list[Pas]:
        qui = s.commune if base == "lhi_maire" else s.a
        # The commission's candidates are nobody's turn; the imputation alone says whose the dwelling is.
        designes: list[Pas] = [("designation", None, None, {"candidats": CANDIDATS, "origine": "autre"})]
        impute: Pas = ("imputation", qui, None, {"base": base})
        return [("orientation", None, None, {"destination": "non_reserve"}), *designes, attribuer(None), impute,
                *signer(s, None, dalo=base != "cia")]  # fmt: skip

    return recit


def _requalifiee(s: Scene) -> list[Pas]:
    suite = _imputee("requalification_mixte")(s)
    return [("requalification", s.a, None, {"critere": "mobilite"}), *suite]


def _non_reserve(s: Scene) -> list[Pas]:
    designes: list[Pas] = [("designation", None, None, {"candidats": CANDIDATS, "origine": "autre"})]
    return [
        ("orientation", None, None, {"destination": "non_reserve"}),
        *designes,
        attribuer(None),
        *signer(s, None),
    ]


def _soustrait(categorie: str, **menage: Any) -> Callable[[Scene], list[Pas]]:
    """Leaves the flux: the household is relocated or moves inside the same bailleur (D22)."""

    def recit(s: Scene) -> list[Pas]:
        oriente: Pas = (
            "orientation",
            None,
            None,
            {"destination": f"soustrait:{categorie}", "operation": f"op-{categorie}"},
        )
        designes: Pas = ("designation", None, None, {"candidats": DEUX, "origine": "autre"})
        return [oriente, designes, attribuer(None), *signer(s, None, **menage)]

    return recit


def _mutation_decouverte(s: Scene) -> list[Pas]:
    return [*offrir(s.a), *designer(s.a), attribuer(s.a), *signer(s, s.a, deja_locataire="bailleur")]


def _hors_qpv(s: Scene) -> list[Pas]:
    oriente: Pas = ("orientation", None, None, {"destination": "hors_flux:reprise_hors_qpv"})
    return [oriente, *_non_reserve(s)[1:]]


# The chance of each story in a thousand vacances.
RECITS: Mapping[str, tuple[int, Callable[[Scene], list[Pas]]]] = {
    "non_reserve": (300, _non_reserve),
    "reussite": (230, _reussite),
    "validee": (60, _validee),
    "sans_reponse": (45, _puis_b(("delai_expire", "sans_reponse"))),
    "declinaison": (35, _puis_b(("declinaison", "declinaison"))),
    "sans_candidat": (20, _puis_b(("validation", ""), ("delai_expire", "sans_candidat"))),
    "delai_expire": (10, _puis_b(("delai_expire", "delai_expire"))),
    "retrait_bailleur": (15, _puis_b(("retrait", "retrait_bailleur"))),
    "force_majeure": (3, _puis_b(("retrait", "force_majeure"))),
    "indisponible": (10, _indisponible),
    "refus_caleol": (20, _perdus("refus_caleol", {"decision": "non_attribution"})),
    "irrecevable": (6, _perdus("irrecevable", {"decision": "irrecevabilite"})),
    "piece_manquante": (6, _perdus("piece_manquante", {"decision": "irrecevabilite"})),
    "incoherence_forte": (3, _perdus("incoherence_forte", {"decision": "irrecevabilite"})),
    "inadaptee": (8, _perdus("refus_candidat_inadaptee", {"reponse": "refuse", "proposition": "inadaptee"}, "reponse_candidat")),
    "desistement": (8, _perdus("desistement", {"reponse": "refuse"}, "reponse_candidat")),
    "refus_adapte": (20, _refus_puis("refus_candidat_adaptee", {"reponse": "refuse", "proposition": "adaptee"})),
    "silence": (12, _refus_puis("silence_candidat", {"reponse": "sans_reponse", "proposition": "adaptee"})),
    "insuffisants": (20, _insuffisants),
    "deux_fois": (6, _deux_fois),
    "candidat_du_bailleur": (12, _candidat_du_bailleur),
    "pour_compte": (10, _pour_compte),
    "sans_attribution": (4, _sans_attribution),
    "dalo": (12, _imputee("dalo")),
    "substitution": (5, _imputee("substitution_quart_dalo")),
    "lhi_maire": (3, _imputee("lhi_maire")),
    "cia": (8, _imputee("cia")),
    "mutation": (55, _soustrait("mutations", deja_locataire="bailleur")),
    "mutation_decouverte": (8, _mutation_decouverte),
    "anru": (18, _soustrait("relogements_anru", relogement="anru")),
    "lhi": (6, _soustrait("lhi", relogement="lhi")),
    "hors_qpv": (4, _hors_qpv),
}  # fmt: skip
DELEGUEE: Callable[[Scene], list[Pas]] = _imputee("deleguee")
REQUALIFIEE: Callable[[Scene], list[Pas]] = _requalifiee
