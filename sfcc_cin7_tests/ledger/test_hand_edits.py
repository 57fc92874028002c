"""What people do to sales by hand in the ERP, beside what the planted troubles show of it."""

import pytest

NOBODYS = "alpenglow:alpenglow-uk:NOBODYS"


def type_over(books, sale_id, external_id):
    """Somebody gives a sale another ExternalID."""
    books.clock.sleep(60)
    book = books.lane.sandbox.cin7
    sale = book._sales.find(sale_id)
    sale.header["ExternalID"] = external_id
    book._sales.save(sale)


def found(books, seconds=660):
    """What a pass finds some time later."""
    books.clock.sleep(seconds)
    books.reconcile()
    return books.open()


@pytest.mark.parametrize(
    ("typed", "of_that"),
    [("", []), ("PO-4711", []), (NOBODYS, [(NOBODYS, "missing-shop")])],
)
def test_an_order_whose_sale_lost_its_external_id_has_no_sale_until_it_is_typed_back(
    books, typed, of_that
):
    key, sale = books.posted()
    assert found(books) == []
    type_over(books, sale["ID"], typed)
    assert found(books) == sorted([(key, "missing-erp"), *of_that])
    assert books.lines()[0].booked == 0
    type_over(books, sale["ID"], key)
    assert found(books) == []


def test_a_sale_that_was_given_the_external_id_of_another_order_is_missed_by_its_own(books):
    (key, sale), (other, _) = books.posted(), books.posted()
    assert found(books) == []
    type_over(books, sale["ID"], other)
    assert found(books) == sorted([(key, "missing-erp"), (other, "duplicate")])
    type_over(books, sale["ID"], key)
    assert found(books) == []


def test_the_break_of_a_sale_of_no_order_stands_while_somebody_works_on_that_sale(books):
    _, sale = books.posted()
    book = books.lane.sandbox.cin7
    copied = book.repeat_sale(sale["ID"])
    type_over(books, copied, NOBODYS)
    assert found(books) == [(NOBODYS, "missing-shop")]
    books.clock.sleep(60)
    book.comment_sale(copied, "whose is this?")
    books.clock.sleep(1)
    result = books.reconcile()
    assert (result.breaks_opened, result.breaks_closed) == (0, 0)
    assert books.open() == [(NOBODYS, "missing-shop")]
    book.void_sale(copied)
    assert found(books) == []


def test_of_two_edits_a_second_apart_the_later_is_read_though_the_earlier_was(books):
    key, sale = books.posted()
    line = sale["Lines"][0]
    books.clock.sleep(60)
    book = books.lane.sandbox.cin7
    book.edit_sale(sale["ID"], sku=line["SKU"], price=line["Price"] + 1)
    assert found(books, 0.5) == [(key, "amount")]
    book.edit_sale(sale["ID"], sku=line["SKU"], price=line["Price"])
    assert found(books) == []
