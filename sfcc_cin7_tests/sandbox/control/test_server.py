"""One port, both systems, and strings to pull."""

from decimal import Decimal

import httpx
import pytest
import simplejson

from sfcc_cin7_sandbox.control.assembly import SandboxSettings, assemble
from sfcc_cin7_sandbox.control.server import build_app, listen, running_sandbox
from sfcc_cin7_sandbox.merchant.catalogue import DRIFTING_LIST, DRIFTING_SKU
from sfcc_cin7_tests.sandbox.erp_clerk import HEADERS


@pytest.fixture(scope="module")
def running():
    with running_sandbox(skus=150) as sandbox:
        yield sandbox


@pytest.fixture
def client(running):
    with httpx.Client(base_url=running.url, timeout=5) as client:
        yield client
        client.put("/_control/faults", json={})


def read(response):
    assert response.status_code == 200, response.text
    return simplejson.loads(response.content, use_decimal=True)


def me(client, path="/ExternalApi/v2/me", key=HEADERS["api-auth-applicationkey"]):
    return client.get(path, headers=HEADERS | {"api-auth-applicationkey": key})


def token(client):
    form = {
        "grant_type": "client_credentials",
        "scope": "SALESFORCE_COMMERCE_API:zzal_001 sfcc.orders",
    }
    return client.post(
        "/dwsso/oauth2/access_token", data=form, auth=("sandbox-client", "sandbox-secret")
    )


def test_both_systems_answer_on_one_port(client):
    assert read(me(client))["Currency"] == "GBP"
    assert read(token(client))["token_type"] == "Bearer"


def test_the_erp_takes_its_path_in_any_case(client):
    assert read(me(client, "/externalapi/V2/ME"))["Currency"] == "GBP"


def test_an_order_placed_by_control_is_on_the_storefront(client):
    (placed,) = read(client.post("/_control/orders", json={"site": "alpenglow-jp"}))["orders"]
    bearer = {"authorization": f"Bearer {read(token(client))['access_token']}"}
    path = f"/checkout/orders/v1/organizations/f_ecom_zzal_001/orders/{placed['orderNo']}"
    order = read(client.get(path, params={"siteId": "alpenglow-jp"}, headers=bearer))
    assert (order["status"], order["exportStatus"]) == ("new", "ready")
    assert order["orderTotal"] == placed["orderTotal"]
    assert order["placeDate"] == placed["placeDate"]


def test_orders_of_a_shape_are_placed_on_demand(client, running):
    body = {"count": 3, "site": "alpenglow-uk", "shape": "bundle"}
    placed = read(client.post("/_control/orders", json=body))["orders"]
    orders = {(o["siteId"], o["orderNo"]): o for o in running.sandbox.sfcc.truth()["orders"]}
    for each in placed:
        items = orders[each["siteId"], each["orderNo"]]["productItems"]
        assert any(item["bundledProductItems"] for item in items)


def test_the_call_log_knows_the_busiest_window_of_each_key_and_hides_foreign_keys(client):
    for _ in range(3):
        me(client, key="sandbox-key")
    me(client, key="a-real-secret")
    calls = read(client.get("/_control/calls?recent=1"))
    use = calls["cin7_keys"]["sandbox-key"]
    assert use["most_in_window"] == use["arrivals"] == use["statuses"]["200"] == 3
    assert calls["recent"][0]["key"] == "unknown"
    assert calls["recent"][0]["status"] == 403
    assert "a-real-secret" not in simplejson.dumps(calls)


@pytest.mark.parametrize(
    ("fault", "status", "text"),
    [
        ("cin7.502", 502, "Bad Gateway"),
        ("cin7.503", 503, "Unavailable"),
        ("cin7.html_200", 200, "<!DOCTYPE html>"),
        ("cin7.error_200", 200, "ErrorCode"),
    ],
)
def test_a_fault_that_is_on_answers_instead_of_the_erp(client, fault, status, text):
    assert read(client.put("/_control/faults", json={fault: 1}))["on"][fault]["rate"] == 1
    response = me(client)
    assert response.status_code == status
    assert text in response.text
    assert read(token(client))["token_type"] == "Bearer"
    client.put("/_control/faults", json={})
    assert read(me(client))["Currency"] == "GBP"


@pytest.mark.parametrize(("moment", "rules"), [("before", 0), ("after", 1)])
def test_a_connection_is_cut_before_or_after_the_work_is_done(client, moment, rules):
    client.put("/_control/faults", json={f"cin7.timeout_{moment}_commit": 1})
    component = {"Name": "Tax", "Percent": 5, "AccountCode": "820", "Compound": False}
    rule = {
        "Name": f"Cut {moment}",
        "Account": "820",
        "IsActive": True,
        "TaxInclusive": False,
        "IsTaxForSale": True,
        "IsTaxForPurchase": False,
        "Components": [component | {"ComponentOrder": 1}],
    }
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/ExternalApi/v2/ref/tax", headers=HEADERS, json=rule)
    client.put("/_control/faults", json={})
    listed = read(client.get("/ExternalApi/v2/ref/tax", headers=HEADERS))["TaxRuleList"]
    assert len([each for each in listed if each["Name"] == f"Cut {moment}"]) == rules


def test_slow_answers_come_late(client):
    client.put("/_control/faults", json={"cin7.slow": {"rate": 1, "size": 0.2}})
    with pytest.raises(httpx.ReadTimeout):
        client.get("/ExternalApi/v2/me", headers=HEADERS, timeout=0.05)


@pytest.mark.parametrize(
    ("method", "path", "body", "complaint"),
    [
        ("PUT", "faults", {"cin7.gremlins": 1}, "There is no fault 'cin7.gremlins'"),
        ("PUT", "faults", {"cin7.502": 2}, "rate must not be above 1"),
        ("PUT", "faults", {"cin7.502": {"rate": "often"}}, "rate must be a number"),
        ("POST", "orders", {"site": "alpenglow-mars"}, "There is no site 'alpenglow-mars'"),
        ("POST", "orders", {"shape": "round"}, "There is no order shape 'round'"),
        ("POST", "orders", {"count": 5000}, "count must not be above 1000"),
        ("POST", "orders", {"cuont": 1}, "Unknown: cuont"),
        ("POST", "orders", ["one"], "must be a JSON object"),
        ("PUT", "shoppers", {}, "orders_per_minute must be a number"),
        ("PUT", "warehouse", {"ships_per_minute": -1}, "must not be below 0"),
        ("POST", "stock", {"sku": "X", "location": "London DC", "on_hand": 1}, "no stock of 'X'"),
        ("POST", "stock", {"sku": "MAT-FOAM", "location": "Mars", "on_hand": 1}, "Mars"),
        ("POST", "stock", {"sku": "MAT-FOAM", "location": "London DC"}, "Give either on_hand"),
        ("POST", "stock", {"location": "London DC", "on_hand": 1}, "sku is required"),
        ("POST", "storefront-stock", {"list": "x", "sku": "y", "allocation": 1}, "no list 'x'"),
        ("POST", "products", {"sku": "MAT-FOAM"}, "already exists"),
        ("POST", "tax-rules", {"name": "Odd", "percent": 101}, "must not be above 100"),
    ],
)
def test_nonsense_is_refused_in_one_sentence(client, method, path, body, complaint):
    response = client.request(method, f"/_control/{path}", json=body)
    assert response.status_code == 400
    assert complaint in response.json()["error"]


def test_a_body_that_is_not_json_and_a_path_that_is_not_there_are_named(client):
    assert "not JSON" in client.post("/_control/orders", content=b"{").json()["error"]
    response = client.get("/_control/secrets")
    assert (response.status_code, response.json()["error"]) == (
        404,
        "There is no GET /_control/secrets.",
    )


def test_somebody_counts_receives_and_edits_stock(client):
    shelf = {"sku": "MAT-FOAM", "location": "London DC"}
    counted = read(client.post("/_control/stock", json=shelf | {"on_hand": 40}))
    assert counted["OnHand"] == 40
    received = read(client.post("/_control/stock", json=shelf | {"receive": 5, "bin": "A-01"}))
    assert received["OnHand"] == 45
    edit = {"list": "inventory-uk", "sku": "MAT-FOAM", "allocation": 77}
    assert read(client.post("/_control/storefront-stock", json=edit))["ats"] == 77


def test_somebody_heals_the_planted_troubles_in_the_erp(client, running):
    read(client.post("/_control/products", json={"sku": "GHOST-LANTERN-01", "price": 34.95}))
    read(client.post("/_control/tax-rules", json={"name": "JP Reduced Tax 8%", "percent": 8}))
    erp = running.sandbox.cin7.truth()
    assert "GHOST-LANTERN-01" in [product["SKU"] for product in erp["products"]]
    assert Decimal(8) in [rule["TaxPercent"] for rule in erp["tax_rules"]]


def test_shoppers_come_and_go(client, running):
    read(client.put("/_control/shoppers", json={"orders_per_minute": 60_000}))
    looks = (read(client.get("/_control/health"))["placed_by_shoppers"] for _ in range(2000))
    assert any(sum(placed.values()) >= 5 for placed in looks)
    read(client.put("/_control/shoppers", json={"orders_per_minute": 0}))
    assert read(client.get("/_control/health"))["orders_per_minute"] == 0


def test_the_truth_names_both_systems_and_the_meddled_sku(client):
    truth = read(client.get("/_control/truth"))
    assert truth["meddled"] == {"list": DRIFTING_LIST, "sku": DRIFTING_SKU}
    assert truth["sfcc"].keys() >= {"orders", "inventory", "products"}
    assert truth["cin7"].keys() >= {"sales", "stock", "products", "tax_rules"}


def test_a_second_start_continues_where_the_first_stopped(tmp_path):
    with running_sandbox(skus=150, data=tmp_path / "data") as first:
        first.sandbox.shoppers.place("alpenglow-uk")
        before = first.sandbox.sfcc.truth()["orders"]
    again = assemble(SandboxSettings(skus=150, data=tmp_path / "data"))
    assert again.sfcc.truth()["orders"] == before
    other = again.shoppers.place("alpenglow-uk")
    assert other["orderNo"] == "00000002"
    assert other["paymentInstruments"] != before[0]["paymentInstruments"]
    again.shelf.close()


def test_data_of_another_world_is_not_continued(tmp_path):
    assemble(SandboxSettings(skus=150, data=tmp_path)).shelf.close()
    with pytest.raises(ValueError, match="made with seed 7 and 150 SKUs"):
        build_app(SandboxSettings(seed=8, skus=150, data=tmp_path))


def test_a_reset_sandbox_is_as_new_at_the_same_address():
    with running_sandbox(skus=150) as running, httpx.Client(base_url=running.url) as client:
        old = running.sandbox
        old.shoppers.place("alpenglow-uk")
        assert me(client).status_code == 200
        client.put("/_control/faults", json={"cin7.502": 1})
        assert running.reset() is running.sandbox is not old
        assert running.sandbox.sfcc.truth()["orders"] == []
        assert read(me(client))["Currency"] == "GBP"
        assert read(client.get("/_control/calls"))["arrivals"] == {"cin7": 1, "control": 1}
        placed = read(client.post("/_control/orders", json={"site": "alpenglow-uk"}))["orders"]
        assert [each["orderNo"] for each in placed] == ["00000001"]
        read(client.post("/_control/reset"))
        assert running.sandbox.sfcc.orders_taken == 0


def test_the_crowd_moves_along_when_the_sandbox_is_reset():
    with running_sandbox(skus=150, orders_per_minute=60_000) as running:
        for _ in range(2):
            running.reset()
            looks = (httpx.get(f"{running.url}/_control/health").json() for _ in range(500))
            assert any(seen["placed_by_shoppers"] for seen in looks)


def test_a_sandbox_that_keeps_its_data_is_not_reset(tmp_path):
    with running_sandbox(skus=150, data=tmp_path) as running:
        refused = httpx.post(f"{running.url}/_control/reset")
        assert (refused.status_code, "folder" in refused.json()["error"]) == (400, True)


def test_one_world_is_built_once():
    first, second = (assemble(SandboxSettings(skus=150)) for _ in range(2))
    assert first.world is second.world


def test_the_sandbox_listens_on_loopback_alone():
    with pytest.raises(ValueError, match="loopback only"):
        listen("0.0.0.0")


def test_a_taken_port_is_named():
    with listen() as taken, pytest.raises(ValueError, match="choose another"):
        listen(port=taken.getsockname()[1])
