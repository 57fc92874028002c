"""What a merchant's catalogue answers when it is searched."""

from typing import Any

import pytest

from sfcc_cin7_tests.sandbox.storefront import (
    DATA,
    PRODUCTS,
    UK,
    US,
    Storefront,
    problem_kind,
    read,
)

SEARCH = f"{PRODUCTS}/product-search"


@pytest.fixture(scope="module")
def store() -> Storefront:
    return Storefront()


def search(store: Storefront, query: Any, **more: Any) -> Any:
    response = store.call("POST", SEARCH, {"query": query, **more})
    assert response.status_code == 200, response.text
    return read(response)


def found(store: Storefront, query: Any, **more: Any) -> list[str]:
    return [hit["id"] for hit in search(store, query, **more)["hits"]]


def term(field: str, operator: str, *values: Any) -> dict[str, Any]:
    return {"termQuery": {"fields": [field], "operator": operator, "values": list(values)}}


EVERYTHING: dict[str, Any] = {"matchAllQuery": {}}
ALL = ["GIFTWRAP", "JACKET", "JACKET-M", "JACKET-S", "KIT", "ROPE", "TENT"]


def test_the_catalogue_holds_what_is_in_the_shop_and_the_masters(store: Storefront) -> None:
    page = search(store, EVERYTHING, limit=200)
    assert [hit["id"] for hit in page["hits"]] == ALL
    assert (page["total"], page["offset"], page["limit"]) == (7, 0, 200)


def test_pages_add_up_to_the_whole(store: Storefront) -> None:
    pages = [found(store, EVERYTHING, limit=3, offset=offset) for offset in (0, 3, 6)]
    assert [product for page in pages for product in page] == ALL


def test_a_variant_names_its_master_and_its_barcode(store: Storefront) -> None:
    (hit,) = search(store, term("id", "is", "JACKET-S"))["hits"]
    assert hit["type"] == {"master": False, "variant": True}
    assert hit["master"] == {"masterId": "JACKET"}
    assert hit["ean"] == "5012345678917"
    assert hit["name"] == {"default": "The JACKET-S"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (term("type", "is", "variant"), ["JACKET-M", "JACKET-S"]),
        (term("type", "is", "master"), ["JACKET"]),
        (term("type", "one_of", "bundle", "master"), ["JACKET", "KIT"]),
        (term("id", "one_of", "TENT", "ROPE", "NONE"), ["ROPE", "TENT"]),
        (term("id", "not_in", *ALL[1:]), ["GIFTWRAP"]),
        (term("id", "greater", "KIT"), ["ROPE", "TENT"]),
        (term("id", "less", "JACKET"), ["GIFTWRAP"]),
        (term("online", "is", True), ALL),
        (term("online", "is", "false"), []),
        (term("validFrom", "is_null"), ALL),
        (term("lastModified", "greater", "2026-08-03T09:00:00.000Z"), []),
        (term("creationDate", "less", "2026-08-04T00:00:00Z"), ALL),
        ({"textQuery": {"fields": ["id", "name"], "searchPhrase": "the jacket"}}, ALL[1:4]),
        (
            {
                "boolQuery": {
                    "must": [term("name", "greater", "The K")],
                    "mustNot": [term("id", "is", "TENT")],
                }
            },
            ["KIT", "ROPE"],
        ),
        ({"boolQuery": {"should": [term("id", "is", "KIT"), term("id", "is", "TENT")]}},
         ["KIT", "TENT"]),
        (
            {"boolQuery": {"must": [term("catalogId", "is", "storefront-catalog"),
                                    term("type", "is", "bundle")]}},
            ["KIT"],
        ),
        (
            {
                "filteredQuery": {
                    "query": EVERYTHING,
                    "filter": {
                        "boolFilter": {
                            "operator": "and",
                            "filters": [
                                {"rangeFilter": {"field": "id", "from": "K", "to": "S"}},
                                {"termFilter": {"field": "type", "operator": "is",
                                                "values": ["item"]}},
                            ],
                        }
                    },
                }
            },
            ["ROPE"],
        ),
    ],
)  # fmt: skip
def test_products_are_found_by_what_can_be_queried(
    store: Storefront, query: Any, expected: list[str]
) -> None:
    assert found(store, query) == expected


@pytest.mark.parametrize("field", ["ean", "upc", "manufacturerSku", "c_colour", "masterId"])
def test_barcodes_and_custom_attributes_cannot_be_queried(store: Storefront, field: str) -> None:
    response = store.call("POST", SEARCH, {"query": term(field, "is", "1")})
    assert (response.status_code, problem_kind(response)) == (400, "unqueryable-field")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"query": {}},
        {"query": {"matchAllQuery": {}, "termQuery": {}}},
        {"query": {"nestedQuery": {}}},
        {"query": EVERYTHING, "limit": 201},
        {"query": EVERYTHING, "limit": 0},
        {"query": EVERYTHING, "offset": -1},
        {"query": EVERYTHING, "limit": "5"},
        {"query": EVERYTHING, "select": "(**)"},
        {"query": EVERYTHING, "sorts": [{"field": "ean"}]},
        {"query": EVERYTHING, "sorts": ["id"]},
        {"query": {"termQuery": {"fields": "id", "operator": "is", "values": ["x"]}}},
        {"query": {"termQuery": {"fields": [], "operator": "is", "values": ["x"]}}},
        {"query": term("id", "resembles", "x")},
        {"query": term("id", "is")},
        {"query": term("id", "is", "x", "y")},
        {"query": term("lastModified", "greater", "2026-08-03")},
        {"query": term("categoryId", "is", "tents")},
        {"query": {"filteredQuery": {"query": EVERYTHING, "filter": {"range2Filter": {}}}}},
    ],
)
def test_a_search_that_makes_no_sense_is_refused(store: Storefront, body: Any) -> None:
    assert store.call("POST", SEARCH, body).status_code == 400


def test_hits_are_sorted_as_asked(store: Storefront) -> None:
    by_id = [{"field": "id", "sortOrder": "desc"}]
    assert found(store, EVERYTHING, sorts=by_id) == ALL[::-1]
    assert found(store, EVERYTHING, sorts=[{"field": "name"}])[-1] == "TENT"


def test_a_product_tells_offer_and_price_only_for_a_site(store: Storefront) -> None:
    path = f"{PRODUCTS}/products/TENT"
    assert "ats" not in read(store.call("GET", path))
    offer = read(store.call("GET", path, params={"siteId": US}))
    assert (offer["ats"], offer["inStock"], offer["priceCurrency"]) == (20, True, "USD")
    master = read(store.call("GET", f"{PRODUCTS}/products/JACKET", params={"siteId": UK}))
    assert master["variants"] == [{"productId": "JACKET-S"}, {"productId": "JACKET-M"}]
    bundle = read(store.call("GET", f"{PRODUCTS}/products/KIT"))
    assert bundle["bundledProducts"] == [{"id": "TENT"}, {"id": "ROPE"}]


def test_unknown_products_and_sites_are_not_found(store: Storefront) -> None:
    unknown = store.call("GET", f"{PRODUCTS}/products/BACKROOM")
    assert (unknown.status_code, problem_kind(unknown)) == (404, "product-not-found")
    nowhere = store.call("GET", f"{PRODUCTS}/products/TENT", params={"siteId": "nowhere"})
    assert nowhere.status_code == 404


# The Data API's search


def data_search(store: Storefront, **body: Any) -> Any:
    return store.call("POST", f"{DATA}/product_search", body)


def test_the_data_api_searches_in_snake_case_and_shows_what_is_selected(
    store: Storefront,
) -> None:
    query = {"term_query": {"fields": ["type"], "operator": "is", "values": ["variant"]}}
    chosen = "(hits.(id,ean,upc,manufacturer_sku,type),total,next)"
    page = read(data_search(store, query=query, select=chosen, count=1))
    assert page["total"] == 2
    assert page["next"]["start"] == 1
    assert page["hits"] == [
        {
            "_type": "product",
            "id": "JACKET-M",
            "ean": "5012345678900",
            "manufacturer_sku": "JACKET-M",
            "type": {"master": False, "variant": True},
        }
    ]
    assert "count" not in page


def test_without_a_selection_hits_tell_their_id_only(store: Storefront) -> None:
    page = read(data_search(store, query={"match_all_query": {}}))
    assert (page["count"], page["start"], page["total"]) == (7, 0, 7)
    assert page["hits"][0] == {"_type": "product", "id": "GIFTWRAP"}
    assert "next" not in page


def test_the_data_api_knows_filters_and_snake_case_fields(store: Storefront) -> None:
    query = {
        "filtered_query": {
            "query": {"match_all_query": {}},
            "filter": {
                "term_filter": {
                    "field": "last_modified",
                    "operator": "greater",
                    "values": ["2026-08-01T00:00:00Z"],
                }
            },
        }
    }
    assert read(data_search(store, query=query))["total"] == 7


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"query": {"match_all_query": {}}, "count": 201},
        {"query": {"match_all_query": {}}, "start": -1},
        {"query": {"match_all_query": {}}, "select": "hits"},
        {"query": {"term_query": {"fields": ["upc"], "operator": "is", "values": ["1"]}}},
    ],
)
def test_a_bad_data_search_is_a_fault(store: Storefront, body: Any) -> None:
    response = data_search(store, **body)
    assert response.status_code == 400
    assert "fault" in response.json()
