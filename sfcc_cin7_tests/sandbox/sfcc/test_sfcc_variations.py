"""Variants of a master, listed and searched."""

import pytest

from sfcc_cin7_tests.sandbox.storefront import PRODUCTS, UK, Storefront, problem_kind, read

JACKET = f"{PRODUCTS}/products/JACKET"
ALL: dict[str, object] = {"matchAllQuery": {}}
SMALL = {"termQuery": {"fields": ["id"], "operator": "is", "values": ["JACKET-S"]}}


@pytest.fixture
def store() -> Storefront:
    return Storefront()


def test_the_variants_of_a_master_are_listed_in_pages(store):
    first = read(store.call("GET", f"{JACKET}/variations", params={"limit": 1}))
    assert [row["productId"] for row in first["data"]] == ["JACKET-M"]
    assert (first["total"], first["limit"], first["offset"]) == (2, 1, 0)
    second = read(store.call("GET", f"{JACKET}/variations", params={"limit": 1, "offset": 1}))
    assert [row["productId"] for row in second["data"]] == ["JACKET-S"]


def test_a_variant_tells_what_a_site_offers_only_when_asked_of_a_site(store):
    plain = read(store.call("GET", f"{JACKET}/variations/JACKET-S"))
    assert set(plain) == {"productId", "online", "searchable"}
    offered = read(store.call("GET", f"{JACKET}/variations/JACKET-S", params={"siteId": UK}))
    assert (offered["ats"], offered["orderable"]) == (20, True)


def test_a_search_among_variants_finds_no_product_of_another_master(store):
    found = read(store.call("POST", f"{JACKET}/variant-search", {"query": ALL}))
    assert [hit["productId"] for hit in found["hits"]] == ["JACKET-M", "JACKET-S"]
    one = read(store.call("POST", f"{JACKET}/variant-search", {"query": SMALL}))
    assert [hit["productId"] for hit in one["hits"]] == ["JACKET-S"]


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", f"{PRODUCTS}/products/TENT/variations", {}, 404),
        ("GET", f"{JACKET}/variations/TENT", {}, 404),
        ("GET", f"{JACKET}/variations", {"params": {"limit": "51"}}, 400),
        ("GET", f"{JACKET}/variations", {"params": {"limit": "x"}}, 400),
        ("GET", f"{JACKET}/variations", {"params": {"siteId": "nowhere"}}, 404),
        ("POST", f"{JACKET}/variant-search", {"body": {}}, 400),
        ("POST", f"{JACKET}/variant-search", {"body": {"query": ALL, "select": "x"}}, 400),
        ("POST", f"{JACKET}/variant-search", {"body": {"query": ALL, "limit": True}}, 400),
    ],
)
def test_what_is_not_there_or_not_asked_well_is_a_problem(store, method, path, sent, status):
    answer = store.call(method, path, sent.pop("body", None), **sent)
    assert answer.status_code == status
    assert problem_kind(answer)
