"""The inventory feed says what it must, of a form that the storefront imports."""

import gzip
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from sfcc_cin7.stock.publishing.writers.feed_file import FEED, feed, misfit
from sfcc_cin7.systems.sfcc.documents import InventoryList
from sfcc_cin7_tests.stock.publishing.writers.bench import Count

AT = datetime(2026, 3, 2, 10, 0, 0, 1999, tzinfo=UTC)
UK = InventoryList(id="inventory-uk", default_in_stock=True)


def figure(sku: str = "TENT", allocation: str = "7") -> Count:
    return Count(sku, Decimal(allocation), AT)


def test_a_feed_keeps_the_settings_of_its_list_and_dates_each_allocation():
    root = etree.fromstring(gzip.decompress(feed(UK, [figure(), figure("TENT & <CO>", "1E+1")])))
    header, records = root[0]
    assert header.items() == [("list-id", "inventory-uk")]
    assert [(etree.QName(e).localname, e.text) for e in header] == [("default-instock", "true")]
    first, second = records
    assert first.get("product-id") == "TENT"
    assert [(e.tag, e.text) for e in first] == [
        (f"{{{FEED.namespace}}}allocation", "7"),
        (f"{{{FEED.namespace}}}allocation-timestamp", "2026-03-02T10:00:00.001Z"),
    ]
    assert (second.get("product-id"), second[0].text) == ("TENT & <CO>", "10")


@pytest.mark.parametrize(
    "odd",
    ["", " TENT", "TENT ", "TENT\n", "TE\tNT", "TE\x00NT", "TE\ufffeNT", "T" * 101, "\ud800"],
)
def test_a_product_id_that_would_spoil_the_file_is_refused_before(odd: str):
    assert misfit(figure(odd)) is not None


@pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity"])
def test_an_amount_that_would_spoil_the_file_is_refused_before(amount: str):
    assert misfit(figure(allocation=amount)) is not None


@given(
    st.text(max_size=101),
    st.decimals(min_value=-1, max_value=10**12, places=4) | st.just(Decimal("1E+30")),
)
def test_whatever_is_no_misfit_makes_a_file_that_comes_back_as_it_was(sku, allocation):
    one = Count(sku, allocation, AT)
    if misfit(one) is None:
        root = etree.fromstring(gzip.decompress(feed(UK, [one])))
        (record,) = root[0][1]
        assert (record.get("product-id"), Decimal(record[0].text or "")) == (sku, allocation)


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("<allocation>7</allocation>", "<allocation>-7</allocation>"),
        ("<allocation>7</allocation>", ""),
        ("2026-03-02T10:00:00.001Z", "2026-03-02T10:00:00.001"),
        ("2026-03-02T10:00:00.001Z", "yesterday"),
        ('product-id="TENT"', ""),
        ('product-id="TENT"', 'product-id="TENT" mode="delete"'),
        ("<default-instock>true</default-instock>", ""),
        (FEED.namespace, f"{FEED.namespace}/other"),
        ("</inventory>", ""),
    ],
)
def test_a_file_of_another_form_does_not_leave(part: str, instead: str):
    good = gzip.decompress(feed(UK, [figure()])).decode()
    assert part in good
    FEED.check(good.encode(), row="record")
    with pytest.raises(ValueError, match="not of its format"):
        FEED.check(good.replace(part, instead).encode(), row="record")
