"""The watcher answers whoever asks, soon, whatever the database does, and costs little."""

import asyncio
import threading
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette

from sfcc_cin7.operations import Sign, State, Verdict
from sfcc_cin7.operations.state import measures
from sfcc_cin7.operations.state.verdicts import Measure
from sfcc_cin7.operations.watch import FRESH, Watch, watcher
from sfcc_cin7.values.clock import ManualClock

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AT_ONCE, LONG = timedelta(0), timedelta(seconds=30)


def state(verdict: Verdict, at: datetime = NOW) -> State:
    told = [
        Measure(measures.WAITING, 3),
        Measure(measures.CIRCUIT, 1, {"system": "cin7"}),
    ]
    orders = Sign(
        name="orders waiting",
        verdict=verdict,
        sentence="3 wait.",
        owner="team:order-desk",
        runbook="stalled_posting.md",
        measures=told,
    )
    return State(at, [orders])


def ask(app: Starlette, path: str, method: str = "GET") -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://us") as http:
            return await http.request(method, path)

    return asyncio.run(send())


class Looker:
    """Looks when it is asked to, and comes back when it may."""

    def __init__(self, verdict: Verdict = Verdict.OK) -> None:
        self.looks = 0
        self.verdict = verdict
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def __call__(self) -> State:
        self.looks += 1
        self.may_go_on.wait()
        return state(self.verdict)


def test_asking_often_looks_once(clock: ManualClock):
    look = Looker()
    watch = Watch(look, clock, LONG)
    assert [watch.state().verdict for _ in range(5)] == [Verdict.OK] * 5
    assert look.looks == 1
    clock.sleep(FRESH.total_seconds())
    look.verdict = Verdict.FAILING
    assert watch.state().verdict is Verdict.FAILING
    assert look.looks == 2


def test_a_database_that_hangs_makes_nobody_wait_and_what_was_well_is_not_known(
    clock: ManualClock,
):
    look = Looker()
    watch = Watch(look, clock, AT_ONCE)
    assert until_well(watch)
    clock.sleep(60)
    look.may_go_on.clear()
    for _ in range(3):
        (only,) = watch.state().signs
        assert (only.name, only.verdict) == ("database", Verdict.NOT_KNOWN)
    assert look.looks == 2  # one look at a time, however many ask
    look.may_go_on.set()
    assert until_well(watch)


def until_well(watch: Watch) -> bool:
    deadline = time.monotonic() + LONG.total_seconds()
    while time.monotonic() < deadline:
        if watch.state().verdict is Verdict.OK:
            return True
        time.sleep(0.01)
    return False


def test_a_mistake_of_ours_is_not_taken_for_health(clock: ManualClock):
    def mistaken() -> State:
        raise ZeroDivisionError("postgresql://me:secret@db")

    (only,) = Watch(mistaken, clock, LONG).state().signs
    assert (only.name, only.verdict) == ("watcher", Verdict.NOT_KNOWN)
    assert "ZeroDivisionError" in only.sentence
    assert "secret" not in only.sentence


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        (Verdict.OK, 200),
        (Verdict.WARNING, 200),
        (Verdict.FAILING, 503),
        (Verdict.NOT_KNOWN, 503),
    ],
)
def test_a_failure_and_what_is_not_known_are_no_success(
    clock: ManualClock, verdict: Verdict, status: int
):
    app = watcher(Watch(Looker(verdict), clock, LONG), lambda _: "")
    answer = ask(app, "/health")
    assert (answer.status_code, answer.json()["verdict"]) == (status, str(verdict))
    assert ask(app, "/live").status_code == 200
    assert ask(app, "/").status_code == 404
    assert ask(app, "/health", "POST").status_code == 405


def test_the_page_for_people_is_there_whatever_the_verdict_and_loads_nothing(clock: ManualClock):
    app = watcher(Watch(Looker(Verdict.NOT_KNOWN), clock, LONG), lambda found: found.verdict)
    answer = ask(app, "/status")
    assert (answer.status_code, answer.text) == (200, "not known")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert ask(app, "/status", "POST").status_code == 405


def test_figures_are_told_as_prometheus_reads_them(clock: ManualClock):
    answer = ask(watcher(Watch(Looker(Verdict.WARNING), clock, LONG), lambda _: ""), "/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    lines = answer.text.splitlines()
    assert "# TYPE sfcc_cin7_orders_waiting gauge" in lines
    assert "sfcc_cin7_orders_waiting 3.0" in lines
    assert 'sfcc_cin7_circuit_open{system="cin7"} 1.0' in lines
    assert 'sfcc_cin7_state{verdict="warning"} 1.0' in lines
    assert 'sfcc_cin7_sign{sign="orders waiting",verdict="ok"} 0.0' in lines
    assert "sfcc_cin7_looked_timestamp_seconds 1.7723664e+09" in lines
    assert "sfcc_cin7_review_items" not in answer.text  # what is not known has no series
