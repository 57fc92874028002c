"""What each inventory list was told, when it was read back, and what waits to be told.

Quantities are units; readings: `levels`, `drifts`.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from sfcc_cin7.db.schema import published_stock
from sfcc_cin7.stock.deciding.mass_change import Offer
from sfcc_cin7.stock.deciding.published import Published, Told
from sfcc_cin7.values.backorder import Backorder, backorder
from sfcc_cin7.values.money import ZERO

_SAVE_RISES = """
update sfcc_cin7.published_stock told set rise_seen = seen.rise,
    rise_read_at = case when seen.rise is not null then seen.read_at end,
    waiting_since = case when seen.rise is not null then coalesce(told.waiting_since, :at) end
from unnest(cast(:skus as text[]), cast(:rises as numeric[]), cast(:read_at as timestamptz[]))
    as seen (sku, rise, read_at)
where told.list_id = :list_id and told.sku = seen.sku
"""
"""One statement, as those that follow: where a merchant lowers a buffer, everything rises at once.
"""

_ABOUT_TO_SEND = """
update sfcc_cin7.published_stock told
set sent_reset_at = greatest(told.sent_reset_at, sent.reset_at)
from unnest(cast(:skus as text[]), cast(:resets as timestamptz[])) as sent (sku, reset_at)
where told.list_id = :list_id and told.sku = sent.sku
"""

_SAVE_WAITING = """
update sfcc_cin7.published_stock told
set waiting_since = coalesce(told.waiting_since, :at), wanted = unsent.wanted
from unnest(cast(:skus as text[]), cast(:wanted as numeric[])) as unsent (sku, wanted)
where told.list_id = :list_id and told.sku = unsent.sku
"""


def told_skus(connection: Connection, list_id: str) -> set[str]:
    """SKUs that a list was ever told of."""
    query = select(published_stock.c.sku).where(published_stock.c.list_id == list_id)
    return set(connection.scalars(query))


def published(
    connection: Connection, list_id: str, skus: Collection[str] | None = None
) -> dict[str, Published]:
    """What a list was last told, by SKU; of these SKUs, or of all."""
    columns = published_stock.c
    query = select(
        columns.sku,
        columns.allocation,
        columns.reset_at,
        columns.rise_seen,
        columns.handling,
        columns.backorder_units,
        columns.expected_at,
        columns.rise_read_at,
    ).where(columns.list_id == list_id)
    if skus is not None:
        query = query.where(columns.sku == func.any(list(skus)))
    return {
        row.sku: Published(
            row.allocation,
            row.reset_at,
            row.rise_seen,
            _backorder(row.handling, row.backorder_units, row.expected_at),
            row.rise_read_at,
        )
        for row in connection.execute(query)
    }


def _backorder(
    handling: str | None, units: Decimal | None, expected_at: datetime | None
) -> Backorder | None:
    return None if handling is None else backorder(handling, units or ZERO, expected_at)


def told(connection: Connection, list_id: str, skus: Collection[str]) -> dict[str, Told]:
    """What these SKUs of a list were told last, and held before."""
    columns = published_stock.c
    query = select(
        columns.sku,
        columns.allocation,
        columns.reset_at,
        columns.before_allocation,
        columns.before_reset_at,
        columns.handling,
        columns.backorder_units,
        columns.expected_at,
        columns.before_handling,
        columns.before_backorder_units,
        columns.before_expected_at,
    ).where(columns.list_id == list_id, columns.sku == func.any(list(skus)))
    return {
        row.sku: Told(
            row.allocation,
            row.reset_at,
            row.before_allocation,
            row.before_reset_at,
            _backorder(row.handling, row.backorder_units, row.expected_at),
            _backorder(row.before_handling, row.before_backorder_units, row.before_expected_at),
        )
        for row in connection.execute(query)
    }


def offer(connection: Connection, list_id: str) -> Offer:
    """What a list was told that it has for sale; shoppers may have bought some of it since."""
    columns = published_stock.c
    total = columns.allocation + func.coalesce(columns.backorder_units, ZERO)
    query = select(func.count(), func.coalesce(func.sum(total), ZERO)).where(
        columns.list_id == list_id, total > 0
    )
    skus, units = connection.execute(query).one()
    return Offer(skus, units)


def told_count(connection: Connection, list_id: str) -> int:
    """How many SKUs a list was ever told of."""
    query = select(func.count()).where(published_stock.c.list_id == list_id)
    return int(connection.execute(query).scalar_one())


def save_read_back(
    connection: Connection, list_id: str, skus: Collection[str], at: datetime
) -> None:
    """Keep when these SKUs' records were compared."""
    connection.execute(
        update(published_stock)
        .where(published_stock.c.list_id == list_id, published_stock.c.sku == func.any(list(skus)))
        .values(read_at=at)
    )


def skus_not_read_since(connection: Connection, list_id: str, since: datetime) -> list[str]:
    """Published SKUs whose records were not seen since then, those longest unseen first."""
    columns = published_stock.c
    unseen = or_(columns.read_at.is_(None), columns.read_at < since)
    query = select(columns.sku).where(
        columns.list_id == list_id, columns.published_at < since, unseen
    )
    return list(connection.scalars(query.order_by(columns.read_at.nulls_first(), columns.sku)))


def skus_longest_unread(connection: Connection, list_id: str, most: int) -> list[str]:
    """Published SKUs whose records were not seen for longest."""
    columns = published_stock.c
    query = select(columns.sku).where(columns.list_id == list_id)
    return list(
        connection.scalars(query.order_by(columns.read_at.nulls_first(), columns.sku).limit(most))
    )


def save_published(
    connection: Connection, list_id: str, told: Mapping[str, Published], at: datetime
) -> None:
    """Keep what the storefront has been told, and what it held before."""
    if not told:
        return
    statement = upsert(published_stock)
    held = ("allocation", "reset_at", "handling", "backorder_units", "expected_at")
    names = (*held, "published_at", "rise_seen", "rise_read_at", "waiting_since", "wanted")
    before = {f"before_{name}": published_stock.c[name] for name in held}
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[published_stock.c.list_id, published_stock.c.sku],
            set_={name: statement.excluded[name] for name in names}
            | before
            | {"sent_reset_at": None},
        ),
        [
            {
                "list_id": list_id,
                "sku": sku,
                "published_at": at,
                "waiting_since": at if row.rise_seen else None,
                "wanted": None,
                "allocation": row.allocation,
                "reset_at": row.reset_at,
                "rise_seen": row.rise_seen,
                "rise_read_at": row.rise_read_at if row.rise_seen else None,
                "handling": row.backorder.handling if row.backorder else None,
                "backorder_units": row.backorder.units if row.backorder else None,
                "expected_at": row.backorder.expected_at if row.backorder else None,
            }
            for sku, row in told.items()
        ],
    )


def about_to_send(connection: Connection, list_id: str, resets: Mapping[str, datetime]) -> None:
    """Note before it is sent that a list may hold another figure, with this reset date, from now
    on; `save_published` ends the doubt. Of a SKU that was never told, nothing needs to be noted."""
    if not resets:
        return
    sent = {"list_id": list_id, "skus": list(resets), "resets": list(resets.values())}
    connection.execute(text(_ABOUT_TO_SEND), sent)


def doubtful(connection: Connection, list_id: str, skus: Collection[str]) -> dict[str, datetime]:
    """Of these SKUs those that may hold a figure which we sent and know nothing of: the latest
    reset date that it can have."""
    columns = published_stock.c
    query = select(columns.sku, columns.sent_reset_at).where(
        columns.list_id == list_id,
        columns.sku == func.any(list(skus)),
        columns.sent_reset_at.is_not(None),
    )
    return {sku: at for sku, at in connection.execute(query)}  # noqa: C416 - rows


def save_rises(
    connection: Connection,
    list_id: str,
    rises: Mapping[str, tuple[Decimal | None, datetime]],
    at: datetime,
) -> None:
    """Keep which SKUs were read higher once, by how many units, when the reading began that showed
    it, and since when they wait."""
    if not rises:
        return
    known = {
        "list_id": list_id,
        "at": at,
        "skus": list(rises),
        "rises": [rise or None for rise, _ in rises.values()],
        "read_at": [read_at for _, read_at in rises.values()],
    }
    connection.execute(text(_SAVE_RISES), known)


def stop_waiting(connection: Connection, list_id: str, skus: Collection[str]) -> None:
    """Nothing is to be published of these SKUs any more."""
    if not skus:
        return
    connection.execute(
        update(published_stock)
        .where(published_stock.c.list_id == list_id, published_stock.c.sku == func.any(list(skus)))
        .values(waiting_since=None, wanted=None, rise_seen=None, rise_read_at=None)
    )


def save_waiting(
    connection: Connection, list_id: str, wanted: Mapping[str, Decimal], at: datetime
) -> None:
    """These figures could not be published: they wait since then, or longer."""
    if not wanted:
        return
    unsent = {"skus": list(wanted), "wanted": list(wanted.values())}
    connection.execute(text(_SAVE_WAITING), unsent | {"list_id": list_id, "at": at})


def save_rules(connection: Connection, list_id: str, rules: Mapping[str, str]) -> None:
    """Keep which rule decided about each SKU."""
    by_rule: dict[str, list[str]] = defaultdict(list)
    for sku, rule in rules.items():
        by_rule[rule].append(sku)
    for rule, skus in by_rule.items():
        connection.execute(
            update(published_stock)
            .where(
                published_stock.c.list_id == list_id,
                published_stock.c.sku == func.any(skus),
                published_stock.c.rule.is_distinct_from(rule),
            )
            .values(rule=rule)
        )


def rules_in_force(connection: Connection) -> Sequence[Row[Any]]:
    """How many SKUs each rule decides about, by list: `list_id`, `rule`, `skus`."""
    columns = published_stock.c
    query = select(columns.list_id, columns.rule, func.count().label("skus"))
    query = query.where(columns.rule.is_not(None)).group_by(columns.list_id, columns.rule)
    return connection.execute(query.order_by(columns.list_id, columns.rule)).all()


def oldest_waiting(connection: Connection) -> datetime | None:
    """Since when the oldest change waits to be published."""
    found: datetime | None = connection.scalar(select(func.min(published_stock.c.waiting_since)))
    return found
