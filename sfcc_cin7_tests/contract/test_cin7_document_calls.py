"""What is written of stock documents and books, and what is answered, against the OpenAPI file."""

from typing import Any

import pytest
import simplejson

from sfcc_cin7_tests.contract.openapi import document, problems, validator
from sfcc_cin7_tests.sandbox.cin7.test_cin7_more_books import journal, supplier
from sfcc_cin7_tests.sandbox.cin7.test_document_calls import (
    DAY,
    LONDON,
    MUG,
    TENT,
    adjustment,
    bought,
    counted,
    header,
    moved,
    purchasing,
    received,
    stock,
)

FILE = "cin7-core-documents-openapi.json"


class Clerk:
    """Writes, and reads back what was written; every body and answer is checked."""

    def __init__(self) -> None:
        document(FILE)
        self.company = purchasing()

    def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        if body is not None:
            sent = simplejson.loads(simplejson.dumps(body, use_decimal=True), use_decimal=True)
            schema = validator(FILE, method, path, kind="request", closed=True)
            assert problems(sent, schema) == [], f"{method} {path}"
        response = self.company.call(method, path, body=body, **query)
        assert response.status_code == 200, response.text
        read = simplejson.loads(response.text, use_decimal=True)
        assert problems(read, validator(FILE, method, path, closed=True)) == [], f"{method} {path}"
        return read


@pytest.fixture
def clerk() -> Clerk:
    return Clerk()


@pytest.mark.parametrize("kind", ["purchase", "advanced-purchase"])
def test_a_purchase_conforms_from_its_header_to_its_end(clerk, kind):
    key = clerk("POST", f"/{kind}", header())["ID"]
    clerk("PUT", f"/{kind}", header(ID=key, Note="soon"))
    order = {"TaskID": key, "Status": "AUTHORISED", "Lines": [bought()]}
    clerk("POST", "/purchase/order", order)
    clerk("GET", "/purchase/order", TaskID=key)
    if kind == "purchase":
        clerk("POST", "/purchase/stock", stock(key, received(4)))
        clerk("GET", "/purchase/stock", TaskID=key)
    else:
        for step in ("stock", "put-away"):
            clerk("POST", f"/{kind}/{step}", stock(key, name="PurchaseID"))
            clerk("GET", f"/{kind}/{step}", PurchaseID=key)
    clerk("GET", f"/{kind}", ID=key)
    clerk("DELETE", f"/{kind}", ID=key, Void="true")
    undone = clerk("POST", f"/{kind}", header())["ID"]
    clerk("POST", "/purchase/order", order | {"TaskID": undone})
    clerk("DELETE", f"/{kind}", ID=undone)


def test_a_transfer_conforms_from_its_order_to_its_end(clerk):
    key = clerk("POST", "/stockTransfer", moved(status="DRAFT", SkipOrder=False))["TaskID"]
    rows = [{"SKU": TENT, "TransferQuantity": 2}]
    clerk("POST", "/stockTransfer/order", {"TaskID": key, "Status": "AUTHORISED", "Lines": rows})
    clerk("GET", "/stockTransfer/order", TaskID=key)
    clerk("PUT", "/stockTransfer", moved(TaskID=key))
    clerk("DELETE", "/stockTransfer", ID=key)
    clerk("DELETE", "/stockTransfer", ID=key, Void="true")


def test_counts_conform_from_draft_to_end(clerk):
    drafted = adjustment(counted(3), counted(2, MUG), status="DRAFT")
    key = clerk("POST", "/stockadjustment", drafted)["TaskID"]
    clerk("PUT", "/stockadjustment", adjustment(counted(3), TaskID=key))
    clerk("DELETE", "/stockadjustment", ID=key, Void="true")
    begun = {"EffectiveDate": DAY, "Account": "403", "Location": LONDON}
    key = clerk("POST", "/stocktake", begun)["TaskID"]
    rows = {"NonZeroStockOnHandProducts": [{"SKU": TENT, "Adjustment": 7}]}
    clerk("PUT", "/stocktake", begun | rows | {"TaskID": key, "Status": "COMPLETED"})
    key = clerk("POST", "/stocktake", begun)["TaskID"]
    clerk("DELETE", "/stocktake", ID=key, Void="true")


def test_suppliers_and_journals_conform(clerk):
    address = {"Line1": "1 Tarn Road", "Country": "United Kingdom", "Type": "Billing"}
    body = supplier(Addresses=[address], Contacts=[{"Name": "Ana"}])
    (made,) = clerk("POST", "/supplier", body)["SupplierList"]
    clerk("PUT", "/supplier", {"ID": made["ID"], "Comments": "good"})
    clerk("GET", "/supplier")
    (entry,) = clerk("POST", "/journal", journal())["Journals"]
    clerk("PUT", "/journal", journal(TaskID=entry["TaskID"], Status="COMPLETED"))
    clerk("GET", "/journal")
    clerk("DELETE", "/journal", ID=entry["TaskID"], Void="true")


@pytest.mark.parametrize("kind", ["brand", "category", "unit", "carrier"])
def test_named_books_conform(clerk, kind):
    name, own = ("Description", "CarrierID") if kind == "carrier" else ("Name", "ID")
    made = clerk("POST", f"/ref/{kind}", {name: "Novel"})
    made = made["CarrierList"][0] if kind == "carrier" else made
    clerk("PUT", f"/ref/{kind}", {own: made[own], name: "Later"})
    clerk("GET", f"/ref/{kind}")
    clerk("DELETE", f"/ref/{kind}", ID=made[own])
