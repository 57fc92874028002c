"""A merchant who consolidates: the order lane, what it holds, and what people do to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select

from sfcc_cin7.db.schema import order_batches, orders
from sfcc_cin7.db.sku_map import replace_sku_map
from sfcc_cin7.merchant.operating_model import ConsolidationPolicy, NeutralAddress
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.scenario.order_lane import Crash, OrderLane, order_lane

US = "alpenglow-us"
ELSEWHERE = ConsolidationPolicy(
    ships_from="elsewhere",
    address=NeutralAddress(company="Parcels Ltd", line1="Dock 4", city="Reno", country="US"),
    window_minutes=5,
)
WINDOW = 5 * 60


class ConsolidatingLane:
    """The order lane of a merchant who consolidates, and what it holds."""

    def __init__(self, lane: OrderLane) -> None:
        self.lane = lane
        self.clock = lane.clock

    def consolidate(self, site_id: str = US, **changes: Any) -> None:
        policy = ELSEWHERE.model_copy(update=changes)
        sites = [
            site.model_copy(update={"consolidation": policy}) if site.id == site_id else site
            for site in self.lane.model.sites
        ]
        self.lane.model = self.lane.model.model_copy(update={"sites": sites})

    def window_of(self, count: int, shape: str = "plain", site: str = US) -> list[str]:
        """Orders that come within one window, at whose end they are due together."""
        keys = [self.lane.order(site, shape) for _ in range(count)]
        self.lane.run()
        self.clock.sleep(WINDOW)
        return keys

    def read_catalogue(self) -> None:
        """We know what the ERP sells."""
        products = self.lane.sandbox.cin7.truth()["products"]
        rows = [{"sku": each["SKU"], "in_shop": True, "in_erp": True} for each in products]
        with self.lane.engine.begin() as connection:
            replace_sku_map(connection, rows, self.clock.now())

    def edit(self, key: str, **fields: Any) -> None:
        """Customer service changes an order."""
        _, site, number = key.split(":")
        shop: Any = self.lane.sandbox.sfcc
        shop._book.update(site, number, **fields)
        self.clock.sleep(20)

    def rows(self) -> dict[str, Any]:
        with self.lane.engine.connect() as connection:
            return {row.order_key: row for row in connection.execute(select(orders))}

    def batches(self) -> list[Any]:
        with self.lane.engine.connect() as connection:
            return list(connection.execute(select(order_batches)))

    def standing(self) -> list[dict[str, Any]]:
        """Every sale that is not voided."""
        sales = self.lane.sandbox.cin7.sales_truth()
        return [sale for sale in sales if sale["Status"] != "VOIDED"]

    def document(self, key: str) -> dict[str, Any]:
        _, site, number = key.split(":")
        shown = self.lane.sandbox.sfcc.truth()["orders"]
        return next(o for o in shown if (o["siteId"], o["orderNo"]) == (site, number))

    def cancel(self, key: str) -> None:
        _, site, number = key.split(":")
        self.lane.sandbox.sfcc.cancel(site, number)
        self.clock.sleep(1)

    def money_of_standing_sales(self) -> Decimal:
        return sum((sale["Total"] for sale in self.standing()), Decimal(0))

    def assert_each_order_stands_once(self, keys: list[str]) -> None:
        """Every order is in exactly one live sale, and the sales hold nothing else."""
        rows = self.rows()
        assert {rows[key].state for key in keys} == {"acknowledged"}
        homes = {rows[key].batch_key or key for key in keys}
        standing = self.standing()
        assert sorted(sale["ExternalID"] for sale in standing) == sorted(homes)
        charged = sum((self.document(key)["orderTotal"] for key in keys), Decimal(0))
        assert self.money_of_standing_sales() == charged
        assert all(self.document(key)["exportStatus"] == "exported" for key in keys)


@contextmanager
def consolidating_day(engine: Engine, clock: ManualClock) -> Iterator[ConsolidatingLane]:
    with order_lane(engine, clock) as lane:
        consolidating = ConsolidatingLane(lane)
        consolidating.consolidate()
        yield consolidating


def crash_after(day: ConsolidatingLane, method: str) -> None:
    """The process dies right after one call to the ERP was answered."""
    original: Callable[..., Any] = getattr(day.lane._erp, method)

    def die(*args: Any, **kwargs: Any) -> Any:
        original(*args, **kwargs)
        raise Crash

    setattr(day.lane._erp, method, die)
    with pytest.raises(Crash):
        day.lane.run()
    delattr(day.lane._erp, method)
