"""Suppliers, journals, named books, and addresses of a sale."""

from typing import Any

import pytest

from sfcc_cin7_sandbox.shelf import Shelf
from sfcc_cin7_tests.sandbox.cin7.test_cin7_books import customer, product
from sfcc_cin7_tests.sandbox.cin7.test_document_calls import RULE, purchasing
from sfcc_cin7_tests.sandbox.cin7_company import Company, header

GHOST = "00000000-0000-4000-8000-000000000000"
BOOKS = {"brand": "Name", "category": "Name", "unit": "Name", "carrier": "Description"}


@pytest.fixture
def company() -> Company:
    return purchasing()


def rows(company: Company, kind: str, **query: Any) -> list[str]:
    found = company.get(f"/ref/{kind}", **query)[f"{kind.capitalize()}List"]
    return [row[BOOKS[kind]] for row in found]


@pytest.mark.parametrize("kind", BOOKS)
def test_a_name_is_entered_changed_and_taken_out(company, kind):
    name, path = BOOKS[kind], f"/ref/{kind}"
    made = company.post(path, {name: "Novel"})
    made = made["CarrierList"][0] if kind == "carrier" else made
    key = made["CarrierID" if kind == "carrier" else "ID"]
    assert rows(company, kind, **{name: "nov"}) == ["Novel"]
    assert company.refusal("POST", path, body={name: "NOVEL"})[0] == 400
    company.put(path, {"CarrierID" if kind == "carrier" else "ID": key, name: "Later"})
    assert "Later" in rows(company, kind)
    assert company.delete(path, ID=key) == {"Success": True}
    assert "Later" not in rows(company, kind)
    assert company.refusal("DELETE", path, ID=key)[0] == 404


def test_what_a_product_names_stays_and_a_new_name_can_be_named(company):
    company.post("/ref/brand", {"Name": "Fellside"})
    company.post("/product", product(Brand="Fellside"))
    (brand,) = company.get("/ref/brand", Name="Fellside")["BrandList"]
    assert company.refusal("DELETE", "/ref/brand", ID=brand["ID"])[0] == 400
    assert company.refusal("PUT", "/ref/brand", body=brand | {"Name": "Other"})[0] == 400
    (unit,) = company.get("/ref/unit")["UnitList"]
    assert company.refusal("DELETE", "/ref/unit", ID=unit["ID"])[0] == 400


def test_names_outlive_a_restart(tmp_path):
    Company(shelf=Shelf(tmp_path / "erp.sqlite")).post("/ref/brand", {"Name": "Fellside"})
    assert "Fellside" in rows(Company(shelf=Shelf(tmp_path / "erp.sqlite")), "brand")


def supplier(**changes: Any) -> dict[str, Any]:
    return {
        "Name": "Tarn Tents",
        "Currency": "GBP",
        "PaymentTerm": "30 days",
        "AccountPayable": "800",
        "TaxRule": RULE,
        "Status": "Active",
    } | changes


def test_a_supplier_keeps_what_a_change_leaves_out(company):
    address = {"Line1": "1 Tarn Road", "Country": "United Kingdom", "Type": "Billing"}
    contacts = [{"Name": "Ana"}]
    body = supplier(Comments="good", Addresses=[address], Contacts=contacts)
    (made,) = company.post("/supplier", body)["SupplierList"]
    (changed,) = company.put("/supplier", {"ID": made["ID"], "Discount": 5})["SupplierList"]
    assert (changed["Comments"], changed["Discount"]) == ("good", 5)
    kept = made["Addresses"][0] | {"Line1": "2 Tarn Road"}
    company.put("/supplier", {"ID": made["ID"], "Addresses": [kept]})
    (read,) = company.get("/supplier", Name="tarn")["SupplierList"]
    assert [row["Line1"] for row in read["Addresses"]] == ["2 Tarn Road"]
    company.put("/supplier", {"ID": made["ID"], "Status": "Deprecated"})
    assert company.get("/supplier", Name="tarn")["Total"] == 0
    assert company.get("/supplier", Name="tarn", IncludeDeprecated="true")["Total"] == 1


@pytest.mark.parametrize(
    "change",
    [
        {"Name": "SANDBOX SUPPLIES"},
        {"AccountPayable": "610"},
        {"TaxRule": "20% (VAT on Income)"},
        {"Status": "Perhaps"},
        {"Currency": "POUND"},
        {"PaymentTerm": None},
        {"Discount": 101},
        {"Addresses": [{"Line1": "1", "Type": "Billing"}]},
        {"Contacts": [{}]},
    ],
)
def test_a_supplier_names_what_there_is(company, change):
    assert company.refusal("POST", "/supplier", body=supplier(**change))[0] == 400


def journal(**changes: Any) -> dict[str, Any]:
    row = {"Debit": "310", "Credit": "200", "Amount": 10, "BaseAmount": 10}
    return {
        "Status": "DRAFT",
        "Currency": "GBP",
        "CurrencyConversionRate": 1,
        "EffectiveDate": "2026-03-02",
        "Narration": "Samples",
        "Lines": [row | changes.pop("line", {})],
    } | changes


def test_a_journal_is_a_draft_then_completed_then_void(company):
    (made,) = company.post("/journal", journal())["Journals"]
    key = {"TaskID": made["TaskID"]}
    company.put("/journal", journal(Status="COMPLETED", Narration="More samples") | key)
    assert company.refusal("PUT", "/journal", body=journal() | key)[0] == 400
    assert company.get("/journal", Search="more")["Total"] == 1
    assert company.get("/journal", Status="DRAFT")["Total"] == 0
    (void,) = company.delete("/journal", ID=made["TaskID"], Void="true")["Journals"]
    assert (void["Status"], void["Lines"]) == ("VOIDED", [])
    assert company.refusal("DELETE", "/journal", ID=made["TaskID"])[0] == 400


@pytest.mark.parametrize(
    "body",
    [
        journal(Status="AUTHORISED"),
        journal(Currency="GBP", CurrencyConversionRate=2),
        journal(EffectiveDate=None),
        journal(Status="COMPLETED", Lines=[]),
        journal(line={"Debit": "999"}),
        journal(line={"Credit": "310"}),
        journal(line={"Amount": 0, "BaseAmount": 0}),
        journal(line={"BaseAmount": 11}),
    ],
)
def test_a_journal_adds_up_and_names_accounts(company, body):
    assert company.refusal("POST", "/journal", body=body)[0] == 400
    assert company.get("/journal")["Total"] == 0


def test_an_address_is_named_by_its_id(company):
    home = {"Line1": "1 Fell Lane", "Country": "United Kingdom", "Type": "Shipping"}
    (card,) = company.post("/customer", customer(Name="Ana", Currency="GBP", Addresses=[home]))[
        "CustomerList"
    ]
    named = {"ID": card["Addresses"][0]["ID"]}
    sale = company.new_sale(Customer="Ana", ShippingAddress=named | {"ShipToOther": True})
    assert sale["ShippingAddress"]["Line1"] == "1 Fell Lane"
    body = header(Customer="Ana", BillingAddress={"ID": GHOST})
    assert company.refusal("POST", "/sale", body=body)[0] == 400


def test_a_sale_that_was_read_without_an_address_can_be_put_back(company):
    sale = company.new_sale(ShippingAddress=None)
    read = company.get("/sale", ID=sale["ID"])
    assert read["BillingAddress"]["Line1"] == ""
    body = header(ID=sale["ID"], BillingAddress=read["BillingAddress"])
    body |= {"ShippingAddress": read["ShippingAddress"], "Note": "call first"}
    assert company.put("/sale", body)["Note"] == "call first"
    assert company.refusal("POST", "/sale", body=body)[0] == 400
