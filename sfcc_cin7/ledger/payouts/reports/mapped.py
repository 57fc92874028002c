"""Any other CSV, by the map of its columns in the operating model (`ledger.gateways.X.columns`).

`columns` says under which header each field of a line stands; `kinds` says what each value of its
`kind` column is (or that it is to be left out: `ignore`). Without `kind` money that comes is a
charge and money that goes a refund. What a file does not have is concluded: `net` is gross less
fee, `fee` gross less net, the settled currency that of the shopper, and the key what the row says
of itself and its place among equal ones.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
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
    currency,
    standing_of,
)
from sfcc_cin7.ledger.payouts.reports.sheet import Row, table
from sfcc_cin7.values.money import ZERO

FIGURES = ("gross", "fee", "net")
IGNORED, PAYOUT = "ignore", "payout"


def read(text: str, layout: Layout = Layout()) -> Report:  # noqa: B008 - it is frozen
    """The lines of a file.

    Raises:
        UnusableReport: it lacks a column of the map, was cut, or says a kind that is not mapped.
    """
    columns = layout.columns
    if not columns:
        raise UnusableReport("The operating model has no map of its columns.")
    lines: list[Line] = []
    transfers: list[Transfer] = []
    seen: Counter[tuple[str, ...]] = Counter()
    amounts = [columns[name] for name in FIGURES if name in columns]
    for row in table(text, sorted(set(columns.values())), amounts):
        kind = _kind(row, layout)
        if kind == IGNORED:
            continue
        payout = _of(row, columns, "payout_id")
        settled = currency(row, columns.get("settled_currency") or columns["currency"])
        at = instant(row, columns["occurred_at"], layout.time_zone)
        line = _line(row, layout, kind, settled)
        names = (kind, line.payment_reference, _of(row, columns, "key"), payout)
        seen[names] += 1
        key = _of(row, columns, "key") or "/".join((*names, str(seen[names])))
        if kind == PAYOUT:
            transfers.append(Transfer(payout, settled, abs(line.net), at, key, bool(payout)))
        else:
            lines.append(replace(line, key=key, payout_id=payout, occurred_at=at))
    return Report(lines, transfers, *standing_of(lines, transfers, always=False))


def _kind(row: Row, layout: Layout) -> str:
    column = layout.columns.get("kind")
    if column is None:
        figure = layout.columns.get("gross") or layout.columns["net"]
        return "charge" if row.amount(figure) >= 0 else "refund"
    known = {value.casefold(): kind for value, kind in layout.kinds.items()}
    kind = known.get(row[column].casefold())
    if kind is None:
        raise row.refuse(column, "`kinds` of the operating model does not say what this kind is")
    return kind


def _line(row: Row, layout: Layout, kind: str, settled: str) -> Line:
    columns = layout.columns
    money = currency(row, columns["currency"])
    given = {name: row.amount(columns[name]) for name in FIGURES if name in columns}
    gross, fee, net = _figures(given, kind, one_currency=money == settled)
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
        occurred_at=instant(row, columns["occurred_at"], layout.time_zone),
        payout_id="",
    )


def _figures(
    given: Mapping[str, Decimal], kind: str, *, one_currency: bool
) -> tuple[Decimal, Decimal, Decimal]:
    """Gross, fee and net, each as it is given or as the others make it."""
    fee = given.get("fee")
    net = given.get("net")
    gross = given.get("gross")
    if net is None:
        net = (gross or ZERO) - (fee or ZERO)
    if kind == "fee":
        return ZERO, -net, net
    if gross is None:
        gross = net + (fee or ZERO)
    if fee is None:
        fee = gross - net if one_currency else ZERO
    return gross, fee, net


def _of(row: Row, columns: Mapping[str, str], field: str) -> str:
    return row[columns[field]] if field in columns else ""
