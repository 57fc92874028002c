"""Who may do what in the database: one role for each kind of process, and what it needs.

The owner's role makes the tables and is used by `sfcc-cin7 migrate` alone. The others cannot change
what is append-only, whatever a bug or a stolen password asks for: what a trigger refuses the owner
could switch off, what was never granted nobody can use (docs/decisions/70-deployment.md).

Roles of this module cannot log in. A login of one's own, with a password that is told to nobody
here, becomes a member: `create role shop_app login password '...' in role sfcc_cin7_app`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from sfcc_cin7.db.database import DAGSTER_SCHEMA, VERSIONS, unreachable
from sfcc_cin7.db.schema import SCHEMA
from sfcc_cin7.db.schema.base import CALLS_SCHEMA
from sfcc_cin7.values.problems import ConfigurationError

APP, DAGSTER, HOOKS, WATCH = (
    f"{SCHEMA}_{purpose}" for purpose in ("app", "dagster", "hooks", "watch")
)
ROLES = {
    APP: "the code server and its runs: reads and writes all, appends to what is append-only",
    DAGSTER: "webserver and daemon: Dagster's own tables, and none of the merchant's",
    HOOKS: "the receiver of webhooks: keeps hints, and reads nothing else",
    WATCH: "the watcher: reads all, and keeps the book of its alerts",
}
SCHEMAS = (SCHEMA, CALLS_SCHEMA, DAGSTER_SCHEMA)
READS, APPENDS = "select", "select, insert"
WRITES = "select, insert, update, delete"
HINTS = {"stock_hints": WRITES, "sale_hints": WRITES, "erp_documents": "select, insert, update"}
BOOK = {"alerts": "select, insert, update", "alert_book": "select, insert, update"}


@dataclass(frozen=True)
class Tables:
    """What there is to grant: names of our tables (which of them are append-only), of
    Dagster's, and of those in which all brands of a database count their calls."""

    ours: frozenset[str]
    append_only: frozenset[str]
    dagsters: frozenset[str]
    calls: frozenset[str] = frozenset()


def wanted(tables: Tables) -> dict[str, dict[str, str]]:
    """What each role may do with each table, whose name has its schema (pure)."""
    app = {name: APPENDS if name in tables.append_only else WRITES for name in tables.ours}
    app |= {"alembic_version": READS}
    watch = dict.fromkeys(tables.ours, READS) | BOOK | {"alert_events": APPENDS}
    hooks = HINTS | {"alembic_version": READS}
    dagsters = {f"{DAGSTER_SCHEMA}.{name}": WRITES for name in tables.dagsters}
    calls = {f"{CALLS_SCHEMA}.{name}": WRITES for name in tables.calls}
    return {
        APP: _in(SCHEMA, app) | calls | dagsters,
        DAGSTER: {VERSIONS: READS} | dagsters,
        HOOKS: _in(SCHEMA, hooks),
        WATCH: _in(SCHEMA, watch) | dict.fromkeys(calls | dagsters, READS),
    }


def _in(schema: str, granted: Mapping[str, str]) -> dict[str, str]:
    return {f"{schema}.{name}": what for name, what in granted.items()}


def statements(roles: Iterable[str], tables: Tables) -> Iterator[str]:
    """What gives roles exactly what they may do, and takes away whatever else they had (pure)."""
    grants = wanted(tables)
    for schema in SCHEMAS:
        yield f"revoke all on schema {schema} from public"
        yield f"revoke all on all tables in schema {schema} from public"
    for role in sorted(roles):
        schemas = sorted({table.partition(".")[0] for table in grants[role]})
        for schema in SCHEMAS:
            yield f"revoke all on schema {schema} from {role}"
            yield f"revoke all on all tables in schema {schema} from {role}"
            yield f"revoke all on all sequences in schema {schema} from {role}"
        for schema in schemas:
            yield f"grant usage on schema {schema} to {role}"
            # reading how far a sequence is tells nothing, and inserting needs it
            yield f"grant usage on all sequences in schema {schema} to {role}"
        for table, what in sorted(grants[role].items()):
            yield f"grant {what} on {table} to {role}"
        if role == APP:
            yield f"grant execute on function {SCHEMA}.lock_table(text) to {role}"


def create_roles(engine: Engine) -> None:
    """Make the roles that are not there, and grant to all what they may do.

    Raises:
        ConfigurationError: the server cannot be reached, or this login may not make roles.
    """
    try:
        with engine.begin() as connection:
            for role in ROLES.keys() - present(connection):
                connection.execute(text(f"create role {role} nologin"))
            _grant(connection)
    except OperationalError as error:
        raise ConfigurationError(unreachable(engine.url, error)) from None
    except ProgrammingError as error:
        raise ConfigurationError(_refused(error)) from None


def grant_again(engine: Engine) -> bool:
    """After a migration: grant anew to roles that are there; whether there are any.

    Raises:
        ConfigurationError: this login is not the tables' owner.
    """
    try:
        with engine.begin() as connection:
            there = bool(present(connection))
            if there:
                _grant(connection)
    except ProgrammingError as error:
        raise ConfigurationError(_refused(error)) from None
    return there


def present(connection: Connection) -> set[str]:
    """Those of the roles that the server has."""
    found = "select rolname from pg_roles where rolname = any(:names)"
    return set(connection.scalars(text(found), {"names": list(ROLES)}))


def _grant(connection: Connection) -> None:
    for statement in statements(present(connection), _tables(connection)):
        connection.execute(text(statement))


def _tables(connection: Connection) -> Tables:
    kept = """
        select n.nspname, c.relname, exists (
            select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'append_only'
        ) from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in (:ours, :dagsters, :calls) and c.relkind in ('r', 'p', 'v', 'm')
    """
    schemas = {"ours": SCHEMA, "dagsters": DAGSTER_SCHEMA, "calls": CALLS_SCHEMA}
    rows = connection.execute(text(kept), schemas).all()
    ours = [(name, append_only) for schema, name, append_only in rows if schema == SCHEMA]
    return Tables(
        frozenset(name for name, _ in ours),
        frozenset(name for name, append_only in ours if append_only),
        frozenset(name for schema, name, _ in rows if schema == DAGSTER_SCHEMA),
        frozenset(name for schema, name, _ in rows if schema == CALLS_SCHEMA),
    )


def _refused(error: ProgrammingError) -> str:
    cause = str(error.orig).strip().splitlines()[0]
    return (
        f"The roles cannot be seen to: {cause}. Run this as the owner of the tables, with the right"
        " to create roles (createrole), or have the roles created first."
    )
