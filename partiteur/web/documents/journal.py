"""The export of a journal, cut to its reader."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from partiteur.moteur.journal import Tete, ecrire_journal, exporter
from partiteur.moteur.journal.controle import nue
from partiteur.regles.socle import ErreurUtilisateur
from partiteur.web.droits import Acteur, Cercle, Operateur, Permission, cercle, codes, peut
from partiteur.web.models import Chaine, Organisation
from partiteur.web.models.journal import lignes, tete


class ExportRefuse(ErreurUtilisateur):
    """Nothing to take away, or not by this reader."""


def exporter_journal(
    *, par: Acteur, bailleur: Organisation, a_la_date: date, cible: Path, code: str | None = None
) -> Tete:
    """Write the export `par` may read, and return the head: it verifies, and has the chain's own head.

    The bailleur reads all, but what touches households without the permission to; a réservataire what its `code` may
    read; others the bare envelopes. A read: it writes the file, nothing in the database. Raises ExportRefuse.
    """
    chaine = Chaine.objects.filter(bailleur=bailleur).first()
    if chaine is None or not tete(chaine).numero:
        raise ExportRefuse(f"Le journal de « {bailleur} » est vide : il n'y a rien à télécharger.")
    siens = [] if isinstance(par, Operateur) else codes(par, a_la_date)
    if isinstance(par, Operateur) or par.organisation_id == bailleur.pk:
        if isinstance(par, Operateur) or peut(par, Permission.VOIR_NOMINATIF):
            ecrire_journal(cible, lignes(chaine), "csv")
        else:
            ecrire_journal(cible, map(_sans_menage, lignes(chaine)), "csv")
    elif code is not None and code in siens and peut(par, Permission.VOIR_LIGNES):
        with TemporaryDirectory() as dossier:
            entier = Path(dossier) / "journal.csv"
            ecrire_journal(entier, lignes(chaine), "csv")
            exporter(entier, cible, code)
    elif cercle(par, bailleur, a_la_date) is Cercle.OUVERT:
        ecrire_journal(cible, map(nue, lignes(chaine)), "csv")
    else:
        raise ExportRefuse("Ce journal n'est pas ouvert à votre organisation.")
    return tete(chaine)


def _sans_menage(ligne: Mapping[str, str]) -> Mapping[str, str]:
    """A row whose data touch a household is reduced to its envelope."""
    return nue(ligne) if '"menage":{' in ligne["donnees"] else ligne
