"""Reads the last 24 hours by the hour, each part by itself."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import SQLAlchemyError

from sfcc_cin7.db.daily import (
    calls_by_hour,
    orders_by_hour,
    sellable_skus,
    shipments_by_hour,
    stock_coverage,
    to_erp,
    to_erp_by_hour,
)
from sfcc_cin7.db.oversold import oversold_orders
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.operations.state.day import (
    Coverage,
    Day,
    Oversold,
    Series,
    Speed,
    Traffic,
    begin_of_plots,
)
from sfcc_cin7.operations.state.facts import Unknown
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.money import ZERO

T = TypeVar("T")
TENTH = Decimal("0.1")


def read_day(connection: Connection, model: OperatingModel, clock: Clock) -> Day:
    """The day up to now, by the database's clock.

    Raises:
        SQLAlchemyError: the database does not even tell the time.
    """
    with connection.begin():
        at: datetime = connection.execute(select(clock.sql_now)).scalar_one()
    since = begin_of_plots(at)

    def part(read: Callable[[], T]) -> T | Unknown:
        try:
            with connection.begin():
                return read()
        except SQLAlchemyError as error:
            return Unknown(f"This could not be read ({type(error).__name__}).")

    return Day(
        at=at,
        traffic=part(lambda: _traffic(connection, since)),
        speed=part(lambda: _speed(connection, model, since, at)),
        coverage=part(lambda: _coverage(connection)),
        oversold=part(lambda: _oversold(connection, model, at)),
        told=part(lambda: _series(shipments_by_hour(connection, since), "told")),
        calls=part(lambda: _series(calls_by_hour(connection, since), "calls")),
    )


def _traffic(connection: Connection, since: datetime) -> Traffic:
    rows = orders_by_hour(connection, since)
    return Traffic(came=_series(rows, "came"), went=_series(rows, "went"))


def _speed(connection: Connection, model: OperatingModel, since: datetime, at: datetime) -> Speed:
    local = at.astimezone(ZoneInfo(model.time_zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    slow = to_erp(connection, midnight)
    return Speed(
        today=None if slow is None else Decimal(str(slow)).quantize(TENTH),
        by_hour=_series(to_erp_by_hour(connection, since), "slow"),
    )


def _coverage(connection: Connection) -> Coverage:
    skus = sellable_skus(connection)
    published = sum(row.published for row in stock_coverage(connection))
    return Coverage(in_shop=skus.in_shop, in_both=skus.in_both, published=published)


def _oversold(connection: Connection, model: OperatingModel, at: datetime) -> Oversold:
    """By the rule of the check `nothing_oversold`."""
    days = model.stock.oversell_days
    lists = [(site, each.id) for each in model.inventory_lists for site in each.sites]
    rows = oversold_orders(connection, at - timedelta(days=days), lists)
    units = sum((row.short for row in rows), ZERO)
    return Oversold(units=units, orders=len({row.order_key for row in rows}), days=days)


def _series(rows: Iterable[Row[Any]], name: str) -> Series:
    return {row.hour: Decimal(str(getattr(row, name))) for row in rows}
