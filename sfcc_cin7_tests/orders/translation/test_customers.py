"""Whose card an order is booked to, and what a new card says."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from sfcc_cin7.merchant.operating_model import OperatingModel, ShopperCards, SitePolicy
from sfcc_cin7.order_document.model import Order
from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.translation.customers import Card, card_document, card_name, misfit, unusable
from sfcc_cin7_tests.orders.merchants import site
from sfcc_cin7_tests.orders.storefront import Basket, Item, order

BASKET = Basket("USD", "net", (Item("MUG", Decimal(1), Decimal("10.00"), Decimal(0)),))
REGISTERED = {"customerNo": "00004711", "guest": False, "customerName": "Zoë O'Neill"}
BOOKS = {
    "payment_term": "Paid online",
    "account_receivable": "610",
    "revenue_account": "200",
    "tax_rule": "Rule 0.2",
}


def shop(**cards: Any) -> SitePolicy:
    return site(shopper_cards=ShopperCards(**(BOOKS | cards)))


def order_of(**customer: Any) -> Order:
    return parse_order(order(BASKET) | {"customerInfo": customer})


def test_a_registered_shopper_has_a_card_named_by_brand_site_and_number() -> None:
    assert card_name(order_of(**REGISTERED), shop(), "brand") == "brand:shop:00004711"


def test_sites_that_share_a_customer_list_share_the_card() -> None:
    name = card_name(order_of(**REGISTERED), shop(customer_list="europe"), "brand")
    assert name == "brand:europe:00004711"


def test_who_buys_in_the_sites_second_currency_has_a_card_in_it() -> None:
    euros = {"EUR": {"customer": "Shop EUR", "currency_rate": "0.9", "price_tier": "EUR prices"}}
    cards = ShopperCards(**BOOKS, customer_list="world", price_tier="US prices")
    policy = site(shopper_cards=cards, currencies=euros).in_currency("EUR")
    assert policy.shopper_cards is not None
    order = order_of(**REGISTERED)

    name = card_name(order, policy, "brand")
    assert name == "brand:world:EUR:00004711"
    card = card_document(name, order, policy, policy.shopper_cards)
    assert (card["Currency"], card["PriceTier"]) == ("EUR", "EUR prices")
    assert unusable(name, [Card("1", "Active", "EUR")], policy) == []


def test_without_cards_everybody_buys_as_the_shared_customer() -> None:
    assert card_name(order_of(**REGISTERED), site(), "brand") is None


@pytest.mark.parametrize(
    "customer", [{"customerNo": "00004711", "guest": True}, {"customerNo": "00004711"}]
)
def test_a_guest_or_who_may_be_one_buys_as_the_shared_customer(customer: dict[str, Any]) -> None:
    assert card_name(order_of(**customer), shop(), "brand") is None
    assert card_name(order_of(**customer), shop(guests="card"), "brand") == "brand:shop:00004711"


@pytest.mark.parametrize("guests", ["shared", "card"])
def test_nobody_without_a_number_has_a_card(guests: str) -> None:
    for guest in (True, False):
        assert card_name(order_of(guest=guest), shop(guests=guests), "brand") is None


def test_a_number_that_cin7_could_not_hold_as_it_is_waits_for_a_person() -> None:
    for number in ("9" * 300, "47\t11", "4711 "):
        name = card_name(order_of(**(REGISTERED | {"customerNo": number})), shop(), "brand")
        assert name is not None
        reason = misfit(name)
        assert reason is not None
        assert reason.code == "reference-too-long"
        assert number not in reason.sentence
    assert misfit("brand:shop:00004711") is None


def test_a_card_names_its_books_and_nobody() -> None:
    policy = shop(price_tier="Web", location="Reno DC")
    assert policy.shopper_cards
    document = card_document("b:s:1", order_of(**REGISTERED), policy, policy.shopper_cards)
    assert document == {
        "Name": "b:s:1",
        "Status": "Active",
        "Currency": "USD",
        "PaymentTerm": "Paid online",
        "AccountReceivable": "610",
        "RevenueAccount": "200",
        "TaxRule": "Rule 0.2",
        "PriceTier": "Web",
        "Location": "Reno DC",
    }


def test_the_shoppers_name_is_shown_only_where_the_merchant_lets_it() -> None:
    policy = shop(names=True)
    assert policy.shopper_cards
    document = card_document("b:s:1", order_of(**REGISTERED), policy, policy.shopper_cards)
    assert document["DisplayName"] == "Zoë O'Neill"


def test_only_one_active_card_in_the_sites_currency_is_used() -> None:
    good = Card("a", "Active", "USD")
    assert unusable("b:s:1", [good], shop()) == []
    for cards, codes in (
        ([good, good], ["duplicate-customer"]),
        ([Card("a", "Deprecated", "USD")], ["customer-deprecated"]),
        ([Card("a", "Active", "EUR")], ["customer-currency-mismatch"]),
    ):
        assert [reason.code for reason in unusable("b:s:1", cards, shop())] == codes


def test_sites_of_two_currencies_cannot_share_a_card() -> None:
    def model(*lists: str | None) -> OperatingModel:
        sites = [
            site(id=f"s{currency}", currency=currency, currency_rate="0.8")
            for currency in ("USD", "EUR")
        ]
        cards = [ShopperCards(**BOOKS, customer_list=name) for name in lists]
        return OperatingModel(
            brand="b",
            base_currency="GBP",
            sites=[
                each.model_copy(update={"shopper_cards": card})
                for each, card in zip(sites, cards, strict=True)
            ],
        )

    model(None, None)
    model("usd", "eur")
    with pytest.raises(ValidationError, match="a card has one currency"):
        model("world", "world")


def test_a_shoppers_number_is_in_no_repr() -> None:
    assert "00004711" not in repr(order_of(**REGISTERED))
