"""The call limit, which can only be seen by meeting it once.

These probes use up the whole limit of the application key for two minutes, so they are run only
when they are asked for, last, and never beside anything that uses the same key.
"""

from dataclasses import dataclass

from sfcc_cin7.conformance.cin7.access import CLIENTS, form
from sfcc_cin7.conformance.cin7.erp import Erp
from sfcc_cin7.conformance.probe import CIN7, CannotProbe
from sfcc_cin7.conformance.wire import Answer

LIMITS = "Cin7 API reference, API limits"
MOST = 70


@dataclass(frozen=True)
class Exhaustion:
    """What the call limit was seen to do."""

    passed: int
    refusal: Answer
    other_key: Answer | None
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
    for passed in range(MOST):
        answer = erp.call("GET", "me", governed=False)
        if answer.throttled:
            other = _with_the_other_key(erp)
            erp.clock.sleep(61)
            after = erp.call("GET", "me", governed=False)
            erp.clock.sleep(61)
            return Exhaustion(passed, answer, other, after)
    erp.clock.sleep(61)
    return "no refusal"


def _with_the_other_key(erp: Erp) -> Answer | None:
    key = erp.connection.key("orders")
    if key == erp.connection.key("stock"):
        return None
    return erp.call("GET", "me", headers={"api-auth-applicationkey": key}, governed=False)


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
    "limit.per-key",
    claim="Another application key of the same account can still call.",
    source=CLIENTS,
    certainty="observed",
    expected="per-key",
    calls=0,
    changes="A key of their own does not help orders: both share one limit.",
    unworkable={"per-account": "One budget for both keys: leave CIN7_ORDERS_APPLICATION_KEY out."},
    exceeds_limit=True,
)
def per_key(erp: Erp) -> str:
    other = exhaust(erp).other_key
    if other is None:
        raise CannotProbe("there is no second key: set CIN7_ORDERS_APPLICATION_KEY")
    return "per-account" if other.throttled else "per-key"


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
