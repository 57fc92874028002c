"""Which runs get a machine of their own: the heavy ones; lanes stay with the code server.

Dagster has one launcher for all runs. On Kubernetes a pod for each run costs seconds, which a lane
that shoppers wait for cannot spare, while a backfill of months should not take the lanes' memory.
Both launchers are Dagster's own; this only chooses (docs/decisions/70-deployment.md).
"""

from collections.abc import Mapping
from typing import Any

from dagster import DagsterInstance, DagsterRun, Field, Permissive
from dagster._core.launcher.base import (
    CheckRunHealthResult,
    LaunchRunContext,
    ResumeRunContext,
    RunLauncher,
    WorkerStatus,
)
from dagster._core.launcher.default_run_launcher import DefaultRunLauncher
from dagster._serdes import ConfigurableClass, ConfigurableClassData

WITH_LANES = ("sfcc_cin7/lane", "sfcc_cin7/resident")
"""Tags of runs that stay; those of the month's end are heavy although they are a lane."""
HEAVY_LANES = ("month_end", "reading")
LAUNCHED_HEAVY = "sfcc_cin7/launched"
"""The tag by which a run that was launched on a machine of its own is known again."""


def is_heavy(tags: Mapping[str, str]) -> bool:
    """Whether a run should have a machine of its own: backfills, months, and what a person launches
    on assets, as they have no tag of a lane (pure)."""
    lane = tags.get("sfcc_cin7/lane")
    return lane in HEAVY_LANES or not any(tag in tags for tag in WITH_LANES)


class LanesStay(RunLauncher[DagsterInstance], ConfigurableClass):
    """Lanes are processes of the code server; heavy runs are launched by Kubernetes.

    `heavy` is the configuration of dagster-k8s's K8sRunLauncher.
    """

    def __init__(
        self, heavy: Mapping[str, Any], inst_data: ConfigurableClassData | None = None
    ) -> None:
        self._inst_data = inst_data
        self._stays = DefaultRunLauncher()
        self._heavy = _kubernetes(heavy)
        super().__init__()  # type: ignore[no-untyped-call]

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        """What the instance was configured with."""
        return self._inst_data

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """`heavy`, which the launcher of Kubernetes checks itself."""
        return {"heavy": Field(Permissive())}  # type: ignore[no-untyped-call]

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "LanesStay":
        """The launcher that dagster.yaml names."""
        return cls(config_value["heavy"], inst_data)

    def register_instance(self, instance: DagsterInstance) -> None:
        """Both belong to the same instance."""
        super().register_instance(instance)
        self._stays.register_instance(instance)
        self._heavy.register_instance(instance)

    def launch_run(self, context: LaunchRunContext) -> None:
        """Launch it where it belongs, and remember where that was."""
        run = context.dagster_run
        if is_heavy(run.tags):
            self._instance.add_run_tags(run.run_id, {LAUNCHED_HEAVY: "heavy"})
            self._heavy.launch_run(context)
        else:
            self._stays.launch_run(context)

    def resume_run(self, context: ResumeRunContext) -> None:
        """Only a heavy one is resumed."""
        self._heavy.resume_run(context)

    @property
    def supports_resume_run(self) -> bool:
        """No: nothing of a lane is resumed, the next run looks."""
        return False

    def terminate(self, run_id: str) -> bool:
        """End it where it was launched."""
        run = self._instance.get_run_by_id(run_id)
        return self._of(run).terminate(run_id)

    @property
    def supports_check_run_worker_health(self) -> bool:
        """A pod's health is known; of a process of the code server the resident's sensor tells."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Of a heavy run what Kubernetes says; of others nothing, which changes nothing."""
        if LAUNCHED_HEAVY in run.tags:
            return self._heavy.check_run_worker_health(run)
        return CheckRunHealthResult(WorkerStatus.RUNNING)

    def dispose(self) -> None:
        """Dispose of both."""
        self._stays.dispose()
        self._heavy.dispose()

    def join(self, timeout: int = 30) -> None:
        """Wait for what stays."""
        self._stays.join(timeout)  # type: ignore[no-untyped-call]

    def _of(self, run: DagsterRun | None) -> RunLauncher[DagsterInstance]:
        is_there = run is not None and LAUNCHED_HEAVY in run.tags
        return self._heavy if is_there else self._stays


def _kubernetes(config: Mapping[str, Any]) -> RunLauncher[DagsterInstance]:
    from dagster._config import process_config, resolve_to_config_type
    from dagster_k8s import K8sRunLauncher

    resolved = process_config(resolve_to_config_type(K8sRunLauncher.config_type()), dict(config))
    if not resolved.success or resolved.value is None:
        said = "; ".join(error.message for error in resolved.errors or [])
        raise ValueError(f"`heavy` is no configuration of K8sRunLauncher: {said}")
    launcher: RunLauncher[DagsterInstance] = K8sRunLauncher.from_config_value(None, resolved.value)
    return launcher
