"""A pass looks at what changed, and a full one only into days that are not what they were."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from sfcc_cin7.db.schema import (
    captured_orders,
    day_digests,
    erp_sales,
    order_changes,
    orders,
    sold_orders,
)
from sfcc_cin7.ledger.passes.books import bring_up_to_date
from sfcc_cin7.ledger.passes.margins import update_margins
from sfcc_cin7.ledger.records import legs
from sfcc_cin7.values import decimal_json
from sfcc_cin7_tests.emptying import triggers_off
from sfcc_cin7_tests.ledger.bookkeeping import Books
from sfcc_cin7_tests.scenario.accounts import BELIEVED, Account


@pytest.fixture
def account() -> Account:
    """One of both: what has changed is told by the database, however it was booked."""
    return BELIEVED


def changed_only(books: Books):
    return bring_up_to_date(books.engine, books.model, books.clock, complete=True)


def everything(books: Books):
    return bring_up_to_date(books.engine, books.model, books.clock, complete=True, everything=True)


def behind_the_triggers(books: Books, statement) -> None:
    with books.engine.begin() as connection, triggers_off(connection, "erp_sales"):
        connection.execute(statement)


@pytest.fixture
def three(books):
    keys = [books.posted()[0] for _ in range(3)]
    changed_only(books)
    return books, keys


def test_after_a_pass_there_is_nothing_to_look_at(three):
    books, _ = three
    assert changed_only(books).looked_at == 0


def test_only_the_order_whose_sale_was_edited_is_looked_at(three):
    books, keys = three
    with books.engine.begin() as connection:
        change = update(erp_sales).where(erp_sales.c.external_id == keys[1])
        connection.execute(change.values(total=erp_sales.c.total + 1))
    result = changed_only(books)
    assert (result.looked_at, result.breaks_opened) == (1, 1)
    assert books.open() == [(keys[1], "amount")]


def test_claiming_or_delaying_an_order_is_no_change_for_the_books(three):
    books, _ = three
    with books.engine.begin() as connection:
        connection.execute(update(orders).values(attempts=7, lease_owner="somebody"))
    assert changed_only(books).looked_at == 0


def test_what_never_told_of_its_change_is_found_by_a_full_pass_through_its_days_digest(three):
    books, keys = three
    change = update(erp_sales).where(erp_sales.c.external_id == keys[2])
    behind_the_triggers(books, change.values(total=erp_sales.c.total + 1))
    assert changed_only(books).looked_at == 0
    result = everything(books)
    assert result.looked_at == 3  # the whole day of that site
    assert books.open() == [(keys[2], "amount")]


def test_a_full_pass_does_not_look_into_days_whose_digest_is_what_it_was(three):
    books, _ = three
    books.clock.sleep(86400)
    other, _ = books.posted()
    changed_only(books)
    change = update(erp_sales).where(erp_sales.c.external_id == other)
    behind_the_triggers(books, change.values(tax=erp_sales.c.tax + 1))
    assert everything(books).looked_at == 1
    assert everything(books).looked_at == 0


def test_carried_digests_are_what_a_fresh_one_would_be(three):
    books, keys = three
    with books.engine.begin() as connection:
        change = update(erp_sales).where(erp_sales.c.external_id == keys[0])
        connection.execute(change.values(total=erp_sales.c.total + 1))
        connection.execute(
            update(orders).where(orders.c.order_key == keys[1]).values(shop_status="cancelled")
        )
    changed_only(books)
    with books.engine.begin() as connection:
        legs.open_scope(connection)
        legs.add_days(connection, None, None)
        legs.compare(connection)
        fresh = connection.execute(text(legs.DIGEST.format(legs="legs"))).mappings().all()
        kept = connection.execute(select(day_digests)).mappings().all()
    assert [dict(one) for one in kept] == [dict(one) for one in fresh]


def test_an_order_that_is_due_later_is_looked_at_then_though_nothing_changes(books):
    key = books.lane.order()
    books.lane.sweep(timedelta(hours=1))
    assert changed_only(books).open_breaks.total() == 0
    with books.engine.connect() as connection:
        assert connection.scalar(select(order_changes.c.order_key)) == key
    books.clock.sleep(300)
    assert changed_only(books).looked_at == 0
    books.clock.sleep(301)
    changed_only(books)
    assert books.open() == [(key, "missing-erp")]


def test_a_text_that_no_database_takes_spoils_the_books_of_no_other_order(books):
    spoilt, sound = (books.posted()[0] for _ in range(2))
    with books.engine.begin() as connection:
        written = connection.scalar(select(orders.c.document).where(orders.c.order_key == spoilt))
        document = decimal_json.loads(written)
        for instrument in document["paymentInstruments"]:
            instrument["paymentTransaction"]["transactionId"] = "pi_\x00\ud800"
        for item in document["productItems"]:
            item["priceAdjustments"] = [
                {"appliedDiscount": {"type": "price_book_price", "priceBookId": "list\x00"}}
            ]
        new = {"document": decimal_json.dumps(document), "document_hash": "of what was spoilt"}
        connection.execute(update(orders).where(orders.c.order_key == spoilt).values(new))

    changed_only(books)
    update_margins(books.engine, books.model)

    with books.engine.connect() as connection:
        captured = connection.scalars(select(captured_orders.c.order_key)).all()
        sold = connection.scalars(select(sold_orders.c.order_key)).all()
    assert {spoilt, sound} == set(captured) == set(sold)


def with_duties(model, name):
    """The same merchant with a charge for duties, or without one any more."""
    sites = [
        site.model_copy(update={"charges": site.charges.model_copy(update={"duties": name})})
        for site in model.sites
    ]
    return model.model_copy(update={"sites": sites})


def test_a_mapping_of_duties_that_changed_since_makes_no_break_of_what_was_booked(books):
    """An order that was captured before duties were mapped, booked with them, and looked at again
    when the merchant had taken them out once more."""
    key = books.lane.order("alpenglow-us", "duties")
    books.lane.run()
    assert "tax-not-attributable" in books.lane.review_codes(key)
    changed_only(books)
    lane_model = books.lane.model
    books.lane.sandbox.cin7.create_product("Import duties", name="Import duties", service=True)
    books.lane.model = books.model = with_duties(lane_model, "Import duties")
    with books.engine.begin() as connection:
        connection.execute(update(orders).values(state="received"))
    books.lane.run_until_quiet()
    assert books.lane.states()[key] == "acknowledged"

    changed_only(books)
    assert books.open() == []
    books.model = lane_model
    with books.engine.begin() as connection:
        connection.execute(update(captured_orders).values(document_hash="read it again"))
        connection.execute(update(orders).values(sale_total=orders.c.sale_total))
    everything(books)
    assert books.open() == []
