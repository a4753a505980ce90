"""Millésimes of parcs and registers of rights: whose, when, under which digest; the rows themselves are in files."""

from typing import ClassVar

from django.db import models

from partiteur.web.models.membre import Membre
from partiteur.web.models.organisation import Organisation
from partiteur.web.models.socle import Identifie


class Depot(Identifie):
    """A file sent: to be read, then waiting for a yes or a no, then to be imported.

    `apercu` (JSON) is what was found in it, empty until it is read; `le` and `confirme_par` are the yes, while it is
    imported; `refus` says why the last step could not be done.
    """

    bailleur = models.ForeignKey(Organisation, models.PROTECT, related_name="depots")
    nature = models.CharField(max_length=8)
    fichier = models.CharField(max_length=120)
    apercu = models.TextField(blank=True)
    cree_le = models.DateTimeField()
    par = models.ForeignKey(Membre, models.PROTECT, null=True, related_name="+")
    le = models.DateField("situation au", null=True)
    confirme_par = models.ForeignKey(Membre, models.PROTECT, null=True, related_name="+")
    refus = models.TextField(blank=True)

    class Meta:
        ordering = ("-cree_le",)

    def __str__(self) -> str:
        return self.fichier

    @property
    def reste_a_faire(self) -> bool:
        """Is there a step under way, or cut short: reading it, or importing it?"""
        return not self.refus and (not self.apercu or self.le is not None)


class Millesime(Identifie):
    """A picture of a parc, or a register of rights, as of a day: written once, named by its SHA-256.

    It takes the identifier of the deposit it comes from.
    """

    NATURES: ClassVar[dict[str, str]] = {"parc": "Parc", "droits": "Registre des droits"}

    bailleur = models.ForeignKey(Organisation, models.PROTECT, related_name="millesimes")
    nature = models.CharField(max_length=8, choices=NATURES)
    sha = models.CharField("empreinte", max_length=64)
    le = models.DateField("situation au")
    fichier = models.CharField(max_length=120)
    lignes = models.PositiveIntegerField()
    refusees = models.PositiveIntegerField()
    constats = models.TextField()
    importe_le = models.DateTimeField()
    par = models.ForeignKey(Membre, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-le", "-importe_le")
        constraints = (
            models.UniqueConstraint(fields=("bailleur", "nature", "sha"), name="millesime_unique"),
        )

    def __str__(self) -> str:
        return f"{self.get_nature_display()} au {self.le:%d/%m/%Y}"
