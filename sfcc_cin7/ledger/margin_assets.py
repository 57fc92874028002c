"""Gross margin: what was sold, without tax, beside what it cost."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import dagster as dg
from sqlalchemy import Row

from sfcc_cin7.db import schema
from sfcc_cin7.db.looks import MARGINS, save_look
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.lanes import fresh_within
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.tables import kept_in, table
from sfcc_cin7.values.money import ZERO, digits, figure
from sfcc_cin7.values.wording import Wording, plain

if TYPE_CHECKING:
    from sfcc_cin7.ledger.margins.margin import Margin

OWNER = "team:finance"
WORST = 10
TOTALS = ("sold from", "margin", "revenue", "cost unknown")
COLUMNS = ("SKU", "sold from", "margin", "revenue")


class MarginConfig(dg.Config):
    """`again_from` (YYYY-MM-DD, UTC): orders since that day are read and worked out anew, after the
    operating model changed. Left empty, what changed is worked out."""

    again_from: str = ""


@brands.asset(
    group_name="ledger",
    owners=[OWNER],
    kinds={"postgres"},
    deps=["order_ledger", "sku_map"],
    freshness_policy=fresh_within(timedelta(minutes=20)),
    metadata=kept_in(schema.order_margins),
    description=(
        "Gross margin by SKU, site, price book and currency: what shoppers paid after all discounts"
        " and without tax, less what the ERP says it cost, in the currency of the order. Cost is"
        " that of the goods that left the shelf once all of a sale has shipped, until then the"
        " product's average. What came back is taken out. Where no cost or no rate is known the"
        " margin is unknown, never guessed. Not by day: each run weighs the orders that changed,"
        " of whatever day."
    ),
)
def gross_margin(
    config: MarginConfig, merchant: Merchant, store: Store
) -> dg.MaterializeResult[Any]:
    from sfcc_cin7.ledger.records.margins import lock_margins, work_out_again

    if config.again_from:
        since = datetime.fromisoformat(config.again_from).replace(tzinfo=UTC)
        with store.engine.begin() as connection:
            lock_margins(connection)
            work_out_again(connection, since)
    return dg.MaterializeResult(metadata=weigh_margins(merchant.model(), store))


def weigh_margins(model: OperatingModel, store: Store) -> dict[str, Any]:
    """Work out the margins of what changed; what is shown of that."""
    from sfcc_cin7.ledger.margins.margin import unknown_shares
    from sfcc_cin7.ledger.passes.margins import recent_margins, update_margins

    began = store.clock.now()
    updated = update_margins(store.engine, model)
    if not updated.left:
        with store.engine.begin() as connection:
            save_look(connection, MARGINS, began)
    seen = recent_margins(store.engine, model, store.clock)
    worst = sorted(seen.recent, key=lambda one: (one.amount * one.in_base, one.group))
    unknown, words = unknown_shares(seen.recent), wording(model)
    return {
        "days": f"from {seen.first} to today",
        "changes weighed": updated.changes,
        "changes still to weigh": updated.left,
        **_plotted(seen.totals),
        **{
            f"cost unknown {code} %": round(float(100 * share), 1)
            for code, share in unknown.items()
        },
        "orders without exact revenue": len(seen.inexact),
        "which, and why": dg.MetadataValue.md(
            "\n".join(
                f"- {words.subject(row.order_key)}: {row.problem}" for row in seen.inexact[:WORST]
            )
            or "none"
        ),
        "by site and price book": table(TOTALS, (_total(row, words) for row in seen.totals)),
        "the ten that earn least": table(COLUMNS, (_earned(one, words) for one in worst[:WORST])),
    }


def _plotted(totals: Sequence[Row[Any]]) -> dict[str, float]:
    """Numbers by currency, which the UI plots over time; the tables show the exact figures."""
    sums: dict[str, Decimal] = {}
    for row in totals:
        for name, amount in (("revenue", row.revenue), ("margin", row.revenue - row.cost)):
            key = f"{name} {row.currency}"
            sums[key] = sums.get(key, ZERO) + amount
    return {name: float(amount) for name, amount in sums.items()}


def _total(row: Row[Any], words: Wording) -> tuple[str, ...]:
    everything = row.revenue + row.unknown
    margin = row.revenue - row.cost
    shipped = percent(row.shipped_revenue / row.revenue if row.revenue else None)
    share = percent(margin / row.revenue if row.revenue else None)
    return (
        f"{words.site(row.site)}, {row.price_book}",
        f"{rounded(margin, row.currency)} ({share or 'no revenue'})",
        f"{figure(row.revenue, row.currency)}, {shipped or 'none'} shipped",
        percent(row.unknown / everything if everything else None),
    )


def _earned(one: "Margin", words: Wording) -> tuple[str, ...]:
    code = one.group.currency
    return (
        one.group.sku,
        f"{words.site(one.group.site)}, {one.group.price_book}",
        f"{rounded(one.amount, code)} ({percent(one.share)})",
        f"{figure(one.revenue, code)} for {plain(one.units)}",
    )


def rounded(amount: Decimal, currency: str) -> str:
    """A cost in the currency's own decimals: it comes from averages, so it has more."""
    return f"{round(amount, digits(currency)):,f} {currency}"


def percent(share: Decimal | None) -> str:
    """A share as people read it."""
    return "" if share is None else f"{share:.1%}"
