"""Jobs of Business Manager: start one, look how it goes (OCAPI Data, jobs)."""

from collections.abc import Mapping
from urllib.parse import quote

from sfcc_cin7.systems.http.answers import parse
from sfcc_cin7.systems.http.errors import ApiError
from sfcc_cin7.systems.http.outcomes import Call
from sfcc_cin7.systems.sfcc.documents import JobExecution
from sfcc_cin7.systems.sfcc.wire import Wire


class JobCalls(Wire):
    """Executions of jobs."""

    def start_job(self, job_id: str, parameters: Mapping[str, str]) -> JobExecution:
        """POST an execution. Raises Refused (`runs_already`) while the job is running."""
        call, url = self._job_call("POST", job_id)
        rows = [{"name": name, "value": value} for name, value in parameters.items()]
        body = {"parameters": rows} if rows else {}
        return parse(call, JobExecution, self._send(call, url, {}, body))

    def job_execution(self, job_id: str, execution_id: str) -> JobExecution:
        """GET an execution as it stands."""
        call, url = self._job_call("GET", job_id, execution_id)
        return parse(call, JobExecution, self._get(call, url, {}))

    def _job_call(self, method: str, job_id: str, execution_id: str = "") -> tuple[Call, str]:
        where = f"/jobs/{quote(job_id, safe='')}/executions"
        if execution_id:
            where += f"/{quote(execution_id, safe='')}"
        return self._call(method, self._connection.data_url, where)


def runs_already(error: ApiError) -> bool:
    """Whether a job was not started because it is running."""
    return error.code == "JobAlreadyRunningException"


def is_unknown_job(error: ApiError) -> bool:
    """Whether there is no such job; an execution that is not found is another matter."""
    return error.code == "JobNotFoundException"
