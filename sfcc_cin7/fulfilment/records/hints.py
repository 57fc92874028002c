"""Sales that should be read soon, because Cin7 said that something happened to them.

A hint is only a hint: losing one costs time, never truth, because the list is looked at anyway.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete
from sqlalchemy.dialects.postgresql import insert

from sfcc_cin7.db import erp_documents
from sfcc_cin7.db.schema import sale_hints
from sfcc_cin7.systems.cin7.kinds import SALE

FIRST_TRY = timedelta(minutes=1)
"""How long after the event Cin7 tells of it at the earliest (Cin7 API reference, Webhooks)."""
KEPT = timedelta(days=2)
"""For how long an event is known again: Cin7 tries for little more than an hour."""


def hint_sale(connection: Connection, digest: str, type_: str, sale: str, at: datetime) -> bool:
    """Ask for a sale (its id or number) to be read, once for each event; whether it is to be."""
    connection.execute(delete(sale_hints).where(sale_hints.c.received_at < at - KEPT))
    event = {"digest": digest, "type": type_, "sale": sale, "received_at": at}
    new = insert(sale_hints).values(event).on_conflict_do_nothing().returning(sale_hints.c.digest)
    if connection.execute(new).first() is None:
        return False
    return erp_documents.ask_for(connection, SALE.name, sale, at - FIRST_TRY, at)
