"""Whatever a shopper buys, the sale holds the storefront's money to the smallest unit."""

import random
from collections import Counter
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from sfcc_cin7.merchant.operating_model import SitePolicy
from sfcc_cin7.order_document.parsing import MalformedOrder, parse_order
from sfcc_cin7.orders.translation.proof import mismatches
from sfcc_cin7.orders.translation.sale import Sale
from sfcc_cin7.orders.translation.sale_documents import order as sale_order
from sfcc_cin7.orders.translation.translate import Accepted, Rejected, translate
from sfcc_cin7.values.money import minor_units, quantum
from sfcc_cin7_tests.depth import EXAMPLES
from sfcc_cin7_tests.orders.merchants import policy_for
from sfcc_cin7_tests.orders.next_to_nothing import taxed_on_next_to_nothing
from sfcc_cin7_tests.orders.shoppers import next_basket, next_decisions
from sfcc_cin7_tests.orders.stated import restated
from sfcc_cin7_tests.orders.storefront import Basket, Document, order
from sfcc_cin7_tests.orders.strategies import RATES_WRITTEN, baskets, decisions

thorough = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
ACCOUNTS = {"CREDIT_CARD": "1200", "GIFT_CERTIFICATE": "1210"}
HONEST_REASONS = {
    "negative-amount",
    "price-inexact",
    "tax-not-attributable",
    "tax-rules-differ",
    "payment-too-precise",
    "several-shipments",
}
"""Why a sound order may still need a person; none of them is about figures that disagree."""
CENT = Decimal("0.01")


@settings(thorough, max_examples=max(EXAMPLES, 500))  # what the others rest on
@given(baskets(), decisions(), RATES_WRITTEN)
def test_every_order_is_booked_to_the_smallest_unit_or_refused_for_an_honest_reason(
    basket: Basket, decided: dict[str, Any], rates: str
) -> None:
    document = restated(order(basket), rates)
    policy = policy_for(basket, **decided)
    result = translate(parse_order(document), policy, "brand")

    event(f"bundles as {policy.bundles}, options as {policy.option_booking}")
    event(f"rates written {rates}")
    event(f"tax rounded by {basket.tax_rounding} in {basket.currency}")
    if isinstance(result, Rejected):
        for reason in result.reasons:
            event(f"refused: {reason.code}")
        found = {reason.code for reason in result.reasons}
        stranded = {"tax-rule-unmapped"} if taxed_on_next_to_nothing(document) else set()
        assert found <= HONEST_REASONS | stranded
        parcels = {item.shipment for item in basket.items}
        wanted = policy.several_shipments == "review" and len(parcels) > 1
        assert ("several-shipments" in found) == wanted
        return
    event("booked")
    assert_same_money(document, policy, result)


@pytest.mark.parametrize("rates", ["as it is", "effective", "absent"])
def test_most_orders_are_booked(rates: str) -> None:
    """Refusing everything would satisfy the property above."""
    dice = random.Random(20260301)
    refused: Counter[str] = Counter()
    booked = 0
    for _ in range(600):
        basket = next_basket(dice)
        policy = policy_for(basket, **next_decisions(dice))
        document = restated(order(basket), rates)
        result = translate(parse_order(document), policy, "brand")
        if isinstance(result, Accepted):
            assert_same_money(document, policy, result)
            booked += 1
        else:
            refused.update({reason.code for reason in result.reasons})

    assert booked >= 520, refused
    assert set(refused) <= HONEST_REASONS


def assert_same_money(document: Document, policy: SitePolicy, result: Accepted) -> None:
    """The sale holds the order's totals, its units under the SKUs that the policy wants, and on
    each line an extension that its price and quantity come to."""
    sale = result.sale
    assert (sale.total, sale.tax) == (document["orderTotal"], document["taxTotal"])
    assert result.proof.total == minor_units(document["orderTotal"], sale.currency)
    assert len({line.sku for line in sale.lines}) == len(sale.lines)
    assert {line.sku: line.quantity for line in sale.lines} == units(document, policy)
    names = policy.charges
    freight = [
        each for each in sale.charges if each.description in (names.shipping, names.surcharge)
    ]
    assert sum(each.amount for each in freight) == document["shippingTotal"]
    assert sum(each.tax for each in freight) == document["adjustedShippingTotalTax"]
    certificates = [each for each in sale.charges if each.description == names.gift_certificate]
    goods = [each for each in sale.entries if each not in freight and each not in certificates]
    assert sum(each.amount for each in goods) == document["productTotal"]
    assert sum(each.tax for each in goods) == document["adjustedMerchandizeTotalTax"]
    places = min(CENT, quantum(sale.currency))
    for line in sale.lines:
        assert not line.price % Decimal("0.0001")
        assert (line.price * line.quantity).quantize(places, "ROUND_HALF_UP") == line.amount
    for entry in sale.entries:
        assert 0 <= entry.tax <= entry.amount


def units(document: Document, policy: SitePolicy) -> dict[str, Decimal]:
    """How many of which SKU were bought, as the policy counts them."""
    bought: dict[str, Decimal] = {}
    for item in document["productItems"]:
        goods = [(item["productId"], item["quantity"])]
        if policy.bundles == "components" and item["bundledProductItems"]:
            goods = [(part["productId"], part["quantity"]) for part in item["bundledProductItems"]]
        if policy.option_booking == "sku":
            skus = {"wrap": "Gift Wrap", "engraving": "Engraving"}
            goods += [(skus[each["optionId"]], item["quantity"]) for each in item["optionItems"]]
        for sku, quantity in goods:
            bought[sku] = bought.get(sku, Decimal(0)) + quantity
    return bought


@thorough
@given(baskets(), decisions())
def test_what_is_sent_answers_its_own_proof(basket: Basket, decided: dict[str, Any]) -> None:
    policy = policy_for(basket, payment_accounts=ACCOUNTS, **decided)
    result = translate(parse_order(order(basket)), policy, "brand")

    if isinstance(result, Accepted):
        assert not mismatches(result.proof, sale_order(result.sale, "sale-1"))
        assert sum(payment.amount for payment in result.sale.payments) == result.sale.total


def erp_answer(sale: Sale, method: str, places: Decimal, fineness: Decimal) -> Document:
    """What Cin7 makes of a sale order: it extends prices, rounds to its own places, and sums tax by
    row or over the document (`/me`, TaxCalculationMethod). `fineness` is how it writes figures."""

    def rounded(amount: Decimal, step: Decimal = places) -> Decimal:
        return amount.quantize(step, "ROUND_HALF_UP")

    def row(sent: Document) -> Document:
        extension = rounded(sent["Price"] * sent["Quantity"])
        added = sale.totals_with_tax and not sale.tax_inclusive
        total = extension + (rounded(sent["Tax"]) if added else 0)
        return sent | {
            "Total": rounded(total, fineness),
            "Tax": rounded(rounded(sent["Tax"]), fineness),
            "extension": extension,
            "exact tax": sent["Tax"],
        }

    body: Document = sale_order(sale, "sale-1")
    rows = [[row(sent) for sent in body[name]] for name in ("Lines", "AdditionalCharges")]
    both = rows[0] + rows[1]
    by_row = sum((Decimal(each["Tax"]) for each in both), Decimal(0))
    exact = sum((Decimal(each["exact tax"]) for each in both), Decimal(0))
    tax = by_row if method == "Row Total" else rounded(exact)
    before = sum((Decimal(each["extension"]) for each in both), Decimal(0))
    if sale.tax_inclusive:
        before -= tax
    return {
        "Status": "AUTHORISED",
        "Lines": [each | {"SKU": each["SKU"].lower()} for each in rows[0]],
        "AdditionalCharges": rows[1],
        "TotalBeforeTax": rounded(before, fineness),
        "Tax": rounded(tax, fineness),
        "Total": rounded(before + tax, fineness),
    }


def charged(answer: Document) -> dict[str, tuple[Decimal, Decimal]]:
    """Totals and taxes of the charges by description: rows of one description are one figure."""
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for row in answer["AdditionalCharges"]:
        total, tax = sums.get(row["Description"], (Decimal(0), Decimal(0)))
        sums[row["Description"]] = (total + row["Total"], tax + row["Tax"])
    return sums


@thorough
@given(
    baskets(),
    decisions(),
    st.sampled_from(("Row Total", "Total")),
    st.sampled_from((Decimal("0.01"), Decimal("0.001"), Decimal("0.0001"))),
)
def test_both_rounding_methods_of_the_erp_come_to_the_proof(
    basket: Basket, decided: dict[str, Any], method: str, fineness: Decimal
) -> None:
    result = translate(parse_order(order(basket)), policy_for(basket, **decided), "brand")
    if isinstance(result, Rejected):
        return
    sale = result.sale
    places = min(CENT, quantum(sale.currency))

    exact = erp_answer(sale, method, places, min(places, fineness))
    assert mismatches(result.proof, exact) == []

    coarse = erp_answer(sale, method, CENT, max(places, fineness))
    lost = (
        any(coarse[name] != exact[name] for name in ("TotalBeforeTax", "Tax", "Total"))
        or any(
            one[name] != other[name]
            for one, other in zip(coarse["Lines"], exact["Lines"], strict=True)
            for name in ("Total", "Tax")
        )
        or charged(coarse) != charged(exact)
    )
    assert bool(mismatches(result.proof, coarse)) == lost
    if basket.currency != "KWD":
        assert not lost


FIGURES = ("netPrice", "grossPrice", "tax", "priceAfterItemDiscount", "priceAfterOrderDiscount")
TOTALS = ("productSubTotal", "productTotal", "shippingTotal", "taxTotal", "orderTotal")


@thorough
@given(baskets(), decisions(), st.data())
def test_an_order_with_one_wrong_figure_is_refused_or_still_holds_the_money(
    basket: Basket, decided: dict[str, Any], data: Any
) -> None:
    document = order(basket)
    places = [(document, name) for name in TOTALS]
    places += [(item, name) for item in document["productItems"] for name in FIGURES]
    holder, name = places[data.draw(st.integers(0, len(places) - 1))]
    holder[name] += data.draw(st.sampled_from((-1, 1, 500))) * Decimal("0.01")

    result = translate(parse_order(document), policy_for(basket, **decided), "brand")

    if isinstance(result, Accepted):
        assert result.sale.total == document["orderTotal"]
        assert result.sale.tax == document["taxTotal"]
    else:
        assert result.reasons


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=3),
    st.integers(-(10**30), 10**30),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.just([]),
    st.just({}),
    st.just(["x"]),
)


def every_place(value: object) -> list[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    if isinstance(value, dict):
        keys: list[Any] = list(value)
    elif isinstance(value, list):
        keys = list(range(len(value)))
    else:
        return []
    return [(value, key) for key in keys] + [
        place for key in keys for place in every_place(value[key])
    ]


@thorough
@given(baskets(), decisions(), st.data())
def test_junk_anywhere_in_a_document_is_a_named_reason_never_an_exception(
    basket: Basket, decided: dict[str, Any], data: Any
) -> None:
    document = deepcopy(order(basket))
    for _ in range(data.draw(st.integers(1, 3))):
        places = every_place(document)
        holder, key = places[data.draw(st.integers(0, len(places) - 1))]
        holder[key] = deepcopy(data.draw(JUNK))

    try:
        parsed = parse_order(document)
    except MalformedOrder as error:
        event(f"malformed: {str(error).split(None, 1)[1]}")
        return
    policy = policy_for(basket, payment_accounts=ACCOUNTS, **decided)
    result = translate(parsed, policy, "brand")
    if isinstance(result, Accepted):
        assert result.sale.total == document["orderTotal"]
