"""Every table empty, as for a new test: what no code of the product can do."""

from collections.abc import Collection

from sqlalchemy import Connection, text

from sfcc_cin7.db.schema import SCHEMA, metadata

GUARDED = ("order_events", "postings", "event_anchors", "order_corrections")
"""Tables that the database refuses to empty while their guard stands."""


def empty_every_table(connection: Connection, but: Collection[str] = ()) -> None:
    """As the owner of the tables, who alone can lift the guard."""
    tables = [table.name for table in metadata.sorted_tables if table.name not in but]
    guarded = [table for table in GUARDED if table in tables]
    for table in guarded:
        connection.execute(text(f"alter table {SCHEMA}.{table} disable trigger never_emptied"))
    names = ", ".join(f"{SCHEMA}.{table}" for table in tables)
    connection.execute(text(f"truncate {names} restart identity cascade"))
    for table in guarded:
        connection.execute(
            text(f"alter table {SCHEMA}.{table} enable always trigger never_emptied")
        )
