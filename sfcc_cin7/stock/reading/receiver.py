"""Takes Cin7's word that stock moved, and keeps it as a hint.

Cin7 posts the availability rows of one product, a bare list without an event type, so this address
is for `Stock/AvailableStockLevelChanged` alone (Cin7 API reference, Webhooks).
"""

import logging

import simplejson
from sqlalchemy import Engine

from sfcc_cin7.runtime.hooks import Hook
from sfcc_cin7.stock.records.hints import WEBHOOK, hint
from sfcc_cin7.values.clock import Clock

PATH = "/hooks/cin7/available-stock-level-changed"
MOST_SKUS = 50
LONGEST_SKU = 256
log = logging.getLogger(__name__)


def stock_hook(engine: Engine, clock: Clock) -> Hook:
    """The address at which SKUs that moved are kept as hints."""

    def keep(body: bytes) -> None:
        skus, now = named_skus(body), clock.now()
        with engine.begin() as connection:
            hint(connection, skus, WEBHOOK, now, now)

    return Hook(PATH, keep)


def named_skus(body: bytes) -> set[str]:
    """SKUs of the rows of an event; none if it is not what Cin7 sends (pure)."""
    try:
        rows = simplejson.loads(body)
    except ValueError:
        rows = None
    if not isinstance(rows, list):
        log.warning("an event about stock is no list of rows; the next full reading will tell")
        return set()
    named = {row.get("SKU") for row in rows if isinstance(row, dict)}
    usable = {
        sku
        for sku in named
        if isinstance(sku, str) and 0 < len(sku) <= LONGEST_SKU and "\x00" not in sku
    }
    return usable if len(usable) <= MOST_SKUS else set()
