"""What was sold, at what cost, and what is left of it: real orders in both emulated systems."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import func, select, text, update

from sfcc_cin7.catalogue.refresh import refresh
from sfcc_cin7.db.schema import (
    erp_sale_lines,
    erp_sales,
    margin_days,
    order_margins,
    orders,
    sku_map,
    sold_lines,
)
from sfcc_cin7.ledger.margin_assets import MarginConfig, gross_margin
from sfcc_cin7.ledger.margin_checks import margins_plausible
from sfcc_cin7.ledger.margins.margin import KnownCosts, line_cost, rate
from sfcc_cin7.ledger.passes.margins import model_rate, update_margins
from sfcc_cin7.ledger.records.margins import sums
from sfcc_cin7.merchant.currency_rates import RateFiles
from sfcc_cin7.order_document.booking_rule import booking_rule
from sfcc_cin7.review.acting import correct_order
from sfcc_cin7.review.requests import CorrectOrder
from sfcc_cin7_sandbox.merchant.catalogue import GHOST_SKU
from sfcc_cin7_tests.ledger.erp_returns import credit, invoice

UK, US, JP = "alpenglow-uk", "alpenglow-us", "alpenglow-jp"
CENT = Decimal("0.01")


@pytest.fixture
def catalogue(books):
    """Both catalogues, as the lane that reads them leaves them."""
    read_catalogues(books)


def read_catalogues(books):
    lane = books.lane
    refresh(books.engine, lane.storefront, books.erp, books.model, books.clock)


def weighed(books):
    """Everything that changed, in the books and weighed; the lines by order."""
    books.clock.sleep(60)
    books.reconcile()
    update_margins(books.engine, books.model)
    lines: dict[str, list[Any]] = {}
    query = select(order_margins).order_by(order_margins.c.order_key, order_margins.c.position)
    with books.engine.connect() as connection:
        for row in connection.execute(query):
            lines.setdefault(row.order_key, []).append(row)
    return lines


def booked(sale):
    """Revenue by SKU, as the sale of the ERP holds it."""
    inclusive = sale["TaxInclusive"]
    return {
        line["SKU"]: line["Quantity"] * line["Price"] - (line["Tax"] if inclusive else 0)
        for line in sale["Lines"]
    }


def test_revenue_is_what_the_shopper_paid_without_tax_and_costs_are_the_catalogues_at_first(
    books, catalogue
):
    key, sale = books.posted(shape="order-discount")
    lines = weighed(books)[key]
    revenue = {line.sku: Decimal(0) for line in lines}
    for line in lines:
        revenue[line.sku] += line.revenue
    assert revenue == {sku: amount.quantize(CENT) for sku, amount in booked(sale).items()}
    assert {line.basis for line in lines} == {"catalogue"}
    for line in lines:
        unit = books.lane.sandbox.cin7.product_cost(line.sku)
        assert line.cost == unit * line.units
        assert line.cost > 0


def test_the_cost_of_what_shipped_takes_the_place_of_the_average(books, catalogue):
    key, sale = books.posted()
    before = weighed(books)[key]
    for line in before:
        books.lane.sandbox.cin7.set_product_cost(line.sku, Decimal("3.33"))
    books.lane.sandbox.cin7.ship(sale["ID"])
    after = weighed(books)[key]
    assert {line.basis for line in after} == {"shipped"}
    assert [line.cost for line in after] == [Decimal("3.33") * line.units for line in after]
    assert [line.revenue for line in after] == [line.revenue for line in before]


def test_what_came_back_is_taken_out_with_its_cost_if_it_is_on_the_shelf_again(books, catalogue):
    key, sale = books.posted(shape="several-units")
    books.clock.sleep(60)
    books.lane.sandbox.cin7.ship(sale["ID"])
    number = invoice(books, sale["ID"])
    [whole] = weighed(books)[key]
    assert whole.basis == "shipped"
    credit(books, sale["ID"], number, sku=whole.sku, units=1)
    [kept] = weighed(books)[key]
    assert kept.units == whole.units - 1
    assert kept.cost == (whole.cost * kept.units / whole.units).quantize(Decimal("0.0001"))
    assert abs(kept.revenue - whole.revenue * kept.units / whole.units) <= CENT


def test_what_came_back_broken_still_costs(books, catalogue):
    key, sale = books.posted()
    books.clock.sleep(60)
    books.lane.sandbox.cin7.ship(sale["ID"])
    number = invoice(books, sale["ID"])
    [whole] = weighed(books)[key]
    credit(books, sale["ID"], number, restock=False)
    [returned] = weighed(books)[key]
    assert (returned.units, returned.revenue) == (0, 0)
    assert returned.cost == whole.cost > 0


def test_a_cancelled_order_brings_in_nothing(books, catalogue):
    key, _ = books.posted()
    assert key in weighed(books)
    _, site, number = key.split(":")
    books.lane.sandbox.sfcc.cancel(site, number)
    books.clock.sleep(60)
    books.lane.sweep(timedelta(days=1))
    books.lane.run_until_quiet()
    assert weighed(books) == {}
    assert days(books) == []


def test_a_cost_in_pounds_is_taken_off_dollars_at_the_rate_of_the_sale(books, catalogue):
    key = books.lane.order(site=US, shape="plain")
    books.lane.run_until_quiet()
    [sale] = books.lane.sales(key)
    before = weighed(books)[key]
    for line in before:
        cost = books.lane.sandbox.cin7.product_cost(line.sku) * line.units
        assert (line.currency, line.base_cost) == ("USD", cost)
        assert line.cost == (cost / Decimal("0.74")).quantize(Decimal("0.0001"))
    books.lane.sandbox.cin7.ship(sale["ID"])
    weighed(books)
    with books.engine.begin() as connection:
        connection.execute(update(erp_sales).values(currency_rate=Decimal("0.5")))
    after = weighed(books)[key]
    assert [line.cost for line in after] == [line.base_cost * 2 for line in after]


def test_without_a_known_rate_the_margin_is_unknown(books, catalogue):
    key = books.lane.order(site=US, shape="plain")
    books.lane.run_until_quiet()
    us = books.model.site(US).model_copy(update={"currency": "CAD"})  # and so none for dollars
    sites = [us if site.id == US else site for site in books.model.sites]
    books.model = books.model.model_copy(update={"sites": sites})
    lines = weighed(books)[key]
    assert {(line.basis, line.cost) for line in lines} == {("no rate", None)}
    total = sum(line.revenue for line in lines)
    assert total > 0
    with books.engine.connect() as connection:
        [row] = sums(connection, ["currency"], "2026-01-01", "2026-01-03")
    assert (row.revenue, row.cost, row.unknown) == (0, 0, total)


def test_a_lantern_that_was_booked_under_another_sku_is_sold_at_the_cost_of_what_was_booked(
    books, catalogue
):
    key = books.lane.order(shape="unknown-sku")
    books.lane.run()
    lantern = GHOST_SKU
    assert basis_of(weighed(books)[key], lantern) == "no cost"  # the ERP knows no such product

    other = next(each for each in books.erp.products() if each.type == "Stock").sku
    books.lane.sandbox.cin7.set_product_cost(other, Decimal("4.56"))
    read_catalogues(books)
    request = CorrectOrder(order=key, by="kim", because="its new name", skus={lantern: other})
    correct_order(books.engine, books.clock, books.model, request)
    books.lane.run_until_quiet()
    [sale] = books.lane.sales(key)
    assert other in {line["SKU"] for line in sale["Lines"]}
    [sold] = [line for line in weighed(books)[key] if line.sku == lantern]
    assert (sold.basis, sold.cost) == ("catalogue", Decimal("4.56") * sold.units)
    assert sold.revenue > 0

    books.lane.sandbox.cin7.set_product_cost(other, Decimal("3.33"))
    books.lane.sandbox.cin7.ship(sale["ID"])
    [shipped] = [line for line in weighed(books)[key] if line.sku == lantern]
    assert (shipped.basis, shipped.cost) == ("shipped", Decimal("3.33") * sold.units)


def basis_of(lines, sku):
    [basis] = {line.basis for line in lines if line.sku == sku}
    return basis


def test_a_product_that_costs_nothing_has_no_known_cost(books):
    key, _ = books.posted()
    skus = [line["SKU"] for line in books.lane.sales(key)[0]["Lines"]]
    for sku in skus:
        books.lane.sandbox.cin7.set_product_cost(sku, Decimal(0))
    read_catalogues(books)
    assert {line.basis for line in weighed(books)[key]} == {"no cost"}


@pytest.mark.parametrize("shape", ["option", "bundle", "bonus", "certificate-bought"])
def test_every_line_is_a_row_and_all_come_to_the_product_total(books, catalogue, shape):
    key, _ = books.posted(shape=shape)
    document = books.lane.document(key)
    lines = weighed(books)[key]
    net = document["productTotal"] - document["adjustedMerchandizeTotalTax"]
    assert sum(line.revenue for line in lines) == net
    if shape == "option":
        assert "service" in {line.basis for line in lines}
    if shape == "bonus":
        given = [line for line in lines if line.price_book == "(given)"]
        assert given
        assert all(line.revenue == 0 < line.cost for line in given)
    others = {line.price_book for line in lines} - {"(given)"}
    assert others == {"gbp-list-prices"}


def test_weighing_again_changes_nothing(books, catalogue):
    books.posted()
    weighed(books)
    before = days(books)
    assert before
    assert update_margins(books.engine, books.model).changes == 0
    again(books)
    assert update_margins(books.engine, books.model).changes == 1
    assert days(books) == before


def test_the_sums_of_days_are_those_of_the_lines_whatever_happened(books, catalogue):
    for shape in ("plain", "several-lines", "order-discount"):
        _, sale = books.posted(shape=shape)
        weighed(books)
        books.lane.sandbox.cin7.ship(sale["ID"])
    lines = [line for of_order in weighed(books).values() for line in of_order]
    with books.engine.connect() as connection:
        [row] = sums(connection, ["currency"], "2026-01-01", "2026-01-03")
    assert (row.lines, row.revenue, row.cost) == (
        len(lines),
        sum(line.revenue for line in lines),
        sum(line.cost for line in lines),
    )
    assert row.shipped_revenue == row.revenue


def test_the_database_costs_a_line_as_the_pure_rule_does(books, catalogue):
    for site, shape in (
        (UK, "several-lines"),
        (US, "bundle"),
        (JP, "several-units"),
        (US, "bonus"),
    ):
        books.lane.order(site=site, shape=shape)
    books.lane.run_until_quiet()
    weighed(books)
    for sale in books.lane.sandbox.cin7.sales_truth()[::2]:
        books.lane.sandbox.cin7.ship(sale["ID"])
    by_key = weighed(books)
    assert {line.basis for lines in by_key.values() for line in lines} >= {"shipped", "catalogue"}
    for key, lines in by_key.items():
        for line in lines:
            cost, basis = by_the_rule(books, key, line)
            assert line.basis == basis
            assert line.cost == (None if cost is None else cost.quantize(Decimal("0.0001")))


def by_the_rule(books, key, line):
    """What `ledger.margin` says of a line, from the rows that the database joins."""
    with books.engine.connect() as connection:
        order = connection.execute(select(orders).where(orders.c.order_key == key)).one()
        sold = connection.execute(
            select(sold_lines).where(
                sold_lines.c.order_key == key, sold_lines.c.position == line.position
            )
        ).one()
        sale = connection.execute(select(erp_sales).where(erp_sales.c.external_id == key)).first()
        parts = []
        for sku, units in zip(sold.part_skus, sold.part_units, strict=True):
            of_sale = connection.execute(
                select(erp_sale_lines).where(
                    erp_sale_lines.c.sale_id == (sale.sale_id if sale else ""),
                    erp_sale_lines.c.sku == sku,
                )
            ).first()
            product = connection.execute(select(sku_map).where(sku_map.c.sku == sku)).first()
            known = KnownCosts(
                shipped=of_sale.shipped_cost if of_sale else None,
                booked=of_sale.average_cost if of_sale else None,
                catalogue=product.average_cost if product else None,
                service=bool(product and product.erp_kind == "Service"),
            )
            parts.append((units, known))
    site = books.model.site(order.site)
    in_base = rate(
        order.currency,
        books.model.base_currency,
        sale.currency_rate if sale else None,
        model_rate(site, order.currency, order.created_at.date(), RateFiles()),
    )
    return line_cost(parts, in_base)


def again(books):
    with books.engine.begin() as connection:
        connection.execute(
            text(
                "insert into sfcc_cin7.margin_changes (order_key)"
                " select order_key from sfcc_cin7.orders"
            )
        )


def days(books):
    with books.engine.connect() as connection:
        rows = connection.execute(select(margin_days).where(margin_days.c.lines > 0))
        return sorted(tuple(row) for row in rows)


class _Plain:
    """A resource as the asset uses it."""

    def __init__(self, **parts):
        self.__dict__.update(parts)


def materialize(books, again_from=""):
    resources = {
        "merchant": _Plain(model=lambda: books.model),
        "store": _Plain(engine=books.engine, clock=books.clock),
    }
    result = dg.materialize(
        [gross_margin, margins_plausible],
        resources=resources,
        run_config=dg.RunConfig({"gross_margin": MarginConfig(again_from=again_from)}),
    )
    [materialization] = result.asset_materializations_for_node("gross_margin")
    [check] = result.get_asset_check_evaluations()
    return materialization.metadata, check


def test_the_asset_shows_totals_and_the_ten_that_earn_least(books, catalogue):
    for _ in range(3):
        books.posted(shape="several-lines")
    books.reconcile()
    metadata: Any
    metadata, check = materialize(books)
    assert check.passed
    [total] = metadata["by site and price book"].records
    assert total.data["sold from"] == "Alpenglow UK, gbp-list-prices"
    assert total.data["cost unknown"] == "0.0%"
    with books.engine.connect() as connection:
        revenue = connection.scalar(select(func.sum(order_margins.c.revenue)))
    assert metadata["revenue GBP"].value == float(revenue)
    rows = metadata["the ten that earn least"].records
    assert 0 < len(rows) <= 10


def test_a_purchase_at_a_wrong_price_is_an_implausible_margin_until_the_cost_is_put_right(books):
    _, sale = books.posted()
    sku = sale["Lines"][0]["SKU"]
    right = books.lane.sandbox.cin7.product_cost(sku)
    books.lane.sandbox.cin7.set_product_cost(sku, right * 100)
    read_catalogues(books)
    books.reconcile()
    check: Any
    _, check = materialize(books)
    assert not check.passed
    [row] = check.metadata["the worst"].records
    assert row.data["SKU"] == sku
    assert row.data["margin"].startswith("-")
    assert check.description.startswith("1 negative")
    assert check.severity is dg.AssetCheckSeverity.ERROR

    books.lane.sandbox.cin7.set_product_cost(sku, right)
    read_catalogues(books)
    _, check = materialize(books)
    assert not check.passed  # what was weighed stays, as long as nobody asks
    _, check = materialize(books, again_from=f"{books.clock.now():%Y-%m-%d}")
    assert check.passed


def test_a_site_that_nobody_knows_is_booked_as_cin7_would_take_it():
    assert booking_rule(None).bundles == "parent"
