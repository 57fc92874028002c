"""Why something cannot go on by itself: a code, a sentence and the two figures."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """Why an order cannot be taken as it is, or why two systems disagree about it.

    `code` is stable, in kebab case, and has a page in the runbooks; `sentence` is for a person and
    holds no personal data; `expected` and `actual` are the two figures, where there are two.
    """

    code: str
    sentence: str
    expected: str | None = None
    actual: str | None = None


class NeedsPerson(Exception):
    """The order cannot be booked as it is; `reasons` (never empty) say why."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.reasons = tuple(reasons)
