"""What people do to sales by hand in the ERP, beside what the planted troubles show of it."""

import pytest

NOBODYS = "alpenglow:alpenglow-uk:NOBODYS"


def type_over(books, sale_id: str, external_id: str) -> None:
    """Somebody gives a sale another ExternalID."""
    books.clock.sleep(60)
    book = books.lane.sandbox.cin7
    sale = book._sales.find(sale_id)
    sale.header["ExternalID"] = external_id
    book._sales.save(sale)


def found(books, seconds: float = 660) -> list[tuple[str, str]]:
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
