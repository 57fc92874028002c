"""Every table empty, as for a new test: what no code of the product can do."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, exists, literal, select, text, union_all

from sfcc_cin7.db.schema import SCHEMA, metadata

GUARDED = (
    "order_events",
    "postings",
    "event_anchors",
    "order_corrections",
    "period_closings",
    "closed_balances",
    "closed_margins",
    "break_decisions",
    "month_signoffs",
    "journal_entries",
    "journal_lines",
    "alert_events",
    "agent_calls",
)
"""Tables that the database refuses to empty while their guard stands."""

WITH_ROWS = union_all(
    *(
        select(literal(table.fullname)).where(exists().select_from(table))
        for table in metadata.sorted_tables
    )
)
COUNTED_ON = text("""
    select owner.relnamespace::regnamespace || '.' || owner.relname
    from pg_sequence
    join pg_depend on objid = seqrelid and classid = 'pg_class'::regclass and deptype = 'i'
    join pg_class owner on owner.oid = refobjid
    where owner.relnamespace = cast(:schema as regnamespace)
    and pg_sequence_last_value(seqrelid) is not null
""").bindparams(schema=SCHEMA)
"""Tables that have given out a number, whatever became of its row."""


HOW_THEY_FIRE = text(
    "select tgname, tgenabled::text from pg_trigger"
    " where tgrelid = cast(:table as regclass) and not tgisinternal"
)


def empty_every_table(connection: Connection, but: Collection[str] = ()) -> None:
    """As the owner of the tables, who alone can lift the guard.

    A table as it was created is left alone: to empty it would take as long as if it were full.
    """
    written = {*connection.scalars(WITH_ROWS), *connection.scalars(COUNTED_ON)}
    kept = {f"{SCHEMA}.{table}" for table in but}
    tables = sorted(written.difference(kept))
    if not tables:
        return
    emptied = {table.partition(".")[2] for table in tables}
    guarded = [
        f"{SCHEMA}.{table}" for table in GUARDED if table not in but and reached(table, emptied)
    ]
    for table in guarded:
        connection.execute(text(f"alter table {table} disable trigger never_emptied"))
    connection.execute(text(f"truncate {', '.join(tables)} restart identity cascade"))
    for table in guarded:
        connection.execute(text(f"alter table {table} enable always trigger never_emptied"))


@contextmanager
def triggers_off(connection: Connection, table: str) -> Iterator[None]:
    """As whoever owns a table may switch its triggers off; afterwards each fires when it did."""
    of = {"table": f"{SCHEMA}.{table}"}
    rows = connection.execute(HOW_THEY_FIRE, of).all()
    for name, _ in rows:
        connection.execute(text(f"alter table {SCHEMA}.{table} disable trigger {name}"))
    yield
    for name, mode in rows:
        how = {"O": "", "A": "always", "R": "replica"}.get(mode)
        if how is not None:
            connection.execute(text(f"alter table {SCHEMA}.{table} enable {how} trigger {name}"))


def reached(table: str, emptied: Collection[str]) -> bool:
    """Whether emptying these tables empties this one, by itself or because it refers to one."""
    of = metadata.tables[f"{SCHEMA}.{table}"]
    parents = {key.column.table.name for key in of.foreign_keys} - {table}
    return table in emptied or any(reached(parent, emptied) for parent in parents)
