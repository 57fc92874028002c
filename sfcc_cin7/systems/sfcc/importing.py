"""A file that a job imports: upload it, run the job, wait for its end, and take the file away.

What a job says about single objects is in a log for people, so that a run tells only whether the
job came to an end, and with which words. The file is removed after the run: none is left for a job
that comes late.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sfcc_cin7.systems.http import retries
from sfcc_cin7.systems.http.errors import Ambiguous, ApiError, Conflict, Refused
from sfcc_cin7.systems.http.outcomes import LONGEST_MESSAGE
from sfcc_cin7.systems.sfcc import token
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.systems.sfcc.documents import JobExecution
from sfcc_cin7.systems.sfcc.jobs import runs_already
from sfcc_cin7.values.clock import Clock

BETWEEN_LOOKS = timedelta(seconds=3)
TOLD_EVERY = timedelta(minutes=1)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Run:
    """How a job went: whether it came to an end, and what is known to be wrong.

    `clean` is the only word that all of it was done: the job finished with the code OK. A job that
    `finished` without it was not cut off in the middle: an aborted one was.
    """

    ended: bool
    trouble: str | None = None
    clean: bool = False
    finished: bool = False


class FileImport:
    """Runs one job of the storefront, with or without a file."""

    def __init__(
        self,
        shop: SfccClient,
        job: str,
        give_up_minutes: float,
        clock: Clock,
        folder: str = "",
        file_parameter: str | None = None,
    ) -> None:
        self._shop = shop
        self._job = job
        self._give_up = timedelta(minutes=give_up_minutes)
        self._clock = clock
        self._folder = folder
        self._file_parameter = file_parameter

    def run(self, name: str, content: Callable[[], bytes], what: str) -> Run:
        """Upload a file of this name and import it; `what` is in it, for the log.

        Raises:
            ApiError: the folder or the job is not for us.
        """
        path = f"src/{self._folder}/{name}"
        try:
            self._upload(path, content())
            log.info("%s uploaded as %s", what, name)
            return self._execute(name)
        except ApiError as error:
            if is_about_access(error):
                raise
            return Run(False, str(error))
        finally:
            self._remove(path)

    def run_without_file(self) -> Run:
        """Run a job that imports nothing.

        Raises:
            ApiError: the job is not for us.
        """
        try:
            return self._execute("")
        except ApiError as error:
            if is_about_access(error):
                raise
            return Run(False, str(error))

    def _upload(self, path: str, content: bytes) -> None:
        try:
            self._shop.put_file(path, content)
        except Conflict:  # the folder is missing
            self._shop.make_folder(path.rpartition("/")[0])
            self._shop.put_file(path, content)

    def _remove(self, path: str) -> None:
        """The file has had its turn; the job may have moved it away already."""
        try:
            self._shop.delete_file(path)
        except ApiError as error:
            log.warning("the file %s could not be removed: %s", path, error)

    def _execute(self, name: str) -> Run:
        deadline = self._clock.now() + self._give_up
        try:
            execution = self._started(name, deadline)
        except Ambiguous as error:
            self._clock.sleep(TOLD_EVERY.total_seconds())  # it may be running
            return Run(False, str(error))
        told_at = self._clock.now()
        while not execution.ended:
            if self._clock.now() >= deadline:
                return Run(False, f"job {self._job} is still {execution.execution_status}")
            self._clock.sleep(BETWEEN_LOOKS.total_seconds())
            before = execution.execution_status
            execution = self._looked_at(execution)
            if execution.execution_status != before or self._clock.now() - told_at >= TOLD_EVERY:
                told_at = self._clock.now()
                log.info("job %s is %s", self._job, execution.execution_status)
        status, words = execution.execution_status, execution.message[:LONGEST_MESSAGE]
        clean = execution.succeeded and execution.exit_code == "OK"
        trouble = None if execution.succeeded else f"job {self._job} {status}: {words}"
        return Run(True, trouble, clean=clean, finished=status == "finished")

    def _started(self, name: str, deadline: datetime) -> JobExecution:
        """A new execution, as soon as no other one runs."""
        parameters: Mapping[str, str] = {}
        if self._file_parameter and name:
            parameters = {self._file_parameter: name.replace(".", r"\.")}
        while True:
            try:
                return retries.unprocessed(
                    lambda: self._shop.start_job(self._job, parameters), self._clock.sleep
                )
            except Refused as error:
                if not runs_already(error) or self._clock.now() >= deadline:
                    raise
            log.info("job %s runs already", self._job)
            self._clock.sleep(BETWEEN_LOOKS.total_seconds())

    def _looked_at(self, execution: JobExecution) -> JobExecution:
        """The execution as it is now, or as it was if nobody answers."""
        try:
            return self._shop.job_execution(self._job, execution.id)
        except ApiError as error:
            if is_about_access(error):
                raise
            log.warning("job %s cannot be looked at: %s", self._job, error)
            return execution


def is_about_access(error: ApiError) -> bool:
    """Whether the storefront refuses us, not what we sent: no token, or a right is missing."""
    return error.status in (401, 403) or error.operation == token.OPERATION
