"""What a settlement file says, in sentences, and the sum by which a person vouches for one."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal

from sqlalchemy import Engine

from sfcc_cin7.ledger.payouts.reports.lines import Line, Report, UnusableReport
from sfcc_cin7.ledger.payouts.understanding import understood_each
from sfcc_cin7.ledger.records import payouts
from sfcc_cin7.merchant.ledger import GatewayPolicy
from sfcc_cin7.values.money import ZERO, figure
from sfcc_cin7.values.problems import ConfigurationError


def summary(content: bytes, policy: GatewayPolicy) -> list[str]:
    """What is understood of a file: kinds of rows, sums, transfers, references. Nothing is booked.

    Raises:
        ConfigurationError: it cannot be read; the sentence says where and why. Of several reports
            in one file each says it for itself.
    """
    try:
        found = understood_each(content, policy)
        [alone, *others] = found.values()
        if isinstance(alone, UnusableReport) and not others:
            raise alone
    except UnusableReport as error:
        raise ConfigurationError(f"It cannot be read as {policy.report}: {error}") from None
    said: list[str] = []
    for name, report in found.items():
        said += [f"{name}:"] if name else []
        said += [str(report)] if isinstance(report, UnusableReport) else _sentences(report)
    return said


def _sentences(report: Report) -> Iterator[str]:
    yield f"{len(report.lines)} lines, {report.standing}. {report.note}".rstrip()
    groups: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in report.lines:
        groups[line.kind, line.settled_currency].append(line)
    for (kind, money), lines in sorted(groups.items()):
        net = sum((line.net for line in lines), ZERO)
        fee = sum((line.fee for line in lines), ZERO)
        yield f"{kind}: {len(lines)}, net {figure(net, money)}, fees {figure(fee, money)}"
    for one in report.transfers:
        which = one.payout_id if one.itemised else f"{one.payout_id}, whose lines nobody states"
        yield f"to the bank: {figure(one.amount, one.currency)} for {which}"
    if report.lines:
        times = sorted(line.occurred_at for line in report.lines)
        yield f"from {times[0]:%Y-%m-%d %H:%M} to {times[-1]:%Y-%m-%d %H:%M} UTC"
    shoppers = [line for line in report.lines if line.kind in ("charge", "refund", "chargeback")]
    without = sum(not (line.payment_reference or line.merchant_reference) for line in shoppers)
    if without:
        yield f"{without} lines of shoppers name neither a payment nor an order: nothing can match"


def confirm(
    engine: Engine,
    gateway: str,
    name: str,
    sums: Mapping[str, Decimal],
    author: str,
) -> None:
    """A person saw these sums, by currency, on the bank's statement: the report is final if its
    lines come to them.

    Raises:
        ConfigurationError: there is no such report that is not final, or its lines come to others.
    """
    with engine.begin() as connection:
        if name not in {row.name for row in payouts.open_reports(connection, gateway)}:
            raise ConfigurationError(f"{gateway} has no report {name} that is not final.")
        found = payouts.sums_of_report(connection, gateway, name)
        if found != dict(sums):
            told = ", ".join(figure(total, money) for money, total in sorted(found.items()))
            raise ConfigurationError(f"The lines of {name} come to {told}: it stays as it is.")
        payouts.make_final(connection, gateway, name, f"Its sum was confirmed by {author}.")
