"""Currency rates as finance keeps them."""

from datetime import date
from decimal import Decimal as D
from pathlib import Path

import pytest

from sfcc_cin7.merchant.currency_rates import CurrencyRates, DatedRate, load_currency_rates
from sfcc_cin7.values.problems import ConfigurationError

HEADER = "date,currency,rate\n"


def loaded(folder: Path, rows: str, header: str = HEADER, encoding: str = "utf-8") -> CurrencyRates:
    path = folder / "rates.csv"
    path.write_bytes((header + rows).encode(encoding))
    return load_currency_rates(path)


def complaint(folder: Path, rows: str, header: str = HEADER, encoding: str = "utf-8") -> str:
    with pytest.raises(ConfigurationError) as caught:
        loaded(folder, rows, header, encoding)
    return str(caught.value).removeprefix(f"{folder / 'rates.csv'}: ")


def test_the_newest_rate_on_or_before_a_day_is_valid(tmp_path: Path) -> None:
    rates = loaded(tmp_path, "2026-03-02,USD,0.76\n2026-02-27,USD,0.74\n2026-02-28,JPY,0.005\n")

    assert rates.on("USD", date(2026, 3, 1)) == DatedRate(date(2026, 2, 27), D("0.74"))
    assert rates.on("USD", date(2026, 3, 2)) == DatedRate(date(2026, 3, 2), D("0.76"))
    assert rates.on("USD", date(2027, 1, 1)) == DatedRate(date(2026, 3, 2), D("0.76"))


def test_no_rate_is_made_up(tmp_path: Path) -> None:
    rates = loaded(tmp_path, "2026-03-02,USD,0.76\n")

    assert rates.on("USD", date(2026, 3, 1)) is None
    assert rates.on("EUR", date(2026, 3, 2)) is None


def test_a_rate_has_the_five_places_that_the_erp_takes(tmp_path: Path) -> None:
    rates = loaded(tmp_path, "2026-03-02,USD,0.741235\n2026-03-02,VND,0.00003\n")

    assert rates.by_currency["USD"][0].rate == D("0.74124")
    assert rates.by_currency["VND"][0].rate == D("0.00003")


def test_a_spreadsheets_byte_order_mark_and_empty_rows_are_no_matter(tmp_path: Path) -> None:
    rates = loaded(tmp_path, "2026-03-02, USD ,0.76\r\n,,\r\n\r\n", encoding="utf-8-sig")

    assert rates.on("USD", date(2026, 3, 2)) is not None


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("2026-03-02,USD,0,76\n", "row 2: 3 values are needed, with a point in the rate"),
        ("2026-03-02;USD;0.76\n", "row 2: 3 values are needed, with a point in the rate"),
        ("2026-03-02,usd,0.76\n", "row 2: 'usd' is not a currency code"),
        ("2026-03-02,USD,0\n", "row 2: '0' is not a positive rate"),
        ("2026-03-02,USD,-0.7\n", "row 2: '-0.7' is not a positive rate"),
        ("2026-03-02,USD,NaN\n", "row 2: 'NaN' is not a positive rate"),
        ("2026-03-02,USD,1E400\n", "row 2: '1E400' is not a positive rate"),
        ("2026-03-02,USD,abc\n", "row 2: 'abc' is not a positive rate"),
        (
            "2026-03-02,VND,0.000004\n",
            "row 2: the rate 0.000004 vanishes in the five places that Cin7 takes",
        ),
        ("02/03/2026,USD,0.76\n", "row 2: '02/03/2026' is not a day (YYYY-MM-DD)"),
        (
            "2026-03-02,USD,0.76\n2026-03-02,USD,0.77\n",
            "row 3: USD has two rates on 2026-03-02",
        ),
    ],
)
def test_a_row_that_is_no_rate_is_named(tmp_path: Path, rows: str, message: str) -> None:
    assert complaint(tmp_path, rows) == message


def test_another_header_or_encoding_is_told(tmp_path: Path) -> None:
    assert complaint(tmp_path, "", header="") == "the first row must be date,currency,rate"
    assert complaint(tmp_path, "", header="day,code,rate\n").startswith("the first row must be")
    assert "is not CSV in UTF-8" in complaint(tmp_path, "2026-03-02,£,1\n", encoding="latin-1")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.csv: No such file"):
        load_currency_rates(tmp_path / "nowhere.csv")
