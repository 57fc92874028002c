"""What the books hold of a till, day by day."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from sfcc_cin7.db.schema import postings
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.ledger.payouts.till import Till
from sfcc_cin7_tests.project import SANDBOX_MODEL

NORMALISED = (
    "key,kind,payment_reference,merchant_reference,currency,gross,settled_currency,fee,net,"
    "occurred_at,payout_id\n"
)


@pytest.fixture
def till(engine: Engine, clock: ManualClock, tmp_path: Path) -> Till:
    """A merchant whose gateway `stripe` brings the normalised form."""
    return normalised_till(engine, clock, tmp_path)


def normalised_till(engine: Engine, clock: ManualClock, folder: Path) -> Till:
    model = load_operating_model(SANDBOX_MODEL)
    stripe = model.ledger.gateways["stripe"].model_copy(update={"report": "normalised"})
    ledger = model.ledger.model_copy(update={"gateways": {"stripe": stripe}})
    return Till(engine, clock, model.model_copy(update={"ledger": ledger}), folder)


def in_zone(till: Till, zone: str) -> Till:
    till.model = till.model.model_copy(update={"time_zone": zone})
    return till


def row(
    key: str,
    kind: str,
    gross: str,
    at: str,
    *,
    fee: str = "0",
    net: str | None = None,
    payout: str = "po_1",
    reference: str = "",
    currency: str = "GBP",
    settled: str = "GBP",
) -> str:
    """`at` is like 2026-01-31T23:30:00Z; the net is the gross without the fee where it is left
    out."""
    came = net if net is not None else str(Decimal(gross) - Decimal(fee))
    return f"{key},{kind},{reference},,{currency},{gross},{settled},{fee},{came},{at},{payout}\n"


def by_day(till: Till, account: str, leg: str = "gateway") -> dict[str, Decimal]:
    """What an account moved by, on each day on which it did."""
    query = (
        select(postings.c.day, func.sum(postings.c.amount).label("amount"))
        .where(postings.c.account == account, postings.c.leg == leg)
        .group_by(postings.c.day)
    )
    with till.engine.connect() as connection:
        return {each.day: each.amount for each in connection.execute(query) if each.amount}


def late(till: Till) -> dict[tuple[str, str], Decimal]:
    """What is posted late of account and own day."""
    query = select(postings).where(postings.c.late_for.is_not(None))
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    with till.engine.connect() as connection:
        for each in connection.execute(query):
            found[each.account, each.late_for] += each.amount
    return dict(found)
