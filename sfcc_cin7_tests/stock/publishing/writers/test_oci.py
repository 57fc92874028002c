"""Counts of Omnichannel Inventory: partial success, ids, safety stock, imports that stop."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from sfcc_cin7.stock.deciding.choose import Way
from sfcc_cin7.stock.publishing.writers import oci
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.stock.publishing.writers.bench import (
    LIST,
    OCI,
    Bench,
    as_kept,
    bench,
    carrying,
    refused,
    told,
)

UPDATES = ("POST", "/actions/batch-update")
BAD = "TENT/LARGE"
each_way = pytest.mark.parametrize("way", OCI)


@pytest.fixture
def shop(clock: ManualClock):
    with bench(clock, "oci") as shop:
        yield shop


def everything_arrived(shop: Bench, figures, outcomes) -> bool:
    return len(told(outcomes)) == len(figures) and (
        as_kept(figures).items() <= shop.held("oci").items()
    )


def ids(shop: Bench) -> list[list[str]]:
    """The idempotency ids of each batch-update that was sent."""
    updates = [r for r in shop.road.sent if carrying("oci")(r)]
    return [[row["id"] for row in decimal_json.loads(r.content)["records"]] for r in updates]


def not_sifted(monkeypatch) -> None:
    """Our own look at SKUs lets everything pass, so that the storefront has to refuse."""
    monkeypatch.setattr(oci, "NO_SKU", re.compile("(?!)"))


@each_way
@pytest.mark.parametrize("reply", ["errors", "summary"])
def test_a_record_that_is_refused_is_named_and_all_others_are_taken(
    clock: ManualClock, monkeypatch, way: Way, reply: str
):
    not_sifted(monkeypatch)
    with bench(clock, way, oci_batch_reply=reply) as shop:
        figures = shop.figures(7, BAD)
        outcomes = shop.write(way, figures)
        assert "sku may not" in refused(outcomes)[BAD]
        assert told(outcomes) == {f.sku for f in figures} - {BAD}
        assert as_kept(figures[1:]).items() <= shop.held(way).items()


def test_a_hundred_go_with_one_call(shop: Bench):
    figures = shop.figures()
    shop.write("oci", figures)
    assert shop.road.count(*UPDATES) == -(-len(figures) // 100)


def test_a_repeated_request_has_the_same_ids_and_counts_once(shop: Bench):
    """The answer is lost, and so is the look: the same request comes twice."""
    figures = shop.figures()[:20]
    shop.road.loses_the_answer(carrying("oci"))
    forgetful = shop.shop.availability
    blind = iter([True])
    shop.shop.availability = lambda *args: (  # type: ignore[method-assign]
        {} if next(blind, False) else forgetful(*args)
    )
    assert everything_arrived(shop, figures, shop.write("oci", figures))
    first, second = ids(shop)
    assert first == second
    assert len(set(first)) == len(figures)


def test_what_was_said_before_something_else_may_be_said_again(shop: Bench):
    """With the same date, as while an order that nobody received holds it back."""
    seven = shop.figures()[:20]
    nine = [replace(f, allocation=Decimal(90)) for f in seven]  # type: ignore[type-var]
    for figures in (seven, nine, seven, nine):
        shop.clock.sleep(1)
        assert everything_arrived(shop, figures, shop.write("oci", figures))
    assert len({one for request in ids(shop) for one in request}) == 4 * len(seven)


@each_way
def test_what_is_withheld_is_told_as_safety_stock(clock: ManualClock, way: Way):
    with bench(clock, way) as shop:
        figures = [replace(f, withheld=Decimal(2)) for f in shop.figures()]  # type: ignore[type-var]
        assert everything_arrived(shop, figures, shop.write(way, figures))
        sku, allocation = figures[0].sku, figures[0].allocation
        shown = shop.shop.availability(LIST, [sku])[sku]
        assert (shown.on_hand, shown.safety, shown.to_order) == (
            allocation + 2,
            Decimal(2),
            allocation,
        )
        shop.clock.sleep(3)
        assert shop.sandbox.sfcc.ats(LIST, sku) == allocation


@pytest.mark.parametrize("stale", ["refused", "applied"])
def test_an_answer_of_another_form_is_looked_up(clock: ManualClock, monkeypatch, stale: str):
    with bench(clock, "oci", oci_stale_update=stale) as shop:
        monkeypatch.setattr(
            "sfcc_cin7_sandbox.sfcc.oci_routes.OciRoutes._reply", lambda *_: {"failures": []}
        )
        figures = shop.figures()
        assert everything_arrived(shop, figures, shop.write("oci", figures))


def test_an_import_takes_one_file_and_its_results_one_look(clock: ManualClock):
    with bench(clock, "oci-file") as shop:
        figures = shop.figures()
        assert everything_arrived(shop, figures, shop.write("oci-file", figures))
        assert shop.road.count("POST", "/imports/uploadlink/") == 1
        assert shop.road.count(*UPDATES) == 0
        assert shop.road.count("POST", "/actions/get-availability") == 0


def test_an_import_that_stops_half_way_is_looked_up_and_the_rest_goes_by_call(clock: ManualClock):
    with bench(clock, "oci-file") as shop:
        shop.sandbox.faults.rates["sfcc.oci_import_stops"] = 1
        figures = shop.figures()
        assert everything_arrived(shop, figures, shop.write("oci-file", figures))
        sent = [len(each) for each in ids(shop)]
        assert sum(sent) == len(figures) - len(figures) // 2


def test_an_import_is_not_begun_while_locations_change(clock: ManualClock):
    with bench(clock, "oci-file") as shop:
        shop.sandbox.faults.rates["sfcc.location_graph"] = 1
        figures = shop.figures()
        assert everything_arrived(shop, figures, shop.write("oci-file", figures))
        assert shop.road.count(*UPDATES) == -(-len(figures) // 100)


def test_an_import_that_hangs_is_not_waited_for(clock: ManualClock):
    with bench(clock, "oci-file", oci_import_duration=timedelta(hours=1)) as shop:
        figures = shop.figures()
        began = clock.now()
        assert everything_arrived(shop, figures, shop.write("oci-file", figures))
        assert clock.now() - began < timedelta(minutes=6)


def test_a_file_that_is_lost_on_the_way_is_sent_again(clock: ManualClock):
    with bench(clock, "oci-file") as shop:
        shop.road.turns_back(carrying("oci-file"), status=504)
        figures = shop.figures()
        assert everything_arrived(shop, figures, shop.write("oci-file", figures))
        assert shop.road.count("POST", "/imports/uploadlink/") == 2
        assert shop.road.count(*UPDATES) == 0


def test_a_large_file_is_compressed(clock: ManualClock, monkeypatch):
    monkeypatch.setattr("sfcc_cin7.systems.sfcc.oci.MOST_PLAIN_BYTES", 1000)
    with bench(clock, "oci-file", oci_most_plain_bytes=1000) as shop:
        figures = shop.figures()
        assert everything_arrived(shop, figures, shop.write("oci-file", figures))
        assert shop.road.count(*UPDATES) == 0


def test_a_token_is_shown_to_nobody_but_the_api(clock: ManualClock, monkeypatch):
    """A link that leads elsewhere is followed without it, or not at all."""
    with bench(clock, "oci-file") as shop:
        announce = shop.shop.announce_import
        elsewhere = "http://localhost:9/inventory/impex"

        def astray(name: str):
            return announce(name).model_copy(
                update={"upload_link": f"{elsewhere}/a", "status_link": f"{elsewhere}/b"}
            )

        monkeypatch.setattr(shop.shop, "announce_import", astray)
        figures = shop.figures()
        assert everything_arrived(shop, figures, shop.write("oci-file", figures))
        strays = [r for r in shop.road.sent if r.url.host == "localhost"]
        assert [r.url.path for r in strays] == ["/inventory/impex/a"] * 4
        assert not any("authorization" in r.headers for r in strays)


def test_an_import_whose_results_cannot_be_read_is_looked_up(clock: ManualClock, monkeypatch):
    with bench(clock, "oci-file") as shop:
        figures = shop.figures()
        with monkeypatch.context() as patch:
            patch.setattr(shop.shop, "oci_lines", lambda _link: [{"status": "FAILED"}])
            outcomes = shop.write("oci-file", figures)
        assert everything_arrived(shop, figures, outcomes)
        assert shop.road.count(*UPDATES) == 0
