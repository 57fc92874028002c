"""Goods that come back: both systems' books come to rest, or the side that did nothing is named."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from sfcc_cin7.db.schema import captured_payments
from sfcc_cin7.ledger.passes.margins import update_margins
from sfcc_cin7.ledger.records.margins import sums
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.ledger.erp_returns import credit, invoice
from sfcc_cin7_tests.ledger.merchant_house import DESK, FINANCE, House, house

A_DAY = 86_400


class Return:
    """An order that was paid, shipped, billed and settled; some of it comes back."""

    def __init__(self, merchant: House) -> None:
        self.house = merchant
        self.key = merchant.paid_through("stripe", shape="several-units")
        merchant.clock.sleep(5)
        merchant.lane.run_until_quiet(100)
        merchant.clock.sleep(60)
        self.sale_id = merchant.sale(self.key)["ID"]
        merchant.sandbox.cin7.ship(self.sale_id)
        self.number = invoice(merchant, self.sale_id)
        self.paid = merchant.payment(self.key)
        merchant.settle()

    def credited(self, units: int | None = None) -> Decimal:
        """The ERP credits so many units of its goods, or everything; the amount."""
        self.house.clock.sleep(60)
        sku = self.house.sale(self.key)["Lines"][0]["SKU"] if units else None
        return credit(self.house, self.sale_id, self.number, sku=sku, units=units)

    def refunded(self, amount: Decimal) -> None:
        """The shopper gets the money back: the storefront asked the gateway, which settles it."""
        self.house.gateways.refund(self.paid, amount)
        self.house.settle()

    def disputed(self) -> None:
        """The shopper's bank takes all of it back."""
        self.house.gateways.chargeback(self.paid)
        self.house.settle()

    def cancelled(self) -> None:
        """Somebody cancels it in the storefront, although it has shipped."""
        _, site, number = self.key.split(":")
        self.house.sandbox.sfcc.cancel(site, number)
        self.house.clock.sleep(60)
        self.house.lane.run_until_quiet()

    def breaks(self, after_days: float = 0) -> list[tuple[str, str, str, str | None]]:
        """What a pass finds about this order (class, leg, owner, cause)."""
        self.house.clock.sleep(60 + after_days * A_DAY)
        self.house.pass_()
        return [
            (one.kind, one.leg, one.owner, one.cause)
            for one in self.house.seen()
            if one.subject == self.key
        ]


@pytest.fixture
def returned(engine: Engine, clock: ManualClock, tmp_path: Path) -> Iterator[Return]:
    with house(engine, clock, tmp_path) as merchant:
        yield Return(merchant)


@pytest.mark.parametrize("units", [1, None])
def test_a_return_that_both_sides_booked_comes_to_rest_without_a_break(
    returned: Return, units: int | None
) -> None:
    assert returned.breaks() == []
    returned.refunded(returned.credited(units))
    assert returned.breaks() == []
    assert returned.breaks(after_days=30) == []


def test_credited_in_the_erp_and_never_given_back_is_a_missing_payout_once_it_is_late(
    returned: Return,
) -> None:
    amount = returned.credited(units=1)
    assert returned.breaks() == []  # a refund takes its days
    assert returned.breaks(after_days=5) == [("missing-payout", "gateway", FINANCE, "refund")]
    returned.refunded(amount)
    assert returned.breaks() == []


def test_given_back_and_not_credited_in_the_erp_is_an_amount_that_is_not_in_its_books(
    returned: Return,
) -> None:
    returned.refunded(Decimal("5.00"))
    assert returned.breaks() == [("amount", "gateway", FINANCE, "refund")]


def test_given_back_first_the_break_closes_itself_with_the_credit_note(returned: Return) -> None:
    returned.refunded(returned.paid.gross)
    assert [kind for kind, *_ in returned.breaks()] == ["amount"]
    assert returned.credited() == returned.paid.gross
    assert returned.breaks() == []


def test_given_back_more_than_is_credited_is_told_until_the_rest_is_credited_too(
    returned: Return,
) -> None:
    first = returned.credited(units=1)
    returned.refunded(first + Decimal("0.01"))
    assert [kind for kind, *_ in returned.breaks()] == ["amount"]


def test_a_return_takes_its_revenue_and_its_cost_out_of_the_margin(returned: Return) -> None:
    returned.house.pass_()
    update_margins(returned.house.engine, returned.house.model)
    returned.refunded(returned.credited())
    returned.breaks()
    update_margins(returned.house.engine, returned.house.model)
    with returned.house.engine.connect() as connection:
        rows = sums(connection, ["currency", "basis"], "2026-01-01", "2026-12-31")
    assert [(row.basis, row.revenue, row.cost) for row in rows if row.basis == "shipped"] == [
        ("shipped", 0, 0)
    ]


def test_a_refund_of_what_was_bought_long_ago_has_its_days_too(returned: Return) -> None:
    assert returned.breaks(after_days=30) == []
    amount = returned.credited(units=1)
    assert returned.breaks() == []
    assert [kind for kind, *_ in returned.breaks(after_days=5)] == ["missing-payout"]
    returned.house.sandbox.cin7.comment_sale(returned.sale_id, "the bank was asked")
    assert [kind for kind, *_ in returned.breaks()] == ["missing-payout"]
    returned.refunded(amount)
    assert returned.breaks() == []


def test_a_dispute_that_was_lost_is_told_until_it_is_credited_and_asks_for_no_refund_besides(
    returned: Return,
) -> None:
    returned.disputed()
    assert returned.breaks() == [("state", "gateway", DESK, "chargeback")]
    returned.credited()
    assert returned.breaks() == []
    assert returned.breaks(after_days=30) == []


def test_a_cancelled_order_that_was_refunded_and_disputed_gave_its_money_back_twice(
    returned: Return,
) -> None:
    returned.cancelled()
    returned.credited()
    returned.refunded(returned.paid.gross)
    assert returned.breaks() == []
    returned.disputed()
    assert returned.breaks() == [("state", "gateway", DESK, "chargeback")]


def test_the_gateways_fee_of_a_cancelled_order_is_held_against_what_was_agreed_too(
    returned: Return,
) -> None:
    returned.cancelled()
    returned.credited()
    returned.refunded(returned.paid.gross)
    assert returned.breaks() == []
    returned.house.gateways.adjust(returned.paid, Decimal(0), Decimal(9))
    returned.house.settle()
    assert [kind for kind, *_ in returned.breaks()] == ["fee"]


def test_shipped_and_then_cancelled_is_a_break_of_state_until_its_return_is_credited(
    returned: Return,
) -> None:
    returned.cancelled()
    assert returned.breaks() == [("state", "erp", DESK, None)]
    returned.refunded(returned.paid.gross)
    returned.credited()
    assert returned.breaks() == []


def test_a_refund_of_a_payment_whose_amount_the_storefront_does_not_know_is_told(
    returned: Return,
) -> None:
    assert returned.breaks() == []
    with returned.house.engine.begin() as connection:
        connection.execute(update(captured_payments).values(amount=None))
    returned.refunded(returned.paid.gross)
    assert returned.breaks() == [("amount", "gateway", FINANCE, "refund")]
