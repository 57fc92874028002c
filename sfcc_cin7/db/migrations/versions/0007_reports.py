"""Lines and transfers belong to their report, and a report says how complete it is."""

from alembic import op

revision = "0007"
down_revision = "0006"

UP = """
alter table sfcc_cin7.payout_reports
    add column standing text not null default 'final',
    add column note text not null default '',
    add constraint ck_payout_reports_standing
        check (standing in ('final', 'provisional', 'incomplete', 'refused'));
alter table sfcc_cin7.payout_lines
    add column other_references text[] not null default '{}',
    alter column gross type numeric(24,8),
    alter column fee type numeric(24,8),
    alter column net type numeric(24,8);
create index ix_payout_lines_payment_reference on sfcc_cin7.payout_lines (payment_reference);
create index ix_payout_lines_report on sfcc_cin7.payout_lines (gateway, report);
alter table sfcc_cin7.payouts
    add column transfer_key text not null default '',
    add column report text not null default '',
    add column itemised boolean not null default true,
    drop constraint pk_payouts,
    add constraint pk_payouts primary key (gateway, payout_id, currency, transfer_key);
create trigger noted_gone after delete on sfcc_cin7.payout_lines
    for each row execute function sfcc_cin7.note_gone();
-- What was read is read anew: keys, references and standings are others now.
update sfcc_cin7.payout_reports
set content_hash = '', standing = 'provisional', note = 'It is to be read anew.';
"""
GONE = """
create function sfcc_cin7.note_gone() returns trigger language plpgsql as $$
        begin
            insert into sfcc_cin7.order_changes (order_key)
            values (coalesce(old.order_key, 'payout:' || old.gateway || ':' || old.line_key));
            return null;
        end $$
"""


def upgrade() -> None:
    op.execute(GONE)
    op.execute(UP)
