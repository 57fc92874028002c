"""Code versions, archives that are unpacked, and site import, as build tools use them."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_sandbox.shelf import Shelf
from sfcc_cin7_tests.sandbox.impex import IMPEX, inventory, put, record
from sfcc_cin7_tests.sandbox.storefront import DATA, Storefront, fault_kind, read

CODE = "/on/demandware.servlet/webdav/Sites/cartridges"
VERSIONS = f"{DATA}/code_versions"
JOB = f"{DATA}/jobs/sfcc-site-archive-import/executions"


def archive(**files: bytes) -> bytes:
    """A ZIP archive; `__` in a name stands for a slash, `_xml` for its end."""
    packed = BytesIO()
    with ZipFile(packed, "w") as opened:
        for name, content in files.items():
            path = name.replace("__", "/").replace("_xml", ".xml").replace("_", "-")
            opened.writestr(path, content)
    return packed.getvalue()


def deploy(store: Storefront, name: str, packed: bytes, method: str = "UNZIP") -> int:
    store.call("PUT", f"{CODE}/{name}.zip", content=packed)
    unzipped = store.call("POST", f"{CODE}/{name}.zip", data={"method": method})
    return unzipped.status_code


@pytest.fixture
def store() -> Storefront:
    return Storefront()


def versions(store: Storefront) -> dict[str, bool]:
    return {row["id"]: row["active"] for row in read(store.call("GET", VERSIONS))["data"]}


def test_a_deployed_archive_is_a_code_version_and_one_is_active_at_a_time(store):
    assert versions(store) == {"version1": True}

    assert deploy(store, "v2", archive(v2__app__cartridge__main=b"code")) == 201
    assert store.call("DELETE", f"{CODE}/v2.zip").status_code == 204
    assert store.call("GET", f"{CODE}/v2/app/cartridge/main").content == b"code"
    assert versions(store) == {"v2": False, "version1": True}

    activated = store.call("PATCH", f"{VERSIONS}/v2", {"active": True})
    assert read(activated)["active"] is True
    assert read(store.call("GET", f"{VERSIONS}/v2"))["cartridges"] == ["app"]
    assert versions(store) == {"v2": True, "version1": False}
    assert versions(Storefront(shelf=store.shelf)) == {"v2": True, "version1": False}


def test_the_active_version_stays_and_another_can_be_deleted(store):
    assert read(store.call("PUT", f"{VERSIONS}/v2"))["active"] is False
    assert fault_kind(store.call("DELETE", f"{VERSIONS}/version1")) == "ActiveCodeVersionException"
    assert store.call("DELETE", f"{VERSIONS}/v2").status_code == 204
    assert store.call("GET", f"{VERSIONS}/v2").status_code == 404
    twice = store.call("PUT", f"{VERSIONS}/version1")
    assert fault_kind(twice) == "CodeVersionIdAlreadyExistsException"


def test_a_version_gets_another_name_and_nothing_else_is_changed(store):
    assert store.call("PATCH", f"{VERSIONS}/version1", {"id": "v3"}).status_code == 200
    assert versions(store) == {"v3": True}
    for body in ({"active": False}, {"rollback": True}, {}, {"id": "../v"}):
        assert store.call("PATCH", f"{VERSIONS}/v3", body).status_code == 400
    assert store.call("PATCH", f"{VERSIONS}/gone", {"active": True}).status_code == 404


@pytest.mark.parametrize("packed", [b"no archive", archive(**{"..__up": b""})])
def test_what_is_no_clean_archive_is_not_unpacked(store, packed):
    assert deploy(store, "v2", packed) == 400
    assert versions(store) == {"version1": True}


def test_an_archive_that_is_too_large_once_unpacked_is_not_unpacked():
    store = Storefront(SfccSettings(most_impex_bytes=1000))
    packed = BytesIO()
    with ZipFile(packed, "w", compression=8) as opened:
        opened.writestr("v2/app/huge", bytes(100_000))

    assert deploy(store, "v2", packed.getvalue()) == 400


def test_a_form_names_a_method_that_there_is(store):
    assert deploy(store, "v2", archive(v2__main=b""), method="LOCK") == 405
    assert store.call("POST", f"{CODE}/gone.zip", data={"method": "UNZIP"}).status_code == 404
    copied = store.call(
        "POST",
        f"{CODE}/version1",
        data={"method": "COPY"},
        headers={"Destination": f"{CODE}/version2"},
    )
    assert copied.status_code == 201
    assert versions(store) == {"version1": True, "version2": False}


def test_nothing_goes_from_one_folder_of_the_instance_to_another(store):
    put(store, "src/a.xml", b"<a/>")
    moved = store.call("MOVE", f"{IMPEX}/src/a.xml", headers={"Destination": f"{CODE}/a.xml"})
    assert moved.status_code == 403


def test_code_needs_a_permission_of_its_own():
    store = Storefront(SfccSettings(webdav_permissions=(("/impex", "read_write"),)))
    assert store.call("PUT", f"{CODE}/v2.zip", content=b"").status_code == 403


def imported(store: Storefront, packed: bytes, body: object) -> dict[str, str]:
    put(store, "src/instance/site.zip", packed)
    started = store.call("POST", JOB, body)
    assert started.status_code == 200, started.text
    store.later(seconds=5)
    end: dict[str, str] = read(store.call("GET", f"{JOB}/{read(started)['id']}"))["exit_status"]
    return end


@pytest.mark.parametrize(
    "body",
    [
        {"file_name": "site.zip"},
        {"parameters": [{"name": "ImportFile", "value": "site.zip"}]},
    ],
)
def test_a_site_archive_is_imported_by_its_name_in_either_form(store, body):
    packed = archive(site__inventory_lists__uk_xml=inventory(record("TENT", 3)))

    assert imported(store, packed, body)["code"] == "OK"

    assert store.record("TENT")["allocation"]["amount"] == 3
    assert store.call("GET", f"{IMPEX}/src/instance/site.zip").status_code == 200


@pytest.mark.parametrize(
    "packed",
    [
        b"no archive",
        archive(site__inventory_lists__uk_xml=inventory(), other__version_txt=b""),
        archive(
            site__inventory_lists__uk_xml=inventory(record("TENT", 3)),
            site__libraries__lib_xml=b"<library/>",
        ),
    ],
)
def test_an_archive_with_what_the_sandbox_does_not_keep_is_refused_whole(store, packed):
    before = store.record("TENT")["allocation"]

    assert imported(store, packed, {"file_name": "site.zip"})["code"] == "ERROR"

    assert store.record("TENT")["allocation"] == before


def test_a_file_that_is_malformed_is_refused_and_the_others_are_imported(store):
    packed = archive(
        site__inventory_lists__a_xml=b"<inventory/>",
        site__inventory_lists__uk_xml=inventory(record("TENT", 3)),
    )
    end = imported(store, packed, {"file_name": "site.zip"})

    assert end["code"] == "ERROR"
    assert "inventory-lists/a.xml" in end["message"]
    assert store.record("TENT")["allocation"]["amount"] == 3


def test_the_archive_is_named_once_and_is_there(store):
    both = {"file_name": "a.zip", "parameters": []}
    assert fault_kind(store.call("POST", JOB, both)) == "MalformedRequestException"
    assert imported(store, b"", {})["code"] == "ERROR"


def test_a_restart_keeps_the_code(tmp_path):
    store = Storefront(shelf=Shelf(tmp_path / "shop.sqlite"))
    deploy(store, "v2", archive(v2__app__main=b"code"))

    again = Storefront(shelf=Shelf(tmp_path / "shop.sqlite"))

    assert again.call("GET", f"{CODE}/v2/app/main").content == b"code"
