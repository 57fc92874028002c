"""Keep gross margins up to date: read what was sold, let the database join its cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, Row

from sfcc_cin7.db.corrections import corrections_by_order
from sfcc_cin7.ledger.margins.margin import Group, Margin
from sfcc_cin7.ledger.margins.sold import NotExact, revenue_lines
from sfcc_cin7.ledger.records import margins
from sfcc_cin7.merchant.currency_rates import RateFiles
from sfcc_cin7.merchant.operating_model import OperatingModel, SitePolicy
from sfcc_cin7.order_document.booking_rule import booking_rule
from sfcc_cin7.values.clock import Clock

PIECE = 1000
"""Changes in one transaction, so that no more documents are held in memory."""
GROUPS = Group._fields


@dataclass(frozen=True)
class Updated:
    """How many changes were worked off, and how many are left for the next run."""

    changes: int
    left: int


def update_margins(engine: Engine, model: OperatingModel, *, most_pieces: int = 200) -> Updated:
    """Work out the margin of every order that changed. Repeating it changes nothing."""
    rates = RateFiles()
    changes = 0
    for _ in range(most_pieces):
        with engine.begin() as connection:
            margins.lock_margins(connection)
            taken = margins.take_changes(connection, PIECE)
            if not taken:
                break
            orders, lines = [], []
            unread = margins.unread(connection)
            corrected = corrections_by_order(connection, [row.order_key for row in unread])
            for row in unread:
                order, sold = _sold(row, corrected.get(row.order_key, []), model, rates)
                orders.append(order)
                lines += sold
            margins.save_sold(connection, orders, lines)
            margins.work_out(connection, model.base_currency)
        changes += taken
    with engine.connect() as connection:
        return Updated(changes, margins.waiting(connection))


def _sold(
    row: Row[Any], corrections: Sequence[Row[Any]], model: OperatingModel, rates: RateFiles
) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    site = next((site for site in model.sites if site.id == row.site), None)
    rule = booking_rule(site).corrected((each.kind, each.name, each.value) for each in corrections)
    problem, sold = None, []
    try:
        sold = revenue_lines(row.document, row.site, row.currency, rule, model.ledger.margin)
    except NotExact as error:
        problem = str(error)
    order = {
        "order_key": row.order_key,
        "document_hash": row.document_hash,
        "problem": problem,
        "rate": model_rate(site, row.currency, row.created_at.date(), rates),
    }
    lines: list[Mapping[str, Any]] = [
        {
            "order_key": row.order_key,
            "position": position,
            "sku": line.sku,
            "price_book": line.price_book,
            "units": line.units,
            "revenue": line.revenue,
            "part_skus": [sku for sku, _ in line.parts],
            "part_units": [units for _, units in line.parts],
        }
        for position, line in enumerate(sold)
    ]
    return order, lines


def model_rate(
    site: SitePolicy | None, currency: str, day: date, rates: RateFiles
) -> Decimal | None:
    """Base currency for one unit of the site's on a day; None where the model knows none."""
    site = site and site.in_currency(currency)
    if site is None or site.currency != currency:
        return None
    if site.currency_rates is None:
        return site.currency_rate
    found = rates.at(site.currency_rates.file).on(currency, day)
    fresh = found and (day - found.day).days <= site.currency_rates.max_age_days
    return found.rate if found and fresh else None


@dataclass(frozen=True)
class RecentMargins:
    """The margins of the recent days, and of the days before them."""

    first: str
    recent: list[Margin]
    history: dict[Group, Margin]
    totals: list[Row[Any]]
    """By site, price book and currency; see `records.margins.sums`."""
    inexact: list[Row[Any]]


def recent_margins(engine: Engine, model: OperatingModel, clock: Clock) -> RecentMargins:
    """What the recent days (today included) brought in, and what is usual."""
    policy = model.ledger.margin
    end = clock.now().date() + timedelta(days=1)
    first = end - timedelta(days=policy.recent_days)
    earliest = first - timedelta(days=policy.history_days)
    with engine.connect() as connection:
        recent = margins.sums(connection, GROUPS, f"{first}", f"{end}")
        before = margins.sums(connection, GROUPS, f"{earliest}", f"{first}")
        columns = ("site", "price_book", "currency")
        totals = margins.sums(connection, columns, f"{first}", f"{end}")
        inexact = margins.inexact(connection)
    history = [_margin(row) for row in before]
    return RecentMargins(
        f"{first}",
        [_margin(row) for row in recent],
        {one.group: one for one in history},
        totals,
        inexact,
    )


def _margin(row: Row[Any]) -> Margin:
    return Margin(
        Group(row.sku, row.site, row.price_book, row.currency),
        row.units,
        row.revenue,
        row.cost,
        row.base_cost,
        row.unknown,
    )
