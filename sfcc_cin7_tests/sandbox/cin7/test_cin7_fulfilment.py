"""The warehouse ships what is allocated."""

from decimal import Decimal

import pytest

from sfcc_cin7_tests.sandbox.cin7_company import Company, charge, line


@pytest.fixture
def company() -> Company:
    return Company()


def test_shipping_lowers_stock_and_moves_every_status(company):
    sale = company.new_sale()
    company.authorise(sale, line(quantity=4), charges=[charge()])

    assert company.cin7.ship(sale["ID"]) == 4

    shown = company.get("/sale", ID=sale["ID"])
    assert (shown["CombinedPickingStatus"], shown["CombinedPackingStatus"]) == ("PICKED", "PACKED")
    assert (shown["CombinedShippingStatus"], shown["FulFilmentStatus"]) == ("SHIPPED", "FULFILLED")
    assert (shown["Status"], shown["Order"]["Status"]) == ("INVOICING", "AUTHORISED")
    assert shown["COGSAmount"] == Decimal("30.00")
    task = shown["Fulfilments"][0]
    assert sum(row["Quantity"] for row in task["Pick"]["Lines"]) == 4
    assert task["Ship"]["Lines"][0]["TrackingNumber"] == shown["CombinedTrackingNumbers"]
    truth = {(row["SKU"], row["Location"]): row for row in company.cin7.truth()["stock"]}
    assert truth["TENT-2P", "London DC"]["OnHand"] == 6
    assert truth["TENT-2P", "London DC"]["Allocated"] == 0


def test_a_backordered_sale_ships_in_two_parts(company):
    sale = company.new_sale()
    company.authorise(sale, line("STOVE", quantity=5))

    assert company.cin7.ship(sale["ID"]) == 3
    half = company.get("/sale", ID=sale["ID"])
    assert (half["Status"], half["CombinedShippingStatus"]) == ("BACKORDERED", "PARTIALLY SHIPPED")
    assert company.cin7.ship(sale["ID"]) == 0

    company.cin7.receive("STOVE", "London DC", Decimal(2))
    assert company.cin7.ship(sale["ID"]) == 2
    whole = company.get("/sale", ID=sale["ID"])
    assert (whole["Status"], whole["CombinedShippingStatus"]) == ("INVOICING", "SHIPPED")
    assert len(whole["Fulfilments"]) == 2


def test_a_shipped_sale_is_neither_voided_nor_undone(company):
    sale = company.new_sale()
    company.authorise(sale, line())
    company.cin7.ship(sale["ID"])

    for query in ({}, {"Void": "true"}):
        assert company.refusal("DELETE", "/sale", ID=sale["ID"], **query)[0] == 400


def test_somebody_edits_a_price_in_the_erp_behind_our_back(company):
    sale = company.new_sale()
    company.authorise(sale, line(quantity=2))

    company.cin7.edit_sale(sale["ID"], sku="TENT-2P", price=Decimal("19.00"))

    shown = company.get("/sale", ID=sale["ID"])
    assert shown["Order"]["Lines"][0]["Total"] == 38
    assert shown["Order"]["Total"] == 38
    assert shown["LastModifiedOn"] > sale["LastModifiedOn"]


def test_what_leaves_costs_what_a_unit_costs_on_that_day_and_not_when_it_was_ordered(company):
    sale = company.new_sale()
    company.authorise(sale, line(quantity=4))
    company.cin7.set_product_cost("TENT-2P", Decimal("8.00"))
    before = company.get("/sale", ID=sale["ID"])
    assert (before["COGSAmount"], before["InventoryMovements"]) == (0, [])
    assert before["Order"]["Lines"][0]["AverageCost"] == Decimal("7.50")

    company.cin7.ship(sale["ID"], {"TENT-2P": Decimal(3)})
    company.cin7.set_product_cost("TENT-2P", Decimal("9.00"))
    company.cin7.ship(sale["ID"])

    shown = company.get("/sale", ID=sale["ID"])
    assert [each["COGS"] for each in shown["InventoryMovements"]] == [24, 9]
    assert shown["COGSAmount"] == 33
    tasks = [task["TaskID"] for task in shown["Fulfilments"]]
    assert [each["TaskID"] for each in shown["InventoryMovements"]] == tasks
