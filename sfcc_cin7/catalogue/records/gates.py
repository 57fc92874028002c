"""New SKUs, what is known of them, and how far each has come on each site."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, case, delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from sfcc_cin7.catalogue.deciding.gate import Lack, Step
from sfcc_cin7.db.schema import products, published_stock, sku_gates, sku_map

AT_A_TIME = 500
"""New SKUs that are in memory at a time."""


@dataclass(frozen=True)
class Known:
    """A new SKU as both systems showed it last; None where one does not have it."""

    sku: str
    erp: Row[Any] | None
    storefront: Row[Any] | None
    barcode_is_shared: bool

    @property
    def first_seen_at(self) -> datetime:
        seen: list[datetime] = [
            row.first_seen_at for row in (self.erp, self.storefront) if row is not None
        ]
        return min(seen)


def new_skus(connection: Connection) -> Iterator[list[Known]]:
    """Every SKU that was not there when the catalogues were first read, some at a time.

    What the storefront had then is not new, whatever happens to it in the ERP: whether it is online
    there was decided before us. What only the ERP had is new when the storefront gets it.
    """
    last, before = "", products.alias("before")
    was_there = exists().where(
        before.c.sku == products.c.sku, before.c.system == "storefront", ~before.c.is_new
    )
    while True:
        query = select(products.c.sku).where(products.c.is_new, products.c.sku > last, ~was_there)
        skus = list(connection.scalars(query.distinct().order_by(products.c.sku).limit(AT_A_TIME)))
        if not skus:
            return
        last = skus[-1]
        yield _known(connection, skus)


def known_sku(connection: Connection, sku: str) -> Known:
    """What is known of one new SKU now."""
    return _known(connection, [sku])[0]


def _known(connection: Connection, skus: Sequence[str]) -> list[Known]:
    rows = connection.execute(select(products).where(products.c.sku == func.any(list(skus))))
    by_system = {(row.system, row.sku): row for row in rows}
    listed = connection.execute(
        select(sku_map.c.sku, sku_map.c.in_shop).where(sku_map.c.sku == func.any(list(skus)))
    )
    in_shop = {row.sku for row in listed if row.in_shop}
    codes = {row.facts.get("gtin") for row in by_system.values() if row.system == "erp"}
    shared = _shared(connection, {code for code in codes if code})
    known = []
    for sku in skus:
        erp = by_system.get(("erp", sku))
        storefront = by_system.get(("storefront", sku)) if sku in in_shop else None
        if erp is not None or storefront is not None:
            code = erp.facts.get("gtin") if erp is not None else None
            known.append(Known(sku, erp, storefront, code in shared))
    return known


def _shared(connection: Connection, codes: Collection[str]) -> set[str]:
    """Barcodes of several products of the ERP that are not deprecated."""
    code = products.c.facts["gtin"].astext
    query = select(code).where(
        products.c.system == "erp",
        code == func.any(list(codes)),
        func.lower(products.c.facts["status"].astext) != "deprecated",
    )
    return set(connection.scalars(query.group_by(code).having(func.count() > 1)))


def with_stock_record(
    connection: Connection, lists: Collection[str], skus: Collection[str]
) -> set[str]:
    """Of these SKUs, those that one of these inventory lists was told a figure of."""
    query = select(published_stock.c.sku).where(
        published_stock.c.list_id == func.any(list(lists)),
        published_stock.c.sku == func.any(list(skus)),
    )
    return set(connection.scalars(query))


def opened(connection: Connection, skus: Collection[str]) -> dict[tuple[str, str], datetime]:
    """When each of these SKUs was opened on a site, by (sku, site)."""
    query = select(sku_gates).where(
        sku_gates.c.sku == func.any(list(skus)), sku_gates.c.opened_at.is_not(None)
    )
    return {(row.sku, row.site): row.opened_at for row in connection.execute(query)}


def save_step(
    connection: Connection,
    sku: str,
    site: str,
    step: Step,
    missing: Collection[Lack],
    *,
    first_seen_at: datetime,
    opened_at: datetime | None,
    at: datetime,
) -> None:
    """How far a SKU has come on a site; `since` stays for as long as its step does."""
    told = [{"need": lack.need, "owner": lack.owner, "what": lack.what} for lack in missing]
    fresh = {"step": step, "missing": told, "opened_at": opened_at, "looked_at": at}
    same = sku_gates.c.step == step
    connection.execute(
        insert(sku_gates)
        .values(sku=sku, site=site, first_seen_at=first_seen_at, since=at, **fresh)
        .on_conflict_do_update(
            index_elements=[sku_gates.c.sku, sku_gates.c.site],
            set_={**fresh, "since": case((same, sku_gates.c.since), else_=at)},
        )
    )


def forget_others(connection: Connection, at: datetime) -> None:
    """Drop what this look did not come by: the SKU is in neither system any more."""
    connection.execute(delete(sku_gates).where(sku_gates.c.looked_at < at))


def at_the_gate(connection: Connection, steps: Collection[Step], limit: int) -> Sequence[Row[Any]]:
    """The SKUs at these steps, the longest waiting first."""
    query = select(sku_gates).where(sku_gates.c.step.in_(steps))
    return connection.execute(
        query.order_by(sku_gates.c.since, sku_gates.c.sku, sku_gates.c.site).limit(limit)
    ).all()


def by_step(connection: Connection) -> Mapping[str, int]:
    """How many stand at each step; a SKU counts once for each site."""
    query = select(sku_gates.c.step, func.count()).group_by(sku_gates.c.step)
    return {step: count for step, count in connection.execute(query)}  # noqa: C416 - rows
