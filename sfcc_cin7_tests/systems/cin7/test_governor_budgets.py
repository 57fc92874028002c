"""Which calls share a budget, and what becomes of them when that changes."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from sfcc_cin7.db.schema import call_usage
from sfcc_cin7.systems.cin7.connection import Cin7Connection, scope_of
from sfcc_cin7.systems.cin7.governor import KEEP_FREE, Governor
from sfcc_cin7.systems.http.errors import OutOfBudget, Throttled
from sfcc_cin7_tests.systems.cin7.governing import APP, one_call, refuse

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
