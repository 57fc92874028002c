"""The image of the ERP's sales, as their last answers showed them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert

from sfcc_cin7.store.schema import erp_sale_lines, erp_sales


def save_sale(connection: Connection, sale: Mapping[str, Any]) -> None:
    """Keep the image of one sale (columns of `erp_sales`)."""
    statement = insert(erp_sales).values(sale)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[erp_sales.c.sale_id],
            set_={column: statement.excluded[column] for column in sale if column != "sale_id"},
        )
    )


def save_sale_lines(
    connection: Connection, sale_id: str, lines: Sequence[Mapping[str, Any]]
) -> None:
    """Keep the lines of one sale (columns of `erp_sale_lines`) in the place of all that it had."""
    connection.execute(delete(erp_sale_lines).where(erp_sale_lines.c.sale_id == sale_id))
    if lines:
        rows = [{**line, "sale_id": sale_id} for line in lines]
        connection.execute(plain_insert(erp_sale_lines), rows)
