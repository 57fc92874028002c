"""The cheapest way for a number of changes, as the merchant decided."""

import pytest
from pydantic import ValidationError

from sfcc_cin7.merchant.stock import FeedPolicy, WriterPolicy
from sfcc_cin7.stock.deciding.choose import choose

FEED = FeedPolicy(job="import-inventory")


@pytest.mark.parametrize(
    ("changes", "without_a_job", "with_a_job", "in_oci"),
    [
        (0, "records", "records", "oci"),
        (8, "records", "records", "oci"),
        (9, "batch", "batch", "oci"),
        (999, "batch", "batch", "oci"),
        (1_000, "batch", "batch", "oci-file"),
        (4_999, "batch", "batch", "oci-file"),
        (5_000, "batch", "feed", "oci-file"),
        (500_000, "batch", "feed", "oci-file"),
    ],
)
def test_more_changes_take_a_way_that_carries_more(changes, without_a_job, with_a_job, in_oci):
    assert choose(WriterPolicy(), changes) == without_a_job
    assert choose(WriterPolicy(feed=FEED), changes) == with_a_job
    assert choose(WriterPolicy(mode="oci"), changes) == in_oci


def test_a_feed_is_no_way_to_write_to_omnichannel_inventory():
    with pytest.raises(ValidationError, match="skipped where mode is oci"):
        WriterPolicy(mode="oci", feed=FEED)


@pytest.mark.parametrize("folder", ["../src", "/inventory", "inventory/", "a b", ""])
def test_the_folder_of_a_feed_does_not_climb(folder):
    with pytest.raises(ValidationError):
        FeedPolicy(job="import-inventory", folder=folder)
