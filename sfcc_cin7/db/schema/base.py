"""The schema and its types.

Amounts are in the currency beside them; quantities are units; times are aware UTC.
"""

from collections.abc import Iterable

from sqlalchemy import DateTime, MetaData, Numeric

SCHEMA = "sfcc_cin7"
"""Of the first brand; `db.brands` has those of others."""
CALLS_SCHEMA = "cin7_calls"
"""What all brands of a database share: who counts calls for an account has to see them all."""

metadata = MetaData(
    schema=SCHEMA,
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    },
)

Instant = DateTime(timezone=True)
Amount = Numeric(20, 4)


def one_of(column: str, words: Iterable[str]) -> str:
    """The condition, as SQL, that a column holds one of some words."""
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} in ({listed})"
