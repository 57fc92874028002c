"""A trouble is planted in the sandbox; the product shows it, and a person sees to it."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from sfcc_cin7.alerts import Seen, of_inbox
from sfcc_cin7.handover import DRILLS, Hands, Holder, without_drill
from sfcc_cin7.handover.drills.drill import BOOKED, is_over, shows
from sfcc_cin7.handover.drills.registry import MISTAKES
from sfcc_cin7.handover.drills.sandbox import hands
from sfcc_cin7.inbox.action import ActionRefused
from sfcc_cin7.inbox.codes import CODES
from sfcc_cin7.review import DeclineOrders, decline_orders, inbox
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.control.mistakes import MISTAKES as MADE
from sfcc_cin7_sandbox.control.server import RunningSandbox, running_sandbox
from sfcc_cin7_tests.alerts.house import NOON, evidence
from sfcc_cin7_tests.scenario.order_lane import OrderLane, order_lane
from sfcc_cin7_tests.scenario.review_desk import Desk

SHOWN_BY_THE_DESK = [*MISTAKES, "sku-unknown", "tax-rule-unknown", "order-unreadable"]


class Working(ManualClock):
    """A clock in whose pauses the house works."""

    def __init__(self, clock: ManualClock, work: Callable[[], object]) -> None:
        super().__init__(clock.now())
        self._work = work

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self._work()


@pytest.fixture
def lane(engine: Engine, clock: ManualClock, tmp_path: Path) -> Iterator[OrderLane]:
    with order_lane(engine, clock, payouts=tmp_path) as there:
        yield there


def looking(lane: OrderLane) -> Callable[[], Seen]:
    def look() -> Seen:
        with lane.engine.connect() as connection:
            items = inbox(connection, lane.model, lane.clock.now())
        return Seen(lane.clock.now(), of_inbox(items, lane.model.owners))

    return look


def client(lane: OrderLane) -> httpx.Client:
    return httpx.Client(base_url=lane.url, timeout=60)


def test_every_drill_is_of_a_code_and_says_how_it_is_planted() -> None:
    assert set(DRILLS) <= set(CODES)
    assert not set(DRILLS) & set(without_drill())
    assert set(MISTAKES) == set(MADE)
    for drill in DRILLS.values():
        assert bool(drill.plant) != bool(drill.by_hand)
        assert drill.also <= set(CODES)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(skus=150) as running:
        yield running


@pytest.mark.parametrize(
    "name", [name for name, each in DRILLS.items() if not any(s.call == BOOKED for s in each.plant)]
)
def test_the_sandbox_takes_each_step_of_a_drill(sandbox: RunningSandbox, name: str) -> None:
    sandbox.reset()
    drill = DRILLS[name]
    with hands(sandbox.url, ManualClock()) as able:
        kept = able.do(drill.plant, {})
        able.do(drill.mend, {each: str(value) for each, value in kept.items()})
        assert "{" not in drill.names.format(**kept)


def test_what_needs_a_booked_order_is_planted_on_one_and_mended(lane: OrderLane) -> None:
    def work() -> None:
        lane.clock.sleep(5)
        lane.run_until_quiet()

    on_a_sale = [each for each in DRILLS.values() if any(s.call == BOOKED for s in each.plant)]
    assert len(on_a_sale) >= 8
    with client(lane) as http:
        able = Hands(http, Working(lane.clock, work))
        for drill in on_a_sale:
            kept = able.do(drill.plant, {})
            assert kept["sale"]
            able.do(drill.mend, {each: str(value) for each, value in kept.items()})


def test_the_product_shows_every_mistake_of_an_order_by_its_code(lane: OrderLane) -> None:
    Desk(lane).read_catalogues()
    subjects = {}
    with client(lane) as http:
        able = Hands(http, lane.clock)
        for name in SHOWN_BY_THE_DESK:
            drill = DRILLS[name]
            if name != "order-unreadable":  # which hides the orders beside it
                subjects[name] = drill.names.format(**able.do(drill.plant, {}))
    lane.clock.sleep(60)
    lane.run_until_quiet()
    lane.sweep(timedelta(days=1))
    seen = looking(lane)()
    missed = [name for name, subject in subjects.items() if not shows(DRILLS[name], subject, seen)]
    assert missed == []


def test_a_drill_is_planted_seen_resolved_and_on_its_certificate(lane: OrderLane) -> None:
    told: list[str] = []

    def person() -> None:
        """Works beside the house: declines what waits, the second time they look."""
        lane.run_until_quiet()
        items = looking(lane)().evidence
        if items and len(told) >= 3:
            asked = DeclineOrders(by="kim", because="a drill", orders=[items[0].subject])
            decline_orders(lane.engine, lane.clock, asked)
        lane.clock.sleep(5)

    clock = Working(lane.clock, person)
    holder = Holder(lane.engine, clock, looking(lane))
    with client(lane) as http:
        opened = lambda: nullcontext(Hands(http, clock))  # noqa: E731
        told += holder.start("gross-mismatch", "kim", opened)
        with pytest.raises(ActionRefused, match="is under way"):
            list(holder.start("sku-unknown", "sam", opened))
        with pytest.raises(ActionRefused, match="Nobody else can mend it"):
            holder.mend(opened)
        for sentence in holder.watch():
            told.append(sentence)
    assert told[-2].startswith("The product shows it")
    assert told[-1].startswith("It is resolved")
    (row,) = holder.certificate("kim")
    assert row.planted_at <= row.seen_at <= row.resolved_at
    with pytest.raises(ActionRefused, match="No drill is under way"):
        holder.stop()


def test_it_is_not_over_while_what_showed_it_cannot_be_looked_at() -> None:
    drill = DRILLS["system-down"]
    found = evidence("system-down", "Cin7", source="sign:systems", about="cin7")
    sources = frozenset({"sign:systems"})
    assert shows(drill, "cin7", Seen(NOON, [found]))
    assert not shows(drill, "sfcc", Seen(NOON, [found]))
    assert not is_over(drill, "cin7", sources, Seen(NOON, [], sources))
    assert is_over(drill, "cin7", sources, Seen(NOON, []))


def test_no_sandbox_is_said_in_a_sentence() -> None:
    with (
        pytest.raises(ActionRefused, match="No sandbox answers"),
        hands("http://127.0.0.1:9", ManualClock()),
    ):
        pass
