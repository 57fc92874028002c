"""The whole code location on one screen: the rooms, and what they are given."""

import dagster as dg

from sfcc_cin7.catalogue import definitions as catalogue
from sfcc_cin7.fulfilment import definitions as fulfilment
from sfcc_cin7.ledger import definitions as ledger
from sfcc_cin7.operations import definitions as operations
from sfcc_cin7.orders import definitions as orders
from sfcc_cin7.review import definitions as review
from sfcc_cin7.runtime import resources
from sfcc_cin7.runtime.outside import outside
from sfcc_cin7.stock import definitions as stock

defs = dg.Definitions.merge(
    orders.defs,
    stock.defs,
    fulfilment.defs,
    catalogue.defs,
    ledger.defs,
    operations.defs,
    review.defs,
    dg.Definitions(assets=outside),
    dg.Definitions(resources=resources.from_environment(), executor=dg.in_process_executor),
)
