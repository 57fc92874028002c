"""Cin7's word that stock moved: who may say so, and what becomes of it."""

import asyncio
import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import simplejson
from pydantic import SecretStr
from sqlalchemy import Engine, select
from starlette.applications import Starlette

from sfcc_cin7.db.database import connect, normalise
from sfcc_cin7.db.schema import stock_hints
from sfcc_cin7.runtime.hooks import LARGEST, USER, application
from sfcc_cin7.runtime.settings import Hooks, hooks
from sfcc_cin7.stock.reading.receiver import MOST_SKUS, PATH, stock_hook
from sfcc_cin7.stock.reading.subscription import STOCK_MOVED, ensure_subscription
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_tests.stock.house import StockHouse, stock_house

SECRET = "a-secret-that-nobody-guesses"
BEARER = {"Authorization": f"Bearer {SECRET}"}
EVENT = [{"SKU": "TENT", "Location": "London DC", "Available": 3, "MaxRows": 1}]


class Caller:
    """Whoever calls the receiver."""

    def __init__(self, app: Starlette) -> None:
        self._transport = httpx.ASGITransport(app)

    def post(self, path: str, **request: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url="http://us") as http:
                return await http.post(path, **request)

        return asyncio.run(send())


@pytest.fixture
def hear(engine: Engine, clock: ManualClock) -> Caller:
    return Caller(application([stock_hook(engine, clock)], SECRET))


def hinted(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(select(stock_hints.c.sku)))


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.mark.parametrize("credentials", [BEARER, basic(USER, SECRET)], ids=["bearer", "basic"])
def test_what_moved_is_kept_as_a_hint(hear: Caller, engine: Engine, credentials):
    for _ in range(2):
        assert hear.post(PATH, json=EVENT, headers=credentials).status_code == 200
    assert hinted(engine) == ["TENT"]


@pytest.mark.parametrize(
    "credentials",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": f"Bearer {SECRET}x"},
        {"Authorization": SECRET},
        {"Authorization": "Basic ???"},
        basic(USER, "guess"),
        basic("somebody", SECRET),
    ],
)
def test_nobody_else_is_listened_to(hear: Caller, engine: Engine, credentials):
    assert hear.post(PATH, json=EVENT, headers=credentials).status_code == 401
    assert hinted(engine) == []


def test_more_than_an_event_can_be_is_cut_off(hear: Caller, engine: Engine):
    answer = hear.post(PATH, content=b"[" + b" " * LARGEST + b"]", headers=BEARER)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"{}",
        b'[1, null, {"SKU": 5}, {"SKU": ""}, {"SKU": "A\\u0000"}]',
        simplejson.dumps([{"SKU": f"S-{n}"} for n in range(MOST_SKUS + 1)]).encode(),
    ],
)
def test_what_cannot_be_read_is_thanked_for_so_that_the_webhook_stays_on(hear, engine, body):
    assert hear.post(PATH, content=body, headers=BEARER).status_code == 200
    assert hinted(engine) == []


def test_a_hint_that_cannot_be_kept_is_asked_for_again(clock: ManualClock):
    nowhere = connect(normalise("postgresql://me:secret@127.0.0.1:1/nowhere"))
    answer = Caller(application([stock_hook(nowhere, clock)], SECRET)).post(
        PATH, json=EVENT, headers=BEARER
    )
    assert answer.status_code == 503


@pytest.mark.parametrize(
    "environment",
    [
        {"SFCC_CIN7_HOOKS_URL": "https://hooks.example"},
        {"SFCC_CIN7_HOOKS_SECRET": SECRET},
        {"SFCC_CIN7_HOOKS_URL": "https://hooks.example", "SFCC_CIN7_HOOKS_SECRET": "short"},
    ],
)
def test_half_a_configuration_is_none(environment, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match="SFCC_CIN7_HOOKS") as caught:
        hooks()
    assert SECRET not in str(caught.value)
    for name in environment:
        monkeypatch.delenv(name)
    assert hooks() is None


@pytest.fixture
def house(engine: Engine, clock: ManualClock) -> Iterator[StockHouse]:
    with stock_house(engine, clock, cin7=Cin7Settings()) as house:
        yield house


OURS = Hooks("http://127.0.0.1:9", SecretStr(SECRET))


def ensure(house: StockHouse, settings: Hooks = OURS) -> str:
    return ensure_subscription(house.engine, house.erp, settings, house.clock).found


def stock_moves(house: StockHouse) -> str:
    """A count in the ERP, whose event is on its way."""
    row = house.sandbox.cin7.stock_truth()[0]
    house.sandbox.cin7.adjust(row["SKU"], row["Location"], row["OnHand"] + 7)
    asyncio.run(house.sandbox.cin7.pump())
    return str(row["SKU"])


def test_cin7_is_asked_once_to_tell_of_stock(house: StockHouse):
    assert [ensure(house), ensure(house)] == ["subscribed", "active"]
    (hook,) = house.erp.webhooks()
    assert (hook.type, hook.is_active) == (STOCK_MOVED, True)
    assert SECRET not in repr(hook)


def test_a_webhook_that_cin7_switched_off_is_put_back(house: StockHouse):
    ensure(house)
    stock_moves(house)

    async def nobody_listens(*_: object) -> None:
        return None

    house.sandbox.cin7.deliveries.post = nobody_listens
    for _ in range(6):
        house.clock.sleep(1600)
        asyncio.run(house.sandbox.cin7.pump())
    assert [hook.is_active for hook in house.erp.webhooks()] == [False]
    assert ensure(house) == "put back"
    assert [hook.is_active for hook in house.erp.webhooks()] == [True]


def test_another_secret_reaches_cin7(house: StockHouse):
    ensure(house)
    assert ensure(house, Hooks(OURS.url, SecretStr(SECRET[::-1]))) == "put back"
    assert len(house.erp.webhooks()) == 1


def test_an_event_of_the_erp_reaches_the_hints(house: StockHouse, hear: Caller):
    ensure(house)
    sku = stock_moves(house)

    async def deliver(url: str, headers: dict[str, str], body: bytes) -> int:
        assert url.endswith(PATH)
        answer = await asyncio.to_thread(hear.post, PATH, content=body, headers=headers)
        return answer.status_code

    house.sandbox.cin7.deliveries.post = deliver
    house.clock.sleep(60)
    asyncio.run(house.sandbox.cin7.pump())
    assert hinted(house.engine) == [sku]
