"""Sees to it that Cin7 tells our receiver when stock moves.

Cin7 switches a webhook off for good after six tries without success (Cin7 API reference, Webhooks),
so it is looked at regularly and put back. Webhooks of others are left alone.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from sfcc_cin7.db.cursors import move_cursor
from sfcc_cin7.runtime.settings import Hooks
from sfcc_cin7.stock.reading.receiver import PATH
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.documents import Webhook
from sfcc_cin7.values.clock import Clock

STOCK_MOVED = "Stock/AvailableStockLevelChanged"
PUT_BACK = "stock.webhook_put_back_at"
SEEN_ACTIVE = "stock.webhook_active_at"


@dataclass(frozen=True)
class Subscription:
    """What was found, and done about it: active, subscribed or put back."""

    found: str


def ensure_subscription(
    engine: Engine, erp: Cin7Client, hooks: Hooks, clock: Clock
) -> Subscription:
    """Subscribe, or put an inactive or outdated webhook back.

    A subscription whose answer got lost is found by its address the next time.

    Raises:
        ApiError: the ERP could not be asked, or refuses (five webhooks of a type are the most).
    """
    address = hooks.url.rstrip("/") + PATH
    ours = next(
        (
            hook
            for hook in erp.webhooks()
            if (hook.type, hook.external_url) == (STOCK_MOVED, address)
        ),
        None,
    )
    if ours is None:
        erp.save_webhook(_webhook(address, hooks))
        found = "subscribed"
    elif _is_as_it_should_be(ours, hooks):
        found = "active"
    else:
        erp.save_webhook({"ID": ours.id} | _webhook(address, hooks))
        found = "put back"
    now = clock.now().isoformat()
    with engine.begin() as connection:
        move_cursor(connection, SEEN_ACTIVE, now)
        if ours is not None and not ours.is_active:
            move_cursor(connection, PUT_BACK, now)
    return Subscription(found)


def _is_as_it_should_be(hook: Webhook, hooks: Hooks) -> bool:
    return (
        hook.is_active
        and hook.external_authorization_type == "bearerauth"
        and hook.external_bearer_token == hooks.secret.get_secret_value()
    )


def _webhook(address: str, hooks: Hooks) -> dict[str, Any]:
    return {
        "Type": STOCK_MOVED,
        "IsActive": True,
        "ExternalURL": address,
        "ExternalAuthorizationType": "bearerauth",
        "ExternalBearerToken": hooks.secret.get_secret_value(),
        "ExternalHeaders": [],
    }
