"""A feed whose job aborts, hangs, fails as a whole or is lost: the list says what it did."""

import logging
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from sfcc_cin7.stock.publishing.writers import feed as module
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.sfcc.schemas import Malformed
from sfcc_cin7_sandbox.sfcc.settings import Job
from sfcc_cin7_tests.stock.publishing.writers.bench import (
    POLICIES,
    Bench,
    as_kept,
    bench,
    carrying,
    refused,
    told,
)

STARTS = ("POST", "/executions")
MANY = 10_000


@pytest.fixture
def shop(clock: ManualClock):
    with bench(clock, "feed") as shop:
        yield shop


def everything_arrived(shop: Bench, figures, outcomes) -> bool:
    return len(told(outcomes)) == len(figures) and (
        as_kept(figures).items() <= shop.held("feed").items()
    )


def aborts_after(shop: Bench, monkeypatch, *runs: int) -> None:
    """The job is aborted half-way in these runs, counted from 1."""
    run = iter(range(1, 99))
    monkeypatch.setattr(
        shop.sandbox.faults,
        "hit",
        lambda fault: fault == "sfcc.job_aborts" and next(run) in runs,
    )


def test_one_file_and_one_job_carry_the_whole_list_and_leave_no_file_behind(shop: Bench):
    figures = shop.figures()
    assert everything_arrived(shop, figures, shop.write("feed", figures))
    assert shop.road.count(*STARTS) == 1
    assert shop.road.count("PUT", "/Impex/src/inventory/sfcc-cin7-inventory-uk.xml.gz") == 2
    assert shop.road.count("PATCH", "/product_inventory_records/") == 0
    assert shop.sandbox.sfcc.impex.names("src/inventory") == []


def test_a_job_that_is_aborted_half_way_is_run_again_for_what_is_missing(shop, monkeypatch):
    figures = shop.figures()
    aborts_after(shop, monkeypatch, 1)
    assert everything_arrived(shop, figures, shop.write("feed", figures))
    assert shop.road.count(*STARTS) == 2
    assert shop.road.count("POST", "/s/-/dw/batch") == 0
    assert shop.sandbox.sfcc.impex.names("src/inventory") == []


def test_a_job_that_is_aborted_again_and_again_ends_in_batches(shop, monkeypatch):
    figures = shop.figures()
    aborts_after(shop, monkeypatch, *range(1, 99))
    assert everything_arrived(shop, figures, shop.write("feed", figures))
    assert shop.road.count(*STARTS) < 5
    assert shop.road.count("POST", "/s/-/dw/batch") == 1


def test_one_record_that_spoils_every_file_it_is_in_is_found_by_halves(shop, monkeypatch):
    """As if the real format forbade something that nobody knows of."""
    figures = shop.figures(7, "NO-SUCH-SKU")
    importer = shop.sandbox.sfcc._jobs._importers["ImportInventoryLists"]
    imported = importer.run

    def strictly(content: bytes, *rest):
        if b'"NO-SUCH-SKU"' in content:
            raise Malformed("cvc-pattern-valid")
        return imported(content, *rest)

    monkeypatch.setattr(importer, "run", strictly)
    outcomes = shop.write("feed", figures)
    assert refused(outcomes) == {"NO-SUCH-SKU": "No product 'NO-SUCH-SKU'."}
    assert told(outcomes) == {f.sku for f in figures} - {"NO-SUCH-SKU"}
    assert as_kept(figures[1:]).items() <= shop.held("feed").items()
    assert 2 < shop.road.count(*STARTS) < 8
    assert shop.road.count("POST", "/s/-/dw/batch") == 3, "two parts of less than 20, and the PUT"


def test_a_job_that_fails_whatever_is_in_it_costs_a_few_runs_and_no_stock(shop, monkeypatch):
    figures = shop.figures()

    def broken(*_):
        raise Malformed("the step is broken")

    monkeypatch.setattr(shop.sandbox.sfcc._jobs._importers["ImportInventoryLists"], "run", broken)
    monkeypatch.setattr(module, "MOST_FRUITLESS_RUNS", 2)
    assert everything_arrived(shop, figures, shop.write("feed", figures))
    assert shop.road.count(*STARTS) == 2


def test_a_job_that_hangs_is_not_waited_for_and_its_file_is_taken_away(clock: ManualClock):
    """Nobody promises that an import refuses an older date; this one does not."""
    lenient = {"job_duration": timedelta(hours=2), "reset_date_checks": False}
    with bench(clock, "feed", **lenient) as shop:
        figures = shop.figures()
        began = clock.now()
        assert everything_arrived(shop, figures, shop.write("feed", figures))
        assert timedelta(minutes=5) <= clock.now() - began < timedelta(minutes=6)
        assert shop.road.count(*STARTS) == 1
        later = shop.figures(3)
        assert everything_arrived(shop, later, shop.write("batch", later))
        clock.sleep(3 * 3600)
        assert as_kept(later).items() <= shop.held("feed").items(), "the late job found no file"


def test_a_start_whose_answer_was_lost_is_looked_up_in_the_list(shop: Bench):
    figures = shop.figures()
    shop.road.loses_the_answer(carrying("feed"))
    assert everything_arrived(shop, figures, shop.write("feed", figures))
    assert shop.road.count(*STARTS) == 1
    assert shop.road.count("POST", "/s/-/dw/batch") == 0


def test_a_start_that_never_arrived_ends_in_batches(shop: Bench):
    figures = shop.figures()
    shop.road.turns_back(carrying("feed"), status=504)
    assert everything_arrived(shop, figures, shop.write("feed", figures))
    assert shop.road.count("POST", "/s/-/dw/batch") == -(-len(figures) // 50)


def test_an_upload_whose_answer_was_lost_is_compared_and_not_repeated(shop: Bench):
    figures = shop.figures()
    shop.shop.make_folder("src/inventory")
    shop.road.loses_the_answer(lambda request: request.method == "PUT")
    assert everything_arrived(shop, figures, shop.write("feed", figures))
    assert shop.road.count("PUT", "/Impex/") == 1
    assert shop.road.count("GET", "/Impex/") == 1


def test_a_job_that_somebody_else_runs_is_waited_for(shop: Bench):
    shop.shop.start_job("import-inventory", {})
    figures = shop.figures()
    shop.shop.start_job("import-inventory", {})
    assert everything_arrived(shop, figures, shop.write("feed", figures))
    assert shop.road.count("POST", "/s/-/dw/batch") == 0


def test_a_job_may_be_told_which_file_is_ours(clock: ManualClock, monkeypatch):
    policy = POLICIES["feed"].feed
    assert policy is not None
    named = policy.model_copy(update={"file_parameter": "FileNamePattern"})
    monkeypatch.setitem(POLICIES, "feed", POLICIES["feed"].model_copy(update={"feed": named}))
    jobs = (replace(Job("import-inventory"), file_name_pattern="nothing"),)
    with bench(clock, "feed", jobs=jobs) as shop:
        shop.sandbox.sfcc.impex.make_folder("src/inventory")
        shop.sandbox.sfcc.impex.write("src/inventory/zz.xml", b"<somebody else's/>")
        figures = shop.figures()
        assert everything_arrived(shop, figures, shop.write("feed", figures))
        assert shop.sandbox.sfcc.impex.names("src/inventory") == ["zz.xml"]


def test_a_job_that_does_not_exist_leaves_everything_to_batches(clock: ManualClock):
    with bench(clock, "feed", jobs=()) as shop:
        figures = shop.figures()
        assert everything_arrived(shop, figures, shop.write("feed", figures))


def test_a_figure_that_the_list_shows_already_is_not_fed(shop: Bench):
    figures = shop.figures()
    shop.write("batch", figures)
    assert everything_arrived(shop, figures, shop.write("feed", figures))
    assert shop.road.count(*STARTS) == 0


def test_the_progress_of_a_feed_is_logged_and_no_secret_with_it(
    shop: Bench, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO, "sfcc_cin7")
    figures = shop.figures()
    shop.write("feed", figures)
    text = caplog.text
    assert f"{len(figures)} records uploaded" in text
    assert "job import-inventory is running" in text
    assert f"a feed of {len(figures)} records left 0" in text
    assert "secret" not in text
    assert "Bearer" not in text


def test_a_record_that_no_file_can_hold_is_refused_and_the_file_goes(shop: Bench):
    odd = replace(shop.figures()[0], sku="T" * 101)  # type: ignore[type-var]
    figures = [odd, *shop.figures()]
    outcomes = shop.write("feed", figures)
    assert "1 to 100 characters" in refused(outcomes)[odd.sku]
    assert len(told(outcomes)) == len(figures) - 1


def test_decimals_survive_the_file(shop: Bench):
    figures = [replace(f, allocation=Decimal("2.5")) for f in shop.figures()]  # type: ignore[type-var]
    assert everything_arrived(shop, figures, shop.write("feed", figures))
