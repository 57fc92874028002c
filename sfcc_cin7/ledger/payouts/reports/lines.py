"""What every settlement report comes down to: lines, and what was sent to the bank."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

Kind = Literal[
    "charge",
    "refund",
    "chargeback",
    "fee",
    "adjustment",
    "conversion",
    "balance",
    "payment",
]
"""What moved. The first five may be of an order; a `conversion` between two balances, a `balance`
row (reserve, hold, transfer between accounts) and a `payment` that the merchant made never are."""

PARTS_OF_A_CENT = Decimal("0.01")
"""What the parts in which fees are stated may come to in a net of whole cents."""

Standing = Literal["final", "provisional", "incomplete"]


class UnusableReport(Exception):
    """The file is not the report it should be; the message says where and why, without figures."""


class AnotherKind(UnusableReport):
    """Nothing in it is of this report."""


@dataclass(frozen=True)
class Line:
    """One movement of money at a gateway.

    `gross` is what the shopper paid, in `currency`, negative when it went back; a chargeback that
    was won comes back as a positive chargeback. `fee` (positive when it costs) and `net` are in
    `settled_currency`. `key` is the gateway's own name of the movement. `other_references` are
    further names of the payment: its charge, capture or authorisation.
    """

    key: str
    kind: Kind
    payment_reference: str
    merchant_reference: str
    currency: str
    gross: Decimal
    settled_currency: str
    fee: Decimal
    net: Decimal
    occurred_at: datetime
    payout_id: str
    other_references: Sequence[str] = ()


@dataclass(frozen=True)
class Transfer:
    """What the gateway says it sent to the bank; in the currency of its lines, negative when it
    came back. `key` is the gateway's own name of the transfer; where it is not `itemised`, nobody
    says which lines it pays out."""

    payout_id: str
    currency: str
    amount: Decimal
    paid_at: datetime
    key: str = ""
    itemised: bool = True


@dataclass(frozen=True)
class Report:
    """The lines of a file, and the payouts that it states.

    It is `final` where what the file states of itself (counts, totals, the payout) was compared,
    `incomplete` where a payout is still to come, `provisional` where its form states nothing.
    `note` says what is missing.
    """

    lines: Sequence[Line]
    transfers: Sequence[Transfer]
    standing: Standing = "final"
    note: str = ""


@dataclass(frozen=True)
class Layout:
    """What the merchant says of a gateway's files, where they differ from account to account.

    `order_columns` are looked at first for the order's number, which is what the one group of
    `order_pattern` finds in them; `reference_columns` name the payment too; `time_zone` is that of
    times without one, and `dates` says what stands first in dates that end with their year;
    `columns` and `kinds` are the map of any other CSV, and `signs` says whether its amounts have
    signs or their kind decides; `ignored` are the values, by column, whose rows are passed over.
    """

    order_columns: Sequence[str] = ()
    order_pattern: str | None = None
    reference_columns: Sequence[str] = ()
    time_zone: str = "UTC"
    dates: Literal["day", "month"] | None = None
    signs: Literal["stated", "by-kind"] | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    ignored: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def order_number(self, row: Mapping[str, str], usual: str) -> str:
        """The order's number of a row, or else what its usual column says."""
        for column in self.order_columns:
            told = row.get(column, "")
            found = re.search(self.order_pattern, told) if self.order_pattern else None
            if self.order_pattern is None and told:
                return told
            if found:
                return found.group(1) if found.re.groups else found.group()
        return usual

    def references(self, row: Mapping[str, str], *usual: str) -> tuple[str, ...]:
        """Further names of a row's payment: the usual ones, and those of the merchant's columns."""
        own = [row.get(column, "") for column in self.reference_columns]
        return tuple(dict.fromkeys(filter(None, (*usual, *own))))


def standing_of(
    lines: Sequence[Line], transfers: Sequence[Transfer], *, always: bool
) -> tuple[Standing, str]:
    """Whether every payout of these lines is stated; a form that does not `always` state it is
    provisional without. Lines that come to nothing need no transfer."""
    if not lines and not transfers:
        return "provisional", "It has no lines: nothing moved, or it was cut after its header."
    sums: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        key = (line.payout_id, line.settled_currency)
        sums[key] = sums.get(key, Decimal(0)) + line.net
    stated = {(transfer.payout_id, transfer.currency) for transfer in transfers}
    open_ = sorted(
        key for key, total in sums.items() if key not in stated and (total or not always)
    )
    if not open_:
        return "final", ""
    of_none = [key for key in open_ if not key[0]]
    if of_none:
        return "provisional", "It does not say which payout each line belongs to."
    names = ", ".join(f"{payout} ({money})" for payout, money in open_[:5])
    if always:
        return "incomplete", f"Not complete yet: the payout row of {names} is missing."
    return "provisional", f"It does not state what was sent to the bank for {names}."


def in_doubt(standing: Standing, note: str, rows: Sequence[int]) -> tuple[Standing, str]:
    """The standing of a report in which gross less fee is not net in these rows: something else was
    taken, or a figure is wrong, and its sum has to be seen at the bank."""
    if not rows:
        return standing, note
    named = ", ".join(map(str, rows[:5]))
    told = f"Gross less fees does not come to net in line {named} ({len(rows)} in all)."
    return "provisional", f"{told} {note}".rstrip()


def adds_up(line: Line) -> bool:
    """Whether gross less fee is net, if in one currency; fees may have parts of a cent."""
    if line.kind == "fee" or line.currency != line.settled_currency:
        return True
    return abs(line.gross - line.fee - line.net) <= PARTS_OF_A_CENT


def currency(row: Mapping[str, str], column: str) -> str:
    """An ISO 4217 code in capitals.

    Raises:
        UnusableReport: it is not three letters.
    """
    code = row.get(column, "").upper()
    if len(code) != 3 or not code.isalpha():
        line = getattr(row, "line", None)
        where = f"Line {line}, column {column}" if line else column
        raise UnusableReport(f"{where}: it is no currency.")
    return code
