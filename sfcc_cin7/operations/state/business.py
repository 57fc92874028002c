"""Whether the business is as it should be: orders, outside systems, stock, calls, and people."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.operations.routines import stock_late_after
from sfcc_cin7.operations.state import measures
from sfcc_cin7.operations.state.facts import (
    CallBudget,
    ForPeople,
    Outage,
    Publication,
    Reading,
    Unknown,
    Waiting,
)
from sfcc_cin7.operations.state.signs import not_known, seconds, stamp
from sfcc_cin7.operations.state.verdicts import Measure, Sign, Verdict
from sfcc_cin7.values.ages import age_in_words
from sfcc_cin7.values.money import figure

ORDERS, READING, PEOPLE = "orders waiting", "stock reading", "for a person"
SYSTEMS, LISTS, CALLS = "outside systems", "publications", "calls to Cin7"
CIRCUITS = ("cin7", "sfcc")
REFUSALS_SHOW = timedelta(minutes=15)
"""How long a refused call is told of."""


def orders(found: Waiting | Unknown, model: OperatingModel, at: datetime) -> Sign:
    """Whether an order that could be posted waits longer than allowed: the rule of the check
    `stalled_posting`."""
    owner, runbook = model.owners.orders, "stalled_posting.md"
    if isinstance(found, Unknown):
        return not_known(ORDERS, found.why, owner, runbook)
    allowed = timedelta(seconds=model.posting.stalled_after_seconds)
    age = max(at - found.oldest, timedelta(0)) if found.oldest else timedelta(0)
    stalled = age > allowed
    sentence = "None waits."
    if found.oldest:
        sentence = (
            f"{found.orders} wait, the first for {age_in_words(age, seconds=True)};"
            f" {age_in_words(allowed, seconds=True)} are allowed."
        )
    return Sign(
        name=ORDERS,
        verdict=Verdict.FAILING if stalled else Verdict.OK,
        sentence=sentence,
        owner=owner,
        runbook=runbook,
        since=found.oldest + allowed if found.oldest and stalled else None,
        as_of=at,
        advice="see whether both systems answer (`sfcc-cin7 check`) and the last run of"
        " `post_orders`; nothing is lost."
        if stalled
        else "",
        measures=[
            Measure(measures.WAITING, found.orders),
            Measure(measures.OLDEST_ORDER, seconds(age)),
            Measure(measures.ALLOWED_WAIT, seconds(allowed)),
        ],
    )


def systems(found: Sequence[Outage] | Unknown, model: OperatingModel, at: datetime) -> Sign:
    """Whether both systems answered when they were last asked for an order."""
    owner, runbook = model.owners.orders, "stalled_posting.md"
    if isinstance(found, Unknown):
        return not_known(SYSTEMS, found.why, owner, runbook)
    down = {outage.system for outage in found}
    since = min((outage.since for outage in found), default=None)
    long = since is not None and at - since > timedelta(seconds=model.posting.stalled_after_seconds)
    return Sign(
        name=SYSTEMS,
        verdict=Verdict.OK if since is None else Verdict.FAILING if long else Verdict.WARNING,
        sentence=" ".join(
            f"{outage.system} does not answer ({outage.problem.rstrip('.') or 'no reason known'})."
            for outage in found
        )
        or "No order found one down.",
        owner=owner,
        runbook=runbook,
        since=since,
        as_of=at,
        advice="wait: they are asked again by themselves, nothing is lost; if it lasts, see"
        " `sfcc-cin7 check`."
        if down
        else "",
        measures=[
            Measure(measures.CIRCUIT, int(system in down), {"system": system})
            for system in CIRCUITS
        ],
    )


def reading(found: Reading | Unknown | None, model: OperatingModel, at: datetime) -> Iterator[Sign]:
    """Whether the last reading of the ERP's stock is whole (the check `snapshot_believed`) and as
    young as the merchant's cadence wants; nothing where no list is fed."""
    if not model.inventory_lists:
        return
    owner, runbook = model.owners.stock, "snapshot_believed.md"
    if isinstance(found, Unknown):
        yield not_known(READING, found.why, owner, runbook)
    elif found is None:
        yield not_known(READING, "The stock has not been read yet.", owner, runbook)
    else:
        yield _reading(found, model, at)


def _reading(found: Reading, model: OperatingModel, at: datetime) -> Sign:
    late_after = stock_late_after(model)
    age = max(at - found.began, timedelta(0))
    verdict, since, advice = Verdict.OK, None, ""
    sentence = f"{found.rows} rows, read {age_in_words(age, seconds=True)} ago and believed."
    if not found.believed:
        verdict, since = Verdict.FAILING, found.last_believed
        sentence = f"The last reading is not believed: {found.reason or 'no reason is known'}"
        advice = "compare the number of rows with Cin7's availability report."
    elif age > late_after:
        verdict = Verdict.FAILING if age > 2 * late_after else Verdict.WARNING
        since = found.began + late_after
        sentence = f"The last reading is {age_in_words(age, seconds=True)} old."
        advice = "see the last run of `stock_delta`, and whether `stock_delta_regularly` is on."
    return Sign(
        name=READING,
        verdict=verdict,
        sentence=sentence,
        owner=model.owners.stock,
        runbook="snapshot_believed.md",
        since=since,
        as_of=found.began,
        advice=advice,
        measures=[
            Measure(measures.READ, stamp(found.began)),
            Measure(measures.BELIEVED, int(found.believed)),
            Measure(measures.ROWS, found.rows),
        ],
    )


def publications(
    found: Sequence[Publication] | Unknown, model: OperatingModel, at: datetime
) -> Iterator[Sign]:
    """Whether each inventory list was told its stock in time: the rule of `inventory_drift`."""
    owner, runbook = model.owners.stock, "inventory_drift.md"
    if isinstance(found, Unknown):
        yield not_known(LISTS, found.why, owner, runbook)
        return
    for each in found:
        late = each.due_by is not None and at > each.due_by
        verdict = Verdict.FAILING if late else Verdict.OK
        if each.began is None:
            sentence = "It was never published."
            verdict = Verdict.FAILING if late else Verdict.NOT_KNOWN
        else:
            age = max(at - each.began, timedelta(0))
            sentence = f"The last whole pass began {age_in_words(age, seconds=True)} ago."
        yield Sign(
            name=f"list {each.list_id}",
            verdict=verdict,
            sentence=sentence,
            owner=owner,
            runbook=runbook,
            since=each.due_by if late else None,
            as_of=each.began,
            advice="`sfcc_inventory` says why its last pass did not succeed." if late else "",
            measures=[Measure(measures.PUBLISHED, stamp(each.began), {"list": each.list_id})]
            if each.began
            else [],
        )


def calls(found: Sequence[CallBudget] | Unknown, model: OperatingModel, at: datetime) -> Sign:
    """Whether Cin7 refused calls although ours keep its limit: the rule of `call_budget`."""
    owner, runbook = model.owners.orders, "call_budget.md"
    if isinstance(found, Unknown):
        return not_known(CALLS, found.why, owner, runbook)
    refused = sum(each.refused for each in found)
    used = ", ".join(f"{each.used} of {each.calls}" for each in found)
    sentence = f"In the last minute: {used}." if found else "None was made yet."
    paused = [each.paused_until for each in found if each.paused_until and each.paused_until > at]
    if refused:
        sentence = f"Cin7 refused {refused} in the last 15 minutes. {sentence}"
    if paused:
        sentence += f" They pause until {wording(model).second(max(paused))}."
    return Sign(
        name=CALLS,
        verdict=Verdict.FAILING if refused else Verdict.OK,
        sentence=sentence,
        owner=owner,
        runbook=runbook,
        as_of=at,
        advice="find out who else uses our API application, and give them one of their own."
        if refused
        else "",
        measures=[
            Measure(name, value, {"application": each.application})
            for each in found
            for name, value in (
                (measures.CALLS_USED, each.used),
                (measures.CALLS_ALLOWED, each.calls),
                (measures.REFUSED, each.refused),
            )
        ],
    )


def people(found: ForPeople | Unknown, model: OperatingModel, at: datetime) -> Sign:
    """What waits for a person, by the rule of the check `review_backlog`."""
    owner, runbook = model.owners.orders, "review_backlog.md"
    if isinstance(found, Unknown):
        return not_known(PEOPLE, found.why, owner, runbook)
    age = max(at - found.oldest, timedelta(0)) if found.oldest else timedelta(0)
    verdict = Verdict.OK
    if found.warned:
        verdict = Verdict.FAILING if found.alarmed else Verdict.WARNING
    sentence = "Nothing waits."
    if found.items:
        money = figure(found.money, model.base_currency)
        sentence = f"{found.items} things wait, {money} at risk, the first for {age_in_words(age)}."
    return Sign(
        name=PEOPLE,
        verdict=verdict,
        sentence=sentence,
        owner=found.owner or owner,
        runbook=runbook,
        since=found.oldest if found.warned else None,
        as_of=at,
        advice="begin at the top of `sfcc-cin7 review list`." if found.warned else "",
        measures=[
            Measure(measures.ITEMS, found.items),
            Measure(measures.OLDEST_ITEM, seconds(age)),
            Measure(measures.MONEY, found.money, {"currency": model.base_currency}),
        ],
    )
