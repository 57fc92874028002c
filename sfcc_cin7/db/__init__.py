"""PostgreSQL: schema, migrations, queries, leases. The only place that holds state."""
