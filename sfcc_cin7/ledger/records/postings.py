"""Double entries for each leg of an order, posted in the database, many orders at once.

A posting is never changed: where a leg is not what was posted, the difference is posted, with the
reason. The database refuses a statement whose entries do not sum to zero for each order, leg and
currency. Debits are positive, credits negative.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, text, true

from sfcc_cin7.db.schema import captured_orders, postings

POST = """
with sale as (
    select e.external_id as order_key, e.currency, e.total, e.tax, e.rounding, e.credited,
        e.status, e.order_status, e.order_number, e.updated
    from sfcc_cin7.erp_sales e join scope on scope.order_key = e.external_id
    where not exists (select from sfcc_cin7.order_batches b
        where b.batch_key = e.external_id and b.state <> 'dissolved')
    union all
    select o.order_key, e.currency, o.sale_total, o.sale_tax, 0, 0,
        e.status, e.order_status, e.order_number, e.updated
    from scope
    join sfcc_cin7.orders o on o.order_key = scope.order_key
    join sfcc_cin7.erp_sales e on e.external_id = o.batch_key
    where o.batch_key is not null and o.sale_total is not null
), booked as (
    select s.*, 'sale ' || s.order_number || ' of ' || s.updated as source from sale s
    where upper(status) <> 'VOIDED'
    and upper(order_status) in ('AUTHORISED', 'AUTH_NO_ALLOC', 'FULFILLED', 'CLOSED')
), captured as (
    select c.*, coalesce(c.tax, 0) as stated_tax,
        'order document ' || left(c.document_hash, 12) as source
    from scope
    join sfcc_cin7.captured_orders c on c.order_key = scope.order_key
    join sfcc_cin7.orders o on o.order_key = scope.order_key
    where o.shop_status not in ('cancelled', 'failed') and o.state <> 'cancelled'
), line as (
    select scope.order_key, round(l.gross, 4) as gross, round(l.net, 4) as net,
        round(l.fee, 4) as fee, l.currency, l.settled_currency, l.kind,
        l.currency = l.settled_currency as one_currency, 'line ' || l.line_key as source
    from scope join sfcc_cin7.payout_lines l on l.order_key = scope.order_key
    union all
    select scope.order_key, round(l.gross, 4), round(l.net, 4), round(l.fee, 4),
        l.currency, l.settled_currency, l.kind,
        l.currency = l.settled_currency, 'line ' || l.line_key
    from scope
    join sfcc_cin7.payout_lines l
        on scope.order_key like 'payout:%'
        and l.gateway = split_part(scope.order_key, ':', 2)
        and l.line_key = substr(scope.order_key, length('payout::') + 1 + length(l.gateway))
        and l.order_key is null
), entry as (
    select order_key, 'storefront' as leg, currency, source, account, amount
    from captured cross join lateral (values
        ('gateway clearing', total - certificates_spent),
        ('gift-certificate liability', certificates_spent - certificates_sold),
        ('tax', -stated_tax),
        ('storefront revenue', stated_tax + certificates_sold - total)
    ) of (account, amount)
    union all
    select order_key, 'erp', currency, source, account, amount
    from booked cross join lateral (values
        ('ERP receivable', total - credited),
        ('ERP revenue', tax + rounding - total),
        ('tax', -tax),
        ('rounding', -rounding),
        ('refunds', credited)
    ) of (account, amount)
    union all
    select order_key, 'gateway', settled_currency, source, account, amount
    from line cross join lateral (values
        ('bank', net),
        ('fees', fee),
        (case kind when 'conversion' then 'currency conversion'
            when 'balance' then 'reserves and balance transfers'
            when 'payment' then 'payments made' else 'gateway clearing' end,
            case when one_currency then -gross else 0 end),
        ('rounding', case when one_currency then gross - net - fee else 0 end),
        ('currency conversion', case when one_currency then 0 else -net - fee end)
    ) of (account, amount)
    union all
    select order_key, 'gateway', currency, source, account, amount
    from line cross join lateral (values
        ('gateway clearing', -gross), ('currency conversion', gross)
    ) of (account, amount)
    where not one_currency
), wanted as (
    select order_key, leg, currency, account, sum(amount) as amount, max(source) as source
    from entry group by order_key, leg, currency, account
), held as (
    select p.order_key, p.leg, p.currency, p.account, sum(p.amount) as amount
    from sfcc_cin7.postings p join scope using (order_key)
    where p.leg <> 'correction' group by p.order_key, p.leg, p.currency, p.account
), dated as (
    select o.order_key, o.created_at from scope join sfcc_cin7.orders o using (order_key)
    union all
    select scope.order_key, l.occurred_at -- a line of no order is of the day when it moved
    from scope join sfcc_cin7.payout_lines l
        on scope.order_key like 'payout:%' and l.order_key is null
        and l.gateway = split_part(scope.order_key, ':', 2)
        and l.line_key = substr(scope.order_key, length('payout::') + 1 + length(l.gateway))
), moved as (
    select order_key, leg, currency, account,
        coalesce(w.amount, 0) - coalesce(h.amount, 0) as amount,
        coalesce(w.source, 'gone from its source') as source, h.order_key is not null as again
    from wanted w full join held h using (order_key, leg, currency, account)
    where coalesce(w.amount, 0) <> coalesce(h.amount, 0)
)
insert into sfcc_cin7.postings
    (order_key, day, leg, account, currency, amount, source, reason, posted_at)
select m.order_key, to_char(coalesce(o.created_at, :at) at time zone 'UTC', 'YYYY-MM-DD'),
    m.leg, m.account, m.currency, m.amount, m.source,
    case when again then 'correction: the source states something else now'
        else 'as the source states' end,
    :at
from moved m left join dated o using (order_key)
order by m.order_key, m.leg, m.account -- what is read together lies together
"""
"""Storefront, ERP and gateway legs of the orders in scope, against what is posted of them.

A consolidated sale is posted as the shares of its orders, not once more under its own key.
Where a gateway pays out in another currency the shopper's amount leaves clearing into currency
conversion, and comes out of it in the currency of the bank: each currency sums to zero.
"""


def post(connection: Connection, at: datetime) -> int:
    """Post what the legs in scope differ from what is posted; the number of entries."""
    return connection.execute(text(POST), {"at": at}).rowcount


def correct(
    connection: Connection,
    order_key: str,
    day: str,
    *,
    debit: str,
    credit: str,
    currency: str,
    amount: Decimal,
    reason: str,
    author: str,
    at: datetime,
) -> None:
    """A person moves `amount` from one account to another, beside the legs, and says why.

    Raises:
        ValueError: no reason, no author, or nothing to move.
    """
    if not reason.strip() or not author.strip() or not amount:
        raise ValueError("A correction needs an amount, a reason and an author.")
    common = {
        "order_key": order_key,
        "day": day,
        "leg": "correction",
        "currency": currency,
        "source": "a person",
        "posted_at": at,
        "reason": reason,
        "author": author,
    }
    entries = [
        {**common, "account": debit, "amount": amount},
        {**common, "account": credit, "amount": -amount},
    ]
    connection.execute(insert(postings).values(entries))


def unbalanced(connection: Connection, days: tuple[str, str] | None = None) -> list[Row[Any]]:
    """(`order_key`, `leg`, `currency`, `amount`) whose postings do not sum to zero: of the orders
    of these days (the first and the last), or of all."""
    total = func.sum(postings.c.amount)
    keys = (postings.c.order_key, postings.c.leg, postings.c.currency)
    query = select(*keys, total.label("amount")).group_by(*keys).having(total != 0)
    return list(connection.execute(query.where(_of(days))))


def posting_count(connection: Connection, days: tuple[str, str] | None = None) -> int:
    """How many entries the books hold for the orders of these days, or for all."""
    query = select(func.count()).select_from(postings).where(_of(days))
    return connection.scalar(query) or 0


def _of(days: tuple[str, str] | None) -> ColumnElement[bool]:
    if days is None:
        return true()
    of_days = select(captured_orders.c.order_key).where(captured_orders.c.day.between(*days))
    return postings.c.order_key.in_(of_days)


def account_balances(connection: Connection) -> list[Row[Any]]:
    """(`account`, `currency`, `amount`) of all postings."""
    query = (
        select(postings.c.account, postings.c.currency, func.sum(postings.c.amount).label("amount"))
        .group_by(postings.c.account, postings.c.currency)
        .order_by(postings.c.account, postings.c.currency)
    )
    return list(connection.execute(query))
