"""What a person can do about breaks from the Launchpad; the command line has the same."""

from typing import cast, get_args

import dagster as dg

from sfcc_cin7 import ledger
from sfcc_cin7.inbox.action import Author
from sfcc_cin7.review.break_requests import (
    DecideBreaks,
    ExportBreaks,
    MatchLine,
    SignMonth,
    UndoDecision,
)
from sfcc_cin7.review.jobs import AN_ORDER, TAGS, YOU, told
from sfcc_cin7.review.naming import keys_of
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.places import state_folder
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.values.wording import counted

EXPORTS = "exports"
"""The folder of what was asked for as files, in that of the project's state."""


@dg.op
def accept(
    context: dg.OpExecutionContext, config: DecideBreaks, merchant: Merchant, store: Store
) -> list[str]:
    given = store.engine, store.clock, merchant.model()
    return told(
        context,
        lambda: ledger.accept_breaks(*given, config.breaks, Author.of(config.by, config.because)),
    )


@dg.op
def write_off(
    context: dg.OpExecutionContext, config: DecideBreaks, merchant: Merchant, store: Store
) -> list[str]:
    given = store.engine, store.clock, merchant.model()
    return told(
        context,
        lambda: ledger.write_breaks_off(
            *given, config.breaks, Author.of(config.by, config.because)
        ),
    )


@dg.op
def match(
    context: dg.OpExecutionContext, config: MatchLine, merchant: Merchant, store: Store
) -> list[str]:
    def act() -> list[str]:
        [order] = keys_of(store.engine, [config.order])
        who = Author.of(config.by, config.because)
        given = store.engine, store.clock, merchant.model()
        return ledger.match_line(*given, config.number, order, who)

    return told(context, act)


@dg.op
def undo(
    context: dg.OpExecutionContext, config: UndoDecision, merchant: Merchant, store: Store
) -> list[str]:
    given = store.engine, store.clock, merchant.model()
    return told(
        context,
        lambda: ledger.undo(*given, config.decision, Author.of(config.by, config.because)),
    )


@dg.op
def export(
    context: dg.OpExecutionContext, config: ExportBreaks, merchant: Merchant, store: Store
) -> list[str]:
    if config.state not in get_args(ledger.State):
        raise dg.Failure(f"{config.state} is none of open, closed and all.", allow_retries=False)
    state = cast(ledger.State, config.state)
    wanted = ledger.Wanted(state, config.code, config.owner, month=config.month)
    found = ledger.listed_breaks(store.engine, store.clock, merchant.model(), wanted)
    folder = state_folder() / EXPORTS
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"breaks-{context.run.run_id[:8]}{suffix}" for suffix in (".csv", ".xlsx")]
    for path, content in zip(files, (ledger.as_csv, ledger.as_spreadsheet), strict=True):
        path.write_bytes(content(found))
    return told(context, lambda: [f"{path}: {counted(len(found), 'break')}." for path in files])


@dg.op
def sign(
    context: dg.OpExecutionContext, config: SignMonth, merchant: Merchant, store: Store
) -> list[str]:
    given = store.engine, store.clock, merchant.model()
    return told(
        context,
        lambda: ledger.sign_off(*given, config.month, Author.of(config.by, config.because)),
    )


@brands.job(
    tags=TAGS,
    executor_def=dg.in_process_executor,
    config=dg.RunConfig(ops={"accept": DecideBreaks(by=YOU, because="why", breaks=[0])}),
    description=(
        "Lets open breaks stay as they are, within the limit that the operating model gives you"
        " (`ledger.limits`). Nothing is posted; a break is open again once its figures change."
    ),
)
def accept_breaks() -> None:
    accept()


@brands.job(
    tags=TAGS,
    executor_def=dg.in_process_executor,
    config=dg.RunConfig(ops={"write_off": DecideBreaks(by=YOU, because="why", breaks=[0])}),
    description=(
        "Gives the money of open breaks up, within your limit: it is posted to write-offs, and"
        " posted back once the money comes after all."
    ),
)
def write_breaks_off() -> None:
    write_off()


@brands.job(
    tags=TAGS,
    executor_def=dg.in_process_executor,
    config=dg.RunConfig(ops={"match": MatchLine(by=YOU, because="why", number=0, order=AN_ORDER)}),
    description="Gives the settlement line that a break is about to an order, and keeps it there.",
)
def match_line() -> None:
    match()


@brands.job(
    tags=TAGS,
    executor_def=dg.in_process_executor,
    config=dg.RunConfig(ops={"undo": UndoDecision(by=YOU, because="why", decision=0)}),
    description="Takes a decision about a break back; what it posted is reversed.",
)
def undo_decision() -> None:
    undo()


@brands.job(
    tags=TAGS,
    executor_def=dg.in_process_executor,
    config=dg.RunConfig(ops={"export": ExportBreaks()}),
    description="Writes breaks to a CSV and a spreadsheet, in `exports` beside the database.",
)
def export_breaks() -> None:
    export()


@brands.job(
    tags=TAGS,
    executor_def=dg.in_process_executor,
    config=dg.RunConfig(ops={"sign": SignMonth(by=YOU, because="why", month="2026-03")}),
    description=(
        "Signs a month that is over, with the list of what was open. Refused while a settlement"
        " report is not final."
    ),
)
def sign_month() -> None:
    sign()
