"""Breaks as a list to work on: filtered, and as CSV or a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Engine, Row

from sfcc_cin7.inbox.codes import known
from sfcc_cin7.ledger.records.decisions import all_in_force, breaks_between
from sfcc_cin7.merchant.base_currency import BaseCurrency
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.money import ZERO, quantum
from sfcc_cin7.values.wording import site_of

State = Literal["open", "closed", "all"]
LEGS = {"erp": "books", "gateway": "payout"}
"""How codes of the inbox begin, by the leg that disagrees."""
FIRST, LAST = "0000-00-00", "9999-99-99"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell of a spreadsheet would calculate with; references come from outside."""


@dataclass(frozen=True)
class Wanted:
    """Which breaks. `code` is one of the inbox (`payout-amount`), `month` is YYYY-MM, `least` is
    money in the base currency; what is empty narrows nothing."""

    state: State = "open"
    code: str = ""
    owner: str = ""
    site: str = ""
    gateway: str = ""
    month: str = ""
    least: Decimal = ZERO


@dataclass(frozen=True)
class Listed:
    """One break as people read it; `worth` is its money in the base currency, by the rates of the
    day."""

    number: int
    what: str
    subject: str
    problem: str
    code: str
    day: str
    amount: Decimal | None
    currency: str
    worth: Decimal
    owner: str
    opened: datetime
    closed: datetime | None
    explanation: str
    closed_because: str


COLUMNS = tuple(field.name.replace("_", " ") for field in fields(Listed))


def listed_breaks(
    engine: Engine,
    clock: Clock,
    model: OperatingModel,
    wanted: Wanted = Wanted(),
) -> list[Listed]:
    """Breaks, most money first."""
    first, last = (f"{wanted.month}-00", f"{wanted.month}-99") if wanted.month else (FIRST, LAST)
    with engine.connect() as connection:
        rows = breaks_between(connection, wanted.state, first, last)
    base = BaseCurrency(model, clock.now().date())
    found = [_listed(row, model, base) for row in rows]
    kept = [each for each in found if _is_wanted(each, wanted)]
    return sorted(kept, key=lambda each: (-each.worth, each.number))


def decisions_shown(engine: Engine, model: OperatingModel) -> list[tuple[str, ...]]:
    """Decisions that are not undone: number, kind, what it is about, amount, who and why."""
    words = wording(model)
    with engine.connect() as connection:
        rows = all_in_force(connection)
    return [
        (
            str(row.id),
            row.kind,
            words.subject(row.order_key),
            "" if row.amount is None else f"{row.amount:f} {row.currency}",
            f"{row.by}, {words.instant(row.at)}: {row.because}",
        )
        for row in rows
    ]


def _listed(row: Row[Any], model: OperatingModel, base: BaseCurrency) -> Listed:
    code = f"{LEGS.get(row.leg, row.leg)}-{row.kind}"
    return Listed(
        number=row.id,
        what=wording(model).subject(row.order_key),
        subject=row.order_key,
        problem=known(code).cause,
        code=code,
        day=row.day,
        amount=row.amount,
        currency=row.currency or "",
        worth=base.weight(row.amount, row.currency).quantize(quantum(model.base_currency)),
        owner=row.owner,
        opened=row.opened_at,
        closed=row.closed_at,
        explanation=row.sentence,
        closed_because=row.closed_because or "",
    )


def _is_wanted(one: Listed, wanted: Wanted) -> bool:
    named = (
        (wanted.code, one.code),
        (wanted.owner, one.owner),
        (wanted.site, site_of(one.subject) or ""),
        (wanted.gateway, _gateway_of(one.subject)),
    )
    return one.worth >= wanted.least and all(
        not filter_ or filter_ == its for filter_, its in named
    )


def _gateway_of(subject: str) -> str:
    kind, _, rest = subject.partition(":")
    return rest.partition(":")[0] if kind in ("payout", "transfer") else ""


def as_csv(breaks: Sequence[Listed]) -> bytes:
    """UTF-8 with a byte-order mark, so that spreadsheets read it as such; times in UTC."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([_text(value) for value in _cells(one)] for one in breaks)
    return out.getvalue().encode("utf-8-sig")


def as_spreadsheet(breaks: Sequence[Listed]) -> bytes:
    """An .xlsx with one sheet; amounts are numbers, times are in UTC."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("breaks")
    sheet.freeze_panes = "A2"
    sheet.append(COLUMNS)
    for one in breaks:
        sheet.append(
            [each if isinstance(each, Decimal | int) else _text(each) for each in _cells(one)]
        )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cells(one: Listed) -> Iterable[object]:
    return (getattr(one, field.name) for field in fields(one))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, Decimal | int):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
