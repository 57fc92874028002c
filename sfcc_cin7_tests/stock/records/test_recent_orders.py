"""Orders that something happened to lately, and those on their way, among all that ever were."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, insert, text

from sfcc_cin7.db import daily
from sfcc_cin7.db.cursors import move_cursor
from sfcc_cin7.db.schema import order_units, orders
from sfcc_cin7.stock.records import hints, listed_skus

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LONG_AGO, LATELY = NOW - timedelta(days=30), NOW - timedelta(minutes=1)
SITE, SKU = "alpenglow-us", "MERINO-HOODIE-M"
A_DAY_AGO = NOW - timedelta(days=1)
OLD: dict[str, Any] = {
    **dict.fromkeys(("created_at", "received_at", "modified_at"), LONG_AGO),
    **dict.fromkeys(("authorised_at", "exported_at"), LONG_AGO),
    "shop_status": "new",
}


def keep(connection: Connection, what: Mapping[str, Any]) -> None:
    order = {
        "order_key": "alpenglow:alpenglow-us:1",
        "order_no": "1",
        "site": SITE,
        "currency": "USD",
        "order_total": Decimal(100),
        "document": "{}",
        "document_hash": "",
        "next_attempt_at": LONG_AGO,
    }
    connection.execute(insert(orders).values({**order, **OLD, **what}))
    units = {"order_key": order["order_key"], "sku": SKU, "units": 1, "booked": 1}
    connection.execute(insert(order_units).values(units))


def asked_for(connection: Connection, site: str = SITE) -> list[set[str]]:
    """The SKUs that each of the three questions finds."""
    return [
        listed_skus.skus_ordered_since(connection, [site], A_DAY_AGO),
        set(listed_skus.orders_by_sku(connection, [site], A_DAY_AGO)),
        set(
            listed_skus.orders_by_sku_since(connection, [site], {SKU: A_DAY_AGO, "OTHER": LONG_AGO})
        ),
    ]


@pytest.mark.parametrize(
    "what",
    [
        *[
            {name: LATELY}
            for name in ("created_at", "received_at", "modified_at", "authorised_at", "exported_at")
        ],
        {"exported_at": None},
        {"shop_status": "cancelled", "modified_at": LATELY},
        {"shop_status": "cancelled", "exported_at": None, "received_at": LATELY},
    ],
    ids=str,
)
def test_whatever_happened_to_an_order_lately_its_goods_are_decided_on(engine: Engine, what):
    with engine.begin() as connection:
        keep(connection, what)
        assert asked_for(connection) == [{SKU}] * 3
        assert asked_for(connection, "alpenglow-uk") == [set()] * 3


@pytest.mark.parametrize(
    "what", [{}, {"shop_status": "cancelled", "exported_at": None}], ids=["old", "cancelled"]
)
def test_an_order_that_is_over_for_long_is_not_read_again(engine: Engine, what):
    with engine.begin() as connection:
        keep(connection, what)
        assert asked_for(connection) == [set()] * 3


MANY = """
insert into sfcc_cin7.orders (order_key, site, order_no, currency, order_total, created_at,
    modified_at, received_at, next_attempt_at, authorised_at, exported_at, shop_status,
    document, document_hash)
select n, :site, n, 'USD', 100, at, at, at, at, at, at, 'new', '{}', ''
from generate_series(1, 20000) n, lateral (select :now - n * interval '10 minutes' as at) as placed;
insert into sfcc_cin7.order_units
select n, 'SKU-' || n % 20, 1, 1 from generate_series(1, 20000) n;
analyze sfcc_cin7.orders, sfcc_cin7.order_units;
"""
"""Orders of four months, one every ten minutes."""

SKUS = [f"SKU-{number}" for number in range(20)]


def hinted(connection: Connection) -> None:
    move_cursor(connection, hints.TOUCHED_UNTIL, LATELY.isoformat())
    hints.hint_posted_orders(connection, NOW, timedelta(seconds=20))


@pytest.mark.parametrize(
    "ask",
    [
        lambda connection: listed_skus.skus_ordered_since(connection, [SITE], A_DAY_AGO),
        lambda connection: listed_skus.orders_by_sku(connection, [SITE], A_DAY_AGO),
        lambda connection: listed_skus.orders_by_sku(connection, [SITE], A_DAY_AGO, SKUS),
        lambda connection: listed_skus.orders_by_sku_since(
            connection, [SITE], dict.fromkeys(SKUS, A_DAY_AGO)
        ),
        hinted,
        lambda connection: daily.orders_by_hour(connection, A_DAY_AGO),
        lambda connection: daily.turnover(connection, A_DAY_AGO),
        lambda connection: daily.latency(connection, A_DAY_AGO),
    ],
    ids=["touched", "all", "some", "each", "hints", "by hour", "turnover", "latency"],
)
def test_what_happened_lately_is_found_without_reading_every_order(
    engine: Engine, ask: Callable[[Connection], object]
):
    asked: list[tuple[str, Any]] = []
    with engine.connect() as connection:
        connection.execute(text(MANY), {"site": SITE, "now": NOW})

        @event.listens_for(connection, "before_cursor_execute")
        def note(connection, cursor, statement, parameters, context, executemany):
            if "sfcc_cin7.orders" in statement and not statement.startswith("explain"):
                asked.append((statement, parameters))

        ask(connection)
        ((statement, parameters),) = asked
        plan = connection.exec_driver_sql(f"explain {statement}", parameters).scalars().all()
    shown = "\n".join(plan)
    assert "ix_orders_touched" in shown
    assert "Seq Scan on order" not in shown, shown
