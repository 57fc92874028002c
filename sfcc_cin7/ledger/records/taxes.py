"""Stated and booked tax, by place and month."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from sqlalchemy import Connection, select, text

from sfcc_cin7.db.schema import erp_tax_rules
from sfcc_cin7.ledger.breaks.tax_rules import MonthOfTax

MONTHS = text("""
    select l.site, c.place, substr(l.day, 1, 7) as month, l.currency, count(*) as orders,
        sum(l.captured_tax) as stated, sum(l.booked_tax) as booked
    from sfcc_cin7.order_legs l
    left join sfcc_cin7.captured_orders c using (order_key)
    where l.site = any(:sites) and l.day >= :since and l.captured <> 0 and l.booked <> 0
    group by l.site, c.place, substr(l.day, 1, 7), l.currency
    order by 1, 3 desc, 2, 4
""")


def percents(connection: Connection) -> dict[str, Decimal]:
    """The percent (0-100) of each tax rule that a sale may use; empty until they were read."""
    query = select(erp_tax_rules.c.name, erp_tax_rules.c.percent).where(erp_tax_rules.c.active)
    return {row.name: row.percent for row in connection.execute(query)}


def months_of_tax(
    connection: Connection, sites: Collection[str], since: str
) -> Sequence[MonthOfTax]:
    """Of orders created on or after a day (`YYYY-MM-DD`) that are booked and not cancelled."""
    rows = connection.execute(MONTHS, {"sites": list(sites), "since": since})
    return [MonthOfTax(**row._mapping) for row in rows]
