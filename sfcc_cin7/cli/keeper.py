"""Ends what `up` has started when `up` itself was killed. Run as `python -m sfcc_cin7.cli.keeper`.

It reads from its parent, line by line, whom to end: `group N` is a process group, `gone N` one that
has ended, `database N` the server that goes last. When the parent has gone without a `done`, they
are killed: everything that was begun is in the database, and the next start must wait for no one.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress

LONGEST_STOP = 10.0
"""Seconds for which the server is waited for after it was told to stop."""


def keep(lines: Iterable[str]) -> None:
    """Remember whom to end, and end them if the lines end without `done`."""
    groups: dict[int, None] = {}
    database: int | None = None
    for line in lines:
        match line.split():
            case ["group", number]:
                groups[int(number)] = None
            case ["gone", number]:  # its number may be somebody else's by now
                groups.pop(int(number), None)
            case ["database", number]:
                database = int(number)
            case ["done"]:
                return
    for leader in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)
    if database is not None:
        _stop(database)


def _stop(server: int) -> None:
    """PostgreSQL's fast stop (SIGINT): sessions are ended, what was committed is on the disk."""
    deadline = time.monotonic() + LONGEST_STOP
    with suppress(ProcessLookupError, PermissionError):
        os.kill(server, signal.SIGINT)
        while time.monotonic() < deadline:
            os.kill(server, 0)
            time.sleep(0.05)


if __name__ == "__main__":
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    keep(sys.stdin)
