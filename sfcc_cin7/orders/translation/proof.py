"""What Cin7 must answer for a sale to be the order, and where an answer differs.

All figures are whole numbers of the currency's smallest unit.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from sfcc_cin7.order_document.reason import Reason
from sfcc_cin7.orders.translation.sale import Sale
from sfcc_cin7.values.money import digits, minor_units


@dataclass(frozen=True)
class ExpectedLine:
    """One SKU's line."""

    quantity: Decimal
    total: int
    tax: int


@dataclass(frozen=True)
class ExpectedCharge:
    """All charges of one Service product together, as Cin7 may combine them."""

    total: int
    tax: int


@dataclass(frozen=True)
class Proof:
    """The figures of an authorised sale order, by SKU and by charge description.

    Names are compared without case, as Cin7 compares them: it answers its own spelling.
    """

    currency: str
    lines: Mapping[str, ExpectedLine]
    charges: Mapping[str, ExpectedCharge]
    total_before_tax: int
    tax: int
    total: int


def expect(sale: Sale) -> Proof:
    """The proof of a sale whose amounts all are multiples of the currency's smallest unit."""

    def units(amount: Decimal) -> int:
        return minor_units(amount, sale.currency)

    charges: dict[str, ExpectedCharge] = {}
    spellings: dict[str, str] = {}
    for charge in sale.charges:
        name = spellings.setdefault(charge.description.casefold(), charge.description)
        so_far = charges.get(name, ExpectedCharge(0, 0))
        charges[name] = ExpectedCharge(
            so_far.total + units(sale.stated_total(charge)), so_far.tax + units(charge.tax)
        )
    return Proof(
        currency=sale.currency,
        lines={
            line.sku: ExpectedLine(line.quantity, units(sale.stated_total(line)), units(line.tax))
            for line in sale.lines
        },
        charges=charges,
        total_before_tax=units(sale.total_before_tax),
        tax=units(sale.tax),
        total=units(sale.total),
    )


def mismatches(proof: Proof, order: Mapping[str, object]) -> list[Reason]:
    """Where Cin7's sale order (the answer to POST or GET sale/order) is not what was expected.

    Empty when it holds every line, charge and total to the smallest unit and is authorised. A
    backorder is no mismatch: see `backordered`.
    """
    return [
        *_status(order),
        *_lines(proof, _rows(order, "Lines")),
        *_charges(proof, _rows(order, "AdditionalCharges")),
        *_figure(proof, "The total before tax", proof.total_before_tax, order, "TotalBeforeTax"),
        *_figure(proof, "The tax", proof.tax, order, "Tax"),
        *_figure(proof, "The total", proof.total, order, "Total"),
    ]


def backordered(order: Mapping[str, object]) -> dict[str, Decimal]:
    """Units by SKU that Cin7 took although it cannot supply them; empty when it can supply all."""
    quantities = {
        str(row.get("SKU")): _number(row.get("BackorderQuantity")) for row in _rows(order, "Lines")
    }
    return {sku: quantity for sku, quantity in quantities.items() if quantity}


def _rows(document: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    rows = document.get(name)
    if not isinstance(rows, list | tuple):
        return []
    return [row for row in rows if isinstance(row, Mapping)]


def _name(row: Mapping[str, object], name: str) -> str:
    return str(row.get(name)).casefold()


def _number(value: object) -> Decimal:
    """A figure of an answer; what is missing or no number counts as zero."""
    try:
        return Decimal(str(value or 0))
    except InvalidOperation:
        return Decimal(0)


def _units(value: object, currency: str) -> int | None:
    """An answered figure in smallest units; None when it is finer than the currency or absent."""
    try:
        return None if value is None else minor_units(Decimal(str(value)), currency)
    except (ValueError, InvalidOperation, OverflowError):
        return None


def _status(order: Mapping[str, object]) -> Iterator[Reason]:
    if order.get("Status") not in _AUTHORISED:
        sentence = "Cin7's order is not authorised."
        yield Reason("order-not-authorised", sentence, "AUTHORISED", str(order.get("Status")))


_AUTHORISED = ("AUTHORISED", "FULFILLED")
"""What the order of a sale that was authorised may be called; the second, when all of it has left
(Cin7 API reference, Sale List: OrderStatus)."""
_CODES = {
    "TotalBeforeTax": "erp-total-before-tax-mismatch",
    "Tax": "erp-tax-mismatch",
    "Total": "erp-total-mismatch",
}


def _figure(
    proof: Proof, what: str, expected: int, row: Mapping[str, object], name: str
) -> Iterator[Reason]:
    if _units(row.get(name), proof.currency) != expected:
        sentence = f"{what} in Cin7 differs from the storefront's."
        wanted = Decimal(expected).scaleb(-digits(proof.currency))
        yield Reason(_CODES[name], sentence, str(wanted), str(row.get(name)))


def _lines(proof: Proof, rows: list[Mapping[str, object]]) -> Iterator[Reason]:
    if len(rows) != len(proof.lines):
        sentence = "Cin7 holds another number of lines."
        yield Reason("erp-line-count-mismatch", sentence, str(len(proof.lines)), str(len(rows)))
    answered = {_name(row, "SKU"): row for row in rows}
    for sku, line in proof.lines.items():
        row = answered.get(sku.casefold())
        if row is None:
            yield Reason("erp-line-missing", f"Cin7 holds no line of {sku}.", sku)
            continue
        if _number(row.get("Quantity")) != line.quantity:
            sentence = f"The quantity of {sku} in Cin7 differs."
            yield Reason(
                "erp-quantity-mismatch", sentence, str(line.quantity), str(row.get("Quantity"))
            )
        yield from _figure(proof, f"The total of {sku}", line.total, row, "Total")
        yield from _figure(proof, f"The tax of {sku}", line.tax, row, "Tax")


def _charges(proof: Proof, rows: list[Mapping[str, object]]) -> Iterator[Reason]:
    totals: dict[str, dict[str, object]] = {}
    for row in rows:
        so_far = totals.setdefault(_name(row, "Description"), {"Total": 0, "Tax": 0})
        for name in so_far:
            so_far[name] = _number(so_far[name]) + _number(row.get(name))
    for description, charge in proof.charges.items():
        row = totals.pop(description.casefold(), {})
        yield from _figure(proof, f"The charge {description}", charge.total, row, "Total")
        yield from _figure(proof, f"The tax of charge {description}", charge.tax, row, "Tax")
    for description in totals:
        yield Reason("erp-charge-unexpected", f"Cin7 holds a charge {description!r} too many.")
