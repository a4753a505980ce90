"""The register posed by the engine against the same rule read dwelling by dwelling, right by right (D15)."""

from collections import Counter
from datetime import date
from typing import Any

import poche
from hypothesis import given, settings
from hypothesis import strategies as st

from partiteur.moteur.droits import poser, registre_au
from partiteur.moteur.etats import compter_droits
from partiteur.moteur.execution import connexion
from partiteur.moteur.millesime import TOUT, vue

NUMEROS = ["1", "2"]
LOGEMENTS = st.fixed_dictionaries(
    {
        "numero_rpls": st.sampled_from([None, *NUMEROS]),
        "identifiant_interne": st.sampled_from([None, *NUMEROS]),
        "programme": st.sampled_from(["P", "Q"]),
        "qpv": st.sampled_from([None, True, False]),
        "financement": st.sampled_from(["13", "13", "16"]),
    }
)
TITULAIRES = {
    "reservataire": st.sampled_from(["etat", "ville"]),
    "statut": st.sampled_from(["confirme", "conteste"]),
}
DROITS = st.one_of(
    st.fixed_dictionaries({"logement": st.sampled_from([*NUMEROS, "nul"]), **TITULAIRES}),
    st.fixed_dictionaries(
        {"programme": st.sampled_from(["P", "Q", "R"]), "nombre": st.integers(1, 3), **TITULAIRES}
    ),
)


def commun(valeurs: set[Any]) -> Any:
    return next(iter(valeurs)) if len(valeurs) == 1 else None


def lire(logements: list[dict[str, Any]], droits: list[dict[str, Any]]) -> tuple[Counter[Any], Counter[str]]:
    """Dwellings of the assiette by (qpv, réservataire, contested), and the rights that do not fit, by their warning."""
    assiette = {rang: lo for rang, lo in enumerate(logements) if lo["financement"] != "16"}
    etat: Counter[Any] = Counter()
    dits: Counter[str] = Counter()

    def perdre(au_parc: bool, combien: int) -> None:
        dits["droits_hors_assiette" if au_parc else "droits_sans_logement"] += combien

    libres = dict(assiette)
    for droit in droits:
        if "logement" in droit:
            nommes = [
                rang
                for rang, lo in enumerate(logements)
                if droit["logement"] in (lo["numero_rpls"], lo["identifiant_interne"])
            ]
            retenus = [rang for rang in nommes if rang in assiette]
            if not retenus:
                perdre(bool(nommes), 1)
            elif retenus[0] in libres:
                etat[libres.pop(retenus[0])["qpv"], droit["reservataire"], droit["statut"] == "conteste"] += 1
    for programme in ("P", "Q", "R"):
        restants = [lo for lo in libres.values() if lo["programme"] == programme]
        reste, qpv = len(restants), commun({lo["qpv"] for lo in restants})
        demandes = [d for d in droits if "logement" not in d and d["programme"] == programme]
        if all(lo["programme"] != programme for lo in assiette.values()):
            for droit in demandes:
                perdre(any(lo["programme"] == programme for lo in logements), droit["nombre"])
            continue
        for droit in demandes:
            pris = min(droit["nombre"], reste)
            etat[qpv, droit["reservataire"], droit["statut"] == "conteste"] += pris
            reste -= pris
        if sum(d["nombre"] for d in demandes) > len(restants):
            dits["droits_superieurs_programme"] += 1
        if demandes and restants:
            etat[qpv, "non_reserve", False] += reste
        else:
            etat.update((lo["qpv"], "non_reserve", False) for lo in restants)
    return +etat, dits


@settings(deadline=None, max_examples=100)
@given(st.lists(LOGEMENTS, min_size=2, max_size=6), st.lists(DROITS, min_size=1, max_size=5))
def test_le_registre_pose_dit_ce_que_dit_la_regle_logement_par_logement(
    logements: list[dict[str, Any]], droits: list[dict[str, Any]]
) -> None:
    con = connexion()
    vue(con, poche.parc(*logements), TOUT)
    con.execute("create view assiette as select * from parc where motifs = ''")
    dits = poser(con, registre_au(poche.droits(*droits), date(2023, 12, 31)), "assiette")
    etat, attendus = lire(logements, droits)
    lus = compter_droits(con, ("qpv", "reservataire", "conteste"), "assiette")
    assert {tuple(ligne[:-1]): ligne[-1] for ligne in lus} == etat
    assert sum(ligne[-1] for ligne in lus) == sum(lo["financement"] != "16" for lo in logements)
    assert {a.code for a in dits} == set(attendus)
    for dit in dits:
        if dit.code != "droits_superieurs_programme":
            assert f" : {attendus[dit.code]}, " in dit.message
