"""One embedded PostgreSQL for a test run, one database for each worker, empty for each test."""

import gc
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster._core.storage.defs_state.base import set_defs_state_storage
from hypothesis import HealthCheck, settings
from sqlalchemy import URL, Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from sfcc_cin7.db.database import connect, embedded_url, migrate
from sfcc_cin7.runtime.arming import ARMED
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.emptying import empty_every_table
from sfcc_cin7_tests.scenario.accounts import AS_SENT, BELIEVED, Account, contrary_account

# a slow machine makes no property false
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

FORGETFUL = ("fsync", "full_page_writes", "synchronous_commit")
"""What keeps a database through a power failure; ours is thrown away, and writes faster without."""


def pytest_collection_finish() -> None:
    """What has been imported lives as long as the run: nobody has to look whether it is garbage."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _nobody_outside_is_trusted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests speak plain HTTP to this machine alone: no client reads the world's certificates, which
    would take longer than what it is opened for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SSL_CERT_FILE", raising=False)
        patch.setenv("SSL_CERT_DIR", str(tmp_path_factory.mktemp("no_certificates")))
        yield


@pytest.fixture(autouse=True)
def _no_instance_is_left_behind() -> Iterator[None]:
    """Dagster looks things up in the instance that was entered last, even after it is gone: loading
    definitions would then fail in whatever test comes next."""
    with set_defs_state_storage(None):
        yield


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[URL]:
    """The address of a database that only this worker uses."""
    run = tmp_path_factory.getbasetemp()
    shared = run if worker_id == "master" else run.parent
    folder = Path(tempfile.gettempdir()) / f"sfcc_cin7_{shared.name.replace('pytest-', '')}"
    server = embedded_url(folder)
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"test_{worker_id}"
    with admin.connect() as connection:
        connection.execute(text(f"drop database if exists {name} with (force)"))
        connection.execute(text(f"create database {name}"))
        for setting in FORGETFUL:
            connection.execute(text(f"alter system set {setting} = off"))
        connection.execute(text("select pg_reload_conf()"))
    yield server.set(database=name)
    with admin.connect() as connection:
        connection.execute(text(f"drop database if exists {name} with (force)"))
    admin.dispose()


@pytest.fixture(scope="session")
def migrated(database_url: URL) -> Iterator[Engine]:
    engine = connect(database_url, ping=False)  # nobody restarts this server
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(migrated: Engine) -> Engine:
    """A database with every table, all of them empty."""
    try:
        _empty(migrated)
    except OperationalError:  # the test before has cut sessions, as a restart does
        _empty(migrated)
    return migrated


@pytest.fixture(scope="session")
def _second_brand(migrated: Engine) -> Iterator[Engine]:
    other = connect(migrated.url, "outdoor", ping=False)
    migrate(other)
    yield other
    other.dispose()


@pytest.fixture
def second_brand(_second_brand: Engine, engine: Engine) -> Engine:
    """The same database for another brand, with every table, all of them empty."""
    _empty(_second_brand)
    return _second_brand


def _empty(engine: Engine) -> None:
    with engine.begin() as connection:
        empty_every_table(connection)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def armed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Schedules and sensors act."""
    monkeypatch.setenv(ARMED, "1")


@pytest.fixture(scope="session")
def as_sent(tmp_path_factory: pytest.TempPathFactory) -> Account:
    """The contrary account, which books tax as it is sent."""
    return contrary_account(tmp_path_factory.mktemp("contrary"), **AS_SENT)


@pytest.fixture(params=["believed", "contrary"])
def account(request: pytest.FixtureRequest, as_sent: Account) -> Account:
    """Both accounts, one after the other."""
    return BELIEVED if request.param == "believed" else as_sent
