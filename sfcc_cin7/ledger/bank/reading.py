"""Read bank statements that are new or changed, and hold them against the gateways' transfers.

Statements lie in the folder `bank` beside those of gateways. Lines belong to their file: what it
states no more, and all of a file that is removed, is forgotten.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import Connection, Engine, Row

from sfcc_cin7.db.looks import BANK, save_look
from sfcc_cin7.db.one_by_one import trouble_with
from sfcc_cin7.ledger.bank.deciding.differences import differences
from sfcc_cin7.ledger.bank.deciding.matching import NAMED, Arrived, Sent, gateways_in, matched
from sfcc_cin7.ledger.bank.keeping import held, keep_statements
from sfcc_cin7.ledger.bank.statements import understood
from sfcc_cin7.ledger.bank.statements.statement import Statement
from sfcc_cin7.ledger.breaks.break_classes import Break
from sfcc_cin7.ledger.payouts.reports.lines import UnusableReport
from sfcc_cin7.ledger.payouts.source import PayoutSource, StillGrowing
from sfcc_cin7.ledger.payouts.unpacking import Member, members
from sfcc_cin7.ledger.records import bank, decisions, ledger, payouts
from sfcc_cin7.ledger.work.acting import keep_decided
from sfcc_cin7.merchant.ledger import BANK_FOLDER, BankPolicy
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.money import round_half_up
from sfcc_cin7.values.months import today
from sfcc_cin7.values.problems import ConfigurationError

READABLE = (".xml", ".sta", ".mt940", ".940", ".txt", ".csv", ".xlsx", ".zip", ".gz")
DECLARED = re.compile(rb"""encoding=["'](iso-8859-1|iso-8859-15|windows-1252)["']""", re.I)
SWIFT = b":20:"
CANNOT_BE_KEPT = (
    "It holds a figure beyond any account's, or characters that are no text: was it damaged?"
)
CENT = Decimal("0.01")
"""What is sent to a bank has no parts of it."""


@dataclass
class Banked:
    """What a look at the bank did."""

    statements: int = 0
    lines: int = 0
    matched: int = 0
    made_final: int = 0
    opened: int = 0
    closed: int = 0
    problems: list[str] = field(default_factory=list)


def statements_of(content: bytes, policy: BankPolicy) -> list[Statement]:
    """What a file says.

    Raises:
        UnusableReport: it cannot be read; the message says where and why.
    """
    return [statement for one in members(content) for statement in understood(_text(one), policy)]


def read_bank(engine: Engine, model: OperatingModel, source: PayoutSource, clock: Clock) -> Banked:
    """Read what is new, match it, and open or close what differs. Repeating it changes nothing."""
    done, began = Banked(), clock.now()
    try:
        listing = source.listing(BANK_FOLDER, READABLE)
    except (OSError, httpx.HTTPError) as error:
        done.problems.append(f"Bank statements cannot be listed ({type(error).__name__}).")
        return done
    with engine.connect() as connection:
        known = bank.known_statements(connection)
    if not listing.there and known:
        done.problems.append("Nothing lies where the bank's statements lay; they stay.")
        return done
    for name, why in listing.strays.items():
        done.problems.append(f"{BANK_FOLDER}/{name}: {why}")
    _withdraw(engine, known, listing.names)
    names = list(listing.names)
    for _ in range(2):  # what was read may say of others that they are to be read again
        with engine.connect() as connection:
            known = bank.known_statements(connection)
        for name in names:
            _take(engine, clock, source, model.ledger.bank, name, known.get(name), done)
        with engine.connect() as connection:
            names = [
                one.name
                for one in bank.known_statements(connection).values()
                if not one.content_hash
            ]
    done.problems = list(dict.fromkeys(done.problems))  # of what was read twice
    hold_against_transfers(engine, model, clock, done)
    forget_words(engine, model, clock)
    with engine.begin() as connection:
        save_look(connection, BANK, began)
    return done


def hold_against_transfers(
    engine: Engine, model: OperatingModel, clock: Clock, done: Banked | None = None
) -> Banked:
    """Match lines and transfers, vouch for reports that state no payout, keep what differs."""
    done = done or Banked()
    zone, policy = model.time_zone, model.ledger.bank
    names = {name: gateway.bank_names for name, gateway in model.ledger.gateways.items()}
    longest = timedelta(days=2 * policy.late_after_days)
    with engine.begin() as connection:
        ledger.lock_books(connection)  # a decision that ends is posted back
        bank.forget_stale_matches(connection)
        sent = [_sent(row) for row in bank.open_transfers(connection, zone)]
        lines = [_arrived(row) for row in bank.open_lines(connection)]
        found = matched(sent, lines, names, longest)
        bank.save_matches(connection, [_match(*pair) for pair in found.pairs])
        taken = {line for _, line in (*found.pairs, *found.differing)}
        rest = [line for line in lines if line not in taken]
        came = _vouch(connection, rest, names, longest, zone, done)
        done.matched += len(found.pairs) + len(came)
        told = differences(
            sent,
            [line for line in lines if line not in came],
            found,
            [held(row) for row in bank.held_statements(connection)],
            names,
            timedelta(days=policy.late_after_days),
        )
        breaks = [
            Break(
                one.subject,
                one.day.isoformat(),
                one.kind,
                one.sentence,
                one.amount,
                one.currency,
                leg="bank",
            )
            for one in told
        ]
        decided = decisions.decided_of_bank(connection)
        left = keep_decided(connection, breaks, (), decided, clock.now(), model)
        rows = [
            {
                "order_key": one.order_key,
                "day": one.day,
                "class": one.kind,
                "sentence": one.sentence,
                "amount": one.amount,
                "currency": one.currency,
                "owner": model.owners.finance,
            }
            for one in left
        ]
        done.opened, done.closed = bank.keep_differences(connection, rows, clock.now())
    return done


def forget_words(engine: Engine, model: OperatingModel, clock: Clock) -> None:
    """Who paid and what for leaves the lines that nobody needs it of any more, after
    `privacy.keep_documents_days`: transfers of gateways, and lines that are none and too old to
    become one."""
    days = model.privacy.keep_documents_days
    if days is None:
        return
    day = date.fromisoformat(today(clock.now(), model.time_zone))
    names = {name: [*one.bank_names, name] for name, one in model.ledger.gateways.items()}
    with engine.begin() as connection:
        bank.forget_words_of_transfers(connection, str(day - timedelta(days=days)))
        until = str(day - max(timedelta(days=days), NAMED))
        bank.forget_words(
            connection,
            [
                (row.account, row.line_key)
                for row in bank.open_lines(connection, worded_until=until)
                if not gateways_in(_arrived(row).text, names)
            ],
        )


def _vouch(
    connection: Connection,
    lines: list[Arrived],
    names: Mapping[str, list[str]],
    longest: timedelta,
    zone: str,
    done: Banked,
) -> set[Arrived]:
    """Make reports final that state no payout, where the bank received what their lines come to:
    by a line that names the payout or its gateway, because an equal amount alone vouches for
    nothing. The lines that were received so."""
    unstated = {}
    for row in bank.unstated_payouts(connection, zone):
        amount = round_half_up(row.amount, CENT)
        one = Sent(row.gateway, row.payout_id, row.report, row.currency, amount, row.day)
        unstated[one] = row.report
    spelt = {gateway: [*also, gateway] for gateway, also in names.items()}
    ids = {one.payout_id for one in unstated if one.payout_id}
    said = [
        line
        for line in lines
        if gateways_in(line.text, spelt) or any(each in line.text for each in ids)
    ]
    came = dict(matched(list(unstated), said, names, longest).pairs)
    for one, line in came.items():
        key = f"bank {line.account} {line.key}"
        bank.save_transfer_of_bank(
            connection,
            {
                "gateway": one.gateway,
                "payout_id": one.payout_id,
                "currency": one.currency,
                "transfer_key": key,
                "amount": line.amount,
                "paid_at": _noon(line.day, zone),
                "report": unstated[one],
                "itemised": bool(one.payout_id),
            },
        )
        bank.save_matches(connection, [_match(replace(one, key=key), line)])
        payouts.note_transfers(connection, one.gateway, [one.payout_id])
    reports = {(one.gateway, report) for one, report in unstated.items()}
    waiting = {(one.gateway, report) for one, report in unstated.items() if one not in came}
    for gateway, report in sorted(reports - waiting):
        payouts.make_final(connection, gateway, report, "The bank received what its lines come to.")
        done.made_final += 1
    return set(came.values())


def _sent(row: Row[Any]) -> Sent:
    return Sent(row.gateway, row.payout_id, row.transfer_key, row.currency, row.amount, row.day)


def _arrived(row: Row[Any]) -> Arrived:
    return Arrived(
        row.account,
        row.line_key,
        row.currency,
        row.amount,
        date.fromisoformat(row.day),
        f"{row.reference} {row.party}",
    )


def _match(sent: Sent, line: Arrived) -> dict[str, object]:
    return {
        "gateway": sent.gateway,
        "payout_id": sent.payout_id,
        "transfer_key": sent.key,
        "account": line.account,
        "line_key": line.key,
    }


def _withdraw(engine: Engine, known: Mapping[str, Row[Any]], names: list[str]) -> None:
    for name in known.keys() - set(names):
        with engine.begin() as connection:
            bank.forget_statement(connection, name)


def _take(
    engine: Engine,
    clock: Clock,
    source: PayoutSource,
    policy: BankPolicy,
    name: str,
    known: Row[Any] | None,
    done: Banked,
) -> None:
    row: dict[str, object] = {"name": name, "read_at": clock.now(), "lines": 0, "problem": None}
    try:
        content = source.read(BANK_FOLDER, name)
    except StillGrowing:
        return
    except (OSError, httpx.HTTPError, ConfigurationError) as error:
        done.problems.append(f"{BANK_FOLDER}/{name} cannot be read ({type(error).__name__}).")
        return
    parts = (content, policy.model_dump_json().encode())
    row["content_hash"] = ":".join(hashlib.sha256(each).hexdigest() for each in parts)
    if known is not None and known.content_hash == row["content_hash"]:
        if known.problem:
            done.problems.append(f"{BANK_FOLDER}/{name}: {known.problem}")
        return
    found: list[Statement] = []
    try:
        found = statements_of(content, policy)
    except UnusableReport as error:
        row["problem"] = str(error)
        done.problems.append(f"{BANK_FOLDER}/{name}: {error}")
    row["lines"] = sum(len(each.lines) for each in found)
    with engine.begin() as connection:
        save = partial(keep_statements, connection, row, found)
        if trouble_with(connection, f"{BANK_FOLDER}/{name}", save) is not None:
            row |= {"problem": CANNOT_BE_KEPT, "lines": 0}
            done.problems.append(f"{BANK_FOLDER}/{name}: {CANNOT_BE_KEPT}")
            bank.save_statement(connection, row)
    if row["problem"] is None and (known is None or known.content_hash):
        done.statements += 1
        done.lines += sum(len(each.lines) for each in found)


def _text(one: Member) -> str:
    """Of a file in an older encoding too, which XML declares and MT940 does not."""
    try:
        return one.text
    except UnusableReport:
        declared = DECLARED.search(one.content[:200])
        if declared:
            return one.content.decode(declared.group(1).decode(), errors="replace")
        if SWIFT in one.content[:2000]:
            return one.content.decode("iso-8859-1")
        raise


def _noon(day: date, zone: str) -> datetime:
    """An instant of that day in a zone."""
    return datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)
