"""What a bailleur and a réservataire say to each other of a register: remarks, their thread, lists, agreements.

Nothing here is rewritten: triggers (`gardes`) hold remarks, messages and agreements; a message only loses its words.
"""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery

from partiteur.web.models.membre import Membre
from partiteur.web.models.organisation import Organisation
from partiteur.web.models.parc import Millesime
from partiteur.web.models.socle import Identifie


class RemarqueQuerySet(models.QuerySet):
    """Reads of remarks with where they are."""

    def avec_etat(self) -> Self:
        """With `issue` (how it ended, None while it is open), `dernier` (who wrote last) and `depuis` (when)."""
        messages = Message.objects.filter(remarque=OuterRef("pk"))
        fin = messages.filter(acte__in=Message.FINS)
        dernier = messages.order_by("-pk")
        return self.annotate(
            issue=Subquery(fin.values("acte")[:1]),
            dernier=Subquery(dernier.values("auteur")[:1]),
            depuis=Subquery(dernier.values("le")[:1]),
        )

    def de(self, organisation: Organisation) -> Self:
        """Those it made, or received: nobody else reads them (D67)."""
        return self.filter(Q(bailleur=organisation) | Q(reservataire=organisation))

    def entre(self, bailleur: Organisation, reservataire: Organisation) -> Self:
        """The remarks of two parties."""
        return self.filter(bailleur=bailleur, reservataire=reservataire)

    def qui_attendent(self, organisation: Organisation) -> Self:
        """Open, the last word being the other side's."""
        return self.de(organisation).avec_etat().filter(issue=None).exclude(dernier=organisation.pk)


class Remarque(Identifie):
    """A remark on a line of a register (`cle`; "" for a line that is missing), from one side to the other.

    `ligne` (JSON) is what the line said then, `propose` (JSON) what it should say; the words are its first message.
    """

    CATEGORIES: ClassVar[dict[str, str]] = {
        "manquante": "Il manque une ligne",
        "pas_a_nous": "Le droit n'est pas au réservataire",
        "objet": "Ce n'est pas le bon logement, ou le bon programme",
        "nombre": "Le nombre de logements est faux",
        "dates": "Le début ou la fin est faux",
        "nature": "La nature du droit est fausse",
        "question": "Une question, sans correction proposée",
    }

    bailleur = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    reservataire = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    auteur = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    registre = models.ForeignKey(Millesime, models.PROTECT, related_name="remarques")
    cle = models.TextField(blank=True)
    categorie = models.CharField(max_length=12, choices=CATEGORIES)
    ligne = models.TextField()
    propose = models.TextField()

    objects = RemarqueQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("bailleur", "reservataire"), name="remarque_entre"),)

    def __str__(self) -> str:
        return self.CATEGORIES[self.categorie]

    def permis(self, organisation: Organisation) -> tuple[str, ...]:
        """What a side may do of it while it is open: a question is answered, then closed by who asked it."""
        if self.auteur_id == organisation.pk:
            return ("repond", "retire")
        return ("repond",) if self.categorie == "question" else ("accepte", "refuse", "repond")


class Message(models.Model):
    """A step of a thread: the remark opened, answered, accepted, refused or withdrawn."""

    ACTES: ClassVar[dict[str, str]] = {
        "ouvre": "ouvre la remarque",
        "repond": "répond",
        "accepte": "accepte",
        "refuse": "refuse",
        "retire": "retire la remarque",
    }
    FINS = ("accepte", "refuse", "retire")

    remarque = models.ForeignKey(Remarque, models.PROTECT, related_name="messages")
    auteur = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    par = models.ForeignKey(Membre, models.PROTECT, related_name="+")
    le = models.DateTimeField()
    acte = models.CharField(max_length=8, choices=ACTES)
    texte = models.TextField(blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("remarque",),
                condition=Q(acte__in=("accepte", "refuse", "retire")),
                name="message_une_fin",
            ),
        )

    def __str__(self) -> str:
        return self.acte


class Liste(models.Model):
    """The rights a réservataire says it has at a bailleur: a file of the register's shape, the last one holds."""

    bailleur = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    reservataire = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    sha = models.CharField("empreinte", max_length=64)
    fichier = models.CharField(max_length=120)
    lignes = models.PositiveIntegerField()
    refusees = models.PositiveIntegerField()
    constats = models.TextField()
    deposee_le = models.DateTimeField()
    par = models.ForeignKey(Membre, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("bailleur", "reservataire"), name="liste_entre"),)

    def __str__(self) -> str:
        return self.fichier


class AccordQuerySet(models.QuerySet):
    """Reads of agreements."""

    def a_rendre(self, organisation: Organisation) -> Self:
        """Those the other side made on a bailleur's last register, that the organisation has not made too."""
        derniers = Millesime.objects.filter(bailleur=OuterRef("bailleur"), nature="droits")
        memes = Accord.objects.filter(
            bailleur=OuterRef("bailleur"),
            reservataire=OuterRef("reservataire"),
            empreinte=OuterRef("empreinte"),
            auteur=organisation,
        )
        siens = self.filter(Q(bailleur=organisation) | Q(reservataire=organisation))
        a_dire = siens.exclude(auteur=organisation).select_related("bailleur", "reservataire", "auteur")
        return a_dire.filter(~Exists(memes), registre=Subquery(derniers.values("pk")[:1]))


class Accord(models.Model):
    """One side agrees the lines of a réservataire in a register: `empreinte` is the SHA-256 of their text."""

    bailleur = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    reservataire = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    auteur = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    registre = models.ForeignKey(Millesime, models.PROTECT, related_name="accords")
    empreinte = models.CharField(max_length=64)
    lignes = models.PositiveIntegerField()
    droits = models.PositiveIntegerField()
    le = models.DateTimeField()
    par = models.ForeignKey(Membre, models.PROTECT, related_name="+")

    objects = AccordQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("bailleur", "reservataire", "auteur", "empreinte"), name="accord_unique"
            ),
        )

    def __str__(self) -> str:
        return self.empreinte
