"""Whatever needs a person is in one list, and every place that shows it shows the same figures."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, insert

from sfcc_cin7.cli.main import main
from sfcc_cin7.db.schema import (
    breaks,
    orders,
    payout_reports,
    stock_drifts,
    stock_snapshots,
)
from sfcc_cin7.inbox.inbox import Finding, open_items
from sfcc_cin7.inbox.listing import at_risk, inbox
from sfcc_cin7.merchant.links import LinksPolicy
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.operations.daily import operations_report
from sfcc_cin7.review.assets import review_inbox
from sfcc_cin7.review.checks import review_backlog
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.project import SANDBOX_MODEL

MODEL = load_operating_model(SANDBOX_MODEL)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
US, UK, JP = (f"alpenglow:alpenglow-{site}:00000001" for site in ("us", "uk", "jp"))
HOUR = timedelta(hours=1)


class House:
    """Stands for merchant and store; what is planted has stood for an hour."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.clock = engine, ManualClock(NOW)

    def model(self) -> Any:
        return MODEL.model_copy(update={"report": MODEL.report.model_copy(update={"folder": None})})

    def plant(self, table: Any, **row: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(insert(table).values(row))

    def broken(self, key: str, kind: str, amount: str, currency: str, **more: Any) -> None:
        at = {"day": "2026-03-01", "opened_at": NOW - HOUR, "sentence": "They differ."}
        row = {"order_key": key, "class": kind, "amount": amount, "currency": currency}
        self.plant(breaks, **{"owner": "team:finance", **at, **row, **more})

    def ordered(
        self, key: str, total: str, currency: str, state: str = "acknowledged", **more: Any
    ) -> None:
        _, site, number = key.split(":")
        since = NOW - HOUR
        stamps = ("created_at", "modified_at", "received_at", "due_at", "next_attempt_at")
        self.plant(
            orders,
            order_key=key,
            site=site,
            order_no=number,
            currency=currency,
            order_total=total,
            shop_status="new",
            document="{}",
            document_hash="",
            state=state,
            **dict.fromkeys(stamps, since),
            **more,
        )

    def codes(self) -> dict[str, str]:
        """Code: subject of everything that waits."""
        with self.engine.connect() as connection:
            return {item.code: item.subject for item in inbox(connection, MODEL, NOW)}

    def shown(self, asset: Any) -> Mapping[str, Any]:
        result: Any = asset(merchant=self, store=self)
        return dict(result.metadata)

    def check(self) -> Any:
        return review_backlog(merchant=self, store=self)


@pytest.fixture
def house(engine: Engine) -> House:
    return House(engine)


def test_a_duplicate_and_a_price_break_need_a_person_wherever_one_looks(house: House) -> None:
    house.broken(US, "duplicate", "472", "USD")
    house.broken(UK, "amount", "7.50", "GBP")
    money = "356.78 GBP"  # 472 USD at 0.74, and 7.50
    sentence = f"2 things need a person, {money} at risk; the oldest has waited 1 h 0 min"

    inbox_shown, report = house.shown(review_inbox), house.shown(operations_report)
    environment = {
        "SFCC_CIN7_DATABASE_URL": house.engine.url.render_as_string(hide_password=False),
        "SFCC_CIN7_OPERATING_MODEL": str(SANDBOX_MODEL),
    }
    command = CliRunner().invoke(main, ["review", "list"], env=environment).output
    assert inbox_shown["needs a person"].startswith(sentence)
    assert (inbox_shown["items"], inbox_shown["money at risk, GBP"]) == (2, 356.78)
    assert house.check().description.startswith(sentence)
    assert sentence in report["report"].md_str
    assert (report["needs a person"], report["money at risk"]) == (2, 356.78)
    assert f"2 things need a person, {money} at risk" in command


def test_one_list_holds_every_kind_of_trouble(house: House) -> None:
    with house.engine.begin() as connection:
        found = Finding("sku:TENT", "sku-unknown-in-erp", "Nobody knows it.", "team:merchandising")
        open_items(connection, [found], NOW - HOUR)
    house.broken(UK, "tax", "1.50", "GBP")
    house.broken("transfer:stripe:GBP:po_1", "amount", "10", "GBP", leg="gateway")
    house.plant(
        payout_reports,
        **{"gateway": "paypal", "name": "a.csv", "content_hash": "", "lines": 0},
        problem="It has no column Gross.",
        read_at=NOW - HOUR,
    )
    drift = {"list_id": "inventory-uk", "expected": 3, "shown": 9, "seen_at": NOW - HOUR}
    house.plant(stock_drifts, sku="STAYS", **drift)
    house.plant(stock_drifts, sku="JUST-SEEN", **{**drift, "seen_at": NOW})
    house.plant(stock_drifts, sku="PUT-RIGHT", corrected_at=NOW, **drift)
    house.ordered(JP, "49600", "JPY", "received")
    assert house.codes() == {
        "sku-unknown-in-erp": "sku:TENT",
        "books-tax": UK,
        "payout-amount": "transfer:stripe:GBP:po_1",
        "report-unreadable": "report:paypal/a.csv",
        "stock-drift": "stock:inventory-uk/STAYS",
        "posting-stalled": "lane:cin7_sales",
    }


def test_an_order_with_two_troubles_puts_its_money_at_risk_once(house: House) -> None:
    house.ordered(UK, "100", "GBP", "in_review")
    house.broken(UK, "amount", "7.50", "GBP")
    house.broken(UK, "amount", "7.50", "GBP", leg="gateway")
    with house.engine.begin() as connection:
        open_items(connection, [Finding(UK, "erp-refused", "No.", "team:order-desk")], NOW - HOUR)
    with house.engine.connect() as connection:
        items = inbox(connection, MODEL, NOW)
    assert (len(items), at_risk(items, "GBP")) == (3, Decimal(100))


def test_causes_come_by_their_money_and_age_each_with_its_way_out(house: House) -> None:
    house.broken(JP, "tax", "49600", "JPY")
    house.broken(US, "duplicate", "472", "USD", owner="team:order-desk")
    house.broken(UK, "duplicate", "10", "GBP", owner="team:order-desk")
    shown = house.shown(review_inbox)
    causes = [tuple(row.data.values()) for row in shown["by cause"].records]
    mend = "mend the cause: it closes by itself"
    hour = "for 1 h 0 min"
    assert causes == [
        ("Twice in the ERP", "2", f"359.28 GBP {hour}", f"order-desk: {mend}"),
        ("Another tax in the ERP", "1", f"248.00 GBP {hour}", f"finance: {mend}"),
    ]
    first, *_, last = (row.data for row in shown["one by one"].records)
    assert (first["what"], first["at risk"]) == ("00000001 (Alpenglow US)", f"472.00 USD {hour}")
    assert last["what"] == "00000001 (Alpenglow UK)"
    assert f"49,600 JPY {hour}" in [row.data["at risk"] for row in shown["one by one"].records]


def test_what_an_item_is_about_can_be_opened_where_the_merchant_named_the_pages(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "open one" not in house.shown(review_inbox)
    links = LinksPolicy(
        order="https://bm.example/{site}?no={number}", sale="https://erp.example/Sale#{id}"
    )
    model = MODEL.model_copy(update={"links": links})
    monkeypatch.setattr(house, "model", lambda: model)
    house.ordered(UK, "100", "GBP", sale_id="id-1", sale_number="SO-00001")
    house.broken(UK, "amount", "7.50", "GBP")
    shown = house.shown(review_inbox)
    name = "00000001 (Alpenglow UK)"
    order = "https://bm.example/alpenglow-uk?no=00000001"
    assert shown[f"{name}: the order in Business Manager"].value == order
    sale = "https://erp.example/Sale#id-1"
    assert shown[f"{name}: the sale SO-00001 in Cin7"].value == sale
    assert f"- {name}: [the order in Business Manager]({order})" in shown["open one"].value


def test_nothing_is_said_to_need_nobody_only_where_that_is_so(house: House) -> None:
    assert house.check().description == "Nothing needs a person."
    assert house.check().passed
    house.plant(
        stock_snapshots,
        started_at=NOW - HOUR,
        finished_at=NOW - HOUR,
        rows=3,
        total=900,
        believed=False,
        reason="It lost rows.",
    )
    assert "reading-doubted" in house.codes()
    assert "things need a person" in house.check().description  # no list was published either
