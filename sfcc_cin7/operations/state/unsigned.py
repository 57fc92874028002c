"""What is not well and has no sign of its own: rows of the inbox, checks, lanes tried in vain."""

from collections.abc import Iterator, Sequence

from sfcc_cin7.alerts.deciding.evidence import Evidence
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.operations.state.facts import Facts, FailedCheck, InVain, Unknown
from sfcc_cin7.operations.state.signs import not_known
from sfcc_cin7.operations.state.verdicts import Sign

INBOX, CHECKS, IN_VAIN = "inbox", "checks", "lanes in vain"
RUNBOOKS = "sfcc_cin7/runbooks"
TOLD_OTHERWISE = frozenset(
    {
        "stalled_posting",
        "lanes_on_time",
        "goods_agree",
        "inventory_drift",
        "snapshot_believed",
        "review_backlog",
        "call_budget",
        "bank_agrees",
        "payouts_agree",
        "nothing_missing_or_doubled",
        "totals_and_tax_agree",
        "nothing_oversold",
        "shipments_told",
        "shipped_on_time",
        "sku_divergence",
        "prices_keep_margin",
        "fields_agree",
        "nothing_unready_on_sale",
        "tax_rules_agree",
        "books_agree",
    }
)
"""Checks of what signs and rows of the inbox tell one by one."""
WEBHOOK = "stock_webhook_active"


def evidence(facts: Facts, model: OperatingModel) -> Iterator[tuple[str, Sequence[Evidence]]]:
    """By where it was read; what could not be read is left out."""
    if not isinstance(facts.people, Unknown):
        yield INBOX, facts.people.evidence
    if not isinstance(facts.checks, Unknown):
        told = [each for each in facts.checks if each.name not in TOLD_OTHERWISE]
        yield CHECKS, [_check(each, model) for each in told]
    if not isinstance(facts.in_vain, Unknown):
        yield IN_VAIN, [_in_vain(each, model) for each in facts.in_vain]


def unread(facts: Facts, owner: str) -> Iterator[Sign]:
    """A sign for each part that could not be read: what it may hide is not known."""
    parts = (
        (CHECKS, facts.checks, "dagster_daemon.md"),
        (IN_VAIN, facts.in_vain, "lanes_on_time.md"),
    )
    for name, found, page in parts:
        if isinstance(found, Unknown):
            yield not_known(name, found.why, owner, page)


def _check(found: FailedCheck, model: OperatingModel) -> Evidence:
    is_webhook = found.name == WEBHOOK
    return Evidence(
        source=CHECKS,
        code="webhook-off" if is_webhook else "check-fails",
        title="Cin7's webhook is off" if is_webhook else f"The check {found.name} fails",
        subject=f"lane:{found.asset}",
        owner=model.owners.stock if is_webhook else model.owners.orders,
        runbook=f"{RUNBOOKS}/{found.name}.md",
        advice=f"Assets > {found.asset} > Checks > {found.name} says what it saw.",
        about=found.name,
        severity="notice" if found.warns else "warning",
    )


def _in_vain(found: InVain, model: OperatingModel) -> Evidence:
    return Evidence(
        source=IN_VAIN,
        code="lane-fails",
        title=f"{found.name} is tried in vain",
        subject=f"lane:{found.name}",
        owner=model.owners.orders,
        runbook=f"{RUNBOOKS}/lanes_on_time.md",
        advice="mend what it was answered; it goes on by itself.",
        about=found.name,
        sentence=found.problem,
        since=found.since,
        severity="warning",
    )
