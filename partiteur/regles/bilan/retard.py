"""What is due by a day: done in time, late, never, or still awaited; and a commission that does not meet."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from partiteur.regles.delais import Delai, echeance
from partiteur.regles.socle import Etape, Resultat, en_vigueur, regle


@regle("d43", "d28", du="2018-01-01")
def retard(terme: date, fait_le: date | None, fini_le: date | None, au: date) -> Resultat:
    """Ce qui est dû à un terme est à temps, hors délai, resté sans suite ou attendu ; le retard se compte après le terme.

    `fait_le`: when it was done; `fini_le`: when there was nothing left to do (dwelling withdrawn, leased…). Returns the
    days late, 0 in time, None when nothing is due: not yet (`en_cours`) or not any more (`sans_objet`).
    """
    if fait_le is not None and (fini_le is None or fait_le <= fini_le):
        fin, code = fait_le, "a_temps" if fait_le <= terme else "hors_delai"
    elif fini_le is not None:
        fin, code = fini_le, "sans_objet" if fini_le <= terme else "sans_suite"
    else:
        fin, code = au, "en_cours" if au <= terme else "en_attente"
    if code in ("sans_objet", "en_cours"):
        return Resultat(None, code)
    jours = max((fin - terme).days, 0)
    etape = Etape("Retard, en jours", f"du {terme:%d/%m/%Y} au {fin:%d/%m/%Y}", jours, "d43")
    return Resultat(jours, code, (etape,))


@regle("r441-9", du="2018-01-01")
def seances_espacees(seances: Sequence[date], au: date, a_la_date: date) -> Resultat:
    """La commission se réunit au moins une fois tous les deux mois : dit après quelles séances elle ne l'a pas fait.

    `seances`: their days. Interpretation: two months are counted from each sitting to the next, or to the end of the
    period. Confidence: medium. Returns the sittings that the next did not follow in time.
    """
    ligne = en_vigueur("delais", "reunion_commission", a_la_date)
    delai = Delai(ligne["nombre"], ligne["unite"])
    suites = pairwise((*sorted(set(seances)), au))
    tardives = tuple(jour for jour, suite in suites if echeance(jour, delai).valeur < suite)
    if not seances:
        return Resultat((), "sans_seance")
    etapes = tuple(
        Etape("Séance trop tard suivie", f"{jour:%d/%m/%Y} + {delai}", f"{jour:%d/%m/%Y}", ligne["texte"])
        for jour in tardives
    )
    return Resultat(tardives, "espacees" if tardives else "regulieres", etapes)
