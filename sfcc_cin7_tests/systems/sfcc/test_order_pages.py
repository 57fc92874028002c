"""One order that cannot be read hides no other."""

import pytest

from sfcc_cin7.systems.http.errors import ApiError, Refused, Unavailable
from sfcc_cin7.systems.sfcc.order_pages import Entry, Unreadable, legible, one_by_one, readable_page


class Site:
    """Forty-seven orders, of which some spoil every answer that they are part of."""

    def __init__(self, *broken: int, error: ApiError | None = None) -> None:
        self.orders: list[Entry] = [{"orderNo": f"{n:08d}"} for n in range(47)]
        self.broken = set(broken)
        self.error = error or Unavailable("sfcc", "GET /orders", 200, "no JSON")
        self.up = True
        self.calls = 0

    def read(self, offset: int, limit: int) -> list[Entry]:
        self.calls += 1
        if not self.up or self.broken & set(range(offset, offset + limit)):
            raise self.error
        return self.orders[offset : offset + limit]

    def answers(self) -> None:
        self.calls += 1
        if not self.up:
            raise self.error

    def page(self, offset: int = 0, limit: int = 50) -> list[Entry]:
        return readable_page(self.read, self.answers, offset, limit)


def test_a_page_without_trouble_is_one_call() -> None:
    site = Site()
    assert site.page() == site.orders
    assert site.calls == 1


@pytest.mark.parametrize("broken", [(0,), (46,), (13,), (13, 14), (0, 23, 24, 25, 46)])
def test_every_order_but_the_broken_ones_is_read_in_its_place(broken: tuple[int, ...]) -> None:
    site = Site(*broken)
    assert site.page() == [
        Unreadable() if at in broken else order for at, order in enumerate(site.orders)
    ]


def test_a_page_that_begins_later_is_read_from_there() -> None:
    site = Site(30)
    assert site.page(offset=25, limit=10) == [
        Unreadable() if at == 30 else site.orders[at] for at in range(25, 35)
    ]


def test_one_broken_order_costs_few_calls() -> None:
    site = Site(13)
    site.page()
    assert site.calls < 25


@pytest.mark.parametrize("status", [500, 504])
def test_a_page_that_the_server_cannot_make_is_taken_apart_too(status: int) -> None:
    error = Unavailable("sfcc", "GET /orders", status, "too large")
    assert Site(5, error=error).page().count(Unreadable()) == 1


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


@pytest.mark.parametrize("broken", [(), (0,), (3, 4), (9,)])
def test_orders_read_one_by_one_are_those_of_the_page(broken: tuple[int, ...]) -> None:
    site = Site(*broken)
    page = one_by_one(site.read, site.answers, 0, 10)
    assert page == [
        Unreadable() if at in broken else order for at, order in enumerate(site.orders[:10])
    ]


def test_reading_one_by_one_ends_with_the_orders() -> None:
    site = Site()
    assert one_by_one(site.read, site.answers, 40, 10) == site.orders[40:]


def test_a_site_that_is_down_is_no_row_of_broken_orders() -> None:
    site = Site()
    site.up = False
    with pytest.raises(Unavailable):
        one_by_one(site.read, site.answers, 0, 10)


GOOD = '{"orderNo": "00000001", "note": "{\\"orderNo\\": \\"x\\"}", "lines": [{"sku": "A"}]}'
OTHER = '{"orderNo": "00000002", "total": 19.990}'


def listed(*rows: str) -> list[object]:
    """What can be read of a list with these rows: numbers, and what stands for lost ones."""
    answer = f'{{"limit": 50, "data": [{", ".join(rows)}], "offset": 0}}'
    return [
        row["orderNo"] if isinstance(row, dict) else row for row in legible(answer.encode())["data"]
    ]


@pytest.mark.parametrize(
    "bad",
    [
        "{this is no JSON",
        "this is no JSON",
        "}}}",
        "{",
        '{"a": [}',
        '{"a": {"b": {"orderNo": 7}}, oops}',
        '{"lines": [{"sku": "B"}, {"sku": "C"}], ',
        '{"note": "a quotation without an end, ',
        "[" * 100_000 + "]" * 100_000,
        '{"a": ' * 5_000 + "1" + "}" * 5_000,
    ],
)
def test_what_is_no_json_takes_no_other_order_of_the_answer_with_it(bad: str) -> None:
    lost = Unreadable()
    assert listed(bad, GOOD, OTHER) == [lost, "00000001", "00000002"]
    assert listed(GOOD, bad, OTHER) == ["00000001", lost, "00000002"]
    assert listed(GOOD, OTHER, bad) == ["00000001", "00000002", lost]


def test_a_lost_order_is_named_where_its_number_can_be_made_out() -> None:
    assert listed(GOOD, '{"orderNo": "00000009", "a": nothing}') == [
        "00000001",
        Unreadable("00000009"),
    ]


def test_figures_of_a_spoilt_answer_are_exact() -> None:
    [_, other] = legible(f'{{"data": [{{oops}}, {OTHER}]}}'.encode())["data"]
    assert str(other["total"]) == "19.990"


def test_an_answer_cut_short_keeps_the_orders_before_the_cut() -> None:
    answer = f'{{"data": [{GOOD}, {OTHER[:20]}'
    assert legible(answer.encode())["data"][1:] == [Unreadable()]


def test_a_web_page_is_no_list_of_orders() -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        legible(b"<html>Sorry</html>")


def test_an_answer_spoilt_beyond_measure_is_given_up_so_that_each_order_is_read_alone() -> None:
    with pytest.raises(ValueError, match="spoilt"):
        listed(GOOD, '{"a": ' * 50_000, OTHER)
