"""What the store knows of one thing, as values: each list is empty where nothing is known.

Amounts are in the currency beside them, quantities are units, times are aware UTC. Words that
others wrote (a system's answer, a person's reason) are kept as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class Event:
    """One row of the append-only trail."""

    at: datetime
    kind: str
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Item:
    """A row of the inbox, or a break; `because` says why it closed."""

    code: str
    sentence: str
    owner: str
    opened_at: datetime
    closed_at: datetime | None = None
    because: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    number: int | None = None


@dataclass(frozen=True, kw_only=True)
class Sale:
    """A sale of the ERP as the books last read it."""

    order_number: str
    status: str
    order_status: str
    currency: str
    total: Decimal
    tax: Decimal
    backordered: Decimal
    credited: Decimal
    read_at: datetime


@dataclass(frozen=True, kw_only=True)
class Shipment:
    """What has left of an order, and whether the storefront knows."""

    picking: str
    stage: int
    state: str
    shipped_at: datetime | None
    told_at: datetime | None
    problem: str | None


@dataclass(frozen=True, kw_only=True)
class Movement:
    """A line of a settlement report; `gross` in `currency`, the rest in `settled_currency`."""

    gateway: str
    line_key: str
    kind: str
    order_key: str | None
    currency: str
    gross: Decimal
    settled_currency: str
    fee: Decimal
    net: Decimal
    payout_id: str
    occurred_at: datetime


@dataclass(frozen=True, kw_only=True)
class Order:
    """One order of the storefront."""

    key: str
    currency: str
    total: Decimal
    created_at: datetime
    received_at: datetime
    due_at: datetime
    next_attempt_at: datetime
    promise_at: datetime | None
    shop_status: str
    state: str
    attempts: int
    sale_number: str | None
    sale_total: Decimal | None
    authorised_at: datetime | None
    exported_at: datetime | None
    problem: str | None
    batch_key: str | None
    pruned_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class OrderFacts:
    """Everything that is known of an order. `legs` are its figures side by side by name."""

    order: Order
    events: Sequence[Event] = ()
    units: Sequence[tuple[str, Decimal]] = ()
    sales: Sequence[Sale] = ()
    shipment: Shipment | None = None
    legs: Mapping[str, Decimal] = field(default_factory=dict)
    legs_agree: bool | None = None
    movements: Sequence[Movement] = ()
    paid_out: Mapping[str, datetime] = field(default_factory=dict)
    items: Sequence[Item] = ()


@dataclass(frozen=True, kw_only=True)
class Level:
    """A SKU at a location of the ERP."""

    location: str
    on_hand: Decimal
    allocated: Decimal
    available: Decimal
    on_order: Decimal


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a list of the storefront was told of a SKU."""

    list_id: str
    allocation: Decimal
    published_at: datetime
    reset_at: datetime
    rule: str | None
    waiting_since: datetime | None
    wanted: Decimal | None


@dataclass(frozen=True, kw_only=True)
class SkuFacts:
    """Everything that is known of a SKU; `in_flight` are orders whose units may not be in the ERP's
    figure yet. `publications` and `changes` are the newest ones, the newest first."""

    sku: str
    is_known: bool
    in_shop: bool = False
    in_erp: bool = False
    erp_status: str | None = None
    levels: Sequence[Level] = ()
    read_at: datetime | None = None
    changes: Sequence[tuple[datetime, str, Decimal]] = ()
    told: Sequence[Told] = ()
    publications: Sequence[tuple[datetime, str, Decimal]] = ()
    in_flight: Sequence[tuple[str, str, Decimal]] = ()
    drifts: Sequence[tuple[datetime, str, Decimal, Decimal, datetime | None]] = ()
    items: Sequence[Item] = ()


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """What a gateway says it sent to the bank, and the day on which the bank booked it."""

    gateway: str
    payout_id: str
    currency: str
    amount: Decimal
    paid_at: datetime
    report: str
    itemised: bool
    standing: str | None = None
    note: str | None = None
    booked_on: str | None = None
    booked: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class PayoutFacts:
    """Everything that is known of a payout."""

    payout_id: str
    transfers: Sequence[Transfer]
    movements: Sequence[Movement]
    items: Sequence[Item] = ()
