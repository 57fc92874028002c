"""What left of sales and what does not agree about it, from the image of the ERP's sales."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

from sfcc_cin7.ledger import accounts
from sfcc_cin7.values.months import last_day

GAPS = """
select e.external_id as key, e.order_number as number, e.currency, e.gaps,
    coalesce(o.created_at, b.created_at) as created_at, coalesce(o.site, b.site) as site,
    b.batch_key is not null as batched
from sfcc_cin7.erp_sales e
left join sfcc_cin7.orders o on o.order_key = e.external_id
left join sfcc_cin7.order_batches b on b.batch_key = e.external_id and b.state <> 'dissolved'
where e.external_id = any(:keys) and e.gaps <> '[]'
and (o.order_key is not null or b.batch_key is not null)
order by e.external_id, e.order_number
"""
DEFERRED = """
with captured as (
    select p.order_key, p.currency,
        -sum(p.amount) as gross,
        -coalesce(sum(p.amount) filter (where p.account = :tax), 0) as tax
    from sfcc_cin7.postings p
    where p.leg = 'storefront' and p.account in (:revenue, :tax) and p.day <= :last
    group by 1, 2 having sum(p.amount) <> 0
), sale as (
    select c.order_key, e.currency, e.shipments, e.whole_on, false as batched
    from captured c join sfcc_cin7.erp_sales e on e.external_id = c.order_key
    where upper(e.status) <> 'VOIDED' and upper(e.order_status) <> 'VOIDED'
    union all -- of a sale that orders share nobody knows whose goods left, until all have
    select o.order_key, e.currency, '[]', e.whole_on, true
    from captured c join sfcc_cin7.orders o using (order_key)
    join sfcc_cin7.erp_sales e on e.external_id = o.batch_key
    where upper(e.status) <> 'VOIDED' and upper(e.order_status) <> 'VOIDED'
), gone as (
    select s.order_key, bool_or(s.whole_on <= :last) as whole,
        coalesce(sum(t.amount), 0) as amount, coalesce(sum(t.tax), 0) as tax
    from sale s left join lateral (
        select sum(n.amount) as amount, sum(n.tax) as tax
        from jsonb_to_recordset(s.shipments) as n (day text, amount numeric, tax numeric)
        where n.day <= :last
    ) t on true
    group by 1
), open as (
    select c.order_key, c.currency, o.site, c.gross as captured,
        case when coalesce(g.whole, false) then 0
            else greatest(c.gross - coalesce(g.amount, 0), 0) end as deferred,
        case when coalesce(g.whole, false) then 0
            else greatest(c.tax - coalesce(g.tax, 0), 0) end as tax
    from captured c join sfcc_cin7.orders o using (order_key) left join gone g using (order_key)
)
select site, currency, count(*) filter (where deferred > 0) as orders,
    sum(captured) filter (where deferred > 0) as captured,
    sum(deferred) as deferred, sum(tax) as tax
from open group by 1, 2 having sum(deferred) > 0 order by 1, 2
"""
"""Captured is what shoppers were charged, tax with it and gift certificates without."""


def sales_with_gaps(connection: Connection, keys: Sequence[str]) -> Sequence[Row[Any]]:
    """(`key`, `number`, `currency`, `gaps`, `created_at`, `site`, `batched`) of the sales of these
    orders and batches whose goods do not agree with their bills."""
    return connection.execute(text(GAPS), {"keys": list(keys)}).all()


def deferred(connection: Connection, month: str) -> Sequence[Row[Any]]:
    """(`site`, `currency`, `orders`, `captured`, `deferred`, `tax`): captured until the end of a
    month (`2026-01`) and not shipped by then, with tax, and the tax in it."""
    told = {"revenue": accounts.REVENUE, "tax": accounts.TAX_CHARGED, "last": last_day(month)}
    return connection.execute(text(DEFERRED), told).all()
