"""Where things are: the project's folder, what it leaves behind, and its database.

Every process of Dagster asks this when it starts: so nothing of both systems is imported here.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from sqlalchemy import URL

from sfcc_cin7.db.brands import checked
from sfcc_cin7.db.database import embedded_url, normalise, running_url
from sfcc_cin7.values.problems import ConfigurationError

OURS = "SFCC_CIN7_"
STATE = "SFCC_CIN7_STATE"
MARKS = ("dagster.yaml", "workspace.yaml")
"""What lies in the project's folder; a home of Dagster somewhere else has only the first."""


IN_A_FILE = "_FILE"
"""What follows the name of a variable whose value is in a file, as containers are given secrets."""
LARGEST_SECRET = 64 * 1024
"""Bytes of such a file; what is larger was not meant."""


def value_of(name: str) -> str:
    """The value of a variable, or what is in the file that its `..._FILE` names, without the
    white space around it; empty where neither is set.

    Raises:
        ConfigurationError: both are set, or the file cannot be read. Neither value is told.
    """
    value, path = (os.environ.get(each, "").strip() for each in (name, name + IN_A_FILE))
    if not path:
        return value
    if value:
        raise ConfigurationError(f"{name} and {name}{IN_A_FILE} are both set: unset one of them.")
    try:
        with Path(path).open("rb") as file:
            held = file.read(LARGEST_SECRET + 1)
        if len(held) > LARGEST_SECRET:
            raise ConfigurationError(
                f"{name}{IN_A_FILE} names a file that is too large for a secret."
            )
        return held.decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ConfigurationError(
            f"{name}{IN_A_FILE} names a file that cannot be read: {why}."
        ) from None


class _InFiles(EnvSettingsSource):
    """Variables whose values are in files."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        prefix = self.settings_cls.model_config.get("env_prefix", "")
        names = [f"{prefix}{field}".upper() for field in self.settings_cls.model_fields]
        in_files = [name for name in names if os.environ.get(name + IN_A_FILE)]
        return {name.lower(): value_of(name) for name in in_files}


class Settings(BaseSettings):
    """Some of the environment's variables, as values. Each may be in a file (`..._FILE`) instead.

    Making one raises ConfigurationError where a file cannot be read.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - a folder of files
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment, then files that it names, then a file of variables."""
        return init_settings, env_settings, _InFiles(settings_cls), dotenv_settings


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
