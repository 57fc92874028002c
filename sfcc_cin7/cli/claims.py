"""What nobody can see from outside, told so that somebody outside can check it.

Both systems together do not show which orders a consolidated sale stands for, nor which orders a
person was told of. `sfcc-cin7 sandbox verify --claims` reads this and believes nothing of it.
"""

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, func, select

from sfcc_cin7.db.schema import batch_shares, order_batches, orders, review_items
from sfcc_cin7.merchant.fulfilment import FulfilmentPolicy
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.values.states import BatchState


def claims(connection: Connection, model: OperatingModel) -> dict[str, Any]:
    """`shares` of authorised consolidated sales by order, `reported`: orders in the inbox, and what
    each site is `told` of: shipments, refunds.

    A share names its `sale` (the ExternalID), `total` and `tax` in the order's currency, and units
    by SKU (`quantities`).
    """
    return {
        "shares": _shares(connection),
        "reported": _reported(connection),
        "told": {site.id: _told(site.fulfilment) for site in model.sites},
    }


def _told(policy: FulfilmentPolicy) -> list[str]:
    if policy.told_by == "nothing":
        return []
    return ["shipments", *(["refunds"] if policy.refunds_attribute else [])]


def _shares(connection: Connection) -> dict[str, Any]:
    units = (
        select(
            orders.c.order_key,
            batch_shares.c.name,
            func.sum(batch_shares.c.quantity).label("quantity"),
        )
        .join(orders, orders.c.order_key == batch_shares.c.order_key)
        .where(orders.c.batch_key == batch_shares.c.batch_key, batch_shares.c.kind == "line")
        .group_by(orders.c.order_key, batch_shares.c.name)
    )
    quantities: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for row in connection.execute(units):
        quantities[row.order_key][row.name] = row.quantity
    members = (
        select(orders.c.order_key, orders.c.batch_key, orders.c.sale_total, orders.c.sale_tax)
        .join(order_batches, order_batches.c.batch_key == orders.c.batch_key)
        .where(
            order_batches.c.authorised_at.is_not(None),
            order_batches.c.state != BatchState.DISSOLVED,
        )
        .order_by(orders.c.order_key)
    )
    return {
        row.order_key: {
            "sale": row.batch_key,
            "total": row.sale_total,
            "tax": row.sale_tax,
            "quantities": quantities[row.order_key],
        }
        for row in connection.execute(members)
    }


def _reported(connection: Connection) -> list[str]:
    query = (
        select(review_items.c.subject)
        .join(orders, orders.c.order_key == review_items.c.subject)
        .where(review_items.c.closed_at.is_(None))
        .distinct()
        .order_by(review_items.c.subject)
    )
    return list(connection.scalars(query))
