"""How far something has been read, by name."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from sfcc_cin7.db.schema import cursors


def cursor(connection: Connection, name: str) -> str | None:
    """Where something was left off; None before the first time."""
    return connection.scalar(select(cursors.c.value).where(cursors.c.name == name))


def move_cursor(connection: Connection, name: str, value: str) -> None:
    """Remember where something is left off."""
    statement = insert(cursors).values(name=name, value=value)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[cursors.c.name], set_={"value": value})
    )
