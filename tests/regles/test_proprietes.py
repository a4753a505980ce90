"""What holds whatever the figures: numbers add up, caps are never passed, order changes nothing."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import floor
from random import Random

from dossiers import DIX_POUR_CENT, ETAT, GARANTS, dossier, dossiers, parts
from hypothesis import given
from hypothesis import strategies as st

from partiteur.regles.assiette import motif_retenu, motifs_exclusion
from partiteur.regles.faits import Dossier, Logement, Perimetre, Reservataire
from partiteur.regles.flux import flux
from partiteur.regles.flux.feuille import Flux
from partiteur.regles.flux.volume import flux_a_repartir, partage_soustraits
from partiteur.regles.repartition import Borne, parts_possibles, plafonner, plus_forts_restes
from partiteur.regles.socle import bareme, fraction, nombre, pourcentage

EXACT = st.fractions(min_value=0, max_value=400, max_denominator=60)
EXACTS = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), EXACT, min_size=1, max_size=7)
MOTIFS = list(bareme("exclus")["motifs"])
VOLUMES_NON_PUBLIES = {"parts_superieures_a_100", "objectif_superieur_capacite"}


@st.composite
def exacts_et_bornes(tirer: st.DrawFn) -> tuple[dict[str, Fraction], list[Borne]]:
    """Exact dwellings that respect a few caps, some nested, as they come out of `plafonner`."""
    exacts = tirer(EXACTS)
    bornes = []
    for _ in range(tirer(st.integers(0, 3))):
        codes = tuple(tirer(st.lists(st.sampled_from(sorted(exacts)), unique=True, min_size=1)))
        limite = sum((exacts[c] for c in codes), Fraction(0)) + tirer(st.fractions(0, 2, max_denominator=9))
        bornes.append(Borne(codes, limite))
    return exacts, bornes


def total_de(exacts: dict[str, Fraction]) -> int:
    """The whole dwellings there are to share."""
    return floor(sum(exacts.values(), Fraction(0)))


# --- plus forts restes


@given(EXACTS)
def test_sans_plafond_la_somme_est_le_total_et_chacun_est_a_moins_d_un(exacts: dict[str, Fraction]) -> None:
    """Nobody gets more than its exact number rounded up, nor less than rounded down."""
    entiers = plus_forts_restes(exacts, total_de(exacts), (), None).valeur
    assert sum(entiers.values()) == total_de(exacts)
    assert all(abs(entiers[code] - exact) < 1 for code, exact in exacts.items())


@given(exacts_et_bornes())
def test_aucun_plafond_n_est_passe_et_la_somme_est_le_total(
    tirage: tuple[dict[str, Fraction], list[Borne]],
) -> None:
    """Under caps, what no one may take goes to the non-réservé."""
    exacts, bornes = tirage
    exacts = {**exacts, "~reste": Fraction(1, 3)}
    entiers = plus_forts_restes(exacts, total_de(exacts), bornes, "~reste").valeur
    assert sum(entiers.values()) == total_de(exacts)
    assert all(entiers[code] >= floor(exact) for code, exact in exacts.items())
    assert all(sum(entiers[c] for c in b.codes) <= floor(b.limite) for b in bornes)


@given(EXACTS, st.fractions(0, 1, max_denominator=20))
def test_un_nombre_reporte_ne_fait_passer_aucun_plafond(
    exacts: dict[str, Fraction], echelle: Fraction
) -> None:
    """A cap under the exact numbers themselves still holds: they were raised by what is carried."""
    borne = Borne(tuple(exacts), echelle * sum(exacts.values()))
    exacts = {**exacts, "~reste": Fraction(0)}
    entiers = plus_forts_restes(exacts, total_de(exacts), [borne], "~reste").valeur
    assert sum(entiers[c] for c in borne.codes) <= floor(borne.limite)
    assert sum(entiers.values()) == total_de(exacts)


@given(EXACTS)
def test_un_nombre_plus_grand_ne_recoit_jamais_moins(exacts: dict[str, Fraction]) -> None:
    """Monotony between réservataires of one flux."""
    entiers = plus_forts_restes(exacts, total_de(exacts), (), None).valeur
    ordre = sorted(exacts, key=lambda code: exacts[code])
    assert all(
        entiers[petit] <= entiers[grand] for petit, grand in pairwise(ordre) if exacts[petit] < exacts[grand]
    )


@given(exacts_et_bornes(), st.randoms(use_true_random=False))
def test_l_ordre_des_reservataires_ne_change_rien(
    tirage: tuple[dict[str, Fraction], list[Borne]], hasard: Random
) -> None:
    """Ties are broken by the number, then the code, never by the place in the file."""
    exacts, bornes = tirage
    melange = list(exacts.items())
    hasard.shuffle(melange)
    attendu = plus_forts_restes(exacts, total_de(exacts), bornes, None).valeur
    assert plus_forts_restes(dict(melange), total_de(exacts), bornes, None).valeur == attendu


# --- plafonds et parts


@given(EXACTS, st.fractions(0, 900, max_denominator=20), st.data())
def test_plafonner_garde_les_proportions(
    exacts: dict[str, Fraction], limite: Fraction, tirage: st.DataObject
) -> None:
    """The group is at its cap or under it; inside, ratios are kept; outside, nothing moves."""
    codes = tirage.draw(st.lists(st.sampled_from(sorted(exacts)), unique=True))
    avant = sum((exacts[c] for c in codes), Fraction(0))
    resultat = plafonner(exacts, codes, limite).valeur
    apres = sum((resultat[c] for c in codes), Fraction(0))
    assert apres == min(avant, limite)
    assert all(resultat[c] == exacts[c] for c in exacts if c not in codes)
    assert all(resultat[c] * avant == exacts[c] * apres for c in codes)


@given(st.dictionaries(st.text("abc", min_size=1), parts(60), max_size=5))
def test_les_parts_sont_possibles_jusqu_a_cent_pour_cent(valeurs: dict[str, Fraction]) -> None:
    """At 100 % they are, above they are not."""
    assert parts_possibles(valeurs, "99").valeur == (sum(valeurs.values()) <= 1)


# --- soustraits


@given(
    st.fractions(0, 900, max_denominator=20),
    st.integers(0, 500),
    st.integers(0, 500),
    st.integers(0, 90),
)
def test_soustraire_plus_ne_donne_jamais_plus(
    volume: Fraction, mutations: int, relogements: int, en_plus: int
) -> None:
    """And what is left is never below zero, nor above the volume."""
    avant = flux_a_repartir(volume, {"mutations": mutations, "lhi": relogements}, "99").valeur
    apres = flux_a_repartir(volume, {"mutations": mutations + en_plus, "lhi": relogements}, "99").valeur
    assert 0 <= apres <= avant <= volume


@given(
    st.integers(0, 300),
    st.dictionaries(st.text("abc", min_size=1, max_size=2), EXACT, min_size=1, max_size=5),
    EXACT,
)
def test_les_perimetres_ne_portent_ni_plus_ni_moins_que_le_territoire(
    combien: int, volumes: dict[str, Fraction], reste: Fraction
) -> None:
    """Each within 1 of its proportion; together, with the rest of the territory, all that is subtracted."""
    somme = sum(volumes.values(), reste)
    partage = partage_soustraits({"mutations": combien}, volumes, somme).valeur
    portes = {code: soustraits["mutations"] for code, soustraits in partage.items()}
    if somme:
        assert all(abs(portes[code] - combien * v / somme) < 1 for code, v in volumes.items())
        assert abs(combien - sum(portes.values()) - combien * reste / somme) < 1


# --- le flux entier


def publie(dossier: Dossier) -> Flux | None:
    """The sheet, when its volumes are published."""
    feuille = flux(dossier)
    return None if {a.code for a in feuille.avertissements} & VOLUMES_NON_PUBLIES else feuille


@given(dossiers())
def test_les_objectifs_et_le_non_reserve_font_le_flux(dossier: Dossier) -> None:
    """To the last dwelling, without a negative number anywhere."""
    if feuille := publie(dossier):
        objectifs = [p.objectif for p in (*feuille.reservataires, feuille.non_reserve)]
        assert sum(o or 0 for o in objectifs) == feuille.territoire.a_repartir == feuille.a_repartir
        assert all(o is not None and o >= 0 for o in objectifs)
        exacts = [p.exact for p in (*feuille.reservataires, feuille.non_reserve)]
        assert sum(exacts, Fraction(0)) == feuille.territoire.exact
        assert all(p.exact >= 0 for p in (*feuille.perimetres, *feuille.reservataires))


@given(dossiers(maximum=45))
def test_les_plafonds_ne_sont_jamais_passes(dossier: Dossier) -> None:
    """The State, its agents, and the guarantors of each commune and EPCI, in whole and in exact dwellings."""
    feuille = flux(dossier)
    if any(p.objectif is None for p in feuille.reservataires):
        return
    groupes = [
        (Fraction(30, 100), feuille.territoire.exact, [r for r in feuille.reservataires if r.type in ETAT]),
        (Fraction(5, 100), feuille.territoire.exact, [r for r in feuille.reservataires if r.type == ETAT[1]]),
    ]
    garants = [r for r in feuille.reservataires if r.contrepartie == "garantie" and r.type in GARANTS]
    groupes += [
        (Fraction(20, 100), ou.exact, [r for r in garants if contient(feuille, ou.code, r.perimetres[0])])
        for ou in feuille.perimetres[1:]
    ]
    for plafond, volume, membres in groupes:
        assert sum((m.exact for m in membres), Fraction(0)) <= plafond * volume
        assert sum(m.objectif or 0 for m in membres) <= floor(plafond * volume)


def contient(feuille: Flux, territoire: str, code: str) -> bool:
    """Whether a perimeter is, or lies in, a territory."""
    return any(p.code == code and territoire in (p.code, *p.dans) for p in feuille.perimetres)


@given(dossiers(), st.integers(1, 200))
def test_soustraire_plus_du_territoire_ne_donne_jamais_plus_de_flux(dossier: Dossier, en_plus: int) -> None:
    """Of the territory: its perimeters' shares are rounded, and may move by one."""
    territoire, *autres = dossier.perimetres
    soustraits = {**(territoire.soustraits or {})}
    avant = flux(dossier).territoire
    soustraits["lhi"] = en_plus
    charge = replace(dossier, perimetres=(replace(territoire, soustraits=soustraits), *autres))
    assert flux(charge).territoire.exact == max(avant.exact - en_plus, Fraction(0))


@given(dossiers(), st.randoms(use_true_random=False))
def test_l_ordre_du_dossier_ne_change_aucun_objectif(dossier: Dossier, hasard: Random) -> None:
    """Of the réservataires, nor of the perimeters after the territory."""
    territoire, *autres = dossier.perimetres
    reservataires = list(dossier.reservataires)
    hasard.shuffle(reservataires)
    melange = replace(dossier, reservataires=tuple(reservataires), perimetres=(territoire, *autres[::-1]))
    assert objectifs(flux(melange)) == objectifs(flux(dossier))


def objectifs(feuille: Flux) -> dict[str, int | None]:
    """Whole dwellings by code."""
    return {p.code: p.objectif for p in (*feuille.reservataires, feuille.non_reserve)}


@given(st.lists(parts(20), min_size=1, max_size=5), st.integers(0, 400), st.integers(1, 6))
def test_d_annee_en_annee_chacun_recoit_son_du_a_moins_d_un_logement(
    demandes: list[Fraction], parc: int, annees: int
) -> None:
    """Fractions carried from year to year end in dwellings (D4)."""
    reservataires = [Reservataire(f"r{i}", "departement", part=part) for i, part in enumerate(demandes)]
    perimetre = Perimetre("99", "departement", parc, rotation=DIX_POUR_CENT)
    servis = dict.fromkeys([*(r.code for r in reservataires), "non_reserve"], 0)
    report_libre = Fraction(0)
    for _ in range(annees):
        feuille = flux(dossier(*reservataires, perimetres=(perimetre,), report_non_reserve=report_libre))
        for code, objectif in objectifs(feuille).items():
            servis[code] += objectif or 0
        restes = {p.code: p.reste_a_reporter or Fraction(0) for p in feuille.reservataires}
        reservataires = [replace(r, report=restes[r.code]) for r in reservataires]
        report_libre = feuille.non_reserve.reste_a_reporter or Fraction(0)
    for reservataire in feuille.reservataires:
        assert abs(servis[reservataire.code] - annees * reservataire.exact) < 1


# --- les exclusions comptent chaque logement une fois


@given(
    st.lists(
        st.builds(
            Logement,
            usage=st.sampled_from([None, "familial", "etudiant", "chrs"]),
            financement=st.sampled_from([None, "13", "16"]),
            mode=st.sampled_from([None, "1", "4"]),
            en_vente=st.sampled_from([None, True, False]),
            a_demolir=st.sampled_from([None, True, False]),
            conventionne=st.sampled_from([None, True, False]),
        ),
        max_size=30,
    ),
    st.lists(st.sampled_from(MOTIFS), unique=True),
    st.booleans(),
)
def test_chaque_logement_est_compte_une_fois(
    parc: list[Logement], motifs_cadre: list[str], sem: bool
) -> None:
    """Inside, or outside for one motif of its own that the cadre retains; an unknown motif excludes nothing."""
    comptes: dict[str | None, int] = {}
    for logement in parc:
        exclusion = motifs_exclusion(logement).valeur
        motif = motif_retenu(exclusion.motifs, motifs_cadre, sem).valeur
        comptes[motif] = comptes.get(motif, 0) + 1
        assert motif is None or (motif in exclusion.motifs and motif in motifs_cadre)
        assert not set(exclusion.motifs) & set(exclusion.inconnus)
    assert sum(comptes.values()) == len(parc)


# --- les nombres écrits se relisent


@given(st.integers(-(10**9), 10**9))
def test_un_nombre_de_centiemes_se_relit(centiemes: int) -> None:
    """Two decimals are written in full, in a number as in a percentage."""
    assert fraction(nombre(Fraction(centiemes, 100))) == Fraction(centiemes, 100)
    assert fraction(pourcentage(Fraction(centiemes, 10000))) == Fraction(centiemes, 10000)


@given(st.fractions(min_value=-(10**6), max_value=10**6))
def test_un_nombre_arrondi_le_dit_et_reste_proche(exact: Fraction) -> None:
    """« ≈ » is there if and only if the number was rounded, to the nearest hundredth."""
    for ecrit, pas in ((nombre(exact), Fraction(1, 100)), (pourcentage(exact), Fraction(1, 10000))):
        lu = fraction(ecrit.removeprefix("≈ "))
        assert ecrit.startswith("≈ ") == (lu != exact)
        assert abs(lu - exact) <= pas / 2


@given(st.fractions())
def test_une_fraction_ecrite_se_relit(exacte: Fraction) -> None:
    """« 5367/20 » is read as it is written."""
    assert fraction(str(exacte)) == fraction(exacte) == exacte
