"""What becomes of settlement files that are cut at a random byte: nothing may pass in silence.

For each gateway a file of many lines is written in its form and cut at random bytes. A cut file is
refused, told not complete (provisional where the form states no payout, count or total), found to
differ from the payout that it states, or it is as good as whole: nothing but the end of a line, or
whole payouts with all their lines. Anything else counts as silent. Afterwards some of the cuts are
read into a database, each before its whole file, with orders that agree: breaks that are left then
are false.

    python benchmarks/cut_files.py [--cuts 1000] [--booked 10]
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from _house import empty_database, tell

from sfcc_cin7.ledger.payouts.reports.lines import Report, UnusableReport
from sfcc_cin7.ledger.payouts.understanding import understood
from sfcc_cin7.merchant.ledger import GatewayPolicy
from sfcc_cin7.merchant.operating_model import OperatingModel, load_operating_model
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.ledger.payouts.layouts import (
    adyen,
    adyen_payout,
    adyen_row,
    paypal,
    paypal_row,
    stripe,
    stripe_payout,
    stripe_row,
)
from sfcc_cin7_tests.ledger.payouts.till import Till
from sfcc_cin7_tests.project import SANDBOX_MODEL

LINES = 40
NORMALISED = (
    "key,kind,payment_reference,merchant_reference,currency,gross,settled_currency,fee,net,"
    "occurred_at,payout_id\n"
)


def _number(at: int) -> str:
    return f"{at:08d}"


def adyen_file() -> str:
    rows = [
        adyen_row(credit=f"{at}.00", psp=f"PSP{at}", own=f"M{at}", order=_number(at))
        for at in range(1, LINES + 1)
    ]
    return adyen(*rows, adyen_payout(f"{sum(range(1, LINES + 1))}.00"))


def stripe_file() -> str:
    """Two payouts, each with its row at the end."""
    half = LINES // 2
    rows: list[str] = []
    for payout, numbers in (("po_1", range(1, half + 1)), ("po_2", range(half + 1, LINES + 1))):
        rows += [
            stripe_row(
                *(f"txn_{at}", "charge", f"{at}.00"),
                payout=payout,
                order=_number(at),
                references=("", f"pi_{at}", f"ch_{at}"),
            )
            for at in numbers
        ]
        rows.append(stripe_payout(f"-{sum(numbers)}.00", key=f"txn_{payout}", payout=payout))
    return stripe(*rows)


def paypal_file() -> str:
    rows = [
        paypal_row(f"PAY{at}", "T0006", at * 100, order=_number(at)) for at in range(1, LINES + 1)
    ]
    return paypal(*rows)


def normalised_file() -> str:
    """It states no payout."""
    return NORMALISED + "".join(
        f"{at},charge,r{at},{_number(at)},GBP,{at}.00,GBP,0,{at}.00,2025-12-05T12:00:00Z,p1\n"
        for at in range(1, LINES + 1)
    )


FILES: dict[str, Callable[[], str]] = {
    "adyen": adyen_file,
    "stripe": stripe_file,
    "paypal": paypal_file,
    "normalised": normalised_file,
}


def outcome(content: bytes, policy: GatewayPolicy, whole: Report) -> str:
    """What is told of a cut file."""
    try:
        report = understood(content, policy)
    except UnusableReport:
        return "refused"
    if report.standing != "final":
        return report.standing
    if differs_from_its_payouts(report):
        return "differs from its payout"
    payouts = whole_payouts(report)
    return "as good as whole" if payouts and payouts <= whole_payouts(whole) else "silent"


def differs_from_its_payouts(report: Report) -> bool:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in report.lines:
        sums[line.payout_id] += line.net
    for transfer in report.transfers:
        sums[transfer.payout_id] -= transfer.amount if transfer.itemised else 0
    stated = {transfer.payout_id for transfer in report.transfers}
    return any(total for payout, total in sums.items() if payout in stated)


def whole_payouts(report: Report) -> set[tuple[object, ...]]:
    """Each payout with everything that is stated of it."""
    lines: dict[str, list[object]] = defaultdict(list)
    for line in report.lines:
        lines[line.payout_id].append(line)
    for transfer in report.transfers:
        lines[transfer.payout_id].append(transfer)
    return {(payout, *stated) for payout, stated in lines.items()}


def false_breaks(form: str, model: OperatingModel, cuts: list[int]) -> int:
    """Breaks that are left once the whole file followed its cut ones."""
    whole = FILES[form]().encode()
    with (
        empty_database() as engine,
        tempfile.TemporaryDirectory() as folder,
    ):
        till = Till(engine, ManualClock(), model, Path(folder))
        for at in range(1, LINES + 1):
            till.sold(_number(at), f"{at}.00", gateway="cut")
        for cut in cuts:
            till.leave("cut", "report.csv", whole[:cut])
            till.pass_()
            (till.folder / "cut" / "report.csv").unlink()
            till.pass_()
            till.leave("cut", "report.csv", whole[:cut])
            till.pass_()
            till.leave("cut", "report.csv", whole)
            if left := till.pass_():
                return len(left)
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=1000, help="of each gateway's file")
    parser.add_argument("--booked", type=int, default=10, help="of these, read into a database")
    stated = parser.parse_args()
    chance = random.Random(22)
    began = time.monotonic()
    found: dict[str, Counter[str]] = {}
    left = 0
    sandbox = load_operating_model(SANDBOX_MODEL)
    for form, write in FILES.items():
        content = write().encode()
        policy = GatewayPolicy.model_validate({"report": form, "methods": ["CARD"]})
        whole = understood(content, policy)
        cuts = [chance.randrange(1, len(content)) for _ in range(stated.cuts)]
        found[form] = Counter(outcome(content[:cut], policy, whole) for cut in cuts)
        ledger = sandbox.ledger.model_copy(update={"gateways": {"cut": policy}})
        model = sandbox.model_copy(update={"ledger": ledger})
        left += false_breaks(form, model, cuts[: stated.booked])
        print(form.ljust(12), dict(found[form]))
    about = {"cuts": stated.cuts, "seconds": round(time.monotonic() - began)}
    silent = sum(each["silent"] for each in found.values())
    tell("cut_silent", silent, "files", **about)
    tell("cut_provisional", sum(each["provisional"] for each in found.values()), "files", **about)
    tell("cut_false_breaks", left, "breaks", booked=stated.booked * len(FILES))
    sys.exit(1 if silent or left else 0)


if __name__ == "__main__":
    main()
