"""Differences between the bank and the gateways are accepted or written off like any other."""

from decimal import Decimal

import pytest

from sfcc_cin7.inbox.action import ActionRefused, Author
from sfcc_cin7.ledger.work import acting
from sfcc_cin7.ledger.work.listing import Wanted, decisions_shown, listed_breaks
from sfcc_cin7_tests.ledger.bank.layouts import camt, camt_entry
from sfcc_cin7_tests.ledger.bank.test_bank import CAME, CHARGE, SENT, bank, february, open_
from sfcc_cin7_tests.ledger.payouts.till import Till
from sfcc_cin7_tests.ledger.periods.till import NORMALISED, by_day, till

D = Decimal
__all__ = ["till"]
KIM = Author("kim@alpenglow.example", "the bank's trace found nothing")


def differing(till: Till, statement: str) -> tuple[Till, list[int]]:
    """A transfer of 99.00 beside a statement; the numbers of what is open of the bank."""
    february(till)
    ledger = till.model.ledger.model_copy(update={"limits": {KIM.by: D(200)}})
    till.model = till.model.model_copy(update={"ledger": ledger})
    till.leave("stripe", "a.csv", (NORMALISED + CHARGE + SENT).replace("po_1", "po_12345"))
    till.leave("bank", "february.xml", statement)
    till.pass_()
    bank(till)
    found = listed_breaks(till.engine, till.clock, till.model, Wanted())
    return till, [one.number for one in found]


def test_a_transfer_that_never_came_is_written_off_and_back_when_it_comes_after_all(
    till: Till,
) -> None:
    till, numbers = differing(till, camt())
    acting.write_breaks_off(till.engine, till.clock, till.model, numbers, KIM)
    for _ in range(2):
        till.pass_()
        bank(till)
        assert open_(till) == {}
    assert sum(by_day(till, "bank", "correction").values()) == D("-99.00")
    till.leave("bank", "march.xml", CAME.replace("S1", "S2"))
    bank(till)
    assert (open_(till), by_day(till, "bank", "correction")) == ({}, {})
    assert decisions_shown(till.engine, till.model) == []


def test_what_the_bank_kept_is_accepted_until_it_is_another_amount(till: Till) -> None:
    short = camt(camt_entry("98.00", "2026-02-03", text="po_12345 of stripe"), closing="98.00")
    till, numbers = differing(till, short)
    assert list(open_(till).values()) == [D("1.00")]
    with pytest.raises(ActionRefused, match="accept"):
        acting.write_breaks_off(till.engine, till.clock, till.model, numbers, KIM)
    acting.accept_breaks(till.engine, till.clock, till.model, numbers, KIM)
    bank(till)
    assert open_(till) == {}
    till.leave("bank", "february.xml", short.replace("98.00", "97.00"))
    bank(till)
    assert list(open_(till).values()) == [D("2.00")]
    assert decisions_shown(till.engine, till.model) == []
