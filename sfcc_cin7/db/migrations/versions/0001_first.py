"""The first tables. SQL, because later versions of the schema's code must not change them."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

PARTS = ("calls", "orders", "stock", "review", "ledger", "margin", "append_only", "changes")
"""Files of SQL, in an order in which each finds what it refers to."""


def upgrade() -> None:
    folder = Path(__file__).parent / "first"
    for part in PARTS:
        sql = (folder / f"{part}.sql").read_text(encoding="utf-8")
        # Without parameters, the percent signs of messages are only themselves.
        op.get_bind().exec_driver_sql(sql, execution_options={"no_parameters": True})
