"""What may be decided about a break, and by whom; no database is asked."""

from datetime import UTC, datetime
from decimal import Decimal

import openpyxl
import pytest

from sfcc_cin7.ledger.breaks.break_classes import Break
from sfcc_cin7.ledger.breaks.deciding import (
    Balance,
    CannotBeWrittenOff,
    Decision,
    over_the_limit,
    set_aside,
    write_off,
)
from sfcc_cin7.ledger.work.listing import Listed, as_csv, as_spreadsheet

D = Decimal


def a_break(amount: str = "1.40", currency: str = "GBP") -> Break:
    return Break("b:s:1", "2025-12-05", "amount", "why", D(amount), currency, leg="gateway")


def a_decision(amount: str = "1.40", currency: str = "GBP") -> Decision:
    return Decision(7, "accept", ("b:s:1", "amount", "gateway"), D(amount), currency)


@pytest.mark.parametrize(
    ("decided", "left", "ended"),
    [
        (a_decision(), 0, 0),
        (a_decision("1.41"), 1, 1),  # another amount is another break
        (a_decision(currency="EUR"), 1, 1),
    ],
)
def test_a_decision_holds_for_just_the_difference_that_it_was_made_for(
    decided: Decision, left: int, ended: int
) -> None:
    open_, gone = set_aside([a_break()], [], [decided])
    assert (len(open_), len(gone)) == (left, ended)


def test_a_decision_ends_once_the_legs_agree_and_stays_while_the_difference_has_its_grace() -> None:
    assert set_aside([], [], [a_decision()]) == ([], [a_decision()])
    assert set_aside([], [a_break()], [a_decision()]) == ([], [])


@pytest.mark.parametrize(
    ("held", "accounts"),
    [
        ([("gateway clearing", "1.40")], ("write-offs", "gateway clearing")),
        ([("due from stripe", "-1.40")], ("due from stripe", "write-offs")),
        # the one that holds just this much, whatever else is open
        ([("gateway clearing", "50"), ("refunds paid", "1.40")], ("write-offs", "refunds paid")),
        # what went back and is not credited, or is credited and did not go back
        ([("refunds paid", "20"), ("refunds credited", "18.60")], ("write-offs", "refunds paid")),
        ([("disputes", "20"), ("refunds credited", "18.60")], ("write-offs", "disputes")),
        ([("refunds credited", "1.40")], ("refunds paid", "write-offs")),
    ],
)
def test_a_write_off_closes_what_an_account_still_holds(
    held: list[tuple[str, str]], accounts: tuple[str, str]
) -> None:
    balances = [Balance(account, "GBP", D(amount)) for account, amount in held]
    assert write_off(balances, D("1.40"), "GBP") == accounts


@pytest.mark.parametrize(
    "held",
    [
        [],
        [Balance("gateway clearing", "GBP", D("1.39"))],
        [Balance("gateway clearing", "EUR", D("1.40"))],
        [Balance("storefront revenue", "GBP", D("-1.40"))],
        # what went back and is credited
        [Balance("refunds paid", "GBP", D("20")), Balance("refunds credited", "GBP", D("20"))],
        [Balance("disputes", "GBP", D("20")), Balance("refunds credited", "GBP", D("20"))],
        # a fee that was taken; what is in clearing goes to the bank
        [Balance("clearing stripe", "GBP", D("98.60")), Balance("fees", "GBP", D("1.40"))],
    ],
)
def test_money_that_no_account_holds_cannot_be_written_off(held: list[Balance]) -> None:
    with pytest.raises(CannotBeWrittenOff, match="accept it"):
        write_off(held, D("1.40"), "GBP")


def test_everybody_decides_up_to_a_limit_and_nobody_without_one() -> None:
    limits = {"kim": D("10")}
    assert over_the_limit("kim", D("10"), limits, "GBP") is None
    assert "more than the 10.00 GBP" in str(over_the_limit("kim", D("10.01"), limits, "GBP"))
    assert "Who may: kim." in str(over_the_limit("lee", D("0.01"), limits, "GBP"))


def listed(**changed: object) -> Listed:
    given = {
        "number": 1, "what": "00000001 (UK)", "subject": "b:s:1", "problem": "Charged twice",
        "code": "payout-duplicate", "day": "2025-12-05", "amount": D("1.40"), "currency": "GBP",
        "worth": D("1.40"), "owner": "team:finance", "opened": datetime(2025, 12, 6, tzinfo=UTC),
        "closed": None, "explanation": "why", "closed_because": "",
    }  # fmt: skip
    return Listed(**{**given, **changed})  # type: ignore[arg-type]


def test_a_spreadsheet_holds_amounts_as_numbers_and_calculates_nothing(tmp_path) -> None:
    one = listed(what='=HYPERLINK("http://x")', explanation="-1 of 2")
    header, row = as_csv([one]).decode("utf-8-sig").splitlines()
    assert header.startswith("number,what,subject,problem,code,day,amount,currency,worth")
    assert "'=HYPERLINK" in row
    assert "'-1 of 2" in row
    path = tmp_path / "breaks.xlsx"
    path.write_bytes(as_spreadsheet([one]))
    [_, cells] = openpyxl.load_workbook(path).worksheets[0].iter_rows()
    assert (cells[6].value, cells[6].data_type) == (1.4, "n")
    assert cells[1].data_type == "s"
