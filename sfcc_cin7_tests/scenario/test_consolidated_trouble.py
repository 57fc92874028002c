"""What goes wrong with a sale of many orders means what it would mean for a sale of one."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, select

from sfcc_cin7.db.schema import review_items
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.scenario.consolidating_lane import ConsolidatingLane, consolidating_day

UK = "alpenglow-uk"
BANK, UNKNOWN = "1200", "9999"
CARDS = dict.fromkeys(("CREDIT_CARD", "PayPal", "DW_APPLE_PAY"), BANK)


@pytest.fixture
def day(engine: Engine, clock: ManualClock) -> Iterator[ConsolidatingLane]:
    """A merchant who consolidates the orders of one site, whose rules all orders share."""
    with consolidating_day(engine, clock) as day:
        day.consolidate(UK)
        yield day


def book_payments(day: ConsolidatingLane, accounts: dict[str, str]) -> None:
    day.lane.model = day.lane.model.model_copy(
        update={
            "sites": [
                site.model_copy(update={"payment_accounts": accounts}) if site.id == UK else site
                for site in day.lane.model.sites
            ]
        }
    )


def orders_of_two_accounts(day: ConsolidatingLane) -> list[str]:
    """Orders of one window: the first is paid by card, the last partly by a gift certificate."""
    day.lane.order(UK)
    return day.window_of(2, "certificate-spent", UK)


def waits(day: ConsolidatingLane, subject: str) -> dict[str, Any]:
    """The open items of an order or a sale, by code."""
    query = select(review_items).where(
        review_items.c.subject == subject, review_items.c.closed_at.is_(None)
    )
    with day.lane.engine.connect() as connection:
        return {row.code: row for row in connection.execute(query)}


def test_a_payment_that_the_erp_refuses_on_a_consolidated_sale_waits_for_finance(
    day: ConsolidatingLane,
) -> None:
    book_payments(day, {**CARDS, "GIFT_CERTIFICATE": UNKNOWN})
    orders_of_two_accounts(day)
    day.lane.run()
    [batch] = day.batches()
    assert batch.state == "in_review"
    items = waits(day, batch.batch_key)
    assert {code: item.owner for code, item in items.items()} == {
        "payment-refused": day.lane.model.owners.finance
    }
