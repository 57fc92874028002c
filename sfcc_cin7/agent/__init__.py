"""What an agent may see and propose, over the Model Context Protocol; people decide."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from sfcc_cin7.agent.guarding import confirm, reject, show
from sfcc_cin7.agent.reading import Reader
from sfcc_cin7.agent.records import Proposal, calls, proposals
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.operations import State
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.problems import ConfigurationError

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

__all__ = [
    "STATEMENT",
    "Proposal",
    "calls",
    "confirm",
    "proposals",
    "reject",
    "serve_http",
    "served",
    "show",
]

STATEMENT = timedelta(seconds=5)
"""How long one question of an agent to the database may take."""


def served(
    looking: Engine,
    engine: Engine,
    clock: Clock,
    model: Callable[[], OperatingModel],
    look: Callable[[], State],
    who: str,
) -> "MCPServer[Any]":
    """The server; `looking` is an engine that cannot write.

    Raises:
        ConfigurationError: the extra `agent` is not installed, or nobody is named.
    """
    if not who.strip():
        raise ConfigurationError("Say on whose behalf the agent works: --as NAME.")
    try:
        from sfcc_cin7.agent.server import Desk, server
    except ModuleNotFoundError:
        raise ConfigurationError(
            "The agent needs the package mcp: install sfcc-cin7 with its extra `agent`."
        ) from None
    reader = Reader(looking, clock, model, look)
    return server(Desk(reader, engine, clock, f"agent of {who.strip()}"))


def serve_http(made: "MCPServer[Any]", token: str, port: int) -> None:
    """Serve on loopback, to whoever knows the token, until interrupted."""
    from sfcc_cin7.agent.server import serve_http

    serve_http(made, token, port)
