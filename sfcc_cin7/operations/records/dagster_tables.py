"""What Dagster's own tables tell, without Dagster: read by SQL, whether it runs or not.

These tables are Dagster's, not ours: `daemon_heartbeats`, `runs`, `instigators`, `job_ticks`,
`event_logs` and `asset_check_executions` as version 1.13 has them, in the schema that we give it.
Instants are taken from its documents (JSON, seconds since 1970): its timestamp columns have no zone
and are in that of whatever session wrote them. `asset_keys.last_materialization_timestamp` is not
what its name says, because observations move it too. A test holds this against what Dagster itself
answers.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, text

from sfcc_cin7.db.database import DAGSTER_SCHEMA
from sfcc_cin7.operations.state.facts import FailedCheck, Heartbeat, RunQueue

_TABLES = ("daemon_heartbeats", "event_logs", "instigators", "job_ticks", "runs")

EVALUATIONS = 5000
"""So many of the last evaluations are looked at: each check is evaluated every ten minutes."""

_HAVE_TABLES = text("""
    select count(*) from unnest(cast(:names as text[])) as name
    where to_regclass(name) is not null
""").bindparams(names=[f"{DAGSTER_SCHEMA}.{name}" for name in _TABLES])

_HEARTBEATS = text(f"""
    select daemon_type, to_timestamp(cast(body::json ->> 'timestamp' as float8)) as at,
        coalesce(jsonb_array_length(nullif(body::jsonb -> 'errors', 'null')), 0) as errors
    from {DAGSTER_SCHEMA}.daemon_heartbeats order by daemon_type
""")  # noqa: S608 - the name of our own schema

_RUNS = text(f"""
    select count(distinct runs.run_id) filter (where status = 'QUEUED') as queued,
        count(distinct runs.run_id)
            filter (where status in ('STARTING', 'STARTED', 'CANCELING')) as running,
        to_timestamp(min(cast(enqueued.event::json ->> 'timestamp' as float8))) as oldest
    from {DAGSTER_SCHEMA}.runs left join {DAGSTER_SCHEMA}.event_logs enqueued
        on runs.status = 'QUEUED' and enqueued.run_id = runs.run_id
        and enqueued.dagster_event_type = 'PIPELINE_ENQUEUED'
    where status in ('QUEUED', 'STARTING', 'STARTED', 'CANCELING')
""")  # noqa: S608

_LAST_LOOK = text(f"""
    select to_timestamp(cast(tick_body::json ->> 'timestamp' as float8))
    from {DAGSTER_SCHEMA}.job_ticks
    where status in ('SUCCESS', 'SKIPPED') order by id desc limit 1
""")  # noqa: S608

_FAILED_CHECKS = text(f"""
    select check_name, asset_key::json ->> 0 as asset,
        to_timestamp(cast(evaluation_event::json ->> 'timestamp' as float8)) as at,
        evaluation_event like '%AssetCheckSeverity.WARN%' as warns
    from (
        select distinct on (asset_key, check_name) * from {DAGSTER_SCHEMA}.asset_check_executions
        where evaluation_event is not null
        and id > (select max(id) - :most from {DAGSTER_SCHEMA}.asset_check_executions)
        order by asset_key, check_name, id desc
    ) latest
    where execution_status = 'FAILED' order by check_name, asset
""")  # noqa: S608

_MATERIALIZED = """
    select to_timestamp(cast(event::json ->> 'timestamp' as float8)) as at
    from {schema}.event_logs
    where asset_key = cast(json_build_array(cast(:asset as text)) as text)
    and dagster_event_type = 'ASSET_MATERIALIZATION'
    order by id {order} limit :most
"""
_LATEST = text(_MATERIALIZED.format(schema=DAGSTER_SCHEMA, order="desc"))
_FIRST = text(_MATERIALIZED.format(schema=DAGSTER_SCHEMA, order="asc"))


def dagster_was_here(connection: Connection) -> bool:
    """Whether Dagster has ever made its tables in this database."""
    return bool(connection.scalar(_HAVE_TABLES) == len(_TABLES))


def heartbeats(connection: Connection) -> list[Heartbeat]:
    """The last heartbeat of every daemon that ever ran."""
    rows = connection.execute(_HEARTBEATS)
    return [Heartbeat(row.daemon_type, row.at, row.errors) for row in rows]


def run_queue(connection: Connection) -> RunQueue:
    """The runs that wait and those that run."""
    row = connection.execute(_RUNS).one()
    return RunQueue(row.queued, row.oldest, row.running)


def last_look(connection: Connection) -> datetime | None:
    """When the last look of any sensor or schedule began that failed at nothing."""
    last: datetime | None = connection.scalar(_LAST_LOOK)
    return last


def failed_checks(connection: Connection) -> list[FailedCheck]:
    """Checks whose last verdict is that they failed, of those evaluated not long ago.

    A check that only plans to run has no verdict yet, and keeps its last one.
    """
    rows = connection.execute(_FAILED_CHECKS, {"most": EVALUATIONS})
    return [FailedCheck(row.check_name, row.asset, row.at, row.warns) for row in rows]


def materialized(connection: Connection, asset: str, most: int) -> list[datetime]:
    """The latest materializations of an asset, the last one first."""
    return list(connection.scalars(_LATEST, {"asset": asset, "most": most}))


def first_materialized(connection: Connection, asset: str) -> datetime | None:
    """When an asset was materialized for the first time."""
    first: datetime | None = connection.scalar(_FIRST, {"asset": asset, "most": 1})
    return first


def last_successes(
    connection: Connection, assets: Collection[str]
) -> Mapping[str, datetime | None]:
    """When each asset was last materialized."""
    return {asset: next(iter(materialized(connection, asset, 1)), None) for asset in assets}
