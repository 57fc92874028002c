"""The inbox: everything that waits for a person, the worst first."""

from collections.abc import Iterable
from typing import Any

import dagster as dg

from sfcc_cin7.inbox.listing import COLUMNS, Item, at_risk, by_code_and_owner, inbox, shown
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.review.waive import count_waived
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.runbooks import advice
from sfcc_cin7.runtime.tables import table

OWNER = "team:order-desk"
MOST_ROWS = 100
HOW_TO_ACT = """\
Mend the cause, and the order goes on by itself after the next look at the catalogues. Or act: open
the job in the Launchpad and fill in the config, or use the command line.

| to | job | command |
|---|---|---|
| send it back, the cause is mended | `retry_orders` | `sfcc-cin7 review retry` |
| let an order go on that is held | `release_orders` | `sfcc-cin7 review release` |
| see the sale that would be sent | `preview_order` | `sfcc-cin7 review preview` |
| book it under other names | `correct_order` | `sfcc-cin7 review correct` |
| not post it, but book it by hand or not at all | `decline_orders` | `sfcc-cin7 review decline` |
| not see it until a day | `waive_items` | `sfcc-cin7 review waive` |

All codes are in sfcc_cin7/runbooks/review-codes.md. Those that wait now:

"""


@dg.asset(
    group_name="review",
    owners=[OWNER],
    kinds={"postgres"},
    deps=["sku_map", "cin7_sales", "order_ledger"],
    description=(
        "Everything that waits for a person, with its reason, the two figures, its age, the money"
        " at risk, its owner and its runbook. Each look first lets orders go on whose cause is"
        " gone, and reopens what was waived until now; neither costs a call to Cin7."
    ),
)
def review_inbox(merchant: Merchant, store: Store) -> dg.MaterializeResult[Any]:
    from sfcc_cin7.review.acting import tidy

    model = merchant.model()
    resumed, reopened = tidy(store.engine, store.clock, model)
    return dg.MaterializeResult(metadata=shown_of(model, store, len(resumed), len(reopened)))


def shown_of(
    model: OperatingModel, store: Store, resumed: int = 0, reopened: int = 0
) -> dict[str, Any]:
    """What is shown of the inbox, after so many orders went on and so many items came back."""
    now = store.clock.now()
    with store.engine.connect() as connection:
        items = inbox(connection, model, now)
        waived = count_waived(connection, now)
    return {
        "inbox": items_table(items[:MOST_ROWS], model.base_currency),
        "items": len(items),
        "money at risk": float(at_risk(items)),
        "currency": model.base_currency,
        "oldest, hours": round(
            max((item.age.total_seconds() for item in items), default=0) / 3600, 1
        ),
        "waived": waived,
        "went on by themselves": resumed,
        "reopened after a waiver": reopened,
        "by code and owner": table(("code", "owner", "items"), by_code_and_owner(items)),
        "what to do": dg.MetadataValue.md(
            HOW_TO_ACT + advice(sorted({item.code for item in items}))
        ),
    }


def items_table(items: Iterable[Item], base_currency: str) -> dg.TableMetadataValue:
    """Items as people read them, one a row."""
    return table(COLUMNS, (shown(item, base_currency).values() for item in items))
