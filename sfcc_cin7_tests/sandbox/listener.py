"""Somebody who listens to the webhooks of the small company."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import simplejson

from sfcc_cin7_tests.sandbox.cin7_company import Company

URL = "http://127.0.0.1:9/cin7"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def hook(kind: str = "Sale/Created", **changes: Any) -> dict[str, Any]:
    """What POST /webhooks takes."""
    return {
        "Type": kind,
        "IsActive": True,
        "ExternalURL": URL,
        "ExternalAuthorizationType": "noauth",
    } | changes


@dataclass
class Listener:
    """Takes every delivery and answers with `status`; None is no answer at all."""

    company: Company = field(default_factory=Company)
    status: int | None = 200
    heard: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.company.cin7.deliveries.post = self._hear

    async def _hear(self, url: str, headers: dict[str, str], body: bytes) -> int | None:
        self.heard.append((url, headers, simplejson.loads(body, use_decimal=True)))
        return self.status

    def register(self, *kinds: str, **changes: Any) -> Any:
        """One webhook for each type; the last one as the company shows it."""
        for kind in kinds:
            made = self.company.post("/webhooks", hook(kind, **changes))["Webhooks"][0]
        return made

    def listen(self, minutes: float = 1.1) -> list[Any]:
        """Let time pass; the bodies that are delivered then."""
        before = len(self.heard)
        asyncio.run(self.company.cin7.pump())
        self.company.clock.advance(timedelta(minutes=minutes))
        asyncio.run(self.company.cin7.pump())
        return [body for _, _, body in self.heard[before:]]

    def kinds(self, minutes: float = 1.1) -> list[str]:
        return [body["EventType"] for body in self.listen(minutes)]
