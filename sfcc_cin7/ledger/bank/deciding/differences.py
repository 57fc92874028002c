"""What differs between the gateways' transfers and the bank, each with its class and a sentence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from sfcc_cin7.ledger.bank.deciding.matching import Arrived, Matched, Sent, gateways_in
from sfcc_cin7.merchant.ledger import BreakClass
from sfcc_cin7.values.money import figure


@dataclass(frozen=True)
class Held:
    """A statement with balances: which days of an account it is about."""

    account: str
    currency: str
    number: str
    opening: Decimal
    closing: Decimal
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Difference:
    """`subject` is the transfer, the bank's line, or the account; `amount` is the money at risk."""

    subject: str
    kind: BreakClass
    sentence: str
    amount: Decimal
    currency: str
    day: date


def differences(
    transfers: Sequence[Sent],
    lines: Sequence[Arrived],
    found: Matched,
    statements: Sequence[Held],
    bank_names: Mapping[str, Sequence[str]],
    late_after: timedelta,
) -> Iterator[Difference]:
    """What is open after matching these.

    A transfer is missed only where statements of its currency cover the days in which it should
    have come: before the first one, and as long as none was brought, nobody knows.
    """
    paired = {sent for sent, _ in found.pairs}
    gone = {line for _, line in found.pairs} | {line for _, line in found.differing}
    apart = dict(found.differing)
    known = _known_days(statements, lines)
    for sent in transfers:
        subject = f"transfer:{sent.gateway}:{sent.currency}:{sent.payout_id}"
        if sent in apart:
            line = apart[sent]
            yield Difference(
                subject,
                "amount",
                f"{sent.gateway} states {figure(sent.amount, sent.currency)}, the bank"
                f" {figure(line.amount, line.currency)} on {line.day}.",
                abs(sent.amount - line.amount),
                sent.currency,
                sent.day,
            )
        elif sent not in paired and sent.amount:
            first, until = known.get(sent.currency, (date.max, date.min))
            if first <= sent.day and until >= sent.day + late_after:
                yield Difference(
                    subject,
                    "missing-payout",
                    f"{sent.gateway} sent {figure(sent.amount, sent.currency)} on {sent.day};"
                    f" until {until} no statement shows it.",
                    abs(sent.amount),
                    sent.currency,
                    sent.day,
                )
    names = {gateway: [*also, gateway] for gateway, also in bank_names.items()}
    for line in lines:
        said = gateways_in(line.text, names)
        if said and line not in gone:
            yield Difference(
                f"bank:{line.account}:{line.key}",
                "missing-shop",
                f"The bank booked {figure(line.amount, line.currency)} of"
                f" {' or '.join(sorted(said))} on {line.day}; no report states such a transfer.",
                abs(line.amount),
                line.currency,
                line.day,
            )
    yield from _gaps(statements)


def _known_days(
    statements: Sequence[Held], lines: Sequence[Arrived]
) -> dict[str, tuple[date, date]]:
    """The first and the last day of each currency that anything was brought of. A table has no
    balances, but its lines say how far it goes."""
    days = [(each.currency, each.first_day, each.last_day) for each in statements]
    days += [(line.currency, line.day, line.day) for line in lines]
    found: dict[str, tuple[date, date]] = {}
    for currency, first, last in days:
        earliest, latest = found.get(currency, (first, last))
        found[currency] = (min(earliest, first), max(latest, last))
    return found


def _gaps(statements: Sequence[Held]) -> Iterator[Difference]:
    """Where a statement does not begin with what one before it began or ended with."""
    by_account: dict[tuple[str, str], list[Held]] = {}
    for each in sorted(statements, key=lambda one: (one.last_day, one.first_day, one.number)):
        by_account.setdefault((each.account, each.currency), []).append(each)
    for (account, _), held in by_account.items():
        for before, after in pairwise(held):
            if not _follows(after, held):
                yield Difference(
                    f"bank:{account}:{after.number}",
                    "state",
                    f"Statement {after.number} begins with"
                    f" {figure(after.opening, after.currency)}, the one before"
                    f" ({before.number}) ended with {figure(before.closing, before.currency)}:"
                    " one between them is missing.",
                    abs(after.opening - before.closing),
                    after.currency,
                    after.first_day,
                )


def _follows(after: Held, held: Sequence[Held]) -> bool:
    """Whether another statement ended, or one that is about the same days began, with what this
    one begins with."""
    others = [each for each in held if each is not after]
    return any(
        each.closing == after.opening and each.last_day <= after.last_day for each in others
    ) or any(
        (each.opening == after.opening and each.first_day <= after.last_day <= each.last_day)
        or (each.opening == after.opening and after.first_day <= each.first_day <= after.last_day)
        for each in others
    )
