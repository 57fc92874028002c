"""Dagster's own storage in the tests' database, as the product lays it, and signs of its life."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.events import DagsterEvent
from dagster._core.remote_origin import (
    InProcessCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.test_utils import create_run_for_test, freeze_time
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from sqlalchemy import Engine, text

from sfcc_cin7.db.database import DAGSTER_SCHEMA, dagster_url


def forget_dagster(engine: Engine) -> None:
    """As if Dagster had never run here."""
    with engine.begin() as connection:
        connection.execute(text(f"drop schema if exists {DAGSTER_SCHEMA} cascade"))
        connection.execute(text(f"create schema {DAGSTER_SCHEMA}"))


@contextmanager
def dagster_storage(engine: Engine, home: Path) -> Iterator[Any]:
    """An instance that keeps everything in the schema that the product gives it."""
    forget_dagster(engine)
    url = dagster_url(engine.url).render_as_string(hide_password=False)
    (home / "dagster.yaml").write_text(
        f"storage: {{postgres: {{postgres_url: '{url}'}}}}\ntelemetry: {{enabled: false}}\n"
    )
    try:
        with dg.DagsterInstance.from_config(str(home)) as instance:
            yield instance
    finally:
        forget_dagster(engine)


def beats(instance: Any, daemon: str, at: datetime, errors: int = 0) -> None:
    """A daemon of Dagster gives a sign of life."""
    from dagster._daemon.types import DaemonHeartbeat
    from dagster_shared.error import SerializableErrorInfo

    failed = [SerializableErrorInfo("no code location", [], None)] * errors
    instance.add_daemon_heartbeat(DaemonHeartbeat(at.timestamp(), daemon, "one", failed))


def materialized(instance: Any, asset: str, at: datetime) -> None:
    with freeze_time(at):
        instance.report_runless_asset_event(dg.AssetMaterialization(asset))


def observed(instance: Any, asset: str, at: datetime) -> None:
    with freeze_time(at):
        instance.report_runless_asset_event(dg.AssetObservation(asset))


def run_in(instance: Any, status: str) -> Any:
    """A run in some state."""
    where = InProcessCodeLocationOrigin(LoadableTargetOrigin(module_name="sfcc_cin7.definitions"))
    repository = RemoteRepositoryOrigin(where, "__repository__")
    return create_run_for_test(
        instance,
        job_name="post_orders",
        status=dg.DagsterRunStatus[status],
        remote_job_origin=RemoteJobOrigin(repository, "post_orders"),
    )


def enqueued(instance: Any, run: Any, at: datetime) -> None:
    """A run is asked for: it waits in the queue from then on."""
    with freeze_time(at):
        event = DagsterEvent(
            event_type_value=dg.DagsterEventType.PIPELINE_ENQUEUED.value, job_name=run.job_name
        )
        instance.report_dagster_event(event, run.run_id)
