"""Alembic's entry: the connection comes from `database.migrate`, which holds the lock."""

from alembic import context

from sfcc_cin7.db.brands import brand_of, schema_of
from sfcc_cin7.db.schema import CALLS_SCHEMA, metadata

connection = context.config.attributes["connection"]
schema = schema_of(brand_of(connection))

context.configure(
    connection=connection,
    target_metadata=metadata,
    version_table_schema=schema,
    include_schemas=True,
    include_name=lambda name, kind, _parents: kind != "schema" or name in (schema, CALLS_SCHEMA),
)
with context.begin_transaction():
    context.run_migrations()
