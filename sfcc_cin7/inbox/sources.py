"""Everything that needs a person, from wherever it stands in the database.

Rooms file findings as rows of `review_items`. Differences have tables of their own, and are read
from there, so that what the inbox shows is what the checks of the rooms look at.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, select

from sfcc_cin7.db.backlog import backlog
from sfcc_cin7.db.drifts import drifts_since, lagging
from sfcc_cin7.db.levels import last_snapshot
from sfcc_cin7.db.oversold import oversold_orders
from sfcc_cin7.db.schema import (
    bank_statements,
    breaks,
    order_batches,
    orders,
    payout_reports,
    review_items,
)
from sfcc_cin7.db.shipments import broken_promises, how_far, untold
from sfcc_cin7.db.stock_passes import list_passes
from sfcc_cin7.inbox.codes import owner_of
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.values.ages import age_in_words
from sfcc_cin7.values.wording import counted, plain, site_of

DRIFTED = {
    "storefront-edited": "somebody changed the record in the storefront",
    "write-lost": "the storefront kept what it held before",
    "record-missing": "the storefront has no record of it",
    "perpetual": "the record says that it never runs out",
    "arrivals-offered": "preorders or backorders are offered on top, without a rule",
    "erp-moved": "the ERP moved, and that is not published yet",
    "in-flight": "both count other orders that are on their way",
}
"""Kinds of differences of stock (`stock.deciding.drift`), in words."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One thing that needs a person; `amount` is the money at risk in `currency`, None where it is
    not known, and `code` a row of `codes`."""

    subject: str
    code: str
    sentence: str
    owner: str
    opened_at: datetime
    site: str | None = None
    expected: str | None = None
    actual: str | None = None
    amount: Decimal | None = None
    currency: str | None = None


def everything(connection: Connection, model: OperatingModel, at: datetime) -> Iterator[Found]:
    """What needs a person at an instant, in no order."""
    yield from _filed(connection)
    yield from _breaks(connection)
    yield from _unreadable_reports(connection, model)
    yield from _reports_not_final(connection, model)
    yield from _unreadable_statements(connection, model)
    yield from _drifts(connection, model, at)
    yield from _lists(connection, model, at)
    yield from _readings(connection, model)
    yield from _oversold(connection, model, at)
    yield from _stalled(connection, model, at)
    yield from _untold(connection, model, at)
    yield from _promises(connection, model, at)


def _filed(connection: Connection) -> Iterator[Found]:
    """What rooms filed; without an amount of its own, a finding puts its order's total at risk."""
    items = review_items.c
    query = (
        select(
            review_items,
            func.coalesce(items.amount, orders.c.order_total, order_batches.c.sale_total).label(
                "risk"
            ),
            func.coalesce(items.currency, orders.c.currency).label("its_currency"),
        )
        .outerjoin(orders, orders.c.order_key == items.subject)
        .outerjoin(order_batches, order_batches.c.batch_key == items.subject)
        .where(items.closed_at.is_(None))
    )
    for row in connection.execute(query):
        yield Found(
            subject=row.subject,
            code=row.code,
            sentence=row.sentence,
            owner=row.owner,
            opened_at=row.opened_at,
            site=row.site,
            expected=row.expected,
            actual=row.actual,
            amount=row.risk,
            currency=row.its_currency,
        )


def _breaks(connection: Connection) -> Iterator[Found]:
    query = select(breaks, breaks.c["class"].label("kind")).where(breaks.c.closed_at.is_(None))
    for row in connection.execute(query):
        yield Found(
            subject=row.order_key,
            code=break_code(row.leg, row.kind),
            sentence=row.sentence,
            owner=row.owner,
            opened_at=row.opened_at,
            site=site_of(row.order_key),
            amount=row.amount,
            currency=row.currency,
        )


def break_code(leg: str, kind: str) -> str:
    """The code of a break of a class, by the leg that disagrees."""
    family = {"gateway": "payout", "bank": "bank", "goods": "goods"}.get(leg, "books")
    return f"{family}-{kind}"


def _unreadable_reports(connection: Connection, model: OperatingModel) -> Iterator[Found]:
    query = select(payout_reports).where(payout_reports.c.problem.is_not(None))
    for row in connection.execute(query):
        yield Found(
            subject=f"report:{row.gateway}/{row.name}",
            code="report-unreadable",
            sentence=row.problem,
            owner=owner_of("report-unreadable", model.owners),
            opened_at=row.read_at,
        )


def _unreadable_statements(connection: Connection, model: OperatingModel) -> Iterator[Found]:
    query = select(bank_statements).where(bank_statements.c.problem.is_not(None))
    for row in connection.execute(query):
        yield Found(
            subject=f"report:bank/{row.name}",
            code="statement-unreadable",
            sentence=row.problem,
            owner=owner_of("statement-unreadable", model.owners),
            opened_at=row.read_at,
        )


def _reports_not_final(connection: Connection, model: OperatingModel) -> Iterator[Found]:
    stated = payout_reports.c
    query = select(payout_reports).where(stated.problem.is_(None), stated.standing != "final")
    for row in connection.execute(query):
        yield Found(
            subject=f"report:{row.gateway}/{row.name}",
            code="report-not-final",
            sentence=row.note,
            owner=owner_of("report-not-final", model.owners),
            opened_at=row.read_at,
        )


def _drifts(connection: Connection, model: OperatingModel, at: datetime) -> Iterator[Found]:
    """What still differs after `lag_minutes`; what is put right at once needs nobody."""
    until = at - timedelta(minutes=model.stock.lag_minutes)
    drifts = [row for row in drifts_since(connection, at) if row.corrected_at is None]
    stay = [(row, "stock-drift") for row in drifts if row.seen_at <= until]
    lags = [(row, "stock-lag") for row in lagging(connection, until)]
    for row, code in (*stay, *lags):
        shows = f"It shows {plain(row.shown)}, but should show {plain(row.expected)}"
        yield Found(
            subject=f"stock:{row.list_id}/{row.sku}",
            code=code,
            sentence=f"{shows}: {DRIFTED.get(row.kind, row.kind)}.",
            owner=owner_of(code, model.owners),
            opened_at=row.seen_at,
            expected=plain(row.expected),
            actual=plain(row.shown),
        )


def _lists(connection: Connection, model: OperatingModel, at: datetime) -> Iterator[Found]:
    for each in list_passes(connection, model):
        if each.due_by is None or at <= each.due_by:
            continue
        told = wording(model).instant(each.began) if each.began else None
        yield Found(
            subject=f"stock:{each.list_id}",
            code="list-unpublished",
            sentence=f"It was not published since {told}." if told else "It was never published.",
            owner=owner_of("list-unpublished", model.owners),
            opened_at=each.due_by,
        )


def _readings(connection: Connection, model: OperatingModel) -> Iterator[Found]:
    last = last_snapshot(connection)
    if last is not None and not last.believed:
        yield Found(
            subject="lane:cin7_stock",
            code="reading-doubted",
            sentence=f"{last.reason} Until one is believed, nothing is published.",
            owner=owner_of("reading-doubted", model.owners),
            opened_at=last.started_at,
        )


def _oversold(connection: Connection, model: OperatingModel, at: datetime) -> Iterator[Found]:
    """One for each order: it puts the order's total at risk."""
    since = at - timedelta(days=model.stock.oversell_days)
    lists = [(site, each.id) for each in model.inventory_lists for site in each.sites]
    by_order: dict[str, list[str]] = {}
    first: dict[str, Any] = {}
    for row in oversold_orders(connection, since, lists):
        first.setdefault(row.order_key, row)
        by_order.setdefault(row.order_key, []).append(f"{plain(row.short)} of {row.sku}")
    for key, short in by_order.items():
        row = first[key]
        yield Found(
            subject=key,
            code="oversold",
            sentence=f"The ERP lacked {', '.join(sorted(short))} when it was posted.",
            owner=owner_of("oversold", model.owners),
            opened_at=row.at,
            site=row.site,
            amount=row.order_total,
            currency=row.currency,
        )


def _stalled(connection: Connection, model: OperatingModel, at: datetime) -> Iterator[Found]:
    """One for the lane: each of its orders is a break of its own once its grace is over."""
    waits = backlog(connection, at)
    allowed = timedelta(seconds=model.posting.stalled_after_seconds)
    if waits.oldest is None or at - waits.oldest <= allowed:
        return
    age = age_in_words(at - waits.oldest, seconds=True)
    yield Found(
        subject="lane:cin7_sales",
        code="posting-stalled",
        sentence=f"{counted(waits.waiting, 'order')} to be posted, the first for {age}.",
        owner=owner_of("posting-stalled", model.owners),
        opened_at=waits.oldest + allowed,
    )


def _untold(connection: Connection, model: OperatingModel, at: datetime) -> Iterator[Found]:
    """What has left, and the storefront does not know; a row for each order."""
    late = timedelta(minutes=model.shipments.late_minutes)
    for row in untold(connection, at - late):
        yield Found(
            subject=row.order_key,
            code="shipment-untold",
            sentence=f"The storefront does not know of it: {row.problem or 'nobody told it yet'}.",
            owner=owner_of("shipment-untold", model.owners),
            opened_at=row.changed_at + late,
            site=row.site,
            amount=row.order_total,
            currency=row.currency,
        )


def _promises(connection: Connection, model: OperatingModel, at: datetime) -> Iterator[Found]:
    """Orders that should be on their way; a row for each."""
    since = at - timedelta(days=model.shipments.awaited_days)
    for row in broken_promises(connection, at, since):
        yield Found(
            subject=row.order_key,
            code="promise-broken",
            sentence=f"It should have left by {wording(model).instant(row.promise_at)}:"
            f" {how_far(row)}.",
            owner=owner_of("promise-broken", model.owners),
            opened_at=row.promise_at,
            site=row.site,
            amount=row.order_total,
            currency=row.currency,
        )
