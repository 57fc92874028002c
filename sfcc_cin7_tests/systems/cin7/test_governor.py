"""No call budget is exceeded, and orders never wait for anything less."""

import random
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select, text

from sfcc_cin7.db.schema import call_applications, call_slots, call_usage
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.connection import Cin7Connection, Purpose, scope_of
from sfcc_cin7.systems.cin7.governor import A_WAIT_SHOWS, KEEP_FREE, LEAST, Governor
from sfcc_cin7.systems.http.errors import ApiError, OutOfBudget, Throttled
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.control.server import running_sandbox

APP = "0123456789ab"


def one_call(governor, clock, lane="orders", seconds=0.0, budget=APP):
    """Make a call that lasts so long; when it was sent."""
    with governor.call(budget, lane):
        sent = clock.now()
        clock.sleep(seconds)
    return sent


def most_in_any_window(arrivals, window):
    """The greatest number of arrivals in any half-open window of so many seconds."""
    arrivals = sorted(arrivals)
    span = timedelta(seconds=window)
    return max(sum(start <= other < start + span for other in arrivals) for start in arrivals)


def test_the_sixty_first_call_waits_until_a_window_after_the_first_was_answered(engine, clock):
    governor = Governor(engine, clock, max_wait=100)
    first = one_call(governor, clock, seconds=2)
    rest = [one_call(governor, clock) for _ in range(60)]
    assert rest[-2] == first + timedelta(seconds=2)
    assert timedelta(seconds=62) <= rest[-1] - first < timedelta(seconds=62.3)


def test_no_window_holds_more_calls_than_the_limit_however_long_calls_last(engine, clock):
    rng = random.Random(5)
    governor = Governor(engine, clock, limit=6, window=10, max_wait=1000)
    sent = []
    for _ in range(80):
        sent.append(one_call(governor, clock, seconds=rng.choice([0, 0, 0.3, 4])))
        clock.sleep(rng.choice([0, 0, 0, 2, 9]))
    assert most_in_any_window(sent, 10) == 6


def test_every_lane_leaves_to_those_before_it_what_they_may_need(engine, clock):
    governor = Governor(engine, clock, max_wait=0, patience=0)
    lanes = sorted(KEEP_FREE, key=KEEP_FREE.__getitem__, reverse=True)
    free = 60
    with ExitStack() as open_calls:
        for lane in lanes:
            while free > KEEP_FREE[lane]:
                open_calls.enter_context(governor.call(APP, lane))
                free -= 1
            with pytest.raises(OutOfBudget), governor.call(APP, lane):
                pass
    assert lanes[-1] == "orders"
    assert free == 0


def all_at_once(governor, lane):
    """How many calls a lane gets in one moment."""
    with ExitStack() as open_calls:
        for made in range(60):
            try:
                open_calls.enter_context(governor.call(APP, lane))
            except OutOfBudget:
                return made
        return 60


def orders_for_minutes(governor, clock, calls):
    for _ in range(3 * calls):
        one_call(governor, clock)
        clock.sleep(60 / calls)


def test_a_reading_that_comes_all_at_once_leaves_orders_what_they_needed_lately_and_more(
    engine, clock
):
    governor = Governor(engine, clock, max_wait=0, patience=0)
    orders_for_minutes(governor, clock, calls=24)
    clock.sleep(61)  # nothing is blocked any more, but the next orders will come
    assert all_at_once(governor, "stock") == 60 - 24 - 6
    assert all_at_once(governor, "orders") == 24 + 6


def test_orders_of_a_rush_leave_a_third_of_the_calls_to_the_others(engine, clock):
    governor = Governor(engine, clock, max_wait=0, patience=0)
    orders_for_minutes(governor, clock, calls=50)
    clock.sleep(61)
    assert all_at_once(governor, "stock") == 20


def test_what_orders_needed_is_forgotten_after_a_few_minutes(engine, clock):
    governor = Governor(engine, clock, max_wait=0, patience=0)
    orders_for_minutes(governor, clock, calls=24)
    clock.sleep(7 * 60)
    assert all_at_once(governor, "stock") == 60 - KEEP_FREE["stock"]


def test_two_budgets_do_not_know_each_other(engine, clock):
    governor = Governor(engine, clock, limit=1, max_wait=0)
    one_call(governor, clock)
    one_call(governor, clock, budget="another-app")
    with pytest.raises(OutOfBudget, match="no call budget within 0 s"):
        one_call(governor, clock)


def refuse(call, seconds):
    """End an open call with a refusal that asks for so many seconds."""
    refusal = Throttled("cin7", "GET /sale", 429, "limit")
    refusal.retry_after = seconds
    assert not call.__exit__(Throttled, refusal, None)


def test_a_refusal_by_cin7_pauses_every_process_as_long_as_it_was_told(engine, clock):
    refused_at = clock.now()
    call = Governor(engine, clock).call(APP, "orders")
    call.__enter__()
    refuse(call, 31.0)
    sent = one_call(Governor(engine, clock, max_wait=100), clock)
    assert timedelta(seconds=31) <= sent - refused_at < timedelta(seconds=31.3)


@pytest.mark.parametrize("form", ["429", "503", "400-list"])
def test_whatever_form_the_refusal_has_every_process_pauses(engine, clock, form):
    settings = Cin7Settings(throttle_form=form)
    with running_sandbox(clock, skus=150, cin7=settings) as sandbox:
        sandbox.sandbox.faults.rates = {"cin7.throttle": 1.0}
        connection = Cin7Connection(
            url=f"{sandbox.url}/ExternalApi/v2",
            account_id=settings.account_id,
            application_key=SecretStr(settings.application_keys[0]),
        )
        refused_at = clock.now()
        with (
            Cin7Client(connection, Governor(engine, clock), "orders", clock) as client,
            pytest.raises(Throttled),
        ):
            client.create_sale({})
        budget = connection.budget("orders", "account")
        sent = one_call(Governor(engine, clock, max_wait=100), clock, budget=budget)
        assert timedelta(seconds=60) <= sent - refused_at < timedelta(seconds=60.3)


def test_a_shorter_pause_does_not_end_a_longer_one(engine, clock):
    governor = Governor(engine, clock)
    calls = [governor.call(APP, "orders") for _ in range(2)]
    for call in calls:
        call.__enter__()
    refuse(calls[0], 50.0)
    refuse(calls[1], 5.0)
    with engine.connect() as connection:
        paused_until = connection.scalar(select(call_applications.c.paused_until))
    assert paused_until == clock.now() + timedelta(seconds=50)


def test_the_slot_of_a_killed_process_comes_free_by_the_safety_net(engine, clock):
    governor = Governor(engine, clock, limit=1, max_call_seconds=30, max_wait=1000)
    never_ends = governor.call(APP, "orders")
    never_ends.__enter__()
    killed_at = clock.now()
    sent = one_call(Governor(engine, clock, limit=1, max_wait=1000), clock)
    assert timedelta(seconds=90) <= sent - killed_at < timedelta(seconds=90.3)


def test_a_call_that_was_not_answered_may_still_arrive_so_its_slot_stays_blocked(engine, clock):
    """The broken connection is real: what the client makes of it is part of the promise."""

    def no_answer(request):
        clock.sleep(45)
        raise httpx.ReadTimeout("nothing came", request=request)

    connection = Cin7Connection(
        url="http://erp.test", account_id="a", application_key=SecretStr("k")
    )
    governor = Governor(engine, clock, limit=1, max_call_seconds=120, max_wait=1000)
    transport = httpx.MockTransport(no_answer)
    sent = clock.now()
    with (
        Cin7Client(connection, governor, "orders", clock, transport) as client,
        pytest.raises(ApiError),
    ):
        client.create_sale({})
    after = one_call(governor, clock, budget=connection.budget("orders", "account"))
    assert timedelta(seconds=180) <= after - sent < timedelta(seconds=180.3)


def test_a_call_that_never_left_costs_no_more_than_one_that_was_answered(engine, clock):
    def no_way(request):
        raise httpx.ConnectError("refused", request=request)

    connection = Cin7Connection(
        url="http://erp.test", account_id="a", application_key=SecretStr("k")
    )
    governor = Governor(engine, clock, limit=1, max_call_seconds=120, max_wait=1000)
    sent = clock.now()
    with (
        Cin7Client(connection, governor, "orders", clock, httpx.MockTransport(no_way)) as client,
        pytest.raises(ApiError),
    ):
        client.create_sale({})
    after = one_call(governor, clock, budget=connection.budget("orders", "account"))
    assert timedelta(seconds=60) <= after - sent < timedelta(seconds=60.3)


def test_a_call_that_outlived_its_safety_net_leaves_the_slot_to_the_next_owner(engine, clock):
    governor = Governor(engine, clock, limit=1, window=10, max_call_seconds=30, max_wait=1000)
    with governor.call(APP, "orders"):
        clock.sleep(41)
        next_call = governor.call(APP, "orders")
        next_call.__enter__()
        held_until = clock.now() + timedelta(seconds=40)
    with engine.connect() as connection:
        assert connection.scalar(select(call_slots.c.free_at)) == held_until


def test_an_answer_is_not_lost_when_the_database_goes_away_during_the_call(engine, clock):
    governor = Governor(engine, clock)
    with governor.call(APP, "orders"), engine.begin() as connection:
        connection.execute(text("alter table sfcc_cin7.call_slots rename to away"))
        answer = "the answer"
    assert answer == "the answer"
    with engine.begin() as connection:
        connection.execute(text("alter table sfcc_cin7.away rename to call_slots"))


class Rush:
    """A backlog of orders beside hungry lanes, on one key, in simulated time.

    Every `step` seconds each lane asks as often as it is let out, the last lane first: whoever is
    unfair to orders would show. `let_out` are (seconds since the start, lane, slot).
    """

    def __init__(self, engine, clock, reserved, step=1.0, at_first=0):
        self.governor = Governor(
            engine,
            clock,
            max_wait=0,
            patience=0,
            reserved=reserved,
            for_orders_at_first=at_first,
        )
        self.clock = clock
        self.step = step
        self.let_out = []

    def run(self, seconds, lanes):
        start = self.clock.now()
        while (now := (self.clock.now() - start).total_seconds()) < seconds:
            for lane in lanes:
                self._ask(now, lane)
            self.clock.sleep(self.step)

    def _ask(self, now, lane):
        try:
            for _ in range(100):
                with self.governor.call(APP, lane) as slot:
                    self.let_out.append((now, lane, slot))
        except OutOfBudget:
            pass

    def calls(self, lane, after):
        """When the lane was let out, after so many seconds."""
        return [at for at, who, _ in self.let_out if who == lane and at > after]


HUNGRY = ("changes", "catalogue", "stock", "orders")


def test_a_backlog_of_orders_leaves_nothing_to_the_other_lanes_but_what_is_reserved(engine, clock):
    rush = Rush(engine, clock, reserved={})
    rush.run(242, HUNGRY)
    assert len(rush.calls("orders", after=60)) == 60 * 3
    assert rush.calls("stock", after=60) == []


def test_stock_keeps_its_minimum_in_every_window_of_a_rush_and_orders_get_the_rest(engine, clock):
    rush = Rush(engine, clock, reserved={"stock": 4}, step=0.5)
    rush.run(242, HUNGRY)
    stock = rush.calls("stock", after=-1)
    waits = [later - earlier for earlier, later in pairwise(stock)]
    assert max(waits) <= 60 + 2 * rush.step
    assert len(rush.calls("stock", after=60)) == 4 * 3
    assert len(rush.calls("orders", after=60)) == 56 * 3
    assert rush.calls("catalogue", after=60) == []


AFTER_STOCK: tuple[Purpose, ...] = ("shipments", "stock-up", "catalogue", "changes")


@pytest.mark.parametrize("lanes", [("stock", *AFTER_STOCK), (*reversed(AFTER_STOCK), "stock")])
def test_a_reading_without_end_leaves_every_lane_some_calls_in_every_window(engine, clock, lanes):
    rush = Rush(engine, clock, reserved={})
    rush.run(242, lanes)
    for lane in AFTER_STOCK:
        assert len(rush.calls(lane, after=60)) >= LEAST[lane] * 3 - 1
    assert len(rush.calls("stock", after=60)) >= (52 - sum(LEAST.values())) * 3 - 4


def test_what_a_reading_leaves_is_taken_from_no_order(engine, clock):
    rush = Rush(engine, clock, reserved={})
    rush.run(242, (*reversed(AFTER_STOCK), "stock", "orders"))
    assert len(rush.calls("orders", after=60)) == 60 * 3


def test_a_reading_beside_which_nobody_wants_anything_has_all_that_is_its_own(engine, clock):
    rush = Rush(engine, clock, reserved={})
    rush.run(242, ["stock"])
    assert len(rush.calls("stock", after=60)) == 52 * 3


def test_in_the_first_minutes_a_reading_leaves_ten_orders_their_calls_and_later_what_they_need(
    engine, clock
):
    rush = Rush(engine, clock, reserved={}, at_first=20)
    rush.run(1, ["stock"])
    assert len(rush.let_out) == 40
    rush.run(60, ["orders"])
    assert len(rush.calls("orders", after=-1)) == 20  # at once, and none waited
    clock.sleep(12 * 60 + 1)
    quiet = Rush(engine, clock, reserved={}, step=10, at_first=20)
    quiet.run(10 * 60, ["stock"])
    assert len([at for at in quiet.calls("stock", after=-1) if at < 60]) == 40
    assert len(quiet.calls("stock", after=9 * 60 - 5)) == 52  # no order came for six minutes


def test_a_reserve_costs_orders_that_many_calls_and_no_more(engine, clock):
    """What it costs: reserved slots are idle while stock is quiet."""
    rush = Rush(engine, clock, reserved={"stock": 4})
    rush.run(70, ["orders"])
    assert len([at for at in rush.calls("orders", after=-1) if at < 60]) == 56


def test_the_first_slot_that_comes_free_is_an_orders_even_when_many_come_at_once(engine, clock):
    rush = Rush(engine, clock, reserved={}, step=0.5)
    rush.run(1, ["orders"])  # takes all sixty in one moment
    clock.sleep(58.7)
    rush.run(0.5, ["orders"])  # one more waits
    clock.sleep(0.3)  # all sixty are free
    with pytest.raises(OutOfBudget), rush.governor.call(APP, "stock"):
        pass
    one_call(rush.governor, clock, "orders")


def test_the_wait_of_a_killed_process_holds_nobody_up_for_long(engine, clock):
    governor = Governor(engine, clock, limit=1, max_wait=0, patience=0)
    one_call(governor, clock)
    clock.sleep(60)
    with pytest.raises(OutOfBudget), governor.call(APP, "orders"):
        pass  # a window after the answer is not yet more than a window: it waits, and is killed
    clock.sleep(A_WAIT_SHOWS.total_seconds())
    one_call(governor, clock, "stock")


def test_without_a_shared_slot_there_is_no_governor(engine, clock):
    with pytest.raises(ValueError, match="No slot is left"):
        Governor(engine, clock, limit=4, reserved={"stock": 4})


ONE_KEY = Cin7Connection(url="http://erp", account_id="A", application_key=SecretStr("k"))
TWO_KEYS = ONE_KEY.model_copy(update={"orders_application_key": SecretStr("orders")})
SAME_KEY = ONE_KEY.model_copy(update={"orders_application_key": SecretStr("k")})


def test_where_the_limit_is_the_keys_lanes_draw_on_the_key_that_is_theirs():
    stock = ONE_KEY.budget("stock", "key")
    assert {ONE_KEY.budget(lane, "key") for lane in KEEP_FREE} == {stock}
    assert {TWO_KEYS.budget(lane, "key") for lane in KEEP_FREE if lane != "orders"} == {stock}
    assert TWO_KEYS.budget("orders", "key") != stock
    keys = (ONE_KEY, TWO_KEYS, SAME_KEY)
    assert [key.one_budget("key") for key in keys] == [True, False, True]


def test_where_the_limit_is_the_accounts_all_lanes_and_keys_draw_on_one_budget():
    keys = (ONE_KEY, TWO_KEYS, SAME_KEY)
    assert len({key.budget(lane, "account") for key in keys for lane in KEEP_FREE}) == 1
    assert all(key.one_budget("account") for key in keys)
    other = TWO_KEYS.model_copy(update={"account_id": "b"})
    assert other.budget("orders", "account") != TWO_KEYS.budget("orders", "account")


@pytest.mark.parametrize("scope", ["key", "account"])
def test_the_name_of_a_budget_is_safe_to_store_and_to_show(scope):
    secrets = Cin7Connection(
        url="http://erp", account_id="my-account", application_key=SecretStr("my-key")
    )
    name = secrets.budget("orders", scope)
    assert "my-" not in name
    assert scope_of(name) == scope


ACCOUNT, ORDERS_KEY, OTHER_KEY = (
    TWO_KEYS.budget("orders", "account"),
    TWO_KEYS.budget("orders", "key"),
    TWO_KEYS.budget("stock", "key"),
)


def answered_at_once(governor, clock, budget, lane="orders"):
    """How many calls are let out now, without any waiting."""
    calls = 0
    try:
        while calls < 100:
            one_call(governor, clock, lane, budget=budget)
            calls += 1
    except OutOfBudget:
        pass
    return calls


@pytest.mark.parametrize(
    ("before", "after"), [((ORDERS_KEY, OTHER_KEY), ACCOUNT), ((ACCOUNT,), ORDERS_KEY)]
)
def test_when_the_merchant_changes_the_scope_the_calls_of_the_last_minute_still_count(
    engine, clock, before, after
):
    old = Governor(engine, clock, max_wait=0)
    one_call(Governor(engine, clock), clock, budget=after)  # it was in use long ago
    clock.sleep(3600)
    for number in range(50):
        one_call(old, clock, budget=before[number % len(before)])
    clock.sleep(20)
    assert answered_at_once(Governor(engine, clock, max_wait=0), clock, after) == 10
    clock.sleep(39)
    assert answered_at_once(Governor(engine, clock, max_wait=0), clock, after) == 0
    clock.sleep(1.1)
    assert answered_at_once(Governor(engine, clock, max_wait=0), clock, after) == 50


def test_a_pause_outlives_a_change_of_scope(engine, clock):
    refused_at = clock.now()
    call = Governor(engine, clock).call(OTHER_KEY, "stock")
    call.__enter__()
    refuse(call, 31.0)
    sent = one_call(Governor(engine, clock, max_wait=100), clock, budget=ACCOUNT)
    assert timedelta(seconds=31) <= sent - refused_at < timedelta(seconds=31.3)


def test_two_keys_that_each_have_a_limit_do_not_take_from_each_other(engine, clock):
    assert answered_at_once(Governor(engine, clock, max_wait=0), clock, OTHER_KEY) == 60
    assert answered_at_once(Governor(engine, clock, max_wait=0), clock, ORDERS_KEY) == 60


def test_use_is_counted_by_lane_and_minute(engine, clock):
    governor = Governor(engine, clock)
    for _ in range(3):
        one_call(governor, clock, "stock")
    clock.sleep(60)
    with pytest.raises(Throttled), governor.call(APP, "stock"):
        raise Throttled("cin7", "GET /sale", 429, "limit")
    with engine.connect() as connection:
        rows = connection.execute(select(call_usage).order_by(call_usage.c.minute)).all()
    assert [tuple(row) for row in rows] == [
        (APP, "stock", datetime(2026, 1, 1, 0, 0, tzinfo=UTC), 3, 0),
        (APP, "stock", datetime(2026, 1, 1, 0, 1, tzinfo=UTC), 1, 1),
    ]
