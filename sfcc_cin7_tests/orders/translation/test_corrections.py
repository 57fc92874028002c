"""What a person corrected about an order changes names and places, and never money."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.translation.corrections import Correction, corrected, misfit
from sfcc_cin7.orders.translation.translate import Accepted, Rejected, translate
from sfcc_cin7_tests.scenario.alpenglow import BOOKABLE, Merchant

MERCHANT = Merchant()


def figures(value: Any) -> list[Decimal]:
    """Every figure of an order, in its sequence."""
    if isinstance(value, Decimal):
        return [value]
    if isinstance(value, dict):
        return [each for item in value.values() for each in figures(item)]
    if isinstance(value, list | tuple):
        return [each for item in value for each in figures(item)]
    return []


@pytest.mark.parametrize("shape", BOOKABLE)
def test_no_correction_changes_a_figure_of_any_order(shape: str) -> None:
    order = parse_order(MERCHANT.order(shape))
    site = MERCHANT.policies[order.site]
    wanted = [
        *(Correction("sku", line.product_id, f"X-{line.product_id}"[:50]) for line in order.lines),
        *(Correction("option", option.product_id, "Engraving") for option in order.options),
        *(Correction("payment-account", each.method, "1999") for each in order.payments),
        Correction("country", "", "GB"),
    ]
    assert [misfit(order, each) for each in wanted] == [None] * len(wanted)
    result = corrected(order, site, wanted)
    assert figures(asdict(result.order)) == figures(asdict(order))
    assert result.order != order


def test_two_skus_of_an_order_may_change_places() -> None:
    document = MERCHANT.order("plain")
    [line] = document["productItems"][:1]
    document["productItems"] = [{**line, "productId": sku} for sku in ("LEFT", "RIGHT")]
    order = parse_order(document)
    swapped = [Correction("sku", "LEFT", "RIGHT"), Correction("sku", "RIGHT", "LEFT")]
    result = corrected(order, MERCHANT.policies[order.site], swapped)
    assert [each.product_id for each in result.order.lines] == ["RIGHT", "LEFT"]


def test_a_tax_rule_of_one_order_takes_the_place_of_the_sites() -> None:
    order = parse_order(MERCHANT.order("plain"))
    site = MERCHANT.policies[order.site]
    assert order.lines[0].rate is not None
    percent = f"{(order.lines[0].rate * 100).normalize():f}"
    what = corrected(order, site, [Correction("tax-rule", percent, "A rule of its own")])
    result = translate(what.order, what.site, "alpenglow")
    assert isinstance(result, Accepted)
    assert {line.tax_rule for line in result.sale.lines} == {"A rule of its own"}
    assert (result.sale.total, result.sale.tax) == (order.total, order.tax_total)


def test_a_price_that_no_unit_price_hits_is_booked_with_the_rounding_that_was_accepted() -> None:
    document = MERCHANT.order("plain")
    [line] = document["productItems"][:1]
    document["productItems"] = [{**line, "quantity": 3_000_000}]
    order = parse_order(document)
    site = MERCHANT.policies[order.site]
    assert isinstance(translate(order, site, "alpenglow"), Rejected)
    most = order.total * Decimal("0.01")
    assert misfit(order, Correction("rounding", "", f"{most}")) is None
    assert "at most" in str(misfit(order, Correction("rounding", "", f"{most + 1}")))


def test_what_the_shopper_paid_is_no_kind_of_correction() -> None:
    order = parse_order(MERCHANT.order("plain"))
    for kind in ("total", "price", "tax", "payment"):
        sentence = misfit(order, Correction(kind, "", "1"))
        assert sentence is not None
        assert "What the shopper paid never can" in sentence


def test_a_correction_that_the_order_has_outgrown_is_left_alone() -> None:
    order = parse_order(MERCHANT.order("plain"))
    site = MERCHANT.policies[order.site]
    assert corrected(order, site, [Correction("sku", "GONE", "X")]).order == order
