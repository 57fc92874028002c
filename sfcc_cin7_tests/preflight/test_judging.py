"""What of the facts of both systems has to be mended, and what changed since the last report."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sfcc_cin7.merchant.operating_model import OperatingModel, Owners
from sfcc_cin7.preflight.judging import (
    Volumes,
    charge_problems,
    stock_problems,
    tax_problems,
    volume_problems,
)
from sfcc_cin7.preflight.report import Problem, Report, as_json, as_markdown, reported
from sfcc_cin7.systems.cin7.documents import TaxRule
from sfcc_cin7.systems.sfcc.documents import InventoryRecord
from sfcc_cin7_tests.orders.merchants import site

MONDAY, TUESDAY = datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 3, 9, tzinfo=UTC)
STOCK = Problem("stock", "Too much | is offered.", "costs", "team:supply", "Count.", "3 SKUs")
KEY = Problem("access", "The key is refused.", "stops", "engineer", "Correct it.")


def merchant(**of_site: Any) -> OperatingModel:
    return OperatingModel(brand="brand", base_currency="USD", sites=[site(**of_site)])


def rule(name: str, percent: int, **flags: bool) -> TaxRule:
    row = {"ID": "1", "Name": name, "TaxPercent": percent, "IsActive": True, "IsTaxForSale": True}
    return TaxRule.model_validate(row | flags)


def record(sku: str, ats: int, **more: Any) -> InventoryRecord:
    return InventoryRecord.model_validate({"product_id": sku, "ats": ats, **more})


def report(at: datetime, *problems: Problem, last: Any = None, looked: Any = None) -> Report:
    areas = {"stock", "access"} if looked is None else looked
    return reported("brand", at, problems, areas, [], [], last)


def test_a_tax_rule_that_cannot_hold_its_tax_is_named() -> None:
    model = merchant(tax_rules=[{"country": "US", "rate": "0.05", "rule": "Sales"}])

    def told(*rules: TaxRule) -> list[str]:
        return [each.sentence for each in tax_problems(model, rules)]

    assert told(rule("Sales", 5)) == []
    assert told(rule("sales", 5)) == ["site shop: the tax rule 'Sales' is not in Cin7."]
    assert told(rule("Sales", 6)) == [
        "site shop: the tax rule 'Sales' has 6 % in Cin7, but stands for the rate 0.05."
    ]
    assert "not active" in told(rule("Sales", 5, IsActive=False))[0]
    assert "not for sales" in told(rule("Sales", 5, IsTaxForSale=False))[0]


def test_a_charge_without_its_service_product_is_named() -> None:
    model = merchant(option_booking="charge", options={"wax": "Hand waxing"})
    there = {name for _, name in model.sites[0].charges if name} | {"Hand waxing"}

    assert list(charge_problems(model, there)) == []
    [lacking] = charge_problems(model, there - {"Hand waxing"})
    assert lacking.sentence == "site shop: options.wax: Cin7 has no Service product 'Hand waxing'."


def test_a_list_that_offers_more_than_the_erp_has_is_named_with_both_figures() -> None:
    records = [
        record("even", 2),
        record("above", 5),
        record("oversold", 0),
        record("endless", 9, perpetual_flag=True),
        record("service", 7),
    ]
    there = {"even": Decimal(2), "above": Decimal(3), "oversold": Decimal(-1), "new": Decimal(4)}
    goods = {"even", "above", "oversold", "endless", "new"}

    found = list(stock_problems("list", records, there, goods, Owners()))

    assert [(each.severity, each.extent) for each in found] == [
        ("costs", "1, such as endless"),
        ("costs", "1, such as above (5 offered, 3 there)"),
        ("note", "1, such as new"),
    ]


def test_a_peak_beyond_the_call_budget_is_a_matter_of_consolidating() -> None:
    model, volumes = merchant(), Volumes()
    for minute in range(1_600):
        order = {"creationDate": f"2026-11-27T20:{minute % 60:02}:00.000Z", "currency": "USD"}
        volumes.count(model.sites[0], order)

    [shared] = volume_problems(model, volumes, own_key=False)

    assert shared.extent == "2026-11-27T20h: 1600 orders, 3200 calls at least; 3120 fit"
    assert list(volume_problems(model, volumes, own_key=True)) == []


def test_the_worst_decides() -> None:
    assert report(MONDAY).verdict == "go"
    assert report(MONDAY, STOCK).verdict == "go with conditions"
    assert report(MONDAY, STOCK, KEY).verdict == "no-go"
    assert [each.problem for each in report(MONDAY, STOCK, KEY).seen] == [KEY, STOCK]


def test_a_second_report_tells_what_came_and_what_went() -> None:
    first = report(MONDAY, STOCK)

    second = report(TUESDAY, KEY, last=as_json(first))
    same = report(TUESDAY, STOCK, last=as_json(first))

    assert first.new == []
    assert [each.problem for each in second.new] == [KEY]
    assert second.gone == ["stock: Too much | is offered."]
    assert (list(same.new), list(same.gone)) == ([], [])
    assert same.seen[0].since == MONDAY.isoformat()
    assert "Too much \\| is offered." in as_markdown(same)


def test_what_nobody_looked_at_is_not_gone() -> None:
    first = report(MONDAY, STOCK)

    blind = report(TUESDAY, KEY, last=as_json(first), looked={"access"})

    assert [each.problem for each in blind.seen] == [KEY, STOCK]
    assert blind.gone == []
