"""How far this room has looked at what its checks speak of."""

from datetime import timedelta

from sqlalchemy import Connection

from sfcc_cin7.db import erp_documents
from sfcc_cin7.fulfilment.reading.taking import FULFILMENT
from sfcc_cin7.runtime.horizons import of_erp_sales
from sfcc_cin7.systems.cin7.changes import LOOK_EVERY
from sfcc_cin7.systems.cin7.kinds import SALE
from sfcc_cin7.values.horizon import Sight


def of_shipments(connection: Connection) -> list[Sight]:
    """The ERP's sales, and those that were read and nobody has looked at for shipments."""
    listed = erp_documents.listed_until(connection, SALE.name)
    untaken = erp_documents.not_taken(connection, SALE.name, FULFILMENT)
    return [
        of_erp_sales(connection),
        Sight(
            "reading of a sale",
            "readings of sales",
            listed,
            LOOK_EVERY + timedelta(minutes=1),
            untaken,
            not_yet="looked at",
        ),
    ]
