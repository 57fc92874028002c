"""The order ledger: the legs of every order, side by side."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import dagster as dg

from sfcc_cin7.db import schema
from sfcc_cin7.db.locks import Busy, held
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.lanes import fresh_within
from sfcc_cin7.runtime.outside import CIN7_CORE
from sfcc_cin7.runtime.partitions import days
from sfcc_cin7.runtime.resources import Erp, Merchant, Store
from sfcc_cin7.runtime.tables import kept_in, table
from sfcc_cin7.values.money import figure
from sfcc_cin7.values.states import OrderState
from sfcc_cin7.values.wording import Wording

if TYPE_CHECKING:
    from sfcc_cin7.ledger.passes.books import Books
    from sfcc_cin7.ledger.passes.frames import LedgerLine
    from sfcc_cin7.ledger.passes.sales_image import Reading

OWNER = "team:finance"
SHOWN = 25
PATIENCE = timedelta(seconds=60)
"""How long somebody who materializes the books waits for the run of the lane to have read."""
BUSY = "The lane `books` reads the ERP's sales just now: try again in a minute."
COLUMNS = ("order", "breaks", "charged", "booked and settled")


@brands.asset(
    group_name="ledger",
    owners=[OWNER],
    kinds={"postgres", "pandas"},
    deps=["sfcc_orders", "cin7_sales", "payouts", CIN7_CORE],
    freshness_policy=fresh_within(timedelta(minutes=10)),
    partitions_def=days,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool="reconcile",  # backfills take turns: the UI launches them under no job's tags
    metadata=kept_in(schema.postings),
    description=(
        "For each order of a day: what the shopper was charged beside what the ERP booked and what"
        " gateways settled. All are posted as double entries that nobody can change; corrections"
        " are new postings. Where legs disagree a break is open, with its class, age and money at"
        " risk, until they agree again. Each run looks at what changed, of whatever day, and at the"
        " orders of its own days, one day after the other, if their digest changed; materialized by"
        " hand it first reads what is unread of them in the ERP. The job"
        " `keep_books` is always there, looks every two minutes and tells of today here. Safe to"
        " backfill at any time."
    ),
)
def order_ledger(
    context: dg.AssetExecutionContext, merchant: Merchant, store: Store, erp: Erp
) -> dg.MaterializeResult[Any]:
    model = merchant.model()
    try:
        reading = read_days(model, store, erp, context.partition_keys)
    except Busy:
        raise dg.Failure(BUSY, allow_retries=False) from None
    # Day by day, however many a backfill asks for: one is in memory, and each is kept by itself.
    for key in context.partition_keys:
        context.add_asset_metadata(reconciled(model, store, key, reading), partition_key=key)
    return dg.MaterializeResult(metadata=of_the_pass(store, reading))


def read_days(model: OperatingModel, store: Store, erp: Erp, keys: Sequence[str]) -> "Reading":
    """Look anew which sales were touched since the first of these days, and read those of their
    orders. The lane `books` gets its turns in between.

    Raises:
        ApiError: the ERP does not answer.
        Busy: the lane reads for longer than there is patience.
    """
    from sfcc_cin7.ledger.passes.sales_image import look_at_sales, read_sales
    from sfcc_cin7.ledger.records.ledger import keys_to_read
    from sfcc_cin7.systems.cin7.changes import READER

    start, end = (days.time_window_for_partition_key(key) for key in (keys[0], keys[-1]))
    client = erp.client("changes")
    with held(store.engine, READER, store.clock, PATIENCE):
        look_at_sales(store.engine, client, model, store.clock, start.start)
    with store.engine.connect() as connection:
        wanted = keys_to_read(connection, start.start, end.end)
    read = 0
    while True:
        with held(store.engine, READER, store.clock, PATIENCE):
            turn = read_sales(store.engine, client, model, store.clock, wanted)
        if not turn.read:
            return replace(turn, read=read)
        read += turn.read


def reconciled(model: OperatingModel, store: Store, key: str, reading: "Reading") -> dict[str, Any]:
    """Bring the books up to date with a look at one day's orders; what is shown of that day."""
    from sfcc_cin7.ledger.passes.books import bring_up_to_date
    from sfcc_cin7.ledger.passes.day import lines_of

    start, end = days.time_window_for_partition_key(key)
    books = bring_up_to_date(
        store.engine, model, store.clock, start, end, complete=reading.complete
    )
    return _of_the_day(books, lines_of(store.engine, model, start, end), wording(model))


def of_the_pass(store: Store, reading: "Reading") -> dict[str, Any]:
    """What is shown of a pass as a whole; events are anchored when that is due."""
    from sfcc_cin7.db.erp_documents import problems
    from sfcc_cin7.ledger.records.events import anchor_if_due
    from sfcc_cin7.systems.cin7.kinds import SALE

    with store.engine.begin() as connection:
        anchor = anchor_if_due(connection, store.clock.now())
        refused = problems(connection, SALE.name)
    return {
        "sales read from the ERP": reading.read,
        "sales that cannot be read": len(refused),
        "sales still to read": reading.left,
        "events anchored": f"{anchor.events} up to {anchor.last_event}: {anchor.digest}"
        if anchor
        else "none yet",
    }


def _of_the_day(books: "Books", lines: "list[LedgerLine]", words: Wording) -> dict[str, Any]:
    """The money of a day, what its pass did, and its orders, those with breaks first.

    Metadata numbers are floats, which the UI plots over time; the table shows the exact figures.
    """
    from sfcc_cin7.ledger.passes.frames import ledger_frame, totals

    frame = ledger_frame(lines)
    captured = totals(frame, "currency", "captured")
    booked = totals(frame, "booked_currency", "booked")
    worst_first = sorted(lines, key=lambda line: (not line.breaks, line.order_key))
    return {
        "orders, breaks first": table(
            COLUMNS, (order_shown(line, words) for line in worst_first[:SHOWN])
        ),
        "orders": len(frame),
        **{f"captured {code}": float(amount) for code, amount in captured.items()},
        **{f"booked {code}": float(amount) for code, amount in booked.items()},
        "in review": int((frame["state"] == OrderState.IN_REVIEW).sum()),
        "open breaks": books.open_breaks.total(),
        **{f"breaks: {kind}": count for kind, count in books.open_breaks.items()},
        "breaks opened": books.breaks_opened,
        "breaks closed": books.breaks_closed,
        "postings written": books.entries_written,
        "orders looked at": books.looked_at,
        "orders that need a closer look": books.differing,
    }


def order_shown(line: "LedgerLine", words: Wording) -> tuple[str, ...]:
    """A row of the day's orders, in the order of `COLUMNS`."""
    booked = with_tax(line.booked, line.booked_tax, line.booked_currency)
    settled = f"settled {figure(line.settled, line.currency)}" if line.settled else "not settled"
    return (
        f"{words.subject(line.order_key)}, {line.state.replace('_', ' ')}",
        line.breaks.replace("-", " ") or "none",
        with_tax(line.captured, line.captured_tax, line.currency),
        f"{line.sales}: {booked}; {settled}" if line.sales else f"not booked; {settled}",
    )


def with_tax(total: Decimal, tax: Decimal, currency: str) -> str:
    """`49,600 JPY (4,509 JPY tax)`."""
    return f"{figure(total, currency)} ({figure(tax, currency)} tax)"
