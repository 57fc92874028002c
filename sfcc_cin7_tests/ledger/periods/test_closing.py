"""A month is closed by somebody; what comes later for it is posted in the open one."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError

from sfcc_cin7.db.schema import SCHEMA, orders, period_closings, postings
from sfcc_cin7.ledger.periods.closing import changed_since_closing, close_month, reopen_month
from sfcc_cin7.ledger.records import decisions, periods
from sfcc_cin7.ledger.records.postings import correct, unbalanced
from sfcc_cin7.values.months import booked_on, first_open, following, last_day
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7_tests.ledger.payouts.till import Till
from sfcc_cin7_tests.ledger.periods.till import NORMALISED, by_day, in_zone, late, row, till

D = Decimal
__all__ = ["till"]

MONTHS = st.integers(2000, 2100).flatmap(
    lambda year: st.integers(1, 12).map(lambda month: f"{year}-{month:02}")
)


@given(MONTHS, st.dates(datetime(2000, 1, 1).date(), datetime(2101, 12, 31).date()))  # noqa: DTZ001
def test_nothing_is_ever_posted_on_a_closed_day(month: str, own: object) -> None:
    closed = last_day(month)
    day, late_for = booked_on(str(own), closed)
    assert day > closed
    assert (late_for or day) == str(own)
    assert (late_for is None) == (str(own) > closed)
    assert first_open(closed) == f"{following(month)}-01"


def january(till: Till) -> Till:
    """A till with a settled January, in February."""
    till.clock.sleep((datetime(2026, 1, 20, tzinfo=UTC) - till.clock.now()).total_seconds())
    till.sold(gateway="stripe", reference="r")
    charge = row("1", "charge", "100.00", "2026-01-20T12:00:00Z", fee="1.00", reference="r")
    sent = row("2", "payout", "0", "2026-01-22T00:00:00Z", net="99.00")
    till.leave("stripe", "january.csv", NORMALISED + charge + sent)
    till.clock.sleep((datetime(2026, 2, 5, tzinfo=UTC) - till.clock.now()).total_seconds())
    till.pass_()
    return till


def close(till: Till, month: str) -> None:
    close_month(till.engine, till.model, till.clock, month, "ann", "all is in")


def figures(till: Till, month: str) -> list[tuple[object, ...]]:
    with till.engine.connect() as connection:
        found = periods.balances(connection, f"{month}-01", last_day(month))
    return [tuple(each) for each in found]


def test_a_closed_month_never_changes_whatever_arrives_in_what_order(till: Till) -> None:
    """1,000 lines and restatements for January and February, after January was closed."""
    january(till)
    close(till, "2026-01")
    before = figures(till, "2026-01")
    chance = random.Random(22)
    start, lines = datetime(2026, 1, 1, tzinfo=UTC), {}
    for turn in range(4):
        for number in range(250):
            key = f"{turn}-{number}"
            lines[key] = row(
                key,
                chance.choice(["refund", "fee", "chargeback", "adjustment", "balance"]),
                f"-{chance.randrange(1, 9000)}.25",
                f"{start + timedelta(minutes=chance.randrange(59 * 24 * 60)):%Y-%m-%dT%H:%M:%SZ}",
                fee="0.25",
                reference=chance.choice(["r", "nobody's"]),
                payout=f"po_{turn}",
            )
        for key in chance.sample(sorted(lines), 50):  # stated anew, or no more
            lines[key] = chance.choice(["", lines[key].replace("nobody's", "r")])
        till.leave("stripe", "late.csv", NORMALISED + "".join(lines.values()))
        till.pass_()
        assert till.inbox() == {"report:stripe/late.csv": "report-not-final"}
        assert figures(till, "2026-01") == before
    stated = sum((D(each.split(",")[8]) for each in lines.values() if each), D(0))
    assert till.account("clearing stripe") == stated
    with till.engine.connect() as connection:
        assert changed_since_closing(connection) == []
        assert unbalanced(connection) == []


def test_what_comes_late_is_posted_on_the_first_open_day_and_names_its_own(till: Till) -> None:
    january(till)
    close(till, "2026-01")
    fee = row("4", "fee", "0", "2026-01-31T12:00:00Z", fee="0.50", net="-0.50", payout="po_2")
    path = till.leave("stripe", "late.csv", NORMALISED + fee)
    till.pass_()
    assert by_day(till, "fees") == {"2026-01-20": D("1.00"), "2026-02-01": D("0.50")}
    assert late(till) == {
        ("fees", "2026-01-31"): D("0.50"),
        ("clearing stripe", "2026-01-31"): D("-0.50"),
    }
    path.unlink()  # and what is taken back is so where it was posted
    till.pass_()
    assert by_day(till, "fees") == {"2026-01-20": D("1.00")}


def test_a_persons_correction_of_a_closed_day_is_posted_in_the_open_month(till: Till) -> None:
    january(till)
    close(till, "2026-01")
    with till.engine.begin() as connection:
        correct(
            connection,
            *("b:s:1", "2026-01-31"),
            debit="adjustments",
            credit="clearing stripe",
            currency="GBP",
            amount=D("0.01"),
            reason="written off",
            author="ann",
            at=till.clock.now(),
        )
        query = select(postings.c.day, postings.c.late_for).where(postings.c.leg == "correction")
        assert {tuple(each) for each in connection.execute(query)} == {("2026-02-01", "2026-01-31")}


@pytest.mark.parametrize("session", ["origin", "replica"])
def test_the_database_refuses_to_post_into_a_closed_month(till: Till, session: str) -> None:
    january(till)
    close(till, "2026-01")
    common = {"order_key": "b:s:1", "leg": "erp", "currency": "GBP", "source": "a person"}
    entries = [
        {**common, "day": "2026-01-31", "account": name, "amount": amount,
         "posted_at": till.clock.now()}
        for name, amount in (("fees", 1), ("bank", -1))
    ]  # fmt: skip
    with till.engine.connect() as connection:
        connection.execute(text(f"set local session_replication_role = {session}"))
        with pytest.raises(DBAPIError, match="closed until 2026-01-31"):
            connection.execute(insert(postings).values(entries))


def test_the_database_refuses_entries_that_balance_only_over_two_days(till: Till) -> None:
    common = {"order_key": "b:s:1", "leg": "erp", "currency": "GBP", "source": "a person"}
    entries = [
        {**common, "day": day, "account": "fees", "amount": amount, "posted_at": till.clock.now()}
        for day, amount in (("2026-01-30", 1), ("2026-01-31", -1))
    ]
    with (
        pytest.raises(DBAPIError, match="do not sum to zero"),
        till.engine.begin() as connection,
    ):
        connection.execute(insert(postings).values(entries))


def test_a_closing_is_signed_and_cannot_be_changed_or_taken_away(till: Till) -> None:
    january(till)
    close(till, "2026-01")
    with till.engine.connect() as connection:
        [closing] = periods.closings(connection)
        assert (closing.month, closing.kind, closing.author, closing.reason, closing.at) == (
            *("2026-01", "closed", "ann", "all is in"),
            till.clock.now(),
        )
    for statement in ("delete from", "truncate"):
        for table in (period_closings.name, "closed_balances"):
            with pytest.raises(DBAPIError, match="append-only"), till.engine.begin() as connection:
                connection.execute(text(f"{statement} {SCHEMA}.{table}"))
    with pytest.raises(ConfigurationError, match="who"):
        close_month(till.engine, till.model, till.clock, "2026-02", " ")


@pytest.mark.parametrize(
    ("month", "why"),
    [
        ("2026-01", "closed already"),
        ("2025-11", "closed already"),
        ("2026-03", "2026-02 comes first"),
        ("2026-02", "not over before the end of 2026-02-28"),
        ("2026-2", "no month"),
        ("2026-13", "no month"),
    ],
)
def test_a_month_that_cannot_be_closed_says_why(till: Till, month: str, why: str) -> None:
    january(till)
    close(till, "2026-01")
    with pytest.raises(ConfigurationError, match=why):
        close(till, month)


def test_a_sale_of_no_order_or_of_several_that_changed_is_waited_for_too(till: Till) -> None:
    january(till)
    batch, later = "alpenglow:alpenglow-uk:B-7", "alpenglow:alpenglow-uk:B-8"
    with till.engine.begin() as connection:
        connection.execute(update(orders).values(batch_key=batch))
    till.sold("00000009")  # in February
    with till.engine.begin() as connection:
        connection.execute(
            update(orders).where(orders.c.order_no == "00000009").values(batch_key=later)
        )
    till.pass_()
    for key in (batch, "alpenglow:alpenglow-uk:of no order"):
        with till.engine.begin() as connection:
            decisions.look_at(connection, [key, later])
        with pytest.raises(ConfigurationError, match="1 change of it is not in the books yet"):
            close(till, "2026-01")
        till.pass_()
    with till.engine.begin() as connection:
        decisions.look_at(connection, [later])
    close(till, "2026-01")


def test_a_month_is_over_when_it_is_over_where_the_merchant_is(till: Till) -> None:
    in_zone(till, "America/New_York")
    till.clock.sleep((datetime(2026, 2, 1, 4, 59, tzinfo=UTC) - till.clock.now()).total_seconds())
    with pytest.raises(ConfigurationError, match="not over"):
        close(till, "2026-01")
    till.clock.sleep(60)
    close(till, "2026-01")


def test_a_report_that_is_not_final_keeps_the_month_open_until_somebody_vouches(till: Till) -> None:
    january(till)
    path = till.leave(
        "stripe", "more.csv", NORMALISED + row("9", "charge", "5.00", "2026-01-30T12:00:00Z")
    )
    till.pass_()
    with pytest.raises(ConfigurationError, match=r"1 report not final .* stripe/more\.csv"):
        close(till, "2026-01")
    path.write_text("nonsense")
    till.pass_()
    with pytest.raises(ConfigurationError, match=r"stripe/more\.csv"):
        close(till, "2026-01")
    path.unlink()
    till.read()
    with pytest.raises(ConfigurationError, match="not in the books yet"):
        close(till, "2026-01")
    till.pass_()
    close(till, "2026-01")


def test_the_last_closed_month_is_opened_again_and_takes_what_comes_for_it(till: Till) -> None:
    january(till)
    close(till, "2026-01")
    with pytest.raises(ConfigurationError, match="last closed month"):
        reopen_month(till.engine, till.clock, "2025-12", "ann", "a bill")
    with pytest.raises(ConfigurationError, match="reason"):
        reopen_month(till.engine, till.clock, "2026-01", "ann", "")
    reopen_month(till.engine, till.clock, "2026-01", "ann", "a bill came")
    fee = row("4", "fee", "0", "2026-01-31T12:00:00Z", fee="0.50", net="-0.50", payout="po_1")
    till.leave("stripe", "late.csv", NORMALISED + fee)
    till.pass_()
    assert by_day(till, "fees") == {"2026-01-20": D("1.00"), "2026-01-31": D("0.50")}
    assert late(till) == {}
