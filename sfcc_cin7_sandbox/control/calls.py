"""What arrived at the sandbox: every request, counted where nobody can pretend otherwise."""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sfcc_cin7_sandbox.clock import Clock

System = Literal["cin7", "sfcc", "control"]
UNKNOWN_KEY = "unknown"
"""Stands for an application key that is not the sandbox's own, and may be somebody's secret."""


def system_of(path: str) -> System:
    """Which of the systems behind the one port a path belongs to."""
    if path.lower().startswith("/externalapi"):
        return "cin7"
    return "control" if path.startswith("/_control") else "sfcc"


@dataclass(frozen=True)
class Call:
    """One answered request; `status` is None when the connection was cut."""

    arrived: str
    system: System
    key: str | None
    method: str
    path: str
    status: int | None


@dataclass
class KeyUse:
    """How one Cin7 application key, or the account, was used; refused calls arrive too."""

    arrivals: int = 0
    statuses: Counter[int | None] = field(default_factory=Counter)
    most_in_window: int = 0
    """The greatest number of arrivals in any window of the rate limit."""
    recent: deque[datetime] = field(default_factory=deque)

    def arrive(self, now: datetime, window: timedelta) -> None:
        """One more call."""
        self.arrivals += 1
        self.recent.append(now)
        while now - self.recent[0] > window:
            self.recent.popleft()
        self.most_in_window = max(self.most_in_window, len(self.recent))


class CallLog:
    """Counts for ever, and the last `keep` calls."""

    def __init__(
        self, clock: Clock, keys: Iterable[str], window: timedelta, keep: int = 2000
    ) -> None:
        self._clock = clock
        self._keys = frozenset(keys)
        self._window = window
        self._systems: Counter[System] = Counter()
        self._uses: dict[str, KeyUse] = {}
        self._account = KeyUse()
        self._last: deque[Call] = deque(maxlen=keep)

    def arrive(self, system: System, key: str | None) -> tuple[datetime, str | None]:
        """A request arrives; when, and under which name its key is counted."""
        now = self._clock.now()
        self._systems[system] += 1
        if system != "cin7" or key is None:
            return now, None
        name = key if key in self._keys else UNKNOWN_KEY
        self._uses.setdefault(name, KeyUse()).arrive(now, self._window)
        if name in self._keys:
            self._account.arrive(now, self._window)
        return now, name

    def answer(self, call: Call) -> None:
        """A request has been answered, or cut off."""
        self._last.append(call)
        if call.key is not None:
            self._uses[call.key].statuses[call.status] += 1

    def summary(self, recent: int = 50) -> dict[str, Any]:
        """Counts by system, use of each Cin7 key and of all, and the latest calls, oldest first."""
        return {
            "window_seconds": self._window.total_seconds(),
            "arrivals": dict(self._systems),
            "cin7_keys": {
                name: {
                    "arrivals": use.arrivals,
                    "statuses": {str(status): n for status, n in use.statuses.items()},
                    "most_in_window": use.most_in_window,
                }
                for name, use in self._uses.items()
            },
            "cin7_account": {
                "arrivals": self._account.arrivals,
                "most_in_window": self._account.most_in_window,
            },
            "recent": [asdict(call) for call in list(self._last)[-recent:]] if recent else [],
        }


class CallLogMiddleware:
    """Notes each request on arrival, before any fault, and its status once answered."""

    def __init__(self, app: ASGIApp, log: CallLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        system = system_of(scope["path"])
        sent_key = dict(scope["headers"]).get(b"api-auth-applicationkey")
        arrived, key = self._log.arrive(system, sent_key and sent_key.decode("latin-1"))
        status: int | None = None
        complete = False

        async def watch(message: Message) -> None:
            nonlocal status, complete
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                complete = not message.get("more_body", False)
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            self._log.answer(
                Call(
                    arrived=arrived.isoformat(),
                    system=system,
                    key=key,
                    method=scope["method"],
                    path=scope["path"],
                    status=status if complete else None,
                )
            )
