"""Dossiers built by hand, and drawn at random: communes inside EPCI inside one département."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import strategies as st

from partiteur.regles.faits import Cadre, Dossier, Perimetre, Reservataire, Rotation
from partiteur.regles.flux import flux
from partiteur.regles.flux.feuille import Flux
from partiteur.regles.rotation import definition
from partiteur.regles.socle import ErreurUtilisateur, bareme

CADRE = Cadre("essai", "Essai", "s1", (), "assiette_x_rotation", None, None, "valeur", None)
DIX_POUR_CENT = Rotation(taux=Fraction(1, 10))
TERRITOIRE = Perimetre("99", "departement", 10000, rotation=DIX_POUR_CENT)
ETAT = ("etat_prioritaires", "etat_fonctionnaires")
TYPES = {t: ligne for t, ligne in bareme("reservataires").items() if isinstance(ligne, dict)}
GARANTS = tuple(t for t, ligne in TYPES.items() if "garanties" in ligne["plafonds"])

CENT = replace(TERRITOIRE, parc=1000)  # a flux of 100
PREFET = Reservataire("prefet", "etat_prioritaires", part=Fraction(30, 100))
AGENTS = Reservataire("agents", "etat_fonctionnaires", part=Fraction(5, 100))
ALS = Reservataire("als", "action_logement", part=Fraction(1, 4))
CD = Reservataire("cd", "departement", part=Fraction(1, 5), nom="Conseil départemental")


def dossier(
    *reservataires: Reservataire,
    perimetres: tuple[Perimetre, ...] = (TERRITOIRE,),
    **autres: Any,
) -> Dossier:
    """A dossier of the year 2023 with a rate whose definition leaves nothing out."""
    connus: dict[str, Any] = {"cadre": CADRE, "definition": definition("departs_1_an", ()), **autres}
    return Dossier(2023, connus.pop("cadre"), "OPH", perimetres, reservataires, **connus)


def messages(feuille: Flux) -> dict[str, str]:
    """The sentences of a sheet's warnings, by code."""
    return {a.code: a.message for a in feuille.avertissements}


def refus(*reservataires: Reservataire, **autres: Any) -> str:
    """The sentence a dossier is refused with."""
    with pytest.raises(ErreurUtilisateur) as erreur:
        flux(dossier(*reservataires, **autres))
    return str(erreur.value)


def parts(maximum: int) -> st.SearchStrategy[Fraction]:
    """A percentage, whole or in hundredths, up to a maximum."""
    return st.integers(0, maximum * 100).map(lambda centiemes: Fraction(centiemes, 10000))


@st.composite
def territoires(tirer: st.DrawFn) -> tuple[Perimetre, ...]:
    """A département, up to two EPCI in it, up to two communes in each and two in none; all at one rate."""
    communes: list[Perimetre] = []
    epci: list[Perimetre] = []
    for rang in range(tirer(st.integers(0, 2))):
        siennes = [
            Perimetre(f"{rang}{i}", "commune", tirer(st.integers(0, 800)), dans=(f"E{rang}",))
            for i in range(tirer(st.integers(0, 2)))
        ]
        parc = sum(c.parc for c in siennes) + tirer(st.integers(0, 500))
        epci.append(Perimetre(f"E{rang}", "epci", parc, nom=f"Agglomération {rang}"))
        communes += siennes
    communes += [
        Perimetre(f"9{i}", "commune", tirer(st.integers(0, 800))) for i in range(tirer(st.integers(0, 2)))
    ]
    hors_epci = sum(c.parc for c in communes if not c.dans)
    parc = sum(e.parc for e in epci) + hors_epci + tirer(st.integers(0, 3000))
    taux = Rotation(taux=tirer(parts(100)))
    return (replace(TERRITOIRE, parc=parc, rotation=taux), *epci, *communes)


@st.composite
def dossiers(tirer: st.DrawFn, maximum: int = 60) -> Dossier:
    """A dossier on such a territory, with up to seven réservataires of any type, each on one perimeter."""
    perimetres = tirer(territoires())
    soustraits = {
        c: tirer(st.integers(0, 60)) for c in ("mutations", "relogements_anru") if tirer(st.booleans())
    }
    perimetres = (replace(perimetres[0], soustraits=soustraits), *perimetres[1:])
    reservataires = []
    for rang in range(tirer(st.integers(0, 7))):
        type_ = tirer(st.sampled_from([*ETAT, *GARANTS, "action_logement", "departement"]))
        ou = tirer(st.sampled_from(perimetres)) if type_ in GARANTS else perimetres[0]
        contrepartie = tirer(st.sampled_from(["garantie", "financement", "sans"]))
        reservataires.append(
            Reservataire(
                f"r{rang}",
                type_,
                part=tirer(parts(maximum)),
                contrepartie=contrepartie,
                perimetres=(ou.code,),
            )
        )
    return dossier(*reservataires, perimetres=perimetres)
