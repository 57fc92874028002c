"""What an engineer may name for the probes to work on; what is left out is looked for."""

from collections.abc import Sequence
from dataclasses import dataclass

MARKER = "zz-conf"
"""Everything that a run creates carries it, in the case of the field it stands in."""


@dataclass(frozen=True)
class Subjects:
    """Things of the account under probe.

    `sites` are (site, inventory list) pairs, `orders` (site, order number) pairs of test orders
    that a run may use up. `sku` is a Cin7 stock product with at least three units in one location,
    `customer` a customer in the base currency, `free_sku` a storefront product without a record in
    one of the lists. `job` is a job of Business Manager that may run at any time, `tenant_group`
    the id that stands for the organization in Omnichannel Inventory.
    """

    sites: Sequence[tuple[str, str]] = ()
    orders: Sequence[tuple[str, str]] = ()
    find_orders: bool = False
    """Whether any order that is not exported yet may be used up: only in the sandbox."""
    customer: str | None = None
    sku: str | None = None
    free_sku: str | None = None
    job: str | None = None
    tenant_group: str | None = None
