"""Read settlement reports that are new or changed, and give their lines to the books.

Lines belong to their report: what a report does not state any more is taken back, and so is all of
a report that left its folder. What cannot be read, or is not complete, is told and stays told.
Where an archive or a spreadsheet holds several reports, each is one of its own
(`march.zip/stl-1.csv`).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import Engine, Row

from sfcc_cin7.db.looks import PAYOUTS, save_look
from sfcc_cin7.ledger.payouts.reports.lines import Report, UnusableReport
from sfcc_cin7.ledger.payouts.source import PayoutSource, StillGrowing
from sfcc_cin7.ledger.payouts.understanding import understood_each
from sfcc_cin7.ledger.records import payouts
from sfcc_cin7.merchant.ledger import BANK_FOLDER, GatewayPolicy
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.problems import ConfigurationError

PIECE = 5000
LAYOUT = {
    "report",
    "columns",
    "kinds",
    "ignored",
    "order_columns",
    "order_pattern",
    "reference_columns",
    "time_zone",
    "dates",
    "signs",
}
"""The decisions about a gateway that say how its files are read."""
SHORTER = (
    "It was whole and is not any more; what it stated stays until it is whole again, or leaves the"
    " folder."
)


@dataclass
class Read:
    """How many reports were new, their lines, how many were taken back with their lines, what
    cannot be read (a sentence for each), and what is read but not complete. `saw_all` says whether
    every folder could be listed and every file opened."""

    reports: int = 0
    lines: int = 0
    withdrawn: int = 0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    saw_all: bool = True


class LiesTwice(UnusableReport):
    """Another gateway has the same file: which of them is right shows when one is taken away."""


def read_reports(engine: Engine, model: OperatingModel, source: PayoutSource, clock: Clock) -> Read:
    """Read every report whose content is new, and take back what is stated no more.

    A report that cannot be used is remembered with its problem and tried again when its content
    changes; the others are read all the same.
    """
    began, read = clock.now(), Read()
    gateways = model.ledger.gateways
    shelves = [_Shelf(engine, clock, source, name, policy) for name, policy in gateways.items()]
    listed = [shelf for shelf in shelves if shelf.look(read)]
    for shelf in listed:  # before anything is read: what moved is forgotten where it was
        shelf.withdraw(read)
    for shelf in listed:
        shelf.read(read, listed)
    try:
        strays = source.strays([*gateways, BANK_FOLDER])
    except OSError as error:
        read.problems.append(f"The folder cannot be listed ({type(error).__name__}).")
    else:
        _keep_strays(engine, clock, strays, list(gateways))
        read.problems += [f"{folder}/{name}: {why}" for (folder, name), why in strays.items()]
    if read.saw_all:
        with engine.begin() as connection:
            save_look(connection, PAYOUTS, began)
    return read


class _Shelf:
    """The reports of one gateway: as they lie there, and as they are known."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        source: PayoutSource,
        gateway: str,
        policy: GatewayPolicy,
    ) -> None:
        self.engine, self.clock, self.source = engine, clock, source
        self.gateway, self.policy = gateway, policy
        self.names: Sequence[str] = ()
        self.known: Mapping[str, Row[Any]] = {}
        self.lost = False

    def look(self, read: Read) -> bool:
        """What lies there; False where it cannot be listed."""
        try:
            listing = self.source.listing(self.gateway)
        except (OSError, httpx.HTTPError) as error:
            read.problems.append(
                f"{self.gateway}: its reports cannot be listed ({type(error).__name__})."
            )
            read.saw_all = False
            return False
        with self.engine.connect() as connection:
            self.known = payouts.known_reports(connection, self.gateway)
        if not listing.there:
            if any(row.lines for row in self.known.values()):
                read.problems.append(
                    f"{self.gateway}: nothing lies where its reports lay; what they stated stays."
                )
                read.saw_all = False
            return False
        self.names = listing.names
        for name, why in listing.strays.items():
            read.problems.append(f"{self.gateway}/{name}: {why}")
            if name not in self.known or self.known[name].problem != why:
                _save(self.engine, self.clock, self.gateway, name, "", None, why)
        self.known = {n: row for n, row in self.known.items() if n not in listing.strays}
        return True

    def withdraw(self, read: Read) -> None:
        """Forget reports that lie there no more."""
        for name in [name for name in self.known if file_of(name) not in self.names]:
            self._forget(name, read)

    def _forget(self, name: str, read: Read) -> None:
        with self.engine.begin() as connection:
            lines = payouts.forget_report(connection, self.gateway, name)
        if lines:
            read.withdrawn += 1
            read.notes.append(f"{self.gateway}/{name} lies there no more: {lines} rows went.")
        self.lost = self.lost or bool(lines)

    def read(self, read: Read, shelves: Sequence["_Shelf"]) -> None:
        for name in self.names:
            content = self._content(name, read)
            if content is None:
                continue
            content_hash = self._hash(content)
            known = {each: row for each, row in self.known.items() if file_of(each) == name}
            of_it = [known[name]] if name in known else list(known.values())
            if of_it and all(row.content_hash == content_hash for row in of_it):
                continue
            self._take_each(name, content, content_hash, read, shelves)
        if self.lost:
            self._restore(read)

    def _take_each(
        self,
        name: str,
        content: bytes,
        content_hash: str,
        read: Read,
        shelves: Sequence["_Shelf"],
    ) -> None:
        """Each report of a file; those that are in it no more are taken back."""
        try:
            found = understood_each(content, self.policy)
        except UnusableReport as error:  # what was read of it stays until it can be read again
            self._take(name, error, content_hash, read, shelves)
            return
        reports = {"/".join(filter(None, (name, each))): report for each, report in found.items()}
        for each in [each for each in self.known if file_of(each) == name and each not in reports]:
            self._forget(each, read)
        for each, report in reports.items():
            known = self.known.get(each)
            if known is None or known.content_hash != content_hash:
                self._take(each, report, content_hash, read, shelves)

    def _hash(self, content: bytes) -> str:
        """Of the content, and of what the merchant says of such files: either is read anew."""
        layout = self.policy.model_dump_json(include=LAYOUT)
        return ":".join(hashlib.sha256(one).hexdigest() for one in (content, layout.encode()))

    def _content(self, name: str, read: Read) -> bytes | None:
        try:
            return self.source.read(self.gateway, name)
        except StillGrowing:
            read.notes.append(f"{self.gateway}/{name} is still being written.")
            read.saw_all = False
        except ConfigurationError as error:
            read.problems.append(f"{self.gateway}/{name}: {error}")
            _save(self.engine, self.clock, self.gateway, name, "", None, str(error))
        except (OSError, httpx.HTTPError) as error:
            read.problems.append(f"{self.gateway}/{name} cannot be read ({type(error).__name__}).")
            read.saw_all = False
        return None

    def _take(
        self,
        name: str,
        found: Report | UnusableReport,
        content_hash: str,
        read: Read,
        shelves: Sequence["_Shelf"],
    ) -> None:
        problem = None
        report = None
        known = self.known.get(name)
        try:
            self._refuse_of_two_gateways(content_hash, shelves)
            if isinstance(found, UnusableReport):
                raise found
            whole = known is not None and known.standing == "final" and known.lines
            if whole and found.standing == "incomplete":
                raise UnusableReport(f"{found.note} {SHORTER}")
            report = found
        except UnusableReport as error:
            problem = str(error)
            if isinstance(error, LiesTwice):
                content_hash = ""  # looked at anew by each pass, until one of them is gone
            read.problems.append(f"{self.gateway}/{name}: {problem}")
        gone = _save(self.engine, self.clock, self.gateway, name, content_hash, report, problem)
        self.lost = self.lost or bool(gone)
        read.reports += 1
        if report is not None:
            read.lines += len(report.lines)
            if report.note:
                read.notes.append(f"{self.gateway}/{name}: {report.note}")

    def _refuse_of_two_gateways(self, content_hash: str, shelves: Sequence["_Shelf"]) -> None:
        """A file that was moved is forgotten where it was; one that lies twice is nobody's."""
        there = {(shelf.gateway, name) for shelf in shelves for name in shelf.names}
        with self.engine.begin() as connection:
            for other in payouts.read_elsewhere(connection, self.gateway, content_hash):
                if (other.gateway, file_of(other.name)) in there:
                    where = f"{other.gateway}/{other.name}"
                    raise LiesTwice(f"The same file lies at {where}: take one of them away.")
                payouts.forget_report(connection, other.gateway, other.name)

    def _restore(self, read: Read) -> None:
        """Lines that went with a report may be stated by another one too: the newest has them."""
        with self.engine.connect() as connection:
            known = payouts.known_reports(connection, self.gateway)
        for name, row in known.items():
            if row.problem is not None or file_of(name) not in self.names:
                continue
            content = self._content(file_of(name), read)
            if content is None or self._hash(content) != row.content_hash:
                continue  # the next pass reads it as changed
            report = self._again(name, content)
            if report is None:  # it was another version of this code that read it
                continue
            with self.engine.begin() as connection:
                now = self.clock.now()
                rows = _line_rows(self.gateway, name, report, now)
                for first in range(0, len(rows), PIECE):
                    payouts.save_lines(connection, rows[first : first + PIECE], missing_only=True)
                payouts.save_transfers(connection, _transfer_rows(self.gateway, name, report))
                payouts.note_transfers(connection, self.gateway, _payout_ids(report))

    def _again(self, name: str, content: bytes) -> Report | None:
        """What a report says that could be read before."""
        try:
            found = understood_each(content, self.policy).get(name.partition("/")[2])
        except UnusableReport:
            return None
        return found if isinstance(found, Report) else None


def file_of(name: str) -> str:
    """The file in which a report lies."""
    return name.partition("/")[0]


def _keep_strays(
    engine: Engine, clock: Clock, strays: Mapping[tuple[str, str], str], gateways: Sequence[str]
) -> None:
    """Files in nobody's folder stand among the reports with a problem for as long as they lie
    there."""
    with engine.begin() as connection:
        known = payouts.reports_of_no_gateway(connection, gateways)
        for folder, name in known.keys() - strays.keys():
            payouts.forget_report(connection, folder, name)
    for (folder, name), why in strays.items():
        if known.get((folder, name)) != why:
            _save(engine, clock, folder, name, "", None, why)


def _line_rows(gateway: str, name: str, report: Report, now: object) -> list[dict[str, object]]:
    return [
        {"line_key" if field == "key" else field: value for field, value in vars(line).items()}
        | {
            "other_references": list(line.other_references),
            "gateway": gateway,
            "report": name,
            "read_at": now,
        }
        for line in report.lines
    ]


def _transfer_rows(gateway: str, name: str, report: Report) -> list[dict[str, object]]:
    return [
        {"transfer_key" if field == "key" else field: value for field, value in vars(one).items()}
        | {"gateway": gateway, "report": name}
        for one in report.transfers
    ]


def _payout_ids(report: Report) -> set[str]:
    stated = {line.payout_id for line in report.lines}
    return stated | {transfer.payout_id for transfer in report.transfers}


def _save(
    engine: Engine,
    clock: Clock,
    gateway: str,
    name: str,
    content_hash: str,
    report: Report | None,
    problem: str | None,
) -> int:
    """Keep what a report states now; of one that cannot be used what it stated before stays. How
    many lines it states no more."""
    now = clock.now()
    row: dict[str, object] = {
        "gateway": gateway,
        "name": name,
        "content_hash": content_hash,
        "problem": problem,
        "read_at": now,
    }
    with engine.begin() as connection:
        if report is None:
            payouts.save_problem(connection, {**row, "lines": 0, "standing": "refused"})
            return 0
        lines = _line_rows(gateway, name, report, now)
        keys = [line.key for line in report.lines]
        sent = [transfer.key for transfer in report.transfers]
        gone = payouts.take_back(connection, gateway, name, keys, sent)
        payout_ids = _payout_ids(report)
        for first in range(0, len(lines), PIECE):
            piece = lines[first : first + PIECE]
            # A line may leave its payout.
            payout_ids |= payouts.payouts_of(connection, gateway, keys[first : first + PIECE])
            payouts.save_lines(connection, piece)
        payouts.save_transfers(connection, _transfer_rows(gateway, name, report))
        payouts.note_transfers(connection, gateway, payout_ids)
        payouts.save_report(
            connection,
            {**row, "lines": len(lines), "standing": report.standing, "note": report.note},
        )
    return gone
