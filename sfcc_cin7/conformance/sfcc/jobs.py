"""Executions of a job, which only the merchant can name: the kit knows none that it may run."""

from sfcc_cin7.conformance.probe import SFCC, CannotProbe
from sfcc_cin7.conformance.sfcc.calls import Row, problem
from sfcc_cin7.conformance.sfcc.shop import Shop
from sfcc_cin7.conformance.wire import Answer

DATA = "OCAPI Data API 25.6, jobs"
AN_EXECUTION = "An execution of the job that --job names, which does what it always does"
AWAITED = "The probe waits until it has ended."
NOT_RUN = "Leave `writer.feed` out: batches carry what jobs would."
ENDED = ("finished", "aborted")
BETWEEN_LOOKS = 5.0
LOOKS = 60


@SFCC.probe(
    "job.execution",
    claim="Starting a job is answered with the execution's id and status.",
    source=DATA,
    certainty="documented",
    expected="id-and-status",
    calls=5,
    writes=AN_EXECUTION,
    cleans=AWAITED,
    changes=NOT_RUN,
)
def execution(shop: Shop) -> str:
    started = _started(shop)
    _end(shop, started)
    told = started.get("id") and started.get("execution_status")
    return "id-and-status" if told else "less"


@SFCC.probe(
    "job.end",
    claim="An execution can be looked at until it has finished or was aborted.",
    source=DATA,
    certainty="documented",
    expected="ends",
    calls=5,
    writes=AN_EXECUTION,
    cleans=AWAITED,
    changes=NOT_RUN,
)
def end(shop: Shop) -> str:
    return "ends" if _end(shop, _started(shop)) else f"not-within-{LOOKS * BETWEEN_LOOKS:.0f}-s"


@SFCC.probe(
    "job.already-running",
    claim="A job that runs is not started again: JobAlreadyRunningException.",
    source=f"{DATA}, faults",
    certainty="documented",
    expected="JobAlreadyRunningException",
    calls=6,
    writes=f"{AN_EXECUTION}, or two should both be accepted",
    cleans=AWAITED,
    changes=NOT_RUN,
)
def already_running(shop: Shop) -> str:
    first = _started(shop)
    again = _start(shop)
    # One that is over so soon says nothing about one that runs.
    ran = _look(shop, first).get("execution_status") not in ENDED
    _end(shop, first)
    if not again.ok:
        return problem(again)
    _end(shop, again.document("the second execution"))
    if not ran:
        raise CannotProbe("the job ends at once: name one that takes a few seconds with --job")
    return "started-again"


def _start(shop: Shop) -> Answer:
    return shop.call("POST", shop.executions_url, body={"parameters": []})


def _started(shop: Shop) -> Row:
    answer = _start(shop)
    if problem(answer) == "JobAlreadyRunningException":
        raise CannotProbe(f"somebody else runs {shop.job} now")
    return answer.document(f"starting {shop.job}")


def _look(shop: Shop, started: Row) -> Row:
    answer = shop.call("GET", f"{shop.executions_url}/{started['id']}")
    return answer.document("the execution")


def _end(shop: Shop, started: Row) -> bool:
    """Wait for the end of an execution; whether it came."""
    for _ in range(LOOKS):
        if _look(shop, started).get("execution_status") in ENDED:
            return True
        shop.clock.sleep(BETWEEN_LOOKS)
    return False
