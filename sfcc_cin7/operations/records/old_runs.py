"""What Dagster keeps of the past and never forgets: its retention covers ticks only.

These tables are Dagster's (see `dagster_tables`): `runs`, `event_logs`, `asset_event_tags` and
`asset_check_executions`. What tells the present is kept, however old: the newest materialization of
each asset and of each of its days (which holds the anchor over the events of that day), and what
each check last said. Rows are looked at in the order of their ids, the oldest first, and so found
by the keys and indexes that Dagster makes; the plans need no further index.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, text

from sfcc_cin7.db.database import DAGSTER_SCHEMA
from sfcc_cin7.operations.records.dagster_tables import OWN_ASSET, of_key, of_location, own_run

_NEWEST = f"""
    select max(id) from {DAGSTER_SCHEMA}.event_logs
    where dagster_event_type = 'ASSET_MATERIALIZATION' and asset_key is not null
    group by asset_key, partition
"""  # noqa: S608 - the name of our own schema

_STILL_NEEDED = text(f"""
    select distinct run_id from {DAGSTER_SCHEMA}.event_logs where id in ({_NEWEST})
""")  # noqa: S608

_OF_OTHERS = text(f"""
    select run_id from {DAGSTER_SCHEMA}.runs where not {own_run("runs.run_id")}
""")  # noqa: S608

_OLD_EVENTS = text(f"""
    with old as (
        select id from {DAGSTER_SCHEMA}.event_logs
        where run_id = '' and timestamp < :before and id <> all(:kept)
        and (asset_key is null or {OWN_ASSET})
        order by id limit :most
    ), tags as (
        delete from {DAGSTER_SCHEMA}.asset_event_tags where event_id in (select id from old)
    )
    delete from {DAGSTER_SCHEMA}.event_logs where id in (select id from old)
""")  # noqa: S608

_NEWEST_EVALUATIONS = text(f"""
    select max(id) from {DAGSTER_SCHEMA}.asset_check_executions
    group by asset_key, check_name, partition
""")  # noqa: S608

_OLD_EVALUATIONS = text(f"""
    delete from {DAGSTER_SCHEMA}.asset_check_executions where id in (
        select id from {DAGSTER_SCHEMA}.asset_check_executions
        where create_timestamp < :before and id <> all(:kept) and {OWN_ASSET}
        order by id limit :most
    )
""")  # noqa: S608


def runs_still_needed(connection: Connection) -> set[str]:
    """Runs that hold the newest materialization of an asset, or of a day of it."""
    return set(connection.scalars(_STILL_NEEDED))


def runs_of_others(connection: Connection) -> set[str]:
    """Runs of other brands, who forget them as their own merchants say."""
    return set(connection.scalars(_OF_OTHERS, of_location(connection)))


def newest_materializations(connection: Connection) -> list[int]:
    """The ids of the events that stay, however old."""
    return list(connection.scalars(text(_NEWEST)))


def forget_events_without_run(
    connection: Connection, before: datetime, kept: Collection[int], most: int
) -> int:
    """Take away up to so many old events that belong to no run; how many there were."""
    values = {
        "before": before.replace(tzinfo=None),
        "kept": list(kept),
        "most": most,
        **of_key(connection),
    }
    return connection.execute(_OLD_EVENTS, values).rowcount


def newest_evaluations(connection: Connection) -> list[int]:
    """The ids of what each check last said."""
    return list(connection.scalars(_NEWEST_EVALUATIONS))


def forget_evaluations(
    connection: Connection, before: datetime, kept: Collection[int], most: int
) -> int:
    """Take away up to so many old results of checks; how many there were."""
    values = {
        "before": before.replace(tzinfo=None),
        "kept": list(kept),
        "most": most,
        **of_key(connection),
    }
    return connection.execute(_OLD_EVALUATIONS, values).rowcount
