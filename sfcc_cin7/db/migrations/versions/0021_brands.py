"""Calls are counted in one schema that all brands of a database share.

Views keep the former names, so that processes of the version before go on while they are replaced.
"""

from alembic import op

revision = "0021"
down_revision = "0020"

TABLES = ("call_applications", "call_slots", "call_waits", "call_usage")


def upgrade() -> None:
    op.execute("create schema if not exists cin7_calls")
    op.execute("""
        create table sfcc_cin7.call_budgets (
            application text not null,
            constraint pk_call_budgets primary key (application)
        );
        insert into sfcc_cin7.call_budgets select application from sfcc_cin7.call_applications
    """)
    for table in TABLES:
        # the first brand brings its tables along; a further one finds them there
        op.execute(f"""
            do $$ begin
                if to_regclass('cin7_calls.{table}') is null then
                    alter table sfcc_cin7.{table} set schema cin7_calls;
                else
                    drop table sfcc_cin7.{table};
                end if;
            end $$;
            create view sfcc_cin7.{table} as select * from cin7_calls.{table}
        """)  # noqa: S608 - our own names
    op.execute("alter table cin7_calls.call_applications add column if not exists account text")
