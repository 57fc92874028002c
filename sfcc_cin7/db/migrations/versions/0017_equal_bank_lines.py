"""Lines of the bank know the number of their statement, and their keys no word of the bank's."""

from alembic import op

revision = "0017"
down_revision = "0016"

REKEYED = """
create temporary table rekeyed on commit drop as
select account, line_key as was, concat_ws('/', substring(line_key from '^[^/]*/[^/]*'), currency,
    left(encode(sha256(convert_to(
        substring(line_key from '^[^/]*/[^/]*/(.*)/[0-9]+$'), 'UTF8')), 'hex'), 16),
    substring(line_key from '[0-9]+$')) as becomes
from sfcc_cin7.bank_lines;
update sfcc_cin7.breaks b set order_key = concat_ws(':', 'bank', r.account, r.becomes)
from rekeyed r where b.leg = 'bank' and b.order_key = concat_ws(':', 'bank', r.account, r.was);
update sfcc_cin7.bank_lines l set line_key = r.becomes
from rekeyed r where l.account = r.account and l.line_key = r.was;
drop table rekeyed;
"""


def upgrade() -> None:
    op.execute("alter table sfcc_cin7.bank_lines add column number text not null default ''")
    op.execute("alter table sfcc_cin7.bank_lines alter column number drop default")
    op.execute("""
        alter table sfcc_cin7.bank_balances drop constraint pk_bank_balances;
        alter table sfcc_cin7.bank_balances add constraint pk_bank_balances
            primary key (statement, account, number, currency)
    """)
    op.execute(REKEYED)
    # each file is read once more: what was dropped as a repetition is found again
    op.execute("update sfcc_cin7.bank_statements set content_hash = ''")
