"""What journals should hold, and what went out as such: sums by subject, day and account."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, text, update

from sfcc_cin7.db.schema import journal_batches, journal_entries, journal_lines, month_signoffs
from sfcc_cin7.ledger.journals.entries import Entry, JournalLine, Sum

SALES = """
select 'sales' as subject, day, currency, account, sum(amount) as amount from (
    select day, currency, account, amount from sfcc_cin7.postings
    where leg = 'correction' or (leg = 'storefront' and :with_sales)
    union all
    select p.day, p.currency, side.account, side.amount
    from sfcc_cin7.postings p
    cross join lateral (values (p.account, p.amount), ('refunds paid', -p.amount))
        as side (account, amount)
    where p.leg = 'erp' and p.account in ('refunds', 'refunds credited') and :with_sales
) posting where day >= :since and day < :today
group by day, currency, account having sum(amount) <> 0
"""
"""Of the ERP's leg only what it credits, against what gateways gave back: its sales are the
storefront's, which are here already."""

SETTLED_BY_DAY = """
select 'day' as subject, day, currency, account, sum(amount) as amount
from sfcc_cin7.postings where leg = 'gateway' and day >= :since and day < :today
group by day, currency, account having sum(amount) <> 0
"""

SETTLED_BY_PAYOUT = """
with dated as (
    select gateway, payout_id,
        to_char(coalesce(max(paid_at), max(moved_at)) at time zone :zone, 'YYYY-MM-DD') as day
    from (
        select gateway, payout_id, null as paid_at, occurred_at as moved_at
        from sfcc_cin7.payout_lines
        union all select gateway, payout_id, paid_at, null from sfcc_cin7.payouts
    ) each group by gateway, payout_id
), line as (
    select *, gross - net - fee as left_over, currency = settled_currency as one_currency,
        case when kind = 'charge' or (kind = 'adjustment' and order_key is not null)
            then 'due from ' || gateway
        when kind = 'refund' then 'refunds paid'
        when kind = 'chargeback' then 'disputes'
        when kind = 'balance' then 'reserves and balance transfers'
        when kind = 'payment' then 'payments made'
        when kind = 'conversion' then 'currency gain and loss'
        else 'adjustments' end as against
    from sfcc_cin7.payout_lines
), entry as (
    select gateway, payout_id, settled_currency as currency, account, amount
    from line cross join lateral (values
        ('clearing ' || gateway, net),
        ('fees', fee),
        (against, case when one_currency then -gross else 0 end),
        (case when abs(left_over) < 0.01 then 'rounding' else 'adjustments' end,
            case when one_currency then left_over else 0 end),
        ('currency gain and loss', case when one_currency then 0 else -net - fee end)
    ) of (account, amount)
    union all
    select gateway, payout_id, currency, account, amount
    from line cross join lateral (values
        (against, -gross), ('currency gain and loss', gross)
    ) of (account, amount)
    where not one_currency
    union all
    select gateway, payout_id, currency, account, value
    from sfcc_cin7.payouts cross join lateral (values
        ('bank', amount), ('clearing ' || gateway, -amount)
    ) of (account, value)
)
select 'payout:' || gateway || ':' || payout_id as subject, day, currency, account,
    sum(amount) as amount
from entry join dated using (gateway, payout_id)
where day >= :since
group by gateway, payout_id, day, currency, account having sum(amount) <> 0
"""
"""A payout that was sent is of the day of its transfer; lines that no transfer names are of the day
of the last of them, and stay in clearing."""

WAITING = """
select distinct 'payout:' || l.gateway || ':' || l.payout_id as subject
from sfcc_cin7.payout_lines l
left join sfcc_cin7.payout_reports r on r.gateway = l.gateway and r.name = l.report
where r.standing is distinct from 'final' or r.problem is not null
"""

EXPORTED = """
select e.subject, e.day, e.currency, l.account, sum(l.amount) as amount
from sfcc_cin7.journal_entries e join sfcc_cin7.journal_lines l on l.entry_id = e.id
where e.target = :target and e.day >= :since
group by e.subject, e.day, e.currency, l.account
"""


def lock_exports(connection: Connection) -> None:
    """One export at a time, until the transaction ends."""
    connection.execute(text("select sfcc_cin7.lock_table('journal_batches')"))


def sales(connection: Connection, since: str, today: str, *, with_sales: bool) -> list[Sum]:
    """Sales, credit notes and what persons corrected, of days in [since, today)."""
    return _sums(connection, SALES, since=since, today=today, with_sales=with_sales)


def settled_by_day(connection: Connection, since: str, today: str) -> list[Sum]:
    """What gateways settled on days in [since, today)."""
    return _sums(connection, SETTLED_BY_DAY, since=since, today=today)


def settled_by_payout(connection: Connection, since: str, zone: str) -> list[Sum]:
    """What each payout holds, of days from `since` on in this IANA zone."""
    return _sums(connection, SETTLED_BY_PAYOUT, since=since, zone=zone)


def last_signed(connection: Connection) -> str:
    """The last month that was signed, YYYY-MM; empty where none was."""
    return connection.scalar(select(func.max(month_signoffs.c.month))) or ""


def waiting_payouts(connection: Connection) -> set[str]:
    """Subjects of payouts of which a report is not final."""
    return set(connection.scalars(text(WAITING)))


def exported(connection: Connection, target: str, since: str) -> list[Sum]:
    """What went to the books, of days since then."""
    return _sums(connection, EXPORTED, target=target, since=since)


def keep_batch(connection: Connection, target: str, entries: Sequence[Entry], at: datetime) -> int:
    """Mark entries as exported, together; the number of the batch."""
    batch = connection.execute(
        insert(journal_batches).values(target=target, at=at).returning(journal_batches.c.id)
    ).scalar_one()
    for entry in entries:
        row = {
            name: getattr(entry, name)
            for name in ("subject", "day", "booked_on", "currency", "narration")
        } | {"batch_id": batch, "target": target}
        statement = insert(journal_entries).values(row).returning(journal_entries.c.id)
        entry_id = connection.execute(statement).scalar_one()
        connection.execute(
            insert(journal_lines), [{**vars(line), "entry_id": entry_id} for line in entry.lines]
        )
    return int(batch)


def unwritten(connection: Connection) -> list[Row[Any]]:
    """Batches whose files are not there yet."""
    query = select(journal_batches).where(journal_batches.c.written_at.is_(None))
    return list(connection.execute(query.order_by(journal_batches.c.id)))


def batch(connection: Connection, number: int) -> Row[Any] | None:
    """A batch by its number."""
    query = select(journal_batches).where(journal_batches.c.id == number)
    return connection.execute(query).one_or_none()


def written(connection: Connection, number: int, at: datetime) -> None:
    """The files of a batch are there."""
    connection.execute(
        update(journal_batches).where(journal_batches.c.id == number).values(written_at=at)
    )


def entries_of(connection: Connection, number: int) -> list[Entry]:
    """The entries of a batch, as they were exported."""
    query = (
        select(
            journal_entries, journal_lines.c.account, journal_lines.c.code, journal_lines.c.amount
        )
        .join(journal_lines, journal_lines.c.entry_id == journal_entries.c.id)
        .where(journal_entries.c.batch_id == number)
        .order_by(journal_entries.c.id, journal_lines.c.account)
    )
    found: dict[int, tuple[Row[Any], list[JournalLine]]] = {}
    for row in connection.execute(query):
        _, lines = found.setdefault(row.id, (row, []))
        lines.append(JournalLine(row.account, row.code, row.amount))
    return [
        Entry(
            row.subject,
            row.day,
            row.booked_on,
            row.currency,
            row.narration,
            lines,
            f"SFCC-{row.id}",
        )
        for row, lines in found.values()
    ]


def _sums(connection: Connection, query: str, **values: object) -> list[Sum]:
    return [Sum(**row._mapping) for row in connection.execute(text(query), values)]
