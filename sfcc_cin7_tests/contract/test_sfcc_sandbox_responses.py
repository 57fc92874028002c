"""What the emulated storefront says conforms to the published OpenAPI files."""

from typing import Any

import pytest
from httpx import Response

from sfcc_cin7_tests.contract.openapi import document, problems, validator
from sfcc_cin7_tests.sandbox.storefront import (
    DATA,
    ORDERS,
    PRODUCTS,
    UK,
    UK_LIST,
    US,
    Storefront,
    order,
    read,
)

ORDERS_FILE = "sfcc-orders-openapi.json"
PRODUCTS_FILE = "sfcc-products-openapi.json"
DATA_FILE = "sfcc-ocapi-data-openapi.json"
ORDERS_PATH = "/organizations/{organizationId}/orders"
ORDER_PATH = ORDERS_PATH + "/{orderNo}"
PRODUCT_PATH = "/organizations/{organizationId}/products/{productId}"
RECORD_PATH = "/inventory_lists/{inventory_list_id}/product_inventory_records/{product_id}"
RECORDS = f"{DATA}/inventory_lists/{UK_LIST}/product_inventory_records"
SITE = {"siteId": UK}


@pytest.fixture(scope="module")
def store() -> Storefront:
    store = Storefront()
    placed = store.shop.place(order(UK, TENT=2, KIT=1))["orderNo"]
    store.shop.create(order(UK))
    store.shop.place(order(US))
    store.export(placed)
    store.put_status(placed, "external-status", "posted")
    store.later(minutes=1)
    return store


def check(response: Response, status: int, file: str, method: str, path: str) -> None:
    assert response.status_code == status, response.text
    assert problems(read(response), validator(file, method, path, status)) == []


def test_orders_listed_and_read(store: Storefront) -> None:
    listed = store.call("GET", ORDERS, params=SITE)
    assert len(read(listed)["data"]) == 2
    check(listed, 200, ORDERS_FILE, "GET", ORDERS_PATH)
    for number in ("00000001", "00000002"):
        one = store.call("GET", f"{ORDERS}/{number}", params=SITE)
        check(one, 200, ORDERS_FILE, "GET", ORDER_PATH)


def test_an_order_that_does_not_exist(store: Storefront) -> None:
    one = store.call("GET", f"{ORDERS}/9", params=SITE)
    check(one, 404, ORDERS_FILE, "GET", ORDER_PATH)
    elsewhere = store.call("GET", ORDERS, params={"siteId": "nowhere"})
    check(elsewhere, 404, ORDERS_FILE, "GET", ORDERS_PATH)


@pytest.mark.parametrize(
    "kind",
    ["status", "export-status", "external-status", "confirmation-status", "payment-status",
     "shipping-status"],
)  # fmt: skip
def test_status_changes_answer_as_documented(store: Storefront, kind: str) -> None:
    path = f"{ORDER_PATH}/{kind}"
    check(store.put_status("00000001", kind, ""), 400, ORDERS_FILE, "PUT", path)
    check(store.put_status("9", kind, values(kind)[-1]), 404, ORDERS_FILE, "PUT", path)
    accepted = store.put_status("00000001", kind, values(kind)[0])
    documented = document(ORDERS_FILE)["paths"][path]["put"]["responses"]
    assert str(accepted.status_code) == "204"
    assert "204" in documented
    assert accepted.content == b""


def values(kind: str) -> list[str]:
    return {
        "status": ["new", "cancelled"],
        "export-status": ["exported"],
        "external-status": ["posted"],
        "confirmation-status": ["confirmed", "not_confirmed"],
        "payment-status": ["not_paid", "paid"],
        "shipping-status": ["not_shipped", "shipped"],
    }[kind]


def test_a_refused_transition(store: Storefront) -> None:
    refused = store.put_status("00000001", "status", "failed")
    check(refused, 409, ORDERS_FILE, "PUT", ORDER_PATH + "/status")


def test_custom_attributes_of_order_and_payment(store: Storefront) -> None:
    one = f"{ORDERS}/00000001"
    refused = store.call("PATCH", one, {"status": "new"}, params=SITE)
    check(refused, 400, ORDERS_FILE, "PATCH", ORDER_PATH)
    missing = store.call("PATCH", f"{one}/payment-instruments/x", {"c_a": 1}, params=SITE)
    instrument = ORDER_PATH + "/payment-instruments/{paymentInstrumentId}"
    check(missing, 404, ORDERS_FILE, "PATCH", instrument)
    missing = store.call(
        "PATCH", f"{one}/payment-instruments/x/transaction", {"c_a": 1}, params=SITE
    )
    check(missing, 404, ORDERS_FILE, "PATCH", instrument + "/transaction")


def test_a_shipping_address_is_replaced(store: Storefront) -> None:
    path = f"{ORDERS}/00000001/shipments/{{}}/shipping-address"
    template = ORDER_PATH + "/shipments/{shipmentId}/shipping-address"
    body = {"firstName": "Åse", "lastName": "Ng", "address1": "2 Low Street", "countryCode": "GB"}
    assert problems(body, validator(ORDERS_FILE, "PUT", template, kind="request")) == []
    replaced = store.call("PUT", path.format("me"), body, params=SITE)
    assert (replaced.status_code, replaced.content) == (204, b"")
    refused = store.call("PUT", path.format("me"), {"city": 1}, params=SITE)
    check(refused, 400, ORDERS_FILE, "PUT", template)
    missing = store.call("PUT", path.format("gift"), body, params=SITE)
    check(missing, 404, ORDERS_FILE, "PUT", template)
    one = store.call("GET", f"{ORDERS}/00000001", params=SITE)
    check(one, 200, ORDERS_FILE, "GET", ORDER_PATH)


def relaxed_search(store: Storefront, body: Any) -> list[str]:
    """PaginatedSearchResult combines allOf with additionalProperties: false, so that no real
    answer could conform; each part is checked by itself instead."""
    response = store.call("POST", f"{PRODUCTS}/product-search", body)
    assert response.status_code == 200
    answer = read(response)
    product = validator(PRODUCTS_FILE, "GET", PRODUCT_PATH, 200)
    found = [problem for hit in answer["hits"] for problem in problems(hit, product)]
    schemas = document(PRODUCTS_FILE)["components"]["schemas"]
    known = set(schemas["PaginatedSearchResult"]["properties"]) | {"limit", "offset", "total"}
    required = set(schemas["ProductSearchResult"]["required"])
    found += [f"unknown: {name}" for name in answer if name not in known]
    return found + [f"missing: {name}" for name in required if name not in answer]


def test_products_searched_and_read(store: Storefront) -> None:
    everything = {"query": {"matchAllQuery": {}}, "sorts": [{"field": "id"}]}
    assert relaxed_search(store, everything) == []
    for product in ("JACKET", "JACKET-S", "KIT", "TENT"):
        one = store.call("GET", f"{PRODUCTS}/products/{product}", params=SITE)
        check(one, 200, PRODUCTS_FILE, "GET", PRODUCT_PATH)


def test_refusals_about_products(store: Storefront) -> None:
    missing = store.call("GET", f"{PRODUCTS}/products/none")
    check(missing, 404, PRODUCTS_FILE, "GET", PRODUCT_PATH)
    query = {"termQuery": {"fields": ["ean"], "operator": "is", "values": ["1"]}}
    search = store.call("POST", f"{PRODUCTS}/product-search", {"query": query})
    check(search, 400, PRODUCTS_FILE, "POST", "/organizations/{organizationId}/product-search")
    stranger = {"Authorization": "Bearer none"}
    unknown = store.call("GET", f"{PRODUCTS}/products/TENT", headers=stranger)
    check(unknown, 401, PRODUCTS_FILE, "GET", PRODUCT_PATH)


def data_schema(method: str, path: str) -> Any:
    """Documents of the Data API carry `_v`, `_type` and `_resource_state` beside their schema."""
    return validator(DATA_FILE, method, path, 200, closed=True)


def bare(value: Any) -> Any:
    if isinstance(value, list):
        return [bare(item) for item in value]
    if isinstance(value, dict):
        return {name: bare(inner) for name, inner in value.items() if name[0] != "_"}
    return value


def test_inventory_lists_and_records(store: Storefront) -> None:
    everything = {"select": "(**)"}
    for path, template, params in (
        (f"{DATA}/inventory_lists", "/inventory_lists", everything),
        (f"{DATA}/inventory_lists/{UK_LIST}", "/inventory_lists/{id}", {}),
        (RECORDS, RECORD_PATH.rpartition("/")[0], everything),
        (RECORDS, RECORD_PATH.rpartition("/")[0], {"start": 2, "count": 2}),
        (f"{RECORDS}/TENT", RECORD_PATH, {}),
    ):
        response = store.call("GET", path, params=params)
        assert response.status_code == 200
        assert problems(bare(read(response)), data_schema("GET", template)) == []


def test_written_records(store: Storefront) -> None:
    body = {
        "allocation": {"amount": 7, "reset_date": "2026-08-03T09:00:30.000Z"},
        "in_stock_date": "2026-09-01T00:00:00.000Z",
    }
    for method in ("PATCH", "PUT"):
        request = validator(DATA_FILE, method, RECORD_PATH, kind="request")
        assert problems(body, request) == []
        written = store.write_record("ROPE", body, method)
        assert written.status_code == 200
        assert problems(bare(read(written)), data_schema(method, RECORD_PATH)) == []


def test_data_product_search(store: Storefront) -> None:
    body = {"query": {"match_all_query": {}}, "select": "(**)", "count": 3}
    response = store.call("POST", f"{DATA}/product_search", body)
    assert response.status_code == 200
    assert problems(bare(read(response)), validator(DATA_FILE, "POST", "/product_search")) == []


def test_faults(store: Storefront) -> None:
    fault = validator(DATA_FILE, "GET", RECORD_PATH, 500)
    for response in (
        store.call("GET", f"{RECORDS}/none"),
        store.call("GET", f"{DATA}/inventory_lists/none"),
        store.call("GET", f"{RECORDS}/TENT", headers={"Authorization": ""}),
        store.write_record("TENT", {"allocation": {"amount": -1}}),
        store.write_record("TENT", {"_resource_state": "old"}),
        store.call("POST", f"{DATA}/product_search", {}),
    ):
        assert response.status_code >= 400
        assert problems(read(response), fault) == []
        assert "fault" in response.json()
