"""Customer service asks for refunds at the storefront: finance is told which credit note to book
until the ERP has it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select

from sfcc_cin7.db.schema import has_refunds_open, orders, review_items
from sfcc_cin7.fulfilment.reading.refunds_asked import look_for_refunds
from sfcc_cin7.fulfilment.records.shipments import subject_of
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_tests.fulfilment.house import Shipping, shipping
from sfcc_cin7_tests.ledger.erp_returns import credit, invoice

ATTRIBUTE = "c_refundRequests"


@pytest.fixture(params=["Simple", "Advanced"])
def house(request: pytest.FixtureRequest, engine: Engine, clock: ManualClock) -> Iterator[Shipping]:
    settings = Cin7Settings(default_sale_type=request.param)
    with shipping(engine, clock, cin7=settings) as house:
        house.told_by("nothing", refunds_asked_attribute=ATTRIBUTE)
        yield house


def ask(house: Shipping, key: str, *refunds: dict[str, Any], text: str | None = None) -> None:
    """Customer service types it in, and the lanes hear of it."""
    _, site, number = key.split(":")
    text = decimal_json.dumps(list(refunds)) if text is None else text
    house.lane.sandbox.sfcc.staff.set_attributes(site, number, {ATTRIBUTE: text})
    house.clock.sleep(house.lane.model.posting.changes_seconds + 1)
    house.lane.run_until_quiet()
    look(house)


def look(house: Shipping) -> int:
    house.follow()
    return look_for_refunds(house.engine, house.lane.model, house.clock)


def item(house: Shipping, key: str, code: str) -> Any:
    query = select(review_items).where(
        review_items.c.subject == subject_of(key),
        review_items.c.code == code,
        review_items.c.closed_at.is_(None),
    )
    with house.engine.connect() as connection:
        return connection.execute(query).one()


def whole(sale: dict[str, Any], id: str = "R1") -> dict[str, Any]:
    """All that the sale holds is asked for."""
    units: dict[str, Decimal] = {}
    for line in sale["Lines"]:
        units[line["SKU"]] = units.get(line["SKU"], Decimal(0)) + line["Quantity"]
    lines = [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]
    return {"id": id, "lines": lines, "freight": True, "restock": sale["Location"]}


def test_a_refund_waits_for_its_invoice_and_is_open_until_the_credit_note_is_there(
    house: Shipping,
) -> None:
    key, sale = house.posted()
    ask(house, key, whole(sale))
    waits = item(house, key, "refund-asked")
    assert "no invoice yet" in waits.sentence
    number = invoice(house, sale["ID"])
    look(house)
    told = item(house, key, "refund-asked")
    assert told.opened_at == waits.opened_at, "its age counts from when it was asked for"
    assert number in told.sentence
    assert f"restock at {sale['Location']}" in told.sentence
    house.clock.sleep(60)
    amount = credit(house, sale["ID"], number, memo="Refund R1")
    assert told.amount == amount
    assert look(house) == 0
    assert house.found(key) == set()
    with house.engine.connect() as connection:
        assert not list(connection.scalars(select(orders.c.order_key).where(has_refunds_open)))
    assert house.lane.states() == {key: "acknowledged"}
    assert [each["ID"] for each in house.lane.sales(key)] == [sale["ID"]]


def test_another_credit_note_of_the_same_money_does_not_settle_it(house: Shipping) -> None:
    key, sale = house.posted()
    number = invoice(house, sale["ID"])
    house.clock.sleep(60)
    credit(house, sale["ID"], number, memo="Goodwill")
    ask(house, key, whole(sale))
    assert house.found(key) == {"refund-unclear"}


def test_what_cannot_be_read_is_a_persons_and_goes_when_it_is_taken_out(house: Shipping) -> None:
    key, _ = house.posted()
    ask(house, key, text="please refund Mrs Smith")
    assert "no JSON" in item(house, key, "refund-unclear").sentence
    ask(house, key, text="")
    assert house.found(key) == set()


def test_where_nobody_asks_nothing_is_kept(engine: Engine, clock: ManualClock) -> None:
    with shipping(engine, clock) as house:
        key, sale = house.posted()
        ask(house, key, whole(sale))
        with engine.connect() as connection:
            assert connection.scalars(select(orders.c.refunds_asked)).all() == [None]
        assert house.found(key) == set()
