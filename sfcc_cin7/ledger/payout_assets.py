"""What gateways settled, as their reports say it."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import dagster as dg
from sqlalchemy import Connection, Row

from sfcc_cin7.db import schema
from sfcc_cin7.ledger.records.payouts import gateway_totals, open_reports
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.lanes import fresh_within
from sfcc_cin7.runtime.outside import GATEWAYS
from sfcc_cin7.runtime.resources import Merchant, Payouts, Store
from sfcc_cin7.runtime.tables import Cell, kept_in, table
from sfcc_cin7.values.money import figure
from sfcc_cin7.values.wording import counted

OWNER = "team:finance"
COLUMNS = ("gateway", "shoppers paid", "paid out, fees", "matched")


@brands.asset(
    group_name="ledger",
    owners=[OWNER],
    kinds={"postgres", "csv"},
    deps=["sfcc_orders", GATEWAYS],
    freshness_policy=fresh_within(timedelta(minutes=20)),
    metadata=kept_in(schema.payout_lines),
    description=(
        "The settlement reports of the payment gateways (Stripe, Adyen, PayPal, any other by a map"
        " of its columns), each line once, matched to the payments that shoppers made: the third"
        " leg of order_ledger. Not by day, because a report tells of many days; reading one again"
        " changes nothing."
    ),
)
def payouts(merchant: Merchant, store: Store, reports: Payouts) -> dg.MaterializeResult[Any]:
    return dg.MaterializeResult(metadata=read_payouts(merchant.model(), store, reports))


def read_payouts(model: OperatingModel, store: Store, reports: Payouts) -> dict[str, Any]:
    """Read the reports that are new; what is shown of that."""
    from sfcc_cin7.ledger.payouts.reading import read_reports
    from sfcc_cin7.ledger.payouts.source import payout_source

    if not reports.where or not model.ledger.gateways:
        missing = "no gateway" if not model.ledger.gateways else "no folder or address of reports"
        return {"note": f"There is {missing}: nothing is settled."}
    source = payout_source(reports.where)
    read = read_reports(store.engine, model, source, store.clock)
    with store.engine.connect() as connection:
        rows = by_gateway(connection)
        open_ones = open_reports(connection)
    return {
        "by gateway": table(COLUMNS, rows),
        "new reports": read.reports,
        "new lines": read.lines,
        "reports taken back": read.withdrawn,
        "problems": len(read.problems),
        "reports that are not final": len(open_ones),
        "what cannot be read": _listed(read.problems),
        "what is new about reports": _listed(read.notes),
        "what is not final": _listed(f"{row.gateway}/{row.name}: {row.note}" for row in open_ones),
    }


def _listed(sentences: Iterable[str]) -> dg.MarkdownMetadataValue:
    return dg.MetadataValue.md("\n".join(f"- {one}" for one in sentences))


def by_gateway(connection: Connection) -> list[tuple[Cell, ...]]:
    """What each gateway settled, a row for each currency that shoppers paid in."""
    return [
        (
            f"{row.gateway}, {counted(row.lines, 'line')}",
            figure(row.gross, row.currency),
            f"{figure(row.net, row.settled)}, {figure(row.fee, row.settled)}",
            _matched(row),
        )
        for row in gateway_totals(connection)
    ]


def _matched(row: Row[Any]) -> str:
    """Lines are matched by the next reconciliation; only what it found no order for lacks one."""
    told = [f"{row.lost} without an order"] if row.lost else []
    waits = row.unmatched - row.lost
    told += [f"{waits} not looked at yet"] if waits else []
    return "; ".join(told) or "all"
