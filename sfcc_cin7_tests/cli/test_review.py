"""`sfcc-cin7 review ...` does at a command what the desk's jobs do in the Launchpad."""

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, insert, select

from sfcc_cin7.cli.main import main
from sfcc_cin7.db.schema import order_events, orders, review_items
from sfcc_cin7.inbox.inbox import Finding, open_items
from sfcc_cin7_tests.project import SANDBOX_MODEL

MORNING = datetime(2026, 3, 1, 9, tzinfo=UTC)
KIM = ("--by", "kim")


def key(number: int) -> str:
    return f"alpenglow:alpenglow-uk:{number:08d}"


def order(engine: Engine, number: int, state: str, code: str | None = None) -> None:
    with engine.begin() as connection:
        connection.execute(
            insert(orders).values(
                order_key=key(number),
                site="alpenglow-uk",
                order_no=f"{number:08d}",
                currency="GBP",
                order_total=number * 10,
                created_at=MORNING,
                modified_at=MORNING,
                shop_status="new",
                document="{}",
                document_hash="",
                received_at=MORNING,
                state=state,
                next_attempt_at=MORNING,
            )
        )
        if code:
            finding = Finding(key(number), code, "It waits.", "team:order-desk")
            open_items(connection, [finding], MORNING)


@pytest.fixture
def three_orders(engine: Engine) -> Engine:
    order(engine, 1, "in_review", "sku-unknown")
    order(engine, 2, "in_review", "tax-rule-unknown")
    order(engine, 3, "acknowledged")
    return engine


def review(engine: Engine, *arguments: str) -> Result:
    environment = {
        "SFCC_CIN7_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "SFCC_CIN7_OPERATING_MODEL": str(SANDBOX_MODEL),
    }
    return CliRunner().invoke(main, ["review", *arguments], env=environment)


def states(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(select(orders.c.state).order_by(orders.c.order_key)))


def test_the_list_has_the_most_money_first_and_its_sum(three_orders: Engine) -> None:
    lines = review(three_orders, "list").output.splitlines()

    assert lines[1].startswith("  00000002 (Alpenglow UK)  20.00 GBP for ")
    assert [line.split()[-1] for line in lines[1:4:2]] == [f"[{key(2)}]", f"[{key(1)}]"]
    assert lines[0].startswith("Tax rule unknown (tax-rule-unknown), team:order-desk: mend")
    assert lines[4].startswith("2 things need a person, 30.00 GBP at risk")


def test_one_order_is_shown_with_what_was_done_about_it(three_orders: Engine) -> None:
    review(three_orders, "retry", key(2), *KIM, "--because", "the rule is there")
    shown = review(three_orders, "show", key(2)).output

    assert "sfcc_cin7/runbooks/review-codes.md#tax-rule-unknown" in shown
    assert "retried  by: kim, because: the rule is there" in shown
    assert review(three_orders, "show", "00000002 (Alpenglow UK)").output == shown
    assert "Nothing is known of x" in review(three_orders, "show", "x").output


def test_an_order_is_retried_by_its_key(three_orders: Engine) -> None:
    result = review(three_orders, "retry", key(2), *KIM)

    assert result.output.splitlines() == [f"{key(2)} goes back to be posted."]
    assert states(three_orders) == ["in_review", "received", "acknowledged"]
    with three_orders.connect() as connection:
        assert connection.scalars(select(order_events.c.kind)).all() == ["retried"]


def test_an_order_is_retried_by_the_number_that_the_inbox_shows(three_orders: Engine) -> None:
    for number in ("00000002", "00000002 (Alpenglow UK)"):
        result = review(three_orders, "retry", number, *KIM)
        assert key(2) in result.output
    assert states(three_orders)[1] == "received"
    with three_orders.begin() as connection:
        twin = {"order_key": "alpenglow:alpenglow-us:00000002", "site": "alpenglow-us"}
        row = connection.execute(select(orders).where(orders.c.order_key == key(2))).one()
        connection.execute(insert(orders).values({**row._asdict(), **twin}))
    said = review(three_orders, "retry", "00000002", *KIM).output
    assert f"Several sites have 00000002: name {key(2)} or {twin['order_key']}." in said


def test_all_orders_that_wait_for_one_reason_are_retried(three_orders: Engine) -> None:
    review(three_orders, "retry", "--code", "sku-unknown", *KIM)

    assert states(three_orders) == ["received", "in_review", "acknowledged"]


def test_an_order_that_was_posted_is_left_alone(three_orders: Engine) -> None:
    result = review(three_orders, "retry", key(3), *KIM)

    assert f"There is no order in review {key(3)}" in result.output
    assert states(three_orders)[2] == "acknowledged"


def test_an_item_is_waived_until_a_day(three_orders: Engine) -> None:
    result = review(three_orders, "waive", key(1), "--days", "3", *KIM, "--because", "on Monday")

    assert f"{key(1)} is waived until" in result.output
    last = review(three_orders, "list").output.splitlines()[-1]
    assert last.startswith("1 thing needs a person, 20.00 GBP at risk")
    with three_orders.connect() as connection:
        [words] = connection.scalars(
            select(review_items.c.closed_because).where(review_items.c.subject == key(1))
        )
    assert words.startswith("waived by kim until")
    assert words.endswith("on Monday")


def test_a_person_is_told_the_ways_out_of_what_an_order_waits_for(three_orders: Engine) -> None:
    shown = review(three_orders, "show", key(1)).output

    assert f"at the desk: sfcc-cin7 review correct {key(1)} --sku SHOP=ERP" in shown
    assert f"not at all: sfcc-cin7 review decline {key(1)}" in shown


def test_an_order_is_declined_and_comes_back_when_it_is_named(three_orders: Engine) -> None:
    because = ("--because", "booked by hand")
    assert review(three_orders, "decline", key(1), *KIM, *because).output.splitlines() == [
        f"{key(1)} is declined: it is not posted."
    ]
    assert states(three_orders) == ["declined", "in_review", "acknowledged"]

    review(three_orders, "retry", key(1), *KIM)
    assert states(three_orders)[0] == "received"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("retry", *KIM), "Name an order"),
        (("decline", *KIM, "--because", "x"), "Name an order"),
        (("decline", key(3), *KIM, "--because", "x"), "nothing was changed"),
        (("preview", key(1)), "cannot be read"),
        (("preview", key(3)), "only what is in review"),
        (("correct", *KIM, "--because", "x", "--sku", "A=B"), "Name either one order"),
        (("correct", "--code", "no-code", *KIM, "--because", "x", "--sku", "A=B"), "Nothing was"),
        (("retry", key(1)), "Missing option '--by'"),
        (("retry", key(1), "--by", " "), "Say who you are"),
        (("waive", key(1), "--days", "1", *KIM), "Missing option '--because'"),
        (("waive", key(1), *KIM, "--because", "x"), "Say when the waiver ends"),
        (("waive", key(1), "--days", "400", *KIM, "--because", "x"), "days: "),
        (("release", key(3), *KIM, "--because", "x"), "nothing holds it"),
        (("release", key(1), *KIM, "--because", "x"), "mend that and retry it"),
        (("correct", key(1), *KIM, "--because", "x", "--sku", "A"), "with =."),
        (("correct", key(1), *KIM, "--because", "x", "--sku", "A=B"), "cannot be read"),
    ],
)
def test_a_mistake_is_told_in_a_sentence_and_changes_nothing(
    three_orders: Engine, arguments: tuple[str, ...], sentence: str
) -> None:
    result = review(three_orders, *arguments)

    assert result.exit_code != 0
    assert sentence in result.output
    assert states(three_orders) == ["in_review", "in_review", "acknowledged"]
    with three_orders.connect() as connection:
        assert connection.execute(select(order_events)).all() == []
