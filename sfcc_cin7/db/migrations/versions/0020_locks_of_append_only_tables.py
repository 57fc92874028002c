"""Tables that a role may only append to can be locked by it, through a function of their owner.

LOCK TABLE asks for the right to change a table (PostgreSQL: LOCK), which such a role does not have.
"""

from alembic import op

revision = "0020"
down_revision = "0019"

FUNCTION = """
create function sfcc_cin7.lock_table(name text) returns void language plpgsql
    security definer set search_path = pg_catalog as $$
begin
    case name
        when 'order_events' then lock table sfcc_cin7.order_events in share mode;
        when 'period_closings' then lock table sfcc_cin7.period_closings in exclusive mode;
        when 'journal_batches' then lock table sfcc_cin7.journal_batches in exclusive mode;
        else raise exception 'nobody needs a lock on %', name;
    end case;
end $$;
revoke all on function sfcc_cin7.lock_table(text) from public;
-- It locks the closings of months for whoever posts.
alter function sfcc_cin7.postings_are_of_open_months()
    security definer set search_path = pg_catalog;
"""


def upgrade() -> None:
    op.execute(FUNCTION)
