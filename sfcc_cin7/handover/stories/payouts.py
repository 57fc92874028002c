"""The story of a payout: what its lines come to, what was transferred, what the bank booked.
Pure."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from sfcc_cin7.handover.stories.facts import PayoutFacts, Transfer
from sfcc_cin7.handover.stories.story import Story, items_told, story, waits_told
from sfcc_cin7.values.money import ZERO, figure
from sfcc_cin7.values.wording import Wording, counted

SHOWN = 50
"""So many lines are named one by one."""


def payout_story(facts: PayoutFacts, now: datetime, words: Wording) -> Story:
    """Everything that is known of a payout at an instant."""
    return story(
        f"Payout {facts.payout_id}",
        _verdict(facts),
        ("What waits for a person, and what did", items_told(facts.items, now, words)),
        ("Transferred", (_transfer(each, words) for each in facts.transfers)),
        ("What it is made of", _kinds(facts)),
        ("Line by line", _lines(facts, words)),
    )


def _net(facts: PayoutFacts, currency: str) -> Decimal:
    its = (each.net for each in facts.movements if each.settled_currency == currency)
    return sum(its, ZERO)


def _verdict(facts: PayoutFacts) -> str:
    sentences = []
    for each in facts.transfers:
        sent = figure(each.amount, each.currency)
        gap = each.amount - _net(facts, each.currency)
        if not each.itemised:
            sentences.append(f"{each.gateway} sent {sent}, and its lines are not known.")
        elif gap:
            more = figure(abs(gap), each.currency)
            than = "more" if gap > 0 else "less"
            sentences.append(f"{each.gateway} sent {sent}, {more} {than} than its lines.")
        else:
            sentences.append(f"{each.gateway} sent {sent}, as its lines state.")
        booked = f"The bank booked it {each.booked_on}." if each.booked_on else ""
        sentences.append(booked or "No bank statement that was read shows it.")
    unmatched = sum(each.order_key is None for each in facts.movements)
    if not facts.transfers:
        sentences.append("Its lines are known, but no report states its transfer.")
    if unmatched:
        lines = counted(unmatched, "line belongs", "lines belong")
        sentences.append(f"{lines} to no order.")
    return " ".join(sentences) + waits_told(facts.items)


def _transfer(each: Transfer, words: Wording) -> str:
    standing = f", {each.standing}" if each.standing else ""
    note = f" ({each.note})" if each.note else ""
    bank = ""
    if each.booked_on and each.booked is not None:
        bank = f"; at the bank {figure(each.booked, each.currency)} on {each.booked_on}"
    return (
        f"{figure(each.amount, each.currency)} {words.second(each.paid_at)}, report"
        f" {each.report or 'unknown'}{standing}{note}{bank}"
    )


def _kinds(facts: PayoutFacts) -> Iterator[str]:
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for each in facts.movements:
        sums[each.kind, each.settled_currency].append(each.net)
    for (kind, currency), nets in sorted(sums.items()):
        yield f"{counted(len(nets), 'line')} {kind}: {figure(sum(nets, ZERO), currency)} net"


def _lines(facts: PayoutFacts, words: Wording) -> Iterator[str]:
    for each in facts.movements[:SHOWN]:
        order = words.subject(each.order_key) if each.order_key else "no order"
        yield (
            f"{each.line_key}  {each.kind}  {figure(each.gross, each.currency)}, fee"
            f" {figure(each.fee, each.settled_currency)}: {order}"
        )
    if (more := len(facts.movements) - SHOWN) > 0:
        yield f"and {counted(more, 'line')} more"
