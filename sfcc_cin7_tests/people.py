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
    return {text for text in _texts(document, within=False) if len(text) > 2}


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
