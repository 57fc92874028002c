"""Order lines and additional charges: what is accepted, and what they add up to.

Amounts are in the customer's currency. With a tax-inclusive sale the price contains the tax and Tax
is the part inside (Cin7 API reference, Sale Order).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.books import Books
from sfcc_cin7_sandbox.cin7.products import Products
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_sandbox.cin7.values import ZERO, Body, cents, number, require, text
from sfcc_cin7_sandbox.shelf import Document

TOLERANCE = Decimal("0.01")


@dataclass(frozen=True)
class OrderContent:
    """Lines and charges with their totals; `before_tax` plus `tax` is the total."""

    lines: list[Document]
    charges: list[Document]
    before_tax: Decimal
    tax: Decimal


class LineReader:
    """Reads the lines and charges of one order."""

    def __init__(
        self, books: Books, products: Products, settings: Cin7Settings, tax_inclusive: bool
    ) -> None:
        self._books = books
        self._products = products
        self._settings = settings
        self._inclusive = tax_inclusive

    def read(self, lines: Sequence[Body], charges: Sequence[Body]) -> OrderContent:
        """Raises Refusal at the first thing that is wrong; the order's own totals are ignored."""
        read_lines = [self._line(line) for line in lines]
        products = [line["ProductID"] for line in read_lines]
        if len(set(products)) < len(products):
            raise Refusal("It is impossible to use product with one SKU more once in Lines")
        read_charges = [self._charge(charge) for charge in charges]
        return self.total(read_lines, read_charges)

    def total(self, lines: list[Document], charges: list[Document]) -> OrderContent:
        """Adds up; recomputes tax from the rules where the settings say so."""
        rows = [*lines, *charges]
        per_document = False
        if self._settings.tax_handling == "recomputed":
            per_document = self._settings.tax_calculation_method == "Total"
            for row in rows:
                tax = self._tax_by_rule(row)
                row["Tax"] = round(tax, 4) if per_document else cents(tax)
        for row in rows:
            row["Total"] = self._row_total(_extension(row), row["Tax"])
        tax = sum((row["Tax"] for row in rows), ZERO)
        if per_document:
            tax = cents(tax)
        amount = sum((_extension(row) for row in rows), ZERO)
        return OrderContent(lines, charges, amount - tax if self._inclusive else amount, tax)

    def _line(self, body: Body) -> Document:
        product = self._products.on_line(body)
        quantity = number(body, "Quantity", 4)
        if quantity < self._settings.min_quantity:
            raise Refusal(f"Quantity must be at least {self._settings.min_quantity}")
        price = number(body, "Price", 4)
        if price < 0:
            raise Refusal("Price can't be less than zero.")
        require(body, "Total")
        return {
            "ProductID": product["ID"],
            "SKU": product["SKU"],
            "Name": text(body, "Name", 1024) or product["Name"],
            **self._money(body, quantity, price),
            "AverageCost": product.get("AverageCost", ZERO),
            "Comment": text(body, "Comment", 256) or "",
            "DropShip": False,
            "BackorderQuantity": ZERO,
            "Allocations": [],
            "Gone": [],
            "Short": ZERO,
        }

    def _charge(self, body: Body) -> Document:
        require(body, "Description")
        description = str(text(body, "Description", 256))
        service = self._products.service(description)
        quantity = number(body, "Quantity", 4)
        if quantity <= 0:
            raise Refusal("Quantity must be greater than 0")
        price = number(body, "Price", 4)
        if price < 0 and not self._settings.negative_charges:
            raise Refusal("Price can't be less than zero.")
        return {
            "Description": service["Name"],
            **self._money(body, quantity, price),
            "Comment": text(body, "Comment", 1024) or "",
        }

    def _money(self, body: Body, quantity: Decimal, price: Decimal) -> Document:
        discount = number(body, "Discount", 2, default=ZERO)
        if not 0 <= discount <= 100:
            raise Refusal("Discount must be between 0 and 100")
        tax = number(body, "Tax", 4)
        require(body, "TaxRule")
        rule = self._books.tax_rule(str(text(body, "TaxRule", 50)))
        row = {
            "Quantity": quantity,
            "Price": price,
            "Discount": discount,
            "Tax": tax,
            "TaxRule": rule["Name"],
        }
        amount = _extension(row)
        row["Total"] = self._row_total(amount, tax)
        if body.get("Total") is not None:
            sent = number(body, "Total", 4)
            if abs(sent - row["Total"]) > TOLERANCE:
                raise Refusal(f"Total {sent} does not match the calculated total {row['Total']}")
        if tax * amount < 0 or abs(tax) > abs(amount):
            raise Refusal(f"Tax {tax} is not possible for an amount of {amount}")
        return row

    def _row_total(self, amount: Decimal, tax: Decimal) -> Decimal:
        with_tax = self._settings.line_total == "with-tax" and not self._inclusive
        return amount + tax if with_tax else amount

    def _tax_by_rule(self, row: Document) -> Decimal:
        rate = Decimal(self._books.tax_rule(row["TaxRule"])["TaxPercent"]) / 100
        amount = _extension(row)
        return amount - amount / (1 + rate) if self._inclusive else amount * rate


def _extension(row: Document) -> Decimal:
    """Quantity times price less discount, to the cent."""
    return cents(row["Quantity"] * row["Price"] * (1 - row["Discount"] / Decimal(100)))
