"""Child processes under one parent: started one after another, watched, stopped in reverse.

Each child leads a process group of its own, so that Ctrl-C reaches the parent alone and the parent
ends a child together with everything the child has started.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import httpx

from sfcc_cin7.values.problems import ConfigurationError

LOOPBACK = "127.0.0.1"
POLITE_SECONDS = 8.0
"""How long a group may take to end before it is killed. Runs note within a second or two that they
were interrupted; a sensor in the middle of its long poll has nothing to lose."""
LAST_LINES = 15


class Stopped(Exception):
    """Somebody asked the parent to end."""


class ChildFailed(Exception):
    """A child ended by itself, or did not come up; the message says which and shows its log."""


@dataclass(frozen=True)
class Child:
    """A running child and the file that its output goes to."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        """End the whole group: politely, then not. Returns when none of it is left."""
        for sign, patience in ((signal.SIGTERM, POLITE_SECONDS), (signal.SIGKILL, 5.0)):
            self._send(sign)
            deadline = time.monotonic() + patience
            while time.monotonic() < deadline:
                if not self._send(0):
                    return
                time.sleep(0.05)

    def _send(self, sign: int) -> bool:
        """Send a signal to the group (0: none); whether anything of the group is left."""
        self.process.poll()  # reap the leader, or the group never ends
        try:
            os.killpg(self.process.pid, sign)
        except ProcessLookupError:
            return False
        return True

    def failed(self, what: str) -> ChildFailed:
        """What to tell when the child did not do what it should."""
        lines = self.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
        return ChildFailed("\n".join([f"{self.name} {what}. The end of {self.log}:", *lines]))


class Supervisor:
    """Starts and watches children. Use it as `with supervised(...)`.

    What is entered on `at_end`, and every child, ends in the reverse order of its start.
    """

    def __init__(self, logs: Path, at_end: ExitStack) -> None:
        self.at_end = at_end
        self._logs = logs
        self._children: list[Child] = []

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> Child:
        """Start a Python command (`-m ...`) of this interpreter in a folder."""
        self._logs.mkdir(parents=True, exist_ok=True)
        log = self._logs / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, *command],
                env={**os.environ, **environment, "PYTHONUNBUFFERED": "1"},
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        child = Child(name, process, log)
        self.at_end.callback(child.stop)
        self._children.append(child)
        return child

    def wait_for(self, child: Child, url: str, seconds: float) -> None:
        """Return when the child answers at `url`.

        Raises:
            ChildFailed: it ended, or did not answer in time.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.look()
            try:
                if httpx.get(url, timeout=5).is_success:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.2)
        raise child.failed(f"did not answer at {url} within {seconds:g} s")

    def look(self) -> None:
        """Raise ChildFailed if a child has ended."""
        for child in self._children:
            if (code := child.process.poll()) is not None:
                raise child.failed(f"ended by itself (exit code {code})")

    def watch(self) -> None:
        """Watch until somebody asks to stop (`Stopped`) or a child ends (`ChildFailed`)."""
        while True:
            self.look()
            time.sleep(0.5)


@contextmanager
def supervised(logs: Path) -> Iterator[Supervisor]:
    """A supervisor for the time of the context: SIGINT and SIGTERM raise `Stopped` inside it.

    Children inherit no ignored SIGINT, which a shell sets for its background jobs.
    """
    at_end = ExitStack()
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {each: signal.signal(each, _stop) for each in signals}
    try:
        yield Supervisor(logs, at_end)
    finally:
        for each in signals:  # from here on nothing interrupts the clearing up
            signal.signal(each, signal.SIG_IGN)
        at_end.close()
        for each, handler in before.items():
            signal.signal(each, handler)


def _stop(signum: int, _frame: FrameType | None) -> None:
    raise Stopped(signal.Signals(signum).name)


def require_free(port: int, variable: str) -> None:
    """Raise ConfigurationError if something listens on a loopback port."""
    try:
        socket.create_server((LOOPBACK, port)).close()
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise ConfigurationError(
            f"Port {port} cannot be used ({reason}): stop what uses it, or set {variable} to"
            " another port."
        ) from None
