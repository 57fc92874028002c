import pytest

from sfcc_cin7.db.schema import published_stock
from sfcc_cin7.runtime.tables import kept_in, table


def test_a_table_shows_its_rows_under_its_columns() -> None:
    shown = table(("SKU", "units"), [("A", 1), ("B", 2)])
    assert [record.data for record in shown.records] == [
        {"SKU": "A", "units": 1},
        {"SKU": "B", "units": 2},
    ]
    assert [(column.name, column.type) for column in shown.schema.columns] == [
        ("SKU", "string"),
        ("units", "int"),
    ]


def test_a_table_without_rows_still_says_what_it_would_show() -> None:
    assert [column.name for column in table(("SKU", "units"), []).schema.columns] == [
        "SKU",
        "units",
    ]


def test_a_row_that_does_not_fit_its_columns_is_a_mistake_and_not_a_table() -> None:
    with pytest.raises(ValueError, match="zip"):
        table(("SKU", "units"), [("A",)])


def test_an_asset_says_in_which_table_it_is_kept_and_what_its_columns_hold() -> None:
    kept = kept_in(published_stock)
    assert kept["dagster/table_name"] == "sfcc_cin7.published_stock"
    columns = {each.name: each for each in kept["dagster/column_schema"].columns}
    assert columns["sku"].type == "text"
    assert not columns["sku"].constraints.nullable
    assert columns.keys() == {column.name for column in published_stock.columns}
