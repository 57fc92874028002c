"""A merchant's orders as the Orders API shows and changes them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7_sandbox.sfcc import OutOfStock, SfccSettings
from sfcc_cin7_sandbox.shelf import Shelf
from sfcc_cin7_tests.sandbox.storefront import (
    ORDERS,
    START,
    UK,
    US,
    Storefront,
    order,
    problem_kind,
    read,
)


@pytest.fixture
def store() -> Storefront:
    return Storefront()


def test_a_placed_order_is_new_and_ready_with_its_numbers_and_dates(store: Storefront) -> None:
    number = store.shop.place(order(TENT=2))["orderNo"]
    shown = store.order(number)
    assert number == "00000001"
    assert (shown["status"], shown["exportStatus"]) == ("new", "ready")
    assert shown["creationDate"] == shown["placeDate"] == "2026-08-03T09:00:00.000Z"
    assert shown["invoiceNo"]
    assert shown["shipments"][0]["shipmentNo"]
    assert shown["orderTotal"] == Decimal("39.90")


def test_money_leaves_digit_for_digit(store: Storefront) -> None:
    number = store.shop.place(order())["orderNo"]
    response = store.call("GET", f"{ORDERS}/{number}", params={"siteId": UK})
    assert b'"orderTotal":39.90' in response.content


def test_each_site_counts_its_own_orders(store: Storefront) -> None:
    assert store.shop.place(order(UK))["orderNo"] == store.shop.place(order(US))["orderNo"]
    assert store.order("00000001", US)["siteId"] == US


def test_an_order_for_more_than_is_left_names_the_products(store: Storefront) -> None:
    with pytest.raises(OutOfStock) as refused:
        store.shop.place(order(TENT=1, ROPE=21))
    assert refused.value.skus == ["ROPE"]
    assert store.record("TENT")["ats"] == 20
    assert store.shop.place(order())["orderNo"] == "00000001"


def test_a_created_order_waits_unplaced_until_its_payment_comes(store: Storefront) -> None:
    number = store.shop.create(order())["orderNo"]
    shown = store.order(number)
    assert (shown["status"], shown["exportStatus"]) == ("created", "not_exported")
    assert "placeDate" not in shown
    store.later(minutes=5)
    store.shop.place_created(number, UK)
    shown = store.order(number)
    assert shown["status"] == "new"
    assert shown["placeDate"] == "2026-08-03T09:05:00.000Z"
    assert shown["creationDate"] == "2026-08-03T09:00:00.000Z"


def test_the_storefront_continues_from_its_shelf() -> None:
    shelf = Shelf()
    first = Storefront(shelf=shelf)
    number = first.shop.place(order(TENT=2))["orderNo"]
    first.export(number)
    second = Storefront(shelf=shelf)
    assert second.shop.truth() == first.shop.truth()
    assert second.numbers() == [number]
    assert second.shop.place(order())["orderNo"] == "00000002"
    second.shop.cancel(UK, number)
    assert second.record("TENT")["inventory_turnover"] == 0


# The list


def place_hourly(store: Storefront, count: int = 4) -> list[str]:
    numbers = []
    for _ in range(count):
        numbers.append(store.shop.place(order())["orderNo"])
        store.later(hours=1)
    return numbers


def at(hours: int) -> str:
    return (START + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


def test_the_list_shows_the_newest_order_first_and_nothing_but_data(store: Storefront) -> None:
    numbers = place_hourly(store)
    response = store.call("GET", ORDERS, params={"siteId": UK})
    assert set(response.json()) == {"data"}
    assert store.numbers() == numbers[::-1]
    assert store.numbers(sortOrder="asc") == numbers
    assert store.numbers(US) == []


def test_a_window_includes_its_start_and_excludes_its_end(store: Storefront) -> None:
    numbers = place_hourly(store)
    window = {"creationDateFrom": at(1), "creationDateTo": at(3)}
    assert store.numbers(**window, sortOrder="asc") == numbers[1:3]
    modified = {"lastModifiedDateFrom": at(1), "lastModifiedDateTo": at(3)}
    assert store.numbers(**modified, sortOrder="asc") == numbers[1:3]


def test_a_change_moves_an_order_in_the_listing_by_modification(store: Storefront) -> None:
    numbers = place_hourly(store, 3)
    store.put_status(numbers[0], "external-status", "in review")
    store.later(seconds=1)
    by_change = store.numbers(sortBy="last_modified_date", sortOrder="asc")
    assert by_change == [numbers[1], numbers[2], numbers[0]]
    assert store.numbers(sortBy="creation_date", sortOrder="asc") == numbers
    assert store.numbers(lastModifiedDateFrom=at(3)) == [numbers[0]]
    assert store.numbers(lastModifiedDateFrom=at(3), creationDateFrom=at(1)) == []


def test_orders_are_found_by_every_status(store: Storefront) -> None:
    first, second, third = place_hourly(store, 3)
    store.shop.create(order())
    store.export(first)
    store.put_status(second, "payment-status", "paid")
    store.put_status(second, "shipping-status", "part_shipped")
    store.put_status(second, "confirmation-status", "not_confirmed")
    store.put_status(third, "external-status", "held")
    store.shop.cancel(UK, third)
    store.later(seconds=1)
    assert store.numbers(exportStatus="exported") == [first]
    assert store.numbers(exportStatus="exported,ready,failed") == [third, second, first]
    assert store.numbers(paymentStatus="paid,part_paid") == [second]
    assert store.numbers(shippingStatus="part_shipped") == [second]
    assert store.numbers(confirmationStatus="not_confirmed")[1:] == [second]
    assert store.numbers(externalStatus="held") == [third]
    assert store.numbers(status="cancelled") == [third]
    assert store.numbers(status="new,completed", paymentStatus="not_paid") == [first]


@pytest.mark.parametrize(
    "query",
    [
        {"status": "created"},
        {"status": "new,completed,cancelled"},
        {"exportStatus": "exported,ready,failed,not_exported"},
        {"exportStatus": "done"},
        {"confirmationStatus": "confirmed,not_confirmed"},
        {"creationDateFrom": "2026-08-03"},
        {"creationDateTo": "2026-08-03T09:00:00"},
        {"lastModifiedDateFrom": "yesterday"},
        {"sortBy": "order_no"},
        {"sortOrder": "up"},
        {"limit": 0},
        {"limit": 201},
        {"limit": "many"},
        {"offset": -1},
        {"offset": 9901, "limit": 100},
        {"start": 5},
    ],
)
def test_a_query_beyond_the_documentation_is_refused(
    store: Storefront, query: dict[str, Any]
) -> None:
    response = store.call("GET", ORDERS, params={"siteId": UK, **query})
    assert response.status_code == 400
    assert problem_kind(response) == "invalid-query-parameter"


def test_the_ten_thousandth_row_is_the_last_that_can_be_reached(store: Storefront) -> None:
    assert store.numbers(offset=9900, limit=100) == []


def test_an_order_shows_in_the_list_a_moment_after_it_exists() -> None:
    store = Storefront(SfccSettings(index_lag=2))
    number = store.shop.place(order())["orderNo"]
    assert store.order(number)["status"] == "new"
    assert store.numbers() == []
    store.later(seconds=2)
    assert store.numbers() == [number]


def test_the_list_shows_an_old_state_until_the_index_catches_up(store: Storefront) -> None:
    (number,) = place_hourly(store, 1)
    store.export(number)
    assert store.order(number)["exportStatus"] == "exported"
    assert store.numbers(exportStatus="ready") == [number]
    assert store.listed()[0]["exportStatus"] == "ready"
    store.later(seconds=1)
    assert store.numbers(exportStatus="ready") == []


def test_an_older_version_that_lags_behind_does_not_undo_a_newer_one(store: Storefront) -> None:
    store.faults.rates["sfcc.index_lag"] = 1
    store.faults.sizes["sfcc.index_lag"] = 60
    number = store.shop.place(order())["orderNo"]
    store.faults.rates.clear()
    store.export(number)
    store.later(seconds=1)
    assert store.numbers(exportStatus="exported") == [number]
    store.later(seconds=60)
    assert store.numbers(exportStatus="exported") == [number]


def test_rows_slide_onto_the_next_page_without_any_being_lost(store: Storefront) -> None:
    numbers = place_hourly(store, 7)
    store.faults.rates["sfcc.duplicate_listing"] = 1
    pages = [store.numbers(sortOrder="asc", limit=2, offset=offset) for offset in range(0, 10, 2)]
    rows = [number for page in pages for number in page]
    assert pages[1][0] == pages[0][-1]
    assert sorted(set(rows)) == numbers


# Changes


def test_export_status_is_a_one_way_street(store: Storefront) -> None:
    number = store.shop.place(order())["orderNo"]
    assert store.put_status(number, "export-status", "failed").status_code == 204
    assert store.put_status(number, "export-status", "ready").status_code == 204
    store.export(number)
    store.export(number)
    for lower in ("ready", "not_exported", "failed"):
        refused = store.put_status(number, "export-status", lower)
        assert (refused.status_code, problem_kind(refused)) == (409, "order-previously-integrated")
    assert store.order(number)["exportStatus"] == "exported"


def test_some_instances_let_an_export_be_taken_back() -> None:
    store = Storefront(SfccSettings(export_status_may_be_lowered=True))
    number = store.shop.place(order())["orderNo"]
    store.export(number)
    assert store.put_status(number, "export-status", "ready").status_code == 204


def test_an_order_that_is_not_placed_cannot_be_exported(store: Storefront) -> None:
    number = store.shop.create(order())["orderNo"]
    assert store.put_status(number, "export-status", "exported").status_code == 409
    store.put_status(number, "status", "failed")
    assert store.put_status(number, "export-status", "exported").status_code == 409


def test_the_same_value_again_changes_nothing(store: Storefront) -> None:
    number = store.shop.place(order())["orderNo"]
    store.put_status(number, "external-status", "posted")
    before = store.order(number)
    store.later(minutes=1)
    assert store.put_status(number, "external-status", "posted").status_code == 204
    assert store.order(number) == before


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("export-status", "done"),
        ("confirmation-status", "yes"),
        ("payment-status", "refunded"),
        ("shipping-status", "lost"),
        ("status", "open"),
        ("external-status", ""),
        ("external-status", "x" * 257),
    ],
)
def test_unknown_status_values_are_refused(store: Storefront, kind: str, value: str) -> None:
    number = store.shop.place(order())["orderNo"]
    assert store.put_status(number, kind, value).status_code == 400


def test_a_status_body_has_a_status_and_nothing_else(store: Storefront) -> None:
    number = store.shop.place(order())["orderNo"]
    path = f"{ORDERS}/{number}/export-status"
    for body in ({}, {"status": "ready", "note": "x"}, {"status": 1}, ["ready"]):
        assert store.call("PUT", path, body, params={"siteId": UK}).status_code == 400


def test_an_unknown_order_is_not_found_anywhere(store: Storefront) -> None:
    store.shop.place(order())
    site = {"siteId": UK}
    calls = [
        store.call("GET", f"{ORDERS}/1", params=site),
        store.call("GET", f"{ORDERS}/00000001", params={"siteId": US}),
        store.call("PATCH", f"{ORDERS}/1", {"c_a": 1}, params=site),
        *(
            store.put_status("1", kind, value)
            for kind, value in (
                ("status", "cancelled"),
                ("export-status", "exported"),
                ("external-status", "x"),
                ("payment-status", "paid"),
            )
        ),
    ]
    assert {(call.status_code, problem_kind(call)) for call in calls} == {(404, "order-not-found")}


@pytest.mark.parametrize(
    ("path_through", "last", "status"),
    [
        (["created"], "failed", 204),
        (["created"], "new", 204),
        (["created"], "completed", 204),
        (["created"], "cancelled", 204),
        (["created", "failed"], "created", 204),
        (["created", "failed"], "new", 409),
        (["created", "failed"], "cancelled", 409),
        (["created", "new"], "completed", 204),
        (["created", "new"], "cancelled", 204),
        (["created", "new"], "created", 409),
        (["created", "new"], "failed", 409),
        (["created", "new", "cancelled"], "new", 204),
        (["created", "new", "cancelled"], "created", 409),
        (["created", "new"], "failed_with_reopen", 409),
        (["created"], "failed_with_reopen", 201),
    ],
)
def test_the_order_status_follows_the_platforms_transitions(
    store: Storefront, path_through: list[str], last: str, status: int
) -> None:
    number = store.shop.create(order())["orderNo"]
    for step in path_through[1:]:
        assert store.put_status(number, "status", step).status_code == 204
    assert store.put_status(number, "status", last).status_code == status
    reached = path_through[-1] if status == 409 else last.removesuffix("_with_reopen")
    assert store.order(number)["status"] == reached


def test_a_reopened_basket_has_an_address(store: Storefront) -> None:
    number = store.shop.create(order())["orderNo"]
    assert (
        "/baskets/" in store.put_status(number, "status", "failed_with_reopen").headers["Location"]
    )


def test_placing_over_the_api_gives_the_order_its_numbers(store: Storefront) -> None:
    number = store.shop.create(order())["orderNo"]
    store.put_status(number, "status", "new")
    shown = store.order(number)
    assert shown["invoiceNo"]
    assert shown["placeDate"]
    assert shown["exportStatus"] == "not_exported"


def test_an_order_number_may_hold_a_slash(store: Storefront) -> None:
    store.shop.place_raw(order(), site=UK, order_no="2026/17")
    path, site = f"{ORDERS}/2026%2F17", {"siteId": UK}
    assert store.call("GET", path, params=site).status_code == 200
    answer = store.call("PUT", f"{path}/export-status", {"status": "exported"}, params=site)
    assert answer.status_code == 204


def test_a_payment_instrument_and_its_transaction_carry_custom_attributes(
    store: Storefront,
) -> None:
    number = store.shop.place(order())["orderNo"]
    path, site = f"{ORDERS}/{number}/payment-instruments", {"siteId": UK}
    assert store.call("PATCH", f"{path}/card", {"c_a": "1"}, params=site).status_code == 204
    body = {"c_psp": "captured"}
    patched = store.call("PATCH", f"{path}/card/transaction", body, params=site)
    assert patched.status_code == 204
    (instrument,) = store.order(number)["paymentInstruments"]
    assert instrument["c_a"] == "1"
    assert instrument["paymentTransaction"]["c_psp"] == "captured"
    assert instrument["paymentTransaction"]["amount"] == Decimal("39.90")
    assert store.call("PATCH", f"{path}/cash", {"c_a": "1"}, params=site).status_code == 404
    assert store.call("PATCH", f"{path}/card", {"amount": 1}, params=site).status_code == 400


def test_a_lost_lock_changes_nothing() -> None:
    store = Storefront(SfccSettings(lock_clash_status=412))
    number = store.shop.place(order())["orderNo"]
    store.faults.rates["sfcc.lock_clash"] = 1
    assert store.put_status(number, "export-status", "exported").status_code == 412
    store.faults.rates.clear()
    assert store.order(number)["exportStatus"] == "ready"


def test_a_gateway_timeout_may_have_been_applied(store: Storefront) -> None:
    number = store.shop.place(order())["orderNo"]
    store.faults.rates["sfcc.504_applied"] = 1
    assert store.put_status(number, "export-status", "exported").status_code == 504
    assert store.order(number)["exportStatus"] == "exported"


def test_truth_knows_what_the_list_does_not_show_yet(store: Storefront) -> None:
    number = store.shop.place(order())["orderNo"]
    assert store.numbers() == []
    assert [known["orderNo"] for known in store.shop.truth()["orders"]] == [number]


def test_sites_must_be_named_and_known(store: Storefront) -> None:
    missing = store.call("GET", ORDERS)
    assert (missing.status_code, problem_kind(missing)) == (400, "missing-parameter")
    assert store.call("GET", ORDERS, params={"siteId": "nowhere"}).status_code == 404
    assert read(missing)["detail"] == "The query parameter 'siteId' is required."
