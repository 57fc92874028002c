"""What posting has done since an instant, as the UI shows it."""

from datetime import datetime
from typing import Any

import dagster as dg
from sqlalchemy import Connection, Row, select

from sfcc_cin7.db.backlog import backlog, posted_count, state_counts, waiting_orders
from sfcc_cin7.db.schema import last_touched, orders
from sfcc_cin7.orders.posting.attempt import Outcome
from sfcc_cin7.orders.posting.draining import DrainResult
from sfcc_cin7.orders.waiting import waiting_table
from sfcc_cin7.runtime.tables import Cell, table
from sfcc_cin7.values.money import figure
from sfcc_cin7.values.states import OrderState
from sfcc_cin7.values.wording import Wording

LATEST = ("order", "paid", "ERP holds", "after")
SHOWN = 25


def posted_since(
    connection: Connection,
    now: datetime,
    since: datetime,
    done: DrainResult,
    words: Wording,
    until: datetime | None = None,
) -> dict[str, Any]:
    """Metadata of `cin7_sales`: what was posted since an instant (and before `until`) by whoever
    posts, how the attempts ended that this process made, and what waits."""
    posted = _posted(connection, since, until)
    waits = sorted((row.authorised_at - row.created_at).total_seconds() for row in posted)
    states = state_counts(connection)
    waiting = backlog(connection, now)
    metadata: dict[str, Any] = {
        "since": words.second(since),
        "posted since then": len(posted),
        "posted so far": posted_count(connection),
        "sent to review": done.outcomes[Outcome.IN_REVIEW],
        "postponed": done.outcomes[Outcome.POSTPONED],
        "consolidated sales": done.batches[Outcome.ACKNOWLEDGED],
        "orders in consolidated sales": sum(row.batch_key is not None for row in posted),
        "backlog": waiting.waiting,
        "backlog, oldest (seconds)": _age(waiting.oldest, now),
        "waiting longest": waiting_table(waiting_orders(connection, now), now, words),
        "waiting in review": states.get(OrderState.IN_REVIEW, 0),
        "latest sales": table(LATEST, (_sale(row, words) for row in posted[:SHOWN]))
        if posted
        else dg.MetadataValue.text("none"),
    }
    if waits:
        metadata["seconds from order to sale (median)"] = round(waits[len(waits) // 2], 2)
        metadata["seconds from order to sale (longest)"] = round(waits[-1], 2)
    return metadata


def _age(since: datetime | None, now: datetime) -> float:
    return round((now - since).total_seconds(), 1) if since else 0.0


def _posted(connection: Connection, since: datetime, until: datetime | None) -> list[Row[Any]]:
    query = (
        select(
            orders.c.order_key,
            orders.c.batch_key,
            orders.c.currency,
            orders.c.order_total,
            orders.c.created_at,
            orders.c.authorised_at,
            orders.c.sale_number,
            orders.c.sale_total,
        )
        .where(last_touched >= since, orders.c.authorised_at >= since)
        .order_by(orders.c.authorised_at.desc())
    )
    if until is not None:
        query = query.where(orders.c.authorised_at < until)
    return list(connection.execute(query))


def _sale(row: Row[Any], words: Wording) -> tuple[Cell, ...]:
    return (
        words.subject(row.order_key),
        figure(row.order_total, row.currency),
        f"{figure(row.sale_total, row.currency)} in {row.sale_number}",
        f"{(row.authorised_at - row.created_at).total_seconds():,.2f} s",
    )
