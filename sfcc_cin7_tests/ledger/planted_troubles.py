"""Every trouble of a day, on every leg: when it is planted, what it is, and how it is mended."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import delete, insert, select, update

from sfcc_cin7.db.schema import captured_orders, order_units, orders
from sfcc_cin7_sandbox.gateways.gateway import write_reports
from sfcc_cin7_sandbox.gateways.reports import Movement
from sfcc_cin7_tests.ledger.erp_returns import invoice
from sfcc_cin7_tests.ledger.merchant_house import DESK, FINANCE, JP, UK, US, House

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Expected:
    """A break that a trouble must be seen as."""

    subject: str
    kind: str
    leg: str
    owner: str


@dataclass
class Planted:
    """One trouble: what it must be seen as, and how its cause is mended."""

    name: str
    expected: list[Expected]
    mend: Callable[[], None]


class Plans:
    """Every trouble: when it is planted, what it must be seen as, how it is mended."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.gateways = house.gateways
        self.planted: list[Planted] = []
        self._of: dict[str, str] = {}
        self._restate: list[Callable[[], None]] = []

    def _add(
        self, name: str, mend: Callable[[], None], *expected: tuple[str, str, str, str]
    ) -> None:
        self.planted.append(Planted(name, [Expected(*one) for one in expected], mend))

    def _gateway(self, name: str, key: str, kind: str, mend: Callable[[], None]) -> None:
        owner = DESK if kind in ("missing-shop", "duplicate", "state") else FINANCE
        self._add(name, mend, (key, kind, "gateway", owner))

    def _erp(self, name: str, key: str, kind: str, mend: Callable[[], None]) -> None:
        owner = FINANCE if kind in ("amount", "tax", "currency") else DESK
        self._add(name, mend, (key, kind, "erp", owner))

    # What nobody settled

    def long_ago(self) -> None:
        key = self.house.paid_through("stripe")
        self._withhold("payment never settled", key, "missing-payout")

    def _withhold(self, name: str, key: str, kind: str) -> None:
        reference = self.house.payment(key).reference
        self.gateways.withheld.add(reference)
        self._gateway(name, key, kind, lambda: self.gateways.withheld.discard(reference))

    # What happens at the gateways as they settle

    def orders_with_trouble(self) -> None:
        paid = self.house.paid_through
        self._withhold("late settlement, Stripe", paid("stripe", US), "timing")
        self._withhold("late settlement, PayPal", paid("paypal"), "timing")
        self._twist("short by a cent, Stripe", paid("stripe"), "amount", gross=-CENT)
        self._twist("short by a cent, Adyen", paid("adyen", US), "amount", gross=-CENT)
        self._twist("short by a cent, PayPal", paid("paypal", US), "amount", gross=-CENT)
        self._twist("too much, Adyen", paid("adyen"), "amount", gross=Decimal(1))
        self._twist("yen short by one", paid("paypal", JP), "amount", gross=Decimal(-1))
        self._twist("fee too high, Stripe", paid("stripe"), "fee", fee=CENT * 40)
        self._twist("fee too high, converted", paid("adyen-jp", JP), "fee", fee=CENT * 90)
        self._twist("fee too high, PayPal", paid("paypal"), "fee", fee=CENT * 25)
        self._split_tender()
        self._twice("charged twice, PayPal", paid("paypal", US))
        self._twice("charged twice, Stripe", paid("stripe"))
        self._foreign("settled in another currency", paid("stripe", US))
        self._in_parts(paid("stripe"))
        for name in ("price up", "price down", "quantity", "tax, gross", "tax, net", "void",
                     "undo", "double", "currency", "unknown", "edited in draft"):  # fmt: skip
            self._of[name] = self.house.place(US if name == "tax, net" else UK, "plain")
        for name, gateway in (("bank", "stripe"), ("bank, Adyen", "adyen"), ("refund", "stripe"),
                              ("refund, Adyen", "adyen"), ("cancelled", "paypal"),
                              ("shipped", "stripe")):  # fmt: skip
            self._of[name] = paid(gateway)

    def _twist(
        self,
        name: str,
        key: str,
        kind: str,
        gross: Decimal = Decimal(0),
        fee: Decimal = Decimal(0),
    ) -> None:
        paid = self.house.payment(key)

        def change(charge: Movement) -> list[Movement]:
            more = gross * charge.rate
            return [
                replace(
                    charge,
                    gross=charge.gross + gross,
                    credited=charge.credited + more,
                    fee=charge.fee + fee,
                )
            ]

        self.gateways.twist[paid.reference] = change
        self._gateway(name, key, kind, lambda: self.gateways.adjust(paid, -gross, -fee))

    def _split_tender(self) -> None:
        for _ in range(200):
            key = self.house.place(UK, "certificate-spent")
            instruments = self.house.document(key)["paymentInstruments"]
            payments = self.house.payments(key)
            if len(instruments) == 2 and [one.gateway for one in payments] == ["stripe"]:
                return self._twist("card beside a certificate short", key, "amount", gross=-CENT)
            self.house.clean.append(key)
        raise AssertionError("nobody pays with a certificate and a card")

    def _twice(self, name: str, key: str) -> None:
        paid = self.house.payment(key)
        again = f"{paid.reference}-2"
        self.gateways.twist[paid.reference] = lambda one: [one, replace(one, key=again)]
        self._gateway(name, key, "duplicate", lambda: self.gateways.refund(paid, paid.gross))

    def _foreign(self, name: str, key: str) -> None:
        paid = self.house.payment(key)
        self.gateways.twist[paid.reference] = lambda one: [replace(one, currency="EUR")]

        def right(one: Movement) -> Movement:
            return replace(one, currency="USD") if one.reference == paid.reference else one

        self._gateway(name, key, "currency", lambda: self._issue_again(paid.reference, right))

    def _issue_again(self, reference: str, right: Callable[[Movement], Movement]) -> None:
        gateway, name = self.gateways.issued(reference)
        content = self.gateways.restate(gateway, name, right)
        write_reports(self.house.folder, {gateway: {name: content}})

    def _in_parts(self, key: str) -> None:
        """No trouble: one payment captured in two parts."""
        self.house.clean.append(key)

        def parts(one: Movement) -> list[Movement]:
            first = replace(one, gross=CENT * 100, credited=CENT * 100, fee=Decimal(0))
            rest = replace(one, gross=one.gross - 1, credited=one.credited - 1)
            return [first, replace(rest, key=f"{one.reference}-2")]

        self.gateways.twist[self.house.payment(key).reference] = parts

    def before_settling(self) -> None:
        """A stray line; a payout that is short; an order that was never read."""
        key = self._of["unknown"]
        with self.house.engine.begin() as connection:
            kept = connection.execute(select(orders).where(orders.c.order_key == key)).one()
            units = connection.execute(
                select(order_units).where(order_units.c.order_key == key)
            ).all()
            for table in (order_units, captured_orders, orders):
                connection.execute(delete(table).where(table.c.order_key == key))

        def read() -> None:
            with self.house.engine.begin() as connection:
                connection.execute(insert(orders), [kept._asdict()])
                connection.execute(insert(order_units), [row._asdict() for row in units])

        gateway_lines = [
            (f"payout:{one.gateway}:{_line_key(one)}", "missing-shop", "gateway", DESK)
            for one in self.house.payments(key)
        ]
        self._add("order never read", read, (key, "missing-shop", "erp", DESK), *gateway_lines)
        self.gateways.short_payouts["stripe"] = CENT

    def after_settling(self) -> None:
        """The first payout is out: its transfer is short, then things happen to paid orders."""
        folder = self.house.folder / "stripe"
        [first] = [path.name for path in folder.iterdir()]
        number = first.rsplit("-", 1)[1].removesuffix(".csv")
        currencies = {row.split(",")[8] for row in (folder / first).read_text().splitlines()[1:]}
        self._add(
            "transfer short by a cent",
            lambda: self._restate.append(lambda: self._in_full(first)),
            *(
                (f"transfer:stripe:{code.upper()}:po_{code}{int(number):08d}", "amount",
                 "gateway", FINANCE)
                for code in sorted(currencies)
            ),
        )  # fmt: skip
        for name, of in (("chargeback, Stripe", "bank"), ("chargeback, Adyen", "bank, Adyen")):
            paid = self.house.payment(self._of[of])
            self.gateways.chargeback(paid)
            self._gateway(name, self._of[of], "state", partial(self.gateways.win, paid))
        for name, of in (("refund unknown, Stripe", "refund"),
                         ("refund unknown, Adyen", "refund, Adyen")):  # fmt: skip
            paid = self.house.payment(self._of[of])
            self.gateways.refund(paid, CENT * 500)
            self._gateway(
                name,
                self._of[of],
                "amount",
                partial(self.gateways.fail_refund, paid, CENT * 500),
            )
        key = self._of["cancelled"]
        paid = self.house.payment(key)
        _, site, number = key.split(":")
        self.house.sandbox.sfcc.cancel(site, number)
        self._gateway(
            "cancelled and never given back",
            key,
            "state",
            lambda: self.gateways.refund(paid, paid.gross),
        )
        self._cancelled_but_shipped()
        self.house.clock.sleep(60)
        self.house.lane.run_until_quiet()

    def _in_full(self, first: str) -> None:
        content = self.gateways.restate("stripe", first, self._as_it_stands)
        write_reports(self.house.folder, {"stripe": {first: content}})

    @staticmethod
    def _as_it_stands(one: Movement) -> Movement:
        return replace(one, currency="USD") if one.currency == "EUR" else one

    def after_mending(self) -> None:
        for again in self._restate:
            again()

    # What people do in the ERP

    def in_the_erp(self) -> None:
        cin7 = self.house.sandbox.cin7
        for name, change in (("price up", {"price": Decimal(1)}),
                             ("price down", {"price": Decimal(-1)}),
                             ("quantity", {"quantity": Decimal(1)}),
                             ("tax, gross", {"tax": Decimal(1)}),
                             ("tax, net", {"tax": Decimal(1)})):  # fmt: skip
            self._edit(name, self._of[name], change)
        self._by_hand("void", "missing-erp", cin7.void_sale, self._unvoid)
        self._by_hand("undo", "state", cin7.undo_sale, self._authorise_again)
        key = self._of["double"]
        second = cin7.repeat_sale(self.house.sale(key)["ID"])
        self._erp("typed in twice", key, "duplicate", lambda: cin7.void_sale(second))
        self._currency(self._of["currency"])
        self._lost()
        self._unknown_sale()

    def _edit(self, name: str, key: str, change: dict[str, Decimal]) -> None:
        cin7 = self.house.sandbox.cin7
        sale = self.house.sale(key)
        line = next(one for one in sale["Lines"] if one["Price"] > 2)
        [(what, more)] = change.items()
        before = line[what.capitalize()]
        edit: Any = cin7.edit_sale
        edit(sale["ID"], sku=line["SKU"], **{what: before + more})
        after = self.house.sale(key)
        kind = "amount" if after["Total"] != sale["Total"] else "tax"
        mend = lambda: edit(sale["ID"], sku=line["SKU"], **{what: before})  # noqa: E731
        self._erp(f"by hand in the ERP: {name}", key, kind, mend)

    def _by_hand(
        self,
        name: str,
        kind: str,
        act: Callable[[str], None],
        mend: Callable[[str], None],
    ) -> None:
        key = self._of[name]
        sale_id = self.house.sale(key)["ID"]
        act(sale_id)
        self._erp(f"by hand in the ERP: {name}", key, kind, lambda: mend(sale_id))

    def _unvoid(self, sale_id: str) -> None:
        """Somebody types the voided sale in anew; it is the only one then."""
        book: Any = self.house.sandbox.cin7
        old = book._sales.find(sale_id)
        again = book._sales.find(book.repeat_sale(sale_id))
        again.quote_status = "AUTHORISED"
        again.order_status = "AUTHORISED"
        assert old.voided
        book._sales.save(again)

    def _authorise_again(self, sale_id: str) -> None:
        book: Any = self.house.sandbox.cin7
        sale = book._sales.find(sale_id)
        sale.order_status = "AUTHORISED"
        book._sales.save(sale)

    def _currency(self, key: str) -> None:
        book: Any = self.house.sandbox.cin7
        sale = book._sales.find(self.house.sale(key)["ID"])

        def change(currency: str) -> None:
            sale.header["CustomerCurrency"] = currency
            book._sales.save(sale)

        change("EUR")
        self._erp("customer's currency changed", key, "currency", lambda: change("GBP"))

    def _lost(self) -> None:
        """An order that the lane lost sight of."""
        key = self.house.place(UK, "plain")
        self.house.clock.sleep(5)
        lane = self.house.lane
        lane.sweep(timedelta(hours=1))  # received, and not posted yet
        far = self.house.clock.now() + timedelta(days=400)
        query = update(orders).where(orders.c.order_key == key)
        with self.house.engine.begin() as connection:
            connection.execute(query.values(next_attempt_at=far, due_at=far))

        def find() -> None:
            with self.house.engine.begin() as connection:
                now = self.house.clock.now()
                connection.execute(query.values(next_attempt_at=now, due_at=now))
            lane.run_until_quiet()

        self._erp("lost on its way", key, "missing-erp", find)

    def _unknown_sale(self) -> None:
        book: Any = self.house.sandbox.cin7
        copied = book.repeat_sale(self.house.sale(self._of["edited in draft"])["ID"])
        sale = book._sales.find(copied)
        sale.header["ExternalID"] = stray = f"alpenglow:{UK}:NOBODYS"
        book._sales.save(sale)
        self._erp("sale of no order", stray, "missing-shop", lambda: book.void_sale(copied))

    def _cancelled_but_shipped(self) -> None:
        key = self._of["shipped"]
        _, site, number = key.split(":")
        self.house.sandbox.cin7.ship(self.house.sale(key)["ID"])
        self.house.sandbox.sfcc.cancel(site, number)
        self.house.clock.sleep(60)
        self.house.lane.run()
        paid = self.house.payment(key)
        self._add(
            "cancelled, but shipped and paid",
            lambda: self._reinstate(site, number),
            (key, "state", "erp", DESK),
            (key, "state", "gateway", DESK),
            (key, "shipped-not-invoiced", "goods", FINANCE),
        )
        assert paid

    def _reinstate(self, site: str, number: str) -> None:
        self.house.sandbox.sfcc.staff.reinstate(site, number)
        invoice(self.house, self.house.sale(f"alpenglow:{site}:{number}")["ID"])
        self.house.clock.sleep(60)
        self.house.lane.run()


def _line_key(one: Movement) -> str:
    if one.gateway == "stripe":
        return f"txn_{one.key}"
    if one.gateway == "paypal":
        return one.reference
    return f"Settled/{one.reference}/{one.key}/AlpenglowCOM/1/1"
