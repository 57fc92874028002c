"""The whole code location on one screen: the rooms, and what they are given."""

import dagster as dg

from sfcc_cin7 import resources
from sfcc_cin7.catalogue.definitions import defs as catalogue
from sfcc_cin7.ledger.definitions import defs as ledger
from sfcc_cin7.orders.definitions import defs as orders
from sfcc_cin7.stock.definitions import defs as stock

defs = dg.Definitions.merge(
    orders,
    stock,
    catalogue,
    ledger,
    dg.Definitions(resources=resources.from_environment(), executor=dg.in_process_executor),
)
