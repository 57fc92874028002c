"""The emulated Cin7's invoices, credit notes and their payments against the published file."""

from decimal import Decimal
from typing import Any

from sfcc_cin7_tests.contract.openapi import document, problems, validator
from sfcc_cin7_tests.contract.test_cin7_sandbox_responses import FILE, Witness
from sfcc_cin7_tests.contract.test_cin7_webhooks import differences
from sfcc_cin7_tests.sandbox.cin7.test_cin7_bills import bill, invoiced, note, ordered, whole
from sfcc_cin7_tests.sandbox.cin7.test_cin7_payments import payment
from sfcc_cin7_tests.sandbox.cin7_company import line
from sfcc_cin7_tests.sandbox.listener import UNKNOWN, Listener


def test_the_life_of_a_bill_conforms() -> None:
    witness = Witness()
    sale = ordered(witness.company)
    witness("POST", "/sale/invoice", body=whole(sale, Status="DRAFT"))
    authorised = {"SaleID": sale["ID"], "TaskID": sale["ID"], "Status": "AUTHORISED"}
    witness("PUT", "/sale/invoice", body=authorised)
    witness("POST", "/sale/payment", body=payment(sale, Type="Payment", Amount=Decimal("46.00")))
    witness("GET", "/sale/invoice", SaleID=sale["ID"])
    restock = [{"SKU": "TENT-2P", "Location": "London DC", "Quantity": 1}]
    witness("POST", "/sale/creditnote", body=note(sale, Restock=restock))
    witness("POST", "/sale/payment", body=payment(sale, Type="Refund"))
    witness("GET", "/sale/creditnote", SaleID=sale["ID"])
    (paid, *_) = witness("GET", "/sale/payment", SaleID=sale["ID"])
    names = ("ID", "Amount", "DatePaid", "Account", "CurrencyRate", "Reference")
    change = {name: paid[name] for name in names}
    assert problems(change, validator(FILE, "PUT", "/sale/payment", kind="request")) == []
    witness("PUT", "/sale/payment", body=change)
    info: dict[str, Any] = {"IncludeProductInfo": "true", "CombineAdditionalCharges": "true"}
    witness("GET", "/sale/invoice", SaleID=sale["ID"], **info)
    witness("GET", "/sale/creditnote", SaleID=sale["ID"], IncludePaymentInfo="true", **info)
    witness("GET", "/sale/order", SaleID=sale["ID"], **info)
    whole_sale: dict[str, Any] = {"CombineAdditionalCharges": "true", "IncludeTransactions": "true"}
    witness("GET", "/sale", ID=sale["ID"], **whole_sale)
    witness("GET", "/sale", ID=sale["ID"])
    witness("GET", "/saleList")
    witness("GET", "/saleCreditNoteList")


def test_a_sale_that_has_shipped_and_come_back_conforms() -> None:
    witness = Witness()
    sale = invoiced(witness.company)
    witness.company.cin7.ship(sale["ID"])
    restock = [{"SKU": "TENT-2P", "Location": "London DC", "Quantity": 1}]
    witness("POST", "/sale/creditnote", body=note(sale, Restock=restock))
    assert len(witness("GET", "/sale", ID=sale["ID"])["InventoryMovements"]) == 2


def test_undone_bills_and_refusals_conform() -> None:
    witness = Witness()
    sale = invoiced(witness.company)
    task = witness("POST", "/sale/creditnote", body=note(sale))["CreditNotes"][0]["TaskID"]
    witness("DELETE", "/sale/invoice", 400, TaskID=sale["ID"])
    witness("DELETE", "/sale/creditnote", TaskID=task)
    witness("POST", "/sale/creditnote", 400, body=note(sale, line("GHOST")))
    witness("DELETE", "/sale/creditnote", 404, TaskID=UNKNOWN)


def test_the_bodies_that_these_tests_send_conform_as_well() -> None:
    sale = {"ID": UNKNOWN}
    for path, body in (
        ("/sale/invoice", bill(sale, line())),
        ("/sale/invoice", whole(sale)),
        ("/sale/creditnote", note(sale)),
    ):
        assert problems(body, validator(FILE, "POST", path, kind="request")) == []


def test_the_events_of_bills_have_the_shape_of_their_published_examples() -> None:
    examples = document(FILE)["x-webhook-payloads"]
    listener = Listener()
    listener.register("Sale/InvoiceAuthorised", "Sale/CreditNoteAuthorised")
    sale = invoiced(listener.company, Contact="Ana", Email="ana@example.com")
    listener.company.post("/sale/creditnote", note(sale))
    told = listener.listen()
    assert [event["EventType"] for event in told] == [
        "Sale/InvoiceAuthorised",
        "Sale/CreditNoteAuthorised",
    ]
    for event in told:
        assert differences(event, examples[event["EventType"]], event["EventType"]) == []
