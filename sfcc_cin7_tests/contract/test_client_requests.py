"""Everything the clients send is in the published API descriptions: addresses, query and body."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import unquote

import pytest

from sfcc_cin7.systems.cin7.kinds import SALE
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.contract.emulators import UK, UK_LIST, running
from sfcc_cin7_tests.contract.openapi import document, problems, validator
from sfcc_cin7_tests.contract.test_clients import customer, header, line, order

CIN7 = "cin7-core-openapi.json"
BASES = {
    CIN7: "/ExternalApi/v2",
    "sfcc-orders-openapi.json": "/checkout/orders/v1",
    "sfcc-products-openapi.json": "/product/products/v1",
    "sfcc-ocapi-data-openapi.json": "/s/-/dw/data/v25_6",
}
EXECUTIONS = "/jobs/{job_id}/executions"
"""Its body is described as a string; see test_writer_requests."""
TOKEN = "/dwsso/oauth2/access_token"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
ENVELOPE = re.compile(r"^\$: Additional properties are not allowed")
"""ProductSearchRequest joins allOf with additionalProperties: false, and so refuses every body."""


@pytest.fixture(scope="module")
def sent():
    """Every request that the clients make when each of their methods is used."""
    with running(ManualClock()) as systems:
        _use_all_of_cin7(systems)
        _use_all_of_sfcc(systems)
        return [*systems.cin7_wire.sent, *systems.sfcc_wire.sent]


def _use_all_of_cin7(systems):
    cin7 = systems.cin7
    sale = cin7.create_sale(header("alpenglow:uk:0001"))
    cin7.save_order(order(sale.id, line(systems)))
    cin7.add_payment(
        {
            "TaskID": sale.id,
            "Type": "PREPAYMENT",
            "Amount": Decimal("39.90"),
            "DatePaid": "2026-01-01T00:00:00.000",
            "Account": "1200",
            "CurrencyRate": 1,
        }
    )
    cin7.payments(sale.id)
    cin7.sale(sale.id)
    list(cin7.sales(external_id="a", search="b"))
    list(cin7.touched(SALE, SINCE))
    cin7.document(SALE, sale.id)
    list(cin7.products(modified_since=SINCE, include_deprecated=True))
    cin7.availability_page(1)
    cin7.tax_rules()
    cin7.locations()
    cin7.price_tiers()
    cin7.payment_terms()
    cin7.accounts()
    cin7.customers("Alpenglow UK Web", include_deprecated=True)
    cin7.create_customer(customer("alpenglow:alpenglow-uk:00004711"))
    cin7.me()
    cin7.void_sale(sale.id)


def _use_all_of_sfcc(systems):
    sfcc, number, sku = systems.sfcc, systems.place()["orderNo"], systems.goods()
    sfcc.orders(
        UK,
        statuses=["new", "completed"],
        export_statuses=["ready", "not_exported", "failed"],
        created_from=SINCE,
        created_to=SINCE,
        modified_from=SINCE,
        modified_to=SINCE,
        sort_by="last_modified_date",
        descending=True,
        limit=200,
        offset=9800,
    )
    list(sfcc.all_orders(UK, created_from=SINCE, created_to=datetime.now(UTC)))
    sfcc.order(UK, number)
    sfcc.set_external_status(UK, number, "SO-00001")
    sfcc.set_confirmation_status(UK, number, "confirmed")
    sfcc.set_export_status(UK, number, "exported")
    list(sfcc.products(UK))
    list(sfcc.products())
    sfcc.inventory_list(UK_LIST)
    sfcc.inventory_record(UK_LIST, sku)
    list(sfcc.inventory_records(UK_LIST))
    sfcc.set_allocation(UK_LIST, sku, Decimal(5), datetime.now(UTC))
    master = next(each.master_id for each in systems.world.skus if each.master_id)
    sfcc.set_allocation(UK_LIST, master, Decimal(5), datetime.now(UTC))
    sfcc.patch_nothing(UK_LIST, "NO-SUCH-SKU")
    run = sfcc.start_job("import-inventory", {"FileNamePattern": "uk.xml"})
    sfcc.job_execution("import-inventory", run.id)


def described(request):
    """The file, template and operation that describe a request."""
    for file, base in BASES.items():
        path = request.url.raw_path.decode().split("?")[0]
        if not path.startswith(base):
            continue
        for template, methods in document(file)["paths"].items():
            pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
            if re.fullmatch(pattern, unquote(path.removeprefix(base))):
                return file, template, methods[request.method.lower()]
    raise LookupError(f"{request.method} {request.url.path} is in no API description")


def parameters(file, operation):
    """Name to description of the query parameters that an operation documents."""
    contents = document(file)
    found = {}
    for parameter in operation.get("parameters", []):
        if "$ref" in parameter:
            parameter = contents["components"]["parameters"][parameter["$ref"].split("/")[-1]]
        if parameter["in"] == "query":
            found[parameter["name"]] = parameter
    return found


def test_every_address_is_described(sent):
    used = {described(request)[1] for request in sent if request.url.path != TOKEN}
    assert len(used) == 24


def test_every_query_key_is_documented_and_none_that_is_required_is_missing(sent):
    for request in sent:
        if request.url.path == TOKEN:
            continue
        file, template, operation = described(request)
        known = parameters(file, operation)
        given = set(request.url.params)
        assert given <= known.keys(), f"{request.method} {template} has no {given - known.keys()}"
        required = {name for name, details in known.items() if details.get("required")}
        assert required <= given, f"{request.method} {template} needs {required - given}"


def test_every_body_is_valid_and_holds_no_invented_key(sent):
    checked = set()
    for request in sent:
        if not request.content or request.url.path == TOKEN:
            continue
        file, template, _ = described(request)
        if template == EXECUTIONS:
            continue
        schema = validator(file, request.method, template, kind="request", closed=True)
        body = decimal_json.loads(request.content)
        found = [each for each in problems(body, schema) if not ENVELOPE.match(each)]
        assert found == [], f"{request.method} {template}"
        checked.add((request.method, template.split("/")[-1]))
    assert len(checked) == 10


def test_every_call_to_the_storefront_can_be_traced(sent):
    storefront = [request for request in sent if "api-auth-accountid" not in request.headers]
    traces = [r.headers["correlation-id"] for r in storefront if r.url.path != TOKEN]
    assert len(set(traces)) == len(traces) > 10


def test_no_secret_is_in_an_address(sent):
    assert not [r for r in sent if "secret" in str(r.url) or "sandbox-key" in str(r.url)]
