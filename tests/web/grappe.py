"""A PostgreSQL of our own: a cluster in a temporary folder, never as root, gone with the tests."""

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

BASE = "PARTITEUR_BASE_DE_TEST"


@dataclass(frozen=True)
class Grappe:
    """A running cluster: its folder, and its socket's."""

    dossier: Path
    options: str = ""

    @property
    def adresse(self) -> str:
        """The address of its base, for a role that is no superuser."""
        return f"postgresql://site@/essai?host={self.dossier}"

    def tomber(self) -> None:
        """It dies at once, as by a power cut."""
        _lancer("pg_ctl", "-D", str(self.dossier / "base"), "-m", "immediate", "-w", "stop")

    def revenir(self) -> None:
        """It is there again."""
        _lancer(
            "pg_ctl",
            "-D",
            str(self.dossier / "base"),
            "-l",
            str(self.dossier / "trace"),
            "-w",
            "-o",
            self.options,
            "start",
        )

    def arreter(self) -> None:
        """Stop it and leave nothing."""
        self.tomber()
        shutil.rmtree(self.dossier)


def demarrer(*, durable: bool = False) -> Grappe:
    """Start a cluster that answers on a socket only; unless `durable`, it forgets to write to the disk, for speed."""
    dossier = Path(tempfile.mkdtemp(prefix="partiteur-pg-"))
    if os.geteuid() == 0:
        compte = pwd.getpwnam("postgres")
        os.chown(dossier, compte.pw_uid, compte.pw_gid)
    _lancer(
        "initdb", "-D", str(dossier / "base"), "-U", "proprietaire", "-A", "trust", "-E", "UTF8", "--no-sync"
    )
    options = (
        f"-k {dossier} -c listen_addresses= -c fsync={'on' if durable else 'off'} -c max_connections=60"
        " -c shared_buffers=64MB"
        " -c lock_timeout=60s"  # two tests that wait for one another fail instead of waiting
    )
    _lancer("pg_ctl", "-D", str(dossier / "base"), "-l", str(dossier / "trace"), "-o", options, "-w", "start")
    for ordre in (
        "create role site login createdb",
        "create role usager",
        "grant usager to site",
        "create database essai owner site",
    ):
        _lancer("psql", "-h", str(dossier), "-U", "proprietaire", "-d", "postgres", "-qc", ordre)
    return Grappe(dossier, options)


def _lancer(programme: str, *arguments: str) -> None:
    """Run a program of PostgreSQL as somebody who is not root."""
    chemins = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{programme}")) or [
        Path(shutil.which(programme) or programme)
    ]
    personne = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    fait = subprocess.run(
        [str(chemins[-1]), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if programme == "pg_ctl" else subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd="/",
        check=False,
        text=True,
        **personne,  # type: ignore[arg-type]
    )
    assert fait.returncode == 0, f"{programme} : {fait.stdout}"
