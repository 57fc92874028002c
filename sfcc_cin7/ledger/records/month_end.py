"""What a month came to, by gateway, place, certificate and site: from postings, by their day."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, text

from sfcc_cin7.ledger import accounts
from sfcc_cin7.values.months import first_day, last_day

BOOKED = """
select substr(account, length(:clearing) + 2) as gateway, currency,
    sum(amount) filter (where day < :first) as opening,
    sum(amount) filter (where day between :first and :last
        and leg = 'gateway' and order_key not like 'transfer:%') as lines,
    -sum(amount) filter (where day between :first and :last
        and leg = 'gateway' and order_key like 'transfer:%') as sent,
    sum(amount) filter (where day between :first and :last and leg = 'correction') as corrected,
    sum(amount) filter (where day <= :last) as closing,
    sum(amount) filter (where day <= :last and leg = 'correction') as corrected_until,
    sum(amount) filter (where day > :last and late_for <= :last) as late
from sfcc_cin7.postings where account like :clearing || ' %'
group by 1, 2 order by 1, 2
"""
IN_PARTS = """
select split_part(order_key, ':', 2) as gateway, currency, sum(amount) as amount
from sfcc_cin7.postings
where account = :rounding and leg = 'gateway' and order_key like 'transfer:%'
and coalesce(late_for, day) <= :last group by 1, 2
"""
STATED = """
with moved as (
    select gateway, settled_currency as currency, round(net, 4) as line, 0 as sent,
        to_char(occurred_at at time zone :zone, 'YYYY-MM-DD') as day
    from sfcc_cin7.payout_lines
    union all
    select gateway, currency, 0, amount, to_char(paid_at at time zone :zone, 'YYYY-MM-DD')
    from sfcc_cin7.payouts
)
select gateway, currency,
    sum(line) filter (where day between :first and :last) as lines,
    sum(sent) filter (where day between :first and :last) as sent,
    sum(line - sent) filter (where day <= :last) as closing
from moved group by 1, 2 order by 1, 2
"""
AT_THE_BANK = """
select p.gateway, p.currency, count(*) as transfers,
    count(b.line_key) as arrived,
    coalesce(sum(p.amount) filter (where b.line_key is null), 0) as on_the_way
from sfcc_cin7.payouts p left join sfcc_cin7.bank_lines b on b.gateway = p.gateway
    and b.payout_id = p.payout_id and b.currency = p.currency and b.transfer_key = p.transfer_key
where to_char(p.paid_at at time zone :zone, 'YYYY-MM-DD') between :first and :last
group by 1, 2
"""
TAX = """
with moved as (
    select p.order_key, p.currency,
        -coalesce(sum(p.amount) filter (where account = :tax_charged), 0) as charged,
        -coalesce(sum(p.amount) filter (where account = :tax_booked), 0) as booked
    from sfcc_cin7.postings p
    where account in (:tax_charged, :tax_booked) and day between :first and :last
    group by 1, 2
), of_orders as (
    select m.*, c.place, c.taxes,
        case when m.charged = c.tax then 1 when m.charged = -c.tax then -1 end as sign
    from moved m left join sfcc_cin7.captured_orders c using (order_key)
), parts as (
    select o.order_key, o.currency, o.place, t.rate, o.sign * t.base as base, o.sign * t.tax as tax
    from of_orders o
    cross join lateral jsonb_to_recordset(o.taxes) as t (rate text, base numeric, tax numeric)
    where o.sign is not null and o.charged <> 0
), stated as (
    select order_key, currency, sum(tax) as tax from parts group by 1, 2
)
select place, currency, rate, sum(base) as base, sum(tax) as charged, 0 as booked,
    count(distinct order_key) as orders
from parts group by 1, 2, 3
union all
select place, currency, null, 0, sum(charged - coalesce(s.tax, 0)), sum(booked), count(*)
from of_orders left join stated s using (order_key, currency)
group by 1, 2
"""
CERTIFICATES = """
select currency,
    -coalesce(sum(amount) filter (where day < :first), 0) as opening,
    -coalesce(sum(amount) filter (where day between :first and :last and amount < 0), 0) as sold,
    coalesce(sum(amount) filter (where day between :first and :last and amount > 0), 0) as spent,
    -coalesce(sum(amount) filter (where day <= :last), 0) as closing
from sfcc_cin7.postings where account = :certificates group by 1 order by 1
"""
MARGIN = """
with live as (
    select substr(day, 1, 7) as month, site, currency, sum(revenue) as revenue, sum(cost) as cost,
        sum(unknown) as unknown
    from sfcc_cin7.margin_days where substr(day, 1, 7) between :from_month and :month
    group by 1, 2, 3
), closed as (
    select id, month from (
        select distinct on (month) id, month, kind from sfcc_cin7.period_closings
        order by month, id desc
    ) latest where kind = 'closed' and month between :from_month and :month
), kept as (
    select c.month, m.site, m.currency, m.revenue, m.cost, m.unknown
    from closed c join sfcc_cin7.closed_margins m on m.closing_id = c.id
), found as (
    select month, site, currency,
        case when c.id is null then l.revenue else coalesce(k.revenue, 0) end as revenue,
        case when c.id is null then l.cost else coalesce(k.cost, 0) end as cost,
        case when c.id is null then l.unknown else coalesce(k.unknown, 0) end as unknown,
        case when c.id is null then 0 else coalesce(l.revenue - l.cost, 0)
            - coalesce(k.revenue - k.cost, 0) end as moved
    from live l full join kept k using (month, site, currency) left join closed c using (month)
)
select * from found where revenue <> 0 or unknown <> 0 or moved <> 0 order by 1 desc, 2, 3
"""


def _days(month: str) -> dict[str, str]:
    return {"first": first_day(month), "last": last_day(month)}


def booked(connection: Connection, month: str) -> Sequence[Row[Any]]:
    """(`gateway`, `currency`, `opening`, `lines`, `sent`, `corrected`, `closing`,
    `corrected_until`, `late`) of each gateway's clearing account: see `roll_forward.Booked`."""
    return connection.execute(text(BOOKED), {"clearing": accounts.CLEARING, **_days(month)}).all()


def rounded_away(connection: Connection, month: str) -> dict[tuple[str, str], Decimal]:
    """What left clearing for rounding until the end of a month, by gateway and currency, with what
    is posted of it later: what is late holds that already."""
    told = {"rounding": accounts.ROUNDING, "last": last_day(month)}
    rows = connection.execute(text(IN_PARTS), told)
    return {(row.gateway, row.currency): row.amount for row in rows}


def stated(connection: Connection, month: str, zone: str) -> Sequence[Row[Any]]:
    """(`gateway`, `currency`, `lines`, `sent`, `closing`) of the reports as they are now."""
    return connection.execute(text(STATED), {"zone": zone, **_days(month)}).all()


def at_the_bank(connection: Connection, month: str, zone: str) -> Sequence[Row[Any]]:
    """(`gateway`, `currency`, `transfers`, `arrived`, `on_the_way`) of the month's transfers."""
    return connection.execute(text(AT_THE_BANK), {"zone": zone, **_days(month)}).all()


def taxes(connection: Connection, month: str) -> Sequence[Row[Any]]:
    """(`place`, `currency`, `rate`, `base`, `charged`, `booked`, `orders`) by stated rate. The row
    without a rate is tax that is stated for no line, and all that the ERP booked."""
    told = {
        "tax_charged": accounts.TAX_CHARGED,
        "tax_booked": accounts.TAX_BOOKED,
        **_days(month),
    }
    return connection.execute(text(TAX), told).all()


def certificates(connection: Connection, month: str) -> Sequence[Row[Any]]:
    """(`currency`, `opening`, `sold`, `spent`, `closing`): what is owed to holders of gift
    certificates. An order that buys and spends some is one movement."""
    told = {"certificates": accounts.CERTIFICATES, **_days(month)}
    return connection.execute(text(CERTIFICATES), told).all()


def margins(connection: Connection, from_month: str, month: str) -> Sequence[Row[Any]]:
    """(`month`, `site`, `currency`, `revenue`, `cost`, `unknown`, `moved`), the latest first, by
    the UTC day of the order. A closed month is as it was when it was closed; by how much the margin
    would be another now is `moved`."""
    told = {"from_month": from_month, "month": month}
    return connection.execute(text(MARGIN), told).all()
