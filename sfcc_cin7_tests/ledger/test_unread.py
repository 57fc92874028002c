"""What the ledger's checks say while something that somebody edited has not been read."""

from types import SimpleNamespace
from typing import Any

import dagster as dg

from sfcc_cin7.cli.emulated import sandbox_erp
from sfcc_cin7.ledger.assets import order_ledger
from sfcc_cin7.ledger.checks import nothing_missing_or_doubled, totals_and_tax_agree
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7_tests.ledger.bookkeeping import FewCalls


def reconciled(books: Any, erp: Cin7Client) -> dict[str, Any]:
    """What the checks say after somebody reconciled today by hand."""
    resources = {
        "merchant": SimpleNamespace(model=lambda: books.model),
        "store": SimpleNamespace(engine=books.engine, clock=books.clock),
        "erp": SimpleNamespace(client=lambda _purpose: erp),
    }
    result = dg.materialize(
        [order_ledger, totals_and_tax_agree, nothing_missing_or_doubled],
        resources=resources,
        partition_key=f"{books.clock.now():%Y-%m-%d}",
    )
    return {one.check_name: one for one in result.get_asset_check_evaluations()}


def test_no_check_is_green_while_a_sale_that_somebody_edited_has_not_been_read(books: Any) -> None:
    _, sale = books.posted()
    assert all(check.passed for check in reconciled(books, books.erp).values())
    books.clock.sleep(60)
    line = next(one for one in sale["Lines"] if one["Price"])
    books.lane.sandbox.cin7.edit_sale(sale["ID"], sku=line["SKU"], price=line["Price"] + 1)
    books.clock.sleep(240)

    connection = sandbox_erp(books.lane.url)
    with Cin7Client(connection, FewCalls(1), "changes", books.clock, books.lane.road) as erp:
        checks = reconciled(books, erp)

    for check in checks.values():
        assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
        assert check.metadata["unread"].value == 1
        assert "1 sale in the ERP" in str(check.description)
    checks = reconciled(books, books.erp)
    assert checks["totals_and_tax_agree"].metadata["differences"].value == 1
    assert checks["nothing_missing_or_doubled"].passed
