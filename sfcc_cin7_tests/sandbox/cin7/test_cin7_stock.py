"""What the availability list shows, and what it hides."""

from dataclasses import replace
from decimal import Decimal
from time import process_time

import pytest

from sfcc_cin7_tests.sandbox.cin7_company import Company, line, sku, world


@pytest.fixture
def company() -> Company:
    return Company()


def listed(company: Company, **query):
    return company.get("/ref/productavailability", **query)["ProductAvailabilityList"]


def test_stock_is_split_over_bins_and_adds_up(company):
    company.cin7.receive("STOVE", "London DC", Decimal(5), bin="A2")
    company.cin7.receive("STOVE", "London DC", Decimal(4), bin="B1")

    rows = [row for row in listed(company, Sku="STOVE") if row["Location"] == "London DC"]

    assert len(rows) >= 2
    assert sum(row["OnHand"] for row in rows) == 12
    assert all(row["Location"] == "London DC" and row["Bin"] for row in rows)


def test_stock_on_hand_is_money_not_units(company):
    row = listed(company, Sku="STOVE", Location="London DC")[0]

    assert row["StockOnHand"] == row["OnHand"] * Decimal("7.50")


def test_services_and_deprecated_products_are_not_listed(company):
    product = company.get("/product", Sku="TENT-2P")["Products"][0]
    company.put("/product", {"ID": product["ID"], "Status": "Deprecated"})

    assert {row["SKU"] for row in listed(company)} == {"STOVE", "MUG"}
    assert company.get("/product", Sku="TENT-2P")["Products"] == []
    kept = company.get("/product", Sku="TENT-2P", IncludeDeprecated="true")["Products"]
    assert kept[0]["Status"] == "Deprecated"


@pytest.mark.parametrize(("shown", "mugs"), [("all", 2), ("binned", 1), ("none", 0)])
def test_accounts_differ_in_which_empty_rows_they_list(shown, mugs):
    company = Company(zero_rows=shown)

    assert [row["SKU"] for row in listed(company)].count("MUG") >= mugs
    assert bool(listed(company, Sku="MUG")) == bool(mugs)


@pytest.mark.parametrize(
    ("mode", "found"),
    [
        ("prefix", {"TENT-2P"}),
        ("contains", {"TENT-2P", "BIG-TENT-2P"}),
        ("exact", set()),
    ],
)
def test_accounts_differ_in_how_the_sku_filter_matches(mode, found):
    company = Company(sku_filter=mode)
    company.cin7.create_product("BIG-TENT-2P")
    company.cin7.receive("BIG-TENT-2P", "Reno DC", Decimal(1))

    assert {row["SKU"] for row in listed(company, Sku="tent")} == found
    assert {row["SKU"] for row in company.get("/product", sku="TENT")["Products"]} == found


def test_the_list_filters_by_product_name_location_and_category(company):
    tent = company.get("/product", Sku="TENT-2P")["Products"][0]

    assert {row["SKU"] for row in listed(company, ID=tent["ID"])} == {"TENT-2P"}
    assert {row["SKU"] for row in listed(company, Name="the s")} == {"STOVE"}
    assert {row["Location"] for row in listed(company, Location="reno dc")} == {"Reno DC"}
    assert listed(company, Category="Tents") == []
    assert listed(company, Batch="B-1") == []
    assert listed(company, ModifiedSince="2030-01-01") == listed(company)


def test_a_count_below_what_was_promised_makes_available_negative(company):
    company.authorise(company.new_sale(), line(quantity=8))

    company.cin7.adjust("TENT-2P", "London DC", Decimal(5))

    assert company.available("TENT-2P") == -3
    later = company.authorise(company.new_sale(), line(quantity=1))
    assert later["Lines"][0]["BackorderQuantity"] == 1


def test_a_count_spares_promised_units_as_long_as_it_can(company):
    company.authorise(company.new_sale(), line(quantity=8))

    company.cin7.adjust("TENT-2P", "London DC", Decimal(8))

    assert company.available("TENT-2P") == 0
    assert all(row["Available"] == 0 for row in listed(company, Sku="TENT", Location="London DC"))
    company.cin7.adjust("TENT-2P", "London DC", Decimal(11))
    assert company.available("TENT-2P") == 3


def test_goods_can_only_arrive_for_known_stock_products(company):
    for name in ("GHOST", "Shipping"):
        with pytest.raises(KeyError):
            company.cin7.receive(name, "London DC", Decimal(1))


def test_a_snapshot_may_silently_lose_rows_and_its_total_with_them(company):
    whole = company.get("/ref/productavailability")["Total"]
    company.faults.rates["cin7.short_snapshot"] = 1
    company.faults.sizes["cin7.short_snapshot"] = 2

    page = company.get("/ref/productavailability")

    assert page["Total"] == len(page["ProductAvailabilityList"]) == whole - 2


def test_a_full_page_of_a_large_company_takes_well_under_100_ms():
    small = world()
    skus = tuple(sku(f"SKU-{at:04d}", London_DC=at % 50, Reno_DC=9) for at in range(5000))
    company = Company(of=replace(small, skus=skus))

    seconds = []
    for _ in range(5):
        started = process_time()
        response = company.call("GET", "/ref/productavailability", Page=5, Limit=1000)
        seconds.append(process_time() - started)

    assert response.text.count('"Bin"') == 1000
    assert min(seconds) < 0.1
