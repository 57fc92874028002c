"""Every probe there is, in the order in which they are run."""

from collections.abc import Collection, Sequence

from sfcc_cin7.conformance.cin7 import (
    access,
    arithmetic,
    endings,
    headers,
    limits,
    lines,
    lists,
    payments,
    sale_lists,
    stock,
    stock_lists,
    webhooks,
)
from sfcc_cin7.conformance.probe import CIN7, SFCC, Probe
from sfcc_cin7.conformance.sfcc import access as sfcc_access
from sfcc_cin7.conformance.sfcc import (
    batches,
    files,
    jobs,
    omnichannel,
    order_lists,
    orders,
    products,
    records,
)
from sfcc_cin7.conformance.sfcc import stock as sfcc_stock
from sfcc_cin7.values.problems import ConfigurationError

_MODULES = (
    access, arithmetic, endings, headers, limits, lines, lists, payments, sale_lists, stock,
    stock_lists, webhooks, sfcc_access, order_lists, orders, products, records, sfcc_stock, batches,
    files, jobs, omnichannel,
)  # fmt: skip
"""Importing them declares their probes."""

PROBES: tuple[Probe, ...] = tuple(
    sorted((*SFCC.probes, *CIN7.probes), key=lambda probe: probe.exceeds_limit)
)
"""Those that use up the call limit are last."""
BY_ID = {probe.id: probe for probe in PROBES}


def chosen(
    only: Sequence[str] = (),
    *,
    systems: Collection[str] = ("cin7", "sfcc"),
    exceed_call_limit: bool = False,
) -> list[Probe]:
    """The probes to run: all, or those named by id or by the beginning of it.

    Raises:
        ConfigurationError: a name fits no probe.
    """
    for name in only:
        if not any(_fits(probe, name) for probe in PROBES):
            raise ConfigurationError(
                f"There is no probe {name!r}: `sfcc-cin7 conformance list` shows them all."
            )
    return [
        probe
        for probe in PROBES
        if probe.system in systems
        and (exceed_call_limit or not probe.exceeds_limit)
        and (not only or any(_fits(probe, name) for name in only))
    ]


def _fits(probe: Probe, name: str) -> bool:
    return probe.id == name or probe.id.startswith(f"{name.rstrip('.')}.")
