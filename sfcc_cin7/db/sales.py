"""The image of the ERP's sales, as their last answers showed them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, select
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert

from sfcc_cin7.db.schema import erp_sale_lines, erp_sales, order_changes


def save_sale(connection: Connection, sale: Mapping[str, Any]) -> None:
    """Keep the image of one sale (columns of `erp_sales`).

    The database notes the order that it names now; the one that it named before is noted here.
    """
    _note_orders(
        connection,
        erp_sales.c.sale_id == sale["sale_id"],
        erp_sales.c.external_id != sale["external_id"],
    )
    statement = insert(erp_sales).values(sale)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[erp_sales.c.sale_id],
            set_={column: statement.excluded[column] for column in sale if column != "sale_id"},
        )
    )


def gaps_of(connection: Connection, sale_id: str) -> list[dict[str, Any]]:
    """What did not agree about the goods of a sale by its last reading: `kind`, `amount`,
    `since`."""
    query = select(erp_sales.c.gaps).where(erp_sales.c.sale_id == sale_id)
    return connection.scalar(query) or []


def forget_sales(connection: Connection, sale_ids: Collection[str]) -> None:
    """Sales that name no order of ours any more; the next pass looks at those that they named."""
    gone = erp_sales.c.sale_id.in_(sale_ids)
    _note_orders(connection, gone)
    connection.execute(delete(erp_sale_lines).where(erp_sale_lines.c.sale_id.in_(sale_ids)))
    connection.execute(delete(erp_sales).where(gone))


def _note_orders(connection: Connection, *of_sales: ColumnElement[bool]) -> None:
    named = select(erp_sales.c.external_id).where(*of_sales)
    connection.execute(plain_insert(order_changes).from_select(["order_key"], named))


def save_sale_lines(
    connection: Connection, sale_id: str, lines: Sequence[Mapping[str, Any]]
) -> None:
    """Keep the lines of one sale (columns of `erp_sale_lines`) in the place of all that it had."""
    connection.execute(delete(erp_sale_lines).where(erp_sale_lines.c.sale_id == sale_id))
    if lines:
        rows = [{**line, "sale_id": sale_id} for line in lines]
        connection.execute(plain_insert(erp_sale_lines), rows)
