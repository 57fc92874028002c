"""The worked examples that Salesforce publishes or documents the rules for, to the cent."""

from decimal import Decimal as D

import pytest

from sfcc_cin7_tests.orders.merchants import accept, accepted, codes, policy_for, site
from sfcc_cin7_tests.orders.storefront import ADDRESS, Basket, Document, Freight, Item, order

TEXAS = D("0.0825")
VAT = D("0.2")


def dollars_with_every_discount(adjusted_price: bool) -> Basket:
    return Basket(
        "USD",
        "net",
        (
            Item("A", D(3), D("20.00"), TEXAS, discount=D("6.00")),
            Item("B", D(2), D("15.50"), TEXAS),
        ),
        (Freight(D("9.99"), TEXAS, discount=D("4.99")),),
        order_discount=D("10.00"),
        adjusted_price=adjusted_price,
    )


def pounds_with_every_discount(adjusted_price: bool) -> Basket:
    return Basket(
        "GBP",
        "gross",
        (
            Item("A", D(2), D("19.99"), VAT, discount=D("4.00")),
            Item("B", D(1), D("35.00"), VAT),
        ),
        (Freight(D("4.95"), VAT),),
        order_discount=D("7.10"),
        adjusted_price=adjusted_price,
    )


@pytest.mark.parametrize(
    ("adjusted_price", "mode", "tax", "total", "line_taxes"),
    [
        (False, "default", D("6.59"), D("86.59"), [D("3.93"), D("2.25")]),
        (True, "adjusted-price", D("6.60"), D("86.60"), [D("3.93"), D("2.26")]),
    ],
)
def test_a_net_order_in_dollars_holds_its_published_total_in_both_tax_modes(
    adjusted_price: bool, mode: str, tax: D, total: D, line_taxes: list[D]
) -> None:
    booked = accept(dollars_with_every_discount(adjusted_price))

    sale = booked.sale
    assert booked.tax_mode == mode
    assert (sale.total, sale.tax, sale.total_before_tax) == (total, tax, D("80.00"))
    assert [line.amount for line in sale.lines] == [D("47.65"), D("27.35")]
    assert [line.tax for line in sale.lines] == line_taxes
    assert [(charge.description, charge.amount, charge.tax) for charge in sale.charges] == [
        ("Shipping", D("5.00"), D("0.41"))
    ]


def test_the_figures_on_the_way_to_a_published_total_are_the_published_ones() -> None:
    dollars = order(dollars_with_every_discount(adjusted_price=False))
    pounds = order(pounds_with_every_discount(adjusted_price=False))

    def way(document: Document) -> list[D]:
        names = ("productSubTotal", "productTotal", "shippingTotal", "adjustedMerchandizeTotalTax")
        return [document[name] for name in (*names, "adjustedShippingTotalTax", "orderTotal")]

    assert way(dollars) == [D(each) for each in ("85", "75", "5", "6.18", "0.41", "86.59")]
    assert way(pounds) == [D(each) for each in ("70.98", "63.88", "4.95", "10.64", "0.83", "68.83")]


def test_a_line_that_no_two_decimal_price_hits_gets_a_price_of_four() -> None:
    first, second = accept(dollars_with_every_discount(adjusted_price=False)).sale.lines

    assert (first.price, first.amount) == (D("15.8833"), D("47.65"))
    assert second.price == D("13.675")


@pytest.mark.parametrize(
    ("adjusted_price", "tax", "line_taxes"),
    [(False, D("11.47"), [D("5.39"), D("5.25")]), (True, D("11.48"), [D("5.40"), D("5.25")])],
)
def test_a_gross_order_in_pounds_holds_its_published_tax_in_both_tax_modes(
    adjusted_price: bool, tax: D, line_taxes: list[D]
) -> None:
    sale = accept(pounds_with_every_discount(adjusted_price)).sale

    assert sale.tax_inclusive
    assert (sale.total, sale.tax) == (D("68.83"), tax)
    assert [line.amount for line in sale.lines] == [D("32.38"), D("31.50")]
    assert [line.tax for line in sale.lines] == line_taxes
    assert [charge.tax for charge in sale.charges] == [D("0.83")]


def test_a_bought_gift_certificate_is_a_charge_and_a_spent_one_a_payment() -> None:
    basket = Basket(
        "USD",
        "net",
        (Item("A", D(1), D("30.00"), TEXAS),),
        certificates=(D("50.00"),),
        paid_by_certificate=D("20.00"),
    )
    sale = accept(basket, payment_accounts={"CREDIT_CARD": "1200", "GIFT_CERTIFICATE": "1210"}).sale

    assert (sale.total, sale.tax) == (D("82.48"), D("2.48"))
    assert [(charge.description, charge.amount, charge.tax) for charge in sale.charges] == [
        ("Gift Certificate", D("50.00"), D(0))
    ]
    assert [(payment.account, payment.amount) for payment in sale.payments] == [
        ("1210", D("20.00")),
        ("1200", D("62.48")),
    ]


def test_tax_on_an_order_discount_never_falls_on_a_zero_rated_line() -> None:
    basket = Basket(
        "GBP",
        "gross",
        (Item("BOOTS", D(1), D("80.00"), VAT), Item("BOOK", D(1), D("20.00"), D(0))),
        order_discount=D("10.00"),
    )
    sale = accept(basket).sale
    boots, book = sale.lines

    assert (sale.total, sale.tax) == (D("90.00"), D("12.00"))
    assert (boots.amount, boots.tax) == (D("72.00"), D("12.00"))
    assert (book.amount, book.tax) == (D("18.00"), D(0))


def test_shipment_taxes_that_leave_out_the_order_discount_are_understood() -> None:
    basket = Basket(
        "USD",
        "net",
        (
            Item("A", D(3), D("20.00"), TEXAS, discount=D("6.00")),
            Item("B", D(2), D("15.50"), TEXAS, shipment="second"),
        ),
        (Freight(D("9.99"), TEXAS, discount=D("4.99")),),
        order_discount=D("10.00"),
        shipments=("me", "second"),
    )
    document = order(basket)

    assert [each["taxTotal"] for each in document["shipments"]] == [D("4.86"), D("2.56")]
    assert accepted(document, policy_for(basket)).sale.total == D("86.59")


@pytest.mark.parametrize(("rounding", "tax"), [("line", D("9.89")), ("unit", D("9.90"))])
def test_tax_rounded_by_line_or_by_unit_is_taken_as_the_storefront_states_it(
    rounding: str, tax: D
) -> None:
    items = (Item("A", D(3), D("18.99"), D("0.21")),)
    sale = accept(Basket("EUR", "gross", items, tax_rounding=rounding)).sale  # type: ignore[arg-type]

    assert (sale.total, sale.tax) == (D("56.97"), tax)


@pytest.mark.parametrize(
    ("rounding", "tax", "lines"),
    [("line", D("2.16"), ("0.72", "0.72", "0.72")), ("group", D("2.17"), ("0.73", "0.72", "0.72"))],
)
def test_tax_rounded_by_rate_group_is_spread_so_that_the_stated_total_holds(
    rounding: str, tax: D, lines: tuple[str, ...]
) -> None:
    items = tuple(Item(sku, D(1), D("9.99"), D("0.0725")) for sku in ("A", "B", "C"))
    sale = accept(Basket("USD", "net", items, tax_rounding=rounding)).sale  # type: ignore[arg-type]

    assert sale.tax == tax
    assert [line.tax for line in sale.lines] == [D(each) for each in lines]


@pytest.mark.parametrize(
    ("currency", "discount", "prices", "shares"),
    [
        ("USD", "16.00", ("13.00", "13.00", "12.00"), ("5.47", "5.48", "5.05")),
        ("JPY", "500", ("1980", "1000", "1000"), ("249", "126", "125")),
    ],
)
def test_a_discount_is_prorated_as_published_and_booked_so(
    currency: str, discount: str, prices: tuple[str, ...], shares: tuple[str, ...]
) -> None:
    items = tuple(Item(f"SKU-{at}", D(1), D(price), D(0)) for at, price in enumerate(prices))
    sale = accept(Basket(currency, "gross", items, order_discount=D(discount))).sale

    taken = [D(price) - line.amount for price, line in zip(prices, sale.lines, strict=True)]
    assert taken == [D(share) for share in shares]
    assert sale.charges == ()


def official_order(**changes: object) -> Document:
    """The shape and figures of the Orders API's own example: 99.00 and 5.99 freight at 5 %."""
    freight = {
        "basePrice": D("5.99"),
        "netPrice": D("5.99"),
        "grossPrice": D("6.29"),
        "tax": D("0.3"),
        "adjustedTax": D("0.3"),
        "taxBasis": D("5.99"),
        "priceAfterItemDiscount": D("5.99"),
        "taxRate": D("0.05"),
        "shipmentId": "me",
        "type": "fixed_price",
    }
    return {
        "orderNo": "00000410",
        "siteId": "shop",
        "status": "new",
        "currency": "USD",
        "taxation": "net",
        "creationDate": "2015-05-19T15:23:18.000Z",
        "billingAddress": ADDRESS,
        "productItems": [
            {
                "productId": "701643632930",
                "quantity": 1,
                "basePrice": 99,
                "netPrice": 99,
                "grossPrice": D("103.95"),
                "tax": D("4.95"),
                "adjustedTax": D("4.95"),
                "taxBasis": 99,
                "taxRate": D("0.05"),
                "priceAfterItemDiscount": 99,
                "priceAfterOrderDiscount": 99,
                "shipmentId": "me",
            }
        ],
        "shippingItems": [freight],
        "shipments": [
            {
                "shipmentId": "me",
                "shipmentNo": "00000001",
                "merchandizeTotalTax": 99,
                "productTotal": 99,
                "taxTotal": D("5.25"),
                "shippingAddress": ADDRESS,
            }
        ],
        "productSubTotal": 99,
        "productTotal": 99,
        "adjustedMerchandizeTotalTax": D("4.95"),
        "shippingTotal": D("5.99"),
        "adjustedShippingTotalTax": D("0.3"),
        "taxTotal": D("5.25"),
        "orderTotal": D("110.24"),
    } | changes


def test_the_official_example_that_balances_is_booked_at_its_total() -> None:
    sale = accepted(official_order(), site()).sale

    assert (sale.total, sale.tax) == (D("110.24"), D("5.25"))


def test_the_official_example_that_does_not_balance_is_refused_with_both_figures() -> None:
    surcharge = official_order()["shippingItems"][0] | {
        "basePrice": 10,
        "netPrice": 20,
        "grossPrice": 21,
        "tax": 1,
        "priceAfterItemDiscount": 20,
        "type": "surcharge",
    }
    document = official_order(
        shippingItems=[*official_order()["shippingItems"], surcharge],
        shippingTotal=D("25.99"),
        adjustedShippingTotalTax=D("1.3"),
    )

    assert codes(document, site()) == ["tax-total-mismatch", "order-total-mismatch"]
