"""A directory in a workbook: read, each cell controlled, shown before it is entered (D55). The file is not kept."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email

from partiteur.moteur.lecture import classeur
from partiteur.moteur.lecture import fichier as textes
from partiteur.moteur.lecture.cellule import nettoyer, propre
from partiteur.moteur.lecture.colonne import Colonne, citer, normaliser
from partiteur.moteur.lecture.constat import Rapport
from partiteur.web.actions.annuaire import Fiche, cle
from partiteur.web.depot import FichierRefuse, nom_sur, sans_chemin
from partiteur.web.models import Contact, Organisation

LIGNES_MAX = 500
APERCU = 20  # rows searched for the header
VALABLE = timedelta(hours=8)  # a preview left open longer is made again
# Each column, how people head it; the first is the template's.
COLONNES = {
    "nom": ("Prénom et nom", "nom", "nom et prénom", "contact", "interlocuteur", "titulaire"),
    "prenom": ("Prénom",),
    "fonction": ("Fonction", "qualité", "poste", "service"),
    "courriel": ("Courriel", "mail", "e-mail", "email", "adresse de courriel", "adresse mail", "adresse électronique", "mel"),
    "telephone": ("Téléphone", "tel", "numéro de téléphone", "ligne directe", "portable"),
    "supplee": ("Supplée", "suppléant de", "supplée qui", "remplace", "personne suppléée"),
    "du": ("Absent du", "absent à partir du", "début d'absence", "absence du"),
    "jusqu_au": ("Absent jusqu'au", "fin d'absence", "absence au", "absent au"),
    "au": ("De retour le", "retour le", "retour", "date de retour"),
}  # fmt: skip
MODELE = ("nom", "fonction", "courriel", "telephone", "supplee", "du", "au")
NOMS = {normaliser(ecrit): nom for nom, ecrits in COLONNES.items() for ecrit in ecrits}
JOUR = Colonne("jour", "date", "une date", (), {}, frozenset(), {}, None, None, True, True)


@dataclass(frozen=True)
class Refus:
    """A cell that cannot be taken: its line, its column, what it holds, what is wrong and what to write."""

    ligne: int
    colonne: str
    valeur: str
    message: str


@dataclass(frozen=True)
class Changement:
    """What a row would do: « nouveau », « corrigé » with the columns, « inchangé »; who it stands in for, when away."""

    fiche: Fiche
    quoi: str
    supplee: str = ""


@dataclass
class Apercu:
    """What was found in a file: rows read, what they would change, cells refused, headers nobody reads."""

    nom: str
    lues: int = 0
    changements: list[Changement] = field(default_factory=list)
    refus: list[Refus] = field(default_factory=list)
    ignorees: str = ""
    gardes: int = 0

    @property
    def refusees(self) -> int:
        """Rows left out."""
        return len({refus.ligne for refus in self.refus})


def lire(organisation: Organisation, televerse: UploadedFile, jour: date) -> Apercu:
    """Read a workbook or a CSV, and say what it would change on a day. Raises FichierRefuse, LectureImpossible."""
    with TemporaryDirectory() as passage, sans_chemin(Path(passage)):
        chemin = Path(passage) / nom_sur(str(televerse.name))
        with chemin.open("xb") as ecrit:
            for bloc in televerse.chunks():
                ecrit.write(bloc)
        entetes, rangees = _ouvrir(chemin)
    apercu = Apercu(chemin.name, len(rangees))
    apercu.ignorees = citer([e for e in entetes if e.strip() and normaliser(e) not in NOMS])
    places = {}
    for place, entete in enumerate(entetes):
        places.setdefault(NOMS.get(normaliser(entete), ""), (place, entete))
    places.pop("", None)
    for nom in ("nom", "courriel"):
        if nom not in places:
            raise FichierRefuse(
                f"{chemin.name} : la colonne « {COLONNES[nom][0]} » manque. Trouvées : {citer(entetes) or 'aucune'}."
            )
    connus = list(Contact.objects.au(jour).filter(organisation=organisation).select_related("supplee"))
    lecteur = _Lecteur(places, connus, apercu)
    lecteur.lire(rangees)
    return apercu


def _ouvrir(chemin: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header that names the most columns, of any sheet or separator, and the rows under it."""
    nature = textes.nature(chemin)
    sources: Sequence[Any]
    if nature == "texte":
        codage = textes.encodage(chemin, Rapport(chemin.name))
        sources = [textes.Texte(chemin, codage, separateur) for separateur in textes.SEPARATEURS]
    else:
        sources = classeur.ouvrir(chemin, nature)
    meilleure, rang, note = None, 0, 0
    for source in sources:
        for numero, (_, champs) in enumerate(islice(source.enregistrements(), APERCU)):
            reconnues = len({NOMS.get(normaliser(champ), "") for champ in champs} - {""})
            if reconnues > note:
                meilleure, rang, note = source, numero, reconnues
    if meilleure is None:
        raise FichierRefuse(
            f"{chemin.name} : aucune colonne reconnue. Attendues : {citer([COLONNES[nom][0] for nom in MODELE])}."
        )
    lus = list(islice(meilleure.enregistrements(), rang, rang + LIGNES_MAX + 2))
    rangees = [(ligne, champs) for ligne, champs in lus[1:] if any(champ.strip() for champ in champs)]
    if len(rangees) > LIGNES_MAX:
        raise FichierRefuse(f"{chemin.name} compte plus de {LIGNES_MAX} lignes : découpez-le.")
    if not rangees:
        raise FichierRefuse(f"{chemin.name} ne contient aucune ligne sous ses titres : vérifiez le fichier.")
    return lus[0][1], rangees


class _Lecteur:
    """Rows judged one by one; whom they stand in for once all are read."""

    def __init__(
        self, places: Mapping[str, tuple[int, str]], connus: Sequence[Contact], apercu: Apercu
    ) -> None:
        self.places, self.connus, self.apercu = places, connus, apercu
        self.par_cle = {cle(c.courriel, c.nom): c for c in connus}
        self.boites = Counter(c.courriel for c in connus)

    def lire(self, rangees: Sequence[tuple[int, list[str]]]) -> None:
        """Fill the preview."""
        lues: dict[str, tuple[int, Fiche, str]] = {}
        for ligne, champs in rangees:
            lue = self._fiche(ligne, champs)
            if lue is None:
                continue
            fiche, supplee = lue
            ici = cle(fiche.courriel, fiche.nom)
            if ici in lues:
                self._refuser(ligne, "nom", fiche.nom, f"la même personne est déjà à la ligne {lues[ici][0]}")
                continue
            lues[ici] = (ligne, fiche, supplee)
        boites = Counter(fiche.courriel for _, fiche, _ in lues.values())
        noms = self._noms([fiche for _, fiche, _ in lues.values()])
        corriges = set()
        for ligne, fiche, supplee in lues.values():
            suivi = self._rattacher(ligne, fiche, supplee, noms)
            if suivi is None:
                continue
            contact = self._contact(suivi, boites)
            corriges.add(contact.pk if contact else None)
            self.apercu.changements.append(_changement(suivi, contact, noms))
        self.apercu.gardes = len({c.pk for c in self.connus} - corriges)

    def _fiche(self, ligne: int, champs: Sequence[str]) -> tuple[Fiche, str] | None:
        """A row as a card, and what it says of whom it stands in for; None when a cell is refused."""
        lus = {
            nom: propre(champs[place]) if place < len(champs) else ""
            for nom, (place, _) in self.places.items()
        }
        avant = len(self.apercu.refus)
        if len(lus.get("telephone", "")) == 9 and lus["telephone"].isdecimal():
            lus["telephone"] = f"0{lus['telephone']}"  # a spreadsheet took it for a number
        nom = " ".join(filter(None, (lus.get("prenom"), lus["nom"])))
        courriel = lus["courriel"].removeprefix("mailto:").lower()
        if not nom:
            self._refuser(ligne, "nom", "", "il manque le nom")
        try:
            validate_email(courriel)
        except ValidationError:
            manque = "il manque l'adresse" if not courriel else "ce n'est pas une adresse de courriel"
            self._refuser(ligne, "courriel", courriel, manque)
        for colonne, valeur in (
            ("nom", nom),
            ("fonction", lus.get("fonction", "")),
            ("telephone", lus.get("telephone", "")),
        ):
            longueur = Contact._meta.get_field(colonne).max_length or 0
            if len(valeur) > longueur:
                self._refuser(ligne, colonne, f"{valeur[:40]}…", f"{longueur} caractères au plus")
        du, au = self._absence(ligne, lus)
        if len(self.apercu.refus) > avant:
            return None
        fiche = Fiche(nom, courriel, lus.get("fonction", ""), lus.get("telephone", ""), "", du, au)
        return fiche, lus.get("supplee", "")

    def _absence(self, ligne: int, lus: Mapping[str, str]) -> tuple[date | None, date | None]:
        jours: dict[str, date | None] = {}
        for nom in ("du", "jusqu_au", "au"):
            jours[nom], _ = nettoyer(JOUR, lus.get(nom, ""))
            if lus.get(nom) and jours[nom] is None:
                self._refuser(ligne, nom, lus[nom], "ce n'est pas une date, écrivez 03/02/2026")
        du, dernier = jours["du"], jours["jusqu_au"]
        au = jours["au"] or (dernier + timedelta(days=1) if dernier else None)
        if au and not du and not lus.get("du"):
            self._refuser(
                ligne,
                "au" if jours["au"] else "jusqu_au",
                f"{au:%d/%m/%Y}",
                "il manque le début de l'absence",
            )
        if du and au and au <= du:
            self._refuser(ligne, "du", f"{du:%d/%m/%Y}", "l'absence finit avant d'avoir commencé")
        return du, au

    def _noms(self, fiches: Sequence[Fiche]) -> dict[str, dict[str, str]]:
        """Everybody one may stand in for, by name and by address: {what is written: {key: name}}."""
        trouves: dict[str, dict[str, str]] = {}
        personnes = [(f.courriel, f.nom) for f in fiches] + [(c.courriel, c.nom) for c in self.connus]
        for courriel, nom in personnes:
            for ecrit in (normaliser(nom), normaliser(courriel)):
                trouves.setdefault(ecrit, {}).setdefault(cle(courriel, nom), nom)
        return trouves

    def _rattacher(
        self, ligne: int, fiche: Fiche, supplee: str, noms: Mapping[str, Mapping[str, str]]
    ) -> Fiche | None:
        """The card with the key of whom it stands in for; None when that is nobody, several, or itself."""
        if not supplee:
            return fiche
        possibles = list(noms.get(normaliser(supplee), {}))
        if len(possibles) != 1:
            dit = (
                "plusieurs personnes portent ce nom, écrivez l'adresse"
                if possibles
                else ("personne de ce nom ni de cette adresse dans le fichier ni dans l'annuaire")
            )
            return self._refuser(ligne, "supplee", supplee, dit)
        if possibles[0] == cle(fiche.courriel, fiche.nom):
            return self._refuser(ligne, "supplee", supplee, "une personne ne se supplée pas elle-même")
        return Fiche(**{**asdict(fiche), "supplee": possibles[0]})

    def _contact(self, fiche: Fiche, boites: Mapping[str, int]) -> Contact | None:
        """The contact a card corrects: the same person, or the only one of its mailbox, renamed."""
        ici = cle(fiche.courriel, fiche.nom)
        seul = boites[fiche.courriel] == 1 == self.boites[fiche.courriel]
        return self.par_cle.get(ici) or (
            next(c for c in self.connus if c.courriel == fiche.courriel) if seul else None
        )

    def _refuser(self, ligne: int, nom: str, valeur: str, message: str) -> None:
        entete = self.places[nom][1] if nom in self.places else COLONNES[nom][0]
        self.apercu.refus.append(Refus(ligne, " ".join(entete.split()), valeur, message))


def _changement(fiche: Fiche, contact: Contact | None, noms: Mapping[str, Mapping[str, str]]) -> Changement:
    supplee = next((lus[fiche.supplee] for lus in noms.values() if fiche.supplee in lus), "")
    if contact is None:
        return Changement(fiche, "nouveau", supplee)
    suivie = Fiche(**{**asdict(fiche), "contact": contact.identifiant})
    return Changement(suivie, ", ".join(_differences(suivie, contact)) or "inchangé", supplee)


def _differences(fiche: Fiche, contact: Contact) -> Iterator[str]:
    """What a card changes, in words."""
    if fiche.nom != contact.nom:
        yield f"nom, {contact.nom} jusqu'ici"
    for nom, dit in (("fonction", "fonction"), ("telephone", "téléphone")):
        if getattr(fiche, nom) not in ("", getattr(contact, nom)):
            yield dit
    actuel = cle(contact.supplee.courriel, contact.supplee.nom) if contact.supplee else ""
    if fiche.supplee not in ("", actuel):
        yield "suppléance"
    if fiche.du and not any((a.du, a.au) == (fiche.du, fiche.au) for a in contact.absences.all()):
        yield "absence"


# --- between the preview and the yes: the cards travel with the page, signed


def sceller(organisation: Organisation, apercu: Apercu) -> str:
    """The cards accepted, for the page to send back."""
    return signing.dumps(
        [_textes(c.fiche) for c in apercu.changements], salt=_sel(organisation), compress=True
    )


def desceller(organisation: Organisation, scelle: str) -> list[Fiche]:
    """The cards of a page sent back. Raises FichierRefuse when they are not ours, or too old."""
    try:
        lues = signing.loads(scelle, salt=_sel(organisation), max_age=VALABLE)
    except signing.BadSignature as erreur:
        raise FichierRefuse("Cet aperçu n'est plus valable : donnez le fichier de nouveau.") from erreur
    return [
        Fiche(**{**lue, **{nom: lue[nom] and date.fromisoformat(lue[nom]) for nom in ("du", "au")}})
        for lue in lues
    ]


def _sel(organisation: Organisation) -> str:
    return f"annuaire-{organisation.identifiant}"


def _textes(fiche: Fiche) -> dict[str, Any]:
    return {nom: v.isoformat() if isinstance(v, date) else v for nom, v in asdict(fiche).items()}
