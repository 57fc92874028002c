"""The inbox: everything that needs a person, the worst first."""

from collections.abc import Iterable, Sequence
from typing import Any

import dagster as dg

from sfcc_cin7.db import schema
from sfcc_cin7.inbox.links import Link, links_of
from sfcc_cin7.inbox.listing import (
    CAUSES,
    COLUMNS,
    Item,
    by_cause,
    cause_shown,
    inbox,
    shown,
    summary,
    together,
)
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.review.waive import count_waived
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.runbooks import advice
from sfcc_cin7.runtime.tables import kept_in, table
from sfcc_cin7.values.wording import Wording

OWNER = "team:order-desk"
MOST_ROWS = 100
HOW_TO_ACT = """\
Mend the cause: what is to be mended closes by itself when it is seen to be gone. Where it says so,
act: open the job in the Launchpad and fill in the config, or use the command line. Orders are named
by their numbers.

| to | job | command |
|---|---|---|
| send it back, the cause is mended | `retry_orders` | `sfcc-cin7 review retry` |
| let an order go on that is held | `release_orders` | `sfcc-cin7 review release` |
| see the sale that would be sent | `preview_order` | `sfcc-cin7 review preview` |
| book it under other names | `correct_order` | `sfcc-cin7 review correct` |
| not post it, but book it by hand or not at all | `decline_orders` | `sfcc-cin7 review decline` |
| not see it until a day | `waive_items` | `sfcc-cin7 review waive` |
| let a break stay as it is | `accept_breaks` | `sfcc-cin7 breaks accept` |
| give a break's money up | `write_breaks_off` | `sfcc-cin7 breaks write-off` |
| give a settlement line to its order | `match_line` | `sfcc-cin7 breaks match` |
| take one of these back | `undo_decision` | `sfcc-cin7 breaks undo` |

All codes are in sfcc_cin7/runbooks/review-codes.md. Those that wait now:

"""


@brands.asset(
    group_name="review",
    owners=[OWNER],
    kinds={"postgres"},
    deps=["sku_map", "cin7_sales", "books"],
    metadata=kept_in(schema.review_items),
    description=(
        "Everything that needs a person: orders in review, breaks between the books, drifts of"
        " stock that stay, oversold orders, lanes that stand still; by cause, with age, money at"
        " risk, owner and way out. Each look first lets orders go on whose cause is gone, and"
        " reopens what was waived until now; neither costs a call to Cin7."
    ),
)
def review_inbox(merchant: Merchant, store: Store) -> dg.MaterializeResult[Any]:
    return dg.MaterializeResult(metadata=look(merchant.model(), store))


def look(model: OperatingModel, store: Store) -> dict[str, Any]:
    """Let go on what can, reopen what was waived until now; what is shown then."""
    from sfcc_cin7.review.acting import tidy

    resumed, reopened = tidy(store.engine, store.clock, model)
    return shown_of(model, store, len(resumed), len(reopened))


def shown_of(
    model: OperatingModel, store: Store, resumed: int = 0, reopened: int = 0
) -> dict[str, Any]:
    """What is shown of the inbox, after so many orders went on and so many items came back."""
    now = store.clock.now()
    with store.engine.connect() as connection:
        items = inbox(connection, model, now)
        waived = count_waived(connection, now)
        pages = links_of(connection, model, [item.subject for item in items[:MOST_ROWS]])
    found = together(items, model.review, model.base_currency)
    return {
        "needs a person": summary(found, model.base_currency, wording(model)),
        "by cause": causes_table(items, model.base_currency),
        "one by one": items_table(items[:MOST_ROWS], model),
        **links_shown(pages, wording(model)),
        "what to do": dg.MetadataValue.md(
            HOW_TO_ACT + advice(sorted({item.code for item in items}))
        ),
        "items": len(items),
        f"money at risk, {model.base_currency}": float(found.money),
        "oldest, hours": round(found.oldest.age.total_seconds() / 3600, 1) if found.oldest else 0.0,
        "waived": waived,
        "went on by themselves": resumed,
        "reopened after a waiver": reopened,
    }


def links_shown(pages: Sequence[Link], words: Wording) -> dict[str, Any]:
    """The pages of the worst item each by itself, those of the others as a list; none where the
    merchant named no addresses (`links`). Cells of a table hold no links."""
    if not pages:
        return {}
    worst = [page for page in pages if page.subject == pages[0].subject]
    rows = [f"- {words.subject(page.subject)}: [{page.what}]({page.address})" for page in pages]
    return {
        **{
            f"{words.subject(page.subject)}: {page.what}": dg.MetadataValue.url(page.address)
            for page in worst
        },
        "open one": dg.MetadataValue.md("\n".join(rows)),
    }


def causes_table(items: Iterable[Item], base_currency: str) -> dg.TableMetadataValue:
    """What waits for one reason, a row; the most urgent cause first."""
    return table(CAUSES, (cause_shown(cause, base_currency) for cause in by_cause(items)))


def items_table(items: Iterable[Item], model: OperatingModel) -> dg.TableMetadataValue:
    """Items as people read them, one a row."""
    words = wording(model)
    return table(COLUMNS, (shown(item, model.base_currency, words).values() for item in items))
