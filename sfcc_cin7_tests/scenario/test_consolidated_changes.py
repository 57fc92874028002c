"""What shoppers, agents and the ERP's people change about orders that share a sale."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import OperationalError

from sfcc_cin7.db.schema import order_batches, review_items
from sfcc_cin7.orders.records.batches import BatchQueue
from sfcc_cin7.review.retry import retry
from sfcc_cin7.systems.http.errors import OutOfBudget, Refused
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.scenario.consolidating_lane import (
    US,
    ConsolidatingLane,
    consolidating_day,
    crash_after,
)


@pytest.fixture
def day(engine: Engine, clock: ManualClock) -> Iterator[ConsolidatingLane]:
    with consolidating_day(engine, clock) as day:
        yield day


def test_an_order_cancelled_while_it_waits_is_left_out(day: ConsolidatingLane) -> None:
    gone, *others = day.window_of(5)
    day.cancel(gone)
    day.lane.run_until_quiet()
    assert day.rows()[gone].state == "cancelled"
    assert day.rows()[gone].batch_key is None
    day.assert_each_order_stands_once(others)


def test_an_order_cancelled_between_header_and_lines_dissolves_the_batch(
    day: ConsolidatingLane,
) -> None:
    keys = day.window_of(4)
    crash_after(day, "create_sale")
    changed = next(key for key, row in day.rows().items() if row.batch_key)
    day.cancel(changed)
    day.clock.sleep(day.lane.model.posting.lease_seconds + 1)
    day.lane.run_until_quiet()
    assert "dissolved" in {batch.state for batch in day.batches()}
    assert day.rows()[changed].state == "cancelled"
    day.assert_each_order_stands_once([key for key in keys if key != changed])


def test_an_order_edited_between_header_and_lines_dissolves_the_batch(
    day: ConsolidatingLane,
) -> None:
    keys = day.window_of(4)
    crash_after(day, "create_sale")
    changed = next(key for key, row in day.rows().items() if row.batch_key)
    address = day.document(changed)["billingAddress"]
    day.edit(changed, billingAddress=address | {"address2": "Flat 2"})
    day.clock.sleep(day.lane.model.posting.lease_seconds + 1)
    day.lane.run_until_quiet()
    assert "dissolved" in {batch.state for batch in day.batches()}
    assert day.rows()[changed].batch_key is None
    day.assert_each_order_stands_once(keys)


def test_an_order_cancelled_after_the_lines_were_authorised_waits_for_a_person(
    day: ConsolidatingLane,
) -> None:
    keys = day.window_of(4)
    crash_after(day, "save_order")
    changed = next(key for key, row in day.rows().items() if row.batch_key)
    day.cancel(changed)
    day.clock.sleep(day.lane.model.posting.lease_seconds + 1)
    day.lane.run_until_quiet()
    rows = day.rows()
    assert rows[changed].state == "in_review"
    assert {rows[key].state for key in keys if key != changed} == {"acknowledged"}


def consolidated(day: ConsolidatingLane, count: int = 5) -> tuple[str, list[str], dict[str, Any]]:
    """An order of a consolidated sale, the others of that sale, and the sale."""
    day.window_of(count)
    day.lane.run_until_quiet()
    rows = day.rows()
    [batch, *_] = sorted(
        (batch for batch in day.batches() if batch.state == "acknowledged"),
        key=lambda batch: -sum(row.batch_key == batch.batch_key for row in rows.values()),
    )
    one, *others = [key for key, row in rows.items() if row.batch_key == batch.batch_key]
    [sale] = day.lane.sales(batch.batch_key)
    return one, others, sale


def test_an_order_cancelled_after_posting_says_what_to_take_out_and_voids_nothing(
    day: ConsolidatingLane,
) -> None:
    key, others, sale = consolidated(day)
    day.cancel(key)
    day.clock.sleep(20)
    day.lane.run_until_quiet()

    assert day.lane.review_codes(key) == {"cancelled-in-consolidated-sale"}
    assert day.lane.sales(sale["ExternalID"]) == [sale]
    assert {day.rows()[other].state for other in others} == {"acknowledged"}
    sentence = review_sentence(day, key)
    assert sale["SaleOrderNumber"] in sentence
    for item in day.document(key)["productItems"]:
        assert f"{item['quantity'].normalize():f} x {item['productId']}" in sentence


def test_an_order_taken_out_of_the_sale_by_hand_is_done_with_after_a_retry(
    day: ConsolidatingLane,
) -> None:
    key, others, sale = consolidated(day)
    day.cancel(key)
    day.clock.sleep(20)
    day.lane.run_until_quiet()
    retry(day.lane.engine, day.clock.now(), [key], by="Kim")
    day.lane.run_until_quiet()
    assert day.lane.review_codes(key) == {"cancelled-in-consolidated-sale"}

    take_out_by_hand(day, key, others, sale)
    retry(day.lane.engine, day.clock.now(), [key], by="Kim")
    day.lane.run_until_quiet()
    assert day.lane.review_codes(key) == set()
    assert (day.rows()[key].state, day.rows()[key].batch_key) == ("cancelled", None)


def test_two_orders_of_a_sale_are_never_judged_at_the_same_moment(
    day: ConsolidatingLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two that are alike one was taken out: both would seem to be gone, and be posted alone."""
    key, others, sale = consolidated(day)
    day.cancel(key)
    day.lane.run_until_quiet()
    take_out_by_hand(day, key, others, sale)
    refused = []
    orders_of = BatchQueue.orders_of

    def meanwhile(queue: BatchQueue, batch_key: str) -> list[Any]:
        one = select(order_batches).where(order_batches.c.batch_key == batch_key)
        with queue.engine.connect() as other:
            try:
                other.execute(one.with_for_update(nowait=True))
            except OperationalError:  # somebody else holds it
                refused.append(batch_key)
        return orders_of(queue, batch_key)

    monkeypatch.setattr(BatchQueue, "orders_of", meanwhile)
    retry(day.lane.engine, day.clock.now(), [key], by="Kim")
    day.lane.run_until_quiet()
    assert day.rows()[key].state == "cancelled"
    assert refused


@pytest.mark.parametrize("gone", [2, 3])
def test_orders_taken_out_of_the_sale_together_are_done_with_while_another_one_is_to_follow(
    day: ConsolidatingLane, gone: int
) -> None:
    one, others, sale = consolidated(day, 7)
    cancelled = [one, *others[: gone - 1]]
    for key in cancelled:
        day.cancel(key)
        day.clock.sleep(20)
    day.lane.run_until_quiet()
    out, still_in = cancelled[:2], cancelled[2:]

    take_out_by_hand(day, one, still_in + others[gone - 1 :], sale)
    retry(day.lane.engine, day.clock.now(), cancelled, by="Kim")
    day.lane.run_until_quiet()
    assert {day.rows()[key].state for key in out} == {"cancelled"}
    assert {code for key in out for code in day.lane.review_codes(key)} == set()
    assert {day.rows()[key].state for key in still_in} <= {"in_review"}


def test_an_edited_order_that_was_taken_out_by_hand_is_posted_alone_as_it_is_now(
    day: ConsolidatingLane,
) -> None:
    key, others, sale = consolidated(day)
    addresses = day.document(key)["billingAddress"]
    day.edit(key, billingAddress=addresses | {"address2": "Flat 2"})
    day.lane.run_until_quiet()
    assert day.lane.review_codes(key) == {"changed-in-consolidated-sale"}

    take_out_by_hand(day, key, others, sale)
    retry(day.lane.engine, day.clock.now(), [key], by="Kim")
    day.lane.run_until_quiet()
    assert (day.rows()[key].state, day.rows()[key].batch_key) == ("acknowledged", None)
    [alone] = day.lane.sales(key)
    assert alone["Total"] == day.document(key)["orderTotal"]


def test_an_edited_order_that_was_taken_out_by_hand_is_posted_alone_at_a_later_attempt_too(
    day: ConsolidatingLane,
) -> None:
    key, others, sale = consolidated(day)
    addresses = day.document(key)["billingAddress"]
    day.edit(key, billingAddress=addresses | {"address2": "Flat 2"})
    day.lane.run_until_quiet()
    take_out_by_hand(day, key, others, sale)
    erp: Any = day.lane._erp
    create = erp.create_sale

    def no_room(*args: Any, **kwargs: Any) -> Any:
        erp.create_sale = create
        raise OutOfBudget("cin7", "POST /sale", None, "no room")

    erp.create_sale = no_room
    retry(day.lane.engine, day.clock.now(), [key], by="Kim")
    day.lane.run()
    assert day.rows()[key].throttled == 1
    day.lane.run_until_quiet()

    assert day.lane.review_codes(key) == set()
    [alone] = day.lane.sales(key)
    assert alone["Total"] == day.document(key)["orderTotal"]


def take_out_by_hand(
    day: ConsolidatingLane, key: str, others: list[str], sale: dict[str, Any]
) -> None:
    """Somebody puts the sale back to draft in Cin7 and enters what is left of it."""
    shares = BatchQueue(day.lane.engine, day.clock).shares(sale["ExternalID"])
    left = [share for share in shares if share.order_key in others]

    class CorrectedSale:
        def __getattr__(self, name: str) -> Any:
            return getattr(day_erp, name)

        def sale(self, sale_id: str) -> Any:
            shown = day_erp.sale(sale_id)
            order = shown.order
            assert order is not None
            units: dict[str, Decimal] = {}
            for share in left:
                if share.kind == "line":
                    units[share.name] = units.get(share.name, Decimal(0)) + share.quantity
            lines = tuple(
                line.model_copy(update={"quantity": units[line.sku]})
                for line in order.lines
                if line.sku in units
            )
            entries = [share for share in left if share.kind != "payment"]
            tax = sum((share.tax for share in entries), Decimal(0))
            total = sum((share.amount for share in entries), tax)
            corrected = order.model_copy(update={"lines": lines, "tax": tax, "total": total})
            return shown.model_copy(update={"order": corrected})

    day_erp = day.lane._erp
    day.lane._erp = CorrectedSale()  # type: ignore[assignment]


def review_sentence(day: ConsolidatingLane, key: str) -> str:
    with day.lane.engine.connect() as connection:
        return str(
            connection.scalar(
                select(review_items.c.sentence).where(
                    review_items.c.subject == key, review_items.c.closed_at.is_(None)
                )
            )
        )


def test_an_order_edited_after_posting_waits_for_a_person_until_it_is_as_it_was(
    day: ConsolidatingLane,
) -> None:
    key, _, sale = consolidated(day)
    document = day.document(key)
    items = [dict(item) for item in document["productItems"]]
    items[0]["quantity"] = items[0]["quantity"] + 1
    day.edit(key, productItems=items)
    day.lane.run_until_quiet()
    assert day.lane.review_codes(key) == {"changed-in-consolidated-sale"}

    day.edit(key, productItems=document["productItems"])
    day.lane.run_until_quiet()
    assert day.lane.review_codes(key) == set()
    assert day.rows()[key].state == "acknowledged"
    assert day.lane.sales(sale["ExternalID"]) == [sale]


def stopped_after_authorisation(day: ConsolidatingLane) -> tuple[list[str], Any]:
    """Orders whose sale somebody edited in the ERP before they were acknowledged, and the batch."""
    day.consolidate("alpenglow-uk")
    keys = day.window_of(3, site="alpenglow-uk")
    crash_after(day, "save_order")
    [sale] = day.standing()
    line = next(line for line in sale["Lines"] if line["Price"])
    cin7 = day.lane.sandbox.cin7
    cin7.edit_sale(sale["ID"], sku=line["SKU"], price=line["Price"] + 1)
    day.clock.sleep(day.lane.model.posting.lease_seconds + 1)
    with day.lane.engine.begin() as connection:  # its proof was recorded before the crash
        connection.execute(
            update(order_batches).values(sale_id=sale["ID"].lower(), authorised_at=day.clock.now())
        )
    day.lane.run()
    [batch] = day.batches()
    assert batch.state == "in_review"
    assert day.lane.review_codes(batch.batch_key) >= {"changed-after-posting"}
    cin7.edit_sale(sale["ID"], sku=line["SKU"], price=line["Price"])
    return keys, batch


def test_a_sale_edited_before_its_orders_were_acknowledged_waits_until_it_is_put_right(
    day: ConsolidatingLane,
) -> None:
    keys, batch = stopped_after_authorisation(day)
    assert {day.rows()[key].state for key in keys} == {"batched"}
    retry(day.lane.engine, day.clock.now(), [batch.batch_key], by="Kim")
    day.lane.run_until_quiet()
    assert day.lane.review_codes(batch.batch_key) == set()
    day.assert_each_order_stands_once(keys)
    assert {day.rows()[key].batch_key for key in keys} == {batch.batch_key}


def test_a_sale_in_review_that_somebody_voids_is_dissolved_by_a_retry(
    day: ConsolidatingLane,
) -> None:
    keys, batch = stopped_after_authorisation(day)
    day.lane._erp.void_sale(batch.sale_id)
    retry(day.lane.engine, day.clock.now(), [batch.batch_key], by="Kim")
    day.lane.run_until_quiet()
    day.assert_each_order_stands_once(keys)
    assert {day.rows()[key].batch_key for key in keys} == {None}


def test_a_payment_that_the_erp_refuses_leaves_no_consolidated_sale(
    day: ConsolidatingLane,
) -> None:
    wrong = dict.fromkeys(("CREDIT_CARD", "PayPal", "DW_APPLE_PAY", "GIFT_CERTIFICATE"), "9999")
    sites = [
        site.model_copy(update={"payment_accounts": wrong}) if site.id == US else site
        for site in day.lane.model.sites
    ]
    day.lane.model = day.lane.model.model_copy(update={"sites": sites})
    keys = day.window_of(3)
    day.lane.run_until_quiet()
    assert "dissolved" in {batch.state for batch in day.batches()}
    assert {code for key in keys for code in day.lane.review_codes(key)} == {"payment-refused"}
    assert {sale["ExternalID"] for sale in day.standing()} == set(keys)


def test_an_order_that_the_storefront_does_not_let_be_exported_is_the_only_one_to_wait(
    day: ConsolidatingLane,
) -> None:
    day.consolidate("alpenglow-uk")
    first, *others = day.window_of(3, site="alpenglow-uk")
    shop: Any = day.lane._shop
    tell = shop.set_export_status

    def refuse(site: str, number: str, status: str) -> None:
        if first.endswith(number):
            raise Refused("sfcc", "PUT /orders/export-status", 400, "no")
        tell(site, number, status)

    shop.set_export_status = refuse
    day.lane.run()
    assert day.rows()[first].state == "in_review"
    assert {day.rows()[key].state for key in others} == {"acknowledged"}

    shop.set_export_status = tell
    retry(day.lane.engine, day.clock.now(), [first], by="Kim")
    day.lane.run_until_quiet()
    day.assert_each_order_stands_once([first, *others])
    assert day.rows()[first].batch_key == day.rows()[others[0]].batch_key
