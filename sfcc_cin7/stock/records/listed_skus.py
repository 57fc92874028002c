"""What a decision about stock takes from catalogue and orders. Quantities are units."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    DateTime,
    Select,
    Text,
    and_,
    case,
    cast,
    column,
    func,
    or_,
    select,
    true,
    union_all,
)

from sfcc_cin7.db.schema import (
    is_under_way,
    last_touched,
    order_units,
    orders,
    published_stock,
    review_items,
    sku_map,
)
from sfcc_cin7.merchant.stock import ScopedRule
from sfcc_cin7.stock.deciding.assemblies import Assembly

GOODS, NOT_OURS = "Stock", "not ours"
"""The kind of product that Cin7 keeps stock of; of others no figure is ours, of the second kind
because the merchant says so."""


def is_catalogue_known(connection: Connection) -> bool:
    """Whether the catalogues were ever read."""
    return connection.execute(select(sku_map.c.sku).limit(1)).first() is not None


def sellable_skus(
    connection: Connection, skus: Collection[str] | None = None, kits: Collection[str] = ()
) -> set[str]:
    """SKUs of goods that both systems know, and the shop's kits; of these SKUs, or of all."""
    query = select(sku_map.c.sku).where(_is_sellable(kits))
    if skus is not None:
        query = query.where(sku_map.c.sku == func.any(list(skus)))
    return set(connection.scalars(query))


def _is_sellable(kits: Collection[str]) -> Any:
    is_good = and_(sku_map.c.in_erp, func.coalesce(sku_map.c.erp_kind, GOODS) == GOODS)
    return and_(sku_map.c.in_shop, or_(is_good, sku_map.c.sku.in_(kits)))


def skus_ordered_since(connection: Connection, sites: Collection[str], since: datetime) -> set[str]:
    """SKUs of orders on their way, or that something happened to since then."""
    query = select(order_units.c.sku).distinct().where(_is_of_recent_order(sites, since))
    return set(connection.scalars(query))


def skus_changed_in_catalogue(connection: Connection, since: datetime) -> set[str]:
    """SKUs that came, came back or became something else in a catalogue read since then."""
    return set(connection.scalars(select(sku_map.c.sku).where(sku_map.c.changed_at >= since)))


def skus_waiting(connection: Connection, list_id: str, kits: Collection[str] = ()) -> set[str]:
    """SKUs of which something is still to be published: those that wait, and those never told."""
    waiting = select(published_stock.c.sku).where(
        published_stock.c.list_id == list_id,
        or_(
            published_stock.c.waiting_since.is_not(None),
            published_stock.c.sent_reset_at.is_not(None),
        ),
    )
    here = and_(published_stock.c.list_id == list_id, published_stock.c.sku == sku_map.c.sku)
    never = (
        select(sku_map.c.sku)
        .outerjoin(published_stock, here)
        .where(published_stock.c.sku.is_(None), _is_sellable(kits))
    )
    return set(connection.scalars(waiting)) | set(connection.scalars(never))


def lost_skus(
    connection: Connection,
    list_id: str,
    skus: Collection[str] | None = None,
    kits: Collection[str] = (),
) -> set[str]:
    """SKUs that a list was told of, that the storefront has, and that the ERP has no more: renamed
    or deleted there. Of these SKUs, or of all."""
    query = (
        select(sku_map.c.sku)
        .join(published_stock, published_stock.c.sku == sku_map.c.sku)
        .where(published_stock.c.list_id == list_id, _is_lost(kits))
    )
    if skus is not None:
        query = query.where(sku_map.c.sku == func.any(list(skus)))
    return set(connection.scalars(query))


def _is_lost(kits: Collection[str]) -> Any:
    return and_(sku_map.c.in_shop, ~sku_map.c.in_erp, sku_map.c.sku.not_in(kits))


def skus_of_rules(
    connection: Connection, rules: Collection[ScopedRule], kits: Collection[str] = ()
) -> set[str]:
    """SKUs that one of these rules may be about, in some list."""
    if any(not rule.skus and not rule.categories for rule in rules):
        return sellable_skus(connection, None, kits)
    of_categories = [name for rule in rules if not rule.skus for name in rule.categories]
    query = select(sku_map.c.sku).where(sku_map.c.erp_category.in_(of_categories))
    return {sku for rule in rules for sku in rule.skus} | set(connection.scalars(query))


def no_longer_sold(
    connection: Connection, list_id: str, kits: Collection[str] = ()
) -> dict[str, bool]:
    """SKUs that a list was told of and that are not decided about any more, because the storefront
    has given them up: whether one of them still waits to be published."""
    columns = published_stock.c
    query = (
        select(columns.sku, columns.waiting_since.is_not(None))
        .outerjoin(sku_map, sku_map.c.sku == columns.sku)
        .where(
            columns.list_id == list_id,
            or_(_is_sellable(kits), _is_lost(kits)).is_not(true()),
        )
    )
    return {sku: waits for sku, waits in connection.execute(query)}  # noqa: C416 - rows


def categories(connection: Connection, skus: Collection[str]) -> dict[str, str]:
    """The ERP's category of each of these SKUs that has one."""
    query = select(sku_map.c.sku, sku_map.c.erp_category).where(
        sku_map.c.sku == func.any(list(skus)), sku_map.c.erp_category.is_not(None)
    )
    return {sku: category for sku, category in connection.execute(query)}  # noqa: C416 - rows


def assemblies(connection: Connection) -> dict[str, Assembly]:
    """What the ERP makes at an order, or takes apart for one, by SKU."""
    columns = sku_map.c
    query = select(columns.sku, columns.components, columns.is_assembled).where(
        columns.components.is_not(None), func.coalesce(columns.erp_status, "") != "Deprecated"
    )
    return {
        row.sku: Assembly(
            {sku: Decimal(units) for sku, units in row.components.items()}, row.is_assembled
        )
        for row in connection.execute(query)
    }


def deprecated_skus(connection: Connection, skus: Collection[str]) -> set[str]:
    """Of these SKUs, those that the ERP lists no stock of, whatever it has."""
    query = select(sku_map.c.sku).where(
        sku_map.c.sku == func.any(list(skus)), sku_map.c.erp_status == "Deprecated"
    )
    return set(connection.scalars(query))


def orders_by_sku(
    connection: Connection,
    sites: Collection[str],
    since: datetime,
    skus: Collection[str] | None = None,
) -> dict[str, list[Any]]:
    """Units of orders that are recent or not exported yet, by SKU.

    Rows hold `units`, `booked`, `created_at`, `authorised_at`, `exported_at` and `cancelled_by`.
    """
    query = _units_ordered(sites, since)
    if skus is not None:
        query = query.where(order_units.c.sku == func.any(list(skus)))
    return _by_sku(connection, query)


def orders_by_sku_since(
    connection: Connection, sites: Collection[str], since: Mapping[str, datetime]
) -> dict[str, list[Any]]:
    """The same of these SKUs, of each since its own instant: what sells fast is not read for as
    long as what hardly sells."""
    instants = cast(list(since.values()), ARRAY(DateTime(timezone=True)))
    asked = (
        func.unnest(cast(list(since), ARRAY(Text)), instants)
        .table_valued(column("sku", Text), column("since", DateTime(timezone=True)))
        .render_derived()
    )
    query = (
        _units_ordered(sites, min(since.values()))
        .join(asked, asked.c.sku == order_units.c.sku)
        .where(or_(last_touched >= asked.c.since, is_under_way))
    )
    return _by_sku(connection, query)


def _units_ordered(sites: Collection[str], since: datetime) -> Select[Any]:
    cancelled = orders.c.shop_status == "cancelled"
    return (
        select(
            order_units.c.sku,
            order_units.c.units,
            order_units.c.booked,
            orders.c.created_at,
            orders.c.authorised_at,
            orders.c.exported_at,
            case((cancelled, orders.c.modified_at)).label("cancelled_by"),
        )
        .join(orders, orders.c.order_key == order_units.c.order_key)
        .where(_is_of_recent_order(sites, since))
    )


def _is_of_recent_order(sites: Collection[str], since: datetime) -> ColumnElement[bool]:
    """Whether units are of an order that is on its way, that something happened to since then, or
    that waits for a person and has no sale, as one that was exported, cancelled and reinstated.

    The orders come first, as an array: a join might begin at all units of a SKU that ever were.
    """
    here = select(orders.c.order_key).where(orders.c.site.in_(sites))
    asked_about = select(review_items.c.subject).where(
        or_(review_items.c.closed_at.is_(None), review_items.c.waived_until.is_not(None))
    )
    waits = here.where(
        orders.c.order_key == func.any(func.array(asked_about.scalar_subquery())),
        orders.c.authorised_at.is_(None),
        orders.c.shop_status != "cancelled",
    )
    recent = union_all(here.where(last_touched >= since), here.where(is_under_way), waits)
    return order_units.c.order_key == func.any(func.array(recent.scalar_subquery()))


def _by_sku(connection: Connection, query: Select[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.sku].append(row)
    return found


def known_orders(connection: Connection, site: str, numbers: Collection[str]) -> set[str]:
    """Of the given order numbers of a site, those that were received."""
    query = select(orders.c.order_no).where(orders.c.site == site, orders.c.order_no.in_(numbers))
    return set(connection.scalars(query))


def open_subjects(connection: Connection, code: str) -> list[str]:
    """Subjects of open review items with this code."""
    query = select(review_items.c.subject).where(
        review_items.c.code == code, review_items.c.closed_at.is_(None)
    )
    return list(connection.scalars(query))
