"""A quarter of a merchant, generated: orders, gateways' files and bank statements."""

import random
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from _house import say
from sqlalchemy import Engine, insert, select, update

from sfcc_cin7.db.schema import (
    breaks,
    captured_orders,
    captured_payments,
    erp_sales,
    orders,
)
from sfcc_cin7.ledger.bank.reading import read_bank
from sfcc_cin7.ledger.passes.books import bring_up_to_date
from sfcc_cin7.ledger.payouts.reading import read_reports
from sfcc_cin7.ledger.payouts.source import PayoutFolder
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7.values.months import first_day, last_day
from sfcc_cin7_tests.ledger.bank.layouts import camt, camt_entry
from sfcc_cin7_tests.ledger.periods.till import NORMALISED, row

D = Decimal
ZERO, CENT = D(0), D("0.01")
START = datetime(2026, 1, 1, tzinfo=UTC)
GATEWAYS = ("stripe", "adyen", "klarna")
SILENT = "klarna"
"""It states no payouts: its reports are provisional until the bank's line."""
SITE = "alpenglow-uk"
WEEK = timedelta(days=7)


@dataclass
class Order:
    number: int
    gateway: str
    currency: str
    total: Decimal
    at: datetime
    settled: bool = True

    @property
    def key(self) -> str:
        return f"alpenglow:{SITE}:{self.number:08d}"

    @property
    def reference(self) -> str:
        return f"pay-{self.number}"

    @property
    def fee(self) -> Decimal:
        return (self.total * D("0.015")).quantize(CENT)


@dataclass
class Simulation:
    """What happens, before anything of it is read."""

    engine: Engine
    clock: ManualClock
    model: OperatingModel
    folder: Path
    chance: random.Random
    number: int = 0
    spent: float = 0.0
    expected: dict[tuple[str, str], str] = field(default_factory=dict)
    """(subject, leg) to the class of a planted trouble."""
    planted: int = 0
    found: int = 0
    accused: list[str] = field(default_factory=list)
    rows: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    """Lines of files by gateway and name."""
    sums: dict[tuple[str, str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """What each payout comes to, by gateway, currency and id."""
    banked: dict[str, list[tuple[datetime, str, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Bank entries by currency: day, amount, text."""
    balance: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    statements: int = 0
    stated_until: datetime = START

    # Orders

    def sell(self, count: int, month: str) -> list[Order]:
        days = int(last_day(month)[8:])
        first = datetime.fromisoformat(first_day(month)).replace(tzinfo=UTC)
        sold = []
        for _ in range(count):
            self.number += 1
            minute = self.chance.randrange((days - 1) * 24 * 60)
            sold.append(
                Order(
                    self.number,
                    self.chance.choice(GATEWAYS),
                    self.chance.choice(("GBP", "EUR")),
                    D(self.chance.randrange(500, 30000)) / 100,
                    first + timedelta(minutes=minute),
                )
            )
        return sorted(sold, key=lambda one: one.at)

    def book(self, sold: list[Order]) -> None:
        """The orders as they were captured, and their sales."""
        with self.engine.begin() as connection:
            for table, make in (
                (orders, _order), (captured_orders, _captured),
                (captured_payments, _payment), (erp_sales, sale_of),
            ):  # fmt: skip
                for first in range(0, len(sold), 5000):
                    connection.execute(
                        insert(table), [make(one) for one in sold[first : first + 5000]]
                    )

    # Lines of the gateways

    def line(
        self, one: Order, kind: str, gross: Decimal, at: datetime, fee: Decimal = ZERO, **given: str
    ) -> None:
        settled = given.pop("settled", one.currency)
        net = D(given.pop("net", str(gross - fee)))
        payout = f"{one.gateway}-{one.currency}-{at:%Y%m%d}"
        name = given.pop("file", f"{at:%Y}-W{at.isocalendar().week:02}.csv")
        key = given.pop("key", f"{kind}-{one.number}-{len(self.rows[one.gateway, name])}")
        reference = given.pop("reference", one.reference)
        self.rows[one.gateway, name].append(
            row(
                key, kind, str(gross), f"{at:%Y-%m-%dT%H:%M:%SZ}", fee=str(fee), net=str(net),
                payout=payout, reference=reference, currency=one.currency, settled=settled,
            )
        )  # fmt: skip
        self.sums[one.gateway, settled, payout] += net

    def pay_out(self, file: str | None = None) -> None:
        """Each payout is sent the day after its lines, and is at the bank two days later."""
        for (gateway, currency, payout), amount in sorted(self.sums.items()):
            day = datetime.strptime(payout[-8:], "%Y%m%d").replace(tzinfo=UTC)
            sent = day + timedelta(days=1, hours=6)
            if gateway != SILENT:
                name = file or f"{day:%Y}-W{day.isocalendar().week:02}.csv"
                self.rows[gateway, name].append(
                    row(f"sent-{payout}-{currency}", "payout", "0", f"{sent:%Y-%m-%dT%H:%M:%SZ}",
                        net=str(amount), payout=payout, currency=currency, settled=currency)
                )  # fmt: skip
            text = f"{payout} {gateway}"
            self.banked[currency].append((sent + timedelta(days=1), str(amount), text))
        self.sums.clear()

    def write_files(self) -> None:
        for (gateway, name), lines in self.rows.items():
            path = self.folder / gateway / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(NORMALISED + "".join(lines))

    def write_statements(self, until: datetime) -> None:
        """One for each account, of what came since the last one."""
        if until <= self.stated_until:
            return
        self.stated_until = until
        folder = self.folder / "bank"
        folder.mkdir(exist_ok=True)
        for currency, entries in sorted(self.banked.items()):
            now = sorted(one for one in entries if one[0] <= until)
            self.banked[currency] = [one for one in entries if one[0] > until]
            opening = self.balance[currency]
            closing = opening + sum((D(amount) for _, amount, _ in now), D(0))
            self.statements += 1
            first = min((day for day, _, _ in now), default=until)
            content = camt(
                *(camt_entry(amount, f"{day:%Y-%m-%d}", text=text, currency=currency)
                  for day, amount, text in now),
                opening=str(opening), closing=str(closing), first=f"{first:%Y-%m-%d}",
                last=f"{until:%Y-%m-%d}", number=f"S{self.statements}", account=f"BANK{currency}",
                currency=currency,
            )  # fmt: skip
            (folder / f"{until:%Y%m%d}-{currency}.xml").write_text(content)
            self.balance[currency] = closing

    # The product

    @contextmanager
    def timed(self) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.spent += time.monotonic() - began

    def look(self) -> None:
        source = PayoutFolder(self.folder)
        with self.timed():
            read = read_reports(self.engine, self.model, source, self.clock)
            bring_up_to_date(self.engine, self.model, self.clock, complete=True)
            banked = read_bank(self.engine, self.model, source, self.clock)
            bring_up_to_date(self.engine, self.model, self.clock, complete=True)
        for problem in (*read.problems, *banked.problems):
            raise SystemExit(f"what was generated cannot be read: {problem}")

    def judge(self) -> None:
        """Which planted troubles are open as what they are, and what is open besides."""
        query = select(breaks).where(breaks.c.closed_at.is_(None))
        with self.engine.connect() as connection:
            open_ = {
                (each["order_key"], each["leg"]): str(each["class"])
                for each in connection.execute(query).mappings()
            }
        self.planted = len(self.expected)
        self.found = sum(open_.get(key) == kind for key, kind in self.expected.items())
        for key, kind in self.expected.items():
            if open_.get(key) != kind:
                say(f"not found: {key} is {kind}, seen as {open_.get(key)}\n")
        self.accused += [f"{key} {kind}" for key, kind in open_.items() if key not in self.expected]


def _order(one: Order) -> dict[str, object]:
    number = f"{one.number:08d}"
    return {
        "order_key": one.key, "site": SITE, "order_no": number, "currency": one.currency,
        "order_total": one.total, "created_at": one.at, "modified_at": one.at,
        "shop_status": "new", "document": "{}", "document_hash": number, "received_at": one.at,
        "next_attempt_at": one.at, "state": "acknowledged", "sale_id": f"sale-{number}",
        "sale_total": one.total, "sale_tax": 0,
    }  # fmt: skip


def _captured(one: Order) -> dict[str, object]:
    return {
        "order_key": one.key, "site": SITE, "day": f"{one.at:%Y-%m-%d}",
        "document_hash": f"{one.number:08d}", "currency": one.currency, "total": one.total,
        "tax": 0, "certificates_sold": 0, "certificates_spent": 0,
    }  # fmt: skip


def _payment(one: Order) -> dict[str, object]:
    return {
        "order_key": one.key, "payment_id": "p1", "gateway": one.gateway, "method": "CARD",
        "reference": one.reference, "currency": one.currency, "amount": one.total,
        "most_fee": one.fee + CENT, "captured_at": one.at,
    }  # fmt: skip


def sale_of(one: Order) -> dict[str, object]:
    number = f"{one.number:08d}"
    return {
        "sale_id": f"sale-{number}", "external_id": one.key, "order_number": f"SO-{number}",
        "status": "ORDERED", "order_status": "AUTHORISED", "currency": one.currency,
        "total": one.total, "tax": 0, "credited": 0, "updated": one.at, "read_at": one.at,
    }  # fmt: skip


def settle(it: Simulation, one: Order, at: datetime) -> None:
    """As usual; some go back, are held for a while or cost a little more."""
    it.line(one, "charge", one.total, at, one.fee)
    what = it.chance.random()
    if what < 0.03:
        back = (one.total / 2).quantize(CENT)
        it.line(one, "refund", -back, at + timedelta(hours=3))
        credit(it, one, back, at)
    elif what < 0.05:  # a dispute that is lost, and credited
        it.line(one, "chargeback", -one.total, at + timedelta(hours=3))
        credit(it, one, one.total, at)
    elif what < 0.07:
        held = (one.total / 10).quantize(CENT)
        it.line(one, "balance", -held, at, reference="")
        it.line(one, "balance", held, at + timedelta(hours=5), reference="")
    elif what < 0.09:
        it.line(one, "fee", D(0), at, D("0.30"), net="-0.30", reference="")
    elif what < 0.10:  # moved to the balance in the other currency
        other = "EUR" if one.currency == "GBP" else "GBP"
        it.line(one, "conversion", D("-10.00"), at, reference="")
        it.line(one, "conversion", D("10.00"), at, settled=other, net="9.10", reference="")


def credit(it: Simulation, one: Order, amount: Decimal, at: datetime) -> None:
    change(it, one, credited=amount,
           credit_notes=[{"day": f"{at:%Y-%m-%d}", "amount": str(amount)}])  # fmt: skip


def change(it: Simulation, one: Order, **values: object) -> None:
    with it.engine.begin() as connection:
        sale = erp_sales.c.external_id == one.key
        connection.execute(update(erp_sales).where(sale).values(**values))


def come_late(it: Simulation, month: str) -> None:
    """For a month that is closed: a late file, and one of its files with two lines more."""
    at = datetime.fromisoformat(last_day(month)).replace(tzinfo=UTC) + timedelta(hours=12)
    for gateway in GATEWAYS[:2]:
        for number in range(20):
            one = Order(0, gateway, it.chance.choice(("GBP", "EUR")), D(0), at)
            late = f"late-{month}.csv"
            key = f"late-{month}-{gateway}-{number}"
            it.line(one, "fee", D(0), at, D("1.10"), net="-1.10", reference="", file=late, key=key)
        it.rows[gateway, late] = [
            line.replace(f"{at:%Y%m%d}", f"late-{at:%Y%m%d}") for line in it.rows[gateway, late]
        ]
        name = min(name for own, name in it.rows if own == gateway and name[:4] == month[:4])
        payout = it.rows[gateway, name][0].rsplit(",", 1)[1].strip()
        currency = it.rows[gateway, name][0].split(",")[4]
        for sign, kind in ((1, "fee"), (-1, "balance")):
            amount = D(sign)
            gross = D(0) if kind == "fee" else D(1)
            it.rows[gateway, name].append(
                row(f"again-{month}-{kind}-{gateway}", kind, str(gross),
                    f"{first_day(month)}T12:00:00Z", fee=str(amount if kind == "fee" else 0),
                    net=str(-amount), payout=payout, currency=currency, settled=currency)
            )  # fmt: skip
    sums, it.sums = dict(it.sums), defaultdict(Decimal)
    for (gateway, currency, payout), amount in sums.items():
        name = payout.replace(f"{at:%Y%m%d}", f"late-{at:%Y%m%d}")
        it.rows[gateway, f"late-{month}.csv"].append(
            row(f"sent-{name}", "payout", "0", f"{at + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
                net=str(amount), payout=name, currency=currency, settled=currency)
        )  # fmt: skip
        it.banked[currency].append((at + timedelta(days=2), str(amount), f"{name} {gateway}"))
