"""Whether stock is read whole, and whether the storefront still holds what was published."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import dagster as dg
from sqlalchemy import Connection, Row

from sfcc_cin7.db.cursors import cursor
from sfcc_cin7.db.levels import last_snapshot
from sfcc_cin7.db.oversold import oversold_orders
from sfcc_cin7.db.sku_map import open_findings
from sfcc_cin7.db.stock_passes import list_passes, not_passed_since
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.runtime.horizons import own, seen
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.runbooks import verdict
from sfcc_cin7.runtime.settings import hooks
from sfcc_cin7.runtime.tables import table
from sfcc_cin7.stock.assets import cin7_stock, sfcc_inventory
from sfcc_cin7.stock.publishing.clocks import WRONG_CLOCK
from sfcc_cin7.stock.reading.read_back import compared_since
from sfcc_cin7.stock.reading.subscription import PUT_BACK, SEEN_ACTIVE
from sfcc_cin7.stock.records.holds import held
from sfcc_cin7.stock.showing.drift_table import (
    Difference,
    differences,
    drift_table,
    is_error,
    too_much_now,
)
from sfcc_cin7.stock.showing.oversold import COLUMNS, explained
from sfcc_cin7.values.horizon import Sight, usual_age
from sfcc_cin7.values.wording import Wording, counted

SHOWN = 10
WEBHOOK_TOLD = timedelta(hours=1)
WEBHOOK_SILENT = timedelta(minutes=10)


@dg.asset_check(
    asset=cin7_stock,
    blocking=True,
    description=(
        "The last reading of the ERP's stock was whole: Total stood still, every row came, and it"
        " did not shrink sharply. Until then nothing is published. What to do: compare the number"
        " of rows with the ERP's availability report; if so much stock really is gone, raise"
        " stock.shrink_guard in the operating model until one reading was taken."
    ),
)
def snapshot_believed(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    model, now = merchant.model(), store.clock.now()
    with store.engine.connect() as connection:
        last = last_snapshot(connection)
    began, usual = last.started_at if last else None, _usual(last, model)
    rows = Sight("row of stock", "rows of stock", began, usual)
    if last is None:
        return verdict(
            "snapshot_believed",
            passed=False,
            horizon=seen(model, now, rows),
            description="The stock has not been read yet.",
        )
    return verdict(
        "snapshot_believed",
        passed=last.believed,
        horizon=seen(model, now, rows),
        severity=dg.AssetCheckSeverity.ERROR,
        description=last.reason or f"{counted(last.rows, 'row')}, all that the ERP told of.",
        metadata={"rows": last.rows, "total": last.total},
    )


@dg.asset_check(
    asset=cin7_stock,
    description=(
        "Cin7 tells us when stock moves. It switches a webhook off after six tries without success;"
        " that is noticed and put back, and told here for an hour. Stock stays right meanwhile, it"
        " only follows more slowly. What to do: look why Cin7 did not reach the receiver"
        " (docs/webhooks.md)."
    ),
)
def stock_webhook_active(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    model, now = merchant.model(), store.clock.now()
    words = wording(model)

    def told(at: str) -> str:
        return words.second(datetime.fromisoformat(at))

    with store.engine.connect() as connection:
        put_back, active = cursor(connection, PUT_BACK), cursor(connection, SEEN_ACTIVE)
    if active is None:
        return verdict(
            "stock_webhook_active",
            passed=hooks() is None,
            horizon=seen(model, now, own("settings", now)),
            severity=dg.AssetCheckSeverity.WARN,
            description="There is no webhook: stock is found by reading alone.",
        )
    seen_at = datetime.fromisoformat(active)
    webhook = Sight("webhook", "webhooks", seen_at, WEBHOOK_SILENT)
    lately = put_back is not None and now - datetime.fromisoformat(put_back) < WEBHOOK_TOLD
    silent = hooks() is not None and now - seen_at > WEBHOOK_SILENT
    sentence = f"It was seen active at {told(active)}."
    if lately and put_back is not None:
        sentence = f"Cin7 had switched the webhook off; it was put back at {told(put_back)}."
    if silent:
        sentence = (
            f"The webhook was last seen at {told(active)}: watch_stock_webhook does not succeed."
        )
    return verdict(
        "stock_webhook_active",
        passed=not lately and not silent,
        horizon=seen(model, now, webhook if hooks() else own("settings", now)),
        severity=dg.AssetCheckSeverity.WARN,
        description=sentence,
    )


@dg.asset_check(
    asset=sfcc_inventory,
    description=(
        "The storefront shows what it should. It fails for a while after somebody else changed a"
        " record, although that is put right at once, and where an order on its way or a movement"
        " in the ERP explains a difference for longer than stock.lag_minutes; and where a list was"
        " not published for so long (`sfcc_inventory` says why), or is held because too much of it"
        " would change at once, or because the systems mean something else by it. What to do: find"
        " out who edits inventory records in Business Manager, or which other import feeds the"
        " list, and have them change the stock in the ERP instead; where something lags, look at"
        " the runs of the order and the stock lane (`sfcc-cin7 stock explain LIST SKU`)."
    ),
)
def inventory_drift(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    model, now = merchant.model(), store.clock.now()
    policy = model.stock
    with store.engine.connect() as connection:
        found = differences(connection, policy, now)
        behind = not_passed_since(connection, model, now)
        holding = [held(connection, each.id) for each in model.inventory_lists]
        clocks = [row.sentence for row in open_findings(connection, [WRONG_CLOCK])]
        sights = _of_the_lists(connection, model)
    words = wording(model)
    is_bad = any(is_error(row, policy) for row in found)
    why = [each.sentence for each in holding if each is not None]
    return verdict(
        "inventory_drift",
        passed=not found and not behind and not why and not clocks,
        horizon=seen(model, now, *sights),
        severity=(
            dg.AssetCheckSeverity.ERROR
            if is_bad or behind or why or clocks
            else dg.AssetCheckSeverity.WARN
        ),
        description=" ".join(
            clocks
            + [f"Held: {sentence}" for sentence in why]
            + [_not_published(list_id, began, words) for list_id, began in behind.items()]
            + [_differ(found)] * bool(found)
        )
        or "The storefront shows what it should.",
        metadata={
            "largest": drift_table(found, words, now),
            "records that differ, or did lately": len(found),
            "not put right yet": sum(row.is_open for row in found),
            "lists not published": len(behind),
            "lists held": len(why),
            "units offered too much now": float(too_much_now(found)),
        },
    )


def _differ(found: Sequence[Difference]) -> str:
    """What differs now, and what did lately and was put right."""
    now = sum(row.corrected_at is None for row in found)
    return (
        f"Records that do not show what they should: {now:,};"
        f" others did lately and were put right: {len(found) - now:,}."
    )


def _usual(last: Row[Any] | None, model: OperatingModel) -> timedelta:
    """How old a reading of all stock may be, going by the last one."""
    lasts = last.finished_at - last.started_at if last else timedelta(0)
    return usual_age(timedelta(seconds=model.stock.full_pass_seconds), lasts)


def _of_the_lists(connection: Connection, model: OperatingModel) -> list[Sight]:
    """What the ERP has, as far as each list was published by it, and what the storefront shows."""
    policy = model.stock
    pauses = {each.id: each.publish_seconds for each in model.inventory_lists}
    sights = []
    reading = _usual(last_snapshot(connection), model)
    for each in list_passes(connection, model):
        usual = reading + timedelta(seconds=pauses[each.list_id])
        name = f"publications of {each.list_id}"
        sights.append(Sight(name, name, each.began, usual))
        shown = compared_since(connection, each.list_id, policy)
        name = f"records of {each.list_id}"
        hours = timedelta(hours=policy.read_back_hours)
        sights.append(Sight(name, name, shown, max(usual, hours)))
    return sights


def _not_published(list_id: str, began: datetime | None, words: Wording) -> str:
    if began is None:
        return f"{list_id} was never published."
    return f"{list_id} was not published since {words.instant(began)}."


@dg.asset_check(
    asset=sfcc_inventory,
    description=(
        "The ERP could supply every order that was posted lately, apart from what a rule allows to"
        " be backordered. It fails for some days after it"
        " took one that it has to backorder: the storefront sold what was not there. What to do:"
        " tell the shopper, then see what moved the SKU: the table says which reading and which"
        " publication allowed the order. If units often go missing, hold some back by a rule"
        " (docs/decisions/14-safety-stock.md)."
    ),
)
def nothing_oversold(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    model, now = merchant.model(), store.clock.now()
    since = now - timedelta(days=model.stock.oversell_days)
    with store.engine.connect() as connection:
        lists = [(site, each.id) for each in model.inventory_lists for site in each.sites]
        found = oversold_orders(connection, since, lists)
        rows = [explained(connection, model, row) for row in found[:SHOWN]]
    orders = len({row.order_key for row in found})
    return verdict(
        "nothing_oversold",
        passed=not found,
        horizon=seen(model, now, own("orders", now)),
        severity=dg.AssetCheckSeverity.ERROR,
        description=(
            f"{counted(orders, 'order')} sold that the ERP has to backorder."
            if found
            else "The ERP could supply every order."
        ),
        metadata={"orders": orders, "oversold": table(COLUMNS, rows)}
        if rows
        else {"orders": orders},
    )
