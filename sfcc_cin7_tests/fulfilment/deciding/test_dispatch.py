"""What has left of a sale, whichever way the warehouse split it."""

from decimal import Decimal

from hypothesis import given, settings

from sfcc_cin7.fulfilment.deciding.dispatch import Packed, SaleRead, dispatched
from sfcc_cin7.values.states import Stage
from sfcc_cin7_tests.depth import FULFILMENT_EXAMPLES
from sfcc_cin7_tests.fulfilment.sales import line, packed, sale, sales, task, units


def test_a_sale_that_left_in_one_parcel_is_shipped() -> None:
    found = dispatched(sale(task(1, line(), parts=packed(A=2)), A=2))
    assert found.stage is Stage.SHIPPED
    assert dict(found.shipped) == units(A=2)
    (parcel,) = found.parcels
    assert parcel.key == ("sale", "task-1", "line-T-1", "T-1")
    assert dict(parcel.lines) == units(A=2)


def test_units_of_a_sku_are_summed_over_every_fulfilment_that_has_left() -> None:
    first, second = (
        task(1, line("T-1"), parts=packed(A=1, B=1)),
        task(2, line("T-2"), parts=packed(A=2)),
    )
    draft = task(3, status="DRAFT", parts=packed(A=1))
    found = dispatched(sale(first, second, draft, combined="PARTIALLY SHIPPED", A=4, B=1))
    assert dict(found.shipped) == units(A=3, B=1)
    assert found.stage is Stage.PART_SHIPPED
    assert [parcel.number for parcel in found.parcels] == ["T-1", "T-2"]


def test_boxes_tell_which_units_left_under_which_number() -> None:
    parts = (*packed("Box 1", A=1), *packed("Box 2", B=2), *packed("Box 3", C=1))
    lines = (line("T-1", "Box 1"), line("T-2", "Box 2, Box 3"))
    found = dispatched(sale(task(1, *lines, parts=parts), A=1, B=2, C=1))
    assert [dict(parcel.lines) for parcel in found.parcels] == [units(A=1), units(B=2, C=1)]


def test_a_box_whose_name_has_a_comma_is_one_box() -> None:
    parts = (*packed("Large, fragile", A=1), *packed("Box 2", B=1))
    lines = (line("T-1", "Large, fragile"), line("T-2", "Box 2"))
    found = dispatched(sale(task(1, *lines, parts=parts), A=1, B=1))
    assert [dict(parcel.lines) for parcel in found.parcels] == [units(A=1), units(B=1)]


def test_of_a_ship_stage_that_is_partly_authorised_the_boxes_count_that_have_left() -> None:
    parts = (*packed("Box 1", A=1), *packed("Box 2", B=1))
    gone, waits = line("T-1", "Box 1"), line("", "Box 2")
    waits = type(waits)(**{**vars(waits), "is_shipped": False})
    found = dispatched(sale(task(1, gone, waits, status="PARTIALLY AUTHORISED", parts=parts)))
    assert dict(found.shipped) == units(A=1)
    assert [parcel.number for parcel in found.parcels] == ["T-1"]
    assert found.stage is Stage.PART_SHIPPED


def test_a_task_that_was_opened_and_holds_something_keeps_the_sale_from_being_shipped() -> None:
    left = task(1, line(), parts=packed(A=1))
    assert dispatched(sale(left, task(2, status="DRAFT", parts=packed(B=1)), A=1)).stage == 1
    assert dispatched(sale(left, task(2, status="NOT AVAILABLE"), A=1)).stage == 2
    assert dispatched(sale(left, task(2, status="NOT AVAILABLE"))).stage == 1


def test_the_erps_own_word_alone_does_not_make_a_sale_shipped() -> None:
    left = task(1, line(), parts=packed(A=1))
    assert dispatched(sale(left, A=2)).stage is Stage.PART_SHIPPED
    assert dispatched(sale(left, A=1, combined="SHIPPING")).stage is Stage.PART_SHIPPED


def test_a_voided_sale_or_task_has_shipped_nothing() -> None:
    left = task(1, line(), parts=packed(A=1))
    assert dispatched(sale(left, A=1, voided=True)).stage is Stage.NOT_SHIPPED
    assert dispatched(sale(task(1, line(), parts=packed(A=1), status="VOIDED"), A=1)).parcels == ()


def test_a_number_becomes_an_address_by_the_carriers_template_where_the_erp_gives_none() -> None:
    lines = line("T 1/2", carrier="DHL"), line("T-2", "Box 2", carrier="UPS", url="https://u/2")
    parts = (*packed("Box 1", A=1), *packed("Box 2", B=1))
    found = dispatched(
        sale(task(1, *lines, parts=parts)), {"DHL": "https://d/{number}", "UPS": "x"}
    )
    assert [parcel.url for parcel in found.parcels] == ["https://d/T%201%2F2", "https://u/2"]


def test_a_merchant_may_wait_for_numbers() -> None:
    tasks = task(1, line("T-1"), parts=packed(A=1)), task(2, line(""), parts=packed(B=1))
    found = dispatched(sale(*tasks, A=1, B=1), numbered_only=True)
    assert (found.stage, dict(found.shipped)) == (Stage.PART_SHIPPED, units(A=1))
    assert dispatched(sale(*tasks, A=1, B=1)).unnumbered == 1


@settings(max_examples=FULFILMENT_EXAMPLES)
@given(sales())
def test_a_sale_is_shipped_only_when_every_unit_that_is_known_to_be_ordered_has_left(
    read: SaleRead,
) -> None:
    found = dispatched(read)
    shipped = dict(found.shipped)
    if found.stage is Stage.SHIPPED:
        assert read.combined == "SHIPPED"
        assert all(shipped.get(sku, 0) >= quantity for sku, quantity in read.ordered.items())
    if found.stage is Stage.NOT_SHIPPED:
        assert (found.shipped, found.parcels) == ((), ())


@settings(max_examples=FULFILMENT_EXAMPLES)
@given(sales())
def test_no_unit_is_counted_twice_or_before_its_ship_stage_is_authorised(read: SaleRead) -> None:
    authorised = [
        part
        for each in read.fulfilments
        if each.ship_status == "AUTHORISED" and not each.voided and not read.voided
        for part in each.packed
    ]
    partly = [
        part
        for each in read.fulfilments
        if each.ship_status == "PARTIALLY AUTHORISED" and not each.voided and not read.voided
        for part in each.packed
    ]

    def total(parts: list[Packed], sku: str) -> Decimal:
        return sum((part.quantity for part in parts if part.sku == sku), Decimal(0))

    shipped = dict(dispatched(read).shipped)
    for sku in "ABC":
        least = total(authorised, sku)
        assert least <= shipped.get(sku, 0) <= least + total(partly, sku)


@settings(max_examples=FULFILMENT_EXAMPLES)
@given(sales())
def test_each_parcel_has_a_place_of_its_own(read: SaleRead) -> None:
    parcels = dispatched(read).parcels
    assert len({parcel.place for parcel in parcels}) == len(parcels)
