"""Finance sees, beside the books, where tax is not where it belongs."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import dagster as dg

from sfcc_cin7.db.looks import CATALOGUES, save_look
from sfcc_cin7.db.sku_map import replace_tax_rules
from sfcc_cin7.ledger.breaks.tax_rules import wrong_rules
from sfcc_cin7.ledger.tax_checks import tax_rules_agree
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.merchant.tax_rules import TaxMapping
from sfcc_cin7.runtime.telling import evaluated
from sfcc_cin7_tests.ledger.test_order_ledger import _Plain
from sfcc_cin7_tests.project import SANDBOX_MODEL

MODEL = load_operating_model(SANDBOX_MODEL)
CARRIER = TaxMapping(country="GB", kind="carrier", rule="20% (VAT on Income)")
VAT = "20% (VAT on Income)"


def judged(books: Any, percents: dict[str, Decimal] | None = None) -> Any:
    percents = as_the_model_has_them(books) if percents is None else percents
    rules = [{"name": name, "percent": each, "active": True} for name, each in percents.items()]
    with books.engine.begin() as connection:
        replace_tax_rules(connection, rules, books.clock.now())
        if rules:
            save_look(connection, CATALOGUES, books.clock.now())
    parts = {"model": lambda: books.model, "engine": books.engine, "clock": books.clock}
    plain: Any = _Plain(**parts)
    return evaluated(tax_rules_agree, merchant=plain, store=plain)


def as_the_model_has_them(books: Any) -> dict[str, Decimal]:
    """Every tax rule of the operating model, with the percent that it names."""
    mappings = [each for site in books.model.sites for each in site.tax_rules]
    return {each.rule: each.own_rate * 100 for each in mappings if each.kind != "carrier"}


def with_carrier(books: Any) -> None:
    sites = [
        site.model_copy(update={"tax_rules": [*site.tax_rules, CARRIER]})
        if site.country == "GB"
        else site
        for site in books.model.sites
    ]
    books.model = books.model.model_copy(update={"sites": sites})


def rows(result: Any, name: str) -> list[Any]:
    return [record.data for record in result.metadata[name].value.records]


def test_booked_tax_is_compared_with_what_was_charged_by_place_and_month(books: Any) -> None:
    with_carrier(books)
    _, sale = books.posted()
    books.reconcile()

    result = judged(books)
    assert result.passed
    [row] = rows(result, "tax under carriers")
    assert (row["place"], row["orders"]) == ("Alpenglow UK, GB", 1)
    assert row["tax charged"] == row["tax booked"]

    books.clock.sleep(60)
    [line, *_] = [each for each in sale["Lines"] if each["Tax"]]
    books.lane.sandbox.cin7.edit_sale(
        sale["ID"], sku=line["SKU"], tax=line["Tax"] - Decimal("0.01")
    )
    books.reconcile()

    result = judged(books)
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.ERROR)
    [row] = rows(result, "tax under carriers")
    assert "but the ERP holds" in row["what is wrong"]


def test_a_percent_that_somebody_changed_in_the_erp_is_told(books: Any) -> None:
    result = judged(books, as_the_model_has_them(books) | {VAT: Decimal("17.5")})

    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.ERROR)
    [row] = rows(result, "tax rules")
    assert (row["tax rule"], row["where"]) == (VAT, "Alpenglow UK, GB")
    assert row["what is wrong"].startswith(f"{VAT!r} is 17.5 % in the ERP, but")


def test_a_rule_that_the_erp_lacks_is_told_before_an_order_needs_it(books: Any) -> None:
    there = as_the_model_has_them(books)
    del there[VAT]
    result = judged(books, there)

    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert result.description.startswith("Tax rules that the ERP lacks, or has out of use: 1. ")
    [row] = rows(result, "tax rules")
    assert (row["tax rule"], row["where"]) == (VAT, "Alpenglow UK, GB")
    assert "no order of GB" in row["what is wrong"]


def test_a_carrier_that_the_erp_lacks_is_told_too() -> None:
    lost = CARRIER.model_copy(update={"rule": "Carried"})
    first, *others = MODEL.sites
    sites = [first.model_copy(update={"tax_rules": [*first.tax_rules, lost]}), *others]
    model = MODEL.model_copy(update={"sites": sites})
    known = as_the_model_has_them(SimpleNamespace(model=MODEL))
    assert [each.rule for each in wrong_rules(model, known)] == ["Carried"]


def test_rules_that_were_never_read_are_not_green(books: Any) -> None:
    result = judged(books, {})

    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)
