"""The ERP's locations by their ids, as they were last looked at."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from sfcc_cin7.db.cursors import cursor, move_cursor
from sfcc_cin7.db.schema import erp_locations
from sfcc_cin7.stock.deciding.agreement import Place

LOOKED_AT = "stock.locations"


def places(connection: Connection) -> list[Place]:
    """Every location that was ever seen."""
    columns = erp_locations.c
    query = select(columns.erp_id, columns.name, columns.known_as, columns.is_listed)
    return [Place(*row) for row in connection.execute(query.order_by(columns.name))]


def looked_at(connection: Connection) -> datetime | None:
    """When the ERP was last asked for them."""
    last = cursor(connection, LOOKED_AT)
    return datetime.fromisoformat(last) if last else None


def save_places(connection: Connection, names: Mapping[str, str], at: datetime) -> None:
    """Keep the names by id of all that are in use; those that lack are no longer listed."""
    connection.execute(update(erp_locations).values(is_listed=False))
    for erp_id, name in names.items():
        row = {"erp_id": erp_id, "name": name, "known_as": name, "is_listed": True}
        connection.execute(
            insert(erp_locations)
            .values(row)
            .on_conflict_do_update(
                index_elements=[erp_locations.c.erp_id], set_={"name": name, "is_listed": True}
            )
        )
    move_cursor(connection, LOOKED_AT, at.isoformat())


def confirm_places(connection: Connection) -> None:
    """A person says that the locations are meant as they are called now."""
    connection.execute(update(erp_locations).values(known_as=erp_locations.c.name))
