"""What the ways of writing stock send, against the published API and import formats.

Batches, WebDAV and Omnichannel Inventory have no OpenAPI file; what is held against them is
restated here from their pages ("OCAPI batch requests", RFC 4918, Inventory Availability and Impex).
"""

import gzip
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from sfcc_cin7.stock.deciding.choose import Way
from sfcc_cin7.stock.publishing.writers.feed_file import feed, misfit
from sfcc_cin7.systems.sfcc.documents import InventoryList
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.contract.openapi import problems, reference_folder, validator
from sfcc_cin7_tests.contract.test_client_requests import TOKEN, described
from sfcc_cin7_tests.stock.publishing.writers.bench import WAYS, Bench, Count, Road, bench, carrying

DATA_FILE = "sfcc-ocapi-data-openapi.json"
RECORD = "/inventory_lists/{inventory_list_id}/product_inventory_records/{product_id}"
RECORDS = "/s/-/dw/data/v25_6/inventory_lists/inventory-uk/product_inventory_records/"
COUNT = {"sku", "onHand", "effectiveDate", "safetyStockCount"}
INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def used(clock: ManualClock, way: Way) -> tuple[Bench, Road]:
    with bench(clock, way) as shop:
        shop.write(way, shop.figures())
        return shop, shop.road


def bodies(road: Road, way: Way) -> list[bytes]:
    return [request.content for request in road.sent if carrying(way)(request)]


@pytest.mark.parametrize("way", WAYS)
def test_every_call_can_be_traced_and_shows_its_token(clock: ManualClock, way: Way):
    _, road = used(clock, way)
    calls = [request for request in road.sent if request.url.path != TOKEN]
    assert len({call.headers["correlation-id"] for call in calls}) == len(calls)
    for call in calls:
        assert call.headers["authorization"].startswith("Bearer ")
        assert "secret" not in str(call.url)


@pytest.mark.parametrize(
    ("way", "scopes"),
    [
        ("feed", ["sfcc.orders.rw", "sfcc.products"]),
        (
            "oci-file",
            ["sfcc.inventory.availability.rw", "sfcc.inventory.impex-inventory.rw"],
        ),
    ],
)
def test_a_token_is_asked_for_what_it_is_used_for(clock: ManualClock, way: Way, scopes: list[str]):
    _, road = used(clock, way)
    (asked,) = [r.content.decode() for r in road.sent if r.url.path == TOKEN]
    scope = asked.partition("scope=")[2].replace("%3A", ":").split("+")
    assert scope == ["SALESFORCE_COMMERCE_API:zzal_001", *scopes]


def test_each_part_of_a_batch_is_a_call_that_could_stand_alone(clock: ManualClock):
    _, road = used(clock, "batch")
    schema = validator(DATA_FILE, "PATCH", RECORD, kind="request", closed=True)
    seen = 0
    for request in [r for r in road.sent if carrying("batch")(r)]:
        kind = re.fullmatch(
            "multipart/mixed; boundary=([a-z0-9-]+)", request.headers["content-type"]
        )
        assert kind is not None
        assert request.headers["x-dw-http-method"] == "PATCH"
        assert request.headers["x-dw-resource-path"] == RECORDS
        assert len(request.content) < 5 * 1024 * 1024
        first, *parts, last = request.content.decode().split(f"--{kind[1]}")
        assert (first, last) == ("", "--\r\n")
        assert 1 <= len(parts) <= 50
        for number, part in enumerate(parts):
            head, _, body = part.partition("\r\n\r\n")
            named, extended = head.removeprefix("\r\n").split("\r\n")
            assert named == f"x-dw-content-id: {number}"
            assert re.fullmatch("x-dw-resource-path-extension: [A-Za-z0-9._~%-]+", extended)
            assert problems(decimal_json.loads(body), schema) == []
            seen += 1
    assert seen > 100


def test_the_calls_around_a_feed_are_described(clock: ManualClock):
    _, road = used(clock, "feed")
    data = [r for r in road.sent if r.url.path.startswith("/s/-/dw/data/")]
    assert {described(request)[1] for request in data} == {
        "/inventory_lists/{id}",
        "/inventory_lists/{inventory_list_id}/product_inventory_records",
        "/jobs/{job_id}/executions",
        "/jobs/{job_id}/executions/{id}",
    }
    files = [(r.method, r.url.path) for r in road.sent if "/webdav/" in r.url.path]
    folder = "/on/demandware.servlet/webdav/Sites/Impex/src/inventory"
    file = f"{folder}/sfcc-cin7-inventory-uk.xml.gz"
    assert files == [("PUT", file), ("MKCOL", folder), ("PUT", file), ("DELETE", file)]


def test_a_job_is_started_with_parameters_as_its_execution_shows_them(clock: ManualClock):
    execution = validator(DATA_FILE, "GET", "/jobs/{job_id}/executions/{id}", closed=True)
    with bench(clock, "feed") as shop:
        shop.shop.start_job(
            "import-inventory", {"FileNamePattern": "uk.xml", "ImportMode": "MERGE"}
        )
    (body,) = [decimal_json.loads(content) for content in bodies(shop.road, "feed")]
    assert set(body) == {"parameters"}
    assert len(body["parameters"]) == 2
    assert problems(body, execution) == []


def test_a_count_is_spelled_as_batch_update_wants_it(clock: ManualClock):
    _, road = used(clock, "oci")
    for body in bodies(road, "oci"):
        content = decimal_json.loads(body)
        assert set(content) == {"records"}
        assert len({row["sku"] for row in content["records"]}) <= 100
        for row in content["records"]:
            assert set(row) == {"id", "location"} | COUNT
            assert UUID(row["id"])
            assert re.fullmatch(INSTANT, row["effectiveDate"])


def test_a_count_is_spelled_as_a_file_wants_it(clock: ManualClock):
    _, road = used(clock, "oci-file")
    (content,) = bodies(road, "oci-file")
    rows = [decimal_json.loads(line) for line in content.splitlines()]
    assert len(rows) > 100
    skus = [row["sku"] for row in rows]
    assert len(set(skus)) == len(skus), "records of one SKU stand together"
    for row in rows:
        assert set(row) == {"recordId", "locationId"} | COUNT
        assert UUID(row["recordId"])
        assert re.fullmatch(INSTANT, row["effectiveDate"])
    tenant = "/organizations/zzal_001_group/availability-records/imports"
    announced = [r for r in road.sent if r.url.path == f"/inventory/impex/v1{tenant}"]
    assert len(announced) == 1


# The feed


@pytest.fixture(scope="module")
def published() -> etree.XMLSchema:
    path = Path(reference_folder() / "sfcc-inventory.xsd")
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    return etree.XMLSchema(etree.parse(str(path)))


LATEST = datetime(2040, 1, 1, tzinfo=UTC)
figures = st.builds(
    Count,
    st.text(min_size=1, max_size=101),
    st.decimals(min_value=-1, max_value=10**15, places=3),
    st.timedeltas(timedelta(0), timedelta(days=9000)).map(lambda age: LATEST - age),
)
lists = st.builds(
    InventoryList,
    id=st.from_regex("[A-Za-z0-9_-]{1,256}", fullmatch=True),
    default_in_stock=st.booleans(),
)


@given(lists, st.lists(figures, min_size=1, max_size=5, unique_by=lambda figure: figure.sku))
def test_whatever_we_feed_the_published_format_accepts(published, described_list, wanted):
    fitting = [figure for figure in wanted if misfit(figure) is None]
    if fitting:
        content = gzip.decompress(feed(described_list, fitting))
        published.assertValid(etree.fromstring(content))


@given(figures)
def test_what_is_kept_out_of_a_feed_the_published_format_would_refuse(published, wanted):
    """Or it would not come back as it was: nothing is refused without need. Blanks at an end are
    lost on the way, and a tab or line end that is written as it is is read as a blank (XML 1.0,
    section 3.3.3).
    """
    if misfit(wanted) is None or not wanted.allocation.is_finite():
        return
    plain = f"{wanted.allocation:f}"
    try:
        root = etree.fromstring(gzip.decompress(feed(InventoryList(id="uk"), [GOOD])))
        record = root[0][1][0]
        record.set("product-id", wanted.sku)
        record[0].text = plain
    except ValueError:
        return  # XML has no such character
    again = etree.fromstring(etree.tostring(root, encoding="UTF-8"))
    kept = again[0][1][0].get("product-id") or ""
    comes_back = kept == kept.strip() and not set(kept) & set("\t\n\r")
    assert not published.validate(again) or not comes_back


GOOD = Count("TENT", Decimal(1), datetime(2026, 1, 1, tzinfo=UTC) - timedelta(seconds=1))
