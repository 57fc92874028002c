"""How long an order waits after it could not be posted."""

from datetime import timedelta

from sfcc_cin7.orders.posting.backoff import FIRST, LONGEST, backoff


def test_waits_double_with_full_jitter_up_to_a_quarter_of_an_hour() -> None:
    longest = [backoff(failures, 1.0) for failures in range(1, 12)]
    assert [wait.total_seconds() for wait in longest] == [
        10, 20, 40, 80, 160, 320, 640, 900, 900, 900, 900,
    ]  # fmt: skip


def test_no_wait_is_so_short_that_a_write_could_not_be_listed_yet() -> None:
    assert {backoff(failures, 0.0) for failures in range(12)} == {FIRST / 2}


def test_however_often_it_failed_the_wait_is_bounded() -> None:
    assert backoff(10_000, 1.0) == LONGEST == timedelta(minutes=15)
