"""The watcher: tells over HTTP how everything is, also while Dagster or the database is down.

`/live` answers while the process is there. `/health` is the state as JSON: 200 while everything is
well or merely a warning, 503 where something fails or is not known. `/metrics` is for Prometheus.
`/status` is the page that people leave open.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from threading import Condition, Thread

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from sfcc_cin7.operations.exposition import CONTENT_TYPE, exposition
from sfcc_cin7.operations.state.judge import unseen
from sfcc_cin7.operations.state.verdicts import State, Verdict
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import Clock

FRESH = timedelta(seconds=2)
"""How old a state may be that is told: whoever asks more often costs nothing."""
PATIENCE = timedelta(seconds=1.5)
"""How long an asker waits for a look: a database may hang so that no time-out of its own helps."""
NOTHING_FROM_OUTSIDE = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
        " connect-src 'self'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
}
"""The page loads nothing but itself."""
log = logging.getLogger(__name__)


class Watch:
    """The latest state. Looks are made when somebody asks, one at a time, in a thread of their own.

    May be shared by threads.
    """

    def __init__(
        self, look: Callable[[], State], clock: Clock, patience: timedelta = PATIENCE
    ) -> None:
        self._look = look
        self._clock = clock
        self._patience = patience
        self._news = Condition()
        self._last: State | None = None
        self._looks = 0
        self._until = clock.now()
        self._is_looking = False

    def state(self, patience: timedelta | None = None) -> State:
        """How everything is: the last state while it is fresh, else a new one; where that does not
        come in time (`patience`, where somebody has more than others), nothing is known."""
        patience = self._patience if patience is None else patience
        with self._news:
            if self._last is not None and self._clock.now() < self._until:
                return self._last
            if not self._is_looking:
                self._is_looking = True
                Thread(target=self._run, daemon=True).start()
            seen = self._looks
            came = self._news.wait_for(lambda: self._looks > seen, patience.total_seconds())
            if came and self._last is not None:
                return self._last
        return unseen(
            self._clock.now(),
            f"The database has not answered within {patience.total_seconds():g} s.",
            "look at the database server.",
        )

    def _run(self) -> None:
        state = None
        try:
            state = self._look()
        except Exception as error:
            log.exception("a look failed")
            why = f"The look failed ({type(error).__name__}); the watcher's log says where."
            state = unseen(self._clock.now(), why, "report it.", name="watcher")
        finally:
            with self._news:
                self._is_looking = False
                self._last = state
                self._until = self._clock.now() + FRESH
                self._looks += 1
                self._news.notify_all()


def watcher(watch: Watch, page: Callable[[State], str]) -> Starlette:
    """The application; `page` makes HTML of a state, for people."""

    async def live(_request: Request) -> Response:
        return PlainTextResponse("OK")

    def health(_request: Request) -> Response:
        state = watch.state()
        status = 200 if state.verdict in (Verdict.OK, Verdict.WARNING) else 503
        return Response(decimal_json.dumps(state.document()), status, media_type="application/json")

    def metrics(_request: Request) -> Response:
        return Response(exposition(watch.state()), headers={"Content-Type": CONTENT_TYPE})

    def status(_request: Request) -> Response:
        return HTMLResponse(page(watch.state()), headers=NOTHING_FROM_OUTSIDE)

    return Starlette(
        routes=[
            Route("/live", live),
            Route("/health", health),
            Route("/metrics", metrics),
            Route("/status", status),
        ]
    )


def serve_watch(watch: Watch, page: Callable[[State], str], host: str, port: int) -> None:
    """Serve until interrupted."""
    import uvicorn

    uvicorn.run(
        watcher(watch, page),
        host=host,
        port=port,
        ws="none",
        access_log=False,
        log_level="warning",
        limit_concurrency=64,
        timeout_keep_alive=5,
    )
