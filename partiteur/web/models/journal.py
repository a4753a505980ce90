"""The account in the database (E6-E8): the chain never changes; what an erasure takes is beside it.

`Evenement` is the bare envelope: a number and three digests. `Contenu` holds the facts as the exact texts that were
digested (never parsed and written anew), and the salt. Triggers (`gardes`) hold both: an envelope is never changed nor
deleted; a content only loses its salt.
"""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
from django.db import models
from django.db.models import Q

from partiteur.moteur.journal import COLONNES, Tete, Verdict
from partiteur.moteur.journal.chaine import racine, verifier_chaine
from partiteur.moteur.journal.forme import FAITS, evenement_de
from partiteur.regles.vacance import Evenement as Fait
from partiteur.web.models.organisation import Organisation
from partiteur.web.models.socle import Identifie

# No index of its own on `chaine`: every constraint begins with it, and PostgreSQL would take it for a search by number.


class Chaine(models.Model):
    """One chain a bailleur, named by its SIREN. Its row is the lock of the chain's head (E7)."""

    nom = models.CharField("chaîne", max_length=80, unique=True)
    bailleur = models.OneToOneField(Organisation, models.PROTECT, related_name="chaine")

    def __str__(self) -> str:
        return self.nom


class Vacance(Identifie):
    """The unit of account; its own number is in the chain, its random identifier in addresses."""

    chaine = models.ForeignKey(Chaine, models.PROTECT, related_name="vacances", db_index=False)
    code = models.CharField("vacance", max_length=80)
    logement = models.CharField("logement", max_length=80, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("chaine", "code"), name="vacance_unique"),)

    def __str__(self) -> str:
        return self.code


class Evenement(models.Model):
    """The envelope of an event. Append-only."""

    chaine = models.ForeignKey(Chaine, models.PROTECT, related_name="evenements", db_index=False)
    numero = models.PositiveBigIntegerField()
    empreinte_contenu = models.CharField(max_length=64)
    empreinte_precedente = models.CharField(max_length=64)
    empreinte = models.CharField(max_length=64)

    class Meta:
        ordering = ("chaine", "numero")
        constraints = (models.UniqueConstraint(fields=("chaine", "numero"), name="evenement_numero_unique"),)

    def __str__(self) -> str:
        return f"{self.chaine} {self.numero}"


class Contenu(models.Model):
    """The facts of an event and its salt, as texts of the exchange format, "" where nothing is said."""

    enveloppe = models.OneToOneField(Evenement, models.PROTECT, primary_key=True, related_name="contenu")
    chaine = models.ForeignKey(Chaine, models.PROTECT, related_name="contenus", db_index=False)
    evenement = models.CharField(max_length=80)
    vacance = models.CharField(max_length=80)
    logement = models.CharField(max_length=80)
    type = models.CharField(max_length=40)
    date_effet = models.CharField(max_length=10)
    date_saisie = models.CharField(max_length=20)
    auteur = models.CharField(max_length=42)
    reservataire = models.CharField(max_length=80)
    motif = models.CharField(max_length=80)
    donnees = models.TextField()
    sel = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("chaine", "evenement"), condition=~Q(evenement=""), name="contenu_evenement_unique"
            ),
        )
        indexes = (
            models.Index(fields=("chaine", "vacance"), name="contenu_vacance"),
            models.Index(fields=("chaine", "date_effet"), name="contenu_date"),
            models.Index(fields=("reservataire", "chaine"), name="contenu_reservataire"),
        )

    def __str__(self) -> str:
        return self.evenement


ENVELOPPE = ("numero", "empreinte_contenu", "empreinte_precedente", "empreinte")


def tete(chaine: Chaine) -> Tete:
    """The head of a chain: derived from its last event, kept nowhere."""
    dernier = Evenement.objects.filter(chaine=chaine).order_by("-numero").first()
    return Tete(dernier.numero, dernier.empreinte) if dernier else Tete(0, racine(chaine.nom))


def lignes(chaine: Chaine, lesquelles: Q | None = None) -> Iterator[dict[str, str]]:
    """The whole chain, or the events of a condition, as rows of the exchange format, in its order."""
    noms = [*ENVELOPPE, *(f"contenu__{nom}" for nom in (*FAITS, "sel"))]
    lues = Evenement.objects.filter(lesquelles or Q(), chaine=chaine).order_by("numero").values_list(*noms)
    cles = [nom.removeprefix("contenu__") for nom in noms]
    for valeurs in lues.iterator(chunk_size=5_000):
        ligne = dict(zip(cles, valeurs, strict=True))
        yield {nom: _texte(ligne[nom]) for nom in COLONNES if nom != "chaine"} | {"chaine": chaine.nom}


def en_colonnes(chaine: Chaine, lesquelles: Q) -> pa.Table:
    """The same events by columns: what the account is counted from, no row ever built."""
    noms = [*ENVELOPPE, *(f"contenu__{nom}" for nom in (*FAITS, "sel"))]
    lues = Evenement.objects.filter(lesquelles, chaine=chaine).order_by("numero").values_list(*noms)
    colonnes = list(zip(*lues, strict=True)) or [()] * len(noms)
    lus = {nom.removeprefix("contenu__"): colonne for nom, colonne in zip(noms, colonnes, strict=True)}
    lus["numero"] = tuple(map(str, lus["numero"]))
    lus["chaine"] = (chaine.nom,) * len(lus["numero"])
    return pa.table({nom: pc.fill_null(pa.array(lus[nom], pa.string()), "") for nom in COLONNES})


def _texte(valeur: object) -> str:
    return "" if valeur is None else str(valeur)


def evenements_de(chaine: Chaine, vacance: str) -> list[Fait]:
    """The events of a vacance as the rules read them, in the order of the chain."""
    lus = Contenu.objects.filter(chaine=chaine, vacance=vacance).order_by("enveloppe__numero").values(*FAITS)
    return [evenement_de(ligne) for ligne in lus]


def verifier(chaine: Chaine, connue: Tete | None = None) -> Verdict:
    """Verify a chain in the database, exactly as its export would be; `connue`: a head known from elsewhere."""
    lues = list(lignes(chaine))
    if not lues:
        if connue is not None and connue.numero:
            phrase = f"la chaîne est tronquée : elle est vide alors que l'événement {connue.numero} est connu"
            return Verdict("tronquee", phrase, 1, chaine.nom, tete=tete(chaine))
        return Verdict("intacte", "chaîne vide : rien n'y est inscrit", None, chaine.nom, tete=tete(chaine))
    table = pa.table({nom: pa.array([ligne[nom] for ligne in lues], pa.string()) for nom in COLONNES})
    return verifier_chaine(table, connue)
