"""Gateways settle what shoppers paid, once, and report it in the columns that they document."""

import csv
from decimal import Decimal

import pytest

from sfcc_cin7_sandbox.control.assembly import SandboxSettings, assemble
from sfcc_cin7_sandbox.gateways.gateway import write_reports


def settings(**more):
    return SandboxSettings(skus=150, **more)


def columns(content, form):
    rows = list(csv.reader(content.splitlines()))
    if form == "paypal":
        names = next(row[1:] for row in rows if row[0] == "CH")
        return [dict(zip(names, row[1:], strict=True)) for row in rows if row[0] == "SB"]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


@pytest.fixture
def shop(clock):
    sandbox = assemble(settings(), clock)
    for _ in range(30):
        sandbox.shoppers.place("alpenglow-uk", "plain")
    yield sandbox
    sandbox.shelf.close()


def test_every_payment_is_settled_once(shop):
    paid = {
        payment.reference: payment.gross
        for order in shop.sfcc.truth()["orders"]
        for payment in shop.gateways.payments(order)
    }
    reports = shop.gateways.settle()
    assert len(paid) == 30
    [stripe] = reports["stripe"].values()
    settled = {
        row["payment_intent_id"]: Decimal(row["customer_facing_amount"])
        for row in columns(stripe, "stripe")
        if row["reporting_category"] == "charge"
    }
    [adyen] = reports["adyen"].values()
    settled |= {
        row["Psp Reference"]: Decimal(row["Gross Credit (GC)"])
        for row in columns(adyen, "adyen")
        if row["Type"] == "Settled"
    }
    [paypal] = reports["paypal"].values()
    settled |= {
        row["Transaction ID"]: Decimal(row["Gross Transaction Amount"]) / 100
        for row in columns(paypal, "paypal")
    }
    assert settled == paid
    assert shop.gateways.settle() == {}


def test_a_transfer_is_the_sum_of_its_lines(shop):
    reports = shop.gateways.settle()
    [stripe] = reports["stripe"].values()
    assert sum(Decimal(row["net"]) for row in columns(stripe, "stripe")) == 0
    [adyen] = reports["adyen"].values()
    nets = [
        Decimal(row["Net Credit (NC)"] or 0) - Decimal(row["Net Debit (NC)"] or 0)
        for row in columns(adyen, "adyen")
    ]
    assert sum(nets) == 0


def test_a_sandbox_that_starts_again_does_not_settle_twice(clock, tmp_path):
    first = assemble(settings(data=tmp_path), clock)
    first.shoppers.place("alpenglow-uk", "plain")
    assert first.gateways.settle()
    first.shelf.close()
    again = assemble(settings(data=tmp_path), clock)
    assert again.gateways.settle() == {}
    again.shelf.close()


def test_reports_appear_in_the_folder_whole(shop, tmp_path):
    count = write_reports(tmp_path, shop.gateways.settle())
    names = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert len(names) == count
    assert not [name for name in names if name.endswith(".part")]
