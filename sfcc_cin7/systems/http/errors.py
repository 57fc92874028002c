"""What can go wrong when another system is asked for something.

A write has three outcomes, and the difference decides what may happen next:

- **done**: the call returned;
- **refused**: the system said no, or never got to see the request; nothing changed, so the same
  call may be made again (`Refused`, `Throttled`, `Unavailable`);
- **ambiguous**: a time-out, a cut connection or a failure of the server after the request was sent;
  it may have happened. Never repeat it blind: look the effect up first (`Ambiguous`).

A read changes nothing, so a read is never ambiguous.

No message of ours holds a secret, a request body or an e-mail address; what the other system says
is quoted without e-mail addresses.
"""


class ApiError(Exception):
    """A call that did not return what it should.

    `operation` is the method and path as documented, e.g. `POST /sale`; `status` the HTTP status,
    or None when no answer came; `code` the other system's own name for the error where it gives
    one; `correlation_id` what the other system's support needs to find the call. `unanswered` says
    that the request was sent and no whole answer came: it may even arrive later.
    """

    unanswered: bool = False

    def __init__(
        self,
        system: str,
        operation: str,
        status: int | None,
        message: str,
        correlation_id: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(system, operation, status, message, correlation_id, code)
        self.system = system
        self.operation = operation
        self.status = status
        self.message = message
        self.correlation_id = correlation_id
        self.code = code

    def __str__(self) -> str:
        status = f" ({self.status})" if self.status is not None else ""
        trace = f" [correlation id {self.correlation_id}]" if self.correlation_id else ""
        return f"{self.system} {self.operation}{status}: {self.message}{trace}"


class Refused(ApiError):
    """The system said no. Nothing changed, and asking the same again will not help."""


class NotFound(Refused):
    """The thing that was asked for does not exist."""


class Conflict(Refused):
    """Someone else changed the thing, or its state does not allow this. Re-read, then decide."""


class Throttled(ApiError):
    """Too many calls. Nothing changed; `retry_after` are seconds to wait, where they were given.
    `said_so`: the answer speaks of the limit, so that it is no guess."""

    said_so: bool = True
    retry_after: float | None = None


class PerhapsThrottled(Throttled):
    """Most likely too many calls, but the answer does not say so: one waits as if it were, and
    tells nobody that the limit was exceeded."""

    said_so = False


class Ambiguous(ApiError):
    """A write that may or may not have happened. Look its effect up before anything else."""


class Unavailable(ApiError):
    """A read failed, or a request was certainly not processed. Safe to try again later."""


class OutOfBudget(Unavailable):
    """Our own call budget had no room in time. Nothing was sent."""
