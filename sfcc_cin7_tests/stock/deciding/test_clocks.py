"""A clock that is wrong by seconds dates nothing wrongly, and one by minutes is told."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import httpx
import pytest

from sfcc_cin7.stock.deciding.allocation import OrderedUnits, reset_date
from sfcc_cin7.stock.deciding.clocks import shift, wrong_clock
from sfcc_cin7.stock.deciding.offering import Offered, SkuState
from sfcc_cin7.stock.deciding.plan import ListState, decide_sku
from sfcc_cin7.stock.deciding.published import Published
from sfcc_cin7.systems.http.remote_clock import RemoteClock
from sfcc_cin7.values.clock import ManualClock

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.mark.parametrize("seconds", [-300, -30, 0, 30, 90])
def test_the_difference_is_measured_by_what_answers_say(seconds: int):
    clock = ManualClock(NOON)
    remote = RemoteClock(clock)
    for late in (0.9, 0.2, 3.0):  # each answer takes its time
        clock.sleep(late)
        there = clock.now() - timedelta(seconds=seconds + late)
        said = {"Date": format_datetime(there, usegmt=True)}
        remote.observe(httpx.Response(200, headers=said))
    remote.observe(httpx.Response(200))
    remote.observe(httpx.Response(200, headers={"Date": "noon"}))
    assert remote.ahead is not None
    assert abs(remote.ahead.total_seconds() - seconds) <= 1.2


@pytest.mark.parametrize(
    ("ahead", "shifted", "word"),
    [
        (None, 0, None),
        (1, 0, None),
        (30, 30, None),
        (-60, -60, None),
        (90, 90, "90 s ahead of"),
        (-300, -300, "300 s behind"),
        (86_400, 0, "86400 s ahead of"),
    ],
)
def test_a_minute_is_tolerated_and_more_is_told(ahead: int | None, shifted: int, word: str | None):
    given = None if ahead is None else ahead * SECOND
    assert shift(given) == shifted * SECOND
    sentence = wrong_clock("the storefront", given)
    assert (word is None) == (sentence is None)
    assert word is None or word in str(sentence)


@pytest.mark.parametrize("seconds", [-45, 45])
def test_an_export_is_on_the_side_of_a_reset_date_that_the_storefront_has_it_on(seconds: int):
    """Authorised at noon by the storefront's clock, and noted by ours."""
    ahead = seconds * SECOND
    order = OrderedUnits(
        Decimal(2),
        NOON - 60 * SECOND,
        authorised_at=NOON + ahead,
        exported_at=NOON + 2 * SECOND + ahead,
        ahead=ahead,
    )
    assert order.sold_at(on_order=True) == NOON - 2 * SECOND
    assert reset_date(NOON + SECOND, [order], None, on_order=True) < NOON - 2 * SECOND
    assert reset_date(NOON + 5 * SECOND, [order], None, on_order=True) == NOON + 5 * SECOND


def test_a_date_hours_ahead_is_corrected_at_once_and_one_of_a_minute_waited_for():
    """An import stamped Tokyo's time as UTC: 500 were offered of 3, until that date had passed."""
    where = ListState(on_order=False, settled=NOON - 60 * SECOND)
    told = Published(Decimal(2), NOON - HOUR)
    three = Offered(Decimal(3), Decimal(2), "rule", Decimal(2))
    for hours, publishes in ((9.0, Decimal(2)), (0.01, None)):
        shown = NOON + hours * HOUR
        sku = SkuState(Decimal(3), NOON, told=told, drifts=True, shown_reset=shown)
        decision, reset_at, waits = decide_sku(sku, three, where)
        assert (decision.publish, reset_at, waits) == (publishes, shown, publishes is None)
