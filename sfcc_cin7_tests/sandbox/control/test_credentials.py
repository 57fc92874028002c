"""A sandbox that wants the credentials of a file."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.control.commands import sandbox
from sfcc_cin7_sandbox.control.credentials import with_credentials
from sfcc_cin7_sandbox.sfcc import SfccSettings


def test_what_the_file_names_is_wanted_and_the_rest_stays(tmp_path: Path) -> None:
    trial = tmp_path / "trial.env"
    trial.write_text(
        "CIN7_ACCOUNT_ID=account\nCIN7_APPLICATION_KEY=key\nSFCC_CLIENT_ID=client\nCIN7_URL=x\n"
    )
    cin7, sfcc = with_credentials(Cin7Settings(line_total="with-tax"), SfccSettings(), trial)

    assert cin7 == Cin7Settings(
        line_total="with-tax", account_id="account", application_keys=("key",)
    )
    assert sfcc == SfccSettings(client_id="client")


@pytest.mark.parametrize("content", [None, "CIN7_URL=http://127.0.0.1\n", "CIN7_ACCOUNT_ID=\n"])
def test_a_file_without_credentials_is_refused(tmp_path: Path, content: str | None) -> None:
    trial = tmp_path / "trial.env"
    if content is not None:
        trial.write_text(content)

    with pytest.raises(ValueError, match=re.escape(str(trial))):
        with_credentials(Cin7Settings(), SfccSettings(), trial)


def test_serving_with_a_file_that_is_not_there_is_a_sentence() -> None:
    result = CliRunner().invoke(sandbox, ["serve", "--credentials", "nowhere.env"])

    assert result.exit_code == 1
    assert "There is no file nowhere.env" in result.output
