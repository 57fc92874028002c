"""What of a shopper the ERP gets to know, and taking it out of a sentence again."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace

from sfcc_cin7.merchant.operating_model import PersonalField, SitePolicy
from sfcc_cin7.order_document.model import Address, Order
from sfcc_cin7.orders.translation.text import fit

_SHORTEST = 3
_SHORTEST_UNSPACED = 2
"""A name in Chinese is often two characters long."""
_STANDS_ALONE = 6
"""A shorter value is only taken out where it is no part of a Latin word or a number: shoppers are
called Ann, errors say "cannot", and order numbers hold the digits of postcodes."""
_CUTS = (20, 50, 128, 200, 256)
"""Lengths that texts are cut to before they are sent; an error quotes what was sent."""
_REMOVED = "[withheld]"


def instead(order: Order) -> str:
    """What stands where something personal is withheld."""
    return fit(f"See storefront order {order.number}", 256)


def sent(site: SitePolicy, what: PersonalField, value: str, otherwise: str = "") -> str:
    """A personal value if the site sends such values, else the other text."""
    return value if what in site.personal_data.send else otherwise


def discreet(order: Order, site: SitePolicy, address: Address, *places: PersonalField) -> Address:
    """An address without what the site withholds. The country stays: tax depends on it.

    `places` are what the address is: one that stands in for another must be allowed as both.
    """
    other = instead(order)
    address = replace(
        address,
        name=sent(site, "name", address.name, other),
        company=sent(site, "company", address.company),
        phone=sent(site, "phone", address.phone),
    )
    if site.personal_data.send.issuperset(places):
        return address
    return replace(address, line1=other, line2="", city="", state="", postcode="")


def without_personal(text: str, order: Order) -> str:
    """A sentence without the order's own personal values, whoever quoted them.

    Compares without case and with any white space, and finds values that were cut to Cin7's
    lengths. Values of fewer than three characters (two, if they are not ASCII) are left.
    """
    values = {form for value in _values(order) for form in _forms(value)}
    if not values:
        return text
    # the longest first, so that no part of a value is left beside a shorter one
    patterns = [_pattern(value) for value in sorted(values, key=lambda each: (-len(each), each))]
    text = re.sub("|".join(patterns), _REMOVED, text, flags=re.IGNORECASE)
    return re.sub(rf"{re.escape(_REMOVED)}(?:[\s,.;]*{re.escape(_REMOVED)})+", _REMOVED, text)


def _values(order: Order) -> Iterator[str]:
    yield from (order.customer_email, order.customer_reference)
    names = [order.customer_name]
    for address in (order.billing, *(shipment.address for shipment in order.shipments)):
        names.append(address.name)
        yield from (address.company, address.line1, address.line2, address.city)
        yield from (address.postcode, address.phone)
        yield from address.line1.split(", ")
    for name in names:
        yield from (name, *name.split())
    yield from (shipment.gift_message for shipment in order.shipments)
    yield from (line.gift_message for line in order.lines)


def _forms(value: str) -> Iterator[str]:
    """A value as it may be quoted: as it was, cleaned, cut, escaped, in another case."""
    for text in {value, *(fit(value, limit).removesuffix("…") for limit in _CUTS)}:
        for form in (text, html.escape(text)):
            for cased in (form, form.lower(), form.upper(), form.casefold()):
                stripped = cased.strip()
                shortest = _SHORTEST if stripped.isascii() else _SHORTEST_UNSPACED
                if len(stripped) >= shortest:
                    yield stripped


def _pattern(value: str) -> str:
    words = r"\s+".join(re.escape(word) for word in value.split())
    if len(value) < _STANDS_ALONE:
        return rf"(?<![0-9A-Za-z]){words}(?![0-9A-Za-z])"
    return words
