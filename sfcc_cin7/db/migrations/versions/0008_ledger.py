"""The reconciled ledger: chained events, balanced postings, the third leg, what changed since."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

SCHEMA = "sfcc_cin7"


def upgrade() -> None:
    _chain_events()
    _balance_postings()
    _more_about_breaks()
    _storefront_leg()
    _gateway_leg()
    _what_changed()


def _chain_events() -> None:
    """Each event names the hash of the one before it of the same order, and has one of its own."""
    op.add_column("order_events", sa.Column("previous_hash", sa.LargeBinary()), schema=SCHEMA)
    op.add_column("order_events", sa.Column("hash", sa.LargeBinary()), schema=SCHEMA)
    op.execute(
        """
        create function sfcc_cin7.event_hash(event sfcc_cin7.order_events) returns bytea
        language sql stable as $$
            select sha256(convert_to(jsonb_build_array(
                coalesce(encode(event.previous_hash, 'hex'), ''), event.id, event.order_key,
                to_char(event.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
                event.kind, event.detail, event.run_id
            )::text, 'UTF8'))
        $$
        """
    )
    op.execute(
        """
        create function sfcc_cin7.chain_event() returns trigger language plpgsql as $$
        begin
            select hash into new.previous_hash from sfcc_cin7.order_events
            where order_key = new.order_key order by id desc limit 1;
            new.hash := sfcc_cin7.event_hash(new);
            return new;
        end $$
        """
    )
    op.execute("alter table sfcc_cin7.order_events disable trigger append_only")
    op.execute(
        """
        do $$
        declare
            event sfcc_cin7.order_events;
            last_key text;
            last_hash bytea;
        begin
            for event in select * from sfcc_cin7.order_events order by order_key, id loop
                event.previous_hash := case when event.order_key = last_key then last_hash end;
                last_key := event.order_key;
                last_hash := sfcc_cin7.event_hash(event);
                update sfcc_cin7.order_events
                set previous_hash = event.previous_hash, hash = last_hash where id = event.id;
            end loop;
        end $$
        """
    )
    op.execute("alter table sfcc_cin7.order_events enable trigger append_only")
    op.alter_column("order_events", "hash", nullable=False, schema=SCHEMA)
    op.execute(
        "create trigger chained before insert on sfcc_cin7.order_events"
        " for each row execute function sfcc_cin7.chain_event()"
    )
    op.drop_index("ix_order_events_order_key", "order_events", schema=SCHEMA)
    op.create_index(
        "ix_order_events_order_key_id", "order_events", ["order_key", "id"], schema=SCHEMA
    )
    op.create_table(
        "event_anchors",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_event", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_anchors")),
        schema=SCHEMA,
    )
    _append_only("event_anchors")


def _append_only(table: str) -> None:
    op.execute(
        f"create trigger append_only before update or delete on sfcc_cin7.{table}"
        " for each statement execute function sfcc_cin7.refuse_change()"
    )


def _balance_postings() -> None:
    """Every statement that posts must balance, so the books do at every moment.

    Postings are never changed, so sums of zero added to sums of zero are all there is to check; a
    deferred constraint would let a transaction go on with crooked books and look at each row.
    """
    for column in (
        sa.Column("reason", sa.Text(), server_default="as the source states", nullable=False),
        sa.Column("author", sa.Text(), server_default="ledger", nullable=False),
    ):
        op.add_column("postings", column, schema=SCHEMA)
    op.execute(
        """
        create function sfcc_cin7.postings_balance() returns trigger language plpgsql as $$
        declare
            crooked record;
        begin
            select order_key, leg, currency, sum(amount) as amount into crooked
            from added group by order_key, leg, currency having sum(amount) <> 0 limit 1;
            if found then
                raise exception 'postings of % (%, %) do not sum to zero but to %',
                    crooked.order_key, crooked.leg, crooked.currency, crooked.amount
                    using errcode = 'check_violation';
            end if;
            return null;
        end $$
        """
    )
    op.execute(
        "create trigger balanced after insert on sfcc_cin7.postings"
        " referencing new table as added"
        " for each statement execute function sfcc_cin7.postings_balance()"
    )


def _more_about_breaks() -> None:
    for column in (
        sa.Column("leg", sa.Text(), server_default="erp", nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("closed_because", sa.Text(), nullable=True),
    ):
        op.add_column("breaks", column, schema=SCHEMA)
    op.drop_index("uq_breaks_open", "breaks", schema=SCHEMA)
    op.create_index(
        "uq_breaks_open",
        "breaks",
        ["order_key", "class", "leg"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("closed_at is null"),
    )


def _storefront_leg() -> None:
    instant = sa.DateTime(timezone=True)
    amount = sa.Numeric(precision=20, scale=4)
    op.create_table(
        "captured_orders",
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("document_hash", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", amount, nullable=False),
        sa.Column("tax", amount, nullable=True),
        sa.Column("certificates_sold", amount, nullable=False),
        sa.Column("certificates_spent", amount, nullable=False),
        sa.PrimaryKeyConstraint("order_key", name=op.f("pk_captured_orders")),
        schema=SCHEMA,
    )
    op.create_index("ix_captured_orders_day", "captured_orders", ["day"], schema=SCHEMA)
    op.create_table(
        "captured_payments",
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", amount, nullable=True),
        sa.Column("most_fee", amount, nullable=True),
        sa.Column("captured_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("order_key", "payment_id", name=op.f("pk_captured_payments")),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_captured_payments_reference", "captured_payments", ["reference"], schema=SCHEMA
    )
    for name in ("rounding", "credited"):
        op.add_column(
            "erp_sales",
            sa.Column(name, amount, server_default="0", nullable=False),
            schema=SCHEMA,
        )
    op.create_table(
        "order_legs",
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        *(
            sa.Column(name, amount, nullable=False)
            for name in ("captured", "captured_tax", "booked", "booked_tax", "due", "settled")
        ),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("order_key", name=op.f("pk_order_legs")),
        schema=SCHEMA,
    )
    op.create_table(
        "day_digests",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("orders", sa.BigInteger(), nullable=False),
        sa.Column("differing", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, amount, nullable=False)
            for name in ("captured", "captured_tax", "booked", "booked_tax", "due", "settled")
        ),
        sa.Column("fingerprint", sa.Numeric(), nullable=False),
        sa.PrimaryKeyConstraint("site", "day", "currency", name=op.f("pk_day_digests")),
        schema=SCHEMA,
    )


def _gateway_leg() -> None:
    instant = sa.DateTime(timezone=True)
    amount = sa.Numeric(precision=20, scale=4)
    op.create_table(
        "payout_reports",
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("read_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("gateway", "name", name=op.f("pk_payout_reports")),
        schema=SCHEMA,
    )
    op.create_table(
        "payout_lines",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("line_key", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payment_reference", sa.Text(), nullable=False),
        sa.Column("merchant_reference", sa.Text(), nullable=False),
        sa.Column("order_key", sa.Text(), nullable=True),
        sa.Column("payment_id", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("gross", amount, nullable=False),
        sa.Column("settled_currency", sa.Text(), nullable=False),
        sa.Column("fee", amount, nullable=False),
        sa.Column("net", amount, nullable=False),
        sa.Column("occurred_at", instant, nullable=False),
        sa.Column("payout_id", sa.Text(), nullable=False),
        sa.Column("read_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_lines")),
        schema=SCHEMA,
    )
    op.create_index(
        "uq_payout_lines_line_key",
        "payout_lines",
        ["gateway", "line_key"],
        unique=True,
        schema=SCHEMA,
    )
    op.create_index("ix_payout_lines_order_key", "payout_lines", ["order_key"], schema=SCHEMA)
    op.create_index(
        "ix_payout_lines_payout_id", "payout_lines", ["gateway", "payout_id"], schema=SCHEMA
    )
    op.create_index(
        "ix_payout_lines_unmatched",
        "payout_lines",
        ["payment_reference"],
        schema=SCHEMA,
        postgresql_where=sa.text("order_key is null"),
    )
    op.create_table(
        "payouts",
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("payout_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", amount, nullable=False),
        sa.Column("paid_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("gateway", "payout_id", "currency", name=op.f("pk_payouts")),
        schema=SCHEMA,
    )


def _what_changed() -> None:
    """Whoever changes a leg leaves the order's key: nobody can forget, nobody waits for another.

    Not one row for an order but one for a change: two writers would wait for each other on a
    unique key, and the order lane must never wait for the ledger.
    """
    op.create_table(
        "order_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("'-infinity'"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_changes")),
        schema=SCHEMA,
    )
    op.create_index("ix_order_changes_due_at", "order_changes", ["due_at"], schema=SCHEMA)
    op.create_index("ix_order_changes_order_key", "order_changes", ["order_key"], schema=SCHEMA)
    op.execute(
        """
        create function sfcc_cin7.note_change() returns trigger language plpgsql as $$
        begin
            if tg_table_name = 'orders' then
                insert into sfcc_cin7.order_changes (order_key) values (new.order_key);
            elsif tg_table_name = 'erp_sales' then
                insert into sfcc_cin7.order_changes (order_key) values (new.external_id);
            else
                if new.order_key is not null then
                    insert into sfcc_cin7.order_changes (order_key) values (new.order_key);
                end if;
                if tg_op = 'UPDATE' and old.order_key is distinct from new.order_key
                    and old.order_key is not null then
                    insert into sfcc_cin7.order_changes (order_key) values (old.order_key);
                end if;
                if new.order_key is null
                    or (tg_op = 'UPDATE' and old.order_key is distinct from new.order_key) then
                    insert into sfcc_cin7.order_changes (order_key)
                    values ('payout:' || new.gateway || ':' || new.line_key);
                end if;
            end if;
            return null;
        end $$
        """
    )
    noted = ("state", "shop_status", "document_hash", "order_total", "currency", "sale_id",
             "sale_total", "sale_tax", "batch_key")  # fmt: skip
    before = ", ".join(f"old.{name}" for name in noted)
    after = ", ".join(f"new.{name}" for name in noted)
    op.execute(
        "create trigger noted_new after insert on sfcc_cin7.orders"
        " for each row execute function sfcc_cin7.note_change()"
    )
    op.execute(
        f"create trigger noted after update of {', '.join(noted)} on sfcc_cin7.orders"
        f" for each row when (({before}) is distinct from ({after}))"
        " execute function sfcc_cin7.note_change()"
    )
    for table in ("erp_sales", "payout_lines"):
        op.execute(
            f"create trigger noted after insert or update on sfcc_cin7.{table}"
            " for each row execute function sfcc_cin7.note_change()"
        )
    op.execute(
        "insert into sfcc_cin7.order_changes (order_key)"
        " select order_key from sfcc_cin7.orders"
        " union select external_id from sfcc_cin7.erp_sales"
    )
