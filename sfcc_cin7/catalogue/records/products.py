"""Products as each system showed them last, kept by what changed, and where the two differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from sfcc_cin7.catalogue.deciding.fields import Edit, Shown, canonical, edits
from sfcc_cin7.db.schema import products, sku_map
from sfcc_cin7.merchant.catalogue import FieldPolicy, Side

STREAMED = 500
"""Rows that are in memory at a time."""


@dataclass(frozen=True)
class Reading:
    """A product as a system showed it once; `modified` by the system's own clock, None where it
    does not tell. `facts` are what the gate asks for."""

    sku: str
    id: str
    shown: Mapping[str, str]
    facts: Mapping[str, Any]
    attribute_set: str = ""
    modified: datetime | None = None


def save_readings(
    connection: Connection,
    system: Side,
    readings: Sequence[Reading],
    policies: Sequence[FieldPolicy],
    *,
    after: datetime | None,
    at: datetime,
) -> int:
    """Keep what a reading showed, and what was edited since the one before it, which began `after`
    (None: there was none, so that nothing is new). How many products are otherwise than before.

    A product that an index still shows as it was before we last saw it is left as it is. One that
    has another SKU now leaves its old one.
    """
    by_sku = {reading.sku: reading for reading in readings}
    by_id = {reading.id: reading.sku for reading in readings}
    mine = products.c.system == system
    known = connection.execute(
        select(products).where(
            mine,
            or_(products.c.sku == func.any(list(by_sku)), products.c.id == func.any(list(by_id))),
        )
    ).all()
    renamed = [row.sku for row in known if by_id.get(row.id, row.sku) != row.sku]
    if gone := [sku for sku in renamed if sku not in by_sku]:
        connection.execute(delete(products).where(mine, products.c.sku == func.any(gone)))
    held = {row.sku: row for row in known}
    rows = [
        _row(system, reading, held.get(sku), policies, after, at)
        for sku, reading in by_sku.items()
        if not _is_older(reading, held.get(sku))
    ]
    changed = [row for row in rows if _differs(row, held.get(row["sku"]))]
    if changed:
        statement = insert(products)
        fresh = ("id", "attribute_set", "shown", "compared", "edits", "facts", "seen_at")
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=[products.c.system, products.c.sku],
                set_={name: statement.excluded[name] for name in fresh},
            ),
            changed,
        )
    return len(changed)


def _row(
    system: Side,
    reading: Reading,
    held: Row[Any] | None,
    policies: Sequence[FieldPolicy],
    after: datetime | None,
    at: datetime,
) -> dict[str, Any]:
    made = {} if held is None else _as_held(held).edits
    if held is not None and after is not None:
        made = edits(policies, system, _as_held(held), reading.shown, after, at)
    named = {policy.name: policy for policy in policies}
    told = {name: text for name, text in reading.shown.items() if text}
    return {
        "system": system,
        "sku": reading.sku,
        "id": reading.id,
        "attribute_set": reading.attribute_set,
        "shown": dict(reading.shown),
        "compared": {name: canonical(named[name], text, system) for name, text in told.items()},
        "edits": {name: _kept(edit) for name, edit in made.items() if name in named},
        "facts": {**reading.facts, **_stamp(reading)},
        "is_new": held.is_new if held is not None else after is not None,
        "first_seen_at": held.first_seen_at if held is not None else at,
        "seen_at": at,
    }


def _as_held(row: Row[Any]) -> Shown:
    return shown(*(row._mapping[name] for name in SHOWN))


def _stamp(reading: Reading) -> dict[str, str]:
    return {"modified": reading.modified.isoformat()} if reading.modified else {}


def _is_older(reading: Reading, held: Row[Any] | None) -> bool:
    if held is None or reading.modified is None or "modified" not in held.facts:
        return False
    return reading.modified < datetime.fromisoformat(held.facts["modified"])


def _differs(row: Mapping[str, Any], held: Row[Any] | None) -> bool:
    compared = ("id", "attribute_set", "shown", "compared", "facts")
    return held is None or any(row[name] != getattr(held, name) for name in compared)


def _kept(edit: Edit) -> dict[str, str]:
    return {"was": edit.was, "after": edit.after.isoformat(), "by": edit.by.isoformat()}


SHOWN = ("id", "shown", "attribute_set", "edits")
"""The columns of `products` that make a `Shown`."""


def shown(product: str, values: Any, attribute_set: str, edited: Any) -> Shown:
    """These columns as a value."""
    made = {
        name: Edit(
            kept["was"], datetime.fromisoformat(kept["after"]), datetime.fromisoformat(kept["by"])
        )
        for name, kept in edited.items()
    }
    return Shown(product, values, attribute_set, made)


def differing(connection: Connection) -> Iterator[tuple[str, Shown, Shown]]:
    """Every SKU that both systems have and show otherwise, as the ERP and the storefront show it.

    The database finds them; no more than `STREAMED` of them are in memory.
    """
    ours, theirs = products.alias("ours"), products.alias("theirs")
    query = (
        select(
            ours.c.sku,
            *(side.c[name] for side in (ours, theirs) for name in SHOWN),
        )
        .join(
            theirs,
            and_(theirs.c.sku == ours.c.sku, theirs.c.system == "storefront"),
        )
        .join(sku_map, and_(sku_map.c.sku == ours.c.sku, sku_map.c.in_shop, sku_map.c.in_erp))
        .where(ours.c.system == "erp", ours.c.compared != theirs.c.compared)
        .order_by(ours.c.sku)
    )
    for sku, *both in connection.execution_options(yield_per=STREAMED).execute(query):
        yield sku, shown(*both[:4]), shown(*both[4:])
