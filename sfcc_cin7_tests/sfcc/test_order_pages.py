"""One order that cannot be read hides no other."""

from typing import Any

import pytest

from sfcc_cin7.http.errors import ApiError, Refused, Unavailable
from sfcc_cin7.sfcc.order_pages import readable_page


class Site:
    """Forty-seven orders, of which some spoil every answer that they are part of."""

    def __init__(self, *broken: int, error: ApiError | None = None) -> None:
        self.orders = [{"orderNo": f"{n:08d}"} for n in range(47)]
        self.broken = set(broken)
        self.error = error or Unavailable("sfcc", "GET /orders", 200, "no JSON")
        self.up = True
        self.calls = 0

    def read(self, offset: int, limit: int) -> list[dict[str, Any]]:
        self.calls += 1
        if not self.up or self.broken & set(range(offset, offset + limit)):
            raise self.error
        return self.orders[offset : offset + limit]

    def answers(self) -> None:
        self.calls += 1
        if not self.up:
            raise self.error

    def page(self, offset: int = 0, limit: int = 50) -> list[dict[str, Any] | None]:
        return readable_page(self.read, self.answers, offset, limit)


def test_a_page_without_trouble_is_one_call() -> None:
    site = Site()
    assert site.page() == site.orders
    assert site.calls == 1


@pytest.mark.parametrize("broken", [(0,), (46,), (13,), (13, 14), (0, 23, 24, 25, 46)])
def test_every_order_but_the_broken_ones_is_read_in_its_place(broken: tuple[int, ...]) -> None:
    site = Site(*broken)
    assert site.page() == [None if at in broken else order for at, order in enumerate(site.orders)]


def test_a_page_that_begins_later_is_read_from_there() -> None:
    site = Site(30)
    assert site.page(offset=25, limit=10) == [
        None if at == 30 else site.orders[at] for at in range(25, 35)
    ]


def test_one_broken_order_costs_few_calls() -> None:
    site = Site(13)
    site.page()
    assert site.calls < 25


@pytest.mark.parametrize("status", [500, 504])
def test_a_page_that_the_server_cannot_make_is_taken_apart_too(status: int) -> None:
    error = Unavailable("sfcc", "GET /orders", status, "too large")
    assert Site(5, error=error).page().count(None) == 1


def test_a_site_that_is_down_is_no_page_of_broken_orders() -> None:
    site = Site()
    site.up = False
    with pytest.raises(Unavailable):
        site.page()
    assert site.calls == 2


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("sfcc", "GET /orders", 503, "shed"),
        Unavailable("sfcc", "GET /orders", None, "no connection"),
        Refused("sfcc", "GET /orders", 400, "no such filter"),
    ],
)
def test_what_is_not_about_the_content_is_told_at_once(error: ApiError) -> None:
    site = Site(13, error=error)
    with pytest.raises(type(error)):
        site.page()
    assert site.calls == 1
