"""Whether the UI shows a check's verdict.

Dagster shows the last record of a check, and only where it belongs to the asset's latest
materialization: a run that is queued, running or dead hides the verdict behind "Running" or
"Failed", and a materialization without the check hides it altogether (Dagster 1.13,
`AssetCheckExecutionRecord.targets_latest_materialization`). So the verdict is written down again.
"""

from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

SAID = (AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED)


def can_be_read(
    instance: dg.DagsterInstance, check: dg.AssetCheckKey, now: datetime, youngest: timedelta
) -> bool:
    """Whether the UI shows a verdict of this check, and one that is no older than `youngest`."""
    records = instance.event_log_storage.get_latest_asset_check_execution_by_key([check])
    record = records.get(check)
    if record is None or record.status not in SAID:
        return False
    if now - datetime.fromtimestamp(record.create_timestamp, UTC) > youngest:
        return False
    last = instance.fetch_materializations(check.asset_key, limit=1).records
    return (
        not last
        or last[0].event_log_entry.run_id == record.run_id
        or last[0].timestamp < record.create_timestamp
    )
