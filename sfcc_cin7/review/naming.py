"""Orders as people name them: by the key, or by the number that the shop and the inbox show."""

from collections.abc import Iterable

from sqlalchemy import Engine, select

from sfcc_cin7.db.schema import orders
from sfcc_cin7.inbox.action import ActionRefused


def keys_of(engine: Engine, named: Iterable[str]) -> list[str]:
    """The key of each; `00000001` and `00000001 (Alpenglow UK)` are numbers. What is no order's
    number stays as it is: whoever acts on it says that it is not known.

    Raises:
        ActionRefused: several sites have an order of that number.
    """
    keys = []
    with engine.connect() as connection:
        for name in named:
            number = name.split(" (")[0].strip()
            query = select(orders.c.order_key).where(orders.c.order_no == number)
            found = [] if ":" in number else sorted(connection.scalars(query))
            if len(found) > 1:
                raise ActionRefused(f"Several sites have {number}: name {' or '.join(found)}.")
            keys += found or [name.strip()]
    return keys
