"""Gives orders up for good, with who did so and why."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Engine, or_, select, update

from sfcc_cin7.db.schema import orders, review_items
from sfcc_cin7.inbox.action import Author
from sfcc_cin7.inbox.inbox import close_items, record
from sfcc_cin7.values.states import OrderState


def decline(
    engine: Engine,
    at: datetime,
    order_keys: Collection[str],
    code: str | None,
    author: Author,
) -> dict[str, str | None]:
    """Decline orders in review, by key or by the code of an open item; those that were, each with
    the number of the sale that it has in the ERP, which stays there.

    An order stays declined until the storefront changes it, or somebody retries it by its key. The
    books show it as missing in the ERP until a sale has its ExternalID or the storefront cancels
    it, and its units stay held back from sale.
    """
    waits_for_code = select(review_items.c.subject).where(
        review_items.c.code == code, review_items.c.closed_at.is_(None)
    )
    chosen = or_(
        orders.c.order_key.in_(order_keys), orders.c.order_key.in_(waits_for_code.scalar_subquery())
    )
    with engine.begin() as connection:
        rows = connection.execute(
            update(orders)
            .where(orders.c.state == OrderState.IN_REVIEW, chosen)
            .values(state=OrderState.DECLINED)
            .returning(orders.c.order_key, orders.c.sale_number)
        )
        declined = {row.order_key: row.sale_number for row in sorted(rows)}
        record(connection, declined, OrderState.DECLINED, at, author.by, author.because)
        for key in declined:
            close_items(connection, key, at, f"declined by {author.by}: {author.because}")
    return declined
