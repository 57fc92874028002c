"""What a merchant's keys make of the call budget."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import URL

from sfcc_cin7.cli.emulated import sandbox_environment
from sfcc_cin7.db.database import DATABASE_URL
from sfcc_cin7.runtime.resources import from_environment
from sfcc_cin7.runtime.settings import OPERATING_MODEL
from sfcc_cin7_tests.project import SANDBOX_MODEL


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, database_url: URL) -> None:
    environment = sandbox_environment("http://erp.test") | {
        DATABASE_URL: database_url.render_as_string(hide_password=False),
        OPERATING_MODEL: str(SANDBOX_MODEL),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def slots_of_stock_alone() -> range:
    """Which slots the stock lane has to itself, as the code location binds it."""
    with dg.build_resources(from_environment()) as resources:
        governor: Any = resources.erp.client("stock")._governor
        slots: range = governor._own.get("stock", range(0))
        return slots


@pytest.mark.parametrize(
    ("orders_key", "scope", "slots"),
    [
        ("sandbox-key", "key", 4),
        ("", "key", 4),
        ("sandbox-key", "account", 4),
        ("another", "account", 4),
        ("another", "key", 0),
    ],
)
def test_slots_are_reserved_for_stock_wherever_orders_share_its_budget(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, orders_key: str, scope: str, slots: int
) -> None:
    model = tmp_path / "model.yaml"
    model.write_text(SANDBOX_MODEL.read_text() + f"\ncalls: {{limit_scope: {scope}}}\n")
    monkeypatch.setenv(OPERATING_MODEL, str(model))
    monkeypatch.setenv("CIN7_ORDERS_APPLICATION_KEY", orders_key)
    assert len(slots_of_stock_alone()) == slots


def test_two_keys_share_one_budget_until_somebody_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CIN7_ORDERS_APPLICATION_KEY", "another")
    assert len(slots_of_stock_alone()) == 4


def test_the_merchant_decides_how_many(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    model = tmp_path / "model.yaml"
    model.write_text(SANDBOX_MODEL.read_text() + "\ncalls: {reserved: {stock: 7}}\n")
    monkeypatch.setenv(OPERATING_MODEL, str(model))
    monkeypatch.setenv("CIN7_ORDERS_APPLICATION_KEY", "")
    assert slots_of_stock_alone() == range(53, 60)
