"""Every price feed is of the format that Salesforce publishes."""

import gzip
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from sfcc_cin7.catalogue.prices.deciding.table import table_of
from sfcc_cin7.catalogue.prices.feeding.feed_file import misfit, price_feed
from sfcc_cin7.catalogue.prices.records.rows import Change
from sfcc_cin7_tests.catalogue.prices.house import LIST, book
from sfcc_cin7_tests.contract.openapi import reference_folder

BEGINS, ENDS = datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def published() -> etree.XMLSchema:
    path = Path(reference_folder() / "sfcc-pricebook.xsd")
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    return etree.XMLSchema(etree.parse(str(path)))


tables = st.builds(
    lambda price, dated: table_of(
        [(Decimal(1), price)], *((BEGINS, ENDS) if dated else (None, None))
    ).text(),
    st.decimals(min_value="0.01", max_value=10**9, places=2),
    st.booleans(),
)
changes = st.builds(Change, st.text(min_size=1, max_size=101), tables, st.none(), tables)


@settings(max_examples=40)
@given(
    wanted=st.lists(changes, min_size=1, max_size=4),
    parent=st.sampled_from([None, "other-book"]),
    read_only=st.sampled_from([None, True, False]),
)
def test_a_feed_is_of_the_published_format_whatever_is_in_it(published, wanted, parent, read_only):
    fitting = [change for change in wanted if misfit(change) is None]
    if fitting:
        content = gzip.decompress(price_feed(book(parent=parent), fitting, read_only))
        published.assertValid(etree.fromstring(content))


def test_a_price_that_is_removed_is_a_table_that_is_deleted(published):
    gone = Change("TENT", "", None, table_of([(Decimal(1), Decimal(5))], BEGINS, ENDS).text())
    content = gzip.decompress(price_feed(book(), [gone]))
    published.assertValid(etree.fromstring(content))
    assert content.count(b'mode="delete"') == 1
    assert LIST.encode() in content
