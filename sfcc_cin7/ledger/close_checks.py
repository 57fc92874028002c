"""Whether the bank, the gateways and the books agree, month by month."""

import dagster as dg

from sfcc_cin7.inbox.codes import known
from sfcc_cin7.ledger.bank_assets import bank_statements
from sfcc_cin7.ledger.breaks.break_classes import CLASSES
from sfcc_cin7.ledger.breaks.severity import Scales
from sfcc_cin7.ledger.close_assets import ROLLED, gateway_roll_forward
from sfcc_cin7.ledger.periods.closing import changed_since_closing
from sfcc_cin7.ledger.periods.rolling import rolled_forward
from sfcc_cin7.ledger.records import bank, ledger
from sfcc_cin7.ledger.sights import of_bank, of_reports
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.runtime.horizons import own, seen
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.runbooks import verdict
from sfcc_cin7.runtime.tables import table
from sfcc_cin7.values.money import figure
from sfcc_cin7.values.months import before, month_of, today
from sfcc_cin7.values.wording import counted

WORST = 10
COLUMNS = ("what", "problem", "money at risk", "since", "explanation")
UNEXPLAINED = ("month", *ROLLED[:1], "unexplained")
CHANGED = ("month", "account", "what differs")


@dg.asset_check(
    asset=bank_statements,
    description=(
        "What gateways sent arrived at the bank, to the cent, and the bank received nothing of"
        " theirs that no report states. What to do: bring the statement that is missing, or ask the"
        " gateway for the transfer or the bank for the money; the explanation says which. A row"
        " closes itself when both agree."
    ),
)
def bank_agrees(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    model, now = merchant.model(), store.clock.now()
    scales = Scales(model, now)
    with store.engine.connect() as connection:
        sights = of_bank(connection, model, now)
        found = scales.worst_first(ledger.listed_breaks(connection, CLASSES, leg=bank.BANK))
        problems = bank.problems(connection)
    words = wording(model)
    told = [counted(len(found), "difference") + " between gateways and the bank."] if found else []
    told += [f"{counted(len(problems), 'statement')} cannot be read."] if problems else []
    bad = bool(problems) or scales.is_error(found)
    return verdict(
        "bank_agrees",
        passed=not told,
        horizon=seen(model, now, *sights),
        severity=dg.AssetCheckSeverity.ERROR if bad else dg.AssetCheckSeverity.WARN,
        description=" ".join(told) or "What gateways sent arrived at the bank, to the cent.",
        metadata={
            "the worst": table(
                COLUMNS,
                (
                    (
                        words.subject(row.order_key),
                        known(f"bank-{row.kind}").cause,
                        figure(row.amount, row.currency),
                        words.instant(row.opened_at),
                        row.sentence,
                    )
                    for row in found[:WORST]
                ),
            ),
            "statements that cannot be read": dg.MetadataValue.md(
                "\n".join(f"- {row.name}: {row.problem}" for row in problems)
            ),
        },
    )


@dg.asset_check(
    asset=gateway_roll_forward,
    description=(
        "Each gateway's clearing account is what its reports come to, in this month and the one"
        " before: every difference between both has a name. What to do: wait for the next"
        " reconciliation; what is left after it is a fault of the ledger, so report the rows."
    ),
)
def clearing_explained(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    model, now = merchant.model(), store.clock.now()
    this = month_of(today(now, model.time_zone))
    with store.engine.connect() as connection:
        sights = of_reports(connection, model, now)
        rolled = [
            one
            for month in (before(this), this)
            for one in rolled_forward(connection, month, model.time_zone)
        ]
    off = [one for one in rolled if one.unexplained]
    return verdict(
        "clearing_explained",
        passed=not off,
        horizon=seen(model, now, *sights),
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"{counted(len(off), 'clearing account')} with an unexplained difference."
        if off
        else "Every difference between clearing accounts and reports has a name.",
        metadata={
            "unexplained": table(
                UNEXPLAINED,
                (
                    (
                        one.month,
                        f"{one.gateway} {one.currency}",
                        figure(one.unexplained, one.currency),
                    )
                    for one in off
                ),
            )
        },
    )


@dg.asset_check(
    asset=gateway_roll_forward,
    description=(
        "Every account of each closed month is what it was when it was closed. The database refuses"
        " whatever would change that; this looks again. What to do: nothing by hand; keep a copy of"
        " the database as it is and find out who wrote past its guards."
    ),
)
def closed_months_stand(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    model, now = merchant.model(), store.clock.now()
    with store.engine.connect() as connection:
        changed = changed_since_closing(connection)
    return verdict(
        "closed_months_stand",
        passed=not changed,
        horizon=seen(model, now, own("postings", now)),
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"{counted(len(changed), 'figure')} of closed months changed."
        if changed
        else "Closed months are as they were closed.",
        metadata={
            "changed": table(
                CHANGED, ((one.month, one.account, one.sentence) for one in changed[:WORST])
            )
        },
    )
