"""Payment gateways: they settle what shoppers paid, and report it in the forms that they publish.

The columns are in `gateway_reports`.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.gateways.reports import FORMS, Movement
from sfcc_cin7_sandbox.sfcc import SfccEmulator
from sfcc_cin7_sandbox.shelf import Shelf
from sfcc_cin7_sandbox.shoppers.basket import quantum

Document = dict[str, Any]
CERTIFICATE = "GIFT_CERTIFICATE"
CHARGED, NUMBER = "gateway.charged", "gateway.number"
ZERO = Decimal(0)


@dataclass(frozen=True)
class Gateway:
    """What one gateway takes, as a share of each payment, and the currency that it pays out."""

    form: str
    methods: tuple[str, ...]
    sites: tuple[str, ...]
    fee: Decimal
    pays_out: tuple[str, Decimal] | None = None
    """A currency and how much of it one unit of the shopper's is; None: the shopper's own."""


WEST = ("alpenglow-uk", "alpenglow-us")
GATEWAYS = {
    "stripe": Gateway("stripe", ("CREDIT_CARD",), WEST, Decimal("0.015")),
    "adyen": Gateway("adyen", ("DW_APPLE_PAY",), WEST, Decimal("0.012")),
    "adyen-jp": Gateway(
        "adyen",
        ("CREDIT_CARD", "DW_APPLE_PAY"),
        ("alpenglow-jp",),
        Decimal("0.018"),
        ("GBP", Decimal("0.00521")),
    ),
    "paypal": Gateway("paypal", ("PayPal",), (*WEST, "alpenglow-jp"), Decimal("0.029")),
}


@dataclass
class Gateways:
    """Every gateway of the merchant; each `settle` pays out what is open and writes the reports."""

    sfcc: SfccEmulator
    shelf: Shelf
    clock: Clock
    withheld: set[str] = field(default_factory=set)
    """References of payments that are not settled for now."""
    twist: dict[str, Callable[[Movement], list[Movement]]] = field(default_factory=dict)
    """By reference: what becomes of a payment's movement instead (short, twice, foreign ...)."""
    short_payouts: dict[str, Decimal] = field(default_factory=dict)
    """By gateway: by how much less the next transfer is sent than its lines come to."""
    _waiting: list[Movement] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._issued: dict[tuple[str, str], tuple[list[Movement], int, datetime]] = {}
        self._charged = set(self.shelf.load(CHARGED))
        last = self.shelf.load(NUMBER).get("last")
        self._number = int(last["number"]) if last else 0

    def payments(self, order: Document) -> Iterator[Movement]:
        """What the order's shopper paid through gateways."""
        instruments = [
            each for each in order.get("paymentInstruments", []) if isinstance(each, dict)
        ]
        told = [_amount(each) for each in instruments]
        open_amount = order["orderTotal"] - sum(told, ZERO)
        for instrument, amount in zip(instruments, told, strict=True):
            if instrument["paymentMethodId"] == CERTIFICATE:
                continue
            name = _gateway_of(order["siteId"], instrument["paymentMethodId"])
            paid = amount or open_amount
            if name and paid:
                yield self._movement(name, order, instrument, paid)

    def _movement(
        self, name: str, order: Document, instrument: Document, paid: Decimal
    ) -> Movement:
        gateway = GATEWAYS[name]
        reference = instrument["paymentTransaction"]["transactionId"]
        currency = order["currency"]
        payout, rate = gateway.pays_out or (currency, Decimal(1))
        credited = _rounded(paid * rate, payout)
        return Movement(
            gateway=name,
            kind="charge",
            key=f"{reference}-1",
            reference=reference,
            order_no=order["orderNo"],
            currency=currency,
            gross=paid,
            payout_currency=payout,
            rate=rate,
            fee=_rounded(credited * gateway.fee, payout),
            credited=credited,
            at=self.clock.now(),
        )

    def was_charged(self, reference: str) -> bool:
        """Whether a payout held the payment already."""
        return reference in self._charged

    def add(self, movement: Movement) -> None:
        """Something else happens to a payment: it is in the next report."""
        self._waiting.append(movement)

    def refund(self, paid: Movement, amount: Decimal) -> None:
        """The gateway gives an amount back; it keeps its fee."""
        key = f"{paid.reference}-r{self._next()}"
        self.add(_back(paid, "refund", amount, self.clock.now(), key))

    def fail_refund(self, paid: Movement, amount: Decimal) -> None:
        """A refund did not arrive: the gateway has the money again. Not in PayPal's report."""
        key = f"{paid.reference}-f{self._next()}"
        gone = _back(paid, "refund", amount, self.clock.now(), key)
        self.add(replace(gone, kind="refund-failed", gross=-gone.gross, credited=-gone.credited))

    def chargeback(self, paid: Movement) -> None:
        """The shopper's bank takes the money back."""
        key = f"{paid.reference}-d{self._next()}"
        self.add(_back(paid, "chargeback", paid.gross, self.clock.now(), key))

    def win(self, paid: Movement) -> None:
        """A dispute is won: the money returns."""
        key = f"{paid.reference}-w{self._next()}"
        lost = _back(paid, "chargeback", paid.gross, self.clock.now(), key)
        self.add(replace(lost, kind="dispute-won", gross=-lost.gross, credited=-lost.credited))

    def adjust(self, paid: Movement, gross: Decimal, fee: Decimal = ZERO) -> None:
        """The gateway corrects itself: so much more of the payment, so much more fee."""
        self.add(
            replace(
                paid,
                kind="adjustment",
                key=f"{paid.reference}-a{self._next()}",
                gross=gross,
                fee=fee,
                credited=_rounded(gross * paid.rate, paid.payout_currency),
                at=self.clock.now(),
            )
        )

    def restate(
        self, gateway: str, name: str, change: Callable[[Movement], Movement] = lambda each: each
    ) -> str:
        """The gateway issues a report again, its movements put right and its transfer in full."""
        movements, number, at = self._issued[gateway, name]
        write = FORMS[GATEWAYS[gateway].form]
        [content] = write([change(each) for each in movements], number, at, ZERO).values()
        return content

    def issued(self, reference: str) -> tuple[str, str]:
        """Gateway and name of the first report that tells of a payment."""
        return next(
            key
            for key, (movements, _, _) in self._issued.items()
            if any(each.reference == reference for each in movements)
        )

    def settle(self) -> dict[str, dict[str, str]]:
        """Pay out; gateway to file name to content of the new reports."""
        movements = [*self._charges(), *self._waiting]
        self._waiting = []
        self._next()
        reports: dict[str, dict[str, str]] = {}
        for name, gateway in GATEWAYS.items():
            mine = [each for each in movements if each.gateway == name]
            if mine:
                short = self.short_payouts.pop(name, ZERO)
                now = self.clock.now()
                reports[name] = FORMS[gateway.form](mine, self._number, now, short)
                for report in reports[name]:
                    self._issued[name, report] = (mine, self._number, now)
        return reports

    def _charges(self) -> Iterator[Movement]:
        for order in self.sfcc.truth()["orders"]:
            placed = order.get("status") in ("new", "open", "completed")
            if order.get("planted") or not placed or order.get("siteId") is None:
                continue
            for movement in self.payments(order):
                if movement.reference in self._charged | self.withheld:
                    continue
                self._charged.add(movement.reference)
                self.shelf.put(CHARGED, movement.reference, {"at": movement.at.isoformat()})
                twisted = self.twist.get(movement.reference)
                yield from twisted(movement) if twisted else [movement]

    def _next(self) -> int:
        self._number += 1
        self.shelf.put(NUMBER, "last", {"number": self._number})
        return self._number


def write_reports(folder: Path, reports: dict[str, dict[str, str]]) -> int:
    """Leave reports in a folder for each gateway, as an SFTP client would; how many."""
    for gateway, files in reports.items():
        (folder / gateway).mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            part = folder / gateway / f"{name}.part"
            part.write_text(content, encoding="utf-8", newline="")
            part.rename(folder / gateway / name)
    return sum(map(len, reports.values()))


async def settle_for_ever(gateways: Gateways, folder: Path, seconds: float) -> None:
    """A payout every so many seconds, for as long as the sandbox is up."""
    while True:
        await asyncio.sleep(seconds)
        write_reports(folder, gateways.settle())


def _gateway_of(site: str, method: str) -> str | None:
    return next(
        (
            name
            for name, gateway in GATEWAYS.items()
            if method in gateway.methods and site in gateway.sites
        ),
        None,
    )


def _amount(instrument: Document) -> Decimal:
    return Decimal(instrument.get("paymentTransaction", {}).get("amount") or 0)


def _back(paid: Movement, kind: str, amount: Decimal, at: datetime, key: str) -> Movement:
    credited = -_rounded(amount * paid.rate, paid.payout_currency)
    return replace(paid, kind=kind, key=key, gross=-amount, fee=ZERO, credited=credited, at=at)


def _rounded(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(quantum(currency), ROUND_HALF_UP)
