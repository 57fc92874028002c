"""Units and instants as people read them."""

from datetime import datetime
from decimal import Decimal


def plain(units: Decimal) -> str:
    """Without zeros that say nothing: `3`, `0.5`."""
    return f"{units.normalize():f}"


def instant(at: datetime) -> str:
    """To the second; `at` is UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
