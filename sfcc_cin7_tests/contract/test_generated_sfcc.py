"""The emulated storefront under calls that its API descriptions allow, whatever they say."""

from collections.abc import Mapping
from typing import Any

import pytest
import simplejson

from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.contract.generated import (
    Answer,
    Operation,
    answers,
    operations,
    told_otherwise,
)
from sfcc_cin7_tests.sandbox.storefront import UK, UK_LIST, US_LIST, Storefront, order, read

BASES = {
    "sfcc-orders-openapi.json": "/checkout/orders/v1",
    "sfcc-products-openapi.json": "/product/products/v1",
    "sfcc-ocapi-data-openapi.json": "/s/-/dw/data/v25_6",
}
SCOPES = "sfcc.orders.rw sfcc.products.rw sfcc.jobs.rw"
NOT_SERVED = {
    ("POST", "/organizations/{organizationId}/orders"),
    ("POST", "/organizations/{organizationId}/orders/{orderNo}/oms-status-events"),
    ("PUT", "/organizations/{organizationId}/products/{productId}"),
    ("DELETE", "/organizations/{organizationId}/products/{productId}"),
    *(
        (method, "/organizations/{organizationId}/products/{masterProductId}/variations/{id}")
        for method in ("PUT", "DELETE", "PATCH")
    ),
    *((method, "/inventory_lists/{id}") for method in ("DELETE", "PATCH", "PUT")),
    ("DELETE", "/jobs/{job_id}/executions/{id}"),
    *(
        ("PUT", f"/sites/{{site_id}}/orders/{{order_no}}/{kind}")
        for kind in (
            "confirmation_status",
            "export_status",
            "external_status",
            "payment_status",
            "shipping_status",
            "status",
        )
    ),
}
"""What the descriptions hold beside what the product and foreign clients call."""
SERVED = [
    each
    for file in BASES
    for each in operations(file)
    if (each.method, each.path) not in NOT_SERVED
]
ELSEWHERE = (400, 401, 403, 404, 409)
ENVELOPE = "$: Additional properties are not allowed"
"""Results of searches join allOf with additionalProperties: false, and so refuse every body."""
NOT_ALLOWED = (403, 404, 405)


class Shop:
    """A storefront in which there is something of everything, behind the calls."""

    def __init__(self, file: str) -> None:
        self.store = store = Storefront(SfccSettings(index_lag=0))
        store.log_in(f"{store.settings.tenant_scope} {SCOPES}")
        numbers = [store.shop.place(order(TENT=1))["orderNo"] for _ in range(3)]
        jobs = f"{BASES['sfcc-ocapi-data-openapi.json']}/jobs/import-inventory/executions"
        run = read(store.call("POST", jobs, {}))["id"]
        self._base = BASES[file]
        self.known: dict[str, list[Any]] = {
            "organizationId": [store.settings.organization],
            "siteId": [UK],
            "site_id": [UK],
            "orderNo": numbers,
            "paymentInstrumentId": ["card"],
            "shipmentId": ["me"],
            "productId": ["TENT", "JACKET", "JACKET-S"],
            "product_id": ["TENT", "JACKET"],
            "masterProductId": ["JACKET"],
            "inventory_list_id": [UK_LIST, US_LIST],
            "job_id": ["import-inventory", "import-price-books"],
            "id": [UK_LIST, run, "JACKET-S"],
            "select": ["(**)"],
            "fields": ["id"],
            "operator": ["is"],
        }

    def __call__(self, method: str, path: str, query: Mapping[str, str], body: Any) -> Answer:
        response = self.store.call(method, self._base + path, body, params=query)
        return Answer(response.status_code, response.content)


def wrong(operation: Operation, answer: Answer) -> list[str]:
    """What an answer says that nothing published does.

    Not every refusal is described with its operation: that a token does not reach, that a part of
    the path is unknown and that a state forbids it are told of all of them, in the form of the API.
    The query of a search comes back as it was sent.
    """
    try:
        found = told_otherwise(operation, answer)
    except LookupError:
        if answer.status not in ELSEWHERE:
            raise
        body = simplejson.loads(answer.content)
        if "ocapi" in operation.file:
            told = body["fault"]
            return [] if told["type"] and told["message"] else ["a fault without type or message"]
        return [f"no {name}" for name in ("title", "type", "detail") if not body[name]]
    return [each for each in found if not each.startswith(("$.query", ENVELOPE))]


@pytest.mark.parametrize("operation", SERVED, ids=lambda each: f"{each.file[5:11]}-{each.id}")
def test_whatever_is_sent_the_answer_is_one_that_is_described(operation):
    shop = Shop(operation.file)
    assert answers(operation, lambda _path: (shop, shop.known), wrong=wrong)


def test_what_is_not_served_is_not_there():
    for operation in (each for file in BASES for each in operations(file)):
        if (operation.method, operation.path) not in NOT_SERVED:
            continue
        shop = Shop(operation.file)
        path = operation.path
        for name, values in shop.known.items():
            path = path.replace(f"{{{name}}}", str(values[0]))
        path = path.replace("{order_no}", shop.known["orderNo"][0])
        assert shop(operation.method, path, {}, None).status in NOT_ALLOWED, operation.id


def test_who_has_no_token_is_told_as_described():
    for operation in SERVED:
        shop = Shop(operation.file)
        path = operation.path
        for name, values in shop.known.items():
            path = path.replace(f"{{{name}}}", str(values[0]))
        response = shop.store.http.request(operation.method, BASES[operation.file] + path)
        answer = Answer(response.status_code, response.content)
        assert answer.status == 401, operation.id
        assert simplejson.loads(answer.content)
        assert wrong(operation, answer) == [], operation.id
