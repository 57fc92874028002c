"""Storefront orders become ERP sales, each once and to the cent."""

from sfcc_cin7.db.backlog import backlog, state_counts, waiting_orders
from sfcc_cin7.orders.posting.rechecking import Recheck
from sfcc_cin7.orders.records.circuit import OpenCircuit, open_circuits
from sfcc_cin7.orders.records.queue import an_earlier_one_waits
from sfcc_cin7.orders.translation.corrections import PASSABLE, Correction

__all__ = [
    "PASSABLE",
    "Correction",
    "OpenCircuit",
    "Recheck",
    "an_earlier_one_waits",
    "backlog",
    "open_circuits",
    "state_counts",
    "waiting_orders",
]
