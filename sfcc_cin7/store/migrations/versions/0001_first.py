"""First tables."""

from alembic import op

from sfcc_cin7.store.schema import APPEND_ONLY, SCHEMA, metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
    op.execute(
        f"""
        create function {SCHEMA}.refuse_change() returns trigger language plpgsql as $$
        begin
            raise exception '% is append-only: add a correction instead', tg_table_name;
        end $$
        """
    )
    for table in APPEND_ONLY:
        op.execute(
            f"create trigger append_only before update or delete on {SCHEMA}.{table}"
            f" for each statement execute function {SCHEMA}.refuse_change()"
        )
