"""Where goods lie: a location by name, its bin after a colon, or either by ID."""

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.books import Books
from sfcc_cin7_sandbox.cin7.values import Body, parse_guid, text

Place = tuple[str, str | None]
"""A warehouse and one of its bins, or any."""


def read_place(books: Books, body: Body, kind: str = "Location") -> Place | None:
    """What `<kind>` or `<kind>ID` name; both together must agree. None without either.

    Raises Refusal.
    """
    name, by_id = text(body, kind, 256), body.get(f"{kind}ID")
    named = _by_name(books, name) if name else None
    if not by_id:
        return named
    place = books.place(parse_guid(by_id, f"{kind}ID"))
    if named is None:
        return place
    if named[0] != place[0] or (place[1] and named[1] and named[1] != place[1]):
        raise Refusal(f"{kind} and {kind}ID name different locations")
    return named[0], named[1] or place[1]


def shown_place(place: Place) -> str:
    """A bin in documents reads `Warehouse: Bin`."""
    warehouse, name = place
    return f"{warehouse}: {name}" if name else warehouse


def _by_name(books: Books, name: str) -> Place:
    warehouse, _, bin_name = name.partition(": ")
    location = str(books.location(warehouse)["Name"])
    if bin_name and bin_name not in books.bins(location):
        raise Refusal(f"Location {name} was not found in Locations reference book")
    return location, bin_name or None
