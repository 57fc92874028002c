"""What invoices and credit notes of a sale have in common: lines, charges, totals, what is open.

A bill is kept as the API shows it, with `TotalBeforeTax`, `Tax` and `Total` in the customer's
currency; `Status` is DRAFT, AUTHORISED or VOIDED, and PAID is only ever shown.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.books import Books
from sfcc_cin7_sandbox.cin7.lines import LineReader
from sfcc_cin7_sandbox.cin7.products import Products
from sfcc_cin7_sandbox.cin7.sale import Sale
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_sandbox.cin7.values import ZERO, Body, parse_guid, require, rows, text
from sfcc_cin7_sandbox.shelf import Document

NEW = "00000000-0000-0000-0000-000000000000"
"""The TaskID of a bill that is not there yet."""

_LINE = ("ProductID", "SKU", "Name", "Quantity", "Price", "Discount", "Tax", "Total",
         "AverageCost", "TaxRule", "Comment")  # fmt: skip
_CHARGE = ("Description", "Quantity", "Price", "Discount", "Tax", "Total", "TaxRule", "Comment")


class BillReader:
    """Reads the lines and charges of a bill, as strictly as those of an order."""

    def __init__(self, books: Books, products: Products, settings: Cin7Settings) -> None:
        self._books = books
        self._products = products
        self._settings = settings

    def service(self, name: str) -> Document:
        """The service product that a charge names. Raises Refusal."""
        return self._products.service(name)

    def content(self, sale: Sale, body: Body) -> Document:
        """Lines, charges and totals. Raises Refusal."""
        lines, charges = rows(body, "Lines"), rows(body, "AdditionalCharges")
        if not lines and not charges:
            raise Refusal("Required attribute Lines is not provided.")
        reader = LineReader(
            self._books, self._products, self._settings, sale.header["TaxInclusive"]
        )
        read = reader.read(lines, charges)
        return {
            "Lines": self._shown(sale, read.lines, lines, _LINE),
            "AdditionalCharges": self._shown(sale, read.charges, charges, _CHARGE),
            "TotalBeforeTax": read.before_tax,
            "Tax": read.tax,
            "Total": read.before_tax + read.tax,
        }

    def _shown(
        self, sale: Sale, read: Sequence[Document], sent: Sequence[Body], names: Sequence[str]
    ) -> list[Document]:
        shown = []
        for row, body in zip(read, sent, strict=True):
            account = text(body, "Account", 50) or sale.header["DefaultAccount"]
            account = self._books.account(account)["Code"]
            shown.append({name: row[name] for name in names} | {"Account": account})
        return shown


def asked(body: Body, *names: str) -> tuple[str, str | None]:
    """Of which sale a bill is posted, and in place of which draft: None makes a new one. The
    attributes `names` are required too. Raises Refusal."""
    require(body, "SaleID", "TaskID", *names)
    if not isinstance(body.get("CombineAdditionalCharges"), bool):
        raise Refusal("Required attribute CombineAdditionalCharges is not provided.")
    sale_id, task_id = parse_guid(body["SaleID"], "SaleID"), parse_guid(body["TaskID"], "TaskID")
    return sale_id, None if task_id == NEW else task_id


def find(bills: Iterable[Document], task_id: str) -> Document:
    """Raises Refusal."""
    for bill in bills:
        if bill["TaskID"] == task_id:
            return bill
    raise Refusal("Task with specified ID not found", 404)


def units(bills: Iterable[Document]) -> dict[str, Decimal]:
    """Units by SKU on all bills that are not void."""
    sums: dict[str, Decimal] = {}
    for bill in bills:
        for line in bill["Lines"] if bill["Status"] != "VOIDED" else ():
            sums[line["SKU"]] = sums.get(line["SKU"], ZERO) + line["Quantity"]
    return sums


def check_units(lines: Iterable[Document], most: dict[str, Decimal], what: str) -> None:
    """Raises Refusal for more units of a SKU than `most` leaves."""
    for line in lines:
        if line["Quantity"] > most.get(line["SKU"], ZERO):
            raise Refusal(f"Quantity of '{line['SKU']}' exceeds what is {what}")
