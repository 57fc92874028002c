"""Import jobs: how they run, how they end, and what they leave behind."""

import gzip
from datetime import timedelta
from typing import Any

import pytest

from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_sandbox.sfcc.settings import Job
from sfcc_cin7_sandbox.shelf import Shelf
from sfcc_cin7_tests.sandbox.impex import (
    IMPEX,
    NAMESPACE,
    execution,
    inventory,
    put,
    record,
    run,
    start,
    upload,
)
from sfcc_cin7_tests.sandbox.storefront import (
    DATA,
    ORGANIZATION,
    RIGHTS,
    UK,
    UK_LIST,
    Storefront,
    fault_kind,
    order,
    problem_kind,
)


@pytest.fixture
def store() -> Storefront:
    return Storefront()


def storefront(**job: Any) -> Storefront:
    return Storefront(SfccSettings(jobs=(Job("import-inventory", **job),)))


def amount(store: Storefront, sku: str) -> Any:
    return store.record(sku)["allocation"]["amount"]


def exists(store: Storefront, path: str) -> bool:
    return store.call("GET", f"{IMPEX}/{path}").status_code == 200


def test_a_job_waits_runs_and_imports_only_at_its_end(store: Storefront) -> None:
    upload(store, inventory(record("TENT", 7)))
    started = start(store).json()
    assert (started["id"], started["execution_status"]) == ("1", "pending")
    assert "exit_status" not in started
    assert (started["status"], started["step_executions"]) == ("PENDING", [])
    store.later(seconds=1)
    running = execution(store)
    assert (running["execution_status"], running["status"]) == ("running", "RUNNING")
    assert [step["step_id"] for step in running["step_executions"]] == ["ImportInventoryLists"]
    store.later(seconds=3.9)
    assert amount(store, "TENT") == 20
    store.later(seconds=0.1)
    assert amount(store, "TENT") == 7, "whether or not anybody polls"
    ended = execution(store)
    assert ended["execution_status"] == "finished"
    assert ended["exit_status"] == {
        "code": "OK",
        "message": "The files were imported.",
        "status": "ok",
    }
    assert ended["end_time"] == "2026-08-03T09:00:05.000Z"
    assert ended["status"] == "OK"
    assert ended["log_file_path"] == "/Sites/LOGS/jobs/import-inventory/Job-import-inventory-1.log"
    assert ended["step_executions"][0]["exit_status"] == ended["exit_status"]


def test_the_storefront_sells_by_the_imported_stock_without_a_call(store: Storefront) -> None:
    upload(store, inventory(record("TENT", 7)))
    start(store)
    store.later(seconds=5)
    assert store.shop.ats(UK_LIST, "TENT") == 7


def test_a_running_job_is_not_started_again(store: Storefront) -> None:
    upload(store, inventory(record("TENT", 7)))
    start(store)
    refused = start(store)
    assert (refused.status_code, fault_kind(refused)) == (400, "JobAlreadyRunningException")
    store.later(seconds=5)
    assert start(store).json()["id"] == "2"


def test_unknown_jobs_and_executions_are_not_found(store: Storefront) -> None:
    missing = start(store, "import-nothing")
    assert (missing.status_code, fault_kind(missing)) == (404, "JobNotFoundException")
    missing = store.call("GET", f"{DATA}/jobs/import-inventory/executions/9")
    assert (missing.status_code, fault_kind(missing)) == (404, "JobExecutionNotFoundException")


@pytest.mark.parametrize(
    "body",
    [
        {"parameters": "all"},
        {"parameters": ["ImportMode"]},
        {"parameters": [{"name": "ImportMode"}]},
        {"parameters": [{"name": "ImportMode", "value": "SOMEHOW"}]},
        {"parameters": [{"name": "FileNamePattern", "value": "("}]},
        {"parameters": [{"name": "WorkingFolder", "value": "elsewhere"}]},
        {"force": True},
    ],
)
def test_a_run_sets_only_what_the_job_leaves_open(store: Storefront, body: Any) -> None:
    refused = store.call("POST", f"{DATA}/jobs/import-inventory/executions", body)
    assert (refused.status_code, fault_kind(refused)) == (400, "MalformedRequestException")
    assert start(store).status_code == 200, "nothing was started"


def test_files_are_imported_in_the_order_of_their_names(store: Storefront) -> None:
    upload(store, inventory(record("TENT", 8)), "uk-2.xml")
    upload(store, inventory(record("TENT", 7)), "uk-1.xml")
    assert run(store)["exit_status"]["code"] == "OK"
    assert amount(store, "TENT") == 8


def test_only_matching_files_are_imported(store: Storefront) -> None:
    upload(store, inventory(record("TENT", 7)), "uk-1.xml")
    upload(store, inventory(record("ROPE", 7)), "us-1.xml")
    run(store, FileNamePattern=r"uk-.*\.xml")
    assert (amount(store, "TENT"), amount(store, "ROPE")) == (7, 20)


def test_a_compressed_file_is_unpacked(store: Storefront) -> None:
    upload(store, inventory(record("TENT", 7)), "uk.xml.gz")
    assert run(store)["exit_status"]["code"] == "OK"
    assert amount(store, "TENT") == 7


@pytest.mark.parametrize(
    "content", [b"plain", gzip.compress(b"<a/>" * 100)[:-9]], ids=["no gzip", "cut off"]
)
def test_what_is_not_whole_gzip_is_not_imported(store: Storefront, content: bytes) -> None:
    upload(store, inventory(record("TENT", 7)), "aa.xml.gz")
    put(store, "src/inventory/uk.xml.gz", content)
    assert run(store)["exit_status"]["code"] == "ERROR"


def test_a_file_that_unpacks_beyond_the_limit_is_not_imported() -> None:
    store = Storefront(SfccSettings(most_impex_bytes=2000))
    large = inventory(record("TENT", 7, f"<!--{'x' * 5000}-->"))
    upload(store, large, "uk.xml.gz")
    ended = run(store)
    assert "too large" in ended["exit_status"]["message"]
    assert amount(store, "TENT") == 20


@pytest.mark.parametrize(
    ("handling", "code", "status"),
    [("ERROR", "ERROR", "error"), ("WARN", "WARN", "ok"), ("NO_FILES_FOUND",) * 2 + ("ok",)],
)
def test_a_missing_file_ends_as_the_job_is_set(handling: Any, code: str, status: str) -> None:
    store = storefront(no_files_found_handling=handling)
    ended = run(store)
    assert ended["execution_status"] == "finished"
    assert (ended["exit_status"]["code"], ended["exit_status"]["status"]) == (code, status)


NO_INVENTORY = [
    b"",
    b"<inventory>",
    b"<inventory/>",
    inventory("<record><allocation>1</allocation></record>"),
    inventory(record("TENT", -1)),
    inventory(record("TENT", more="<ats>1</ats><allocation>1</allocation>")),
    inventory(record("TENT", 1, mode="remove")),
    inventory(record("TENT", 1)).replace(b"2007-05-31", b"2017-05-31"),
    inventory(record("TENT", 1)).replace(b"<default-instock>false</default-instock>", b""),
    inventory(record("TENT", 1), header="<on-order>perhaps</on-order>"),
    inventory(record(" TENT", 1)),
]


@pytest.mark.parametrize("content", NO_INVENTORY)
def test_of_a_file_against_the_format_nothing_is_imported(
    store: Storefront, content: bytes
) -> None:
    upload(store, content)
    ended = run(store)
    assert (ended["execution_status"], ended["exit_status"]["code"]) == ("finished", "ERROR")
    assert amount(store, "TENT") == 20


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE inventory>",
        '<!DOCTYPE inventory [<!ENTITY seven "7">]>',
        '<!DOCTYPE inventory [<!ENTITY seven SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE inventory SYSTEM "http://127.0.0.1:9/inventory.dtd">',
    ],
)
def test_a_document_type_is_refused(store: Storefront, doctype: str) -> None:
    body = f'<inventory xmlns="{NAMESPACE}"/>'
    upload(store, f"{doctype}{body}".encode())
    ended = run(store)
    assert "document type" in ended["exit_status"]["message"]


def test_an_entity_is_never_resolved(store: Storefront) -> None:
    upload(store, inventory(record("TENT", more="<allocation>&seven;</allocation>")))
    assert run(store)["exit_status"]["code"] == "ERROR"


def test_one_refused_record_stops_no_other_but_the_job_says_so(store: Storefront) -> None:
    upload(store, inventory(record("TENT", 7), record("GHOST", 1), record("ROPE", 8)))
    ended = run(store)
    assert ended["exit_status"]["code"] == "ERROR"
    assert "GHOST: there is no such product" in ended["exit_status"]["message"]
    assert (amount(store, "TENT"), amount(store, "ROPE")) == (7, 8)


def test_import_failed_handling_decides_whether_later_files_are_imported() -> None:
    for handling, code, later in (("ERROR", "ERROR", 20), ("WARN", "WARN", 9)):
        store = storefront(import_failed_handling=handling)
        upload(store, b"<broken", "a.xml")
        upload(store, inventory(record("TENT", 9)), "b.xml")
        assert run(store)["exit_status"]["code"] == code
        assert amount(store, "TENT") == later
        assert exists(store, "src/inventory/a.xml") is (handling == "ERROR")
        assert exists(store, "archive/a.xml") is (handling == "WARN")


@pytest.mark.parametrize(
    ("handling", "stays", "archived"),
    [("Keep", True, False), ("Delete", False, False), ("Archive", False, True)],
)
def test_an_imported_file_is_put_away(handling: Any, stays: bool, archived: bool) -> None:
    store = storefront(after_import_file_handling=handling)
    upload(store, inventory(record("TENT", 7)))
    run(store)
    assert exists(store, "src/inventory/uk.xml") is stays
    assert exists(store, "archive/uk.xml") is archived


def test_an_aborted_job_has_imported_some_of_it(store: Storefront) -> None:
    upload(store, inventory(record("TENT", 7), record("ROPE", 8)))
    store.faults.rates["sfcc.job_aborts"] = 1
    ended = run(store)
    assert (ended["execution_status"], ended["exit_status"]["code"]) == ("aborted", "ERROR")
    assert (amount(store, "TENT"), amount(store, "ROPE")) == (7, 20)
    assert exists(store, "src/inventory/uk.xml"), "the file can be imported again"


def test_an_execution_outlives_the_storefronts_process() -> None:
    shelf = Shelf()
    before = Storefront(shelf=shelf)
    upload(before, inventory(record("TENT", 7)))
    start(before)
    after = Storefront(shelf=shelf)
    assert execution(after)["execution_status"] == "pending"
    after.later(seconds=5)
    assert execution(after)["exit_status"]["code"] == "OK"
    assert amount(after, "TENT") == 7


def test_how_long_a_job_takes_is_a_setting() -> None:
    settings = SfccSettings(job_pending=timedelta(0), job_duration=timedelta(minutes=30))
    store = Storefront(settings)
    upload(store, inventory(record("TENT", 7)))
    assert start(store).json()["execution_status"] == "running"
    store.later(minutes=29)
    assert execution(store)["execution_status"] == "running"
    assert amount(store, "TENT") == 20


def test_the_successor_says_the_same_in_camel_case(store: Storefront) -> None:
    jobs = f"/operation/jobs/v1{ORGANIZATION}/jobs"
    upload(store, inventory(record("TENT", 7)))
    store.log_in(f"{RIGHTS} sfcc.jobs")
    path = f"{jobs}/import-inventory/executions"
    assert store.call("POST", path, {}).status_code == 403
    store.log_in(f"{RIGHTS} sfcc.jobs.rw")
    body = {"parameters": [{"name": "ImportMode", "value": "UPDATE"}]}
    started = store.call("POST", path, body).json()
    assert (started["jobId"], started["executionStatus"]) == ("import-inventory", "pending")
    running = store.call("POST", path, body)
    assert (running.status_code, problem_kind(running)) == (400, "job-already-running")
    missing = store.call("GET", f"{jobs}/none/executions/1")
    assert (missing.status_code, problem_kind(missing)) == (404, "job-not-found")
    store.later(seconds=5)
    ended = store.call("GET", f"{path}/{started['id']}").json()
    assert (ended["executionStatus"], ended["exitStatus"]["code"]) == ("finished", "OK")
    assert amount(store, "TENT") == 7


def test_staff_find_what_was_imported_before_they_came(store: Storefront) -> None:
    store.later(minutes=1)
    number = store.shop.place(order(TENT=2))["orderNo"]
    store.export(number)
    counted = "<allocation-timestamp>2026-08-03T09:01:00.000Z</allocation-timestamp>"
    upload(store, inventory(record("TENT", 7, counted)))
    start(store)
    store.later(minutes=1)
    store.shop.staff.cancel(UK, number)
    shown = store.record("TENT")
    assert (shown["ats"], shown["inventory_turnover"]) == (7, 0), "the ERP counted them back"


def test_executions_are_found_by_their_job_and_how_they_stand(store: Storefront) -> None:
    upload(store, inventory(record("TENT", 7)))
    start(store)
    store.later(seconds=5)
    start(store)

    def found(query: Any, **more: Any) -> list[str]:
        answer = store.call("POST", f"{DATA}/job_execution_search", {"query": query, **more})
        assert answer.status_code == 200, answer.text
        return [hit["id"] for hit in answer.json()["hits"]]

    def term(field: str, *values: str) -> Any:
        return {"term_query": {"fields": [field], "operator": "one_of", "values": list(values)}}

    assert found({"match_all_query": {}}) == ["2", "1"]
    oldest = [{"field": "start_time", "sort_order": "asc"}]
    assert found({"match_all_query": {}}, sorts=oldest, count=1) == ["1"]
    of_job = term("job_id", "import-inventory")
    assert found({"bool_query": {"must": [of_job, term("status", "RUNNING", "PENDING")]}}) == ["2"]
    assert found(term("job_id", "another")) == []
    senseless: list[Any] = [{"query": {"term_query": {}}}, {}, {"query": of_job, "count": 0}]
    for nonsense in senseless:
        refused = store.call("POST", f"{DATA}/job_execution_search", nonsense)
        assert refused.status_code == 400
