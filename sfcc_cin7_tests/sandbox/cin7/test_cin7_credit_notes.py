"""Credit notes: money given back, goods put back, and who is told of it."""

from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7_tests.sandbox.cin7.test_cin7_bills import (
    bill,
    invoiced,
    note,
    ordered,
    statuses,
)
from sfcc_cin7_tests.sandbox.cin7.test_cin7_payments import payment
from sfcc_cin7_tests.sandbox.cin7_company import Company, charge, line

NEVER = "2026-03-03T00:00:00Z"


@pytest.fixture
def company() -> Company:
    return Company()


def test_a_credit_note_gives_back_money_and_goods(company: Company) -> None:
    sale = invoiced(company)
    company.cin7.ship(sale["ID"])
    before = company.available("TENT-2P")
    restock = [{"SKU": "TENT-2P", "Location": "London DC: A1", "Quantity": 1}]
    answer = company.post("/sale/creditnote", note(sale, Restock=restock))
    assert answer == company.get("/sale/creditnote", SaleID=sale["ID"])
    (made,) = answer["CreditNotes"]
    assert (made["CreditNoteNumber"], made["Total"]) == ("CR-00001", 20)
    assert made["Total"] == 20
    assert company.available("TENT-2P") == before + 1
    assert statuses(company, sale)[:2] == ("COMPLETED", "INVOICED / CREDITED")
    row = company.get("/saleList")["SaleList"][0]
    assert (row["InvoiceAmount"], row["CreditNoteNumber"]) == (26, "CR-00001")
    assert row["CreditNoteStatus"] == "AUTHORISED"


@pytest.mark.parametrize(("shown", "cost"), [(True, Decimal("7.50")), (False, 15)])
def test_goods_that_come_back_take_their_cost_with_them_where_a_company_shows_it(
    shown: bool, cost: Decimal
) -> None:
    company = Company(restock_movements=shown)
    sale = invoiced(company)
    company.cin7.ship(sale["ID"])
    restock = [{"SKU": "TENT-2P", "Location": "London DC", "Quantity": 1}]
    answer = company.post("/sale/creditnote", note(sale, Restock=restock))
    after = company.get("/sale", ID=sale["ID"])
    assert after["COGSAmount"] == cost
    if shown:
        assert after["InventoryMovements"][-1]["TaskID"] == answer["CreditNotes"][0]["TaskID"]


def test_goods_that_come_back_go_to_whoever_waits(company: Company) -> None:
    sale = ordered(company, quantity=10)
    company.post("/sale/invoice", bill(sale, line(quantity=10)))
    company.cin7.ship(sale["ID"])
    waiting = ordered(company, quantity=1, ExternalID="2")
    assert company.get("/sale", ID=waiting["ID"])["Status"] == "BACKORDERED"
    restock = [{"SKU": "TENT-2P", "Location": "London DC", "Quantity": 1}]
    company.post("/sale/creditnote", note(sale, Restock=restock))
    assert company.get("/sale", ID=waiting["ID"])["Status"] == "ORDERED"


def test_a_draft_credit_note_moves_nothing_until_it_is_authorised(company: Company) -> None:
    sale = invoiced(company)
    company.cin7.ship(sale["ID"])
    before = company.available("TENT-2P")
    restock = [{"SKU": "TENT-2P", "Location": "London DC", "Quantity": 1}]
    body = note(sale, Restock=restock, Status="DRAFT")
    task = company.post("/sale/creditnote", body)["CreditNotes"][0]["TaskID"]
    assert company.available("TENT-2P") == before
    company.post("/sale/creditnote", body | {"TaskID": task, "Status": "AUTHORISED"})
    assert company.available("TENT-2P") == before + 1
    again = company.refusal("POST", "/sale/creditnote", body=body | {"TaskID": task})
    assert again == (400, "Credit note cannot be changed in status AUTHORISED")
    assert company.refusal("DELETE", "/sale/creditnote", TaskID=task)[0] == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"CreditNoteInvoiceNumber": "INV-00009"},
        {"CreditNoteInvoiceNumber": None},
        {"CreditNoteDate": None},
        {"Status": "VOIDED"},
        {"CombineAdditionalCharges": "no"},
        {"Lines": [line(quantity=3)]},
        {"Lines": [line("STOVE")]},
        {"Lines": [line(price="60.00")]},
        {"Restock": [{"SKU": "TENT-2P", "Location": "London DC", "Quantity": 2}]},
        {"Restock": [{"SKU": "TENT-2P", "Location": "London DC", "Quantity": 1}] * 2},
        {"Restock": [{"SKU": "TENT-2P", "Location": "Nowhere", "Quantity": 1}]},
        {"Restock": [{"SKU": "TENT-2P", "Quantity": 1}]},
        {"Restock": [{"SKU": "TENT-2P", "Location": "London DC", "Quantity": 0}]},
    ],
)
def test_a_wrong_credit_note_is_refused_and_leaves_nothing(company: Company, changes: Any) -> None:
    sale = invoiced(company)
    before = company.available("TENT-2P")
    assert company.refusal("POST", "/sale/creditnote", body=note(sale, **changes))[0] == 400
    assert company.get("/sale/creditnote", SaleID=sale["ID"])["CreditNotes"] == []
    assert company.available("TENT-2P") == before


def test_credit_notes_together_never_exceed_their_invoice(company: Company) -> None:
    sale = invoiced(company, SaleType="Advanced")
    company.post("/sale/creditnote", note(sale))
    company.post("/sale/creditnote", note(sale))
    assert company.refusal("POST", "/sale/creditnote", body=note(sale))[0] == 400
    charges = note(sale, AdditionalCharges=[charge(price="6.01")]) | {"Lines": []}
    refused = company.refusal("POST", "/sale/creditnote", body=charges)
    assert refused == (400, "The credit notes exceed their invoice")


def test_an_invoice_with_a_credit_note_stays(company: Company) -> None:
    sale = invoiced(company)
    company.post("/sale/creditnote", note(sale))
    refused = company.refusal("DELETE", "/sale/invoice", TaskID=sale["ID"])
    assert refused == (400, "Invoice has credit notes: undo them first")


def test_a_refund_pays_back_what_the_credit_note_says_and_no_more(company: Company) -> None:
    sale = invoiced(company)
    company.post("/sale/payment", payment(sale, Type="Payment", Amount=Decimal("46.00")))
    task = company.post("/sale/creditnote", note(sale))["CreditNotes"][0]["TaskID"]
    assert statuses(company, sale)[2] == "NOT REFUNDED"
    refund = payment(sale, Type="Refund", Amount=Decimal("20.00"), CreditID=task)
    over = refund | {"Amount": Decimal("20.01")}
    assert company.refusal("POST", "/sale/payment", body=over)[0] == 400
    made = company.post("/sale/payment", refund)
    assert (made["CreditNoteNumber"], made["CreditID"]) == ("CR-00001", task)
    assert statuses(company, sale)[2] == "PAID"
    (plain,) = company.get("/sale/creditnote", SaleID=sale["ID"])["CreditNotes"]
    assert (len(plain["Refunds"]), "CreditNoteBalance" in plain) == (1, False)
    query = {"SaleID": sale["ID"], "IncludePaymentInfo": "true"}
    (shown,) = company.get("/sale/creditnote", **query)["CreditNotes"]
    assert (shown["CreditNoteBalance"], shown["Payments"][0]["Type"]) == (0, "Refund")
    assert company.get("/saleList")["SaleList"][0]["CombinedPaymentTotal"] == 26
    refused = company.refusal("DELETE", "/sale/creditnote", TaskID=task)
    assert refused == (400, "Credit note has refunds: delete them first")


def test_a_simple_sale_has_one_credit_note(company: Company) -> None:
    sale = invoiced(company)
    company.post("/sale/creditnote", note(sale))
    refused = company.refusal("POST", "/sale/creditnote", body=note(sale))
    assert refused == (400, "A simple sale has one credit note only")


@pytest.mark.parametrize("kind", ["Location", "RestockLocation"])
@pytest.mark.parametrize("by", ["name", "ID", "both"])
def test_goods_are_put_back_by_name_or_id_of_either_location(kind: str, by: str) -> None:
    company = Company()
    sale = invoiced(company)
    reno = next(
        row for row in company.get("/ref/location")["LocationList"] if row["Name"] == "Reno DC"
    )
    names = {kind: "Reno DC"} if by != "ID" else {}
    ids = {f"{kind}ID": reno["ID"].upper()} if by != "name" else {}
    restock = [{"SKU": "TENT-2P", "Quantity": 1} | names | ids]
    made = company.post("/sale/creditnote", note(sale, Restock=restock))["CreditNotes"][0]
    assert made["Restock"][0]["RestockLocationID"] == reno["ID"]
    assert company.available("TENT-2P", "Reno DC") == 5


def test_goods_sold_from_one_house_may_come_back_to_another(company: Company) -> None:
    sale = invoiced(company)
    places = {"Location": "London DC", "RestockLocation": "Reno DC: R2"}
    restock = [{"SKU": "TENT-2P", "Quantity": 1} | places]
    made = company.post("/sale/creditnote", note(sale, Restock=restock))["CreditNotes"][0]
    row = made["Restock"][0]
    assert (row["Location"], row["RestockLocation"]) == ("London DC", "Reno DC: R2")
    assert company.available("TENT-2P", "Reno DC") == 5


def test_two_locations_that_disagree_are_refused(company: Company) -> None:
    sale = invoiced(company)
    reno = company.get("/ref/location", Name="Reno")["LocationList"][0]["ID"]
    both = {"Location": "London DC", "LocationID": reno}
    restock = [{"SKU": "TENT-2P", "Quantity": 1} | both]
    refused = company.refusal("POST", "/sale/creditnote", body=note(sale, Restock=restock))
    assert refused == (400, "Location and LocationID name different locations")


def test_a_refund_is_booked_on_the_task_of_its_credit_note(company: Company) -> None:
    sale = invoiced(company, SaleType="Advanced")
    notes = [company.post("/sale/creditnote", note(sale))["CreditNotes"] for _ in range(2)][-1]
    refund = payment(sale, Type="REFUND", Amount=Decimal("20.00"))
    assert company.refusal("POST", "/sale/payment", body=refund)[0] == 400, "which of them"
    made = company.post("/sale/payment", refund | {"TaskID": notes[1]["TaskID"]})
    assert made["CreditNoteNumber"] == "CR-00002"


def test_a_payment_and_a_refund_are_changed_within_what_is_open(company: Company) -> None:
    sale = invoiced(company)
    paid = company.post("/sale/payment", payment(sale, Type="Payment", Amount=Decimal("10.00")))
    body = {"ID": paid["ID"], "Amount": Decimal("46.00"), "DatePaid": "2026-03-03"}
    body |= {"Account": "1210", "CurrencyRate": 1}
    changed = company.put("/sale/payment", body)
    assert (changed["Amount"], changed["Account"], changed["Type"]) == (46, "1210", "Payment")
    assert changed["Reference"] == paid["Reference"]
    assert statuses(company, sale)[2] == "PAID"
    over = body | {"Amount": Decimal("46.01")}
    assert company.refusal("PUT", "/sale/payment", body=over)[0] == 400
    company.post("/sale/creditnote", note(sale))
    refund = company.post("/sale/payment", payment(sale, Type="Refund", Amount=Decimal("5.00")))
    more = body | {"ID": refund["ID"], "Amount": Decimal("20.00")}
    assert company.put("/sale/payment", more)["Amount"] == 20
    less = more | {"Amount": Decimal("20.01")}
    assert company.refusal("PUT", "/sale/payment", body=less)[0] == 400


def test_credit_notes_are_listed_with_what_was_put_back(company: Company) -> None:
    invoiced(company, SaleType="Advanced")
    other = company.new_sale()
    company.authorise(other, line())
    sale = company.get("/saleList")["SaleList"][0]["SaleID"]
    restock = [{"SKU": "TENT-2P", "Location": "London DC", "Quantity": 1}]
    company.post("/sale/creditnote", note({"ID": sale}, Restock=restock))
    company.post("/sale/creditnote", note({"ID": sale}, Status="DRAFT"))
    listed = company.get("/saleCreditNoteList")
    assert listed["Total"] == 2
    assert [
        (row["SaleID"], row["CreditNoteNumber"], row["CreditNoteStatus"], row["RestockStatus"])
        for row in listed["SaleList"]
    ] == [
        (sale, "CR-00001", "AUTHORISED", "AUTHORISED"),
        (sale, "CR-00002", "DRAFT", "NOT AVAILABLE"),
    ]
    for query, total in (
        ({"CreditNoteStatus": "DRAFT"}, 1),
        ({"Status": "VOIDED"}, 0),
        ({"Search": "cr-00001"}, 1),
        ({"UpdatedSince": NEVER}, 0),
        ({"UpdatedUntil": NEVER}, 2),
        ({"CreatedSince": NEVER}, 0),
    ):
        assert company.get("/saleCreditNoteList", **query)["Total"] == total, query


def test_staff_credit_what_came_back_to_the_cent_of_the_invoice(company: Company) -> None:
    sale = company.new_sale(SaleType="Advanced")
    company.authorise(sale, line(quantity=3, price="3.35"), charges=[charge()])
    company.cin7.ship(sale["ID"])
    company.cin7.invoice(sale["ID"])
    for _ in range(3):
        company.cin7.credit(sale["ID"], {"TENT-2P": Decimal(1)}, location="Reno DC")
    company.cin7.credit(sale["ID"], freight=True, refund_from="1200")
    shown = company.get("/sale", ID=sale["ID"])
    totals = [(each["Total"], each["Tax"]) for each in shown["CreditNotes"]]
    assert sum(total for total, _ in totals) == shown["Invoices"][0]["Total"]
    assert sum(tax for _, tax in totals) == shown["Invoices"][0]["Tax"]
    assert shown["Status"] == "CREDITED"
    assert company.available("TENT-2P", "Reno DC") == 7
    assert shown["CreditNotes"][-1]["Refunds"][0]["Amount"] == 6


def test_each_dispatch_of_an_advanced_sale_has_its_own_invoice(company: Company) -> None:
    sale = company.new_sale(SaleType="Advanced")
    company.authorise(sale, line(quantity=3, price="3.35"), charges=[charge()])
    for units in (1, 2):
        company.cin7.ship(sale["ID"], {"TENT-2P": Decimal(units)})
    nowhere = bill(sale, line(price="3.35"), LinkedFulfillmentNumber="7")
    refused = company.refusal("POST", "/sale/invoice", body=nowhere)
    assert refused == (400, "Fulfilment 7 was not found")
    company.cin7.invoice(sale["ID"], 2)
    company.cin7.invoice(sale["ID"], 1)
    shown = company.get("/sale", ID=sale["ID"])
    links = [bill["LinkedFulfillmentNumber"] for bill in shown["Invoices"]]
    assert links == ["2", "1"]
    numbers = [task["LinkedInvoiceNumber"] for task in shown["Fulfilments"]]
    assert numbers == ["INV-00002", "INV-00001"]
    for name in ("Total", "Tax"):
        assert sum(bill[name] for bill in shown["Invoices"]) == shown["Order"][name]


def test_money_may_be_given_back_without_goods(company: Company) -> None:
    sale = invoiced(company)
    before = company.available("TENT-2P")
    company.cin7.credit(sale["ID"], {"TENT-2P": Decimal(1)}, restock=False)
    assert company.available("TENT-2P") == before


def test_charges_are_shown_among_the_lines_where_that_is_asked_for(company: Company) -> None:
    sale = invoiced(company)
    ids = {"SaleID": sale["ID"]}
    company.cin7.credit(sale["ID"], freight=True)
    for path, key, name in (
        ("/sale/order", ids, None),
        ("/sale/invoice", ids, "Invoices"),
        ("/sale/creditnote", ids, "CreditNotes"),
        ("/sale", {"ID": sale["ID"]}, "Invoices"),
    ):
        shown = company.get(path, **key, CombineAdditionalCharges="true")
        part = shown[name][0] if name else shown
        assert [row["SKU"] for row in part["Lines"]] == ["TENT-2P", "Shipping"], path
        assert part["AdditionalCharges"] == []


def test_movements_are_hidden_and_ledger_entries_shown_on_request(company: Company) -> None:
    sale = invoiced(company)
    company.cin7.ship(sale["ID"])
    company.cin7.credit(sale["ID"], {"TENT-2P": Decimal(1)})
    plain = company.get("/sale", ID=sale["ID"])
    assert (len(plain["InventoryMovements"]), plain["Transactions"]) == (2, [])
    query = {"HideInventoryMovements": "true", "IncludeTransactions": "true"}
    shown = company.get("/sale", ID=sale["ID"], **query)
    assert shown["InventoryMovements"] == []
    assert sum(entry["Amount"] for entry in shown["Transactions"]) == 46 - 20
    assert {entry["Credit"] for entry in shown["Transactions"]} == {"200", "820"}


def test_lines_tell_more_of_their_products_on_request(company: Company) -> None:
    sale = invoiced(company)
    company.cin7.ship(sale["ID"])
    plain = company.get("/sale/invoice", SaleID=sale["ID"])["Invoices"][0]["Lines"][0]
    more = company.get("/sale/invoice", SaleID=sale["ID"], IncludeProductInfo="true")
    assert "ProductWeight" in more["Invoices"][0]["Lines"][0].keys() - plain.keys()
    whole_sale = company.get("/sale", ID=sale["ID"])
    assert "ProductWeight" in whole_sale["Invoices"][0]["Lines"][0]
    assert "ProductWeight" in whole_sale["Fulfilments"][0]["Pack"]["Lines"][0]
