"""Documents lose their shoppers when their time has come, and the books do not notice."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Engine, select, text, update

from sfcc_cin7.db.schema import SCHEMA, breaks, orders, postings
from sfcc_cin7.ledger.passes.books import Books, bring_up_to_date
from sfcc_cin7.ledger.passes.day import lines_of
from sfcc_cin7.ledger.passes.frames import LedgerLine
from sfcc_cin7.merchant.operating_model import PrivacyPolicy
from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.intake.receiver import Receiver
from sfcc_cin7.orders.pruning import prune
from sfcc_cin7.orders.records.queue import OrderQueue
from sfcc_cin7.orders.schedules import prune_documents, prune_documents_nightly
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.shoppers.shapes import SHAPES
from sfcc_cin7_tests.people import personal
from sfcc_cin7_tests.scenario.order_lane import OrderLane, order_lane

POLICY = PrivacyPolicy(keep_documents_days=30)


@pytest.fixture
def lane(engine: Engine, clock: ManualClock) -> Iterator[OrderLane]:
    with order_lane(engine, clock) as lane:
        yield lane


def documents(lane: OrderLane) -> dict[str, str]:
    query = select(orders.c.order_key, orders.c.document)
    with lane.engine.connect() as connection:
        return {row.order_key: row.document for row in connection.execute(query)}


def everything_about(lane: OrderLane, key: str) -> str:
    """Every row of every table that mentions the order, as text; the document also decoded."""
    told = [repr(decimal_json.loads(documents(lane)[key]))]
    with lane.engine.connect() as connection:
        tables = connection.scalars(
            text("select tablename from pg_tables where schemaname = :schema"), {"schema": SCHEMA}
        )
        for table in list(tables):
            rows = connection.scalars(
                text(f"select t::text from {SCHEMA}.{table} t where position(:key in t::text) > 0"),
                {"key": key},
            )
            told += list(rows)
    return "\n".join(told)


def reconcile(lane: OrderLane) -> Books:
    start = lane.clock.now() - timedelta(days=400)
    end = lane.clock.now() + timedelta(days=1)
    return bring_up_to_date(lane.engine, lane.model, lane.clock, start, end, complete=True)


def lines(lane: OrderLane) -> list[LedgerLine]:
    start = lane.clock.now() - timedelta(days=400)
    return lines_of(lane.engine, lane.model, start, lane.clock.now() + timedelta(days=1))


def books(lane: OrderLane) -> tuple[Any, ...]:
    """Postings and breaks as they stand."""
    with lane.engine.connect() as connection:
        return tuple(
            tuple(connection.execute(select(table).order_by(table.c.id)).all())
            for table in (postings, breaks)
        )


def pass_days(lane: OrderLane, days: int) -> None:
    lane.clock.sleep(timedelta(days=days).total_seconds())


def test_nothing_personal_is_left_of_an_old_order_and_the_books_stay_as_they_are(
    lane: OrderLane,
) -> None:
    for shape in SHAPES:
        for site in ("alpenglow-uk", "alpenglow-us", "alpenglow-jp"):
            try:
                lane.order(site, shape)
            except ValueError:
                continue  # not every site sells every shape
    lane.run_until_quiet()
    pass_days(lane, 31)
    reconcile(lane)
    before = lines(lane)
    booked, originals, states = books(lane), documents(lane), lane.states()
    settled = {key for key, state in states.items() if state == "acknowledged"}
    assert 0 < len(settled) < len(states)  # planted troubles wait in review
    assert any(personal(decimal_json.loads(originals[key])) for key in settled)

    result = prune(lane.engine, POLICY, lane.clock)

    assert result.documents == len(settled)
    for key in settled:
        people = personal(decimal_json.loads(originals[key]))
        told = everything_about(lane, key)
        assert key in told
        assert [value for value in people if value in told] == []
        assert lane.events(key)[-1] == "pruned"
        original = parse_order(decimal_json.loads(originals[key]))
        left = parse_order(decimal_json.loads(documents(lane)[key]))
        assert (left.total, left.tax_total) == (original.total, original.tax_total)
        assert [line.product_id for line in left.lines] == [
            line.product_id for line in original.lines
        ]
    for key in states.keys() - settled:
        assert documents(lane)[key] == originals[key]

    with lane.engine.connect() as connection:
        rows = connection.execute(select(orders.c.order_key, orders.c.document_hash))
        hashes = {row.order_key: row.document_hash for row in rows}
    assert hashes == {
        key: hashlib.sha256(document.encode()).hexdigest() for key, document in originals.items()
    }
    after = reconcile(lane)
    assert (after.entries_written, after.breaks_opened, after.breaks_closed) == (0, 0, 0)
    assert lines(lane) == before
    assert books(lane) == booked


def test_the_books_can_still_be_made_from_pruned_documents_alone(lane: OrderLane) -> None:
    lane.order("alpenglow-us")
    lane.run()
    pass_days(lane, 31)
    prune(lane.engine, POLICY, lane.clock)
    reconcile(lane)
    [line] = lines(lane)
    assert line.captured_tax == line.booked_tax > 0


def test_a_document_is_pruned_once_and_not_before_its_time(lane: OrderLane) -> None:
    key = lane.order()
    lane.run()
    pass_days(lane, 29)
    assert prune(lane.engine, POLICY, lane.clock).documents == 0
    pass_days(lane, 2)
    assert prune(lane.engine, POLICY, lane.clock).documents == 1
    pruned = documents(lane)
    assert prune(lane.engine, POLICY, lane.clock).documents == 0
    assert documents(lane) == pruned
    assert lane.events(key).count("pruned") == 1


def test_the_time_runs_from_the_settling_and_not_from_the_order(lane: OrderLane) -> None:
    lane.order()
    pass_days(lane, 40)
    lane.run()
    assert prune(lane.engine, POLICY, lane.clock).documents == 0


def test_without_a_number_of_days_documents_are_kept(lane: OrderLane) -> None:
    lane.order()
    lane.run()
    pass_days(lane, 4000)
    kept = prune(lane.engine, PrivacyPolicy(), lane.clock)
    assert kept.documents == 0
    assert kept.oldest_kept is not None


def test_a_late_change_in_the_storefront_brings_nobody_back(lane: OrderLane) -> None:
    key = lane.order()
    lane.run()
    pass_days(lane, 31)
    prune(lane.engine, POLICY, lane.clock)
    pruned = documents(lane)
    site, number = key.split(":")[1:]
    lane._shop.set_external_status(site, number, "returned")
    lane.clock.sleep(1)
    start, now = lane.clock.now() - timedelta(days=40), lane.clock.now()
    receiver = Receiver(lane._shop, OrderQueue(lane.engine, lane.clock), lane.model, lane.clock)
    assert receiver.window(start, now)[site] == 1
    assert documents(lane) == pruned


def test_an_order_that_is_read_again_is_pruned_again(lane: OrderLane) -> None:
    key = lane.order()
    lane.run()
    pass_days(lane, 31)
    prune(lane.engine, POLICY, lane.clock)
    with lane.engine.begin() as connection:  # as if it had never been posted
        connection.execute(update(orders).values(state="received", authorised_at=None))
    lane.run()
    assert personal(decimal_json.loads(documents(lane)[key]))
    pass_days(lane, 31)
    assert prune(lane.engine, POLICY, lane.clock).documents == 1
    assert not personal(decimal_json.loads(documents(lane)[key]))


def test_a_document_that_is_no_json_goes_whole_and_stops_no_other(lane: OrderLane) -> None:
    broken, other = lane.order(), lane.order()
    lane.run()
    with lane.engine.begin() as connection:
        is_broken = orders.c.order_key == broken
        connection.execute(update(orders).where(is_broken).values(document="Ada Llewellyn"))
    pass_days(lane, 31)
    assert prune(lane.engine, POLICY, lane.clock).documents == 2
    assert documents(lane)[broken] == "{}"
    assert documents(lane)[other] != "{}"


class Bench:
    """Stands for the merchant and the store."""

    def __init__(self, lane: OrderLane, days: int | None) -> None:
        self.engine, self.clock = lane.engine, lane.clock
        privacy = PrivacyPolicy(keep_documents_days=days)
        self._model = lane.model.model_copy(update={"privacy": privacy})

    def model(self) -> Any:
        return self._model


def test_the_job_says_how_many_documents_it_pruned_and_which_is_the_oldest(
    lane: OrderLane,
) -> None:
    lane.order()
    lane.run()
    pass_days(lane, 31)
    kept = lane.order()
    lane.run()
    bench = Bench(lane, 30)
    result = prune_documents.execute_in_process(resources={"merchant": bench, "store": bench})
    [observed] = result.asset_observations_for_node("prune_old_documents")
    shown = {name: value.value for name, value in observed.metadata.items()}
    assert shown["documents pruned"] == 1
    assert shown["days that documents are kept"] == 30
    with lane.engine.connect() as connection:
        created = connection.scalar(select(orders.c.created_at).where(orders.c.order_key == kept))
    assert created is not None
    assert shown["oldest order with a whole document"] == created.isoformat()


@pytest.mark.usefixtures("armed")
def test_the_nightly_run_is_left_out_where_documents_are_kept(lane: OrderLane) -> None:
    context = dg.build_schedule_context()
    kept, pruned = Bench(lane, None), Bench(lane, 30)
    assert isinstance(prune_documents_nightly(context, merchant=kept), dg.SkipReason)
    assert isinstance(prune_documents_nightly(context, merchant=pruned), dg.RunRequest)
