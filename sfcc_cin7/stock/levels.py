"""What a believed reading changes in the levels we hold (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sfcc_cin7.store.stock import Place


@dataclass(frozen=True)
class Level:
    """Units of one SKU in one location; `available` may be negative."""

    on_hand: Decimal = Decimal(0)
    allocated: Decimal = Decimal(0)
    available: Decimal = Decimal(0)


def changes(
    before: Mapping[Place, Any], read: Mapping[Place, Level], snapshot: int
) -> list[dict[str, Any]]:
    """Rows of `stock_levels` that differ from `before` (rows of that table).

    Zero rows come and go in the ERP's list, and rows have been missing for a moment: a level that
    does not appear becomes 0 at the second reading in a row without it.
    """
    changed = []
    for place, level in read.items():
        old = before.get(place)
        if old is None or old.missing_since is not None or _level(old) != level:
            changed.append(_row(place, level, snapshot, None))
    for place, old in before.items():
        if place in read:
            continue
        if old.missing_since is None:
            changed.append(_row(place, _level(old), snapshot, snapshot))
        elif _level(old) != Level():
            changed.append(_row(place, Level(), snapshot, old.missing_since))
    return changed


def _level(row: Any) -> Level:
    return Level(row.on_hand, row.allocated, row.available)


def _row(place: Place, level: Level, snapshot: int, missing_since: int | None) -> dict[str, Any]:
    sku, location = place
    return {
        "sku": sku,
        "location": location,
        **vars(level),
        "changed_in": snapshot,
        "missing_since": missing_since,
    }
