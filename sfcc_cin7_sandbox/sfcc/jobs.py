"""Jobs of Business Manager: start one, look how it goes.

An execution waits, runs for a while and only then imports what it finds. It ends `finished` with
an exit code, or `aborted`; only `finished` with a code other than ERROR is a success.

The fault `sfcc.job_aborts` ends an execution after a share of each list (its size, 0.5) has been
imported, and nobody can tell which.
"""

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, get_args

from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.sfcc.inventory_import import Report
from sfcc_cin7_sandbox.sfcc.problems import Fault, timestamp
from sfcc_cin7_sandbox.sfcc.schemas import Malformed
from sfcc_cin7_sandbox.sfcc.settings import ImportMode, Job, SfccSettings
from sfcc_cin7_sandbox.sfcc.webdav import Impex
from sfcc_cin7_sandbox.shelf import Shelf

KIND = "sfcc.job_execution"
Document = dict[str, Any]
MODES: dict[str, ImportMode] = {mode: mode for mode in get_args(ImportMode)}


class Importer(Protocol):
    """A job step that imports one file."""

    def run(self, content: bytes, mode: str, share: float = 1) -> Report:
        """Raises Malformed, and then nothing is imported."""


@dataclass(frozen=True)
class Exit:
    """How a step ended."""

    code: str
    message: str

    @property
    def document(self) -> Document:
        status = "error" if self.code == "ERROR" else "ok"
        return {"code": self.code, "message": self.message, "status": status}


class Jobs:
    """The jobs and their executions, the latest last."""

    def __init__(
        self,
        importers: dict[str, Importer],
        impex: Impex,
        shelf: Shelf,
        clock: Clock,
        faults: Faults,
        settings: SfccSettings,
        reindex: Callable[[], None] = lambda: None,
    ) -> None:
        self._reindex = reindex
        self._importers = importers
        self._impex = impex
        self._shelf = shelf
        self._clock = clock
        self._faults = faults
        self._settings = settings
        self._jobs = {job.id: job for job in settings.jobs}
        self._executions: dict[str, Document] = shelf.load(KIND)
        self._open = {key for key, row in self._executions.items() if "exit_status" not in row}

    def start(self, job_id: str, parameters: list[Document]) -> Document:
        """A new execution. Raises Fault for a job that is unknown or still running."""
        job = self._find_job(job_id)
        _with_parameters(job, parameters)
        if any(self._executions[key]["job_id"] == job_id for key in self._open):
            raise Fault(
                400, "JobAlreadyRunningException", f"The job '{job_id}' is running.", jobId=job_id
            )
        now = timestamp(self._clock.now())
        execution: Document = {
            "id": str(len(self._executions) + 1),
            "job_id": job_id,
            "client_id": self._settings.client_id,
            "creation_date": now,
            "start_time": now,
            "parameters": parameters,
            "is_restart": False,
        }
        self._keep(execution)
        self._open.add(execution["id"])
        return self._shown(execution)

    def get(self, job_id: str, execution_id: str) -> Document:
        """Raises Fault."""
        self._find_job(job_id)
        execution = self._executions.get(execution_id)
        if execution is None or execution["job_id"] != job_id:
            raise Fault(
                404,
                "JobExecutionNotFoundException",
                f"The job '{job_id}' has no execution '{execution_id}'.",
                jobId=job_id,
                executionId=execution_id,
            )
        return self._shown(execution)

    def newest(self) -> list[Document]:
        """Every execution, the newest first."""
        return [self._shown(each) for each in sorted(self._executions.values(), key=_number)][::-1]

    def settle(self) -> None:
        """End every execution whose time has come."""
        for key in sorted(self._open, key=int):
            if self._age(self._executions[key]) >= self._whole:
                self._end(self._executions[key])
                self._open.remove(key)

    @property
    def _whole(self) -> float:
        return (self._settings.job_pending + self._settings.job_duration).total_seconds()

    def _age(self, execution: Document) -> float:
        started = datetime.fromisoformat(execution["start_time"])
        return (self._clock.now() - started).total_seconds()

    def _end(self, execution: Document) -> None:
        job = _with_parameters(self._jobs[execution["job_id"]], execution["parameters"])
        aborts = self._faults.hit("sfcc.job_aborts")
        share = self._faults.size("sfcc.job_aborts", 0.5) if aborts else 1
        end = self._run(job, share)
        if aborts:
            end = Exit("ERROR", "The job was aborted.")
        self._keep(
            execution
            | {
                "exit_status": end.document,
                "end_time": timestamp(self._clock.now()),
                "duration": int(self._age(execution) * 1000),
                "aborted": aborts,
            }
        )

    def _run(self, job: Job, share: float) -> Exit:
        if job.step == "SearchReindex":
            if share == 1:
                self._reindex()
            return Exit("OK", "The index was rebuilt.")
        folder = f"src/{job.working_folder}"
        names = [n for n in self._impex.names(folder) if re.fullmatch(job.file_name_pattern, n)]
        if not names:
            handling = job.no_files_found_handling
            return Exit(handling, f"No file in {folder} matches {job.file_name_pattern}.")
        troubles: list[str] = []
        notes: list[str] = []
        for name in names:
            path = f"{folder}/{name}"
            try:
                report = self._importers[job.step].run(self._content(path), job.import_mode, share)
            except Malformed as malformed:
                troubles.append(f"{name}: {malformed}")
                if job.import_failed_handling == "ERROR":
                    break
            else:
                troubles += [f"{name}: {trouble}" for trouble in report.refused]
                notes += [f"{name}: {note}" for note in report.skipped]
            if share == 1:
                self._put_away(job, path, name)
            if troubles and job.import_failed_handling == "ERROR":
                break
        if troubles:
            return Exit(job.import_failed_handling, "; ".join(troubles))
        return Exit("OK", "; ".join(notes) or "The files were imported.")

    def _content(self, path: str) -> bytes:
        """The file, unpacked if need be, and never larger than a file may be."""
        content = self._impex.read(path) or b""
        if not path.endswith(".gz"):
            return content
        most = self._settings.most_impex_bytes
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            unpacked = unpacker.decompress(content, most)
        except zlib.error:
            raise Malformed("The file is not compressed with gzip.") from None
        if unpacker.unconsumed_tail or not unpacker.eof:
            raise Malformed("The file is cut off, or too large once unpacked.")
        return unpacked

    def _put_away(self, job: Job, path: str, name: str) -> None:
        if job.after_import_file_handling == "Keep":
            return
        if job.after_import_file_handling == "Archive":
            self._impex.make_folder(job.archive_folder)
            self._impex.write(f"{job.archive_folder}/{name}", self._impex.read(path) or b"")
        self._impex.delete(path)

    def _shown(self, execution: Document) -> Document:
        """With where it stands."""
        shown = dict(execution)
        aborted = shown.pop("aborted", False)
        if "exit_status" in execution:
            state = "aborted" if aborted else "finished"
        else:
            waits = self._age(execution) < self._settings.job_pending.total_seconds()
            state = "pending" if waits else "running"
        name = f"Job-{execution['job_id']}-{execution['id']}.log"
        step: Document = {
            "id": execution["id"],
            "step_id": self._jobs[execution["job_id"]].step,
            "step_type_id": self._jobs[execution["job_id"]].step,
            "execution_status": state,
            **{part: shown[part] for part in ("exit_status", "end_time") if part in shown},
        }
        return shown | {
            "execution_status": state,
            "status": shown.get("exit_status", {}).get("code") or state.upper(),
            "is_log_file_existing": "exit_status" in execution,
            "log_file_path": f"/Sites/LOGS/jobs/{execution['job_id']}/{name}",
            "step_executions": [] if state == "pending" else [step],
        }

    def _find_job(self, job_id: str) -> Job:
        try:
            return self._jobs[job_id]
        except KeyError:
            raise Fault(
                404, "JobNotFoundException", f"There is no job '{job_id}'.", jobId=job_id
            ) from None

    def _keep(self, execution: Document) -> None:
        self._executions[execution["id"]] = execution
        self._shelf.put(KIND, execution["id"], execution)


def _number(execution: Document) -> int:
    return int(execution["id"])


def _with_parameters(job: Job, parameters: Any) -> Job:
    """The job as this run wants it. Raises Fault 400 for what the job does not leave open."""
    if not isinstance(parameters, list) or not all(isinstance(p, dict) for p in parameters):
        raise malformed("'parameters' must be a list of names and values.")
    for parameter in parameters:
        name, value = parameter.get("name"), parameter.get("value")
        if not isinstance(name, str) or not isinstance(value, str) or not value.strip():
            raise malformed("A parameter has a name and a value.")
        if name not in job.open_parameters:
            raise malformed(f"The job '{job.id}' has no parameter '{name}'.")
        if name == "ImportMode":
            mode = MODES.get(value.upper())
            if mode is None:
                raise malformed(f"There is no import mode '{value}'.")
            job = replace(job, import_mode=mode)
        elif name == "ImportFile":
            job = replace(job, file_name_pattern=re.escape(value))
        else:
            job = replace(job, file_name_pattern=_pattern(value))
    return job


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error:
        raise malformed(f"'{text}' is not a regular expression.") from None
    return text


def malformed(message: str) -> Fault:
    return Fault(400, "MalformedRequestException", message)
