"""Whatever a shopper buys, the sale holds the storefront's money to the smallest unit."""

from copy import deepcopy
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from sfcc_cin7.money import minor_units
from sfcc_cin7.orders.model import MalformedOrder, parse_order
from sfcc_cin7.orders.proof import mismatches
from sfcc_cin7.orders.sale_documents import order as sale_order
from sfcc_cin7.orders.translate import Accepted, Rejected, translate
from sfcc_cin7_tests.orders.merchants import policy_for
from sfcc_cin7_tests.orders.storefront import Basket, Document, order
from sfcc_cin7_tests.orders.strategies import EXAMPLES, baskets

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
    "option-tax-unclear",
    "payment-too-precise",
}
"""Why a sound order may still need a person; none of them is about figures that disagree."""


@thorough
@given(baskets())
def test_every_order_is_booked_to_the_smallest_unit_or_refused_for_an_honest_reason(
    basket: Basket,
) -> None:
    document = order(basket)
    result = translate(parse_order(document), policy_for(basket), "brand")

    if isinstance(result, Rejected):
        event(f"refused: {result.reasons[0].code}")
        assert {reason.code for reason in result.reasons} <= HONEST_REASONS
        return
    event("booked")
    assert_same_money(document, result)


def assert_same_money(document: Document, result: Accepted) -> None:
    sale = result.sale
    assert (sale.total, sale.tax) == (document["orderTotal"], document["taxTotal"])
    assert result.proof.total == minor_units(document["orderTotal"], sale.currency)
    assert len({line.sku for line in sale.lines}) == len(sale.lines)
    bought: dict[str, Decimal] = {}
    for item in document["productItems"]:
        bought[item["productId"]] = bought.get(item["productId"], Decimal(0)) + item["quantity"]
    assert {line.sku: line.quantity for line in sale.lines} == bought
    places = min(Decimal("0.01"), Decimal(1).scaleb(document["orderTotal"].as_tuple().exponent))
    for line in sale.lines:
        assert not line.price % Decimal("0.0001")
        assert (line.price * line.quantity).quantize(places, "ROUND_HALF_UP") == line.amount
    for entry in sale.entries:
        assert 0 <= entry.tax <= entry.amount


@thorough
@given(baskets(), st.sampled_from(("net", "with-tax")))
def test_what_is_sent_answers_its_own_proof(basket: Basket, line_total: str) -> None:
    policy = policy_for(basket, line_total=line_total, payment_accounts=ACCOUNTS)
    result = translate(parse_order(order(basket)), policy, "brand")

    if isinstance(result, Accepted):
        assert not mismatches(result.proof, sale_order(result.sale, "sale-1"))
        assert sum(payment.amount for payment in result.sale.payments) == result.sale.total


FIGURES = ("netPrice", "grossPrice", "tax", "priceAfterItemDiscount", "priceAfterOrderDiscount")
TOTALS = ("productSubTotal", "productTotal", "shippingTotal", "taxTotal", "orderTotal")


@thorough
@given(baskets(), st.data())
def test_an_order_with_one_wrong_figure_is_refused_or_still_holds_the_money(
    basket: Basket, data: Any
) -> None:
    document = order(basket)
    places = [(document, name) for name in TOTALS]
    places += [(item, name) for item in document["productItems"] for name in FIGURES]
    holder, name = places[data.draw(st.integers(0, len(places) - 1))]
    holder[name] += data.draw(st.sampled_from((-1, 1, 500))) * Decimal("0.01")

    result = translate(parse_order(document), policy_for(basket), "brand")

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
@given(baskets(), st.data())
def test_junk_anywhere_in_a_document_is_a_named_reason_never_an_exception(
    basket: Basket, data: Any
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
    result = translate(parsed, policy_for(basket, payment_accounts=ACCOUNTS), "brand")
    if isinstance(result, Accepted):
        assert result.sale.total == document["orderTotal"]
