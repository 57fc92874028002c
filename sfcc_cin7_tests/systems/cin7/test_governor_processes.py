"""The promises of the call governor among real processes, against the emulated limit."""

import multiprocessing
import os
import random
import signal
import time
from contextlib import suppress
from multiprocessing.synchronize import Event

import httpx
import pytest
from pydantic import SecretStr

from sfcc_cin7.db.database import connect
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.connection import Cin7Connection
from sfcc_cin7.systems.cin7.governor import Governor
from sfcc_cin7.systems.http.errors import Refused
from sfcc_cin7.values.clock import SystemClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.control.server import running_sandbox

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])  # what each of them imports, once
SPEED = 24
WINDOW = 60 / SPEED
LONGEST = 120.0
"""Seconds after which a process that should have ended fails the test."""
APP = "0123456789ab"


@pytest.fixture
def address(engine, database_url):
    """Of the migrated, empty database, for processes that open it themselves."""
    return database_url.render_as_string(hide_password=False)


def start(target, *arguments):
    process = PROCESSES.Process(target=target, args=arguments, daemon=True)
    process.start()
    return process


def end(processes):
    for process in processes:
        process.join(LONGEST)
        assert process.exitcode == 0


def hammer(database, url, lane, ready, until):
    """One process of many: calls of one lane as fast as they are let out, until told to stop."""
    clock = SystemClock()
    settings = Cin7Settings()
    connection = Cin7Connection(
        url=f"{url}/ExternalApi/v2",
        account_id=settings.account_id,
        application_key=SecretStr(settings.application_keys[0]),
    )
    governor = Governor(connect(database), clock, window=WINDOW, reserved={"stock": 4})
    with Cin7Client(connection, governor, lane, clock) as client:
        ready.release()
        while not until.is_set():
            with suppress(Refused):  # there is no such sale; a write is not repeated when throttled
                client.void_sale("00000000-0000-0000-0000-000000000000")


def test_processes_of_every_lane_on_one_key_never_exceed_its_limit(address):
    with running_sandbox(skus=150, speed=SPEED) as sandbox:
        ready, until = PROCESSES.Semaphore(0), PROCESSES.Event()
        lanes = ["orders", "orders", "stock", "catalogue"]
        workers = [start(hammer, address, sandbox.url, lane, ready, until) for lane in lanes]
        assert all(ready.acquire(timeout=LONGEST) for _ in lanes)
        patience = time.monotonic() + LONGEST
        while sandbox.sandbox.calls.summary(0)["arrivals"].get("cin7", 0) <= 3 * 60:
            assert time.monotonic() < patience, "they do not use what they may"
            time.sleep(0.1)
        until.set()
        end(workers)
        calls = httpx.get(f"{sandbox.url}/_control/calls").json()
    [use] = calls["cin7_keys"].values()
    assert "429" not in use["statuses"]
    assert use["most_in_window"] <= 60
    assert use["arrivals"] > 3 * 60


class Watched(Governor):
    """Notes every look while it holds the application, so that all notes have one order."""

    def __init__(self, *arguments, notes, **settings):
        super().__init__(*arguments, **settings)
        self._notes = notes

    def _take(self, connection, application, lane):
        taken = super()._take(connection, application, lane)
        waits = not isinstance(taken, tuple)
        self._notes.append(
            (time.monotonic(), os.getpid(), lane, "waits" if waits else "is let out")
        )
        return taken


WAITS = 6
"""How often a process has to have waited for an order's call before the story is told."""


def jostle(database, lane, ready, enough, until, notes):
    """Short calls of one lane without a pause; the notes are handed in at the end."""
    mine: list[tuple[float, int, str, str]] = []
    governor = Watched(connect(database), SystemClock(), limit=20, window=0.5, notes=mine)
    dice = random.Random(os.getpid())
    governor._register(APP)
    ready.release()
    waits = 0
    while not until.is_set():
        before = len(mine)
        with governor.call(APP, lane):
            waits += len(mine) - before > 1
            time.sleep(dice.uniform(0, 0.02))
        if waits == WAITS:
            enough.release()
    notes.extend(mine)


def test_while_a_call_for_an_order_waits_no_process_of_another_lane_is_let_out(address):
    with PROCESSES.Manager() as manager:
        notes = manager.list()
        ready, enough, until = PROCESSES.Semaphore(0), PROCESSES.Semaphore(0), PROCESSES.Event()
        unheard = PROCESSES.Semaphore(0)
        others = ["catalogue", "stock", "changes"]
        workers = [start(jostle, address, lane, ready, unheard, until, notes) for lane in others]
        assert all(ready.acquire(timeout=LONGEST) for _ in others)
        workers += [start(jostle, address, "orders", ready, enough, until, notes) for _ in range(2)]
        assert all(enough.acquire(timeout=LONGEST) for _ in range(2))
        until.set()
        end(workers)
        story = sorted(notes)
    waiting: set[int] = set()
    passed = []
    for _, process, lane, what in story:
        if lane == "orders":
            waiting = waiting | {process} if what == "waits" else waiting - {process}
        elif what == "is let out" and waiting:
            passed.append(lane)
    assert passed == []
    assert {lane for _, _, lane, what in story if what == "is let out"} > {"orders"}


def hold(database, holds: Event):
    """Take a slot and never give it back."""
    governor = Governor(connect(database), SystemClock(), limit=3, window=WINDOW)
    with governor.call(APP, "orders"):
        holds.set()
        signal.pause()


def test_a_killed_process_takes_one_slot_with_it_and_nothing_else(engine, address):
    holds = PROCESSES.Event()
    process = start(hold, address, holds)
    assert holds.wait(LONGEST)
    process.kill()
    process.join(LONGEST)
    governor = Governor(engine, SystemClock(), limit=3, window=WINDOW)
    slots = []
    for _ in range(4):
        with governor.call(APP, "orders") as slot:
            slots.append(slot)
    assert slots == [1, 2, 1, 2]  # its own stays blocked by the safety net
