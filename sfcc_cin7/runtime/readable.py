"""Whether the UI shows a check's verdict.

Dagster shows the last record of a check, and only where it belongs to the asset's latest
materialization: a run that is queued, running or dead hides the verdict behind "Running" or
"Failed", and a materialization without the check hides it altogether (Dagster 1.13,
`AssetCheckExecutionRecord.targets_latest_materialization`). So the verdict is written down again.
"""

from datetime import UTC, datetime

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData,
)
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster_shared.record import replace

SAID = (AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED)


def can_be_read(
    instance: dg.DagsterInstance,
    check: dg.AssetCheckKey,
    since: datetime | None = None,
) -> bool:
    """Whether the UI shows a verdict of this check, and (`since`) one that was said since then."""
    records = instance.event_log_storage.get_latest_asset_check_execution_by_key([check])
    record = records.get(check)
    if record is None or record.status not in SAID:
        return False
    if since is not None and datetime.fromtimestamp(record.create_timestamp, UTC) < since:
        return False
    last = _latest(instance, check.asset_key)
    if last is None or last.event_log_entry.run_id == record.run_id:
        return True
    aim = record.evaluation.target_materialization_data if record.evaluation else None
    if aim is None:
        return last.timestamp < record.create_timestamp
    return bool(aim.storage_id == last.storage_id)


def of_the_latest(
    instance: dg.DagsterInstance, said: dg.AssetCheckEvaluation
) -> dg.AssetCheckEvaluation:
    """The same, said of the asset as it was last brought up to date: so the UI shows it, whatever
    the clocks of Dagster and its database say."""
    last = _latest(instance, said.asset_key)
    if last is None:
        return said
    aim = AssetCheckEvaluationTargetMaterializationData(
        storage_id=last.storage_id,
        run_id=last.event_log_entry.run_id,
        timestamp=last.timestamp,
    )
    return replace(said, target_materialization_data=aim)


def _latest(instance: dg.DagsterInstance, asset: dg.AssetKey) -> dg.EventLogRecord | None:
    records = instance.fetch_materializations(asset, limit=1).records
    return records[0] if records else None
