"""What shoppers are shown of prices, and what people and replication do to price books."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.sandbox.impex import run
from sfcc_cin7_tests.sandbox.sfcc.test_sfcc_price_books import LIST, book, imported, sale, table
from sfcc_cin7_tests.sandbox.storefront import ORGANIZATION, UK, US, Storefront, read

TOKENS = f"/shopper/auth/v1{ORGANIZATION}/oauth2/token"
PRODUCTS = f"/product/shopper-products/v1{ORGANIZATION}/products"


def guest(store: Storefront, site: str = UK) -> str:
    answer = store.http.post(
        TOKENS,
        auth=("sandbox-shopper", "sandbox-shopper-secret"),
        data={"grant_type": "client_credentials", "channel_id": site},
    )
    return str(answer.json()["access_token"])


def seen(store: Storefront, *ids: str, site: str = UK, **more: str) -> Any:
    params = {"ids": ",".join(ids), "siteId": site, "perPricebook": "true", **more}
    headers = {"Authorization": f"Bearer {guest(store)}"}
    return store.http.get(PRODUCTS, params=params, headers=headers)


def asked(store: Storefront, product: str = "TENT") -> dict[str, Decimal]:
    [row] = read(seen(store, product))["data"]
    return {each["pricebook"]: each["price"] for each in row["tieredPrices"]}


def test_a_shopper_sees_what_each_book_of_the_site_asks() -> None:
    store = Storefront()
    imported(store, sale(table("TENT", "15.00")))
    [row] = read(seen(store, "TENT", "NO-SUCH"))["data"]
    assert row["price"] == 15
    assert asked(store) == {LIST: Decimal("19.99"), "gbp-sale": Decimal("15.00")}


def test_where_books_are_not_told_apart_only_the_lowest_price_is_seen() -> None:
    store = Storefront(SfccSettings(prices_by_book=False))
    [row] = read(seen(store, "TENT"))["data"]
    assert (row["price"], "tieredPrices" in row) == (Decimal("19.99"), False)


@pytest.mark.parametrize(
    ("ids", "more", "status"),
    [
        (["TENT"] * 25, {}, 400),
        ([], {}, 400),
        (["TENT"], {"currency": "USD"}, 400),
        (["TENT"], {"site": US}, 403),
    ],
    ids=["too many", "none", "another currency", "another site"],
)
def test_a_guest_asks_for_few_products_of_one_site(
    ids: list[str], more: dict[str, str], status: int
) -> None:
    assert seen(Storefront(), *ids, **more).status_code == status


def test_without_a_guest_token_nothing_is_told() -> None:
    answer = Storefront().http.get(PRODUCTS, params={"ids": "TENT", "siteId": UK})
    assert answer.status_code == 401


def test_shoppers_see_a_new_price_after_a_while() -> None:
    store = Storefront(SfccSettings(price_lag=timedelta(seconds=60)))
    imported(store, book(table("TENT", "18.00")))
    assert asked(store)[LIST] == Decimal("19.99")
    store.later(seconds=61)
    assert asked(store)[LIST] == 18


def test_nobody_types_into_a_read_only_book() -> None:
    store = Storefront()
    store.shop.price_books.edit(LIST, "TENT", Decimal("21.00"))
    assert asked(store)[LIST] == 21
    imported(store, book(table("ROPE", "18.00"), header="<feed-based>true</feed-based>"))
    with pytest.raises(ValueError, match="read-only"):
        store.shop.price_books.edit(LIST, "TENT", Decimal("22.00"))


def test_replication_puts_the_prices_of_staging_in_the_place_of_newer_ones() -> None:
    production = Storefront()
    staging = Storefront(replace(SfccSettings(), organization="f_ecom_zzal_stg"))
    imported(production, book(table("TENT", "18.00")))
    production.shop.price_books.replicate_from(staging.shop.price_books)
    assert asked(production)[LIST] == Decimal("19.99")


def test_a_price_of_no_product_may_be_passed_over() -> None:
    store = Storefront(SfccSettings(unknown_priced_product="skipped"))
    code, message = imported(store, book(table("NO-SUCH", "1.00"), table("TENT", "18.00")))
    assert (code, "NO-SUCH" in message) == ("OK", True)
    assert asked(store)[LIST] == 18


def test_an_import_is_in_the_search_index_once_it_was_rebuilt() -> None:
    store = Storefront()
    imported(store, book(table("TENT", "18.00")))
    assert not store.shop.price_books.in_index
    run(store, "rebuild-index")
    assert store.shop.price_books.in_index
    assert store.shop.price_books.index_rebuilds == 1
