"""The emulated Cin7 under calls that its API description allows, whatever they say."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7_tests.contract.generated import (
    Answer,
    Operation,
    answers,
    operations,
    told_otherwise,
)
from sfcc_cin7_tests.sandbox.cin7.test_cin7_books import customer, product
from sfcc_cin7_tests.sandbox.cin7.test_cin7_more_books import journal
from sfcc_cin7_tests.sandbox.cin7.test_document_calls import (
    RULE,
    adjustment,
    counted,
    moved,
    ordered,
    purchasing,
)
from sfcc_cin7_tests.sandbox.cin7_company import VAT, Company, header, line, order

FILES = ("cin7-core-openapi.json", "cin7-core-documents-openapi.json")
DAYS = ["2026-03-02", "2026-03-02T00:00:00"]


def hooked(company: Company) -> str:
    """The ID of a webhook."""
    hook = {
        "Type": "Sale/OrderAuthorised",
        "Name": "Orders",
        "IsActive": False,
        "ExternalURL": "https://merchant.example/hook",
        "ExternalAuthorizationType": "noauth",
    }
    made = company.post("/webhooks", hook)
    return str(made["Webhooks"][0]["ID"])


def served() -> list[Operation]:
    """Of everything described, what the emulator answers as an API."""
    handlers = Company().cin7.handlers
    return [
        each
        for file in FILES
        for each in operations(file)
        if each.method in handlers.get(each.path.strip("/").lower(), {})
    ]


SERVED = served()


class Erp:
    """A company in which there is something of everything, behind the calls."""

    def __init__(self, path: str = "") -> None:
        self.company = company = purchasing()
        sale = company.authorise(company.new_sale(), line(quantity=2))["SaleID"]
        draft = company.new_sale(ExternalID="second")["ID"]
        bought = ordered(company)
        cards = company.get("/customer")["CustomerList"]
        goods = company.get("/product")["Products"]
        own = self._id_of(path, sale, bought)
        self.known: dict[str, list[Any]] = {
            "ID": [own],
            "TaskID": [own],
            "CarrierID": [own],
            "SaleID": [sale, draft],
            "PurchaseID": [bought],
            "ProductID": [each["ID"] for each in goods],
            "CustomerID": [each["ID"] for each in cards],
            "SKU": ["TENT-2P", "STOVE", "MUG"],
            "Sku": ["TENT"],
            "Customer": ["Web GB"],
            "Supplier": ["Sandbox Supplies"],
            "Location": ["London DC"],
            "FromLocation": ["London DC"],
            "ToLocation": ["Reno DC"],
            "LocationID": [None],
            "SupplierID": [None],
            "TaxRule": [VAT, RULE],
            "Terms": ["30 days"],
            "PaymentTerm": ["30 days"],
            "PriceTier": ["UK Retail"],
            "Account": ["1200", "403"],
            "AccountReceivable": ["610"],
            "AccountPayable": ["800"],
            "RevenueAccount": ["200"],
            "Currency": ["GBP"],
            "Approach": ["STOCK", "INVOICE"],
            "Description": ["The Shipping"],
            "Status": ["DRAFT", "AUTHORISED", "COMPLETED"],
            "Void": [True],
            "Quantity": [1, 2],
            "Price": [20],
            "Discount": [0],
            "Tax": [0],
            "Total": [20, 40],
            "Amount": [10],
            "Page": [1],
            "Limit": [10],
            "CurrencyRate": [1],
            "EffectiveDate": DAYS,
            "Date": DAYS,
            "CompletionDate": DAYS,
        }

    def _id_of(self, path: str, sale: str, bought: str) -> str:
        """Of something that the operation is about."""
        company, cin7 = self.company, self.company.cin7.documents
        some, place = {"TENT-2P": Decimal(1)}, "London DC"
        makers: dict[str, Callable[[], str]] = {
            "/sale": lambda: sale,
            "/purchase": lambda: bought,
            "/advanced-purchase": lambda: bought,
            "/product": lambda: company.get("/product")["Products"][0]["ID"],
            "/customer": lambda: company.get("/customer")["CustomerList"][0]["ID"],
            "/supplier": lambda: company.get("/supplier")["SupplierList"][0]["ID"],
            "/stockTransfer": lambda: company.post("/stockTransfer", moved(status="DRAFT"))[
                "TaskID"
            ],
            "/stockadjustment": lambda: company.post(
                "/stockadjustment", adjustment(counted(9), status="DRAFT")
            )["TaskID"],
            "/stocktake": lambda: cin7.counts.begin_take(place),
            "/inventoryWriteOff": lambda: cin7.counts.write_off(place, some),
            "/finishedGoods": lambda: cin7.assemblies.begin(place, "MUG", Decimal(1), some),
            "/journal": lambda: company.post("/journal", journal())["Journals"][0]["TaskID"],
            "/webhooks": lambda: hooked(company),
            "/ref/brand": lambda: company.post("/ref/brand", {"Name": "Novel"})["ID"],
            "/ref/category": lambda: company.post("/ref/category", {"Name": "Novel"})["ID"],
            "/ref/unit": lambda: company.post("/ref/unit", {"Name": "Novel"})["ID"],
            "/ref/carrier": lambda: company.post("/ref/carrier", {"Description": "Novel"})[
                "CarrierList"
            ][0]["CarrierID"],
        }
        fits = [start for start in makers if f"{path}/".startswith(f"{start}/")]
        return makers[fits[0]]() if fits else sale

    def __call__(self, method: str, path: str, query: Mapping[str, str], body: Any) -> Answer:
        sent = {} if body is None and method in ("POST", "PUT") else body
        return ask(self.company, method, path, query, sent)


def ask(
    company: Company, method: str, path: str, query: Mapping[str, str], body: Any = None
) -> Answer:
    response = company.call(method, path, body=body, **query)
    return Answer(response.status_code, response.content)


def fresh(path: str) -> tuple[Erp, dict[str, list[Any]]]:
    erp = Erp(path)
    return erp, erp.known


@pytest.mark.parametrize("operation", SERVED, ids=lambda each: each.id)
def test_whatever_is_sent_the_answer_is_one_that_is_described(operation):
    assert answers(operation, fresh)


def test_who_is_not_let_in_or_asks_too_often_is_told_as_described():
    company = Company()
    for operation in SERVED:
        company.faults.rates["cin7.throttle"] = 1
        throttled = ask(company, operation.method, operation.path, {})
        company.faults.rates.clear()
        kept, company.headers = company.headers, {}
        shut_out = ask(company, operation.method, operation.path, {})
        company.headers = kept
        assert (throttled.status, shut_out.status) == (429, 403), operation.id
        assert told_otherwise(operation, throttled) == told_otherwise(operation, shut_out) == [], (
            operation.id
        )


def test_a_write_that_says_nothing_is_refused_as_described():
    company = Company()
    for operation in SERVED:
        if operation.method != "GET":
            body: dict[str, Any] | None = None if operation.method == "DELETE" else {}
            answer = ask(company, operation.method, operation.path, {}, body)
            assert answer.status == 400, operation.id
            assert told_otherwise(operation, answer) == [], operation.id


def test_products_and_sales_are_made_by_the_calls_that_these_tests_send():
    erp = Erp()
    for path, body in (("/product", product()), ("/customer", customer()), ("/sale", header())):
        assert erp("POST", path, {}, body).status == 200
    sale = erp.company.new_sale(ExternalID="third")
    assert erp("POST", "/sale/order", {}, order(sale, line())).status == 200
