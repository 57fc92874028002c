"""Where an order goes: to its goods' own address, and to no street that nobody gave."""

from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.translation.sale import Sale
from sfcc_cin7.orders.translation.sale_documents import header
from sfcc_cin7.orders.translation.translate import Accepted, translate
from sfcc_cin7_tests.depth import EXAMPLES
from sfcc_cin7_tests.orders.merchants import accepted, codes, site
from sfcc_cin7_tests.orders.storefront import ADDRESS, Document, Freight, Item, order
from sfcc_cin7_tests.orders.translating import TEXAS, basket

SEE = "See storefront order 00000410"
STORE = {
    "firstName": "Store",
    "lastName": "Downtown",
    "companyName": "Downtown Store",
    "address1": "5 Mall",
    "city": "Dallas",
    "postalCode": "75201",
    "stateCode": "TX",
    "countryCode": "US",
}
WALLET = {"firstName": "Pat", "countryCode": "US", "stateCode": "NY", "postalCode": "10001"}
BOOT = Item("BOOT-9", D(1), D("100.00"), TEXAS)
EBOOK = Item("EBOOK", D(1), D("19.00"), D(0))
SERVICES = {"EBOOK": "E-books", "EXTEND-24M": "Warranty"}


def placed(*items: Item, billing: Document, addresses: dict[str, Any], **more: Any) -> Document:
    """An order with these shipments; one whose address is None states none."""
    document = order(basket(*items, shipments=tuple(addresses), **more))
    document["billingAddress"] = billing
    for shipment in document["shipments"]:
        stated = addresses[shipment["shipmentId"]]
        shipment["shippingAddress"] = stated
        if stated is None:
            del shipment["shippingAddress"]
    return document


def booked(document: Document, **policy: Any) -> Sale:
    result = translate(parse_order(document), site(**policy), "brand", services=SERVICES)
    assert isinstance(result, Accepted), result
    assert result.sale.total == document["orderTotal"]
    return result.sale


def in_s2(item: Item) -> Item:
    return Item(item.sku, item.quantity, item.unit, item.rate, shipment="s2")


def test_an_empty_default_shipment_that_kept_the_stores_address_takes_no_goods() -> None:
    of = placed(
        in_s2(BOOT),
        billing=ADDRESS,
        addresses={"me": STORE, "s2": ADDRESS},
        freight=(Freight(D("5.00"), TEXAS, shipment="s2"),),
    )

    sale = booked(of)

    assert (sale.shipping.line1, sale.shipping.name) == ("1 Market Street", "Ada Example")
    assert sale.shipping_notes == "Ship by Ground"
    assert booked(of, several_shipments="review").shipping == sale.shipping


def test_freight_that_stayed_on_the_empty_default_shipment_is_taxed_where_the_goods_go() -> None:
    of = placed(
        in_s2(BOOT),
        billing=ADDRESS | {"countryCode": "CA"},
        addresses={"me": None, "s2": ADDRESS},
        freight=(Freight(D("5.00"), TEXAS, shipment="me"),),
    )

    sale = booked(of)

    assert [each.tax_rule for each in sale.lines] == ["Rule 0.0825"]
    assert [each.tax_rule for each in sale.charges] == ["Rule 0.0825"]


def test_a_download_paid_with_a_wallet_that_gives_no_street_is_booked_with_what_is_known() -> None:
    sale = booked(placed(EBOOK, billing=WALLET, addresses={"me": None}))

    for where in (sale.billing, sale.shipping):
        shown = (where.name, where.line1, where.city, where.state, where.postcode, where.country)
        assert shown == ("Pat", SEE, "", "NY", "10001", "US")
    assert header(sale)["BillingAddress"] == {
        "Line1": SEE,
        "Line2": "",
        "City": "",
        "State": "NY",
        "Postcode": "10001",
        "Country": "US",
    }


def test_an_order_of_nothing_but_services_needs_no_address_at_all() -> None:
    sale = booked(placed(EBOOK, billing={}, addresses={"me": None}))

    assert (sale.billing.line1, sale.billing.country) == (SEE, "US")
    assert codes(placed(BOOT, billing={}, addresses={"me": None}), site()) == ["address-missing"]


def test_a_wallets_billing_address_without_a_street_is_not_taken_for_another_persons() -> None:
    friend = ADDRESS | {"fullName": "Grace Friend", "countryCode": "GB"}

    same = booked(placed(BOOT, billing={"fullName": "ADA  Example"}, addresses={"me": ADDRESS}))
    other = booked(placed(BOOT, billing=WALLET, addresses={"me": friend | {"countryCode": "US"}}))

    assert same.billing == same.shipping
    assert (other.billing.name, other.billing.line1, other.billing.postcode) == (
        "Pat",
        SEE,
        "10001",
    )
    assert other.shipping.line1 == "1 Market Street"


def test_a_delivery_whose_wallet_gave_only_a_town_is_not_sent_to_where_the_bill_goes() -> None:
    town = {"fullName": "Ada Example", "city": "Elsewhere", "countryCode": "US"}

    sale = booked(placed(BOOT, billing=ADDRESS, addresses={"me": town}))

    assert (sale.shipping.line1, sale.shipping.city) == (SEE, "Elsewhere")
    assert sale.billing.line1 == "1 Market Street"


@pytest.mark.parametrize(
    "mark", ["c_fromStoreId", "c_shipmentType", "c_fromStoreId of the product"]
)
def test_what_is_collected_is_not_sent_to_the_shoppers_home(mark: str) -> None:
    of = placed(BOOT, billing=ADDRESS, addresses={"me": None})
    [shipment], [item] = of["shipments"], of["productItems"]
    match mark:
        case "c_fromStoreId":
            shipment["c_fromStoreId"] = "42"
        case "c_shipmentType":
            shipment["c_shipmentType"] = "instore"
        case _:
            item["c_fromStoreId"] = "42"

    sale = booked(of)

    assert (sale.shipping.line1, sale.shipping.city) == (SEE, "")
    assert ("Collected in store 42" in sale.shipping_notes) == mark.startswith("c_fromStoreId")


def test_what_is_collected_goes_to_the_store_and_its_bill_to_the_shopper() -> None:
    of = placed(BOOT, billing=WALLET, addresses={"me": STORE})
    of["shipments"][0]["c_fromStoreId"] = "42"

    sale = booked(of)

    assert (sale.shipping.line1, sale.shipping.company) == ("5 Mall", "Downtown Store")
    assert (sale.billing.name, sale.billing.line1) == ("Pat", SEE)


def test_a_warranty_beside_the_goods_is_no_second_parcel() -> None:
    warranty = Item("EXTEND-24M", D(1), D("29.00"), D(0), shipment="s2")
    of = placed(BOOT, warranty, billing=ADDRESS, addresses={"me": ADDRESS, "s2": None})

    assert booked(of, several_shipments="review").shipping.line1 == "1 Market Street"
    assert codes(of, site(several_shipments="review")) == ["several-shipments"]


def test_the_warehouse_is_told_of_no_parcel_that_holds_only_services() -> None:
    of = placed(in_s2(BOOT), EBOOK, billing=ADDRESS, addresses={"me": STORE, "s2": ADDRESS})

    assert booked(of).shipping_notes == "Ship by Ground"


def test_of_several_parcels_the_sale_has_the_address_of_the_first_that_is_sent() -> None:
    of = placed(
        BOOT, in_s2(EBOOK), in_s2(BOOT), billing=ADDRESS, addresses={"me": STORE, "s2": ADDRESS}
    )
    of["shipments"][0]["c_fromStoreId"] = "42"

    sale = booked(of)

    assert sale.shipping.line1 == "1 Market Street"
    assert "1. 1 x BOOT-9 to Store Downtown, Downtown Store, 5 Mall" in sale.shipping_notes


@pytest.mark.parametrize(
    ("address", "name", "company"),
    [
        (
            {"companyName": "Ridge Ltd", "firstName": None, "fullName": None, "lastName": None},
            "",
            "Ridge Ltd",
        ),
        ({"fullName": None, "lastName": None}, "Ada", ""),
        ({"fullName": "Cher", "firstName": None, "lastName": None}, "Cher", ""),
    ],
)
def test_a_company_alone_and_a_person_of_one_name_may_order(
    address: Document, name: str, company: str
) -> None:
    where = ADDRESS | address
    of = placed(BOOT, billing=where, addresses={"me": where})
    of["customerInfo"] = {}

    sale = booked(of)

    assert (sale.shipping.name, sale.shipping.company) == (name, company)
    assert (sale.contact, sale.email) == (name or company, "")


def test_an_order_without_phone_and_email_and_with_endless_fields_is_booked() -> None:
    endless = dict.fromkeys(ADDRESS, "x" * 5000) | {"countryCode": "US", "stateCode": "TX"}
    of = placed(BOOT, billing=endless, addresses={"me": endless})
    of["customerInfo"] = {"customerName": "y" * 5_000, "email": "z" * 5_000}

    sale = booked(of)

    assert (len(sale.contact), len(sale.email), len(sale.phone)) == (256, 256, 50)
    assert accepted(of | {"customerInfo": None}, site()).sale.email == ""


PARTS = {
    "fullName": ["Ada Example", "Pat Sample", "Cher"],
    "companyName": ["Ridge Ltd"],
    "address1": ["1 Market Street", "5 Mall", "x" * 300],
    "address2": ["Floor 3"],
    "postBox": ["PO 7"],
    "city": ["Dallas"],
    "stateCode": ["TX"],
    "postalCode": ["75201"],
    "countryCode": ["US"],
    "phone": ["5550100"],
}
somewhere = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(values) for name, values in PARTS.items()}
)


@settings(max_examples=EXAMPLES)
@given(
    billing=st.none() | somewhere,
    me=st.none() | somewhere,
    s2=st.none() | somewhere,
    in_me=st.sampled_from(["boot", "warranty", "nothing"]),
    store=st.booleans(),
)
def test_whatever_is_known_of_its_addresses_an_order_is_booked_with_a_line_and_a_country(
    billing: Document | None, me: Document | None, s2: Document | None, in_me: str, store: bool
) -> None:
    warranty = Item("EXTEND-24M", D(1), D("29.00"), D(0))
    items = {"boot": [BOOT], "warranty": [warranty], "nothing": []}[in_me]
    of = placed(*items, in_s2(BOOT), billing=billing or {}, addresses={"me": me, "s2": s2})
    if store:
        of["shipments"][0]["c_fromStoreId"] = "42"
    if not any((billing, me, s2)):
        assert codes(of, site()) == ["address-missing"]
        return

    sale = booked(of)

    for where in (sale.billing, sale.shipping):
        assert where.line1
        assert where.country
        assert len(where.line1) <= 256
    sent = [s2, *([me] if in_me == "boot" and not store else [])]
    lines = ("address1", "address2", "postBox")
    found = [next((each[line] for line in lines if line in each), "") for each in sent if each]
    streets = {line[:255] for line in found if line}
    if streets:
        assert sale.shipping.line1.rstrip("…") in streets
