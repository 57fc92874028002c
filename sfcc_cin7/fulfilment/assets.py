"""What has left of the ERP's sales, and what storefronts were told of it."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from sfcc_cin7.fulfilment.records.shipments import ShipmentQueue, counts, latest_told
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.lanes import fresh_within
from sfcc_cin7.runtime.outside import CIN7_CORE
from sfcc_cin7.runtime.resources import Erp, Merchant, Store, Storefront
from sfcc_cin7.runtime.tables import table
from sfcc_cin7.values.ages import age_in_words

if TYPE_CHECKING:
    from collections import Counter

    from sfcc_cin7.fulfilment.reading.following import Followed
    from sfcc_cin7.fulfilment.telling.lane import Outcome

OWNER = "team:warehouse"
COLUMNS = ("order", "told", "after", "parcels")
SHOWN = 15


@brands.asset(
    group_name="fulfilment",
    owners=[OWNER],
    kinds={"cin7", "postgres"},
    deps=["cin7_sales", CIN7_CORE],
    freshness_policy=fresh_within(timedelta(minutes=10)),
    description=(
        "What has left of each order's sale, and in which parcels: the sum over the fulfilments"
        " whose ship stage is authorised in Cin7 Core. The job `tell_shipments` is always there and"
        " looks every `shipments.look_seconds` while shipments are awaited. Materialized by hand it"
        " looks once."
    ),
)
def cin7_shipments(merchant: Merchant, store: Store, erp: Erp) -> dg.MaterializeResult[Any]:
    from sfcc_cin7.fulfilment.reading.following import follow_shipments

    done = follow_shipments(store.engine, erp.client("changes"), merchant.model(), store.clock)
    return dg.MaterializeResult(metadata=read_shown(store, done))


def read_shown(store: Store, done: "Followed") -> dict[str, Any]:
    """What is shown of what was read since it was last shown."""
    with store.engine.connect() as connection:
        standing = counts(connection)
    return {
        "sales read from the ERP": done.read,
        "readings looked at": done.taken,
        "orders with something to tell": done.news,
        **{f"orders {name}": number for name, number in standing.items()},
    }


@brands.asset(
    group_name="fulfilment",
    owners=[OWNER],
    kinds={"salesforce", "postgres"},
    deps=[cin7_shipments],
    freshness_policy=fresh_within(timedelta(minutes=10)),
    description=(
        "What each storefront was told of what has left: parcels with their numbers, and the"
        " shipping status, by the way that its site has chosen. What is there already is not sent,"
        " and no status is ever lowered. Safe to run at any time."
    ),
)
def sfcc_shipping_status(
    merchant: Merchant, store: Store, storefront: Storefront
) -> dg.MaterializeResult[Any]:
    from sfcc_cin7.fulfilment.telling.lane import ShipmentLane

    model = merchant.model()
    queue = ShipmentQueue(store.engine, store.clock)
    lane = ShipmentLane(store.engine, queue, storefront.client, model, store.clock)
    return dg.MaterializeResult(metadata=told_shown(model, store, lane.drain("by hand")))


def told_shown(model: OperatingModel, store: Store, outcomes: "Counter[Outcome]") -> dict[str, Any]:
    """What is shown of what was told since it was last shown."""
    words = wording(model)
    with store.engine.connect() as connection:
        latest = latest_told(connection, SHOWN)
        standing = counts(connection)
    return {
        "told last": table(
            COLUMNS,
            (
                (
                    words.subject(row.order_key),
                    words.second(row.told_at),
                    age_in_words(max(row.told_at - row.changed_at, timedelta(0)), seconds=True),
                    row.parcels,
                )
                for row in latest
            ),
        ),
        **{str(outcome): number for outcome, number in sorted(outcomes.items())},
        "orders to be told": standing["to be told"],
        "orders with a shipment undone": standing["undone"],
    }
