"""Export journals: decide what is still to go out, mark it, write its files.

Entries are marked in one transaction before their files are written. A process that is killed in
between leaves a batch whose files are not there, and the next export writes them first.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine

from sfcc_cin7.ledger.accounts import REVENUE
from sfcc_cin7.ledger.journals.entries import LeftOut, Sum, in_pieces, outstanding
from sfcc_cin7.ledger.journals.formats import FORMS, as_file
from sfcc_cin7.ledger.records import journals, periods
from sfcc_cin7.merchant.books import BooksPolicy
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.months import first_day, following, month_of
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7.values.wording import counted

EVER = "0000-00-00"
NO_BOOKS = "The operating model names no accounting system: say `ledger.books`."
BY_THE_ERP = (
    "Sales and credit notes are left out: Cin7 itself posts them to these books"
    " (`ledger.books.sales_posted_by_erp`)."
)

SALES_STAY = (
    "Sales of {days} went out before Cin7 was said to post them, and stay as they are: where Cin7"
    " has posted them too, reverse one of both in the books."
)


@dataclass
class Exported:
    """How many entries went out, in which files, and what did not, by the reason in a sentence."""

    entries: int = 0
    files: list[Path] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


def export_journals(engine: Engine, clock: Clock, model: OperatingModel, folder: Path) -> Exported:
    """Entries of days that are over and did not go out yet, or hold something else now.

    Repeating it exports nothing twice.

    Raises:
        ConfigurationError: the operating model names no accounting system, or the folder cannot be
            written.
    """
    policy = model.ledger.books
    if policy is None:
        raise ConfigurationError(NO_BOOKS)
    told = Exported(notes=[BY_THE_ERP] if policy.sales_posted_by_erp else [])
    now = clock.now()
    today, since = f"{wording(model).day(now):%Y-%m-%d}", policy.since or EVER
    with engine.begin() as connection:
        journals.lock_exports(connection)
        wanted = journals.sales(connection, since, today, with_sales=not policy.sales_posted_by_erp)
        waiting: set[str] = set()
        running: set[str] = set()
        if policy.settlements == "payout":
            settled = journals.settled_by_payout(connection, since, model.time_zone)
            # what went out of a payout stays there where it was moved to a day that is not over
            running = {each.subject for each in settled if each.day >= today}
            wanted += settled
            waiting = journals.waiting_payouts(connection)
        else:
            wanted += journals.settled_by_day(connection, since, today)
        done = max(journals.last_signed(connection), month_of(periods.closed_until(connection)))
        went_out = journals.exported(connection, policy.target, since)
        stay = _days_of_sales(went_out) if policy.sales_posted_by_erp else set()
        if stay:
            told.notes.append(SALES_STAY.format(days=counted(len(stay), "day")))
        entries, left_out = outstanding(
            [one for one in wanted if (one.subject, one.day) not in stay],
            [one for one in went_out if (one.subject, one.day) not in stay],
            policy.accounts,
            untouched=waiting | running,
            only_currency=model.base_currency if FORMS[policy.target].one_currency else None,
            open_from=first_day(following(done)) if done else "",
        )
        if entries:
            journals.keep_batch(connection, policy.target, entries, now)
    told.entries = len(entries)
    told.left_out = _by_reason(left_out)
    if waiting:
        told.left_out["a report of theirs is not final (see payouts_agree)"] = len(waiting)
    told.files = _write_what_is_not_there(engine, clock, policy, folder)
    return told


def export_again(engine: Engine, model: OperatingModel, number: int, folder: Path) -> list[Path]:
    """Write the files of an earlier batch once more, just as they were.

    Raises:
        ConfigurationError: there is no such batch of these books.
    """
    policy = model.ledger.books
    if policy is None:
        raise ConfigurationError(NO_BOOKS)
    with engine.connect() as connection:
        row = journals.batch(connection, number)
    if row is None or row.target != policy.target:
        raise ConfigurationError(f"There is no batch {number} of {policy.target}.")
    return _write(engine, policy, number, folder)


def _write_what_is_not_there(
    engine: Engine, clock: Clock, policy: BooksPolicy, folder: Path
) -> list[Path]:
    with engine.connect() as connection:
        batches = [row for row in journals.unwritten(connection) if row.target == policy.target]
    files = []
    for row in batches:
        files += _write(engine, policy, row.id, folder)
        with engine.begin() as connection:
            journals.written(connection, row.id, clock.now())
    return files


def _write(engine: Engine, policy: BooksPolicy, number: int, folder: Path) -> list[Path]:
    with engine.connect() as connection:
        entries = journals.entries_of(connection, number)
    files = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part, piece in enumerate(in_pieces(entries, FORMS[policy.target].most_lines), 1):
            path = folder / f"{policy.target}-{number:05}-{part}.csv"
            path.write_text(as_file(piece, policy), encoding="utf-8", newline="")
            files.append(path)
    except OSError as error:
        raise ConfigurationError(
            f"Journals cannot be written to {folder} ({type(error).__name__})."
        ) from None
    return files


def _days_of_sales(went_out: Iterable[Sum]) -> set[tuple[str, str]]:
    """Days whose sales are in the books, with what was written off on them."""
    return {(one.subject, one.day) for one in went_out if one.account == REVENUE and one.amount}


def _by_reason(left_out: Iterable[LeftOut]) -> Counter[str]:
    return Counter(one.why for one in left_out)
