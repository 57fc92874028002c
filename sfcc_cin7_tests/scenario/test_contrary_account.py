"""Orders on an account that does the opposite of what is believed, as far as a profile goes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.project import SANDBOX_MODEL
from sfcc_cin7_tests.scenario.accounts import Account, contrary_account
from sfcc_cin7_tests.scenario.order_lane import OrderLane, order_lane

SITES = ("alpenglow-uk", "alpenglow-us", "alpenglow-jp")
WAITING = 30
"""Seconds that the contrary storefront's list and the ERP's take to show what is new."""


@pytest.fixture
def contrary(engine: Engine, clock: ManualClock, as_sent: Account) -> Iterator[OrderLane]:
    with order_lane(engine, clock, **as_sent.settings) as lane:
        yield lane


def place(lane: OrderLane, shape: str = "plain") -> list[str]:
    """An order in each shop, once the lists show them."""
    keys = [lane.order(site, shape) for site in SITES]
    lane.clock.sleep(WAITING)
    return keys


@pytest.mark.parametrize("shape", ["plain", "several-lines", "order-discount", "same-sku-twice"])
def test_orders_are_booked_to_the_cent(contrary: OrderLane, shape: str) -> None:
    keys = place(contrary, shape)
    contrary.run_until_quiet()

    assert contrary.states() == dict.fromkeys(keys, "acknowledged")
    assert all(len(contrary.sales(key)) == 1 for key in keys)
    assert contrary.verdict().clean


def test_payments_are_booked_before_the_order_is_authorised(contrary: OrderLane) -> None:
    key = contrary.order("alpenglow-us")
    contrary.clock.sleep(WAITING)
    contrary.run_until_quiet()

    assert contrary.states() == {key: "acknowledged"}
    events = contrary.events(key)
    assert events.index("paid") < events.index("authorised")
    [sale] = contrary.sales(key)
    assert sum(payment["Amount"] for payment in sale["Payments"]) == sale["Total"]


def test_a_lost_answer_neither_loses_nor_doubles_an_order(contrary: OrderLane) -> None:
    contrary.sandbox.faults.rates = {"cin7.timeout_after_commit": 0.5}
    keys = place(contrary)
    for _ in range(4):
        contrary.run()
        contrary.clock.sleep(300)
    contrary.sandbox.faults.rates = {}
    contrary.run_until_quiet()

    assert contrary.states() == dict.fromkeys(keys, "acknowledged")
    assert all(len(contrary.sales(key)) == 1 for key in keys)


def test_without_the_profile_orders_of_that_account_are_not_even_taken(
    engine: Engine, clock: ManualClock, as_sent: Account
) -> None:
    """The default gate waits for a `ready` that this shop never sets."""
    with order_lane(engine, clock, **as_sent.settings | {"model": SANDBOX_MODEL}) as lane:
        place(lane)
        lane.run()
        assert lane.states() == {}


def test_tax_that_this_account_computes_otherwise_waits_in_review(
    engine: Engine, clock: ManualClock, tmp_path: Path
) -> None:
    """The one contrary behaviour that the product has no other answer to."""
    with order_lane(engine, clock, **contrary_account(tmp_path).settings) as lane:
        for _ in range(3):
            place(lane, "order-discount")
        lane.run_until_quiet()
        states = lane.states()
        for key, state in states.items():
            assert state == "acknowledged" or lane.review_codes(key)
            assert len(lane.sales(key)) == (1 if state == "acknowledged" else 0)
        assert "in_review" in states.values()


def test_the_profile_decides_every_switch_of_the_product(as_sent: Account) -> None:
    model = load_operating_model(as_sent.settings["model"])

    for site in model.sites:
        assert (site.line_total, site.prepayment, site.export_gate) == (
            "with-tax",
            "before-authorisation",
            "not_exported",
        )
    assert model.stock.settle_seconds == 120
    assert model.calls.limit_scope == "key"
