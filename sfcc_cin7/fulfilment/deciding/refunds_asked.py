"""From refunds that customer service asks for to the credit notes that finance has to book. Pure.

A credit note needs an issued invoice, and a Simple sale takes one only (Cin7 API reference, Sale
Credit Note). A credit note belongs to a refund if its memo has the refund's id: amounts alone would
take another return of the same money for it. Money is with tax, in the sale's currency.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.money import ZERO, figure, quantum
from sfcc_cin7.values.wording import plain

_ID = r"[A-Za-z0-9_-]+"


class Unreadable(ValueError):
    """What is asked for cannot be read; the message says why, in words of docs/fulfilment.md."""


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("it has characters that no name has")
    return text


_Name = Annotated[str, Field(min_length=1, max_length=256), AfterValidator(_printable)]


class AskedLine(BaseModel):
    """Units of a SKU that are given back."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    sku: _Name
    quantity: Annotated[Decimal, Field(gt=0, le=1_000_000, decimal_places=4)]


class Asked(BaseModel):
    """One refund: goods, the freight or both; `restock` is the location where goods come back to,
    None where they do not."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: Annotated[str, Field(pattern=f"^{_ID}$", max_length=40)]
    lines: tuple[AskedLine, ...] = ()
    freight: bool = False
    restock: _Name | None = None

    @property
    def units(self) -> dict[str, Decimal]:
        """Units by SKU, which may stand in several lines."""
        return _sum((line.sku, line.quantity) for line in self.lines)


_LIST = TypeAdapter(tuple[Asked, ...])


def refunds_asked(text: str) -> tuple[Asked, ...]:
    """What an attribute asks for.

    Raises:
        Unreadable: it is no list of refunds, one of them is empty, or two have the same id.
    """
    try:
        found = _LIST.validate_python(decimal_json.loads(text))
    except ValidationError as error:  # whose own words would repeat what somebody typed
        first = error.errors(include_input=False, include_url=False)[0]
        known = {*Asked.model_fields, *AskedLine.model_fields}
        loc = [
            str(each) if isinstance(each, int) or each in known else "?" for each in first["loc"]
        ]
        place = ".".join(loc) or "the list"
        raise Unreadable(f"{place}: {first['msg']}") from None
    except ValueError:
        raise Unreadable("it is no JSON") from None
    if len({each.id for each in found}) < len(found):
        raise Unreadable("two refunds have the same id")
    if any(not each.lines and not each.freight for each in found):
        raise Unreadable("a refund has neither lines nor freight")
    return found


@dataclass(frozen=True)
class BilledLine:
    """A line of an invoice or a credit note: `net` is without tax where prices are, else with."""

    sku: str
    quantity: Decimal
    net: Decimal
    tax: Decimal = ZERO


@dataclass(frozen=True)
class Bill:
    """An issued invoice, or an authorised credit note of the invoice `of`; `freight` is its charges
    for freight, with tax."""

    number: str
    lines: tuple[BilledLine, ...] = ()
    freight: Decimal = ZERO
    of: str = ""
    memo: str = ""
    total: Decimal = ZERO


@dataclass(frozen=True)
class Billed:
    """What a sale has of bills. `is_simple`: it takes one credit note; `has_note`: it has one that
    is not void, be it a draft."""

    currency: str
    invoices: tuple[Bill, ...] = ()
    notes: tuple[Bill, ...] = ()
    is_simple: bool = False
    has_note: bool = False


@dataclass(frozen=True)
class Credit:
    """A credit note that is to be booked: (SKU, units, money) of goods, and freight."""

    asked: Asked
    invoice: str
    lines: tuple[tuple[str, Decimal, Decimal], ...]
    freight: Decimal

    @property
    def amount(self) -> Decimal:
        """All that is given back."""
        return sum((money for _, _, money in self.lines), self.freight)


@dataclass(frozen=True)
class Plan:
    """What is to be done: `credits` are to be booked, ids that `wait` have no invoice yet, and
    `unclear` are (id, why) that a person has to decide. What is in none of them is in the ERP."""

    credits: tuple[Credit, ...] = ()
    wait: tuple[str, ...] = ()
    unclear: tuple[tuple[str, str], ...] = ()

    @property
    def is_settled(self) -> bool:
        """Whether the ERP has all that was asked for."""
        return not (self.credits or self.wait or self.unclear)


class _Unclear(Exception):
    """Why a refund cannot be booked as it is asked for."""


@dataclass
class _Rest:
    """What of an invoice is neither credited nor asked for by an earlier refund."""

    bill: Bill
    units: dict[str, Decimal]
    freight: Decimal


def plan(asked: Sequence[Asked], billed: Billed) -> Plan:
    """Which credit notes are to be booked for what is asked, in its sequence, exact to the cent."""
    rests = [_rest(invoice, billed.notes) for invoice in billed.invoices]
    done, waits, unclear = _Planned(billed), [], []
    for each in asked:
        notes = [note for note in billed.notes if each.id in re.findall(_ID, note.memo)]
        try:
            if notes:
                _check_booked(each, notes, billed)
            elif not rests:
                waits.append(each.id)
            else:
                done.add(each, rests)
        except _Unclear as why:
            unclear.append((each.id, str(why)))
    return Plan(tuple(done.credits), tuple(waits), tuple(unclear))


@dataclass
class _Planned:
    billed: Billed
    credits: list[Credit] = field(default_factory=list)

    def add(self, asked: Asked, rests: Sequence[_Rest]) -> None:
        if self.billed.is_simple and (self.billed.has_note or self.credits):
            raise _Unclear(
                "a Simple sale takes one credit note only: make it an Advanced sale first"
            )
        why = ""
        for rest in rests:
            try:
                credit = _credit(asked, rest, self.billed.currency)
            except _Unclear as error:
                why = why or str(error)
                continue
            for sku, units, _ in credit.lines:
                rest.units[sku] -= units
            rest.freight -= credit.freight
            self.credits.append(credit)
            return
        raise _Unclear(why)


def _check_booked(asked: Asked, notes: Sequence[Bill], billed: Billed) -> None:
    """Raises _Unclear where a credit note that names a refund is not what was asked for."""
    if len(notes) > 1:
        raise _Unclear(f"several credit notes name it: {', '.join(n.number for n in notes)}")
    (note,) = notes
    others = [each for each in billed.notes if each is not note]
    for invoice in billed.invoices:
        if note.of in ("", invoice.number):
            try:
                wanted = _credit(asked, _rest(invoice, others), billed.currency).amount
            except _Unclear:
                continue  # nobody can say what is exact: a person has decided
            if wanted != note.total:
                have, want = (figure(each, billed.currency) for each in (note.total, wanted))
                raise _Unclear(f"credit note {note.number} gives back {have} instead of {want}")
            return


def _rest(invoice: Bill, notes: Sequence[Bill]) -> _Rest:
    units, freight = _units(invoice), invoice.freight
    for note in notes:
        if note.of == invoice.number:
            freight -= note.freight
            for sku, quantity in _units(note).items():
                units[sku] = units.get(sku, ZERO) - quantity
    return _Rest(invoice, units, freight)


def _credit(asked: Asked, rest: _Rest, currency: str) -> Credit:
    number = rest.bill.number
    for sku, units in asked.units.items():
        left = rest.units.get(sku, ZERO)
        if units > left:
            raise _Unclear(f"invoice {number} has {plain(max(left, ZERO))} of {sku} to give back")
    if asked.freight and rest.freight <= 0:
        raise _Unclear(f"invoice {number} has no freight to give back")
    lines = tuple(
        (sku, units, _money(rest.bill, sku, units, currency))
        for sku, units in sorted(asked.units.items())
    )
    return Credit(asked, number, lines, rest.freight if asked.freight else ZERO)


def _money(bill: Bill, sku: str, units: Decimal, currency: str) -> Decimal:
    """The units' share of their line, if it is exact; goods and tax apart, as they are booked."""
    lines = [line for line in bill.lines if line.sku == sku]
    billed = sum((line.quantity for line in lines), ZERO)
    if len({(line.net / line.quantity, line.tax / line.quantity) for line in lines}) > 1:
        if units == billed:
            return sum((line.net + line.tax for line in lines), ZERO)
        raise _Unclear(f"invoice {bill.number} has {sku} at several prices")
    shares = [
        sum((getattr(line, part) for line in lines), ZERO) * units / billed
        for part in ("net", "tax")
    ]
    step = quantum(currency)
    if any(share % step for share in shares):
        raise _Unclear(
            f"{plain(units)} of {plain(billed)} of {sku} on invoice {bill.number} cannot be given"
            " back to the cent"
        )
    return sum(shares, ZERO)


def _units(bill: Bill) -> dict[str, Decimal]:
    return _sum((line.sku, line.quantity) for line in bill.lines)


def _sum(pairs: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for sku, units in pairs:
        found[sku] = found.get(sku, ZERO) + units
    return found
