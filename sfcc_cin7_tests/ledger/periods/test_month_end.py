"""What a month came to: roll-forward, tax, gift certificates, and what finance is shown of it."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from sfcc_cin7.db.schema import captured_orders
from sfcc_cin7.ledger.close_assets import rolled_shown, taxes_shown
from sfcc_cin7.ledger.periods.closing import close_month
from sfcc_cin7.ledger.periods.roll_forward import Booked, RollForward, Stated, roll_forward
from sfcc_cin7.ledger.periods.rolling import rolled_forward
from sfcc_cin7.ledger.periods.showing import months_shown
from sfcc_cin7.ledger.records import month_end
from sfcc_cin7.ledger.records.postings import correct
from sfcc_cin7_tests.ledger.payouts.till import Till
from sfcc_cin7_tests.ledger.periods.till import NORMALISED, row, till

D = Decimal
__all__ = ["till"]
FIGURES = st.decimals(-1000, 1000, places=2)


@given(*(FIGURES for _ in range(5)))
def test_every_difference_but_those_that_have_a_name_is_unexplained(
    stated: Decimal, late: Decimal, by_hand: Decimal, parts: Decimal, off: Decimal
) -> None:
    closing = stated - late + by_hand + parts + off
    books = Booked(
        gateway="stripe",
        currency="GBP",
        closing=closing,
        late=late,
        corrected_until=by_hand,
        in_parts=parts,
    )
    reports = Stated(gateway="stripe", currency="GBP", closing=stated)
    [one] = roll_forward("2026-01", [books], [reports])
    assert one.unexplained == off
    assert sum(one.named.values()) == closing - stated - off


def until(till: Till, *when: int) -> None:
    there = datetime(*when, tzinfo=UTC)  # type: ignore[arg-type,misc]
    till.clock.sleep((there - till.clock.now()).total_seconds())


def rolled(till: Till, month: str) -> RollForward:
    with till.engine.connect() as connection:
        [one] = rolled_forward(connection, month, till.model.time_zone)
    return one


def a_quarter(till: Till) -> None:
    """January with a transfer, and a charge of it that is paid out in February."""
    until(till, 2026, 1, 20)
    till.sold(gateway="stripe", reference="r")
    first = row("1", "charge", "100.00", "2026-01-20T12:00:00Z", fee="1.00", reference="r")
    first += row("2", "payout", "0", "2026-01-22T00:00:00Z", net="99.00")
    later = row("3", "charge", "50.00", "2026-01-30T12:00:00Z", payout="po_2")
    later += row("4", "payout", "0", "2026-02-02T00:00:00Z", net="50.00", payout="po_2")
    till.leave("stripe", "january.csv", NORMALISED + first + later)
    until(till, 2026, 2, 5)
    till.pass_()


def test_a_month_opens_with_what_the_one_before_closed_with(till: Till) -> None:
    a_quarter(till)
    january, february = rolled(till, "2026-01"), rolled(till, "2026-02")
    assert (january.opening, january.lines, january.sent, january.closing) == (
        *(D(0), D("149.00")),
        *(D("99.00"), D("50.00")),
    )
    assert (february.opening, february.lines, february.sent, february.closing) == (
        *(D("50.00"), D(0)),
        *(D("50.00"), D(0)),
    )
    assert january.unexplained == february.unexplained == 0
    assert (january.transfers, january.arrived, january.on_the_way) == (1, 0, D("99.00"))


def test_what_came_late_and_what_a_person_corrected_have_a_name(till: Till) -> None:
    a_quarter(till)
    close_month(till.engine, till.model, till.clock, "2026-01", "ann")
    more = row("5", "fee", "0", "2026-01-31T12:00:00Z", fee="0.50", net="-0.50", payout="po_3")
    more += row("6", "payout", "0", "2026-02-03T00:00:00Z", net="-0.50", payout="po_3")
    till.leave("stripe", "late.csv", NORMALISED + more)
    till.pass_()
    with till.engine.begin() as connection:
        correct(
            connection, "b:s:1", "2026-02-04", debit="clearing stripe", credit="adjustments",
            currency="GBP", amount=D("3.00"), reason="a bill", author="ann",
            at=till.clock.now(),
        )  # fmt: skip
    january, february = rolled(till, "2026-01"), rolled(till, "2026-02")
    assert (january.closing, january.stated) == (D("50.00"), D("49.50"))
    assert list(january.named.values()) == [D("0.50")]
    assert list(february.named.values()) == [D("3.00")]
    assert january.unexplained == february.unexplained == 0
    page = str(rolled_shown("2026-01", [january], "closed by ann")["page"].value)
    assert "0.50 GBP posted in a later month, because this one was closed" in page
    told = list(months_shown(till.engine, till.model, till.clock))
    assert told[0] == "The books are closed until 2026-01-31."
    assert "2026-02 holds for 2026-01: 0.50 GBP on fees" in told


def test_parts_of_a_penny_that_a_transfer_does_not_have_are_named(till: Till) -> None:
    lines = row("1", "charge", "10.00", "2026-01-20T12:00:00Z", fee="0.123456")
    lines += row("2", "payout", "0", "2026-01-22T00:00:00Z", net="9.88")
    till.leave("stripe", "january.csv", NORMALISED + lines)
    till.pass_()
    january = rolled(till, "2026-01")
    assert (january.closing, january.unexplained) == (D(0), D(0))
    assert list(january.named.values()) == [D("0.0035")]


def test_parts_of_a_penny_of_a_closed_month_are_named_too(till: Till) -> None:
    until(till, 2026, 2, 5)
    close_month(till.engine, till.model, till.clock, "2026-01", "ann")
    lines = row("1", "charge", "10.00", "2026-01-20T12:00:00Z", fee="0.123456")
    lines += row("2", "payout", "0", "2026-01-22T00:00:00Z", net="9.88")
    till.leave("stripe", "a.csv", NORMALISED + lines)
    till.pass_()
    january, february = rolled(till, "2026-01"), rolled(till, "2026-02")
    assert january.unexplained == february.unexplained == 0


def test_a_line_that_is_not_in_the_books_yet_is_unexplained_until_it_is(till: Till) -> None:
    a_quarter(till)
    more = row("5", "fee", "0", "2026-01-31T12:00:00Z", fee="0.50", net="-0.50", payout="po_2")
    till.leave("stripe", "more.csv", NORMALISED + more)
    till.read()
    assert rolled(till, "2026-01").unexplained == D("0.50")
    till.pass_()
    assert rolled(till, "2026-01").unexplained == 0


def test_tax_is_told_by_place_and_stated_rate_and_comes_to_what_is_posted(till: Till) -> None:
    until(till, 2026, 1, 20)
    first, second = till.sold("1", gateway="stripe"), till.sold("2", gateway="stripe")
    taxes = [
        {"rate": "0.2", "base": "50.00", "tax": "10.00"},
        {"rate": "0", "base": "38.00", "tax": "0"},
    ]
    with till.engine.begin() as connection:
        for key, tax, place in ((first, "12.00", "US/CA"), (second, "5.00", None)):
            connection.execute(
                update(captured_orders)
                .where(captured_orders.c.order_key == key)
                .values(tax=D(tax), place=place, taxes=taxes if place else [])
            )
    till.pass_()
    with till.engine.connect() as connection:
        found = month_end.taxes(connection, "2026-01")
    by_rate = {(each.place, each.rate): (each.base, each.charged) for each in found if each.charged}
    assert by_rate == {
        ("US/CA", "0.2"): (D("50.00"), D("10.00")),
        ("US/CA", None): (D(0), D("2.00")),  # of duties, or what no line states
        (None, None): (D(0), D("5.00")),
    }
    page = str(taxes_shown("2026-01", found, "open")["page"].value)
    assert "| US/CA | 12.00 GBP | 0.00 GBP | 12.00 GBP |" in page
    assert "| US/CA | 20 % | 50.00 GBP | 10.00 GBP | 1 |" in page


def test_certificates_are_owed_until_they_are_spent(till: Till) -> None:
    until(till, 2026, 1, 20)
    sold, spent = till.sold("1", gateway="stripe"), till.sold("2", gateway="stripe")
    with till.engine.begin() as connection:
        for key, name in ((sold, "certificates_sold"), (spent, "certificates_spent")):
            connection.execute(
                update(captured_orders)
                .where(captured_orders.c.order_key == key)
                .values({name: D("30.00")})
            )
    till.pass_()
    with till.engine.connect() as connection:
        [one] = month_end.certificates(connection, "2026-01")
        [later] = month_end.certificates(connection, "2026-02")
    assert (one.opening, one.sold, one.spent, one.closing) == (0, D("30.00"), D("30.00"), 0)
    assert (later.opening, later.closing) == (0, 0)
