"""The bank's statements beside the gateways' transfers, from files to what is open."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from itertools import permutations

import pytest
from sqlalchemy import select, text, update

from sfcc_cin7.db.schema import bank_lines, breaks, payout_reports
from sfcc_cin7.inbox.sources import everything
from sfcc_cin7.ledger.bank.reading import Banked, read_bank
from sfcc_cin7.ledger.payouts.source import PayoutFolder
from sfcc_cin7.merchant.operating_model import PrivacyPolicy
from sfcc_cin7_tests.ledger.bank.layouts import camt, camt_entry, mt940
from sfcc_cin7_tests.ledger.payouts.till import Till
from sfcc_cin7_tests.ledger.periods.till import NORMALISED, by_day, row, till

D = Decimal
__all__ = ["till"]
CHARGE = row("1", "charge", "100.00", "2026-02-01T12:00:00Z", fee="1.00", reference="r")
SENT = row("2", "payout", "0", "2026-02-02T00:00:00Z", net="99.00")
CAME = camt(camt_entry("99.00", "2026-02-03", text="PAYOUT", party="STRIPE"), closing="99.00")


def bank(till: Till) -> Banked:
    return read_bank(till.engine, till.model, PayoutFolder(till.folder), till.clock)


def open_(till: Till) -> dict[tuple[str, str], Decimal]:
    query = select(breaks).where(breaks.c.leg == "bank", breaks.c.closed_at.is_(None))
    with till.engine.connect() as connection:
        return {
            (each["order_key"], each["class"]): each["amount"]
            for each in connection.execute(query).mappings()
        }


def standings(till: Till) -> dict[str, str]:
    with till.engine.connect() as connection:
        return {each.name: each.standing for each in connection.execute(select(payout_reports))}


def february(till: Till) -> Till:
    till.clock.sleep((datetime(2026, 2, 10, tzinfo=UTC) - till.clock.now()).total_seconds())
    till.sold(gateway="stripe", reference="r")
    return till


def test_a_transfer_that_reached_the_bank_leaves_nothing_open_in_whatever_form_it_is_told(
    till: Till,
) -> None:
    february(till)
    till.leave("stripe", "a.csv", NORMALISED + CHARGE + SENT)
    till.leave("bank", "february.xml", CAME)
    assert till.pass_() == []
    done = bank(till)
    assert (done.statements, done.lines, done.matched, done.problems) == (1, 1, 1, [])
    assert open_(till) == {}
    again = bank(till)
    assert (again.statements, again.matched, again.opened) == (0, 0, 0)
    (till.folder / "bank" / "february.xml").unlink()
    lines = [":61:2602030203C99,00NTRFNONREF", ":86:STRIPE"]
    till.leave("bank", "february.sta", mt940(lines, closing="C260228GBP99,00"))
    assert (bank(till).matched, open_(till)) == (1, {})


def test_a_transfer_that_did_not_arrive_is_a_break_until_it_does(till: Till) -> None:
    february(till)
    till.leave("stripe", "a.csv", NORMALISED + CHARGE + SENT)
    till.leave("bank", "february.xml", camt())
    till.pass_()
    bank(till)
    assert open_(till) == {("transfer:stripe:GBP:po_1", "missing-payout"): D("99.00")}
    with till.engine.connect() as connection:
        found = {each.code for each in everything(connection, till.model, till.clock.now())}
    assert "bank-missing-payout" in found
    till.pass_()  # the books look at the transfer and leave it open
    assert open_(till) == {("transfer:stripe:GBP:po_1", "missing-payout"): D("99.00")}
    till.leave("bank", "march.xml", CAME.replace("S1", "S2"))
    bank(till)
    assert open_(till) == {}


@pytest.mark.parametrize("what", ["no database keeps it", "it is beyond any figure"])
def test_a_statement_that_cannot_be_kept_stops_no_other(till: Till, what: str) -> None:
    february(till)
    till.leave("stripe", "a.csv", NORMALISED + CHARGE + SENT)
    till.pass_()
    spoilt = {
        "no database keeps it": mt940(
            [":61:2602030203C99,00NTRFNONREF", ":86:STR\x00IPE"], closing="C260228GBP99,00"
        ),
        "it is beyond any figure": CAME.replace("99.00", "1E+25"),
    }
    till.leave("bank", "a.txt", spoilt[what])
    till.leave("bank", "b.xml", CAME)
    for _ in range(2):
        done = bank(till)
        assert len(done.problems) == 1
        assert "bank/a.txt" in done.problems[0]
        assert open_(till) == {}


def test_a_report_that_states_no_payout_is_final_once_the_bank_received_its_sum(
    till: Till,
) -> None:
    february(till)
    till.leave("stripe", "a.csv", NORMALISED + CHARGE)
    till.leave("bank", "february.xml", camt())
    till.pass_()
    bank(till)
    assert standings(till) == {"a.csv": "provisional"}
    till.leave("bank", "february.xml", CAME.replace("STRIPE", "SOMEBODY"))
    bank(till)
    assert standings(till) == {"a.csv": "provisional"}  # an amount alone vouches for nothing
    till.leave("bank", "february.xml", CAME)
    assert bank(till).made_final == 1
    assert standings(till) == {"a.csv": "final"}
    till.pass_()
    assert by_day(till, "bank") == {"2026-02-03": D("99.00")}
    assert sum(by_day(till, "clearing stripe").values()) == 0
    assert (open_(till), bank(till).matched) == ({}, 0)


def test_a_report_that_the_bank_vouched_for_and_that_is_stated_anew_is_looked_at_again(
    till: Till,
) -> None:
    february(till)
    till.leave("stripe", "a.csv", NORMALISED + CHARGE)
    till.leave("bank", "february.xml", CAME)
    till.pass_()
    bank(till)
    more = row("3", "fee", "0", "2026-02-01T12:00:00Z", fee="1", net="-1.00")
    till.leave("stripe", "a.csv", NORMALISED + CHARGE + more)
    till.pass_()
    bank(till)
    assert standings(till) == {"a.csv": "provisional"}
    assert list(open_(till)) == [(next(iter(open_(till)))[0], "missing-shop")]
    till.pass_()
    assert by_day(till, "bank") == {}
    till.leave("stripe", "a.csv", NORMALISED + CHARGE)
    till.pass_()
    bank(till)
    assert (standings(till), open_(till)) == ({"a.csv": "final"}, {})


def test_a_statement_that_cannot_be_read_is_named_until_it_can(till: Till) -> None:
    february(till)
    till.leave("bank", "february.xml", CAME[:300])
    [problem] = bank(till).problems
    assert problem.startswith("bank/february.xml: It is no well-formed XML")
    assert bank(till).problems == [problem]
    with till.engine.connect() as connection:
        found = {each.subject: each.code for each in everything(connection, till.model,
                                                               till.clock.now())}  # fmt: skip
    assert found == {"report:bank/february.xml": "statement-unreadable"}
    assert till.read().problems == []  # it is no stray of the gateways' reports
    till.leave("bank", "february.xml", CAME)
    assert bank(till).problems == []


def test_lines_belong_to_their_file_and_count_once_where_two_state_them(till: Till) -> None:
    february(till)
    till.leave("stripe", "a.csv", NORMALISED + CHARGE + SENT)
    till.pass_()
    first = till.leave("bank", "day.xml", CAME)
    till.leave("bank", "month.xml", CAME)
    bank(till)
    with till.engine.connect() as connection:
        assert len(connection.execute(select(bank_lines)).all()) == 1
    first.unlink()
    bank(till)
    assert open_(till) == {}
    with till.engine.connect() as connection:
        [line] = connection.execute(select(bank_lines)).all()
    assert (line.statement, line.gateway) == ("month.xml", "stripe")


def lines_of(till: Till) -> list[tuple[str, str | None]]:
    with till.engine.connect() as connection:
        found = connection.execute(select(bank_lines).order_by(bank_lines.c.line_key))
        return [(f"{each.amount:.2f}", each.gateway) for each in found]


EQUAL = [":61:2602030203C99,00NTRFNONREF", ":86:STRIPE"]
MORNING = mt940(EQUAL, opening="C260203GBP100,00", closing="C260203GBP199,00", number="00005/001")
NOON = mt940([":61:2602030203C1,00NTRFNONREF", ":86:rent"], opening="C260203GBP199,00",
             closing="C260203GBP200,00", number="00006/001")  # fmt: skip
EVENING = mt940(EQUAL, opening="C260203GBP200,00", closing="C260203GBP299,00", number="00007/001")
DAY = mt940([*EQUAL, ":61:2602030203C1,00NTRFNONREF", ":86:rent", *EQUAL],
            opening="C260203GBP100,00", closing="C260203GBP299,00", number="00900/001")  # fmt: skip


@pytest.mark.parametrize("order", list(permutations([MORNING, NOON, EVENING, DAY])))
def test_equal_lines_of_statements_that_follow_each_other_are_all_real(
    till: Till, order: tuple[str, ...]
) -> None:
    for position, content in enumerate(order):
        till.leave("bank", f"{position}.sta", content)
        bank(till)
    assert sorted(lines_of(till)) == [("1.00", None), ("99.00", None), ("99.00", None)]
    for position, content in enumerate(order):
        if content is DAY:
            (till.folder / "bank" / f"{position}.sta").unlink()
    bank(till)
    assert sorted(lines_of(till)) == [("1.00", None), ("99.00", None), ("99.00", None)]
    assert bank(till).statements == 0


def test_equal_lines_of_two_statements_of_one_file_are_both_real(till: Till) -> None:
    till.leave("bank", "day.sta", MORNING + NOON + EVENING)
    assert bank(till).problems == []
    assert sorted(lines_of(till)) == [("1.00", None), ("99.00", None), ("99.00", None)]


def test_a_statement_that_was_fetched_again_under_another_number_counts_once(till: Till) -> None:
    till.leave("bank", "a.sta", MORNING)
    till.leave("bank", "b.sta", MORNING.replace("00005/", "00055/"))
    till.leave("bank", "both.sta", MORNING + MORNING)
    assert bank(till).problems == []
    assert lines_of(till) == [("99.00", None)]


def test_what_one_file_states_no_more_stays_where_another_states_it(till: Till) -> None:
    till.leave("bank", "latest.xml", CAME)
    till.leave("bank", "month.xml", CAME)
    bank(till)
    till.leave("bank", "latest.xml", camt(opening="99.00", closing="99.00"))
    bank(till)
    assert lines_of(till) == [("99.00", None)]


def words(till: Till) -> dict[str, str]:
    with till.engine.connect() as connection:
        return {
            f"{each.amount:.2f}": f"{each.reference} {each.party}".strip()
            for each in connection.execute(select(bank_lines))
        }


def test_who_paid_and_what_for_is_kept_as_long_as_documents_where_nobody_needs_it(
    till: Till,
) -> None:
    february(till)
    till.leave("stripe", "a.csv", NORMALISED + CHARGE + SENT)
    till.pass_()
    entries = [
        camt_entry("99.00", "2026-02-03", text="PAYOUT", party="STRIPE"),
        camt_entry("7.00", "2026-02-03", text="nobody knows", party="STRIPE"),
        camt_entry("-5.00", "2026-02-03", text="Wages of Ada", party="Ada Lovelace"),
    ]
    till.leave("bank", "february.xml", camt(*entries, closing="101.00"))
    bank(till)
    told = {
        "99.00": "PAYOUT STRIPE",
        "7.00": "nobody knows STRIPE",
        "-5.00": "Wages of Ada Ada Lovelace",
    }
    till.clock.sleep(timedelta(days=40).total_seconds())
    bank(till)
    assert words(till) == told  # without a number of days they stay
    till.model = till.model.model_copy(update={"privacy": PrivacyPolicy(keep_documents_days=30)})
    bank(till)
    assert words(till) == {**told, "99.00": "stripe po_1"}  # others may still be matched
    till.clock.sleep(timedelta(days=60).total_seconds())
    bank(till)
    left = {"99.00": "stripe po_1", "7.00": "nobody knows STRIPE", "-5.00": ""}
    assert words(till) == left
    till.leave("bank", "again.xml", camt(*entries, closing="101.00"))
    bank(till)
    assert words(till) == left
    with till.engine.connect() as connection:
        rows = connection.execute(select(bank_lines)).all()
    assert not [each for each in rows if "Ada" in str(each)]


def test_a_transfer_whose_words_are_forgotten_is_still_known_as_the_gateways(till: Till) -> None:
    february(till)
    till.model = till.model.model_copy(update={"privacy": PrivacyPolicy(keep_documents_days=1)})
    report = till.leave("stripe", "a.csv", NORMALISED + CHARGE + SENT)
    till.leave("bank", "february.xml", CAME)
    till.pass_()
    bank(till)
    assert words(till) == {"99.00": "stripe po_1"}
    report.unlink()
    till.leave("stripe", "b.csv", NORMALISED)
    till.pass_()
    bank(till)
    assert [kind for _, kind in open_(till)] == ["missing-shop"]
    till.leave("stripe", "a.csv", NORMALISED + CHARGE + SENT)
    till.pass_()
    bank(till)
    assert open_(till) == {}


def test_equal_lines_of_two_currencies_of_one_account_are_both_real(till: Till) -> None:
    for money in ("GBP", "EUR"):
        entry = camt_entry("5.00", "2026-02-03", text="same", currency=money)
        till.leave("bank", f"{money}.xml", camt(entry, closing="5.00", currency=money))
    bank(till)
    assert lines_of(till) == [("5.00", None), ("5.00", None)]
    more = camt_entry("1.00", "2026-03-03", text="more", currency="EUR")
    march = camt(
        more,
        opening="5.00",
        closing="6.00",
        currency="EUR",
        first="2026-03-01",
        last="2026-03-31",
        number="S2",
    )
    april = camt(opening="5.00", closing="5.00", first="2026-04-01", last="2026-04-30", number="S3")
    till.leave("bank", "march.xml", march)
    till.leave("bank", "april.xml", april)
    bank(till)
    assert open_(till) == {}


def test_lines_that_were_kept_under_their_words_are_found_again_under_their_digest(
    till: Till,
) -> None:
    february(till)
    came = CAME.replace("PAYOUT", "PAYOUT 1/2\nof May")
    till.leave("bank", "february.xml", came)
    bank(till)
    before = open_(till)
    versions = "sfcc_cin7.db.migrations.versions"
    migration = import_module(f"{versions}.0017_equal_bank_lines")
    with till.engine.begin() as connection:
        [line] = connection.execute(select(bank_lines)).all()
        was = f"2026-02-03/99.00/{line.reference}/1"
        connection.execute(update(bank_lines).values(line_key=was))
        connection.execute(update(breaks).values(order_key=f"bank:{line.account}:{was}"))
        connection.execute(text(migration.REKEYED))
        assert connection.scalars(select(bank_lines.c.line_key)).all() == [line.line_key]
    assert open_(till) == before
    assert len(before) == 1
