"""Finding sales again."""

from datetime import timedelta

import pytest

from sfcc_cin7_tests.sandbox.cin7_company import Company, line


@pytest.fixture
def company() -> Company:
    return Company()


def numbers(company: Company, **query: str) -> list[str]:
    return [row["OrderNumber"] for row in company.get("/saleList", **query)["SaleList"]]


def test_sales_are_listed_in_the_order_of_their_numbers_page_by_page(company):
    for _ in range(5):
        company.new_sale()

    page = company.get("/saleList", page="2", LIMIT="2")

    assert (page["Total"], page["Page"]) == (5, 2)
    assert [row["OrderNumber"] for row in page["SaleList"]] == ["SO-00003", "SO-00004"]
    assert numbers(company, Page="4", Limit="2") == []


@pytest.mark.parametrize("query", [{"Limit": "1001"}, {"Limit": "0"}, {"Page": "0"}])
def test_pages_outside_the_documented_limits_are_refused(company, query):
    assert company.refusal("GET", "/saleList", **query)[0] == 400


def test_the_external_id_matches_exactly(company):
    company.new_sale(ExternalID="shop:1")
    company.new_sale(ExternalID="shop:10")

    assert numbers(company, ExternalID="shop:1") == ["SO-00001"]
    assert numbers(company, ExternalID="SHOP:1") == []
    relaxed = Company(external_id_case_sensitive=False)
    relaxed.new_sale(ExternalID="shop:1")
    assert numbers(relaxed, ExternalID="SHOP:1") == ["SO-00001"]


def test_search_finds_parts_of_numbers_references_and_names(company):
    company.new_sale(CustomerReference="00012")
    company.new_sale(CustomerReference="00123")

    assert numbers(company, Search="0012") == ["SO-00001", "SO-00002"]
    assert numbers(company, Search="so-00002") == ["SO-00002"]
    assert numbers(company, Search="alpenglow:shop-gb") == []


def test_an_unknown_filter_is_ignored_and_everything_comes_back(company):
    company.new_sale()

    assert numbers(company, OrderNumber="SO-99999") == ["SO-00001"]


def test_a_sale_is_updated_whenever_it_changes(company):
    sale = company.new_sale()
    company.new_sale()
    middle = company.new_sale()["LastModifiedOn"]
    company.authorise(sale, line())

    rows = company.get("/saleList", UpdatedSince=middle)["SaleList"]
    assert [row["OrderNumber"] for row in rows] == ["SO-00001", "SO-00003"]
    assert rows[0]["Updated"] == company.get("/sale", ID=sale["ID"])["LastModifiedOn"]
    assert numbers(company, UpdatedUntil=middle) == ["SO-00002", "SO-00003"]
    assert numbers(company, CreatedSince=middle) == ["SO-00003"]
    assert company.refusal("GET", "/saleList", UpdatedSince="yesterday")[0] == 400


def test_statuses_filter_one_value_each(company):
    first, second = company.new_sale(), company.new_sale()
    company.new_sale(SkipQuote=False)
    company.authorise(first, line())
    company.authorise(second, line("STOVE", quantity=9))
    company.cin7.ship(first["ID"])

    assert numbers(company, OrderStatus="AUTHORISED") == ["SO-00001", "SO-00002"]
    assert numbers(company, Status="BACKORDERED") == ["SO-00002"]
    assert numbers(company, QuoteStatus="DRAFT") == ["SO-00003"]
    for key, value in (
        ("CombinedPickStatus", "PICKED"),
        ("CombinedPackStatus", "PACKED"),
        ("CombinedShippingStatus", "SHIPPED"),
    ):
        assert numbers(company, **{key: value}) == ["SO-00001"]
    assert numbers(company, CombinedInvoiceStatus="NOT INVOICED") == ["SO-00001", "SO-00002"]
    assert numbers(company, CreditNoteStatus="DRAFT") == []
    assert numbers(company, ReadyForShipping="true") == []
    company.cin7.pick(second["ID"])
    company.cin7.pack(second["ID"])
    assert numbers(company, ReadyForShipping="true") == ["SO-00002"]


def test_ship_by_and_location_filter_what_is_still_to_go(company):
    company.new_sale(ShipBy="2026-03-05")
    company.new_sale(ShipBy="2026-03-09")
    company.new_sale(Location="Reno DC")
    reno = company.get("/ref/location", Name="Reno DC")["LocationList"][0]["ID"]

    assert numbers(company, ShipBy="2026-03-05") == ["SO-00001"]
    assert numbers(company, OrderLocationID=reno) == ["SO-00003"]


def test_a_new_sale_may_be_listed_late(company):
    company.faults.rates["cin7.index_lag"] = 1
    company.faults.sizes["cin7.index_lag"] = 30
    sale = company.new_sale()

    assert numbers(company) == []
    assert company.get("/sale", ID=sale["ID"])["ID"] == sale["ID"]
    company.clock.advance(timedelta(seconds=30))
    assert numbers(company) == ["SO-00001"]


def test_a_listing_may_repeat_a_row_on_the_next_page(company):
    for _ in range(3):
        company.new_sale()
    company.faults.rates["cin7.duplicate_listing"] = 1

    assert numbers(company, Limit="2") == ["SO-00001", "SO-00002"]
    assert numbers(company, Limit="2", Page="2") == ["SO-00002", "SO-00003"]


def test_an_account_may_show_the_stamp_of_a_change_late():
    company = Company(change_lag=120)
    sale = company.new_sale()
    company.clock.advance(timedelta(minutes=10))
    company.authorise(sale, line())
    changed = company.get("/sale", ID=sale["ID"])["LastModifiedOn"]

    assert numbers(company, UpdatedSince=changed) == []
    [row] = company.get("/saleList")["SaleList"]
    assert row["Updated"] == sale["LastModifiedOn"] != changed
    company.clock.advance(timedelta(minutes=2))
    [row] = company.get("/saleList", UpdatedSince=changed)["SaleList"]
    assert row["Updated"] == changed
