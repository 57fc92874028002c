"""Follows hints: SKUs that moved are read by themselves and published at once.

A hint comes from a webhook, from an order that was just posted, or from a rise that waits for its
second reading. It is only a hint: everything is read regularly all the same. What a rule's clock
changes is published in between, to the second (`by_clock`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from sfcc_cin7.db.levels import last_snapshot
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.stock.publishing.by_clock import clock_is_due, publish_by_clock
from sfcc_cin7.stock.publishing.outcome import Outcome
from sfcc_cin7.stock.publishing.publish import publish_stock
from sfcc_cin7.stock.reading.targeted import refresh_skus
from sfcc_cin7.stock.records import hints
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import Clock

BETWEEN_LOOKS = 0.5
MOST_AT_ONCE = 8
"""SKUs that are read before what was found is published."""
SOONEST_AGAIN = timedelta(seconds=15)
"""How soon everything is read again when many SKUs moved."""
A_MINUTE = timedelta(minutes=1)


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
        if last_snapshot(connection, believed=True) is None:
            return []
        hints.hint_posted_orders(connection, now, timedelta(seconds=model.stock.touched_seconds))
        hints.drop_unsold_hints(connection)
        left = allowed - hints.reads_since(connection, now - A_MINUTE)
        due = hints.due_hints(connection, now, allowed + 1)
    if len(due) > allowed or left <= 0:
        return []
    return [row.sku for row in due[: min(left, MOST_AT_ONCE)]]


def full_reading_is_due(engine: Engine, model: OperatingModel, now: datetime) -> bool:
    """Whether it is time to read everything again, or more SKUs wait than can be read singly."""
    with engine.connect() as connection:
        last = last_snapshot(connection)
        waiting = hints.due_hints(connection, now, model.stock.targeted_calls + 1)
    if last is None:
        return True
    age = now - last.started_at
    flooded = len(waiting) > model.stock.targeted_calls > 0 and age > SOONEST_AGAIN
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
    due = clock.now() + timedelta(seconds=model.stock.rise_seconds)
    with engine.begin() as connection:
        hints.hint_rises(connection, skus, due)
    done.skus += len(skus)
    done.calls += refreshed.calls
    done.changed += refreshed.changed
    _add(done, outcome)


def _add(done: Followed, outcome: Outcome) -> None:
    done.published += sum(len(row.moved) for row in outcome.lists)
    done.problems += sum(row.problem is not None for row in outcome.lists)
