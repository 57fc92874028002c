"""Whether what waits for a person waits too long, or costs too much."""

import dagster as dg

from sfcc_cin7.inbox.listing import inbox, summary, together
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.review.assets import causes_table, items_table, review_inbox
from sfcc_cin7.runtime.horizons import own, seen
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.runbooks import verdict

SHOWN = 10


@dg.asset_check(
    asset=review_inbox,
    description=(
        "Nothing needs a person for longer, and no more money is at risk, than the operating model"
        " allows (`review`): amber from its warning on, red from its alarm on. What to do: begin"
        " at the top of the table; each row names its owner and the way out."
    ),
)
def review_backlog(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    model, now = merchant.model(), store.clock.now()
    with store.engine.connect() as connection:
        items = inbox(connection, model, now)
    found = together(items, model.review, model.base_currency)
    return verdict(
        "review_backlog",
        passed=not found.warned,
        horizon=seen(model, now, own("items of the inbox", now)),
        severity=dg.AssetCheckSeverity.ERROR if found.alarmed else dg.AssetCheckSeverity.WARN,
        description=summary(found, model.base_currency, wording(model)),
        metadata={
            "by cause": causes_table(items, model.base_currency),
            "worst ten": items_table(items[:SHOWN], model),
            "items": len(items),
            f"money at risk, {model.base_currency}": float(found.money),
        },
    )
