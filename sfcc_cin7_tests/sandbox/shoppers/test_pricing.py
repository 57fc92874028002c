"""The storefront's arithmetic against the published examples."""

from dataclasses import replace
from decimal import Decimal

import pytest

from sfcc_cin7_sandbox.shoppers.basket import Certificate, Payment, Promotion
from sfcc_cin7_sandbox.shoppers.pricing import price_order, prorate
from sfcc_cin7_tests.sandbox.baskets import basket, delivery, item, option
from sfcc_cin7_tests.sandbox.order_identities import broken_identities

US_RATE = "0.0825"


def money(*amounts: str) -> list[Decimal]:
    return [Decimal(amount) for amount in amounts]


def column(documents, field):
    return [document[field] for document in documents]


def discounted_us_basket(**more):
    return basket(
        "USD",
        "net",
        item("a", 3, "20.00", US_RATE, off="6.00"),
        item("b", 2, "15.50", US_RATE),
        off="10.00",
        **{"deliveries": (delivery("9.99", US_RATE, off="4.99"),)} | more,
    )


def discounted_uk_basket(**more):
    return basket(
        "GBP",
        "gross",
        item("a", 2, "19.99", "0.2", off="4.00"),
        item("b", 1, "35.00", "0.2"),
        off="7.10",
        deliveries=(delivery("4.95", "0.2"),),
        **more,
    )


def test_sixteen_off_three_lines_is_shared_as_salesforce_help_shows():
    shares = prorate(Decimal(16), money("13", "13", "12"), Decimal("0.01"))
    assert shares == money("5.47", "5.48", "5.05")


def test_yen_are_shared_in_whole_yen():
    assert prorate(Decimal(500), money("1980", "1000", "1000"), Decimal(1)) == money(
        "249", "126", "125"
    )


def test_a_free_line_bears_nothing_wherever_it_stands():
    cent = Decimal("0.01")
    assert prorate(Decimal(5), money("0", "10", "0"), cent) == money("0", "5", "0")


def test_an_american_order_with_every_discount_balances_in_the_default_tax_mode():
    order = price_order(discounted_us_basket())
    a, b = order["productItems"]
    assert column((a, b), "priceAfterItemDiscount") == money("54.00", "31.00")
    assert column((a, b), "priceAfterOrderDiscount") == money("47.65", "27.35")
    assert (a["tax"], a["priceAdjustments"][0]["tax"], b["tax"]) == tuple(
        money("4.95", "-0.50", "2.56")
    )
    assert order["orderPriceAdjustments"][0]["tax"] == Decimal("-0.83")
    assert order["productSubTotal"] == Decimal("85.00")
    assert order["productTotal"] == Decimal("75.00")
    assert order["merchandizeTotalTax"] == Decimal("7.51")
    assert order["adjustedMerchandizeTotalTax"] == Decimal("6.18")
    assert order["shippingTotal"] == Decimal("5.00")
    assert order["shippingTotalTax"] == Decimal("0.82")
    assert order["adjustedShippingTotalTax"] == Decimal("0.41")
    assert order["taxTotal"] == Decimal("6.59")
    assert order["orderTotal"] == Decimal("86.59")


def test_the_same_american_order_costs_a_cent_more_when_adjusted_prices_are_taxed():
    order = price_order(discounted_us_basket(tax_mode="adjusted-price"))
    assert column(order["productItems"], "tax") == money("3.93", "2.26")
    assert column(order["productItems"], "taxBasis") == money("47.65", "27.35")
    assert order["orderPriceAdjustments"][0]["tax"] == 0
    assert order["taxTotal"] == Decimal("6.60")
    assert order["orderTotal"] == Decimal("86.60")


def test_shipments_leave_out_the_tax_of_the_order_discount():
    priced = discounted_us_basket()
    a, b = priced.items
    order = price_order(
        replace(
            priced,
            items=(a, replace(b, shipment="gift")),
            deliveries=(*priced.deliveries, delivery("0", US_RATE, shipment="gift")),
        )
    )
    assert column(order["shipments"], "taxTotal") == money("4.86", "2.56")
    assert order["taxTotal"] == Decimal("6.59")


def test_a_british_order_with_every_discount_balances_in_the_default_tax_mode():
    order = price_order(discounted_uk_basket())
    assert column(order["productItems"], "priceAfterOrderDiscount") == money("32.38", "31.50")
    assert column(order["productItems"], "tax") == money("6.66", "5.83")
    assert order["productItems"][0]["priceAdjustments"][0]["tax"] == Decimal("-0.67")
    assert order["orderPriceAdjustments"][0]["tax"] == Decimal("-1.18")
    assert order["merchandizeTotalTax"] == Decimal("12.49")
    assert order["adjustedMerchandizeTotalTax"] == Decimal("10.64")
    assert order["taxTotal"] == Decimal("11.47")
    assert order["orderTotal"] == Decimal("68.83")


def test_the_same_british_order_holds_a_penny_more_tax_when_adjusted_prices_are_taxed():
    order = price_order(discounted_uk_basket(tax_mode="adjusted-price"))
    assert column(order["productItems"], "tax") == money("5.40", "5.25")
    assert order["taxTotal"] == Decimal("11.48")
    assert order["orderTotal"] == Decimal("68.83")


def test_a_bought_certificate_carries_no_tax_and_a_spent_one_is_only_a_payment():
    order = price_order(
        basket(
            "USD",
            "net",
            item("a", 1, "30.00", US_RATE),
            certificates=(Certificate(Decimal("50.00"), "Bo", "bo@example.com", "Enjoy"),),
            payments=(
                Payment("GIFT_CERTIFICATE", limit=Decimal("20.00"), certificate_code="GC-7781"),
                Payment("CREDIT_CARD", card="Visa"),
            ),
        )
    )
    assert order["taxTotal"] == Decimal("2.48")
    assert order["productTotal"] == Decimal("30.00")
    assert order["orderTotal"] == Decimal("82.48")
    spent, card = order["paymentInstruments"]
    assert spent["maskedGiftCertificateCode"] == "******7781"
    assert spent["paymentTransaction"]["amount"] == Decimal("20.00")
    assert card["paymentTransaction"]["amount"] == Decimal("62.48")


def test_an_order_discount_on_mixed_rates_is_taxed_at_the_blended_rate():
    order = price_order(
        basket(
            "GBP", "gross", item("tent", 1, "80.00", "0.2"), item("map", 1, "20.00", "0"), off="10"
        )
    )
    assert order["orderPriceAdjustments"][0]["tax"] == Decimal("-1.33")
    assert order["taxTotal"] == Decimal("12.00")


def test_a_bonus_line_is_taxed_and_untaxed_again():
    bonus = item("mug", 1, "25.00", US_RATE, off="25.00", bonus=True)
    order = price_order(basket("USD", "net", bonus, item("tent", 1, "100.00", US_RATE)))
    line = order["productItems"][0]
    assert (line["tax"], line["priceAdjustments"][0]["tax"]) == tuple(money("2.06", "-2.06"))
    assert line["priceAfterOrderDiscount"] == 0


def test_options_are_priced_beside_their_line_and_bear_no_order_discount():
    wrapped = item("tent", 2, "100.00", "0.2", options=(option("wrap", "4.95"),))
    order = price_order(basket("GBP", "gross", wrapped, off="20.00"))
    assert order["productItems"][0]["priceAfterOrderDiscount"] == Decimal("180.00")
    assert order["productItems"][0]["optionItems"][0]["grossPrice"] == Decimal("9.90")
    assert order["productTotal"] == Decimal("189.90")


def test_a_surcharge_is_a_shipping_item_that_its_product_points_to():
    kayak = item("kayak", 2, "300.00", "0.2", surcharge=Decimal("12.50"))
    order = price_order(basket("GBP", "gross", kayak, deliveries=(delivery("5.00", "0.2"),)))
    surcharge = order["shippingItems"][1]
    assert surcharge["type"] == "surcharge"
    assert surcharge["grossPrice"] == Decimal("25.00")
    assert order["productItems"][0]["shippingItemId"] == surcharge["itemId"]
    assert order["shippingTotal"] == Decimal("30.00")


@pytest.mark.parametrize("tax_mode", ["default", "adjusted-price"])
@pytest.mark.parametrize("build", [discounted_us_basket, discounted_uk_basket])
def test_all_identities_hold(build, tax_mode):
    assert broken_identities(price_order(build(tax_mode=tax_mode))) == []


def test_a_discount_may_not_exceed_its_line_nor_the_order():
    with pytest.raises(ValueError, match="exceed"):
        price_order(basket("GBP", "gross", item("a", 1, "5.00", "0.2", off="6.00")))
    with pytest.raises(ValueError, match="exceeds"):
        price_order(basket("GBP", "gross", item("a", 1, "5.00", "0.2"), off="6.00"))


def test_payments_must_suffice():
    short = Payment("GIFT_CERTIFICATE", limit=Decimal("1.00"), certificate_code="GC-1")
    with pytest.raises(ValueError, match="unpaid"):
        price_order(basket("GBP", "gross", item("a", 1, "5.00", "0.2"), payments=(short,)))


def test_several_order_discounts_follow_one_another():
    order = price_order(
        basket(
            "GBP",
            "gross",
            item("a", 1, "60.00", "0.2"),
            item("b", 1, "40.00", "0"),
            order_discounts=(Promotion("one", Decimal("10")), Promotion("two", Decimal("9"))),
        )
    )
    assert column(order["productItems"], "priceAfterOrderDiscount") == money("48.60", "32.40")
    assert broken_identities(order) == []


def test_tax_rounded_for_each_unit_is_a_cent_off_as_salesforce_help_shows():
    for rounding, tax in (("line", "9.89"), ("unit", "9.90")):
        order = price_order(
            basket("GBP", "gross", item("shirt", 3, "18.99", "0.21"), rounding=rounding)
        )
        assert order["productItems"][0]["tax"] == order["taxTotal"] == Decimal(tax)
        assert order["orderTotal"] == Decimal("56.97")
        assert broken_identities(order) == []


def test_tax_rounded_for_all_lines_of_a_rate_is_not_the_sum_of_the_lines():
    lines = [item(sku, 1, "9.99", "0.0725") for sku in "abc"]
    for rounding, tax in (("line", "2.16"), ("rate-group", "2.17")):
        order = price_order(basket("USD", "net", *lines, rounding=rounding))
        assert column(order["productItems"], "tax") == money("0.72", "0.72", "0.72")
        assert order["taxTotal"] == Decimal(tax)
        assert order["orderTotal"] == Decimal("29.97") + Decimal(tax)


def test_each_rate_is_a_group_of_its_own_and_shipping_is_another():
    lines = [item(sku, 1, "9.99", "0.0725") for sku in "abc"]
    others = [item(sku, 1, "9.99", "0.08875") for sku in "de"]
    order = price_order(
        basket(
            "USD",
            "net",
            *lines,
            *others,
            deliveries=(delivery("0.49", "0.0725", off="0.10"),),
            rounding="rate-group",
        )
    )
    assert order["merchandizeTotalTax"] == Decimal("2.17") + Decimal("1.77")
    assert order["shippingTotalTax"] == Decimal("0.04")
    assert order["adjustedShippingTotalTax"] == Decimal("0.03")
    assert order["taxTotal"] == Decimal("3.97")


@pytest.mark.parametrize("tax_mode", ["default", "adjusted-price"])
@pytest.mark.parametrize("build", [discounted_us_basket, discounted_uk_basket])
def test_all_identities_hold_when_units_are_rounded(build, tax_mode):
    assert broken_identities(price_order(build(tax_mode=tax_mode, rounding="unit"))) == []


def test_dinars_have_three_decimals():
    order = price_order(basket("KWD", "net", item("lamp", 3, "7.125", "0.05"), off="1.001"))
    assert order["productItems"][0]["tax"] == Decimal("1.069")
    assert order["orderPriceAdjustments"][0]["tax"] == Decimal("-0.050")
    assert order["orderTotal"] == Decimal("21.393")
    assert broken_identities(order) == []


@pytest.mark.parametrize(("told", "amounts"), [("zero", [0]), ("nothing", [])])
def test_a_provider_may_leave_the_amount_at_zero_or_unsaid(told, amounts):
    order = price_order(
        basket(
            "GBP", "gross", item("a", 1, "5.00", "0.2"), payments=(Payment("Klarna", told=told),)
        )
    )
    (paid,) = order["paymentInstruments"]
    assert [v for name, v in paid["paymentTransaction"].items() if name == "amount"] == amounts
