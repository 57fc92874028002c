"""`sfcc-cin7 retry` makes orders due again whose cause was mended, and no others."""

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, insert, select

from sfcc_cin7.cli import main
from sfcc_cin7.review.inbox import Finding, open_items
from sfcc_cin7.store.schema import order_events, orders

MORNING = datetime(2026, 3, 1, 9, tzinfo=UTC)


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
                order_total=10,
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


def retry(engine: Engine, *arguments: str) -> Result:
    url = engine.url.render_as_string(hide_password=False)
    environment = {"SFCC_CIN7_DATABASE_URL": url}
    return CliRunner().invoke(main, ["retry", *arguments], env=environment)


def states(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(select(orders.c.state).order_by(orders.c.order_key)))


def test_an_order_by_its_key(three_orders: Engine) -> None:
    result = retry(three_orders, key(2))

    assert result.output.splitlines() == [key(2), "1 orders go back to be posted."]
    assert states(three_orders) == ["in_review", "received", "acknowledged"]
    with three_orders.connect() as connection:
        assert connection.scalars(select(order_events.c.kind)).all() == ["retried"]


def test_all_orders_that_wait_for_one_reason(three_orders: Engine) -> None:
    retry(three_orders, "--code", "sku-unknown")

    assert states(three_orders) == ["received", "in_review", "acknowledged"]


def test_an_order_that_was_posted_is_left_alone(three_orders: Engine) -> None:
    result = retry(three_orders, key(3))

    assert "0 orders" in result.output
    assert states(three_orders)[2] == "acknowledged"


def test_nothing_named_is_a_mistake(three_orders: Engine) -> None:
    assert "Name an order" in retry(three_orders).output
