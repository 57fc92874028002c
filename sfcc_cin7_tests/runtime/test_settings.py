"""What an environment says is understood once, for Dagster and for commands alike."""

import os
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.remote_representation.external_data import RepositorySnap
from sqlalchemy import URL

from sfcc_cin7.cli.emulated import sandbox_environment
from sfcc_cin7.definitions import defs
from sfcc_cin7.runtime.deployment import Deployment
from sfcc_cin7.runtime.places import PlaceSettings
from sfcc_cin7.runtime.settings import (
    OPERATING_MODEL,
    REQUIRED,
    Cin7Settings,
    MerchantSettings,
    NotSet,
    SfccSettings,
    read,
    require,
    variables,
)
from sfcc_cin7_tests.project import SANDBOX_MODEL

ENVIRONMENT = sandbox_environment("http://127.0.0.1:1") | {OPERATING_MODEL: str(SANDBOX_MODEL)}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, database_url: URL, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    own = {"SFCC_CIN7_DATABASE_URL": database_url.render_as_string(hide_password=False)}
    for name, value in (ENVIRONMENT | own).items():
        monkeypatch.setenv(name, value)


def test_what_is_needed_is_what_is_explained() -> None:
    needed = {
        f"{settings.model_config['env_prefix']}{name}".upper()
        for settings in (MerchantSettings, SfccSettings, Cin7Settings)
        for name, field in settings.model_fields.items()
        if field.is_required()
    }
    assert needed == {variable.name for variable in REQUIRED}


def test_everything_that_is_missing_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SFCC_CLIENT_SECRET", "CIN7_ACCOUNT_ID", OPERATING_MODEL):
        monkeypatch.setenv(name, "")
    with pytest.raises(NotSet) as caught:
        require()
    assert str(caught.value).startswith(f"{OPERATING_MODEL} is not set: it is the operating model")
    assert str(caught.value).endswith("Also missing: SFCC_CLIENT_SECRET, CIN7_ACCOUNT_ID.")


def test_what_is_handed_to_dagster_is_complete_and_reads_back_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("CIN7_ORDERS_APPLICATION_KEY", "CIN7_URL", "SFCC_ACCOUNT_MANAGER_URL"):
        monkeypatch.delenv(name)
    told = variables(read(SfccSettings), read(Cin7Settings))
    assert told["CIN7_ORDERS_APPLICATION_KEY"] == ENVIRONMENT["CIN7_APPLICATION_KEY"]
    assert told["CIN7_URL"] == "https://inventory.dearsystems.com/ExternalApi/v2"
    assert told["SFCC_ACCOUNT_MANAGER_URL"] == "https://account.demandware.com"
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert variables(read(SfccSettings), read(Cin7Settings)) == told


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SFCC_CIN7_DATABASE_URL", "postgresql://me:hunter2@db/books")
    shown = repr([read(SfccSettings), read(Cin7Settings), PlaceSettings()])
    for secret in ("sandbox-secret", "sandbox-key", "sandbox-orders-key", "hunter2"):
        assert secret not in shown


def test_nothing_of_the_environment_is_what_dagster_shows_of_a_code_location() -> None:
    shown = dg.serialize_value(RepositorySnap.from_def(defs.get_repository_def()))
    for value in (*ENVIRONMENT.values(), os.environ["SFCC_CIN7_DATABASE_URL"]):
        assert not value or value not in shown


def test_a_command_shares_the_call_budget_as_a_run_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIN7_ORDERS_APPLICATION_KEY", "")
    with Deployment() as given:
        governor: Any = given.erp("stock")._governor
        assert len(governor._own["stock"]) == 4


def test_a_key_can_be_tried_though_the_operating_model_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CIN7_ORDERS_APPLICATION_KEY", "")
    monkeypatch.setenv(OPERATING_MODEL, "nowhere.yaml")
    with Deployment() as given:
        assert given.erp("stock").budget == given.cin7.budget("orders", "account")
