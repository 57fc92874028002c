"""Finance works on breaks: accepts, writes off, matches by hand, undoes, and signs the month."""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from sfcc_cin7.db.schema import break_decisions, postings
from sfcc_cin7.inbox.action import ActionRefused, Author
from sfcc_cin7.ledger.work import acting
from sfcc_cin7.ledger.work.listing import Wanted, decisions_shown, listed_breaks
from sfcc_cin7.ledger.work.signing import sign_off, signatures
from sfcc_cin7.merchant.operating_model import OperatingModel, load_operating_model
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.ledger.payouts.layouts import (
    adyen,
    adyen_payout,
    adyen_row,
    paypal,
    paypal_row,
)
from sfcc_cin7_tests.ledger.payouts.till import Till
from sfcc_cin7_tests.project import SANDBOX_MODEL

D = Decimal
KIM = Author("kim@alpenglow.example", "the shopper was told")
SHORT = paypal(paypal_row("CAP1", "T0006", 9860))


@pytest.fixture
def till(engine: Engine, clock: ManualClock, tmp_path: Path) -> Till:
    model = load_operating_model(SANDBOX_MODEL)
    ledger = model.ledger.model_copy(update={"limits": {KIM.by: D("5")}})
    return Till(engine, clock, model.model_copy(update={"ledger": ledger}), tmp_path)


def short_by(till: Till, cents: int = 140) -> int:
    """An order of 100.00 of which PayPal settled less; the number of the break."""
    till.sold()
    till.leave("paypal", "stl.csv", paypal(paypal_row("CAP1", "T0006", 10000 - cents)))
    assert [kind for _, kind, _ in till.pass_()] == ["amount"]
    return numbers(till)[0]


def numbers(till: Till) -> list[int]:
    return [one.number for one in listed_breaks(*given(till))]


def given(till: Till) -> tuple[Engine, ManualClock, OperatingModel]:
    return till.engine, till.clock, till.model


def balance(till: Till, account: str) -> Decimal:
    query = select(func.coalesce(func.sum(postings.c.amount), 0)).where(
        postings.c.account == account
    )
    with till.engine.connect() as connection:
        return Decimal(connection.scalar(query) or 0)


def test_what_was_accepted_stays_closed_until_its_figures_change(till: Till) -> None:
    number = short_by(till)
    [said] = acting.accept_breaks(*given(till), [number], KIM)
    assert said == "00000001 (Alpenglow UK), 1.40 GBP: accepted (decision 1)."
    till.touch()
    assert till.pass_() == []
    assert balance(till, "write-offs") == 0
    till.leave("paypal", "stl.csv", paypal(paypal_row("CAP1", "T0006", 9500)))
    assert [(kind, amount) for _, kind, amount in till.pass_()] == [("amount", D("5.0000"))]
    assert decisions_shown(till.engine, till.model) == []


def test_what_was_written_off_is_posted_and_reversed_once_the_gateway_pays_after_all(
    till: Till,
) -> None:
    number = short_by(till)
    acting.write_breaks_off(*given(till), [number], KIM)
    assert (balance(till, "write-offs"), till.pass_()) == (D("1.40"), [])
    rest = paypal_row("CAP2", "T0006", 140)
    till.leave("paypal", "stl2.csv", paypal(rest))
    assert till.pass_() == []
    assert balance(till, "write-offs") == 0


def test_what_a_gateway_settled_is_never_written_off_from_its_clearing_account(till: Till) -> None:
    """What lies in clearing goes to the bank: the payment is what is short, or too much."""
    till.sold(total="5.00")
    till.leave("paypal", "stl.csv", paypal(paypal_row("CAP1", "T0006", 250)))
    loose = adyen_row(credit="4.00", net=("", "4.00"), fee="0", order="x")
    till.leave("adyen", "b.csv", adyen(loose, adyen_payout("4.00")))
    till.pass_()
    for number in numbers(till):
        acting.write_breaks_off(*given(till), [number], KIM)
    assert (balance(till, "clearing paypal"), balance(till, "clearing adyen")) == (D("2.50"), D(0))
    assert (balance(till, "due from paypal"), balance(till, "due from adyen")) == (D(0), D(0))
    assert balance(till, "write-offs") == D("-1.50")  # 2.50 lost, 4.00 that nobody asks back


@pytest.mark.parametrize(("sent", "lost"), [("95.00", "4.00"), ("101.00", "-2.00")])
def test_what_a_transfer_leaves_in_clearing_is_written_off_and_back_once_it_is_sent(
    till: Till, sent: str, lost: str
) -> None:
    till.sold(gateway="adyen")
    settled = adyen_row(credit="100.00", net=("", "99.00"), fee="1.00")
    till.leave("adyen", "b.csv", adyen(settled, adyen_payout(sent)))
    assert [kind for _, kind, _ in till.pass_()] == ["amount"]
    acting.write_breaks_off(*given(till), numbers(till), KIM)
    assert till.pass_() == []
    assert (balance(till, "write-offs"), balance(till, "clearing adyen")) == (D(lost), D(0))
    till.leave("adyen", "b.csv", adyen(settled, adyen_payout("99.00")))
    assert till.pass_() == []
    assert (balance(till, "write-offs"), balance(till, "clearing adyen")) == (D(0), D(0))


def test_an_undone_decision_is_open_again_and_can_be_undone_once(till: Till) -> None:
    number = short_by(till)
    acting.write_breaks_off(*given(till), [number], KIM)
    acting.undo(*given(till), 1, KIM)
    assert balance(till, "write-offs") == 0
    assert [kind for _, kind, _ in till.pass_()] == ["amount"]
    with pytest.raises(ActionRefused, match="no decision 1 that is not undone"):
        acting.undo(*given(till), 1, KIM)


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (KIM, "6.00 GBP is more than the 5.00 GBP"),
        (Author("lee@alpenglow.example", "why not"), "has no limit in the operating model"),
    ],
)
def test_nobody_decides_beyond_a_limit_and_then_nothing_was_changed(
    till: Till, who: Author, said: str
) -> None:
    number = short_by(till, cents=600)
    for act in (acting.accept_breaks, acting.write_breaks_off):
        with pytest.raises(ActionRefused, match=said):
            act(*given(till), [number], who)
    assert numbers(till) == [number]
    assert decisions_shown(till.engine, till.model) == []


def test_a_line_that_names_nobody_is_matched_by_hand_and_again_when_it_is_restated(
    till: Till,
) -> None:
    key = till.sold(gateway="adyen")
    row = adyen_row(credit="100.00", net=("", "99.00"), fee="1.00", order="typed wrongly")
    till.leave("adyen", "batch_30.csv", adyen(row, adyen_payout("99.00")))
    assert [kind for _, kind, _ in till.pass_()] == ["missing-shop"]
    [number] = numbers(till)
    with pytest.raises(ActionRefused, match="There is no order b:s:9"):
        acting.match_line(*given(till), number, "b:s:9", KIM)
    acting.match_line(*given(till), number, key, KIM)
    assert till.pass_() == []
    again = row.replace("visa", "mc")
    till.leave("adyen", "batch_30.csv", adyen(again, adyen_payout("99.00")))
    assert till.pass_() == []
    acting.undo(*given(till), 1, KIM)
    assert [kind for _, kind, _ in till.pass_()] == ["missing-shop"]


def test_breaks_are_listed_as_they_are_asked_for(till: Till) -> None:
    short_by(till)
    till.leave("adyen", "b.csv", adyen(adyen_row(credit="9.00", order="x"), adyen_payout("9.00")))
    till.pass_()

    def asked(**wanted: object) -> list[str]:
        found = listed_breaks(*given(till), Wanted(**wanted))  # type: ignore[arg-type]
        return [one.code for one in found]

    assert asked() == ["payout-missing-shop", "payout-amount"]
    assert asked(least=D("5")) == ["payout-missing-shop"]
    assert asked(gateway="adyen") == ["payout-missing-shop"]
    assert asked(site="alpenglow-uk") == asked(code="payout-amount") == ["payout-amount"]
    assert asked(month="1999-01") == asked(state="closed") == []


def test_a_month_is_signed_with_a_list_of_what_was_open(till: Till) -> None:
    number = short_by(till)
    month = f"{till.clock.now():%Y-%m}"
    with pytest.raises(ActionRefused, match="is not over"):
        sign_off(*given(till), month, KIM)
    till.clock.sleep(32 * 86400)
    till.leave("adyen", "b.csv", adyen(adyen_row(credit="9.00", order="x")))
    till.pass_()
    with pytest.raises(ActionRefused, match=r"not final or not read \(adyen/b.csv\)"):
        sign_off(*given(till), month, KIM)
    (till.folder / "adyen" / "b.csv").unlink()
    till.leave("adyen", "c.csv", adyen(adyen_payout("0.00")))
    till.pass_()
    sign_off(*given(till), month, KIM)
    [signed] = signatures(till.engine, month)
    assert (signed.by, signed.open[0]["number"], signed.open[0]["amount"]) == (
        KIM.by,
        str(number),
        "1.4000",
    )


def test_the_database_keeps_decisions_as_they_were_made(till: Till) -> None:
    acting.accept_breaks(*given(till), [short_by(till)], KIM)
    with till.engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(f"delete from {break_decisions.fullname}"))
