"""Small exports of the SNE, invented: what a test writes in them is what the reader must find, or never show."""

from collections.abc import Sequence
from pathlib import Path

ESPACE = "http://nuu.application.i2/"
# Words that must appear nowhere: a name, a first name, a mail, a NIR, a nationality, a birthplace, a street, a free text.
CANARIS = (
    "ZZCANARINOM", "ZZCANARIPATRONYME", "ZZCANARIPRENOM", "zzcanari@mel.example", "2991299999999", "ZZCANARINATION",
    "ZZCANARINAISSANCE", "ZZCANARIVOIE", "ZZCANARIEMPLOYEUR", "ZZCANARIPRECISION", "0699999999",
)  # fmt: skip
NOMINATIF = (
    '<n:civilite code="2"/><n:nom>ZZCANARINOM</n:nom><n:nomPatronymique>ZZCANARIPATRONYME</n:nomPatronymique>'
    "<n:prenom>ZZCANARIPRENOM</n:prenom><n:nir>2991299999999</n:nir><n:lieuNaissance>ZZCANARINAISSANCE</n:lieuNaissance>"
    '<n:nationalite code="ZZCANARINATION"/><n:mel>zzcanari@mel.example</n:mel><n:telPortable>0699999999</n:telPortable>'
)


def montants(balise: str, *ressources: tuple[str, str]) -> str:
    """A list of resources, code and amount."""
    details = "".join(
        f'<n:detailRessource><n:ressource code="{code}"/><n:montant>{montant}</n:montant></n:detailRessource>'
        for code, montant in ressources
    )
    return f"<n:{balise}>{details}</n:{balise}>"


def demande(
    numero: str = "099112400000019900",
    *,
    depot: str = "2024-11-22",
    naissance: str = "1990-05-17",
    situation: str = "C",
    recues: Sequence[tuple[str, str]] = (("SAL", "1300"), ("AF", "150.50")),
    versees: Sequence[tuple[str, str]] = (("PAV", "50"),),
    cotitulaire: str = "",
    charges: Sequence[tuple[str, str]] = (("2015-01-01", "E"),),
    garde: Sequence[tuple[str, str]] = (),
    logement: str = '<n:typeLogementActuel code="T3"/><n:surface>52,5</n:surface><n:nombreHabitant>2</n:nombreHabitant>',
    statut: str = "LP",
    motifs: Sequence[str] = ("03", "13"),
    suite: str = "",
) -> str:
    """One demande as XML; by default a person alone of 36 with a child of 11."""
    enfants = "".join(
        f'<n:personneACharge>{NOMINATIF}<n:dateNaissance>{ne}</n:dateNaissance><n:sexe code="F"/>'
        f'<n:lienParente code="{lien}"/></n:personneACharge>'
        for ne, lien in charges
    )
    en_garde = "".join(
        f'<n:personneEnGarde><n:dateNaissance>{ne}</n:dateNaissance><n:coParentalite code="{mode}"/></n:personneEnGarde>'
        for ne, mode in garde
    )
    codes = "".join(f'<n:motifDemande code="{code}"/>' for code in motifs)
    return (
        f"<n:demande><n:demandeLogement><n:numUnique>{numero}</n:numUnique>"
        f"<n:dateCreationDemande>{depot}</n:dateCreationDemande><n:personnePhysique><n:demandeur>{NOMINATIF}"
        f'<n:dateNaissance>{naissance}</n:dateNaissance><n:situationFamiliale code="{situation}"/>'
        '<n:adressePostale><n:voie>ZZCANARIVOIE</n:voie><n:commune code="99001"/></n:adressePostale>'
        '<n:situationProfessionnelle><n:typeContratTravail code="CDI"/>'
        "<n:nomEmployeurPrincipal>ZZCANARIEMPLOYEUR</n:nomEmployeurPrincipal></n:situationProfessionnelle>"
        "<n:revenuFiscal><n:montantMoins1>17000</n:montantMoins1><n:montantMoins2>20000</n:montantMoins2></n:revenuFiscal>"
        f"{montants('listeRessourceRecue', *recues)}{montants('listeRessourceVersee', *versees)}</n:demandeur>"
        f"<n:listePersonneACharge>{enfants}</n:listePersonneACharge>"
        f"<n:listePersonneEnGarde>{en_garde}</n:listePersonneEnGarde>"
        f"<n:listeCotitulaire>{cotitulaire}</n:listeCotitulaire><n:logementActuel>"
        f'<n:listeModeleLogement><n:modeleLogement code="{statut}"/></n:listeModeleLogement>'
        f"<n:montantMensuelLoyer>640</n:montantMensuelLoyer>{logement}</n:logementActuel></n:personnePhysique>"
        '<n:logementRecherche><n:listeTypeLogement><n:typeLogement code="T2"/><n:typeLogement code="T3"/></n:listeTypeLogement>'
        "<n:listeLocalisationSouhaite><n:localisationSouhaite>"
        '<n:commune code="99001"/></n:localisationSouhaite></n:listeLocalisationSouhaite></n:logementRecherche>'
        f"<n:listeMotifDemande>{codes}</n:listeMotifDemande><n:precision>ZZCANARIPRECISION</n:precision>{suite}"
        "</n:demandeLogement></n:demande>"
    )


def conjoint(naissance: str = "1988-03-02", lien: str = "M", revenu: str = "10000") -> str:
    """A cotitulaire."""
    return (
        f"<n:cotitulaire>{NOMINATIF}<n:dateNaissance>{naissance}</n:dateNaissance>"
        f'<n:lienDemandeur code="{lien}"/><n:revenuFiscal><n:montantMoins1>{revenu}</n:montantMoins1>'
        f"<n:montantMoins2>{revenu}</n:montantMoins2></n:revenuFiscal></n:cotitulaire>"
    )


def exporter(
    dossier: Path, *demandes: str, version: str = "02.01", entete: str = "", nom: str = "export.xml"
) -> Path:
    """An export file of these demandes."""
    chemin = dossier / nom
    chemin.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n{entete}<n:interfaceNuu versionInterface="{version}" xmlns:n="{ESPACE}">\n'
        f"<n:entete><n:typeFichier>CRE</n:typeFichier></n:entete>\n{chr(10).join(demandes)}\n</n:interfaceNuu>\n",
        encoding="utf-8",
    )
    return chemin
