"""A posting run with several workers: none lost, none doubled, and nobody held up by another."""

import threading
from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, func, select

from sfcc_cin7.cli.emulated import sandbox_erp, sandbox_storefront
from sfcc_cin7.db.schema import order_events
from sfcc_cin7.merchant.operating_model import PostingPolicy, load_operating_model
from sfcc_cin7.orders.intake import poller
from sfcc_cin7.orders.intake.receiver import Receiver
from sfcc_cin7.orders.posting.draining import drain, lingering
from sfcc_cin7.orders.posting.order import OrderPosting
from sfcc_cin7.orders.records.queue import OrderQueue
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.governor import Governor
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import SystemClock
from sfcc_cin7_sandbox.control.server import RunningSandbox, running_sandbox
from sfcc_cin7_sandbox.truth.verify import verify
from sfcc_cin7_tests.project import SANDBOX_MODEL

ENOUGH = 20.0
"""Seconds after which a thread that should have met another gives up."""
POLICY = PostingPolicy(workers=4, poll_seconds=0.1)


class Orders:
    """A queue of so many orders, each given out once."""

    def __init__(self, count: int) -> None:
        self.waiting = [SimpleNamespace(key=f"order {number}") for number in range(count)]
        self.claimed: list[str] = []

    def claim(self, _owner: str) -> Any:
        if not self.waiting:
            return None
        claim = self.waiting.pop(0)
        self.claimed.append(claim.key)
        return claim


def run(queue: Any, post: Any, poll: Any = lambda: 0, report: Any = None) -> Any:
    told: Any = report or (lambda _key, _outcome: None)
    posting: Any = SimpleNamespace(claim=queue.claim, post=post)
    clock = SystemClock()
    until = lingering(clock, 0.3)
    return drain(shops(poll), posting, POLICY, clock, "a run", until, told)


def shops(poll: Any, *names: str) -> Any:
    """A receiver of sites, each of which is looked at by `poll`."""
    sites = [SimpleNamespace(id=name) for name in names or ("shop",)]
    return SimpleNamespace(sites=sites, poll_site=lambda _site, _on_new: poll())


def test_as_many_orders_are_posted_at_the_same_time_as_there_are_workers() -> None:
    together = threading.Barrier(4, timeout=ENOUGH)

    def post(claim: Any) -> str:
        together.wait()  # passes only when four are here
        return "acknowledged"

    assert run(Orders(8), post).outcomes == {"acknowledged": 8}


def test_no_order_is_claimed_before_a_worker_is_free_to_post_it() -> None:
    queue = Orders(9)
    started: list[str] = []
    ahead = []

    def post(claim: Any) -> str:
        started.append(claim.key)
        ahead.append(len(queue.claimed) - len(started))
        return "acknowledged"

    run(queue, post)
    assert max(ahead) < POLICY.workers


def test_a_storefront_that_hangs_holds_up_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poller, "PATIENCE", 0.0)
    answered = threading.Event()
    clock = SystemClock()
    receiver = shops(lambda: answered.wait(ENOUGH) and 0)
    posting: Any = SimpleNamespace(claim=Orders(5).claim, post=lambda _claim: "acknowledged")
    try:
        result = drain(receiver, posting, POLICY, clock, "a run", lingering(clock, 1.0, 1.0))
    finally:
        answered.set()
    assert result.outcomes == {"acknowledged": 5}


def test_a_site_that_hangs_does_not_keep_the_others_from_being_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(poller, "PATIENCE", 0.0)
    answered = threading.Event()
    looked_at = threading.Semaphore(0)

    def poll_site(site: Any, _on_new: Any) -> int:
        if site.id == "hangs":
            answered.wait(ENOUGH)
        looked_at.release()
        return 1

    receiver = shops(None, "hangs", "answers")
    receiver.poll_site = poll_site
    try:
        with poller.Poller(receiver, 0.05, SystemClock()) as watch:
            assert all(looked_at.acquire(timeout=ENOUGH) for _ in range(3))
            assert not watch.looked
            assert watch.received >= 2
    finally:
        answered.set()


def test_orders_are_received_while_every_worker_is_busy() -> None:
    queue = Orders(4)
    looks = threading.Semaphore(0)

    def post(claim: Any) -> str:
        assert all(looks.acquire(timeout=ENOUGH) for _ in range(2))
        return "acknowledged"

    def poll() -> int:
        looks.release()
        return 1

    result = run(queue, post, poll)
    assert result.outcomes == {"acknowledged": 4}
    assert result.received >= 8


def test_a_failure_ends_the_run_after_the_others_have_finished_their_orders() -> None:
    queue = Orders(50)
    together = threading.Barrier(4, timeout=ENOUGH)
    failed = threading.Event()

    def post(claim: Any) -> str:
        if int(claim.key.split()[1]) < 4:
            together.wait()
        if claim.key == "order 1":
            failed.set()
            raise OSError("the database went away")
        assert failed.wait(ENOUGH)
        return "acknowledged"

    told: list[str] = []
    with pytest.raises(OSError, match="went away"):
        run(queue, post, report=lambda key, _outcome: told.append(key))
    assert len(queue.claimed) < 4 + 4  # a worker freed before the failure was noticed may have one
    assert sorted([*told, "order 1"]) == sorted(queue.claimed)


def test_a_failure_of_the_receiver_ends_the_run() -> None:
    def poll() -> int:
        raise OSError("the database went away")

    with pytest.raises(OSError, match="went away"):
        run(Orders(0), lambda _claim: "acknowledged", poll)


def test_after_an_interruption_nothing_is_claimed_any_more() -> None:
    queue = Orders(50)

    def interrupt(_key: str, _outcome: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(queue, lambda _claim: "acknowledged", report=interrupt)
    assert len(queue.claimed) <= 2 * POLICY.workers


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(skus=150, speed=200) as running:
        yield running


def test_two_runs_with_four_workers_each_book_every_order_once(
    engine: Engine, sandbox: RunningSandbox
) -> None:
    for _ in range(40):
        sandbox.sandbox.shoppers.place(shape="plain")
    model = load_operating_model(SANDBOX_MODEL)
    clock = SystemClock()
    shop = sandbox_storefront(sandbox.url)
    erp = sandbox_erp(sandbox.url)
    outcomes: Counter[str] = Counter()
    received = 0

    def one_run(name: str) -> None:
        nonlocal received
        governor = Governor(engine, clock, window=60 / 200)
        queue = OrderQueue(engine, clock, name)
        with (
            SfccClient(shop, clock) as storefront,
            Cin7Client(erp, governor, "orders", clock) as cin7,
        ):
            receiver = Receiver(storefront, queue, model, clock)
            posting = OrderPosting(engine, queue, storefront, cin7, model, clock)
            result = drain(receiver, posting, POLICY, clock, name, lingering(clock, 2.0))
        outcomes.update(result.outcomes)
        received += result.received

    runs = [threading.Thread(target=one_run, args=(name,)) for name in ("first", "second")]
    for each in runs:
        each.start()
    for each in runs:
        each.join()
    assert outcomes == {"acknowledged": 40}
    assert received == 40
    claimed = select(func.count()).where(order_events.c.kind == "claimed")
    with engine.connect() as connection:
        assert connection.scalar(claimed) == 40
    truth = decimal_json.loads(httpx.get(f"{sandbox.url}/_control/truth").content)
    verdict = verify(truth, grace_seconds=0)
    assert verdict.clean
    assert verdict.counts["matched"] == 40
