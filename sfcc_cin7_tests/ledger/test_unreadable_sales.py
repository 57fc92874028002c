"""A sale whose answer nobody can use stops no other sale, and no room takes it for read."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from sfcc_cin7.cli.emulated import sandbox_erp
from sfcc_cin7.db import erp_documents
from sfcc_cin7.db.schema import erp_documents as kept
from sfcc_cin7.ledger.passes.sales_image import follow_sales
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.http.errors import Unavailable
from sfcc_cin7.values import decimal_json
from sfcc_cin7_tests.ledger.bookkeeping import FewCalls
from sfcc_cin7_tests.scenario.accounts import BELIEVED, Account


class Road(httpx.BaseTransport):
    """The way to the ERP: answers about one sale are spoilt on it, `down` are the others too."""

    def __init__(self, road: httpx.BaseTransport) -> None:
        self.road = road
        self.spoils, self.how, self.down = "", "", False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            return httpx.Response(500, request=request)
        answer = self.road.handle_request(request)
        if self.how == "row" and request.url.path.endswith("/saleList"):
            return self.spoilt_row(answer)
        asked = request.url.params.get("ID", "").lower()
        if not request.url.path.endswith("/sale") or asked != self.spoils:
            return answer
        match self.how:
            case "another form":
                sale = decimal_json.loads(answer.read())
                sale["Order"]["Lines"][0]["Quantity"] = "a dozen"
                return httpx.Response(200, content=decimal_json.dumps(sale))
            case "a web page":
                return httpx.Response(200, text="<html>Something went wrong</html>")
            case "a failure":
                return httpx.Response(500, json={"Exception": "Object reference not set"})
        return answer

    def spoilt_row(self, answer: httpx.Response) -> httpx.Response:
        told = decimal_json.loads(answer.read())
        for row in told["SaleList"]:
            if row["SaleID"].lower() == self.spoils:
                row["Updated"], row["InvoiceAmount"] = "yesterday", "a lot"
        return httpx.Response(200, content=decimal_json.dumps(told))


@pytest.fixture
def account() -> Account:
    """One of both: how it is read does not depend on how it was booked."""
    return BELIEVED


@pytest.fixture
def road(books: Any) -> Iterator[Road]:
    road = Road(books.lane.road)
    connection = sandbox_erp(books.lane.url)
    with Cin7Client(connection, FewCalls(10_000), "changes", books.clock, road) as erp:
        books.erp = erp
        yield road


def edited_sales(books: Any, count: int = 3) -> list[str]:
    """Sales that somebody edited and nobody has read, in the order of their edits."""
    sales = [books.posted()[1]["ID"] for _ in range(count)]
    books.clock.sleep(60)
    follow(books)
    for sale in sales:
        books.clock.sleep(1)
        books.lane.sandbox.cin7.comment_sale(sale, "gift wrap")
    books.clock.sleep(240)
    return [sale.lower() for sale in sales]


def follow(books: Any) -> Any:
    return follow_sales(books.engine, books.erp, books.model, books.clock)


def unread(books: Any) -> list[str]:
    query = select(kept.c.document_id).where(kept.c.unread_since.is_not(None))
    with books.engine.connect() as connection:
        return list(connection.scalars(query))


@pytest.mark.parametrize("how", ["another form", "a web page", "a failure"])
def test_a_sale_that_cannot_be_read_stops_no_other_and_is_read_when_it_can_be(
    books: Any, road: Road, how: str
) -> None:
    first, *others = edited_sales(books)
    road.spoils, road.how = first, how
    done = follow(books)
    assert (done.read, done.left, unread(books)) == (len(others), 1, [first])
    with books.engine.connect() as connection:
        [found] = erp_documents.problems(connection, "sale")
    assert "GET /sale" in found.problem
    assert "a dozen" not in found.problem
    road.how = ""
    books.clock.sleep(301)
    assert (follow(books).read, unread(books)) == (1, [])


def test_an_erp_that_does_not_answer_at_all_makes_no_sale_unreadable(
    books: Any, road: Road
) -> None:
    sales = edited_sales(books)
    road.spoils, road.how = sales[0], "another form"
    follow(books)
    road.spoils, road.how, road.down = sales[1], "", True
    with books.engine.begin() as connection:
        connection.execute(kept.update().values(unread_since=books.clock.now()))
    with pytest.raises(Unavailable):
        follow(books)
    with books.engine.connect() as connection:
        assert len(erp_documents.problems(connection, "sale")) == 1


def test_a_row_of_which_something_cannot_be_read_hides_no_sale(books: Any, road: Road) -> None:
    sales = [books.posted()[1]["ID"] for _ in range(2)]
    books.clock.sleep(60)
    follow(books)
    road.spoils, road.how = sales[0].lower(), "row"
    books.lane.sandbox.cin7.comment_sale(sales[1], "gift wrap")
    books.clock.sleep(240)
    follow(books)
    assert follow(books).left == 0
    with books.engine.connect() as connection:
        read = connection.scalars(select(kept.c.document_id).where(kept.c.read_at.is_not(None)))
        assert set(read) == {sale.lower() for sale in sales}


def test_a_reading_that_a_room_cannot_take_stops_no_other_and_is_not_taken_for_read(
    books: Any,
) -> None:
    sales = edited_sales(books)
    assert follow(books).read == len(sales)
    taken: list[str] = []
    mended = False

    def take(_connection: Any, row: Any) -> None:
        if row.document_id == sales[0] and not mended:
            raise ValueError("of Mrs Lovelace's line")
        taken.append(row.document_id)

    assert erp_documents.take_readings(books.engine, "sale", "a room", take) == 2
    assert sorted(taken) == sorted(sales[1:])
    assert unread(books) == [sales[0]]
    with books.engine.connect() as connection:
        [found] = erp_documents.problems(connection, "sale")
    assert "a room" in found.problem
    assert "Lovelace" not in found.problem
    mended = True
    books.clock.sleep(901)
    follow(books)
    assert erp_documents.take_readings(books.engine, "sale", "a room", take) == 1
    assert unread(books) == []
