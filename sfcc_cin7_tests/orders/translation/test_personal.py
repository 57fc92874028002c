"""What of a shopper goes to the ERP, and that a sentence can be freed of it again."""

import json
from decimal import Decimal as D
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfcc_cin7.merchant.operating_model import PersonalField
from sfcc_cin7.order_document.model import Order
from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.translation.personal import without_personal
from sfcc_cin7.orders.translation.sale import Sale
from sfcc_cin7.orders.translation.sale_documents import header
from sfcc_cin7.orders.translation.sale_documents import order as sale_order
from sfcc_cin7_tests.orders.merchants import accepted, site
from sfcc_cin7_tests.orders.storefront import Basket, Document, Item, order
from sfcc_cin7_tests.orders.translation.test_translate_properties import thorough

FIELDS = set(get_args(PersonalField))
ELSEWHERE = "See storefront order 00000410"
BILLING = {
    "fullName": "Will Payer",
    "companyName": "Payer Limited",
    "address1": "7 Ledger Lane",
    "suite": "Suite 9",
    "address2": "Back door",
    "city": "Billingham",
    "postalCode": "TS23 1AA",
    "stateCode": "TX",
    "countryCode": "US",
    "phone": "5550199",
}
SHIPPING = {
    "fullName": "Ada Example",
    "companyName": "Analytical Engines",
    "address1": "1 Market Street",
    "address2": "Flat 4",
    "city": "Anywhere",
    "postalCode": "94105",
    "stateCode": "TX",
    "countryCode": "US",
    "phone": "5550100",
}
PERSONAL: dict[PersonalField, tuple[str, ...]] = {
    "name": ("Ada",),
    "company": ("Analytical",),
    "email": ("ada@example.com",),
    "phone": ("5550100",),
    "billing-address": ("Ledger", "Back door", "Billingham", "TS23"),
    "shipping-address": ("Market Street", "Flat 4", "Anywhere", "94105"),
    "gift-messages": ("Happy birthday", "With love"),
}
"""What the ERP is sent of the document below; of who pays it takes the address alone."""


def document(**changes: Any) -> Document:
    """An order with something personal of every kind."""
    items = (
        Item("TENT", D(1), D("99.00"), D("0.0825")),
        Item("MUG", D(1), D("9.00"), D("0.0825"), shipment="friend"),
    )
    places = {"me": SHIPPING, "friend": SHIPPING}
    bought = Basket("USD", "net", items, shipments=("me", "friend"), addresses=places)
    made = order(bought) | {"billingAddress": BILLING} | changes
    made["shipments"][0]["giftMessage"] = "Happy birthday"
    made["productItems"][0]["giftMessage"] = "With love"
    return made


def sale(withheld: set[PersonalField] | set[Any], changed: Document | None = None) -> Sale:
    policy = site(personal_data={"send": FIELDS - withheld})
    return accepted(changed or document(), policy).sale


def texts(of: Sale) -> str:
    """All that Cin7 is sent."""
    sent = [header(of), sale_order(of, "sale-1")]
    return json.dumps(sent, default=str, ensure_ascii=False)


def test_everything_goes_unless_it_is_withheld() -> None:
    sent = texts(sale(set()))

    assert [value for values in PERSONAL.values() for value in values if value not in sent] == []
    assert ELSEWHERE not in sent


@pytest.mark.parametrize("withheld", sorted(FIELDS))
def test_what_is_withheld_does_not_go_and_the_rest_does(withheld: PersonalField) -> None:
    sent = texts(sale({withheld}))

    assert [value for value in PERSONAL[withheld] if value in sent] == []
    others = [value for kind in PERSONAL if kind != withheld for value in PERSONAL[kind]]
    assert [value for value in others if value not in sent] == []


def test_an_order_of_which_nothing_goes_still_ships_and_is_taxed() -> None:
    booked = sale(FIELDS)

    assert booked.billing.line1 == booked.shipping.line1 == ELSEWHERE
    assert booked.billing.country == booked.shipping.country == "US"
    assert (booked.contact, booked.shipping.name) == (ELSEWHERE, ELSEWHERE)
    assert (booked.email, booked.phone, booked.shipping.company) == ("", "", "")
    assert (booked.shipping.line2, booked.shipping.city, booked.shipping.postcode) == ("", "", "")
    assert booked.shipping_notes.splitlines() == [
        f"1. 1 x TENT to {ELSEWHERE}, US",
        "Ship by Ground",
        f"Gift message: {ELSEWHERE}",
        f"2. 1 x MUG to {ELSEWHERE}, US",
        "Ship by Ground",
        f"Gift message with TENT: {ELSEWHERE}",
    ]
    assert booked.total == document()["orderTotal"]


def test_an_address_that_stands_in_for_another_goes_only_where_both_may() -> None:
    for shipment in (unshipped := document())["shipments"]:
        shipment["shippingAddress"] = {}
    without_billing = document(billingAddress={})

    assert sale({"billing-address"}, unshipped).shipping.line1 == ELSEWHERE
    assert sale({"shipping-address"}, unshipped).billing.line1 == "7 Ledger Lane, Suite 9"
    assert sale({"shipping-address"}, without_billing).billing.line1 == ELSEWHERE
    assert sale({"billing-address"}, without_billing).shipping.line1 == "1 Market Street"


def test_nothing_personal_is_shown_in_a_log() -> None:
    changed = document(customerInfo={"customerOrderReference": "For Ada", "customerName": "Ada"})
    shown = repr(parse_order(changed)) + repr(accepted(changed, site()))

    every = [value for values in PERSONAL.values() for value in values]
    assert [value for value in (*every, "For Ada") if value in shown] == []


# Taking it out of a sentence


def parsed(**changes: Any) -> Order:
    return parse_order(document(**changes))


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Contact ADA EXAMPLE is too long", "Contact [withheld] is too long"),
        ("Contact adA exAmple is too long", "Contact [withheld] is too long"),
        ("Phone '5550100' is invalid", "Phone '[withheld]' is invalid"),
        ("ada@example.com is no email", "[withheld] is no email"),
        ("No address 1 market  street, Anywhere 94105!", "No address [withheld]!"),
        ("Mr. Example asked", "Mr. [withheld] asked"),
        ("Ada's order", "[withheld]'s order"),
        ("'happy birthday' for Payer Limited", "'[withheld]' for [withheld]"),
        ("Line1 7 Ledger Lane, Suite 9", "Line1 [withheld]"),
        ("Suite 9 is unknown", "[withheld] is unknown"),
        ("SKU TENT was not found", "SKU TENT was not found"),
    ],
)
def test_a_sentence_that_quotes_the_shopper_is_freed_of_it(said: str, left: str) -> None:
    assert without_personal(said, parsed()) == left


def test_short_values_are_left_and_names_within_words_too() -> None:
    of = parsed(customerInfo={"customerName": "Al Ann"})

    assert without_personal("Al cannot pay; Ann can", of) == "Al cannot pay; [withheld] can"
    assert without_personal("Order 00094105 of 94105", of) == "Order 00094105 of [withheld]"


def test_a_name_in_two_characters_is_a_name() -> None:
    of = parsed(customerInfo={"customerName": "李明"})

    assert without_personal("联系人李明无效", of) == "联系人[withheld]无效"


def test_a_value_is_found_as_it_was_cut_cleaned_or_escaped() -> None:
    long = "Wolfeschlegelsteinhausenbergerdorff " * 12
    of = parsed(
        customerInfo={"customerName": long},
        billingAddress=BILLING | {"fullName": "Sean O'Brien\nJr"},
    )
    name = accepted(document(customerInfo={"customerName": long}), site()).sale.contact

    assert without_personal(f"{name} is too long", of) == "[withheld]… is too long"
    assert without_personal("Sean O&#x27;Brien Jr is bad", of) == "[withheld] is bad"


@given(st.text(min_size=3, max_size=40))
def test_whatever_a_shopper_is_called_a_sentence_can_be_freed_of_it(name: str) -> None:
    of = parsed(customerInfo={"customerName": name})
    said = f"Contact '{name}' is invalid"

    if len(name.strip()) >= 3:
        assert without_personal(said, of) != said


TEXT = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=400),
    st.sampled_from(
        (
            "عبد الرحمن " * 40,
            "👩\u200d🚀👨\u200d👩\u200d👧\u200d👦" * 40,
            "🇬🇧🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f👍🏽" * 40,
            "e" + "\u0301" * 3000,
            "\ud83c\x00\n\u2028\u202e",
            "\U0001d504\U0001d521 " * 200,
            "क्षि" * 200,
        )
    ),
)


@thorough
@given(st.data(), st.frozensets(st.sampled_from(sorted(FIELDS))))
def test_any_text_at_all_fits_can_be_sent_and_leaves_the_money_alone(
    data: Any, withheld: frozenset[Any]
) -> None:
    changed = document(
        customerInfo={
            "customerName": data.draw(TEXT),
            "email": data.draw(TEXT),
            "customerOrderReference": data.draw(TEXT),
        }
    )
    drawn = {name: data.draw(TEXT) for name in SHIPPING if name != "countryCode"}
    changed["shipments"][0]["shippingAddress"] = SHIPPING | drawn
    changed["shipments"].pop()
    changed["productItems"][1]["shipmentId"] = "me"
    changed["shipments"][0].pop("productTotal")
    changed["shipments"][0].pop("taxTotal")
    changed["shipments"][0]["giftMessage"] = data.draw(TEXT)
    changed["productItems"][0]["giftMessage"] = data.draw(TEXT)
    policy = site(personal_data={"send": withheld})

    booked = accepted(changed, policy).sale

    sent = texts(booked)
    sent.encode()
    assert booked.total == changed["orderTotal"]
    assert [line.sku for line in booked.lines] == ["TENT", "MUG"]
    for address in (booked.billing, booked.shipping):
        assert address.line1
        assert units(address.name) <= 256
        assert units(address.line1) <= 256
        assert units(address.postcode) <= 20
        assert units(address.phone) <= 50
        assert units(address.company) <= 128
    assert units(booked.contact) <= 256
    assert units(booked.email) <= 256
    assert units(booked.note) <= 1024
    assert units(booked.shipping_notes) <= 1024
    assert not [character for character in sent if ord(character) < 32]
    assert len(booked.shipping_notes.splitlines()) <= 3


def units(text: str) -> int:
    """UTF-16 units, which is what the ERP's lengths count."""
    return len(text.encode("utf-16-le")) // 2
