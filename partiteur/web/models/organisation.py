"""Organisations, what they are, where, under which codes the account names them, and who follows whom."""

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models

from partiteur.regles.socle import bareme
from partiteur.web.models.socle import Identifie, Periode, dans_l_ordre

SIREN = RegexValidator(r"\A\d{9}\Z", "Un SIREN compte neuf chiffres.")
CODE = RegexValidator(r"\A[a-z0-9][a-z0-9-]{0,39}\Z", "Un code s'écrit en minuscules, chiffres et tirets.")
TYPES = {
    "bailleur": "Bailleur social",
    "commune": "Commune",
    "epci": "EPCI",
    "departement": "Conseil départemental",
    "region": "Conseil régional",
    "etat_departement": "État, services du département",
    "etat_region": "État, services de la région",
    "action_logement": "Action Logement Services",
    "ar_hlm": "Association régionale Hlm",
    "guichet": "Guichet d'enregistrement",
    "autre": "Autre réservataire",
    "instance": "Gestionnaire de l'instance",
}
ECHELLES = {"commune": "Commune", "epci": "EPCI", "departement": "Département", "region": "Région"}
TYPES_RESERVATAIRE = {
    code: ligne["libelle"] for code, ligne in bareme("reservataires").items() if isinstance(ligne, dict)
}


class Organisation(Identifie, Periode):
    """A legal person of the territory, from its creation to its end."""

    siren = models.CharField("SIREN", max_length=9, unique=True, validators=[SIREN])
    nom = models.CharField("nom", max_length=160)
    type = models.CharField("type", max_length=20, choices=TYPES)

    class Meta:
        ordering = ("nom",)
        constraints = (dans_l_ordre("organisation_dates"),)

    def __str__(self) -> str:
        return self.nom


class Territoire(Periode):
    """Where an organisation is competent, dated: a commune may change EPCI."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="territoires")
    echelle = models.CharField("échelle", max_length=12, choices=ECHELLES)
    code = models.CharField("code", max_length=9)

    class Meta:
        constraints = (
            dans_l_ordre("territoire_dates"),
            models.UniqueConstraint(
                fields=("organisation", "echelle", "code", "du"), name="territoire_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_echelle_display()} {self.code}"


class Reservataire(Periode):
    """A code of the account and of the dossiers, and whose it is: the préfet has two, an EPCI or a commune one."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="reservataires")
    code = models.CharField("code", max_length=40, unique=True, validators=[CODE])
    type = models.CharField("type", max_length=24, choices=TYPES_RESERVATAIRE)

    class Meta:
        ordering = ("code",)
        constraints = (dans_l_ordre("reservataire_dates"),)

    def __str__(self) -> str:
        return self.code


class Reservation(Periode):
    """A réservataire has rights at a bailleur, in a perimeter: what makes co-réservataires of two of them (D67)."""

    bailleur = models.ForeignKey(Organisation, models.PROTECT, related_name="reservations")
    reservataire = models.ForeignKey(Reservataire, models.PROTECT, related_name="reservations")
    echelle = models.CharField("échelle", max_length=12, choices=ECHELLES)
    code = models.CharField("code", max_length=9)

    class Meta:
        constraints = (
            dans_l_ordre("reservation_dates"),
            models.UniqueConstraint(
                fields=("bailleur", "reservataire", "echelle", "code", "du"), name="reservation_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.reservataire} chez {self.bailleur}"


class Succession(models.Model):
    """A merger, or a parc that changes hands: who gives, who receives, when, where."""

    NATURES: ClassVar[dict[str, str]] = {"fusion": "Fusion", "transfert": "Transfert de parc"}

    cedante = models.ForeignKey(Organisation, models.PROTECT, related_name="cessions")
    beneficiaire = models.ForeignKey(Organisation, models.PROTECT, related_name="reprises")
    nature = models.CharField("nature", max_length=12, choices=NATURES)
    date = models.DateField("date d'effet")
    echelle = models.CharField("échelle", max_length=12, choices=ECHELLES, blank=True)
    code = models.CharField("code", max_length=9, blank=True)

    class Meta:
        ordering = ("-date",)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(cedante=models.F("beneficiaire")),
                name="succession_deux_organismes",
                violation_error_message="Une organisation ne se succède pas à elle-même.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_nature_display()} : {self.cedante} → {self.beneficiaire}"
