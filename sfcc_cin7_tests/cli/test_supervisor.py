"""One parent, its children, and what is left of them: nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from sfcc_cin7.cli import supervisor as supervisor_module
from sfcc_cin7.cli.keeper import keep
from sfcc_cin7.cli.supervisor import ChildFailed, Stopped, supervised

PATIENCE = 20

PARENT = """
import sys
from pathlib import Path
from sfcc_cin7.cli.supervisor import Stopped, supervised
child = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); open('up', 'w').close(); time.sleep(600)"
try:
    with supervised(Path("logs")) as supervisor:
        supervisor.at_end.callback(print, "database stopped", flush=True)
        print(supervisor.start("worker", ["-c", child], {}, Path()).process.pid, flush=True)
        supervisor.watch()
except Stopped:
    print("stopped", flush=True)
"""  # noqa: E501


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def group_lives(leader: int) -> bool:
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_parent_ends_children_and_grandchildren(
    tmp_path: Path, sign: signal.Signals
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        leader = int(parent.stdout.readline())
        eventually((tmp_path / "up").exists)
        assert group_lives(leader)

        parent.send_signal(sign)

        assert parent.stdout.read().splitlines() == ["database stopped", "stopped"]
        assert parent.wait(PATIENCE) == 0
    assert not group_lives(leader)


FOREVER = ["-c", "import time; time.sleep(600)"]
FRAIL = ["-c", "print('no such table'); raise SystemExit(3)"]


def start_and_watch(folder: Path, leaders: list[int], *children: list[str]) -> None:
    with supervised(folder) as supervisor:
        for number, child in enumerate(children):
            leaders.append(supervisor.start(f"child-{number}", child, {}, folder).process.pid)
        supervisor.watch()


def test_a_child_that_keeps_dying_ends_the_others_and_its_last_words_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "LONGEST_PAUSE", 0.0)
    leaders: list[int] = []

    with pytest.raises(ChildFailed) as failure:
        start_and_watch(tmp_path, leaders, FOREVER, FRAIL)

    assert "child-1 ended 6 times in a row (last exit code 3)" in str(failure.value)
    assert str(failure.value).endswith("no such table")
    assert not any(group_lives(leader) for leader in leaders)


def test_a_child_that_dies_while_things_are_started_ends_them(tmp_path: Path) -> None:
    def start() -> None:
        with supervised(tmp_path) as supervisor:
            supervisor.wait_for(
                supervisor.start("frail", FRAIL, {}, tmp_path), "http://127.0.0.1:1/", PATIENCE
            )

    with pytest.raises(ChildFailed, match=r"frail ended by itself \(exit code 3\)"):
        start()


DIES_ONCE = [
    "-c",
    "import pathlib, sys, time; seen = pathlib.Path('seen'); first = not seen.exists();"
    " seen.touch(); sys.exit(1) if first else pathlib.Path('again').touch(); time.sleep(600)",
]


def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def guard() -> None:
        if (tmp_path / "again").exists():
            raise Enough

    def watch() -> None:
        with supervised(tmp_path / "logs") as supervisor:
            supervisor.guards.append(guard)
            supervisor.start("frail", DIES_ONCE, {}, tmp_path)
            supervisor.watch()

    with pytest.raises(Enough):
        watch()


def test_if_the_parent_is_killed_nothing_is_left_running(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        leader = int(parent.stdout.readline())
        eventually((tmp_path / "up").exists)

        parent.kill()
        parent.wait(PATIENCE)

        eventually(lambda: not group_lives(leader))


def test_if_the_keeper_is_killed_the_next_one_knows_whom_to_end(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        leader = int(parent.stdout.readline())
        eventually((tmp_path / "up").exists)
        [first] = keepers(parent.pid)
        first.kill()
        eventually(lambda: any(each.pid != first.pid for each in keepers(parent.pid)))

        parent.kill()
        parent.wait(PATIENCE)

        eventually(lambda: not group_lives(leader))


def test_a_group_that_has_ended_is_not_killed_by_its_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    killed: list[int] = []
    monkeypatch.setattr(os, "killpg", lambda leader, _sign: killed.append(leader))

    keep(["group 11\n", "group 12\n", "gone 11\n"])

    assert killed == [12]


def keepers(parent: int) -> list[psutil.Process]:
    return [
        each
        for each in psutil.Process(parent).children()
        if each.status() != psutil.STATUS_ZOMBIE and "sfcc_cin7.cli.keeper" in each.cmdline()
    ]


def wait_in_vain(folder: Path) -> None:
    with supervised(folder) as supervisor:
        mute = supervisor.start("mute", FOREVER, {}, folder)
        supervisor.wait_for(mute, "http://127.0.0.1:1/health", 0.3)


def test_a_child_that_never_answers_is_named(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match="mute did not answer at http"):
        wait_in_vain(tmp_path)


def interrupt_oneself(folder: Path) -> None:
    with supervised(folder):
        os.kill(os.getpid(), signal.SIGINT)
        signal.pause()


def test_signals_mean_again_what_they_meant_before(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)

    with pytest.raises(Stopped):
        interrupt_oneself(tmp_path)

    assert signal.getsignal(signal.SIGINT) is before
