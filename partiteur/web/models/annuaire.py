"""The directory of each réservataire: who answers, who stands in, who is away (D55)."""

from datetime import date

from django.db import models

from partiteur.web.models.organisation import Organisation
from partiteur.web.models.socle import Identifie, Periode, dans_l_ordre


class Contact(Identifie, Periode):
    """Somebody an organisation answers by. A suppléant stands in for a titulaire."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="contacts")
    nom = models.CharField("prénom et nom", max_length=120)
    fonction = models.CharField("fonction", max_length=120, blank=True)
    courriel = models.EmailField("adresse de courriel")
    telephone = models.CharField("téléphone", max_length=20, blank=True)
    supplee = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="suppleants",
        verbose_name="supplée",
    )
    rejete_le = models.DateTimeField("courriel rejeté le", null=True, blank=True)

    class Meta:
        ordering = ("nom",)
        constraints = (
            dans_l_ordre("contact_dates"),
            models.CheckConstraint(
                condition=~models.Q(supplee=models.F("id")),
                name="contact_supplee_un_autre",
                violation_error_message="Une personne ne se supplée pas elle-même.",
            ),
        )

    def __str__(self) -> str:
        return self.nom

    def absent(self, a_la_date: date) -> bool:
        """Is this person away on that day?"""
        return any(absence.en_vigueur(a_la_date) for absence in self.absences.all())


class Absence(Periode):
    """Days when a contact does not answer: its suppléants do."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="absences")

    class Meta:
        ordering = ("du",)
        constraints = (dans_l_ordre("absence_dates"),)

    def __str__(self) -> str:
        return f"{self.contact}, absent"
