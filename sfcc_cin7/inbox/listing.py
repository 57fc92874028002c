"""The one list of what needs a person, as people read it: by cause, most money and age first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from sfcc_cin7.inbox.codes import Code, known
from sfcc_cin7.inbox.sources import Found, everything
from sfcc_cin7.merchant.base_currency import BaseCurrency
from sfcc_cin7.merchant.operating_model import OperatingModel, ReviewPolicy
from sfcc_cin7.values.ages import age_in_words
from sfcc_cin7.values.money import ZERO, figure, quantum
from sfcc_cin7.values.wording import Wording, counted

COLUMNS = ("what", "why it waits", "at risk")
CAUSES = ("cause", "number", "at risk", "to do")
"""Few and narrow: beside a page's other columns a table has 400 pixels."""


@dataclass(frozen=True, kw_only=True)
class Item(Found):
    """One thing that needs a person. `weight` is its money in the ERP's base currency, by the rates
    of the day."""

    age: timedelta
    weight: Decimal

    @property
    def row(self) -> Code:
        """What the register knows of its code."""
        return known(self.code)

    @property
    def urgency(self) -> tuple[Decimal, timedelta]:
        """Money times the hours that it has waited; without money, the age."""
        hours = Decimal(int(self.age.total_seconds())) / 3600
        return self.weight * (1 + hours), self.age


def inbox(
    connection: Connection,
    model: OperatingModel,
    at: datetime,
    *,
    subject: str | None = None,
    code: str | None = None,
    owner: str | None = None,
) -> list[Item]:
    """What needs a person, worst first; narrowed to a subject, a code or an owner."""
    currencies = {site.id: site.currency for site in model.sites}
    base = BaseCurrency(model, at.date())
    items = []
    for found in everything(connection, model, at):
        named = ((subject, found.subject), (code, found.code), (owner, found.owner))
        if any(wanted and wanted != its for wanted, its in named):
            continue
        currency = found.currency or currencies.get(found.site or "")
        given = {**vars(found), "currency": currency}
        age = max(at - found.opened_at, timedelta(0))
        items.append(Item(**given, age=age, weight=base.weight(found.amount, currency)))
    return sorted(items, key=lambda item: (item.urgency, item.subject, item.code), reverse=True)


def at_risk(items: Iterable[Item], base_currency: str) -> Decimal:
    """The money of all subjects together, each counted once, in base currency."""
    weights: dict[str, Decimal] = {}
    for item in items:
        weights[item.subject] = max(weights.get(item.subject, ZERO), item.weight)
    return sum(weights.values(), ZERO).quantize(quantum(base_currency))


@dataclass(frozen=True)
class Together:
    """Everything that waits for a person: how many items, the money that they put at risk (base
    currency), the one that has waited longest, and how the operating model calls that."""

    items: int
    money: Decimal
    oldest: Item | None
    warned: bool
    alarmed: bool


def together(items: Sequence[Item], policy: ReviewPolicy, base_currency: str) -> Together:
    """Whether what waits does so too long, or costs too much: from a warning on `warned`, from an
    alarm on `alarmed` as well (pure)."""
    money = at_risk(items, base_currency)
    oldest = max(items, key=lambda item: item.age, default=None)
    hours = oldest.age.total_seconds() / 3600 if oldest else 0.0
    alarmed = hours >= policy.alarm_hours or money >= policy.alarm_money
    warned = alarmed or hours >= policy.warn_hours or money >= policy.warn_money
    return Together(len(items), money, oldest, warned, alarmed)


@dataclass(frozen=True)
class Cause:
    """What waits for one reason and is one owner's, the worst first."""

    code: Code
    owner: str
    items: Sequence[Item]

    @property
    def oldest(self) -> timedelta:
        return max(item.age for item in self.items)


def by_cause(items: Iterable[Item]) -> list[Cause]:
    """The same items by cause; first the cause whose items are the most urgent together."""
    causes: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        causes.setdefault((item.code, item.owner), []).append(item)
    found = [Cause(known(code), owner, same) for (code, owner), same in causes.items()]

    def urgency(cause: Cause) -> tuple[Decimal, timedelta, str]:
        money = sum((item.urgency[0] for item in cause.items), ZERO)
        return money, cause.oldest, cause.code.code

    return sorted(found, key=urgency, reverse=True)


def summary(found: Together, base_currency: str, words: Wording) -> str:
    """The whole list in a sentence."""
    if found.oldest is None:
        return "Nothing needs a person."
    return (
        f"{counted(found.items, 'thing')} need{'s' * (found.items == 1)} a person,"
        f" {figure(found.money, base_currency)} at risk; the oldest has waited"
        f" {age_in_words(found.oldest.age)}: {words.subject(found.oldest.subject)},"
        f" {found.oldest.row.cause}, {found.oldest.owner}."
    )


def shown(item: Item, base_currency: str, words: Wording) -> Mapping[str, str]:
    """One row of a table, as texts by column."""
    money = figure(item.amount, item.currency or base_currency) if item.amount else "no money"
    cells = (
        words.subject(item.subject),
        f"{item.row.cause}: {item.sentence}",
        f"{money} for {age_in_words(item.age)}",
    )
    return dict(zip(COLUMNS, cells, strict=True))


def cause_shown(cause: Cause, base_currency: str) -> tuple[str, ...]:
    """One row of the table of causes, as texts in the order of `CAUSES`."""
    money = at_risk(cause.items, base_currency)
    return (
        cause.code.cause,
        f"{len(cause.items):,}",
        f"{figure(money, base_currency) if money else 'no money'} for {age_in_words(cause.oldest)}",
        f"{cause.owner.removeprefix('team:')}: {cause.code.what_to_do}",
    )


def detail(item: Item, base_currency: str, words: Wording) -> Mapping[str, str]:
    """Everything that is known of one item, by name."""
    return {
        **shown(item, base_currency, words),
        "owner": item.owner,
        "to do": item.row.what_to_do,
        "expected": item.expected or "",
        "found": item.actual or "",
        "first seen": words.instant(item.opened_at),
        "code": item.code,
        "runbook": item.row.runbook,
        "it closes": item.row.closes,
    }
