"""The chain of E6: what no one can change without being seen, and what erasure and filtering leave intact."""

import hashlib
import subprocess
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path

import pytest
from poche_journal import CHAINE, ecrire, histoire, lignes, sels

from partiteur.moteur.journal import (
    COLONNES,
    JournalAltere,
    Tete,
    Verdict,
    compter,
    ecrire_journal,
    effacer,
    en_verifiant,
    enchainer,
    exporter,
    lire_journal,
    lire_tete,
    tete_de,
    verifier_journal,
)
from partiteur.moteur.journal.chaine import TeteIllisible, racine, tirer_sel
from partiteur.moteur.journal.forme import FAITS, contenu, textes
from partiteur.moteur.lecture import LectureImpossible

TEMOIN = Path(__file__).parent / "chaine_temoin"


def verdict(chemin: Path, tete: str | None = None) -> Verdict:
    return verifier_journal(lire_journal(chemin), lire_tete(tete) if tete else None)


def test_temoin_en_python() -> None:
    """The golden file verifies, and its digests are those computed here by hand."""
    journal = lire_journal(TEMOIN / "journal.csv")
    assert verifier_journal(journal).etat == "intacte"
    chaine, *attendus = (TEMOIN / "temoin.tsv").read_text().splitlines()
    precedente = hashlib.sha256(chaine.encode()).hexdigest()
    for ligne, attendu in zip(journal.table.to_pylist(), attendus, strict=True):
        numero, sel, texte, du_contenu, avant, empreinte = attendu.split("\t")
        assert contenu(chaine, {nom: ligne[nom] for nom in FAITS}) == texte
        assert hashlib.sha256(bytes.fromhex(sel) + texte.encode()).hexdigest() == du_contenu
        assert avant == precedente
        assert hashlib.sha256((numero + avant + du_contenu).encode()).hexdigest() == empreinte
        assert [ligne[n] for n in COLONNES[-4:]] == [sel, du_contenu, avant, empreinte]
        precedente = empreinte


def test_temoin_par_sha256sum(tmp_path: Path) -> None:
    """sha256sum alone finds the same digests, and says which is false when one character is changed."""
    commande = [str(TEMOIN.parent / "verifier_temoin.sh")]
    rendu = subprocess.run(commande, capture_output=True, text=True, check=True)
    tete = tete_de(lire_journal(TEMOIN / "journal.csv"))
    assert rendu.stdout.strip() == f"9 événements, tête {tete}"
    faux = tmp_path / "faux.tsv"
    faux.write_text((TEMOIN / "temoin.tsv").read_text().replace('"typologie":"T3"', '"typologie":"T4"'))
    rendu = subprocess.run([*commande, str(faux)], capture_output=True, text=True, check=False)
    assert (rendu.returncode, rendu.stderr.strip()) == (1, "événement 1 : empreinte fausse")


def test_une_chaine_ecrite_se_verifie(tmp_path: Path) -> None:
    for nom in ("j.csv", "j.jsonl"):
        chemin = ecrire(tmp_path / nom)
        assert verdict(chemin).etat == "intacte"
        assert lire_journal(chemin).evenements == tuple(histoire())
    assert len({tirer_sel() for _ in range(9)}) == 9


def bits_qui_passent(original: bytes, faux: Path, bits: Callable[[int], Iterable[int]]) -> Iterator[str]:
    """The bits of a file that may change with its chain still intact."""
    for place in range(len(original)):
        for bit in bits(place):
            octets = bytearray(original)
            octets[place] ^= 1 << bit
            faux.write_bytes(octets)
            try:
                etat = verdict(faux).etat
            except LectureImpossible:
                continue
            if etat == "intacte":
                yield f"octet {place}, bit {bit} : {original[max(place - 20, 0) : place + 20]!r}"


def test_chaque_bit(tmp_path: Path) -> None:
    """No bit of an export may change: the chain is broken, or the file no longer reads. Head unknown."""
    original = ecrire(tmp_path / "j.csv", lignes(histoire()[4:5])).read_bytes()
    assert not list(bits_qui_passent(original, tmp_path / "f.csv", lambda _: range(8)))


@pytest.mark.parametrize("suffixe", ["csv", "jsonl"])
def test_des_bits_au_long_du_fichier(tmp_path: Path, suffixe: str) -> None:
    """Two events, JSON lines, a filtered export: one bit of every third byte."""
    source = ecrire(tmp_path / f"j.{suffixe}", lignes([histoire()[3], histoire()[5]]))
    export = tmp_path / f"b.{suffixe}"
    exporter(source, export, "A")
    faux = tmp_path / f"f.{suffixe}"
    for chemin in (source, export):
        assert not list(
            bits_qui_passent(chemin.read_bytes(), faux, lambda place: () if place % 3 else (place % 7,))
        )


@pytest.mark.parametrize("peu", [0, 500])
def test_ou_est_la_faute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, peu: int) -> None:
    """The first event at fault is named, with what is wrong; the query and the loop say the same."""
    monkeypatch.setattr("partiteur.moteur.journal.chaine.PEU", peu)
    assert verdict(ecrire(tmp_path / "j.csv")).etat == "intacte"
    chainees = lignes()
    cas = {
        "contenu": (4, {"reservataire": "B"}, "contenu"),
        "sel": (2, {"sel": "0" * 64}, "contenu"),
        "sel_court": (2, {"sel": "00"}, "sel"),
        "sel_majuscule": (3, {"sel": "AB" * 32}, "sel"),
        "numero": (5, {"numero": "05"}, "numéro"),
        "sans_sel": (4, {"sel": "", "empreinte_contenu": "AB" * 32}, "empreinte ne correspond"),
        "chaine": (6, {"chaine": "999000201"}, "même chaîne"),
        "empreinte": (7, {"empreinte": "0" * 64}, "empreinte ne correspond"),
        "precedente": (3, {"empreinte_precedente": "0" * 64}, "ne suit pas l'événement"),
    }
    for nom, (numero, change, dit) in cas.items():
        faux = [{**ligne, **(change if ligne["numero"] == str(numero) else {})} for ligne in chainees]
        rendu = verdict(ecrire(tmp_path / f"{nom}.csv", faux))
        assert (rendu.etat, rendu.numero) == ("alteree", numero), nom
        assert dit in rendu.phrase


def test_couper_deplacer_ajouter(tmp_path: Path) -> None:
    """A line cut in the middle, two swapped, one twice: found without any head. The end cut: with a head."""
    chainees = lignes()
    tete = f"9:{chainees[-1]['empreinte']}"
    essais = {
        "milieu": chainees[:3] + chainees[4:],
        "debut": chainees[1:],
        "echange": [*chainees[:2], chainees[3], chainees[2], *chainees[4:]],
        "double": [*chainees[:3], chainees[2], *chainees[3:]],
    }
    for nom, faux in essais.items():
        assert verdict(ecrire(tmp_path / f"{nom}.csv", faux)).etat == "alteree", nom
    coupe = ecrire(tmp_path / "fin.csv", chainees[:6])
    assert verdict(coupe).etat == "intacte"
    rendu = verdict(coupe, tete)
    assert (rendu.etat, rendu.numero) == ("tronquee", 7)
    entier = ecrire(tmp_path / "entier.csv")
    assert verdict(entier, tete).etat == "intacte"
    assert verdict(entier, f"6:{chainees[5]['empreinte']}").etat == "intacte"
    assert verdict(entier, f"0:{racine(CHAINE)}").etat == "intacte"


def test_tout_reecrire(tmp_path: Path) -> None:
    """A past written anew, digests and all, is found by whoever kept a head."""
    tete = str(tete_de(lire_journal(ecrire(tmp_path / "vrai.csv"))))
    evenements = histoire()
    evenements[6] = evenements[1]
    faux = ecrire(tmp_path / "faux.csv", list(enchainer(CHAINE, map(textes, evenements), sels=sels())))
    assert verdict(faux).etat == "intacte"
    rendu = verdict(faux, tete)
    assert (rendu.etat, rendu.numero) == ("reecrite", 9)


@pytest.mark.parametrize("texte", ["", "9", "9:abc", "neuf:" + "0" * 64, "9:" + "g" * 64])
def test_tete_illisible(texte: str) -> None:
    with pytest.raises(TeteIllisible):
        lire_tete(texte)
    assert lire_tete(" 3: " + "AB" * 32) == Tete(3, "ab" * 32)


def test_inverifiable(tmp_path: Path) -> None:
    """Without digests nothing can be verified; acts on a chain refuse, in one sentence."""
    chemin = tmp_path / "nu.csv"
    ecrire_journal(chemin, [{**ligne, **dict.fromkeys(COLONNES[-4:], "")} for ligne in lignes()])
    assert verdict(chemin).etat == "inverifiable"
    for acte in (lambda: effacer(chemin, "V1"), lambda: exporter(chemin, tmp_path / "x.csv", "A")):
        with pytest.raises(JournalAltere, match="invérifiable"):
            acte()


def test_compter_en_verifiant(tmp_path: Path) -> None:
    """What is counted of an altered chain is never answered, even when counting it fails; without digests, it is."""
    intact = lire_journal(ecrire(tmp_path / "j.csv"))
    with en_verifiant(intact) as verdict_rendu:
        compte = compter(intact, {})
    assert verdict_rendu.result() == verifier_journal(intact)
    assert len(compte.decompte.vacances) == 2
    altere = lire_journal(ecrire(tmp_path / "a.csv", [{**ligne, "motif": "x"} for ligne in lignes()]))
    for comptee in (lambda: None, lambda: 1 // 0):
        with pytest.raises(JournalAltere, match="altérée à l'événement 1"), en_verifiant(altere):
            comptee()
    ecrire_journal(tmp_path / "n.csv", [{**li, **dict.fromkeys(COLONNES[-4:], "")} for li in lignes()])
    with en_verifiant(lire_journal(tmp_path / "n.csv")) as sans_verdict:
        pass
    assert sans_verdict.result() is None


def test_chaine_hors_de_sa_forme(tmp_path: Path) -> None:
    """Columns in another order, or a broken line: digests are there, and the chain cannot be intact."""
    chemin = ecrire(tmp_path / "j.csv")
    texte = chemin.read_text()
    chemin.write_text(texte.replace("sel,", "SEL,", 1))
    assert verdict(chemin).etat == "alteree"
    chemin.write_text(texte + "999000102,10\n")
    assert verdict(chemin).etat == "alteree"
    chemin.write_text(texte.replace(",", ";") if '"' not in texte else texte)
    assert verdict(chemin).etat == "intacte"


def test_exporter(tmp_path: Path) -> None:
    """A réservataire reads its events and its vacances' common ones; of the rest, bare envelopes; same head."""
    source, export = ecrire(tmp_path / "j.csv"), tmp_path / "b.csv"
    assert exporter(source, export, "B") == 3
    journal = lire_journal(export)
    assert verifier_journal(journal).tete == tete_de(lire_journal(source))
    assert verifier_journal(journal).nues == journal.nues == 6
    assert {e.vacance for e in journal.evenements} == {"V2"}
    lu = export.read_text()
    for secret in ("V1", "c0123456789ab", "L1", "dalo"):
        assert secret not in lu
    assert exporter(export, tmp_path / "encore.csv", "A") == 0


def test_un_export_ne_nomme_aucun_autre(tmp_path: Path) -> None:
    """On a vacance offered to two, each is told nothing of the other."""
    evenements = histoire()[:4]
    suite = [
        evenements[1].__class__(
            **{
                **vars(evenements[1]),
                "evenement": "E8",
                "reservataire": None,
                "donnees": {"destination": "reservataire:B"},
            }
        ),
        evenements[2].__class__(**{**vars(evenements[2]), "evenement": "E9", "reservataire": "B"}),
    ]
    source = ecrire(tmp_path / "j.csv", lignes([*evenements, *suite]))
    exporter(source, tmp_path / "a.csv", "A")
    assert "E8" not in (tmp_path / "a.csv").read_text()
    exporter(source, tmp_path / "b.csv", "B")
    assert "reservataire:A" not in (tmp_path / "b.csv").read_text()
    assert "E8" in (tmp_path / "b.csv").read_text()


def test_effacer_tout_le_monde(tmp_path: Path) -> None:
    """Everyone purged: links and head intact, every counter unchanged, no salt, agent nor candidature left."""
    chemin = ecrire(tmp_path / "j.csv")
    avant = compter(lire_journal(chemin), {}, date(2024, 1, 1), date(2024, 12, 31)).decompte
    tete = tete_de(lire_journal(chemin))
    assert [effacer(chemin, vacance) for vacance in ("V1", "V2")] == [6, 3]
    journal = lire_journal(chemin)
    rendu = verifier_journal(journal, tete)
    assert (rendu.etat, rendu.effaces, rendu.tete) == ("intacte", 9, tete)
    assert compter(journal, {}, date(2024, 1, 1), date(2024, 12, 31)).decompte == avant
    lu = chemin.read_text()
    for secret in ("c0123456789ab", ":7", "public_l441_1", "0101010101"):
        assert secret not in lu
    assert journal.evenements[-1].donnees == {
        "candidat": "e1",
        "menage": {"dalo": True, "public_prioritaire": True, "deja_locataire": "non"},
    }


def test_effacer_sans_rien_laisser(tmp_path: Path) -> None:
    chemin = ecrire(tmp_path / "j.jsonl")
    tete = tete_de(lire_journal(chemin))
    assert effacer(chemin, "V1", tout=True) == 6
    journal = lire_journal(chemin)
    assert verifier_journal(journal, tete).etat == "intacte"
    assert {e.vacance for e in journal.evenements} == {"V2"}
    with pytest.raises(JournalAltere, match="aucune vacance « V1 »"):
        effacer(chemin, "V1")


def test_effacer_ou_rien(tmp_path: Path) -> None:
    """An altered chain is left as it is: erasing would hide the alteration."""
    chemin = ecrire(tmp_path / "j.csv", [{**ligne, "motif": "x"} for ligne in lignes()])
    octets = chemin.read_bytes()
    with pytest.raises(JournalAltere, match="altérée à l'événement 1"):
        effacer(chemin, "V1")
    assert chemin.read_bytes() == octets
    assert list(tmp_path.iterdir()) == [chemin]


def test_effacer_les_candidats_en_objets(tmp_path: Path) -> None:
    evenements = histoire()
    evenements[3] = evenements[3].__class__(
        **{
            **vars(evenements[3]),
            "donnees": {"candidats": [{"candidat": "c0123456789ab", "origine": "autre"}], "piece": "P1"},
        }
    )
    chemin = ecrire(tmp_path / "j.csv", lignes(evenements))
    effacer(chemin, "V1")
    assert lire_journal(chemin).evenements[3].donnees == {
        "candidats": [{"candidat": "e1", "origine": "autre"}]
    }
