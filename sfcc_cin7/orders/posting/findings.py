"""Why an order, or a sale of several, waits, as rows of the inbox: one for each code."""

from collections.abc import Sequence

from sfcc_cin7.inbox.codes import owner_of
from sfcc_cin7.inbox.inbox import Finding
from sfcc_cin7.merchant.operating_model import Owners
from sfcc_cin7.order_document.reason import Reason
from sfcc_cin7.orders.translation.text import fit

LONGEST_WORDS = 2000
"""Characters of a reason that the inbox keeps."""


def findings(subject: str, site: str, reasons: Sequence[Reason], owners: Owners) -> list[Finding]:
    """One finding for each code, with the sentences of all its reasons and the first's figures.

    Without an amount: what an order puts at risk is its total.
    """
    by_code: dict[str, list[Reason]] = {}
    for reason in reasons:
        by_code.setdefault(reason.code, []).append(reason)
    return [
        Finding(
            subject=subject,
            code=code,
            sentence=fit(" ".join(reason.sentence for reason in same), LONGEST_WORDS),
            owner=owner_of(code, owners),
            site=site,
            expected=_words(same[0].expected),
            actual=_words(same[0].actual),
        )
        for code, same in by_code.items()
    ]


def _words(figure: str | None) -> str | None:
    return None if figure is None else fit(figure, LONGEST_WORDS)
