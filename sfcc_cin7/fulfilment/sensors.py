"""Sees to it that what the checks of shipments say can be read, whatever runs."""

from sfcc_cin7.fulfilment.checks import shipments_told, shipped_on_time
from sfcc_cin7.runtime.looking import look_regularly

watch_shipments = look_regularly(
    "watch_shipments",
    "Says again what the checks of shipments say, where a run hides it or no lane says it.",
    [],
    kept=[shipped_on_time, shipments_told],
)
