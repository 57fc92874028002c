"""Whatever way stock is written, each figure arrives, is refused by name, or waits."""

from datetime import timedelta
from decimal import Decimal

import pytest

from sfcc_cin7.stock.deciding.choose import Way
from sfcc_cin7.stock.publishing.writers.writer import Done
from sfcc_cin7.systems.http.errors import ApiError
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.stock.publishing.writers.bench import (
    CLASSIC,
    LIST,
    OCI,
    WAYS,
    Count,
    as_kept,
    bench,
    carrying,
    refused,
    told,
    unknown,
)

GHOST = "NO-SUCH-SKU"
every_way = pytest.mark.parametrize("way", WAYS)


@every_way
def test_every_figure_arrives_with_its_reset_date(clock: ManualClock, way: Way):
    with bench(clock, way) as shop:
        figures = shop.figures()
        outcomes = shop.write(way, figures)
        assert len(told(outcomes)) == len(figures) > 60
        assert as_kept(figures).items() <= shop.held(way).items()
        for figure in figures:
            kept = as_kept([figure])[figure.sku]
            assert outcomes[figure.sku] == Done(figure.sku, *kept)


@every_way
def test_the_same_figures_again_change_nothing(clock: ManualClock, way: Way):
    with bench(clock, way) as shop:
        figures = shop.figures()
        shop.write(way, figures)
        before = shop.held(way)
        assert len(told(shop.write(way, figures))) == len(figures)
        assert shop.held(way) == before


@every_way
def test_a_429_in_the_middle_is_waited_out(clock: ManualClock, way: Way):
    with bench(clock, way) as shop:
        figures = shop.figures()
        shop.road.turns_back(carrying(way), times=2)
        outcomes = shop.write(way, figures)
        assert len(told(outcomes)) == len(figures)
        assert as_kept(figures).items() <= shop.held(way).items()


@pytest.mark.parametrize("way", ["records", "batch", "oci"])
def test_what_is_throttled_for_long_waits_for_the_next_pass(clock: ManualClock, way: Way):
    with bench(clock, way) as shop:
        figures = shop.figures()
        before = shop.held(way)
        shop.road.turns_back(carrying(way), times=10_000)
        outcomes = shop.write(way, figures)
        assert len(unknown(outcomes)) == len(figures)
        assert shop.held(way) == before


@every_way
def test_a_write_that_timed_out_after_commit_is_found_and_not_sent_again(
    clock: ManualClock, way: Way
):
    with bench(clock, way) as shop:
        figures = shop.figures()
        shop.road.loses_the_answer(carrying(way))
        outcomes = shop.write(way, figures)
        assert len(told(outcomes)) == len(figures)
        assert as_kept(figures).items() <= shop.held(way).items()
        requests = [r for r in shop.road.sent if carrying(way)(r)]
        in_one = {"records": 1, "batch": 50, "oci": 100}.get(way, len(figures))
        assert len(requests) == -(-len(figures) // in_one)


@every_way
def test_a_gateway_that_gives_up_for_good_leaves_everything_to_the_next_pass(
    clock: ManualClock, way: Way
):
    """The storefront did it all the same: most is found there, nothing is claimed blindly."""
    with bench(clock, way) as shop:
        figures = shop.figures()
        shop.sandbox.faults.rates["sfcc.504_applied"] = 0.5
        outcomes = shop.write(way, figures)
        shop.sandbox.faults.clear()
        held = shop.held(way)
        for figure in figures:
            if figure.sku in told(outcomes):
                assert held[figure.sku] == as_kept([figure])[figure.sku]
        assert not refused(outcomes)
        assert len(told(shop.write(way, figures))) == len(figures)


@pytest.mark.parametrize("way", CLASSIC)
def test_one_refused_record_stops_no_other(clock: ManualClock, way: Way):
    with bench(clock, way) as shop:
        figures = shop.figures(7, GHOST)
        outcomes = shop.write(way, figures)
        assert refused(outcomes) == {GHOST: f"No product '{GHOST}'."}
        assert told(outcomes) == {f.sku for f in figures} - {GHOST}
        assert as_kept(figures[1:]).items() <= shop.held(way).items()


@pytest.mark.parametrize("way", OCI)
def test_a_sku_that_omnichannel_inventory_cannot_hold_stops_no_other(clock: ManualClock, way: Way):
    with bench(clock, way) as shop:
        figures = shop.figures(7, "TENT; LARGE")
        outcomes = shop.write(way, figures)
        assert "white space" in refused(outcomes)["TENT; LARGE"]
        assert told(outcomes) == {f.sku for f in figures[1:]}
        assert as_kept(figures[1:]).items() <= shop.held(way).items()


@every_way
def test_a_record_that_somebody_reset_later_keeps_its_date_and_waits(clock: ManualClock, way: Way):
    with bench(clock, way) as shop:
        figures = shop.figures()
        edited = figures[3].sku
        shop.sandbox.sfcc.edit_allocation(LIST, edited, Decimal(999))
        before = shop.held(way)[edited]
        outcomes = shop.write(way, figures)
        assert list(unknown(outcomes)) == [edited]
        assert "later reset date" in unknown(outcomes)[edited]
        assert shop.held(way)[edited] == before
        assert told(outcomes) == {f.sku for f in figures} - {edited}


@pytest.mark.parametrize("way", CLASSIC)
def test_a_date_that_the_storefront_finds_too_old_is_a_refusal(clock: ManualClock, way: Way):
    with bench(clock, way) as shop:
        clock.sleep(timedelta(hours=60).total_seconds())
        figures = shop.figures()
        at = clock.now() - timedelta(hours=49)
        old = Count(figures[0].sku, figures[0].allocation, at)
        outcomes = shop.write(way, [old, *figures[1:]])
        assert "older than 48 hours" in refused(outcomes)[old.sku]
        assert len(told(outcomes)) == len(figures) - 1


@every_way
def test_no_reset_date_ever_goes_back(clock: ManualClock, way: Way):
    with bench(clock, way) as shop:
        before = shop.held(way)
        for units in (7, 3, 9):
            shop.road.loses_the_answer(carrying(way))
            shop.write(way, shop.figures(units))
            after = shop.held(way)
            for sku, (_, reset_at) in before.items():
                assert reset_at is not None
                assert reset_at <= (after[sku][1] or reset_at)
            before = after


@every_way
def test_a_client_without_the_right_is_told_so_once_and_no_record_is_blamed(
    clock: ManualClock, way: Way
):
    settings = {
        "data_rights": {"/inventory_lists/*": ("get",)},
        "webdav_permissions": (),
        "allowed_scopes": ("sfcc.orders.rw", "sfcc.products", "sfcc.inventory.availability.rw"),
    }
    if way == "oci":
        settings["allowed_scopes"] = ("sfcc.orders.rw", "sfcc.products")
    with bench(clock, way, **settings) as shop, pytest.raises(ApiError):
        shop.write(way, shop.figures())


@pytest.mark.parametrize("way", ["records", "batch"])
def test_a_record_that_another_writer_won_is_looked_up_and_written_again(
    clock: ManualClock, way: Way
):
    with bench(clock, way) as shop:
        figures = shop.figures()
        shop.sandbox.faults.rates["sfcc.record_conflict"] = 0.2
        outcomes = shop.write(way, figures)
        assert not refused(outcomes)
        held = shop.held(way)
        assert all(held[sku] == as_kept(figures)[sku] for sku in told(outcomes))
        assert len(told(outcomes)) > len(figures) * 0.8
        shop.sandbox.faults.clear()
        assert len(told(shop.write(way, figures))) == len(figures)


@pytest.mark.parametrize("way", CLASSIC)
def test_records_that_are_not_there_yet_are_made(clock: ManualClock, way: Way):
    with bench(clock, way) as shop:
        masters = {sku.master_id for sku in shop.sandbox.world.skus if sku.master_id}
        absent = sorted(masters)[:60]
        assert absent
        assert not set(absent) & set(shop.skus)
        figures = shop.figures(7, *absent)
        outcomes = shop.write(way, figures)
        assert len(told(outcomes)) == len(figures)
        assert as_kept(figures).items() <= shop.held(way).items()
