"""Strings for the payment gateways: what they pay out, and what goes wrong with it."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from starlette.routing import BaseRoute

from sfcc_cin7_sandbox.control.requests import Body, Nonsense, number_of, only, route, text_of
from sfcc_cin7_sandbox.gateways.gateway import Gateways, write_reports
from sfcc_cin7_sandbox.gateways.reports import Movement
from sfcc_cin7_sandbox.sfcc import SfccEmulator
from sfcc_cin7_sandbox.sfcc.orders import UnknownOrder

Deed = Callable[[Movement, Body], None]


class GatewayControl:
    """Handlers below `/_control/gateways/`; `folder` is where reports are left.

    Those that are about a payment name its order by `site` and `order`, and answer with its
    gateway, reference and amount (as `payment` does alone); of an order that was paid by several it
    is the first.
    """

    def __init__(self, gateways: Gateways, sfcc: SfccEmulator, folder: Path | None) -> None:
        self._gateways = gateways
        self._sfcc = sfcc
        self._folder = folder

    @property
    def routes(self) -> list[BaseRoute]:
        deeds: dict[str, tuple[Deed, tuple[str, ...]]] = {
            "short": (self.short, ("amount",)),
            "twice": (self.twice, ()),
            "settle-alone": (self.settle_alone, ()),
            "make-up": (self.make_up, ("amount",)),
            "refund": (self.refund, ("amount",)),
            "chargeback": (self.chargeback, ()),
            "win": (self.win, ()),
            "payment": (lambda _paid, _body: None, ()),
        }
        return [
            route("POST", "gateways/settle", self.settle),
            route("POST", "gateways/restate", self.restate),
            *(
                route("POST", f"gateways/{name}", self._doing(deed, fields))
                for name, (deed, fields) in deeds.items()
            ),
        ]

    def settle(self, body: Body) -> Body:
        """`{"gateway"?, "short"?}`: all pay out now, one of them so much less than its lines."""
        only(body, "gateway", "short")
        if "short" in body:
            self._gateways.short_payouts[text_of(body, "gateway")] = number_of(body, "short")
        reports = self._gateways.settle()
        self._leave(reports)
        return {"reports": {name: sorted(files) for name, files in reports.items()}}

    def restate(self, body: Body) -> Body:
        """`{"gateway", "report"}`: it issues the report again, its transfer in full."""
        only(body, "gateway", "report")
        gateway, name = text_of(body, "gateway"), text_of(body, "report")
        try:
            content = self._gateways.restate(gateway, name)
        except KeyError:
            raise Nonsense(f"{gateway} issued no report {name!r}.") from None
        self._leave({gateway: {name: content}})
        return {"gateway": gateway, "report": name}

    def short(self, paid: Movement, body: Body) -> None:
        """`{"amount"}`: the next payout holds so much less of the payment."""
        less = number_of(body, "amount")

        def change(one: Movement) -> list[Movement]:
            credited = one.credited - less * one.rate
            return [replace(one, gross=one.gross - less, credited=credited)]

        self._gateways.twist[paid.reference] = change

    def twice(self, paid: Movement, _body: Body) -> None:
        """The next payout holds the payment twice."""
        again = f"{paid.reference}-2"
        self._gateways.twist[paid.reference] = lambda one: [one, replace(one, key=again)]

    def settle_alone(self, paid: Movement, _body: Body) -> None:
        """The next payout holds the payment of an order that was put there as it is."""
        self._gateways.add(paid)

    def make_up(self, paid: Movement, body: Body) -> None:
        """`{"amount"}`: the next payout holds so much more of a payment that was settled short."""
        self._gateways.adjust(paid, number_of(body, "amount"))

    def refund(self, paid: Movement, body: Body) -> None:
        """`{"amount"?}`: so much of it is given back; all of it where nothing is said."""
        amount = number_of(body, "amount") if "amount" in body else Decimal(paid.gross)
        self._gateways.refund(paid, amount)

    def chargeback(self, paid: Movement, _body: Body) -> None:
        """The shopper's bank takes the payment back, in the next payout."""
        self._gateways.chargeback(paid)

    def win(self, paid: Movement, _body: Body) -> None:
        """The dispute is won, in the next payout."""
        self._gateways.win(paid)

    def _doing(self, deed: Deed, fields: tuple[str, ...]) -> Callable[[Body], Body]:
        def handle(body: Body) -> Body:
            only(body, "site", "order", *fields)
            site, number = text_of(body, "site"), text_of(body, "order")
            try:
                order = self._sfcc.order(site, number)
            except UnknownOrder as unknown:
                raise Nonsense(str(unknown)) from None
            paid = next(self._gateways.payments(order), None)
            if paid is None:
                raise Nonsense("No gateway settles a payment of this order.")
            if deed in (self.short, self.twice) and self._gateways.was_charged(paid.reference):
                raise Nonsense("The payment was settled already.")
            deed(paid, body)
            return {"gateway": paid.gateway, "reference": paid.reference, "amount": paid.gross}

        return handle

    def _leave(self, reports: dict[str, dict[str, str]]) -> None:
        if self._folder is None:
            raise Nonsense("There is no folder for reports: serve with --payouts.")
        write_reports(self._folder, reports)
