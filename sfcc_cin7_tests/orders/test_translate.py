"""What becomes of an order's shapes, and which orders a person has to look at."""

from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest

from sfcc_cin7.operating_model import SitePolicy, TaxMapping
from sfcc_cin7.orders.goods import unit_price
from sfcc_cin7.orders.model import parse_order
from sfcc_cin7.orders.sale import Sale
from sfcc_cin7.orders.scope import MOST_LINES
from sfcc_cin7.orders.translate import translate
from sfcc_cin7_tests.orders.merchants import accept, accepted, codes, policy_for, site
from sfcc_cin7_tests.orders.storefront import (
    ADDRESS,
    Basket,
    Document,
    Extra,
    Freight,
    Item,
    order,
)

TEXAS = D("0.0825")
VAT = D("0.2")


def basket(*items: Item, **more: Any) -> Basket:
    """A net basket in dollars, of one tent unless told otherwise."""
    return Basket("USD", "net", items or (Item("TENT", D(1), D("99.00"), TEXAS),), **more)


def document(**changes: Any) -> Document:
    """The order of one tent, with fields changed."""
    return order(basket()) | changes


def sale(*items: Item, **more: Any) -> Sale:
    return accept(basket(*items, **more)).sale


def refused(of: Basket, **policy: Any) -> list[str]:
    return codes(order(of), policy_for(of, **policy))


# Goods


def test_the_sale_is_named_after_brand_site_and_order_number() -> None:
    booked = sale()

    assert (booked.external_id, booked.reference) == ("brand:shop:00000410", "00000410")


def test_lines_of_one_sku_become_one_line() -> None:
    twice = sale(Item("MUG", D(2), D("10.00"), TEXAS), Item("MUG", D(1), D("7.00"), TEXAS))

    [line] = twice.lines
    assert (line.quantity, line.price, line.amount, line.tax) == (
        D(3),
        D("9.00"),
        D("27.00"),
        D("2.23"),
    )


def test_one_sku_at_two_rates_needs_a_person() -> None:
    items = (Item("MUG", D(1), D("10.00"), TEXAS), Item("MUG", D(1), D("10.00"), D(0)))

    assert refused(basket(*items)) == ["tax-rules-differ"]


def test_a_bonus_product_stays_on_the_sale_at_no_price() -> None:
    free = Item("SOCKS", D(1), D("25.00"), TEXAS, discount=D("25.00"), bonus=True)
    _, socks = sale(Item("TENT", D(1), D("99.00"), TEXAS), free).lines

    assert (socks.quantity, socks.price, socks.amount, socks.tax) == (D(1), D(0), D(0), D(0))
    assert socks.comment == "Includes a bonus product"


def test_a_bundle_is_sold_as_its_parent() -> None:
    bundle = Item("CAMP-KIT", D(1), D("199.00"), TEXAS, components=(("TENT", D(1)), ("MUG", D(2))))
    [line] = sale(bundle).lines

    assert (line.sku, line.amount) == ("CAMP-KIT", D("199.00"))
    assert line.comment == "Bundle of 1 x TENT, 2 x MUG"


def test_what_no_unit_price_hits_is_an_untaxed_rounding_charge() -> None:
    items = (Item("PEG", D(1000), D("0.35"), TEXAS, discount=D("0.03")),)
    [line] = sale(*items).lines
    [rounding] = sale(*items).charges

    assert (line.price, line.amount, line.tax) == (D("0.3499"), D("349.90"), D("28.88"))
    assert (rounding.description, rounding.amount, rounding.tax) == ("Rounding", D("0.07"), D(0))
    assert rounding.tax_rule == line.tax_rule


def test_yen_are_booked_in_whole_yen() -> None:
    items = (Item("ROPE", D(3), D("350"), D("0.1"), discount=D("50")),)
    [line] = accept(Basket("JPY", "gross", items)).sale.lines

    assert (line.price, line.amount, line.tax) == (D("333.3333"), D("1000"), D("90"))


@pytest.mark.parametrize(
    ("amount", "quantity", "step", "price", "extension"),
    [
        ("47.65", "3", "0.01", "15.8833", "47.65"),
        ("10.00", "4", "0.01", "2.50", "10.00"),
        ("349.97", "1000", "0.01", "0.3499", "349.90"),
        ("41", "124", "1", "0.3226", "40"),
        ("47.655", "3", "0.001", "15.885", "47.655"),
        ("0.00", "2", "0.01", "0.00", "0.00"),
    ],
)
def test_a_unit_price_hits_the_amount_or_the_nearest_below(
    amount: str, quantity: str, step: str, price: str, extension: str
) -> None:
    found = unit_price(D(amount), D(quantity), D(step))

    assert found == (D(price), D(extension))


def test_so_many_units_that_no_price_comes_near_need_a_person() -> None:
    items = (Item("SCREW", D(9_000_000), D("0.01"), TEXAS, discount=D("89949.99")),)

    assert refused(basket(*items)) == ["price-inexact"]


# Options


def wrapped(price: str, value: str = "gift", **more: Any) -> Basket:
    extras = (Extra("wrap", value, D(price)),)
    return basket(Item("TENT", D(2), D("99.00"), TEXAS, extras=extras), **more)


def test_an_option_is_the_service_that_it_is_mapped_to() -> None:
    booked = accept(wrapped("4.00")).sale

    [wrap] = booked.charges
    assert (wrap.description, wrap.amount, wrap.tax) == ("Gift Wrap", D("8.00"), D("0.66"))
    assert wrap.comment == "2 x for TENT"
    assert booked.lines[0].comment == "With option wrap gift"


def test_an_option_can_be_mapped_by_its_product() -> None:
    [wrap] = accept(wrapped("4.00"), options={"wrap-gift": "Wrapping"}).sale.charges

    assert wrap.description == "Wrapping"


@pytest.mark.parametrize("shared", [True, False])
def test_an_order_discount_may_or_may_not_fall_on_options(shared: bool) -> None:
    of = wrapped("4.00", order_discount=D("20.60"), discount_options=shared)
    booked = accept(of).sale

    [wrap] = booked.charges
    assert wrap.amount == (D("7.20") if shared else D("8.00"))
    assert booked.total == order(of)["orderTotal"]


def test_an_option_nobody_mapped_needs_a_person() -> None:
    assert refused(wrapped("4.00", value="deluxe")) == ["option-unmapped"]


def test_an_unmapped_option_that_costs_nothing_is_a_remark() -> None:
    booked = accept(wrapped("0.00", value="none")).sale

    assert booked.charges == ()
    assert booked.lines[0].comment == "With option wrap none"


def test_an_option_taxed_unlike_its_product_needs_a_person() -> None:
    changed = order(wrapped("50.00"))
    [option] = changed["productItems"][0]["optionItems"]
    untaxed = option["tax"]
    option.update(tax=D(0), grossPrice=option["netPrice"])
    for name in ("adjustedMerchandizeTotalTax", "taxTotal", "orderTotal"):
        changed[name] -= untaxed
    changed["shipments"][0]["taxTotal"] -= untaxed

    assert codes(changed, site()) == ["option-tax-unclear"]


# Freight, certificates, payments


def test_freight_and_surcharges_are_charges_and_free_shipping_is_none() -> None:
    freight = (
        Freight(D("9.99"), TEXAS, discount=D("9.99")),
        Freight(D("4.00"), TEXAS, discount=D("1.00")),
        Freight(D("12.50"), TEXAS, kind="surcharge"),
    )
    charges = sale(freight=freight).charges

    assert [(charge.description, charge.amount, charge.tax) for charge in charges] == [
        ("Shipping", D("3.00"), D("0.25")),
        ("Shipping Surcharge", D("12.50"), D("1.03")),
    ]


def test_a_taxed_gift_certificate_needs_a_person() -> None:
    changed = order(basket(certificates=(D("50.00"),)))
    changed["giftCertificateItems"][0].update(tax=D("4.13"), grossPrice=D("54.13"))
    for name in ("taxTotal", "orderTotal"):
        changed[name] += D("4.13")

    assert codes(changed, site()) == ["gift-certificate-taxed"]


def test_no_payment_is_booked_where_the_operating_model_maps_none() -> None:
    assert sale().payments == ()


def test_payments_are_told_apart_by_order_and_instrument() -> None:
    of = basket(paid_by_certificate=D("20.00"))
    accounts = {"CREDIT_CARD": "1200", "GIFT_CERTIFICATE": "1210"}

    payments = accept(of, payment_accounts=accounts).sale.payments

    assert [payment.reference for payment in payments] == ["00000410:pi-0", "00000410:pi-1"]


@pytest.mark.parametrize(
    ("instruments", "code"),
    [
        (
            [{"paymentMethodId": "BITCOIN", "paymentTransaction": {"amount": D("107.17")}}],
            "unmapped",
        ),
        ([{"paymentMethodId": "CREDIT_CARD", "paymentTransaction": {"amount": D("99.00")}}], "sum"),
        ([{"paymentMethodId": "CREDIT_CARD", "paymentTransaction": {}}], "missing"),
        ([], "sum"),
    ],
)
def test_payments_that_cannot_be_booked_need_a_person(
    instruments: list[Document], code: str
) -> None:
    expected = {
        "unmapped": "payment-method-unmapped",
        "sum": "payments-mismatch",
        "missing": "payment-amount-missing",
    }[code]
    policy = site(payment_accounts={"CREDIT_CARD": "1200"})

    assert codes(document(paymentInstruments=instruments), policy) == [expected]


def test_payments_of_three_decimals_need_a_person() -> None:
    of = Basket("KWD", "net", (Item("TENT", D(1), D("99.125"), D(0)),))

    assert refused(of, payment_accounts={"CREDIT_CARD": "1200"}) == ["payment-too-precise"]
    assert accept(of).sale.total == D("99.125")


# Tax rules


def by_state() -> SitePolicy:
    rules = [
        TaxMapping(country="US", state="TX", rate=TEXAS, rule="TX Sales Tax 8.25%"),
        TaxMapping(country="US", rate=TEXAS, rule="Other 8.25%"),
        TaxMapping(country="US", state="CA", rate=D("0.0725"), rule="CA Sales Tax 7.25%"),
        TaxMapping(country="GB", rate=TEXAS, rule="Wrong country"),
    ]
    return site(tax_rules=rules)


@pytest.mark.parametrize(
    ("state", "rule"), [("TX", "TX Sales Tax 8.25%"), ("NV", "Other 8.25%"), (None, "Other 8.25%")]
)
def test_the_tax_rule_is_the_states_own_else_the_countrys(state: str | None, rule: str) -> None:
    of = basket(addresses={"me": ADDRESS | {"stateCode": state}})
    [line] = accepted(order(of), by_state()).sale.lines

    assert line.tax_rule == rule


def test_a_rate_nobody_mapped_is_never_guessed() -> None:
    of = basket(Item("TENT", D(1), D("99.00"), D("0.0725")))
    [reason] = codes(order(of), by_state())

    assert reason == "tax-rule-unmapped"


def test_a_mapped_rule_that_the_erp_lacks_needs_a_person() -> None:
    assert codes(document(), site(), known_rules={"Rule 0.2"}) == ["tax-rule-unknown"]
    assert accepted(document(), site()).sale.lines[0].tax_rule == "Rule 0.0825"


def test_tax_that_fits_no_line_needs_a_person() -> None:
    changed = order(basket(Item("SOCKS", D(1), D("25.00"), TEXAS, discount=D("25.00"))))
    for name in ("adjustedMerchandizeTotalTax", "taxTotal", "orderTotal"):
        changed[name] += D("0.01")

    assert codes(changed, site()) == ["tax-not-attributable"]


def test_a_discount_on_some_products_leaves_the_tax_of_the_others_alone() -> None:
    of = basket(
        Item("JACKET", D(1), D("100.00"), VAT),
        Item("GIFT-CARD-HOLDER", D(1), D("100.00"), VAT),
        order_discount=D("50.00"),
    )
    changed = order(of)
    for line, final in zip(changed["productItems"], (D("50.00"), D("100.00")), strict=True):
        line["priceAfterOrderDiscount"] = final

    jacket, holder = accepted(changed, site()).sale.lines

    assert (jacket.amount, jacket.tax) == (D("50.00"), D("10.00"))
    assert (holder.amount, holder.tax) == (D("100.00"), D("20.00"))


# Where it goes


FRIEND = ADDRESS | {"fullName": "Łucja Ørsted", "address1": "Nyhavn 2", "stateCode": "CA"}


def to_a_friend_too(*items: Item, friend: Document = FRIEND, **more: Any) -> Basket:
    return basket(*items, shipments=("me", "friend"), addresses={"friend": friend}, **more)


def test_several_shipments_are_one_sale_with_ship_to_notes() -> None:
    of = to_a_friend_too(
        Item("TENT", D(1), D("99.00"), TEXAS),
        Item("MUG", D(2), D("10.00"), TEXAS, shipment="friend"),
        freight=(Freight(D("5.00"), TEXAS), Freight(D("7.00"), TEXAS, shipment="friend")),
    )
    booked = accept(of).sale

    assert booked.shipping.line1 == "1 Market Street"
    assert booked.shipping_notes.splitlines() == [
        "1. 1 x TENT to Ada Example, 1 Market Street, Anywhere, TX, 94105, US",
        "Ship by Ground",
        "2. 2 x MUG to Łucja Ørsted, Nyhavn 2, Anywhere, CA, 94105, US",
        "Ship by Ground",
    ]
    assert [charge.comment for charge in booked.charges] == ["Shipment me", "Shipment friend"]


def test_destinations_that_do_not_fit_into_the_notes_need_a_person() -> None:
    far = FRIEND | {"address1": "Long Road " * 60, "address2": "Long Road " * 60}

    assert refused(to_a_friend_too(friend=far)) == ["several-shipments"]


def test_gift_messages_reach_the_warehouse() -> None:
    changed = document()
    changed["shipments"][0]["giftMessage"] = "Happy birthday 🏔"

    assert accepted(changed, site()).sale.shipping_notes.splitlines() == [
        "Ship by Ground",
        "Gift message: Happy birthday 🏔",
    ]


def test_long_addresses_are_cut_where_everybody_can_see_it() -> None:
    long = ADDRESS | {"address1": "Long" * 70, "postalCode": "9" * 30, "phone": "5" * 60}
    shipping = sale(addresses={"me": long}).shipping

    assert (len(shipping.line1), shipping.line1[-1]) == (256, "…")
    assert (len(shipping.postcode), shipping.postcode[-1]) == (20, "…")


def test_without_a_shipping_address_the_billing_address_stands_in() -> None:
    booked = accepted(document(shipments=[]), site()).sale

    assert booked.shipping == booked.billing


def test_an_address_without_a_country_is_in_the_sites() -> None:
    nowhere = {key: value for key, value in ADDRESS.items() if key != "countryCode"}

    assert sale(addresses={"me": nowhere}).shipping.country == "US"


def test_an_order_without_any_address_needs_a_person() -> None:
    assert codes(document(billingAddress={}, shipments=[]), site()) == ["address-missing"]


# Orders that are not to be booked


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "created"}, "order-not-placed"),
        ({"status": "failed"}, "order-not-placed"),
        ({"status": "cancelled"}, "order-cancelled"),
        ({"siteId": "other"}, "site-mismatch"),
        ({"currency": "EUR"}, "currency-unmapped"),
        ({"orderNo": "9" * 300}, "reference-too-long"),
    ],
)
def test_an_order_out_of_scope_is_refused(changes: dict[str, Any], code: str) -> None:
    assert codes(document(**changes), site()) == [code]


def test_a_completed_order_is_placed_too() -> None:
    assert accepted(document(status="completed"), site()).sale.total == D("107.17")


def test_another_taxation_than_the_operating_models_is_refused() -> None:
    assert "taxation-mismatch" in codes(document(), site(taxation="gross"))


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (Item("T" * 51, D(1), D("9.00"), TEXAS), "sku-too-long"),
        (Item("TENT", D(0), D("9.00"), TEXAS), "quantity-not-positive"),
        (Item("TENT", D("0.00001"), D("9.00"), TEXAS), "quantity-too-precise"),
    ],
)
def test_a_line_that_the_erp_cannot_hold_needs_a_person(item: Item, code: str) -> None:
    assert refused(basket(item)) == [code]


def test_an_order_of_ten_thousand_lines_is_refused_by_name() -> None:
    of = basket(*[Item(f"S{at}", D(1), D("1.00"), D(0)) for at in range(MOST_LINES + 1)])

    assert refused(of) == ["too-many-lines"]


def test_all_reasons_are_told_at_once() -> None:
    of = replace(
        wrapped("4.00", value="deluxe"), freight=(Freight(D("5.00"), D("0.19"), discount=D(0)),)
    )

    assert refused(of) == ["option-unmapped", "tax-rule-unmapped"]


PERSONAL = ("Ada", "Market Street", "example.com", "5550100", "94105", "birthday")


def test_reasons_hold_no_personal_data() -> None:
    changed = document(status="failed", currency="EUR", paymentInstruments=[])
    parsed = parse_order(changed)
    reasons = translate(parsed, site(payment_accounts={"CREDIT_CARD": "1200"}), "brand")

    assert not [personal for personal in PERSONAL if personal in repr(reasons)]


def test_an_order_and_its_sale_show_nothing_personal_in_a_log() -> None:
    changed = order(to_a_friend_too())
    changed["productItems"][0]["giftMessage"] = "Happy birthday"
    shown = repr(parse_order(changed)) + repr(accepted(changed, site()))

    assert "TENT" in shown
    assert not [personal for personal in (*PERSONAL, "Łucja", "Nyhavn") if personal in shown]
