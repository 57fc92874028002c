"""Follows hints: SKUs that moved are read by themselves and published at once.

A hint comes from a webhook, from a document of the ERP, from an order that was just posted, or from
a rise that waits for its second reading. It is only a hint: everything is read regularly all the
same. Where more wait than may be read in a minute, those that are sold out soonest come first. What
a rule's clock changes is published in between, to the second (`by_clock`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from sfcc_cin7.db import levels
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.stock.deciding.priority import by_cover
from sfcc_cin7.stock.publishing.by_clock import clock_is_due, publish_by_clock
from sfcc_cin7.stock.publishing.outcome import Outcome
from sfcc_cin7.stock.publishing.publish import publish_stock
from sfcc_cin7.stock.reading.targeted import refresh_skus
from sfcc_cin7.stock.records import hints, trail
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.governor import KEEP_FREE, LIMIT
from sfcc_cin7.systems.cin7.wire import PAGE_SIZE
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import Clock

BETWEEN_LOOKS = 0.5
MOST_AT_ONCE = 8
"""SKUs that are read before what was found is published."""
SOONEST_AGAIN = timedelta(seconds=15)
"""How soon everything is read again when many SKUs moved."""
A_MINUTE = timedelta(minutes=1)
A_WEEK = timedelta(days=7)


@dataclass
class Followed:
    """What was done; `problems` are lists that could not be published."""

    skus: int = 0
    calls: int = 0
    changed: int = 0
    published: int = 0
    problems: int = 0


def next_skus(engine: Engine, model: OperatingModel, now: datetime) -> list[str]:
    """SKUs to read by themselves now: none when reading everything is due or costs less."""
    allowed = model.stock.targeted_calls
    if not allowed:
        return []
    with engine.begin() as connection:
        if levels.last_snapshot(connection, believed=True) is None:
            return []
        shown_after = model.stock.touched_seconds + model.stock.availability_age
        hints.hint_posted_orders(connection, now, timedelta(seconds=shown_after))
        hints.drop_unsold_hints(connection)
        left = allowed - hints.reads_since(connection, now - A_MINUTE)
        most = _most_waiting(connection, allowed)
        due = [row.sku for row in hints.due_hints(connection, now, most + 1)]
        if len(due) > most or left <= 0:
            return []
        if len(due) > left:
            locations = {name for each in model.inventory_lists for name in each.locations}
            available = levels.available(connection, locations, due)
            due = by_cover(due, available, trail.units_sold(connection, due, now - A_WEEK))
    return due[: min(left, MOST_AT_ONCE)]


def _most_waiting(connection: Connection, allowed: int) -> int:
    """How many SKUs may wait for a call each: with more, everything is read sooner than they are.

    Reading all pages takes as long as the call limit takes to allow them.
    """
    last = levels.last_snapshot(connection, believed=True)
    pages = last.rows / PAGE_SIZE if last else 0
    return int(allowed * max(1, pages / (LIMIT - KEEP_FREE["stock"])))


def full_reading_is_due(engine: Engine, model: OperatingModel, now: datetime) -> bool:
    """Whether it is time to read everything again, or more SKUs wait than can be read singly."""
    with engine.connect() as connection:
        last = levels.last_snapshot(connection)
        most = _most_waiting(connection, model.stock.targeted_calls)
        waiting = hints.due_hints(connection, now, most + 1)
    if last is None:
        return True
    age = now - last.started_at
    flooded = len(waiting) > most > 0 and age > SOONEST_AGAIN
    return bool(flooded) or age >= timedelta(seconds=model.stock.full_pass_seconds)


def follow_hints(
    engine: Engine,
    erp: Cin7Client,
    shop: SfccClient,
    model: OperatingModel,
    clock: Clock,
    *,
    done: Followed | None = None,
    longest: timedelta = A_MINUTE,
) -> Followed:
    """Read and publish what is due, until nothing is, or for as long as `longest`. It is added to
    `done` as it is done.

    Raises:
        ApiError: the ERP could not be read; the hints stay.
    """
    done, end = done or Followed(), clock.now() + longest
    while clock.now() < end:
        if clock_is_due(engine, model, clock.now()):
            _add(done, publish_by_clock(engine, shop, model, clock))
        skus = next_skus(engine, model, clock.now())
        if not skus:
            break
        _follow(engine, erp, shop, model, clock, skus, done)
    return done


def _follow(
    engine: Engine,
    erp: Cin7Client,
    shop: SfccClient,
    model: OperatingModel,
    clock: Clock,
    skus: list[str],
    done: Followed,
) -> None:
    refreshed = refresh_skus(engine, erp, model, clock, skus)
    outcome = publish_stock(engine, shop, model, clock, only=skus)
    until_agreed = model.stock.rise_seconds + model.stock.availability_age
    due = clock.now() + timedelta(seconds=until_agreed)
    with engine.begin() as connection:
        hints.hint_rises(connection, skus, due)
    done.skus += len(skus)
    done.calls += refreshed.calls
    done.changed += refreshed.changed
    _add(done, outcome)


def _add(done: Followed, outcome: Outcome) -> None:
    done.published += sum(len(row.moved) for row in outcome.lists)
    done.problems += sum(row.problem is not None for row in outcome.lists)
