"""Several brands in one database: a schema for each, and one that counts the calls of all.

A merchant's brand has its own storefront, secrets and operating model, and its own tables. The
first has the schema whose name stands in every statement; a further one has a schema named after
it, and an engine of its own (`speaks_for`) that reads that name as its own in whatever it sends. So
no statement needs to know of brands, and none of a brand reaches the tables of another by mistake.
Values are never touched: they do not travel within the statement. docs/decisions/71 says why.
"""

import re
from typing import Any
from zlib import crc32

from sqlalchemy import Connection, Engine, event

from sfcc_cin7.db.schema import SCHEMA
from sfcc_cin7.values.problems import ConfigurationError

NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")
"""What a brand may be called: it becomes part of names in PostgreSQL and in Dagster."""
_OWN = re.compile(rf"\b{SCHEMA}\.")
_OPTION = "sfcc_cin7_brand"


def checked(brand: str) -> str:
    """The same name; empty is the first brand.

    Raises:
        ConfigurationError: it cannot be one.
    """
    if brand and not NAME.fullmatch(brand):
        raise ConfigurationError(
            f"{brand!r} cannot be the name of a brand: write small letters, digits and _, a letter"
            " first, at most 30 of them (SFCC_CIN7_BRAND)."
        )
    return brand


def schema_of(brand: str) -> str:
    """The schema of a brand; its code location is called the same."""
    return f"{SCHEMA}_{brand}" if brand else SCHEMA


def speaks_for(engine: Engine, brand: str) -> Engine:
    """The same engine, for one brand; for the first nothing changes."""
    if checked(brand):
        engine.update_execution_options(**{_OPTION: brand})
        own = f"{schema_of(brand)}."

        @event.listens_for(engine, "before_cursor_execute", retval=True)
        def _to_its_own_schema(
            _connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any
        ) -> tuple[str, Any]:
            return _OWN.sub(own, statement), parameters

    return engine


def brand_of(speaker: Connection | Engine) -> str:
    """For which brand it speaks; empty for the first."""
    return str(speaker.get_execution_options().get(_OPTION, ""))


def lock_name(speaker: Connection | Engine, name: str) -> str:
    """An advisory lock's name among the brands of a database, which share all its locks."""
    brand = brand_of(speaker)
    return f"{brand} {name}" if brand else name


def lock_class(speaker: Connection | Engine, number: int) -> int:
    """The same for the first of two numbers of a lock: its own for each brand, and positive."""
    brand = brand_of(speaker)
    return 1 << 30 | crc32(f"{number} {brand}".encode()) >> 2 if brand else number
