"""The bodies that book a sale."""

from datetime import UTC, datetime
from decimal import Decimal as D

import pytest
import simplejson

from sfcc_cin7.orders.translation.sale_documents import header, order, payment
from sfcc_cin7.orders.translation.translate import Accepted
from sfcc_cin7_tests.contract.openapi import validator
from sfcc_cin7_tests.orders.merchants import accept
from sfcc_cin7_tests.orders.storefront import Basket, Extra, Freight, Item

TEXAS = D("0.0825")
CIN7 = "cin7-core-openapi.json"


def booked(taxation: str = "net", **policy: object) -> Accepted:
    items = (
        Item("TENT", D(3), D("20.00"), TEXAS, extras=(Extra("wrap", "gift", D("2.00")),)),
        Item("MUG", D(1), D("15.50"), TEXAS),
    )
    basket = Basket("USD", taxation, items, (Freight(D("5.00"), TEXAS),))  # type: ignore[arg-type]
    return accept(
        basket, currency_rate=D("0.74123"), payment_accounts={"CREDIT_CARD": "1200"}, **policy
    )


def test_the_header_skips_the_quote_and_leaves_the_customers_card_alone() -> None:
    body = header(booked().sale)

    assert body["SkipQuote"] is True
    assert body["SaleType"] == "Simple"
    assert body["ShippingAddress"]["ShipToOther"] is True  # type: ignore[index]
    assert body["TaxInclusive"] is False
    assert body["ExternalID"] == "brand:shop:00000410"
    assert body["CustomerReference"] == "00000410"
    assert body["CurrencyRate"] == D("0.74123")
    assert body["SaleOrderDate"] == "2026-03-01T09:30:05.000"
    assert "Lines" not in body


def test_the_order_authorises_lines_and_charges() -> None:
    body = order(booked().sale, "sale-1")

    assert (body["SaleID"], body["Status"]) == ("sale-1", "AUTHORISED")
    assert body["Lines"][0] == {  # type: ignore[index]
        "SKU": "TENT",
        "Quantity": D(3),
        "Price": D("20.00"),
        "Discount": D(0),
        "Tax": D("4.95"),
        "Total": D("60.00"),
        "TaxRule": "Rule 0.0825",
        "Comment": "With option wrap gift",
    }
    assert [row["Description"] for row in body["AdditionalCharges"]] == [  # type: ignore[attr-defined]
        "Gift Wrap",
        "Shipping",
    ]
    assert (body["TotalBeforeTax"], body["Tax"], body["Total"]) == (
        D("86.50"),
        D("7.14"),
        D("93.64"),
    )


@pytest.mark.parametrize(
    ("taxation", "line_total", "total"),
    [
        ("net", "net", D("60.00")),
        ("net", "with-tax", D("64.95")),
        ("gross", "net", D("60.00")),
        ("gross", "with-tax", D("60.00")),
    ],
)
def test_a_line_total_holds_tax_where_the_account_or_the_price_does(
    taxation: str, line_total: str, total: D
) -> None:
    lines = order(booked(taxation, line_total=line_total).sale, "sale-1")["Lines"]

    assert lines[0]["Total"] == total  # type: ignore[index]


def test_a_payment_is_a_prepayment_in_the_shoppers_currency() -> None:
    sale = booked().sale
    [paid] = sale.payments

    assert payment(sale, paid, "task-1", datetime(2026, 3, 1, 10, tzinfo=UTC)) == {
        "TaskID": "task-1",
        "Type": "Prepayment",
        "Reference": "00000410:pi-1",
        "Amount": D("93.64"),
        "DatePaid": "2026-03-01T10:00:00.000",
        "Account": "1200",
        "CurrencyRate": D("0.7412"),
    }


@pytest.mark.parametrize("taxation", ["net", "gross"])
def test_every_body_is_what_the_published_description_says(taxation: str) -> None:
    sale = booked(taxation).sale
    sale_id = "916ab4c0-6ccb-4c93-873d-0603859050e4"
    bodies = {
        "/sale": header(sale),
        "/sale/order": order(sale, sale_id),
        "/sale/payment": payment(sale, sale.payments[0], sale_id, sale.order_date),
    }
    for path, body in bodies.items():
        sent = simplejson.loads(simplejson.dumps(body, use_decimal=True), use_decimal=True)
        validator(CIN7, "POST", path, kind="request", closed=True).validate(sent)
