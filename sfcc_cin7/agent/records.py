"""What agents asked, append-only, and what they proposed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, or_, select, update

from sfcc_cin7.db.schema import agent_calls, agent_proposals

SHOWN = 50


@dataclass(frozen=True)
class Proposal:
    """What an agent wants done. It is done once, and only with the token that a person got."""

    id: str
    action: str
    arguments: Mapping[str, Any]
    proof: str
    because: str
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    token_hash: str | None = None
    token_until: datetime | None = None
    rejected_by: str | None = None
    executed_at: datetime | None = None
    outcome: str | None = None

    def standing(self, now: datetime) -> str:
        """How it stands, in words."""
        if self.executed_at is not None:
            return "done" if self.outcome else "begun, and what came of it is not known"
        if self.rejected_by is not None:
            return f"rejected by {self.rejected_by}"
        if now > self.expires_at:
            return "expired"
        if self.confirmed_by is not None:
            return f"confirmed by {self.confirmed_by}"
        return "waits for a person"


def note(
    connection: Connection,
    call: str,
    at: datetime,
    who: str,
    tool: str,
    arguments: Mapping[str, Any],
    kind: str,
    detail: str = "",
) -> None:
    """Append what a call was, or what came of it."""
    row = {"call": call, "at": at, "who": who, "tool": tool, "kind": kind, "detail": detail}
    connection.execute(insert(agent_calls).values(arguments=dict(arguments), **row))


def calls(connection: Connection, most: int = SHOWN) -> list[Row[Any]]:
    """(`at`, `who`, `tool`, `kind`, `detail`) of the latest, the newest first."""
    its = agent_calls.c
    query = select(its.at, its.who, its.tool, its.arguments, its.kind, its.detail)
    return list(connection.execute(query.order_by(its.id.desc()).limit(most)))


def keep(connection: Connection, proposal: Proposal) -> None:
    """A new proposal."""
    connection.execute(insert(agent_proposals).values(vars(proposal)))


def proposals(connection: Connection, most: int = SHOWN) -> list[Proposal]:
    """The latest, the newest first."""
    query = select(agent_proposals).order_by(agent_proposals.c.proposed_at.desc()).limit(most)
    return [Proposal(**row._mapping) for row in connection.execute(query)]


def proposal(connection: Connection, proposal_id: str) -> Proposal | None:
    """One of them."""
    query = select(agent_proposals).where(agent_proposals.c.id == proposal_id)
    row = connection.execute(query).one_or_none()
    return Proposal(**row._mapping) if row is not None else None


def decide(connection: Connection, proposal_id: str, at: datetime, **values: Any) -> bool:
    """Write what a person decided, unless it is decided, done or too late; whether it was written.
    A token that was not used in time may be given anew."""
    its = agent_proposals.c
    is_open = and_(its.executed_at.is_(None), its.rejected_by.is_(None), its.expires_at >= at)
    undecided = or_(its.confirmed_by.is_(None), its.token_until < at)
    which = and_(its.id == proposal_id, is_open, undecided)
    return connection.execute(update(agent_proposals).where(which).values(values)).rowcount == 1


def use(connection: Connection, proposal_id: str, token_hash: str, at: datetime) -> bool:
    """Use a token up; whether it was the right one, in time, and not used before."""
    its = agent_proposals.c
    which = and_(
        its.id == proposal_id,
        its.token_hash == token_hash,
        its.token_until >= at,
        its.rejected_by.is_(None),
        its.executed_at.is_(None),
    )
    done = update(agent_proposals).where(which).values(executed_at=at)
    return connection.execute(done).rowcount == 1


def finish(connection: Connection, proposal_id: str, outcome: str) -> None:
    """What came of it."""
    which = agent_proposals.c.id == proposal_id
    connection.execute(update(agent_proposals).where(which).values(outcome=outcome))
