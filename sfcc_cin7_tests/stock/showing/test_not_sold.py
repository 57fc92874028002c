"""A SKU that is not sold is answered with the reason, and with what was perhaps meant."""

import pytest

from sfcc_cin7.stock.showing.not_sold import because, nearest

SOLD = {"in_shop": True, "in_erp": True, "erp_kind": "Stock"}


@pytest.mark.parametrize(
    ("change", "is_kit", "reason"),
    [
        ({}, False, None),
        ({"in_shop": False}, False, "the storefront does not sell it"),
        ({"in_erp": False, "erp_kind": None}, False, "the ERP has no such SKU"),
        ({"in_erp": False, "erp_kind": None}, True, None),
        ({"erp_kind": "Service"}, False, "keeps no stock of it"),
    ],
    ids=["sold", "unsold", "ghost", "kit", "service"],
)
def test_what_keeps_a_sku_from_being_published_is_named(change, is_kit, reason):
    told = because({**SOLD, **change}, is_kit)
    assert told is None if reason is None else reason in (told or "")


def test_a_misspelt_sku_is_answered_with_the_one_that_was_meant():
    known = ["AXE-55", "AXE-MOUNT-01", "TENT"]
    assert nearest("axe-55", known)[0] == "AXE-55"
    assert nearest("AXE-56", known)[0] == "AXE-55"
    assert nearest("NO-SUCH", known) == []
