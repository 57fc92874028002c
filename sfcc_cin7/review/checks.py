"""Whether what waits for a person waits too long, or costs too much."""

import dagster as dg

from sfcc_cin7.review.assets import items_table, review_inbox
from sfcc_cin7.review.listing import age_in_words, at_risk, inbox
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.runbooks import verdict

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
    model = merchant.model()
    policy = model.review
    with store.engine.connect() as connection:
        items = inbox(connection, model, store.clock.now())
    money = at_risk(items)
    oldest = max(items, key=lambda item: item.age, default=None)
    hours = oldest.age.total_seconds() / 3600 if oldest else 0.0
    alarmed = hours >= policy.alarm_hours or money >= policy.alarm_money
    warned = alarmed or hours >= policy.warn_hours or money >= policy.warn_money
    summary = "Nothing waits for a person."
    if oldest is not None:
        summary = (
            f"{len(items)} items wait, {money:f} {model.base_currency} are at risk, the oldest has"
            f" waited {age_in_words(oldest.age)}: {oldest.subject} ({oldest.code}), {oldest.owner}."
        )
    return verdict(
        "review_backlog",
        passed=not warned,
        severity=dg.AssetCheckSeverity.ERROR if alarmed else dg.AssetCheckSeverity.WARN,
        description=summary,
        metadata={
            "items": len(items),
            "money at risk": float(money),
            "oldest, hours": round(hours, 1),
            "worst ten": items_table(items[:SHOWN], model.base_currency),
        },
    )
