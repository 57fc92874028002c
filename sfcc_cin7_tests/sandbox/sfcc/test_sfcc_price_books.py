"""Prices from price books: which one counts, and what an import does to a book."""

from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7_sandbox.shelf import Shelf
from sfcc_cin7_tests.sandbox.impex import PRICES, run, upload
from sfcc_cin7_tests.sandbox.storefront import PRODUCTS, UK, US, Storefront, read

LIST, SALE = "gbp-list-prices", "gbp-sale"


@pytest.fixture
def store() -> Storefront:
    return Storefront()


def table(product: str, *amounts: Any, start: str = "", end: str = "", mode: str = "") -> str:
    window = f"<online-from>{start}</online-from>" if start else ""
    window += f"<online-to>{end}</online-to>" if end else ""
    entries = "".join(f"<amount>{amount}</amount>" for amount in amounts)
    attribute = f' mode="{mode}"' if mode else ""
    return f'<price-table product-id="{product}"{attribute}>{window}{entries}</price-table>'


def book(*tables: str, name: str = LIST, currency: str = "GBP", header: str = "") -> bytes:
    return (
        f'<pricebooks xmlns="{PRICES}"><pricebook><header pricebook-id="{name}">'
        f"<currency>{currency}</currency>{header}</header>"
        f"<price-tables>{''.join(tables)}</price-tables></pricebook></pricebooks>"
    ).encode()


def sale(*tables: str, header: str = f"<parent>{LIST}</parent>") -> bytes:
    return book(*tables, name=SALE, header=header)


def imported(store: Storefront, content: bytes, mode: str = "MERGE") -> tuple[str, str]:
    upload(store, content, "prices.xml", "pricebook")
    ended = run(store, "import-price-books", ImportMode=mode)["exit_status"]
    return ended["code"], ended["message"]


def price(store: Storefront, product: str = "TENT", site: str = UK) -> Any:
    shown = read(store.call("GET", f"{PRODUCTS}/products/{product}", params={"siteId": site}))
    return shown.get("price")


def test_the_shop_opens_with_the_list_prices_of_each_currency(store: Storefront) -> None:
    assert (price(store), price(store, site=US)) == (Decimal("19.99"), Decimal("24.50"))


def test_a_merged_book_changes_the_prices_it_names(store: Storefront) -> None:
    assert imported(store, book(table("TENT", "18.00")))[0] == "OK"
    assert (price(store), price(store, "ROPE")) == (18, Decimal("19.99"))
    assert price(store, site=US) == Decimal("24.50")


def test_the_lowest_price_of_all_books_counts(store: Storefront) -> None:
    imported(store, sale(table("TENT", "15.00"), table("ROPE", "25.00")))
    assert (price(store), price(store, "ROPE")) == (15, Decimal("19.99"))


def test_a_book_that_no_site_uses_prices_nothing(store: Storefront) -> None:
    imported(store, sale(table("TENT", "15.00"), header=""))
    assert price(store) == Decimal("19.99")


def test_of_two_windows_the_one_that_starts_later_counts(store: Storefront) -> None:
    store.later(minutes=1)
    imported(
        store,
        book(
            table("TENT", "17.00", start="2026-08-03T09:00:00Z"),
            table("TENT", "18.00", start="2026-08-03T09:01:00Z", end="2026-08-03T09:10:00Z"),
        ),
    )
    assert price(store) == 18
    store.later(minutes=8, seconds=54)
    assert price(store) == 18
    store.later(seconds=1)
    assert price(store) == 17


def test_a_book_has_its_own_time(store: Storefront) -> None:
    window = (
        "<online-from>2026-08-03T09:05:00Z</online-from><online-to>2026-08-03T09:06:00Z</online-to>"
    )
    imported(store, sale(table("TENT", "15.00"), header=f"{window}<parent>{LIST}</parent>"))
    assert price(store) == Decimal("19.99")
    store.later(minutes=5)
    assert price(store) == 15
    store.later(minutes=1)
    assert price(store) == Decimal("19.99")
    off = f"<online-flag>false</online-flag><parent>{LIST}</parent>"
    imported(store, sale(table("ROPE", "15.00"), header=off))
    assert price(store, "ROPE") == Decimal("19.99")


def test_a_variant_without_a_price_has_its_masters(store: Storefront) -> None:
    imported(store, book(table("JACKET-S", mode="delete"), table("JACKET", "99.00")))
    assert price(store, "JACKET-S") == 99
    assert price(store, "JACKET-M") == Decimal("19.99")


def test_quantities_above_one_do_not_price_a_single_unit(store: Storefront) -> None:
    tiers = '<price-table product-id="TENT"><amount quantity="1">18</amount>'
    tiers += '<amount quantity="10">12</amount></price-table>'
    imported(store, book(tiers))
    assert price(store) == 18
    imported(store, book(tiers.replace('quantity="1"', 'quantity="2"')))
    assert price(store) is None


def test_tables_are_deleted_one_by_one_or_all(store: Storefront) -> None:
    start = "2026-08-03T09:00:00Z"
    imported(store, book(table("TENT", "17.00", start=start)))
    assert price(store) == 17
    imported(store, book(table("TENT", start=start, mode="delete")))
    assert price(store) == Decimal("19.99")
    imported(store, book(table("TENT", "17.00", start=start)))
    imported(store, book(table("TENT", mode="delete-all")))
    assert price(store) is None


def test_replacing_leaves_nothing_of_the_book(store: Storefront) -> None:
    imported(store, book(table("TENT", "18.00")), "REPLACE")
    assert (price(store), price(store, "ROPE")) == (18, None)
    assert price(store, site=US) == Decimal("24.50")


def test_deleting_takes_the_whole_book(store: Storefront) -> None:
    imported(store, book(table("TENT")), "DELETE")
    assert (price(store), price(store, "ROPE")) == (None, None)
    code, message = imported(store, book(), "DELETE")
    assert code == "OK"
    assert "there is no such price book" in message


def test_updating_makes_no_book(store: Storefront) -> None:
    code, message = imported(store, sale(table("TENT", "15.00")), "UPDATE")
    assert (code, "no price book to update" in message) == ("OK", True)
    assert price(store) == Decimal("19.99")
    imported(store, book(table("TENT", "15.00")), "UPDATE")
    assert price(store) == 15


def test_the_currency_of_a_book_is_fixed_until_it_is_replaced(store: Storefront) -> None:
    for mode in ("MERGE", "UPDATE"):
        code, message = imported(store, book(table("TENT", "18.00"), currency="EUR"), mode)
        assert (code, "cannot be changed" in message) == ("ERROR", True)
        assert price(store) == Decimal("19.99")
    assert imported(store, book(table("TENT", "18.00"), currency="EUR"), "REPLACE")[0] == "OK"
    assert price(store) is None, "a book in another currency prices nothing here"


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (table("ROPE", "-0.01"), "negative"),
        (table("GHOST", "1.00"), "no product"),
        (table("ROPE", "1.00", start="2026-08-03T09:00:00"), "time zone"),
        (table("ROPE").replace("></", "><percentage>5</percentage></", 1), "percentages"),
    ],
)
def test_one_wrong_table_refuses_its_whole_book(
    store: Storefront, wrong: str, complaint: str
) -> None:
    code, message = imported(store, book(table("TENT", "18.00"), wrong))
    assert code == "ERROR"
    assert complaint in message
    assert price(store) == Decimal("19.99")


def test_a_parent_must_be_there(store: Storefront) -> None:
    code, message = imported(store, sale(table("TENT", "15.00"), header="<parent>none</parent>"))
    assert (code, "no parent" in message) == ("ERROR", True)


def test_a_file_against_the_format_changes_no_price(store: Storefront) -> None:
    assert imported(store, book(table("TENT", "cheap")))[0] == "ERROR"
    assert imported(store, book(table("TENT", "1.00"), currency="pounds"))[0] == "ERROR"
    assert price(store) == Decimal("19.99")


def test_prices_outlive_the_storefronts_process() -> None:
    shelf = Shelf()
    before = Storefront(shelf=shelf)
    imported(before, book(table("TENT", "18.00", end="2026-09-01T00:00:00Z")))
    imported(before, book(table("TENT", "18.00"), name="usd-list-prices", currency="USD"), "DELETE")
    after = Storefront(shelf=shelf)
    assert (price(after), price(after, "ROPE")) == (Decimal("19.99"), Decimal("19.99"))
    assert price(after, site=US) is None
