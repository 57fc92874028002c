"""Child processes under one parent: started one after another, watched, started again, stopped.

Each child leads a process group of its own, so that Ctrl-C reaches the parent alone and the parent
ends a child together with everything the child has started. A child that dies is started again;
what it had started goes on, and ends with the parent at the latest. If the parent itself is killed,
a keeper (`keeper`) ends its children.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import httpx

from sfcc_cin7.values.problems import ConfigurationError

LOOPBACK = "127.0.0.1"
POLITE_SECONDS = 6.0
"""How long groups may take to end before they are killed. Runs note within a second or two that
they were interrupted; a sensor in the middle of its long poll has nothing to lose."""
LAST_LINES = 15
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0
"""Seconds until a child that died is started again; twice as long after each death in a row."""
MOST_DEATHS, IN_SECONDS = 6, 120.0
"""A child that dies as often within this time is given up."""
BETWEEN_LOOKS = 0.2


class Stopped(Exception):
    """Somebody asked the parent to end."""


class ChildFailed(Exception):
    """A child keeps dying, or did not come up; the message says which and shows its log."""


@dataclass
class Child:
    """A child as it was asked for, its process of the moment, and the file its output goes to."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    process: subprocess.Popen[bytes]
    deaths: list[float] = field(default_factory=list)
    starts_at: float | None = None
    """When it is started again, after a death that was noticed."""

    def died(self, now: float) -> None:
        """Note a death, and when to start again."""
        self.deaths = [at for at in self.deaths if now - at < IN_SECONDS] + [now]
        pause = FIRST_PAUSE * 2 ** (len(self.deaths) - 1)
        self.starts_at = now + min(pause, LONGEST_PAUSE)

    def failed(self, what: str) -> ChildFailed:
        """What to tell when the child did not do what it should."""
        lines = self.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
        return ChildFailed("\n".join([f"{self.name} {what}. The end of {self.log}:", *lines]))


class Supervisor:
    """Starts and watches children. Use it as `with supervised(...)`.

    What is entered on `at_end` ends after the children, in the reverse order of its start.
    """

    def __init__(self, logs: Path, at_end: ExitStack) -> None:
        self.at_end = at_end
        self.guards: list[Callable[[], None]] = []
        """Called at every look: they see to what is no child, and raise ChildFailed."""
        self._logs = logs
        self._children: list[Child] = []
        self._groups: list[int] = []
        self._database: int | None = None
        self._keeper: subprocess.Popen[str] | None = None
        logs.mkdir(parents=True, exist_ok=True)

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> Child:
        """Start a Python command (`-m ...`) of this interpreter in a folder."""
        log = self._logs / f"{name}.log"
        log.unlink(missing_ok=True)
        process = self._run(command, environment, folder, log)
        child = Child(name, command, environment, folder, log, process)
        self._children.append(child)
        return child

    def keep_database(self, pid: int) -> None:
        """The server that a keeper ends after the children."""
        self._database = pid
        self._tell(f"database {pid}")

    def wait_for(self, child: Child, url: str, seconds: float) -> None:
        """Return when the child answers at `url`.

        Raises:
            ChildFailed: it ended, or did not answer in time.
        """
        self.wait_until(child, lambda: _answers(url), f"answer at {url}", seconds)

    def wait_until(
        self, child: Child, ready: Callable[[], bool], what: str, seconds: float
    ) -> None:
        """Return when the child is `ready`, for which it has to do `what`. Raises as `wait_for`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.look()
            if ready():
                return
            time.sleep(BETWEEN_LOOKS)
        raise child.failed(f"did not {what} within {seconds:g} s")

    def look(self) -> None:
        """Raise ChildFailed if a child has ended."""
        for child in self._children:
            if (code := child.process.poll()) is not None:
                raise child.failed(f"ended by itself (exit code {code})")

    def watch(self) -> None:
        """Start again what dies, until somebody asks to stop (`Stopped`).

        Raises:
            ChildFailed: a child keeps dying, or a guard gives up.
        """
        while True:
            for guard in self.guards:
                guard()
            self._keep_the_keeper()
            self._forget_the_gone()
            for child in self._children:
                self._revive(child)
            time.sleep(BETWEEN_LOOKS)

    def _revive(self, child: Child) -> None:
        code, now = child.process.poll(), time.monotonic()
        if code is None:
            return
        if child.starts_at is None:
            child.died(now)
            if len(child.deaths) >= MOST_DEATHS:
                raise child.failed(f"ended {MOST_DEATHS} times in a row (last exit code {code})")
        elif now >= child.starts_at:
            child.starts_at = None
            child.process = self._run(child.command, child.environment, child.folder, child.log)

    def _run(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path
    ) -> subprocess.Popen[bytes]:
        self._keep_the_keeper()
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, *command],
                env={**os.environ, **environment, "PYTHONUNBUFFERED": "1"},
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._groups.append(process.pid)
        self._tell(f"group {process.pid}")
        return process

    def stop(self) -> None:
        """End every child with all that it has started: politely, then not. None of it is left."""
        for sign, patience in ((signal.SIGTERM, POLITE_SECONDS), (signal.SIGKILL, 3.0)):
            for leader in self._groups:
                _send(leader, sign)
            deadline = time.monotonic() + patience
            while self._some_are_left() and time.monotonic() < deadline:
                time.sleep(0.05)

    def dismiss_keeper(self) -> None:
        """Nothing is left that a keeper would have to end."""
        self._tell("done")

    def _some_are_left(self) -> bool:
        for child in self._children:
            child.process.poll()  # reap the leader, or the group never ends
        self._groups = [leader for leader in self._groups if _send(leader, 0)]
        return bool(self._groups)

    def _forget_the_gone(self) -> None:
        """A group that has ended is not to be signalled: its number may be given out again."""
        for leader in [each for each in self._groups if not _send(each, 0)]:
            self._groups.remove(leader)
            self._tell(f"gone {leader}")

    def _keep_the_keeper(self) -> None:
        if self._keeper is not None and self._keeper.poll() is None:
            return
        self._keeper = subprocess.Popen(
            [sys.executable, "-m", "sfcc_cin7.cli.keeper"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        for leader in self._groups:
            self._tell(f"group {leader}")
        if self._database is not None:
            self._tell(f"database {self._database}")

    def _tell(self, line: str) -> None:
        if self._keeper is None or self._keeper.stdin is None:
            return
        with suppress(OSError):  # it died: the next one is told everything
            self._keeper.stdin.write(f"{line}\n")
            self._keeper.stdin.flush()


@contextmanager
def supervised(logs: Path) -> Iterator[Supervisor]:
    """A supervisor for the time of the context: SIGINT and SIGTERM raise `Stopped` inside it.

    Children inherit no ignored SIGINT, which a shell sets for its background jobs.
    """
    at_end = ExitStack()
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {each: signal.signal(each, _stop) for each in signals}
    supervisor = Supervisor(logs, at_end)
    try:
        yield supervisor
    finally:
        for each in signals:  # from here on nothing interrupts the clearing up
            signal.signal(each, signal.SIG_IGN)
        supervisor.stop()
        at_end.close()
        supervisor.dismiss_keeper()
        for each, handler in before.items():
            signal.signal(each, handler)


def _stop(signum: int, _frame: FrameType | None) -> None:
    raise Stopped(signal.Signals(signum).name)


def _send(leader: int, sign: int) -> bool:
    """Send a signal to a group (0: none); whether anything of the group is left."""
    try:
        os.killpg(leader, sign)
    except ProcessLookupError:
        return False
    return True


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.HTTPError:
        return False


def require_free(port: int, variable: str, patience: float = 0.0) -> None:
    """Raise ConfigurationError if something listens on a loopback port, and still does after
    `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            socket.create_server((LOOPBACK, port)).close()
        except OSError as error:
            if time.monotonic() < deadline:
                time.sleep(BETWEEN_LOOKS)
                continue
            reason = os.strerror(error.errno or 0).lower()
            raise ConfigurationError(
                f"Port {port} cannot be used ({reason}): stop what uses it, or set {variable} to"
                " another port."
            ) from None
        return


def unused_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.create_server((LOOPBACK, 0)) as server:
        port: int = server.getsockname()[1]
        return port
