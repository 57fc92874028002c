"""Troubles of the road, switched on over the control endpoint."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from sfcc_cin7_sandbox.control.server import RunningSandbox, running_sandbox
from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.sandbox.cin7_company import Company
from sfcc_cin7_tests.sandbox.erp_clerk import book, call
from sfcc_cin7_tests.sandbox.sfcc.test_sfcc_orders import place_hourly
from sfcc_cin7_tests.sandbox.storefront import ORDERS, UK, US, Storefront, order, problem_kind


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    with running_sandbox(skus=150, sfcc=SfccSettings(index_lag=0)) as sandbox:
        yield sandbox


@pytest.fixture
def client(running: RunningSandbox) -> Iterator[httpx.Client]:
    running.reset()
    with httpx.Client(base_url=running.url, timeout=5) as client:
        yield client
        running.sandbox.faults.clear()


def switch_on(client: httpx.Client, **faults: object) -> None:
    body = {name.replace("__", "."): fault for name, fault in faults.items()}
    assert client.put("/_control/faults", json=body).status_code == 200


def orders(client: httpx.Client, site: str = UK, number: str = "") -> httpx.Response:
    form = {
        "grant_type": "client_credentials",
        "scope": "SALESFORCE_COMMERCE_API:zzal_001 sfcc.orders",
    }
    secret = ("sandbox-client", "sandbox-secret")
    token = client.post("/dwsso/oauth2/access_token", data=form, auth=secret).json()
    bearer = {"authorization": f"Bearer {token['access_token']}"}
    path = f"{ORDERS}/{number}" if number else ORDERS
    return client.get(path, params={"siteId": site}, headers=bearer)


def sales(running: RunningSandbox) -> int:
    return len(running.sandbox.cin7.sales_truth())


def test_creating_a_sale_fails_for_ever_while_all_else_works(client, running):
    placed = running.sandbox.shoppers.place(UK, "plain")
    switch_on(client, cin7__create_500=1)
    for path in ("sale", "Sale/"):
        answer = call(client, "POST", path, {"Customer": "Alpenglow UK Web"})
        assert (answer.status_code, answer.json()[0]["ErrorCode"]) == (500, 500)
    assert call(client, "GET", "saleList").json()["Total"] == sales(running) == 0
    switch_on(client)
    book(client, placed)
    switch_on(client, cin7__create_500=1)
    unknown = "00000000-0000-4000-8000-000000000000"
    assert call(client, "POST", "sale/order", {"SaleID": unknown}).status_code == 400


@pytest.mark.parametrize(("fault", "made"), [("cin7__500", 0), ("cin7__500_applied", 1)])
def test_an_error_500_may_hide_a_finished_job(client, running, fault, made):
    switch_on(client, **{fault: 1})
    address = {"Line1": "1 Fell Lane", "Country": "United Kingdom", "ShipToOther": True}
    body = {"Customer": "Alpenglow UK Web", "Location": "London DC", "ShippingAddress": address}
    assert call(client, "POST", "sale", body).status_code == 500
    assert sales(running) == made


def test_a_job_is_done_long_before_its_answer_comes(client, running):
    switch_on(client, cin7__late={"rate": 1, "size": 0.4})
    body = {"Customer": "Alpenglow UK Web", "Location": "London DC"}
    with httpx.Client(base_url=running.url, timeout=0.1) as hasty, pytest.raises(httpx.ReadTimeout):
        call(hasty, "POST", "sale", body)
    assert sales(running) == 1
    assert call(client, "POST", "sale", body).json()["Status"] == "ESTIMATING"


def test_an_answer_may_be_the_way_to_a_log_in_page(client):
    switch_on(client, cin7__redirect=1, sfcc__redirect=1)
    for response in (call(client, "GET", "saleList"), client.get(ORDERS)):
        assert response.status_code == 302
        assert response.headers["location"].startswith("/Account/LogOn")


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ("cin7__throttle", 429, "text/plain"),
        ("cin7__throttle_503", 503, "text/plain"),
        ("cin7__throttle_400", 400, "application/json"),
    ],
)
def test_the_call_limit_refuses_in_three_forms(client, fault, status, kind):
    switch_on(client, **{fault: 1})
    answer = call(client, "GET", "me")
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith(kind)
    assert "60 calls per 60 seconds" in answer.text


def test_the_list_of_one_site_is_down_and_nothing_else(client, running):
    number = running.sandbox.shoppers.place(UK, "plain")["orderNo"]
    running.sandbox.shoppers.place(US, "plain")
    switch_on(client, sfcc__site_down={"rate": 1, "site": UK})
    assert orders(client, UK).status_code == 500
    assert orders(client, UK, number).status_code == 200
    assert len(orders(client, US).json()["data"]) == 1
    assert call(client, "GET", "me").status_code == 200
    on = client.get("/_control/faults").json()["on"]
    assert on == {"sfcc.site_down": {"rate": 1, "size": None, "site": UK}}


def test_the_list_of_one_site_hangs_until_it_is_cut(client):
    switch_on(client, sfcc__site_hangs={"rate": 1, "site": UK, "size": 0.05})
    with pytest.raises(httpx.RemoteProtocolError):
        orders(client, UK)
    assert orders(client, US).status_code == 200


def test_only_a_fault_of_a_site_takes_one(client):
    body = {"sfcc.503": {"rate": 1, "site": UK}}
    refused = client.put("/_control/faults", json=body)
    assert (refused.status_code, refused.json()["error"]) == (
        400,
        "sfcc.503 strikes no single site.",
    )


def test_a_token_expires_in_the_middle_of_a_run():
    store = Storefront()
    store.shop.place(order())
    assert store.order("00000001")["status"] == "new"
    store.faults.rates["sfcc.token_expired"] = 1
    refused = store.call("GET", f"{ORDERS}/00000001", params={"siteId": UK})
    assert (refused.status_code, problem_kind(refused)) == (401, "invalid-access-token")
    store.faults.clear()
    assert store.call("GET", ORDERS, params={"siteId": UK}).status_code == 401
    store.log_in()
    assert store.order("00000001")["status"] == "new"


def test_a_page_misses_a_row_when_one_before_it_vanishes():
    store = Storefront()
    numbers = place_hourly(store, 7)
    store.faults.rates["sfcc.missing_listing"] = 1
    pages = [store.numbers(sortOrder="asc", limit=2, offset=offset) for offset in range(0, 8, 2)]
    rows = [number for page in pages for number in page]
    assert rows == [number for number in numbers if number != numbers[2]]
    store.faults.clear()
    assert store.numbers(sortOrder="asc", limit=2) == numbers[:2]


def test_a_page_of_the_sale_list_misses_a_row():
    company = Company()
    made = [company.new_sale()["ID"] for _ in range(5)]
    company.faults.rates["cin7.missing_listing"] = 1
    rows = [
        row["SaleID"]
        for page in (1, 2)
        for row in company.get("/saleList", Page=page, Limit=2)["SaleList"]
    ]
    assert rows == [*made[:2], *made[3:5]]


def test_a_new_sale_may_stay_out_of_the_list_for_minutes():
    company = Company()
    company.faults.rates["cin7.index_lag"] = 1
    company.faults.sizes["cin7.index_lag"] = 170
    company.new_sale()
    company.clock.advance(timedelta(minutes=2))
    assert company.get("/saleList")["Total"] == 0
    company.clock.advance(timedelta(minutes=1))
    assert company.get("/saleList")["Total"] == 1


def test_some_accounts_send_a_wrong_address_on_its_way():
    lost = Company(unknown_address="redirect").call("GET", "/sales")
    assert (lost.status_code, "/Error/NotFound" in lost.headers["location"]) == (302, True)
    assert Company().call("GET", "/sales").status_code == 200
