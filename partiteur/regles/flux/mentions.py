"""What a sheet says of itself: the date of its parc, what was deduced, the texts and when they were read."""

from datetime import date, timedelta

from partiteur.regles.faits import Dossier
from partiteur.regles.flux.feuille import Flux
from partiteur.regles.socle import Avertissement, Resultat, avertir, bareme, citer, regle, textes


@regle("d11", "r441-5-3-territoire", du="2018-01-01")
def avertissements_dossier(dossier: Dossier) -> Resultat:
    """Dit ce que le dossier ne dit pas, ou dit trop tard : date du parc, périmètre d'une commune, exclus à confirmer."""
    avertissements = [*dossier.constats, *(a for r in dossier.reservataires for a in r.constats)]
    attendue = date(dossier.exercice, 1, 1) - timedelta(days=1)
    if dossier.date_parc is None:
        avertissements.append(avertir("date_parc_inconnue"))
    elif dossier.date_parc < attendue:
        le, annee = f"{dossier.date_parc:%d/%m/%Y}", attendue.year
        avertissements.append(avertir("parc_ancien", date=le, annee=annee))
    if dossier.deduits:
        libelles = [bareme("exclus")["motifs"][motif]["libelle"] for motif in dossier.deduits]
        avertissements.append(avertir("exclus_deduits", motifs=", ".join(libelles)))
    for ecart in dossier.ecarts_de_cadre:
        avertissements.append(avertir("cadre_modifie", ecart=ecart))
    territoire = dossier.perimetres[0]
    for reservataire in dossier.reservataires:
        propre = bareme("reservataires")[reservataire.type].get("territoire_propre")
        if propre and not reservataire.perimetres and territoire.echelle == "departement":
            avertissements.append(avertir("perimetre_departement", nom=reservataire.nom or reservataire.code))
    return Resultat(None, "dit" if avertissements else "complet", (), tuple(avertissements))


def textes_non_verifies(flux: Flux) -> tuple[Avertissement, ...]:
    """One warning naming the texts last read before the exercice, if any (D71)."""
    debut = date(flux.dossier.exercice, 1, 1)
    anciens = sorted(
        {
            citer(t)
            for t in flux.cites
            if textes()[t]["verifie_le"] < debut and textes()[t]["confiance"] != "convention"
        }
    )
    if not anciens:
        return ()
    exercice, liste = flux.dossier.exercice, ", ".join(anciens)
    return (avertir("texte_non_verifie_a_cette_date", exercice=exercice, textes=liste),)
