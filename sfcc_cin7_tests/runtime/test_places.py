"""Whatever is started, and from which folder of the project, finds the same state and database."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import URL, Engine, create_engine, inspect, text

from sfcc_cin7.db.database import DATABASE_URL, connect
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.runtime.partitions import first_day
from sfcc_cin7.runtime.places import STATE, state_folder
from sfcc_cin7.runtime.settings import OPERATING_MODEL, NotSet, operating_model
from sfcc_cin7_tests.project import PROJECT


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout without an environment, and a shell in it."""
    for name in (STATE, DATABASE_URL, OPERATING_MODEL, "DAGSTER_HOME"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "checkout"
    (folder / "config").mkdir(parents=True)
    for name in ("dagster.yaml", "workspace.yaml", "config/sandbox.yaml"):
        (folder / name).write_text((PROJECT / name).read_text())
    monkeypatch.chdir(folder)
    return folder


def test_the_state_is_found_from_every_folder_of_the_project(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = checkout / ".state" / "dagster"
    home.mkdir(parents=True)
    (home / "dagster.yaml").write_text((checkout / "dagster.yaml").read_text())
    for folder in (checkout, checkout / "config", home):
        monkeypatch.chdir(folder)
        assert state_folder() == checkout / ".state"


def test_a_service_that_runs_elsewhere_finds_it_by_its_home(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert state_folder() == tmp_path / ".state"
    monkeypatch.setenv("DAGSTER_HOME", str(checkout))
    assert state_folder() == checkout / ".state"


def test_the_environment_may_say_where_the_state_is(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STATE, "/srv/state")
    assert state_folder() == Path("/srv/state")
    monkeypatch.setenv(STATE, "elsewhere")
    monkeypatch.chdir(checkout / "config")
    assert state_folder() == checkout / "elsewhere"


def test_the_merchants_model_comes_before_that_of_the_sandbox_and_what_is_named_before_both(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout / "config")
    assert operating_model() == checkout / "config" / "sandbox.yaml"
    (checkout / "config" / "merchant.yaml").touch()
    assert operating_model() == checkout / "config" / "merchant.yaml"
    monkeypatch.setenv(OPERATING_MODEL, "/etc/merchant.yaml")
    assert operating_model() == Path("/etc/merchant.yaml")


def test_without_any_model_the_sentence_names_the_variable(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / "config" / "sandbox.yaml").unlink()
    with pytest.raises(NotSet, match=f"^{OPERATING_MODEL} is not set"):
        operating_model()


def test_the_partitions_begin_with_the_merchants_first_day(checkout: Path) -> None:
    model = checkout / "config" / "sandbox.yaml"
    model.write_text(model.read_text().replace("2026-01-01", "2025-11-30"))
    assert first_day() == "2025-11-30"


@pytest.mark.parametrize(
    "content", [b"brand: [", b"brand: caf\xe9", b"", b'first_day: "2026-02-30"'], ids=repr
)
def test_a_model_that_cannot_be_read_keeps_nobody_from_looking(
    checkout: Path, content: bytes
) -> None:
    (checkout / "config" / "merchant.yaml").write_bytes(content)
    assert first_day() == OperatingModel.model_fields["first_day"].default


@pytest.fixture
def empty(database_url: URL) -> Iterator[Engine]:
    """An empty database beside that of the tests."""
    name = f"{database_url.database}_empty"
    admin = create_engine(database_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"drop database if exists {name} with (force)"))
        connection.execute(text(f"create database {name}"))
    engine = connect(database_url.set(database=name, password="hunter2"))
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    admin.dispose()


def test_an_instance_finds_its_tables_and_files_and_hands_on_no_address(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, empty: Engine
) -> None:
    monkeypatch.setenv(DATABASE_URL, empty.url.render_as_string(hide_password=False))
    monkeypatch.setenv("DAGSTER_HOME", str(checkout))
    for _ in range(2):  # what is there already is used as it is
        with dg.DagsterInstance.get() as instance:
            assert instance.get_runs() == []
            assert instance.root_directory == str(checkout / ".state" / "dagster")
            handed_on = dg.serialize_value(instance.get_ref()) + instance.info_str()
    assert set(inspect(empty).get_schema_names()) >= {"dagster", "sfcc_cin7"}
    assert inspect(empty).has_table("runs", schema="dagster")
    assert inspect(empty).has_table("orders", schema="sfcc_cin7")
    for told in ("hunter2", "postgresql", str(checkout / ".state")):
        assert told not in handed_on


def test_a_database_that_does_not_answer_ends_a_command_in_one_sentence(checkout: Path) -> None:
    url = "postgresql://merchant:hunter2@127.0.0.1:1/books"
    run = subprocess.run(
        [sys.executable, "-m", "dagster", "instance", "info"],
        cwd=checkout,
        env={"PATH": "", "DAGSTER_HOME": str(checkout), DATABASE_URL: url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    [sentence] = [line for line in run.stderr.splitlines() if line.startswith("Error: ")]
    assert "127.0.0.1:1/books" in sentence
    assert "Traceback" not in run.stderr
    assert "hunter2" not in run.stderr + run.stdout
