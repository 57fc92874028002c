"""The import folder over WebDAV: what goes in, and what is kept out."""

import re

import pytest

from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_sandbox.shelf import Shelf
from sfcc_cin7_tests.sandbox.impex import IMPEX, make_folder, put
from sfcc_cin7_tests.sandbox.storefront import Storefront


@pytest.fixture
def store() -> Storefront:
    return Storefront()


def test_a_file_is_put_read_replaced_and_deleted(store: Storefront) -> None:
    assert make_folder(store, "src/inventory").status_code == 201
    assert put(store, "src/inventory/uk.xml", b"<a/>").status_code == 201
    assert store.call("GET", f"{IMPEX}/src/inventory/uk.xml").content == b"<a/>"
    assert put(store, "src/inventory/uk.xml", b"<b/>").status_code == 204
    assert store.call("GET", f"{IMPEX}/src/inventory/uk.xml").content == b"<b/>"
    assert store.call("DELETE", f"{IMPEX}/src/inventory/uk.xml").status_code == 204
    assert store.call("GET", f"{IMPEX}/src/inventory/uk.xml").status_code == 404
    assert store.call("DELETE", f"{IMPEX}/src/inventory/uk.xml").status_code == 404


def test_a_folder_is_made_once_and_below_one_that_is_there(store: Storefront) -> None:
    assert make_folder(store, "src").status_code == 405
    assert make_folder(store, "src/a/b").status_code == 409
    assert make_folder(store, "src/a").status_code == 201
    assert make_folder(store, "src/a").status_code == 405
    assert make_folder(store, "src/a/b").status_code == 201


def test_nothing_is_put_where_there_is_no_folder_or_on_top_of_one(store: Storefront) -> None:
    assert put(store, "src/inventory/uk.xml", b"<a/>").status_code == 409
    assert put(store, "src", b"<a/>").status_code == 405
    put(store, "src/file.xml", b"<a/>")
    assert put(store, "src/file.xml/inside.xml", b"<a/>").status_code == 409
    assert make_folder(store, "src/file.xml").status_code == 405


def test_a_deleted_folder_takes_its_files_along(store: Storefront) -> None:
    make_folder(store, "src/a")
    put(store, "src/a/one.xml", b"<a/>")
    assert store.call("DELETE", f"{IMPEX}/src/a").status_code == 204
    assert store.call("GET", f"{IMPEX}/src/a/one.xml").status_code == 404
    assert put(store, "src/a/one.xml", b"<a/>").status_code == 409


@pytest.mark.parametrize(
    "path",
    [
        "src/%2e%2e/secret",
        "src/..%2f..%2fetc/passwd",
        "src/%252e%252e/secret",
        "src//double.xml",
        "src/a%5cb.xml",
        "src/a%00.xml",
        "src/.hidden",
    ],
)
def test_no_path_climbs_out_of_the_folder(store: Storefront, path: str) -> None:
    assert put(store, path, b"<a/>").status_code == 400


def test_only_a_living_token_opens_the_folder(store: Storefront) -> None:
    for header in ("", "Bearer made-up", "Basic YTpi"):
        assert put(store, "src/uk.xml", b"<a/>", Authorization=header).status_code == 401
    store.log_in()
    store.later(hours=1)
    assert put(store, "src/uk.xml", b"<a/>").status_code == 401


def test_a_token_that_expires_on_the_way_opens_nothing_ever_again(store: Storefront) -> None:
    store.faults.rates["sfcc.token_expired"] = 1
    assert put(store, "src/uk.xml", b"<a/>").status_code == 401
    store.faults.clear()
    assert put(store, "src/uk.xml", b"<a/>").status_code == 401
    store.log_in()
    assert put(store, "src/uk.xml", b"<a/>").status_code == 201


def test_the_clients_permissions_say_where_it_may_read_and_write() -> None:
    permissions = (("/impex/src", "read"), ("/impex/src/feed", "read_write"))
    store = Storefront(SfccSettings(webdav_permissions=permissions))  # type: ignore[arg-type]
    assert make_folder(store, "src/feed").status_code == 201
    assert put(store, "src/feed/uk.xml", b"<a/>").status_code == 201
    assert put(store, "src/uk.xml", b"<a/>").status_code == 403
    assert put(store, "src/feedback.xml", b"<a/>").status_code == 403
    assert store.call("GET", f"{IMPEX}/src/none.xml").status_code == 404
    assert store.call("GET", f"{IMPEX}/archive/none.xml").status_code == 403


def test_a_file_beyond_the_limit_is_refused() -> None:
    store = Storefront(SfccSettings(most_impex_bytes=1000))
    assert put(store, "src/uk.xml", b"x" * 1000).status_code == 201
    assert put(store, "src/large.xml", b"x" * 1001).status_code == 413
    assert store.call("GET", f"{IMPEX}/src/large.xml").status_code == 404


def test_an_upload_may_arrive_and_its_answer_be_lost(store: Storefront) -> None:
    store.faults.rates["sfcc.504_applied"] = 1
    assert put(store, "src/uk.xml", b"<a/>").status_code == 504
    store.faults.rates.clear()
    assert store.call("GET", f"{IMPEX}/src/uk.xml").content == b"<a/>"


def test_the_folder_outlives_the_storefronts_process() -> None:
    shelf = Shelf()
    before = Storefront(shelf=shelf)
    make_folder(before, "src/inventory")
    put(before, "src/inventory/uk.xml", b"\x1f\x8b")
    after = Storefront(shelf=shelf)
    assert after.call("GET", f"{IMPEX}/src/inventory/uk.xml").content == b"\x1f\x8b"
    assert make_folder(after, "src/inventory").status_code == 405


def test_the_folder_is_found_whatever_the_case_of_its_name(store: Storefront) -> None:
    put(store, "src/instance/site.xml", b"<a/>")
    for root in ("Sites/impex", "sites/IMPEX"):
        path = f"/on/demandware.servlet/webdav/{root}/src/instance/site.xml"
        assert store.call("GET", path).content == b"<a/>"
    assert store.call("GET", "/on/demandware.servlet/webdav/Sites/Temp/a").status_code == 404


def test_a_folder_tells_what_is_in_it(store: Storefront) -> None:
    put(store, "src/uk.xml", b"<abc/>")

    def told(path: str, depth: str = "1") -> tuple[int, list[str]]:
        answer = store.call("PROPFIND", f"{IMPEX}/{path}", headers={"Depth": depth})
        names = re.findall(r"<d:href>[^<]*/Impex/([^<]*)</d:href>", answer.text)
        return answer.status_code, names

    assert told("src") == (207, ["src", "src/instance", "src/uk.xml"])
    assert told("src", "0") == (207, ["src"])
    assert told("src/uk.xml") == (207, ["src/uk.xml"])
    assert told("src", "infinity") == (403, [])
    assert told("src/nothing") == (404, [])


def test_files_and_folders_are_moved_and_copied(store: Storefront) -> None:
    def transfer(method: str, path: str, to: str, **headers: str) -> int:
        named = {"Destination": f"http://testserver{IMPEX}/{to}", **headers}
        return store.call(method, f"{IMPEX}/{path}", headers=named).status_code

    put(store, "src/a.xml", b"<a/>")
    assert transfer("COPY", "src/a.xml", "src/b.xml") == 201
    assert transfer("COPY", "src/a.xml", "src/b.xml", Overwrite="F") == 412
    assert transfer("MOVE", "src/a.xml", "src/b.xml") == 204
    assert store.call("GET", f"{IMPEX}/src/a.xml").status_code == 404
    make_folder(store, "src/one")
    put(store, "src/one/c.xml", b"<c/>")
    assert transfer("MOVE", "src/one", "src/two") == 201
    assert store.call("GET", f"{IMPEX}/src/two/c.xml").content == b"<c/>"
    assert transfer("MOVE", "src/two", "src/two/inside") == 403
    assert transfer("COPY", "src/two", "nowhere/two") == 409
    assert transfer("MOVE", "src/gone", "src/three") == 404
    assert transfer("MOVE", "src", "elsewhere") == 403
    assert transfer("COPY", "src/two", "../etc") == 400


def test_nobody_deletes_what_is_always_there(store: Storefront) -> None:
    for path in ("", "src", "src/instance"):
        assert store.call("DELETE", f"{IMPEX}/{path}").status_code == 403
