"""The troubles that are planted into a month of the simulated quarter, each with its class."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from _quarter import CENT, SILENT, WEEK, D, Order, Simulation, change, sale_of, settle
from sqlalchemy import insert

from sfcc_cin7.db.schema import erp_sales
from sfcc_cin7.values.months import last_day
from sfcc_cin7_tests.ledger.bank.layouts import camt


def play_month(it: Simulation, month: str, count: int) -> None:
    """Sell, settle, plant, and read all of it in the first days of the next month."""
    sold = it.sell(count, month)
    it.book(sold)
    pool = it.chance.sample(sold, min(len(sold), 60))
    plans = Plans(it, pool)
    for one in sold:
        at = one.at + timedelta(hours=it.chance.randrange(1, 24))
        if not plans.settle(one, at):
            settle(it, one, at)
    plans.at_gateways_and_in_the_erp()
    it.pay_out()
    plans.at_the_bank()
    it.write_files()
    plans.a_statement_is_missing(month)
    end = datetime.fromisoformat(last_day(month)).replace(tzinfo=UTC)
    it.clock.sleep((end + timedelta(days=14) - it.clock.now()).total_seconds())
    while end.weekday() != 6:
        end -= timedelta(days=1)
    for weeks in (3, 2, 1, 0):
        it.write_statements(end - weeks * WEEK)
    it.write_statements(datetime.fromisoformat(last_day(month)).replace(tzinfo=UTC) + 1.7 * WEEK)


class Plans:
    """The troubles of a month, each of an order of its own."""

    def __init__(self, it: Simulation, pool: list[Order]) -> None:
        self.it = it
        at_gateway: list[Callable[[Order, datetime], str]] = [
            self.withheld, self.short, self.too_much, self.fee_too_high, self.charged_twice,
            self.in_another_currency, self.not_credited, self.disputed, self.unknown,
        ]  # fmt: skip
        self.of_order = {one.number: plan for one, plan in zip(pool, at_gateway, strict=False)}
        self.rest = pool[len(at_gateway) :]

    def settle(self, one: Order, at: datetime) -> bool:
        plan = self.of_order.get(one.number)
        if plan is None:
            return any(one is other for other in self.rest[:8]) and self._plainly(one, at)
        kind = plan(one, at)
        subject = f"payout:{one.gateway}:odd-{one.number}" if kind == "missing-shop" else one.key
        self.it.expected[subject, "gateway"] = kind
        return True

    def _plainly(self, one: Order, at: datetime) -> bool:
        self.it.line(one, "charge", one.total, at, one.fee)
        return True

    def withheld(self, _one: Order, _at: datetime) -> str:
        return "missing-payout"

    def short(self, one: Order, at: datetime) -> str:
        self.it.line(one, "charge", one.total - CENT, at, one.fee)
        return "amount"

    def too_much(self, one: Order, at: datetime) -> str:
        self.it.line(one, "charge", one.total + 1, at, one.fee)
        return "amount"

    def fee_too_high(self, one: Order, at: datetime) -> str:
        self.it.line(one, "charge", one.total, at, one.fee + 2)
        return "fee"

    def charged_twice(self, one: Order, at: datetime) -> str:
        self.it.line(one, "charge", one.total, at, one.fee)
        self.it.line(one, "charge", one.total, at, one.fee)
        return "duplicate"

    def in_another_currency(self, one: Order, at: datetime) -> str:
        other = Order(
            one.number, one.gateway, "EUR" if one.currency == "GBP" else "GBP", one.total, one.at
        )
        self.it.line(other, "charge", one.total, at, one.fee)
        return "currency"

    def not_credited(self, one: Order, at: datetime) -> str:
        self.it.line(one, "charge", one.total, at, one.fee)
        self.it.line(one, "refund", D("-5.00"), at)
        return "amount"

    def disputed(self, one: Order, at: datetime) -> str:
        self.it.line(one, "charge", one.total, at, one.fee)
        self.it.line(one, "chargeback", -one.total, at)
        return "state"

    def unknown(self, one: Order, at: datetime) -> str:
        self._plainly(one, at)
        self.it.line(one, "charge", D("7.77"), at, reference="nobody's", key=f"odd-{one.number}")
        return "missing-shop"

    def at_gateways_and_in_the_erp(self) -> None:
        up, tax, gone, void, twice, *_ = self.rest
        change(self.it, up, total=up.total + 1)
        change(self.it, tax, tax=D("0.01"))
        change(self.it, gone, external_id=f"{gone.key}-typed-over")
        change(self.it, void, status="VOIDED")
        with self.it.engine.begin() as connection:
            double = {**sale_of(twice), "sale_id": f"double-{twice.number}"}
            connection.execute(insert(erp_sales), [double])
        for one, kind in ((up, "amount"), (tax, "tax"), (gone, "missing-erp"),
                          (void, "missing-erp"), (twice, "duplicate")):  # fmt: skip
            self.it.expected[one.key, "erp"] = kind
        self.it.expected[f"{gone.key}-typed-over", "erp"] = "missing-shop"

    def at_the_bank(self) -> None:
        """A transfer that never comes, one that is a pound short, and one that nobody states."""
        entries = self.it.banked["GBP"]
        stated = [at for at, one in enumerate(entries) if SILENT not in one[2]]
        short, lost = self.it.chance.sample(stated, 2)
        for at, kind in ((short, "amount"), (lost, "missing-payout")):
            payout, gateway = entries[at][2].split()
            self.it.expected[f"transfer:{gateway}:GBP:{payout}", "bank"] = kind
        day, amount, text = entries[short]
        entries[short] = (day, str(D(amount) - 1), text)
        entries.append((day, "12.34", "adyen of nobody"))
        words = sha256(b"adyen of nobody").hexdigest()[:16]  # of which keys keep no more
        key = f"bank:BANKGBP:{day:%Y-%m-%d}/12.34/GBP/{words}/1"
        self.it.expected[key, "bank"] = "missing-shop"
        del entries[lost]

    def a_statement_is_missing(self, month: str) -> None:
        """Between two of an account on which nothing else happens."""
        folder, account = self.it.folder / "bank", f"OLD{month}"
        folder.mkdir(exist_ok=True)
        for number, balance in ((1, "10.00"), (2, "25.00")):
            day = f"{month}-0{number}"
            content = camt(
                opening=balance, closing=balance, first=day, last=day, number=f"G{number}",
                account=account, currency="USD",
            )  # fmt: skip
            (folder / f"{account}-{number}.xml").write_text(content)
        self.it.expected[f"bank:{account}:G2", "bank"] = "state"
