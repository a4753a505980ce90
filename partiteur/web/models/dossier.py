"""The dossiers of flux: their files are beside, their result is frozen when they are adopted (E20)."""

from django.db import models
from django.db.models import Q

from partiteur.web.models.membre import Membre
from partiteur.web.models.organisation import Organisation
from partiteur.web.models.socle import Identifie


class Dossier(Identifie):
    """A calculation of a bailleur for a year. Adopted, it keeps `resultat` (JSON) and `versions` (JSON), for ever.

    Corrected, it stays, and what is saved is the next `version` of its `serie` (the identifier of the first one).
    """

    bailleur = models.ForeignKey(Organisation, models.PROTECT, related_name="dossiers")
    exercice = models.PositiveSmallIntegerField()
    cadre = models.CharField(max_length=40)
    fichier = models.CharField(max_length=120)
    sha = models.CharField("empreinte", max_length=64)
    depose_le = models.DateTimeField()
    par = models.ForeignKey(Membre, models.PROTECT, null=True, related_name="+")
    adopte_le = models.DateTimeField(null=True)
    adopte_par = models.ForeignKey(Membre, models.PROTECT, null=True, related_name="+")
    resultat = models.TextField(blank=True)
    versions = models.TextField(blank=True)
    serie = models.CharField(max_length=16, blank=True)
    version = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ("-exercice", "-adopte_le", "-depose_le")
        constraints = (
            models.CheckConstraint(
                condition=Q(adopte_le=None, resultat="") | (Q(adopte_le__isnull=False) & ~Q(resultat="")),
                name="dossier_adopte_gele",
            ),
            models.UniqueConstraint(
                fields=("serie", "version"), condition=~Q(serie=""), name="dossier_version_unique"
            ),
        )

    @property
    def suite(self) -> str:
        """The series it is a version of: its own, when it was never corrected."""
        return self.serie or self.identifiant

    def __str__(self) -> str:
        return f"Flux {self.exercice} de {self.bailleur}"
