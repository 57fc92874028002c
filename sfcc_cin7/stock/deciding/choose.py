"""Which way of writing a number of changes takes, by the decisions of the merchant.

docs/decisions/13-inventory-writers.md has the figures behind the defaults.
"""

from typing import Literal

from sfcc_cin7.merchant.stock import WriterPolicy

Way = Literal["records", "batch", "feed", "oci", "oci-file"]


def choose(policy: WriterPolicy, changes: int) -> Way:
    """The cheapest way for so many changed records of one list."""
    if policy.mode == "oci":
        return "oci-file" if changes >= policy.file_from else "oci"
    if policy.feed is not None and changes >= policy.feed.from_records:
        return "feed"
    return "batch" if changes >= policy.batch_from else "records"
