"""What an order becomes under another operating model is told beside what it becomes now."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7.order_document.model import Address
from sfcc_cin7.orders.translation.difference import Comparison, differences
from sfcc_cin7.orders.translation.sale import Sale, SaleCharge, SaleLine, SalePayment

LINE = SaleLine(
    sku="TENT-2",
    quantity=Decimal(2),
    price=Decimal("10.00"),
    amount=Decimal("20.00"),
    tax=Decimal("4.00"),
    tax_rule="20%",
    comment="",
)
FREIGHT = SaleCharge(
    description="Shipping", amount=Decimal(5), tax=Decimal(1), tax_rule="20%", comment=""
)


def address(name: str) -> Address:
    fields = dict.fromkeys(Address.__dataclass_fields__, "")
    return Address(**{**fields, next(iter(fields)): name})


SALE = Sale(
    external_id="b:s:1",
    reference="1",
    customer="Web",
    location="London DC",
    currency="GBP",
    currency_rate=Decimal(1),
    tax_inclusive=False,
    totals_with_tax=False,
    order_date=datetime(2026, 3, 1, tzinfo=UTC),
    contact="Kim Doe",
    phone="1",
    email="kim@example.com",
    note="",
    shipping_notes="",
    billing=address("Kim Doe"),
    shipping=address("Kim Doe"),
    lines=(LINE,),
    charges=(FREIGHT,),
    payments=(SalePayment(account="1200", amount=Decimal(30), reference="r"),),
)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"customer": "Shop"}, ["customer: Web -> Shop"]),
        ({"currency_rate": Decimal("0.8")}, ["currency_rate: 1 -> 0.8"]),
        ({"lines": (replace(LINE, tax_rule="VAT"),)}, ["tax rules: none -> VAT"]),
        ({"lines": (replace(LINE, sku="TENT-3"),)}, ["lines: other SKUs, units or amounts"]),
        ({"lines": (replace(LINE, comment="x"),)}, ["comments or prices of lines differ"]),
        (
            {"charges": (replace(FREIGHT, description="Freight"),)},
            ["charges: others, or other amounts"],
        ),
        ({"payments": ()}, ["payments: accounts 1200 -> none"]),
        (
            {"contact": "Web order 1", "shipping": address("")},
            ["addresses, notes or references differ"],
        ),
        ({}, []),
    ],
)
def test_a_sale_that_differs_is_told_by_what_differs(
    change: dict[str, Any], told: list[str]
) -> None:
    assert differences(SALE, replace(SALE, **change)) == told


def test_nothing_that_the_erp_would_hold_goes_unlooked_at() -> None:
    for name in Sale.__dataclass_fields__:
        changed: dict[str, Any] = {name: _other(name)}
        assert differences(SALE, replace(SALE, **changed)), name


def _other(name: str) -> Any:
    given = getattr(SALE, name)
    match given:
        case bool():
            return not given
        case tuple():
            return ()
        case Decimal():
            return given + 1
        case datetime():
            return given.replace(year=2027)
        case Address():
            return address("Sam")
    return f"{given}!"


def test_an_order_that_would_wait_instead_is_told_with_the_reasons() -> None:
    assert differences(SALE, ("tax-rule-unmapped",)) == ["posted -> waits (tax-rule-unmapped)"]
    assert differences(("sku-unknown",), SALE) == ["waits (sku-unknown) -> posted"]
    assert differences(("sku-unknown",), ("sku-unknown",)) == []


def test_what_differs_alike_is_counted_with_a_few_orders_and_nothing_personal() -> None:
    comparison = Comparison()
    for number in range(5):
        comparison.add(f"s/{number}", SALE, replace(SALE, contact=f"Shopper {number}"))
    comparison.add("s/9", SALE, SALE)

    assert (comparison.tried, comparison.differing) == (6, 5)
    assert comparison.by_kind() == [
        ("addresses, notes or references differ", 5, "s/0, s/1, s/2"),
    ]
