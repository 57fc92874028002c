"""Any other CSV, by the map of its columns in the operating model (`ledger.gateways.X.columns`).

`columns` says under which header each field of a line stands; `kinds` says what each value of its
`kind` column is (or that it is to be left out: `ignore`), and `ignored` which values of other
columns (a status) leave a row out. Without `kind` money that comes is a
charge and money that goes a refund. What a file does not have is concluded: `net` is gross less
fee, `fee` gross less net, the settled currency that of the shopper, and the key what the row says
of itself and its place among equal ones.

Gateways differ in how they write what goes out: with a sign, or without one because its kind says
it. Nothing in a file tells which, so where it matters `signs` of the operating model has to. Of a
fee beside gross and net the three figures tell whether a minus means that it costs.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import cast

from sfcc_cin7.ledger.payouts.reports.instants import instant
from sfcc_cin7.ledger.payouts.reports.lines import (
    Kind,
    Layout,
    Line,
    Report,
    Transfer,
    UnusableReport,
    adds_up,
    currency,
    in_doubt,
    standing_of,
)
from sfcc_cin7.ledger.payouts.reports.sheet import Row, spelt, table
from sfcc_cin7.values.money import ZERO

FIGURES = ("gross", "fee", "net")
IGNORED, PAYOUT = "ignore", "payout"
GOES_OUT = ("refund", "fee", "payment")
"""Kinds that take money from the merchant, but for what comes back."""
UNSAID = "(say `signs` of the gateway, stated or by-kind)"
A_MINUS = "does a fee with a minus cost, or come back?"


def read(text: str, layout: Layout = Layout()) -> Report:  # noqa: B008 - it is frozen
    """The lines of a file.

    Raises:
        UnusableReport: it lacks a column of the map, was cut, says a kind that is not mapped, or
            leaves in doubt which way money went.
    """
    columns = layout.columns
    if not columns:
        raise UnusableReport("The operating model has no map of its columns.")
    lines: list[Line] = []
    transfers: list[Transfer] = []
    seen: Counter[tuple[str, ...]] = Counter()
    doubtful: list[int] = []
    amounts = [columns[name] for name in FIGURES if name in columns]
    kinds = {value.casefold(): kind for value, kind in layout.kinds.items()}

    def aside(cells: Mapping[str, str]) -> bool:
        told = cells.get(spelt(columns.get("kind", "")))
        if told is not None and kinds.get(told.casefold()) == IGNORED:
            return True
        return any(
            cells.get(spelt(column), "").casefold() in {value.casefold() for value in values}
            for column, values in layout.ignored.items()
            if spelt(column) in cells
        )

    needed = sorted({*columns.values(), *layout.ignored})
    for row in table(text, needed, amounts, aside=aside):
        kind = _kind(row, layout, kinds)
        payout = _of(row, columns, "payout_id")
        line = _line(row, layout, kind)
        names = (
            *(kind, line.payment_reference, line.merchant_reference, _of(row, columns, "key")),
            *(payout, f"{line.occurred_at:%Y-%m-%dT%H:%M:%SZ}", line.settled_currency),
            *(f"{figure:f}" for figure in (line.gross, line.fee, line.net)),
        )
        seen[names] += 1
        key = _key(_of(row, columns, "key"), kind) or "/".join((*names, str(seen[names])))
        if kind == PAYOUT:
            sent = Transfer(
                payout, line.settled_currency, abs(line.net), line.occurred_at, key, bool(payout)
            )
            transfers.append(sent)
        else:
            lines.append(replace(line, key=key, payout_id=payout))
            if not adds_up(line):
                doubtful.append(row.line)
    told = standing_of(lines, transfers, always=False)
    return Report(lines, transfers, *in_doubt(*told, doubtful))


def _key(own: str, kind: str) -> str:
    """Gateways name a payment's fee and its refund as they name the payment."""
    return own if kind in ("charge", PAYOUT) or not own else f"{own}/{kind}"


def _kind(row: Row, layout: Layout, kinds: Mapping[str, str]) -> str:
    column = layout.columns.get("kind")
    if column is None:
        figure = layout.columns.get("gross") or layout.columns["net"]
        return "charge" if row.amount(figure) >= 0 else "refund"
    kind = kinds.get(row[column].casefold())
    if kind is None:
        raise row.refuse(column, "`kinds` of the operating model does not say what this kind is")
    return kind


def _line(row: Row, layout: Layout, kind: str) -> Line:
    columns = layout.columns
    money = currency(row, columns["currency"])
    settled = currency(row, columns.get("settled_currency") or columns["currency"])
    gross, fee, net = _figures(row, layout, kind, one_currency=money == settled)
    return Line(
        key="",
        kind=cast(Kind, kind),
        payment_reference=_of(row, columns, "payment_reference"),
        merchant_reference=layout.order_number(row, _of(row, columns, "merchant_reference")),
        currency=money,
        gross=gross,
        settled_currency=settled,
        fee=fee,
        net=net,
        occurred_at=_instant(row, layout),
        payout_id="",
        other_references=layout.references(row),
    )


def _instant(row: Row, layout: Layout) -> datetime:
    """Of one column, or of those of the day, the time and its zone."""
    columns = layout.columns
    column, zone = columns["occurred_at"], _of(row, columns, "zone") or layout.time_zone
    if time := _of(row, columns, "time"):
        row = replace(row, cells={**row.cells, spelt(column): f"{row[column]} {time}"})
    return instant(row, column, zone, zone_column=columns.get("zone", ""), first=layout.dates)


def _figures(
    row: Row, layout: Layout, kind: str, *, one_currency: bool
) -> tuple[Decimal, Decimal, Decimal]:
    """Gross, fee and net with their signs, each as it is given or as the others make it."""
    columns = layout.columns
    given = {
        name: row.amount(columns[name])
        for name in FIGURES
        if name in columns and row[columns[name]]
    }
    if not given.keys() & {"gross", "net"} and not (kind == "fee" and "fee" in given):
        where = columns.get("gross") or columns["net"]
        raise row.refuse(where, "neither gross nor net is there")
    if kind == "fee":
        return _fee_alone(row, layout, given)
    gross, fee, net = given.get("gross"), given.get("fee"), given.get("net")
    shown = (net if gross is None else gross) or ZERO
    if kind in GOES_OUT:
        if shown > 0 and layout.signs is None:
            raise row.refuse(columns.get("gross") or columns["net"], f"{_out(kind)} {UNSAID}")
        if layout.signs == "by-kind":
            gross, net = (None if each is None else -abs(each) for each in (gross, net))
    if gross is not None and fee is not None and net is not None and one_currency:
        if gross - fee != net and gross + fee == net:
            fee = -fee  # written as what it takes from the balance
    elif fee is not None and fee < 0 < shown:
        if layout.signs is None:
            raise row.refuse(columns["fee"], f"{A_MINUS} {UNSAID}")
        fee = -fee  # signs are those of the balance
    if net is None:
        net = (gross or ZERO) - (fee or ZERO)
    if gross is None:
        gross = net + (fee or ZERO)
    if fee is None:
        fee = gross - net if one_currency else ZERO
    return gross, fee, net


def _fee_alone(
    row: Row, layout: Layout, given: Mapping[str, Decimal]
) -> tuple[Decimal, Decimal, Decimal]:
    """A fee of no payment moves the balance by its net, else its gross, else its fee, which costs
    whether or not it has a minus."""
    gross, fee = given.get("gross", ZERO), given.get("fee", ZERO)
    moved = given.get("net") or gross
    name = "net" if given.get("net") else "gross"
    if not moved:
        if fee < 0 and layout.signs is None:
            raise row.refuse(layout.columns["fee"], f"{A_MINUS} {UNSAID}")
        moved = -abs(fee)
    elif layout.signs == "by-kind":
        moved = -abs(moved)
    elif layout.signs is None and moved > 0:
        raise row.refuse(layout.columns[name], f"{_out('fee')} {UNSAID}")
    elif name == "gross" and fee and abs(fee) != abs(gross):
        raise row.refuse(layout.columns["fee"], "which of two figures is the fee?")
    return ZERO, -moved, moved


def _out(kind: str) -> str:
    return f"a {kind} without a minus: did the money come, or go?"


def _of(row: Row, columns: Mapping[str, str], field: str) -> str:
    return row[columns[field]] if field in columns else ""
