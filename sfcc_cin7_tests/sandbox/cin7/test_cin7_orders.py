"""Lines and charges: the totals, the refusals, and what authorising does to stock."""

from decimal import Decimal

import pytest

from sfcc_cin7_tests.sandbox.cin7_company import ZERO_RATED, Company, charge, header, line, order


@pytest.fixture
def company() -> Company:
    return Company()


def totals(document):
    return tuple(document[name] for name in ("TotalBeforeTax", "Tax", "Total"))


def refused(company: Company, *lines, charges=(), **changes) -> str:
    """The sentence with which an order for a new sale is refused."""
    sale = company.new_sale()
    body = order(sale, *lines, charges=charges, **changes)
    status, sentence = company.refusal("POST", "/sale/order", body=body)
    assert status == 400
    assert company.get("/sale/order", SaleID=sale["ID"])["Status"] == "NOT AVAILABLE"
    return sentence


def test_a_gross_order_adds_up_with_the_tax_inside_the_prices(company):
    sale = company.new_sale()

    document = company.authorise(
        sale,
        line(quantity=2, price="19.99", Discount=15, Tax=Decimal("5.66")),
        charges=[charge(price="4.95", Tax=Decimal("0.83"))],
    )

    assert document["Lines"][0]["Total"] == Decimal("33.98")
    assert totals(document) == (Decimal("32.44"), Decimal("6.49"), Decimal("38.93"))
    assert company.get("/sale", ID=sale["ID"])["Order"]["Total"] == Decimal("38.93")


def test_a_net_order_adds_its_tax_on_top(company):
    sale = company.new_sale(TaxInclusive=False)

    document = company.authorise(
        sale,
        line(quantity=3, price="15.8833", Tax=Decimal("3.45")),
        line("STOVE", price="27.35", Tax=Decimal("2.26")),
        charges=[charge(price="5.00", Tax=Decimal("0.41"))],
    )

    assert totals(document) == (Decimal("80.00"), Decimal("6.12"), Decimal("86.12"))


def test_tax_is_booked_as_sent_not_recomputed(company):
    document = company.authorise(company.new_sale(), line(price="60.00", Tax=Decimal("9.97")))

    assert document["Tax"] == Decimal("9.97")


def test_an_account_that_recomputes_tax_may_round_per_row_or_per_document():
    rows = [line(name, price="0.99", Tax=Decimal("0.08")) for name in ("TENT-2P", "STOVE", "MUG")]
    taxes = []
    for method in ("Row Total", "Total"):
        company = Company(tax_handling="recomputed", tax_calculation_method=method)
        taxes.append(company.authorise(company.new_sale(), *rows)["Tax"])

    assert taxes == [Decimal("0.51"), Decimal("0.50")]


def test_header_totals_are_ignored(company):
    document = company.authorise(company.new_sale(), line(), TotalBeforeTax=0, Tax=0, Total=1)

    assert document["Total"] == 20


def test_the_total_of_a_line_leaves_tax_out(company):
    net = company.new_sale(TaxInclusive=False)
    with_tax = line(price="20.00", Tax=4, Total=24)

    sentence = company.refusal("POST", "/sale/order", body=order(net, with_tax))[1]
    assert sentence == "Total 24 does not match the calculated total 20.00"


def test_an_account_that_wants_tax_in_the_line_total_refuses_the_net_one():
    company = Company(line_total="with-tax")
    net = company.new_sale(TaxInclusive=False)
    row = line(price="20.00", Tax=4)

    assert "does not match" in company.refusal("POST", "/sale/order", body=order(net, row))[1]
    document = company.authorise(net, row | {"Total": 24})
    assert totals(document) == (20, 4, 24)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([line() | {"Quantity": None}], "Required attribute Quantity is not provided."),
        ([line() | {"Price": None}], "Required attribute Price is not provided."),
        ([line() | {"Tax": None}], "Required attribute Tax is not provided."),
        ([line() | {"Total": None}], "Required attribute Total is not provided."),
        ([line() | {"TaxRule": None}], "Required attribute TaxRule is not provided."),
        ([line() | {"SKU": None}], "Required attribute SKU is not provided."),
        ([line("GHOST")], "Product with SKU 'GHOST' was not found"),
        ([line("tent-2p")], "Product with SKU 'tent-2p' was not found"),
        (
            [line(), line(price="18.00")],
            "It is impossible to use product with one SKU more once in Lines",
        ),
        ([line() | {"TaxRule": "8%"}], "Tax Rule '8%' was not found in reference book"),
        ([line("OPT-GIFTWRAP")], "Service product 'OPT-GIFTWRAP' belongs in AdditionalCharges"),
        ([line(quantity=0)], "Quantity must be at least 1"),
        ([line(quantity=Decimal("0.5"))], "Quantity must be at least 1"),
        ([line(price="-1")], "Price can't be less than zero."),
        ([line(Discount=101, Total=0)], "Discount must be between 0 and 100"),
        ([line(price="1.23456")], "Attribute Price may have 4 decimal places at most."),
        (
            [line(Discount=Decimal("1.234"))],
            "Attribute Discount may have 2 decimal places at most.",
        ),
        ([line(Price="20.00")], "Attribute Price must be a number."),
        ([line(Total=Decimal("20.02"))], "Total 20.02 does not match the calculated total 20.00"),
        ([line(Tax=Decimal("-0.01"))], "Tax -0.01 is not possible for an amount of 20.00"),
        ([line(Tax=21)], "Tax 21 is not possible for an amount of 20.00"),
        ([line(Comment="c" * 257)], "Maximum Comment field length is 256 characters"),
        ([], "Order cannot be authorised without lines"),
    ],
)
def test_a_wrong_line_is_refused_with_one_sentence_and_nothing_changes(company, rows, sentence):
    assert refused(company, *rows) == sentence
    assert company.available("TENT-2P") == 10


def test_a_total_within_a_cent_is_accepted_and_the_calculated_one_kept(company):
    document = company.authorise(company.new_sale(), line(Total=Decimal("20.01")))

    assert document["Lines"][0]["Total"] == Decimal("20.00")


def test_accounts_differ_in_what_an_unknown_sku_gets():
    company = Company(unknown_sku_status=404, sku_case_sensitive=False)
    sale = company.new_sale()

    assert company.refusal("POST", "/sale/order", body=order(sale, line("GHOST")))[0] == 404
    assert company.authorise(sale, line("tent-2p"))["Lines"][0]["SKU"] == "TENT-2P"


def test_a_line_may_name_its_product_by_id_alone(company):
    product = company.get("/product", Sku="STOVE")["Products"][0]

    document = company.authorise(
        company.new_sale(), line("STOVE") | {"SKU": None, "ProductID": product["ID"].upper()}
    )

    assert document["Lines"][0]["SKU"] == "STOVE"


def test_a_charge_must_be_described_by_the_name_of_a_service_product(company):
    assert refused(company, line(), charges=[charge("Shipping")]) == (
        "Service product 'Shipping' was not found"
    )
    assert refused(company, line(), charges=[charge("The STOVE")]) == (
        "Service product 'The STOVE' was not found"
    )
    document = company.authorise(company.new_sale(), line(), charges=[charge("The OPT-GIFTWRAP")])
    assert document["AdditionalCharges"][0]["Total"] == Decimal("6.00")


def test_a_negative_charge_carries_negative_tax_unless_the_account_refuses_it(company):
    refund = charge(price="-3.00", TaxRule=ZERO_RATED, Tax=0)

    assert company.authorise(company.new_sale(), line(), charges=[refund])["Total"] == 17
    wrong = refund | {"Tax": Decimal("0.5")}
    assert refused(company, line(), charges=[wrong]).startswith("Tax 0.5 is not possible")
    strict = Company(negative_charges=False)
    assert refused(strict, line(), charges=[refund]) == "Price can't be less than zero."


def test_an_order_of_charges_alone_ships_nothing(company):
    sale = company.new_sale()

    assert company.authorise(sale, charges=[charge()])["Total"] == 6
    assert company.get("/sale", ID=sale["ID"])["CombinedShippingStatus"] == "NOT AVAILABLE"


def test_a_draft_is_replaced_as_a_whole_and_holds_no_stock(company):
    sale = company.new_sale()
    company.authorise(sale, line(), line("STOVE"), charges=[charge()], Status="DRAFT", Memo="first")

    document = company.authorise(sale, line(), Status="DRAFT")

    assert [row["SKU"] for row in document["Lines"]] == ["TENT-2P"]
    assert (document["AdditionalCharges"], document["Memo"]) == ([], "")
    assert company.get("/sale", ID=sale["ID"])["Status"] == "ORDERING"
    assert company.available("TENT-2P") == 10


def test_an_authorised_order_cannot_be_replaced(company):
    sale = company.new_sale()
    company.authorise(sale, line())

    body = order(sale, line(quantity=2))
    assert company.refusal("POST", "/sale/order", body=body) == (
        400,
        "Order cannot be changed in status AUTHORISED",
    )
    assert company.get("/sale/order", SaleID=sale["ID"])["Lines"][0]["Quantity"] == 1


def test_an_order_needs_an_authorised_quote_and_is_not_for_service_sales(company):
    quoted = company.new_sale(SkipQuote=False)
    service = company.new_sale(ServiceOnly=True)

    for sale in (quoted, service):
        assert company.refusal("POST", "/sale/order", body=order(sale, line()))[0] == 400
    assert service["Type"] == "Service Sale"


@pytest.mark.parametrize(
    ("mode", "stages"),
    [
        ("NOPICK", ("NOT PICKED", "NOT PACKED", "NOT SHIPPED")),
        ("AUTOPICK", ("PICKED", "NOT PACKED", "NOT SHIPPED")),
        ("AUTOPICKPACK", ("PICKED", "PACKED", "NOT SHIPPED")),
        ("AUTOPICKPACKSHIP", ("PICKED", "PACKED", "SHIPPED")),
    ],
)
def test_a_simple_order_goes_as_far_as_it_is_told_to_when_it_is_authorised(company, mode, stages):
    sale, short = company.new_sale(), company.new_sale()
    company.authorise(sale, line(), AutoPickPackShipMode=mode)
    company.authorise(short, line("STOVE", quantity=5), AutoPickPackShipMode=mode)
    shown, waiting = (company.get("/sale", ID=each["ID"]) for each in (sale, short))
    names = [f"Combined{stage}Status" for stage in ("Picking", "Packing", "Shipping")]
    assert tuple(shown[name] for name in names) == stages
    assert waiting[names[0]] == "NOT PICKED", "what is backordered waits"


def test_only_a_simple_order_that_is_authorised_is_picked_at_once(company):
    for changes in ({"AutoPickPackShipMode": "AUTOSHIP"}, {"Status": "DRAFT"}):
        body = {"AutoPickPackShipMode": "AUTOPICK"} | changes
        assert "AutoPickPackShipMode" in refused(company, line(), **body)
    advanced = company.new_sale(SaleType="Advanced")
    body = order(advanced, line(), AutoPickPackShipMode="AUTOPICK")
    assert company.refusal("POST", "/sale/order", body=body)[0] == 400


def test_authorising_allocates_stock_over_several_bins(company):
    sale = company.new_sale()
    company.authorise(sale, line(quantity=7))

    rows = company.get("/ref/productavailability", Sku="TENT-2P", Location="London DC")
    assert sum(row["Allocated"] for row in rows["ProductAvailabilityList"]) == 7
    assert all(
        row["Available"] == row["OnHand"] - row["Allocated"] >= 0
        for row in rows["ProductAvailabilityList"]
    )
    assert company.available("TENT-2P") == 3
    assert company.get("/sale", ID=sale["ID"])["Status"] == "ORDERED"


def test_a_shortage_becomes_a_silent_backorder(company):
    sale = company.new_sale()

    document = company.authorise(sale, line("STOVE", quantity=5), line(quantity=1))

    assert [row["BackorderQuantity"] for row in document["Lines"]] == [2, 0]
    assert company.available("STOVE") == 0
    shown = company.get("/sale", ID=sale["ID"])
    assert shown["Status"] == "BACKORDERED"
    assert [row["Backorder"] for row in shown["Order"]["Lines"]] == [True, False]


def test_stock_of_other_locations_counts_only_where_the_account_says_so():
    strict, shared = Company(), Company(backorder_scope="all")
    short = [
        company.authorise(company.new_sale(), line(quantity=12))["Lines"][0]["BackorderQuantity"]
        for company in (strict, shared)
    ]

    assert short == [2, 0]
    assert shared.available("TENT-2P", "Reno DC") == 2


def test_void_and_undo_give_stock_back_to_whoever_waits_longest(company):
    sales = [company.new_sale() for _ in range(3)]
    for sale in sales:
        company.authorise(sale, line("STOVE", quantity=3))

    company.delete("/sale", ID=sales[0]["ID"], Void="True")

    statuses = [company.get("/sale", ID=sale["ID"])["Status"] for sale in sales]
    assert statuses == ["VOIDED", "ORDERED", "BACKORDERED"]
    company.delete("/sale", ID=sales[1]["ID"])
    assert company.get("/sale", ID=sales[2]["ID"])["Status"] == "ORDERED"
    assert company.available("STOVE") == 0


def test_a_sale_undone_and_then_voided_gives_its_stock_back_once(company):
    sale = company.new_sale()
    company.authorise(sale, line(quantity=4))

    company.delete("/sale", ID=sale["ID"])
    company.delete("/sale", ID=sale["ID"], Void="true")

    assert company.available("TENT-2P") == 10


def test_arriving_goods_fill_backorders_but_the_shortage_is_remembered(company):
    sale = company.new_sale()
    company.authorise(sale, line("STOVE", quantity=5))

    company.cin7.receive("STOVE", "London DC", Decimal(10))

    shown = company.get("/sale", ID=sale["ID"])
    assert (shown["Status"], shown["Order"]["Lines"][0]["BackorderQuantity"]) == ("ORDERED", 0)
    assert company.available("STOVE") == 8
    assert company.cin7.truth()["sales"][0]["Lines"][0]["Short"] == 2


def test_a_time_out_after_a_committed_header_leaves_it_findable_without_lines(company):
    company.new_sale()

    row = company.get("/saleList", ExternalID="alpenglow:shop-gb:00001")["SaleList"][0]

    assert company.get("/sale", ID=row["SaleID"])["Order"]["Lines"] == []
    assert header()["ExternalID"] == row["ExternalID"]
