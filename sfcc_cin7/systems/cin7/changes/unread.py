"""What a row of a list means for what we know of its document. Pure."""

from datetime import datetime
from typing import Protocol

from sfcc_cin7.systems.cin7.kinds import Listed


class Known(Protocol):
    """What was listed of a document before, and up to which stamp of the ERP its changes are
    known."""

    @property
    def updated(self) -> datetime | None: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def known_until(self) -> datetime | None: ...


def is_news(known: Known | None, listed: Listed) -> bool:
    """Whether the list shows a change of a document that nobody has read.

    A row does not hold the document's total, so every later stamp is one. A row that differs
    although its stamp is the same is one too; a row that is the same, never.
    """
    if known is None:
        return True
    if listed.fingerprint == known.fingerprint:
        return False
    if listed.updated is None or known.known_until is None:
        return True
    same_stamp = known.fingerprint != "" and listed.updated == known.updated
    return listed.updated > known.known_until or same_stamp
