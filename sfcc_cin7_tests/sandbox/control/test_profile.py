"""A sandbox that behaves like an account that was probed."""

import re
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.control import commands
from sfcc_cin7_sandbox.control.commands import sandbox
from sfcc_cin7_sandbox.control.profile import CIN7, SFCC, settings_of
from sfcc_cin7_sandbox.control.server import Premises
from sfcc_cin7_sandbox.sfcc import SfccSettings


def profile(folder: Path, **behaviours: str) -> Path:
    path = folder / "profile.yaml"
    rows = "".join(f"  {name}: {{value: '{value}'}}\n" for name, value in behaviours.items())
    path.write_text(f"behaviours:\n{rows}")
    return path


def test_values_set_the_switches_and_the_rest_keeps_its_default(tmp_path: Path) -> None:
    seen = {
        "cin7.limit.scope": "key",
        "cin7.order.line-total": "with-tax",
        "cin7.order.min-quantity": "less-than-1",
        "sfcc.orders.lag": "within-60-s",
        "sfcc.order.not-found": "404",
    }
    cin7, sfcc = settings_of(profile(tmp_path, **seen))

    assert cin7 == Cin7Settings(
        call_limit_scope="key", line_total="with-tax", min_quantity=Decimal("0.0001")
    )
    assert sfcc == SfccSettings(index_lag=20)


def test_a_value_without_a_meaning_leaves_the_default(tmp_path: Path) -> None:
    assert settings_of(profile(tmp_path, **{"cin7.order.line-total": "either"})) == (
        Cin7Settings(),
        SfccSettings(),
    )


def test_every_switch_names_a_setting() -> None:
    assert {s.setting for s in CIN7.values()} <= {field.name for field in fields(Cin7Settings)}
    assert {s.setting for s in SFCC.values()} <= {field.name for field in fields(SfccSettings)}


@pytest.mark.parametrize("content", ["behaviours: [", "[]", "colour: blue"])
def test_a_file_that_is_no_profile_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "profile.yaml"
    path.write_text(content)

    with pytest.raises(ValueError, match=re.escape(str(path))):
        settings_of(path)


def test_serving_with_a_profile_that_is_not_there_is_a_sentence() -> None:
    result = CliRunner().invoke(sandbox, ["serve", "--profile", "nowhere.yaml"])

    assert result.exit_code == 1
    assert "Cannot read the profile nowhere.yaml" in result.output


@pytest.mark.parametrize("mode", ["classic", "oci"])
def test_serving_says_what_keeps_the_stock(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Premises] = []
    monkeypatch.setattr(commands, "listen", lambda host, port: None)
    monkeypatch.setattr(commands, "serve", lambda app, listener: served.append(app))
    CliRunner().invoke(sandbox, ["serve", "--skus", "150", "--inventory-mode", mode])

    [app] = served
    assert app.sandbox.settings.sfcc.inventory_mode == mode


@pytest.mark.parametrize(
    ("options", "lively"),
    [
        ([], True),
        (["--no-aftercare"], False),
        (["--no-warehouse"], False),
        (["--no-warehouse", "--aftercare"], True),
    ],
)
def test_orders_are_cancelled_and_goods_come_back_where_there_is_a_warehouse(
    options: list[str], lively: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[Premises] = []
    monkeypatch.setattr(commands, "listen", lambda host, port: None)
    monkeypatch.setattr(commands, "serve", lambda app, listener: served.append(app))
    CliRunner().invoke(sandbox, ["serve", "--skus", "150", *options])

    [app] = served
    assert (app.sandbox.settings.aftercare.returns_per_hour > 0) is lively


@pytest.mark.parametrize(
    ("options", "scope"),
    [
        ([], "account"),
        (["--call-limit-scope", "key"], "key"),
        (["--profile", "profile.yaml"], "key"),
        (["--profile", "profile.yaml", "--call-limit-scope", "account"], "account"),
    ],
)
def test_serving_says_what_the_call_limit_holds_for(
    options: list[str], scope: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile(tmp_path, **{"cin7.limit.scope": "key"})
    monkeypatch.chdir(tmp_path)
    served: list[Premises] = []
    monkeypatch.setattr(commands, "listen", lambda host, port: None)
    monkeypatch.setattr(commands, "serve", lambda app, listener: served.append(app))
    CliRunner().invoke(sandbox, ["serve", "--skus", "150", *options])

    [app] = served
    assert app.sandbox.settings.cin7.call_limit_scope == scope
