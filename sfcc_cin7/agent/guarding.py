"""Between a proposal and its execution stands a person.

An agent proposes, and gets the proof: what the desk says it would do. A person reads the same at a
terminal and gets a token, which the agent needs. A token is good once, for ten minutes, for this
very action with this very proof: what has changed since is proposed anew. Where a process dies
between the two, the action may have been done: that is told as not known, and never tried again.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Engine

from sfcc_cin7.agent import records
from sfcc_cin7.agent.actions import ACTIONS, fixed, proof, say
from sfcc_cin7.agent.records import Proposal
from sfcc_cin7.agent.rehearsing import rehearsal
from sfcc_cin7.inbox.action import ActionRefused, Author
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import Clock

PROPOSED_FOR = timedelta(hours=1)
CONFIRMED_FOR = timedelta(minutes=10)


def propose(
    engine: Engine,
    clock: Clock,
    model: OperatingModel,
    action: str,
    arguments: Mapping[str, Any],
    because: str,
    who: str,
) -> Proposal:
    """Keep what an agent wants done, with the proof; nothing is done.

    Raises:
        ActionRefused: the desk would refuse it, or no reason is given.
    """
    if action not in ACTIONS:
        raise ActionRefused(f"There is no action {action}: {', '.join(ACTIONS)}.")
    Author.of(who, because)
    now = clock.now()
    given = fixed(arguments, now)
    with rehearsal(engine) as stage:
        shown = proof(action, given, stage, clock, model)
    wanted = Proposal(
        id=secrets.token_hex(4),
        action=action,
        arguments=given,
        proof=shown,
        because=because.strip(),
        proposed_by=who,
        proposed_at=now,
        expires_at=now + PROPOSED_FOR,
    )
    with engine.begin() as connection:
        records.keep(connection, wanted)
    return wanted


def show(engine: Engine, proposal_id: str) -> Proposal:
    """A proposal. Raises ActionRefused where there is none."""
    with engine.connect() as connection:
        found = records.proposal(connection, proposal_id)
    if found is None:
        raise ActionRefused(f"There is no proposal {proposal_id}: `sfcc-cin7 agent list` has them.")
    return found


def confirm(engine: Engine, proposal_id: str, by: str, at: datetime) -> str:
    """The token by which a proposal may be executed once; it is kept nowhere.

    Raises:
        ActionRefused: there is no such proposal, or it is decided, done or too old.
    """
    wanted, author = show(engine, proposal_id), Author.of(by, "", reason_needed=False)
    token = secrets.token_urlsafe(16)
    values = {
        "confirmed_by": author.by,
        "confirmed_at": at,
        "token_hash": _hash(token, wanted),
        "token_until": min(at + CONFIRMED_FOR, wanted.expires_at),
    }
    _decided(engine, wanted, at, **values)
    return token


def reject(engine: Engine, proposal_id: str, by: str, at: datetime) -> None:
    """Nobody executes it any more. Raises ActionRefused."""
    author = Author.of(by, "", reason_needed=False)
    _decided(engine, show(engine, proposal_id), at, rejected_by=author.by)


def execute(
    engine: Engine, clock: Clock, model: OperatingModel, proposal_id: str, token: str
) -> list[str]:
    """Do what a person confirmed; what was done.

    Raises:
        ActionRefused: the token is not the one for this, was used, or is too old; or what was
            confirmed would not happen any more. Nothing was done.
    """
    wanted, now = show(engine, proposal_id), clock.now()
    with engine.begin() as connection:
        if not records.use(connection, proposal_id, _hash(token, wanted), now):
            raise ActionRefused(
                f"The token does not fit: {proposal_id} {wanted.standing(now)}. A person gets one"
                f" by `sfcc-cin7 agent confirm {proposal_id}`; it is good once, for"
                f" {CONFIRMED_FOR.seconds // 60} minutes, for this alone."
            )
    by = f"{wanted.confirmed_by}, as {wanted.proposed_by} proposed ({proposal_id})"
    try:
        with rehearsal(engine) as stage:
            if proof(wanted.action, wanted.arguments, stage, clock, model) != wanted.proof:
                raise ActionRefused("What was confirmed would not happen any more: propose anew.")
        who = {"by": by, "because": wanted.because}
        said = say(wanted.action, wanted.arguments, who, engine, clock, model)
    except ActionRefused as refused:
        _finished(engine, proposal_id, f"refused: {refused}")
        raise
    _finished(engine, proposal_id, "\n".join(said))
    return said


def _decided(engine: Engine, wanted: Proposal, at: datetime, **values: Any) -> None:
    with engine.begin() as connection:
        if not records.decide(connection, wanted.id, at, **values):
            raise ActionRefused(f"Nothing was changed: {wanted.id} {wanted.standing(at)}.")


def _finished(engine: Engine, proposal_id: str, outcome: str) -> None:
    with engine.begin() as connection:
        records.finish(connection, proposal_id, outcome)


def _hash(token: str, wanted: Proposal) -> str:
    """Of the token, and of all that it is for."""
    given = decimal_json.dumps({name: wanted.arguments[name] for name in sorted(wanted.arguments)})
    said = (token, wanted.id, wanted.action, given, wanted.because, wanted.proof)
    return sha256("\x00".join(said).encode()).hexdigest()
