"""The server: tools and prompts over the Model Context Protocol, by stdio or on loopback.

Needs the extra `agent`. Every call is two rows of a table that only grows: that it was made, by
whom, and what came of it. Where the first cannot be written, the call is not made.
"""

import functools
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ParamSpec

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from sfcc_cin7.agent import guarding, prompts, records
from sfcc_cin7.agent.outside_text import as_data
from sfcc_cin7.agent.reading import Reader, page, pages
from sfcc_cin7.inbox.action import ActionRefused
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.problems import ConfigurationError

P = ParamSpec("P")
READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
PROPOSES = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)
ACTS = ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=True)
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Desk:
    """What the tools work with; `who` is on whose behalf they are called."""

    reader: Reader
    engine: Engine
    clock: Clock
    who: str


def server(desk: Desk) -> MCPServer[Any]:
    """The server with every tool and prompt."""
    made: MCPServer[Any] = MCPServer("sfcc-cin7", instructions=prompts.RULES, log_level="WARNING")
    _reading(made, desk)
    _proposing(made, desk)
    for prompt in (
        prompts.investigate,
        prompts.investigate_alert,
        prompts.morning,
        prompts.oversold,
    ):
        made.prompt()(prompt)
    return made


def _reading(made: MCPServer[Any], desk: Desk) -> None:
    read = desk.reader

    @_tool(made, desk, READS)
    def state() -> str:
        """How everything is, sign by sign: orders, stock, lanes, systems, call budget, Dagster."""
        return read.state()

    @_tool(made, desk, READS)
    def alerts() -> str:
        """Alerts that are open: cause, how many things, owner, since when, money at risk."""
        return read.alerts()

    @_tool(made, desk, READS)
    def alert_history(alert: str) -> str:
        """When an alert was told, to whom, and who took it on."""
        return read.alert(alert)

    @_tool(made, desk, READS)
    def waiting(code: str = "", owner: str = "") -> str:
        """What waits for a person, by cause, the worst first; of one code or owner if named."""
        return read.waiting(code, owner)

    @_tool(made, desk, READS)
    def explain(name: str) -> str:
        """One order, SKU, payout or break (`break:12`) from end to end, with what is open."""
        return read.story(name)

    @_tool(made, desk, READS)
    def search_events(text: str = "", kind: str = "", hours: float = 24) -> str:
        """Events of orders and of what people did, the newest first, by words and kind."""
        return read.events(text, kind, hours)

    @_tool(made, desk, READS)
    def runbooks() -> str:
        """The names of the runbooks."""
        return "\n".join(pages())

    @_tool(made, desk, READS)
    def runbook(name: str) -> str:
        """One runbook: what a check or code means and what to do."""
        return page(name)

    @_tool(made, desk, READS)
    def proposals() -> str:
        """What was proposed, and whether a person confirmed it."""
        return read.proposals()


def _proposing(made: MCPServer[Any], desk: Desk) -> None:
    def propose(action: str, because: str, **arguments: Any) -> str:
        model = desk.reader.model()
        wanted = guarding.propose(
            desk.engine, desk.clock, model, action, arguments, because, desk.who
        )
        return (
            f"Proposal {wanted.id}: {action}. Nothing is done yet. What would be done:\n"
            f"{wanted.proof}\nA person reads the same, and gets the token for `execute`, by"
            f" `sfcc-cin7 agent confirm {wanted.id} --by NAME`."
        )

    @_tool(made, desk, PROPOSES)
    def propose_retry(because: str, orders: list[str] | None = None, code: str = "") -> str:
        """Propose that orders in review go back to be posted, by key or by code."""
        return propose("retry", because, orders=orders or [], code=code)

    @_tool(made, desk, PROPOSES)
    def propose_release(because: str, orders: list[str]) -> str:
        """Propose that orders go on that a hold, a window or a sequence holds."""
        return propose("release", because, orders=orders)

    @_tool(made, desk, PROPOSES)
    def propose_waive(
        because: str, days: int, subjects: list[str] | None = None, code: str = ""
    ) -> str:
        """Propose that items leave the inbox for so many days."""
        return propose("waive", because, subjects=subjects or [], code=code, days=days)

    @_tool(made, desk, PROPOSES)
    def propose_correction(
        because: str,
        order: str,
        skus: dict[str, str] | None = None,
        tax_rules: dict[str, str] | None = None,
        options: dict[str, str] | None = None,
        payment_accounts: dict[str, str] | None = None,
        accept: list[str] | None = None,
    ) -> str:
        """Propose that an order is booked under other names; what the shopper paid never changes.
        The proof is the sale that would be sent."""
        given = {"skus": skus, "tax_rules": tax_rules, "options": options}
        given |= {"payment_accounts": payment_accounts}
        return propose("correct", because, order=order, accept=accept or [], **_set(given))

    @_tool(made, desk, ACTS, hidden=("token",))
    def execute(proposal: str, token: str) -> str:
        """Do what was proposed, with the token that a person was given for just that."""
        model = desk.reader.model()
        return "\n".join(guarding.execute(desk.engine, desk.clock, model, proposal, token))


def _set(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value}


def _tool(
    made: MCPServer[Any], desk: Desk, kind: ToolAnnotations, hidden: tuple[str, ...] = ()
) -> Callable[[Callable[P, str]], Callable[P, str]]:
    """A tool whose calls are kept, and whose answers are marked as data."""

    def decorate(tool: Callable[P, str]) -> Callable[P, str]:
        @functools.wraps(tool)
        def call(*args: P.args, **given: P.kwargs) -> str:
            name, its = tool.__name__, secrets.token_hex(8)
            arguments = {key: value for key, value in given.items() if key not in hidden}
            keep = functools.partial(_note, desk, its, name, arguments)
            keep("called")
            try:
                answer = tool(*args, **given)
            except (ActionRefused, ConfigurationError) as refused:
                keep("refused", str(refused))
                raise ToolError(as_data(str(refused), its)) from None
            except Exception as error:
                # what a database or a driver says may hold what nobody is to read
                keep("failed", type(error).__name__)
                raise ToolError(f"It failed ({type(error).__name__}).") from None
            keep("answered", f"{len(answer)} characters")
            return as_data(answer, its)

        made.tool(annotations=kind, structured_output=False)(call)
        return call

    return decorate


def _note(
    desk: Desk, call: str, tool: str, arguments: dict[str, Any], kind: str, detail: str = ""
) -> None:
    try:
        with desk.engine.begin() as connection:
            at = desk.clock.now()
            records.note(connection, call, at, desk.who, tool, arguments, kind, detail)
    except SQLAlchemyError as error:
        raise ToolError(f"The call cannot be kept ({type(error).__name__}): no answer.") from None


class Admitted:
    """Lets in who knows the token; everybody else learns nothing."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._expected = app, f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            given = dict(scope["headers"]).get(b"authorization", b"")
            if not hmac.compare_digest(given, self._expected):
                refusal = PlainTextResponse("Unauthorized", 401, {"WWW-Authenticate": "Bearer"})
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


def application(made: MCPServer[Any], token: str) -> ASGIApp:
    """The server over HTTP, at /mcp; requests of other hosts' names are refused."""
    return Admitted(made.streamable_http_app(host=LOOPBACK), token)


def serve_http(made: MCPServer[Any], token: str, port: int) -> None:
    """Serve on loopback until interrupted."""
    import uvicorn

    app = application(made, token)
    uvicorn.run(app, host=LOOPBACK, port=port, ws="none", access_log=False, log_level="warning")
