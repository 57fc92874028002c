"""The form into which any other gateway's report is brought: a CSV with the columns below.

Amounts are in major units with a decimal point and their sign; times are ISO 8601 with a zone (or
UTC). A row of kind `payout` states what was sent to the bank, as a positive `net`; while the lines
of a payout have none, the file is provisional. Empty references are allowed, every other field is
not. The file is checked as a whole (pandera): the first rows that break a rule are named.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import cast, get_args

from sfcc_cin7.ledger.payouts.reports.instants import instant
from sfcc_cin7.ledger.payouts.reports.lines import (
    Kind,
    Layout,
    Line,
    Report,
    Transfer,
    UnusableReport,
    standing_of,
)
from sfcc_cin7.ledger.payouts.reports.sheet import Row, table
from sfcc_cin7.merchant.ledger import LineField

COLUMNS: tuple[LineField, ...] = get_args(LineField)
PAYOUT = "payout"


def read(text: str, layout: Layout = Layout()) -> Report:  # noqa: B008 - it is frozen
    """The lines of a file.

    Raises:
        UnusableReport: the file breaks a rule of its form.
    """
    rows = table(text, COLUMNS)
    _validate(rows)
    lines = []
    transfers = []
    for row in rows:
        at = instant(row, "occurred_at", layout.time_zone, first=layout.dates)
        net = row.amount("net")
        if row["kind"] == PAYOUT:
            transfers.append(
                Transfer(row["payout_id"], row["settled_currency"], net, at, row["key"])
            )
            continue
        lines.append(
            Line(
                key=row["key"],
                kind=cast(Kind, row["kind"]),  # validated
                payment_reference=row["payment_reference"],
                merchant_reference=layout.order_number(row, row["merchant_reference"]),
                currency=row["currency"],
                gross=row.amount("gross"),
                settled_currency=row["settled_currency"],
                fee=row.amount("fee"),
                net=net,
                occurred_at=at,
                payout_id=row["payout_id"],
                other_references=layout.references(row),
            )
        )
    return Report(lines, transfers, *standing_of(lines, transfers, always=False))


def _validate(rows: Sequence[Row]) -> None:
    import pandas as pd
    import pandera.pandas as pa

    number = pa.Check.str_matches(r"^-?\d+(\.\d{1,12})?$")
    code = pa.Check.str_matches("^[A-Z]{3}$")
    told = pa.Check.str_length(1, 256)
    kinds = [*get_args(Kind), PAYOUT]
    schema = pa.DataFrameSchema(
        {
            "key": pa.Column(str, told, unique=True),
            "kind": pa.Column(str, pa.Check.isin(kinds)),
            "currency": pa.Column(str, code),
            "gross": pa.Column(str, number),
            "settled_currency": pa.Column(str, code),
            "fee": pa.Column(str, number),
            "net": pa.Column(str, number),
            "occurred_at": pa.Column(str, told),
            "payout_id": pa.Column(str, told),
        },
        checks=pa.Check(_adds_up, name="net and fee come to gross in one currency"),
    )
    frame = pd.DataFrame([{name: row[name] for name in COLUMNS} for row in rows], columns=COLUMNS)
    frame = frame.astype(str)
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        where = sorted({str(name) for name in cases["column"]} | {str(c) for c in cases["check"]})
        places = [rows[int(at)].line for at in cases["index"].dropna().unique()[:5]]
        raise UnusableReport(f"Lines {places} break a rule: {', '.join(where)}.") from None


def _adds_up(frame):  # type: ignore[no-untyped-def]  # a pandas frame
    def holds(row) -> bool:  # type: ignore[no-untyped-def]
        if row["kind"] in (PAYOUT, "fee") or row["currency"] != row["settled_currency"]:
            return True
        try:
            return Decimal(row["gross"]) == Decimal(row["net"]) + Decimal(row["fee"])
        except ArithmeticError:
            return True  # told by the column's own rule

    return frame.apply(holds, axis=1) if len(frame) else True
