"""Read settlement reports that are new, each once, and give their lines to the books."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import httpx
from sqlalchemy import Engine

from sfcc_cin7.db.looks import PAYOUTS, save_look
from sfcc_cin7.ledger.payouts.reports import READERS
from sfcc_cin7.ledger.payouts.reports.lines import Report, UnusableReport
from sfcc_cin7.ledger.payouts.source import PayoutSource
from sfcc_cin7.ledger.records import payouts
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.values.clock import Clock

PIECE = 5000


@dataclass(frozen=True)
class Read:
    """How many reports were new, their lines, and what cannot be read (a sentence for each)."""

    reports: int
    lines: int
    problems: Sequence[str]


def read_reports(engine: Engine, model: OperatingModel, source: PayoutSource, clock: Clock) -> Read:
    """Read every report whose content is new.

    A report that cannot be used is remembered with its problem and tried again when its content
    changes; the others are read all the same.
    """
    began, saw_all = clock.now(), True
    reports, lines, problems = 0, 0, []
    for gateway, policy in model.ledger.gateways.items():
        with engine.connect() as connection:
            known = payouts.known_reports(connection, gateway)
        try:
            names = list(source.names(gateway))
        except (OSError, httpx.HTTPError) as error:
            problems.append(f"{gateway}: its reports cannot be listed ({type(error).__name__}).")
            saw_all = False
            continue
        for name in names:
            try:
                content = source.read(gateway, name)
            except (OSError, httpx.HTTPError) as error:
                problems.append(f"{gateway}/{name} cannot be read ({type(error).__name__}).")
                saw_all = False
                continue
            content_hash = hashlib.sha256(content).hexdigest()
            if known.get(name) == content_hash:
                continue
            problem = None
            try:
                report = READERS[policy.report](content.decode("utf-8"))
            except (UnusableReport, UnicodeDecodeError) as error:
                report = Report([], [])
                problem = str(error) if isinstance(error, UnusableReport) else "It is not UTF-8."
                problems.append(f"{gateway}/{name}: {problem}")
            _save(engine, clock, gateway, name, content_hash, report, problem)
            reports += 1
            lines += len(report.lines)
    if saw_all:
        with engine.begin() as connection:
            save_look(connection, PAYOUTS, began)
    return Read(reports, lines, problems)


def _save(
    engine: Engine,
    clock: Clock,
    gateway: str,
    name: str,
    content_hash: str,
    report: Report,
    problem: str | None,
) -> None:
    now = clock.now()
    lines = [
        {"line_key" if field == "key" else field: value for field, value in vars(line).items()}
        | {"gateway": gateway, "report": name, "read_at": now}
        for line in report.lines
    ]
    transfers = [{**vars(transfer), "gateway": gateway} for transfer in report.transfers]
    payout_ids = {line.payout_id for line in report.lines}
    payout_ids |= {transfer.payout_id for transfer in report.transfers}
    with engine.begin() as connection:
        for first in range(0, len(lines), PIECE):
            piece = lines[first : first + PIECE]
            keys = [str(line["line_key"]) for line in piece]
            # A line may leave its payout.
            payout_ids |= payouts.payouts_of(connection, gateway, keys)
            payouts.save_lines(connection, piece)
        payouts.save_transfers(connection, transfers)
        payouts.note_transfers(connection, gateway, payout_ids)
        payouts.save_report(
            connection,
            {
                "gateway": gateway,
                "name": name,
                "content_hash": content_hash,
                "lines": len(lines),
                "problem": problem,
                "read_at": now,
            },
        )
