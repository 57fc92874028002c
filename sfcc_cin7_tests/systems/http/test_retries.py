"""Which reads are repeated, and how long apart."""

import pytest

from sfcc_cin7.systems.http import retries
from sfcc_cin7.systems.http.errors import NotFound, OutOfBudget, Throttled, Unavailable


def failing(error, times):
    left = [error] * times

    def attempt():
        if left:
            raise left.pop()
        return "read"

    return attempt


def test_an_unavailable_read_is_repeated_with_growing_pauses():
    pauses: list[float] = []
    error = Unavailable("cin7", "GET /me", 502, "bad gateway")
    assert retries.read(failing(error, 3), pauses.append) == "read"
    assert len(pauses) == 3
    assert all(0 <= pause <= 8 for pause in pauses)


def test_a_read_that_stays_unavailable_ends_with_its_own_error():
    error = Unavailable("cin7", "GET /me", 502, "bad gateway")
    with pytest.raises(Unavailable):
        retries.read(failing(error, 4), lambda seconds: None)


def test_a_throttled_read_waits_as_long_as_it_was_told():
    pauses: list[float] = []
    error = Throttled("cin7", "GET /me", 429, "limit")
    error.retry_after = 31.0
    assert retries.read(failing(error, 1), pauses.append) == "read"
    assert pauses == [31.0]


@pytest.mark.parametrize("kind", [NotFound, OutOfBudget])
def test_a_definite_answer_and_our_own_budget_are_not_asked_again(kind):
    attempts = failing(kind("cin7", "GET /sale", 404, "no"), 1)
    with pytest.raises(kind):
        retries.read(attempts, lambda seconds: pytest.fail("waited"))
