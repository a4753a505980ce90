"""What should not be and is: recorded with its code, and the convention says whether it counts (D28)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from partiteur.regles.socle import Resultat, bareme, regle
from partiteur.regles.vacance.etat import EtatVacance
from partiteur.regles.vacance.evenement import Evenement, candidats

# What a close does not end: an account is mended when the error is seen, and an imputation may come after the lease.
APRES_CLOTURE = ("rectification", "imputation")


@dataclass(frozen=True)
class Limites:
    """The last days that a mise à disposition leaves to answer and to designate; None where no délai is set.

    `silence`: the last day to answer where the convention says that silence is an agreement (D47), else None.
    """

    reponse: date | None = None
    designation: date | None = None
    silence: date | None = None


@regle("d28", "r441-3", "d52", "d54", du="2018-01-01")
def irregularites(etat: EtatVacance, evenement: Evenement, limites: Limites | None = None) -> Resultat:
    """Relève ce qui est irrégulier sans être impossible : réponse tardive, bail sans attribution, moins de trois candidats.

    Délais are looked at only where `limites` gives them. Returns the codes, those the event bears already included.
    """
    codes = [code for code in (evenement.donnees.get("irregularite"),) if code]
    tacite = evenement.donnees.get("tacite")  # nobody enters a silence
    if etat.cloture is not None and evenement.type not in APRES_CLOTURE and not tacite:
        codes.append("saisie_apres_cloture")
    match evenement.type:
        case "validation" | "declinaison" if not tacite:
            codes += _reponse(etat, evenement, limites)
        case "designation":
            codes += _designation(etat, evenement, limites)
        case "bail_signe":
            codes += _bail(etat, evenement)
        case "mise_a_disposition" | "orientation":
            codes += _offre(etat, evenement)
    return Resultat(tuple(dict.fromkeys(codes)), "irregulier" if codes else "regulier")


def _reponse(etat: EtatVacance, evenement: Evenement, limites: Limites | None) -> Iterable[str]:
    """Late, or an answer taken back once the réservataire may not any more (D54)."""
    if limites and limites.reponse and evenement.date_effet > limites.reponse:
        yield "reponse_tardive"
    offre = etat.offres.get(evenement.reservataire or "")
    if offre and offre.repondu_le and offre.reponse != evenement.type and offre.designes:
        table = bareme("delais")["retrait_reponse"]
        ecoule = (evenement.date_saisie - offre.repondu_le).total_seconds()
        if ecoule > table["heures"] * table["secondes_par_heure"]:
            yield "reponse_retiree_tard"


def _designation(etat: EtatVacance, evenement: Evenement, limites: Limites | None) -> Iterable[str]:
    """Late, on a dwelling never made available, or fewer candidates than the commission examines, without a reason."""
    if limites and limites.designation and evenement.date_effet > limites.designation:
        yield "designation_tardive"
    proposes = [origine for _, origine in candidats(evenement)]
    offre = etat.offres.get(evenement.reservataire or "")
    commune = evenement.donnees.get("par") in bareme("evenements")["designations"]["par"]
    if evenement.reservataire and offre is None and not commune and "bailleur_pour_compte" not in proposes:
        yield "designation_sans_mise_a_disposition"
    deja = offre.designes if offre else 0
    raison = evenement.motif or evenement.donnees.get("raison")
    if (
        evenement.reservataire
        and deja + len(proposes) < bareme("decompte")["caleol"]["candidats"]
        and not raison
    ):
        yield "candidats_insuffisants"


def _bail(etat: EtatVacance, evenement: Evenement) -> Iterable[str]:
    """A lease that nothing recorded before it leads to."""
    noms = {nom for nom, _ in candidats(evenement)}
    if (
        not (noms & etat.attributaires if noms and etat.attributaires else etat.attribuee)
        and not etat.imputee
    ):
        yield "bail_sans_attribution"
    if noms and not noms & etat.candidats:
        yield "bail_candidat_non_designe"


def _offre(etat: EtatVacance, evenement: Evenement) -> Iterable[str]:
    """Offered twice at once; or, after a failure in QPV, to another than the maire without a reason (D24)."""
    autres = [o for code, o in etat.offres.items() if code != evenement.reservataire]
    if evenement.type == "mise_a_disposition" and any(o.ouverte for o in autres):
        yield "offre_simultanee"
    if etat.qpv and etat.echec and not evenement.motif:
        yield "qpv_sans_maire"
