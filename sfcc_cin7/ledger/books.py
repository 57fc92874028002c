"""The books as a whole: an asset without days, on which the catalogue shows a red check.

In the place of its checks' verdicts the catalogue shows of an asset with partitions how many there
are (Dagster 1.13). So what is wrong with `order_ledger` is told here too.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import dagster as dg

from sfcc_cin7.db import schema
from sfcc_cin7.inbox.listing import CAUSES, at_risk, by_cause, cause_shown, inbox
from sfcc_cin7.ledger.assets import OWNER, order_ledger
from sfcc_cin7.ledger.checks import (
    events_are_untampered,
    nothing_missing_or_doubled,
    postings_sum_to_zero,
    totals_and_tax_agree,
)
from sfcc_cin7.ledger.goods_check import goods_agree
from sfcc_cin7.ledger.payout_assets import payouts
from sfcc_cin7.ledger.tax_checks import tax_rules_agree
from sfcc_cin7.ledger.work.listing import Listed, decisions_shown, listed_breaks
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.horizons import own, seen
from sfcc_cin7.runtime.lanes import fresh_within
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.runbooks import verdict
from sfcc_cin7.runtime.tables import kept_in, table
from sfcc_cin7.runtime.telling import evaluated
from sfcc_cin7.values.money import figure

OF_THE_LEDGER = (
    totals_and_tax_agree,
    nothing_missing_or_doubled,
    postings_sum_to_zero,
    events_are_untampered,
    tax_rules_agree,
    goods_agree,
)
"""The checks of the asset that has days."""
OF_BREAKS = ("books-", "payout-", "goods-", "bank-")
BREAKS = ("number", "what", "problem", "money")
"""By its number a break is accepted, written off or matched."""
DECIDED = ("decision", "kind", "what", "money", "who and why")
SHOWN = 25


@brands.asset(
    group_name="ledger",
    owners=[OWNER],
    kinds={"postgres"},
    deps=[order_ledger, payouts],
    freshness_policy=fresh_within(timedelta(minutes=10)),
    metadata=kept_in(schema.breaks),
    description=(
        "What differs between the books now, of whatever day: every open break by its cause, with"
        " the money at risk. `order_ledger` has the days."
    ),
)
def books(merchant: Merchant, store: Store) -> dg.MaterializeResult[Any]:
    return dg.MaterializeResult(metadata=open_breaks_shown(merchant.model(), store))


def open_breaks_shown(model: OperatingModel, store: Store) -> dict[str, Any]:
    """What is shown of all open breaks."""
    with store.engine.connect() as connection:
        items = inbox(connection, model, store.clock.now())
    listed = listed_breaks(store.engine, store.clock, model)
    found = [item for item in items if item.code.startswith(OF_BREAKS)]
    base = model.base_currency
    return {
        "by cause": table(CAUSES, (cause_shown(cause, base) for cause in by_cause(found))),
        "worth most": table(BREAKS, map(_break_shown, listed[:SHOWN])),
        "decided by people": table(DECIDED, decisions_shown(store.engine, model)[:SHOWN]),
        "open breaks": len(found),
        f"money at risk, {base}": float(at_risk(found, base)),
    }


def _break_shown(one: Listed) -> tuple[str, ...]:
    """A row of the open breaks, in the order of `BREAKS`."""
    money = "" if one.amount is None else figure(one.amount, one.currency)
    return str(one.number), one.what, one.problem, money


@dg.asset_check(
    asset=books,
    description=(
        "Every check of `order_ledger` passes: here so that the catalogue shows it. What to do:"
        " open the check that is named, and read its page there."
    ),
)
def books_agree(
    context: dg.AssetCheckExecutionContext, merchant: Merchant, store: Store
) -> dg.AssetCheckResult:
    given: dict[str, Any] = {"context": context, "merchant": merchant, "store": store}
    said = [evaluated(check, **given) for check in OF_THE_LEDGER]
    return together(said, merchant.model(), store.clock.now())


def together(
    said: Sequence[dg.AssetCheckEvaluation], model: OperatingModel, now: datetime
) -> dg.AssetCheckResult:
    """What `books_agree` says where these were said: as bad as the worst of them."""
    failed = [each for each in said if not each.passed]
    severities = [each.severity for each in failed]
    return verdict(
        "books_agree",
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR
        if dg.AssetCheckSeverity.ERROR in severities
        else dg.AssetCheckSeverity.WARN,
        description=" ".join(f"{each.check_name}: {each.description}" for each in failed)
        or "Every check of the ledger passes.",
        horizon=seen(model, now, own("verdicts of the ledger", now)),  # theirs make them fail
        metadata={"checks that fail": len(failed)},
    )
