"""Pieces of evidence, with what the register of codes knows of them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from sfcc_cin7.alerts.deciding.causes import OF_A_LIST, OF_A_SKU, RENAMED, SAME_WORDS
from sfcc_cin7.alerts.deciding.evidence import HEALS_BY_ITSELF, Evidence
from sfcc_cin7.inbox.codes import FOLDER, known, owner_of
from sfcc_cin7.inbox.listing import Item
from sfcc_cin7.merchant.alerts import Severity
from sfcc_cin7.merchant.operating_model import Owners
from sfcc_cin7.values.money import ZERO

TOLD_BY_SIGNS = frozenset({"posting-stalled", "list-unpublished", "reading-doubted", "lane-late"})
"""What the watcher sees itself, also where Dagster files nothing any more."""
SAYS_NOTHING_OF_PEOPLE = SAME_WORDS | RENAMED | OF_A_LIST | OF_A_SKU - {"erp-refused"}
"""Codes whose sentences name things alone. Those of others may quote what a system answered, which
may be a shopper's name: they are told by their cause."""
LISTS_MARK = "stock:"


def piece(
    code: str,
    source: str,
    subject: str,
    owners: Owners,
    *,
    about: str = "",
    title: str = "",
    owner: str = "",
    sentence: str = "",
    advice: str = "",
    runbook: str = "",
    since: datetime | None = None,
    money: Decimal = ZERO,
    severity: Severity = "notice",
    told_after: timedelta = HEALS_BY_ITSELF,
) -> Evidence:
    """A piece of evidence; what is left out is as the register has it. Money in base currency."""
    row = known(code)
    return Evidence(
        source=source,
        code=code,
        title=title or row.cause,
        subject=subject,
        owner=owner or owner_of(code, owners),
        runbook=f"{FOLDER}/{runbook}" if runbook else row.runbook,
        advice=advice or f"{row.what_to_do}.",
        about=about,
        sentence=sentence,
        since=since,
        money=money,
        severity=severity,
        told_after=told_after,
    )


def of_inbox(items: Iterable[Item], owners: Owners) -> list[Evidence]:
    """What waits for a person, one piece for each row of the inbox that no sign tells."""
    return [
        piece(
            item.code,
            "inbox",
            item.subject,
            owners,
            about=_about(item),
            owner=item.owner,
            sentence=item.sentence if item.code in SAYS_NOTHING_OF_PEOPLE else "",
            since=item.opened_at,
            money=item.weight,
        )
        for item in items
        if item.code not in TOLD_BY_SIGNS
    ]


def _about(item: Item) -> str:
    """The thing that the cause is told from others by: a SKU, or the list that it is in."""
    kind, _, rest = item.subject.partition(":")
    if item.code in OF_A_LIST and kind == "stock":
        return rest.partition("/")[0]
    return rest if item.code in RENAMED and kind == "sku" else ""
