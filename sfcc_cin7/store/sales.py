"""The image of the ERP's sales, as their last answers showed them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from sfcc_cin7.store.schema import erp_sales


def save_sale(connection: Connection, sale: Mapping[str, Any]) -> None:
    """Keep the image of one sale (columns of `erp_sales`)."""
    statement = insert(erp_sales).values(sale)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[erp_sales.c.sale_id],
            set_={column: statement.excluded[column] for column in sale if column != "sale_id"},
        )
    )
