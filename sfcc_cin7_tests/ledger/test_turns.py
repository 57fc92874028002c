"""Backfills that somebody launches in the UI take turns, and the lanes go before them."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest
import yaml

from sfcc_cin7 import definitions
from sfcc_cin7.ledger.assets import order_ledger
from sfcc_cin7.ledger.definitions import defs
from sfcc_cin7.ledger.resident import keep_books
from sfcc_cin7.runtime.resources import from_environment
from sfcc_cin7_tests.project import PROJECT

CONCURRENCY = yaml.safe_load((PROJECT / "dagster.yaml").read_text())
BACKFILLED = {"dagster/backfill": "asked", "dagster/partition": "2026-03-01"}
LEDGER = dg.Definitions.merge(
    defs, dg.Definitions(resources={name: object() for name in from_environment()})
).get_repository_def()


@pytest.fixture
def instance() -> Iterator[Any]:
    """With the limits of the instance that we ship."""
    settings = {"concurrency": CONCURRENCY["concurrency"]}
    with dg.instance_for_test(overrides=settings) as instance:
        yield instance


def launched(instance: Any, job: Any, tags: dict[str, str]) -> Any:
    return instance.create_run_for_job(
        job, tags={**job.run_tags, **tags}, asset_selection=frozenset({order_ledger.key})
    )


def backfill(instance: Any) -> Any:
    """As the UI launches it: under the job of all assets, which is in no lane."""
    run = launched(instance, LEDGER.get_implicit_global_asset_job_def(), BACKFILLED)
    assert "sfcc_cin7/lane" not in run.tags
    return run


def begins(instance: Any, run: Any) -> bool:
    """Whether the run may begin to reconcile; it keeps its place if so."""
    [pool] = run.run_op_concurrency.root_key_counts
    storage = instance.event_log_storage
    storage.initialize_concurrency_limit_to_default(pool)
    return bool(storage.claim_concurrency_slot(pool, run.run_id, "order_ledger").is_claimed)


def test_of_two_backfills_the_second_waits_for_the_first(instance: Any) -> None:
    first, second = backfill(instance), backfill(instance)
    assert begins(instance, first)
    assert not begins(instance, second)
    instance.event_log_storage.free_concurrency_slots_for_run(first.run_id)
    assert begins(instance, second)


def test_what_is_regular_goes_before_a_backfill_where_both_wait(instance: Any) -> None:
    books = LEDGER.get_job(keep_books.name)
    assert int(books.run_tags["dagster/priority"]) > int(
        backfill(instance).tags.get("dagster/priority", 0)
    )


def test_no_lane_goes_before_the_orders() -> None:
    lanes = {
        job.name: int(job.run_tags["dagster/priority"])
        for job in definitions.defs.get_repository_def().get_all_jobs()
        if {"sfcc_cin7/lane", "sfcc_cin7/resident"} & set(job.run_tags)
    }
    assert lanes["post_orders"] == max(lanes.values())
