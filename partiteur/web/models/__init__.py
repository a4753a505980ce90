"""What the database holds: fields, constraints and reads. Only actions write."""

from partiteur.web.models.acces import Acces
from partiteur.web.models.annuaire import Absence, Contact
from partiteur.web.models.dossier import Dossier
from partiteur.web.models.journal import Chaine, Contenu, Evenement, Vacance
from partiteur.web.models.membre import Invitation, Membre
from partiteur.web.models.organisation import (
    Organisation,
    Reservataire,
    Reservation,
    Succession,
    Territoire,
)
from partiteur.web.models.parc import Depot, Millesime
from partiteur.web.models.rapprochement import Accord, Liste, Message, Remarque
from partiteur.web.models.utilisateur import Utilisateur

__all__ = [
    "Absence",
    "Acces",
    "Accord",
    "Chaine",
    "Contact",
    "Contenu",
    "Depot",
    "Dossier",
    "Evenement",
    "Invitation",
    "Liste",
    "Membre",
    "Message",
    "Millesime",
    "Organisation",
    "Remarque",
    "Reservataire",
    "Reservation",
    "Succession",
    "Territoire",
    "Utilisateur",
    "Vacance",
]
