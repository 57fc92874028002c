"""Whatever buyers and merchandisers do, and whatever is cut off, prices end as the ERP has them."""

import gzip
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from sfcc_cin7.catalogue.prices.feeding.feed_file import FEED
from sfcc_cin7.systems.sfcc.files import FileCalls
from sfcc_cin7_tests.catalogue.prices.house import LIST, book, merchant, price_house
from sfcc_cin7_tests.emptying import empty_every_table

SKUS = ("TENT", "ROPE", "KIT")
PRICES = ("16.00", "19.99", "20.50", "24.00", "45.00")
FLOOR = Decimal("0.35")

steps = st.one_of(
    st.tuples(st.just("tier"), st.sampled_from(SKUS), st.sampled_from(PRICES)),
    st.tuples(st.just("cost"), st.sampled_from(SKUS), st.sampled_from(("8.10", "12.00"))),
    st.tuples(st.just("edit"), st.sampled_from(SKUS), st.sampled_from(PRICES)),
    st.tuples(st.sampled_from(("replicate", "cut")), st.just(""), st.just("")),
)


def files_that_leave(monkeypatch) -> list[bytes]:
    files: list[bytes] = []
    put = FileCalls.put_file

    def noted(calls, path, content):
        files.append(content)
        put(calls, path, content)

    monkeypatch.setattr(FileCalls, "put_file", noted)
    return files


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(happened=st.lists(steps, min_size=1, max_size=6))
def test_books_end_as_their_tiers_and_nothing_flips(engine, clock, happened):
    with engine.begin() as connection:
        empty_every_table(connection)
    model = merchant(book(margin_floor=FLOOR), read_back=100)
    with pytest.MonkeyPatch.context() as patch, price_house(engine, clock) as house:
        sent = files_that_leave(patch)
        house.prices(model)
        for what, sku, figure in happened:
            house.faults.rates = {"sfcc.job_aborts": 1} if what == "cut" else {}
            if what == "tier":
                house.erp.set_product_price(sku, 1, Decimal(figure))
            elif what == "cost":
                house.erp.set_product_cost(sku, Decimal(figure))
            elif what == "edit":
                house.shop.price_books.edit(LIST, sku, Decimal(figure))
            elif what == "replicate":
                house.shop.price_books.replicate_from(house.staging.price_books)
            house.prices(model)
        house.faults.rates = {}
        for _ in range(3):
            house.prices(model)
        for sku in SKUS:
            row = house.row(sku)
            assert house.asked(sku) == row.told_price, "also what waits is asked as it was told"
            if not row.held:
                assert row.tier_price == row.told_price
                assert row.margin >= FLOOR, "no price below the floor is told unreleased"
        before = len(sent)
        house.prices(model)
        assert len(sent) == before, "what is as it should be travels no more"


def test_a_feed_holds_exactly_the_prices_that_changed(engine, clock, monkeypatch):
    files = files_that_leave(monkeypatch)
    with price_house(engine, clock) as house:
        house.prices(merchant(book()))
        house.erp.set_product_price("TENT", 1, Decimal("21.00"))
        house.erp.set_product_price("KIT", 2, Decimal("1.00"))
        house.prices(merchant(book()))
    tables = etree.fromstring(gzip.decompress(files[-1])).iter(f"{{{FEED.namespace}}}price-table")
    [table] = tables
    assert table.get("product-id") == "TENT"
    [amount] = table
    assert (amount.text, amount.get("quantity")) == ("21", "1")
