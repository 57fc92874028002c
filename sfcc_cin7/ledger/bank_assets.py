"""What banks state, as their statements say it."""

from datetime import timedelta
from typing import Any

import dagster as dg

from sfcc_cin7.db import schema
from sfcc_cin7.ledger.records import bank
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.lanes import fresh_within
from sfcc_cin7.runtime.outside import GATEWAYS
from sfcc_cin7.runtime.resources import Merchant, Payouts, Store
from sfcc_cin7.runtime.tables import kept_in, table

OWNER = "team:finance"
COLUMNS = ("account", "days", "lines", "of gateways")


@brands.asset(
    group_name="ledger",
    owners=[OWNER],
    kinds={"postgres", "csv"},
    deps=["payouts", GATEWAYS],
    freshness_policy=fresh_within(timedelta(minutes=20)),
    metadata=kept_in(schema.bank_lines),
    description=(
        "Bank statements (CAMT.053, MT940, CSV by a map of its columns) from the folder `bank`"
        " beside those of gateways, each line once, matched to the transfers that gateways state;"
        " a settlement report that states no payout is final once the bank received its sum."
        " Reading one again changes nothing."
    ),
)
def bank_statements(
    merchant: Merchant, store: Store, reports: Payouts
) -> dg.MaterializeResult[Any]:
    return dg.MaterializeResult(metadata=read_statements(merchant.model(), store, reports))


def read_statements(model: OperatingModel, store: Store, reports: Payouts) -> dict[str, Any]:
    """Read the statements that are new; what is shown of that."""
    from sfcc_cin7.ledger.bank.reading import read_bank
    from sfcc_cin7.ledger.payouts.source import payout_source

    if not reports.where or not model.ledger.gateways:
        return {"note": "There is no gateway, or no folder or address of reports."}
    read = read_bank(store.engine, model, payout_source(reports.where), store.clock)
    with store.engine.connect() as connection:
        rows = [
            (
                f"{row.account}, {row.currency}",
                f"{row.first} to {row.last}",
                row.lines,
                row.matched,
            )
            for row in bank.accounts(connection)
        ]
    return {
        "by account": table(COLUMNS, rows),
        "new statements": read.statements,
        "new lines": read.lines,
        "transfers that arrived": read.matched,
        "reports made final": read.made_final,
        "problems": len(read.problems),
        "what cannot be read": dg.MetadataValue.md("\n".join(f"- {one}" for one in read.problems)),
    }
