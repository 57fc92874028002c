"""Looks at the ERP's locations when a reading shows others than before, and regularly."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import Engine

from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.stock.records.places import looked_at, places, save_places
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.values.clock import Clock

EVERY = timedelta(hours=1)


def look_at_locations(
    engine: Engine, erp: Cin7Client, model: OperatingModel, clock: Clock, shown: Collection[str]
) -> bool:
    """Ask for the locations where it is time to, or where rows are `shown` of locations that nobody
    knows, or none of one that a list is fed by. Whether they were asked for.

    Raises:
        ApiError: the ERP could not be read.
    """
    with engine.connect() as connection:
        last = looked_at(connection)
        known = {place.name for place in places(connection) if place.is_listed}
    wanted = {name for each in model.inventory_lists for name in each.locations}
    as_before = known.issuperset(shown) and known >= wanted and wanted.issubset(shown)
    if last is not None and as_before and clock.now() - last < EVERY:
        return False
    _look(engine, erp, clock)
    return True


def look_at_new_locations(
    engine: Engine, erp: Cin7Client, clock: Clock, shown: Collection[str]
) -> bool:
    """The same where single SKUs were read: only rows of locations that are not known call for it.

    Raises:
        ApiError: the ERP could not be read.
    """
    with engine.connect() as connection:
        known = {place.name for place in places(connection) if place.is_listed}
    if not known or known.issuperset(shown):
        return False
    _look(engine, erp, clock)
    return True


def _look(engine: Engine, erp: Cin7Client, clock: Clock) -> None:
    names = {
        place.id: place.name
        for place in erp.locations()
        if place.parent_id is None and not place.deprecated
    }
    with engine.begin() as connection:
        save_places(connection, names, clock.now())
