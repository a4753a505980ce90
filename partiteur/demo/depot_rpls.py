"""The RPLS deposit of a bailleur: a header of 12 fields, then 64 positions a dwelling, without column names."""

from collections.abc import Sequence
from datetime import date

from partiteur.demo.bati import Logement
from partiteur.demo.mouvements import Occupation
from partiteur.demo.publie import RESERVATAIRES, Organisme

_NOMS = """IDENT_REP IDENT_INT DROIT DEPCOM CODEPOSTAL LIBCOM NUMVOIE INDREP TYPVOIE NOMVOIE NUMAPPT NUMBOITE ESC COULOIR
ETAGE COMPLIDENT ENTREE BAT IMMEU COMPLGEO LIEUDIT QPV TYPECONST NBPIECE SURFHAB CONSTRUCT LOCAT PATRIMOINE
ORIGINE RSEXPRO SIRETEXPRO FINAN FINANAUTRE CONV NUMCONV DATCONV SORTIEPATRIM OLDLOGT NEWLOGT MODE BAIL MODESURF
SURFMODE LOYERPRINC LOYERACC CONTRIB CUS DPEDATE DPEENERGIE DPESERRE SRU_EXPIR SRU_ALINEA IDENTGES CODSEGPATRIM
LIBSEGPATRIM LOYERMAXAPL LOYERMAXCUS QUALACQ MISCOMMERCIAL PRIXVENTE PRODFIN REMLOCDATE CONTRESLOG COMMENTAIRE"""
POSITIONS = tuple(_NOMS.split())
CUS = {"PLAI": "11", "PLUS": "13", "PLS": "14", "PLI": "16"}
CONTINGENTS = {r.code: r.contingent for r in RESERVATAIRES}


def contingent(code: str | None) -> str:
    """CONTRESLOG of a dwelling's réservataire; a dwelling that nobody holds is 7."""
    return CONTINGENTS[code] if code else "7"


def mois(jour: date | None) -> str:
    """Write mm/aaaa, or an empty cell."""
    return f"{jour.month:02d}/{jour.year}" if jour else ""


def lignes_depot(
    organisme: Organisme,
    logements: Sequence[Logement],
    occupations: dict[str, Occupation],
    attribues: dict[str, str],
) -> list[list[str]]:
    """Give the header, then one line of 64 fields a dwelling, for the deposit of 2024 (situation at 01/01/2024)."""
    adresse = ["DIRECTION DU PATRIMOINE", "", "1 RUE DES EXEMPLES", "99100 AUREVIELLE", ""]
    entete = ["2024", organisme.siren, organisme.nom, "", *adresse, organisme.siret, str(len(logements))]
    lignes = [[*entete, "TERRITOIRE FICTIF"]]
    for logement in logements:
        champs = _champs(organisme, logement, occupations[logement.numero], attribues.get(logement.numero))
        lignes.append([champs.get(nom, "") for nom in POSITIONS])
    return lignes


def _champs(
    organisme: Organisme, logement: Logement, occupation: Occupation, code: str | None
) -> dict[str, str]:
    """Fill the positions the demo knows; the others stay empty."""
    programme = logement.programme
    annee = str(programme.annee)
    surface = "" if logement.surface is None else str(logement.surface // 100)
    conventionne = logement.famille != "PLI"
    return {
        "IDENT_REP": logement.numero,
        "IDENT_INT": logement.interne,
        "DROIT": "1",
        "DEPCOM": programme.commune.code,
        "CODEPOSTAL": f"99{programme.commune.code[-2:]}0",
        "LIBCOM": programme.commune.nom.upper(),
        "NUMVOIE": str(programme.numero_voie),
        "TYPVOIE": programme.typvoie,
        "NOMVOIE": programme.voie,
        "NUMAPPT": str(logement.rang + 1),
        "ETAGE": "" if logement.individuel else str(logement.rang // 4 % 9),
        "COMPLGEO": programme.code,
        "QPV": ("1" if programme.qpv else "2") if logement.qpv_connu else "",
        "TYPECONST": logement.type_construction,
        "NBPIECE": str(logement.typologie),
        "SURFHAB": surface,
        "CONSTRUCT": annee,
        "LOCAT": annee,
        "PATRIMOINE": annee,
        "ORIGINE": "4" if programme.annee >= 2010 else "1",
        "FINAN": logement.finan,
        "CONV": "1" if conventionne else "2",
        "NUMCONV": f"99{programme.code[:4]}" if conventionne else "",
        "DATCONV": f"01/06/{max(programme.annee, 1980)}" if conventionne else "",
        "SORTIEPATRIM": "4" if logement.particularite == "demolition" else "9",
        "MODE": occupation.mode,
        "BAIL": mois(occupation.bail),
        "MODESURF": "3",
        "SURFMODE": surface,
        "LOYERPRINC": str(logement.loyer // 100),
        "LOYERACC": "999",
        "CONTRIB": "999",
        "CUS": CUS[logement.famille],
        "DPEDATE": "06/2022",
        "DPEENERGIE": logement.dpe,
        "DPESERRE": logement.dpe,
        "SRU_EXPIR": str(max(programme.annee, 1980) + 55) if conventionne else "",
        "SRU_ALINEA": "3" if conventionne else "",
        "IDENTGES": organisme.siren,
        "CODSEGPATRIM": "SEG-QPV" if programme.qpv else "SEG-HORS-QPV",
        "MISCOMMERCIAL": "1" if logement.particularite == "en_vente" else "2",
        "REMLOCDATE": mois(occupation.offre),
        "CONTRESLOG": contingent(code),
    }
