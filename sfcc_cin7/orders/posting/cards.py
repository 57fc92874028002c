"""Finds the customer that a sale is booked to, and creates a shopper's card at the first order.

A shopper whose card we have seen costs no call, a new one two: a look, because a card may be older
than our memory, and the creation. Two workers cannot create one card: they exclude each other, and
Cin7 refuses a Name that is taken. A creation whose end is not known is looked up, never repeated
blind.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import Engine

from sfcc_cin7.merchant.operating_model import ShopperCards, SitePolicy
from sfcc_cin7.order_document.model import Order
from sfcc_cin7.order_document.reason import Reason
from sfcc_cin7.orders.records import cards as store
from sfcc_cin7.orders.translation.customers import Card, card_document, card_name, misfit, unusable
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.documents import Customer
from sfcc_cin7.systems.http.errors import Ambiguous, Refused, Throttled, Unavailable
from sfcc_cin7.values.clock import Clock

IN_FLIGHT = timedelta(seconds=150)
"""How long after its beginning a creation may still arrive: the call may wait for a slot and then
for its answer."""


class Cards:
    """The customers of web orders. It holds nothing of any order: threads share it."""

    def __init__(self, engine: Engine, erp: Cin7Client, brand: str, clock: Clock) -> None:
        self._engine = engine
        self._erp = erp
        self._brand = brand
        self._clock = clock

    def customer_for(
        self, order: Order, site: SitePolicy, renew: Callable[[], None] = lambda: None
    ) -> str | tuple[Reason, ...]:
        """The Name of the Cin7 customer that buys, or why there is none that could.

        `renew` is called before each call to the ERP, so that a lease can outlive it.

        Raises:
            Ambiguous: a card may have been created; the next attempt looks it up.
            Unavailable: another worker is creating this card, or an earlier creation may still
                arrive.
            ApiError: Cin7 could not be asked.
        """
        site = site.in_currency(order.currency)
        policy, name = site.shopper_cards, card_name(order, site, self._brand)
        if policy is None or name is None:
            return site.customer
        if (reason := misfit(name)) is not None:
            return (reason,)
        if self._is_known(name, site):
            return name
        with self._engine.begin() as guard:
            if not store.hold(guard, name):
                raise Unavailable("cin7", "POST /customer", None, "another worker creates the card")
            if self._is_known(name, site):
                return name
            return self._found_or_created(name, order, site, policy, renew)

    def forget(self, name: str) -> None:
        """Look this card up at the next order; for a sale that was refused, whatever the name."""
        with self._engine.begin() as connection:
            store.forget_card(connection, name)

    def _is_known(self, name: str, site: SitePolicy) -> bool:
        with self._engine.connect() as connection:
            known = store.known_card(connection, name)
        return known is not None and known.currency == site.currency

    def _found_or_created(
        self,
        name: str,
        order: Order,
        site: SitePolicy,
        policy: ShopperCards,
        renew: Callable[[], None],
    ) -> str | tuple[Reason, ...]:
        found = self._look(name, renew)
        if not found:
            document = card_document(name, order, site, policy)
            created = self._create(name, document, renew)
            if isinstance(created, Reason):
                return (created,)
            found = created
        cards = [Card(card.id, card.status, card.currency) for card in found]
        if reasons := unusable(name, cards, site):
            return tuple(reasons)
        [card] = cards
        with self._engine.begin() as connection:
            store.keep_card(connection, name, card.id, card.currency, self._clock.now())
        return name

    def _look(self, name: str, renew: Callable[[], None]) -> Sequence[Customer]:
        renew()
        return self._erp.customers(name, include_deprecated=True)

    def _create(
        self, name: str, document: dict[str, object], renew: Callable[[], None]
    ) -> Sequence[Customer] | Reason:
        with self._engine.connect() as connection:
            began = store.creating_since(connection, name)
        if began is not None and self._clock.now() < began + IN_FLIGHT:
            raise Unavailable("cin7", "GET /customer", None, "the card may be created soon")
        renew()
        with self._engine.begin() as connection:
            store.begin_creating(connection, name, self._clock.now())
        try:
            return [self._erp.create_customer(document)]
        except Ambiguous:
            if found := self._look(name, renew):
                return found
            raise
        except (Throttled, Unavailable):
            self.forget(name)
            raise
        except Refused as error:
            self.forget(name)
            if error.status in (401, 403):  # our rights, and no shopper's fault
                raise
            # Who refuses a Name that is taken need not say so: what counts is whether it is there.
            return self._look(name, renew) or Reason("customer-refused", str(error))
