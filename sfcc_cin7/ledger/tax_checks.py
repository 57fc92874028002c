"""Whether tax is where it belongs in the ERP's books."""

from datetime import timedelta

import dagster as dg

from sfcc_cin7.ledger.assets import order_ledger
from sfcc_cin7.ledger.breaks.tax_rules import carried, carrying_sites, wrong_rules
from sfcc_cin7.ledger.records import taxes
from sfcc_cin7.ledger.sights import of_orders
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.runtime.horizons import of_catalogues, seen
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.runbooks import verdict
from sfcc_cin7.runtime.tables import table
from sfcc_cin7.values.money import figure

LOOKED_AT = timedelta(days=62)
"""The month before this one is looked at too: it may not have been filed yet."""
MOST = 100
"""Rows that are shown."""
RULES = ("tax rule", "what is wrong", "where")
PLACES = ("place", "what is wrong", "tax charged", "tax booked", "month", "orders")


@dg.asset_check(
    asset=order_ledger,
    description=(
        "The ERP's tax rules are what the operating model takes them for: one that explains the"
        " tax, or holds what is untaxed, has the very percent in the ERP; and where a carrier holds"
        " tax of any rate, the tax booked for each place in this month and the one before it is"
        " exactly what shoppers were charged. A rule that the ERP lacks is amber. What to do:"
        " correct or create the rule in the ERP, or the rate in the operating model; for a place"
        " see totals_and_tax_agree, which names the orders."
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
    words = wording(model)
    rules = list(wrong_rules(model, percents)) if percents else []
    wrong = [each for each in rules if each.found is not None]
    lacking = {each.rule for each in rules if each.found is None}
    off = [each for each in months if each.stated != each.booked]
    told = [f"Tax rules with another percent in the ERP: {len(wrong)}."] if wrong else []
    told += [f"Tax rules that the ERP lacks, or has out of use: {len(lacking)}."] if lacking else []
    told += [f"Places and months with another tax than was charged: {len(off)}."] if off else []
    told += [] if percents else ["The ERP's tax rules have not been read yet."]
    shown = sorted(months, key=lambda each: each.stated == each.booked)[:MOST]  # the worst first
    return verdict(
        "tax_rules_agree",
        passed=not told,
        horizon=seen(model, now, *sights),
        severity=dg.AssetCheckSeverity.ERROR if wrong or off else dg.AssetCheckSeverity.WARN,
        description=f"{' '.join(told)} {model.owners.finance}: see the tables."
        if told
        else "Each tax rule has its percent, and carriers hold the tax that was charged.",
        metadata={
            "owner": model.owners.finance,
            "orders looked at": f"of sites with carriers, created from {since} on",
            "tax rules": table(
                RULES,
                (
                    (each.rule, each.sentence, f"{words.site(each.site)}, {each.place}")
                    for each in (*wrong, *(one for one in rules if one.found is None))[:MOST]
                ),
            ),
            "tax under carriers": table(
                PLACES,
                (
                    (
                        f"{words.site(each.site)}, {each.place or 'place not known'}",
                        each.sentence if each in off else "",
                        figure(each.stated, each.currency),
                        figure(each.booked, each.currency),
                        each.month,
                        each.orders,
                    )
                    for each in shown
                ),
            ),
        },
    )
