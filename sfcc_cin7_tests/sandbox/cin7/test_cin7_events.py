"""What the company tells its listeners, and in which shape."""

from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7_sandbox.shelf import Shelf
from sfcc_cin7_tests.sandbox.cin7.test_cin7_books import customer, product
from sfcc_cin7_tests.sandbox.cin7.test_cin7_payments import payment
from sfcc_cin7_tests.sandbox.cin7_company import Company, header, line
from sfcc_cin7_tests.sandbox.listener import Listener

SALES = (
    "Sale/Created",
    "Sale/OrderAuthorised",
    "Sale/Backordered",
    "Sale/Voided",
    "Sale/Undo",
    "Sale/PickAuthorised",
    "Sale/PackAuthorised",
    "Sale/ShipmentAuthorised",
    "Sale/ShipmentTrackingNumberChanged",
    "Sale/AdditionalAttributesChanged",
)
STOCK = "Stock/AvailableStockLevelChanged"


@pytest.fixture
def listener() -> Listener:
    return Listener()


def test_a_sale_is_told_step_by_step(listener: Listener) -> None:
    listener.register(*SALES)
    company = listener.company
    sale = company.new_sale()
    company.authorise(sale, line())
    assert listener.kinds() == ["Sale/Created", "Sale/OrderAuthorised"]
    company.cin7.ship(sale["ID"])
    assert listener.kinds() == [
        "Sale/PickAuthorised",
        "Sale/PackAuthorised",
        "Sale/ShipmentAuthorised",
        "Sale/ShipmentTrackingNumberChanged",
    ]


def test_a_sale_picked_packed_and_sent_in_parts_is_told_stage_by_stage(listener: Listener) -> None:
    listener.register(*SALES)
    company = listener.company
    sale = company.new_sale()
    company.authorise(sale, line(quantity=3))
    listener.listen()
    company.cin7.pick(sale["ID"], {"TENT-2P": Decimal(2)})
    assert listener.kinds() == ["Sale/PickAuthorised"]
    company.cin7.pack(sale["ID"])
    assert listener.kinds() == ["Sale/PackAuthorised"]
    company.cin7.ship(sale["ID"], {})
    assert listener.kinds() == ["Sale/ShipmentAuthorised", "Sale/ShipmentTrackingNumberChanged"]
    company.cin7.ship(sale["ID"])
    told = listener.listen()
    assert [event["EventType"] for event in told] == [
        "Sale/PickAuthorised",
        "Sale/PackAuthorised",
        "Sale/ShipmentAuthorised",
        "Sale/ShipmentTrackingNumberChanged",
    ]
    second = company.get("/sale", ID=sale["ID"])["Fulfilments"][1]["TaskID"].upper()
    assert [told[0]["TaskID"], told[2]["SaleTaskID"]] == [second, second]


def test_a_sale_undone_and_one_voided(listener: Listener) -> None:
    company = listener.company
    sale = company.new_sale()
    company.authorise(sale, line())
    listener.register(*SALES)
    company.delete("/sale", ID=sale["ID"])
    assert listener.kinds() == ["Sale/Undo"]
    company.delete("/sale", ID=sale["ID"])
    assert listener.kinds() == [], "there was nothing to undo"
    company.delete("/sale", ID=sale["ID"], Void="true")
    assert listener.kinds() == ["Sale/Voided"]


def test_an_order_saved_as_a_draft_is_no_event(listener: Listener) -> None:
    sale = listener.company.new_sale()
    listener.register(*SALES)
    listener.company.authorise(sale, line(), Status="DRAFT")
    assert listener.listen() == []


def test_too_little_stock_is_told_beside_the_authorisation(listener: Listener) -> None:
    listener.register(*SALES)
    sale = listener.company.new_sale()
    listener.company.authorise(sale, line("STOVE", quantity=5))
    kinds = listener.kinds()
    assert kinds == ["Sale/Created", "Sale/OrderAuthorised", "Sale/Backordered"]


def test_most_sale_events_name_the_sale_in_upper_case(listener: Listener) -> None:
    listener.register("Sale/OrderAuthorised")
    sale = listener.company.new_sale()
    listener.company.authorise(sale, line())
    assert listener.listen() == [
        {
            "SaleID": sale["ID"].upper(),
            "SaleOrderNumber": "SO-00001",
            "EventType": "Sale/OrderAuthorised",
        }
    ]


def test_a_shipment_names_its_task_and_never_the_sale(listener: Listener) -> None:
    listener.register("Sale/ShipmentAuthorised", "Sale/ShipmentTrackingNumberChanged")
    company = listener.company
    sale = company.new_sale()
    company.authorise(sale, line())
    company.cin7.ship(sale["ID"])
    task = company.get("/sale", ID=sale["ID"])["Fulfilments"][0]
    shipment, tracking = listener.listen()
    assert "SaleID" not in shipment
    assert shipment["SaleTaskID"] == task["TaskID"].upper()
    assert (shipment["OrderNumber"], shipment["CustomerName"]) == ("SO-00001", "Web GB")
    assert tracking["SaleID"] == sale["ID"]
    (parcel,) = tracking["Shipments"]
    assert parcel["TrackingNumber"] == task["Ship"]["Lines"][0]["TrackingNumber"]
    assert (parcel["ShipmentDate"], parcel["TrackingUrl"]) == ("02/03/2026", "")


@pytest.mark.parametrize("setting", ["task", "sale"])
def test_accounts_may_name_the_task_or_the_sale_that_is_shipped_and_billed(setting: str) -> None:
    listener = Listener(Company(event_task=setting))
    listener.register("Sale/ShipmentAuthorised", "Sale/InvoiceAuthorised")
    company = listener.company
    sale = company.new_sale(SaleType="Advanced")
    company.authorise(sale, line())
    company.cin7.ship(sale["ID"])
    company.cin7.invoice(sale["ID"])
    shown = company.get("/sale", ID=sale["ID"])
    tasks = [shown["Fulfilments"][0]["TaskID"], shown["Invoices"][0]["TaskID"]]
    named = [event["SaleTaskID"].lower() for event in listener.listen()]
    assert named == (tasks if setting == "task" else [sale["ID"]] * 2)


def test_a_changed_attribute_is_told_with_both_values(listener: Listener) -> None:
    listener.register("Sale/AdditionalAttributesChanged")
    company = listener.company
    sale = company.new_sale(AdditionalAttributes={"AdditionalAttribute2": "gift"})
    company.put("/sale", header(ID=sale["ID"], AdditionalAttributes={"AdditionalAttribute2": "no"}))
    (event,) = listener.listen()
    assert event["Changes"]["Field"] == "CustomField2"
    assert (event["Changes"]["OldValue"], event["Changes"]["NewValue"]) == ("gift", "no")


def test_the_stock_event_is_the_bare_list_of_one_products_rows(listener: Listener) -> None:
    listener.register(STOCK)
    company = listener.company
    sale = company.new_sale()
    company.authorise(sale, line("TENT-2P", quantity=2))
    (rows,) = listener.listen()
    assert {row["SKU"] for row in rows} == {"TENT-2P"}
    assert {row["MaxRows"] for row in rows} == {len(rows)}
    assert {row["Category"] for row in rows} == {"Other"}
    assert sum(row["Available"] for row in rows) == 12
    listed = company.get("/ref/productavailability", Sku="TENT-2P")["ProductAvailabilityList"]
    outside = ("InTransit", "NextDeliveryDate")
    bare = [{k: v for k, v in row.items() if k not in ("MaxRows", "Category")} for row in rows]
    assert bare == [{k: v for k, v in row.items() if k not in outside} for row in listed]


def test_one_event_for_each_product_whose_available_stock_changed(listener: Listener) -> None:
    listener.register(STOCK)
    company = listener.company
    sale = company.new_sale()
    company.authorise(sale, line("TENT-2P", quantity=2), line("STOVE"))
    assert sorted(rows[0]["SKU"] for rows in listener.listen()) == ["STOVE", "TENT-2P"]
    company.cin7.ship(sale["ID"])
    assert listener.listen() == [], "what was shipped was not available any more"
    company.cin7.receive("TENT-2P", "London DC", Decimal(5))
    company.cin7.adjust("TENT-2P", "Reno DC", Decimal(9))
    assert len(listener.listen()) == 1
    company.cin7.adjust("TENT-2P", "Reno DC", Decimal(9))
    assert listener.listen() == [], "a count that finds what was known"


def test_payments_of_an_invoice_are_told_until_it_is_paid(listener: Listener) -> None:
    company = listener.company
    sale = company.new_sale()
    company.authorise(sale, line(quantity=2))
    company.cin7.invoice(sale["ID"])
    listener.register("Sale/PartialPaymentReceived", "Sale/FullPaymentReceived")
    for amount in ("10.00", "30.00"):
        company.post("/sale/payment", payment(sale, Type="Payment", Amount=Decimal(amount)))
    part, whole = listener.listen()
    assert (part["EventType"], part["AmountPercent"]) == ("Sale/PartialPaymentReceived", "25.00")
    assert (whole["EventType"], whole["DocumentNumber"]) == (
        "Sale/FullPaymentReceived",
        "INV-00001",
    )
    assert whole["SaleID"] == sale["ID"]


def test_an_invoice_that_is_reopened_is_told_as_undone(listener: Listener) -> None:
    company = listener.company
    sale = company.new_sale()
    company.authorise(sale, line())
    company.cin7.invoice(sale["ID"])
    listener.register("Sale/Undo")
    company.delete("/sale/invoice", TaskID=sale["ID"])
    assert listener.kinds() == ["Sale/Undo"]


def test_a_refused_order_is_no_event(listener: Listener) -> None:
    listener.register(STOCK, "Sale/OrderAuthorised")
    company = listener.company
    sale = company.new_sale()
    body = {"SaleID": sale["ID"], "Status": "AUTHORISED", "Lines": [line(), line("GHOST")]}
    company.refusal("POST", "/sale/order", body=body)
    assert listener.listen() == []


def test_products_are_told_when_they_are_made_and_changed(listener: Listener) -> None:
    listener.register("Product/Updated")
    made = listener.company.post("/product", product())["Products"][0]
    listener.company.put("/product", {"ID": made["ID"], "PriceTier1": Decimal("13.00")})
    first, second = listener.listen()
    assert (first["NumberOfProducts"], first["EventType"]) == (1, "Product/Updated")
    assert first["ProductDetailsList"][0]["Event"] == "Creation"
    changed = second["ProductDetailsList"][0]
    assert (changed["Event"], changed["PriceTier1"]) == ("Update", 13)
    assert (changed["ID"], changed["SKU"]) == (made["ID"], made["SKU"])
    assert changed["LastModifiedOn"].endswith("Z")


def test_customers_are_told_with_addresses_and_contacts_beside_the_card(
    listener: Listener,
) -> None:
    listener.register("Customer/Updated")
    body = customer(Contacts=[{"Name": "Ana Ruiz", "Email": "ana@example.com"}])
    made = listener.company.post("/customer", body)["CustomerList"][0]
    (event,) = listener.listen()
    (details,) = event["CustomerDetailsList"]
    assert details["Customer"]["ID"] == made["ID"]
    assert not details["Customer"]["LastModifiedOn"].endswith("Z")
    assert details["Contacts"][0]["Email"] == "ana@example.com"
    assert details["Contacts"][0]["CustomerID"] == made["ID"]
    assert "Contacts" not in details["Customer"]


def test_a_restart_is_no_event() -> None:
    shelf = Shelf()
    company = Company(shelf)
    sale = company.new_sale()
    company.authorise(sale, line())
    listener = Listener(Company(shelf))
    listener.register(*SALES, STOCK)
    listener.company.put("/sale", header(ID=sale["ID"], Note="again"))
    assert listener.listen() == []


def test_what_happened_before_a_webhook_was_there_is_not_told(listener: Listener) -> None:
    listener.company.new_sale()
    listener.register("Sale/Created", IsActive=False)
    listener.company.new_sale()
    assert listener.listen() == []


def test_every_active_webhook_of_a_type_is_told(listener: Listener) -> None:
    for path in ("a", "b"):
        listener.register("Sale/Created", ExternalURL=f"http://127.0.0.1:9/{path}")
    listener.company.new_sale()
    bodies: list[Any] = listener.listen()
    assert len(bodies) == 2
    assert {url for url, _, _ in listener.heard} == {"http://127.0.0.1:9/a", "http://127.0.0.1:9/b"}
