"""Stock in Omnichannel Inventory by file: announced, uploaded, processed, and its results."""

import gzip
from datetime import timedelta

import pytest

from sfcc_cin7_tests.sandbox.oci import (
    IMPEX,
    OCI_RIGHTS,
    announce,
    figures,
    file,
    load,
    path,
    row,
    status,
    storefront,
    upload,
)
from sfcc_cin7_tests.sandbox.storefront import US_LIST, Storefront


@pytest.fixture
def store() -> Storefront:
    return storefront()


def test_an_import_is_announced_uploaded_and_processed(store: Storefront) -> None:
    announced = announce(store)
    assert announced["uploadMethod"] == "POST"
    assert status(store, announced)["status"] == "STAGING"
    store.later(seconds=1)
    assert status(store, announced)["status"] == "WAITING"
    upload(store, announced, file(row("TENT", 7), row("ROPE", 8)))
    seen = []
    for _ in range(3):
        seen.append(status(store, announced)["status"])
        assert figures(store)[0] == 20
        store.later(seconds=2)
    assert seen == ["SUBMITTED", "PENDING", "RUNNING"]
    ended = status(store, announced)
    assert (ended["status"], ended["upload"]["fileName"]) == ("COMPLETED", "stock.json")
    assert ended["import"]["recordsReadCount"] == ended["import"]["recordsProcessedCount"] == 2
    assert (figures(store, "TENT")[0], figures(store, "ROPE")[0]) == (7, 8)


def test_the_result_file_names_every_record_that_was_not_loaded(store: Storefront) -> None:
    wrong = row("ROPE", -1)
    ended, results = load(store, file(row("TENT", 7), wrong))
    assert ended["status"] == "COMPLETED"
    assert ended["import"]["recordsSkippedCount"] == 1
    assert results[0] == {"status": "COMPLETED_WITH_PARTIAL_FAILURES"}
    assert {**results[1], "message": ""} == {
        "recordId": wrong["recordId"],
        "locationId": wrong["locationId"],
        "sku": "ROPE",
        "message": "",
    }
    assert figures(store)[0] == 7


def test_a_clean_file_and_one_of_which_nothing_was_loaded(store: Storefront) -> None:
    assert load(store, file(row("TENT", 7)))[1] == [{"status": "COMPLETED_WITHOUT_ERRORS"}]
    assert load(store, file(row("TENT", -1)))[1][0] == {"status": "FAILED"}


def test_records_of_a_sku_stand_together_over_all_locations(store: Storefront) -> None:
    together = file(row("TENT", 7), row("TENT", 6, locationId=US_LIST), row("ROPE", 5))
    assert load(store, together)[1][0]["status"] == "COMPLETED_WITHOUT_ERRORS"
    assert figures(store)[0] == 7


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[" + file(row("TENT")).strip() + b"]",
        file(row("TENT")).strip() + b",\n" + file(row("ROPE")),
        file(row("TENT")) + b"\n" + file(row("ROPE")),
        file({"location": "inventory-uk", "mode": "UPDATE"}, row("TENT")),
        file(row("TENT"), row("ROPE"), row("TENT", locationId=US_LIST)),
        file(row("TENT"), {"locationId": "inventory-uk"}),
        gzip.compress(file(row("TENT")))[:-9],
    ],
    ids=["empty", "an array", "commas", "an empty line", "location headers", "scattered", "no sku",
         "cut off"],
)  # fmt: skip
def test_of_a_file_that_is_not_as_published_nothing_is_loaded(
    store: Storefront, content: bytes
) -> None:
    ended, results = load(store, content)
    assert (ended["status"], ended["validation"]["status"]) == ("FAILED", "FAILED")
    assert ended["validation"]["errors"]
    assert results == [{"status": "FAILED"}]
    assert figures(store)[0] == 20


def test_the_older_layout_is_told_from_a_broken_line(store: Storefront) -> None:
    ended, _ = load(store, file({"location": "inventory-uk", "mode": "UPDATE"}, row("TENT")))
    assert ended["validation"]["errors"] == ["Line 1 has the layout with location headers."]


def test_a_compressed_file_is_unpacked_and_a_large_one_must_be() -> None:
    store = storefront(oci_most_plain_bytes=200)
    content = file(row("TENT", 7), row("ROPE", 8))
    assert upload(store, announce(store), content).status_code == 413
    assert load(store, gzip.compress(content))[0]["status"] == "COMPLETED"
    assert figures(store)[0] == 7


def test_a_file_is_uploaded_once_and_in_time(store: Storefront) -> None:
    announced = announce(store)
    content = file(row("TENT", 7))
    assert upload(store, announced, content).status_code == 200
    assert upload(store, announced, content).status_code == 409
    late = announce(store)
    store.later(minutes=60)
    store.log_in(OCI_RIGHTS)
    assert upload(store, late, content).status_code == 404
    assert status(store, late)["status"] == "EXPIRED"


def test_records_already_sent_are_not_loaded_again(store: Storefront) -> None:
    first = row("TENT", 7)
    load(store, file(first))
    load(store, file(row("TENT", 9)))
    load(store, file(first))
    assert figures(store)[0] == 9


def test_a_stopped_import_has_loaded_some_of_it(store: Storefront) -> None:
    store.faults.rates["sfcc.oci_import_stops"] = 1
    ended, _ = load(store, file(row("TENT", 7), row("ROPE", 8)))
    assert ended["status"] == "STOPPED"
    assert (figures(store, "TENT")[0], figures(store, "ROPE")[0]) == (7, 20)


def test_nothing_is_imported_while_locations_are_being_changed(store: Storefront) -> None:
    store.faults.rates["sfcc.location_graph"] = 1
    assert store.call("POST", f"{IMPEX}/imports", {}).status_code == 409


def test_unknown_links_and_fields_are_refused(store: Storefront) -> None:
    assert store.call("POST", f"{IMPEX}/imports", {"mode": "UPDATE"}).status_code == 400
    announced = announce(store)
    results = path(announced["importStatusLink"]).replace("/status", "/file-content")
    assert store.call("GET", results).status_code == 404
    assert store.call("GET", f"{IMPEX}/imports/none/status").status_code == 404
    assert store.call("POST", f"{IMPEX}/imports/uploadlink/none", content=b"").status_code == 404
    assert store.call("GET", f"{IMPEX}/exports/none/status").status_code == 404


def test_an_upload_needs_the_right_to_write(store: Storefront) -> None:
    announced = announce(store)
    stranger = {"Authorization": "Bearer made-up"}
    link = path(announced["uploadLink"])
    refused = store.call("POST", link, content=file(row("TENT", 7)), headers=stranger)
    assert refused.status_code == 401
    assert status(store, announced)["status"] == "STAGING"


def test_how_long_an_import_takes_is_a_setting() -> None:
    store = storefront(oci_import_duration=timedelta(minutes=30))
    announced = announce(store)
    upload(store, announced, file(row("TENT", 7)))
    store.later(minutes=29)
    assert status(store, announced)["status"] == "RUNNING"
    assert figures(store)[0] == 20
