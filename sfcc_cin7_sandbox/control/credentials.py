"""A sandbox that wants the credentials of a file, so that one file names it for both sides."""

from dataclasses import replace
from pathlib import Path

from dotenv import dotenv_values

from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.sfcc import SfccSettings

CIN7_KEYS = ("CIN7_ORDERS_APPLICATION_KEY", "CIN7_APPLICATION_KEY")
NAMES = frozenset(
    {
        "CIN7_ACCOUNT_ID",
        *CIN7_KEYS,
        "SFCC_ORGANIZATION_ID",
        "SFCC_CLIENT_ID",
        "SFCC_CLIENT_SECRET",
    }
)


def with_credentials(
    cin7: Cin7Settings, sfcc: SfccSettings, path: Path
) -> tuple[Cin7Settings, SfccSettings]:
    """Both settings with what the file (as `.env.example`) names; the rest stays as it is.

    Raises:
        ValueError: there is no such file, or it names no credentials.
    """
    if not path.is_file():
        raise ValueError(f"There is no file {path}: give a file like .env.example.")
    given = {key: value for key, value in dotenv_values(path).items() if value}
    if not NAMES & given.keys():
        raise ValueError(f"{path} has none of the credentials of .env.example.")
    keys = tuple(given[key] for key in CIN7_KEYS if key in given)
    return (
        replace(
            cin7,
            account_id=given.get("CIN7_ACCOUNT_ID", cin7.account_id),
            application_keys=keys or cin7.application_keys,
        ),
        replace(
            sfcc,
            organization=given.get("SFCC_ORGANIZATION_ID", sfcc.organization),
            client_id=given.get("SFCC_CLIENT_ID", sfcc.client_id),
            client_secret=given.get("SFCC_CLIENT_SECRET", sfcc.client_secret),
        ),
    )
