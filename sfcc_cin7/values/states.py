"""The states of orders, and of the batches in which orders are posted together.

The database stores the words and refuses others; its constraints are built from these types.
"""

from enum import IntEnum, StrEnum

HELD = "posting"
"""The state of whatever a worker holds; its events say how far it got."""


class OrderState(StrEnum):
    """How far an order is on its way from the storefront into the ERP."""

    RECEIVED = "received"
    """Stored, not yet claimed."""
    POSTING = HELD
    BATCHED = "batched"
    """Posted together with others, as one sale."""
    ACKNOWLEDGED = "acknowledged"
    """Proved in the ERP, paid where configured, marked exported."""
    IN_REVIEW = "in_review"
    """Waits for a person."""
    CANCELLED = "cancelled"
    """Cancelled in the storefront; its sale, if it had one, is voided."""
    DECLINED = "declined"
    """A person said, and why, that it is not posted: it is booked by hand, or not at all."""


UNPOSTED = (OrderState.RECEIVED, OrderState.POSTING, OrderState.BATCHED)
"""States of an order that is still to be posted."""
SETTLED = (
    OrderState.ACKNOWLEDGED,
    OrderState.IN_REVIEW,
    OrderState.CANCELLED,
    OrderState.DECLINED,
)
"""States in which nothing happens to an order until its storefront changes it, or a person acts."""


class BatchState(StrEnum):
    """How far a batch of orders is on its way to one sale."""

    FORMED = "formed"
    """Its orders are fixed, nothing is sent."""
    POSTING = HELD
    ACKNOWLEDGED = "acknowledged"
    """One sale in the ERP, every order marked exported."""
    IN_REVIEW = "in_review"
    """Waits for a person."""
    DISSOLVED = "dissolved"
    """The ERP holds nothing of it; its orders are posted alone."""


class ShipmentState(StrEnum):
    """Whether the storefront knows what has left of an order."""

    DUE = "due"
    """Something is to be told."""
    TELLING = HELD
    TOLD = "told"
    """The storefront knows all that is to be told."""


class Stage(IntEnum):
    """How much of an order has left. Whoever tells of it never goes down again."""

    NOT_SHIPPED = 0
    PART_SHIPPED = 1
    SHIPPED = 2

    @property
    def word(self) -> str:
        """As the storefront writes it: not_shipped, part_shipped, shipped."""
        return self.name.lower()


State = OrderState | BatchState | ShipmentState
