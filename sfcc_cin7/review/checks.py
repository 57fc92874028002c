"""Whether what waits for a person waits too long, or costs too much."""

import dagster as dg

from sfcc_cin7.inbox.listing import inbox, together
from sfcc_cin7.review.assets import items_table, review_inbox
from sfcc_cin7.runtime.horizons import own, seen
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.runbooks import verdict
from sfcc_cin7.values.ages import age_in_words

SHOWN = 10


@dg.asset_check(
    asset=review_inbox,
    description=(
        "Nothing waits for a person longer, and no more money waits, than the operating model"
        " allows (`review`): amber from its warning on, red from its alarm on. What to do: begin"
        " at the top of the table; each row names its owner and the page that says what helps."
    ),
)
def review_backlog(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    model, now = merchant.model(), store.clock.now()
    with store.engine.connect() as connection:
        items = inbox(connection, model, now)
    found = together(items, model.review)
    money, oldest = found.money, found.oldest
    hours = oldest.age.total_seconds() / 3600 if oldest else 0.0
    summary = "Nothing waits for a person."
    if oldest is not None:
        summary = (
            f"{len(items)} items wait, {money:f} {model.base_currency} are at risk, the oldest has"
            f" waited {age_in_words(oldest.age)}: {oldest.subject} ({oldest.code}), {oldest.owner}."
        )
    return verdict(
        "review_backlog",
        passed=not found.warned,
        horizon=seen(model, now, own("items of the inbox", now)),
        severity=dg.AssetCheckSeverity.ERROR if found.alarmed else dg.AssetCheckSeverity.WARN,
        description=summary,
        metadata={
            "items": len(items),
            "money at risk": float(money),
            "oldest, hours": round(hours, 1),
            "worst ten": items_table(items[:SHOWN], model.base_currency),
        },
    )
