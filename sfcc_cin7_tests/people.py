"""Finds what is personal in a raw order, by where it stands; written apart from the code."""

from collections.abc import Iterator, Mapping
from typing import Any

PERSONAL = {
    "customerInfo",
    "billingAddress",
    "shippingAddress",
    "paymentCard",
    "maskedGiftCertificateCode",
    "giftMessage",
    "message",
    "recipientName",
    "recipientEmail",
    "senderName",
    "remoteHost",
}
NOBODYS = {"countryCode", "stateCode", "cardType"}


def personal(document: Any) -> set[str]:
    """Every text of an order that is about a person: names, mails, streets, phones, messages."""
    found = set(_texts(document, within=False))
    # Four digits of a card are found everywhere by chance; its number and holder are not.
    return {text for text in found if len(text) > 2 and not (text.isdigit() and len(text) < 6)}


def _texts(value: Any, within: bool) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, held in value.items():
            if name not in NOBODYS:
                yield from _texts(held, within or name in PERSONAL or name.startswith("c_"))
    elif isinstance(value, list):
        for held in value:
            yield from _texts(held, within)
    elif isinstance(value, str) and within:
        yield value
