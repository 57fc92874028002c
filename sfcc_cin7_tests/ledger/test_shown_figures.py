"""What is shown of the books is what stands in them: no sum across currencies, no break twice."""

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Engine, insert

from sfcc_cin7.db.schema import breaks, day_digests, payout_lines
from sfcc_cin7.db.schema.ledger import LEG_FIGURES
from sfcc_cin7.ledger.assets import order_shown
from sfcc_cin7.ledger.books import books, together
from sfcc_cin7.ledger.checks import each_once, money_agrees
from sfcc_cin7.ledger.passes.frames import LedgerLine
from sfcc_cin7.ledger.payout_assets import COLUMNS, by_gateway
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.project import SANDBOX_MODEL

MODEL = load_operating_model(SANDBOX_MODEL)
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
DAY = "2026-07-01"
UK, US = "alpenglow:alpenglow-uk:00000001", "alpenglow:alpenglow-us:00000002"


@pytest.fixture
def house(engine: Engine) -> Any:
    """Stands for merchant and store."""
    return SimpleNamespace(model=lambda: MODEL, engine=engine, clock=ManualClock(NOW))


def settled(house: Any, key: str, gross: str, currency: str, net: str, **more: Any) -> None:
    line = {
        "gateway": "paypal",
        "line_key": key,
        "report": "july.csv",
        "kind": "charge",
        "payment_reference": "",
        "merchant_reference": "",
        "currency": currency,
        "gross": gross,
        "settled_currency": "GBP",
        "fee": "1",
        "net": net,
        "occurred_at": NOW,
        "payout_id": "po_1",
        "read_at": NOW,
    }
    with house.engine.begin() as connection:
        connection.execute(insert(payout_lines).values({**line, **more}))


def broken(house: Any, key: str, kind: str, amount: str, currency: str, leg: str = "erp") -> None:
    row = {"order_key": key, "class": kind, "amount": amount, "currency": currency, "leg": leg}
    told = {"day": DAY, "sentence": "They differ.", "owner": "team:finance", "opened_at": NOW}
    with house.engine.begin() as connection:
        connection.execute(insert(breaks).values({**row, **told}))


def gateways(house: Any) -> list[dict[str, Any]]:
    with house.engine.connect() as connection:
        rows = by_gateway(connection)
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def test_what_shoppers_paid_in_yen_is_shown_in_yen_and_added_to_no_pounds(house: Any) -> None:
    settled(house, "1", "49600", "JPY", "247", order_key=UK)
    settled(house, "2", "49600", "JPY", "247", order_key=UK)
    settled(house, "3", "20", "GBP", "19", order_key=UK)
    pounds, yen = gateways(house)
    assert yen["shoppers paid"] == "99,200 JPY"
    assert yen["paid out, fees"] == "494.00 GBP, 2.00 GBP"
    assert pounds["shoppers paid"] == "20.00 GBP"
    assert (yen["gateway"], yen["matched"]) == ("paypal, 2 lines", "all")


def test_a_line_lacks_an_order_only_once_somebody_looked_for_it(house: Any) -> None:
    settled(house, "1", "20", "GBP", "19")
    settled(house, "2", "20", "GBP", "19")
    assert gateways(house)[0]["matched"] == "2 not looked at yet"
    broken(house, "payout:paypal:2", "missing-shop", "20", "GBP", "gateway")
    assert gateways(house)[0]["matched"] == "1 without an order; 1 not looked at yet"


def test_a_break_of_one_site_is_shown_on_that_site_alone(house: Any) -> None:
    for site, currency in (("alpenglow-uk", "GBP"), ("alpenglow-us", "USD")):
        row = {"site": site, "currency": currency, "orders": 1, "differing": 0, "fingerprint": 0}
        figures = {**dict.fromkeys(LEG_FIGURES, 0), "captured": 20, "booked": 20}
        with house.engine.begin() as connection:
            connection.execute(insert(day_digests).values(day=DAY, **row, **figures))
    broken(house, UK, "amount", "7.50", "GBP")
    said: Any = money_agrees(house, house, (DAY, DAY))
    rows = [tuple(row.data.values()) for row in said.metadata["the days"].value.records]
    assert rows == [
        (f"{DAY}, Alpenglow UK", 1, 0, "20.00 GBP", "20.00 GBP", 1),
        (f"{DAY}, Alpenglow US", 1, 0, "20.00 USD", "20.00 USD", 0),
    ]


def test_a_check_of_the_books_speaks_in_sentences(house: Any) -> None:
    broken(house, UK, "duplicate", "49", "GBP")
    broken(house, US, "missing-erp", "472", "USD")
    said: Any = each_once(house, house, None)
    assert said.description.startswith("Missing in the ERP: 1; Twice in the ERP: 1. ")
    first = said.metadata["the worst"].records[0].data
    assert first["what"] == "00000002 (Alpenglow US)"
    assert (first["problem"], first["money at risk"]) == ("Missing in the ERP", "472.00 USD")
    assert first["since"] == "2026-07-01 13:00 BST"


def test_what_fails_of_the_days_fails_on_the_books_which_the_catalogue_shows() -> None:
    amber, red = dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR

    def said(name: str, severity: dg.AssetCheckSeverity | None) -> dg.AssetCheckEvaluation:
        return dg.AssetCheckEvaluation(
            dg.AssetKey("order_ledger"),
            name,
            passed=severity is None,
            severity=severity or red,
            description="Twice in the ERP: 1.",
        )

    together_well = together([said("one", None), said("two", None)], MODEL, NOW)
    assert together_well.passed
    assert together_well.description == "Every check of the ledger passes."
    warned = together([said("one", None), said("two", amber)], MODEL, NOW)
    assert (warned.passed, warned.severity) == (False, amber)
    assert warned.description == "two: Twice in the ERP: 1."
    assert together([said("one", red), said("two", amber)], MODEL, NOW).severity is red


def test_the_books_show_every_open_break_by_its_cause(house: Any) -> None:
    broken(house, UK, "amount", "0.01", "GBP")
    broken(house, US, "duplicate", "472", "USD")
    broken(house, "transfer:stripe:GBP:po_1", "amount", "10", "GBP", "gateway")
    shown: Any = books(merchant=house, store=house)
    assert shown.metadata["open breaks"] == 3
    assert shown.metadata["money at risk, GBP"] == 359.29
    assert [row.data["cause"] for row in shown.metadata["by cause"].records] == [
        "Twice in the ERP",
        "Settled with another amount",
        "Another total in the ERP",
    ]


def test_an_order_of_the_day_has_its_currencys_digits() -> None:
    line = LedgerLine(
        order_key="alpenglow:alpenglow-jp:00000001",
        site="alpenglow-jp",
        state="in_review",
        currency="JPY",
        captured=Decimal("49600.0000"),
        captured_tax=Decimal("4509.0000"),
        booked_currency="JPY",
        booked=Decimal("49600.0000"),
        booked_tax=Decimal("4509.0000"),
        settled=Decimal("0.0000"),
        sales="SO-00001",
        breaks="missing-erp",
    )
    assert order_shown(line, wording(MODEL)) == (
        "00000001 (Alpenglow JP), in review",
        "missing erp",
        "49,600 JPY (4,509 JPY tax)",
        "SO-00001: 49,600 JPY (4,509 JPY tax); not settled",
    )
