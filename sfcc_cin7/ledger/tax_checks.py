"""Whether tax is where it belongs in the ERP's books."""

from datetime import timedelta

import dagster as dg

from sfcc_cin7.ledger.assets import order_ledger
from sfcc_cin7.ledger.breaks.tax_rules import carried, carrying_sites, wrong_rules
from sfcc_cin7.ledger.records import taxes
from sfcc_cin7.ledger.sights import of_orders
from sfcc_cin7.runtime.horizons import of_catalogues, seen
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.runbooks import verdict
from sfcc_cin7.runtime.tables import table
from sfcc_cin7.values.money import figure

LOOKED_AT = timedelta(days=62)
"""The month before this one is looked at too: it may not have been filed yet."""
MOST = 100
"""Rows that are shown."""
RULES = ("site", "place", "tax rule", "what is wrong")
PLACES = ("site", "place", "month", "orders", "tax charged", "tax booked", "what is wrong")


@dg.asset_check(
    asset=order_ledger,
    description=(
        "The ERP's tax rules are what the operating model takes them for: one that explains the"
        " tax, or holds what is untaxed, has the very percent in the ERP; and where a carrier holds"
        " tax of any rate, the tax booked for each place in this month and the one before it is"
        " exactly what shoppers were charged. What to do: correct the rule in the ERP or the rate"
        " in the operating model; for a place see totals_and_tax_agree, which names the orders."
    ),
)
def tax_rules_agree(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    model, now = merchant.model(), store.clock.now()
    since = f"{now - LOOKED_AT:%Y-%m}-01"
    sites = carrying_sites(model)
    with store.engine.connect() as connection:
        sights = of_orders(connection, model, now) if sites else []
        sights.append(of_catalogues(connection, "tax rule", "tax rules"))
        percents = taxes.percents(connection)
        months = carried(model, taxes.months_of_tax(connection, sites, since) if sites else [])
    wrong = list(wrong_rules(model, percents))
    off = [each for each in months if each.stated != each.booked]
    told = [f"{len(wrong)} tax rules have another percent in the ERP"] if wrong else []
    told += [f"the tax of {len(off)} places and months is not what was charged"] if off else []
    told += [] if percents else ["the ERP's tax rules have not been read yet"]
    shown = sorted(months, key=lambda each: each.stated == each.booked)[:MOST]  # the worst first
    return verdict(
        "tax_rules_agree",
        passed=not told,
        horizon=seen(model, now, *sights),
        severity=dg.AssetCheckSeverity.ERROR if wrong or off else dg.AssetCheckSeverity.WARN,
        description=f"{'; '.join(told).capitalize()}. {model.owners.finance}: see the tables."
        if told
        else "Each tax rule has its percent, and carriers hold the tax that was charged.",
        metadata={
            "owner": model.owners.finance,
            "orders looked at": f"of sites with carriers, created from {since} on",
            "tax rules with another percent": table(
                RULES, ((each.site, each.place, each.rule, each.sentence) for each in wrong[:MOST])
            ),
            "tax under carriers": table(
                PLACES,
                (
                    (
                        *(each.site, each.place or "not known", each.month, each.orders),
                        figure(each.stated, each.currency),
                        figure(each.booked, each.currency),
                        each.sentence if each in off else "",
                    )
                    for each in shown
                ),
            ),
        },
    )
