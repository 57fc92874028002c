"""Documents of the ERP that somebody may change behind our back, as they were last read."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, text

from sfcc_cin7.db.schema.base import Instant, metadata

erp_documents = Table(
    "erp_documents",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("document_id", Text, primary_key=True),
    Column("number", Text, nullable=False),  # as people know it
    Column("reference", Text, nullable=False),  # whose it is: the order's key, or what was typed
    Column("updated", Instant),  # as last listed; the ERP's clock
    Column("status", Text),  # as last listed; where the kind is followed by it
    Column("fingerprint", Text, nullable=False),  # of its row as last listed; empty: not listed yet
    Column("known_until", Instant),  # what changed up to here is known; the ERP's clock
    Column("unread_since", Instant),  # when the list showed a change that was not read yet
    Column("tries", Integer, nullable=False, server_default="0"),  # that the ERP refused
    Column("try_after", Instant, nullable=False, server_default=text("'-infinity'")),
    Column("problem", Text),
    Column("proved_at", Instant),  # when an answer to our own write last showed it
    Column("read_at", Instant),  # when its last reading was asked for
    Column("read_no", BigInteger),  # rises with every reading, of any document of the kind
    Column("detail", Text),  # the last reading as JSON, without what is personal
    Index("ix_erp_documents_read_no", "kind", "read_no"),
    Index("ix_erp_documents_reference", "reference"),
    Index(
        "ix_erp_documents_unread",
        "kind",
        "updated",
        postgresql_where=text("unread_since is not null"),
    ),
)
