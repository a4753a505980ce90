"""The dossiers of flux: deposited, adopted once, or withdrawn while nobody has adopted them."""

from django.db.models import Q

from partiteur.web.actions.acte import ActeRefuse, acte, exiger_le_sien, membre_de
from partiteur.web.actions.horloge import maintenant
from partiteur.web.droits import Acteur, Permission
from partiteur.web.models import Dossier, Organisation


@acte(Permission.TENIR_PARC)
def deposer(
    *,
    par: Acteur,
    bailleur: Organisation,
    identifiant: str,
    exercice: int,
    cadre: str,
    fichier: str,
    sha: str,
    corrige: Dossier | None = None,
) -> Dossier:
    """Enter a dossier whose files are on the disk under its identifier; `corrige`: the one it is a new version of.

    Raises ActeRefuse.
    """
    exiger_le_sien(par, bailleur, "flux")
    serie, version = "", 1
    if corrige is not None:
        exiger_le_sien(par, corrige.bailleur, "flux")
        serie = corrige.suite
        list(
            Dossier.objects.select_for_update().filter(bailleur=bailleur)
        )  # two corrections at once, one by one
        versions = Dossier.objects.filter(Q(serie=serie) | Q(identifiant=serie))
        version = 1 + max(versions.values_list("version", flat=True), default=corrige.version)
    return Dossier.objects.create(
        serie=serie,
        version=version,
        identifiant=identifiant,
        bailleur=bailleur,
        exercice=exercice,
        cadre=cadre,
        fichier=fichier,
        sha=sha,
        depose_le=maintenant(),
        par=membre_de(par),
    )


@acte(Permission.TENIR_PARC)
def adopter(*, par: Acteur, dossier: Dossier, resultat: str, versions: str) -> Dossier:
    """Freeze the result of a dossier, with the versions it was computed with (E20). Raises ActeRefuse: once only."""
    lu = _brouillon(par, dossier)
    lu.adopte_le, lu.adopte_par = maintenant(), membre_de(par)
    lu.resultat, lu.versions = resultat, versions
    lu.save()
    return lu


@acte(Permission.TENIR_PARC)
def retirer(*, par: Acteur, dossier: Dossier) -> None:
    """Withdraw a dossier nobody has adopted. Raises ActeRefuse."""
    _brouillon(par, dossier).delete()


def _brouillon(par: Acteur, dossier: Dossier) -> Dossier:
    exiger_le_sien(par, dossier.bailleur, "flux")
    lu = Dossier.objects.select_for_update().filter(pk=dossier.pk).first()
    if lu is None or lu.adopte_le is not None:
        raise ActeRefuse("Ce dossier est déjà adopté, ou retiré : déposez-en un autre pour le remplacer.")
    return lu
