"""Products, customers and reference books."""

from decimal import Decimal

import pytest

from sfcc_cin7_tests.sandbox.cin7_company import VAT, Company, charge, line


@pytest.fixture
def company() -> Company:
    return Company()


def product(**changes):
    return {
        "SKU": "LAMP",
        "Name": "Storm lamp",
        "Category": "Other",
        "Type": "Stock",
        "CostingMethod": "FIFO",
        "UOM": "Item",
        "Status": "Active",
        "PriceTier1": Decimal("12.50"),
    } | changes


def customer(**changes):
    return {
        "Name": "Web FR",
        "Status": "Active",
        "Currency": "EUR",
        "PaymentTerm": "30 days",
        "AccountReceivable": "610",
        "RevenueAccount": "200",
        "TaxRule": VAT,
    } | changes


def test_products_carry_prices_by_position_and_by_tier_name(company):
    tent = company.get("/product", Sku="TENT-2P")["Products"][0]

    assert (tent["PriceTier1"], tent["PriceTier2"]) == (20, 25)
    assert tent["PriceTiers"]["UK Retail"] == 20
    assert (tent["Type"], tent["AverageCost"]) == ("Stock", Decimal("7.50"))
    services = [row for row in company.get("/product")["Products"] if row["Type"] == "Service"]
    assert {row["SKU"] for row in services} == {"Shipping", "OPT-GIFTWRAP"}


def test_products_can_be_asked_for_by_time_name_and_id(company):
    new = company.post("/product", product())["Products"][0]
    since = new["LastModifiedOn"]

    assert [row["SKU"] for row in company.get("/product", ModifiedSince=since)["Products"]] == [
        "LAMP"
    ]
    assert company.get("/product", Name="storm")["Products"] == [new]
    assert company.get("/product", ID=new["ID"])["Total"] == 1


def test_a_new_product_can_be_sold_once_it_exists(company):
    company.post("/product", product())

    document = company.authorise(company.new_sale(), line("LAMP"))

    assert document["Lines"][0]["BackorderQuantity"] == 1


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"SKU": "stove"}, (400, "Specified attribute 'SKU' already exists")),
        ({"SKU": "S" * 51}, (400, "Maximum SKU field length is 50 characters")),
        ({"Category": "Boats"}, (404, "Category not found.")),
        ({"Brand": "Nobody"}, (404, "Brand 'Nobody' was not found in reference book")),
        ({"PriceTier1": None}, (400, "PriceTiers value cannot be empty")),
        ({"Weight": -1}, (400, "Weight value can't be less than zero.")),
        ({"UOM": None}, (400, "Required attribute UOM is not provided.")),
        (
            {"AdditionalAttribute2": "a" * 257},
            (400, "Maximum Additional Attribute 2 field length is 256 characters"),
        ),
        ({"Suppliers": [{}]}, (400, "Suppliers cannot be set when a product is created.")),
    ],
)
def test_a_wrong_product_is_refused(company, changes, refusal):
    assert company.refusal("POST", "/product", body=product(**changes)) == refusal


def test_a_changed_product_keeps_what_is_left_out(company):
    tent = company.get("/product", Sku="TENT-2P")["Products"][0]

    changed = company.put("/product", {"ID": tent["ID"], "PriceTiers": {"UK Retail": 21}})

    assert changed["Products"][0]["PriceTier1"] == 21
    assert changed["Products"][0]["Name"] == tent["Name"]
    body = {"ID": tent["ID"], "SKU": "OTHER"}
    assert company.refusal("PUT", "/product", body=body)[1] == "Attribute SKU cannot be changed."


def test_a_renamed_service_answers_to_its_new_name_only(company):
    shipping = company.get("/product", Sku="Shipping")["Products"][0]
    company.put("/product", {"ID": shipping["ID"], "Name": "Postage"})
    sale = company.new_sale()

    assert company.authorise(sale, line(), charges=[charge("Postage")])["Total"] == 26


def test_a_deprecated_product_cannot_be_ordered(company):
    tent = company.get("/product", Sku="TENT-2P")["Products"][0]
    company.put("/product", {"ID": tent["ID"], "Status": "Deprecated"})
    sale = company.new_sale()

    body = {"SaleID": sale["ID"], "Status": "AUTHORISED", "Lines": [line()]}
    assert company.refusal("POST", "/sale/order", body=body)[1] == (
        "Product 'TENT-2P' is not active"
    )


def test_customer_names_are_unique_whatever_their_case(company):
    made = company.post("/customer", customer())["CustomerList"][0]

    assert made["Currency"] == "EUR"
    for name in ("Web FR", "WEB FR"):
        assert company.refusal("POST", "/customer", body=customer(Name=name)) == (
            400,
            "Specified attribute 'Name' already exists",
        )


def test_a_deprecated_customer_keeps_its_name_but_is_listed_only_on_request(company):
    made = company.post("/customer", customer())["CustomerList"][0]
    company.put("/customer", {"ID": made["ID"], "Status": "Deprecated"})

    assert company.get("/customer", Name="Web FR")["CustomerList"] == []
    listed = company.get("/customer", Name="Web FR", IncludeDeprecated="true")["CustomerList"]
    assert [row["Status"] for row in listed] == ["Deprecated"]
    assert company.refusal("POST", "/customer", body=customer())[0] == 400


def test_a_name_that_was_given_up_may_be_taken_again(company):
    made = company.post("/customer", customer())["CustomerList"][0]
    company.put("/customer", {"ID": made["ID"], "Name": "Web France"})

    again = company.post("/customer", customer())["CustomerList"][0]

    assert again["ID"] != made["ID"]
    names = [row["Name"] for row in company.get("/customer", Name="Web F")["CustomerList"]]
    assert names == ["Web France", "Web FR"]


def test_on_a_change_what_is_left_out_stays_and_an_empty_text_clears(company):
    made = company.post(
        "/customer", customer(Location="Reno DC", PriceTier="UK Retail", Tags="web")
    )["CustomerList"][0]

    body = {"ID": made["ID"], "Location": "", "Tags": ""}
    changed = company.put("/customer", body)["CustomerList"][0]

    assert (changed["Location"], changed["Tags"]) == (None, "")
    assert (changed["PriceTier"], changed["Currency"]) == ("UK Retail", "EUR")
    body = {"ID": made["ID"], "PaymentTerm": ""}
    sentence = "Required attribute PaymentTerm is not provided."
    assert company.refusal("PUT", "/customer", body=body) == (400, sentence)


def test_a_customers_name_filter_is_a_prefix(company):
    company.post("/customer", customer(Name="Web GB 2"))

    names = [row["Name"] for row in company.get("/customer", Name="web gb")["CustomerList"]]

    assert names == ["Web GB", "Web GB 2"]


def test_contacts_and_addresses_are_added_and_updated_by_id(company):
    contact = {"Name": "Ana Ruiz", "Email": "ana@example.com", "Phone": "1", "Default": True}
    made = company.post("/customer", customer(Contacts=[contact]))["CustomerList"][0]
    known = made["Contacts"][0]
    address = {"Line1": "1 Rue Haute", "Country": "France", "Type": "Billing"}

    changed = company.put(
        "/customer",
        {"ID": made["ID"], "Contacts": [known | {"Phone": "2"}], "Addresses": [address]},
    )["CustomerList"][0]

    assert [(row["Name"], row["Phone"]) for row in changed["Contacts"]] == [("Ana Ruiz", "2")]
    assert changed["Addresses"][0]["Line1"] == "1 Rue Haute"
    found = company.get("/customer", ContactFilter="ANA@example.com")["CustomerList"]
    assert [row["Name"] for row in found] == ["Web FR"]
    sale = company.new_sale(Customer="Web FR", CurrencyRate=Decimal("0.85"))
    assert (sale["Contact"], sale["Phone"]) == ("Ana Ruiz", "2")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"TaxRule": None}, "Required attribute TaxRule is not provided."),
        ({"AccountReceivable": "200"}, "Account 200 is not an accounts receivable account"),
        ({"RevenueAccount": "999"}, "Account with specified ID not found"),
        ({"RevenueAccount": "1200"}, "Account 1200 is not a revenue account"),
        (
            {"PaymentTerm": "90 days"},
            "Active payment term with name 90 days was not found in Payment Terms reference book",
        ),
        ({"TaxRule": "VAT"}, "Tax Rule 'VAT' was not found in reference book"),
        ({"PriceTier": "VIP"}, "Price Tier 'VIP' was not found in reference book"),
        ({"Location": "Moon"}, "Location Moon was not found in Locations reference book"),
        (
            {"SalesRepresentative": "Nobody"},
            "Sales representative 'Nobody' was not found in reference book",
        ),
        ({"Name": "N" * 257}, "Maximum Name field length is 256 characters"),
        ({"Currency": "POUND"}, "Maximum Currency field length is 3 characters"),
        ({"Addresses": [{"Line1": "x", "Type": "Billing"}]}, "Country is required for address"),
        ({"Contacts": [{"Phone": "1"}]}, "Required attribute Name is not provided."),
    ],
)
def test_a_wrong_customer_is_refused(company, changes, sentence):
    assert company.refusal("POST", "/customer", body=customer(**changes)) == (400, sentence)


def test_tax_rules_are_listed_with_their_percentage(company):
    rules = company.get("/ref/tax", IsTaxForSale="true")["TaxRuleList"]

    assert [(row["Name"], row["TaxPercent"]) for row in rules] == [
        (VAT, 20),
        ("Zero Rated Income", 0),
    ]
    assert rules[0]["Components"][0]["Percent"] == "20.0000000000"


def test_a_new_tax_rule_takes_its_percentage_from_its_components(company):
    rule = {
        "Name": "JP Reduced Tax 8%",
        "Account": "820",
        "IsActive": True,
        "TaxInclusive": False,
        "TaxPercent": 99,
        "IsTaxForSale": True,
        "Components": [{"Name": "Tax", "Percent": "8.0000000000"}],
    }
    assert company.post("/ref/tax", rule)["TaxRuleList"][0]["TaxPercent"] == 8
    assert company.refusal("POST", "/ref/tax", body=rule)[0] == 400

    company.cin7.create_tax_rule("TX 8.25%", Decimal("8.25"))
    assert company.new_sale(TaxRule="tx 8.25%")["TaxRule"] == "TX 8.25%"


def test_locations_come_with_bins_as_children_and_as_rows(company):
    rows = company.get("/ref/location")["LocationList"]

    london = rows[0]
    assert (london["Name"], london["ParentID"], london["IsDefault"]) == ("London DC", None, True)
    assert [row["Name"] for row in london["Bins"]] == ["A1", "A2", "B1"]
    assert london["Bins"][0]["ID"] == london["Bins"][0]["ID"].upper()
    assert rows[1]["ParentName"] == "London DC"
    assert rows[1]["ID"] == london["Bins"][0]["ID"].lower()


def test_there_are_always_ten_price_tiers(company):
    tiers = company.get("/ref/priceTier")["PriceTiers"]

    assert tiers[:3] == [
        {"Code": 1, "Name": "UK Retail"},
        {"Code": 2, "Name": "US Retail"},
        {"Code": 3, "Name": "Tier 3"},
    ]
    assert len(tiers) == 10


def test_only_bank_accounts_take_payments_and_an_unknown_code_is_refused(company):
    accounts = company.get("/ref/account")["AccountsList"]

    assert [row["Code"] for row in accounts if row["ForPayments"]] == ["1200", "1210"]
    banks = company.get("/ref/account/bank")["BankAccountsList"]
    assert [row["AccountCode"] for row in banks] == ["1200", "1210"]
    assert company.refusal("GET", "/ref/account", Code="77") == (
        400,
        "Account with specified ID not found",
    )


def test_payment_terms_are_listed(company):
    terms = company.get("/ref/paymentterm", IsDefault="true")["PaymentTermList"]

    assert [row["Name"] for row in terms] == ["30 days"]
