"""Stock in Omnichannel Inventory: updates, reservations, and the lists that follow."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from sfcc_cin7_sandbox.sfcc.oci import Availability
from sfcc_cin7_sandbox.sfcc.stock import OutOfStock
from sfcc_cin7_sandbox.shelf import Shelf
from sfcc_cin7_tests.sandbox import impex
from sfcc_cin7_tests.sandbox.oci import (
    ACTIONS,
    IMPEX,
    OCI_RIGHTS,
    at,
    availability,
    errors,
    figures,
    path,
    record,
    storefront,
    update,
)
from sfcc_cin7_tests.sandbox.shoppers.test_order_life import tents
from sfcc_cin7_tests.sandbox.storefront import (
    DATA,
    PRODUCTS,
    RIGHTS,
    START,
    UK,
    UK_LIST,
    Storefront,
    fault_kind,
    order,
    problem_kind,
    read,
)

RECORDS = f"{DATA}/inventory_lists/{UK_LIST}/product_inventory_records"


@pytest.fixture
def store() -> Storefront:
    return storefront()


# Updates


def test_an_update_says_what_is_on_hand_kept_back_and_to_come(store: Storefront) -> None:
    store.later(minutes=1)
    future = {"quantity": Decimal("2.5"), "expectedDate": "2026-09-01T00:00:00.000Z"}
    sent = record(
        on_hand=Decimal("10.25"),
        effectiveDate=at(seconds=30),
        safetyStockCount=3,
        futureStock=[future],
        externalRefId="count-1",
    )
    assert errors(store, sent) == []
    shown = availability(store)
    assert figures(store) == (Decimal("10.25"), 0, Decimal("7.25"), Decimal("9.75"))
    assert (shown["safetyStockCount"], shown["effectiveDate"]) == (3, at(seconds=30))
    assert shown["futureStock"] == [future]


def test_what_an_update_leaves_out_stays(store: Storefront) -> None:
    errors(store, record(on_hand=10, safetyStockCount=3))
    errors(store, record(on_hand=None, safetyStockCount=4))
    errors(store, record(on_hand=12, safetyStockCount=None))
    assert figures(store) == (12, 0, 8, 8)


def test_a_wrong_record_stops_no_other(store: Storefront) -> None:
    wrong = record("ROPE", location="nowhere")
    found = errors(store, record("TENT", 7), wrong, record("KIT", 3))
    assert [(e["id"], e["location"], e["sku"]) for e in found] == [(wrong["id"], "nowhere", "ROPE")]
    assert "LocationDoesNotExist" in found[0]["message"]
    assert (figures(store, "TENT")[0], figures(store, "KIT")[0]) == (7, 3)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"id": "count-1"},
        {"location": None},
        {"sku": None},
        {"sku": ""},
        {"sku": "x" * 101},
        {"onHand": -1},
        {"onHand": "7"},
        {"onHand": True},
        {"safetyStockCount": -1},
        {"effectiveDate": "2026-08-03T08:00:00"},
        {"effectiveDate": "2026-08-03T09:00:01.000Z"},
        {"futureStock": {}},
        {"futureStock": [{"quantity": 0, "expectedDate": at()}]},
        {"futureStock": [{"quantity": 1}]},
        {"futures": []},
        {"stockKeepingUnit": "TENT"},
    ],
)
def test_a_record_that_cannot_be_taken_is_named(store: Storefront, changes: Any) -> None:
    sent = {name: value for name, value in (record() | changes).items() if value is not None}
    assert len(errors(store, sent)) == 1
    assert figures(store)[0] == 20


@pytest.mark.parametrize("character", list(":\\<>;%/ \t\n"))
def test_a_sku_has_no_character_that_the_platform_forbids(
    store: Storefront, character: str
) -> None:
    assert len(errors(store, record(f"TENT{character}S"))) == 1


def test_a_repeated_id_is_the_first_update_come_again(store: Storefront) -> None:
    first = record(on_hand=7)
    errors(store, first)
    errors(store, record(on_hand=9))
    assert errors(store, first | {"onHand": 8}) == []
    assert figures(store)[0] == 9


def test_an_id_whose_record_was_refused_may_be_used_again(store: Storefront) -> None:
    key = str(uuid4())
    errors(store, record(on_hand=-1, id=key))
    assert errors(store, record(on_hand=7, id=key)) == []
    assert figures(store)[0] == 7


@pytest.mark.parametrize(("rule", "left"), [("refused", 7), ("applied", 9)])
def test_a_count_older_than_the_one_known(rule: str, left: int) -> None:
    store = storefront(oci_stale_update=rule)
    store.later(minutes=5)
    errors(store, record(on_hand=7, effectiveDate=at(minutes=3)))
    assert len(errors(store, record(on_hand=9, effectiveDate=at(minutes=2)))) == (left == 7)
    assert figures(store)[0] == left


def test_a_hundred_records_are_taken_and_one_more_none_of_them(store: Storefront) -> None:
    hundred = [record(f"SKU-{n}", n) for n in range(100)]
    assert errors(store, *hundred) == []
    more = update(store, *hundred, record("TENT", 7))
    assert (more.status_code, problem_kind(more)) == (400, "bad-request")
    assert figures(store)[0] == 20
    bodies: list[Any] = [{}, {"records": []}, {"records": ["TENT"]}]
    for body in bodies:
        assert store.call("POST", f"{ACTIONS}/batch-update", body).status_code == 400


def test_the_answer_may_carry_a_summary() -> None:
    store = storefront(oci_batch_reply="summary")
    shown = read(update(store, record(), record(onHand=-1)))
    assert (shown["success"], shown["processed"], len(shown["errors"])) == (False, 1, 1)


def test_an_update_may_be_applied_and_its_answer_lost(store: Storefront) -> None:
    sent = record(on_hand=7)
    store.faults.rates["sfcc.504_applied"] = 1
    assert update(store, sent).status_code == 504
    store.faults.rates.clear()
    assert figures(store)[0] == 7
    assert errors(store, sent) == []


# Orders


def test_an_order_reserves_until_it_is_sent(store: Storefront) -> None:
    number = store.shop.place(order(UK, TENT=3))["orderNo"]
    assert figures(store) == (20, 3, 17, 17)
    store.export(number)
    assert figures(store) == (20, 3, 17, 17)
    store.later(minutes=1)
    store.shop.fulfil(UK, number)
    assert figures(store) == (17, 0, 17, 17)


def test_a_cancelled_order_gives_back_what_it_reserved(store: Storefront) -> None:
    number = store.shop.place(order(UK, TENT=3))["orderNo"]
    store.shop.place(order(UK, TENT=4))
    store.shop.cancel(UK, number)
    assert figures(store) == (20, 4, 16, 16)


def test_a_count_does_not_touch_what_is_reserved(store: Storefront) -> None:
    store.shop.place(order(UK, TENT=3))
    errors(store, record(on_hand=5))
    assert figures(store) == (5, 3, 2, 2)


def test_goods_that_left_after_a_count_are_taken_off_it(store: Storefront) -> None:
    number = store.shop.place(order(UK, TENT=3))["orderNo"]
    store.later(minutes=5)
    errors(store, record(on_hand=14, effectiveDate=at(minutes=2)))
    store.shop.fulfil(UK, number)
    assert figures(store) == (11, 0, 11, 11)


def test_goods_that_a_later_count_has_seen_leave_are_not_taken_off_twice() -> None:
    left, counted = START + timedelta(minutes=5), START + timedelta(minutes=9)
    known = Availability(Decimal(17), counted, reserved={"a": Decimal(3)})
    assert known.fulfilled("a", left) == Availability(Decimal(17), counted)
    assert known.fulfilled("a", counted).on_hand == 14, "of the same instant, the count is before"


def test_what_is_to_come_can_be_ordered_and_no_more(store: Storefront) -> None:
    future = {"quantity": 5, "expectedDate": "2026-09-01T00:00:00.000Z"}
    errors(store, record(on_hand=2, futureStock=[future], safetyStockCount=1))
    with pytest.raises(OutOfStock):
        store.shop.place(order(UK, TENT=7))
    store.shop.place(order(UK, TENT=6))
    assert figures(store) == (2, 6, -5, 0)


def test_what_an_unplaced_order_reserved_lapses_after_thirty_days(store: Storefront) -> None:
    store.shop.create(order(UK, TENT=3))
    store.shop.place(order(UK, TENT=4))
    store.later(days=30, seconds=-1)
    store.log_in(OCI_RIGHTS)
    assert figures(store)[1] == 7
    store.later(seconds=1)
    assert figures(store)[1] == 4


# Lists


def test_a_list_follows_a_little_later(store: Storefront) -> None:
    errors(store, record(on_hand=7, safetyStockCount=2))
    store.later(seconds=1.9)
    assert store.shop.ats(UK_LIST, "TENT") == 20
    store.later(seconds=0.1)
    assert store.shop.ats(UK_LIST, "TENT") == 5
    product = read(store.call("GET", f"{PRODUCTS}/products/TENT", params={"siteId": UK}))
    assert product["ats"] == 5


def test_the_mirror_lags_behind_orders_too_but_nothing_is_sold_twice(store: Storefront) -> None:
    store.shop.place(order(UK, TENT=15))
    assert store.shop.ats(UK_LIST, "TENT") == 20
    with pytest.raises(OutOfStock):
        store.shop.place(order(UK, TENT=6))


def test_an_edited_order_reserves_what_is_wanted_now(store: Storefront) -> None:
    number = store.shop.place(tents(2))["orderNo"]
    store.shop.staff.change_quantity(UK, number, "TENT", Decimal(5))
    assert figures(store)[1:] == (5, 15, 15)
    store.shop.staff.change_quantity(UK, number, "TENT", Decimal(1))
    assert figures(store)[1:] == (1, 19, 19)
    with pytest.raises(OutOfStock):
        store.shop.staff.change_quantity(UK, number, "TENT", Decimal(21))
    assert figures(store)[1:] == (1, 19, 19)
    store.shop.staff.change_quantity(UK, number, "TENT", Decimal(0))
    assert figures(store)[1:] == (0, 20, 20)
    store.later(seconds=2)
    assert store.shop.ats(UK_LIST, "TENT") == 20


def test_a_cancelled_order_frees_its_units_and_a_reinstated_one_reserves_them_anew(
    store: Storefront,
) -> None:
    number = store.shop.place(order(UK, TENT=15))["orderNo"]
    store.later(seconds=2)
    store.shop.staff.cancel(UK, number)
    assert figures(store)[1:] == (0, 20, 20)
    store.shop.staff.reinstate(UK, number)
    assert figures(store)[1:] == (15, 5, 5)


def test_a_list_is_never_below_nothing(store: Storefront) -> None:
    store.shop.place(order(UK, TENT=15))
    errors(store, record(on_hand=5))
    store.later(seconds=2)
    shown = {(row["list"], row["sku"]): row for row in store.shop.truth()["inventory"]}
    assert shown[UK_LIST, "TENT"]["allocation"] == shown[UK_LIST, "TENT"]["ats"] == 0
    assert figures(store)[3] == -10


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_records_are_out_of_reach(store: Storefront, method: str) -> None:
    body = {"allocation": {"amount": 7}} if method in ("PUT", "PATCH") else None
    refused = store.call(method, f"{RECORDS}/TENT", body)
    assert (refused.status_code, fault_kind(refused)) == (400, "UnsupportedOperationException")
    store.later(seconds=5)
    assert figures(store)[0] == 20


def test_the_status_of_that_refusal_is_a_setting() -> None:
    store = storefront(oci_record_fault=(403, "ReadOnlyException"))
    refused = store.call("GET", RECORDS)
    assert (refused.status_code, fault_kind(refused)) == (403, "ReadOnlyException")


def test_an_inventory_file_changes_no_record_and_says_so(store: Storefront) -> None:
    for mode in ("MERGE", "REPLACE", "DELETE"):
        ended = impex.imported(store, impex.inventory(impex.record("TENT", 7)), mode)
        assert ended["exit_status"]["code"] == "OK"
        assert "TENT: the list is kept by Omnichannel Inventory" in ended["exit_status"]["message"]
    assert figures(store)[0] == 20
    assert store.shop.ats(UK_LIST, "ROPE") == 20


def test_somebody_who_counts_by_hand_counts_in_omnichannel_inventory(store: Storefront) -> None:
    store.shop.edit_allocation(UK_LIST, "TENT", Decimal(4))
    assert figures(store)[0] == 4
    store.later(seconds=2)
    assert store.shop.ats(UK_LIST, "TENT") == 4


def test_everything_outlives_the_storefronts_process() -> None:
    shelf = Shelf()
    before = storefront(shelf)
    future = {"quantity": 5, "expectedDate": "2026-09-01T00:00:00.000Z"}
    first = record(on_hand=7, futureStock=[future])
    errors(before, first)
    before.shop.place(order(UK, TENT=3))
    after = storefront(shelf)
    assert figures(after) == (7, 3, 4, 9)
    assert after.shop.ats(UK_LIST, "TENT") == 9
    errors(after, first | {"onHand": 1})
    assert figures(after)[0] == 7


# Who may, and what changed


def test_each_action_needs_its_scope_and_the_tenant_group(store: Storefront) -> None:
    store.log_in(f"{RIGHTS} sfcc.inventory.availability sfcc.inventory.impex-inventory")
    assert update(store, record()).status_code == 403
    assert store.call("POST", f"{IMPEX}/imports", {}).status_code == 403
    assert figures(store)[0] == 20
    store.log_in(RIGHTS)
    assert store.call("POST", f"{ACTIONS}/get-availability", {}).status_code == 403
    store.log_in(OCI_RIGHTS)
    elsewhere = ACTIONS.replace("_group", "_other")
    refused = store.call("POST", f"{elsewhere}/batch-update", {"records": [record()]})
    assert refused.status_code == 403


def test_a_tenant_without_omnichannel_inventory_is_not_let_in() -> None:
    store = Storefront()
    store.log_in(OCI_RIGHTS)
    assert update(store, record()).status_code == 403
    assert store.call("POST", f"{IMPEX}/imports", {}).status_code == 403


def test_only_known_skus_and_locations_are_shown(store: Storefront) -> None:
    assert availability(store, "GHOST") is None
    for body in (
        {"skus": ["TENT"], "locations": ["nowhere"]},
        {"skus": [], "locations": [UK_LIST]},
        {"skus": ["TENT"]},
        {"skus": [f"S{n}" for n in range(101)], "locations": [UK_LIST]},
    ):
        assert store.call("POST", f"{ACTIONS}/get-availability", body).status_code == 400


def test_deltas_show_what_changed_since_the_token(store: Storefront) -> None:
    export = read(store.call("POST", f"{IMPEX}/exports", {"locations": [UK_LIST]}))
    shown = read(store.call("GET", path(export["exportStatusLink"])))
    content = store.call("GET", path(shown["export"]["fullResults"]["href"])).text.splitlines()
    assert content[0] == f'{{"locationId":"{UK_LIST}"}}'
    token = content[-1].split('"')[3]
    errors(store, record("TENT", 7), record("ROPE", 8))
    errors(store, record("TENT", 6))

    def deltas(token: str) -> Any:
        return store.call("POST", f"{ACTIONS}/get-deltas", {"deltaToken": token})

    first = read(deltas(token))
    assert {r["sku"]: r["onHand"] for r in first["locations"][0]["records"]} == {
        "TENT": 6,
        "ROPE": 8,
    }
    assert read(deltas(first["deltaToken"]))["locations"] == []
    store.later(hours=23, minutes=29)
    store.log_in(OCI_RIGHTS)
    assert deltas(token).status_code == 200
    store.later(minutes=1)
    store.log_in(OCI_RIGHTS)
    expired = deltas(token)
    assert (expired.status_code, problem_kind(expired)) == (400, "invalid-delta-token")
    assert deltas("made-up").status_code == 400
