"""What a shopper is told of, in whatever sequence the warehouse does and undoes things."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from sfcc_cin7.fulfilment.deciding.dispatch import NOTHING, Dispatched, dispatched
from sfcc_cin7.fulfilment.deciding.telling import decide
from sfcc_cin7.values.states import Stage
from sfcc_cin7_tests.depth import FULFILMENT_EXAMPLES
from sfcc_cin7_tests.fulfilment.sales import line, packed, sale, sales, task, units

seen = sales().map(dispatched)


def shipped(number: str = "T-1", id: str = "") -> Dispatched:
    return dispatched(sale(task(1, line(number, id=id), parts=packed(A=1)), A=1))


def test_what_has_left_is_told_as_it_is() -> None:
    decision = decide(NOTHING, shipped())
    assert decision.wanted == shipped()
    assert not decision.needs_person


def test_a_number_that_was_corrected_takes_the_place_of_the_old_one() -> None:
    decision = decide(shipped("T-1", "line"), shipped("T-9", "line"))
    assert [parcel.number for parcel in decision.wanted.parcels] == ["T-9"]
    assert not decision.needs_person


def test_a_shipment_that_was_undone_is_not_taken_back_but_needs_a_person() -> None:
    decision = decide(shipped(), NOTHING)
    assert decision.wanted == shipped()
    assert dict(decision.undone) == units(A=1)
    assert decision.lowered


def test_a_parcel_that_left_while_another_was_undone_is_told_beside_it() -> None:
    first, second = (
        task(1, line("T-1"), parts=packed(A=1)),
        task(2, line("T-2"), parts=packed(B=1)),
    )
    told = dispatched(sale(first, A=1, B=1))
    decision = decide(told, dispatched(sale(second, A=1, B=1)))
    assert [parcel.number for parcel in decision.wanted.parcels] == ["T-1", "T-2"]
    assert decision.needs_person


def test_what_was_undone_and_made_again_under_the_same_number_is_one_parcel() -> None:
    told = decide(shipped("T-1", "old"), NOTHING).wanted
    decision = decide(told, shipped("T-1", "new"))
    assert [parcel.line_id for parcel in decision.wanted.parcels] == ["new"]
    assert not decision.needs_person


def test_a_merchant_may_tell_of_nothing_until_everything_has_left() -> None:
    part = dispatched(sale(task(1, line(), parts=packed(A=1)), A=2))
    assert decide(NOTHING, part, partial=False).wanted == NOTHING
    assert decide(NOTHING, shipped(), partial=False).wanted == shipped()


def test_a_number_that_was_taken_away_is_no_shipment_that_was_undone() -> None:
    tasks = sale(task(1, line("", id="line"), parts=packed(A=1)), A=1)
    decision = decide(
        shipped("T-1", "line"), dispatched(tasks), dispatched(tasks, numbered_only=True)
    )
    assert decision.wanted == shipped("T-1", "line")
    assert not decision.needs_person


@settings(max_examples=FULFILMENT_EXAMPLES)
@given(st.lists(seen, max_size=6))
def test_whatever_happens_no_status_falls_and_no_unit_is_taken_back(
    course: list[Dispatched],
) -> None:
    told = NOTHING
    for each in course:
        wanted = decide(told, each).wanted
        assert wanted.stage >= told.stage
        before, after = dict(told.shipped), dict(wanted.shipped)
        assert all(after.get(sku, 0) >= quantity for sku, quantity in before.items())
        told = wanted


@settings(max_examples=FULFILMENT_EXAMPLES)
@given(st.lists(seen, min_size=1, max_size=6))
def test_nothing_is_told_before_it_was_seen_to_have_left(course: list[Dispatched]) -> None:
    told, highest = NOTHING, Stage.NOT_SHIPPED
    for each in course:
        highest = max(highest, each.stage)
        told = decide(told, each).wanted
        assert told.stage == highest


@settings(max_examples=FULFILMENT_EXAMPLES)
@given(seen, seen)
def test_to_decide_again_changes_nothing(first: Dispatched, second: Dispatched) -> None:
    told = decide(first, second).wanted
    assert decide(told, second).wanted == told


@settings(max_examples=FULFILMENT_EXAMPLES)
@given(st.lists(seen, min_size=1, max_size=5))
def test_every_parcel_that_is_there_is_told_and_none_twice(course: list[Dispatched]) -> None:
    told = NOTHING
    for each in course:
        told = decide(told, each).wanted
        keys = [parcel.key for parcel in told.parcels]
        assert {parcel.key for parcel in each.parcels} <= set(keys)
        assert len(set(keys)) == len(keys)


@settings(max_examples=FULFILMENT_EXAMPLES)
@given(seen)
def test_when_the_erp_shows_all_that_was_told_it_is_told_as_it_shows_it(each: Dispatched) -> None:
    stale = replace(each, parcels=())
    assert decide(stale, each).wanted == each
