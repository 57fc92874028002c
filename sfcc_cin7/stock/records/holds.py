"""Lists that are not published until a person looked: why, since when, and what was let pass."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from sfcc_cin7.db.cursors import cursor, move_cursor
from sfcc_cin7.stock.deciding.mass_change import Extent

WINDOW = timedelta(hours=1)
"""Changes count together for as long, and what a person let pass holds for as long."""


@dataclass(frozen=True)
class Hold:
    """Why a list is held and since when; `extent` is what a mass change would come to, None where
    the model and the systems disagree."""

    sentence: str
    since: datetime
    extent: Extent | None = None


def held(connection: Connection, list_id: str) -> Hold | None:
    """Why a list is held now; None where it is not."""
    kept = cursor(connection, _held(list_id))
    if not kept:
        return None
    row = json.loads(kept)
    found = row["extent"]
    since = datetime.fromisoformat(row["since"])
    return Hold(row["sentence"], since, _extent(found) if found else None)


def hold(
    connection: Connection, list_id: str, sentence: str, now: datetime, found: Extent | None
) -> None:
    """Keep that a list is held; one that was keeps its age."""
    before = held(connection, list_id)
    row = {
        "sentence": sentence,
        "since": (before.since if before else now).isoformat(),
        "extent": {name: str(value) for name, value in vars(found).items()} if found else None,
    }
    move_cursor(connection, _held(list_id), json.dumps(row))


def lift(connection: Connection, list_id: str) -> bool:
    """Nothing holds a list any more; whether something did."""
    was = held(connection, list_id) is not None
    if was:
        move_cursor(connection, _held(list_id), "")
    return was


def release(connection: Connection, list_id: str, now: datetime, found: Extent) -> None:
    """A person lets a change of this extent pass, from now on and for as long as `WINDOW`."""
    extent = {name: str(value) for name, value in vars(found).items()}
    move_cursor(
        connection,
        _released(list_id),
        json.dumps({"at": now.isoformat(), "extent": extent}),
    )


def released(connection: Connection, list_id: str, now: datetime) -> Extent | None:
    """What a person let pass lately; None where nobody did."""
    kept = cursor(connection, _released(list_id))
    if not kept:
        return None
    row = json.loads(kept)
    is_over = now - datetime.fromisoformat(row["at"]) > WINDOW
    return None if is_over else _extent(row["extent"])


def _extent(row: dict[str, str]) -> Extent:
    counts = {name: int(row[name]) for name in ("emptied", "multiplied", "falling", "rising")}
    return Extent(fallen=Decimal(row["fallen"]), risen=Decimal(row["risen"]), **counts)


def _held(list_id: str) -> str:
    return f"stock.held:{list_id}"


def _released(list_id: str) -> str:
    return f"stock.released:{list_id}"
