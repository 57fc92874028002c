"""When other systems, and our own records, were last looked at to the end, by name."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from sfcc_cin7.db.cursors import cursor, move_cursor

BOOKS = "ledger.compared"
"""The legs of all orders that had changed were compared."""
SHOP_COMPARED = "ledger.compared:shop"
"""When the storefront's orders had been looked at that were compared then."""
PAYOUTS = "ledger.payouts"
"""The settlement reports were read."""
BANK = "ledger.bank"
"""The bank's statements were read."""
CATALOGUES = "catalogue.read"
"""Both catalogues were read."""
CATALOGUES_LASTED = "catalogue.lasted"
"""For how many seconds both catalogues were read."""
PRODUCTS = "catalogue.compared"
"""The fields of both systems' products were compared, and the gate for new SKUs was looked at."""
MARGINS = "ledger.margins"
"""The margins of all orders that had changed were worked out."""


def shop_changes(site: str) -> str:
    """What became of a site's orders was looked at."""
    return f"orders.changes:{site}"


def looked(connection: Connection, name: str) -> datetime | None:
    """When the last look began that ended well; None before the first."""
    value = cursor(connection, name)
    return datetime.fromisoformat(value) if value else None


def all_looked(connection: Connection, names: Iterable[str]) -> datetime | None:
    """When the earliest of several last looks began; None where one was never made."""
    found = [looked(connection, name) for name in names]
    known = [each for each in found if each is not None]
    return min(known) if known and len(known) == len(found) else None


def save_look(connection: Connection, name: str, began: datetime) -> None:
    """A look that began then has ended well."""
    move_cursor(connection, name, began.isoformat())
