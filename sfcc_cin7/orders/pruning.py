"""Takes shoppers out of stored documents some days after their orders were settled.

The hash of the original stays, so the books see an unchanged order and post nothing again. Orders
that wait for a person, or for the ERP, keep their documents however old they are.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from sfcc_cin7.merchant.operating_model import PrivacyPolicy
from sfcc_cin7.order_document.impersonal import impersonal
from sfcc_cin7.orders.records import documents as store
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import Clock

BATCH = 200
"""Documents in one transaction."""


@dataclass(frozen=True)
class Pruned:
    """How many documents lost what was personal, and when the oldest whole one was created."""

    documents: int
    oldest_kept: datetime | None


def prune(engine: Engine, policy: PrivacyPolicy, clock: Clock, run_id: str | None = None) -> Pruned:
    """Prune every document whose time has come, batch by batch; repeating it changes nothing."""
    documents = 0
    if policy.keep_documents_days is not None:
        detail = {"after_days": policy.keep_documents_days}
        before = clock.now() - timedelta(days=policy.keep_documents_days)
        while batch := _prune_batch(engine, before, detail, clock, run_id):
            documents += batch
    with engine.connect() as connection:
        return Pruned(documents, store.oldest_unpruned(connection))


def _prune_batch(
    engine: Engine, before: datetime, detail: dict[str, int], clock: Clock, run_id: str | None
) -> int:
    with engine.begin() as connection:
        rows = store.settled_documents(connection, before, BATCH)
        for row in rows:
            pruned = _pruned(row.document)
            store.put_pruned(connection, row.order_key, pruned, clock.now(), detail, run_id)
    return len(rows)


def _pruned(document: str) -> str:
    try:
        order = decimal_json.loads(document)
    except ValueError:  # no order at all, so nothing that the books could need
        order = None
    return decimal_json.dumps(impersonal(order))
