"""What must be true of shipments at any time."""

from datetime import timedelta

import dagster as dg

from sfcc_cin7.db.shipments import broken_promises, how_far, untold
from sfcc_cin7.fulfilment.assets import cin7_shipments, sfcc_shipping_status
from sfcc_cin7.fulfilment.records.shipments import counts
from sfcc_cin7.fulfilment.sights import of_shipments
from sfcc_cin7.inbox.codes import owner_of
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.runtime.horizons import seen
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.runbooks import verdict
from sfcc_cin7.runtime.tables import table
from sfcc_cin7.values.ages import age_in_words
from sfcc_cin7.values.money import figure
from sfcc_cin7.values.wording import counted

WORST = 10
UNTOLD = ("order", "has left since", "problem", "order total")
PROMISES = ("order", "promised for", "held up", "order total", "owner")


@dg.asset_check(
    asset=sfcc_shipping_status,
    description=(
        "Every storefront knows what has left: parcels, numbers and shipping status. Amber: it was"
        " not told for `shipments.late_minutes`, or a shipment that was told is undone in the ERP;"
        " red: for twice as long."
    ),
)
def shipments_told(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    model, now = merchant.model(), store.clock.now()
    late, words = timedelta(minutes=model.shipments.late_minutes), wording(model)
    with store.engine.connect() as connection:
        rows = untold(connection, now - late)
        undone = counts(connection)["undone"]
        sights = of_shipments(connection)
    longest = max((now - row.changed_at for row in rows), default=timedelta(0))
    told = [
        f"{counted(len(rows), 'order')} of which the storefront does not know what has left, the"
        f" first for {age_in_words(longest, seconds=True)}."
        if rows
        else "",
        f"{counted(undone, 'shipment')} that the shopper was told of and the ERP does not show any"
        " more."
        if undone
        else "",
    ]
    return verdict(
        "shipments_told",
        passed=not rows and not undone,
        horizon=seen(model, now, *sights),
        severity=dg.AssetCheckSeverity.ERROR if longest > 2 * late else dg.AssetCheckSeverity.WARN,
        description=" ".join(filter(None, told)) or "Every storefront knows what has left.",
        metadata={
            "waiting longest": table(
                UNTOLD,
                (
                    (
                        words.subject(row.order_key),
                        words.second(row.changed_at),
                        row.problem or "nobody told it yet",
                        figure(row.order_total, row.currency),
                    )
                    for row in rows[:WORST]
                ),
            ),
            "orders to be told too late": len(rows),
            "shipments undone": undone,
        },
    )


@dg.asset_check(
    asset=cin7_shipments,
    description=(
        "Every order left as its shipping method promises (`dispatch_promises` of the site). Fails"
        " for orders past their promise that are not picked, not shipped, shipped in part, or"
        " shipped without a number: amber, and red once a promise is a day past."
    ),
)
def shipped_on_time(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    model, now = merchant.model(), store.clock.now()
    words, owner = wording(model), owner_of("promise-broken", model.owners)
    since = now - timedelta(days=model.shipments.awaited_days)
    with store.engine.connect() as connection:
        rows = broken_promises(connection, now, since)
        sights = of_shipments(connection)
    longest = max((now - row.promise_at for row in rows), default=timedelta(0))
    held_up = [how_far(row) for row in rows]
    return verdict(
        "shipped_on_time",
        passed=not rows,
        horizon=seen(model, now, *sights),
        severity=dg.AssetCheckSeverity.ERROR
        if longest > timedelta(days=1)
        else dg.AssetCheckSeverity.WARN,
        description=(
            f"{counted(len(rows), 'order')} past the promise, the first by"
            f" {age_in_words(longest)}: {owner}."
            if rows
            else "Every order left as it was promised."
        ),
        metadata={
            "past their promise": table(
                PROMISES,
                (
                    (
                        words.subject(row.order_key),
                        words.instant(row.promise_at),
                        where,
                        figure(row.order_total, row.currency),
                        owner,
                    )
                    for row, where in list(zip(rows, held_up, strict=True))[:WORST]
                ),
            ),
            "orders past their promise": len(rows),
            **{name: held_up.count(name) for name in sorted(set(held_up))},
        },
    )
