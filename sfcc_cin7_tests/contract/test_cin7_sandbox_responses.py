"""Every kind of answer of the emulated Cin7 against the published OpenAPI file."""

from decimal import Decimal
from typing import Any

import pytest
import simplejson

from sfcc_cin7_tests.contract.openapi import document, problems, validator
from sfcc_cin7_tests.sandbox.cin7.test_cin7_books import customer, product
from sfcc_cin7_tests.sandbox.cin7.test_cin7_payments import payment
from sfcc_cin7_tests.sandbox.cin7_company import Company, charge, header, line, order

FILE = "cin7-core-openapi.json"


class Witness:
    """Makes calls, checks each answer, and keeps what it saw."""

    def __init__(self, **settings: Any) -> None:
        document(FILE)
        self.company = Company(**settings)
        self.seen: set[tuple[str, str, int]] = set()

    def __call__(self, method: str, path: str, status: int = 200, **sent):
        response = self.company.call(method, path, **sent)
        assert response.status_code == status, response.text
        plain = response.headers["content-type"].startswith("text/plain")
        body = response.text if plain else simplejson.loads(response.text, use_decimal=True)
        schema = validator(FILE, method, path, status, closed=True)
        assert problems(body, schema) == [], f"{method} {path}"
        self.seen.add((method, path, status))
        return body


@pytest.fixture
def witness() -> Witness:
    return Witness()


def test_the_life_of_a_sale_conforms_from_header_to_shipment(witness):
    sale = witness("POST", "/sale", body=header())
    witness("PUT", "/sale", body=header(ID=sale["ID"], Note="leave at the door"))
    lines = [line(), line("STOVE", quantity=5)]
    witness("POST", "/sale/order", body=order(sale, *lines, charges=[charge()]))
    witness("GET", "/sale/order", SaleID=sale["ID"])
    made = witness("POST", "/sale/payment", body=payment(sale))
    witness("GET", "/sale/payment", SaleID=sale["ID"])
    witness.company.cin7.ship(sale["ID"])
    witness("GET", "/sale", ID=sale["ID"])
    witness("GET", "/saleList", Limit="1000")
    witness("GET", "/ref/productavailability")
    witness("DELETE", "/sale/payment", ID=made["ID"])


def test_a_sale_picked_packed_and_shipped_in_parts_and_invoiced_conforms(witness):
    sale = witness("POST", "/sale", body=header())
    witness("POST", "/sale/order", body=order(sale, line(quantity=3), charges=[charge()]))
    people = witness.company.cin7
    for work in (
        lambda: people.pick(sale["ID"], {"TENT-2P": Decimal(1)}),
        lambda: people.pack(sale["ID"]),
        lambda: people.ship(sale["ID"], {"TENT-2P": Decimal(1)}),
        lambda: people.invoice(sale["ID"]),
    ):
        work()
        witness("GET", "/sale", ID=sale["ID"])
        witness("GET", "/saleList")
    witness("DELETE", "/sale", 400, ID=sale["ID"], Void="true")


def test_pick_pack_and_ship_by_the_api_conform_in_requests_and_answers(witness):
    sale = witness("POST", "/sale", body=header())
    witness("POST", "/sale/order", body=order(sale, line(quantity=4)))
    tasks, row = "/sale/fulfilment", {"SKU": "TENT-2P", "Location": "London DC"}
    sent = {"ShipmentDate": "2026-03-02", "Box": "Box 1", "TrackingNumber": "JD01"}

    def write(method: str, stage: str, task: str, lines: Any, **more: Any) -> None:
        body = {"TaskID": task, "Status": "AUTHORISED", "Lines": lines} | more
        path = f"{tasks}/{stage}"
        assert problems(body, validator(FILE, method, path, kind="request")) == []
        witness(method, path, body=body)
        witness("GET", path, TaskID=task)

    write("POST", "pick", sale["ID"], [row | {"Quantity": 1}], Status="DRAFT")
    write("PUT", "pick", sale["ID"], [row | {"Quantity": 3}])
    boxed = [row | {"Quantity": 1, "Box": "Box 1"}, row | {"Quantity": 2, "Box": "Box 2"}]
    write("POST", "pack", sale["ID"], boxed)
    second = witness("POST", tasks, body={"SaleID": sale["ID"]})["Fulfilments"][1]
    first = sale["ID"]
    write("POST", "ship", first, [sent | {"IsShipped": True}])
    write("PUT", "ship", first, [sent | {"TrackingNumber": "JD02"}], AddTrackingNumbers=True)
    write("POST", "pick", second["TaskID"], [], AutoPickMode="AUTOPICK")
    witness("GET", tasks, SaleID=sale["ID"], IncludeProductInfo="true")
    witness("DELETE", tasks, TaskID=second["TaskID"], Void="true")
    witness("GET", "/sale", ID=sale["ID"])


def test_a_sale_undone_and_then_voided_conforms(witness):
    sale = witness("POST", "/sale", body=header())
    witness("POST", "/sale/order", body=order(sale, line()))
    witness("DELETE", "/sale", ID=sale["ID"])
    witness("DELETE", "/sale", ID=sale["ID"], Void="true")
    witness("GET", "/saleList", Status="VOIDED")


def test_a_sale_with_bare_defaults_conforms(witness):
    witness("POST", "/sale", body={"Customer": "Web GB", "Location": "London DC"})


def test_products_customers_and_books_conform(witness):
    made = witness("POST", "/product", body=product())["Products"][0]
    witness("PUT", "/product", body={"ID": made["ID"], "PriceTier1": Decimal("13.00")})
    witness("GET", "/product")
    address = {"Line1": "1 Rue Haute", "Country": "France", "Type": "Billing"}
    body = customer(Addresses=[address], Contacts=[{"Name": "Ana Ruiz"}])
    card = witness("POST", "/customer", body=body)["CustomerList"][0]
    witness("PUT", "/customer", body={"ID": card["ID"], "Comments": ""})
    witness("GET", "/customer")
    rule = {
        "Name": "TX",
        "Account": "820",
        "IsActive": True,
        "TaxInclusive": False,
        "Components": [{"Name": "Tax", "Percent": "8.25"}],
    }
    witness("POST", "/ref/tax", body=rule)
    for path in (
        "/ref/tax",
        "/ref/location",
        "/ref/priceTier",
        "/ref/account",
        "/ref/account/bank",
        "/ref/paymentterm",
        "/me",
    ):
        witness("GET", path)


def test_refusals_conform(witness):
    unknown = "00000000-0000-4000-8000-000000000000"
    witness("POST", "/sale", 400, body={})
    witness("GET", "/sale", 404, ID=unknown)
    sale = witness("POST", "/sale", body=header())
    witness("POST", "/sale/order", 400, body=order(sale, line("GHOST")))
    witness.company.faults.rates["cin7.throttle"] = 1
    witness("GET", "/me", 429)
    witness.company.faults.rates.clear()
    witness.company.headers = {}
    witness("GET", "/saleList", 403)


def test_the_older_throttle_conforms_too():
    witness = Witness(throttle_form="503")
    witness.company.faults.rates["cin7.throttle"] = 1

    witness("GET", "/me", 503)


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/sale", "Sale"),
        ("/product", "Product"),
        ("/customer", "Customer"),
        ("/saleList", "SaleListRow"),
        ("/ref/productavailability", "ProductAvailabilityRow"),
        ("/me", "Me"),
    ],
)
def test_answers_carry_every_attribute_that_the_tables_name(witness, path, schema):
    sale = witness("POST", "/sale", body=header())
    body = witness("GET", path, **({"ID": sale["ID"]} if path == "/sale" else {}))
    rows = next((value for value in body.values() if isinstance(value, list)), None)
    row = rows[0] if path not in ("/sale", "/me") and rows else body

    named = document(FILE)["components"]["schemas"][schema]["properties"]

    assert set(named) - set(row) == set()


def test_the_bodies_that_these_tests_send_conform_as_well():
    sale = {"ID": "00000000-0000-4000-8000-000000000000"}
    rows = order(sale, line(), charges=[charge()])
    for method, path, body in (
        ("POST", "/sale", header()),
        ("POST", "/sale/order", rows),
        ("POST", "/sale/payment", payment(sale)),
        ("POST", "/product", product()),
        ("POST", "/customer", customer()),
    ):
        assert problems(body, validator(FILE, method, path, kind="request")) == []
