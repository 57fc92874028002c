"""What a shopper is shown, held against what the storefront was told."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from sfcc_cin7.catalogue.prices.deciding.table import ONE


class Proof(StrEnum):
    """What reading a price back says."""

    PROVED = "proved"
    DRIFTED = "drifted"
    UNREADABLE = "unreadable"


def proof(
    told: Decimal,
    of_book: Mapping[Decimal, Decimal],
    lowest: Decimal | None,
    *,
    tells_books: bool,
) -> tuple[Proof, Decimal | None]:
    """What is proved of a book's price of one unit, and the price that was seen of it.

    `of_book` are the amounts that the book is shown with, by least quantity. Where the platform
    does not tell books apart there is only the `lowest` price of all books: equal, it is ours or
    one like it; above ours, ours does not count; below, another book's may hide it.
    """
    if tells_books:
        least = [quantity for quantity in of_book if quantity <= ONE]
        shown = of_book[max(least)] if least else None
        if shown is None:
            return Proof.DRIFTED, None
        return (Proof.PROVED if shown == told else Proof.DRIFTED), shown
    if lowest is None or lowest > told:
        return Proof.DRIFTED, lowest
    if lowest == told:
        return Proof.PROVED, lowest
    return Proof.UNREADABLE, None
