"""A region in an instance: what bench/charge.py asks pages of. Run by it, in the instance's environment.

    charge_territoire.py PASSAGE LOGEMENTS SESSIONS   prints, as JSON, the sessions: a cookie, a role, addresses

The dwellings and their rights are those of a region of the national demo, held by forty bailleurs of which the first
has a fifth; the journals are the demo's, seed after seed; one flux is adopted at each bailleur.
"""

import json
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import duckdb
import pyarrow as pa

BAILLEURS, DU_PREMIER = 40, 8
COMMUNES = 60
VACANCES = 3_900  # of three years, for the dwellings of the demo
DU, AU, JOUR = date(2020, 1, 1), date(2023, 12, 31), date(2025, 12, 31)
CADRE = "droit-commun"
AXES = {
    "lignes": ("reservataire", "commune", "epci", "famille_financement", "typologie_groupe", "qpv", "individuel"),
    "colonnes": ("", "famille_financement", "typologie_groupe", "qpv", "individuel"),
    "typologie_groupe": ("", "T1", "T2", "T3", "T4"),
    "qpv": ("", "oui", "non"),
    "individuel": ("", "oui", "non"),
}  # fmt: skip


class Region:
    """The files of a region of the national demo, cut to so many dwellings."""

    def __init__(self, passage: Path, logements: int) -> None:
        from partiteur.demo.national import LOGEMENTS, ecrire_national

        part = 9  # no region holds less than a ninth of the country where dwellings are drawn
        nationale = ecrire_national(passage / "national", min(LOGEMENTS, max(10_000, logements * part)))
        (parc,) = nationale.parcs.values()
        self.con = duckdb.connect()
        self.con.execute(f"create view national as from '{parc}'")
        self.con.execute(f"create view tous_droits as from '{nationale.droits}'")
        self.con.execute(
            f"""create table region as
            with choisie as (select region from national group by 1 order by count(*) desc, 1 limit 1)
            select n.* from national n join choisie using (region) order by programme, ligne limit {logements}"""
        )
        self.con.execute(
            f"""create table tenus as
            with rangs as (
                select bailleur, row_number() over (order by count(*) desc, bailleur) as r from region group by 1
            )
            select * replace (
                '9998' || lpad((if(r <= {DU_PREMIER}, 0, 1 + r % {BAILLEURS - 1}))::bigint::varchar, 5, '0') as bailleur
            ) from region join rangs using (bailleur)"""
        )

    def lire(self, sql: str, *parametres: object) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.con.execute(sql, parametres).fetchall()

    def fichiers(self, siren: str, ou: Path) -> tuple[Path, Path]:
        """The parc and the register of a bailleur, as it would send them."""
        from partiteur.moteur.pieces import ecrire_csv

        ecrits = []
        for nom, sql in (
            ("parc", "select * exclude (r) from tenus where bailleur = ? order by ligne"),
            (
                "droits",
                "select * exclude (type) from tous_droits where programme in "
                "(select programme from tenus where bailleur = ?) and (logement is null or logement in "
                "(select numero_rpls from tenus)) order by ligne",
            ),
        ):
            table: pa.Table = self.con.sql(sql, params=[siren]).to_arrow_table()
            ecrits.append(ou / f"{siren}-{nom}.csv")
            ecrire_csv(table, ecrits[-1])
        return ecrits[0], ecrits[1]


def organisations(region: Region) -> dict[str, Any]:
    """The bailleurs, and the réservataires under the codes the registers name; `droits` says where each has some."""
    from partiteur.web.actions import organisation
    from partiteur.web.droits import OPERATEUR

    def creer(siren: str, nom: str, type_: str, lieux: Any = (), codes: Any = ()) -> Any:
        return organisation.creer(
            par=OPERATEUR, siren=siren, nom=nom, type_=type_, du=DU, territoires=lieux, codes=codes
        )

    creees: dict[str, Any] = {}
    for siren, departements, epci in region.lire(
        "select bailleur, list(distinct departement order by departement), list(distinct epci order by epci) "
        "filter (epci is not null) from tenus group by 1 order by 1"
    ):
        lieux = [("departement", d) for d in departements] + [("epci", e) for e in epci]
        creees[siren] = creer(siren, f"Bailleur {siren[-2:]} (fictif)", "bailleur", lieux)
    bailleurs = dict(creees)
    communes = [c for (c,) in region.lire(
        f"select commune from tenus group by 1 order by count(*) desc, 1 limit {COMMUNES}"
    )]  # fmt: skip
    rang = iter(range(10_000))
    for code in communes:
        creees[code] = creer(
            f"9997{next(rang):05}", f"Commune {code}", "commune", (), [(code.lower(), "commune")]
        )
        _reserver(region, bailleurs, creees[code], "commune", code)
    for (code,) in region.lire("select distinct epci from tenus where epci is not null order by 1"):
        creees[code] = creer(code, f"EPCI {code}", "epci", [("epci", code)], [(code, "epci")])
    for (code,) in region.lire("select distinct departement from tenus order by 1"):
        nom = f"departement-{code}"
        creees[nom] = creer(
            f"9997{next(rang):05}", f"Département {code}", "departement", (), [(nom, "departement")]
        )
        _reserver(region, bailleurs, creees[nom], "departement", code)
        creees[f"etat-{code}"] = creer(
            f"9997{next(rang):05}", f"Préfecture {code}", "etat_departement", [("departement", code)]
        )
    for code, type_, genre in (
        ("etat-prioritaires", "etat_prioritaires", "autre"),
        ("etat-agents", "etat_fonctionnaires", "autre"),
        ("action-logement", "action_logement", "action_logement"),
    ):
        creees[code] = creer(f"9997{next(rang):05}", code, genre, (), [(code, type_)])
    for type_ in ("etat_region", "ar_hlm", "instance"):
        creees[type_] = creer(f"9997{next(rang):05}", type_, type_)
    return creees


def _reserver(region: Region, bailleurs: dict[str, Any], org: Any, echelle: str, code: str) -> None:
    from partiteur.web.actions import organisation
    from partiteur.web.droits import OPERATEUR

    for (siren,) in region.lire(f"select distinct bailleur from tenus where {echelle} = ? order by 1", code):
        organisation.reserver(
            par=OPERATEUR, bailleur=bailleurs[siren], reservataire=org.reservataires.get(), echelle=echelle,
            code=code, du=DU,
        )  # fmt: skip


def importer(bailleur: Any, fichiers: tuple[Path, Path], departement: str) -> None:
    """The parc and the register of a bailleur, as its pages import them; then a flux, adopted."""
    from partiteur.web import depot
    from partiteur.web.actions import dossier as actes
    from partiteur.web.actions import parc
    from partiteur.web.documents import flux
    from partiteur.web.droits import OPERATEUR

    for nature, fichier in zip(("parc", "droits"), fichiers, strict=True):
        lecture = depot.lire(nature, fichier, bailleur.siren)
        refusees = lecture.lignes - lecture.acceptees
        ecrit = parc.Ecrit(
            nature,
            depot.garder(nature, lecture, fichier),
            JOUR,
            fichier.name,
            lecture.acceptees,
            refusees,
            "[]",
        )
        entre = parc.importer(par=OPERATEUR, bailleur=bailleur, ecrit=ecrit)
        if nature == "parc":
            recues = {depot.chemin_du_parc(entre.sha).name: depot.chemin_du_parc(entre.sha)}
    dossier = fichiers[0].with_name(f"{bailleur.siren}.toml")
    dossier.write_text(
        f'cadre = "{CADRE}"\nexercice = 2026\n[bailleur]\nnom = "{bailleur}"\nsiren = "{bailleur.siren}"\n'
        f'[territoire]\nechelle = "departement"\ncode = "{departement}"\n[parc]\nfichier = "{next(iter(recues))}"\n'
        '[rotation]\ntaux = "8 %"\n'
        '[[reservataires]]\ncode = "etat-prioritaires"\nnom = "État"\ntype = "etat_prioritaires"\npart = "25 %"\n'
        'contrepartie = "sans"\n',
        "utf-8",
    )
    recu = flux.ranger(dossier, recues)
    depose = actes.deposer(
        par=OPERATEUR, bailleur=bailleur, identifiant=recu.identifiant, exercice=recu.exercice, cadre=recu.cadre,
        fichier=recu.fichier, sha=recu.sha,
    )  # fmt: skip
    resultat, versions = flux.geler(depose)
    actes.adopter(par=OPERATEUR, dossier=depose, resultat=resultat, versions=versions)


def vacances() -> Iterator[list[dict[str, str]]]:
    """The events of one vacance of the demo, then of another, seed after seed; and how many dwellings a seed has."""
    from partiteur.demo.bati import batir
    from partiteur.demo.journal import raconter
    from partiteur.demo.mouvements import liberer
    from partiteur.demo.publie import BAILLEURS as ORGANISMES

    for graine in range(1, 10_000):
        rng = Random(graine)  # noqa: S311 - a seeded generator, nothing secret
        logements = batir(rng)
        for organisme in ORGANISMES:
            siens = [lo for lo in logements if lo.programme.bailleur == organisme.lettre]
            liberations, _ = liberer(organisme, siens, rng)
            par_vacance: dict[str, list[dict[str, str]]] = {}
            for ligne in raconter(organisme, siens, liberations, graine):
                vacance, nouvelle = ligne["vacance"], f"{ligne['vacance']}-{graine}"
                for nom in ("evenement", "vacance", "donnees"):
                    ligne[nom] = ligne[nom].replace(vacance, nouvelle)
                par_vacance.setdefault(nouvelle, []).append(ligne)
            yield from par_vacance.values()


def tenir_journaux(region: Region, creees: dict[str, Any], ou: Path) -> int:
    """Three years of each bailleur's journal, in proportion to its dwellings; returns how many events."""
    from partiteur.demo.publie import LOGEMENTS
    from partiteur.moteur.journal import ecrire_journal, enchainer
    from partiteur.web.actions import journal
    from partiteur.web.droits import OPERATEUR

    tirees, total = vacances(), 0
    for siren, logements in region.lire("select bailleur, count(*) from tenus group by 1 order by 1"):
        bailleur = creees[siren]
        codes = sorted(bailleur.reservations.values_list("reservataire__code", flat=True).distinct())
        lignes = [ligne for _ in range(logements * VACANCES // LOGEMENTS) for ligne in next(tirees)]
        for ligne in lignes:
            if ligne["reservataire"] not in ("", "etat-prioritaires", "action-logement"):
                ligne["reservataire"] = codes[sum(map(ord, ligne["reservataire"])) % len(codes)]
        lignes.sort(key=lambda ligne: ligne["date_saisie"])
        fichier = ou / f"{siren}-journal.csv"
        ecrire_journal(fichier, enchainer(siren, lignes))
        total += journal.reprendre(par=OPERATEUR, bailleur=bailleur, fichier=fichier)
    return total


# --- who asks, and what


def sessions(creees: dict[str, Any], combien: int) -> list[dict[str, Any]]:
    """So many people logged in: the staff of bailleurs, réservataires, authorities; each with what it may ask."""
    from django.conf import settings
    from django.contrib.sessions.backends.db import SessionStore

    from partiteur.web.actions import membre as actes
    from partiteur.web.actions.horloge import maintenant
    from partiteur.web.droits import OPERATEUR

    par_type: dict[str, list[Any]] = {}
    for org in creees.values():
        par_type.setdefault(org.type, []).append(org)
    roles = (
        ("bailleur", "bailleur_responsable"), ("commune", "reservataire_designation"), ("bailleur", "bailleur_lecture"),
        ("commune", "reservataire_lecture"), ("epci", "epci"), ("bailleur", "bailleur_attribution"),
        ("commune", "reservataire_lecture"), ("departement", "reservataire_lecture"), ("etat_departement", "etat_departement"),
        ("ar_hlm", "ar_hlm"),
    )  # fmt: skip
    faites = []
    for rang in range(combien):
        type_, role = roles[rang % len(roles)]
        rang_org = rang // len(roles) if type_ == "bailleur" else rang
        org = par_type[type_][rang_org % len(par_type[type_])]
        _, jeton = actes.inviter(
            par=OPERATEUR, organisation=org, courriel=f"p{rang}@exemple.fr", nom=f"Personne {rang}", role=role
        )
        membre = actes.accepter(jeton=jeton, mot_de_passe=f"{jeton}Aa")
        session = SessionStore()
        session["_auth_user_id"] = str(membre.utilisateur.pk)
        session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
        session["_auth_user_hash"] = membre.utilisateur.get_session_auth_hash()
        session["fin"] = (maintenant() + timedelta(hours=8)).isoformat()
        session["membre"] = membre.identifiant
        session.create()
        rng = Random(rang)  # noqa: S311 - a seeded generator, nothing secret
        faites.append({"biscuit": session.session_key, "role": role, "adresses": adresses(membre, rng)})
    return faites


def adresses(membre: Any, rng: Random) -> list[tuple[str, str]]:
    """(page, address) a member may open: its lists, what they lead to, états des lieux of every kind, shuffled."""
    from django.urls import reverse

    from partiteur.web.documents.commune import communes_possibles
    from partiteur.web.droits import Permission, bailleurs, dossiers, perimetres, peut

    lues = [(nom, reverse(nom)) for nom in ("aujourdhui", "annuaire", "parcs", "dossiers", "fiche_commune")]
    voit_journal = peut(membre, Permission.VOIR_JOURNAL)
    lues += [("journaux", reverse("journaux"))] if voit_journal else []
    vus = list(bailleurs(membre, JOUR))
    etats = []
    for bailleur in vus:
        if voit_journal and peut(membre, Permission.VOIR_LIGNES):
            base = reverse("journal", args=[bailleur.identifiant])
            lues += [("journal", f"{base}?page={p}") for p in (1, 2, 3)]
        for perimetre in perimetres(membre, bailleur, JOUR):
            for _ in range(400 // len(vus)):
                demande = {axe: rng.choice(valeurs) for axe, valeurs in AXES.items()}
                demande["perimetre"] = f"{perimetre.echelle}:{perimetre.code}"
                etats.append(f"{bailleur.identifiant}/?{urlencode({k: v for k, v in demande.items() if v})}")
    lues += [("dossier", reverse("dossier", args=[d.identifiant])) for d in dossiers(membre, JOUR)[:8]]
    communes = [code for code, _ in communes_possibles(membre, JOUR)]
    lues += [("fiche_commune", f"{reverse('fiche_commune')}?commune={c}") for c in communes[:8]]
    etats = list(dict.fromkeys(etats))
    rng.shuffle(etats)
    return _meler(lues, [("etat_des_lieux", f"{reverse('parcs')}{e}") for e in etats[: len(lues) + 60]], rng)


def _meler(lues: list[tuple[str, str]], etats: list[tuple[str, str]], rng: Random) -> list[tuple[str, str]]:
    """Home first, then the rest in any order, half of it états des lieux as long as there is anything else."""
    reste = list(dict.fromkeys(lues[1:]))
    rng.shuffle(reste)
    moitie = len(reste)
    debut = reste + etats[:moitie]
    rng.shuffle(debut)
    return [lues[0], *debut, *etats[moitie:]]


def main() -> None:
    """Fill the base of the environment, then print the sessions; how long each step took goes to stderr."""
    passage, logements, combien = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    import django

    django.setup()
    from django.core.management import call_command

    call_command("preparer", verbosity=0, stdout=sys.stderr)
    debut = time.perf_counter()

    def dire(quoi: str) -> None:
        print(f"{quoi} : {time.perf_counter() - debut:.0f} s", file=sys.stderr, flush=True)

    region = Region(passage, logements)
    dire("région tirée")
    creees = organisations(region)
    dire("organisations")
    sirens = region.lire("select bailleur, min(departement) from tenus group by 1 order by 1")
    for siren, departement in sirens:
        importer(creees[siren], region.fichiers(siren, passage), departement)
    dire("parcs importés, flux adoptés")
    evenements = tenir_journaux(region, creees, passage)
    dire(f"{evenements} événements inscrits")
    call_command("compter", stdout=sys.stderr)  # as partiteur-comptes.timer does each night
    dire("comptes du jour")
    (lus,) = region.lire("select count(*), count(distinct bailleur), count(distinct commune) from tenus")
    territoire = {"logements": lus[0], "bailleurs": lus[1], "communes": lus[2], "evenements": evenements}
    territoire["organisations"] = len(creees)
    print(json.dumps({"territoire": territoire, "sessions": sessions(creees, combien)}))
    dire("sessions")


if __name__ == "__main__":
    main()
