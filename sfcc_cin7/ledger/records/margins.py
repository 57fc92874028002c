"""What was sold at what cost: worked out in the database for the orders whose margin changed.

The sums of each day are carried along: an order's old lines are taken out and its new ones put in,
so the cost follows what changed, never the number of orders that there are.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from sfcc_cin7.db.brands import lock_name
from sfcc_cin7.db.schema import sold_lines, sold_orders

TAKE = """
with taken as (
    delete from sfcc_cin7.margin_changes where id in (
        select id from sfcc_cin7.margin_changes order by id limit :most) returning order_key
), known as (
    insert into margin_scope
    select distinct order_key from taken join sfcc_cin7.orders using (order_key)
)
select count(*) from taken
"""

NOTE = """
insert into sfcc_cin7.margin_changes (order_key)
select order_key from scope join sfcc_cin7.orders using (order_key)
"""
"""The orders that a pass of the ledger looked at (see `legs`)."""

WORK_OUT = """
create temporary table worked_out on commit drop as
with own as (
    select distinct on (o.order_key) o.order_key, o.site, o.currency,
        to_char(o.created_at at time zone 'UTC', 'YYYY-MM-DD') as day, e.sale_id,
        e.external_id = o.order_key and e.currency = o.currency as creditable,
        case when o.currency = :base then 1
            when e.currency = o.currency and e.base_currency = :base and e.currency_rate > 0
                then e.currency_rate
            else sold.rate end as rate
    from margin_scope
    join sfcc_cin7.orders o on o.order_key = margin_scope.order_key
    join sfcc_cin7.sold_orders sold on sold.order_key = o.order_key
    left join sfcc_cin7.erp_sales e on e.external_id = any(array[o.order_key, o.batch_key])
        and upper(e.status) <> 'VOIDED'
    where o.shop_status not in ('cancelled', 'failed') and o.state <> 'cancelled'
    order by o.order_key, e.sale_id = o.sale_id desc nulls last, e.updated desc
), part as (
    select l.order_key, l.position, p.units, p.units / s.units as share, s.units as sale_units,
        case when own.creditable then s.credited end as credited,
        case when own.creditable then s.credited_units end as credited_units,
        case when own.creditable then s.restocked_units end as restocked_units,
        coalesce(nullif(s.shipped_cost, 0), nullif(s.average_cost, 0), nullif(m.average_cost, 0),
            case when m.erp_kind = 'Service' then 0 end) as unit_cost,
        case when s.shipped_cost > 0 then 2 when s.average_cost > 0 then 3
            when m.average_cost > 0 then 4 when m.erp_kind = 'Service' then 1 else 5 end as weakness
    from own
    join sfcc_cin7.sold_lines l on l.order_key = own.order_key
    cross join lateral unnest(l.part_skus, l.part_units) as p (sku, units)
    left join sfcc_cin7.erp_sale_lines s on s.sale_id = own.sale_id and s.sku = p.sku
    left join sfcc_cin7.sku_map m on m.sku = p.sku
), costed as (
    select order_key, position, max(weakness) as weakness,
        coalesce(sum(credited * share), 0) as credited,
        coalesce(min(credited_units / sale_units), 0) as returned,
        sum(unit_cost * (units - coalesce(restocked_units * share, 0))) as base_cost
    from part group by order_key, position
), line as (
    select l.order_key, l.position, own.day, own.site, l.price_book, own.currency, l.sku, own.rate,
        l.units * (1 - coalesce(c.returned, 0)) as units,
        l.revenue - coalesce(c.credited, 0) as revenue,
        coalesce(c.base_cost, 0) as base_cost,
        case when c.weakness = 5 then 'no cost'
            when c.weakness is null then 'service'
            when own.rate is null then 'no rate'
            else (array['service', 'shipped', 'booked', 'catalogue'])[c.weakness] end as basis
    from own
    join sfcc_cin7.sold_lines l on l.order_key = own.order_key
    left join costed c on c.order_key = l.order_key and c.position = l.position
)
select order_key, position, day, site, price_book, currency, sku,
    units::numeric(20, 4) as units, revenue::numeric(20, 4) as revenue,
    (case when basis = 'service' then 0 when basis not in ('no cost', 'no rate')
        then base_cost / rate end)::numeric(20, 4) as cost,
    (case when basis not in ('no cost', 'no rate') then base_cost end)::numeric(20, 4) as base_cost,
    basis
from line
"""
"""One row for each line of the orders in scope; columns as `order_margins`.

Which cost and which rate is what `ledger.margin` says of one order. Of a consolidated sale nothing
is credited to its orders, because its credit notes do not say whose goods came back.
"""

CARRY = """
with old as (
    select k.* from sfcc_cin7.order_margins k join margin_scope using (order_key)
), moved as (
    select day, site, price_book, currency, sku, basis, 1 as sign, units, revenue, cost, base_cost
    from worked_out
    union all
    select day, site, price_book, currency, sku, basis, -1, units, revenue, cost, base_cost from old
), sums as (
    select day, site, price_book, currency, sku, basis, sum(sign) as lines,
        sum(sign * units) as units,
        sum(case when cost is null then 0 else sign * revenue end) as revenue,
        sum(sign * coalesce(cost, 0)) as cost, sum(sign * coalesce(base_cost, 0)) as base_cost,
        sum(case when cost is null then sign * revenue else 0 end) as unknown
    from moved group by day, site, price_book, currency, sku, basis
)
insert into sfcc_cin7.margin_days as d
    (day, site, price_book, currency, sku, basis, lines, units, revenue, cost, base_cost, unknown)
select * from sums
where (lines, units, revenue, cost, base_cost, unknown) <> (0, 0, 0, 0, 0, 0)
on conflict (day, site, price_book, currency, sku, basis) do update set
    lines = d.lines + excluded.lines, units = d.units + excluded.units,
    revenue = d.revenue + excluded.revenue, cost = d.cost + excluded.cost,
    base_cost = d.base_cost + excluded.base_cost, unknown = d.unknown + excluded.unknown
"""

UNREAD = """
select o.order_key, o.site, o.currency, o.created_at, o.document, source.document_hash
from margin_scope join sfcc_cin7.orders o using (order_key)
cross join lateral (
    select o.document_hash || coalesce('+' || max(c.id), '') as document_hash
    from sfcc_cin7.order_corrections c where c.order_key = o.order_key
) source
left join sfcc_cin7.sold_orders s on s.order_key = o.order_key
where s.document_hash is distinct from source.document_hash
    and (o.pruned_at is null or split_part(s.document_hash, '+', 1) <> o.document_hash
        or s.document_hash is null)
"""
"""What was read of a document that is pruned since stays: it has lost the custom attributes."""

KEEP = """
delete from sfcc_cin7.order_margins using margin_scope
    where order_margins.order_key = margin_scope.order_key;
insert into sfcc_cin7.order_margins (order_key, position, day, site, price_book, currency, sku,
    units, revenue, cost, base_cost, basis)
select order_key, position, day, site, price_book, currency, sku,
    units, revenue, cost, base_cost, basis from worked_out
"""

SUMS = """
select {groups}, sum(lines) as lines, sum(units) as units, sum(revenue) as revenue,
    sum(cost) as cost, sum(base_cost) as base_cost, sum(unknown) as unknown,
    coalesce(sum(revenue) filter (where basis = 'shipped'), 0) as shipped_revenue
from sfcc_cin7.margin_days
where day >= :first and day < :before and lines > 0
group by {groups} order by {groups}
"""


def lock_margins(connection: Connection) -> None:
    """One writer at a time, until the transaction ends."""
    name = func.hashtext(lock_name(connection, "sfcc_cin7 margins"))
    connection.execute(select(func.pg_advisory_xact_lock(name)))


def note_changes(connection: Connection) -> None:
    """The orders in the ledger's scope are to be worked out anew."""
    connection.execute(text(NOTE))


def work_out_again(connection: Connection, since: datetime) -> int:
    """Orders created since then are read and worked out anew; how many.

    A document that was pruned has lost the custom attributes, so what was read of it stays.
    """
    connection.execute(
        text(
            "update sfcc_cin7.sold_orders sold set document_hash = '' from sfcc_cin7.orders o"
            " where o.order_key = sold.order_key and o.created_at >= :since"
            " and o.pruned_at is null"
        ),
        {"since": since},
    )
    return connection.execute(
        text(
            "insert into sfcc_cin7.margin_changes (order_key)"
            " select order_key from sfcc_cin7.orders where created_at >= :since"
        ),
        {"since": since},
    ).rowcount


def take_changes(connection: Connection, most: int) -> int:
    """Into a new scope: orders of at most so many changes; how many changes there were."""
    connection.execute(text("set local random_page_cost = 1.1"))  # see `legs.open_scope`
    connection.execute(
        text("create temporary table margin_scope (order_key text primary key) on commit drop")
    )
    taken = connection.scalar(text(TAKE), {"most": most}) or 0
    connection.execute(text("analyze margin_scope"))
    return taken


def unread(connection: Connection) -> list[Row[Any]]:
    """(`order_key`, `site`, `currency`, `created_at`, `document`, `document_hash`) of the orders in
    scope whose lines are not those of their document and its corrections; `document_hash` names
    both, as `sold_orders` keeps it."""
    return list(connection.execute(text(UNREAD)))


def save_sold(
    connection: Connection,
    orders: Sequence[Mapping[str, Any]],
    lines: Sequence[Mapping[str, Any]],
) -> None:
    """Keep what orders (columns of `sold_orders`) consist of (columns of `sold_lines`)."""
    if not orders:
        return
    statement = upsert(sold_orders)
    changed = {name: statement.excluded[name] for name in ("document_hash", "problem", "rate")}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["order_key"], set_=changed), orders
    )
    keys = [row["order_key"] for row in orders]
    connection.execute(delete(sold_lines).where(sold_lines.c.order_key == func.any(keys)))
    if lines:
        connection.execute(insert(sold_lines), lines)


def work_out(connection: Connection, base_currency: str) -> None:
    """Work out the margins of the scope, and carry the sums of their days forward."""
    connection.execute(text(WORK_OUT), {"base": base_currency})
    connection.execute(text("analyze worked_out"))
    connection.execute(text(CARRY))
    for statement in KEEP.split(";"):
        connection.execute(text(statement))


def sums(
    connection: Connection, groups: Collection[str], first: str, before: str
) -> list[Row[Any]]:
    """Sums of the days in [first, before), by these columns of `margin_days`.

    `revenue` and `cost` are of lines whose cost is known, `unknown` is the revenue of the others,
    `shipped_revenue` that part of revenue whose cost is what left the shelf.
    """
    query = text(SUMS.format(groups=", ".join(groups)))
    return list(connection.execute(query, {"first": first, "before": before}))


def inexact(connection: Connection) -> list[Row[Any]]:
    """(`order_key`, `problem`) of orders whose document tells no exact revenue."""
    query = select(sold_orders.c.order_key, sold_orders.c.problem)
    return list(
        connection.execute(
            query.where(sold_orders.c.problem.is_not(None)).order_by(sold_orders.c.order_key)
        )
    )


def waiting(connection: Connection) -> int:
    """How many changes are not worked out yet."""
    return connection.scalar(text("select count(*) from sfcc_cin7.margin_changes")) or 0
