"""The call limit, which can only be seen by meeting it once.

These probes use up the whole limit for two minutes, where it is the account's that of every
application key, so they are run only when they are asked for, last, on an account in which nobody
works.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sfcc_cin7.conformance.cin7.access import CLIENTS, form
from sfcc_cin7.conformance.cin7.erp import Erp
from sfcc_cin7.conformance.probe import CIN7, CannotProbe
from sfcc_cin7.conformance.wire import Answer

LIMITS = "Cin7 API reference, API limits"
MOST = 70
ROUNDS = 3
WINDOW = timedelta(seconds=60)
Scope = Literal["key", "account", "unclear"]


@dataclass(frozen=True)
class Exhaustion:
    """What the call limit was seen to do."""

    passed: int
    refusal: Answer
    scope: Scope | None
    """What the limit holds for; None where there is no second key."""
    after_a_window: Answer


def exhaust(erp: Erp) -> Exhaustion:
    """Use the limit up once a run: calls until one is refused, then the other key, then a wait.

    Raises:
        CannotProbe: nothing was refused, or the calls were too slow to meet a limit.
    """
    if erp.exhaustion is None:
        erp.exhaustion = _exhaust(erp)
    if not isinstance(erp.exhaustion, Exhaustion):
        raise CannotProbe(f"{MOST} calls were not refused: the limit is higher, or calls are slow")
    return erp.exhaustion


def _exhaust(erp: Erp) -> Exhaustion | str:
    erp.limiter.rest()
    began = erp.clock.now()
    for passed in range(MOST):
        answer = erp.call("GET", "me", governed=False)
        if answer.throttled:
            scope = _scope(erp, began)
            erp.clock.sleep(61)
            after = erp.call("GET", "me", governed=False)
            erp.clock.sleep(61)
            return Exhaustion(passed, answer, scope, after)
    erp.clock.sleep(61)
    return "no refusal"


def _scope(erp: Erp, began: datetime) -> Scope | None:
    """Whether the other key may call while ours is refused, in turn and more than once.

    One call that passes would prove nothing: the first of ours may have left the window just then,
    and made room for whatever key asks next. So ours has to be refused after each, all within one
    window of our first call. Whoever else uses the other key can only make it look too narrow.
    """
    if not erp.connection.two_keys:
        return None
    other = {"api-auth-applicationkey": erp.connection.key("orders")}
    for _ in range(ROUNDS):
        answer = erp.call("GET", "me", headers=other, governed=False)
        if answer.throttled:
            return "account"
        again = erp.call("GET", "me", governed=False)
        if not answer.ok or not again.throttled:
            return "unclear"
    return "key" if erp.clock.now() - began < WINDOW else "unclear"


@CIN7.probe(
    "limit.calls",
    claim="60 calls pass within 60 seconds, and the next is refused.",
    source=LIMITS,
    certainty="documented",
    expected="60",
    calls=63,
    changes="The product calls more slowly or more often than this account allows.",
    exceeds_limit=True,
)
def calls(erp: Erp) -> str:
    return str(exhaust(erp).passed)


@CIN7.probe(
    "limit.form",
    claim="A call above the limit is answered with status 429.",
    source=f"{LIMITS}; 503 and 400 in {CLIENTS}",
    certainty="observed",
    expected="429",
    calls=0,
    changes="Nothing: the product knows all three forms.",
    exceeds_limit=True,
)
def limit_form(erp: Erp) -> str:
    refusal = exhaust(erp).refusal
    return f"{refusal.status}-list" if form(refusal) == "list" else str(refusal.status)


@CIN7.probe(
    "limit.words",
    claim="The refusal names the limit in words: so many calls per so many seconds.",
    source=CLIENTS,
    certainty="observed",
    expected="named",
    calls=0,
    changes="A refusal with a status other than 429 would be taken for trouble of another kind.",
    exceeds_limit=True,
)
def words(erp: Erp) -> str:
    return "named" if "calls per" in exhaust(erp).refusal.text else "not-named"


@CIN7.probe(
    "limit.scope",
    claim="All application keys of an account share one limit.",
    source=f"The reference and Cin7's help say that each has its own; contradicted by {CLIENTS}",
    certainty="assumed",
    expected="account",
    calls=0,
    changes="Orders get a budget of their own with a second key: name the profile, or set"
    " calls.limit_scope: key.",
    exceeds_limit=True,
)
def scope(erp: Erp) -> str:
    seen = exhaust(erp).scope
    if seen is None:
        raise CannotProbe("there is no second key: set CIN7_ORDERS_APPLICATION_KEY")
    if seen == "unclear":
        raise CannotProbe("the second key was not answered, or the calls were too slow to tell")
    return seen


@CIN7.probe(
    "limit.clears",
    claim="One minute after the refusal calls pass again.",
    source=CLIENTS,
    certainty="observed",
    expected="clears",
    calls=0,
    changes="After one refusal everything stands still for longer than a minute.",
    exceeds_limit=True,
)
def clears(erp: Erp) -> str:
    return "stays" if exhaust(erp).after_a_window.throttled else "clears"
