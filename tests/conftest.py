"""A test may be skipped for one reason only: the reference folder beside the repository is not there.

A skip is turned into a failure where it is reported, so that it holds with and without parallel workers.
"""

import fcntl
import pickle
from collections.abc import Generator

import pytest

from partiteur.demo.territoire import Territoire, ecrire

RAISON_ADMISE = "../shared"


def refuser(rapport: pytest.TestReport | pytest.CollectReport) -> None:
    """Fail a skip that does not give the admitted reason; an expected failure stays what it is."""
    if rapport.skipped and not hasattr(rapport, "wasxfail") and RAISON_ADMISE not in str(rapport.longrepr):
        rapport.longrepr = f"Test sauté sans « {RAISON_ADMISE} » dans sa raison : {rapport.longrepr}"
        rapport.outcome = "failed"


@pytest.fixture(scope="session")
def territoire(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Territoire:
    """The demo territory, written once for all the workers: a test reads its files and changes none."""
    commun = tmp_path_factory.getbasetemp()
    commun = commun if worker_id == "master" else commun.parent
    with (commun / "territoire.verrou").open("a") as verrou:
        fcntl.flock(verrou, fcntl.LOCK_EX)
        ecrit = commun / "territoire.pickle"
        if not ecrit.exists():
            ecrit.write_bytes(pickle.dumps(ecrire(commun / "territoire")))
        lu: Territoire = pickle.loads(ecrit.read_bytes())
        return lu


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Look at each test's report once pytest's own plugins have had their say."""
    rapport = yield
    refuser(rapport)
    return rapport


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Look at each module's report: a whole file may be skipped while it is imported."""
    rapport = yield
    refuser(rapport)
    return rapport
