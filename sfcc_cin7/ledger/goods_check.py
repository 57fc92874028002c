"""Whether what left and came back is what was billed and credited."""

import dagster as dg

from sfcc_cin7.inbox.codes import known
from sfcc_cin7.ledger.assets import order_ledger
from sfcc_cin7.ledger.breaks.break_classes import GOODS_BREAKS
from sfcc_cin7.ledger.breaks.severity import Scales
from sfcc_cin7.ledger.records import ledger
from sfcc_cin7.ledger.sights import of_sales
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.runtime.horizons import seen
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.runbooks import verdict
from sfcc_cin7.runtime.tables import table
from sfcc_cin7.values.money import figure
from sfcc_cin7.values.wording import counted

WORST = 10
COLUMNS = ("what", "problem", "money at risk", "since", "explanation")


@dg.asset_check(
    asset=order_ledger,
    description=(
        "What has left is invoiced, what is invoiced has left, what is back in stock is credited,"
        " and what is credited came back or never left, each past the age that"
        " `ledger.grace_minutes` gives it. What to do: the explanation of each row names the sale"
        " and the figure; invoice, ship or credit in Cin7, or accept the row. It closes by itself"
        " once a reading of the sale agrees."
    ),
)
def goods_agree(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    model, now = merchant.model(), store.clock.now()
    scales = Scales(model, now)
    with store.engine.connect() as connection:
        sights = of_sales(connection)
        found = scales.worst_first(ledger.listed_breaks(connection, GOODS_BREAKS, leg="goods"))
    words = wording(model)
    counts = {
        known(f"goods-{kind}").cause: count
        for kind in GOODS_BREAKS
        if (count := sum(row.kind == kind for row in found))
    }
    rows = (
        (
            words.subject(row.order_key),
            known(f"goods-{row.kind}").cause,
            figure(row.amount, row.currency),
            words.instant(row.opened_at),
            row.sentence,
        )
        for row in found[:WORST]
    )
    is_red = scales.is_error(found)
    return verdict(
        "goods_agree",
        passed=not found,
        horizon=seen(model, now, *sights),
        severity=dg.AssetCheckSeverity.ERROR if is_red else dg.AssetCheckSeverity.WARN,
        description=f"{counted(len(found), 'difference')} between goods and their bills."
        if found
        else "What left and came back is invoiced and credited.",
        metadata={"the worst": table(COLUMNS, rows), "differences": len(found), **counts},
    )
