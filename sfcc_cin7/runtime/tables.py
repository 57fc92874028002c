"""Tables in the metadata of assets and checks, and the tables in which assets are kept."""

from collections.abc import Iterable, Sequence
from typing import Any

import dagster as dg
from sqlalchemy import Table

Cell = str | int | float


def table(columns: Sequence[str], rows: Iterable[Iterable[Cell]]) -> dg.TableMetadataValue:
    """Rows of cells, in the order of their columns; without rows the columns alone.

    Raises:
        ValueError: a row has more or fewer cells than there are columns.
    """
    records = [dg.TableRecord(dict(zip(columns, row, strict=True))) for row in rows]
    # Dagster takes the types of columns from the first record, and needs a schema without one.
    schema = None if records else dg.TableSchema([dg.TableColumn(name) for name in columns])
    return dg.MetadataValue.table(records, schema=schema)


def kept_in(kept: Table) -> dict[str, Any]:
    """Metadata of an asset that a table of ours keeps: the table's name, its columns and types."""
    columns = [
        dg.TableColumn(
            column.name,
            str(column.type).lower(),
            constraints=dg.TableColumnConstraints(nullable=bool(column.nullable)),
        )
        for column in kept.columns
    ]
    return {
        "dagster/table_name": f"{kept.schema}.{kept.name}",
        "dagster/column_schema": dg.TableSchema(columns),
    }
