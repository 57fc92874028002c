"""What left of sales, and what does not agree with their invoices and credit notes."""

from alembic import op

revision = "0015"
down_revision = "0014"

GOODS = """
alter table sfcc_cin7.erp_sales add column gaps jsonb not null default '[]';
alter table sfcc_cin7.erp_sales add column shipments jsonb not null default '[]';
alter table sfcc_cin7.erp_sales add column whole_on text;
-- What left is in what was read of sales, so the ledger takes every reading once more; what was
-- invoiced was not kept, and comes with the next reading of a sale.
delete from sfcc_cin7.cursors where name = 'erp.taken:sale:ledger';
"""


def upgrade() -> None:
    op.execute(GOODS)
