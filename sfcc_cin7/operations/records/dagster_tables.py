"""What Dagster's own tables tell, without Dagster: read by SQL, whether it runs or not.

These tables are Dagster's, not ours: `daemon_heartbeats`, `runs`, `instigators`, `job_ticks`,
`event_logs` and `asset_check_executions` as version 1.13 has them, in the schema that we give it.
Instants are taken from its documents (JSON, seconds since 1970): its timestamp columns have no zone
and are in that of whatever session wrote them. `asset_keys.last_materialization_timestamp` is not
what its name says, because observations move it too. A test holds this against what Dagster itself
answers.

Brands share these tables. Of runs, ticks, checks and assets each is told its own, which it knows by
the code location and by the first part of the key; heartbeats are of the daemon that all share.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, text

from sfcc_cin7.db.brands import brand_of, schema_of
from sfcc_cin7.db.database import DAGSTER_SCHEMA
from sfcc_cin7.db.schema import SCHEMA
from sfcc_cin7.operations.state.facts import FailedCheck, Heartbeat, RunQueue

_TABLES = ("daemon_heartbeats", "event_logs", "instigators", "job_ticks", "runs")

OTHERS = SCHEMA.replace("_", r"\_") + r"\_%"
"""What the code locations of all brands but the first are called, as a pattern."""
EVALUATIONS = 5000
"""So many of the last evaluations are looked at: each check is evaluated every ten minutes."""


def own_run(run: str) -> str:
    """The condition, as SQL, that a run is the brand's, by the code location that Dagster notes
    with it (`.dagster/repository`, as `__repository__@sfcc_cin7`); `of_location` has its values.
    What no other brand's location started is the first brand's."""
    return f"""
        exists (
            select from {DAGSTER_SCHEMA}.run_tags t where t.run_id = {run}
            and t.key = '.dagster/repository' and t.value like :location
        ) = :is_in
    """


def of_location(connection: Connection) -> Mapping[str, str | bool]:
    """The values of `own_run`."""
    brand = brand_of(connection)
    location = schema_of(brand).replace("_", r"\_") if brand else OTHERS
    return {"location": f"%@{location}", "is_in": bool(brand)}


OWN_ASSET = (
    "(:brand = '' and json_array_length(asset_key::json) = 1 or asset_key::json ->> 0 = :brand)"
)
"""The condition, as SQL, that an asset is the brand's; `of_key` has its values."""


def of_key(connection: Connection) -> Mapping[str, str]:
    """The values of `OWN_ASSET`."""
    return {"brand": brand_of(connection)}


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
    and {own_run("runs.run_id")}
""")  # noqa: S608

_LAST_LOOK = text(f"""
    select to_timestamp(cast(tick_body::json ->> 'timestamp' as float8))
    from {DAGSTER_SCHEMA}.job_ticks
    where status in ('SUCCESS', 'SKIPPED') and (selector_id in (
        select selector_id from {DAGSTER_SCHEMA}.instigators
        where instigator_body ~ ('"location_name": "' || :location || '"')
    )) = :is_in order by id desc limit 1
""")  # noqa: S608

_FAILED_CHECKS = text(f"""
    select check_name, asset_key::json ->> -1 as asset,
        to_timestamp(cast(evaluation_event::json ->> 'timestamp' as float8)) as at,
        evaluation_event like '%AssetCheckSeverity.WARN%' as warns
    from (
        select distinct on (asset_key, check_name) * from {DAGSTER_SCHEMA}.asset_check_executions
        where evaluation_event is not null
        and id > (select max(id) - :most from {DAGSTER_SCHEMA}.asset_check_executions)
        and {OWN_ASSET}
        order by asset_key, check_name, id desc
    ) latest
    where execution_status = 'FAILED' order by check_name, asset
""")  # noqa: S608

_MATERIALIZED = """
    select to_timestamp(cast(event::json ->> 'timestamp' as float8)) as at
    from {schema}.event_logs
    where asset_key = :asset
    and dagster_event_type = 'ASSET_MATERIALIZATION'
    order by id {order} limit :most
"""
_LATEST = text(_MATERIALIZED.format(schema=DAGSTER_SCHEMA, order="desc"))
_FIRST = text(_MATERIALIZED.format(schema=DAGSTER_SCHEMA, order="asc"))


def _ticks(connection: Connection) -> Mapping[str, str | bool]:
    brand = brand_of(connection)
    location = schema_of(brand) if brand else f'{SCHEMA}_[^"]*'
    return {"location": location, "is_in": bool(brand)}


def _key(connection: Connection, asset: str) -> str:
    """As Dagster writes the key of an asset."""
    brand = brand_of(connection)
    return json.dumps([brand, asset] if brand else [asset])


def dagster_was_here(connection: Connection) -> bool:
    """Whether Dagster has ever made its tables in this database."""
    return bool(connection.scalar(_HAVE_TABLES) == len(_TABLES))


def heartbeats(connection: Connection) -> list[Heartbeat]:
    """The last heartbeat of every daemon that ever ran."""
    rows = connection.execute(_HEARTBEATS)
    return [Heartbeat(row.daemon_type, row.at, row.errors) for row in rows]


def run_queue(connection: Connection) -> RunQueue:
    """The runs that wait and those that run."""
    row = connection.execute(_RUNS, of_location(connection)).one()
    return RunQueue(row.queued, row.oldest, row.running)


def last_look(connection: Connection) -> datetime | None:
    """When the last look of any sensor or schedule began that failed at nothing."""
    last: datetime | None = connection.scalar(_LAST_LOOK, _ticks(connection))
    return last


def failed_checks(connection: Connection) -> list[FailedCheck]:
    """Checks whose last verdict is that they failed, of those evaluated not long ago.

    A check that only plans to run has no verdict yet, and keeps its last one.
    """
    rows = connection.execute(_FAILED_CHECKS, {"most": EVALUATIONS, **of_key(connection)})
    return [FailedCheck(row.check_name, row.asset, row.at, row.warns) for row in rows]


def materialized(connection: Connection, asset: str, most: int) -> list[datetime]:
    """The latest materializations of an asset, the last one first."""
    return list(connection.scalars(_LATEST, {"asset": _key(connection, asset), "most": most}))


def first_materialized(connection: Connection, asset: str) -> datetime | None:
    """When an asset was materialized for the first time."""
    first: datetime | None = connection.scalar(
        _FIRST, {"asset": _key(connection, asset), "most": 1}
    )
    return first


def last_successes(
    connection: Connection, assets: Collection[str]
) -> Mapping[str, datetime | None]:
    """When each asset was last materialized."""
    return {asset: next(iter(materialized(connection, asset, 1)), None) for asset in assets}
