"""Reading what bailleurs and réservataires hand over: parc, droits, libérations.

Files are taken as they come (encodings, separators, Excel, lost zeros, placeholders): what is absorbed and what is
refused is reported, each with its count. Columns are described in parc.toml, droits.toml, liberations.toml and
depot.toml, sentences in constat.toml. Nothing nominative is read.
"""

from partiteur.moteur.lecture.constat import Constat, Exemple, Lecture, LectureImpossible
from partiteur.moteur.lecture.droits import lire_droits
from partiteur.moteur.lecture.liberations import lire_liberations
from partiteur.moteur.lecture.parc import lire_parc

__all__ = [
    "Constat",
    "Exemple",
    "Lecture",
    "LectureImpossible",
    "lire_droits",
    "lire_liberations",
    "lire_parc",
]
