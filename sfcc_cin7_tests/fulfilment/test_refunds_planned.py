"""Which credit notes finance has to book for what customer service asks to be given back."""

from decimal import Decimal

import pytest

from sfcc_cin7.fulfilment.deciding.refunds_asked import (
    Asked,
    AskedLine,
    Bill,
    Billed,
    BilledLine,
    Plan,
    Unreadable,
    plan,
    refunds_asked,
)

INVOICE = Bill(
    "INV-1",
    (
        BilledLine("TENT", Decimal(3), Decimal("30.00"), Decimal("6.00")),
        BilledLine("MUG", Decimal(3), Decimal("10.00"), Decimal("2.00")),
    ),
    freight=Decimal("4.80"),
)


def asked(id: str, units: int = 0, sku: str = "TENT", *, freight: bool = False) -> Asked:
    lines = (AskedLine(sku=sku, quantity=Decimal(units)),) if units else ()
    return Asked(id=id, lines=lines, freight=freight)


def planned(*refunds: Asked, notes: tuple[Bill, ...] = (), simple: bool = False) -> Plan:
    return plan(refunds, Billed("EUR", (INVOICE,), notes, simple, has_note=bool(notes)))


def note(number: str, units: int, total: str, memo: str = "") -> Bill:
    each = (BilledLine("TENT", Decimal(units), Decimal(10 * units), Decimal(2 * units)),)
    return Bill(number, each, of="INV-1", memo=memo, total=Decimal(total))


def test_goods_and_freight_are_given_back_with_their_tax() -> None:
    (credit,) = planned(asked("R1", 2, freight=True)).credits
    assert credit.lines == (("TENT", Decimal(2), Decimal("24.00")),)
    assert credit.freight == Decimal("4.80")
    assert credit.amount == Decimal("28.80")


def test_what_is_not_exact_to_the_cent_is_a_persons_and_the_whole_line_is_exact() -> None:
    ((_, why),) = planned(asked("R1", 1, "MUG")).unclear
    assert "cannot be given back to the cent" in why
    assert planned(asked("R1", 3, "MUG")).credits[0].amount == Decimal("12.00")


def test_before_there_is_an_invoice_a_refund_waits() -> None:
    assert plan([asked("R1", 1)], Billed("EUR")).wait == ("R1",)


def test_a_simple_sale_takes_one_credit_note() -> None:
    both = planned(asked("R1", 1), asked("R2", 1), simple=True)
    assert [each.asked.id for each in both.credits] == ["R1"]
    assert [id for id, _ in both.unclear] == ["R2"]
    after = planned(asked("R2", 1), notes=(note("CR-1", 1, "12"),), simple=True)
    assert "Advanced" in after.unclear[0][1]


def test_nothing_is_given_back_twice_by_two_requests_or_beside_a_credit_note() -> None:
    assert len(planned(asked("R1", 2), asked("R2", 2)).credits) == 1
    assert planned(asked("R1", 2), notes=(note("CR-1", 2, "24"),)).unclear
    twice = planned(asked("R1", freight=True), asked("R2", freight=True))
    assert [id for id, _ in twice.unclear] == ["R2"]


def test_a_credit_note_whose_memo_names_the_refund_settles_it() -> None:
    refund = asked("R1", 1)
    assert planned(refund, notes=(note("CR-1", 1, "12", "Refund R1, damaged"),)).is_settled
    assert not planned(refund, notes=(note("CR-1", 1, "12", "R10"),)).is_settled
    assert not planned(refund, notes=(note("CR-1", 1, "12"),)).is_settled
    ((_, why),) = planned(refund, notes=(note("CR-1", 1, "11", "R1"),)).unclear
    assert why == "credit note CR-1 gives back 11.00 EUR instead of 12.00 EUR"
    several = (note("CR-1", 1, "12", "R1"), note("CR-2", 1, "12", "R1"))
    assert "CR-1, CR-2" in planned(refund, notes=several).unclear[0][1]


@pytest.mark.parametrize(
    "text",
    [
        "please refund",
        "{}",
        '[{"id": "R1"}]',
        '[{"id": "R 1", "freight": true}]',
        '[{"id": "R1", "freight": true, "amount": 5}]',
        '[{"id": "R1", "lines": [{"sku": "A", "quantity": -1}]}]',
        '[{"id": "R1", "lines": [{"sku": "A", "quantity": 9e999999}]}]',
        '[{"id": "R1", "lines": [{"sku": "A", "quantity": 1e-9999}]}]',
        r'[{"id": "R1", "lines": [{"sku": "A\u0000", "quantity": 1}]}]',
        r'[{"id": "R1", "freight": true, "restock": "\ud800"}]',
        r'[{"id": "R1", "freight": true, "please refund\u0000": 1}]',
        '[{"id": "R1", "freight": true}, {"id": "R1", "freight": true}]',
    ],
)
def test_what_is_no_list_of_refunds_is_said_to_be_none(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        refunds_asked(text)
    said = str(caught.value)
    assert "please refund" not in said
    assert said.isprintable()


def test_a_list_of_refunds_is_read_as_it_stands_in_the_contract() -> None:
    text = '[{"id": "R1", "lines": [{"sku": "A", "quantity": 1}], "freight": true, "restock": "B"}]'
    (refund,) = refunds_asked(text)
    assert (refund.units, refund.freight, refund.restock) == ({"A": Decimal(1)}, True, "B")
