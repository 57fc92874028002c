"""Baskets of every shape that a storefront order can have, for property tests."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal, get_args

from hypothesis import strategies as st

from sfcc_cin7.merchant.operating_model import PersonalField
from sfcc_cin7_tests.orders.storefront import ADDRESS, STEPS, Basket, Extra, Freight, Item

RATES = [Decimal(rate) for rate in ("0", "0.05", "0.0725", "0.0825", "0.1", "0.2", "0.21")]
SKUS = ["TENT-2P", "STOVE", "MUG", "ROPE-60M", "帽子-M", "SOCKS.L"]
PLACES = {"me": ADDRESS, "friend": ADDRESS | {"fullName": "Łucja Ørsted 🏔", "stateCode": "CA"}}


def amounts(step: Decimal, largest: int) -> st.SearchStrategy[Decimal]:
    """Amounts from zero to `largest` smallest units."""
    return st.integers(0, largest).map(lambda units: units * step)


@st.composite
def extras(draw: st.DrawFn, step: Decimal) -> tuple[Extra, ...]:
    kinds = (("wrap", "gift"), ("engraving", "text"))
    chosen = draw(st.lists(st.sampled_from(kinds), unique=True))
    return tuple(Extra(kind, value, draw(amounts(step, 2_000))) for kind, value in chosen)


@st.composite
def items(draw: st.DrawFn, step: Decimal, rates: list[Decimal], shipments: list[str]) -> Item:
    quantity = draw(
        st.one_of(
            st.integers(1, 5).map(Decimal),
            st.integers(1, 400).map(Decimal),
            st.sampled_from((Decimal("0.5"), Decimal("2.25"))),
        )
    )
    unit = draw(amounts(step, 50_000))
    price = (unit * quantity).quantize(step, "ROUND_HALF_UP")
    sku = draw(st.sampled_from(SKUS))
    bonus = draw(st.booleans()) and draw(st.booleans())
    discount = draw(amounts(step, int(price / step)))
    return Item(
        sku=sku,
        quantity=quantity,
        unit=unit,
        rate=rates[SKUS.index(sku) % len(rates)],
        discount=price if bonus else draw(st.sampled_from((discount, Decimal(0)))),
        shipment=draw(st.sampled_from(shipments)),
        bonus=bonus,
        extras=draw(st.one_of(st.just(()), extras(step))) if quantity == int(quantity) else (),
        components=draw(components(sku, quantity)),
    )


@st.composite
def components(draw: st.DrawFn, sku: str, bundles: Decimal) -> tuple[tuple[str, Decimal], ...]:
    """Nothing, mostly, or what is in so many bundles; one part is sold alone as well."""
    parts = draw(st.sampled_from(((), (), ("PART-A",), ("PART-A", "PART-B", sku), ("PART-B", "X"))))
    return tuple((f"{part}.{sku}", bundles * draw(st.integers(1, 3))) for part in parts)


@st.composite
def decisions(draw: st.DrawFn) -> dict[str, Any]:
    """What a merchant may decide about orders, as changes to a site's policy."""
    priced = draw(st.lists(st.sampled_from(SKUS), unique=True))
    return {
        "bundles": draw(st.sampled_from(("parent", "components"))),
        "option_booking": draw(st.sampled_from(("charge", "sku", "parent"))),
        "line_total": draw(st.sampled_from(("net", "with-tax"))),
        "several_shipments": draw(st.sampled_from(("one-sale", "one-sale", "one-sale", "review"))),
        "component_prices": {
            f"{part}.{sku}": draw(st.sampled_from((Decimal(0), Decimal("0.99"), Decimal(120))))
            for sku in priced
            for part in ("PART-A", "PART-B", sku, "X")
        },
        "personal_data": {"send": draw(st.frozensets(st.sampled_from(get_args(PersonalField))))},
    }


@st.composite
def freight(draw: st.DrawFn, step: Decimal, rates: list[Decimal], shipment: str) -> Freight:
    price = draw(amounts(step, 3_000))
    return Freight(
        price=price,
        rate=draw(st.sampled_from(rates)),
        discount=draw(amounts(step, int(price / step))),
        shipment=shipment,
        kind=draw(st.sampled_from(("fixed_price", "surcharge"))),
    )


RATES_WRITTEN = st.sampled_from(("as it is", "double", "effective", "zero", "absent"))
"""What stands in `taxRate`; see `restated`."""
CURRENCIES = ("USD", "GBP", "JPY", "VND", "KWD")
TAXATIONS: tuple[Literal["net", "gross"], ...] = ("net", "gross")
RATE_LISTS = st.lists(st.sampled_from(RATES), min_size=1, max_size=3, unique=True)


@st.composite
def baskets(
    draw: st.DrawFn,
    currency: str | None = None,
    taxation: Literal["net", "gross"] | None = None,
    rates: list[Decimal] | None = None,
) -> Basket:
    """A basket in a currency of 0 to 3 decimals, both taxations, both tax modes, each rounding,
    every kind of discount, options, bundles, bonus lines, certificates and one or two shipments."""
    currency = currency or draw(st.sampled_from(CURRENCIES))
    step = STEPS.get(currency, Decimal("0.01"))
    rates = rates or draw(RATE_LISTS)
    shipments = list(PLACES)[: draw(st.integers(1, 2))]
    goods = tuple(draw(st.lists(items(step, rates, shipments), min_size=1, max_size=6)))
    basket = Basket(
        currency=currency,
        taxation=taxation if taxation else draw(st.sampled_from(TAXATIONS)),
        items=goods,
        freight=tuple(
            draw(freight(step, rates, name))
            for name in shipments
            for _ in range(draw(st.integers(0, 2)))
        ),
        certificates=tuple(draw(st.lists(amounts(step, 10_000), max_size=2))),
        adjusted_price=draw(st.booleans()),
        tax_rounding=draw(st.sampled_from(("line", "line", "unit", "group"))),
        discount_options=draw(st.booleans()),
        shipments=tuple(shipments),
        addresses=PLACES,
        order_discount=Decimal(0),
    )
    return with_order_discount(basket, step, draw(st.sampled_from((0, 0, 1, 10, 33, 90, 100))))


def with_order_discount(basket: Basket, step: Decimal, percent: int) -> Basket:
    """The basket with a share of its discountable price taken off the whole order."""
    price = sum(
        (
            (item.unit * item.quantity).quantize(step, "ROUND_HALF_UP") - item.discount
            for item in basket.items
        ),
        Decimal(0),
    )
    if basket.discount_options:
        price += sum(
            (extra.unit * item.quantity for item in basket.items for extra in item.extras),
            Decimal(0),
        )
    return replace(basket, order_discount=(price * percent / 100).quantize(step, "ROUND_DOWN"))
