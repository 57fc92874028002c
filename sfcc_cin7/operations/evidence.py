"""The signs of the state as evidence of causes, for whoever tells people."""

import re
from collections.abc import Iterator
from datetime import timedelta

from sfcc_cin7.alerts import EVERYTHING, Evidence, Seen, piece
from sfcc_cin7.alerts.deciding.evidence import HEALS_BY_ITSELF
from sfcc_cin7.merchant.alerts import Severity
from sfcc_cin7.merchant.operating_model import Owners
from sfcc_cin7.operations.state import business, machinery
from sfcc_cin7.operations.state.judge import DATABASE
from sfcc_cin7.operations.state.unsigned import CHECKS, IN_VAIN, INBOX
from sfcc_cin7.operations.state.verdicts import Sign, State, Verdict

ALONE = {
    DATABASE: "database-away",
    "watcher": "watcher-failed",
    "operating model": "model-unreadable",
}
"""Signs behind which nothing else can be seen."""
CODES = {
    machinery.DAGSTER: "dagster-dead",
    machinery.LOOKS: "dagster-blind",
    machinery.QUEUE: "run-queue",
    business.ORDERS: "posting-stalled",
    business.SYSTEMS: "system-down",
    business.LISTS: "list-unpublished",
    business.CALLS: "calls-refused",
}
NAMES = {"cin7": "Cin7", "sfcc": "The storefront"}
LIVE_RUN, LIST = "live run: ", "list "
CRITICAL = frozenset({"database-away", "watcher-failed", "dagster-dead", "dagster-blind"})
FOR_A_WHILE = timedelta(minutes=5)
"""A warning, or what is not known, is told when it lasts: most of them pass."""
A_MINUTE = timedelta(seconds=50)
"""A lane in which nobody works may be without for so long."""


def seen(state: State, owners: Owners) -> Seen:
    """What is not well by the state, as pieces of evidence, and what could not be looked at.

    `for a person` is left out: the rows that it counts are evidence themselves.
    """
    signs = [sign for sign in state.signs if sign.name != business.PEOPLE]
    found = [each for sign in signs for each in _pieces(sign, owners)]
    if any(sign.name in ALONE and sign.verdict is not Verdict.OK for sign in signs):
        return Seen(state.at, found, frozenset({EVERYTHING}))
    found += [each for pieces in state.evidence.values() for each in pieces]
    unread = {each for each in (INBOX, CHECKS, IN_VAIN) if each not in state.evidence}
    unknown = {_unseen(sign) for sign in signs if sign.verdict is Verdict.NOT_KNOWN}
    return Seen(state.at, found, frozenset(unread | unknown))


def _source(sign: Sign) -> str:
    return "database" if sign.name == DATABASE else f"sign:{sign.name}"


def _unseen(sign: Sign) -> str:
    """What is not known where a sign is not: one may stand for many that are missing then."""
    of_many = {machinery.LIVE_RUNS: LIVE_RUN, business.LISTS: LIST}
    if sign.name in of_many:
        return f"sign:{of_many[sign.name]}{EVERYTHING}"
    return _source(sign)


def _pieces(sign: Sign, owners: Owners) -> Iterator[Evidence]:
    if sign.verdict is Verdict.OK:
        return
    code, about = _code(sign)
    if sign.verdict is Verdict.NOT_KNOWN and sign.name not in ALONE:
        code, about = "not-known", sign.name
    by_system = code == "system-down"
    for subject, what in _systems(sign) if by_system else [(sign.name, about)]:
        yield piece(
            code,
            f"not-known:{sign.name}" if code == "not-known" else _source(sign),
            subject,
            owners,
            about=what,
            title=_title(code, what),
            owner=sign.owner,
            sentence=_of_system(sign.sentence, what) if by_system else sign.sentence,
            advice=sign.advice,
            runbook=sign.runbook,
            since=sign.since,
            severity=_severity(code, about, sign),
            told_after=_told_after(code, sign),
        )


def _code(sign: Sign) -> tuple[str, str]:
    """The code of a sign's cause, and what it is about where there are several of the kind."""
    if sign.name in ALONE:
        return ALONE[sign.name], ""
    if sign.name in CODES:
        return CODES[sign.name], ""
    if sign.name == business.READING:
        is_doubted = sign.verdict is Verdict.FAILING and "not believed" in sign.sentence
        return ("reading-doubted" if is_doubted else "reading-late"), ""
    if sign.name.startswith(LIVE_RUN):
        return "lane-dead", sign.name.removeprefix(LIVE_RUN)
    if sign.name.startswith(LIST):
        return "list-unpublished", sign.name.removeprefix(LIST)
    return "lane-late", sign.name


def _systems(sign: Sign) -> list[tuple[str, str]]:
    """Each of the systems that do not answer: the measures say which these are."""
    down = [each.of["system"] for each in sign.measures if each.value]
    return [(NAMES.get(system, system), system) for system in down] or [(sign.name, "")]


def _of_system(sentence: str, system: str) -> str:
    """What one system answered, where the sentence tells of both."""
    parts = re.split(r"(?=\b(?:cin7|sfcc) does not answer)", sentence)
    return next((part.strip() for part in parts if part.startswith(system)), sentence)


def _title(code: str, about: str) -> str:
    match code:
        case "system-down":
            return f"{NAMES.get(about, about)} does not answer"
        case "lane-dead":
            return f"Nobody works in the lane {about}"
        case "lane-late":
            return f"{about} is late"
        case "list-unpublished" if about:
            return f"The list {about} is not published"
        case "not-known":
            return f"It cannot be told how this is: {about}"
    return ""


def _severity(code: str, about: str, sign: Sign) -> Severity:
    if code in CRITICAL or (code == "lane-dead" and about == machinery.WAITED_FOR):
        return "critical" if sign.verdict is not Verdict.WARNING else "warning"
    if code in ("posting-stalled", "system-down") and sign.verdict is Verdict.FAILING:
        return "critical"
    return "warning" if sign.verdict is Verdict.FAILING else "notice"


def _told_after(code: str, sign: Sign) -> timedelta:
    if sign.verdict is Verdict.FAILING or code == "system-down" or sign.name in ALONE:
        return HEALS_BY_ITSELF
    return A_MINUTE if code == "lane-dead" else FOR_A_WHILE
