"""What is looked at in the order lane even when no posting run is there to look."""

from sfcc_cin7.orders.checks import stalled_posting
from sfcc_cin7.runtime.looking import look_regularly

watch_orders = look_regularly(
    "watch_orders",
    "Looks every minute whether orders are stuck, even when no posting run is there to look.",
    [stalled_posting],
)
