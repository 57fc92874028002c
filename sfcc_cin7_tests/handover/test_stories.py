"""What happened to an order, a SKU or a payout is told from end to end."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from sfcc_cin7.cli.main import main
from sfcc_cin7.db import schema
from sfcc_cin7.handover import explain
from sfcc_cin7.handover.stories.facts import (
    Item,
    Level,
    Movement,
    Order,
    OrderFacts,
    PayoutFacts,
    Shipment,
    SkuFacts,
    Told,
    Transfer,
)
from sfcc_cin7.handover.stories.orders import order_story
from sfcc_cin7.handover.stories.payouts import payout_story
from sfcc_cin7.handover.stories.skus import sku_story
from sfcc_cin7.inbox.action import ActionRefused
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7.values.wording import Wording
from sfcc_cin7_tests.ledger.merchant_house import House, house

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WORDS = Wording()
KEY = "alpenglow:alpenglow-uk:00000001"


def order(**more: object) -> Order:
    """Placed at noon, booked four seconds later."""
    given = {
        "key": KEY,
        "currency": "GBP",
        "total": Decimal("59.90"),
        "created_at": NOON,
        "received_at": NOON,
        "due_at": NOON,
        "next_attempt_at": NOON,
        "promise_at": None,
        "shop_status": "new",
        "state": "acknowledged",
        "attempts": 1,
        "sale_number": "SO-00001",
        "sale_total": Decimal("59.90"),
        "authorised_at": NOON + timedelta(seconds=4),
        "exported_at": NOON,
        "problem": None,
        "batch_key": None,
        "pruned_at": None,
    }
    return Order(**{**given, **more})  # type: ignore[arg-type]


def waiting(code: str, sentence: str, **more: object) -> Item:
    given = {"code": code, "sentence": sentence, "owner": "team:x", "opened_at": NOON}
    return Item(**{**given, **more})  # type: ignore[arg-type]


def test_an_order_that_went_well_says_so_in_its_first_sentence() -> None:
    told = Shipment(
        picking="PICKED", stage=2, state="told", shipped_at=NOON, told_at=NOON, problem=None
    )
    facts = OrderFacts(order=order(), shipment=told, legs_agree=True)
    assert order_story(facts, NOON, WORDS).verdict == (
        "Placed 2026-03-02 12:00:00 UTC for 59.90 GBP; in the ERP as SO-00001 4 s after it could"
        " be. All of it has left (the storefront knows), the books agree, nothing is open."
    )


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("received", "to be booked next"),
        ("posting", "being booked right now"),
        ("in_review", "not booked: it waits for a person"),
        ("cancelled", "cancelled in the storefront"),
        ("declined", "declined by a person"),
    ],
)
def test_every_state_of_an_order_has_words(state: str, sentence: str) -> None:
    assert sentence in order_story(OrderFacts(order=order(state=state)), NOON, WORDS).verdict


def test_an_order_that_is_held_or_tried_again_says_until_when() -> None:
    later = NOON + timedelta(minutes=5)
    held = order_story(OrderFacts(order=order(state="received", due_at=later)), NOON, WORDS)
    assert "held until 2026-03-02 12:05:00 UTC" in held.verdict
    failed = order(state="received", next_attempt_at=later, problem="cin7 timed out")
    again = order_story(OrderFacts(order=failed), NOON, WORDS)
    assert "tried again 2026-03-02 12:05:00 UTC: cin7 timed out" in again.verdict


def test_what_waits_stands_first_with_its_owner_and_its_page() -> None:
    found = [
        waiting("sku-unknown", "The ERP has no TENT-2."),
        waiting("tax-rule-unknown", "No rule.", closed_at=NOON, because="mended"),
    ]
    story = order_story(OrderFacts(order=order(state="in_review"), items=found), NOON, WORDS)
    assert story.verdict.endswith("It needs a person: SKU unknown.")
    assert story.chapters[0].lines[:3] == [
        "open for 0 min: SKU unknown (sku-unknown), team:x",
        "    The ERP has no TENT-2.",
        "    to do: mend the cause: it closes by itself;"
        " sfcc_cin7/runbooks/review-codes.md#sku-unknown",
    ]
    assert story.chapters[0].lines[3].startswith("over: Tax rule unknown")


def test_a_sku_is_told_with_its_shelves_and_what_waits_to_be_published() -> None:
    four = Decimal(4)
    level = Level(
        location="London DC",
        on_hand=four,
        allocated=Decimal(1),
        available=Decimal(3),
        on_order=four,
    )
    told = Told(
        list_id="inventory-uk",
        allocation=Decimal(2),
        published_at=NOON,
        reset_at=NOON,
        rule="keep 1",
        waiting_since=NOON - timedelta(seconds=30),
        wanted=None,
    )
    facts = SkuFacts(
        sku="TENT", is_known=True, in_shop=True, in_erp=True, levels=[level], told=[told]
    )
    text = sku_story(facts, NOON, WORDS).text()
    assert "The ERP has 3 available in all locations; the storefront was told 2 in 1 list." in text
    assert "London DC: 3 available (4 on hand, 1 allocated), 4 on order" in text
    assert "a rise waits to be published, for 30 s" in text
    assert "sfcc-cin7 stock explain inventory-uk TENT" in text


def test_a_payout_says_what_its_lines_lack_and_whether_the_bank_booked_it() -> None:
    line = Movement(
        gateway="stripe",
        line_key="ch_1",
        kind="charge",
        order_key=None,
        currency="GBP",
        gross=Decimal(50),
        settled_currency="GBP",
        fee=Decimal(1),
        net=Decimal(49),
        payout_id="po_1",
        occurred_at=NOON,
    )
    sent = Transfer(
        gateway="stripe",
        payout_id="po_1",
        currency="GBP",
        amount=Decimal(44),
        paid_at=NOON,
        report="may.csv",
        itemised=True,
    )
    facts = PayoutFacts(payout_id="po_1", transfers=[sent], movements=[line])
    assert payout_story(facts, NOON, WORDS).verdict == (
        "stripe sent 44.00 GBP, 5.00 GBP less than its lines. No bank statement that was read shows"
        " it. 1 line belongs to no order."
    )


@pytest.fixture
def books(engine: Engine, clock: ManualClock, tmp_path: Path) -> Iterator[House]:
    with house(engine, clock, tmp_path) as there:
        yield there


def test_one_order_its_sku_its_payout_and_its_break_are_told_from_the_store(
    books: House, engine: Engine, clock: ManualClock
) -> None:
    key = books.paid_through("stripe")
    clock.sleep(60)
    books.lane.run_until_quiet()
    books.settle()
    books.pass_()
    number = key.split(":")[-1]
    model = books.lane.model
    with engine.begin() as connection:
        story = explain(connection, number, model, clock.now())
        assert story.title.startswith(f"Order {number} (")
        titles = [each.title for each in story.chapters]
        assert {"In the storefront", "What happened", "In the ERP", "Units", "Money"} <= {*titles}
        assert "acknowledged" in story.text()
        assert explain(connection, f"order:{key}", model, clock.now()) == story
        money = next(each for each in story.chapters if each.title == "Money")
        payout = money.lines[-1].partition("in payout ")[2].split(",")[0]
        paid = explain(connection, payout, model, clock.now())
        assert number in paid.text()
        assert "as its lines state" in paid.verdict
        sku = (
            next(each for each in story.chapters if each.title == "Units").lines[0].split(" of ")[1]
        )
        connection.execute(
            insert(schema.sku_map).values(
                sku=sku, in_shop=True, in_erp=True, seen_at=clock.now(), is_assembled=False
            )
        )
        assert "known to the ERP" in explain(connection, sku, model, clock.now()).verdict
        row = {"order_key": key, "class": "amount", "day": "2026-03-01", "owner": "team:finance"}
        given = {**row, "sentence": "They differ.", "opened_at": clock.now(), "leg": "erp"}
        broken = connection.scalar(
            insert(schema.breaks).values(given).returning(schema.breaks.c.id)
        )
        told = explain(connection, f"break:{broken}", model, clock.now())
        assert f"break {broken}: Another total in the ERP (books-amount)" in told.text()
        for unknown in ("nothing-of-the-kind", "break:99999999999999999999", "break:x", ""):
            with pytest.raises(ActionRefused):
                explain(connection, unknown, model, clock.now())


def test_a_number_that_several_things_have_is_refused_with_their_names(
    engine: Engine, clock: ManualClock, books: House
) -> None:
    number = books.place("alpenglow-uk").split(":")[-1]
    with engine.begin() as connection:
        clock.sleep(60)
        books.lane.run_until_quiet()
        connection.execute(
            insert(schema.sku_map).values(
                sku=number, in_shop=True, in_erp=True, seen_at=clock.now(), is_assembled=False
            )
        )
        with pytest.raises(ActionRefused, match=f"or sku:{number}"):
            explain(connection, number, books.lane.model, clock.now())
        sku = explain(connection, f"sku:{number}", books.lane.model, clock.now())
    assert sku.title == f"SKU {number}"
    assert "explain" in main.list_commands(None)  # type: ignore[arg-type]
