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
    """Note a file that waits under its identifier, and what was found in it. Raises ActeRefuse."""
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
def importer(*, par: Acteur, bailleur: Organisation, ecrit: Ecrit, depot: Depot | None = None) -> Millesime:
    """Enter a millésime that is on the disk; its deposit is over. Raises ActeRefuse: twice the same, or already over."""
    exiger_le_sien(par, bailleur, "parc")
    if depot is not None:
        _finir(bailleur, depot)
    if Millesime.objects.filter(bailleur=bailleur, nature=ecrit.nature, sha=ecrit.sha).exists():
        raise ActeRefuse("Ce contenu est déjà importé, à la ligne près : rien n'a changé.")
    return Millesime.objects.create(
        bailleur=bailleur, importe_le=maintenant(), par=membre_de(par), **vars(ecrit)
    )


@acte(Permission.TENIR_PARC)
def abandonner(*, par: Acteur, depot: Depot) -> None:
    """Give up a deposit. Raises ActeRefuse when it is another's, or over."""
    exiger_le_sien(par, depot.bailleur, "parc")
    _finir(depot.bailleur, depot)


def _finir(bailleur: Organisation, depot: Depot) -> None:
    """A deposit ends once, even when two people end it at once."""
    lu = Depot.objects.select_for_update().filter(pk=depot.pk, bailleur=bailleur).first()
    if lu is None:
        raise ActeRefuse("Ce dépôt est déjà terminé : regardez le parc, ou déposez un autre fichier.")
    lu.delete()
