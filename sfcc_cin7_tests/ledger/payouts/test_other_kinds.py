"""What files of gateways do beside the usual: other spellings, states, totals, columns of times."""

from decimal import Decimal

import pytest

from sfcc_cin7_tests.ledger.payouts.layouts import (
    adyen,
    adyen_payout,
    adyen_row,
    paypal,
    paypal_row,
    stripe,
    stripe_payout,
    stripe_row,
)
from sfcc_cin7_tests.ledger.payouts.test_files_as_they_come import read, refusal

D = Decimal
CHARGE = stripe_row("txn_1", "Charge", "98.60", gross="100.00", fee="1.40")
PAYPAL = paypal(paypal_row("PAY1", "T0006", 9800, fee=200))


def test_a_kind_is_the_same_however_it_is_written() -> None:
    assert read("stripe", stripe(CHARGE, stripe_payout("-98.60"))).lines[0].kind == "charge"
    settled = adyen(adyen_row("SETTLED", credit="5.00"), adyen_payout("5.00"))
    assert read("adyen", settled).lines[0].kind == "charge"
    assert "Line 2, column reporting_category" in refusal(
        "stripe", stripe(CHARGE.replace("Charge", ""))
    )
    assert "no code like T0006" in refusal("paypal", PAYPAL.replace("T0006", "T00O6"))


@pytest.mark.parametrize("form", ["adyen", "stripe"])
def test_dates_that_end_with_their_year_are_read_in_every_form(form: str) -> None:
    content = adyen(adyen_row(credit="5.00")) if form == "adyen" else stripe(CHARGE)
    for time in ("08:00:00", "09:00:00"):
        content = content.replace(f"2025-12-05 {time}", "5/12/2025 9:00")
    assert "say `dates`" in refusal(form, content)
    [line] = read(form, content, dates="day").lines
    assert f"{line.occurred_at:%m-%d}" == "12-05"


@pytest.mark.parametrize(
    ("footer", "said"),
    [
        ('"RF","GBP","9700","0","0","200"\n"RC",1\n', "the CR total of Gross"),
        ('"RC",2\n', "states 2 rows, but 1"),
        ('"RF","GBP","9800","0","0"\n', "states no totals"),
        ('"RF","GBP","9800","0","0","-200"\n', "states no totals"),
    ],
)
def test_what_a_paypal_report_states_of_itself_is_held_against_its_lines(
    footer: str, said: str
) -> None:
    whole = PAYPAL.replace('"RC",1\n', footer)
    assert said in refusal("paypal", whole)
    goes_on = whole.replace('"FH",01', '"FH",02')  # its first rows are in another file
    assert read("paypal", goes_on).standing == "final"


def test_of_many_missing_columns_it_is_said_that_the_file_may_be_another_report() -> None:
    summary = "reporting_category,currency,count\ncharge,gbp,1\n"
    assert "another kind of report" in refusal("stripe", summary)


ACTIVITY = (
    "Date,Time,TimeZone,Type,Status,Currency,Gross,Fee,Net,ID\n"
    "12/05/2025,23:30:00,PST,Payment,Completed,GBP,100.00,-2.00,98.00,P1\n"
    "12/05/2025,23:40:00,PST,Payment,pending,GBP,50.00,-1.00,49.00,P2\n"
)
COLUMNS = {
    "kind": "Type", "currency": "Currency", "gross": "Gross", "fee": "Fee", "net": "Net",
    "key": "ID", "occurred_at": "Date", "time": "Time", "zone": "TimeZone",
}  # fmt: skip


def test_a_payment_that_is_only_pending_is_no_money_and_times_may_have_columns_of_their_own() -> (
    None
):
    report = read(
        "columns",
        ACTIVITY,
        columns=COLUMNS,
        kinds={"Payment": "charge"},
        dates="month",
        ignored={"Status": ["Pending"]},
    )
    [line] = report.lines
    assert (line.net, f"{line.occurred_at:%d %H:%M}") == (D(98), "06 07:30")


def test_a_fee_that_is_named_like_its_payment_is_another_line() -> None:
    content = "t,id,c,a,at\nSALE,C1,EUR,100,05-Dec-2025 10:00:00 AM PST\n"
    content += "FEE,C1,EUR,-2.50,05-Dec-2025 10:00:00 AM PST\n"
    report = read(
        "columns",
        content,
        columns={"kind": "t", "key": "id", "currency": "c", "gross": "a", "occurred_at": "at"},
        kinds={"SALE": "charge", "FEE": "fee"},
    )
    assert [(line.key, line.net) for line in report.lines] == [("C1", 100), ("C1/fee", D("-2.50"))]
    assert f"{report.lines[0].occurred_at:%H:%M}" == "18:00"
