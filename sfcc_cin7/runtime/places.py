"""Where things are: the project's folder, what it leaves behind, and its database.

Every process of Dagster asks this when it starts: so nothing of both systems is imported here.
"""

import os
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL

from sfcc_cin7.db.brands import checked
from sfcc_cin7.db.database import embedded_url, normalise, running_url

OURS = "SFCC_CIN7_"
STATE = "SFCC_CIN7_STATE"
MARKS = ("dagster.yaml", "workspace.yaml")
"""What lies in the project's folder; a home of Dagster somewhere else has only the first."""


class Settings(BaseSettings):
    """Some of the environment's variables, as values."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )


class PlaceSettings(Settings):
    """Where things live: `database_url` is empty for an embedded server, `payouts` for nowhere,
    `brand` for the first one."""

    model_config = SettingsConfigDict(env_prefix=OURS)

    database_url: SecretStr = SecretStr("")
    state: Path = Path(".state")
    payouts: str = ""
    brand: str = ""


def project() -> Path:
    """The project's folder: the current one or the nearest above it; else that of DAGSTER_HOME.

    Where there is none, as for an installed package, it is the current folder.
    """
    here = Path.cwd()
    home = os.environ.get("DAGSTER_HOME")
    starts = [here, Path(home).expanduser()] if home else [here]
    for start in starts:
        for folder in (start, *start.parents):
            if all((folder / mark).is_file() for mark in MARKS):
                return folder
    return here


def brand() -> str:
    """The brand that this process works for; empty for the first.

    Raises:
        ConfigurationError: it cannot be the name of one.
    """
    return checked(PlaceSettings().brand)


def state_folder() -> Path:
    """Where everything that a run leaves behind lives: SFCC_CIN7_STATE, else the project's
    `.state`, from whichever of its folders a process is started."""
    return (project() / PlaceSettings().state).resolve()


def database_url(state: Path) -> URL:
    """The database server that the environment names, or else the one embedded in `state`.

    Raises:
        ConfigurationError: what is named is not the address of a PostgreSQL server.
    """
    named = PlaceSettings().database_url.get_secret_value()
    return normalise(named) if named else embedded_url(state / "postgres")


def running_database_url(state: Path) -> URL:
    """The same server for whoever only looks: an embedded one is not started for it.

    Raises:
        ConfigurationError: as `database_url`, or no embedded server runs.
    """
    named = PlaceSettings().database_url.get_secret_value()
    return normalise(named) if named else running_url(state / "postgres")
