"""Every component of the pages, side by side, for whoever works on them. All that it shows is invented."""

from datetime import date
from fractions import Fraction

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from partiteur.web.composants import Barre, Chiffre, Echeance, Graphique, Lien, Pas, Solde, Vide, barres
from partiteur.web.documents import compte
from partiteur.web.forms.socle import Formulaire

ICI = "#"
CALCUL = (
    Chiffre("Parc au 31 décembre 2025", 15_000),
    Chiffre("Exclus du flux", 500, signe="−", formule="étudiants 320 + logement intermédiaire 140 + défense 40",
            donnees=(Lien("500 lignes du millésime 2026-01", ICI),)),
    Chiffre("Assiette", 14_500, signe="=", total=True),
    Chiffre(
        "Rotation", "10 %", signe="×", ouvert=True, formule="1 450 libérations ÷ 14 500 logements familiaux",
        donnees=(Lien("libérations de 2025", ICI), Lien("hors mutations et relogements ANRU")),
        methode="Moyenne d'un an, par bailleur et département",
        textes=(Lien("Référentiel d'exemple, étape 3. Doctrine, non opposable.", ICI),),
        commande="partiteur flux dossier.toml",
    ),
    Chiffre("Soustraits", 450, signe="−", formule="mutations 400, relogements ANRU 50"),
    Chiffre("Logements neufs", None, signe="+"),
    Chiffre("Flux à répartir", 1_000, signe="=", total=True),
)  # fmt: skip
ETAPES = tuple(compte.ETAPES.values())
SOLDES = (
    Solde("Réservataire A", "20 % du flux, environ 214 logements",
          barres(tuple(zip(ETAPES, (79, 71, 60, 53), strict=True)), 214), objectif=100, attendu=38),
    Solde("Réservataire B", "8 % du flux de la commune, environ 11 logements",
          barres(tuple(zip(ETAPES, (4, 2, 2, 0), strict=True)), 11), objectif=100, attendu=38,
          phrase="Un logement de moins qu'attendu à ce jour."),
    Solde("Réservataire C", "objectif inconnu : la convention n'est pas saisie",
          barres(tuple(zip(ETAPES, (3, 3, 1, 1), strict=True)), 11)),
)  # fmt: skip
ECHEANCES = (
    Echeance(date(2026, 5, 4), "hier", "La commune n'a pas répondu pour le T3 de la rue d'exemple.",
             "La mise à disposition compte dans son objectif. Vous pouvez la proposer à un autre réservataire.",
             Lien("Décider", ICI), "tard"),
    Echeance(date(2026, 5, 6), "demain", "Le réservataire A doit désigner trois candidats.", "Deux candidats reçus.",
             Lien("Voir la vacance", ICI), "bientot"),
    Echeance(date(2026, 6, 30), "dans 8 semaines", "Bilan intermédiaire à adresser à neuf réservataires."),
)  # fmt: skip
FIL = (
    Pas(date(2026, 4, 27), "Congé reçu, préavis d'un mois.", "Bailleur, agent a00000000001"),
    Pas(
        date(2026, 4, 28),
        "Logement mis à disposition du réservataire A.",
        "Bailleur, agent a00000000001",
        annule=True,
    ),
    Pas(
        date(2026, 4, 28),
        "Logement mis à votre disposition.",
        "Rectifie l'événement précédent",
        "fait",
        "fait",
    ),
    Pas(date(2026, 5, 6), "Votre réponse.", etat="à faire", genre="attente", a_venir=True),
    Pas(date(2026, 5, 21), "Commission d'attribution.", a_venir=True),
)
GRAPHIQUE = Graphique(
    "Le réservataire A a reçu 61 % de son objectif à fin juin",
    ("Réservataire", "Logements"),
    (Barre("Réservataire A", 61, 61), Barre("Réservataire B", 42, 42, 2), Barre("Réservataire C", 0, 0, 3)),
)
PARTS = (
    ("État, publics prioritaires", Fraction(1, 4), 250, "30 % avec les agents"),
    ("Réservataire A", Fraction(1, 5), 200, "aucune"),
    ("Réservataire B", Fraction(1, 8), 0, "inconnue"),
)
VIDE = Vide(
    "Aucune convention n'est saisie.",
    (
        Lien("Saisir la première convention", ICI),
        Lien("Inviter les personnes qui travailleront avec vous", ICI),
    ),
)


class ExempleForm(Formulaire):
    """One field of each kind."""

    nom = forms.CharField(label="Prénom et nom", help_text="Tel qu'il apparaîtra aux autres.")
    fonction = forms.CharField(label="Fonction", required=False)
    le = forms.DateField(label="Jour", widget=forms.DateInput(attrs={"type": "date"}))
    role = forms.ChoiceField(
        label="Rôle",
        widget=forms.RadioSelect,
        choices=[("a", "Lecture. Voit tout, ne change rien."), ("b", "Écriture.")],
    )
    accord = forms.BooleanField(label="Je l'ai lu", required=False)


@require_safe
def composants(requete: HttpRequest) -> HttpResponse:
    """The page."""
    donnees = {
        "calcul": CALCUL, "chiffre": CALCUL[3], "soldes": SOLDES, "echeances": ECHEANCES, "fil": FIL, "graphique": GRAPHIQUE,
        "parts": PARTS, "total": sum((part for _, part, _, _ in PARTS), Fraction(0)), "vide": VIDE,
        "exemple": ExempleForm(), "refuse": ExempleForm({"nom": "", "le": "31/02/2026"}, auto_id="refuse_%s"),
    }  # fmt: skip
    return render(requete, "web/composants.html", donnees)
