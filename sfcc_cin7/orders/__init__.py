"""Storefront orders become ERP sales, each once and to the cent."""

from sfcc_cin7.db.backlog import backlog, state_counts, waiting_orders
from sfcc_cin7.orders.comparing import compare_models
from sfcc_cin7.orders.posting.rechecking import Recheck
from sfcc_cin7.orders.records.circuit import OpenCircuit, open_circuits
from sfcc_cin7.orders.records.queue import an_earlier_one_waits
from sfcc_cin7.orders.translation.corrections import PASSABLE, Correction
from sfcc_cin7.orders.translation.difference import Comparison
from sfcc_cin7.orders.translation.translate import Accepted
from sfcc_cin7.orders.translation.trial import Trial, together
from sfcc_cin7.orders.trying import chosen, try_orders

__all__ = [
    "PASSABLE",
    "Accepted",
    "Comparison",
    "Correction",
    "OpenCircuit",
    "Recheck",
    "Trial",
    "an_earlier_one_waits",
    "backlog",
    "chosen",
    "compare_models",
    "open_circuits",
    "state_counts",
    "together",
    "try_orders",
    "waiting_orders",
]
