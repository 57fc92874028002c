"""Everything that was read, judged."""

from datetime import datetime

from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.operations.state import business, machinery
from sfcc_cin7.operations.state.facts import Facts, Successes, Unknown
from sfcc_cin7.operations.state.unsigned import evidence, unread
from sfcc_cin7.operations.state.verdicts import Sign, State, Verdict

DATABASE, RUNBOOK = "database", "database_answers.md"


def judge(facts: Facts, model: OperatingModel, *, payouts: bool) -> State:
    """How everything is; `payouts` says whether settlement reports are read at all."""
    at, desk = facts.at, model.owners.orders
    answers = Sign(
        name=DATABASE,
        verdict=Verdict.OK,
        sentence="It answers.",
        owner=desk,
        runbook=RUNBOOK,
        as_of=at,
    )
    return State(
        at,
        [
            answers,
            machinery.daemons(facts.heartbeats, desk, at),
            machinery.looks(facts.looked, desk, at),
            machinery.run_queue(facts.runs, desk, at),
            *machinery.residents(
                facts.residents, lanes(model), at, installed=_is_installed(facts.successes)
            ),
            business.orders(facts.waiting, model, at),
            business.systems(facts.outages, model, at),
            *business.reading(facts.reading, model, at),
            *business.publications(facts.publications, model, at),
            business.calls(facts.budgets, model, at),
            business.people(facts.people, model, at),
            *machinery.on_time(facts.successes, model, payouts=payouts, at=at),
            *unread(facts, desk),
        ],
        dict(evidence(facts, model)),
    )


def lanes(model: OperatingModel) -> dict[str, str]:
    """The lanes of this merchant that are always there, with whom they concern."""
    owners = model.owners
    stock = {"stock": owners.stock, "stock-now": owners.stock} if model.inventory_lists else {}
    shipments = {"shipments": owners.fulfilment} if model.follows_shipments else {}
    return {"orders": owners.orders, **stock, **shipments, "books": owners.finance}


def _is_installed(found: Successes | Unknown) -> bool:
    """Whether this was looked at before: then what is missing is not merely on its way."""
    return isinstance(found, Successes) and found.installed is not None


def unseen(at: datetime, why: str, advice: str, *, name: str = DATABASE) -> State:
    """Nothing could be looked at, because of one thing that stands before all others."""
    return State(
        at,
        [
            Sign(
                name=name,
                verdict=Verdict.NOT_KNOWN,
                sentence=why,
                owner="",
                runbook=RUNBOOK if name == DATABASE else "",
                advice=advice,
            )
        ],
    )
