"""What a write of a product keeps, and what it refuses."""

from decimal import Decimal

import pytest

from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_tests.contract.emulators import running


@pytest.fixture(scope="module")
def systems():
    clock = ManualClock()
    with running(clock, wall=clock) as both:
        yield both


WRITTEN = {
    "AttributeSet": "Garments",
    "AdditionalAttribute1": "wool",
    "WeightUnits": "kg",
    "CartonQuantity": Decimal(12),
    "DropShipMode": "Optional Drop Ship",
    "CountryOfOriginCode": "PT",
}


def test_what_is_written_is_kept_and_what_is_left_out_stays(systems):
    sku = systems.goods()
    before = systems.erp.catalogue.shown(sku)
    saved = systems.cin7.save_product({"ID": before["ID"], **WRITTEN})

    assert {name: saved.attributes[name] for name in WRITTEN} == WRITTEN
    after = systems.erp.catalogue.shown(sku)
    changed = {name for name, value in after.items() if before[name] != value}
    assert changed <= {*WRITTEN, "LastModifiedOn"}


@pytest.mark.parametrize(
    "body",
    [
        {"AttributeSet": "Nobody's"},
        {"DropShipMode": "Sometimes"},
        {"BillOfMaterial": True},
        {"CartonQuantity": -1},
        {"CountryOfOriginCode": "PRT"},
        {"PurchaseTaxRule": "No such rule"},
    ],
)
def test_what_the_reference_does_not_allow_is_refused(systems, body):
    sku = systems.goods()
    before = systems.erp.catalogue.shown(sku)
    with pytest.raises(Refusal):
        systems.erp.catalogue.edit(sku, **body)
    assert systems.erp.catalogue.shown(sku) == before
