"""Whether margins can be right."""

import dagster as dg

from sfcc_cin7.ledger.margin_assets import gross_margin, percent, rounded
from sfcc_cin7.ledger.sights import of_margins
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.runtime.horizons import seen as seen_from
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.runbooks import verdict
from sfcc_cin7.runtime.tables import table
from sfcc_cin7.values.money import figure
from sfcc_cin7.values.wording import plain

WORST = 10
COLUMNS = ("SKU", "site and price book", "money at risk", "margin", "units", "what is wrong")


@dg.asset_check(
    asset=gross_margin,
    description=(
        "No SKU is sold for less than it costs, and none earns a share far from what it earned in"
        " the weeks before, on any site and price book; and most costs are known. What to do: see"
        " whether the price (in the storefront's price book, or a promotion) or the cost (Cin7 >"
        " Product > Average Cost, and the latest purchase) is wrong and correct it there; then run"
        " gross_margin with `again_from`, or wait until the sales have shipped. A row goes when"
        " its days have passed or its figures agree again. What is at risk, and thresholds, are in"
        " `ledger.margin` of the operating model."
    ),
)
def margins_plausible(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    from sfcc_cin7.ledger.margins.margin import implausible, mostly_unknown
    from sfcc_cin7.ledger.passes.margins import recent_margins

    model, now = merchant.model(), store.clock.now()
    with store.engine.connect() as connection:
        sights = of_margins(connection)
    policy = model.ledger.margin
    seen = recent_margins(store.engine, model, store.clock)
    found = implausible(seen.recent, seen.history, policy)
    unknown = mostly_unknown(seen.recent, policy)
    words = wording(model)
    at_risk = sum(one.base_at_risk for one in found)
    told = [
        f"{count} {problem}"
        for problem in ("negative", "far from its history")
        if (count := sum(one.problem == problem for one in found))
    ]
    told += [f"the cost of {share:.0%} of {code} revenue is unknown" for code, share in
             unknown.items()]  # fmt: skip
    worst = (
        (
            one.margin.group.sku,
            f"{words.site(one.margin.group.site)}, {one.margin.group.price_book}",
            rounded(one.at_risk, one.margin.group.currency),
            f"{percent(one.margin.share)} of"
            f" {figure(one.margin.revenue, one.margin.group.currency)}",
            plain(one.margin.units),
            one.sentence,
        )
        for one in found[:WORST]
    )
    severe = at_risk >= policy.error_from and found
    return verdict(
        "margins_plausible",
        passed=not found and not unknown,
        horizon=seen_from(model, now, *sights),
        severity=dg.AssetCheckSeverity.ERROR if severe else dg.AssetCheckSeverity.WARN,
        description="; ".join(told) + f". {model.owners.finance}: see the table."
        if told
        else "Every margin is what it can be.",
        metadata={
            "the worst": table(COLUMNS, worst),
            "implausible margins": len(found),
            f"money at risk {model.base_currency}": round(float(at_risk), 2),
            "owner": model.owners.finance,
            "judged": f"from {seen.first} to today",
        },
    )
