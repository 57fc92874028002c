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
from sfcc_cin7.merchant.operating_model import OperatingModel
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


def age_in_words(age: timedelta) -> str:
    """`3 d 4 h`, `4 h 10 min` or `10 min`."""
    minutes = int(age.total_seconds()) // 60
    if minutes >= 24 * 60:
        return f"{minutes // 1440} d {minutes % 1440 // 60} h"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
