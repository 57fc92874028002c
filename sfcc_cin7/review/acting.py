"""What the desk does when it is asked to; each says in a sentence what became of it."""

from sqlalchemy import Engine

from sfcc_cin7.inbox.action import ActionRefused
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.orders import PASSABLE, Recheck
from sfcc_cin7.review.naming import keys_of
from sfcc_cin7.review.release import release
from sfcc_cin7.review.requests import (
    CorrectOrder,
    ReleaseOrders,
    RetryOrders,
    WaiveItems,
    author,
    corrections,
    end_of_waiver,
)
from sfcc_cin7.review.retry import retry
from sfcc_cin7.review.waive import reopen_expired, waive
from sfcc_cin7.values.clock import Clock


def retry_orders(engine: Engine, clock: Clock, request: RetryOrders) -> list[str]:
    """The orders that go back to be posted.

    Raises:
        ActionRefused: nothing is named, or nothing that is named is in review.
    """
    who = author(request.by, request.because, reason_needed=False)
    if not request.orders and not request.code:
        raise ActionRefused("Name an order, or a reason with `code` (--code).")
    keys, code = keys_of(engine, request.orders), request.code or None
    retried = retry(engine, clock.now(), keys, code, by=who.by, because=who.because)
    missing = sorted(set(keys) - set(retried))
    if not retried:
        named = ", ".join(missing) or f"that waits for {request.code}"
        raise ActionRefused(f"There is no order in review {named}: nothing was changed.")
    return [*(f"{key} goes back to be posted." for key in retried)] + [
        f"{key} is not in review: it was left alone." for key in missing
    ]


def release_orders(engine: Engine, clock: Clock, request: ReleaseOrders) -> list[str]:
    """What held the orders that go on. Raises ActionRefused; then nothing was changed."""
    who = author(request.by, request.because)
    held = release(engine, clock.now(), keys_of(engine, request.orders), who, PASSABLE)
    return [f"{key} goes on, it was held by: {what}." for key, what in held.items()]


def waive_items(engine: Engine, clock: Clock, request: WaiveItems) -> list[str]:
    """What left the inbox, and until when. Raises ActionRefused; then nothing was changed."""
    who, now = author(request.by, request.because), clock.now()
    until = end_of_waiver(request.until, request.days, now)
    subjects = keys_of(engine, request.subjects)
    waived = waive(engine, now, until, who, subjects, request.code or None)
    if not waived:
        raise ActionRefused("Nothing that is open in the inbox is meant: nothing was changed.")
    return [f"{subject} is waived until {until:%Y-%m-%d %H:%M} UTC." for subject in waived]


def correct_order(
    engine: Engine, clock: Clock, model: OperatingModel, request: CorrectOrder
) -> list[str]:
    """What was corrected, and what is still open. Raises ActionRefused; then nothing was kept."""
    who = author(request.by, request.because)
    wanted = corrections(request)
    [key] = keys_of(engine, [request.order])
    left = Recheck(engine, model, clock).correct(key, wanted, who)
    done = [f"{key}: {each.words}." for each in wanted]
    if left:
        return [*done, *(f"It still waits: {each.sentence} ({each.code})" for each in left)]
    return [*done, "It goes back to be posted, and is proved like any other."]


def tidy(engine: Engine, clock: Clock, model: OperatingModel) -> tuple[list[str], list[str]]:
    """What goes on by itself because its cause is gone, and what is open again after a waiver."""
    with engine.begin() as connection:
        reopened = reopen_expired(connection, clock.now())
    return Recheck(engine, model, clock).resume(), reopened
