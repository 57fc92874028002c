import pytest

from sfcc_cin7.runtime.tables import table


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
