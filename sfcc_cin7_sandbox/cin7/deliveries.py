"""Deliveries of events to webhooks: queued, tried six times, and then the webhook is switched off.

The first try comes one minute after the event, the others 5, 10, 15, 20 and 25 minutes after the
one before (Cin7 API reference, Webhooks). Only loopback addresses are ever called; a delivery to
any other fails. Faults:

- `cin7.webhook_dropped`: the event is never delivered.
- `cin7.webhook_repeated`: a delivery that arrived is made once more.
- `cin7.webhook_reordered`: the event is held back (its size in seconds, 120), so that later ones
  overtake it.
"""

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx
import simplejson

from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_sandbox.cin7.webhooks import Webhooks
from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.shelf import Document, Shelf

KIND = "cin7.delivery"
Post = Callable[[str, dict[str, str], bytes], Awaitable[int | None]]
"""Takes address, headers and body; the status of the answer, None without one."""


@dataclass
class Delivery:
    """One event on its way to one webhook; `due` is when it is tried next."""

    key: str
    hook: str
    body: str
    due: datetime
    tries: int = 0


class Deliveries:
    """The queue of one company."""

    def __init__(
        self,
        hooks: Webhooks,
        shelf: Shelf,
        clock: Clock,
        faults: Faults,
        settings: Cin7Settings,
    ) -> None:
        self._hooks = hooks
        self._shelf = shelf
        self._clock = clock
        self._faults = faults
        self._settings = settings
        self.post: Post = self._over_http
        """How a delivery leaves the house."""
        self._queue = [
            Delivery(**row | {"due": datetime.fromisoformat(row["due"])})
            for row in shelf.load(KIND).values()
        ]
        self._made = max((int(delivery.key) for delivery in self._queue), default=0)

    def tell(self, kind: str, body: Any) -> None:
        """Queue an event for every active webhook of its type."""
        for hook in self._hooks.of(kind):
            if self._faults.hit("cin7.webhook_dropped"):
                continue
            due = self._clock.now() + self._settings.webhook_waits[0]
            if self._faults.hit("cin7.webhook_reordered"):
                due += timedelta(seconds=self._faults.size("cin7.webhook_reordered", 120))
            self._made += 1
            text = simplejson.dumps(body, use_decimal=True)
            self._queue.append(Delivery(f"{self._made:012d}", hook["ID"], text, due))
            self._save(self._queue[-1])

    async def pump(self) -> int:
        """Try everything that is due, the longest waiting first; how many tries that took."""
        now = self._clock.now()
        due = sorted((d for d in self._queue if d.due <= now), key=lambda d: (d.due, d.key))
        tries = 0
        for delivery in due:
            hook = self._hooks.find(delivery.hook)
            if hook is None or not hook["IsActive"]:
                self._forget(delivery)
                continue
            tries += 1
            await self._try(delivery, hook)
        return tries

    async def _try(self, delivery: Delivery, hook: Document) -> None:
        status = None
        if is_loopback(hook["ExternalURL"]):
            body = delivery.body.encode()
            status = await self.post(hook["ExternalURL"], _headers(hook), body)
        delivery.tries += 1
        if status is not None and 200 <= status < 300:
            if self._faults.hit("cin7.webhook_repeated"):
                delivery.tries = 0
                self._save(delivery)
            else:
                self._forget(delivery)
        elif delivery.tries < len(self._settings.webhook_waits):
            delivery.due = self._clock.now() + self._settings.webhook_waits[delivery.tries]
            self._save(delivery)
        else:
            self._forget(delivery)
            if self._hooks.find(delivery.hook):
                self._hooks.deactivate(delivery.hook)

    async def _over_http(self, url: str, headers: dict[str, str], body: bytes) -> int | None:
        timeout = self._settings.webhook_timeout
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=timeout) as client:
                response = await client.post(url, headers=headers, content=body)
        except httpx.HTTPError:
            return None
        return response.status_code

    def _save(self, delivery: Delivery) -> None:
        kept = vars(delivery) | {"due": delivery.due.isoformat()}
        self._shelf.put(KIND, delivery.key, kept)

    def _forget(self, delivery: Delivery) -> None:
        self._queue.remove(delivery)
        self._shelf.delete(KIND, delivery.key)


def is_loopback(url: str) -> bool:
    """Whether the address is this machine's own, by number or as `localhost`."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _headers(hook: Document) -> dict[str, str]:
    headers = {row["Key"]: row["Value"] for row in hook["ExternalHeaders"]}
    headers["Content-Type"] = "application/json"
    if hook["ExternalAuthorizationType"] == "basicauth":
        pair = f"{hook['ExternalUserName']}:{hook['ExternalPassword']}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    if hook["ExternalAuthorizationType"] == "bearerauth":
        headers["Authorization"] = f"Bearer {hook['ExternalBearerToken']}"
    return headers
