"""What a month came to: reports for closing it, each with its tables and its page."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import dagster as dg
from sqlalchemy import Connection, Row

from sfcc_cin7.db import schema
from sfcc_cin7.ledger.periods.roll_forward import RollForward
from sfcc_cin7.ledger.periods.rolling import rolled_forward
from sfcc_cin7.ledger.records import month_end, periods
from sfcc_cin7.ledger.records.goods import deferred
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.tables import Cell, kept_in, table
from sfcc_cin7.values.money import ZERO, figure
from sfcc_cin7.values.months import a_month, before, month_of, today

OWNER = "team:finance"
MONTHS = 12
"""So many months of margins are shown."""
ROLLED = ("gateway", "opening", "lines", "sent to the bank", "closing", "differences")
BANKED = ("gateway", "transfers", "at the bank", "on the way")
PLACES = ("country and state", "tax charged", "tax booked in the ERP", "difference")
RATES = ("country and state", "rate", "sold without tax", "tax charged", "orders")
OWED = ("currency", "opening", "sold", "spent", "closing")
DEFERRED = ("site", "orders", "captured for them", "not shipped", "tax in it", "without tax")
EARNED = ("month", "site", "revenue", "cost", "margin", "cost unknown", "margin since closing")
Table = tuple[Sequence[str], Sequence[Sequence[Cell]]]
"""Columns and rows."""
Show = Callable[[Connection, OperatingModel, str, str], dict[str, Any]]
"""What is shown of a month, from the database; the last word says whether it is closed."""


class MonthConfig(dg.Config):
    """`month` (YYYY-MM, in the merchant's zone). Left empty, the one before this."""

    month: str = ""


def month_asked(config: MonthConfig, model: OperatingModel, store: Store) -> str:
    """The month that a report is about. Raises ConfigurationError if it is none."""
    if config.month:
        return a_month(config.month)
    return before(month_of(today(store.clock.now(), model.time_zone)))


def reported(
    config: MonthConfig, merchant: Merchant, store: Store, show: Show
) -> dg.MaterializeResult[Any]:
    """A report of the month that is asked for."""
    model = merchant.model()
    month = month_asked(config, model, store)
    with store.engine.connect() as connection:
        return dg.MaterializeResult(
            metadata=show(connection, model, month, _closed(connection, month))
        )


def shown(title: str, month: str, closed: str, tables: Mapping[str, Table]) -> dict[str, Any]:
    """A month's tables by name, and all of them on one page."""
    return {
        "month": f"{month}, {closed}",
        **{name: table(*each) for name, each in tables.items()},
        "page": page(f"{title}, {month}", closed, *tables.values()),
    }


@brands.asset(
    group_name="month_end",
    owners=[OWNER],
    kinds={"postgres"},
    metadata=kept_in(schema.postings),
    deps=["order_ledger", "payouts", "bank_statements"],
    description=(
        "Each gateway's clearing account in a month: opening + lines - transfers = closing, held"
        " against what its reports state and what arrived at the bank; each difference has a name."
        " A closed month stays as it was."
    ),
)
def gateway_roll_forward(
    config: MonthConfig, merchant: Merchant, store: Store
) -> dg.MaterializeResult[Any]:
    return reported(
        config,
        merchant,
        store,
        lambda connection, model, month, closed: rolled_shown(
            month, rolled_forward(connection, month, model.time_zone), closed
        ),
    )


def rolled_shown(month: str, rolled: Sequence[RollForward], closed: str) -> dict[str, Any]:
    """What is shown of a month's roll-forward."""
    rows = [_rolled(one) for one in rolled]
    bank = [
        (
            f"{one.gateway} {one.currency}",
            one.transfers,
            one.arrived,
            figure(one.on_the_way, one.currency),
        )
        for one in rolled
    ]
    tables: dict[str, Table] = {
        "gateways": (ROLLED, rows),
        "transfers of the month": (BANKED, bank),
    }
    return {
        **shown("Gateway roll-forward", month, closed, tables),
        "unexplained": sum(1 for one in rolled if one.unexplained),
    }


def _rolled(one: RollForward) -> tuple[Cell, ...]:
    money = one.currency
    told = [f"{figure(amount, money)} {name}" for name, amount in one.named.items()]
    if one.corrected:
        told.append(f"{figure(one.corrected, money)} of this month's closing by hand")
    if one.unexplained:
        told.append(f"{figure(one.unexplained, money)} unexplained")
    figures = (one.opening, one.lines, one.sent, one.closing)
    return (
        f"{one.gateway} {money}",
        *(figure(amount, money) for amount in figures),
        "; ".join(told) or "none",
    )


@brands.asset(
    group_name="month_end",
    owners=[OWNER],
    kinds={"postgres"},
    metadata=kept_in(schema.postings),
    deps=["order_ledger"],
    description=(
        "Tax of a month by country and state as shoppers were charged it and as the ERP booked it,"
        " and by the rate that the storefront states beside each line."
    ),
)
def tax_by_place(
    config: MonthConfig, merchant: Merchant, store: Store
) -> dg.MaterializeResult[Any]:
    return reported(
        config,
        merchant,
        store,
        lambda connection, _, month, closed: taxes_shown(
            month, month_end.taxes(connection, month), closed
        ),
    )


def taxes_shown(month: str, found: Sequence[Row[Any]], closed: str) -> dict[str, Any]:
    """What is shown of a month's tax."""
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    rates: list[tuple[Cell, ...]] = []
    for row in sorted(found, key=lambda each: (each.place or "~", each.currency, each.rate or "~")):
        place, money = row.place or "not known", row.currency
        sums[place, money][0] += row.charged
        sums[place, money][1] += row.booked
        if row.charged or row.base:
            rates.append(
                (
                    place,
                    _percent(row.rate),
                    figure(row.base, money),
                    figure(row.charged, money),
                    row.orders,
                )
            )
    places = [
        (place, figure(charged, money), figure(booked, money), figure(charged - booked, money))
        for (place, money), (charged, booked) in sums.items()
        if charged or booked
    ]
    tables: dict[str, Table] = {"by country and state": (PLACES, places), "by rate": (RATES, rates)}
    return shown("Tax", month, closed, tables)


def _percent(rate: str | None) -> str:
    return f"{(Decimal(rate) * 100).normalize():f} %" if rate else "none stated"


@brands.asset(
    group_name="month_end",
    owners=[OWNER],
    kinds={"postgres"},
    metadata=kept_in(schema.postings),
    deps=["order_ledger"],
    description=(
        "What is owed to holders of gift certificates: opening + sold - spent = closing, without"
        " what expires, which the storefront does not tell."
    ),
)
def gift_certificate_liability(
    config: MonthConfig, merchant: Merchant, store: Store
) -> dg.MaterializeResult[Any]:
    return reported(config, merchant, store, _certificates_shown)


def _certificates_shown(
    connection: Connection, _: OperatingModel, month: str, closed: str
) -> dict[str, Any]:
    rows = [
        (row.currency, *(figure(getattr(row, name), row.currency) for name in OWED[1:]))
        for row in month_end.certificates(connection, month)
    ]
    return shown("Gift certificates", month, closed, {"by currency": (OWED, rows)})


@brands.asset(
    group_name="month_end",
    owners=[OWNER],
    kinds={"postgres"},
    metadata=kept_in(schema.erp_sales),
    deps=["order_ledger"],
    description=(
        "Deferred revenue: what was captured until the end of a month and had not left by then, by"
        " site and currency. Freight is earned with the last parcel, and of a sale that several"
        " orders share nothing before all of it has left. By the day of shipment that the ERP"
        " states: a shipment that is typed in late moves this figure in a closed month too."
    ),
)
def deferred_revenue(
    config: MonthConfig, merchant: Merchant, store: Store
) -> dg.MaterializeResult[Any]:
    return reported(config, merchant, store, _deferred_shown)


def _deferred_shown(
    connection: Connection, model: OperatingModel, month: str, closed: str
) -> dict[str, Any]:
    words = wording(model)
    rows = [
        (
            words.site(row.site),
            row.orders,
            *(
                figure(amount, row.currency)
                for amount in (row.captured, row.deferred, row.tax, row.deferred - row.tax)
            ),
        )
        for row in deferred(connection, month)
    ]
    return shown("Deferred revenue", month, closed, {"by site and currency": (DEFERRED, rows)})


@brands.asset(
    group_name="month_end",
    owners=[OWNER],
    kinds={"postgres"},
    metadata=kept_in(schema.margin_days),
    deps=["gross_margin"],
    description=(
        "Revenue, cost and margin of each month and site, up to the month that is asked for. By the"
        " day of the order, UTC. A closed month stays as it was; costs become known later, and by"
        " how much its margin would be another now stands beside it."
    ),
)
def margin_by_month(
    config: MonthConfig, merchant: Merchant, store: Store
) -> dg.MaterializeResult[Any]:
    return reported(config, merchant, store, _margins_shown)


def _margins_shown(
    connection: Connection, model: OperatingModel, month: str, closed: str
) -> dict[str, Any]:
    del closed  # each month says it by itself
    first = month
    for _ in range(MONTHS - 1):
        first = before(first)
    words = wording(model)
    rows = [
        (row.month, words.site(row.site), *_earned(row))
        for row in month_end.margins(connection, first, month)
    ]
    return {
        "months": f"{first} to {month}",
        "by site": table(EARNED, rows),
        "page": page(f"Margin, {first} to {month}", "by the order's day, UTC", (EARNED, rows)),
    }


def _earned(row: Row[Any]) -> tuple[str, ...]:
    money = row.currency
    cent = Decimal("0.01")
    figures = (row.revenue, row.cost, row.revenue - row.cost, row.unknown, row.moved)
    return tuple(figure(Decimal(amount).quantize(cent), money) for amount in figures)


def _closed(connection: Connection, month: str) -> str:
    """Whether a month is closed, and by whom."""
    if periods.closed_until(connection)[:7] < month:
        return "open"
    for row in periods.closings(connection):
        if row.month == month and row.kind == "closed":
            return f"closed by {row.author} on {row.at:%Y-%m-%d}"
    return "closed with a later month"


def page(title: str, about: str, *tables: Table) -> dg.MarkdownMetadataValue:
    """A report on one page, to be printed or kept."""
    parts = [f"## {title}", about]
    for columns, rows in tables:
        lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
        lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
        parts.append("\n".join(lines) if rows else f"No {columns[0]}.")
    return dg.MetadataValue.md("\n\n".join(parts))
