"""What an agent may propose: what people do at the review desk, by the same code."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Engine, func, select

from sfcc_cin7 import review
from sfcc_cin7.db.schema import orders, review_items
from sfcc_cin7.inbox.action import ActionRefused
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.review import (
    CorrectOrder,
    PreviewOrder,
    ReleaseOrders,
    RetryOrders,
    WaiveItems,
    keys_of,
)
from sfcc_cin7.values.clock import Clock

Act = Callable[[Engine, Clock, OperatingModel, Any], list[str]]


@dataclass(frozen=True)
class Action:
    """One of the desk's actions: what it is asked with, and what does it."""

    request: Callable[..., Any]
    act: Act


ACTIONS: Mapping[str, Action] = {
    "retry": Action(RetryOrders, lambda on, clock, _, asked: review.retry_orders(on, clock, asked)),
    "release": Action(
        ReleaseOrders, lambda on, clock, _, asked: review.release_orders(on, clock, asked)
    ),
    "waive": Action(WaiveItems, lambda on, clock, _, asked: review.waive_items(on, clock, asked)),
    "correct": Action(CorrectOrder, review.correct_order),
}
PREVIEWED = "correct"
ONLY_CORRECTIONS = ("by", "because", "code")
"""What a preview of a correction is not asked with."""


def say(
    action: str,
    arguments: Mapping[str, Any],
    who: Mapping[str, str],
    engine: Engine,
    clock: Clock,
    model: OperatingModel,
) -> list[str]:
    """Do an action, and say what was done; `engine` may be one of a rehearsal.

    Raises:
        ActionRefused: as the action does, or it is asked with what makes no sense.
    """
    known = ACTIONS[action]
    return known.act(engine, clock, model, _asked(known.request, {**arguments, **who}))


def proof(
    action: str,
    arguments: Mapping[str, Any],
    engine: Engine,
    clock: Clock,
    model: OperatingModel,
) -> str:
    """How everything stands that an action is about, and what it would say at this moment, on an
    `engine` of a rehearsal; for a correction also the sale that would be sent. Raises
    ActionRefused."""
    lines = list(_standing(engine, arguments))
    if action == PREVIEWED and arguments.get("order"):
        given = {name: each for name, each in arguments.items() if name not in ONLY_CORRECTIONS}
        lines += review.preview_order(engine, clock, model, _asked(PreviewOrder, given))
    who = {"by": "rehearsal", "because": "rehearsal"}
    return "\n".join([*lines, *say(action, arguments, who, engine, clock, model)])


def _standing(engine: Engine, arguments: Mapping[str, Any]) -> Iterator[str]:
    """What is named, or waits for the code that is named, with its state and its open codes: a
    proposal is about things as they were when somebody read it."""
    named = [*arguments.get("orders", ()), *arguments.get("subjects", ())]
    named += [arguments["order"]] if arguments.get("order") else []
    items = review_items.c
    codes = func.string_agg(items.code.distinct(), ", ")
    waiting = select(items.subject).where(
        items.closed_at.is_(None), items.code == arguments.get("code", "")
    )
    keys = keys_of(engine, named)
    with engine.connect() as connection:
        keys += connection.scalars(waiting)
        states = select(orders.c.order_key, orders.c.state).where(orders.c.order_key.in_(keys))
        state = dict(connection.execute(states).tuples().all())
        open_codes = (
            select(items.subject, codes)
            .where(items.closed_at.is_(None), items.subject.in_(keys))
            .group_by(items.subject)
        )
        found = dict(connection.execute(open_codes).tuples().all())
    for key in sorted(set(keys)):
        yield f"{key} is {state.get(key, 'in the inbox')}, open: {found.get(key, 'nothing')}."


def fixed(arguments: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Arguments that mean the same whenever they are read: days from now become a day."""
    given = {name: value for name, value in arguments.items() if value not in ("", [], {}, 0)}
    if "days" in given and "until" not in given:
        end = review.end_of_waiver("", int(given.pop("days")), now)
        given["until"] = end.replace(second=0, microsecond=0).isoformat()
    return given


def _asked(request: Callable[..., Any], given: Mapping[str, Any]) -> Any:
    try:
        return request(**given)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise ActionRefused(f"{first['loc'][0]}: {first['msg']}") from None
