"""Many orders in one sale: whatever they hold, each can be taken out of it again."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from sfcc_cin7.merchant.operating_model import ConsolidationPolicy, NeutralAddress, SitePolicy
from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.consolidation.grouping import (
    Candidate,
    common,
    consolidated_sale,
    first_and_count,
    grouped,
    share_map,
    unfit,
)
from sfcc_cin7.orders.translation.proof import expect, mismatches
from sfcc_cin7.orders.translation.sale import Sale
from sfcc_cin7.orders.translation.sale_documents import order as sale_order
from sfcc_cin7.orders.translation.shares import Share, discrepancies, reconstruct
from sfcc_cin7.orders.translation.translate import Accepted, translate
from sfcc_cin7.values.money import quantum
from sfcc_cin7_tests.depth import DAYS
from sfcc_cin7_tests.orders.merchants import accepted, policy_for, site
from sfcc_cin7_tests.orders.storefront import ADDRESS, Basket, Item, Till
from sfcc_cin7_tests.orders.strategies import CURRENCIES, RATE_LISTS, TAXATIONS, baskets
from sfcc_cin7_tests.orders.translation.test_translate_properties import ACCOUNTS, thorough

KEY = "brand:shop:consolidated:00000001"
ELSEWHERE = ConsolidationPolicy(
    ships_from="elsewhere",
    address=NeutralAddress(company="Parcels Ltd", line1="Dock 4", country="US"),
)
AT_ERP = ConsolidationPolicy()


@st.composite
def days(draw: st.DrawFn) -> list[Basket]:
    """The orders of one site on one day, which share a currency, a taxation and tax rates."""
    alike = baskets(
        draw(st.sampled_from(CURRENCIES)), draw(st.sampled_from(TAXATIONS)), draw(RATE_LISTS)
    )
    return draw(st.lists(alike, min_size=2, max_size=6))


def candidate(basket: Basket, number: str = "00000001", **changes: Any) -> Candidate:
    policy = policy_for(basket, consolidation=ELSEWHERE, **changes)
    sale = accepted(Till(basket).order(number), policy).sale
    return Candidate(f"brand:shop:{number}", sale, len(basket.shipments))


def merged(candidates: list[Candidate], policy: SitePolicy) -> tuple[Sale, list[Share]]:
    shares = share_map(KEY, candidates, policy.charges.rounding)
    assert shares is not None
    alike = common(policy, candidates[0].sale)
    return consolidated_sale(KEY, policy.id, shares, alike), shares


@settings(thorough, max_examples=DAYS)
@given(days(), st.sampled_from(("net", "with-tax")))
def test_each_order_rebuilt_from_the_sale_and_its_map_is_its_own_sale_to_the_smallest_unit(
    day: list[Basket], line_total: str
) -> None:
    policy = policy_for(
        day[0], consolidation=ELSEWHERE, payment_accounts=ACCOUNTS, line_total=line_total
    )
    candidates = []
    for at, basket in enumerate(day):
        result = translate(parse_order(Till(basket).order(f"{at:08d}")), policy, "brand")
        if isinstance(result, Accepted):
            candidates.append(Candidate(f"brand:shop:{at:08d}", result.sale, len(basket.shipments)))

    groups = grouped(candidates, ELSEWHERE)

    assert Counter(each.order_key for group in groups for each in group.candidates) == Counter(
        each.order_key for each in candidates
    )
    for group in groups:
        event(f"orders in a sale: {len(group.candidates)}")
        shares = share_map(KEY, group.candidates, policy.charges.rounding)
        if shares is None:
            event("no unit price comes near")
            continue
        sale, shares = merged(group.candidates, policy)
        assert_holds_every_order(sale, shares, group.candidates)


def assert_holds_every_order(sale: Sale, shares: list[Share], candidates: list[Candidate]) -> None:
    assert list(discrepancies(sale, shares)) == []
    assert len({line.sku for line in sale.lines}) == len(sale.lines)
    assert not mismatches(expect(sale), sale_order(sale, "sale-1"))
    assert sale.total == sum(each.sale.total for each in candidates)
    assert sale.tax == sum(each.sale.tax for each in candidates)
    assert len({payment.reference for payment in sale.payments}) == len(sale.payments)
    places = min(Decimal("0.01"), quantum(sale.currency))
    for line in sale.lines:
        assert (line.price * line.quantity).quantize(places, "ROUND_HALF_UP") == line.amount
        assert len(line.comment) <= 256
    for entry in sale.entries:
        assert 0 <= entry.tax <= entry.amount
    for each in candidates:
        rebuilt = reconstruct(sale, shares, each.order_key)
        assert (rebuilt.lines, rebuilt.charges) == (each.sale.lines, each.sale.charges)
        assert rebuilt.payments == each.sale.payments
        assert (rebuilt.total, rebuilt.tax) == (each.sale.total, each.sale.tax)


TENT = Item("TENT-2P", Decimal(1), Decimal("100.00"), Decimal("0.1"))
CHEAPER = replace(TENT, quantity=Decimal(2), unit=Decimal("99.99"), discount=Decimal("0.01"))


def basket(*items: Item, **more: Any) -> Basket:
    return Basket("USD", "net", items or (TENT,), **more)


def test_what_one_unit_price_cannot_hit_is_a_rounding_charge_that_no_order_bears() -> None:
    forty = replace(TENT, quantity=Decimal(4000), unit=Decimal("0.03"), discount=Decimal("0.07"))
    candidates = [candidate(basket(replace(TENT, unit=Decimal("0.05")))),
               candidate(basket(forty), "00000002")]  # fmt: skip
    sale, shares = merged(candidates, site())

    own = [share for share in shares if share.order_key == KEY]
    assert [share.kind for share in own] == ["line", "charge"]
    assert sum(share.amount for share in own) == 0
    assert_holds_every_order(sale, shares, candidates)


def test_a_line_says_how_many_units_are_for_which_order_within_its_length() -> None:
    candidates = [candidate(basket(CHEAPER), f"{at:08d}") for at in range(30)]
    sale, _ = merged(candidates, site())

    [line] = sale.lines
    assert line.quantity == 60
    assert line.comment.startswith("2 for 00000000, 2 for 00000001, ")
    assert line.comment.endswith(" more")
    shown = line.comment.count(" for ")
    assert line.comment.endswith(f"+{30 - shown} more")


def test_a_list_is_cut_where_somebody_can_see_it() -> None:
    assert first_and_count(["a", "b", "c"], 7) == "a, b, c"
    assert first_and_count(["order-1", "order-2", "order-3"], 16) == "order-1 +2 more"
    assert first_and_count(["an-order-with-a-long-number"] * 2, 10) == "2 orders"


def test_a_sku_under_two_tax_rules_makes_two_sales() -> None:
    other_rate = replace(TENT, rate=Decimal("0.2"))
    candidates = [candidate(basket()), candidate(basket(other_rate), "00000002"),
               candidate(basket(), "00000003")]  # fmt: skip
    assert [len(group.candidates) for group in grouped(candidates, ELSEWHERE)] == [2, 1]


def test_a_sale_takes_no_more_orders_or_lines_than_the_merchant_allows() -> None:
    candidates = [
        candidate(basket(replace(TENT, sku=f"SKU-{at}"), TENT), f"{at:08d}") for at in range(7)
    ]
    few_orders = ELSEWHERE.model_copy(update={"most_orders": 3})
    assert [len(group.candidates) for group in grouped(candidates, few_orders)] == [3, 3, 1]
    few_lines = ELSEWHERE.model_copy(update={"most_lines": 4})
    assert [len(group.candidates) for group in grouped(candidates, few_lines)] == [3, 3, 1]


def to(name: str, street: str = "1 Market Street") -> Basket:
    return basket(addresses={"me": ADDRESS | {"fullName": name, "address1": street}})


def test_where_the_erp_ships_only_orders_to_the_very_same_addressee_share_a_sale() -> None:
    candidates = [
        candidate(to("Store 12")),
        candidate(to("Store 12"), "00000002"),
        candidate(to("Store 12", "2 Market Street"), "00000003"),
        candidate(to("Ada Example"), "00000004"),
    ]
    assert [len(group.candidates) for group in grouped(candidates, AT_ERP)] == [2, 1, 1]
    assert [len(group.candidates) for group in grouped(candidates, ELSEWHERE)] == [4]


def test_a_sale_that_ships_from_elsewhere_names_no_shopper() -> None:
    candidates = [candidate(to("Ada Example")), candidate(to("Łucja Ørsted"), "00000002")]
    sale, _ = merged(candidates, site(consolidation=ELSEWHERE))
    assert sale.shipping.line1 == "Dock 4"
    assert (sale.contact, sale.phone, sale.email, sale.shipping_notes) == (
        "Parcels Ltd",
        "",
        "",
        "",
    )


@pytest.mark.parametrize(
    ("policy", "order"),
    [
        (AT_ERP.model_copy(update={"largest_order": Decimal(50)}), candidate(basket())),
        (AT_ERP, candidate(basket(shipments=("me", "friend"),
                               addresses={"friend": ADDRESS}))),
        (AT_ERP.model_copy(update={"most_lines": 1}),
         candidate(basket(TENT, replace(TENT, sku="MUG")))),
    ],
)  # fmt: skip
def test_a_large_order_or_one_for_several_addresses_is_posted_alone(
    policy: ConsolidationPolicy, order: Candidate
) -> None:
    assert unfit(order, policy) is not None
    assert unfit(order, ELSEWHERE) is None


def test_a_map_that_lost_a_share_is_noticed() -> None:
    candidates = [candidate(basket()), candidate(basket(CHEAPER), "00000002")]
    sale, shares = merged(candidates, site())
    assert list(discrepancies(sale, shares)) == []
    assert len(list(discrepancies(sale, shares[1:]))) == 2
    halved = [replace(shares[0], tax=shares[0].tax / 2), *shares[1:]]
    assert len(list(discrepancies(sale, halved))) == 2


def test_shipping_from_elsewhere_needs_an_address() -> None:
    with pytest.raises(ValueError, match="address is needed"):
        ConsolidationPolicy(ships_from="elsewhere")
