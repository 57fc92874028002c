"""What the daily report is made of: figures of the last day, from the store alone."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select

from sfcc_cin7.db.schema import (
    breaks,
    call_budgets,
    call_usage,
    last_touched,
    order_shipments,
    orders,
    published_stock,
    sku_map,
    stock_drifts,
    stock_snapshots,
)
from sfcc_cin7.values.states import OrderState


def orders_by_hour(connection: Connection, since: datetime) -> list[Row[Any]]:
    """(`hour`, `came`, `went`): orders received, and acknowledged, in each hour that had any."""
    came = select(
        func.date_trunc("hour", orders.c.received_at).label("hour"), func.count().label("n")
    )
    went = select(
        func.date_trunc("hour", orders.c.exported_at).label("hour"), func.count().label("n")
    )
    entered = (
        came.where(last_touched >= since, orders.c.received_at >= since).group_by("hour").subquery()
    )
    left = (
        went.where(last_touched >= since, orders.c.exported_at >= since).group_by("hour").subquery()
    )
    query: Any = (
        select(
            func.coalesce(entered.c.hour, left.c.hour).label("hour"),
            func.coalesce(entered.c.n, 0).label("came"),
            func.coalesce(left.c.n, 0).label("went"),
        )
        .select_from(entered.join(left, entered.c.hour == left.c.hour, full=True))
        .order_by("hour")
    )
    return list(connection.execute(query))


def turnover(connection: Connection, since: datetime) -> list[Row[Any]]:
    """(`site`, `currency`, `came`, `total`, `went`) of the orders received since then."""
    acknowledged = func.count().filter(orders.c.state == OrderState.ACKNOWLEDGED)
    query: Any = (
        select(
            orders.c.site,
            orders.c.currency,
            func.count().label("came"),
            func.sum(orders.c.order_total).label("total"),
            acknowledged.label("went"),
        )
        .where(last_touched >= since, orders.c.received_at >= since)
        .group_by(orders.c.site, orders.c.currency)
        .order_by(orders.c.site)
    )
    return list(connection.execute(query))


def latency(connection: Connection, since: datetime) -> Row[Any]:
    """(`posted`, `median`, `slow`): orders exported since then, and the seconds from when each
    could be posted (created, received, its hold over) until it was; `slow` is the 95th percentile.
    """
    could = func.greatest(orders.c.created_at, orders.c.received_at, orders.c.due_at)
    seconds = func.greatest(func.extract("epoch", orders.c.exported_at - could), 0)
    query: Any = select(
        func.count().label("posted"),
        func.percentile_cont(0.5).within_group(seconds).label("median"),
        func.percentile_cont(0.95).within_group(seconds).label("slow"),
    ).where(last_touched >= since, orders.c.exported_at >= since)
    return connection.execute(query).one()


def to_erp_by_hour(connection: Connection, since: datetime) -> list[Row[Any]]:
    """(`hour`, `slow`): the 95th percentile of the seconds from when an order could be posted to
    its sale being authorised, by the hour in which it was."""
    hour = func.date_trunc("hour", orders.c.authorised_at).label("hour")
    query: Any = (
        select(hour, _to_erp(0.95).label("slow"))
        .where(last_touched >= since, orders.c.authorised_at >= since)
        .group_by("hour")
    )
    return list(connection.execute(query))


def to_erp(connection: Connection, since: datetime) -> float | None:
    """The same over all that were authorised since then; None where no order was."""
    query: Any = select(_to_erp(0.95)).where(last_touched >= since, orders.c.authorised_at >= since)
    found: float | None = connection.scalar(query)
    return found


def _to_erp(share: float) -> Any:
    could = func.greatest(orders.c.created_at, orders.c.received_at, orders.c.due_at)
    seconds = func.greatest(func.extract("epoch", orders.c.authorised_at - could), 0)
    return func.percentile_cont(share).within_group(seconds)


def shipments_by_hour(connection: Connection, since: datetime) -> list[Row[Any]]:
    """(`hour`, `told`): orders whose shoppers were last told in that hour of what left."""
    hour = func.date_trunc("hour", order_shipments.c.told_at)
    query: Any = (
        select(hour.label("hour"), func.count().label("told"))
        .where(order_shipments.c.told_at >= since)
        .group_by(hour)
    )
    return list(connection.execute(query))


def calls_by_hour(connection: Connection, since: datetime) -> list[Row[Any]]:
    """(`hour`, `calls`): calls to the ERP in each hour that had any."""
    hour = func.date_trunc("hour", call_usage.c.minute)
    query: Any = (
        select(hour.label("hour"), func.sum(call_usage.c.calls).label("calls"))
        .where(call_usage.c.minute >= since)
        .group_by(hour)
    )
    return list(connection.execute(query))


def stock_coverage(connection: Connection) -> list[Row[Any]]:
    """(`list_id`, `published`, `offered`): SKUs of each inventory list, and those above zero."""
    query: Any = (
        select(
            published_stock.c.list_id,
            func.count().label("published"),
            func.count().filter(published_stock.c.allocation > 0).label("offered"),
        )
        .group_by(published_stock.c.list_id)
        .order_by(published_stock.c.list_id)
    )
    return list(connection.execute(query))


def sellable_skus(connection: Connection) -> Row[Any]:
    """(`in_shop`, `in_both`): SKUs that the storefront sells, and those that the ERP knows too."""
    query: Any = select(
        func.count().filter(sku_map.c.in_shop).label("in_shop"),
        func.count().filter(and_(sku_map.c.in_shop, sku_map.c.in_erp)).label("in_both"),
    )
    return connection.execute(query).one()


def drift_counts(connection: Connection, since: datetime) -> list[Row[Any]]:
    """(`list_id`, `drifts`, `open`): figures that somebody else changed since then."""
    query: Any = (
        select(
            stock_drifts.c.list_id,
            func.count().label("drifts"),
            func.count().filter(stock_drifts.c.corrected_at.is_(None)).label("open"),
        )
        .where(stock_drifts.c.seen_at >= since)
        .group_by(stock_drifts.c.list_id)
        .order_by(stock_drifts.c.list_id)
    )
    return list(connection.execute(query))


def last_reading(connection: Connection) -> Row[Any] | None:
    """(`finished_at`, `rows`, `believed`) of the last reading of the ERP's stock."""
    columns = (stock_snapshots.c.finished_at, stock_snapshots.c.rows, stock_snapshots.c.believed)
    query: Any = select(*columns).order_by(stock_snapshots.c.id.desc()).limit(1)
    return connection.execute(query).first()


def open_breaks(connection: Connection) -> list[Row[Any]]:
    """(`class`, `leg`, `owner`, `currency`, `breaks`, `amount`, `oldest`) of open breaks."""
    query: Any = (
        select(
            breaks.c["class"],
            breaks.c.leg,
            breaks.c.owner,
            breaks.c.currency,
            func.count().label("breaks"),
            func.sum(func.abs(breaks.c.amount)).label("amount"),
            func.min(breaks.c.opened_at).label("oldest"),
        )
        .where(breaks.c.closed_at.is_(None))
        .group_by(breaks.c["class"], breaks.c.leg, breaks.c.owner, breaks.c.currency)
        .order_by(func.min(breaks.c.opened_at))
    )
    return list(connection.execute(query))


def calls_by_lane(connection: Connection, since: datetime) -> list[Row[Any]]:
    """(`lane`, `calls`, `refused`) since then, the busiest lane first."""
    calls = func.sum(call_usage.c.calls)
    query: Any = (
        select(
            call_usage.c.lane,
            calls.label("calls"),
            func.sum(call_usage.c.refused).label("refused"),
        )
        .where(
            call_usage.c.minute >= since,
            call_usage.c.application.in_(select(call_budgets.c.application)),
        )
        .group_by(call_usage.c.lane)
        .order_by(calls.desc())
    )
    return list(connection.execute(query))
