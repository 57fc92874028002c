"""The classes of breaks: their fixed order, how long each may stand, and who is asked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, get_args

from sfcc_cin7.merchant.ledger import BreakClass, GoodsClass
from sfcc_cin7.merchant.operating_model import OperatingModel

Leg = Literal["erp", "gateway", "goods", "bank"]
BreakKind = BreakClass | GoodsClass
CLASSES: tuple[BreakKind, ...] = get_args(BreakClass)
GOODS_BREAKS: tuple[GoodsClass, ...] = get_args(GoodsClass)
"""Those of the leg `goods`, which has no others."""
MONEY_BREAKS: tuple[BreakClass, ...] = ("amount", "tax", "currency")
ORDER_BREAKS: tuple[BreakClass, ...] = ("missing-erp", "missing-shop", "duplicate", "state")
OF_THE_ORDER_DESK = frozenset(ORDER_BREAKS)
OF_THE_WAREHOUSE: frozenset[BreakKind] = frozenset({"invoiced-not-shipped"})
GRACE: dict[BreakKind, timedelta] = {
    "missing-erp": timedelta(minutes=10),
    "missing-shop": timedelta(minutes=10),
    "shipped-not-invoiced": timedelta(days=3),
    "invoiced-not-shipped": timedelta(days=14),
    "restocked-not-credited": timedelta(days=3),
    "refund-without-return": timedelta(days=30),
    "return-without-refund": timedelta(days=14),
}
"""Where the operating model says nothing; a class that is not here has no grace."""


@dataclass(frozen=True)
class Break:
    """One difference between the storefront's leg and another; `amount` is the money at risk.

    `cause` says what happened where that is known: edited in the ERP, voided, reopened ...
    """

    order_key: str
    day: str
    kind: BreakKind
    sentence: str
    amount: Decimal
    currency: str
    leg: Leg = "erp"
    cause: str | None = None


@dataclass(frozen=True)
class Verdict:
    """The break of one leg, if there is one, and when to look again though nothing changes.

    `early` is a difference that may stand for a while: no break yet, but none that was open closes
    because of it.
    """

    found: Break | None = None
    look_again: datetime | None = None
    early: Break | None = None


def standing(found: Break, due: datetime, at: datetime) -> Verdict:
    """The verdict at an instant about a difference that is a break from `due` on."""
    return Verdict(found) if at >= due else Verdict(look_again=due, early=found)


def first(findings: Sequence[Break]) -> Break | None:
    """One break of several findings about one leg: the class that comes first, and every sentence.

    Two figures that are wrong for one reason are one break, whose other sentences tell the rest.
    """
    if not findings:
        return None
    ordered = sorted(findings, key=lambda one: CLASSES.index(one.kind))
    return replace(ordered[0], sentence=" ".join(one.sentence for one in ordered))


def grace(model: OperatingModel, kind: BreakKind) -> timedelta:
    """How long a difference of this class may stand before it is a break."""
    minutes = model.ledger.grace_minutes.get(kind)
    return GRACE.get(kind, timedelta(0)) if minutes is None else timedelta(minutes=minutes)


def owner(model: OperatingModel, kind: BreakKind) -> str:
    """Who is asked about a break of this class."""
    default = model.owners.orders if kind in OF_THE_ORDER_DESK else model.owners.finance
    default = model.owners.fulfilment if kind in OF_THE_WAREHOUSE else default
    return model.ledger.owners.get(kind, default)
