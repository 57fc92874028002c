"""Orders leave the desk: looked at before they are sent, many at once, or declined for good."""

from decimal import Decimal
from typing import Any

from sqlalchemy import select

from sfcc_cin7.db.schema import breaks
from sfcc_cin7.ledger.passes.books import bring_up_to_date
from sfcc_cin7_tests.ledger.bookkeeping import refresh_sales
from sfcc_cin7_tests.orders.storefront import ADDRESS, Basket, Document, Item, Till
from sfcc_cin7_tests.scenario.review_desk import WHO, Desk, known_sku, unknown_sku

VAT = Decimal("0.2")
LONDON = {**ADDRESS, "countryCode": "GB", "stateCode": "", "postalCode": "N1 9GU"}


def place(desk: Desk, number: str, sku: str, **changes: Any) -> str:
    """A shopper of the British shop buys one of a SKU for 100.00; the order's key."""
    item = Item(sku, Decimal(1), Decimal("100.00"), VAT)
    basket = Basket("GBP", "gross", (item,), addresses={"me": LONDON})
    document: Document = Till(basket).order(number, site="alpenglow-uk")
    now = f"{desk.clock.now():%Y-%m-%dT%H:%M:%S.000Z}"
    dated = {"creationDate": now, "placeDate": now, "lastModified": now}
    desk.lane.sandbox.sfcc.place_raw(document | dated | changes)
    desk.clock.sleep(5)
    return f"alpenglow:alpenglow-uk:{number}"


def test_a_person_sees_the_sale_that_would_be_sent_before_it_is(desk: Desk):
    key, sku = unknown_sku(desk)
    shop = desk.lane.document(key)
    against = desk.ask("preview", order=key)
    assert f"The ERP has no product {sku}: create it there. (sku-unknown)" in against

    other = known_sku(desk, key)
    shown = desk.ask("preview", order=key, skus={sku: other})

    assert f" x {other} at " in shown
    assert f"total {shop['orderTotal']:.2f} GBP: what the shopper was charged." in shown
    assert "Cin7 has to answer" in shown
    where = shop["billingAddress"]
    personal = [where.get(name) for name in ("fullName", "address1", "postalCode", "phone")]
    assert [each for each in (*personal, shop["customerInfo"]["email"]) if each in shown] == []
    assert desk.lane.states()[key] == "in_review"
    assert desk.events(key, "corrected") == []


def test_a_sku_that_was_renamed_is_corrected_for_every_order_that_waits_for_it(desk: Desk):
    goods = known_sku(desk, desk.lane.order())
    old = [place(desk, f"old-{at}", "OLD-NAME") for at in range(3)]
    strange = place(desk, "strange", "NOBODY-KNOWS")
    desk.lane.run()

    said = desk.ask("correct", code="sku-unknown", skus={"OLD-NAME": goods})

    assert all(f"{key}: sku OLD-NAME -> {goods}." in said for key in old)
    assert f"{strange} was left alone: The order has no line of the SKU 'OLD-NAME'" in said
    desk.lane.run()
    assert {desk.lane.states()[key] for key in old} == {"acknowledged"}
    assert desk.lane.states()[strange] == "in_review"
    assert "Nothing was changed" in desk.ask("correct", code="no-code", skus={"A": "B"})
    assert "Name either one order" in desk.ask("correct", skus={"A": "B"})


def test_payments_that_nobody_can_tell_apart_are_left_to_finance(desk: Desk):
    goods = known_sku(desk, desk.lane.order())
    policy = desk.lane.model.site("alpenglow-uk")
    paid = policy.model_copy(update={"payment_accounts": {"CREDIT_CARD": "1200"}})
    others = [site for site in desk.lane.model.sites if site.id != paid.id]
    desk.lane.model = desk.lane.model.model_copy(update={"sites": [paid, *others]})
    cards = [{"paymentInstrumentId": f"c{at}", "paymentMethodId": "CREDIT_CARD"} for at in (1, 2)]
    key = place(desk, "two-cards", goods, paymentInstruments=cards)
    desk.lane.run()
    assert desk.lane.review_codes(key) == {"payment-amount-missing"}

    desk.ask("correct", order=key, accept=["payment-amount-missing"])
    desk.lane.run()

    [sale] = desk.lane.sales(key)
    assert (sale["Total"], sale["Payments"]) == (Decimal("100.00"), [])
    assert desk.lane.states()[key] == "acknowledged"


def test_an_order_with_goods_and_no_address_is_sent_to_be_looked_up(desk: Desk):
    goods = known_sku(desk, desk.lane.order())
    shipment = {"shipmentId": "me", "shipmentNo": "1"}
    key = place(desk, "nowhere", goods, billingAddress={}, shipments=[shipment])
    desk.lane.run()
    assert desk.lane.review_codes(key) == {"address-missing"}
    assert "no address of 'billing'" in desk.ask("correct", order=key, ship_to_address="billing")

    desk.ask("correct", order=key, ship_to_address="storefront")
    desk.lane.run()

    assert desk.lane.states()[key] == "acknowledged"
    sale = desk.lane._erp.sale(desk.lane.sales(key)[0]["ID"])
    where = sale.shipping_address.model_dump(by_alias=True)
    assert (where["Line1"], where["Country"]) == ("See storefront order nowhere", "GB")


def test_the_books_show_a_declined_order_until_it_is_booked_or_cancelled(desk: Desk):
    key, _ = unknown_sku(desk)
    assert desk.ask("decline", orders=[key]) == f"{key} is declined: it is not posted."
    assert desk.events(key, "declined") == [WHO]
    assert desk.lane.review_codes(key) == set()

    desk.lane.run_until_quiet()
    assert desk.lane.states()[key] == "declined"
    assert desk.lane.sales(key) == []
    assert missing(desk) == [key]

    _, site, number = key.split(":")
    desk.lane.sandbox.sfcc.staff.cancel(site, number, None)
    desk.clock.sleep(60)
    desk.lane.run_until_quiet()
    assert desk.lane.states()[key] == "cancelled"
    assert missing(desk) == []


def missing(desk: Desk) -> list[str]:
    """Orders that the books miss in the ERP."""
    desk.clock.sleep(60)
    reading = refresh_sales(desk.engine, desk.lane._erp, desk.lane.model, desk.clock)
    bring_up_to_date(desk.engine, desk.lane.model, desk.clock, complete=reading.complete)
    query = select(breaks.c.order_key).where(
        breaks.c.closed_at.is_(None), breaks.c["class"] == "missing-erp"
    )
    with desk.engine.connect() as connection:
        return list(connection.scalars(query))
