"""Headers of sales: what is accepted, what is filled in, what is silently dropped."""

from datetime import date
from decimal import Decimal

import pytest

from sfcc_cin7_tests.sandbox.cin7_company import VAT, Company, charge, header, line, order


@pytest.fixture
def company() -> Company:
    return Company()


def test_a_created_sale_is_estimated_and_waits_for_its_order(company):
    sale = company.new_sale()

    assert sale["Status"] == "ESTIMATED"
    assert sale["Quote"]["Status"] == "AUTHORISED"
    assert (sale["Order"]["Status"], sale["Order"]["Lines"]) == ("NOT AVAILABLE", [])
    assert sale["Order"]["SaleOrderNumber"] == "SO-00001"
    assert (sale["TaxCalculation"], sale["Type"]) == ("Inclusive", "Simple Sale")
    assert (sale["BaseCurrency"], sale["CustomerCurrency"]) == ("GBP", "GBP")
    assert sale["ID"] == sale["ID"].lower()
    assert company.get("/sale", ID=sale["ID"].upper()) == sale


def test_lines_sent_with_the_header_are_silently_dropped(company):
    sale = company.new_sale(
        Lines=[line()], OrderStatus="AUTHORISED", Order={"Status": "AUTHORISED", "Lines": [line()]}
    )

    assert sale["Order"]["Lines"] == []
    assert company.get("/sale/order", SaleID=sale["ID"])["Status"] == "NOT AVAILABLE"


def test_unknown_keys_are_ignored(company):
    assert "Colour" not in company.new_sale(Colour="red")


def test_what_the_header_leaves_out_comes_from_the_customer_card(company):
    sale = company.post("/sale", {"Customer": "web gb", "Location": "london dc"})

    assert (sale["Customer"], sale["Location"]) == ("Web GB", "London DC")
    assert (sale["Terms"], sale["PriceTier"], sale["TaxRule"]) == ("30 days", "UK Retail", VAT)
    assert sale["SaleOrderDate"] == "2026-03-02T00:00:00"
    assert sale["Status"] == "ESTIMATING"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"Customer": None}, "Required attribute Customer is not provided."),
        ({"Customer": "Nobody"}, "Customer 'Nobody' was not found"),
        ({"Location": ""}, "Required attribute Location is not provided."),
        ({"Location": "Mars"}, "Location Mars was not found in Locations reference book"),
        (
            {"Terms": "never"},
            "Active payment term with name never was not found in Payment Terms reference book",
        ),
        ({"TaxRule": "19%"}, "Tax Rule '19%' was not found in reference book"),
        ({"PriceTier": "Gold"}, "Price Tier 'Gold' was not found in reference book"),
        ({"Carrier": "Pigeon"}, "Carrier 'Pigeon' was not found in reference book"),
        ({"DefaultAccount": "999"}, "Account with specified ID not found"),
        ({"ExternalID": "x" * 257}, "Maximum ExternalID field length is 256 characters"),
        ({"Phone": "1" * 51}, "Maximum Phone field length is 50 characters"),
        ({"Note": "n" * 1025}, "Maximum Note field length is 1024 characters"),
        (
            {"AdditionalAttributes": {"AdditionalAttribute3": "a" * 257}},
            "Maximum Additional Attribute 3 field length is 256 characters",
        ),
        ({"ShippingAddress": {"Line1": "1 High St"}}, "Country is required for address"),
        (
            {"ShippingAddress": {"Line1": "1 High St", "Country": "UK", "Postcode": "P" * 21}},
            "Maximum Postcode field length is 20 characters",
        ),
        (
            {"BillingAddress": {"Country": "UK"}},
            "Required attribute Line1 is not provided.",
        ),
        ({"SaleOrderDate": "02/03/2026"}, "Attribute SaleOrderDate is not a valid date."),
        ({"SaleType": "Retail"}, "Attribute SaleType must be Simple or Advanced."),
        ({"SkipQuote": "true"}, "Attribute SkipQuote must be true or false."),
    ],
)
def test_a_wrong_header_is_refused_with_one_sentence(company, changes, sentence):
    assert company.refusal("POST", "/sale", body=header(**changes)) == (400, sentence)
    assert company.get("/saleList")["Total"] == 0


def test_only_the_first_problem_is_reported(company):
    body = header(Location="Mars", Terms="never", TaxRule="19%")

    assert company.refusal("POST", "/sale", body=body)[1].startswith("Location Mars")


def test_a_merchant_whose_account_does_not_insist_on_a_location_gets_the_customers():
    company = Company(location_required=False)

    assert company.new_sale(Location=None)["Location"] == "London DC"


def test_a_sale_in_another_currency_needs_its_rate_to_five_places(company):
    american = header(Customer="Web US", Location="Reno DC")

    assert company.refusal("POST", "/sale", body=american)[1] == "Please specify CurrencyRate"
    too_fine = american | {"CurrencyRate": Decimal("0.784321")}
    assert "5 decimal places" in company.refusal("POST", "/sale", body=too_fine)[1]
    sale = company.post("/sale", american | {"CurrencyRate": Decimal("0.78432")})
    assert (sale["CustomerCurrency"], sale["CurrencyRate"]) == ("USD", Decimal("0.78432"))


def test_the_rate_of_the_base_currency_is_one(company):
    assert company.new_sale(CurrencyRate=Decimal("0.5"))["CurrencyRate"] == 1


def test_two_sales_may_carry_the_same_external_id(company):
    first, second = company.new_sale(), company.new_sale()

    assert first["ID"] != second["ID"]
    listed = company.get("/saleList", ExternalID="alpenglow:shop-gb:00001")["SaleList"]
    assert [row["SaleID"] for row in listed] == [first["ID"], second["ID"]]


def test_an_order_dated_in_a_locked_period_is_refused():
    company = Company(lock_date=date(2026, 2, 28))

    body = header(SaleOrderDate="2026-02-28T23:00:00")
    assert "lock date" in company.refusal("POST", "/sale", body=body)[1]
    assert company.new_sale()["Status"] == "ESTIMATED"


def test_ship_to_other_keeps_a_shoppers_address_off_the_customer_card(company):
    address = {"Line1": "9 Tarn Road", "Country": "United Kingdom", "ShipToOther": True}
    company.new_sale(ShippingAddress=address)
    assert company.get("/customer", Name="Web GB")["CustomerList"][0]["Addresses"] == []

    for _ in range(2):
        company.new_sale(ShippingAddress=address | {"ShipToOther": False})
    card = company.get("/customer", Name="Web GB")["CustomerList"][0]
    assert [(row["Line1"], row["Type"]) for row in card["Addresses"]] == [
        ("9 Tarn Road", "Shipping")
    ]


def test_display_lines_of_an_address_are_composed(company):
    address = company.new_sale()["ShippingAddress"]

    assert address["DisplayAddressLine1"] == "1 Fell Lane"
    assert address["DisplayAddressLine2"] == "Keswick CA12 4XX United Kingdom"


def test_a_changed_header_must_be_sent_whole(company):
    sale = company.new_sale()

    body = {"ID": sale["ID"], "Note": "gift"}
    assert company.refusal("PUT", "/sale", body=body)[1].startswith("Required attribute Customer")
    changed = company.put("/sale", header(ID=sale["ID"], Note="gift", ExternalID="other"))
    assert (changed["Note"], changed["ExternalID"]) == ("gift", "other")
    assert changed["LastModifiedOn"] > sale["LastModifiedOn"]


def test_a_merchants_account_may_hold_on_to_the_external_id():
    company = Company(external_id_put_changes=False)
    sale = company.new_sale()

    changed = company.put("/sale", header(ID=sale["ID"], ExternalID="other"))

    assert changed["ExternalID"] == "alpenglow:shop-gb:00001"


def test_the_money_side_of_a_header_is_fixed_once_the_order_is_authorised(company):
    sale = company.new_sale()
    company.authorise(sale, line())

    body = header(ID=sale["ID"], TaxInclusive=False)
    assert company.refusal("PUT", "/sale", body=body)[1].startswith("TaxInclusive cannot")


def test_an_unknown_sale_is_not_found(company):
    unknown = "00000000-0000-4000-8000-000000000000"

    assert company.refusal("GET", "/sale", ID=unknown)[0] == 404
    assert company.refusal("GET", "/sale", ID="SO-00001")[0] == 400
    assert company.refusal("GET", "/sale") == (400, "Required attribute ID is not provided.")


def test_void_ends_a_sale_and_undo_reopens_it(company):
    first, second = company.new_sale(), company.new_sale()
    for sale in (first, second):
        company.authorise(sale, line(), charges=[charge()])

    reopened = company.delete("/sale", ID=first["ID"])
    voided = company.delete("/sale", ID=second["ID"], Void="true")

    assert (reopened["Status"], reopened["Order"]["Status"]) == ("ORDERING", "DRAFT")
    assert len(reopened["Order"]["Lines"]) == 1
    assert company.authorise(first, line())["Status"] == "AUTHORISED"
    assert (voided["Status"], voided["Order"]["Status"]) == ("VOIDED", "VOIDED")
    assert company.refusal("POST", "/sale/order", body=order(second, line()))[0] == 400
    assert company.refusal("DELETE", "/sale", ID=second["ID"])[0] == 400
    assert company.refusal("DELETE", "/sale", ID=second["ID"], Void="true")[0] == 400
