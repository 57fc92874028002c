"""People read names, units and times, not keys and zeros."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from sfcc_cin7.values.money import figure
from sfcc_cin7.values.wording import Wording, counted, plain, site_of

WORDS = Wording(ZoneInfo("Europe/London"), {"alpenglow-uk": "Alpenglow UK"})


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("49600.0000", "JPY", "49,600 JPY"),
        ("7.5", "GBP", "7.50 GBP"),
        ("1.2345", "KWD", "1.2345 KWD"),
        ("0", "USD", "0.00 USD"),
    ],
)
def test_an_amount_has_its_currencys_digits_and_more_only_where_it_has_more(
    amount: str, currency: str, shown: str
) -> None:
    assert figure(Decimal(amount), currency) == shown


def test_units_and_counts_have_no_noise() -> None:
    assert [plain(Decimal(each)) for each in ("3.0000", "0.5", "1E+3", "-2")] == [
        "3",
        "0.5",
        "1,000",
        "-2",
    ]
    assert [counted(each, "order") for each in (0, 1, 1200)] == [
        "0 orders",
        "1 order",
        "1,200 orders",
    ]


def test_an_instant_is_shown_in_the_merchants_time_and_names_the_zone() -> None:
    winter, summer = (datetime(2026, month, 1, 9, 40, 5, tzinfo=UTC) for month in (1, 7))
    assert WORDS.instant(winter) == "2026-01-01 09:40 GMT"
    assert WORDS.instant(summer) == "2026-07-01 10:40 BST"
    assert WORDS.second(summer) == "2026-07-01 10:40:05 BST"
    assert Wording().instant(summer) == "2026-07-01 09:40 UTC"


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("alpenglow:alpenglow-uk:00000001", "00000001 (Alpenglow UK)"),
        ("alpenglow:elsewhere:00000001", "00000001 (elsewhere)"),
        (
            "alpenglow:alpenglow-uk:consolidated:00000001",
            "consolidated sale from 00000001 (Alpenglow UK)",
        ),
        ("sku:TENT:2", "SKU TENT:2"),
        ("stock:inventory-uk/TENT/2", "SKU TENT/2 in inventory-uk"),
        ("stock:inventory-uk", "inventory-uk"),
        ("tax-rule:20% (VAT)", "tax rule 20% (VAT)"),
        ("payout:stripe:ch_1:2", "stripe ch_1:2"),
        ("transfer:stripe:GBP:po:1", "payout po:1 of stripe (GBP)"),
        ("bank:GB29:2026-02-03/9.90/x:1", "2026-02-03/9.90/x:1 at the bank (GB29)"),
        ("report:paypal/may.csv", "report paypal/may.csv"),
        ("orders:alpenglow-uk:2026-03-01", "orders of 2026-03-01 (Alpenglow UK)"),
        ("lane:order_ledger", "order_ledger"),
        ("typed by hand", "typed by hand"),
        ("", ""),
    ],
)
def test_what_a_key_is_about_is_shown_as_people_know_it(key: str, shown: str) -> None:
    assert WORDS.subject(key) == shown


def test_a_key_of_an_order_names_its_site_and_no_other_key_does() -> None:
    assert site_of("alpenglow:alpenglow-uk:consolidated:1") == "alpenglow-uk"
    for key in (
        "payout:stripe:ch_1",
        "transfer:stripe:GBP:po_1",
        "bank:GB29:1",
        "by hand",
        "sku:TENT",
    ):
        assert site_of(key) is None
