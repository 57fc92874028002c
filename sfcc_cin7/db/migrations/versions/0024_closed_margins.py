"""What each site had earned in a month when it was closed is kept."""

from alembic import op

revision = "0024"
down_revision = "0023"

KEPT = """
create table sfcc_cin7.closed_margins (
    closing_id bigint not null,
    site text not null,
    currency text not null,
    revenue numeric(20,4) not null,
    cost numeric(20,4) not null,
    unknown numeric(20,4) not null,
    constraint pk_closed_margins primary key (closing_id, site, currency)
);
-- Months that are closed already are kept as they are now.
insert into sfcc_cin7.closed_margins
select c.id, d.site, d.currency, sum(d.revenue), sum(d.cost), sum(d.unknown)
from (
    select distinct on (month) id, month, kind from sfcc_cin7.period_closings
    order by month, id desc
) c join sfcc_cin7.margin_days d on substr(d.day, 1, 7) = c.month
where c.kind = 'closed' group by 1, 2, 3;
"""
APPEND_ONLY = """
create trigger append_only before update or delete on sfcc_cin7.closed_margins
    for each statement execute function sfcc_cin7.refuse_change();
create trigger never_emptied before truncate on sfcc_cin7.closed_margins
    for each statement execute function sfcc_cin7.refuse_change();
alter table sfcc_cin7.closed_margins
    enable always trigger append_only,
    enable always trigger never_emptied;
"""


def upgrade() -> None:
    op.execute(KEPT)
    op.execute(APPEND_ONLY)
