"""Sales that hold several orders, and orders of several shipments."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from sfcc_cin7.fulfilment.deciding.dispatch import Dispatched, dispatched
from sfcc_cin7.fulfilment.deciding.sharing import (
    Units,
    certain,
    left_whole,
    share_of,
    shipment_of,
    together,
)
from sfcc_cin7.values.states import Stage
from sfcc_cin7_tests.depth import FULFILMENT_EXAMPLES
from sfcc_cin7_tests.fulfilment.sales import line, packed, sale, task, units

amounts = st.dictionaries(st.sampled_from("AB"), st.integers(1, 4).map(Decimal))


def part(**skus: int) -> Dispatched:
    return dispatched(sale(task(1, line(), parts=packed("Box 1", **skus)), A=3, B=1, C=1))


def test_of_a_sale_that_shipped_whole_every_order_shipped() -> None:
    whole = dispatched(sale(task(1, line(), parts=packed(A=3)), A=3))
    own = share_of(whole, units(A=1), units(A=2))
    assert (own.stage, dict(own.shipped)) == (Stage.SHIPPED, units(A=1))
    assert own.parcels[0].lines == ()


def test_an_order_is_told_of_no_goods_that_may_be_another_orders() -> None:
    assert share_of(part(A=2), units(A=1), units(A=2)).stage is Stage.NOT_SHIPPED
    own = share_of(part(A=2), units(A=2, B=1), units(A=1))
    assert (own.stage, dict(own.shipped)) == (Stage.PART_SHIPPED, units(A=1))


def test_an_order_whose_goods_have_all_left_is_shipped_before_the_rest_of_its_sale() -> None:
    own = share_of(part(B=1), units(B=1), units(A=3, C=1))
    assert own.stage is Stage.SHIPPED
    assert dict(own.parcels[0].lines) == units(B=1)


def test_a_parcel_without_any_of_an_orders_goods_is_none_of_its() -> None:
    tasks = task(1, line("T-1"), parts=packed(A=3)), task(2, line("T-2"), parts=packed(B=1))
    own = share_of(dispatched(sale(*tasks, A=3, B=1)), units(B=1), units(A=3))
    assert [parcel.number for parcel in own.parcels] == ["T-2"]


def test_a_parcel_belongs_to_the_one_shipment_that_can_hold_it() -> None:
    (parcel,) = part(B=1).parcels
    assert shipment_of(parcel, {"me": units(A=3, B=1)}) == "me"
    assert shipment_of(parcel, {"me": units(A=3), "gift": units(B=1)}) == "gift"
    assert shipment_of(parcel, {"me": units(B=1), "gift": units(B=1)}) is None


def test_a_shipment_of_an_order_has_left_when_all_of_it_certainly_has() -> None:
    shipments = {"me": units(A=3), "gift": units(B=1)}
    assert left_whole(part(A=3), shipments) == {"me": True, "gift": False}
    assert left_whole(part(A=2), shipments) == {"me": False, "gift": False}


@settings(max_examples=FULFILMENT_EXAMPLES)
@given(amounts, amounts, amounts)
def test_what_is_certain_for_each_is_never_more_than_has_left(
    shipped: Units, one: Units, other: Units
) -> None:
    sure = together([certain(shipped, one, other), certain(shipped, other, one)])
    assert all(units <= shipped[sku] for sku, units in sure.items())
