"""A further brand is a file: nothing of another brand's reaches its processes."""

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from sfcc_cin7.cli.brands import further_brands, refuse_brands_that_clash
from sfcc_cin7.cli.emulated import sandbox_environment
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7_tests.project import SANDBOX_MODEL

ADDRESS = "http://127.0.0.1:1"


def model(**changes: Any) -> str:
    return yaml.safe_dump(yaml.safe_load(SANDBOX_MODEL.read_text()) | changes)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose first brand is the sandbox's."""
    (tmp_path / "first.yaml").write_text(model())
    first = sandbox_environment(ADDRESS) | {
        "SFCC_CIN7_OPERATING_MODEL": str(tmp_path / "first.yaml")
    }
    for name, value in first.items():
        monkeypatch.setenv(name, value)
    (tmp_path / ".env").write_text("ALERTS_URL=slack://secret\nSFCC_CLIENT_SECRET=one\n")
    (tmp_path / ".env.example").write_text("SFCC_CLIENT_ID=\n")
    return tmp_path


def add(folder: Path, name: str = "outdoor", decisions: str = "", **variables: str) -> None:
    path = folder / f"{name}.yaml"
    path.write_text(decisions or model(brand=name, inventory_lists=[]))
    given = sandbox_environment(ADDRESS) | {
        "SFCC_CIN7_BRAND": name,
        "SFCC_CIN7_OPERATING_MODEL": str(path),
        "SFCC_INSTANCE_URL": "http://127.0.0.1:2",
    }
    lines = [f"{key}={value}" for key, value in (given | variables).items()]
    (folder / f".env.{name}").write_text("\n".join(lines))


def test_a_file_that_names_its_brand_is_one_and_no_other_is(folder: Path) -> None:
    assert further_brands(folder) == []
    add(folder)
    (folder / ".env.local").write_text("SFCC_CIN7_BRAND=outdoor\n")
    assert [brand.name for brand in further_brands(folder)] == ["outdoor"]


def test_the_processes_of_a_brand_see_no_variable_of_another(folder: Path) -> None:
    add(folder, SFCC_CLIENT_SECRET="two")
    [brand] = further_brands(folder)
    assert brand.environment["SFCC_CLIENT_SECRET"] == "two"
    assert brand.environment["ALERTS_URL"] == ""
    others = {name for name in os.environ if name.startswith(("SFCC_", "CIN7_"))}
    assert others <= brand.environment.keys()


def test_brands_with_sites_sales_and_stock_of_their_own_work_beside_each_other(
    folder: Path,
) -> None:
    before = dict(os.environ)
    add(folder)
    refuse_brands_that_clash(further_brands(folder))
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("decisions", "variables", "told"),
    [
        (
            model(brand="outdoor", inventory_lists=[]),
            {"SFCC_INSTANCE_URL": ADDRESS},
            "posted twice",
        ),
        (model(inventory_lists=[]), {}, "share a Cin7 account and are both `brand:"),
        (model(brand="outdoor"), {}, "offered twice"),
        (
            model(brand="outdoor", inventory_lists=[], calls={"limit_scope": "key"}),
            {},
            "limit_scope",
        ),
        ("", {"CIN7_APPLICATION_KEY": ""}, "CIN7_APPLICATION_KEY"),
    ],
    ids=["sites", "sales", "stock", "calls", "secrets"],
)
def test_brands_that_would_spoil_each_others_work_are_refused(
    folder: Path, decisions: str, variables: dict[str, str], told: str
) -> None:
    add(folder, decisions=decisions, **variables)
    with pytest.raises(ConfigurationError, match=told):
        refuse_brands_that_clash(further_brands(folder))


def test_brands_with_accounts_of_their_own_may_have_locations_of_one_name(folder: Path) -> None:
    add(folder, decisions=model(), CIN7_ACCOUNT_ID="another")
    refuse_brands_that_clash(further_brands(folder))
