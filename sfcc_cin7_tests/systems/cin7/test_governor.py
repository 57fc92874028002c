"""No call budget is exceeded, and orders never wait for anything less."""

import random
from contextlib import ExitStack
from datetime import timedelta

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select, text

from sfcc_cin7.db.schema import call_applications, call_slots
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.connection import Cin7Connection
from sfcc_cin7.systems.cin7.governor import KEEP_FREE, Governor
from sfcc_cin7.systems.http.errors import ApiError, OutOfBudget, Throttled
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.control.server import running_sandbox
from sfcc_cin7_tests.systems.cin7.governing import APP, one_call, refuse


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
        connection.execute(text("alter table cin7_calls.call_slots rename to away"))
        answer = "the answer"
    assert answer == "the answer"
    with engine.begin() as connection:
        connection.execute(text("alter table cin7_calls.away rename to call_slots"))
