"""Tables in the metadata of assets and checks."""

from collections.abc import Iterable, Sequence

import dagster as dg

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
