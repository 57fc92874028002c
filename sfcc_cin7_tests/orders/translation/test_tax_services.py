"""However a tax service or a country states tax, it is booked to the cent and where it belongs."""

import random
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.merchant.tax_rules import place
from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.translation.proof import mismatches
from sfcc_cin7.orders.translation.sale_documents import order as sale_order
from sfcc_cin7.orders.translation.translate import Accepted, translate
from sfcc_cin7_tests.depth import EXAMPLES
from sfcc_cin7_tests.orders.tax_services import COUNTRIES, SERVICES, an_order, misplaced
from sfcc_cin7_tests.project import PROJECT

AMERICAN_MODEL = Path(PROJECT) / "config" / "us-tax-service.yaml"


@settings(max_examples=max(EXAMPLES, 500), deadline=None)
@given(st.sampled_from((*SERVICES, *COUNTRIES)), st.integers(0, 2**48))
def test_what_a_service_states_is_booked_to_the_cent_under_a_rule_of_its_place(
    source: str, seed: int
) -> None:
    case = an_order(random.Random(seed), source)

    result = translate(parse_order(case.document), case.policy, "brand")

    event(source)
    assert isinstance(result, Accepted), result
    sale, document = result.sale, case.document
    assert mismatches(result.proof, sale_order(sale, "sale-1")) == []
    assert (sale.total, sale.tax) == (document["orderTotal"], document["taxTotal"])
    assert misplaced(case, sale) == []


def test_a_merchant_in_every_jurisdiction_of_the_united_states_needs_ten_tax_rules() -> None:
    [site] = load_operating_model(AMERICAN_MODEL).sites

    assert len({mapping.rule for mapping in site.tax_rules}) == 10
    for state in ("AL", "CA", "CO", "IN", "NY", "TX", "WA"):
        somewhere = place("US", state, "99999")
        kinds = {
            mapping.kind for mapping in site.tax_rules if mapping.covers(somewhere, frozenset())
        }
        assert {"carrier", "untaxed"} <= kinds


@pytest.mark.parametrize("source", [*SERVICES, *COUNTRIES])
def test_the_same_orders_come_every_time(source: str) -> None:
    first, second = (an_order(random.Random(7), source).document for _ in range(2))

    assert first == second
