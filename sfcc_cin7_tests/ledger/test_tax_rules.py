"""Finance sees, beside the books, where tax is not where it belongs."""

from decimal import Decimal
from typing import Any

import dagster as dg

from sfcc_cin7.db.looks import CATALOGUES, save_look
from sfcc_cin7.db.sku_map import replace_tax_rules
from sfcc_cin7.ledger.tax_checks import tax_rules_agree
from sfcc_cin7.merchant.tax_rules import TaxMapping
from sfcc_cin7.runtime.telling import evaluated
from sfcc_cin7_tests.ledger.test_order_ledger import _Plain

CARRIER = TaxMapping(country="GB", kind="carrier", rule="20% (VAT on Income)")
PERCENTS = {"20% (VAT on Income)": Decimal(20), "Zero Rated Income": Decimal(0)}


def judged(books: Any, percents: dict[str, Decimal] = PERCENTS) -> Any:
    rules = [{"name": name, "percent": each, "active": True} for name, each in percents.items()]
    with books.engine.begin() as connection:
        replace_tax_rules(connection, rules, books.clock.now())
        if rules:
            save_look(connection, CATALOGUES, books.clock.now())
    parts = {"model": lambda: books.model, "engine": books.engine, "clock": books.clock}
    plain: Any = _Plain(**parts)
    return evaluated(tax_rules_agree, merchant=plain, store=plain)


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
    assert (row["place"], row["orders"]) == ("GB", 1)
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
    result = judged(books, PERCENTS | {"20% (VAT on Income)": Decimal("17.5")})

    assert not result.passed
    assert rows(result, "tax rules with another percent")[0]["tax rule"] == "20% (VAT on Income)"


def test_rules_that_were_never_read_are_not_green(books: Any) -> None:
    result = judged(books, {})

    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)
