"""Links by which somebody takes an alert on: signed, for one alert and one recipient, for a while.

A link is made when a letter leaves, so neither the book nor the database ever holds one. It opens a
page; only the button on it takes the alert on, because chats and mail servers open the links of
what they show.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlencode

PATH = "/alerts/acknowledge"
VALID = timedelta(days=2)
"""How long a link may be used: a weekend."""
PURPOSE = "sfcc-cin7 alerts acknowledge"
"""Signed along, so that no other signature by the same secret is one of these."""
BYTES = 16


@dataclass(frozen=True)
class Invitation:
    """What a link says: which alert, and to whom it was sent."""

    alert: str
    to: str


@dataclass(frozen=True)
class Links:
    """Makes links below an address, and reads them; `secret` is the merchant's own."""

    address: str
    secret: str

    def link(self, alert: str, to: str, at: datetime) -> str:
        """The link for a recipient of an alert, which is valid from an instant on."""
        until = str(int((at + VALID).timestamp()))
        signed = {"a": alert, "t": to, "u": until, "s": self._signature(alert, to, until)}
        return f"{self.address.rstrip('/')}{PATH}?{urlencode(signed)}"

    def read(self, given: Mapping[str, str], at: datetime) -> Invitation | None:
        """What a link says by its parameters; None where it is not ours, or not valid any more."""
        alert, to, until = (given.get(name, "") for name in "atu")
        # compared as bytes: what is not ASCII is a wrong signature too
        expected, found = self._signature(alert, to, until), given.get("s", "")
        if not hmac.compare_digest(expected.encode(), found.encode()):
            return None
        return Invitation(alert, to) if int(until) >= at.timestamp() else None

    def _signature(self, alert: str, to: str, until: str) -> str:
        said = "\x00".join((PURPOSE, alert, to, until)).encode()
        digest = hmac.new(self.secret.encode(), said, sha256).digest()
        return urlsafe_b64encode(digest[:BYTES]).rstrip(b"=").decode()
