"""One card for each shopper in the ERP, whatever fails and whoever is faster."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from sfcc_cin7.merchant.operating_model import ShopperCards, SitePolicy
from sfcc_cin7.order_document.model import Order
from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.posting.cards import IN_FLIGHT, Cards
from sfcc_cin7.systems.cin7.documents import Customer
from sfcc_cin7.systems.http.errors import Ambiguous, Refused, Throttled, Unavailable
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.scenario.order_lane import Crash, Fragile, OrderLane, order_lane

UK = "alpenglow-uk"
NUMBER = "00004711"
NAME = f"alpenglow:{UK}:{NUMBER}"


class Desk:
    """The order lane of a merchant whose shoppers have cards."""

    def __init__(self, lane: OrderLane) -> None:
        self.lane, self.clock, self.faults = lane, lane.clock, lane.sandbox.faults
        self.erp: Any = lane._erp
        cards = ShopperCards(
            payment_term="Paid online",
            account_receivable="610",
            revenue_account="200",
            tax_rule="20% (VAT on Income)",
            names=True,
        )
        self.site = lane.model.site(UK).model_copy(update={"shopper_cards": cards})
        self.ordered = lane.sandbox.shoppers.place(UK, "plain")

    def order(self, number: str = NUMBER, **customer: Any) -> Order:
        info = {"customerNo": number, "guest": False, "customerName": "Zoë O'Neill"} | customer
        return parse_order(self.ordered | {"customerInfo": info})

    def customer(self, order: Order | None = None, erp: Any = None, **decided: Any) -> Any:
        """What a worker that has just started would book the order to."""
        cards = Cards(self.lane.engine, erp or self.erp, "alpenglow", self.clock)
        return cards.customer_for(order or self.order(), self.site_with(**decided))

    def site_with(self, **decided: Any) -> SitePolicy:
        assert self.site.shopper_cards
        cards = self.site.shopper_cards.model_copy(update=decided)
        return self.site.model_copy(update={"shopper_cards": cards})

    def cards(self) -> list[Customer]:
        """Every card that Cin7 has under the shopper's name, deprecated ones too."""
        found: list[Customer] = self.erp.customers(NAME, include_deprecated=True)
        return found

    def card(self) -> dict[str, Any]:
        """The one card, as Cin7 shows it to anybody."""
        [card] = self._somebody("GET", params={"Name": NAME})
        return card

    def edit(self, **changes: Any) -> None:
        """Somebody edits the card in Cin7."""
        self._somebody("PUT", json={"ID": self.card()["ID"]} | changes)

    def _somebody(self, method: str, **request: Any) -> list[dict[str, Any]]:
        headers = {
            "api-auth-accountid": "11111111-2222-3333-4444-555555555555",
            "api-auth-applicationkey": "sandbox-key",
        }
        address = f"{self.lane.url}/ExternalApi/v2/customer"
        answer = httpx.request(method, address, headers=headers, **request)
        rows: list[dict[str, Any]] = answer.raise_for_status().json()["CustomerList"]
        return rows

    def calls(self) -> int:
        counted: int = self.lane.sandbox.calls.summary()["arrivals"].get("cin7", 0)
        return counted


class Interrupted:
    """The ERP, with something that happens just before a card is sent, once."""

    def __init__(self, erp: Any, happens: Callable[[], object]) -> None:
        self._erp, self._happens = erp, happens

    def customers(self, name: str, *, include_deprecated: bool = False) -> Any:
        return self._erp.customers(name, include_deprecated=include_deprecated)

    def create_customer(self, body: Any) -> Any:
        happens, self._happens = self._happens, lambda: None
        happens()
        return self._erp.create_customer(body)


@pytest.fixture
def desk(engine: Engine, clock: ManualClock) -> Iterator[Desk]:
    with order_lane(engine, clock) as lane:
        yield Desk(lane)


def test_a_new_shopper_gets_a_card_and_a_known_one_costs_no_call(desk: Desk) -> None:
    assert desk.customer() == NAME
    assert desk.calls() == 2
    assert desk.customer() == NAME
    assert desk.calls() == 2
    [card] = desk.cards()
    assert (card.status, card.currency) == ("Active", "GBP")
    assert desk.card()["DisplayName"] == "Zoë O'Neill"


def test_two_people_of_one_name_have_two_cards(desk: Desk) -> None:
    assert desk.customer() != desk.customer(desk.order("00004712"))


def test_a_guest_buys_as_the_shared_customer_without_a_call(desk: Desk) -> None:
    assert desk.customer(desk.order(guest=True)) == "Alpenglow UK Web"
    assert desk.calls() == 0


def test_a_card_that_we_have_forgotten_is_found_and_not_created_again(desk: Desk) -> None:
    desk.customer()
    Cards(desk.lane.engine, desk.erp, "alpenglow", desk.clock).forget(NAME)
    before = desk.calls()
    assert desk.customer() == NAME
    assert desk.calls() == before + 1
    assert len(desk.cards()) == 1


def test_a_card_holds_no_address_and_no_contact_and_a_sale_adds_none(desk: Desk) -> None:
    name = desk.customer()
    sale = desk.erp.create_sale(
        {
            "Customer": name,
            "Location": "London DC",
            "SkipQuote": True,
            "SaleType": "Simple",
            "Contact": "Zoë O'Neill",
            "Email": "zoe@example.com",
            "ShippingAddress": {"Line1": "1 Fell Lane", "Country": "GB", "ShipToOther": True},
        }
    )
    assert sale.customer_currency == "GBP"
    assert (desk.card()["Addresses"], desk.card()["Contacts"]) == ([], [])


@pytest.mark.parametrize("fault", ["cin7.timeout_after_commit", "cin7.502"])
def test_a_creation_of_unknown_end_is_looked_up_and_never_repeated_blind(
    desk: Desk, fault: str
) -> None:
    def fail() -> None:
        desk.faults.rates = {fault: 1.0}

    with pytest.raises((Ambiguous, Unavailable)):  # the look that follows fails too
        desk.customer(erp=Interrupted(desk.erp, fail))
    desk.faults.rates = {}
    for _ in range(3):
        try:
            assert desk.customer() == NAME
            break
        except Unavailable:
            desk.clock.sleep(IN_FLIGHT.total_seconds() / 2)
    assert desk.customer() == NAME
    assert len(desk.cards()) == 1


def test_a_creation_that_may_still_arrive_is_waited_for(desk: Desk) -> None:
    class Lost(Interrupted):
        def create_customer(self, body: Any) -> Any:
            raise Ambiguous("cin7", "POST /customer", None, "no answer")

    with pytest.raises(Ambiguous):
        desk.customer(erp=Lost(desk.erp, lambda: None))
    with pytest.raises(Unavailable, match="may be created soon"):
        desk.customer()
    assert desk.cards() == []
    desk.clock.sleep(IN_FLIGHT.total_seconds())
    assert desk.customer() == NAME
    assert len(desk.cards()) == 1


def test_a_card_that_was_not_sent_may_be_sent_at_once(desk: Desk) -> None:
    class Throttling(Interrupted):
        def create_customer(self, body: Any) -> Any:
            raise Throttled("cin7", "POST /customer", 429, "too many calls")

    with pytest.raises(Throttled):
        desk.customer(erp=Throttling(desk.erp, lambda: None))
    assert desk.customer() == NAME


def test_of_two_workers_one_creates_the_card_and_the_other_waits(desk: Desk) -> None:
    refused = []

    def second_worker() -> None:
        with pytest.raises(Unavailable, match="another worker"):
            desk.customer()
        refused.append(True)

    assert desk.customer(erp=Interrupted(desk.erp, second_worker)) == NAME
    assert refused
    assert desk.customer() == NAME
    assert len(desk.cards()) == 1


def test_workers_do_not_wait_for_each_others_shoppers(desk: Desk) -> None:
    def second_worker() -> None:
        assert desk.customer(desk.order("00004712")) == f"alpenglow:{UK}:00004712"

    assert desk.customer(erp=Interrupted(desk.erp, second_worker)) == NAME


def test_whoever_was_faster_than_our_creation_has_the_card(desk: Desk) -> None:
    def somebody_else() -> None:
        desk.erp.create_customer(
            {
                "Name": NAME.upper(),
                "Status": "Active",
                "Currency": "GBP",
                "PaymentTerm": "30 days",
                "AccountReceivable": "610",
                "RevenueAccount": "200",
                "TaxRule": "20% (VAT on Income)",
            }
        )

    assert desk.customer(erp=Interrupted(desk.erp, somebody_else)) == NAME
    assert [card.name for card in desk.cards()] == [NAME.upper()]


def test_a_crash_at_any_step_ends_with_one_card(desk: Desk) -> None:
    for steps in range(1, 10):
        desk.lane.fuse.left = steps
        try:
            desk.customer(erp=Fragile(desk.erp, desk.lane.fuse))
        except Crash:
            desk.clock.sleep(IN_FLIGHT.total_seconds())
        desk.lane.fuse.left = None
        assert len(desk.cards()) <= 1
    assert desk.customer() == NAME
    assert len(desk.cards()) == 1


def test_two_cards_of_one_name_wait_for_a_person(desk: Desk) -> None:
    desk.customer()
    Cards(desk.lane.engine, desk.erp, "alpenglow", desk.clock).forget(NAME)

    class Doubled(Interrupted):
        def customers(self, name: str, *, include_deprecated: bool = False) -> Any:
            return 2 * super().customers(name, include_deprecated=include_deprecated)

    [reason] = desk.customer(erp=Doubled(desk.erp, lambda: None))
    assert reason.code == "duplicate-customer"


def test_a_card_in_another_currency_is_found_before_anything_is_booked(desk: Desk) -> None:
    desk.customer()
    us = desk.site.model_copy(update={"currency": "USD"})
    cards = Cards(desk.lane.engine, desk.erp, "alpenglow", desk.clock)
    answer = cards.customer_for(desk.order(), us)
    assert not isinstance(answer, str)
    assert [(reason.code, reason.expected, reason.actual) for reason in answer] == [
        ("customer-currency-mismatch", "USD", "GBP")
    ]


def test_a_deprecated_card_is_not_replaced_but_told(desk: Desk) -> None:
    desk.customer()
    desk.edit(Status="Deprecated")
    Cards(desk.lane.engine, desk.erp, "alpenglow", desk.clock).forget(NAME)
    [reason] = desk.customer()
    assert reason.code == "customer-deprecated"
    assert len(desk.cards()) == 1


def test_what_cin7_refuses_of_a_card_is_told_in_its_own_words(desk: Desk) -> None:
    [reason] = desk.customer(payment_term="Next year")
    assert reason.code == "customer-refused"
    assert "Active payment term with name Next year" in reason.sentence
    assert desk.customer() == NAME  # mended, and nothing has to be waited for


def test_rights_that_were_refused_are_no_shoppers_fault(desk: Desk) -> None:
    class Locked(Interrupted):
        def create_customer(self, body: Any) -> Any:
            raise Refused("cin7", "POST /customer", 403, "Incorrect credentials!")

    with pytest.raises(Refused):
        desk.customer(erp=Locked(desk.erp, lambda: None))


def test_the_lease_is_renewed_before_each_call(desk: Desk) -> None:
    renewed = []
    cards = Cards(desk.lane.engine, desk.erp, "alpenglow", desk.clock)
    cards.customer_for(desk.order(), desk.site, renew=lambda: renewed.append(desk.calls()))
    assert renewed == [0, 1]
