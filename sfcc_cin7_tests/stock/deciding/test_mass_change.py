"""A shop is not emptied, or filled, because a name or a file was wrong."""

from decimal import Decimal

import pytest

from sfcc_cin7.merchant.stock import MassChangePolicy
from sfcc_cin7.stock.deciding.mass_change import (
    Change,
    Extent,
    Offer,
    before_hour,
    extent,
    joined,
    too_much,
)

POLICY = MassChangePolicy()
SHOP = Offer(134, Decimal(5360))


def changes(count: int, before: int, after: int, prefix: str = "S") -> dict[str, Change]:
    return {f"{prefix}{n}": Change(Decimal(before), Decimal(after)) for n in range(count)}


def judged(coming: dict[str, Change], done: dict[str, Change] | None = None) -> str | None:
    return too_much(extent(joined(done or {}, coming).values()), SHOP, POLICY)


def test_a_shop_that_would_be_emptied_is_held_and_the_sentence_counts():
    told = judged(changes(133, 40, 0))
    assert told is not None
    assert "133 of 134 SKUs on sale would be sold out" in told


@pytest.mark.parametrize(
    ("count", "before", "after"),
    [(133, 40, 80), (40, 0, 40), (133, 40, 25), (20, 40, 0)],
    ids=["doubled", "wrong list", "lessened", "a category"],
)
def test_many_skus_that_move_alike_are_held(count, before, after):
    assert judged(changes(count, before, after)) is not None


@pytest.mark.parametrize(
    ("count", "before", "after"),
    [(9, 40, 0), (60, 40, 30), (1, 4000, 0), (30, 40, 100), (133, 40, 41)],
    ids=["a few sold out", "a stock-take", "one big SKU", "a delivery", "a buffer lowered"],
)
def test_an_ordinary_hour_is_not(count, before, after):
    assert judged(changes(count, before, after)) is None


def test_falls_that_come_one_by_one_add_up_over_the_hour():
    one_by_one = changes(13, 40, 0)
    assert judged(changes(1, 40, 0, "T"), one_by_one) is not None
    assert judged(changes(1, 40, 0, "T"), changes(5, 40, 0)) is None


def test_what_fell_and_came_back_within_the_hour_is_no_change():
    there_and_back = joined(changes(130, 40, 0), changes(130, 0, 40))
    assert extent(there_and_back.values()) == Extent()


def test_what_shoppers_bought_in_between_is_not_ours():
    """Published 40 as 38, ten were bought, then 28 became 0: we took 30 away."""
    [change] = joined(changes(1, 40, 38), changes(1, 28, 0)).values()
    assert change == Change(Decimal(30), Decimal(0))


def test_shares_are_of_what_was_for_sale_before_the_hour():
    now = Offer(124, Decimal(4960))
    assert before_hour(now, changes(10, 40, 0)) == SHOP


def test_in_a_small_shop_half_of_it_is_many():
    small = Offer(6, Decimal(60))
    assert too_much(extent(changes(3, 10, 0).values()), small, POLICY) is not None
    assert too_much(extent(changes(2, 10, 0).values()), small, POLICY) is None


def test_what_a_person_let_pass_goes_and_what_goes_further_is_held():
    released = extent(changes(30, 40, 0).values())
    assert too_much(released, SHOP, POLICY, released) is None
    further = extent(changes(60, 40, 0).values())
    assert too_much(further, SHOP, POLICY, released) is not None
