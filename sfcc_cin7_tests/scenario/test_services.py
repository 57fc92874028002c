"""Shoppers buy what is no goods, and the ERP says itself which products are services."""

from datetime import timedelta
from decimal import Decimal

import httpx

from sfcc_cin7_tests.orders.storefront import ADDRESS, Basket, Item, Till
from sfcc_cin7_tests.scenario.review_desk import Desk, known_sku

VAT = Decimal("0.2")
LONDON = {**ADDRESS, "countryCode": "GB", "stateCode": "", "postalCode": "N1 9GU"}


def place(desk: Desk, number: str, *items: Item) -> str:
    """A shopper of the British shop buys these; the order's key."""
    basket = Basket("GBP", "gross", items, addresses={"me": LONDON})
    placed = Till(basket).order(number, site="alpenglow-uk")
    now = f"{desk.clock.now():%Y-%m-%dT%H:%M:%S.000Z}"
    dated = {"creationDate": now, "placeDate": now, "lastModified": now}
    desk.lane.sandbox.sfcc.place_raw(placed | dated)
    desk.clock.sleep(5)
    return f"alpenglow:alpenglow-uk:{number}"


def create_service(desk: Desk, sku: str, name: str) -> None:
    body = {"sku": sku, "name": name, "service": True}
    httpx.post(f"{desk.lane.url}/_control/products", json=body).raise_for_status()


def test_a_warranty_sold_as_a_product_is_booked_as_the_service_that_the_erp_keeps(desk: Desk):
    create_service(desk, "EXTEND-24M", "Warranty, 24 months")
    desk.read_catalogues()
    boot = known_sku(desk, desk.lane.order())
    key = place(
        desk,
        "warranty",
        Item(boot, Decimal(1), Decimal("100.00"), VAT),
        Item("EXTEND-24M", Decimal(2), Decimal("29.00"), VAT),
    )
    desk.lane.run()

    [sale] = desk.lane.sales(key)
    [charge] = sale["AdditionalCharges"]
    assert [line["SKU"] for line in sale["Lines"]] == [boot]
    assert (charge["Description"], charge["Total"]) == ("Warranty, 24 months", Decimal("58.00"))
    assert (sale["Total"], sale["Tax"]) == (Decimal("158.00"), Decimal("26.34"))
    assert desk.lane.states()[key] == "acknowledged"
    assert desk.lane.verdict().clean


def test_a_service_that_the_erp_got_only_now_is_booked_once_its_catalogue_is_read(desk: Desk):
    key = place(desk, "donation", Item("DONATION", Decimal(1), Decimal("5.00"), VAT))
    desk.lane.run()
    assert desk.lane.review_codes(key) == {"sku-unknown"}

    create_service(desk, "DONATION", "Donation")
    desk.clock.sleep(timedelta(minutes=10).total_seconds())
    desk.read_catalogues()
    desk.look()
    desk.lane.run()

    [sale] = desk.lane.sales(key)
    assert (sale["Lines"], sale["Total"]) == ([], Decimal("5.00"))
