"""Whether the documents of the ERP are followed, where they are to be."""

from datetime import datetime, timedelta

import dagster as dg
from sqlalchemy import Connection

from sfcc_cin7.db import erp_documents
from sfcc_cin7.runtime.horizons import own, seen
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.runbooks import verdict
from sfcc_cin7.stock.assets import cin7_stock
from sfcc_cin7.systems.cin7 import changes
from sfcc_cin7.systems.cin7.kinds import SELDOM, DocumentKind
from sfcc_cin7.values.horizon import Sight
from sfcc_cin7.values.wording import counted

USUALLY_READ = timedelta(minutes=2)
"""A document that was listed waits no longer for its reading in good health."""
SHOWN = 5


@dg.asset_check(
    asset=cin7_stock,
    description=(
        "Documents that move stock in the ERP are followed, where `stock.trail` is on: every list"
        " was seen lately, and each document that it told of was read. Stock stays right without"
        " it; falls are then found by readings of all stock, which is later. What to do: look which"
        " list does not answer, and whether the call budget leaves room."
    ),
)
def documents_followed(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    model, now = merchant.model(), store.clock.now()
    if not model.stock.trail:
        return verdict(
            "documents_followed",
            passed=True,
            horizon=seen(model, now, own("settings", now)),
            description="Documents are not followed: stock is found by reading alone.",
        )
    with store.engine.connect() as connection:
        sights = [_sight(connection, kind, now) for kind in changes.FOLLOWED]
        refused = [
            f"{row.number}: {row.problem}"
            for kind in changes.FOLLOWED
            for row in erp_documents.problems(connection, kind.name)
        ]
    sentence = f"{counted(len(sights), 'list')} of stock documents are followed."
    if refused:
        named = "; ".join(refused[:SHOWN])
        sentence = f"{counted(len(refused), 'document')} that cannot be read: {named}."
    return verdict(
        "documents_followed",
        passed=not refused,
        horizon=seen(model, now, *sights),
        severity=dg.AssetCheckSeverity.WARN,
        description=sentence,
    )


def _sight(connection: Connection, kind: DocumentKind, now: datetime) -> Sight:
    """How far documents of a kind are known; one that was listed just now is not late yet."""
    waiting = erp_documents.backlog(connection, kind.name)
    is_late = waiting.since is not None and now - waiting.since > USUALLY_READ
    return Sight(
        f"document of {kind.list_path}",
        f"documents of {kind.list_path}",
        erp_documents.listed_until(connection, kind.name),
        SELDOM,
        waiting.unread if is_late else 0,
        waiting.since if is_late else None,
    )
