"""Reading orders and writing their statuses."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from sfcc_cin7.systems.http.errors import Ambiguous, Conflict, NotFound, Refused, Unavailable
from sfcc_cin7.systems.sfcc.client import MOST_REACHABLE
from sfcc_cin7.systems.sfcc.documents import instant
from sfcc_cin7.systems.sfcc.order_pages import Missed
from sfcc_cin7_tests.systems.sfcc.shop import Shop

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


class Archive(Shop):
    """Answers order lists from orders that it holds, like the real index."""

    def __init__(self, clock, created):
        super().__init__(clock)
        self.created = created
        self.largest_page = 200
        self.deepest = 0
        self.illegible = set()

    def _answer(self, request):
        if self.answers or not request.url.path.endswith("/orders"):
            return super()._answer(request)
        asked = dict(request.url.params)
        limit, offset = int(asked["limit"]), int(asked["offset"])
        self.deepest = max(self.deepest, limit + offset)
        if limit > self.largest_page:
            return httpx.Response(500)
        found = sorted(
            (at, number)
            for number, at in self.created.items()
            if asked["creationDateFrom"] <= instant(at) < asked.get("creationDateTo", "9")
        )
        rows = [
            "{no JSON"
            if no in self.illegible
            else json.dumps({"orderNo": no, "creationDate": instant(at)})
            for at, no in found[offset : offset + limit]
        ]
        return httpx.Response(200, text=f'{{"data": [{", ".join(rows)}]}}')

    def all_numbers(self, days=1):
        return [order["orderNo"] for order in self.all_orders(days) if isinstance(order, dict)]

    def all_orders(self, days=1):
        return list(
            self.client.all_orders(
                "uk", created_from=MONDAY, created_to=MONDAY + timedelta(days=days)
            )
        )


def every(seconds, count):
    return {f"{n:08d}": MONDAY + timedelta(seconds=seconds * n) for n in range(count)}


@pytest.mark.parametrize("illegible", [{0}, {3}, {6}, {2, 6}, {0, 3, 6}])
def test_each_order_that_is_no_json_is_missed_once_and_the_others_come(clock, illegible):
    archive = Archive(clock, every(60, 7))
    numbers = list(archive.created)
    archive.illegible = {numbers[n] for n in illegible}
    found = archive.all_orders()
    assert [row["orderNo"] for row in found if isinstance(row, dict)] == [
        number for number in numbers if number not in archive.illegible
    ]
    assert sum(isinstance(row, Missed) for row in found) == len(illegible)


def test_a_page_is_asked_for_in_the_words_of_the_api(shop):
    shop.will_say({"data": [{"orderNo": "00042"}]})
    found = shop.client.orders(
        "uk",
        statuses=("new", "completed"),
        export_statuses=("ready",),
        created_from=MONDAY,
        modified_to=MONDAY + timedelta(microseconds=1),
        sort_by="last_modified_date",
        limit=50,
        offset=100,
    )
    assert found == [{"orderNo": "00042"}]
    path = "/checkout/orders/v1/organizations/f_ecom_zzal_001/orders"
    assert shop.requests[0].url.path == path
    assert shop.requests[0].headers["correlation-id"] == "trace-1"
    assert shop.asked() == {
        "siteId": "uk",
        "status": "new,completed",
        "exportStatus": "ready",
        "creationDateFrom": "2026-03-02T00:00:00.000Z",
        "lastModifiedDateTo": "2026-03-02T00:00:00.001Z",
        "sortBy": "last_modified_date",
        "sortOrder": "asc",
        "limit": "50",
        "offset": "100",
    }


def test_a_busy_day_beyond_the_cap_is_read_whole_and_in_order(clock):
    archive = Archive(clock, every(4, MOST_REACHABLE + 2_000))
    numbers = archive.all_numbers()
    assert numbers == sorted(archive.created)
    assert archive.deepest <= MOST_REACHABLE


def test_the_end_of_a_window_belongs_to_the_next(clock):
    archive = Archive(clock, every(86_400 / 2, 4))
    assert archive.all_numbers() == ["00000000", "00000001"]


def test_orders_that_share_one_instant_are_all_read(clock):
    burst = dict.fromkeys((f"{n:08d}" for n in range(700)), MONDAY + timedelta(seconds=1))
    archive = Archive(clock, {**burst, "first": MONDAY, "last": MONDAY + timedelta(seconds=2)})
    numbers = archive.all_numbers()
    assert len(numbers) == len(set(numbers)) == 702


def test_more_orders_in_one_instant_than_can_be_reached_are_an_error_not_a_gap(clock):
    archive = Archive(clock, dict.fromkeys(map(str, range(MOST_REACHABLE + 1)), MONDAY))
    with pytest.raises(Refused, match="more than 10000 orders of uk"):
        archive.all_numbers()


def test_a_sweep_waits_where_a_storefront_is_busy(clock):
    archive = Archive(clock, every(60, 3))
    archive.will_say(status=429, headers={"Retry-After": "7"})
    before = clock.now()
    assert archive.all_numbers() == sorted(archive.created)
    assert clock.now() - before == timedelta(seconds=7)


def test_pages_that_are_too_fat_for_the_server_are_asked_for_in_halves(clock):
    archive = Archive(clock, every(10, 300))
    archive.largest_page = 60
    assert archive.all_numbers() == sorted(archive.created)


def test_a_server_that_never_answers_ends_the_list_with_its_error(clock):
    archive = Archive(clock, every(10, 3))
    archive.largest_page = 0
    with pytest.raises(Unavailable):
        archive.all_numbers()


def test_an_order_number_is_text_and_quoted(shop):
    shop.will_say({"orderNo": "00/4 2"}).client.order("uk", "00/4 2")
    assert shop.requests[0].url.raw_path.split(b"?")[0].endswith(b"/orders/00%2F4%202")
    shop.will_say({"title": "Not Found"}, 404)
    with pytest.raises(NotFound):
        shop.client.order("uk", "7")


def test_each_status_has_its_own_address(shop):
    for _ in range(3):
        shop.will_say(status=204)
    shop.client.set_export_status("uk", "7", "exported")
    shop.client.set_external_status("uk", "7", "SO-00007")
    shop.client.set_confirmation_status("uk", "7", "confirmed")
    assert [request.url.path.split("/")[-1] for request in shop.requests] == [
        "export-status",
        "external-status",
        "confirmation-status",
    ]
    assert shop.sent(1) == {"status": "SO-00007"}
    assert shop.asked(1) == {"siteId": "uk"}


@pytest.mark.parametrize(
    "failure", [(409, {"title": "lock"}, None), (400, {"title": "x"}, None), (504, None, None)]
)
def test_a_failed_write_whose_value_is_there_is_done(shop, failure):
    shop.answers.append(failure)
    shop.will_say({"orderNo": "7", "exportStatus": "exported"})
    shop.client.set_export_status("uk", "7", "exported")
    assert [request.method for request in shop.requests] == ["PUT", "GET"]


@pytest.mark.parametrize(("status", "kind"), [(409, Conflict), (400, Refused), (504, Ambiguous)])
def test_a_failed_write_whose_value_is_not_there_keeps_its_error(shop, status, kind):
    shop.will_say({"title": "x"}, status).will_say({"orderNo": "7", "exportStatus": "ready"})
    with pytest.raises(kind):
        shop.client.set_export_status("uk", "7", "exported")


def test_a_look_up_that_fails_does_not_hide_that_the_write_is_in_doubt(shop):
    shop.answers.append(httpx.ReadTimeout("silence"))
    for _ in range(4):
        shop.will_say(status=502)
    with pytest.raises(Ambiguous, match="silence"):
        shop.client.set_export_status("uk", "7", "exported")


def test_a_write_that_never_left_is_not_looked_up(shop):
    shop.answers.append(httpx.ConnectError("refused"))
    with pytest.raises(Unavailable):
        shop.client.set_export_status("uk", "7", "exported")
    assert len(shop.requests) == 1


def test_an_answer_without_order_numbers_is_not_believed(shop):
    for _ in range(4):
        shop.will_say({"data": [{"customerName": "Jane"}]})
    with pytest.raises(Unavailable, match=r"data\.orderNo"):
        shop.client.orders("uk")
