"""Follows what changes in the ERP, more often while shipments are awaited.

It takes turns with the books at the one reader: whoever looked, both take what was read.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine

from sfcc_cin7.db import erp_documents
from sfcc_cin7.db.locks import Busy
from sfcc_cin7.fulfilment.reading.taking import FULFILMENT, Taken, take_shipments
from sfcc_cin7.fulfilment.records.awaited import is_awaited
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.systems.cin7 import changes
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.kinds import SALE
from sfcc_cin7.values.clock import Clock


@dataclass
class Followed:
    """What turns have come to: sales read, readings taken, orders with news."""

    read: int = 0
    taken: int = 0
    news: int = 0

    def add(self, read: int, taken: Taken) -> None:
        """One more turn."""
        self.read += read
        self.taken += taken.readings
        self.news += taken.news


def has_to_follow(engine: Engine, model: OperatingModel, clock: Clock) -> bool:
    """Whether it is time to look, something is to be read, or to be taken."""
    with engine.connect() as connection:
        if erp_documents.not_taken(connection, SALE.name, FULFILMENT, most=1):
            return True
        listed = erp_documents.listed_until(connection, SALE.name)
    soonest = timedelta(seconds=model.shipments.look_seconds)
    if listed is not None and clock.now() - listed < soonest:
        return changes.is_due(engine, SALE, clock)  # something may be unread
    return changes.is_due(engine, SALE, clock, look_every(engine, model, clock))


def follow_shipments(
    engine: Engine,
    erp: Cin7Client,
    model: OperatingModel,
    clock: Clock,
    done: Followed | None = None,
) -> Followed:
    """One turn of the reader, and take what it read; counted in `done`, if one is given.

    Raises:
        ApiError: the ERP does not answer; what was read so far is kept and taken.
    """
    done = done or Followed()
    read = 0
    try:
        every = look_every(engine, model, clock)
        read = changes.follow(engine, erp, SALE, *changes.ours(model), clock, every).read
    except Busy:
        pass  # the books read just now
    finally:
        done.add(read, take_shipments(engine, model, clock))
    return done


def look_every(engine: Engine, model: OperatingModel, clock: Clock) -> timedelta:
    """How often it is looked: in the rhythm of shipments while any is awaited."""
    telling = [site.id for site in model.sites if site.fulfilment.told_by != "nothing"]
    since = clock.now() - timedelta(days=model.shipments.awaited_days)
    with engine.connect() as connection:
        if telling and is_awaited(connection, telling, since):
            return timedelta(seconds=model.shipments.look_seconds)
    return changes.LOOK_EVERY
