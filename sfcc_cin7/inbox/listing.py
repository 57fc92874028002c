"""The inbox as people read it: worst first, each with the money that it puts at risk."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection, func, select

from sfcc_cin7.db.schema import order_batches, orders, review_items
from sfcc_cin7.inbox.codes import runbook
from sfcc_cin7.merchant.base_currency import BaseCurrency
from sfcc_cin7.merchant.operating_model import OperatingModel, ReviewPolicy
from sfcc_cin7.values.ages import age_in_words
from sfcc_cin7.values.money import ZERO, figure

CENT = Decimal("0.01")
COLUMNS = (
    "what",
    "why it waits",
    "owner",
    "money at risk",
    "age",
    "code",
    "runbook",
    "expected",
    "found",
    "first seen",
)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that needs a person.

    `amount` is the money at risk in `currency`: the finding's own, else the order's total.
    `weight` is the same in the ERP's base currency, by the rates of the day.
    """

    subject: str
    site: str | None
    code: str
    sentence: str
    expected: str | None
    actual: str | None
    opened_at: datetime
    age: timedelta
    amount: Decimal | None
    currency: str | None
    weight: Decimal
    owner: str

    @property
    def runbook(self) -> str:
        """Where the advice for the code stands."""
        return runbook(self.code)

    @property
    def urgency(self) -> tuple[Decimal, timedelta]:
        """Money times the hours that it has waited; without money, the age."""
        hours = Decimal(int(self.age.total_seconds())) / 3600
        return self.weight * (1 + hours), self.age


def inbox(
    connection: Connection,
    model: OperatingModel,
    at: datetime,
    *,
    subject: str | None = None,
    code: str | None = None,
    owner: str | None = None,
) -> list[Item]:
    """The open items, worst first; narrowed to a subject, a code or an owner."""
    query = (
        select(
            review_items,
            func.coalesce(
                review_items.c.amount, orders.c.order_total, order_batches.c.sale_total
            ).label("risk"),
            func.coalesce(review_items.c.currency, orders.c.currency).label("its_currency"),
        )
        .select_from(
            review_items.outerjoin(orders, orders.c.order_key == review_items.c.subject).outerjoin(
                order_batches, order_batches.c.batch_key == review_items.c.subject
            )
        )
        .where(review_items.c.closed_at.is_(None))
    )
    for column, wanted in (("subject", subject), ("code", code), ("owner", owner)):
        if wanted:
            query = query.where(review_items.c[column] == wanted)
    currencies = {site.id: site.currency for site in model.sites}
    base = BaseCurrency(model, at.date())
    items = []
    for row in connection.execute(query):
        currency = row.its_currency or currencies.get(row.site or "")
        items.append(
            Item(
                subject=row.subject,
                site=row.site,
                code=row.code,
                sentence=row.sentence,
                expected=row.expected,
                actual=row.actual,
                opened_at=row.opened_at,
                age=max(at - row.opened_at, timedelta(0)),
                amount=row.risk,
                currency=currency,
                weight=base.weight(row.risk, currency),
                owner=row.owner,
            )
        )
    return sorted(items, key=lambda item: (item.urgency, item.subject), reverse=True)


def at_risk(items: Iterable[Item]) -> Decimal:
    """The money of all subjects together, each counted once, in base currency."""
    weights: dict[str, Decimal] = {}
    for item in items:
        weights[item.subject] = max(weights.get(item.subject, ZERO), item.weight)
    return sum(weights.values(), ZERO).quantize(CENT)


@dataclass(frozen=True)
class Together:
    """Everything that waits for a person: how many items, the money that they put at risk (base
    currency), the one that has waited longest, and how the operating model calls that."""

    items: int
    money: Decimal
    oldest: Item | None
    warned: bool
    alarmed: bool


def together(items: Sequence[Item], policy: ReviewPolicy) -> Together:
    """Whether what waits does so too long, or costs too much: from a warning on `warned`, from an
    alarm on `alarmed` as well (pure)."""
    money = at_risk(items)
    oldest = max(items, key=lambda item: item.age, default=None)
    hours = oldest.age.total_seconds() / 3600 if oldest else 0.0
    alarmed = hours >= policy.alarm_hours or money >= policy.alarm_money
    warned = alarmed or hours >= policy.warn_hours or money >= policy.warn_money
    return Together(len(items), money, oldest, warned, alarmed)


def by_code_and_owner(items: Iterable[Item]) -> Sequence[tuple[str, str, int]]:
    """(code, owner, items), the most frequent first."""
    counted = Counter((item.code, item.owner) for item in items)
    return [(code, owner, count) for (code, owner), count in counted.most_common()]


def shown(item: Item, base_currency: str) -> Mapping[str, str]:
    """One row of a table, as texts by column."""
    cells = (
        item.subject,
        item.sentence,
        item.owner,
        figure(item.amount, item.currency or base_currency) if item.amount else "",
        age_in_words(item.age),
        item.code,
        item.runbook,
        item.expected or "",
        item.actual or "",
        f"{item.opened_at:%Y-%m-%d %H:%M} UTC",
    )
    return dict(zip(COLUMNS, cells, strict=True))
