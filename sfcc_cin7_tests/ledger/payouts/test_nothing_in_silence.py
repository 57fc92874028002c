"""Files that look whole and are not: named with file, row and column, and never read for less."""

import gzip
import io
import zipfile
from collections.abc import Callable
from decimal import Decimal

import openpyxl
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
SOLD = stripe_row("txn_1", "charge", "98.60", gross="100.00", fee="1.40")
STRIPE = stripe(SOLD, stripe_payout("-98.60"))
ADYEN = adyen(adyen_row(credit="100.00", net=("", "99.00"), fee="1.00"), adyen_payout("99.00"))
PAID = paypal_row("PAY1", "T0006", 10000, fee=200)

# A figure that is missing is no nought, and figures of a row agree


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        (",98.60,", ",,", "column net: nothing is there"),
        (",1.40,", ",,", "column fee: nothing is there"),
        (",1.40,", ",1.00,", "column net: gross less fee does not come to it"),
        ("100.00", "1" * 30, "column gross: it is no amount of money"),
        (
            "txn_1,2025-12-05 09",
            "txn_1,0001-01-01 00",
            "column created_utc: it is no time of our days",
        ),
        ("pi_1", "pi\0", "characters that no text has"),
        ("pi_1", "p" * 501, "more than 500 characters"),
    ],
)
def test_a_stripe_row_that_lost_something_is_refused(written: str, instead: str, said: str) -> None:
    assert said in refusal("stripe", STRIPE.replace(written, instead, 1))


def test_an_adyen_row_without_a_net_is_refused_and_one_that_does_not_add_up_is_not_final() -> None:
    without = adyen(adyen_row(credit="100.00", net=("", "")), adyen_payout("100.00"))
    assert "neither a debit nor a credit" in refusal("adyen", without)
    short = adyen_row(credit="100.00", net=("", "90.00"), fee="1.00")
    report = read("adyen", adyen(short, adyen_payout("90.00")))
    assert report.standing == "provisional"
    assert "does not come to net in line 2" in report.note


@pytest.mark.parametrize("figure", ["", "9" * 40])
def test_a_paypal_amount_that_is_none_is_refused(figure: str) -> None:
    content = paypal(PAID.replace('"10000"', f'"{figure}"'))
    assert "Gross Transaction Amount" in refusal("paypal", content)


@pytest.mark.parametrize(
    ("row", "damaged", "said"),
    [
        ('"SC",1', '"SC"', "states no number of rows"),
        ('"SB"', '"S"', "begins with S"),
        ('"FF",1', '"FF",', "states no number of rows"),
    ],
)
def test_a_paypal_row_that_lost_its_count_or_its_kind_is_refused(
    row: str, damaged: str, said: str
) -> None:
    assert said in refusal("paypal", paypal(PAID).replace(row, damaged))


# The same twice


def test_a_file_that_is_in_itself_twice_is_refused() -> None:
    body = ADYEN.split("\n", 1)[1]
    assert "stands twice" in refusal("adyen", ADYEN + body)
    assert "stands twice" in refusal("paypal", paypal(PAID) * 2)
    assert "stands twice" in refusal("paypal", paypal(PAID, PAID))


# How figures and times are written elsewhere


@pytest.mark.parametrize(
    ("gross", "net"),
    [
        ("1\u202f000,00", "998,60"),  # French thousands
        ("1'000,00", "998,60"),  # Swiss
        ("1.000,00", "998,60"),  # German
    ],
)
def test_thousands_are_read_as_each_country_writes_them(gross: str, net: str) -> None:
    content = STRIPE.replace(",", ";").replace("100.00", gross).replace("1.40", "1,40")
    [line] = read("stripe", content.replace("98.60", net)).lines
    assert (line.gross, line.net) == (D("1000.00"), D("998.60"))


@pytest.mark.parametrize("written", ["\u221298.60", "98.60-", "(98.60)"])
def test_a_minus_is_read_however_accountants_write_it(written: str) -> None:
    [payout] = read("stripe", STRIPE.replace("-98.60", written)).transfers
    assert payout.amount == D("98.60")


COLUMNS = {
    "key": "id",
    "kind": "type",
    "currency": "cur",
    "gross": "amount",
    "fee": "fee",
    "occurred_at": "when",
}
KINDS = {"SALE": "charge", "REFUND": "refund", "FEE": "fee", "TRAILER": "ignore", "": "ignore"}
SALE = "1,SALE,EUR,100.00,2.00,2025-12-05"


def mapped(*rows: str) -> str:
    return "\n".join(("id,type,cur,amount,fee,when", *rows)) + "\n"


def test_dates_that_end_with_their_year_are_read_as_the_operating_model_says() -> None:
    content = mapped(SALE.replace("2025-12-05", "05/12/2025 9:00 PM"))
    given = {"columns": COLUMNS, "kinds": KINDS}
    assert "say `dates`" in refusal("columns", content, **given)
    days = [read("columns", content, **given, dates=each).lines[0] for each in ("day", "month")]
    assert [f"{line.occurred_at:%Y-%m-%d %H}" for line in days] == [
        "2025-12-05 21",
        "2025-05-12 21",
    ]


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ('"Dec 5, 2025 10:00:00 AM PST"', "2025-12-05 18:00"),
        ("2025-12-05T10:00:00 GMT+01:00", "2025-12-05 09:00"),
        ("5 Dec 2025 10:00:00", "2025-12-05 10:00"),
    ],
)
def test_times_in_words_and_with_offsets_are_read(written: str, utc: str) -> None:
    content = mapped(SALE.replace("2025-12-05", written))
    [line] = read("columns", content, columns=COLUMNS, kinds=KINDS).lines
    assert f"{line.occurred_at:%Y-%m-%d %H:%M}" == utc


# Which way money went


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2,REFUND,EUR,50.00,0,2025-12-05", "column amount: a refund without a minus"),
        ("2,FEE,EUR,5.00,0,2025-12-05", "column amount: a fee without a minus"),
        ("2,SALE,EUR,50.00,-1.00,2025-12-05", "column fee: does a fee with a minus cost"),
        ("2,SALE,EUR,,1.00,2025-12-05", "column amount: neither gross nor net is there"),
        ("2,FEE,EUR,-5.00,1.00,2025-12-05", "column fee: which of two figures is the fee?"),
    ],
)
def test_a_row_that_leaves_in_doubt_which_way_money_went_is_refused(row: str, said: str) -> None:
    told = refusal("columns", mapped(SALE, row), columns=COLUMNS, kinds=KINDS)
    assert told.startswith("Line 3, ")
    assert said in told


@pytest.mark.parametrize(
    ("signs", "row", "figures"),
    [
        ("by-kind", "2,REFUND,EUR,50.00,0,2025-12-05", ("-50.00", "0", "-50.00")),
        ("by-kind", "2,FEE,EUR,5.00,0,2025-12-05", ("0", "5.00", "-5.00")),
        ("by-kind", "2,FEE,EUR,0,5.00,2025-12-05", ("0", "5.00", "-5.00")),
        ("stated", "2,REFUND,EUR,50.00,0,2025-12-05", ("50.00", "0", "50.00")),
        ("stated", "2,FEE,EUR,5.00,0,2025-12-05", ("0", "-5.00", "5.00")),
        ("stated", "2,SALE,EUR,50.00,-1.00,2025-12-05", ("50.00", "1.00", "49.00")),
    ],
)
def test_the_operating_model_says_whether_amounts_have_signs(
    signs: str, row: str, figures: tuple[str, str, str]
) -> None:
    given = {"columns": COLUMNS, "kinds": KINDS, "signs": signs}
    line = read("columns", mapped(SALE, row), **given).lines[1]
    assert (line.gross, line.fee, line.net) == tuple(map(D, figures))


def test_beside_gross_and_net_a_minus_of_the_fee_explains_itself() -> None:
    columns = {**COLUMNS, "net": "net"}
    head = "id,type,cur,amount,fee,net,when\n"
    row = "1,SALE,EUR,100.00,-2.00,98.00,2025-12-05\n"
    [line] = read("columns", head + row, columns=columns, kinds=KINDS).lines
    assert (line.fee, line.net) == (D("2.00"), D("98.00"))
    # a tax on the fee, say, that has a column of its own
    short = read("columns", head + row.replace("98.00", "97.60"), columns=columns, kinds=KINDS)
    assert short.standing == "provisional"
    assert "does not come to net in line 2" in short.note


def test_trailers_and_totals_that_are_to_be_ignored_may_be_of_any_length() -> None:
    first = {**COLUMNS, "kind": "id", "key": "type"}
    content = mapped("SALE,a1,EUR,100.00,2.00,2025-12-05", "TRAILER,1", ",,,100.00,2.00,")
    report = read("columns", content, columns=first, kinds=KINDS)
    assert [line.key for line in report.lines] == ["a1"]
    cut = mapped(SALE, "2")
    assert "Was the file cut?" in refusal("columns", cut, columns=COLUMNS, kinds=KINDS)


@pytest.mark.parametrize("form", ["adyen", "stripe", "paypal", "columns"])
def test_any_column_may_name_the_payment_that_the_storefront_knows(form: str) -> None:
    content, column = {
        "adyen": (ADYEN, "Metadata"),
        "stripe": (STRIPE, "payment_metadata[order_no]"),
        "paypal": (paypal(PAID), "Invoice ID"),
        "columns": (mapped(SALE), "when"),
    }[form]
    map_ = {"columns": COLUMNS, "kinds": KINDS} if form == "columns" else {}
    content = content.replace(",,,,30,\n", ",,,,30,REF\n", 1).replace("ch_1,\n", "ch_1,REF\n", 1)
    [line] = read(form, content, reference_columns=[column], **map_).lines
    known = {"paypal": "00000001", "columns": "2025-12-05"}.get(form, "REF")
    assert known in line.other_references


@pytest.mark.parametrize(("form", "content"), [("adyen", ADYEN), ("paypal", paypal(PAID))])
def test_a_reference_that_a_spreadsheet_cut_short_is_refused(form: str, content: str) -> None:
    cut = content.replace("PSP1", "8.81556E+15").replace("PAY1", "8.81556E+15")
    assert "a spreadsheet has cut it short" in refusal(form, cut)


# What moved, by PayPal's codes


@pytest.mark.parametrize(
    ("code", "amount", "kinds"),
    [
        ("T1114", 500, ["charge", "payment"]),
        ("T1101", 500, ["charge", "balance"]),
        ("T1700", -500, ["charge", "payment"]),
        ("T1900", -500, ["charge", "balance"]),
        ("T9800", 500, ["charge"]),
    ],
)
def test_what_only_moves_the_merchants_own_money_is_of_no_shopper(
    code: str, amount: int, kinds: list[str]
) -> None:
    report = read("paypal", paypal(PAID, paypal_row("X1", code, amount)))
    assert [line.kind for line in report.lines] == kinds


# Packed, and broken


def workbook(rows: str, *, formula: bool = False) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows.split("\n"):
        sheet.append(row.split(","))
    if formula:
        sheet["P2"] = "=1+1"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def damaged(content: bytes) -> bytes:
    """The same workbook, its sheet cut in the middle."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, part[: len(part) // 2] if name.endswith("sheet1.xml") else part)
    return out.getvalue()


def packed_often(content: bytes) -> bytes:
    for _ in range(50):
        content = gzip.compress(content)
    return content


@pytest.mark.parametrize(
    ("disguise", "said"),
    [
        (lambda: damaged(workbook(ADYEN)), "spreadsheet (.xlsx) is broken"),
        (lambda: workbook(ADYEN, formula=True), "Line 2, column Net Credit (NC)"),
        (lambda: packed_often(ADYEN.encode()), "one in the other"),
        (lambda: b"PK\x05\x06" + bytes(18), "holds 0 files"),
    ],
)
def test_what_is_broken_inside_is_told_and_stops_nothing(
    disguise: Callable[[], bytes], said: str
) -> None:
    assert said in refusal("adyen", disguise())
