"""When each inventory list was passed over as a whole, and by when it has to be again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from sfcc_cin7.db import levels
from sfcc_cin7.db.cursors import cursor, move_cursor
from sfcc_cin7.merchant.operating_model import OperatingModel


@dataclass(frozen=True)
class ListPass:
    """The last pass over a list that succeeded, and by when the next has to; `began` is None where
    there was none, `due_by` where stock has not been read yet."""

    list_id: str
    began: datetime | None
    due_by: datetime | None


def last_pass(connection: Connection, list_id: str) -> datetime | None:
    """When the last pass over a whole list began that succeeded."""
    last = cursor(connection, _cursor_of(list_id))
    return datetime.fromisoformat(last) if last else None


def passed(connection: Connection, list_id: str, began: datetime) -> None:
    """A pass over a whole list succeeded."""
    move_cursor(connection, _cursor_of(list_id), began.isoformat())


def list_passes(connection: Connection, model: OperatingModel) -> list[ListPass]:
    """Every list of the operating model. A pass is due within `lag_minutes`, and the pause that the
    list wants, from the last one, or from when stock was first read."""
    first = levels.first_read_at(connection)
    found = []
    for policy in model.inventory_lists:
        began = last_pass(connection, policy.id)
        patience = timedelta(minutes=model.stock.lag_minutes, seconds=policy.publish_seconds)
        last = began or first
        found.append(ListPass(policy.id, began, last + patience if last else None))
    return found


def not_passed_since(
    connection: Connection, model: OperatingModel, now: datetime
) -> dict[str, datetime | None]:
    """Lists whose pass is overdue, with the beginning of the last that succeeded."""
    return {
        each.list_id: each.began
        for each in list_passes(connection, model)
        if each.due_by is not None and now > each.due_by
    }


def _cursor_of(list_id: str) -> str:
    return f"stock.pass:{list_id}"
