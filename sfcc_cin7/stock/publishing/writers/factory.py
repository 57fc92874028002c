"""The writer for a number of changes, and what shows the stock of a list, put together."""

from sfcc_cin7.merchant.stock import WriterPolicy
from sfcc_cin7.stock.deciding.choose import choose
from sfcc_cin7.stock.publishing.writers.batch import BatchWriter
from sfcc_cin7.stock.publishing.writers.feed import FeedWriter
from sfcc_cin7.stock.publishing.writers.oci import OciWriter
from sfcc_cin7.stock.publishing.writers.oci_file import OciFileWriter
from sfcc_cin7.stock.publishing.writers.records import RecordWriter
from sfcc_cin7.stock.publishing.writers.writer import Writer
from sfcc_cin7.stock.reading.shelf import OciShelf, Shelf
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import Clock


def writer_for(policy: WriterPolicy, changes: int, shop: SfccClient, clock: Clock) -> Writer:
    """The way to write so many changes to a list."""
    way = choose(policy, changes)
    if way == "oci":
        return OciWriter(shop, clock)
    if way == "oci-file":
        return OciFileWriter(shop, clock, few=OciWriter(shop, clock))
    if way == "feed" and policy.feed is not None:
        return FeedWriter(shop, policy.feed, clock, few=BatchWriter(shop, clock))
    return BatchWriter(shop, clock) if way == "batch" else RecordWriter(shop, clock)


def shelf_of(policy: WriterPolicy, shop: SfccClient) -> Shelf:
    """Where the stock of a list is read back."""
    return OciShelf(shop) if policy.mode == "oci" else shop
