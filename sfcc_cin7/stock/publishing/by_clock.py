"""Publishes what a rule's clock changes at the instant that it does: a launch, the end of a recall.

Nothing was read then, and nothing needs to be: what is there is known, and only how much of it may
be shown is another. So what rises by the rule alone waits for no second reading, where the readings
before agreed on what is there.
"""

from datetime import datetime

from sqlalchemy import Engine

from sfcc_cin7.db.cursors import cursor, move_cursor
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.stock.deciding.safety import changing_between
from sfcc_cin7.stock.publishing.outcome import Outcome
from sfcc_cin7.stock.publishing.publish import publish_stock
from sfcc_cin7.stock.records.listed_skus import skus_of_rules
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import Clock

RULES_UNTIL = "stock.rules_until"
"""Up to when what rules changed by the clock was published."""


def clock_is_due(engine: Engine, model: OperatingModel, now: datetime) -> bool:
    """Whether a rule began or ended since the last time that this was published."""
    rules = (*model.stock.rules, *model.stock.backorders)
    if not any(rule.begins or rule.until for rule in rules):
        return False
    since = _published_until(engine, now)
    return bool(changing_between(rules, since, now))


def publish_by_clock(
    engine: Engine, shop: SfccClient, model: OperatingModel, clock: Clock
) -> Outcome:
    """Publish the SKUs that rules which began or ended are about. It is tried once: what cannot be
    written is left to the next pass over everything."""
    now = clock.now()
    since = _published_until(engine, now)
    changed = changing_between((*model.stock.rules, *model.stock.backorders), since, now)
    with engine.connect() as connection:
        skus = skus_of_rules(connection, changed, model.stock.kits)
    try:
        return publish_stock(engine, shop, model, clock, only=skus, rules_since=since)
    finally:
        with engine.begin() as connection:
            move_cursor(connection, RULES_UNTIL, now.isoformat())


def _published_until(engine: Engine, now: datetime) -> datetime:
    with engine.begin() as connection:
        kept = cursor(connection, RULES_UNTIL)
        if kept is None:
            move_cursor(connection, RULES_UNTIL, now.isoformat())
    return datetime.fromisoformat(kept) if kept else now
