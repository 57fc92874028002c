"""The ERP's people: they pick, pack and ship in parts, invoice, and type over what others wrote."""

from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_tests.sandbox.cin7.test_cin7_payments import payment
from sfcc_cin7_tests.sandbox.cin7_company import Company, charge, line

NOTHING_DONE = ("NOT PICKED", "NOT PACKED", "NOT SHIPPED", "NOT FULFILLED")


@pytest.fixture
def company() -> Company:
    return Company()


def booked(company: Company, *lines: Any) -> str:
    """The ID of an authorised sale, of four tents unless told otherwise."""
    sale = company.new_sale()
    company.authorise(sale, *(lines or (line(quantity=4),)), charges=[charge()])
    return str(sale["ID"])


def statuses(company: Company, sale_id: str) -> tuple[str, ...]:
    """Picking, packing, shipping, fulfilment: the same in the sale and in its row of the list."""
    names = (
        "CombinedPickingStatus",
        "CombinedPackingStatus",
        "CombinedShippingStatus",
        "FulFilmentStatus",
    )
    shown = company.get("/sale", ID=sale_id)
    row = next(r for r in company.get("/saleList")["SaleList"] if r["SaleID"] == sale_id)
    assert [shown[name] for name in names] == [row[name] for name in names]
    return tuple(shown[name] for name in names)


def stock(company: Company, name: str = "TENT-2P") -> tuple[int, int]:
    """Units on hand and allocated in London."""
    for row in company.cin7.stock_truth():
        if (row["SKU"], row["Location"]) == (name, "London DC"):
            return int(row["OnHand"]), int(row["Allocated"])
    raise AssertionError(name)


def test_a_client_sees_how_far_the_warehouse_has_come(company):
    sale = booked(company)
    assert statuses(company, sale) == NOTHING_DONE

    assert company.cin7.pick(sale, {"TENT-2P": Decimal(1)}) == 1
    assert statuses(company, sale) == ("PARTIALLY PICKED", *NOTHING_DONE[1:])
    assert company.get("/sale", ID=sale)["Status"] == "PICKING"
    assert company.cin7.pick(sale) == 3
    assert statuses(company, sale) == ("PICKED", *NOTHING_DONE[1:])
    assert company.get("/sale", ID=sale)["Status"] == "PICKED"
    assert stock(company) == (10, 4)

    assert company.cin7.pack(sale) == 4
    assert statuses(company, sale) == ("PICKED", "PACKED", "NOT SHIPPED", "NOT FULFILLED")
    assert company.get("/sale", ID=sale)["Status"] == "PACKED"
    assert company.cin7.ship(sale) == 4
    assert statuses(company, sale) == ("PICKED", "PACKED", "SHIPPED", "FULFILLED")
    assert stock(company) == (6, 0)


def test_a_part_of_a_sale_is_shipped_and_the_rest_later(company):
    sale = booked(company, line(quantity=4), line("STOVE"))

    assert company.cin7.ship(sale, {"TENT-2P": Decimal(3)}) == 3
    assert statuses(company, sale)[2:] == ("PARTIALLY SHIPPED", "PARTIALLY FULFILLED")
    shown = company.get("/sale", ID=sale)
    assert (shown["Status"], shown["Type"]) == ("SHIPPING", "Simple Sale")
    assert stock(company) == (7, 1)

    assert company.cin7.ship(sale) == 2
    shown = company.get("/sale", ID=sale)
    assert (shown["Status"], shown["Type"]) == ("INVOICING", "Advanced Sale")
    first, second = shown["Fulfilments"]
    assert sum(row["Quantity"] for row in first["Pick"]["Lines"]) == 3
    assert [row["SKU"] for row in second["Pack"]["Lines"]].count("STOVE") == 1
    assert shown["CombinedTrackingNumbers"] == "TRACK-00001-1, TRACK-00001-2"


def test_an_open_task_shows_what_is_picked_and_nothing_shipped(company):
    sale = booked(company)
    company.cin7.pick(sale)
    (task,) = company.get("/sale", ID=sale)["Fulfilments"]
    assert [task[stage]["Status"] for stage in ("Pick", "Pack", "Ship")] == [
        "AUTHORISED",
        "DRAFT",
        "NOT AVAILABLE",
    ]
    assert (task["FulFilmentStatus"], task["Ship"]["Lines"]) == ("NOT FULFILLED", [])


def test_more_than_is_allocated_cannot_be_picked(company):
    sale = booked(company)
    with pytest.raises(Refusal, match="Only 4 of TENT-2P"):
        company.cin7.pick(sale, {"TENT-2P": Decimal(5)})
    assert statuses(company, sale) == NOTHING_DONE
    draft = company.new_sale()
    with pytest.raises(Refusal, match="not authorised"):
        company.cin7.pick(draft["ID"])


def test_an_invoice_covers_the_order_and_shows_everywhere(company):
    sale = booked(company)
    assert company.get("/sale", ID=sale)["CombinedInvoiceStatus"] == "NOT INVOICED"
    company.cin7.invoice(sale)
    shown = company.get("/sale", ID=sale)
    (invoice,) = shown["Invoices"]
    assert (shown["Status"], shown["CombinedInvoiceStatus"]) == ("INVOICED", "INVOICED")
    assert (invoice["Total"], invoice["Tax"]) == (shown["Order"]["Total"], shown["Order"]["Tax"])
    (row,) = company.get("/saleList")["SaleList"]
    assert (row["InvoiceNumber"], row["InvoiceAmount"]) == ("INV-00001", shown["Order"]["Total"])
    company.cin7.ship(sale)
    assert company.get("/sale", ID=sale)["Status"] == "COMPLETED"
    with pytest.raises(Refusal):
        company.cin7.invoice(sale)


@pytest.mark.parametrize("work", ["pick", "ship", "invoice"])
def test_a_sale_that_somebody_worked_on_is_not_voided(company, work):
    sale = booked(company)
    getattr(company.cin7, work)(sale)
    for query in ({}, {"Void": "true"}):
        status, sentence = company.refusal("DELETE", "/sale", ID=sale, **query)
        assert (status, "undo them first" in sentence) == (400, True)
    with pytest.raises(Refusal):
        company.cin7.void_sale(sale)
    assert company.get("/sale", ID=sale)["Order"]["Status"] == "AUTHORISED"


@pytest.mark.parametrize("work", ["pick", "ship", "invoice"])
def test_some_accounts_void_it_all_the_same_and_the_goods_come_back(work):
    company = Company(void_when_picked="accepted")
    sale = booked(company)
    getattr(company.cin7, work)(sale)
    voided = company.delete("/sale", ID=sale, Void="true")
    assert (voided["Status"], voided["CombinedInvoiceStatus"]) == ("VOIDED", "VOIDED")
    assert statuses(company, sale) == ("VOIDED",) * 4
    assert all(task["Pick"]["Status"] == "VOIDED" for task in voided["Fulfilments"])
    assert all(invoice["Status"] == "VOIDED" for invoice in voided["Invoices"])
    assert stock(company) == (10, 0)
    assert company.cin7.pack(sale) == 0
    assert company.get("/sale", ID=sale)["Fulfilments"] == voided["Fulfilments"]


def test_a_sale_with_money_on_it_is_not_voided_until_the_money_is_taken_off(company):
    sale = company.new_sale()
    company.authorise(sale, line())
    paid = company.post("/sale/payment", payment(sale))
    refusal = company.refusal("DELETE", "/sale", ID=sale["ID"], Void="true")
    assert refusal == (400, "Sale has payments: delete them first")
    assert stock(company)[1] == 1
    company.delete("/sale/payment", ID=paid["ID"])
    assert company.delete("/sale", ID=sale["ID"], Void="true")["Status"] == "VOIDED"


def test_some_accounts_leave_the_money_on_a_void_sale():
    company = Company(void_with_payments="accepted")
    sale = company.new_sale()
    company.post("/sale/payment", payment(sale))
    company.delete("/sale", ID=sale["ID"], Void="true")
    assert len(company.get("/sale/payment", SaleID=sale["ID"])) == 1


def test_somebody_types_another_quantity_and_tax_over_a_line(company):
    sale = booked(company)
    before = company.get("/sale", ID=sale)
    company.cin7.edit_sale(sale, sku="TENT-2P", quantity=Decimal(6), tax=Decimal("19.99"))
    shown = company.get("/sale", ID=sale)
    (row,) = shown["Order"]["Lines"]
    assert (row["Quantity"], row["Total"], row["Tax"]) == (6, 120, Decimal("19.99"))
    assert shown["LastModifiedOn"] > before["LastModifiedOn"]
    assert stock(company) == (10, 6)
    company.cin7.edit_sale(sale, sku="TENT-2P", quantity=Decimal(12))
    assert company.get("/sale", ID=sale)["Status"] == "BACKORDERED"
    assert stock(company) == (10, 10)
    company.cin7.edit_sale(sale, sku="TENT-2P", quantity=Decimal(2))
    assert stock(company) == (10, 2)
    assert company.get("/sale", ID=sale)["Order"]["Lines"][0]["BackorderQuantity"] == 0


def test_what_is_picked_or_invoiced_cannot_be_edited_away(company):
    sale = booked(company)
    company.cin7.pick(sale, {"TENT-2P": Decimal(3)})
    with pytest.raises(Refusal):
        company.cin7.edit_sale(sale, sku="TENT-2P", quantity=Decimal(2))
    company.cin7.edit_sale(sale, sku="TENT-2P", quantity=Decimal(3))
    assert statuses(company, sale)[0] == "PICKED"
    company.cin7.invoice(sale)
    with pytest.raises(Refusal):
        company.cin7.edit_sale(sale, sku="TENT-2P", price=Decimal(1))
    with pytest.raises(KeyError):
        company.cin7.edit_sale(sale, sku="MUG", price=Decimal(1))


def test_somebody_types_over_comments_and_notes(company):
    sale = booked(company)
    company.cin7.comment_sale(sale, "called the customer")
    company.cin7.comment_sale(sale, "blue, not green", sku="TENT-2P")
    shown = company.get("/sale", ID=sale)
    assert shown["Note"] == "called the customer"
    assert shown["Order"]["Lines"][0]["Comment"] == "blue, not green"


def test_somebody_undoes_and_voids_sales(company):
    first, second = booked(company), booked(company)
    company.cin7.undo_sale(first)
    company.cin7.void_sale(second)
    assert company.get("/sale", ID=first)["Order"]["Status"] == "DRAFT"
    assert company.get("/sale", ID=second)["Status"] == "VOIDED"
    assert stock(company) == (10, 0)


def test_a_clerk_types_the_same_sale_in_once_more(company):
    sale = booked(company)
    company.cin7.pick(sale)
    again = company.cin7.repeat_sale(sale)
    external_id = company.get("/sale", ID=sale)["ExternalID"]
    listed = company.get("/saleList", ExternalID=external_id)["SaleList"]
    assert [row["SaleID"] for row in listed] == [sale, again]
    first, second = (company.get("/sale", ID=each) for each in (sale, again))
    assert first["Order"]["Total"] == second["Order"]["Total"]
    assert second["Fulfilments"] == []
    assert statuses(company, again) == NOTHING_DONE
    assert stock(company) == (10, 8)


def test_what_the_people_did_survives_a_restart(company):
    sale = booked(company)
    company.cin7.pick(sale, {"TENT-2P": Decimal(1)})
    company.cin7.invoice(sale)
    again = Company(shelf=company.shelf)
    assert again.get("/sale", ID=sale) == company.get("/sale", ID=sale)
    assert again.cin7.ship(sale) == 4


def test_many_numbers_are_cut_off_where_the_attribute_ends(company):
    sale = booked(company, line(quantity=10))
    numbers = [f"1Z999AA10123456784-{n:012d}" for n in range(10)]
    company.cin7.ship(sale, parcels=10, tracking=numbers)
    row = company.get("/saleList")["SaleList"][0]
    assert len(row["CombinedTrackingNumbers"]) == 256
    (task,) = company.get("/sale", ID=sale)["Fulfilments"]
    assert [each["TrackingNumber"] for each in task["Ship"]["Lines"]] == numbers


def test_some_accounts_call_an_order_fulfilled_when_all_of_it_left():
    company = Company(fulfilled_order_status="FULFILLED")
    sale = booked(company)
    assert company.get("/sale", ID=sale)["Order"]["Status"] == "AUTHORISED"
    company.cin7.ship(sale)
    assert company.get("/sale", ID=sale)["Order"]["Status"] == "FULFILLED"
    (row,) = company.get("/saleList", OrderStatus="FULFILLED")["SaleList"]
    assert row["OrderStatus"] == "FULFILLED"
    company.cin7.despatch.undo(sale)
    assert company.get("/sale", ID=sale)["Order"]["Status"] == "AUTHORISED"
