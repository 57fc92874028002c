"""The sandbox's other ways to write stock, against the published API and import formats."""

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from sfcc_cin7_sandbox.sfcc.schemas import INVENTORY, PRICE_BOOK, Malformed, parse
from sfcc_cin7_tests.contract.openapi import problems, reference_folder, validator
from sfcc_cin7_tests.contract.test_sfcc_sandbox_responses import DATA_FILE, RECORD_PATH, bare
from sfcc_cin7_tests.sandbox import impex
from sfcc_cin7_tests.sandbox.sfcc import test_sfcc_batch, test_sfcc_jobs
from sfcc_cin7_tests.sandbox.storefront import DATA, Storefront, read

EXECUTIONS = "/jobs/{job_id}/executions"
EXECUTION = EXECUTIONS + "/{id}"


@pytest.fixture
def store() -> Storefront:
    return Storefront()


def test_the_parts_of_a_batch(store: Storefront) -> None:
    written = validator(DATA_FILE, "PATCH", RECORD_PATH, closed=True)
    refused = validator(DATA_FILE, "PATCH", RECORD_PATH, 500)
    part, allocation = test_sfcc_batch.part, test_sfcc_batch.allocation
    shown = test_sfcc_batch.answers(
        test_sfcc_batch.send(store, part("TENT", allocation(7)), part("GHOST", allocation(7)))
    )
    assert problems(bare(shown["TENT"][1]), written) == []
    assert problems(shown["GHOST"][1], refused) == []
    assert "fault" in shown["GHOST"][1]


def test_the_faults_of_a_batch(store: Storefront) -> None:
    fault = validator(DATA_FILE, "PATCH", RECORD_PATH, 500)
    part = test_sfcc_batch.part("TENT", {})
    for headers in ({"Authorization": "Bearer x"}, {"x_dw_http_method": ""}):
        response = test_sfcc_batch.send(store, part, **headers)
        assert response.status_code >= 400
        assert problems(read(response), fault) == []


@pytest.mark.parametrize("aborts", [0, 1])
def test_executions_of_a_job(store: Storefront, aborts: int) -> None:
    started = validator(DATA_FILE, "POST", EXECUTIONS, closed=True)
    polled = validator(DATA_FILE, "GET", EXECUTION, closed=True)
    impex.upload(store, impex.inventory(impex.record("TENT", 7)))
    store.faults.rates["sfcc.job_aborts"] = aborts
    body = read(impex.start(store, ImportMode="MERGE"))
    assert problems(bare(body), started) == []
    for seconds in (1, 4):
        store.later(seconds=seconds)
        assert problems(bare(impex.execution(store)), polled) == []
    assert impex.execution(store)["execution_status"] == ("aborted" if aborts else "finished")


def test_refused_executions(store: Storefront) -> None:
    fault = validator(DATA_FILE, "POST", EXECUTIONS, 500)
    path = f"{DATA}/jobs/import-inventory/executions"
    impex.start(store)
    for response in (
        impex.start(store),
        impex.start(store, "nothing"),
        store.call("POST", path, {"parameters": 1}),
        store.call("GET", f"{path}/9"),
    ):
        assert response.status_code >= 400
        assert problems(read(response), fault) == []


# The import formats, as the sandbox restates them


@pytest.fixture(scope="module", params=[INVENTORY, PRICE_BOOK], ids=["inventory", "price book"])
def namespace(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def published(namespace: str) -> etree.XMLSchema:
    name = "sfcc-inventory.xsd" if namespace == INVENTORY else "sfcc-pricebook.xsd"
    path = Path(reference_folder() / name)
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    return etree.XMLSchema(etree.parse(str(path)))


def accepted(content: bytes, namespace: str) -> bool:
    try:
        parse(content, namespace)
    except Malformed:
        return False
    return True


WHOLE = {
    INVENTORY: impex.inventory(
        impex.record(
            "TENT",
            7,
            "<allocation-timestamp>2026-08-03T09:00:00.000Z</allocation-timestamp>"
            "<perpetual>0</perpetual>"
            "<preorder-backorder-handling>preorder</preorder-backorder-handling>"
            "<preorder-backorder-allocation>1.5</preorder-backorder-allocation>"
            "<in-stock-date>2026-09-01</in-stock-date>"
            "<in-stock-datetime>2026-09-01T00:00:00</in-stock-datetime>"
            "<ats>8</ats><on-order>-1</on-order><turnover>-2</turnover>"
            '<custom-attributes><custom-attribute attribute-id="a" xml:lang="en">x<value>y</value>'
            "</custom-attribute></custom-attributes>",
        ),
        impex.record("ROPE", mode="delete"),
        header="<description>All</description>"
        "<use-bundle-inventory-only>true</use-bundle-inventory-only><on-order>true</on-order>",
    ),
    PRICE_BOOK: (
        f'<pricebooks xmlns="{PRICE_BOOK}"><pricebook><header pricebook-id="gbp">'
        "<currency>GBP</currency>"
        '<display-name xml:lang="x-default">List</display-name><description>All</description>'
        "<online-flag>true</online-flag><online-from>2026-08-03T09:00:00Z</online-from>"
        "<online-to>2026-09-03T09:00:00Z</online-to><parent>base</parent>"
        "<feed-based>false</feed-based>"
        '<custom-attributes><custom-attribute attribute-id="a">1</custom-attribute>'
        "</custom-attributes></header><price-tables>"
        '<price-table product-id="TENT"><online-from>2026-08-03T09:00:00Z</online-from>'
        '<amount quantity="1">19.99</amount><amount quantity="10">17.00</amount>'
        '<percentage quantity="20">5</percentage><price-info>sale</price-info></price-table>'
        '<price-table product-id="ROPE" mode="delete-all"/>'
        "</price-tables></pricebook></pricebooks>"
    ).encode(),
}


def test_a_file_with_everything_in_it_is_accepted_by_both(namespace: str) -> None:
    root = etree.fromstring(WHOLE[namespace])
    assert published(namespace).validate(root)
    assert accepted(WHOLE[namespace], namespace)


def test_both_agree_on_a_file_with_any_one_element_gone_doubled_or_moved(namespace: str) -> None:
    schema = published(namespace)
    size = len(list(etree.fromstring(WHOLE[namespace]).iter()))
    verdicts: list[tuple[bool, bool]] = []
    for position in range(1, size):
        for change in (gone, doubled, last):
            root = etree.fromstring(WHOLE[namespace])
            change(list(root.iter())[position])
            content = etree.tostring(root)
            verdicts.append((schema.validate(root), accepted(content, namespace)))
    assert [ours for _, ours in verdicts] == [theirs for theirs, _ in verdicts]
    assert {theirs for theirs, _ in verdicts} == {True, False}


@pytest.mark.parametrize("value", ["", " ", "-1", "0", "1", "true", "x" * 101, "x" * 257, "a b "])
def test_both_agree_on_a_file_with_any_one_value_changed(namespace: str, value: str) -> None:
    schema = published(namespace)
    size = len(list(etree.fromstring(WHOLE[namespace]).iter()))
    for position in range(size):
        for name in (None, *list(etree.fromstring(WHOLE[namespace]).iter())[position].keys()):
            if name is not None and "}" in name:
                continue
            root = etree.fromstring(WHOLE[namespace])
            element = list(root.iter())[position]
            if name is None:
                element.text = value
            else:
                element.set(name, value)
            content = etree.tostring(root)
            assert accepted(content, namespace) == schema.validate(root), content


def gone(element: Any) -> None:
    element.getparent().remove(element)


def doubled(element: Any) -> None:
    element.addnext(etree.fromstring(etree.tostring(element)))


def last(element: Any) -> None:
    element.getparent().append(element)


@pytest.mark.parametrize("content", test_sfcc_jobs.NO_INVENTORY)
def test_what_the_sandbox_refuses_as_malformed_the_published_format_refuses(content: bytes) -> None:
    schema = published(INVENTORY)
    try:
        root = etree.fromstring(content)
    except etree.XMLSyntaxError:
        return
    assert not schema.validate(root)
