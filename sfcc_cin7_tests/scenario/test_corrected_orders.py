"""An order that a person corrected is booked as corrected, and proved like any other."""

from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from sfcc_cin7.db.schema import breaks, order_corrections, order_units, postings
from sfcc_cin7.ledger.passes.books import bring_up_to_date
from sfcc_cin7_tests.ledger.bookkeeping import refresh_sales
from sfcc_cin7_tests.orders.storefront import ADDRESS, Basket, Item, Till
from sfcc_cin7_tests.scenario.review_desk import WHO, Desk, known_sku, unknown_sku

UNKNOWN, PEGS, PEGS_TAX = "PEG-NOBODY-KNOWS", Decimal("349.97"), Decimal("58.32")
PEGS_OVER = Decimal("0.07")
"""350.00 less 0.03 for 1,000 pegs, with a tax of 58.33 less 0.01: 0.3499 each, and what is over."""


def pegs_of_an_unknown_sku(desk: Desk) -> str:
    """A thousand pegs with three pence off, which the ERP does not know; the order's key."""
    pegs = Item(UNKNOWN, Decimal(1000), Decimal("0.35"), Decimal("0.2"), discount=Decimal("0.03"))
    british = {"me": {**ADDRESS, "countryCode": "GB", "stateCode": "", "postalCode": "N1 9GU"}}
    basket = Basket("GBP", "gross", (pegs,), addresses=british)
    placed = Till(basket).order("pegs", site="alpenglow-uk")
    now = f"{desk.clock.now():%Y-%m-%dT%H:%M:%S.000Z}"
    dated = {"creationDate": now, "placeDate": now, "lastModified": now}
    desk.lane.sandbox.sfcc.place_raw(placed | dated)
    desk.clock.sleep(5)
    return "alpenglow:alpenglow-uk:pegs"


def reconcile(desk: Desk) -> None:
    """Read what the ERP touched, and bring the books up to date."""
    desk.clock.sleep(60)
    reading = refresh_sales(desk.engine, desk.lane._erp, desk.lane.model, desk.clock)
    bring_up_to_date(desk.engine, desk.lane.model, desk.clock, complete=reading.complete)


def test_a_corrected_order_is_posted_under_its_other_sku_with_the_same_proof(desk: Desk):
    key, sku = unknown_sku(desk)
    other = known_sku(desk, key)
    said = desk.ask("correct", order=key, skus={sku: other})
    assert "goes back to be posted" in said
    [event] = desk.events(key, "corrected")
    assert event == {**WHO, "corrections": [f"sku {sku} -> {other}"]}

    desk.lane.run()
    assert desk.lane.states()[key] == "acknowledged"
    [sale] = desk.lane.sales(key)
    shop = desk.lane.document(key)
    assert (sale["Total"], sale["Tax"]) == (shop["orderTotal"], shop["taxTotal"])
    assert other in {line["SKU"] for line in sale["Lines"]}
    assert desk.lane.review_codes(key) == set()


def test_stock_takes_a_corrected_order_from_the_sku_that_it_is_booked_under(desk: Desk):
    key, sku = unknown_sku(desk)
    other = known_sku(desk, key)
    desk.ask("correct", order=key, skus={sku: other})
    desk.lane.run()

    [sale] = desk.lane.sales(key)
    with desk.engine.connect() as connection:
        query = select(order_units).where(order_units.c.order_key == key)
        units = {row.sku: row for row in connection.execute(query)}
    taken = {name: row.booked for name, row in units.items() if row.booked}
    assert taken == {line["SKU"]: line["Quantity"] for line in sale["Lines"]}
    assert (units[sku].units, units[sku].booked) == (units[other].booked, 0)


def test_a_corrected_order_whose_price_no_unit_price_hits_is_booked_with_its_rounding_line(
    desk: Desk,
):
    key = pegs_of_an_unknown_sku(desk)
    desk.lane.run()
    assert desk.lane.review_codes(key) == {"sku-unknown"}
    other = known_sku(desk, key)
    httpx.post(
        f"{desk.lane.url}/_control/stock",
        json={"sku": other, "location": "London DC", "receive": 1000},
    ).raise_for_status()
    desk.ask("correct", order=key, skus={UNKNOWN: other})
    desk.lane.run()
    assert desk.lane.states()[key] == "acknowledged"
    [sale] = desk.lane.sales(key)
    [rounding] = [one for one in sale["AdditionalCharges"] if one["Description"] == "Rounding"]
    assert (sale["Lines"][0]["SKU"], rounding["Total"], rounding["Tax"]) == (other, PEGS_OVER, 0)
    assert (sale["Total"], sale["Tax"]) == (PEGS, PEGS_TAX)

    reconcile(desk)
    with desk.engine.connect() as connection:
        found = connection.execute(select(breaks.c["class"]).where(breaks.c.leg == "erp")).all()
        posted = select(func.sum(postings.c.amount)).where(postings.c.account == "rounding")
        assert (found, connection.scalar(posted)) == ([], -PEGS_OVER)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"skus": {"NO-SUCH-LINE": "X"}}, "The order has no line of the SKU 'NO-SUCH-LINE'"),
        ({"skus": {"*": "NOT-IN-THE-ERP"}}, "The ERP has no product NOT-IN-THE-ERP"),
        ({"tax_rules": {"twenty": "X"}}, "'twenty' is no rate: write a percentage"),
        ({"tax_rules": {"19": "X"}}, "Nothing in the order is taxed at 19 %"),
        ({"tax_rules": {"20": "Zero Rated Income"}}, "is 0 %, but the storefront charged 20 %"),
        ({"ship_to_country": "Britain"}, "'Britain' is no country code"),
        ({"ship_to_country": "FR"}, "maps no tax rule to 20 % in FR"),
        ({"rounding_charge": "1000000"}, "is no rounding that can be accepted"),
        ({"rounding_charge": "0.01"}, "changes nothing about the order"),
        ({}, "Say what to correct"),
        ({"skus": {"*": "*"}, "by": " "}, "Say who you are"),
        ({"skus": {"*": "*"}, "because": ""}, "Say why"),
        ({"order": "alpenglow:alpenglow-uk:none", "ship_to_country": "GB"}, "There is no order"),
    ],
)
def test_a_wrong_correction_is_refused_with_a_sentence_and_changes_nothing(
    desk: Desk, wrong: dict[str, Any], sentence: str
):
    key, sku = unknown_sku(desk)
    if "skus" in wrong:
        wrong = {**wrong, "skus": {k.replace("*", sku): v for k, v in wrong["skus"].items()}}
    assert sentence in desk.ask("correct", **{"order": key, **wrong})
    assert desk.lane.states()[key] == "in_review"
    assert desk.lane.review_codes(key) == {"sku-unknown"}
    assert desk.events(key, "corrected") == []
    with desk.engine.connect() as connection:
        assert connection.execute(select(order_corrections)).all() == []


def test_a_correction_that_the_erp_refused_is_corrected_once_more(desk: Desk):
    key, sku = unknown_sku(desk)
    other = known_sku(desk, key)
    desk.lane.sandbox.cin7.set_product_status(other, "Setup required")
    desk.ask("correct", order=key, skus={sku: other})
    desk.lane.run()
    assert desk.lane.review_codes(key) == {"erp-refused"}
    third = next(
        product.sku
        for product in desk.lane._erp.products()
        if product.type == "Stock" and product.status == "Active" and product.sku != other
    )
    assert "goes back to be posted" in desk.ask("correct", order=key, skus={sku: third})
    desk.lane.run()
    [sale] = desk.lane.sales(key)
    assert third in {line["SKU"] for line in sale["Lines"]}
    assert sale["Total"] == desk.lane.document(key)["orderTotal"]


def test_nobody_changes_a_correction_afterwards(desk: Desk):
    key, sku = unknown_sku(desk)
    desk.ask("correct", order=key, skus={sku: known_sku(desk, key)})
    for change in (update(order_corrections).values(value="X"), delete(order_corrections)):
        with pytest.raises(DBAPIError, match="append-only"), desk.engine.begin() as connection:
            connection.execute(change)


def test_an_order_that_is_posted_is_corrected_in_the_erp_and_not_here(desk: Desk):
    key = desk.lane.order()
    desk.lane.run()
    assert "only what is in review is corrected" in desk.ask(
        "correct", order=key, ship_to_country="GB"
    )
