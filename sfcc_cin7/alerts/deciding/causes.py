"""Evidence grouped by its cause: one cause for all that it brings about.

Two kinds of rules, both read our own evidence only. `family` gives pieces of evidence that have one
cause the same key: forty orders lack one tax rule. `ROOTS` say which causes explain others: with
the ERP away no lane succeeds, and nobody is told of six lanes.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sfcc_cin7.alerts.deciding.effects import effect_of
from sfcc_cin7.alerts.deciding.evidence import Evidence
from sfcc_cin7.merchant.alerts import SEVERITIES, Severity
from sfcc_cin7.merchant.operating_model import ReviewPolicy
from sfcc_cin7.values.money import ZERO

MOST_OF_A_CODE = 5
"""So many causes of one code are told one by one; what comes then is one cause together."""
MANY = "*"
NAMED = 5
"""So many of what suffers are named."""

SAME_WORDS = frozenset(
    {"tax-rule-unknown", "tax-rule-unmapped", "tax-rules-differ", "taxation-mismatch"}
)
"""Reasons whose sentence names what is missing, the same for every order that lacks it
(`orders.translation.to_add`)."""
RENAMED = frozenset(
    {"sku-unknown-in-erp", "sku-under-another-name", "sku-deprecated-in-erp", "sku-case-differs"}
)
"""What the catalogue says of a SKU that orders then stumble over."""
OF_A_SKU = frozenset({"sku-unknown", "erp-refused", "sku-case-clash"})
OF_A_LIST = frozenset(
    {"stock-drift", "stock-lag", "stock-held", "stock-endless", "list-unpublished", "stock-refused"}
)
NO_LOOK = frozenset(
    {"run-queue", "lane-dead", "lane-late", "lane-fails", "posting-stalled", "reading-late"}
    | {"list-unpublished", "stock-lag"}
)
"""What happens where nothing runs."""
ROOTS: Sequence[tuple[str, frozenset[str]]] = (
    ("dagster-dead", NO_LOOK | {"dagster-blind"}),
    ("dagster-blind", NO_LOOK),
    ("key-refused", NO_LOOK | {"system-down", "webhook-off"} - {"run-queue", "lane-dead"}),
    ("system-down", NO_LOOK | {"webhook-off"} - {"run-queue", "lane-dead"}),
    ("lane-dead", NO_LOOK - {"run-queue", "lane-dead"}),
    ("reading-doubted", frozenset({"list-unpublished", "reading-late", "stock-lag"})),
    ("run-queue", frozenset({"lane-late"})),
)
"""A code, and those that it explains; the first that is there explains."""
OF_STOCK = frozenset({"list-unpublished", "reading-late", "stock-lag"})
LANES: Mapping[str, frozenset[str]] = {
    "orders": frozenset({"posting-stalled", "receiving orders", "re-reading days of orders"}),
    "stock": OF_STOCK | {"reading stock", "publishing stock"},
    "stock-now": frozenset({"stock-lag"}),
    "shipments": frozenset({"reading shipments", "telling shipments"}),
    "books": frozenset({"reconciling", "margins", "reading payouts"}),
}
"""What a lane that is dead leaves undone: codes, and routines by name."""
_REFUSED_KEY = re.compile(r"\b(401|403)\b|credential|unauthori[sz]ed|forbidden", re.IGNORECASE)
_SYSTEM = re.compile(r"\b(cin7|sfcc)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One cause with all that it brings about. `subjects` names the first few of `things`; `tried`
    is what was answered last; `sources` are where it was seen, and where its end has to be seen."""

    key: str
    code: str
    title: str
    effect: str
    owner: str
    severity: Severity
    things: int
    subjects: tuple[str, ...]
    money: Decimal
    since: datetime
    tried: str
    advice: str
    runbook: str
    sources: frozenset[str]
    told_after: timedelta


@dataclass(frozen=True)
class Grouped:
    """The causes, and of those that another one explains (by key) the key of that one."""

    causes: Sequence[Cause]
    explained: Mapping[str, str]


def group(
    found: Iterable[Evidence], at: datetime, policy: ReviewPolicy, already: Collection[str] = ()
) -> Grouped:
    """What was seen, by its cause, the most severe first.

    `already` are the keys of what is open: a cause keeps its key while others of its code come and
    go, and what was told together stays together.
    """
    pieces = [_with_its_key_refused(each) for each in found]
    families = _families(pieces, frozenset(already))
    explained: dict[str, str] = {}
    for code, brings in ROOTS:
        for root in [key for key, members in families.items() if members[0].code == code]:
            if root in explained:
                continue
            for key, members in families.items():
                if members[0].code in brings and _is_its_work(families[root][0], members[0]):
                    explained.setdefault(key, root)
    told = {key: members for key, members in families.items() if key not in explained}
    causes = [_cause(key, members, at, policy) for key, members in told.items()]
    return Grouped(sorted(causes, key=_worst_first), explained)


def _is_its_work(root: Evidence, effect: Evidence) -> bool:
    """A dead lane explains what it would have done, and nothing else; a system no lane that was
    failed by the other one."""
    if effect.code == "system-down" and root.code == "key-refused":
        return effect.about == root.about
    if root.code in ("system-down", "key-refused"):
        named = _SYSTEM.search(effect.sentence) if effect.code == "lane-fails" else None
        return named is None or named.group(1).lower() == root.about
    if root.code != "lane-dead":
        return True
    return bool({effect.code, effect.about} & LANES.get(root.about, frozenset()))


def _with_its_key_refused(piece: Evidence) -> Evidence:
    """A system or a lane that was told that its key is not valid has that for its cause."""
    if piece.code not in ("system-down", "lane-fails") or not _REFUSED_KEY.search(piece.sentence):
        return piece
    named = _SYSTEM.search(f"{piece.about} {piece.sentence}")
    system = named.group(1).lower() if named else piece.about
    what = {"cin7": "Cin7", "sfcc": "The storefront"}.get(system, system)
    return Evidence(
        **{
            **vars(piece),
            "code": "key-refused",
            "about": system,
            "title": f"{what} refuses our credentials",
            "severity": "critical",
            "advice": "put a valid key into the environment and start anew; find out who revoked"
            " the old one.",
        }
    )


def _families(pieces: Sequence[Evidence], already: frozenset[str]) -> dict[str, list[Evidence]]:
    skus = {each.about: each for each in pieces if each.code in RENAMED and each.about}
    keyed = [(_family(each, skus), each) for each in pieces]
    distinct: dict[str, set[str]] = defaultdict(set)
    for (code, about), _ in keyed:
        distinct[code].add(about)
    families: dict[str, list[Evidence]] = {}
    for (code, about), each in sorted(keyed, key=lambda one: one[0]):
        key, together = f"{code}:{about}".rstrip(":"), f"{code}:{MANY}"
        many = together in already or len(distinct[code]) > MOST_OF_A_CODE
        families.setdefault(together if many and key not in already else key, []).append(each)
    # the one that names the cause stands first
    for members in families.values():
        members.sort(key=lambda each: (each.code not in RENAMED, each.subject))
    return families


def _family(piece: Evidence, skus: Mapping[str, Evidence]) -> tuple[str, str]:
    """Code and object of the cause that a piece of evidence belongs to."""
    if piece.code in SAME_WORDS:
        return piece.code, piece.sentence
    if piece.code in RENAMED:
        return "sku", piece.about
    if piece.code in OF_A_SKU:
        named = [sku for sku in skus if _names(piece.sentence, sku)]
        if named:
            return "sku", max(named, key=len)
    return piece.code, piece.about


def _names(sentence: str, sku: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(sku)}(?![\w-])", sentence) is not None


def _cause(key: str, members: Sequence[Evidence], at: datetime, policy: ReviewPolicy) -> Cause:
    first = members[0]
    by_subject: dict[str, Decimal] = {}
    for each in members:
        by_subject[each.subject] = max(by_subject.get(each.subject, ZERO), each.money)
    money = sum(by_subject.values(), ZERO)
    since = min((each.since for each in members if each.since), default=at)
    dearest = sorted(by_subject, key=lambda subject: (-by_subject[subject], subject))
    return Cause(
        key=key,
        code=first.code,
        title=f"{first.title}, and more of the kind" if key.endswith(f":{MANY}") else first.title,
        effect=effect_of(first.code),
        owner=first.owner,
        severity=_severity(members, money, at - since, policy),
        things=len(by_subject),
        subjects=tuple(dearest[:NAMED]),
        money=money,
        since=since,
        tried=first.sentence,
        advice=first.advice,
        runbook=first.runbook,
        sources=frozenset(each.source for each in members),
        told_after=min(each.told_after for each in members),
    )


def _severity(
    members: Sequence[Evidence], money: Decimal, age: timedelta, policy: ReviewPolicy
) -> Severity:
    """By money and age as the review desk is warned and alarmed, at least what it is by itself."""
    hours = Decimal(int(age.total_seconds())) / 3600
    rank = max(SEVERITIES.index(each.severity) for each in members)
    if money >= policy.alarm_money or hours >= Decimal(str(policy.alarm_hours)):
        rank = max(rank, SEVERITIES.index("critical"))
    elif money >= policy.warn_money or hours >= Decimal(str(policy.warn_hours)):
        rank = max(rank, SEVERITIES.index("warning"))
    return SEVERITIES[rank]


def _worst_first(cause: Cause) -> tuple[int, Decimal, datetime, str]:
    return -SEVERITIES.index(cause.severity), -cause.money, cause.since, cause.key
