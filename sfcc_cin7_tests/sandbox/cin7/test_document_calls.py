"""Documents that move stock, written by the API as foreign clients do."""

from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7_sandbox.shelf import Shelf
from sfcc_cin7_tests.sandbox.cin7_company import Company, line

LONDON, RENO = "London DC", "Reno DC"
TENT, STOVE, MUG = "TENT-2P", "STOVE", "MUG"
DAY = "2026-03-02T00:00:00"
RULE = "VAT on Purchases"
GHOST = "00000000-0000-4000-8000-000000000000"


def purchasing(**settings: Any) -> Company:
    """A company that has a tax rule for what it buys."""
    company = Company(**settings)
    rule = {"Name": RULE, "Account": "820", "IsActive": True, "TaxInclusive": False}
    company.post("/ref/tax", rule | {"IsTaxForPurchase": True, "Components": []})
    return company


@pytest.fixture
def company() -> Company:
    return purchasing()


def held(company: Company, sku: str, place: str = LONDON) -> int:
    return int(company.available(sku, place))


def on_order(company: Company, sku: str) -> int:
    rows = company.get("/ref/productavailability", Sku=sku, Location=LONDON)
    return max((int(row["OnOrder"]) for row in rows["ProductAvailabilityList"]), default=0)


def bought(quantity: int = 12, sku: str = MUG, **changes: Any) -> dict[str, Any]:
    row = {"SKU": sku, "Quantity": quantity, "Price": 2, "Tax": 0, "TaxRule": RULE}
    return row | {"Total": 2 * quantity} | changes


def header(**changes: Any) -> dict[str, Any]:
    return {"Supplier": "Sandbox Supplies", "Approach": "STOCK", "Location": LONDON} | changes


def ordered(company: Company, *lines: Any, kind: str = "purchase", **changes: Any) -> Any:
    purchase = company.post(f"/{kind}", header())
    body = {"TaskID": purchase["ID"], "Status": "AUTHORISED", "Lines": lines or [bought()]}
    company.post("/purchase/order", body | changes)
    return purchase["ID"]


def received(quantity: int = 12, sku: str = MUG) -> dict[str, Any]:
    return {"Date": DAY, "Quantity": quantity, "SKU": sku, "Location": LONDON}


def stock(key: str, *lines: Any, status: str = "AUTHORISED", name: str = "TaskID") -> Any:
    return {name: key, "Status": status, "Lines": lines or [received()]}


# -- purchases


def test_a_purchase_is_on_order_once_authorised_and_stock_once_received(company):
    key = ordered(company)
    assert (held(company, MUG), on_order(company, MUG)) == (0, 12)

    company.post("/purchase/stock", stock(key, status="DRAFT"))
    assert held(company, MUG) == 0
    company.post("/purchase/stock", stock(key))

    assert (held(company, MUG), on_order(company, MUG)) == (12, 0)
    (row,) = company.get("/purchaseList")["PurchaseList"]
    assert row["CombinedReceivingStatus"] == "FULLY RECEIVED"


def test_of_what_comes_in_part_the_rest_stays_on_order_until_the_purchase_is_void(company):
    key = ordered(company, bought(5), bought(7))
    company.post("/purchase/stock", stock(key, received(4)))
    assert (held(company, MUG), on_order(company, MUG)) == (4, 8)
    (row,) = company.get("/purchaseList")["PurchaseList"]
    assert row["CombinedReceivingStatus"] == "PARTIALLY RECEIVED"

    company.delete("/purchase", ID=key, Void="true")

    assert (held(company, MUG), on_order(company, MUG)) == (0, 0)


def test_an_advanced_purchase_is_stock_when_it_is_put_away(company):
    key = ordered(company, kind="advanced-purchase")
    company.post("/advanced-purchase/stock", stock(key, name="PurchaseID"))
    assert held(company, MUG) == 0
    company.post("/advanced-purchase/put-away", stock(key, name="PurchaseID"))
    assert held(company, MUG) == 12
    read = company.get("/advanced-purchase/put-away", PurchaseID=key)["PutAway"]
    assert [task["Status"] for task in read] == ["AUTHORISED"]


def test_an_order_is_written_anew_until_it_is_authorised_and_after_it_was_undone(company):
    purchase = company.post("/purchase", header(Note="first"))
    draft = {"TaskID": purchase["ID"], "Status": "DRAFT", "Lines": [bought(3)]}
    assert company.post("/purchase/order", draft)["Total"] == 6
    changed = company.put("/purchase", header(ID=purchase["ID"], Note="second"))
    assert changed["Note"] == "second"
    company.post("/purchase/order", draft | {"Status": "AUTHORISED"})
    assert company.refusal("POST", "/purchase/order", body=draft)[0] == 400
    assert company.refusal("PUT", "/purchase", body=header(ID=purchase["ID"]))[0] == 400

    company.delete("/purchase", ID=purchase["ID"])

    assert on_order(company, MUG) == 0
    assert company.post("/purchase/order", draft)["Status"] == "DRAFT"


@pytest.mark.parametrize(
    "change",
    [
        {"Supplier": "Nobody"},
        {"Supplier": None, "SupplierID": GHOST},
        {"Approach": "EITHER"},
        {"Location": "Nowhere"},
        {"TaxRule": "20% (VAT on Income)"},
        {"CurrencyRate": 2},
        {"Terms": "never"},
        {"TaxCalculation": "Both"},
    ],
)
def test_a_header_of_a_purchase_names_what_there_is(company, change):
    assert company.refusal("POST", "/purchase", body=header(**change))[0] == 400


@pytest.mark.parametrize(
    "change",
    [
        {"SKU": "GHOST"},
        {"Total": 25},
        {"TaxRule": "20% (VAT on Income)"},
        {"Quantity": 0, "Total": 0},
        {"Price": -1},
    ],
)
def test_a_line_of_a_purchase_adds_up_and_names_what_there_is(company, change):
    purchase = company.post("/purchase", header())
    body = {"TaskID": purchase["ID"], "Status": "AUTHORISED", "Lines": [bought(**change)]}
    assert company.refusal("POST", "/purchase/order", body=body)[0] == 400
    assert on_order(company, MUG) == 0


@pytest.mark.parametrize(
    "row", [received(13), received(1, TENT), received() | {"Location": RENO}, {"SKU": MUG}]
)
def test_no_more_comes_than_was_ordered_nor_elsewhere(company, row):
    key = ordered(company)
    assert company.refusal("POST", "/purchase/stock", body=stock(key, row))[0] == 400
    assert held(company, MUG) == 0


def test_goods_come_once_and_after_the_order(company):
    purchase = company.post("/purchase", header())
    assert company.refusal("POST", "/purchase/stock", body=stock(purchase["ID"]))[0] == 400
    key = ordered(company)
    company.post("/purchase/stock", stock(key))
    assert company.refusal("POST", "/purchase/stock", body=stock(key))[0] == 400
    assert company.refusal("DELETE", "/purchase", ID=key)[0] == 400


# -- transfers


def moved(quantity: int = 2, status: str = "COMPLETED", **changes: Any) -> dict[str, Any]:
    rows = [{"SKU": TENT, "TransferQuantity": quantity}]
    places = {"FromLocation": LONDON, "ToLocation": RENO}
    return places | {"Status": status, "CompletionDate": DAY, "Lines": rows} | changes


def both(company: Company) -> tuple[int, int]:
    return held(company, TENT), held(company, TENT, RENO)


def test_a_transfer_moves_stock_as_far_as_it_has_come(company):
    transfer = company.post("/stockTransfer", moved(status="DRAFT"))
    assert both(company) == (10, 4)
    key = {"TaskID": transfer["TaskID"]}
    company.put("/stockTransfer", moved(3, "IN TRANSIT") | key)
    assert both(company) == (7, 4)
    company.put("/stockTransfer", moved(3) | key)
    assert both(company) == (7, 7)
    assert company.refusal("PUT", "/stockTransfer", body=moved(4) | key)[0] == 400
    undone = company.delete("/stockTransfer", ID=transfer["TaskID"])
    assert (both(company), undone["Status"]) == ((10, 4), "DRAFT")
    void = company.delete("/stockTransfer", ID=transfer["TaskID"], Void="true")
    assert (void["Status"], void["Lines"]) == ("VOIDED", [])


def test_a_transfer_that_is_ordered_first_goes_after_its_order(company):
    transfer = company.post("/stockTransfer", moved(status="DRAFT", SkipOrder=False))
    key = {"TaskID": transfer["TaskID"]}
    assert company.refusal("PUT", "/stockTransfer", body=moved() | key)[0] == 400
    rows = [{"SKU": TENT, "TransferQuantity": 5}]
    body = key | {"Status": "AUTHORISED", "Lines": rows}
    assert company.post("/stockTransfer/order", body)["Status"] == "AUTHORISED"
    assert company.get("/stockTransfer/order", **key)["Lines"][0]["TransferQuantity"] == 5
    company.put("/stockTransfer", moved(5) | key)
    assert both(company) == (5, 9)


@pytest.mark.parametrize(
    "change",
    [
        {"ToLocation": LONDON},
        {"ToLocation": "Nowhere"},
        {"ToLocation": "Reno DC: Z9"},
        {"Status": "ORDERED"},
        {"CompletionDate": None},
        {"Lines": [{"SKU": TENT, "TransferQuantity": 11}]},
        {"Lines": [{"SKU": TENT, "TransferQuantity": 0}]},
        {"Lines": [{"SKU": TENT, "TransferQuantity": 1}] * 2},
        {"SkipOrder": False},
        {"InTransitAccount": "999"},
    ],
)
def test_a_transfer_takes_what_is_there_to_where_there_is_room(company, change):
    assert company.refusal("POST", "/stockTransfer", body=moved() | change)[0] == 400
    assert both(company) == (10, 4)
    assert company.get("/stockTransferList")["Total"] == 0


# -- adjustments and stock-takes


def counted(quantity: int, sku: str = TENT, place: str = LONDON) -> dict[str, Any]:
    return {"SKU": sku, "Quantity": quantity, "UnitCost": 1, "Location": place}


def adjustment(*lines: Any, status: str = "COMPLETED", **more: Any) -> dict[str, Any]:
    return {"EffectiveDate": DAY, "Status": status, "Lines": lines} | more


def test_an_adjustment_sets_what_is_available_unless_it_is_to_set_what_is_on_hand(company):
    company.authorise(company.new_sale(), line(quantity=3))
    company.post("/stockadjustment", adjustment(counted(9)))
    assert held(company, TENT) == 9
    company.post("/stockadjustment", adjustment(counted(9), UpdateOnHand=True))
    assert held(company, TENT) == 6


def test_an_adjustment_may_be_of_several_places_and_is_taken_back_when_void(company):
    lines = (counted(8), counted(1, place=RENO), counted(5, MUG))
    draft = company.post("/stockadjustment", adjustment(*lines, status="DRAFT"))
    assert both(company) == (10, 4)
    key = {"TaskID": draft["TaskID"]}
    done = company.put("/stockadjustment", adjustment(*lines) | key)
    assert (both(company), held(company, MUG)) == ((8, 1), 5)
    assert [row["SKU"] for row in done["NewStockLines"]] == [MUG]
    assert company.refusal("PUT", "/stockadjustment", body=adjustment(*lines) | key)[0] == 400
    assert company.refusal("DELETE", "/stockadjustment", ID=draft["TaskID"])[0] == 400
    company.delete("/stockadjustment", ID=draft["TaskID"], Void="true")
    assert (both(company), held(company, MUG)) == ((10, 4), 0)


@pytest.mark.parametrize(
    "body",
    [
        adjustment(),
        adjustment(counted(-1)),
        adjustment(counted(1, "GHOST")),
        adjustment(counted(1, place="Nowhere")),
        adjustment(counted(1), counted(2)),
        adjustment(counted(1), status="VOIDED"),
        adjustment(counted(1), Account="999"),
        adjustment({"SKU": TENT, "Quantity": 1, "Location": LONDON}),
    ],
)
def test_an_adjustment_that_is_wrong_changes_nothing(company, body):
    assert company.refusal("POST", "/stockadjustment", body=body)[0] == 400
    assert both(company) == (10, 4)


def test_a_stock_take_begins_with_what_is_there_and_counts_what_it_names(company):
    begun = company.post("/stocktake", {"EffectiveDate": DAY, "Account": "403", "Location": LONDON})
    there = {row["SKU"]: row["QuantityOnHand"] for row in begun["NonZeroStockOnHandProducts"]}
    assert (begun["Status"], there) == ("IN PROGRESS", {TENT: 10, STOVE: 3})
    body = {"TaskID": begun["TaskID"], "EffectiveDate": DAY, "Account": "403"}
    zero = [{"SKU": MUG, "Quantity": 2, "UnitCost": 1}]
    body |= {"NonZeroStockOnHandProducts": [{"SKU": TENT, "Adjustment": 7}]}
    body |= {"ZeroStockOnHandProducts": zero}
    company.put("/stocktake", body | {"Status": "IN PROGRESS"})
    assert held(company, TENT) == 10
    company.put("/stocktake", body | {"Status": "COMPLETED"})
    assert [held(company, sku) for sku in (TENT, STOVE, MUG)] == [7, 3, 2]
    assert company.refusal("PUT", "/stocktake", body=body | {"Status": "COMPLETED"})[0] == 400
    assert company.refusal("DELETE", "/stocktake", ID=begun["TaskID"], Void="true")[0] == 400


def test_documents_outlive_a_restart(tmp_path):
    company = Company(shelf=Shelf(tmp_path / "erp.sqlite"))
    transfer = company.post("/stockTransfer", moved(status="IN TRANSIT"))
    again = Company(shelf=Shelf(tmp_path / "erp.sqlite"))
    again.put("/stockTransfer", moved(Lines=[{"SKU": TENT, "TransferQuantity": Decimal(2)}])
              | {"TaskID": transfer["TaskID"]})  # fmt: skip
    assert both(again) == (8, 6)
