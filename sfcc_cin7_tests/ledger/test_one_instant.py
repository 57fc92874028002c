"""A pass of the ledger sees one instant of all legs, whatever is written meanwhile."""

import threading

import pytest
from sqlalchemy import text

from sfcc_cin7.ledger.records import ledger as store
from sfcc_cin7.ledger.records import payouts


def edit_both_legs(engine):
    """The storefront's order was edited and the sale corrected after it, in one go."""
    with engine.begin() as connection:
        connection.execute(text("update sfcc_cin7.orders set order_total = order_total + 1"))
        connection.execute(text("update sfcc_cin7.erp_sales set total = total + 1"))


def test_an_edit_of_both_legs_between_two_statements_is_no_break(books, monkeypatch):
    books.posted()
    books.clock.sleep(60)
    real = store.orders_by_key

    def then_somebody_edits(connection, keys):
        rows = real(connection, keys)
        monkeypatch.setattr(store, "orders_by_key", real)
        edit_both_legs(books.engine)
        return rows

    monkeypatch.setattr(store, "orders_by_key", then_somebody_edits)
    assert books.reconcile().differing > 0  # it is not settled yet, so its details are read
    assert books.open() == []
    books.clock.sleep(60)
    assert books.post().looked_at == 1  # the edit was noted for the next pass
    assert books.open() == []


def test_two_passes_at_once_wait_for_each_other_and_post_once(books):
    for _ in range(3):
        books.posted()
    results: list[object] = []
    go = threading.Barrier(2)

    def run():
        go.wait()
        try:
            results.append(books.post().entries_written)
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, results)) == ["0", "18"]


def test_a_pass_that_was_overtaken_by_a_report_looks_anew(books, monkeypatch):
    books.posted()
    with books.engine.begin() as connection:
        connection.execute(text(LINE), {"at": books.clock.now()})
    real = payouts.match
    overtaken: list[int] = []

    def while_the_report_is_read_again(connection):
        if not overtaken:
            overtaken.append(1)
            connection.execute(text("select 1 from sfcc_cin7.payout_lines")).all()
            with books.engine.begin() as other:
                other.execute(text("update sfcc_cin7.payout_lines set report = 'again'"))
            connection.execute(text("update sfcc_cin7.payout_lines set report = 'mine'"))
        return real(connection)

    monkeypatch.setattr(payouts, "match", while_the_report_is_read_again)
    assert books.post().entries_written > 0
    assert overtaken == [1]


def test_another_trouble_of_the_database_is_no_reason_to_look_anew(books, monkeypatch):
    calls = []

    def fails(connection):
        calls.append(1)
        connection.execute(text("select pg_terminate_backend(pg_backend_pid())"))

    monkeypatch.setattr(payouts, "match", fails)
    with pytest.raises(Exception, match=r"terminating|closed"):
        books.post()
    assert calls == [1]


LINE = """
insert into sfcc_cin7.payout_lines (gateway, line_key, report, kind, payment_reference,
    merchant_reference, currency, gross, settled_currency, fee, net, occurred_at,
    payout_id, read_at)
values ('stripe', 'txn_1', 'one.csv', 'charge', 'nobody', '', 'GBP', 1, 'GBP', 0, 1, :at, 'po', :at)
"""
