"""Accounting in the ERP, by its API: an invoice for what was ordered, credit for what came back."""

from decimal import Decimal
from typing import Any

import httpx

from sfcc_cin7.values import decimal_json
from sfcc_cin7_tests.sandbox.erp_clerk import HEADERS

NEW = "00000000-0000-0000-0000-000000000000"
ACCOUNTING = {**HEADERS, "api-auth-applicationkey": "sandbox-key"}


def call(books: Any, method: str, path: str, body: Any = None, **query: str) -> Any:
    """One call of the ERP, as its API takes it; the document of the answer."""
    answer = httpx.request(
        method,
        f"{books.lane.url}/ExternalApi/v2/{path}",
        headers=ACCOUNTING,
        params=query,
        content=decimal_json.dumps(body) if body is not None else None,
    )
    assert answer.status_code == 200, answer.text
    return decimal_json.loads(answer.content)


def invoice(books: Any, sale_id: str) -> str:
    """Bill the whole order; the invoice's number."""
    order = call(books, "GET", "sale", ID=sale_id)["Order"]
    today = f"{books.clock.now():%Y-%m-%dT00:00:00}"
    body = {
        "SaleID": sale_id,
        "TaskID": NEW,
        "CombineAdditionalCharges": False,
        "Status": "AUTHORISED",
        "InvoiceDate": today,
        "InvoiceDueDate": today,
        "Lines": [_row(line) for line in order["Lines"]],
        "AdditionalCharges": [_row(charge) for charge in order["AdditionalCharges"]],
    }
    return str(call(books, "POST", "sale/invoice", body)["Invoices"][0]["InvoiceNumber"])


def credit(
    books: Any,
    sale_id: str,
    number: str,
    *,
    sku: str | None = None,
    units: int | None = None,
    restock: bool = True,
    memo: str = "",
) -> Decimal:
    """Credit units of a SKU, or all that an invoice bills; the credit note's total."""
    sale = call(books, "GET", "sale", ID=sale_id)
    wanted = [line for line in sale["Order"]["Lines"] if sku in (None, line["SKU"])]
    lines = [_row(line, units) for line in wanted]
    charges = [_row(charge) for charge in sale["Order"]["AdditionalCharges"]] if sku is None else []
    body = {
        "SaleID": sale_id,
        "TaskID": NEW,
        "CombineAdditionalCharges": False,
        "CreditNoteInvoiceNumber": number,
        "Status": "AUTHORISED",
        "Memo": memo,
        "CreditNoteDate": f"{books.clock.now():%Y-%m-%dT00:00:00}",
        "Lines": lines,
        "AdditionalCharges": charges,
        "Restock": [
            {"SKU": line["SKU"], "Location": sale["Location"], "Quantity": line["Quantity"]}
            for line in lines
        ]
        if restock
        else [],
    }
    return Decimal(call(books, "POST", "sale/creditnote", body)["CreditNotes"][-1]["Total"])


def _row(line: dict[str, Any], units: int | None = None) -> dict[str, Any]:
    names = ("SKU", "Description", "Quantity", "Price", "Discount", "Tax", "Total", "TaxRule")
    row = {name: line[name] for name in names if name in line}
    if units is not None and units != line["Quantity"]:
        row["Tax"] = round(line["Tax"] * units / line["Quantity"], 2)
        row |= {"Quantity": units, "Total": round(units * line["Price"], 2)}
    return row
