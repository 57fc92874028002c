"""A second start continues where the first stopped."""

from datetime import timedelta
from decimal import Decimal

from sfcc_cin7_sandbox.shelf import Shelf
from sfcc_cin7_tests.sandbox.cin7.test_cin7_books import customer, product
from sfcc_cin7_tests.sandbox.cin7.test_cin7_payments import payment
from sfcc_cin7_tests.sandbox.cin7_company import Company, charge, line, order


def test_everything_survives_a_restart(tmp_path):
    first = Company(shelf=Shelf(tmp_path / "sandbox.db"))
    shipped, open_sale = first.new_sale(), first.new_sale(ExternalID="second")
    first.authorise(shipped, line(quantity=2, price="19.9950"), charges=[charge()])
    first.cin7.ship(shipped["ID"])
    first.authorise(open_sale, line("STOVE", quantity=5))
    first.post("/sale/payment", payment(open_sale))
    first.post("/product", product())
    first.post("/customer", customer())
    first.cin7.create_tax_rule("TX 8.25%", Decimal("8.25"))
    first.cin7.adjust("MUG", "Reno DC", Decimal(7))

    second = Company(shelf=Shelf(tmp_path / "sandbox.db"))
    second.clock.advance(timedelta(hours=1))

    assert second.cin7.truth() == first.cin7.truth()
    for path in ("/saleList", "/product", "/customer", "/ref/tax", "/ref/productavailability"):
        assert second.get(path) == first.get(path)
    for sale in (shipped, open_sale):
        assert second.get("/sale", ID=sale["ID"]) == first.get("/sale", ID=sale["ID"])
    assert second.new_sale()["Order"]["SaleOrderNumber"] == "SO-00003"
    second.cin7.receive("STOVE", "London DC", Decimal(2))
    assert second.cin7.ship(open_sale["ID"]) == 5
    assert second.post("/sale/payment", payment(open_sale))["Amount"] == Decimal("12.50")
    assert second.refusal("POST", "/sale/order", body=order(open_sale, line()))[0] == 400


def test_payment_ids_are_never_used_twice(tmp_path):
    first = Company(shelf=Shelf(tmp_path / "sandbox.db"))
    sale = first.new_sale()
    gone = first.post("/sale/payment", payment(sale))
    first.delete("/sale/payment", ID=gone["ID"])

    second = Company(shelf=Shelf(tmp_path / "sandbox.db"))

    assert second.post("/sale/payment", payment(sale))["ID"] != gone["ID"]
    assert len(second.get("/sale/payment", SaleID=sale["ID"])) == 1


def test_a_sale_of_which_only_the_units_that_left_were_kept_is_shipped_all_the_same(tmp_path):
    first = Company(shelf=Shelf(tmp_path / "sandbox.db"))
    sale = first.new_sale()
    first.authorise(sale, line(quantity=2))
    first.cin7.ship(sale["ID"])
    kept = first.shelf.load("cin7.sale")[sale["ID"]]
    (row,) = kept["lines"]
    units = sum(part["Quantity"] for part in row.pop("Gone"))
    first.shelf.put("cin7.sale", sale["ID"], kept | {"lines": [row | {"Shipped": units}]})

    second = Company(shelf=Shelf(tmp_path / "sandbox.db"))

    shown = second.get("/sale", ID=sale["ID"])
    assert shown["CombinedShippingStatus"] == "SHIPPED"
    assert second.cin7.ship(sale["ID"]) == 0
    second.cin7.despatch.undo(sale["ID"])
    assert second.cin7.ship(sale["ID"]) == 2
