"""The reader of what changes in the ERP takes turns, and loses nothing between them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from sfcc_cin7.db import erp_documents
from sfcc_cin7.db.locks import Busy, held
from sfcc_cin7.db.schema import erp_documents as kept
from sfcc_cin7.ledger.passes.sales_image import follow_sales
from sfcc_cin7.systems.cin7.changes import READER, is_due
from sfcc_cin7.systems.cin7.kinds import SALE
from sfcc_cin7_tests.scenario.accounts import BELIEVED, Account


@pytest.fixture
def account() -> Account:
    """One of both: how often it is read does not depend on how it was booked."""
    return BELIEVED


def follow(books: Any) -> Any:
    return follow_sales(books.engine, books.erp, books.model, books.clock)


def test_it_looks_once_a_minute_and_whenever_something_is_unread(books: Any) -> None:
    assert is_due(books.engine, SALE, books.clock)
    follow(books)
    assert not is_due(books.engine, SALE, books.clock)
    books.clock.sleep(60)
    assert is_due(books.engine, SALE, books.clock)
    follow(books)
    books.posted()
    with books.engine.begin() as connection:
        connection.execute(text("update sfcc_cin7.erp_documents set unread_since = now()"))
    assert is_due(books.engine, SALE, books.clock)


def test_of_two_that_want_to_read_one_is_told_so(books: Any) -> None:
    with held(books.engine, READER, books.clock), pytest.raises(Busy):
        follow(books)


def test_an_edit_that_the_list_showed_late_is_found_by_looking_far_back(books: Any) -> None:
    (_, early), (_, late) = books.posted(), books.posted()
    books.clock.sleep(60)
    follow(books)
    book = books.lane.sandbox.cin7
    book.comment_sale(early["ID"], "edited first, shown last")
    hidden = book._sales.find(early["ID"])
    hidden.listed = "9999"
    books.clock.sleep(1200)
    book.comment_sale(late["ID"], "edited last, shown first")
    books.clock.sleep(60)
    assert follow(books).read == 1
    hidden.listed = hidden.created
    books.clock.sleep(60)
    assert follow(books).read == 0, "its stamp lies long before the latest one"
    books.clock.sleep(3600)
    assert follow(books).read == 1


def test_many_sales_that_the_platform_touched_at_once_are_read_after_what_one_person_edited(
    books: Any,
) -> None:
    book = books.lane.sandbox.cin7
    _, sale = books.posted()
    copies = [book.repeat_sale(sale["ID"]) for _ in range(erp_documents.SEVERAL)]
    books.clock.sleep(60)
    edited = book.repeat_sale(sale["ID"])
    books.clock.sleep(60)
    follow(books)
    query = select(kept.c.document_id).where(kept.c.read_no.is_not(None)).order_by(kept.c.read_no)
    with books.engine.connect() as connection:
        read = list(connection.scalars(query))
    assert read[0] == edited
    assert set(read[1:]) == set(copies)


def test_a_reading_from_before_our_own_proof_is_left_out(books: Any) -> None:
    """Posting may prove a sale while the reader reads what it was before."""
    key, sale = books.posted()
    before = books.clock.now() - timedelta(seconds=1)
    with books.engine.begin() as connection:
        erp_documents.save_reading(connection, "sale", sale["ID"].lower(), "{}", before, before)
        row = connection.execute(select(kept).where(kept.c.reference == key)).one()
    assert (row.detail, row.read_no) == (None, None)
