"""Invoices, what is paid on them, and credit notes that give money and goods back."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7_sandbox.shelf import Shelf
from sfcc_cin7_tests.sandbox.cin7.test_cin7_payments import payment
from sfcc_cin7_tests.sandbox.cin7_company import Company, charge, line
from sfcc_cin7_tests.sandbox.listener import UNKNOWN, Listener

NEW = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def company() -> Company:
    return Company()


def ordered(company: Company, quantity: int = 2, **header: Any) -> Any:
    """A sale of some tents and their shipping, authorised."""
    sale = company.new_sale(**header)
    company.authorise(sale, line(quantity=quantity), charges=[charge()])
    return sale


def bill(sale: Any, *lines: Any, charges: Any = (), **changes: Any) -> dict[str, Any]:
    """What POST /sale/invoice takes."""
    return {
        "SaleID": sale["ID"],
        "TaskID": NEW,
        "CombineAdditionalCharges": False,
        "Status": "AUTHORISED",
        "InvoiceDate": "2026-03-02T00:00:00",
        "InvoiceDueDate": "2026-04-01T00:00:00",
        "Lines": list(lines),
        "AdditionalCharges": list(charges),
    } | changes


def whole(sale: Any, **changes: Any) -> dict[str, Any]:
    return bill(sale, line(quantity=2), charges=[charge()], **changes)


def note(sale: Any, *lines: Any, **changes: Any) -> dict[str, Any]:
    """What POST /sale/creditnote takes."""
    return {
        "SaleID": sale["ID"],
        "TaskID": NEW,
        "CombineAdditionalCharges": False,
        "CreditNoteInvoiceNumber": "INV-00001",
        "Status": "AUTHORISED",
        "CreditNoteDate": "2026-03-02T00:00:00",
        "Lines": list(lines or [line()]),
    } | changes


def invoiced(company: Company, **header: Any) -> Any:
    sale = ordered(company, **header)
    company.post("/sale/invoice", whole(sale))
    return sale


def statuses(company: Company, sale: Any) -> tuple[str, str, str]:
    shown = company.get("/sale", ID=sale["ID"])
    return shown["Status"], shown["CombinedInvoiceStatus"], shown["CombinedPaymentStatus"]


# Invoices


def test_an_invoice_bills_an_authorised_order(company: Company) -> None:
    sale = ordered(company)
    answer = company.post("/sale/invoice", whole(sale))
    assert answer == company.get("/sale/invoice", SaleID=sale["ID"])
    (invoice,) = answer["Invoices"]
    assert (invoice["InvoiceNumber"], invoice["Status"]) == ("INV-00001", "AUTHORISED")
    assert invoice["TaskID"] == sale["ID"], "as it is for a simple sale"
    assert (invoice["TotalBeforeTax"], invoice["Tax"]) == (Decimal("38.33"), Decimal("7.67"))
    assert (invoice["Total"], invoice["Paid"]) == (46, 0)
    assert invoice["Lines"][0]["Account"] == "200"
    assert statuses(company, sale) == ("INVOICED", "INVOICED", "UNPAID")
    row = company.get("/saleList")["SaleList"][0]
    assert (row["InvoiceNumber"], row["InvoiceAmount"]) == ("INV-00001", 46)


def test_an_order_that_is_not_authorised_cannot_be_billed(company: Company) -> None:
    sale = company.new_sale()
    refused = company.refusal("POST", "/sale/invoice", body=whole(sale))
    assert refused == (400, "Invoice requires an authorised order")


@pytest.mark.parametrize(
    "changes",
    [
        {"TaskID": None},
        {"Status": "PAID"},
        {"InvoiceDate": None},
        {"InvoiceDueDate": "soon"},
        {"CombineAdditionalCharges": None},
        {"Lines": [], "AdditionalCharges": []},
        {"Lines": [line(quantity=3)]},
        {"Lines": [line("STOVE")]},
        {"Lines": [line("GHOST")]},
        {"Lines": [line(Account="9999")]},
        {"Lines": [line(Total=Decimal("99.00"))]},
        {"Memo": "x" * 1025},
    ],
)
def test_a_wrong_invoice_is_refused_and_leaves_nothing(company: Company, changes: Any) -> None:
    sale = ordered(company)
    assert company.refusal("POST", "/sale/invoice", body=whole(sale, **changes))[0] == 400
    assert company.get("/sale/invoice", SaleID=sale["ID"])["Invoices"] == []


def test_an_unknown_task_is_not_found(company: Company) -> None:
    sale = ordered(company)
    assert company.refusal("POST", "/sale/invoice", body=whole(sale, TaskID=UNKNOWN))[0] == 404
    assert company.refusal("DELETE", "/sale/invoice", TaskID=UNKNOWN)[0] == 404
    assert company.refusal("DELETE", "/sale/creditnote", TaskID=UNKNOWN)[0] == 404


def test_an_invoice_is_dated_after_the_lock() -> None:
    company = Company(lock_date=date(2026, 3, 1))
    sale = ordered(company)
    early = whole(sale, InvoiceDate="2026-03-01T00:00:00")
    assert "lock date" in company.refusal("POST", "/sale/invoice", body=early)[1]


def test_a_simple_sale_has_one_invoice_and_an_advanced_one_more(company: Company) -> None:
    simple = ordered(company)
    company.post("/sale/invoice", bill(simple, line()))
    refused = company.refusal("POST", "/sale/invoice", body=bill(simple, line()))
    assert refused == (400, "A simple sale has one invoice only")
    advanced = ordered(company, SaleType="Advanced", ExternalID="2")
    company.post("/sale/invoice", bill(advanced, line()))
    both = company.post("/sale/invoice", bill(advanced, line()))["Invoices"]
    assert len({invoice["TaskID"] for invoice in both} | {advanced["ID"]}) == 3
    assert company.refusal("POST", "/sale/invoice", body=bill(advanced, line()))[0] == 400


def test_a_draft_is_written_again_and_an_authorised_invoice_is_not(company: Company) -> None:
    sale = ordered(company)
    draft = company.post("/sale/invoice", bill(sale, line(), Status="DRAFT"))["Invoices"][0]
    assert statuses(company, sale)[1] == "NOT INVOICED"
    again = company.post("/sale/invoice", whole(sale, TaskID=draft["TaskID"], Status="DRAFT"))
    assert [i["Total"] for i in again["Invoices"]] == [46]
    named = {"SaleID": sale["ID"], "TaskID": draft["TaskID"]}
    done = company.put("/sale/invoice", named | {"Status": "AUTHORISED"})["Invoices"]
    assert (done[0]["Status"], done[0]["Total"]) == ("AUTHORISED", 46)
    assert company.refusal("PUT", "/sale/invoice", body=named | {"Memo": "x"})[0] == 400


def test_an_invoice_is_undone_and_an_advanced_one_voided_and_issued_anew(company: Company) -> None:
    simple = invoiced(company)
    assert company.refusal("DELETE", "/sale/invoice", TaskID=simple["ID"], Void="true")[0] == 400
    undone = company.delete("/sale/invoice", TaskID=simple["ID"])["Invoices"][0]
    assert undone["Status"] == "DRAFT"
    advanced = invoiced(company, SaleType="Advanced", ExternalID="2")
    (first,) = company.get("/sale/invoice", SaleID=advanced["ID"])["Invoices"]
    company.delete("/sale/invoice", TaskID=first["TaskID"], Void="true")
    company.post("/sale/invoice", whole(advanced))
    both = company.get("/sale/invoice", SaleID=advanced["ID"])["Invoices"]
    assert [invoice["Status"] for invoice in both] == ["VOIDED", "AUTHORISED"]


def test_a_billed_sale_is_neither_undone_nor_voided(company: Company) -> None:
    sale = invoiced(company)
    for query in ({}, {"Void": "true"}):
        refused = company.refusal("DELETE", "/sale", ID=sale["ID"], **query)
        assert refused == (400, "Sale has authorised invoices: undo them first")


def test_what_accounting_issues_is_an_invoice_like_any_other() -> None:
    listener = Listener()
    listener.register("Sale/InvoiceAuthorised")
    company = listener.company
    sale = ordered(company)
    company.cin7.invoice(sale["ID"])
    (invoice,) = company.get("/sale/invoice", SaleID=sale["ID"])["Invoices"]
    assert (invoice["TaskID"], invoice["InvoiceDate"]) == (sale["ID"], "2026-03-02T00:00:00")
    assert [event["InvoiceNumber"] for event in listener.listen()] == ["INV-00001"]
    company.post("/sale/payment", payment(sale, Type="Payment", Amount=Decimal("46.00")))
    company.post("/sale/creditnote", note(sale))
    assert statuses(company, sale) == ("INVOICED", "INVOICED / CREDITED", "NOT REFUNDED")


def test_accounting_authorises_the_draft_that_is_there(company: Company) -> None:
    sale = ordered(company)
    draft = company.post("/sale/invoice", bill(sale, line(), Status="DRAFT"))["Invoices"][0]
    assert statuses(company, sale)[1] == "NOT INVOICED"
    company.cin7.invoice(sale["ID"])
    (invoice,) = company.get("/sale/invoice", SaleID=sale["ID"])["Invoices"]
    assert invoice["InvoiceNumber"] == draft["InvoiceNumber"]
    assert (invoice["Status"], invoice["Total"]) == ("AUTHORISED", 46)


def test_a_sale_whose_invoice_is_only_a_draft_may_still_be_edited_and_voided(
    company: Company,
) -> None:
    sale = ordered(company)
    company.post("/sale/invoice", whole(sale, Status="DRAFT"))
    company.cin7.edit_sale(sale["ID"], sku="TENT-2P", quantity=Decimal(3))
    voided = company.delete("/sale", ID=sale["ID"], Void="true")
    assert [invoice["Status"] for invoice in voided["Invoices"]] == ["VOIDED"]


def test_goods_that_a_credit_note_put_back_do_not_come_back_twice() -> None:
    company = Company(void_when_picked="accepted")
    before = company.available("TENT-2P")
    sale = invoiced(company)
    company.cin7.ship(sale["ID"])
    restock = [{"SKU": "TENT-2P", "Location": "London DC", "Quantity": 1}]
    company.post("/sale/creditnote", note(sale, Restock=restock))
    assert company.available("TENT-2P") == before - 1
    voided = company.delete("/sale", ID=sale["ID"], Void="true")
    assert [each["Status"] for each in voided["CreditNotes"]] == ["VOIDED"]
    assert company.available("TENT-2P") == before


def test_an_invoice_over_nothing_is_an_invoice_too(company: Company) -> None:
    sale = company.new_sale()
    free = [charge(price="0.00", Tax=Decimal("0.00"))]
    company.authorise(sale, line(price="0.00", Tax=Decimal("0.00")), charges=free)
    company.cin7.invoice(sale["ID"])
    company.cin7.ship(sale["ID"])
    assert statuses(company, sale) == ("COMPLETED", "INVOICED", "PAID")
    assert company.refusal("DELETE", "/sale", ID=sale["ID"], Void="true")[0] == 400


def test_a_sale_that_is_billed_and_sent_is_complete(company: Company) -> None:
    sale = invoiced(company)
    company.cin7.ship(sale["ID"])
    assert statuses(company, sale)[0] == "COMPLETED"


# Payments


def test_an_invoice_is_paid_in_parts_until_it_is_paid(company: Company) -> None:
    sale = invoiced(company)
    made = company.post("/sale/payment", payment(sale, Type="Payment", Amount=Decimal("40.00")))
    assert (made["Type"], made["InvoiceNumber"]) == ("Payment", "INV-00001")
    assert statuses(company, sale)[2] == "PARTIALLY PAID"
    over = payment(sale, Type="Payment", Amount=Decimal("6.01"))
    assert "open on the invoice" in company.refusal("POST", "/sale/payment", body=over)[1]
    company.post("/sale/payment", payment(sale, Type="PAYMENT", Amount=Decimal("6.00")))
    assert statuses(company, sale)[2] == "PAID"
    (invoice,) = company.get("/sale/invoice", SaleID=sale["ID"])["Invoices"]
    assert (invoice["Status"], invoice["Paid"], len(invoice["Payments"])) == ("PAID", 46, 2)
    assert company.get("/sale", ID=sale["ID"])["Quote"]["Prepayments"] == []
    refused = company.refusal("DELETE", "/sale/invoice", TaskID=sale["ID"])
    assert refused == (400, "Invoice has payments: delete them first")


def test_a_prepayment_counts_for_the_invoice_and_none_comes_after_it(company: Company) -> None:
    sale = ordered(company)
    company.post("/sale/payment", payment(sale, Amount=Decimal("46.00")))
    company.post("/sale/invoice", whole(sale))
    assert company.get("/sale/invoice", SaleID=sale["ID"])["Invoices"][0]["Status"] == "PAID"
    late = company.refusal("POST", "/sale/payment", body=payment(sale))
    assert late == (400, "Prepayment requires a non-authorised invoice")


def test_an_invoice_of_an_advanced_sale_is_paid_by_its_own_task(company: Company) -> None:
    sale = invoiced(company, SaleType="Advanced")
    (invoice,) = company.get("/sale/invoice", SaleID=sale["ID"])["Invoices"]
    company.post("/sale/payment", payment({"ID": invoice["TaskID"]}, Type="Payment"))
    assert company.get("/sale/invoice", SaleID=sale["ID"])["Invoices"][0]["Paid"] == Decimal("12.5")


def test_bills_outlive_the_companys_process() -> None:
    shelf = Shelf()
    before = Company(shelf)
    sale = invoiced(before)
    before.post("/sale/creditnote", note(sale))
    after = Company(shelf)
    assert after.get("/sale", ID=sale["ID"]) == before.get("/sale", ID=sale["ID"])
    assert after.get("/sale/invoice", SaleID=sale["ID"])["Invoices"][0]["Total"] == 46


def test_bills_are_told_to_whoever_listens() -> None:
    listener = Listener()
    listener.register("Sale/InvoiceAuthorised", "Sale/CreditNoteAuthorised")
    sale = invoiced(listener.company)
    task = listener.company.post("/sale/creditnote", note(sale))["CreditNotes"][0]["TaskID"]
    invoice, credit = listener.listen()
    assert "SaleID" not in invoice
    assert (invoice["SaleTaskID"], invoice["InvoiceNumber"]) == (sale["ID"].upper(), "INV-00001")
    assert (credit["TaskID"], credit["CreditNoteNumber"]) == (task.upper(), "CR-00001")
