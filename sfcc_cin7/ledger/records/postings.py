"""Double entries for each leg of an order, posted in the database, many orders at once.

A posting is never changed: where a leg is not what was posted, the difference is posted, with the
reason. The database refuses a statement whose entries do not sum to zero for each order, leg,
currency, and day. Debits are positive, credits negative.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, text, true

from sfcc_cin7.db.schema import captured_orders, postings
from sfcc_cin7.ledger import accounts
from sfcc_cin7.ledger.records.periods import closed_until
from sfcc_cin7.values.months import first_open

POST = """
with days as (
    select o.order_key, to_char(o.created_at at time zone :zone, 'YYYY-MM-DD') as own_day
    from scope join sfcc_cin7.orders o using (order_key)
    union all -- a sale of no order stays on the day on which it was first posted
    select scope.order_key, coalesce(
        (select min(coalesce(p.late_for, p.day)) from sfcc_cin7.postings p
            where p.order_key = scope.order_key and p.leg = 'erp'),
        (select min(to_char(e.updated at time zone :zone, 'YYYY-MM-DD'))
            from sfcc_cin7.erp_sales e where e.external_id = scope.order_key))
    from scope where not exists (
        select from sfcc_cin7.orders o where o.order_key = scope.order_key)
), sale as (
    select e.external_id as order_key, e.currency,
        case when b.batch_key is null then e.total else 0 end as total,
        case when b.batch_key is null then e.tax else 0 end as tax,
        case when b.batch_key is null then e.rounding else 0 end as rounding, e.credited,
        e.credit_notes, e.status, e.order_status, e.order_number, e.updated
    from sfcc_cin7.erp_sales e join scope on scope.order_key = e.external_id
    left join sfcc_cin7.order_batches b
        on b.batch_key = e.external_id and b.state <> 'dissolved'
    union all
    select o.order_key, e.currency, o.sale_total, o.sale_tax, 0, 0, '[]',
        e.status, e.order_status, e.order_number, e.updated
    from scope
    join sfcc_cin7.orders o on o.order_key = scope.order_key
    join sfcc_cin7.erp_sales e on e.external_id = o.batch_key
    where o.batch_key is not null and o.sale_total is not null
), booked as (
    select s.*, own_day, 'sale ' || s.order_number || ' of ' || s.updated as source
    from sale s join days using (order_key)
    where upper(status) <> 'VOIDED'
    and upper(order_status) in ('AUTHORISED', 'AUTH_NO_ALLOC', 'FULFILLED', 'CLOSED')
), note as (
    select b.order_key, b.currency, n.day as own_day, b.source, n.amount
    from booked b
    cross join lateral jsonb_to_recordset(b.credit_notes) as n (day text, amount numeric)
    union all -- what is credited without a date is of the sale's own day
    select b.order_key, b.currency, b.own_day, b.source, b.credited - coalesce((
        select sum(n.amount) from jsonb_to_recordset(b.credit_notes) as n (amount numeric)), 0)
    from booked b where b.credited <> 0 or b.credit_notes <> '[]'
), captured as (
    select c.*, coalesce(c.tax, 0) as stated_tax, own_day,
        'order document ' || left(c.document_hash, 12) as source
    from scope
    join days on days.order_key = scope.order_key
    join sfcc_cin7.captured_orders c on c.order_key = scope.order_key
    join sfcc_cin7.orders o on o.order_key = scope.order_key
    where o.shop_status not in ('cancelled', 'failed') and o.state <> 'cancelled'
), paid as (
    select c.order_key, c.currency, c.own_day, c.source, p.gateway, p.amount
    from captured c join sfcc_cin7.captured_payments p on p.order_key = c.order_key
    where p.gateway is not null and p.amount is not null
), paid_through as (
    select order_key, sum(amount) as amount from paid group by order_key
), in_scope as (
    select scope.order_key, l.* from (
        select id, order_key as of_order, gateway, gross, net, fee, currency, settled_currency,
            kind, occurred_at, line_key from sfcc_cin7.payout_lines
    ) l join scope on scope.order_key = l.of_order
    union all
    select scope.order_key, l.id, l.order_key, l.gateway, l.gross, l.net, l.fee, l.currency,
        l.settled_currency, l.kind, l.occurred_at, l.line_key
    from scope
    join sfcc_cin7.payout_lines l
        on scope.order_key like 'payout:%'
        and l.gateway = split_part(scope.order_key, ':', 2)
        and l.line_key = substr(scope.order_key, length('payout::') + 1 + length(l.gateway))
        and l.order_key is null
), line as (
    select order_key, gateway, round(gross, 4) as gross, round(net, 4) as net,
        round(fee, 4) as fee, currency, settled_currency, kind,
        currency = settled_currency as one_currency, of_order is not null as of_order,
        to_char(occurred_at at time zone :zone, 'YYYY-MM-DD') as own_day,
        'line ' || line_key as source
    from in_scope
), settled as (
    select *, gross - net - fee as left_over, case kind
        when 'charge' then :due_from || ' ' || gateway
        when 'refund' then :refunds_paid
        when 'chargeback' then :disputes
        when 'balance' then :reserves
        when 'payment' then :payments
        when 'conversion' then :currency
        when 'adjustment' then
            case when of_order then :due_from || ' ' || gateway else :adjustments end
        else :adjustments end as against
    from line
), sent as (
    select scope.order_key, p.gateway, p.payout_id, p.currency, p.amount, p.itemised,
        to_char(p.paid_at at time zone :zone, 'YYYY-MM-DD') as own_day,
        'transfer ' || concat_ws(' ', p.payout_id, nullif(p.transfer_key, '')) as source
    from scope join sfcc_cin7.payouts p on scope.order_key like 'transfer:%'
        and concat_ws(':', 'transfer', p.gateway, p.currency, p.payout_id) = scope.order_key
), in_parts as ( -- lines may have parts of a cent, what is sent to a bank has none
    select s.order_key, s.gateway, s.currency, s.own_day, s.source,
        l.net - s.amount as left_over
    from (
        select order_key, gateway, payout_id, currency, sum(amount) as amount,
            max(own_day) as own_day, max(source) as source
        from sent where itemised group by order_key, gateway, payout_id, currency
    ) s cross join lateral (
        select sum(round(l.net, 4)) as net from sfcc_cin7.payout_lines l
        where l.gateway = s.gateway and l.payout_id = s.payout_id
        and l.settled_currency = s.currency
    ) l where l.net <> s.amount and abs(l.net - s.amount) < 0.01
), entry as (
    select order_key, 'storefront' as leg, currency, own_day, source, account, amount
    from (
        select c.*, coalesce(p.amount, 0) as through_gateways
        from captured c left join paid_through p using (order_key)
    ) c cross join lateral (values
        (:due_from || ' ' || :others, total - certificates_spent - through_gateways),
        (:certificates, certificates_spent - certificates_sold),
        (:tax_charged, -stated_tax),
        (:revenue, stated_tax + certificates_sold - total)
    ) of (account, amount)
    union all
    select order_key, 'storefront', currency, own_day, source, :due_from || ' ' || gateway, amount
    from paid
    union all
    select order_key, 'erp', currency, own_day, source, account, amount
    from booked cross join lateral (values
        (:erp_receivable, total),
        (:erp_revenue, tax + rounding - total),
        (:tax_booked, -tax),
        (:rounding, -rounding)
    ) of (account, amount)
    union all
    select order_key, 'erp', currency, own_day, source, account, value
    from note cross join lateral (values
        (:erp_receivable, -amount), (:refunds_credited, amount)
    ) of (account, value)
    union all
    select order_key, 'gateway', settled_currency, own_day, source, account, amount
    from settled cross join lateral (values
        (:clearing || ' ' || gateway, net),
        (:fees, fee),
        (against, case when one_currency then -gross else 0 end),
        (case when abs(left_over) < 0.01 then :rounding else :adjustments end,
            case when one_currency then left_over else 0 end),
        (:currency, case when one_currency then 0 else -net - fee end)
    ) of (account, amount)
    union all
    select order_key, 'gateway', currency, own_day, source, account, amount
    from settled cross join lateral (values
        (against, -gross), (:currency, gross)
    ) of (account, amount)
    where not one_currency
    union all
    select order_key, 'gateway', currency, own_day, source, account, value
    from sent cross join lateral (values
        (:bank, amount), (:clearing || ' ' || gateway, -amount)
    ) of (account, value)
    union all
    select order_key, 'gateway', currency, own_day, source, account, value
    from in_parts cross join lateral (values
        (:clearing || ' ' || gateway, -left_over), (:rounding, left_over)
    ) of (account, value)
), wanted as (
    select order_key, leg, currency, account, own_day, sum(amount) as amount, max(source) as source
    from entry group by order_key, leg, currency, account, own_day
), held as (
    select p.order_key, p.leg, p.currency, p.account, coalesce(p.late_for, p.day) as own_day,
        sum(p.amount) as amount
    from sfcc_cin7.postings p join scope using (order_key)
    where p.leg <> 'correction'
    group by p.order_key, p.leg, p.currency, p.account, coalesce(p.late_for, p.day)
), moved as (
    select order_key, leg, currency, account, own_day,
        coalesce(w.amount, 0) - coalesce(h.amount, 0) as amount,
        coalesce(w.source, 'gone from its source') as source, h.order_key is not null as again
    from wanted w full join held h using (order_key, leg, currency, account, own_day)
    where coalesce(w.amount, 0) <> coalesce(h.amount, 0)
)
insert into sfcc_cin7.postings
    (order_key, day, late_for, leg, account, currency, amount, source, reason, posted_at)
select order_key,
    case when own_day <= :closed then :first_open else own_day end,
    case when own_day <= :closed then own_day end,
    leg, account, currency, amount, source,
    case when again then 'correction: the source states something else now'
        else 'as the source states' end,
    :at
from moved
order by order_key, leg, account -- what is read together lies together
"""
"""Storefront, ERP and gateway legs of what is in scope, against what is posted of it, day by day.

A consolidated sale is posted as the shares of its orders, and under its own key only what is
credited of it, because a credit note does not say of whose order it is. The day
of an entry is that of the movement in the merchant's zone: an order's capture, also for its sale; a
credit note's date; a settlement line's; a transfer's. Where its month is closed it is posted on the
first open day, and `late_for` names its own.
Where a gateway pays out in another currency the shopper's amount leaves `due from` into currency
gain and loss, and comes out of it in the currency of the bank: each currency sums to zero.
"""

NAMES = {
    "due_from": accounts.DUE_FROM,
    "others": accounts.OTHERS,
    "clearing": accounts.CLEARING,
    "bank": accounts.BANK,
    "fees": accounts.FEES,
    "rounding": accounts.ROUNDING,
    "refunds_paid": accounts.REFUNDS_PAID,
    "refunds_credited": accounts.REFUNDS_CREDITED,
    "disputes": accounts.DISPUTES,
    "reserves": accounts.RESERVES,
    "payments": accounts.PAYMENTS,
    "currency": accounts.CURRENCY,
    "adjustments": accounts.ADJUSTMENTS,
    "certificates": accounts.CERTIFICATES,
    "revenue": accounts.REVENUE,
    "tax_charged": accounts.TAX_CHARGED,
    "erp_receivable": accounts.ERP_RECEIVABLE,
    "erp_revenue": accounts.ERP_REVENUE,
    "tax_booked": accounts.TAX_BOOKED,
}


def post(connection: Connection, at: datetime, zone: str = "UTC") -> int:
    """Post what the legs in scope differ from what is posted, on days of this IANA zone; the number
    of entries."""
    closed = closed_until(connection)
    told = {"at": at, "zone": zone, "closed": closed, "first_open": first_open(closed)}
    return connection.execute(text(POST), {**NAMES, **told}).rowcount


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
    """A person moves `amount` from one account to another, beside the legs, and says why; on the
    first open day where the month of `day` is closed.

    Raises:
        ValueError: no reason, no author, or nothing to move.
    """
    if not reason.strip() or not author.strip() or not amount:
        raise ValueError("A correction needs an amount, a reason and an author.")
    closed = closed_until(connection)
    common = {
        "order_key": order_key,
        "day": first_open(closed) if day <= closed else day,
        "late_for": day if day <= closed else None,
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
