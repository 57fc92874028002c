"""A client picks, packs and ships by the API, in parts and boxes, and the warehouse undoes it."""

from decimal import Decimal
from typing import Any

import pytest
import simplejson

from sfcc_cin7_tests.sandbox.cin7_company import Company, charge, header, line
from sfcc_cin7_tests.sandbox.listener import Listener

DAY = "2026-03-02T00:00:00"
TASKS = "/sale/fulfilment"


@pytest.fixture
def company() -> Company:
    return Company()


def booked(company: Company, *lines: Any, **changes: Any) -> Any:
    """An authorised sale, of four tents unless told otherwise."""
    sale = company.new_sale(**changes)
    company.authorise(sale, *(lines or (line(quantity=4),)), charges=[charge()])
    return sale


def picked(quantity: Any = 4, name: str = "TENT-2P", **changes: Any) -> Any:
    return {"SKU": name, "Quantity": quantity, "Location": "London DC"} | changes


def packed(quantity: Any = 4, box: str = "Box 1", **changes: Any) -> Any:
    return picked(quantity, Box=box, **changes)


def parcel(box: str = "Box 1", number: str = "JD01", **changes: Any) -> Any:
    sent = {"ShipmentDate": DAY, "Carrier": "Royal Mail", "Box": box, "TrackingNumber": number}
    return sent | {"IsShipped": True} | changes


def write(company: Company, stage: str, task: str, *rows: Any, put: bool = False, **more: Any):
    body = {"TaskID": task, "Status": "AUTHORISED", "Lines": list(rows)} | more
    return (company.put if put else company.post)(f"{TASKS}/{stage}", body)


def refused(company: Company, stage: str, task: str, *rows: Any, method="POST", **more: Any) -> str:
    body = {"TaskID": task, "Status": "AUTHORISED", "Lines": list(rows)} | more
    status, sentence = company.refusal(method, f"{TASKS}/{stage}", body=body)
    assert status == 400
    return sentence


def two_boxes(company: Company, sale: Any) -> None:
    """Four tents of a Simple sale in two boxes."""
    write(company, "pick", sale["ID"], picked())
    write(company, "pack", sale["ID"], packed(3), packed(1, "Box 2"))


def stock(company: Company) -> tuple[int, int]:
    """Tents on hand and allocated in London."""
    (row,) = (
        row
        for row in company.cin7.stock_truth()
        if (row["SKU"], row["Location"]) == ("TENT-2P", "London DC")
    )
    return int(row["OnHand"]), int(row["Allocated"])


def statuses(company: Company, sale: Any) -> tuple[str, ...]:
    row = next(r for r in company.get("/saleList")["SaleList"] if r["SaleID"] == sale["ID"])
    stages = ("Picking", "Packing", "Shipping")
    return (*(row[f"Combined{stage}Status"] for stage in stages), row["FulFilmentStatus"])


def test_a_simple_sale_goes_by_its_own_id_from_pick_to_ship(company):
    sale = booked(company)
    assert company.get(TASKS, SaleID=sale["ID"])["Fulfilments"] == []

    pick = write(company, "pick", sale["ID"], picked())
    assert (pick["Status"], sum(row["Quantity"] for row in pick["Lines"])) == ("AUTHORISED", 4)
    write(company, "pack", sale["ID"], packed())
    assert stock(company) == (10, 4)
    ship = write(company, "ship", sale["ID"], parcel())

    assert ship["Status"] == "AUTHORISED"
    assert ship["Lines"][0]["TrackingURL"] == "https://tracking.example/royal-mail/JD01"
    assert stock(company) == (6, 0)
    assert statuses(company, sale) == ("PICKED", "PACKED", "SHIPPED", "FULFILLED")
    (task,) = company.get(TASKS, SaleID=sale["ID"])["Fulfilments"]
    assert (task["TaskID"], task["LinkedInvoiceNumber"]) == (sale["ID"], "")
    assert company.get("/sale", ID=sale["ID"])["Type"] == "Simple Sale"


def test_a_step_needs_the_one_before_authorised(company):
    sale = booked(company)
    assert refused(company, "pick", company.new_sale()["ID"], picked()) == "Order is not authorised"
    status, _ = company.refusal("GET", f"{TASKS}/ship", TaskID=sale["ID"])
    assert status == 404, "a sale of which nothing is picked has no task"
    write(company, "pick", sale["ID"], picked(), Status="DRAFT")
    assert statuses(company, sale)[0] == "PICKING"
    assert refused(company, "pack", sale["ID"], packed()) == "Pick is not authorised"
    write(company, "pick", sale["ID"])
    assert refused(company, "ship", sale["ID"], parcel()) == "Pack is not authorised"
    assert "cannot be changed" in refused(company, "pick", sale["ID"], picked())


def test_post_adds_rows_and_put_replaces_them(company):
    sale = booked(company)
    write(company, "pick", sale["ID"], picked(1), Status="DRAFT")
    more = write(company, "pick", sale["ID"], picked(2), Status="DRAFT")
    assert sum(row["Quantity"] for row in more["Lines"]) == 3
    instead = write(company, "pick", sale["ID"], picked(2), put=True)
    assert sum(row["Quantity"] for row in instead["Lines"]) == 2


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (picked(5), "Only 4 of TENT-2P can be picked"),
        (picked(Location="Reno DC"), "Only 0 of TENT-2P can be picked"),
        (picked(1, "STOVE"), "Product 'STOVE' is not in the order"),
        (picked(1, Location=None), "Required attribute Location is not provided."),
        (picked(0), "Quantity must be at least 1"),
    ],
)
def test_nothing_is_picked_that_is_not_allocated_there(company, row, sentence):
    sale = booked(company)
    assert refused(company, "pick", sale["ID"], row) == sentence
    assert statuses(company, sale)[0] == "NOT PICKED"


def test_a_pick_takes_all_that_is_allocated_when_asked_to(company):
    sale = booked(company, line("STOVE", quantity=5))
    pick = company.post(f"{TASKS}/pick", {"TaskID": sale["ID"], "AutoPickMode": "AUTOPICK"})
    assert (pick["Status"], sum(row["Quantity"] for row in pick["Lines"])) == ("AUTHORISED", 3)


def test_a_pick_names_a_bin_by_name_or_by_id(company):
    sale = booked(company)
    listed = company.get("/ref/productavailability", Sku="TENT-2P")["ProductAvailabilityList"]
    name, units = next((row["Bin"], row["Allocated"]) for row in listed if row["Allocated"])
    bins = company.get("/ref/location", Name="London DC")["LocationList"][0]["Bins"]
    bin_id = next(each["ID"] for each in bins if each["Name"] == name)
    by_id = picked(units, Location=None, LocationID=bin_id)
    write(company, "pick", sale["ID"], by_id, Status="DRAFT")
    named = write(
        company, "pick", sale["ID"], picked(units, Location=f"London DC: {name}"), put=True
    )
    assert named["Lines"][0]["Location"] == f"London DC: {name}"


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([packed(3)], "Everything that is picked must be packed"),
        ([packed(3), packed(2)], "Quantity of 'TENT-2P' exceeds what is picked"),
        ([packed(box="")], "Required attribute Box is not provided."),
        ([packed(Location="Reno DC")], "Product 'TENT-2P' is not picked from that location"),
    ],
)
def test_a_pack_holds_what_was_picked(company, rows, sentence):
    sale = booked(company)
    write(company, "pick", sale["ID"], picked())
    assert refused(company, "pack", sale["ID"], *rows) == sentence


def test_boxes_leave_one_by_one_and_the_shipment_is_authorised_with_the_last(company):
    sale = booked(company)
    two_boxes(company, sale)
    part = write(company, "ship", sale["ID"], parcel(), parcel("Box 2", IsShipped=False))
    assert part["Status"] == "PARTIALLY AUTHORISED"
    assert stock(company) == (7, 1)
    assert statuses(company, sale)[2:] == ("PARTIALLY SHIPPED", "PARTIALLY FULFILLED")
    assert "PARTIALLY AUTHORISED" in refused(company, "ship", sale["ID"], parcel("Box 2"))
    missing = refused(company, "ship", sale["ID"], parcel("Box 2"), method="PUT")
    assert missing == "Box 'Box 1' of the pack is not listed"

    whole = write(company, "ship", sale["ID"], parcel(), parcel("Box 2", "JD02"), put=True)
    assert whole["Status"] == "AUTHORISED"
    assert stock(company) == (6, 0)
    shown = company.get("/sale", ID=sale["ID"])
    assert shown["CombinedTrackingNumbers"] == "JD01, JD02"
    assert [each["COGS"] for each in shown["InventoryMovements"]] == [Decimal("22.50"), 7.5]


def test_several_boxes_go_under_one_number(company):
    sale = booked(company)
    two_boxes(company, sale)
    assert "not in the pack" in refused(company, "ship", sale["ID"], parcel("Box 3"))
    assert "only once" in refused(company, "ship", sale["ID"], parcel(), parcel())
    ship = write(company, "ship", sale["ID"], parcel("Box 1, Box 2"))
    assert (ship["Status"], ship["Lines"][0]["Boxes"]) == ("AUTHORISED", "Box 1, Box 2")


def test_nothing_shipped_is_no_shipment(company):
    sale = booked(company)
    two_boxes(company, sale)
    sentence = refused(company, "ship", sale["ID"], parcel(IsShipped=False))
    assert sentence == "Ship cannot be authorised without a shipped box"
    draft = write(company, "ship", sale["ID"], parcel(), Status="DRAFT")
    assert (draft["Status"], draft["Lines"][0]["IsShipped"]) == ("DRAFT", False)
    assert statuses(company, sale)[2] == "SHIPPING"


def test_a_second_fulfilment_makes_the_sale_an_advanced_one(company):
    sale = booked(company)
    write(company, "pick", sale["ID"], picked(3))
    first, second = company.post(TASKS, {"SaleID": sale["ID"]})["Fulfilments"]
    assert company.get("/sale", ID=sale["ID"])["Type"] == "Advanced Sale"
    assert (first["FulfillmentNumber"], second["FulfillmentNumber"]) == (1, 2)
    assert [second[stage]["Status"] for stage in ("Pick", "Pack", "Ship")] == [
        "DRAFT",
        "NOT AVAILABLE",
        "NOT AVAILABLE",
    ]
    status, sentence = company.refusal("POST", TASKS, body={"SaleID": sale["ID"]})
    assert (status, "not authorised yet" in sentence) == (400, True)
    write(company, "pick", second["TaskID"], picked(1))
    write(company, "pack", second["TaskID"], packed(1))
    write(company, "ship", second["TaskID"], parcel())
    parts = ("PARTIALLY PACKED", "PARTIALLY SHIPPED", "PARTIALLY FULFILLED")
    assert statuses(company, sale) == ("PICKED", *parts)


def test_a_number_is_changed_after_the_shipment_only_when_that_is_asked_for():
    listener = Listener()
    company = listener.company
    sale = booked(company)
    company.cin7.ship(sale["ID"], tracking=["JD01"])
    listener.register("Sale/ShipmentTrackingNumberChanged")
    silent = write(company, "ship", sale["ID"], parcel(number="JD09"), put=True)
    assert silent["Lines"][0]["TrackingNumber"] == "JD01"
    assert listener.listen() == []

    write(company, "ship", sale["ID"], parcel(number="JD09"), put=True, AddTrackingNumbers=True)
    assert company.get("/saleList")["SaleList"][0]["CombinedTrackingNumbers"] == "JD09"
    (told,) = listener.listen()
    assert told["Shipments"][0]["TrackingNumber"] == "JD09"


@pytest.mark.parametrize(("setting", "number"), [("ignored", "JD01"), ("works", "JD09")])
def test_a_number_sent_with_the_whole_sale_is_taken_by_some_accounts(setting, number):
    company = Company(nested_tracking=setting)
    sale = booked(company)
    company.cin7.ship(sale["ID"], tracking=["JD01"])
    (task,) = company.get("/sale", ID=sale["ID"])["Fulfilments"]
    row = {"ID": task["Ship"]["Lines"][0]["ID"], "TrackingNumber": "JD09"}
    nested = [{"TaskID": task["TaskID"], "Ship": {"Lines": [row]}}]
    body = header(ID=sale["ID"], Fulfilments=nested)
    company.put("/sale", body)
    assert company.get("/saleList")["SaleList"][0]["CombinedTrackingNumbers"] == "JD01"
    shown = company.put("/sale", body | {"AddTrackingNumbers": True})
    assert shown["Fulfilments"][0]["Ship"]["Lines"][0]["TrackingNumber"] == number


def test_some_accounts_refuse_such_a_put_and_some_take_none():
    company = Company(shipped_put="refused")
    sale = booked(company)
    company.cin7.ship(sale["ID"])
    assert "AUTHORISED" in refused(company, "ship", sale["ID"], parcel(), method="PUT")
    company = Company(fulfilment_put="refused")
    for stage in ("pick", "pack", "ship"):
        body = {"TaskID": booked(company)["ID"], "Status": "DRAFT"}
        assert company.refusal("PUT", f"{TASKS}/{stage}", body=body)[0] == 405


def test_the_warehouse_splits_a_sale_and_types_the_number_in_later(company):
    sale = booked(company)["ID"]
    assert company.cin7.ship(sale, parcels=2, leaving=1, tracking=[]) == 2
    (task,) = company.get("/sale", ID=sale)["Fulfilments"]
    assert task["Ship"]["Status"] == "PARTIALLY AUTHORISED"
    assert company.cin7.ship(sale, tracking=["UPS-2"], carrier="ups") == 2
    company.cin7.despatch.track(sale, "UPS-1", box="Box 1", carrier="UPS")
    (task,) = company.get("/sale", ID=sale)["Fulfilments"]
    assert [row["TrackingNumber"] for row in task["Ship"]["Lines"]] == ["UPS-1", "UPS-2"]
    assert task["Ship"]["Status"] == "AUTHORISED"


def test_an_undone_shipment_is_in_its_bins_again_and_never_moved():
    listener = Listener()
    company = listener.company
    sale = booked(company)
    company.cin7.ship(sale["ID"], {"TENT-2P": Decimal(3)})
    company.cin7.ship(sale["ID"])
    bins = company.get("/ref/productavailability", Sku="TENT-2P")
    listener.register("Sale/Undo", "Sale/ShipmentAuthorised")
    company.cin7.despatch.undo(sale["ID"], fulfilment=1)
    assert listener.kinds() == ["Sale/Undo"]
    assert stock(company) == (9, 3)
    shown = company.get("/sale", ID=sale["ID"])
    assert shown["CombinedShippingStatus"] == "PARTIALLY SHIPPED"
    assert (shown["Order"]["Status"], len(shown["InventoryMovements"])) == ("AUTHORISED", 1)
    assert shown["Fulfilments"][0]["Ship"]["Status"] == "DRAFT"
    assert company.cin7.ship(sale["ID"]) == 3
    assert company.get("/ref/productavailability", Sku="TENT-2P") == bins
    assert listener.kinds() == ["Sale/ShipmentAuthorised"]


def test_a_pick_undone_gives_its_units_to_the_next_one(company):
    sale = booked(company)["ID"]
    company.cin7.ship(sale)
    company.cin7.despatch.undo(sale, "Pick")
    assert stock(company) == (10, 4)
    nothing = ("NOT PACKED", "NOT SHIPPED", "NOT FULFILLED")
    assert statuses(company, {"ID": sale}) == ("PICKING", *nothing)
    assert company.cin7.pick(sale, {"TENT-2P": Decimal(1)}) == 1
    assert len(company.get("/sale", ID=sale)["Fulfilments"]) == 1


def test_no_two_fulfilments_have_one_id_whatever_was_undone(company):
    sale = booked(company, SaleType="Advanced")["ID"]
    for units in (1, 2):
        company.cin7.pick(sale, {"TENT-2P": Decimal(units)})
    company.cin7.despatch.undo(sale, "Pick", fulfilment=1)
    company.cin7.despatch.void(sale, fulfilment=2)
    company.delete("/sale", ID=sale)
    company.authorise({"ID": sale}, line(quantity=4))
    company.cin7.pick(sale)
    tasks = company.get(TASKS, SaleID=sale)["Fulfilments"]
    assert len({task["TaskID"] for task in tasks}) == len(tasks) == 2


@pytest.mark.parametrize("void", ["", "true"])
def test_a_fulfilment_is_not_undone_by_the_api_though_it_says_yes(company, void):
    sale = booked(company)["ID"]
    company.cin7.ship(sale, {"TENT-2P": Decimal(3)})
    company.cin7.ship(sale)
    before = company.get(TASKS, SaleID=sale)
    task = before["Fulfilments"][0]["TaskID"]
    assert company.delete(TASKS, TaskID=task, Void=void) == before
    assert company.get(TASKS, SaleID=sale) == before


def test_where_undo_works_it_works_for_advanced_sales_alone():
    company = Company(fulfilment_undo="works")
    sale = booked(company)["ID"]
    company.cin7.ship(sale, {"TENT-2P": Decimal(3)})
    assert company.refusal("DELETE", TASKS, TaskID=sale)[0] == 400
    company.cin7.ship(sale)
    first, second = company.get(TASKS, SaleID=sale)["Fulfilments"]
    reopened = company.delete(TASKS, TaskID=first["TaskID"])["Fulfilments"][0]
    assert (reopened["Pick"]["Status"], reopened["FulFilmentStatus"]) == ("DRAFT", "NOT FULFILLED")
    ended = company.delete(TASKS, TaskID=second["TaskID"], Void="true")["Fulfilments"][1]
    assert (ended["Ship"]["Status"], ended["FulFilmentStatus"]) == ("VOIDED", "VOIDED")
    assert stock(company) == (10, 4)


def test_a_shipment_is_told_once_or_for_each_box_as_the_account_has_it():
    for setting, told in (("once", [0, 1]), ("each-box", [1, 1])):
        listener = Listener(Company(shipment_event=setting))
        listener.register("Sale/ShipmentAuthorised")
        sale = booked(listener.company)["ID"]
        listener.company.cin7.ship(sale, parcels=2, leaving=1)
        first = len(listener.listen())
        listener.company.cin7.ship(sale)
        assert [first, len(listener.listen())] == told


def test_an_invoice_and_its_dispatch_name_each_other(company):
    sale = booked(company)["ID"]
    company.cin7.ship(sale)
    company.cin7.invoice(sale)
    shown = company.get("/sale", ID=sale)
    assert shown["Invoices"][0]["LinkedFulfillmentNumber"] == "1"
    assert shown["Fulfilments"][0]["LinkedInvoiceNumber"] == "INV-00001"


def test_tasks_survive_a_restart(company):
    sale = booked(company)
    two_boxes(company, sale)
    write(company, "ship", sale["ID"], parcel(), parcel("Box 2", IsShipped=False))
    again = Company(shelf=company.shelf)
    assert again.get(TASKS, SaleID=sale["ID"]) == company.get(TASKS, SaleID=sale["ID"])
    again.cin7.despatch.undo(sale["ID"])
    assert stock(again) == (10, 4)


def test_what_is_refused_has_changed_nothing(company):
    sale = booked(company)
    two_boxes(company, sale)
    before = simplejson.dumps(company.get("/sale", ID=sale["ID"]), use_decimal=True)
    refused(company, "ship", sale["ID"], parcel(), parcel("Box 9"))
    refused(company, "pack", sale["ID"], packed())
    assert simplejson.dumps(company.get("/sale", ID=sale["ID"]), use_decimal=True) == before
