"""Where Dagster keeps what it knows: the classes that dagster.yaml names.

Each finds its place without any environment. So `dagster dev`, `dg dev`, a run and `sfcc-cin7 up`
have one database and one folder, wherever Dagster's home is. No address is in the configuration
that Dagster hands from process to process, so neither `ps` nor logs nor the UI show one.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager
from dagster._core.storage.root import LocalArtifactStorage
from dagster._serdes import ConfigurableClassData
from dagster_postgres import (
    DagsterPostgresStorage,
    PostgresEventLogStorage,
    PostgresRunStorage,
    PostgresScheduleStorage,
)
from sqlalchemy import URL

from sfcc_cin7.db.database import connect, dagster_url, migrate
from sfcc_cin7.runtime.places import brand, database_url, state_folder
from sfcc_cin7.values.problems import ConfigurationError


class Storage(DagsterPostgresStorage):
    """Runs, events and schedules, in Dagster's schema of the project's database."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Nothing: the environment, or the embedded server, says where."""
        return {}

    @classmethod
    def from_config_value(
        cls,
        inst_data: ConfigurableClassData | None,
        config_value: Any,  # noqa: ARG003
    ) -> "Storage":
        """The storage, with the tables of this process's brand and Dagster's schema in place.

        Raises:
            click.ClickException: the database cannot be used; commands end in its one sentence.
        """
        try:
            url = database_url(state_folder())
            _see_to_the_tables(url)
        except ConfigurationError as error:
            raise click.ClickException(str(error)) from None
        address = dagster_url(url).render_as_string(hide_password=False)
        return cls(address, inst_data=inst_data)

    @staticmethod
    def make_tables(url: URL) -> None:
        """Make Dagster's tables where they are missing, and bring them up to date: as their owner,
        so that nobody else needs the right to."""
        address = dagster_url(url).render_as_string(hide_password=False)
        PostgresRunStorage(address).upgrade()
        PostgresEventLogStorage(address).upgrade()
        PostgresScheduleStorage(address).upgrade()


@cache
def _see_to_the_tables(url: URL) -> None:
    """Once in a process: a code server opens the storage anew for every look of a sensor."""
    engine = connect(url, brand())
    migrate(engine)
    engine.dispose()


class Artifacts(LocalArtifactStorage):
    """What Dagster keeps as files, in the state folder: nothing is lost with a temporary home."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Nothing: the state folder is found."""
        return {}

    @classmethod
    def from_config_value(
        cls,
        inst_data: ConfigurableClassData | None,
        config_value: Any,  # noqa: ARG003
    ) -> "Artifacts":
        """In `dagster` of the state folder."""
        return cls(str(state_folder() / "dagster"), inst_data)


class ComputeLogs(LocalComputeLogManager):
    """What runs print, beside the artifacts."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Nothing: the state folder is found."""
        return {}

    @classmethod
    def from_config_value(
        cls,
        inst_data: ConfigurableClassData | None,
        config_value: Any,  # noqa: ARG003
    ) -> "ComputeLogs":
        """In `dagster/storage` of the state folder, where Dagster itself would put them."""
        return cls(str(state_folder() / "dagster" / "storage"), inst_data=inst_data)

    def forget_strays(self, before: datetime, is_known: Callable[[str], bool]) -> int:
        """Delete what was printed last before an instant by runs that nobody knows (`is_known`, by
        their id), as when somebody deleted them in the UI; how many they were."""
        strays = [
            folder.name
            for folder in Path(self._base_dir).glob("*")
            if _names_a_run(folder.name)
            and datetime.fromtimestamp(folder.stat().st_mtime, UTC) < before
            and not is_known(folder.name)
        ]
        for name in strays:
            self.delete_logs(prefix=[name])
        return len(strays)


def _names_a_run(folder: str) -> bool:
    try:
        return str(UUID(folder)) == folder
    except ValueError:
        return False
