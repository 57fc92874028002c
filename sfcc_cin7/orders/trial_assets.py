"""What would become of a site's past orders, tried before anything is posted."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import dagster as dg
from pydantic import Field

from sfcc_cin7.orders.assets import OWNER
from sfcc_cin7.orders.translation.trial import Trial, together
from sfcc_cin7.orders.trying import chosen, try_orders
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.outside import COMMERCE_CLOUD
from sfcc_cin7.runtime.resources import Merchant, Store, Storefront
from sfcc_cin7.runtime.tables import table

MOST_STEPS = 25
BY_SITE = ("site", "tried", "would be posted", "would wait")
TO_ADD = ("add or change", "releases", "keeps waiting", "for example")
BY_CODE = ("code", "orders", "for example")


class TryOrders(dg.Config):
    """Which past orders are tried."""

    days: int = Field(default=30, ge=1, le=3650, description="Days back from now, by creation.")
    site: str = Field(default="", description="One site of the operating model; empty: all.")


@brands.asset(
    group_name="orders",
    owners=[OWNER],
    kinds={"salesforce"},
    deps=[COMMERCE_CLOUD, "sku_map"],
    description=(
        "What would become of past orders: all of the last days are read and translated as posting"
        " would, and nothing is written to either system. Materialize it on the first day, and"
        " after the operating model was changed. What to add is sorted by how many orders it"
        " releases, counting what stands above it."
    ),
)
def orders_tried(
    context: dg.AssetExecutionContext,
    config: TryOrders,
    merchant: Merchant,
    store: Store,
    storefront: Storefront,
) -> dg.MaterializeResult[Any]:
    model = merchant.model()
    now = store.clock.now()
    trials = try_orders(
        store.engine,
        storefront.client,
        model,
        chosen(model, config.site),
        now - timedelta(days=config.days),
        now,
        progress=lambda site, tried, day: context.log.info(f"{site}: {tried} tried, {day}"),
    )
    return dg.MaterializeResult(metadata={"days": config.days, **shown_of(trials)})


def shown_of(trials: Mapping[str, Trial]) -> dict[str, Any]:
    """What is shown of trials by site."""
    whole = together(list(trials.values()))
    return {
        "tried": whole.tried,
        "would be posted": whole.posted,
        "would wait": whole.waiting,
        "by site": table(
            BY_SITE,
            ((site, each.tried, each.posted, each.waiting) for site, each in trials.items()),
        ),
        "what to add first": table(
            TO_ADD,
            (
                (step.words, step.releases, step.lacking, ", ".join(step.examples))
                for step in whole.steps(MOST_STEPS)
            ),
        ),
        "why they would wait": table(BY_CODE, whole.by_code()),
    }
