"""Reports that need a person are rows of the inbox, for as long as they do."""

from sqlalchemy import Connection, select

from sfcc_cin7.db.schema import review_items
from sfcc_cin7.inbox.inbox import Finding, close_items, open_items
from sfcc_cin7.ledger.records import payouts
from sfcc_cin7.values.clock import Clock

UNREADABLE = "payout-report-unreadable"
NOT_FINAL = "payout-report-not-final"


def file_items(connection: Connection, owner: str, clock: Clock) -> None:
    """Open a row for each report that cannot be read or is not final, close those of the others."""
    now = clock.now()
    found = [
        Finding(_subject(row.gateway, row.name), UNREADABLE, row.problem, owner)
        for row in payouts.reports_with_problems(connection)
    ]
    found += [
        Finding(_subject(row.gateway, row.name), NOT_FINAL, row.note, owner)
        for row in payouts.open_reports(connection)
    ]
    open_items(connection, found, now)
    codes = {one.subject: one.code for one in found}
    listed = select(review_items.c.subject).where(
        review_items.c.code.in_([UNREADABLE, NOT_FINAL]), review_items.c.closed_at.is_(None)
    )
    for subject in set(connection.scalars(listed)):
        keep = [codes[subject]] if subject in codes else []
        close_items(connection, subject, now, "the report is read and final, or gone", keep=keep)


def _subject(gateway: str, name: str) -> str:
    return f"report:{gateway}/{name}"
