"""Sees to it that Cin7 tells our receiver when stock moves."""

from sqlalchemy import Engine

from sfcc_cin7.db.cursors import move_cursor
from sfcc_cin7.runtime.settings import Hooks
from sfcc_cin7.stock.reading.receiver import PATH
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.subscribing import Subscription, ensure
from sfcc_cin7.values.clock import Clock

STOCK_MOVED = "Stock/AvailableStockLevelChanged"
PUT_BACK = "stock.webhook_put_back_at"
SEEN_ACTIVE = "stock.webhook_active_at"


def ensure_subscription(
    engine: Engine, erp: Cin7Client, hooks: Hooks, clock: Clock
) -> Subscription:
    """Subscribe, or put an inactive or outdated webhook back (see `subscribing.ensure`)."""
    address, secret = hooks.url.rstrip("/") + PATH, hooks.secret.get_secret_value()
    found = ensure(erp, erp.webhooks(), STOCK_MOVED, address, secret)
    now = clock.now().isoformat()
    with engine.begin() as connection:
        move_cursor(connection, SEEN_ACTIVE, now)
        if found.was_off:
            move_cursor(connection, PUT_BACK, now)
    return found
