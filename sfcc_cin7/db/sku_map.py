"""What both systems sell, by SKU, and which tax rules the ERP has."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select

from sfcc_cin7.db.schema import erp_tax_rules, review_items, sku_map

SHOWN_BY_THE_ERP = ("in_erp", "erp_id", "erp_kind", "erp_status")
DECIDES_ABOUT_STOCK = (*SHOWN_BY_THE_ERP, "in_shop", "erp_category", "components", "is_assembled")


def replace_sku_map(
    connection: Connection, rows: Sequence[Mapping[str, object]], at: datetime
) -> None:
    """Put these rows in the place of all that were there.

    They have the columns of `sku_map` but `seen_at`, `erp_changed_at` and `changed_at`. The last
    two are kept where the ERP shows the product, and what decides about its stock is, as before.
    """
    known = {
        row.sku: (row._mapping, row.erp_changed_at, row.changed_at)
        for row in connection.execute(select(sku_map))
    }
    connection.execute(delete(sku_map))
    if rows:
        stamped = []
        for row in rows:
            before, in_erp, decides = known.get(str(row["sku"]), (None, None, None))
            if known and _other(before, row, SHOWN_BY_THE_ERP):
                in_erp = at
            if known and _other(before, row, DECIDES_ABOUT_STOCK):
                decides = at
            stamped.append({**row, "seen_at": at, "erp_changed_at": in_erp, "changed_at": decides})
        connection.execute(insert(sku_map), stamped)


def _other(before: Mapping[Any, Any] | None, row: Mapping[Any, Any], names: Sequence[str]) -> bool:
    return before is None or any(name in row and before[name] != row[name] for name in names)


def changed_in_erp(connection: Connection, skus: Collection[str], since: datetime) -> bool:
    """Whether the ERP shows one of these SKUs, or of the products of these Names (charges are
    named so), otherwise than at that instant."""
    named = or_(sku_map.c.sku.in_(skus), sku_map.c.erp_name.in_(skus))
    query = select(sku_map.c.sku).where(named, sku_map.c.erp_changed_at > since)
    return connection.execute(query.limit(1)).first() is not None


def tax_rule_percent(connection: Connection, name: str) -> Decimal | None:
    """The percentage (0-100) of a tax rule that a sale may use; None when there is none."""
    query = select(erp_tax_rules.c.percent).where(
        erp_tax_rules.c.name == name, erp_tax_rules.c.active
    )
    percent: Decimal | None = connection.scalar(query)
    return percent


def replace_tax_rules(
    connection: Connection, rows: Sequence[Mapping[str, object]], at: datetime
) -> None:
    """Put these rules (`name`, `percent` 0-100, `active`) in the place of all that were there."""
    connection.execute(delete(erp_tax_rules))
    if rows:
        connection.execute(insert(erp_tax_rules), [{**row, "seen_at": at} for row in rows])


def is_filled(connection: Connection) -> bool:
    """Whether both catalogues have ever been read."""
    return connection.execute(select(sku_map.c.sku).limit(1)).first() is not None


def erp_ids(connection: Connection) -> dict[str, str]:
    """The id of every product that the ERP had when the catalogues were last read, by SKU."""
    query = select(sku_map.c.sku, sku_map.c.erp_id).where(sku_map.c.erp_id.is_not(None))
    return {sku: erp_id for sku, erp_id in connection.execute(query)}  # noqa: C416 - rows


def sold_goods(connection: Connection, skus: Collection[str]) -> dict[str, Row[Any]]:
    """What was last read of these SKUs that the storefront has (rows of `sku_map`)."""
    query = select(sku_map).where(sku_map.c.in_shop, sku_map.c.sku == func.any(list(skus)))
    return {row.sku: row for row in connection.execute(query)}


def unknown_skus(connection: Connection, skus: Collection[str]) -> set[str]:
    """Of the given SKUs, those that the ERP lacks; none as long as it has never been asked."""
    if not is_filled(connection):
        return set()
    known = select(sku_map.c.sku).where(sku_map.c.in_erp, sku_map.c.sku.in_(skus))
    return set(skus) - set(connection.scalars(known))


def service_names(connection: Connection, skus: Collection[str]) -> dict[str, str]:
    """Of the given SKUs, those that the ERP keeps as Service products, with their Names."""
    query = select(sku_map.c.sku, sku_map.c.erp_name).where(
        sku_map.c.in_erp, sku_map.c.erp_kind == "Service", sku_map.c.sku.in_(skus)
    )
    return {row.sku: row.erp_name for row in connection.execute(query) if row.erp_name}


def known_tax_rules(connection: Connection) -> frozenset[str] | None:
    """Names of the tax rules that a sale may use; None as long as they have never been read."""
    rules = connection.execute(select(erp_tax_rules.c.name, erp_tax_rules.c.active)).all()
    return frozenset(rule.name for rule in rules if rule.active) if rules else None


def open_codes(connection: Connection, prefixes: Collection[str]) -> dict[str, set[str]]:
    """The codes of open review items, by subject, of subjects that begin with a prefix."""
    query = select(review_items.c.subject, review_items.c.code).where(
        review_items.c.closed_at.is_(None)
    )
    codes: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(query):
        if row.subject.startswith(tuple(prefixes)):
            codes[row.subject].add(row.code)
    return codes


def open_findings(
    connection: Connection, codes: Collection[str]
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Open review items with one of these codes, the oldest first."""
    return connection.execute(
        select(
            review_items.c.subject,
            review_items.c.code,
            review_items.c.sentence,
            review_items.c.expected,
            review_items.c.actual,
            review_items.c.opened_at,
        )
        .where(review_items.c.closed_at.is_(None), review_items.c.code.in_(codes))
        .order_by(review_items.c.opened_at, review_items.c.subject)
    ).all()
