"""Whether both systems tell the same story about money."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import dagster as dg
from sqlalchemy import Connection, Row

from sfcc_cin7.inbox.codes import known
from sfcc_cin7.ledger.assets import order_ledger
from sfcc_cin7.ledger.breaks.break_classes import CLASSES, MONEY_BREAKS, ORDER_BREAKS
from sfcc_cin7.ledger.breaks.severity import Scales
from sfcc_cin7.ledger.payout_assets import payouts
from sfcc_cin7.ledger.records import events, ledger, postings
from sfcc_cin7.ledger.records import payouts as settlements
from sfcc_cin7.ledger.records.legs import digests
from sfcc_cin7.ledger.sights import of_orders, of_payouts
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.runtime.horizons import own, seen
from sfcc_cin7.runtime.partitions import days
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.runbooks import verdict
from sfcc_cin7.runtime.tables import table
from sfcc_cin7.values.money import figure
from sfcc_cin7.values.wording import Wording, counted, site_of

WORST = 10
Days = tuple[str, str]
"""The first and the last day that a pass is about, `YYYY-MM-DD`."""
PARTITION_TAGS = {"dagster/partition", "dagster/asset_partition_range_start"}
DAY_COLUMNS = ("day and site", "orders", "waiting or differing", "captured", "booked", "breaks")
MOST_DAYS = 100
"""Rows of days that are shown, the latest."""
COLUMNS = ("what", "problem", "money at risk", "since", "explanation")


@dg.asset_check(
    asset=order_ledger,
    description=(
        "The ERP holds the total and the tax that each shopper was charged, to the cent. Fails for"
        " every open difference (red from `ledger.error_from` on or after `error_after_hours`,"
        " else amber), and while an order waits in review because its tax or its totals cannot be"
        " booked exactly (amber). What to do: for a difference correct the sale"
        " in the ERP; for an order in review mend what its code names (for a tax rule: create it in"
        " the ERP under the name of the operating model, or map the rate): it goes on by itself."
    ),
)
def totals_and_tax_agree(
    context: dg.AssetCheckExecutionContext, merchant: Merchant, store: Store
) -> dg.AssetCheckResult:
    return money_agrees(merchant, store, days_of_run(context))


def money_agrees(merchant: Merchant, store: Store, looked_at: Days | None) -> dg.AssetCheckResult:
    """What `totals_and_tax_agree` says after a pass that looked at these days."""
    model, now = merchant.model(), store.clock.now()
    scales = Scales(model, now)
    with store.engine.connect() as connection:
        sights = of_orders(connection, model, now)
        found = scales.worst_first(ledger.listed_breaks(connection, MONEY_BREAKS))
        waiting = ledger.orders_in_review_for_money(connection)
        reconciled = days_checked(looked_at, connection, found, wording(merchant.model()))
    words = wording(merchant.model())
    in_review = len({row.subject for row in waiting})
    rows = [_break_row(row, words) for row in found] + [_review_row(row, words) for row in waiting]
    return verdict(
        "totals_and_tax_agree",
        passed=not rows,
        horizon=seen(model, now, *sights),
        severity=_severity(scales.is_error(found)),
        description=(
            f"{counted(len(found), 'difference')} between the systems;"
            f" {counted(in_review, 'order')} in review for tax or totals."
            if rows
            else "Every booked order equals what the shopper was charged, to the cent."
        ),
        metadata={
            "the worst": table(COLUMNS, rows[:WORST]),
            "differences": len(found),
            "orders in review for tax or totals": in_review,
            **reconciled,
        },
    )


@dg.asset_check(
    asset=order_ledger,
    description=(
        "Every order is in the ERP exactly once, and nothing else is. What to do: missing in the"
        " ERP: see stalled_posting; missing in the shop: backfill"
        " sfcc_orders for its day; doubled, or cancelled in the shop: void the surplus sale in the"
        " ERP. The break closes itself at the next reconciliation."
    ),
)
def nothing_missing_or_doubled(
    context: dg.AssetCheckExecutionContext, merchant: Merchant, store: Store
) -> dg.AssetCheckResult:
    return each_once(merchant, store, days_of_run(context))


def each_once(merchant: Merchant, store: Store, looked_at: Days | None) -> dg.AssetCheckResult:
    """What `nothing_missing_or_doubled` says after a pass that looked at these days."""
    model, now = merchant.model(), store.clock.now()
    scales = Scales(model, now)
    with store.engine.connect() as connection:
        sights = of_orders(connection, model, now)
        found = scales.worst_first(ledger.listed_breaks(connection, ORDER_BREAKS))
        reconciled = days_checked(looked_at, connection, found, wording(merchant.model()))
    words = wording(merchant.model())
    by_kind: dict[str, int] = {
        kind: sum(row.kind == kind for row in found) for kind in ORDER_BREAKS
    }
    return verdict(
        "nothing_missing_or_doubled",
        passed=not found,
        horizon=seen(model, now, *sights),
        severity=dg.AssetCheckSeverity.ERROR,  # an order is lost whatever it cost, a free one too
        description=_told(found) if found else "Every order is in the ERP exactly once.",
        metadata={
            "the worst": table(COLUMNS, (_break_row(row, words) for row in found[:WORST])),
            **{known(f"books-{kind}").cause: count for kind, count in by_kind.items()},
            **reconciled,
        },
    )


@dg.asset_check(
    asset=order_ledger,
    description=(
        "The postings of each order sum to zero in each currency and leg. The database refuses what"
        " does not; this looks again, at the orders of the days of the run, or, executed by itself,"
        " at all. What to do: nothing by hand; postings are written by the ledger alone, so report"
        " the orders in the table."
    ),
)
def postings_sum_to_zero(
    context: dg.AssetCheckExecutionContext, merchant: Merchant, store: Store
) -> dg.AssetCheckResult:
    return balanced(merchant, store, days_of_run(context))


def balanced(merchant: Merchant, store: Store, looked_at: Days | None) -> dg.AssetCheckResult:
    """What `postings_sum_to_zero` says of these days; None: of all."""
    now = store.clock.now()
    with store.engine.connect() as connection:
        crooked = postings.unbalanced(connection, looked_at)
        entries = postings.posting_count(connection, looked_at)
    worst = ((row.order_key, row.leg, figure(row.amount, row.currency)) for row in crooked[:WORST])
    return verdict(
        "postings_sum_to_zero",
        passed=not crooked,
        horizon=seen(merchant.model(), now, own("postings", now)),
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"{counted(len(crooked), 'leg')} of orders not summing to zero."
        if crooked
        else "Debits equal credits.",
        metadata={
            "days checked": _in_words(*looked_at) if looked_at else "all",
            "entries": entries,
            "legs out of balance": len(crooked),
            "out of balance": table(("order", "leg", "sum"), worst),
        },
    )


@dg.asset_check(
    asset=payouts,
    description=(
        "What gateways settled is what shoppers paid, to the cent, in time and for the agreed fee;"
        " what they gave back is what the ERP credits; and each payout is the sum of its lines."
        " What to do: the explanation of each row says which side is off; ask the gateway for what"
        " it owes, credit in the ERP what was given back, backfill sfcc_orders for orders that were"
        " never read. Late payments are a warning. A row closes itself when the legs agree."
    ),
)
def payouts_agree(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    model, now = merchant.model(), store.clock.now()
    scales = Scales(model, now)
    with store.engine.connect() as connection:
        sights = of_payouts(connection, model, now)
        found = scales.worst_first(ledger.listed_breaks(connection, CLASSES, leg="gateway"))
        problems = settlements.reports_with_problems(connection)
        open_ones = settlements.open_reports(connection)
    not_just_late = [row for row in found if row.kind != "timing"]
    words = wording(merchant.model())
    by_kind = {kind: sum(row.kind == kind for row in found) for kind in CLASSES}
    told = [_told(found)] if found else []
    told += [f"{counted(len(problems), 'report')} cannot be read."] if problems else []
    told += [f"{counted(len(open_ones), 'report')} not final."] if open_ones else []
    return verdict(
        "payouts_agree",
        passed=not found and not problems and not open_ones,
        horizon=seen(model, now, *sights),
        severity=_severity(bool(problems) or scales.is_error(not_just_late)),
        description=" ".join(told) or "Gateways settled what shoppers paid, to the cent.",
        metadata={
            "the worst": table(COLUMNS, (_break_row(row, words) for row in found[:WORST])),
            **{known(f"payout-{kind}").cause: count for kind, count in by_kind.items() if count},
            "reports that cannot be read": dg.MetadataValue.md(
                "\n".join(f"- {row.gateway}/{row.name}: {row.problem}" for row in problems)
            ),
            "reports that are not final": dg.MetadataValue.md(
                "\n".join(f"- {row.gateway}/{row.name}: {row.note}" for row in open_ones)
            ),
        },
    )


@dg.asset_check(
    asset=order_ledger,
    description=(
        "No event was changed, taken away or slipped in: each holds the hash of the one before it"
        " of its order, and every day an anchor covers them all. Each run verifies what was written"
        " since the last anchor but one, and the two newest anchors; `verify_chain` in"
        " sfcc_cin7/ledger/records/events.py verifies everything. Shown as failed without a"
        " sentence of its own it was not evaluated, because its run failed before: that says"
        " nothing of the events. What to do: keep a copy of the"
        " database as it is, and compare the anchor with what earlier materializations of"
        " order_ledger show."
    ),
)
def events_are_untampered(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    now = store.clock.now()
    with store.engine.connect() as connection:
        since = events.start_of_newest(connection, anchors=1)
        broken = events.broken_events(connection, after=since)
        lost = events.anchors_that_do_not_hold(connection, newest=2)
        anchor = events.latest_anchor(connection)
    first = ((row.id, row.order_key, row.problem) for row in broken[:WORST])
    return verdict(
        "events_are_untampered",
        passed=not broken and not lost,
        horizon=seen(merchant.model(), now, own("events", now)),
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"Of events {len(broken):,} do not hold, of anchors {len(lost):,}."
        if broken or lost
        else "Every event is as it was written.",
        metadata={
            "the first": table(("event", "order", "problem"), first),
            "events that do not hold": len(broken),
            "anchors that do not hold": ", ".join(f"{one.taken_at:%Y-%m-%d}" for one in lost)
            or "none",
            "newest anchor": anchor.digest if anchor else "none yet",
        },
    )


def _severity(bad: bool) -> dg.AssetCheckSeverity:
    return dg.AssetCheckSeverity.ERROR if bad else dg.AssetCheckSeverity.WARN


def days_of_run(context: dg.AssetCheckExecutionContext) -> Days | None:
    """The first and the last day that the run is about; None where it is about none."""
    if not context.run.tags.keys() & PARTITION_TAGS:
        return None
    window = context.partition_key_range
    return window.start, window.end


def _in_words(first: str, last: str) -> str:
    return first if first == last else f"{first} to {last}"


def days_checked(
    looked_at: Days | None, connection: Connection, found: Sequence[Row[Any]], words: Wording
) -> dict[str, dg.MetadataValue[Any]]:
    """The days that this pass reconciled, with the digest of each and its breaks of these classes.

    A check looks at every open break, whatever its day; so the run of a day, or of a backfill's
    range, checks that day again, and says so here. Checks with partitions of their own are a
    preview in Dagster 1.13: in a run over a range they report once, without a partition.
    """
    if looked_at is None:
        return {}
    keys = days.get_partition_keys_in_range(dg.PartitionKeyRange(*looked_at))
    open_on = Counter(row.day for row in found)
    of_site = Counter((row.day, site_of(row.order_key)) for row in found)
    rows = [
        (
            *(f"{row.day}, {words.site(row.site)}", row.orders, row.differing),
            *(figure(row.captured, row.currency), figure(row.booked, row.currency)),
            of_site[row.day, row.site],
        )
        for row in digests(connection, keys)
    ]
    return {
        "days checked": dg.MetadataValue.text(_in_words(*looked_at)),
        "open breaks of these days": dg.MetadataValue.int(sum(open_on[key] for key in keys)),
        "the days": table(DAY_COLUMNS, rows[-MOST_DAYS:]),
    }


def _told(found: Sequence[Row[Any]]) -> str:
    """How many breaks there are of each cause, in a sentence."""
    causes = Counter(known(code_of(row)).cause for row in found)
    return "; ".join(f"{cause}: {count:,}" for cause, count in causes.most_common()) + "."


def code_of(row: Row[Any]) -> str:
    """The code of a break in the register of everything that can wait."""
    return f"{'payout' if row.leg == 'gateway' else 'books'}-{row.kind}"


def _break_row(row: Row[Any], words: Wording) -> tuple[str, ...]:
    money = "" if row.amount is None else figure(row.amount, row.currency)
    what, problem = words.subject(row.order_key), known(code_of(row)).cause
    return (what, problem, money, words.instant(row.opened_at), row.sentence)


def _review_row(row: Row[Any], words: Wording) -> tuple[str, ...]:
    money = figure(row.order_total, row.currency)
    what, problem = words.subject(row.subject), known(row.code).cause
    figures = [f"expected {row.expected}"] if row.expected else []
    figures += [f"found {row.actual}"] if row.actual else []
    explained = f"{row.sentence} ({', '.join(figures)})" if figures else row.sentence
    return (what, problem, money, words.instant(row.opened_at), explained)
