"""A month is signed: who says that its books are right, and what was open when they said so."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, Row, insert, select

from sfcc_cin7.db.schema import month_signoffs
from sfcc_cin7.inbox.action import ActionRefused, Author
from sfcc_cin7.ledger.periods.closing import close_month
from sfcc_cin7.ledger.records import payouts, periods
from sfcc_cin7.ledger.work.listing import Listed, Wanted, listed_breaks
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.months import month_of
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7.values.wording import counted

NAMED = 5
"""Reports that a refusal names."""
KEPT = ("number", "subject", "code", "day", "amount", "currency", "owner", "opened", "explanation")


def open_until(engine: Engine, clock: Clock, model: OperatingModel, month: str) -> list[Listed]:
    """Breaks of this month (YYYY-MM) and of those before it that are open now."""
    return [each for each in listed_breaks(engine, clock, model, Wanted()) if each.day[:7] <= month]


def sign_off(
    engine: Engine, clock: Clock, model: OperatingModel, month: str, who: Author
) -> list[str]:
    """A person signs a month, which closes it; what is open of it, or of an earlier one, is kept
    with the signature.

    It may be signed again: the newest signature counts, and the older ones stay.

    Raises:
        ActionRefused: it is no month, or is not over in the merchant's time zone; or settlement
            reports are not final, so that nobody knows yet what is open; or it cannot be closed.
    """
    now = clock.now()
    _refuse_what_is_not_over(month, wording(model).day(now))
    with engine.connect() as connection:
        waiting = [*payouts.reports_with_problems(connection), *payouts.open_reports(connection)]
        closed = periods.closed_until(connection)
    if waiting:
        names = ", ".join(f"{row.gateway}/{row.name}" for row in waiting[:NAMED])
        raise ActionRefused(
            f"{counted(len(waiting), 'settlement report')} not final or not read ({names}): see"
            " payouts_agree. Nothing was signed."
        )
    open_ = open_until(engine, clock, model, month)
    if month > month_of(closed):
        try:
            close_month(engine, model, clock, month, who.by, who.because)
        except ConfigurationError as refused:
            raise ActionRefused(f"{refused} Nothing was signed.") from None
    with engine.begin() as connection:
        connection.execute(
            insert(month_signoffs).values(
                month=month,
                open=[_kept(each) for each in open_],
                by=who.by,
                because=who.because,
                at=now,
            )
        )
    told = counted(len(open_), "open break") if open_ else "nothing open"
    return [f"{month} is signed by {who.by}, with {told}."]


def signatures(engine: Engine, month: str = "") -> Sequence[Row[Any]]:
    """Rows of `month_signoffs`, the newest first: of a month, or of all."""
    query = select(month_signoffs).order_by(month_signoffs.c.id.desc())
    if month:
        query = query.where(month_signoffs.c.month == month)
    with engine.connect() as connection:
        return connection.execute(query).all()


def _refuse_what_is_not_over(month: str, today: date) -> None:
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise ActionRefused(f"{month!r} is no month: write 2026-03.") from None
    if (first.year, first.month) >= (today.year, today.month):
        raise ActionRefused(f"{month} is not over: it can be signed from its end on.")


def _kept(one: Listed) -> dict[str, str]:
    told = asdict(one)
    return {name: _word(told[name]) for name in KEPT}


def _word(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)
