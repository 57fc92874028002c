"""What goes wrong with a sale of many orders means what it would mean for a sale of one."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from sfcc_cin7.db.schema import order_batches, order_events, review_items
from sfcc_cin7.merchant.operating_model import CurrencyRatesPolicy
from sfcc_cin7.orders.records.batches import BatchQueue
from sfcc_cin7.orders.records.circuit import Circuits
from sfcc_cin7.review.retry import retry
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.http.errors import Ambiguous, Refused, Throttled, Unavailable
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.scenario.consolidating_lane import (
    US,
    ConsolidatingLane,
    consolidating_day,
    crash_after,
)
from sfcc_cin7_tests.scenario.order_lane import Crash

UK = "alpenglow-uk"
BANK, UNKNOWN = "1200", "9999"
METHODS = ("CREDIT_CARD", "PayPal", "DW_APPLE_PAY", "GIFT_CERTIFICATE")
BY_CARD = dict.fromkeys(METHODS, BANK)
CERTIFICATES_REFUSED = {**BY_CARD, "GIFT_CERTIFICATE": UNKNOWN}


@pytest.fixture
def day(engine: Engine, clock: ManualClock) -> Iterator[ConsolidatingLane]:
    """A merchant who consolidates the orders of a site where any of them share a sale."""
    with consolidating_day(engine, clock) as day:
        day.consolidate(UK)
        yield day


def decide(day: ConsolidatingLane, site_id: str, **changes: Any) -> None:
    sites = [
        site.model_copy(update=changes) if site.id == site_id else site
        for site in day.lane.model.sites
    ]
    day.lane.model = day.lane.model.model_copy(update={"sites": sites})


def orders_of_two_accounts(day: ConsolidatingLane) -> list[str]:
    """Orders of one window: the first is paid by card, the others partly by gift certificates."""
    return [day.lane.order(UK), *day.window_of(2, "certificate-spent", UK)]


def waits(day: ConsolidatingLane, subject: str) -> dict[str, Any]:
    """The open items of an order or a sale, by code."""
    query = select(review_items).where(
        review_items.c.subject == subject, review_items.c.closed_at.is_(None)
    )
    with day.lane.engine.connect() as connection:
        return {row.code: row for row in connection.execute(query)}


def once(call: Callable[..., Any], error: Exception, *, after: bool = False) -> Callable[..., Any]:
    """The same call, whose first answer is lost or denied."""
    failed = False

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal failed
        if failed:
            return call(*args, **kwargs)
        failed = True
        if after:
            call(*args, **kwargs)
        raise error

    return wrapped


def a_process_dies(day: ConsolidatingLane) -> None:
    with pytest.raises(Crash):
        day.lane.run()
    day.clock.sleep(day.lane.model.posting.lease_seconds + 1)


def edited_in_the_erp(day: ConsolidatingLane) -> tuple[Any, list[str]]:
    """A batch whose sale somebody edited before its orders were acknowledged, and which SKUs."""
    day.window_of(3, "several-lines", UK)
    crash_after(day, "save_order")
    [sale] = day.standing()
    goods = [line for line in sale["Lines"] if line["Price"]][:2]
    for line in goods:
        day.lane.sandbox.cin7.edit_sale(sale["ID"], sku=line["SKU"], quantity=line["Quantity"] + 1)
    with day.lane.engine.begin() as connection:  # its proof was recorded before the crash
        connection.execute(
            order_batches.update().values(sale_id=sale["ID"].lower(), authorised_at=day.clock.now())
        )
    day.clock.sleep(day.lane.model.posting.lease_seconds + 1)
    day.lane.run()
    [batch] = day.batches()
    assert batch.state == "in_review"
    return batch, [line["SKU"] for line in goods]


# Whose it is, and what is told


def test_a_payment_that_the_erp_refuses_on_a_consolidated_sale_waits_for_finance(
    day: ConsolidatingLane,
) -> None:
    decide(day, UK, payment_accounts=CERTIFICATES_REFUSED)
    orders_of_two_accounts(day)
    day.lane.run()
    [batch] = day.batches()
    assert batch.state == "in_review"
    items = waits(day, batch.batch_key)
    assert {code: item.owner for code, item in items.items()} == {
        "payment-refused": day.lane.model.owners.finance
    }


def test_the_storefront_is_told_of_each_order_why_its_sale_waits(day: ConsolidatingLane) -> None:
    decide(day, UK, payment_accounts=CERTIFICATES_REFUSED)
    keys = orders_of_two_accounts(day)
    day.lane.run()
    shown = {key: day.document(key).get("externalOrderStatus") for key in keys}
    assert shown == dict.fromkeys(keys, "review: payment-refused")


def test_a_storefront_that_does_not_answer_is_not_asked_for_each_order_of_a_waiting_sale(
    day: ConsolidatingLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def nothing_comes(_shop: SfccClient, _site: str, number: str, _text: str) -> None:
        asked.append(number)
        raise Unavailable("sfcc", "PUT /orders/external-status", None, "nothing came")

    monkeypatch.setattr(SfccClient, "set_external_status", nothing_comes)
    decide(day, UK, payment_accounts=CERTIFICATES_REFUSED)
    orders_of_two_accounts(day)
    day.lane.run()
    assert [batch.state for batch in day.batches()] == ["in_review"]
    assert len(asked) == 1


def test_all_differences_of_one_kind_are_told(day: ConsolidatingLane) -> None:
    batch, goods = edited_in_the_erp(day)
    told = waits(day, batch.batch_key)["erp-quantity-mismatch"].sentence
    assert all(sku in told for sku in goods)


def test_a_sale_that_should_be_voided_and_cannot_be_still_says_why_it_should(
    day: ConsolidatingLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise Refused("cin7", "DELETE /sale", 400, "no")

    monkeypatch.setattr(Cin7Client, "void_sale", refuse)
    decide(day, UK, payment_accounts=dict.fromkeys(METHODS, UNKNOWN))
    day.window_of(2, site=UK)
    day.lane.run()
    [batch] = day.batches()
    assert set(waits(day, batch.batch_key)) == {"void-refused", "payment-refused"}


def test_what_the_erp_quotes_of_a_shopper_who_shares_a_sale_is_kept_nowhere(
    day: ConsolidatingLane, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    day.consolidate(UK, ships_from="erp", address=None)
    first, second = (day.lane.order(UK) for _ in range(2))
    [shipment] = day.document(first)["shipments"]
    alike = {name: shipment[name] for name in ("shippingAddress", "shippingMethod")}
    day.edit(second, shipments=[day.document(second)["shipments"][0] | alike])
    day.window_of(0)
    name = shipment["shippingAddress"]["lastName"]

    def quote(*_args: Any, **_kwargs: Any) -> None:
        raise Ambiguous("cin7", "POST /sale", 500, f"Contact {name} could not be saved")

    monkeypatch.setattr(Cin7Client, "create_sale", quote)
    day.lane.run()
    [batch] = day.batches()
    with day.lane.engine.connect() as connection:
        details = list(connection.scalars(select(order_events.c.detail)))
    assert "could not be saved" in batch.problem
    assert name not in f"{batch.problem} {details} {caplog.text}"


# What is tried again, and what not


def test_a_lock_that_the_storefront_lost_is_tried_again_for_each_order_of_a_sale(
    day: ConsolidatingLane,
) -> None:
    keys = day.window_of(3, site=UK)
    day.lane.sandbox.faults.rates = {"sfcc.lock_clash": 1.0}
    day.lane.run()
    assert set(day.lane.states().values()) == {"batched"}
    day.lane.sandbox.faults.rates = {}
    day.lane.run_until_quiet()
    day.assert_each_order_stands_once(keys)


def test_a_sale_with_a_payment_whose_answer_was_lost_is_not_voided_for_the_next_payment(
    day: ConsolidatingLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = Ambiguous("cin7", "POST /sale/payment", None, "nothing came")
    monkeypatch.setattr(Cin7Client, "add_payment", once(Cin7Client.add_payment, lost, after=True))
    decide(day, UK, payment_accounts=CERTIFICATES_REFUSED)
    orders_of_two_accounts(day)
    for _ in range(3):
        day.lane.run()
        day.clock.sleep(400)
    [batch] = day.batches()
    assert "voiding" not in day.lane.events(batch.batch_key)
    assert set(waits(day, batch.batch_key)) == {"payment-refused"}
    [sale] = day.standing()
    assert [each["Account"] for each in sale["Payments"]] == [BANK]


def test_the_payments_of_a_resumed_sale_keep_the_rate_of_its_day(
    day: ConsolidatingLane, tmp_path: Path
) -> None:
    rates = tmp_path / "rates.csv"
    rates.write_text("date,currency,rate\n2026-01-01,USD,0.7612\n")
    decide(day, US, currency_rates=CurrencyRatesPolicy(file=rates, max_age_days=3))
    day.window_of(4)
    crash_after(day, "save_order")
    day.clock.sleep(day.lane.model.posting.lease_seconds + 1)
    day.lane.run_until_quiet()
    batches = [batch for batch in day.batches() if batch.state == "acknowledged"]
    assert batches
    for batch in batches:
        booked = {str(each.currency_rate) for each in day.lane._erp.payments(batch.sale_id)}
        assert booked == {"0.7612"}


def test_a_file_of_rates_that_cannot_be_read_parts_no_orders_of_a_batch(
    day: ConsolidatingLane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Throttled("cin7", "POST /sale", 503, "too many calls")
    monkeypatch.setattr(Cin7Client, "create_sale", once(Cin7Client.create_sale, busy))
    rates = tmp_path / "rates.csv"
    rates.write_text("date,currency,rate\n2026-01-01,USD,0.7612\n")
    decide(day, US, currency_rates=CurrencyRatesPolicy(file=rates, max_age_days=3))
    keys = day.window_of(4)
    day.lane.run()
    formed = {key: row.batch_key for key, row in day.rows().items() if row.batch_key}
    assert formed
    written = rates.read_text()
    rates.write_text("nothing that anybody could read")
    day.clock.sleep(60)
    day.lane.run()
    rates.write_text(written)
    day.lane.run_until_quiet()
    day.assert_each_order_stands_once(keys)
    assert {key: day.rows()[key].batch_key for key in formed} == formed


def test_orders_wait_for_each_other_while_the_file_of_rates_cannot_be_read(
    day: ConsolidatingLane, tmp_path: Path
) -> None:
    rates = tmp_path / "rates.csv"
    decide(day, US, currency_rates=CurrencyRatesPolicy(file=rates, max_age_days=3))
    day.consolidate(UK)
    keys, others = day.window_of(4), day.window_of(2, site=UK)
    day.lane.run()
    day.lane.run()
    assert {day.rows()[key].state for key in keys} == {"received"}
    assert {day.rows()[key].state for key in others} == {"acknowledged"}
    rates.write_text("date,currency,rate\n2026-01-01,USD,0.7612\n")
    day.lane.run_until_quiet()
    day.assert_each_order_stands_once([*keys, *others])
    assert any(day.rows()[key].batch_key for key in keys)


def test_a_posted_sale_ends_a_row_of_failures(day: ConsolidatingLane) -> None:
    circuits = Circuits(day.lane.engine, day.clock)
    for system in ("cin7", "sfcc"):
        circuits.failed(system, "nothing came")
    keys = day.window_of(3, site=UK)
    day.lane.run()
    day.assert_each_order_stands_once(keys)
    assert [circuits.failed(system, "nothing came") for system in ("cin7", "sfcc")] == [1, 1]


def test_a_storefront_that_goes_down_before_the_orders_of_a_sale_are_told_is_known_to_be_down(
    day: ConsolidatingLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing_comes(*_args: Any, **_kwargs: Any) -> None:
        raise Unavailable("sfcc", "PUT /orders/status", 503, "nothing came")

    keys = day.window_of(5, site=UK)
    circuits = Circuits(day.lane.engine, day.clock)
    with monkeypatch.context() as patch:
        patch.setattr(SfccClient, "set_export_status", nothing_comes)
        patch.setattr(SfccClient, "is_up", nothing_comes)
        day.lane.run()
        assert circuits.is_open()
        assert [batch.unavailable for batch in day.batches()] == [1]
    day.lane.run_until_quiet()
    day.assert_each_order_stands_once(keys)
    assert not circuits.is_open()


# Nothing is left half done


def test_a_crash_while_a_sale_is_dissolved_leaves_nothing_to_look_at(
    day: ConsolidatingLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, _ = edited_in_the_erp(day)
    assert waits(day, batch.batch_key)
    day.lane._erp.void_sale(batch.sale_id)
    retry(day.lane.engine, day.clock.now(), [batch.batch_key], by="Kim")
    with monkeypatch.context() as patch:
        patch.setattr(BatchQueue, "dissolve", once(BatchQueue.dissolve, Crash(), after=True))  # type: ignore[arg-type]
        a_process_dies(day)
    day.lane.run_until_quiet()
    day.assert_each_order_stands_once(list(day.rows()))
    assert waits(day, batch.batch_key) == {}


def test_a_crash_while_one_order_goes_to_review_leaves_no_item_once_it_is_acknowledged(
    day: ConsolidatingLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = day.window_of(3, site=UK)
    tell, settle = SfccClient.set_export_status, BatchQueue.settle

    def refuse(shop: SfccClient, site: str, number: str, status: Any) -> None:
        if first.endswith(number):
            raise Refused("sfcc", "PUT /orders/export-status", 400, "no")
        tell(shop, site, number, status)

    def die(queue: BatchQueue, *args: Any, **kwargs: Any) -> None:
        if "in_review" in args:
            raise Crash
        settle(queue, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(SfccClient, "set_export_status", refuse)
        patch.setattr(BatchQueue, "settle", die)
        a_process_dies(day)
    day.lane.run_until_quiet()
    day.assert_each_order_stands_once([first, *others])
    assert waits(day, first) == {}
