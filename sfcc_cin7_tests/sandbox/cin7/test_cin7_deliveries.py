"""How events are delivered: when, how often, to whom, and what may go wrong."""

import asyncio
from datetime import timedelta

import httpx
import pytest
import simplejson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sfcc_cin7_sandbox.cin7.deliveries import is_loopback
from sfcc_cin7_sandbox.shelf import Shelf
from sfcc_cin7_tests.sandbox.cin7_company import Company, line
from sfcc_cin7_tests.sandbox.listener import Listener


@pytest.fixture
def listener() -> Listener:
    return Listener()


def test_the_first_try_comes_a_minute_after_the_event(listener: Listener) -> None:
    listener.register("Sale/Created")
    listener.company.new_sale()
    assert listener.listen(0.9) == []
    assert len(listener.listen(0.1)) == 1
    assert listener.listen(60) == [], "and only once"


def test_a_delivery_is_tried_six_times_and_then_the_webhook_is_off(listener: Listener) -> None:
    listener.register("Sale/Created")
    listener.company.new_sale()
    listener.status = 500
    tried = [minute for minute in range(1, 80) if listener.listen(1)]
    assert tried == [1, 6, 16, 31, 51, 76]
    (hook,) = listener.company.get("/webhooks")["Webhooks"]
    assert hook["IsActive"] is False


def test_a_listener_that_comes_back_in_time_stays_on_the_list(listener: Listener) -> None:
    listener.register("Sale/Created")
    listener.company.new_sale()
    listener.status = None
    listener.listen(1)
    listener.status = 204
    assert len(listener.listen(5)) == 1
    assert listener.listen(120) == []
    assert listener.company.get("/webhooks")["Webhooks"][0]["IsActive"] is True


def test_what_happens_while_a_webhook_is_off_is_never_told(listener: Listener) -> None:
    hook = listener.register("Sale/Created")
    listener.company.new_sale()
    listener.company.put("/webhooks", hook | {"IsActive": False})
    assert listener.listen(2) == []
    listener.company.new_sale()
    listener.company.put("/webhooks", hook | {"IsActive": True})
    assert listener.listen(120) == []


def test_a_deleted_webhook_is_told_nothing_more(listener: Listener) -> None:
    hook = listener.register("Sale/Created")
    listener.company.new_sale()
    listener.company.delete("/webhooks", ID=hook["ID"])
    assert listener.listen() == []


@pytest.mark.parametrize(
    ("authorization", "header"),
    [
        ({"ExternalAuthorizationType": "noauth"}, None),
        (
            {
                "ExternalAuthorizationType": "basicauth",
                "ExternalUserName": "clerk",
                "ExternalPassword": "s3cret",
            },
            "Basic Y2xlcms6czNjcmV0",
        ),
        (
            {"ExternalAuthorizationType": "bearerauth", "ExternalBearerToken": "t-1"},
            "Bearer t-1",
        ),
    ],
)
def test_a_delivery_shows_who_it_is_from(
    listener: Listener, authorization: dict[str, str], header: str | None
) -> None:
    extra = [{"Key": "X-Room", "Value": "stock"}]
    listener.register("Sale/Created", ExternalHeaders=extra, **authorization)
    listener.company.new_sale()
    listener.listen()
    _, headers, _ = listener.heard[0]
    assert headers.get("Authorization") == header
    assert (headers["X-Room"], headers["Content-Type"]) == ("stock", "application/json")


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/cin7",
        "http://10.0.0.1/",
        "http://127.0.0.1.example.com/",
        "http://127.0.0.1@example.com/",
        "http://[2001:db8::1]/",
        "http://0.0.0.0/",
        "http://localhost.example.com/",
        "http://2130706433/",
    ],
)
def test_nobody_beyond_this_machine_is_ever_called(listener: Listener, url: str) -> None:
    assert not is_loopback(url)
    listener.register("Sale/Created", ExternalURL=url)
    listener.company.new_sale()
    for _ in range(80):
        listener.listen(1)
    assert listener.heard == []
    assert listener.company.get("/webhooks")["Webhooks"][0]["IsActive"] is False


def test_this_machine_has_several_names() -> None:
    for url in (
        "http://127.0.0.1:8/",
        "https://localhost/x",
        "http://[::1]:80/",
        "http://127.9.9.9",
    ):
        assert is_loopback(url)


def test_a_dropped_event_is_never_delivered(listener: Listener) -> None:
    listener.register("Sale/Created")
    listener.company.faults.rates["cin7.webhook_dropped"] = 1
    listener.company.new_sale()
    assert listener.listen(200) == []


def test_a_delivery_may_come_twice(listener: Listener) -> None:
    listener.register("Sale/Created")
    listener.company.faults.rates["cin7.webhook_repeated"] = 1
    listener.company.new_sale()
    (first,) = listener.listen()
    listener.company.faults.rates.clear()
    assert listener.listen() == [first]
    assert listener.listen(200) == []


def test_a_later_event_may_overtake(listener: Listener) -> None:
    listener.register("Sale/Created", "Sale/OrderAuthorised")
    company = listener.company
    company.faults.rates["cin7.webhook_reordered"] = 1
    company.faults.sizes["cin7.webhook_reordered"] = 300
    sale = company.new_sale()
    company.faults.rates.clear()
    company.authorise(sale, line())
    assert listener.kinds() == ["Sale/OrderAuthorised"]
    assert listener.kinds(5) == ["Sale/Created"]


def test_deliveries_outlive_the_companys_process() -> None:
    shelf = Shelf()
    before = Listener(Company(shelf), status=500)
    before.register("Sale/Created", "Sale/OrderAuthorised")
    sale = before.company.new_sale()
    before.listen()
    before.company.authorise(sale, line())
    after = Listener(Company(shelf))
    after.company.clock.advance(before.company.clock.now() - after.company.clock.now())
    assert after.kinds(10) == ["Sale/OrderAuthorised", "Sale/Created"]


def test_the_waits_are_a_setting() -> None:
    listener = Listener(Company(webhook_waits=(timedelta(0), timedelta(minutes=1))), status=500)
    listener.register("Sale/Created")
    listener.company.new_sale()
    assert len(listener.listen(0.5)) == 1
    assert len(listener.listen(0.5)) == 1
    assert listener.company.get("/webhooks")["Webhooks"][0]["IsActive"] is False


def deliver_to(company: Company, app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deliver by the sandbox's own client, to an application instead of a port."""

    def client(**options: object) -> httpx.AsyncClient:
        seen.append(options)
        return real(transport=httpx.ASGITransport(app))

    seen: list[dict[str, object]] = []
    real = httpx.AsyncClient
    monkeypatch.setattr("sfcc_cin7_sandbox.cin7.deliveries.httpx.AsyncClient", client)
    company.clock.advance(timedelta(minutes=2))
    asyncio.run(company.cin7.pump())
    assert [options["trust_env"] for options in seen] == [False], "no proxy stands between"


def test_the_delivery_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    received = []

    async def receive(request: Request) -> Response:
        received.append((request.headers["content-type"], await request.body()))
        return Response(status_code=202)

    listener = Listener()
    listener.register("Sale/Created")
    company = listener.company
    del listener
    company.cin7.deliveries.post = company.cin7.deliveries._over_http
    company.new_sale()
    deliver_to(company, Starlette(routes=[Route("/cin7", receive, methods=["POST"])]), monkeypatch)
    ((kind, body),) = received
    assert kind == "application/json"
    assert simplejson.loads(body)["EventType"] == "Sale/Created"


def test_a_redirect_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def redirect(request: Request) -> Response:
        asked.append(request.url.path)
        return RedirectResponse("http://127.0.0.1:9/elsewhere", 307)

    listener = Listener()
    listener.register("Sale/Created")
    company = listener.company
    company.cin7.deliveries.post = company.cin7.deliveries._over_http
    company.new_sale()
    deliver_to(
        company, Starlette(routes=[Route("/{rest:path}", redirect, methods=["POST"])]), monkeypatch
    )
    assert asked == ["/cin7"]
    assert company.cin7.deliveries._queue[0].tries == 1, "it counts as a failure"
