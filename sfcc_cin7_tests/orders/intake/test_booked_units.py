"""What an order takes from the ERP's stock, and under which SKUs, where bundles and options go."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.orders.intake.row import NoOrderNumber, as_received
from sfcc_cin7.orders.records.units import by_sku
from sfcc_cin7_tests.project import SANDBOX_MODEL

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SITE = load_operating_model(SANDBOX_MODEL).sites[0]
ORDER = {
    "orderNo": "00001",
    "productItems": [
        {"productId": "MUG", "quantity": Decimal(2)},
        {
            "productId": "KIT",
            "quantity": Decimal(2),
            "bundledProductItems": [
                {"productId": "MUG", "quantity": Decimal(6)},
                {"productId": "POT", "quantity": Decimal(2)},
            ],
            "optionItems": [
                {
                    "productId": "OPT-GIFTWRAP",
                    "optionId": "wrap",
                    "optionValueId": "gift",
                    "netPrice": Decimal("4.95"),
                },
                {"productId": "OPT-NONE", "optionId": "engraving", "netPrice": Decimal(0)},
            ],
        },
    ],
}
SOLD = {"MUG": 2, "KIT": 2}


@pytest.mark.parametrize(
    ("choices", "booked"),
    [
        ({}, {"MUG": 2, "KIT": 2}),
        ({"bundles": "components"}, {"MUG": 8, "POT": 2}),
        ({"option_booking": "parent"}, {"MUG": 2, "KIT": 2}),
        (
            {"option_booking": "sku", "options": {"OPT-GIFTWRAP": "PAPER"}},
            {"MUG": 2, "KIT": 2, "PAPER": 2},
        ),
        (
            {"option_booking": "sku", "options": {}, "bundles": "components"},
            {"MUG": 8, "POT": 2, "OPT-GIFTWRAP": 2},
        ),
        ({"option_booking": "sku", "options": {"wrap:gift": "TAPE"}}, {**SOLD, "TAPE": 2}),
    ],
)
def test_the_storefront_counts_what_was_sold_and_the_erp_takes_what_is_booked(choices, booked):
    received = as_received("alpenglow", SITE.model_copy(update=choices), ORDER, NOON)
    assert received.units == SOLD
    assert received.booked is not None
    assert by_sku(received.booked.units()) == booked


def test_a_bundle_that_names_no_components_is_booked_as_itself():
    site = SITE.model_copy(update={"bundles": "components"})
    document = {"orderNo": "1", "productItems": [{"productId": "KIT", "quantity": Decimal(1)}]}
    received = as_received("alpenglow", site, document, NOON)
    assert received.booked is not None
    assert by_sku(received.booked.units()) == {"KIT": Decimal(1)}


@pytest.mark.parametrize("number", ["", "00\x001", "0001\ud800", " 0001", "1" * 257])
def test_an_order_that_nobody_could_find_again_is_not_kept_under_another_number(number):
    with pytest.raises(NoOrderNumber):
        as_received("alpenglow", SITE, ORDER | {"orderNo": number}, NOON)
