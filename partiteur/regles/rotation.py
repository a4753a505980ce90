"""The taux de rotation: how many dwellings of the assiette come free in a year, by a named definition."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

from partiteur.regles.faits import Definition, Rotation
from partiteur.regles.socle import ErreurUtilisateur, Etape, Resultat, bareme, nombre, regle


class RotationImpossible(ErreurUtilisateur):
    """The definition asked is unknown, or its counts do not make a rate."""


def definition(code: str, motifs_cadre: Sequence[str]) -> Definition:
    """A definition of rotation.toml; where it says `assiette`, it leaves out what the cadre excludes.

    Raises RotationImpossible when the code is unknown.
    """
    connues = {c: d for c, d in bareme("rotation").items() if isinstance(d, dict)}
    if code not in connues:
        raise RotationImpossible(
            f"La définition de rotation « {code} » est inconnue. Définitions connues : {', '.join(connues)}."
        )
    ligne = connues[code]
    hors = tuple(motifs_cadre) if ligne.get("assiette") else tuple(ligne["hors"])
    return Definition(
        code,
        ligne["libelle"],
        ligne["compte"],
        ligne["periode"],
        ligne["annees"],
        tuple(ligne["motifs_exclus"]),
        hors,
        tuple(ligne.get("hors_denominateur", ())),
        ligne["echelle"],
        ligne["texte"],
        tuple(ligne.get("modes", ())),
    )


@regle("s0", "s1", "s3", du="2018-01-01")
def periode_rotation(definition: Definition, exercice: int, date_parc: date | None) -> Resultat:
    """Donne la période dont les libérations sont comptées : l'année N-1, plusieurs années, ou douze mois glissants.

    Returns a half-open (du, au) of dates; the rate is then the yearly mean over `annees`.
    Raises RotationImpossible when twelve months are asked and the parc has no date.
    """
    if definition.periode == "douze_mois":
        if date_parc is None:
            raise RotationImpossible(
                "La rotation sur douze mois part de la date du parc : ajoutez « date » à [parc] dans le dossier."
            )
        au = date_parc + timedelta(days=1)
        du = _annee_avant(au)
    else:
        au, du = date(exercice, 1, 1), date(exercice - definition.annees, 1, 1)
    etape = Etape(
        "Période de la rotation",
        definition.libelle,
        f"du {du:%d/%m/%Y} au {au - timedelta(days=1):%d/%m/%Y}",
        definition.texte,
    )
    return Resultat((du, au), "calcule", (etape,))


def _annee_avant(jour: date) -> date:
    """The same day a year before; from a 29 February, the day after the 28th."""
    try:
        return jour.replace(year=jour.year - 1)
    except ValueError:
        return (jour + timedelta(days=1)).replace(year=jour.year - 1)


@regle("s0", "s1", "s3", du="2018-01-01")
def liberation_comptee(motif: str | None, motifs_logement: Sequence[str], definition: Definition) -> Resultat:
    """Dit si une libération compte au numérateur : ni motif écarté, ni logement hors du champ de la définition.

    An unknown motif is counted, under the code `motif_inconnu`, when the definition leaves motifs out.
    """
    if motif in definition.motifs_exclus:
        return Resultat(False, "motif_ecarte")
    if any(m in definition.hors for m in motifs_logement):
        return Resultat(False, "logement_ecarte")
    if motif is None and definition.motifs_exclus:
        return Resultat(True, "motif_inconnu")
    return Resultat(True, "comptee")


@regle("s0", "s1", "s3", du="2018-01-01")
def logement_au_denominateur(motifs_logement: Sequence[str], definition: Definition) -> Resultat:
    """Dit si un logement compte au dénominateur : dans le champ de la définition, hors ventes et démolitions si elle le dit."""
    hors = (*definition.hors, *definition.hors_denominateur)
    dedans = not any(m in hors for m in motifs_logement)
    return Resultat(dedans, "compte" if dedans else "logement_ecarte")


@regle("sdes-rpls", du="2018-01-01")
def emmenagement_rpls(
    annee_bail: int | None,
    annee_mise_en_location: int | None,
    mode: str | None,
    definition: Definition,
    exercice: int,
) -> Resultat:
    """Lit la rotation dans le RPLS : baux ayant pris effet depuis N-1, hors logements mis en location depuis N-1.

    Returns (in the numerator, in the denominator). A dwelling whose facts are unknown is in neither: code `inconnu`.
    """
    depuis = exercice - 1
    loue = mode == "1"  # a dwelling let without a known lease cannot be placed
    if mode is None or annee_mise_en_location is None or (loue and annee_bail is None):
        return Resultat((False, False), "inconnu")
    champ = mode in definition.modes and annee_mise_en_location < depuis
    emmenage = champ and annee_bail is not None and annee_bail >= depuis
    return Resultat((emmenage, champ), "emmenage" if emmenage else "compte" if champ else "hors_champ")


@regle("s0", "s1", "s3", du="2018-01-01")
def taux_rotation(rotation: Rotation, definition: Definition | None) -> Resultat:
    """Le taux de rotation est donné par le bailleur, ou rapporte les libérations d'une année au parc de la définition.

    Raises RotationImpossible when neither is there, when the parc counted is empty, or above 100 %.
    """
    if rotation.taux is not None:
        libelle = definition.libelle if definition else "donnée par le bailleur"
        etape = Etape("Rotation", libelle, rotation.taux, definition.texte if definition else "s1")
        return _dans_les_bornes(Resultat(rotation.taux, "donnee", (etape,)))
    if rotation.numerateur is None or definition is None:
        raise RotationImpossible(
            "Aucune rotation : donnez « taux », ou « liberations » avec une définition, dans [rotation]."
        )
    if not rotation.denominateur:
        raise RotationImpossible(
            f"Aucun logement au dénominateur de la rotation « {definition.code} » : le taux ne peut être calculé."
        )
    taux = rotation.numerateur / definition.annees / rotation.denominateur
    annees = f" ÷ {definition.annees} ans" if definition.annees > 1 else ""
    formule = (
        f"{nombre(rotation.numerateur)}{annees} ÷ {nombre(rotation.denominateur)} · {definition.libelle}"
    )
    return _dans_les_bornes(Resultat(taux, "calcule", (Etape("Rotation", formule, taux, definition.texte),)))


def _dans_les_bornes(resultat: Resultat) -> Resultat:
    if not Fraction(0) <= resultat.valeur <= 1:
        raise RotationImpossible(
            f"Une rotation de {nombre(resultat.valeur * bareme('unites')['pourcent'])} % n'est pas possible : "
            "elle va de 0 à 100 %."
        )
    return resultat
