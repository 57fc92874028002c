"""Sends letters, without ever keeping anybody waiting: each recipient has a thread of their own.

Channels promise nothing about messages that come twice, so exactly once is not to be had: a letter
is in the book until a channel has taken it, and whoever dies between the two sends it once more.
Addresses hold secrets: they are read from the environment when they are needed, and never told.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from urllib.parse import urlencode

from sfcc_cin7.alerts.deciding.book import Letter
from sfcc_cin7.runtime.places import value_of

LONGEST_SEND = 20.0
"""Seconds that a channel may take for a letter; apprise itself waits 4 for an answer."""
HEARTBEAT_SECONDS = 5.0
NO_ADDRESS = "its variable is not set"
NO_CHANNEL = "its address is none that apprise knows"
JOINS = {"pagerduty": ("dedup", {"action": "map"}), "opsgenie": ("alias", {})}
"""Services that join the letters of one cause, and end it with the last one: by scheme, the
parameter of the key, and what else they are told."""

Send = Callable[[str, Letter], str | None]
"""Sends a letter to an address; what went wrong, without the address, None where it was taken."""


@dataclass(frozen=True)
class Sent:
    """What became of a letter: the channel that took it (None: none did), and by name what was
    wrong with those that were tried before."""

    letter: str
    channel: str | None
    failures: Mapping[str, str]


class Post:
    """Takes letters and tells later what became of them. May be shared by threads."""

    def __init__(self, send: Send, addresses: Callable[[str], str]) -> None:
        self._send = send
        self._addresses = addresses
        self._results: SimpleQueue[Sent] = SimpleQueue()
        self._queues: dict[str, SimpleQueue[Callable[[], None]]] = {}
        self._lock = Lock()

    def hand(self, letter: Letter, channels: Sequence[tuple[str, str]]) -> None:
        """Send a letter over the first channel (name and variable) that takes it."""
        self._queue(letter.to).put(lambda: self._deliver(letter, channels))

    def beat(self, variable: str, ask: Callable[[str], None]) -> None:
        """Ask the address that a variable holds; whoever waits for it knows that we look."""
        address = self._addresses(variable)
        if address:
            self._queue("").put(lambda: ask(address))

    def results(self) -> list[Sent]:
        """What became of letters since this was asked last."""
        found = []
        while True:
            try:
                found.append(self._results.get_nowait())
            except Empty:
                return found

    def _queue(self, name: str) -> "SimpleQueue[Callable[[], None]]":
        with self._lock:
            if name not in self._queues:
                queue: SimpleQueue[Callable[[], None]] = SimpleQueue()
                Thread(target=_work, args=(queue,), daemon=True).start()
                self._queues[name] = queue  # a queue that nobody works off takes nothing
            return self._queues[name]

    def _deliver(self, letter: Letter, channels: Sequence[tuple[str, str]]) -> None:
        failures: dict[str, str] = {}
        taken = None
        for name, variable in channels:
            try:
                address = self._addresses(variable)
                problem = self._send(address, letter) if address else NO_ADDRESS
            except Exception as error:  # whatever a plugin raises, the next channel is tried
                problem = type(error).__name__
            if problem is None:
                taken = name
                break
            failures[name] = problem
        self._results.put(Sent(letter.id, taken, failures))


def _work(queue: "SimpleQueue[Callable[[], None]]") -> None:
    while True:
        queue.get()()


def addresses(variable: str) -> str:
    """What an environment variable holds; empty where it is not set."""
    return value_of(variable)


def send_by_apprise(address: str, letter: Letter) -> str | None:
    """Send a letter to an address of apprise's."""
    from apprise import Apprise, NotifyFormat, NotifyType

    _keep_quiet()
    channel = Apprise()
    if not channel.add(joining(address, letter)):
        return NO_CHANNEL
    kinds = {
        "notice": NotifyType.INFO,
        "warning": NotifyType.WARNING,
        "critical": NotifyType.FAILURE,
    }
    kind = NotifyType.SUCCESS if letter.resolves else kinds[letter.severity]
    result = channel.notify(
        body=letter.body,
        title=letter.title,
        notify_type=kind,
        body_format=NotifyFormat.TEXT,
        timeout=LONGEST_SEND,
    )
    return None if result else "it did not take the letter"


def joining(address: str, letter: Letter) -> str:
    """The address with the key of the cause, where the service joins by it."""
    scheme = address.partition("://")[0].lower()
    if not letter.dedup or scheme not in JOINS:
        return address
    key, more = JOINS[scheme]
    asked = urlencode({key: letter.dedup, **more})
    return f"{address}{'&' if '?' in address else '?'}{asked}"


def ask_heartbeat(address: str) -> None:
    """Ask an address once. A heartbeat that is lost is noticed where it is waited for."""
    import httpx

    try:
        httpx.get(address, timeout=HEARTBEAT_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        logging.getLogger(__name__).warning("the heartbeat failed (%s)", type(error).__name__)


def _keep_quiet() -> None:
    """What these libraries log may hold addresses, with the secrets in them."""
    for name in ("apprise", "urllib3", "requests", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
