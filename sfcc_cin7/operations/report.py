"""The daily operations report: what a merchant's people want to know in the morning.

It reads the store alone. Each part is read by itself: one that cannot be read says so, and the
others are there.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, Row
from sqlalchemy.exc import SQLAlchemyError

from sfcc_cin7.db.daily import (
    calls_by_lane,
    drift_counts,
    last_reading,
    latency,
    open_breaks,
    orders_by_hour,
    sellable_skus,
    stock_coverage,
    turnover,
)
from sfcc_cin7.inbox.codes import known
from sfcc_cin7.ledger import sums
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.operations.page import Page, Plot, Section
from sfcc_cin7.orders import backlog, state_counts, waiting_orders
from sfcc_cin7.review import (
    CAUSES,
    COLUMNS,
    by_cause,
    cause_shown,
    inbox,
    shown,
    summary,
    together,
)
from sfcc_cin7.values.ages import age_in_words
from sfcc_cin7.values.money import figure
from sfcc_cin7.values.wording import Wording, counted

DAY = timedelta(days=1)
WORST = 10


@dataclass(frozen=True)
class Report:
    """The page, and the figures that are worth a curve over the days."""

    page: Page
    figures: dict[str, float]


@dataclass(frozen=True)
class _Reader:
    connection: Connection
    model: OperatingModel
    now: datetime
    figures: dict[str, float]

    @property
    def words(self) -> Wording:
        return wording(self.model)

    @property
    def since(self) -> datetime:
        return self.now - DAY

    # Each part of the page

    def people(self) -> Section:
        base = self.model.base_currency
        items = inbox(self.connection, self.model, self.now)
        found = together(items, self.model.review, base)
        self.figures.update({"needs a person": found.items, "money at risk": float(found.money)})
        owners = Counter(item.owner for item in items)
        asked = ", ".join(f"{owner} ({count})" for owner, count in owners.most_common())
        return Section(
            "What needs a person today, and who",
            [summary(found, base, self.words), *([f"Who is asked: {asked}."] if asked else [])],
            CAUSES,
            [cause_shown(cause, base) for cause in by_cause(items)],
        )

    def worst(self) -> Section:
        base = self.model.base_currency
        items = inbox(self.connection, self.model, self.now)[:WORST]
        rows = [tuple(shown(item, base, self.words).values()) for item in items]
        return Section("The worst of it, one by one", (), COLUMNS, rows)

    def traffic(self) -> Section:
        hours = orders_by_hour(self.connection, self.since)
        came, went = sum(row.came for row in hours), sum(row.went for row in hours)
        self.figures.update({"orders in": came, "orders out": went})
        return Section(
            "Orders in and out",
            [f"{came} came in, {went} reached the ERP in the last 24 hours.", *self._margin()],
            ("site", "orders", "of them posted", "turnover"),
            [
                [
                    self.words.site(row.site),
                    str(row.came),
                    str(row.went),
                    _money(row.total, row.currency),
                ]
                for row in turnover(self.connection, self.since)
            ],
            Plot(("in", "out"), [(f"{row.hour:%H}h", [row.came, row.went]) for row in hours]),
        )

    def _margin(self) -> list[str]:
        """One line: gross margin by currency, of the orders of yesterday and today (UTC)."""
        tomorrow = f"{self.now + DAY:%Y-%m-%d}"
        told = []
        for row in sums(self.connection, ("currency",), f"{self.since:%Y-%m-%d}", tomorrow):
            everything = row.revenue + row.unknown
            if row.revenue:
                share = (row.revenue - row.cost) / row.revenue
                known = row.revenue / everything
                revenue = figure(everything, row.currency)
                told.append(f"{share:.1%} of {revenue} (cost known of {known:.0%})")
        return [f"Gross margin since yesterday: {'; '.join(told)}."] if told else []

    def waiting(self) -> Section:
        waits = backlog(self.connection, self.now)
        self.figures.update({"backlog": waits.waiting})
        oldest = f", the oldest for {age_in_words(self.now - waits.oldest)}" if waits.oldest else ""
        states = state_counts(self.connection)
        told = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        return Section(
            "Backlog",
            [
                f"{counted(waits.waiting, 'order')} to be posted{oldest}.",
                f"All orders: {told or 'none'}.",
            ],
            ("order", "since", "attempts", "last problem"),
            [
                [
                    self.words.subject(row.order_key),
                    self.words.instant(row.since),
                    str(row.attempts),
                    row.problem or "",
                ]
                for row in waiting_orders(self.connection, self.now, 10)
            ],
        )

    def speed(self) -> Section:
        found = latency(self.connection, self.since)
        if not found.posted:
            return Section("Latency", ["No order was posted in the last 24 hours."])
        self.figures.update(
            {
                "latency, median seconds": round(float(found.median), 1),
                "latency, 95 % seconds": round(float(found.slow), 1),
            }
        )
        return Section(
            "Latency",
            [
                f"Half of {found.posted} orders were in the ERP {float(found.median):.1f} s after"
                f" they could be, 95 of 100 within {float(found.slow):.1f} s."
            ],
        )

    def stock(self) -> Section:
        skus = sellable_skus(self.connection)
        reading = last_reading(self.connection)
        share = Decimal(100) * skus.in_both / skus.in_shop if skus.in_shop else Decimal(100)
        self.figures.update({"SKUs that the ERP knows, %": float(round(share, 1))})
        sentences = [
            f"The ERP knows {skus.in_both} of the {skus.in_shop} SKUs that the storefront sells."
        ]
        if reading is not None:
            believed = "was believed" if reading.believed else "was NOT believed"
            sentences.append(
                f"The last reading of stock, {self.words.instant(reading.finished_at)}, had"
                f" {counted(reading.rows, 'row')} and {believed}."
            )
        drifts = {row.list_id: row for row in drift_counts(self.connection, self.since)}
        self.figures.update({"drifts": sum(row.drifts for row in drifts.values())})
        lists = stock_coverage(self.connection)
        return Section(
            "Stock: coverage and drift",
            sentences,
            ("list", "SKUs published", "of them for sale", "drifts in 24 h", "not put right"),
            [
                [
                    row.list_id,
                    str(row.published),
                    str(row.offered),
                    str(drifts[row.list_id].drifts if row.list_id in drifts else 0),
                    str(drifts[row.list_id].open if row.list_id in drifts else 0),
                ]
                for row in lists
            ],
        )

    def breaks(self) -> Section:
        found = open_breaks(self.connection)
        total = sum(row.breaks for row in found)
        self.figures.update({"breaks": total})
        return Section(
            "Breaks between the books",
            [f"{counted(total, 'break')} open." if total else "No break is open."],
            ("cause", "breaks", "amount", "oldest", "owner"),
            [
                [
                    _cause(row),
                    str(row.breaks),
                    _money(row.amount, row.currency),
                    age_in_words(self.now - row.oldest),
                    row.owner,
                ]
                for row in found
            ],
        )

    def calls(self) -> Section:
        lanes = calls_by_lane(self.connection, self.since)
        total = sum(row.calls for row in lanes)
        self.figures.update({"calls": float(total)})
        whole = {"key": "each application", "account": "the whole account"}
        limit = whole[self.model.calls.limit_scope]
        return Section(
            "Calls to the ERP, by lane",
            [f"{total} calls in the last 24 hours; the limit is 60 a minute for {limit}."],
            ("lane", "calls", "refused"),
            [[row.lane, str(row.calls), str(row.refused)] for row in lanes],
            Plot(("calls",), [(row.lane, [float(row.calls)]) for row in lanes]),
        )


def report(engine: Engine, model: OperatingModel, now: datetime) -> Report:
    """The report of the 24 hours before an instant."""
    figures: dict[str, float] = {}
    with engine.connect() as connection:
        reader = _Reader(connection, model, now, figures)
        parts: tuple[tuple[str, Callable[[], Section]], ...] = (
            ("What needs a person today, and who", reader.people),
            ("The worst of it, one by one", reader.worst),
            ("Orders in and out", reader.traffic),
            ("Backlog", reader.waiting),
            ("Latency", reader.speed),
            ("Stock: coverage and drift", reader.stock),
            ("Breaks between the books", reader.breaks),
            ("Calls to the ERP, by lane", reader.calls),
        )
        sections = [_read(connection, title, part) for title, part in parts]
    title = f"{model.brand}: operations, the day to {wording(model).instant(now)}"
    return Report(Page(title, sections), figures)


def _read(connection: Connection, title: str, part: Callable[[], Section]) -> Section:
    try:
        with connection.begin_nested():
            return part()
    except SQLAlchemyError as error:
        return Section(title, [f"This part could not be read ({type(error).__name__})."])


def _cause(row: Row[Any]) -> str:
    """What a class of breaks is called."""
    leg = "payout" if row.leg == "gateway" else "books"
    return known(f"{leg}-{row[0]}").cause


def _money(amount: Decimal | None, currency: str | None) -> str:
    if amount is None:
        return ""
    return figure(amount, currency) if currency else f"{amount.normalize():f}"
