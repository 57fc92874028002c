"""Orders are cancelled, come back, and return from the dead; shipments are undone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import simplejson
from httpx import Client

from sfcc_cin7_sandbox.clock import ManualClock
from sfcc_cin7_sandbox.control.aftercare import AftercareSettings
from sfcc_cin7_sandbox.control.assembly import SandboxSettings
from sfcc_cin7_sandbox.control.server import build_app
from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.in_process import InProcess
from sfcc_cin7_tests.sandbox.erp_clerk import book

UK = "alpenglow-uk"
HOUR = timedelta(hours=1)


class Shop:
    """A sandbox whose time moves only when told to, and whose orders are booked by a clerk."""

    def __init__(self, sfcc: SfccSettings | None = None, **rates: float) -> None:
        self.clock = ManualClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
        settings = SandboxSettings(
            skus=150, aftercare=AftercareSettings(**rates), sfcc=sfcc or SfccSettings()
        )
        app = build_app(settings, self.clock)
        self.sandbox = app.sandbox
        self.client = Client(transport=InProcess(app), base_url="http://sandbox")

    def booked(self) -> str:
        """The ID of the sale of one order."""
        return book(self.client, self.sandbox.shoppers.place(UK, "plain"))

    def after(self, time: timedelta) -> None:
        self.clock.advance(time)
        self.sandbox.aftercare.round()

    def orders(self) -> list[dict[str, Any]]:
        return list(self.sandbox.sfcc.truth()["orders"])

    def sales(self) -> list[dict[str, Any]]:
        return list(self.sandbox.cin7.sales_truth())


def test_only_orders_of_which_nothing_is_picked_are_cancelled():
    shop = Shop(cancels_per_hour=10)
    picked = shop.booked()
    shop.sandbox.cin7.pick(picked)
    shop.booked()
    shop.after(HOUR)
    assert [order["status"] for order in shop.orders()] == ["new", "cancelled"]
    assert shop.sandbox.aftercare.done["cancelled"] == 1


def test_a_cancelled_line_is_noted_and_the_order_stays_as_it_is():
    shop = Shop(line_cancels_per_hour=1)
    shop.booked()
    (before,) = shop.orders()
    shop.after(HOUR)
    (order,) = shop.orders()
    (noted,) = simplejson.loads(order["c_cancelledItems"])
    assert noted["sku"] in [line["productId"] for line in order["productItems"]]
    assert order["orderTotal"] == before["orderTotal"]
    shop.after(HOUR)
    assert shop.sandbox.aftercare.done["lines_cancelled"] == 1


def test_the_provider_brings_a_cancelled_order_back_ready_for_export():
    shop = Shop(uncancels_per_hour=1)
    shop.booked()
    (order,) = shop.orders()
    shop.sandbox.sfcc.staff.set_export_status(UK, order["orderNo"], "exported")
    shop.sandbox.sfcc.provider.fail_capture(UK, order["orderNo"])
    (order,) = shop.orders()
    assert (order["status"], order["paymentStatus"]) == ("cancelled", "not_paid")
    shop.after(HOUR)
    (order,) = shop.orders()
    assert (order["status"], order["exportStatus"]) == ("new", "ready")
    assert (order["paymentStatus"], order["confirmationStatus"]) == ("paid", "confirmed")


def test_a_shopper_sends_a_line_back_and_has_the_money_for_it():
    shop = Shop(returns_per_hour=1)
    sale = shop.booked()
    shop.after(HOUR)
    assert shop.sandbox.aftercare.done["returned"] == 0, "nothing was shipped"
    shop.sandbox.cin7.ship(sale)
    shop.after(HOUR)
    (after,) = shop.sales()
    (note,) = after["CreditNotes"]
    paid_back = [each for each in shop.sandbox.gateways._waiting if each.kind == "refund"]
    assert -sum(each.gross for each in paid_back) in (note["Total"], 0)
    assert shop.sandbox.aftercare.done["returned"] == 1


def test_a_shipment_is_undone():
    shop = Shop(undone_per_hour=1)
    shop.sandbox.cin7.ship(shop.booked())
    shop.after(HOUR)
    (sale,) = shop.sales()
    assert (sale["Shipped"], sale["Furthest"]) == ("none", "all")


def test_money_is_taken_when_the_storefront_says_that_the_order_is_shipped():
    shop = Shop(SfccSettings(capture="at-shipping"))
    shop.booked()
    (order,) = shop.orders()
    assert order["paymentStatus"] == "not_paid"
    shop.after(HOUR)
    assert shop.sandbox.aftercare.done["captured"] == 0
    shop.sandbox.sfcc._book.update(UK, order["orderNo"], shippingStatus="shipped")
    shop.after(HOUR)
    (order,) = shop.orders()
    assert (order["paymentStatus"], order["captured"]) == ("paid", order["lastModified"])
    shop.after(HOUR)
    assert shop.sandbox.aftercare.done["captured"] == 1


def test_a_rate_below_nothing_is_refused():
    with pytest.raises(ValueError, match="returns_per_hour must not be below 0"):
        AftercareSettings(returns_per_hour=-1)
