"""The parc of a bailleur: a file is deposited, then becomes a millésime, or is given up. Files are written before."""

from dataclasses import dataclass
from datetime import date

from partiteur.web.actions.acte import ActeRefuse, acte, exiger_le_sien, membre_de
from partiteur.web.actions.horloge import maintenant
from partiteur.web.droits import Acteur, Permission
from partiteur.web.models import Depot, Millesime, Organisation


@dataclass(frozen=True)
class Ecrit:
    """A millésime on the disk: what it is, and what its reading found (`constats`, JSON)."""

    nature: str
    sha: str
    le: date
    fichier: str
    lignes: int
    refusees: int
    constats: str


@acte(Permission.TENIR_PARC)
def deposer(
    *, par: Acteur, bailleur: Organisation, identifiant: str, nature: str, fichier: str, apercu: str
) -> Depot:
    """Note a file that waits under its identifier, and what was found in it; "": it is to be read. Raises ActeRefuse."""
    exiger_le_sien(par, bailleur, "parc")
    return Depot.objects.create(
        identifiant=identifiant,
        bailleur=bailleur,
        nature=nature,
        fichier=fichier,
        apercu=apercu,
        cree_le=maintenant(),
        par=membre_de(par),
    )


@acte(Permission.TENIR_PARC)
def noter_lecture(*, par: Acteur, depot: Depot, apercu: str) -> None:
    """Note what was found in a file read apart from its request. Raises ActeRefuse when the deposit is over."""
    lu = _en_cours(par, depot)
    lu.apercu, lu.refus = apercu, ""
    lu.save(update_fields=["apercu", "refus"])


@acte(Permission.TENIR_PARC)
def demander(*, par: Acteur, depot: Depot, le: date) -> None:
    """Say yes to a file imported apart from its request. Raises ActeRefuse when somebody already did."""
    lu = _en_cours(par, depot)
    if lu.le is not None:
        raise ActeRefuse("Ce fichier est déjà en cours d'importation.")
    lu.le, lu.confirme_par, lu.refus = le, membre_de(par), ""
    lu.save(update_fields=["le", "confirme_par", "refus"])


@acte(Permission.TENIR_PARC)
def refuser(*, par: Acteur, depot: Depot, phrase: str) -> None:
    """Say why the last step could not be done; a yes is to be said again. Raises ActeRefuse when the deposit is over."""
    lu = _en_cours(par, depot)
    lu.refus, lu.le, lu.confirme_par = phrase, None, None
    lu.save(update_fields=["refus", "le", "confirme_par"])


@acte(Permission.TENIR_PARC)
def importer(*, par: Acteur, bailleur: Organisation, ecrit: Ecrit, depot: Depot | None = None) -> Millesime:
    """Enter a millésime that is on the disk; its deposit is over. Raises ActeRefuse: twice the same, or already over."""
    exiger_le_sien(par, bailleur, "parc")
    Organisation.objects.select_for_update().get(
        pk=bailleur.pk
    )  # two deposits of one content: one after the other
    if depot is not None:
        _finir(bailleur, depot)
    if Millesime.objects.filter(bailleur=bailleur, nature=ecrit.nature, sha=ecrit.sha).exists():
        raise ActeRefuse("Ce contenu est déjà importé, à la ligne près : rien n'a changé.")
    identifiant = {"identifiant": depot.identifiant} if depot else {}
    return Millesime.objects.create(
        bailleur=bailleur, importe_le=maintenant(), par=membre_de(par), **identifiant, **vars(ecrit)
    )


@acte(Permission.TENIR_PARC)
def abandonner(*, par: Acteur, depot: Depot) -> None:
    """Give up a deposit. Raises ActeRefuse when it is another's, or over."""
    exiger_le_sien(par, depot.bailleur, "parc")
    _finir(depot.bailleur, depot)


def _finir(bailleur: Organisation, depot: Depot) -> None:
    """A deposit ends once, even when two people end it at once."""
    _verrouiller(bailleur, depot).delete()


def _en_cours(par: Acteur, depot: Depot) -> Depot:
    exiger_le_sien(par, depot.bailleur, "parc")
    return _verrouiller(depot.bailleur, depot)


def _verrouiller(bailleur: Organisation, depot: Depot) -> Depot:
    lu = Depot.objects.select_for_update().filter(pk=depot.pk, bailleur=bailleur).first()
    if lu is None:
        raise ActeRefuse("Ce dépôt est déjà terminé : regardez le parc, ou déposez un autre fichier.")
    return lu
