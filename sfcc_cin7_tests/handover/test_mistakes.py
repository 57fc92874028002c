"""Each order with a mistake is refused for just that mistake, before anything is sent."""

from typing import Any

import pytest

from sfcc_cin7.order_document.fields import MalformedOrder
from sfcc_cin7.orders.translation.translate import Rejected
from sfcc_cin7_sandbox.control.mistakes import MISTAKES
from sfcc_cin7_tests.scenario.alpenglow import Merchant


@pytest.fixture(scope="module")
def merchant() -> Merchant:
    return Merchant()


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_a_mistake_is_called_by_its_name(merchant: Merchant, mistake: str) -> None:
    order = MISTAKES[mistake](merchant.order("plain"))
    assert mistake in codes_of(merchant, order)


def codes_of(merchant: Merchant, order: dict[str, Any]) -> set[str]:
    try:
        found = merchant.translate(order)
    except MalformedOrder as malformed:
        return {malformed.reason.code}
    return {each.code for each in found.reasons} if isinstance(found, Rejected) else set()
