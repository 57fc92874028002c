"""What gateways should have settled of an order, what they did, and the break where they differ.

A payment may be captured in parts and given back in parts, so many lines belong to one payment, and
an order may be paid by several (split tender). Amounts are in the order's currency; fees are in the
currency that the gateway pays out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sfcc_cin7.ledger.breaks.break_classes import Break, Verdict, first, standing
from sfcc_cin7.ledger.breaks.reconcile import CapturedOrder
from sfcc_cin7.merchant.ledger import BreakClass, GatewayPolicy
from sfcc_cin7.values.money import ZERO, figure

PAYS = ("charge", "adjustment")
GOES_BACK = ("refund", "chargeback")
FORGOTTEN = GatewayPolicy(report="normalised", methods=["any"])
"""A gateway that was taken out of the operating model still owes what it captured, within the usual
days."""
ROUNDED = Decimal("0.01")
"""What rounding in the currency of the payout may add to a fee."""


@dataclass(frozen=True)
class CapturedPayment:
    """What a shopper paid through a gateway; `amount` is None where the storefront does not know.

    `most_fee` is what the gateway may keep of it at most, None where nobody said.
    """

    id: str
    gateway: str
    reference: str
    currency: str
    amount: Decimal | None
    most_fee: Decimal | None
    captured_at: datetime


@dataclass(frozen=True)
class SettledLine:
    """A line of a settlement report that belongs to the order.

    `gross` is negative when money went back; `net` and `fee` are in `settled_currency`.
    """

    payment_id: str | None
    gateway: str
    kind: str
    currency: str
    gross: Decimal
    settled_currency: str
    fee: Decimal
    net: Decimal
    occurred_at: datetime
    key: str


def gateway_verdict(
    order: CapturedOrder,
    payments: Sequence[CapturedPayment],
    lines: Sequence[SettledLine],
    credited: Decimal,
    policies: Mapping[str, GatewayPolicy],
    at: datetime,
    *,
    owed_since: datetime | None = None,
) -> Verdict:
    """The break of an order's gateway leg at an instant.

    `credited` is what the ERP gave back, `owed_since` when it did so at the latest.
    """
    findings: list[Break] = []
    again: list[datetime] = []
    for payment in payments:
        mine = [line for line in lines if line.payment_id == payment.id]
        settled = [line for line in mine if line.kind in PAYS]
        if settled:
            findings += _settled(order, payment, mine, settled)
        elif not order.cancelled and payment.amount != 0:
            verdict = _outstanding(order, payment, policies.get(payment.gateway, FORGOTTEN), at)
            findings += [verdict.found] if verdict.found else []
            again += [verdict.look_again] if verdict.look_again else []
    loose = [line for line in lines if line.payment_id is None]
    if loose:
        amount = abs(sum((line.gross for line in loose), ZERO))
        keys = ", ".join(sorted(line.key for line in loose))
        sentence = f"The gateway names this order, but it has no such payment: {keys}."
        findings.append(_break(order, "missing-shop", sentence, amount))
    back = _given_back(order, payments, lines, credited, policies, at, owed_since)
    findings += [back.found] if back.found else []
    again += [back.look_again] if back.look_again else []
    early = None if findings else back.early
    return Verdict(first(findings), min(again, default=None), early)


def _settled(
    order: CapturedOrder,
    payment: CapturedPayment,
    mine: Sequence[SettledLine],
    settled: Sequence[SettledLine],
) -> Iterator[Break]:
    foreign = {line.currency for line in mine} - {payment.currency}
    if foreign:
        sentence = f"Paid in {payment.currency}, but {payment.gateway} settled {min(foreign)}."
        yield _break(order, "currency", sentence, payment.amount or order.total)
        return
    charged = sum((line.gross for line in settled), ZERO)
    charges = [line for line in settled if line.kind == "charge"]
    returned = -sum((line.gross for line in mine if line.kind in GOES_BACK), ZERO)
    over = charged - payment.amount if payment.amount is not None else ZERO
    if over and not 0 < over <= returned:
        times = len(charges)
        twice = times > 1 and all(line.gross == payment.amount for line in charges)
        kind: BreakClass = "duplicate" if twice else "amount"
        sentence = (
            f"{payment.gateway} charged the shopper {times} times."
            if twice
            else f"The shopper paid {figure(charged - over, payment.currency)}, but"
            f" {payment.gateway} settled {figure(charged, payment.currency)}."
        )
        yield _break(order, kind, sentence, abs(over))
    disputed = [line for line in mine if line.kind == "chargeback"]
    won = sum((line.gross for line in disputed), ZERO)
    if won > 0:
        sentence = f"Disputes won brought {figure(won, payment.currency)} more than any had taken."
        yield _break(order, "state", sentence, won, "chargeback")
    yield from _fee(order, payment, mine, settled, bool(disputed))


def _fee(
    order: CapturedOrder,
    payment: CapturedPayment,
    mine: Sequence[SettledLine],
    settled: Sequence[SettledLine],
    disputed: bool,
) -> Iterator[Break]:
    """A dispute has fees of its own; where the gateway converts, the fee is held against the share
    of what it credited, because no rate is recomputed."""
    if payment.most_fee is None or disputed or not payment.amount:
        return
    fee = sum((line.fee for line in mine), ZERO)
    credited = sum((line.net + line.fee for line in settled), ZERO)
    most = payment.most_fee * credited / payment.amount + ROUNDED
    if fee > most:
        currency = settled[0].settled_currency
        cent = most.quantize(Decimal("0.01"))
        sentence = (
            f"{payment.gateway} kept {figure(fee, currency)} of it, agreed were at most"
            f" {figure(cent, currency)}."
        )
        at_risk = (fee - most) * payment.amount / credited if credited else fee
        yield _break(order, "fee", sentence, at_risk.quantize(Decimal("0.0001")))


def _outstanding(
    order: CapturedOrder, payment: CapturedPayment, policy: GatewayPolicy, at: datetime
) -> Verdict:
    late = payment.captured_at + timedelta(days=policy.late_after_days)
    missing = payment.captured_at + timedelta(days=policy.missing_after_days)
    if at < late:
        return Verdict(look_again=late)
    amount = order.total if payment.amount is None else payment.amount
    about = f"{figure(amount, payment.currency)} paid on {payment.captured_at:%Y-%m-%d}"
    if at < missing:
        sentence = f"{payment.gateway} has not settled {about} yet: it is late."
        return Verdict(_break(order, "timing", sentence, amount), missing)
    sentence = f"{payment.gateway} never settled {about}."
    return Verdict(_break(order, "missing-payout", sentence, amount))


def _given_back(
    order: CapturedOrder,
    payments: Sequence[CapturedPayment],
    lines: Sequence[SettledLine],
    credited: Decimal,
    policies: Mapping[str, GatewayPolicy],
    at: datetime,
    owed_since: datetime | None,
) -> Verdict:
    """What went back to the shopper, by refunds or by chargebacks, is what the ERP credited and
    what was charged too much; or all of it, if the order was cancelled."""
    if not lines:
        return Verdict()
    taken = max(-sum((line.gross for line in lines if line.kind == "chargeback"), ZERO), ZERO)
    refunded = -sum((line.gross for line in lines if line.kind == "refund"), ZERO)
    back = refunded + taken
    charged = sum((line.gross for line in lines if line.kind in PAYS), ZERO)
    due = sum((payment.amount or ZERO for payment in payments), ZERO)
    known = all(payment.amount is not None for payment in payments)
    too_much = max(charged - due, ZERO) if known else ZERO
    # what was charged too much is a break of its own until it was given back
    owed = too_much if back >= too_much else ZERO
    expected = charged if order.cancelled else credited + owed
    if back == expected:
        return Verdict()
    if back > expected:
        return Verdict(first(list(_not_in_the_books(order, refunded, taken, expected))))
    shown = figure(expected - back, order.currency)
    policy = policies.get(lines[0].gateway)
    instants = [order.cancelled_at, owed_since, *(line.occurred_at for line in lines)]
    since = max(instant for instant in instants if instant)  # a refund takes its days
    late = since + timedelta(days=policy.late_after_days if policy else 0)
    kind: BreakClass = "state" if order.cancelled else "missing-payout"
    sentence = (
        f"Cancelled in the storefront, but the gateway still keeps {shown}."
        if order.cancelled
        else f"The ERP credits {shown} that the gateway has not given back."
    )
    return standing(_break(order, kind, sentence, expected - back, "refund"), late, at)


def _not_in_the_books(
    order: CapturedOrder, refunded: Decimal, taken: Decimal, expected: Decimal
) -> Iterator[Break]:
    """More went back than it should: by chargebacks as far as they go, else by refunds."""
    disputed = min(refunded + taken - expected, taken)
    if disputed:
        sentence = (
            f"The shopper's bank took {figure(disputed, order.currency)} back (chargeback), which"
            " neither a credit note nor a cancellation explains."
        )
        yield _break(order, "state", sentence, disputed, "chargeback")
    surplus = refunded + taken - expected - disputed
    if surplus:
        sentence = (
            f"The gateway gave {figure(refunded, order.currency)} back, but the ERP credits"
            f" {figure(expected, order.currency)}: {figure(surplus, order.currency)} are not in its"
            " books."
        )
        yield _break(order, "amount", sentence, surplus, "refund")


def without_order(subject: str, gateway: str, reference: str, line: SettledLine, day: str) -> Break:
    """The break of a line that names no payment of any order that we know."""
    return Break(
        order_key=subject,
        day=day,
        kind="missing-shop",
        sentence=(
            f"{gateway} settled {figure(line.gross, line.currency)} ({line.kind}) for"
            f" {reference or 'no reference'}, which is no payment of an order that was read from"
            " the storefront: backfill sfcc_orders for its day; if there is no such order, ask the"
            " gateway."
        ),
        amount=abs(line.gross),
        currency=line.currency,
        leg="gateway",
    )


def short_transfer(
    subject: str, gateway: str, currency: str, sent: Decimal, lines: Decimal, day: str
) -> Break:
    """The break of a payout whose lines do not come to what was sent to the bank."""
    return Break(
        order_key=subject,
        day=day,
        kind="amount",
        sentence=(
            f"{gateway} sent {figure(sent, currency)} to the bank, but the lines of this payout"
            f" come to {figure(lines, currency)}."
        ),
        amount=abs(sent - lines),
        currency=currency,
        leg="gateway",
    )


def _break(
    order: CapturedOrder, kind: BreakClass, sentence: str, amount: Decimal, cause: str | None = None
) -> Break:
    return Break(
        order.key, order.day, kind, sentence, amount, order.currency, leg="gateway", cause=cause
    )
