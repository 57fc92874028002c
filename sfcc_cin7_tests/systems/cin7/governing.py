"""Calls that tests make through a governor."""

from sfcc_cin7.systems.http.errors import Throttled

APP = "0123456789ab"


def one_call(governor, clock, lane="orders", seconds=0.0, budget=APP):
    """Make a call that lasts so long; when it was sent."""
    with governor.call(budget, lane):
        sent = clock.now()
        clock.sleep(seconds)
    return sent


def refuse(call, seconds):
    """End an open call with a refusal that asks for so many seconds."""
    refusal = Throttled("cin7", "GET /sale", 429, "limit")
    refusal.retry_after = seconds
    assert not call.__exit__(Throttled, refusal, None)
