"""The books of a day, with real orders in both emulated systems."""

from decimal import Decimal
from typing import Any

import dagster as dg
from sqlalchemy import delete, select, update

from sfcc_cin7.cli.emulated import sandbox_erp
from sfcc_cin7.db.schema import order_units, orders, postings
from sfcc_cin7.inbox.inbox import Finding, open_items
from sfcc_cin7.ledger.assets import order_ledger
from sfcc_cin7.ledger.checks import (
    nothing_missing_or_doubled,
    postings_sum_to_zero,
    totals_and_tax_agree,
)
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.http.errors import Refused
from sfcc_cin7_tests.ledger.bookkeeping import FewCalls, refresh_sales


def test_a_posted_order_is_in_the_books_on_both_legs_and_without_a_break(books):
    key, _ = books.posted()
    books.reconcile()
    [line] = books.lines()
    assert (line.order_key, line.captured, line.captured_tax) == (key, line.booked, line.booked_tax)
    assert books.open() == []
    assert books.sum_of("storefront") == (3, 0)
    assert books.sum_of("erp") == (3, 0)


def test_a_gift_certificate_that_was_bought_is_a_liability_and_no_revenue(books):
    key, _ = books.posted(shape="certificate-bought")
    books.reconcile()
    document = books.lane.document(key)
    owed = sum(each["netPrice"] for each in document["giftCertificateItems"])
    with books.engine.connect() as connection:
        posted = select(postings.c.account, postings.c.amount).where(postings.c.leg == "storefront")
        amount = {row.account: row.amount for row in connection.execute(posted)}
    assert amount["gift-certificate liability"] == -owed < 0
    revenue = document["orderTotal"] - document["taxTotal"] - owed
    assert amount.get("storefront revenue", 0) == -revenue


def test_reconciling_again_writes_nothing_and_asks_for_no_sale_again(books):
    books.posted()
    books.reconcile()
    reading = refresh_sales(books.engine, books.erp, books.model, books.clock)
    assert (reading.read, reading.left, reading.complete) == (0, 0, True)
    assert books.reconcile().entries_written == 0


def test_a_price_edited_in_the_erp_is_a_break_until_it_is_put_right(books):
    key, sale = books.posted()
    books.reconcile()
    [line] = [one for one in sale["Lines"] if one["Price"]][:1]
    books.clock.sleep(60)
    books.lane.sandbox.cin7.edit_sale(sale["ID"], sku=line["SKU"], price=line["Price"] + 1)
    result = books.reconcile()
    assert (key, "amount") in books.open()
    assert result.breaks_opened >= 1

    books.clock.sleep(60)
    books.lane.sandbox.cin7.edit_sale(sale["ID"], sku=line["SKU"], price=line["Price"])
    result = books.reconcile()
    assert (key, "amount") not in books.open()
    count, total = books.sum_of("erp")
    assert count > 3
    assert total == 0


def test_a_sale_voided_behind_our_back_is_missing_and_its_posting_reversed(books):
    key, sale = books.posted()
    books.reconcile()
    books.clock.sleep(60)
    books.erp.void_sale(sale["ID"].lower())
    books.reconcile()
    assert books.open() == [(key, "missing-erp")]
    assert books.lines()[0].booked == 0
    assert books.sum_of("erp") == (6, 0)


def test_an_image_that_is_not_complete_proves_no_absence(books):
    key, _ = books.posted()
    books.forget_the_image()
    books.post(complete=False)
    assert books.open() == []
    books.post(complete=True)
    assert books.open() == [(key, "missing-erp")]
    books.post(complete=False)
    assert books.open() == [(key, "missing-erp")]


def test_what_one_run_cannot_read_is_read_by_the_next(books):
    books.posted()
    books.posted()
    books.forget_the_image()
    connection = sandbox_erp(books.lane.url)
    with Cin7Client(connection, FewCalls(2), "changes", books.clock, books.lane.road) as erp:
        first = refresh_sales(books.engine, erp, books.model, books.clock)
    second = refresh_sales(books.engine, books.erp, books.model, books.clock)
    assert [(one.read, one.left, one.complete) for one in (first, second)] == [
        (1, 1, False),
        (1, 0, True),
    ]


def test_a_sale_that_cannot_be_read_does_not_stop_the_others(books):
    books.posted()
    _, sick = books.posted()
    books.forget_the_image()

    def document(kind, sale_id):
        if sale_id == sick["ID"].lower():
            raise Refused("cin7", "GET /sale", 400, "no")
        return books.erp.document(kind, sale_id)

    erp: Any = _Plain(touched=books.erp.touched, document=document)
    reading = refresh_sales(books.engine, erp, books.model, books.clock)
    assert (reading.read, reading.left, reading.complete) == (1, 1, False)
    reading = refresh_sales(books.engine, books.erp, books.model, books.clock)
    assert (reading.read, reading.left) == (0, 1)
    books.clock.sleep(301)
    reading = refresh_sales(books.engine, books.erp, books.model, books.clock)
    assert (reading.read, reading.left, reading.complete) == (1, 0, True)


def test_an_order_cancelled_after_posting_is_a_break_of_state(books):
    key, _ = books.posted()
    books.reconcile()
    with books.engine.begin() as connection:
        connection.execute(update(orders).values(shop_status="cancelled"))
    books.reconcile()
    assert books.open() == [(key, "state")]
    assert books.sum_of("storefront") == (6, 0)


def test_a_sale_whose_order_we_never_read_is_missing_in_the_shop_until_it_is_read(books):
    key, _ = books.posted()
    with books.engine.begin() as connection:
        kept = connection.execute(select(orders)).one()
        units = connection.execute(select(order_units)).all()
        connection.execute(delete(order_units))
        connection.execute(delete(orders))
    books.reconcile()
    assert books.open() == []
    books.clock.sleep(601)
    books.reconcile()
    assert books.open() == [(key, "missing-shop")]
    with books.engine.begin() as connection:
        connection.execute(orders.insert(), [kept._asdict()])
        connection.execute(order_units.insert(), [row._asdict() for row in units])
    books.reconcile()
    assert books.open() == []


class _Plain:
    """Stands for a Dagster resource."""

    def __init__(self, **parts):
        self.__dict__.update(parts)


def materialize(books):
    resources = {
        "merchant": _Plain(model=lambda: books.model),
        "store": _Plain(engine=books.engine, clock=books.clock),
        "erp": _Plain(client=lambda purpose: books.erp),
    }
    result = dg.materialize(
        [order_ledger, totals_and_tax_agree, nothing_missing_or_doubled, postings_sum_to_zero],
        resources=resources,
        partition_key=f"{books.clock.now():%Y-%m-%d}",
    )
    [materialization] = result.asset_materializations_for_node("order_ledger")
    checks = {one.check_name: one for one in result.get_asset_check_evaluations()}
    return materialization.metadata, checks


def test_the_asset_shows_the_money_and_its_checks_pass(books):
    books.posted()
    metadata: Any
    metadata, checks = materialize(books)
    assert metadata["orders"].value == 1
    assert metadata["captured GBP"].value == metadata["booked GBP"].value > 0
    assert all(check.passed for check in checks.values())


def test_an_order_that_was_cancelled_behind_its_sale_is_an_error_however_little_it_cost(books):
    books.posted()
    books.reconcile()
    with books.engine.begin() as connection:
        connection.execute(update(orders).values(shop_status="cancelled"))
    ledger = books.model.ledger.model_copy(update={"error_from": Decimal(10**9)})
    books.model = books.model.model_copy(update={"ledger": ledger})
    _, checks = materialize(books)
    check: Any = checks["nothing_missing_or_doubled"]
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.ERROR)


def test_an_order_in_review_for_its_tax_rule_is_a_warning_with_its_figures(books):
    key = books.lane.order(site="alpenglow-jp", shape="plain")
    books.lane.run_until_quiet()
    with books.engine.begin() as connection:
        connection.execute(update(orders).values(state="in_review"))
        finding = Finding(key, "tax-rule-unknown", "Cin7 has no such rule.", "team:finance")
        open_items(connection, [finding], books.clock.now())
    _, checks = materialize(books)
    check: Any = checks["totals_and_tax_agree"]
    assert not check.passed
    assert check.severity is dg.AssetCheckSeverity.WARN
    [record] = check.metadata["the worst"].records
    assert record.data["what"] == f"{key.split(':')[-1]} (Alpenglow JP)"
    assert record.data["problem"] == "Tax rule unknown"
