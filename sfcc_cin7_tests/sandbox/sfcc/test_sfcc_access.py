"""Who may call the storefront's APIs, and what every answer has in common."""

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus
from uuid import UUID

import pytest

from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.sandbox.storefront import (
    DATA,
    ORDERS,
    PRODUCTS,
    RIGHTS,
    SETTINGS,
    UK,
    UK_LIST,
    Storefront,
    fault_kind,
    order,
    problem_kind,
    read,
)

RECORD = f"{DATA}/inventory_lists/{UK_LIST}/product_inventory_records/TENT"
SITE = {"siteId": UK}


@pytest.fixture
def store() -> Storefront:
    return Storefront()


@pytest.mark.parametrize("path", ["/dwsso/oauth2/access_token", "/dw/oauth2/access_token"])
def test_the_right_credentials_get_a_token_for_half_an_hour(store: Storefront, path: str) -> None:
    response = store.http.post(
        path,
        auth=(SETTINGS.client_id, SETTINGS.client_secret),
        data={"grant_type": "client_credentials", "scope": RIGHTS},
    )
    token = response.json()
    assert response.status_code == 200
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 1800)
    assert set(token["scope"].split()) == set(RIGHTS.split())
    assert token["access_token"].count(".") == 2


def test_wrong_credentials_are_an_invalid_client(store: Storefront) -> None:
    for response in (
        store.token(secret="wrong"),
        store.token(client_id="someone"),
        store.http.post("/dwsso/oauth2/access_token", data={"grant_type": "client_credentials"}),
        store.http.post(
            "/dwsso/oauth2/access_token", headers={"Authorization": "Basic not-base-64"}
        ),
    ):
        assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


def test_credentials_must_be_percent_encoded_before_base64() -> None:
    secret = "p+ss %2B/wörd:&"
    store = Storefront(SfccSettings(client_secret=secret))

    def token(encoded: str) -> Any:
        pair = base64.b64encode(f"sandbox-client:{encoded}".encode()).decode()
        return store.http.post(
            "/dwsso/oauth2/access_token",
            headers={"Authorization": f"Basic {pair}"},
            data={"grant_type": "client_credentials", "scope": RIGHTS},
        ).status_code

    assert token(secret) == 401
    assert token(quote_plus(secret)) == 200


def test_scopes_outside_the_clients_rights_are_refused(store: Storefront) -> None:
    for scope in ("sfcc.customerlists", "SALESFORCE_COMMERCE_API:zzal_prd"):
        response = store.token(f"{RIGHTS} {scope}")
        assert (response.status_code, response.json()["error"]) == (400, "invalid_scope")


def test_only_client_credentials_are_granted(store: Storefront) -> None:
    response = store.token(grant_type="password")
    assert (response.status_code, response.json()["error"]) == (400, "unsupported_grant_type")


def test_a_token_expires(store: Storefront) -> None:
    store.log_in()
    store.later(seconds=1799)
    assert store.call("GET", ORDERS, params=SITE).status_code == 200
    store.later(seconds=1)
    expired = store.call("GET", ORDERS, params=SITE)
    assert (expired.status_code, problem_kind(expired)) == (401, "invalid-access-token")
    expired = store.call("GET", RECORD)
    assert (expired.status_code, fault_kind(expired)) == (401, "InvalidAccessTokenException")


@pytest.mark.parametrize("header", ["", "Bearer made-up", "Basic YTpi"])
def test_an_unknown_token_opens_nothing(store: Storefront, header: str) -> None:
    for path in (ORDERS, RECORD, f"{PRODUCTS}/products/TENT"):
        response = store.call("GET", path, params=SITE, headers={"Authorization": header})
        assert response.status_code == 401


def test_reading_and_writing_orders_need_their_scopes(store: Storefront) -> None:
    number = store.shop.place(order())["orderNo"]
    store.log_in(f"{SETTINGS.tenant_scope} sfcc.orders")
    assert store.call("GET", f"{ORDERS}/{number}", params=SITE).status_code == 200
    refused = store.put_status(number, "export-status", "exported")
    assert (refused.status_code, problem_kind(refused)) == (403, "forbidden")
    assert store.call("GET", f"{PRODUCTS}/products/TENT").status_code == 403
    store.log_in(f"{SETTINGS.tenant_scope} sfcc.products.rw")
    assert store.call("GET", f"{PRODUCTS}/products/TENT").status_code == 200
    assert store.call("GET", ORDERS, params=SITE).status_code == 403


def test_a_token_without_the_tenant_opens_the_data_api_only(store: Storefront) -> None:
    store.log_in("sfcc.orders.rw")
    assert store.call("GET", ORDERS, params=SITE).status_code == 403
    assert store.call("GET", RECORD).status_code == 200


def test_another_organisation_is_out_of_reach(store: Storefront) -> None:
    elsewhere = ORDERS.replace("zzal_001", "zzal_prd")
    assert store.call("GET", elsewhere, params=SITE).status_code == 403


def test_the_data_api_knows_the_client_by_its_token_whatever_the_header_says(
    store: Storefront,
) -> None:
    assert store.call("GET", RECORD).status_code == 200
    assert store.call("GET", RECORD, headers={"x-dw-client-id": "someone"}).status_code == 200
    nobody = store.call("GET", RECORD, headers={"Authorization": ""}, params={"client_id": "a"})
    assert nobody.status_code == 401


def test_the_sites_of_the_organisation_are_listed(store: Storefront) -> None:
    listed = store.call("GET", f"{DATA}/sites", params={"count": "1"}).json()
    assert (listed["count"], listed["data"][0]["id"]) == (1, UK)
    assert store.call("GET", f"{DATA}/sites/{UK}").json()["id"] == UK
    missing = store.call("GET", f"{DATA}/sites/nowhere")
    assert (missing.status_code, fault_kind(missing)) == (404, "SiteNotFoundException")


def test_every_answer_carries_a_correlation_id(store: Storefront) -> None:
    named = store.call("GET", ORDERS, params=SITE, headers={"correlation-id": "abc-1"})
    assert named.headers["x-correlation-id"] == "abc-1"
    refused = store.call("GET", f"{ORDERS}/1", params=SITE)
    assert UUID(refused.headers["x-correlation-id"])
    assert UUID(store.call("GET", RECORD).headers["x-correlation-id"])


def test_a_problem_is_described_as_the_platform_does(store: Storefront) -> None:
    response = store.call("GET", f"{ORDERS}/1", params=SITE)
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["title"] == "Order Not Found"
    assert problem["type"].endswith("/documentation/error/v1/errors/order-not-found")
    assert problem["detail"] == "No order 1 in site alpenglow-uk."


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ({"content": b"[1]", "headers": {"Content-Type": "application/json"}}, 400),
        ({"content": b"{}", "headers": {"Content-Type": "text/plain"}}, 415),
        ({"content": b" " * 5_300_000, "headers": {"Content-Type": "application/json"}}, 413),
        ({"headers": {"x-long": "x" * 25_000}}, 400),
    ],
)
def test_malformed_and_oversized_requests_are_refused(
    store: Storefront, options: dict[str, object], status: int
) -> None:
    assert store.call("PATCH", f"{ORDERS}/1", params=SITE, **options).status_code == status
    assert store.call("PATCH", RECORD, **options).status_code == status


def test_a_throttled_call_does_nothing(store: Storefront) -> None:
    number = store.shop.place(order())["orderNo"]
    store.faults.rates["sfcc.429"] = 1
    assert store.put_status(number, "export-status", "exported").status_code == 429
    assert store.write_record("TENT", {"allocation": {"amount": 1}}).status_code == 429
    store.faults.rates.clear()
    assert store.order(number)["exportStatus"] == "ready"
    assert store.record("TENT")["allocation"]["amount"] == 20


def test_a_page_of_more_than_ten_megabytes_fails(store: Storefront) -> None:
    wanted = order() | {"c_note": "x" * 4_000_000}
    for _ in range(3):
        store.shop.place(wanted)
    store.later(seconds=1)
    assert store.call("GET", ORDERS, params=SITE).status_code == 500
    assert store.call("GET", ORDERS, params={**SITE, "limit": 2}).status_code == 200


def test_unknown_paths_are_not_found(store: Storefront) -> None:
    assert problem_kind(store.call("GET", f"{PRODUCTS}/nothing")) == "not-found"
    assert problem_kind(store.call("POST", f"{ORDERS}/1/refunds")) == "not-found"
    assert fault_kind(store.call("GET", f"{DATA}/nothing")) == "NotFoundException"


def test_tokens_of_a_shorter_life_say_so() -> None:
    store = Storefront(SfccSettings(token_lifetime=timedelta(seconds=5)))
    assert store.token().json()["expires_in"] == 5


@pytest.mark.parametrize("version", ["25.6", "24.5"])
def test_a_version_of_the_data_api_of_the_last_two_years_answers_as_itself(version: str) -> None:
    store = Storefront()

    answer = store.call("GET", f"/s/-/dw/data/v{version.replace('.', '_')}/sites/{UK}")

    assert answer.status_code == 200
    assert read(answer)["_v"] == version
    assert f"/v{version.replace('.', '_')}/" in read(answer)["link"]


@pytest.mark.parametrize("version", ["19_5", "99_1", "x"])
def test_no_other_version_is_there_unless_the_instance_still_has_it(version: str) -> None:
    refused = Storefront().call("GET", f"/s/-/dw/data/v{version}/sites")
    assert (refused.status_code, read(refused)["_v"]) == (404, "25.6")

    still = Storefront(SfccSettings(ocapi_versions=("25.6", "19.5")))
    assert still.call("GET", f"/s/-/dw/data/v{version}/sites").status_code == (
        200 if version == "19_5" else 404
    )
