"""What may be changed of a product by the Products API, and when search shows it."""

from typing import Any

import pytest

from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.sandbox.storefront import PRODUCTS, UK, US, Storefront, problem_kind, read

TENT = f"{PRODUCTS}/products/TENT"
SEARCH = f"{PRODUCTS}/product-search"
MERCHANDISER = " sfcc.orders.rw sfcc.products.rw"


def opened(settings: SfccSettings | None = None) -> Storefront:
    store = Storefront(settings)
    store.log_in(store.settings.tenant_scope + MERCHANDISER)
    return store


def shown(store: Storefront) -> Any:
    return read(store.call("GET", TENT))


def test_a_product_goes_offline_on_one_site_and_stays_online_on_the_others() -> None:
    store = opened()
    store.later(minutes=1)

    answer = store.call("PATCH", TENT, {"onlineFlag": {UK: False}})

    assert answer.status_code == 200
    assert read(answer)["onlineFlag"] == {"default": True, UK: False}
    assert shown(store)["onlineFlag"] == {"default": True, UK: False}
    assert shown(store)["lastModified"] > shown(store)["creationDate"]


def test_whoever_may_read_only_changes_nothing() -> None:
    store = Storefront()
    assert store.call("PATCH", TENT, {"ean": "4006381333931"}).status_code == 403
    assert "ean" not in shown(store) or shown(store)["ean"] != "4006381333931"


@pytest.mark.parametrize(
    "body",
    [
        {"price": 1},
        {"taxClassId": "reduced"},
        {"shortDescription": {"default": "short"}},
        {"validFrom": {"default": "2026-01-01T00:00:00Z"}},
        {"onlineFlag": True},
        {"onlineFlag": {"mars": True}},
        {"onlineFlag": {UK: "true"}},
        {"ean": 4006381333931},
        {"name": "Tent"},
        {"ean": "4006381333931", "ats": 5},
    ],
)
def test_what_is_not_on_the_list_is_refused_with_all_else_of_the_body(body: Any) -> None:
    store = opened()
    before = shown(store)

    answer = store.call("PATCH", TENT, body)

    assert answer.status_code == 400
    assert problem_kind(answer) == "invalid-request-body"
    assert shown(store) == before


def test_a_custom_attribute_that_is_not_defined_is_ignored_without_a_word() -> None:
    store = opened()

    answer = store.call("PATCH", TENT, {"c_weight": 1200, "c_cost": 9})

    assert answer.status_code == 200
    assert shown(store)["c_weight"] == 1200
    assert "c_cost" not in shown(store)
    assert store.call("PATCH", TENT, {"c_weight": None}).status_code == 200
    assert "c_weight" not in shown(store)


def test_an_unknown_product_is_not_made_by_a_patch() -> None:
    store = opened()
    assert store.call("PATCH", f"{PRODUCTS}/products/NONE", {"ean": "1"}).status_code == 404


def test_search_lags_behind_a_change_and_the_product_itself_does_not() -> None:
    store = opened(SfccSettings(product_index_lag=30))
    store.call("PATCH", TENT, {"brand": "Alpenglow"})

    def found() -> Any:
        query = {"termQuery": {"fields": ["id"], "operator": "is", "values": ["TENT"]}}
        return read(store.call("POST", SEARCH, {"query": query}))["hits"][0]

    assert shown(store)["brand"] == "Alpenglow"
    assert "brand" not in found()
    store.later(seconds=20)
    store.call("PATCH", TENT, {"brand": "Nordwand"})
    assert "brand" not in found()
    store.later(seconds=31)
    assert found()["brand"] == "Nordwand"


def test_a_site_that_has_no_flag_of_its_own_has_the_default_again() -> None:
    store = opened()
    store.call("PATCH", TENT, {"onlineFlag": {UK: False, US: False}})
    store.call("PATCH", TENT, {"onlineFlag": {UK: None}})
    assert shown(store)["onlineFlag"] == {"default": True, US: False}
