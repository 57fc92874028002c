"""What becomes of freight, certificates, payments and taxes."""

from decimal import Decimal as D

import pytest

from sfcc_cin7.merchant.operating_model import SitePolicy, TaxMapping
from sfcc_cin7_tests.orders.merchants import accept, accepted, codes, site
from sfcc_cin7_tests.orders.storefront import ADDRESS, Basket, Document, Freight, Item, order
from sfcc_cin7_tests.orders.translating import TEXAS, VAT, basket, document, refused, sale

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
        ([{"paymentMethodId": "CREDIT_CARD", "paymentTransaction": {}}] * 2, "missing"),
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
