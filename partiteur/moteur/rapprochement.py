"""Sets a register of rights beside the parc, and beside a réservataire's own list: each line, and where they differ.

The lines set beside the parc are a file beside the millésime, disposable, named by all it comes from: a page reads
from it the lines its reader may see, and nothing else.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from partiteur.moteur.appliquer import appliquer
from partiteur.moteur.droits import RegistreEnFichier, situer
from partiteur.moteur.execution import (
    Connexion,
    connexion,
    ecrire_a_cote,
    executer,
    identifiant,
    lire,
    requete,
    table_de,
    vue_parquet,
    vue_sql,
    vue_table,
)
from partiteur.moteur.lignes_csv import en_csv
from partiteur.moteur.millesime import TOUT, Parc, vue
from partiteur.moteur.poses import fichier_a_cote
from partiteur.regles.rapprochement import (
    DroitDit,
    contingent_attendu,
    ecart_avec_la_liste,
    ecart_avec_le_parc,
)
from partiteur.regles.socle import RACINE, bareme

FAITS = (
    "compte", "identifie", "trouve", "premier", "tient", "contingent_droit", "contingent_parc", "reserves_au_parc",
)  # fmt: skip
# A line as its own register says it: what two parties agree on (D15).
COLONNES = (
    "droit", "reservataire", "convention_origine", "programme", "logement", "nombre", "contrepartie",
    "quotite_garantie", "nature", "debut", "fin", "dernier_remboursement", "cede_a", "statut", "piece",
)  # fmt: skip
SOURCES = (
    Path(__file__),
    RACINE / "rapprochement.py",
    RACINE / "baremes" / "rapprochement.toml",
)
REQUETES = ("rapprochement", "rapprochement_cles")
TYPES_CONTINGENTS = {"code": pa.string(), "contingent": pa.string()}


@dataclass(frozen=True)
class Total:
    """Under a value: how many lines of the register, how many rights."""

    valeur: Any
    lignes: int
    droits: int


@dataclass(frozen=True)
class Paire:
    """A line of the register and the line of a list that says the same right, or one of the two alone."""

    registre: Mapping[str, Any] | None
    liste: Mapping[str, Any] | None
    ecart: str
    differences: tuple[str, ...]


@dataclass(frozen=True)
class Comparaison:
    """A register against a list: pairs by code (they add up to all the lines of both), and those that differ."""

    nombres: Mapping[str, int]
    ecarts: tuple[Paire, ...]


@dataclass(frozen=True)
class Condition:
    """A condition on the lines: SQL with « ? », and what stands for them."""

    sql: str = "true"
    valeurs: tuple[Any, ...] = ()

    def et(self, sql: str, *valeurs: Any) -> "Condition":
        """This one and another."""
        return Condition(f"{self.sql} and ({sql})", (*self.valeurs, *valeurs))

    def parmi(self, colonne: str, valeurs: Iterable[str]) -> "Condition":
        """This one, and a column among values; among none: never."""
        lues = tuple(valeurs)
        if not lues:
            return self.et("false")
        return self.et(f"r.{identifiant(colonne)} in ({', '.join('?' * len(lues))})", *lues)

    def contenant(self, colonnes: Sequence[str], texte: str) -> "Condition":
        """This one, and a text inside one of the columns, whatever its capitals."""
        cherche = [f"instr(lower(coalesce(r.{identifiant(c)}, '')), lower(?)) > 0" for c in colonnes]
        return self.et(" or ".join(cherche), *(texte,) * len(colonnes))


def rapprocher(parc: Parc, registre: RegistreEnFichier, types: Mapping[str, str]) -> Path:
    """Write, unless it is there, the lines of a register set beside a millésime; returns the file.

    `types`: the type of each réservataire, by its code in the register. The columns are those of
    rapprochement.sql, then `ecart`, a code of baremes/rapprochement.toml.
    """
    contingents = {code: contingent_attendu(type_).valeur for code, type_ in sorted(types.items())}
    chemin = fichier_a_cote("lignes", parc, registre, SOURCES, REQUETES, json.dumps(contingents))
    if not chemin.exists():
        con = connexion()
        vue(con, parc, TOUT)
        vue_table(con, "situees", situer_les_lignes(con, registre, contingents))
        sorties = {"ecart": (pa.string(), lambda r: r.code)}
        ecrire_a_cote(con, appliquer(con, "situees", FAITS, ecart_avec_le_parc, sorties), chemin)
    return chemin


def situer_les_lignes(
    con: Connexion, registre: RegistreEnFichier, contingents: Mapping[str, str | None]
) -> pa.Table:
    """The lines of a register set beside the view `parc`; `contingents`: of each réservataire, by its code."""
    situer(con, registre, "parc")
    vue_sql(con, "lignes_lues", requete("rapprochement_cles", source="droits_lus"))
    connus = {code: contingent for code, contingent in contingents.items() if contingent}
    colonnes = {"code": list(connus), "contingent": list(connus.values())}
    vue_table(con, "contingents_connus", table_de(colonnes, TYPES_CONTINGENTS))
    return lire(con, requete("rapprochement"))


# --- what a page reads


def lignes(
    con: Connexion, chemin: Path, condition: Condition, passees: int, combien: int
) -> list[dict[str, Any]]:
    """One page of the lines of a condition, in the order of the register."""
    vue_parquet(con, "rapprochees", chemin)
    sql = requete("rapprochement_lignes", condition=condition.sql, passees=str(passees), combien=str(combien))
    lues: list[dict[str, Any]] = lire(con, sql, condition.valeurs).to_pylist()
    return lues


def totaux(con: Connexion, chemin: Path, condition: Condition, axe: str) -> tuple[Total, ...]:
    """Lines and rights by `ecart`, `titulaire`, `commune`…, of the lines of a condition; unknown last."""
    vue_parquet(con, "rapprochees", chemin)
    sql = requete("rapprochement_totaux", condition=condition.sql, axe=identifiant(axe))
    lus = [Total(*ligne) for ligne in executer(con, sql, condition.valeurs)]
    return tuple(sorted(lus, key=lambda t: (t.valeur is None, str(t.valeur))))


@dataclass(frozen=True)
class SansDroit:
    """Dwellings of a programme the parc says reserved under a contingent, beyond the rights of the register there."""

    programme: str | None
    contingent: str
    au_parc: int
    au_registre: int
    sans_droit: int


def sans_droit(con: Connexion, parc: Parc, chemin: Path) -> tuple[SansDroit, ...]:
    """Where the parc says more dwellings reserved than the register, by programme and contingent: the most first."""
    vue(con, parc, TOUT)
    vue_parquet(con, "rapprochees", chemin)
    reserves = [code for code, c in bareme("contingents")["codes"].items() if c["type"] != "non_reserve"]
    vue_table(con, "contingents_reserves", table_de({"contingent": reserves}, {"contingent": pa.string()}))
    trouves = [SansDroit(*ligne) for ligne in executer(con, requete("rapprochement_sans_droit"))]
    return tuple(sorted(trouves, key=lambda s: (-s.sans_droit, str(s.programme), s.contingent)))


# --- a line from one register to the next, and what two parties agree on


def lignes_du_registre(con: Connexion, chemin: Path, condition: Condition) -> list[dict[str, Any]]:
    """The lines of a register alone, columns of D15 with `cle` and `titulaire`, in the order of their keys."""
    vue_parquet(con, "droits", chemin)
    vue_sql(con, "lignes_lues", requete("rapprochement_cles", source="droits"))
    table = lire(
        con, f"select r.* from lignes_lues r where {condition.sql} order by r.cle", condition.valeurs
    )
    lues: list[dict[str, Any]] = table.to_pylist()
    return lues


def texte_arrete(lues: Sequence[Mapping[str, Any]]) -> str:
    """Lines as the CSV two parties agree on: its SHA-256 is what each of them signs."""
    return en_csv([COLONNES, *([ligne[c] for c in COLONNES] for ligne in lues)]) + "\n"


def differences(avant: Mapping[str, Any], apres: Mapping[str, Any]) -> tuple[tuple[str, Any, Any], ...]:
    """What changed of a line from a register to another: column, before, after."""
    return tuple((c, avant[c], apres[c]) for c in COLONNES if avant[c] != apres[c])


# --- the register against a list


def comparer_listes(registre: Sequence[Mapping[str, Any]], liste: Sequence[Mapping[str, Any]]) -> Comparaison:
    """Match the lines of a réservataire in the register (as `lignes` gives them) with its own list, and say what differs.

    A line is matched once: by its identifier, else by its dwelling, else in its programme, the most alike first.
    """
    paires: list[tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]] = []
    restent, libres = list(registre), list(liste)
    for cle_registre, cle_liste in CLES:
        index: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
        for dite in libres:
            if (cle := cle_liste(dite)) is not None:
                index[cle].append(dite)
        apparies, seules = [], []
        for ligne in restent:
            file = index.get(cle_registre(ligne), [])
            if file:
                apparies.append((ligne, file.pop(0)))
            else:
                seules.append(ligne)
        prises = {id(dite) for _, dite in apparies}
        paires += apparies
        restent, libres = seules, [dite for dite in libres if id(dite) not in prises]
    paires += [(ligne, None) for ligne in restent] + [(None, dite) for dite in libres]
    jugees = [_juger(ligne, dite) for ligne, dite in paires]
    codes = bareme("rapprochement")["liste"]
    nombres = Counter(paire.ecart for paire in jugees)
    ordre = list(codes)
    differentes = [paire for paire in jugees if codes[paire.ecart]["ecart"]]
    return Comparaison(
        {code: nombres[code] for code in ordre if nombres[code]},
        tuple(sorted(differentes, key=lambda p: (ordre.index(p.ecart), _rang(p)))),
    )


def _rang(paire: Paire) -> int:
    return _numero(paire.registre or paire.liste or {})


def _juger(ligne: Mapping[str, Any] | None, dite: Mapping[str, Any] | None) -> Paire:
    resultat = ecart_avec_la_liste(
        _dit(ligne), _dit(dite), bool(ligne["compte"]) if ligne is not None else True
    )
    return Paire(ligne, dite, resultat.code, resultat.valeur)


def _dit(ligne: Mapping[str, Any] | None) -> DroitDit | None:
    if ligne is None:
        return None
    noms = (ligne.get(c) for c in ("logement", "numero_rpls", "identifiant_interne"))
    return DroitDit(
        ligne["nombre"],
        ligne["programme"],
        tuple(dict.fromkeys(nom for nom in noms if nom)),
        ligne["debut"],
        ligne["fin"],
        ligne["nature"],
        ligne["contrepartie"],
    )


Cle = Callable[[Mapping[str, Any]], Any]


def _en_nombre(*colonnes: str) -> Cle:
    """The key of a right in number; a right on a dwelling has none."""

    def cle(ligne: Mapping[str, Any]) -> Any:
        return None if ligne["logement"] or not ligne["programme"] else tuple(ligne[c] for c in colonnes)

    return cle


def _colonne(nom: str) -> Cle:
    return lambda ligne: ligne[nom]


CLES: tuple[tuple[Cle, Cle], ...] = (
    (_colonne("droit"), _colonne("droit")),
    (_colonne("logement"), _colonne("logement")),
    (_colonne("numero_rpls"), _colonne("logement")),
    (_colonne("identifiant_interne"), _colonne("logement")),
    *((_en_nombre(*colonnes), _en_nombre(*colonnes)) for colonnes in (("programme", "nombre", "fin"), ("programme", "nombre"), ("programme",))),
)  # fmt: skip


def est_au_registre(
    categorie: str, propose: Mapping[str, Any], siennes: Sequence[Mapping[str, Any]], cle: str
) -> bool:
    """Does a register say now what a correction proposed? `siennes`: the lines of the réservataire it was about."""
    if categorie == "manquante":
        return any(_dit_de_meme(ligne, propose) for ligne in siennes)
    actuelle = next((ligne for ligne in siennes if ligne["cle"] == cle), None)
    if categorie == "pas_a_nous":
        return actuelle is None
    return actuelle is not None and _dit_de_meme(actuelle, propose)


def corriger(
    lues: Sequence[Mapping[str, Any]], corrections: Iterable[tuple[str, str, Mapping[str, Any]]]
) -> list[dict[str, Any]]:
    """The lines of a register, in its order, with the corrections accepted: (category, key of the line, proposed)."""
    corrigees = {str(ligne["cle"]): dict(ligne) for ligne in sorted(lues, key=_numero)}
    for rang, (categorie, cle, propose) in enumerate(corrections):
        if categorie == "manquante":
            corrigees[f"n:{rang}"] = {**dict.fromkeys(COLONNES), **propose, "statut": "confirme"}
        elif categorie == "pas_a_nous":
            corrigees.pop(cle, None)
        elif cle in corrigees:
            corrigees[cle].update(propose)
    return list(corrigees.values())


def _numero(ligne: Mapping[str, Any]) -> int:
    return int(ligne["ligne"])


def _dit_de_meme(ligne: Mapping[str, Any], propose: Mapping[str, Any]) -> bool:
    return all(_ecrit(ligne[nom]) == valeur for nom, valeur in propose.items())


def _ecrit(valeur: Any) -> Any:
    return valeur.isoformat() if isinstance(valeur, date) else valeur
