"""The day on one page: what a merchant's people read in the morning."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, text

from sfcc_cin7.catalogue.refresh import refresh
from sfcc_cin7.db.schema import SCHEMA, breaks
from sfcc_cin7.ledger.passes.books import bring_up_to_date
from sfcc_cin7.ledger.passes.margins import update_margins
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.operations import ReportPolicy
from sfcc_cin7.operations.daily import operations_report
from sfcc_cin7.operations.page import Page, Plot, Section, as_html, as_markdown
from sfcc_cin7.operations.report import report
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.scenario.order_lane import OrderLane, order_lane


class Morning:
    """Stands for the lane's merchant and its store."""

    def __init__(self, lane: OrderLane, folder: Path) -> None:
        self.lane = lane
        self.engine = lane.engine
        self.clock = lane.clock
        self.folder = folder

    def model(self) -> OperatingModel:
        return self.lane.model.model_copy(update={"report": ReportPolicy(folder=self.folder)})

    def shown(self) -> dict[str, Any]:
        result: Any = operations_report(merchant=self, store=self)
        return dict(result.metadata)


@pytest.fixture
def morning(engine: Engine, clock: ManualClock, tmp_path: Path) -> Iterator[Morning]:
    with order_lane(engine, clock) as lane:
        refresh(engine, lane._shop, lane._erp, lane.model, clock)
        yield Morning(lane, tmp_path / "reports")


def number(key: str) -> str:
    """An order as the shop shows it."""
    return f"{key.split(':')[-1]} (Alpenglow UK)"


def test_a_day_with_an_order_that_waits_and_a_break(morning: Morning):
    good = morning.lane.order("alpenglow-uk")
    waits = morning.lane.order("alpenglow-uk", "unknown-sku")
    morning.lane.run()
    with morning.engine.begin() as connection:
        connection.execute(
            insert(breaks).values(
                {
                    "order_key": good,
                    "day": "2026-03-01",
                    "class": "amount",
                    "sentence": "The ERP holds a cent less.",
                    "amount": "-0.01",
                    "currency": "GBP",
                    "owner": "team:finance",
                    "opened_at": morning.clock.now() - timedelta(hours=30),
                }
            )
        )
    calls = morning.lane.sandbox.calls.summary()["arrivals"]
    shown = morning.shown()
    assert morning.lane.sandbox.calls.summary()["arrivals"] == calls  # it reads the store alone
    assert (shown["orders in"], shown["orders out"], shown["breaks"]) == (2, 1, 1)
    page = shown["report"].md_str
    assert f"| {number(waits)} | SKU unknown: The ERP has no product" in page
    assert "| Another total in the ERP | 1 | 0.01 GBP | 1 d 6 h | team:finance |" in page
    assert "team:merchandising" in page
    assert "| merchandising: mend the cause: it closes by itself |" in page
    assert "![Orders in and out](data:image/svg+xml;base64," in page
    assert "could not be read" not in page


def test_the_days_gross_margin_is_one_line(morning: Morning):
    assert "Gross margin" not in morning.shown()["report"].md_str
    key = morning.lane.order("alpenglow-uk")
    morning.lane.run()
    bring_up_to_date(morning.engine, morning.lane.model, morning.clock, complete=True)
    update_margins(morning.engine, morning.lane.model)
    document = morning.lane.document(key)
    net = document["productTotal"] - document["adjustedMerchandizeTotalTax"]
    page = morning.shown()["report"].md_str
    assert re.search(rf"Gross margin since yesterday: \d+\.\d% of {net} GBP \(cost known", page)


def test_the_file_of_the_day_needs_nothing_but_itself(morning: Morning):
    morning.lane.order()
    morning.lane.run()
    file = Path(morning.shown()["file"].path)
    html = file.read_text(encoding="utf-8")
    assert html == (morning.folder / "latest.html").read_text(encoding="utf-8")
    assert file.name == f"{morning.clock.now():%Y-%m-%d}.html"
    for title in ("What needs a person today, and who", "Latency", "Calls to the ERP, by lane"):
        assert f"<h2>{title}</h2>" in html
    links = re.findall(r"(?:src|href)=|url\(|https?://[^\"]*", html)
    assert set(links) <= {"http://www.w3.org/2000/svg"}


def test_a_part_that_cannot_be_read_hides_no_other(morning: Morning):
    with morning.engine.begin() as connection:
        connection.execute(text(f"alter table {SCHEMA}.breaks rename column owner to who"))
    try:
        page = as_markdown(report(morning.engine, morning.model(), morning.clock.now()).page)
    finally:
        with morning.engine.begin() as connection:
            connection.execute(text(f"alter table {SCHEMA}.breaks rename column who to owner"))
    assert "This part could not be read (ProgrammingError)." in page
    assert "0 calls" in page or "calls in the last 24 hours" in page


def test_an_empty_store_has_a_report_too(engine: Engine, clock: ManualClock, morning: Morning):
    page = as_markdown(report(engine, morning.model(), clock.now()).page)
    assert "No order was posted in the last 24 hours." in page


def test_what_people_wrote_is_shown_and_never_run():
    section = Section("A <b>", ["<script>"], ("x|y",), [["<i>|"]], Plot(("<u>",), [("<a>", [1])]))
    html = as_html(Page("<title>", [section]))
    for tag in ("<script>", "<b>", "<i>", "<u>", "<a>"):
        assert tag not in html
    assert "&lt;i>\\|" in as_markdown(Page("t", [section]))
