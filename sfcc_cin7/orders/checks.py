"""What must be true of the order lane at any time."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import dagster as dg
from sqlalchemy import Row

from sfcc_cin7.db.backlog import backlog, waiting_orders
from sfcc_cin7.db.looks import all_looked, shop_changes
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.orders.assets import cin7_sales
from sfcc_cin7.orders.records.circuit import OpenCircuit, open_circuits
from sfcc_cin7.orders.waiting import waiting_table
from sfcc_cin7.runtime.horizons import seen
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.runbooks import verdict
from sfcc_cin7.values.horizon import Sight
from sfcc_cin7.values.wording import counted


@dg.asset_check(
    asset=cin7_sales,
    description=(
        "No order that could be posted waits longer than the operating model allows. Amber: a"
        " system that posting needs does not answer, or the storefront was not looked at for so"
        " long that an order may wait unseen."
    ),
)
def stalled_posting(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    model, now = merchant.model(), store.clock.now()
    words, allowed = wording(model), model.posting.stalled_after_seconds
    sites = [shop_changes(site.id) for site in model.sites]
    rhythm = timedelta(seconds=model.posting.changes_seconds)
    with store.engine.connect() as connection:
        shop = all_looked(connection, sites)
        waiting = backlog(connection, now)
        rows = waiting_orders(connection, now)
        down = open_circuits(connection)
    age = (now - waiting.oldest).total_seconds() if waiting.oldest else 0.0
    unseen_since = shop if shop and now - shop - rhythm > timedelta(seconds=allowed) else None
    told = []
    if age > allowed:
        told.append(
            f"{counted(waiting.waiting, 'order')} to be posted, the oldest for {age:,.0f} s:"
            f" {_what_to_do(down, rows)}"
        )
    elif down:
        told.append(_what_to_do(down, rows))
    if unseen_since:
        told.append(
            "Orders of the storefront cannot be read: it was last looked at to the end at"
            f" {words.second(unseen_since)}, and an order placed since then may wait as well."
        )
    metadata: dict[str, Any] = {
        "waiting longest": waiting_table(rows, now, words),
        "orders waiting": waiting.waiting,
        "oldest (seconds)": round(age, 1),
        "allowed (seconds)": allowed,
    }
    for circuit in down:
        metadata[f"{circuit.system} is down since"] = words.second(circuit.since)
        metadata[f"{circuit.system} answered"] = circuit.problem
    return verdict(
        "stalled_posting",
        passed=not told,
        horizon=seen(model, now, Sight("storefront order", "storefront orders", shop, rhythm)),
        severity=dg.AssetCheckSeverity.ERROR if age > allowed else dg.AssetCheckSeverity.WARN,
        description=" ".join(told) or "Every order that can be posted has been.",
        metadata=metadata,
    )


def _what_to_do(down: list[OpenCircuit], waiting: Sequence[Row[Any]]) -> str:
    if down:
        names = " and ".join(circuit.system for circuit in down)
        return f"{names} does not answer; nothing is lost, posting goes on by itself."
    answered = next((row.problem for row in waiting if row.problem), None)
    if answered:
        return f"the last try ended with {answered!r}; see whether the ERP answers."
    return (
        "see whether the ERP answers, whether `new_orders` is running, and the last run of"
        " `post_orders`."
    )
