"""Cards of shoppers that we have seen in the ERP, so that a known shopper costs no call."""

from datetime import datetime

from sqlalchemy import Connection, Row, delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from sfcc_cin7.db.brands import lock_name
from sfcc_cin7.db.schema import shopper_cards


def hold(connection: Connection, name: str) -> bool:
    """Whether this transaction alone may create the card of this name, until it ends."""
    lock = func.hashtextextended(lock_name(connection, f"sfcc_cin7 card {name}"), 0)
    return bool(connection.scalar(select(func.pg_try_advisory_xact_lock(lock))))


def known_card(connection: Connection, name: str) -> Row[*tuple[str | None, ...]] | None:
    """(`customer_id`, `currency`) of a card that we have seen; None if we have not."""
    query = select(shopper_cards.c.customer_id, shopper_cards.c.currency).where(
        shopper_cards.c.name == name, shopper_cards.c.customer_id.is_not(None)
    )
    return connection.execute(query).first()


def creating_since(connection: Connection, name: str) -> datetime | None:
    """When a creation was begun whose end is not known."""
    return connection.scalar(
        select(shopper_cards.c.creating_at).where(shopper_cards.c.name == name)
    )


def begin_creating(connection: Connection, name: str, at: datetime) -> None:
    """Remember, before the card is sent, that it may exist from now on."""
    statement = upsert(shopper_cards).values(name=name, creating_at=at)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[shopper_cards.c.name],
            set_={"creating_at": statement.excluded.creating_at},
        )
    )


def forget_card(connection: Connection, name: str) -> None:
    """The next order looks the card up again."""
    connection.execute(delete(shopper_cards).where(shopper_cards.c.name == name))


def keep_card(
    connection: Connection, name: str, customer_id: str, currency: str, at: datetime
) -> None:
    """Remember a card as it was just seen."""
    card = {"customer_id": customer_id, "currency": currency, "creating_at": None, "seen_at": at}
    connection.execute(
        upsert(shopper_cards)
        .values(name=name, **card)
        .on_conflict_do_update(index_elements=[shopper_cards.c.name], set_=card)
    )
