"""Takes Cin7's word that something happened to a sale: a hint that makes the next reading sooner.

Events do not name their type, so each type has an address of its own. Some give the sale by its
id, others only by its number, in fields that differ (Cin7 API reference, Webhooks); an event that
comes twice is one. Nothing of a body is kept but which sale it is about.
"""

import hashlib
import logging
import re

import simplejson
from sqlalchemy import Engine

from sfcc_cin7.fulfilment.records.hints import hint_sale
from sfcc_cin7.runtime.hooks import Hook
from sfcc_cin7.runtime.settings import Hooks
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.subscribing import Subscription, ensure
from sfcc_cin7.values.clock import Clock

TYPES = (
    "Sale/ShipmentAuthorised",
    "Sale/ShipmentTrackingNumberChanged",
    "Sale/PickAuthorised",
    "Sale/Undo",
    "Sale/Voided",
    "Sale/CreditNoteAuthorised",
)
NAMES = ("SaleID", "SaleOrderNumber", "OrderNumber")
"""Fields by which an event names its sale, the surest first."""
LONGEST = 256
log = logging.getLogger(__name__)


def path_of(type_: str) -> str:
    """The address of a type: `/hooks/cin7/sale-shipment-authorised`."""
    words = re.findall("[A-Z][a-z]+", type_)
    return "/hooks/cin7/" + "-".join(word.lower() for word in words)


def sale_hooks(engine: Engine, clock: Clock) -> list[Hook]:
    """The addresses at which sales are kept as hints."""

    def keeping(type_: str) -> Hook:
        def keep(body: bytes) -> None:
            sale = named_sale(body)
            if sale is not None:
                digest = hashlib.sha256(type_.encode() + b"\x00" + body).hexdigest()
                with engine.begin() as connection:
                    hint_sale(connection, digest, type_, sale, clock.now())

        return Hook(path_of(type_), keep)

    return [keeping(type_) for type_ in TYPES]


def named_sale(body: bytes) -> str | None:
    """The id or the number of the sale that an event is about; None if it is not what Cin7 sends
    (pure)."""
    try:
        event = simplejson.loads(body)
    except (ValueError, RecursionError):
        event = None
    if isinstance(event, dict):
        for name in NAMES:
            told = event.get(name)
            if isinstance(told, str) and 0 < len(told) <= LONGEST and "\x00" not in told:
                return told
    log.warning("an event about a sale names none; the next look will tell")
    return None


def ensure_subscriptions(erp: Cin7Client, hooks: Hooks) -> dict[str, Subscription]:
    """Subscribe to every type, or put back what Cin7 switched off (see `subscribing.ensure`)."""
    there, secret = erp.webhooks(), hooks.secret.get_secret_value()
    return {
        type_: ensure(erp, there, type_, hooks.url.rstrip("/") + path_of(type_), secret)
        for type_ in TYPES
    }
