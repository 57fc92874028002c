"""What the merchant decides for a site is what the ERP gets."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from sfcc_cin7.db.schema import order_events, orders, review_items
from sfcc_cin7.merchant.operating_model import CurrencyRatesPolicy, PersonalDataPolicy, ShopperCards
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.http.errors import Refused
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.scenario.order_lane import OrderLane, order_lane

UK, US = "alpenglow-uk", "alpenglow-us"


@pytest.fixture
def lane(engine: Engine, clock: ManualClock) -> Iterator[OrderLane]:
    with order_lane(engine, clock) as lane:
        yield lane


def decide(lane: OrderLane, site_id: str, **decisions: Any) -> None:
    sites = [
        site.model_copy(update=decisions) if site.id == site_id else site
        for site in lane.model.sites
    ]
    lane.model = lane.model.model_copy(update={"sites": sites})


def registered(lane: OrderLane) -> str:
    """The key of the next order by a shopper who has an account."""
    for _ in range(50):
        key = lane.order(UK)
        if lane.document(key)["customerInfo"].get("guest") is False:
            return key
    raise AssertionError("no registered shopper came")


def test_a_registered_shoppers_orders_are_booked_to_one_card_of_theirs(lane: OrderLane) -> None:
    cards = ShopperCards(
        payment_term="Paid online",
        account_receivable="610",
        revenue_account="200",
        tax_rule="20% (VAT on Income)",
    )
    decide(lane, UK, shopper_cards=cards)
    key = registered(lane)
    lane.run_until_quiet()
    [sale] = lane.sales(key)
    number = lane.document(key)["customerInfo"]["customerNo"]
    assert sale["Customer"] == f"alpenglow:{UK}:{number}"


def test_a_site_with_a_file_of_rates_books_at_the_rate_of_the_orders_day(
    lane: OrderLane, tmp_path: Path
) -> None:
    rates = tmp_path / "rates.csv"
    rates.write_text("date,currency,rate\n2025-12-31,USD,0.75\n2026-01-01,USD,0.76123\n")
    policy = CurrencyRatesPolicy(file=rates, max_age_days=3)
    decide(lane, US, currency_rates=policy)
    key = lane.order(US)
    lane.run()
    [sale] = lane.sales(key)
    assert str(lane._erp.sale(sale["ID"]).currency_rate) == "0.76123"


def test_a_file_of_rates_that_cannot_be_read_holds_up_its_site_alone(
    lane: OrderLane, tmp_path: Path
) -> None:
    rates = tmp_path / "rates.csv"
    decide(lane, US, currency_rates=CurrencyRatesPolicy(file=rates, max_age_days=3))
    waits, good = lane.order(US), lane.order(UK)
    lane.run()
    assert lane.states() == {waits: "received", good: "acknowledged"}
    rates.write_text("date,currency,rate\n2026-01-01,USD,0.74\n")
    lane.run_until_quiet()
    assert lane.states() == dict.fromkeys((waits, good), "acknowledged")


def test_what_is_personal_stays_in_the_storefront_where_the_merchant_wants_it(
    lane: OrderLane,
) -> None:
    decide(lane, UK, personal_data=PersonalDataPolicy(send=frozenset()))
    key = lane.order(UK)
    lane.run()
    address = lane.document(key)["shipments"][0]["shippingAddress"]
    [sale] = lane.sales(key)
    shown = lane._erp.sale(sale["ID"]).model_dump_json()
    for part in ("lastName", "address1", "postalCode", "phone"):
        if len(address.get(part) or "") > 3:
            assert address[part] not in shown
    assert lane.document(key)["customerInfo"]["email"] not in shown
    assert lane.states() == {key: "acknowledged"}


def test_what_the_erp_quotes_of_a_shopper_reaches_no_log_event_or_inbox(
    lane: OrderLane, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = lane.order(UK)
    address = lane.document(key)["shipments"][0]["shippingAddress"]

    def quote(*_args: Any, **_kwargs: Any) -> Any:
        words = f"Phone of {address['lastName']}, {address['address1']} is not valid"
        raise Refused("cin7", "POST /sale", 400, words)

    monkeypatch.setattr(Cin7Client, "create_sale", quote)
    lane.run()
    assert lane.review_codes(key) == {"erp-refused"}
    with lane.engine.connect() as connection:
        kept = [
            str(connection.execute(select(*table.c)).all())
            for table in (order_events, review_items)
        ]
        kept.append(str(connection.execute(select(orders.c.problem)).all()))
    for text in (*kept, caplog.text):
        assert address["lastName"] not in text
        assert address["address1"] not in text
