"""The three legs of orders side by side, compared in the database, many at once.

A pass looks at the orders in its scope (a temporary table): what changed since the last pass, or
what a person asks for. Its cost follows the scope, never the number of orders that there are.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from sfcc_cin7.db.cursors import cursor, move_cursor

ZONE = "ledger.zone"
"""The cursor that holds the zone in whose days the books are kept."""
SCOPE = "create temporary table scope (order_key text primary key) on commit drop"

TAKE_CHANGES = """
with taken as (
    delete from sfcc_cin7.order_changes where due_at <= :at returning order_key
), of_batches as (
    select o.order_key from sfcc_cin7.orders o
    where o.batch_key is not null and o.batch_key in (select order_key from taken)
)
insert into scope
select order_key from taken union select order_key from of_batches
on conflict do nothing
"""
"""Whatever changed; of a consolidated sale, all its orders too."""

LEGS = """
create temporary table legs on commit drop as
with sale as (
    select e.external_id as order_key, e.status, e.order_status, e.currency, e.total, e.tax,
        e.credited, e.gaps <> '[]' as gapped
    from sfcc_cin7.erp_sales e join scope on scope.order_key = e.external_id
    union all
    select o.order_key, e.status, e.order_status, e.currency, o.sale_total, o.sale_tax, 0, false
    from scope
    join sfcc_cin7.orders o on o.order_key = scope.order_key
    join sfcc_cin7.erp_sales e on e.external_id = o.batch_key
    where o.batch_key is not null and o.sale_total is not null
), live as (
    select *, upper(order_status) in ('AUTHORISED', 'AUTH_NO_ALLOC', 'FULFILLED', 'CLOSED')
        as is_booked
    from sale where upper(status) <> 'VOIDED' and upper(order_status) <> 'VOIDED'
), erp as (
    select order_key, count(*) as sales, bool_and(is_booked) as all_booked,
        coalesce(sum(total) filter (where is_booked), 0) as booked,
        coalesce(sum(tax) filter (where is_booked), 0) as booked_tax,
        min(currency) as currency, max(currency) as other_currency, sum(credited) as credited,
        bool_or(gapped) as gapped
    from live group by order_key
), line as (
    select l.order_key, l.payment_id,
        sum(l.gross) filter (where l.kind in ('charge', 'adjustment')) as charged,
        -coalesce(sum(l.gross) filter (where l.kind in ('refund', 'chargeback')), 0) as returned,
        coalesce(sum(l.gross) filter (where l.kind = 'chargeback'), 0) as won,
        bool_or(l.kind = 'chargeback') as disputed,
        sum(l.fee) as fee,
        coalesce(sum(l.net + l.fee) filter (where l.kind in ('charge', 'adjustment')), 0)
            as credited_by_gateway,
        min(l.currency) as currency, max(l.currency) as other_currency
    from sfcc_cin7.payout_lines l join scope using (order_key)
    group by l.order_key, l.payment_id
), payment as (
    select p.order_key, coalesce(sum(p.amount), 0) as due,
        bool_and(p.amount is not null) as due_known,
        bool_and(l.charged is not null) as settled,
        bool_and(l.charged is null or
            (p.amount is null or l.charged = p.amount
                or (l.charged > p.amount and l.charged - l.returned <= p.amount))
            and l.currency = p.currency and l.other_currency = p.currency
            and l.won <= 0
            and (p.most_fee is null or l.disputed or p.amount is null or p.amount = 0
                or l.fee <= p.most_fee * l.credited_by_gateway / p.amount + 0.01)
        ) as agrees
    from sfcc_cin7.captured_payments p join scope using (order_key)
    left join line l on l.order_key = p.order_key and l.payment_id = p.payment_id
    where p.gateway is not null
    group by p.order_key
), settled as (
    select order_key, sum(coalesce(charged, 0)) as settled, sum(returned) as returned,
        bool_or(payment_id is null) as loose
    from line group by order_key
), side_by_side as (
    select o.order_key, o.site, to_char(o.created_at at time zone 'UTC', 'YYYY-MM-DD') as day,
        o.currency,
        o.shop_status in ('cancelled', 'failed') or o.state = 'cancelled' as cancelled,
        o.order_total, coalesce(c.tax, 0) as order_tax, c.tax is null as tax_unknown,
        coalesce(erp.sales, 0) as sales, erp.all_booked, coalesce(erp.booked, 0) as booked,
        coalesce(erp.booked_tax, 0) as booked_tax,
        erp.currency as erp_currency, erp.other_currency,
        coalesce(erp.credited, 0) as credited, coalesce(erp.gapped, false) as gapped,
        payment.due, payment.due_known, payment.settled as all_settled,
        coalesce(payment.agrees, true) as payments_agree,
        coalesce(settled.settled, 0) as settled, coalesce(settled.returned, 0) as returned,
        coalesce(settled.loose, false) as loose
    from scope
    join sfcc_cin7.orders o on o.order_key = scope.order_key
    left join sfcc_cin7.captured_orders c on c.order_key = o.order_key
    left join erp on erp.order_key = o.order_key
    left join payment on payment.order_key = o.order_key
    left join settled on settled.order_key = o.order_key
)
select order_key, site, day, currency,
    (case when cancelled then 0 else order_total end)::numeric(20, 4) as captured,
    (case when cancelled then 0 else order_tax end)::numeric(20, 4) as captured_tax,
    booked::numeric(20, 4) as booked, booked_tax::numeric(20, 4) as booked_tax,
    (case when cancelled then 0 else coalesce(due, 0) end)::numeric(20, 4) as due,
    settled::numeric(20, 4) as settled,
    payments_agree and not loose
    and case when cancelled
        then (sales = 0 or (sales = 1 and credited > 0 and credited = booked))
            and returned = settled
        else sales = 1 and all_booked and erp_currency = currency and other_currency = currency
            and booked = order_total and (tax_unknown or booked_tax = order_tax)
            and coalesce(all_settled, true)
            and returned = credited + case when due_known then greatest(settled - due, 0) else 0 end
    end as agrees, gapped
from side_by_side
"""
"""One row for each order in scope; `agrees` is false or null where anything is worth a look.

Columns as `order_legs`, in the order's currency: `due` is what gateways should settle, `settled`
what they have. It says only that legs differ; what that means is decided by pure functions.
`gapped` is true where goods and bills of its sale do not agree (yet): its money may.
"""

DIGEST = """
select site, day, currency, count(*) as orders,
    count(*) filter (where agrees is not true) as differing,
    sum(captured) as captured, sum(captured_tax) as captured_tax, sum(booked) as booked,
    sum(booked_tax) as booked_tax, sum(due) as due, sum(settled) as settled,
    sum(hashtextextended(concat_ws('|', order_key, currency, captured, captured_tax, booked,
        booked_tax, due, settled, agrees is true), 0)::numeric) as fingerprint
from {legs} group by site, day, currency
"""

LEAVE_EQUAL_DAYS = f"""
delete from scope using legs l
where scope.order_key = l.order_key
and not exists (select from changed where changed.order_key = scope.order_key)
and not exists (
    select from ({DIGEST.format(legs="legs")}) fresh
    full join (select * from sfcc_cin7.day_digests
        where (site, day) in (select site, day from legs)) kept using (site, day, currency)
    where (fresh.fingerprint, fresh.orders) is distinct from (kept.fingerprint, kept.orders)
    and site = l.site and day = l.day
)
"""  # noqa: S608 - both parts are constants

CARRY_DIGESTS = f"""
with old as (
    {DIGEST.format(legs="(select o.* from sfcc_cin7.order_legs o join scope using (order_key)) o")}
), fresh as (
    {DIGEST.format(legs="(select l.* from legs l join scope using (order_key)) l")}
), moved as (
    select site, day, currency,
        coalesce(f.orders, 0) - coalesce(o.orders, 0) as orders,
        coalesce(f.differing, 0) - coalesce(o.differing, 0) as differing,
        coalesce(f.captured, 0) - coalesce(o.captured, 0) as captured,
        coalesce(f.captured_tax, 0) - coalesce(o.captured_tax, 0) as captured_tax,
        coalesce(f.booked, 0) - coalesce(o.booked, 0) as booked,
        coalesce(f.booked_tax, 0) - coalesce(o.booked_tax, 0) as booked_tax,
        coalesce(f.due, 0) - coalesce(o.due, 0) as due,
        coalesce(f.settled, 0) - coalesce(o.settled, 0) as settled,
        coalesce(f.fingerprint, 0) - coalesce(o.fingerprint, 0) as fingerprint
    from fresh f full join old o using (site, day, currency)
)
insert into sfcc_cin7.day_digests as d (site, day, currency, orders, differing, captured,
    captured_tax, booked, booked_tax, due, settled, fingerprint)
select site, day, currency, orders, differing, captured, captured_tax, booked, booked_tax, due,
    settled, fingerprint from moved
on conflict (site, day, currency) do update set
    orders = d.orders + excluded.orders, differing = d.differing + excluded.differing,
    captured = d.captured + excluded.captured,
    captured_tax = d.captured_tax + excluded.captured_tax,
    booked = d.booked + excluded.booked, booked_tax = d.booked_tax + excluded.booked_tax,
    due = d.due + excluded.due, settled = d.settled + excluded.settled,
    fingerprint = d.fingerprint + excluded.fingerprint
"""  # noqa: S608 - both parts are constants

KEEP_LEGS = """
insert into sfcc_cin7.order_legs as kept
select l.order_key, l.site, l.day, l.currency, l.captured, l.captured_tax, l.booked, l.booked_tax,
    l.due, l.settled, l.agrees is true
from legs l join scope using (order_key)
on conflict (order_key) do update set
    site = excluded.site, day = excluded.day, currency = excluded.currency,
    captured = excluded.captured, captured_tax = excluded.captured_tax,
    booked = excluded.booked, booked_tax = excluded.booked_tax,
    due = excluded.due, settled = excluded.settled, agrees = excluded.agrees
where kept is distinct from excluded
"""


def open_scope(connection: Connection) -> None:
    """An empty scope, until the transaction ends.

    With the usual cost of a random page PostgreSQL would rather read a whole table of a hundred
    thousand orders than look a thousand of them up, which is what a pass does; most of what it
    looks at was written a moment ago and is in memory.
    """
    connection.execute(text("set local random_page_cost = 1.1"))
    connection.execute(text(SCOPE))


def take_changes(connection: Connection, at: datetime) -> int:
    """Into the scope: orders that changed, and those whose time has come; how many."""
    taken = connection.execute(text(TAKE_CHANGES), {"at": at}).rowcount
    connection.execute(text("analyze scope"))
    return taken


def note_another_zone(connection: Connection, zone: str) -> None:
    """A merchant who moves has days that begin elsewhere: all that is posted is looked at once
    more. What is of a closed month by then, or was, is posted as what comes late."""
    before = cursor(connection, ZONE)
    if before not in (None, zone):
        connection.execute(
            text(
                "insert into sfcc_cin7.order_changes (order_key)"
                " select distinct order_key from sfcc_cin7.postings where leg <> 'correction'"
            )
        )
    if before != zone:
        move_cursor(connection, ZONE, zone)


def add_days(connection: Connection, start: datetime | None, end: datetime | None) -> None:
    """Into the scope: orders created in [start, end), or all there are.

    What was in it before is remembered, because it stays there whatever the digests say.
    """
    connection.execute(
        text("create temporary table changed on commit drop as select order_key from scope")
    )
    connection.execute(
        text(
            "insert into scope select order_key from sfcc_cin7.orders"
            " where created_at >= coalesce(:start, '-infinity'::timestamptz)"
            " and created_at < coalesce(:end, 'infinity'::timestamptz) on conflict do nothing"
        ),
        {"start": start, "end": end},
    )
    connection.execute(text("analyze scope"))
    connection.execute(text("analyze changed"))


def uncaptured(connection: Connection) -> list[Row[Any]]:
    """(`order_key`) in scope whose document is not the one that the storefront's leg is from, or
    that was booked with another duty than the leg has."""
    return list(
        connection.execute(
            text(
                "select o.order_key from scope join sfcc_cin7.orders o using (order_key)"
                " left join sfcc_cin7.captured_orders c using (order_key)"
                " where c.document_hash is distinct from o.document_hash"
                " or c.duty is distinct from coalesce(o.booked_duty, c.duty)"
            )
        )
    )


def compare(connection: Connection) -> None:
    """Lay the legs of the scope side by side."""
    connection.execute(text(LEGS))
    connection.execute(text("analyze legs"))


def leave_equal_days(connection: Connection) -> None:
    """Out of the scope: orders of days of a site whose digest is what it was."""
    connection.execute(text(LEAVE_EQUAL_DAYS))
    connection.execute(text("analyze scope"))


def keep_legs(connection: Connection) -> None:
    """Remember the legs of the scope, and carry the digests of their days forward."""
    connection.execute(text(CARRY_DIGESTS))
    connection.execute(text(KEEP_LEGS))


def differing(connection: Connection) -> list[str]:
    """Keys in scope whose legs or goods do not simply agree, or that are no order of ours."""
    query = text(
        "select order_key from scope left join legs using (order_key)"
        " where agrees is not true or gapped order by order_key"
    )
    return list(connection.scalars(query))


def look_again(connection: Connection, when: Sequence[tuple[str, datetime]]) -> None:
    """At these instants the orders are looked at again, even if nothing changes.

    Earlier appointments of the scope's orders are forgotten.
    """
    connection.execute(
        text(
            "delete from sfcc_cin7.order_changes using scope"
            " where order_changes.order_key = scope.order_key and due_at > '-infinity'"
        )
    )
    if when:
        connection.execute(
            text(
                "insert into sfcc_cin7.order_changes (order_key, due_at)"
                " select * from unnest(cast(:keys as text[]), cast(:due as timestamptz[]))"
            ),
            {"keys": [key for key, _ in when], "due": [due for _, due in when]},
        )


def digests(connection: Connection, days: Collection[str]) -> list[Row[Any]]:
    """`day_digests` of these days."""
    query = text("select * from sfcc_cin7.day_digests where day = any(:days) order by day, site")
    return list(connection.execute(query, {"days": list(days)}))


def size(connection: Connection) -> int:
    """How many keys are in scope."""
    return connection.scalar(text("select count(*) from scope")) or 0
