"""What the screen shows of a day is what both systems hold, counted from outside.

One day is lived in the emulated systems; each figure stands beside what their truth says.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine

from sfcc_cin7.catalogue.assets import read_both
from sfcc_cin7.catalogue.checks import sku_divergence
from sfcc_cin7.ledger.assets import of_the_pass, reconciled
from sfcc_cin7.ledger.checks import each_once, money_agrees
from sfcc_cin7.ledger.passes.sales_image import follow_sales, with_the_rest
from sfcc_cin7.ledger.payout_assets import read_payouts
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.operations.assets import calls_used
from sfcc_cin7.operations.report import report
from sfcc_cin7.orders.assets import _by_currency, _captured
from sfcc_cin7.orders.checks import stalled_posting
from sfcc_cin7.orders.posted import posted_since
from sfcc_cin7.review.assets import shown_of
from sfcc_cin7.stock.assets import publish, read_stock
from sfcc_cin7.stock.checks import inventory_drift, snapshot_believed
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7.values.money import figure
from sfcc_cin7.values.wording import counted
from sfcc_cin7_sandbox.gateways.gateway import write_reports
from sfcc_cin7_sandbox.merchant.catalogue import GHOST_SKU, MISSING_TAX_RULE
from sfcc_cin7_tests.stock.house import StockHouse, stock_house

TYPED = Decimal(25)
PLAIN = ["alpenglow-uk"] * 3 + ["alpenglow-us", "alpenglow-jp"]


def stands_for(**parts: Any) -> Any:
    """Something that the product is given, with these parts."""
    return SimpleNamespace(**parts)


class Day:
    """A day of a merchant, and everything that the screen shows of it."""

    def __init__(self, house: StockHouse) -> None:
        self.house, self.lane, self.sandbox = house, house.orders, house.sandbox
        self.engine, self.clock, self.model = house.engine, house.clock, house.orders.model
        self.store = stands_for(engine=self.engine, clock=self.clock)
        self.merchant = stands_for(model=lambda: self.model)
        self.began = self.clock.now()
        self.catalogues = read_both(self.model, self.store, house.shop, self.lane._erp)
        self.stock = self.read()
        self.placed = [self.lane.order(site) for site in PLAIN]
        self.placed.append(self.lane.order("alpenglow-uk", "unknown-sku"))
        self.placed.append(self.lane.order("alpenglow-jp", "missing-tax-rule"))
        self.done = self.lane.run()
        self.publish()
        self.moved, self.published = self.publish()
        self.cut_a_price()
        self.clock.sleep(120)
        with self.lane.erp("changes") as erp:
            self.sales_read = follow_sales(self.engine, erp, self.model, self.clock).read
        self.key = f"{self.clock.now():%Y-%m-%d}"
        reading = with_the_rest(self.engine, self.sales_read)
        self.books = reconciled(self.model, self.store, self.key, reading)
        self.of_the_pass = of_the_pass(self.store, reading)
        self.clock.sleep(61)  # calls are shown of whole minutes

    def read(self) -> dict[str, Any]:
        erp = stands_for(client=lambda _purpose: self.house.erp)
        return read_stock(self.model, self.store, erp)

    def publish(self) -> tuple[int, dict[str, Any]]:
        """One pass; how many allocations of the storefront it moved, and what it showed."""
        self.clock.sleep(60)
        self.read()
        before = self.allocations()
        shop = stands_for(client=self.house.shop)
        shown = publish(self.model, self.store, shop)
        after = self.allocations()
        return sum(before.get(key) != held for key, held in after.items()), shown

    def allocations(self) -> dict[tuple[str, str], Decimal]:
        rows = self.sandbox.sfcc.truth()["inventory"]
        return {(row["list"], row["sku"]): row["allocation"] for row in rows}

    def cut_a_price(self) -> None:
        [sale] = self.lane.sales(self.placed[0])
        line = next(each for each in sale["Lines"] if each["Price"] > 1)
        self.sandbox.cin7.edit_sale(sale["ID"], sku=line["SKU"], price=line["Price"] - 1)

    def sums(self, rows: list[Any], currency: str, amount: str) -> dict[str, float]:
        found: dict[str, Decimal] = defaultdict(Decimal)
        for row in rows:
            found[row[currency]] += row[amount]
        return {code: float(total) for code, total in found.items()}


@pytest.fixture
def day(engine: Engine, clock: ManualClock) -> Iterator[Day]:
    with stock_house(engine, clock) as house:
        yield Day(house)


def plain(metadata: Any) -> dict[str, Any]:
    """Figures as they are shown; a check's are wrapped."""
    return {name: getattr(shown, "value", shown) for name, shown in metadata.items()}


def test_every_figure_of_a_day_is_what_both_systems_hold(day: Day, tmp_path: Path) -> None:
    truth = day.sandbox.sfcc.truth() | {"erp": day.sandbox.cin7.truth()}
    shop, sales = truth["orders"], truth["erp"]["sales"]
    offered = {row["id"] for row in truth["products"] if not row["type"]["master"]}
    stocked = {row["SKU"] for row in truth["erp"]["products"]}
    captured = day.sums(shop, "currency", "orderTotal")
    booked = day.sums(sales, "CustomerCurrency", "Total")
    now, words = day.clock.now(), wording(day.model)

    assert is_shown(
        day.catalogues,
        {
            "SKUs in the storefront": len(offered),
            "SKUs in the ERP": len(stocked),
            "SKUs in both": len(offered & stocked),
            "SKUs that diverge": len(offered - stocked),
            "tax rules in the ERP": len(truth["erp"]["tax_rules"]),
            "tax rules that the ERP lacks": 1,
            "which tax rules the ERP lacks": MISSING_TAX_RULE.name,
        },
    )
    said: Any = sku_divergence(merchant=day.merchant, store=day.store)
    assert is_shown(plain(said.metadata), {"divergences": 1, "unknown to the ERP": 1})
    assert [row.data["SKU"] for row in said.metadata["SKUs"].records] == [GHOST_SKU]

    with day.engine.connect() as connection:
        shown = posted_since(connection, now, day.began, day.done, words)
    assert is_shown(
        shown,
        {
            "posted since then": len(sales),
            "posted so far": len(sales),
            "sent to review": len(shop) - len(sales),
            "waiting in review": len(shop) - len(sales),
            "postponed": 0,
            "consolidated sales": 0,
            "orders in consolidated sales": 0,
            "backlog": 0,
            "backlog, oldest (seconds)": 0.0,
        },
    )
    rows = {row.data["order"]: row.data for row in shown["latest sales"].records}
    for sale in sales:
        row = rows[words.subject(sale["ExternalID"])]
        assert sale["OrderNumber"] in row["ERP holds"]
    assert len(rows) == len(sales)

    rows_captured = _captured(day.store, day.began, now)
    assert sum(row.orders for row in rows_captured) == len(shop)
    assert _by_currency(rows_captured) == {
        f"captured {one}": sum_ for one, sum_ in captured.items()
    }

    assert is_shown(
        day.books,
        {
            "orders": len(shop),
            "in review": len(shop) - len(sales),
            "open breaks": 1,
            "breaks: amount": 1,
            "breaks opened": 1,
            "breaks closed": 0,
            **{f"captured {code}": total for code, total in captured.items()},
            **{f"booked {code}": total for code, total in booked.items()},
        },
    )
    assert is_shown(day.of_the_pass, {"sales still to read": 0})
    assert day.of_the_pass["sales that cannot be read"] == 0

    said = money_agrees(day.merchant, day.store, (day.key, day.key))
    figures = plain(said.metadata)
    assert is_shown(figures, {"differences": 1, "orders in review for tax or totals": 1})
    row = said.metadata["the worst"].records[0].data
    assert (row["what"], row["money at risk"]) == (words.subject(day.placed[0]), "1.00 GBP")
    said = each_once(day.merchant, day.store, None)
    assert (said.description, said.passed) == ("Every order is in the ERP exactly once.", True)

    folder, gateways = tmp_path / "payouts", day.sandbox.gateways
    files = write_reports(folder, gateways.settle())
    paid = [each for order in shop for each in gateways.payments(order)]
    settled = read_payouts(day.model, day.store, stands_for(where=str(folder)))
    assert is_shown(settled, {"new reports": files, "new lines": len(paid), "problems": 0})
    assert is_shown(settled, {"reports taken back": 0, "reports that are not final": 0})
    by_gateway: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for each in paid:
        by_gateway[each.gateway, each.currency].append(each.gross)
    shown_rows = [row.data for row in settled["by gateway"].records]
    assert {(row["gateway"], row["shoppers paid"]) for row in shown_rows} == {
        (f"{gateway}, {counted(len(gross), 'line')}", figure(sum(gross, Decimal(0)), currency))
        for (gateway, currency), gross in by_gateway.items()
    }

    at_risk = shown_of(day.model, day.store)
    waiting = {day.placed[-2], day.placed[-1], day.placed[0], f"sku:{GHOST_SKU}", "tax-rule:..."}
    assert is_shown(at_risk, {"items": len(waiting), "waived": 0})


def test_every_figure_of_stock_and_calls_is_what_both_systems_saw(day: Day) -> None:
    now, truth = day.clock.now(), day.sandbox.sfcc.truth()
    rows = day.house.erp.availability_page(1).total
    assert is_shown(day.stock, {"believed": True, "rows": rows})
    said: Any = snapshot_believed(merchant=day.merchant, store=day.store)
    assert is_shown(plain(said.metadata), {"rows": rows, "total": rows})
    assert is_shown(
        day.published,
        {
            "published": day.moved,
            "drifts": 0,
            "drifts that wait": 0,
            "refused": 0,
            "failed": 0,
            "records read back": len(truth["inventory"]),
            "left to read back": 0,
        },
    )

    record = next(
        row
        for row in truth["inventory"]
        if row["list"] == "inventory-uk" and row["sku"] != GHOST_SKU
    )
    typed = record["allocation"] + TYPED
    day.sandbox.sfcc.edit_allocation("inventory-uk", record["sku"], typed)
    _, shown = day.publish()
    assert shown["drifts"] == 1
    said = inventory_drift(merchant=day.merchant, store=day.store)
    assert is_shown(
        plain(said.metadata),
        {
            "records that differ, or did lately": 1,
            "not put right yet": 0,
            "units offered too much now": 0.0,
            "lists not published": 0,
            "lists held": 0,
        },
    )
    [row] = said.metadata["largest"].records
    assert row.data["what"] == f"SKU {record['sku']} in inventory-uk"

    day.clock.sleep(61)
    arrived = day.sandbox.calls.summary()["cin7_account"]["arrivals"]
    called = calls_used(day.store)
    counts = [int(row.data["calls"].split(" ")[0]) for row in called["last hour"].records]
    assert sum(counts) == arrived
    figures = report(day.engine, day.model, day.clock.now()).figures
    assert is_shown(
        figures,
        {
            "calls": float(arrived),
            "orders in": len(truth["orders"]),
            "orders out": len(day.sandbox.cin7.sales_truth()),
            "breaks": 1,
            "drifts": 1,
            "backlog": 0,
        },
    )
    said = stalled_posting(merchant=day.merchant, store=day.store)
    assert is_shown(plain(said.metadata), {"orders waiting": 0, "oldest (seconds)": 0.0})
    assert now - day.began < timedelta(hours=1)


def is_shown(shown: Any, true: dict[str, Any]) -> bool:
    """Whether each figure is shown as it is; a figure that is wrong is told with its name."""
    found = {name: shown.get(name) for name in true}
    assert found == true
    return True
