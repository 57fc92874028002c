"""Writes whose outcome is not plain: looked up before they are repeated, and repeated once.

A repeated figure is the same amount as of the same instant, so that a first attempt that arrives
late after all changes nothing. A figure that the storefront has overtaken, because somebody reset
the record later, is never sent again: reset dates only go forward.
"""

from collections.abc import Callable, Mapping, Sequence

from sfcc_cin7.stock.deciding.allocation import cut
from sfcc_cin7.stock.publishing.writers.writer import (
    Done,
    Figure,
    Outcome,
    Refusal,
    Unknown,
    done,
)
from sfcc_cin7.systems.http.errors import Ambiguous, ApiError, Conflict, NotFound, Refused
from sfcc_cin7.systems.sfcc.documents import InventoryRecord
from sfcc_cin7.systems.sfcc.importing import is_about_access

Look = Callable[[Sequence[str]], Mapping[str, InventoryRecord]]
"""What the storefront shows of some SKUs; those without a record are left out. Raises ApiError."""
Attempt = Callable[[Sequence[Figure]], Mapping[str, Done | ApiError]]
"""Writes figures once; what became of each, by SKU. Raises ApiError when access is refused."""


def settle(figures: Sequence[Figure], attempt: Attempt, look: Look) -> list[Outcome]:
    """Write figures and find out what became of each.

    Raises:
        ApiError: the storefront refuses us, not a record.
    """
    outcomes: dict[str, Outcome] = {}
    answers = attempt(figures)
    doubtful = [f for f in figures if isinstance(answers[f.sku], Ambiguous | Conflict)]
    if doubtful:
        outcomes |= looked_up(doubtful, look)
        again = [f for f in doubtful if f.sku not in outcomes]
        if again:
            answers = {**answers, **attempt(again)}
            still = [f for f in again if isinstance(answers[f.sku], Ambiguous | Conflict)]
            outcomes |= looked_up(still, look)
    refused = [f for f in figures if f.sku not in outcomes and _may_be_overtaken(answers[f.sku])]
    outcomes |= looked_up(refused, look)
    for figure in figures:
        if figure.sku not in outcomes:
            outcomes[figure.sku] = _outcome(figure.sku, answers[figure.sku])
    return list(outcomes.values())


def looked_up(figures: Sequence[Figure], look: Look) -> dict[str, Outcome]:
    """Figures that the storefront shows, or has overtaken, or that it cannot be asked about."""
    if not figures:
        return {}
    try:
        shown = look([figure.sku for figure in figures])
    except ApiError as error:
        if is_about_access(error):
            raise
        return {f.sku: Unknown(f.sku, f"it could not be looked up: {error}") for f in figures}
    found = {f.sku: seen(f, shown.get(f.sku)) for f in figures}
    return {sku: outcome for sku, outcome in found.items() if outcome is not None}


def seen(figure: Figure, record: InventoryRecord | None) -> Outcome | None:
    """What a record says about a figure; None where it does not hold it, and may still be told."""
    if record is None or record.reset_at is None:
        return None
    told = done(figure)
    if record.reset_at == told.reset_at and record.allocation == told.allocation:
        return told if told.backorder in (None, record.backorder) else None
    if record.reset_at > cut(figure.reset_at):
        return Unknown(figure.sku, f"the storefront shows a later reset date, {record.reset_at}")
    return None


def _may_be_overtaken(answer: Done | ApiError) -> bool:
    """A refusal that the reset date may explain; a thing that is missing explains itself."""
    return isinstance(answer, Refused) and not isinstance(answer, NotFound)


def _outcome(sku: str, answer: Done | ApiError) -> Outcome:
    if isinstance(answer, Done):
        return answer
    if isinstance(answer, Refused) and not isinstance(answer, Conflict):
        if is_about_access(answer):
            raise answer
        return Refusal(sku, answer.message)
    return Unknown(sku, str(answer))
