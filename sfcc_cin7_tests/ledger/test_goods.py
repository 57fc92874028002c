"""What the warehouse did with a sale, beside its bills, as the ledger reads both from the ERP."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from sfcc_cin7.db.schema import erp_sales
from sfcc_cin7.inbox.action import ActionRefused, Author
from sfcc_cin7.ledger.records.goods import deferred
from sfcc_cin7.ledger.work.acting import accept_breaks, write_breaks_off
from sfcc_cin7.ledger.work.listing import Listed, listed_breaks
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.control.aftercare import Aftercare, AftercareSettings
from sfcc_cin7_sandbox.control.warehouse import BUSY, Warehouse
from sfcc_cin7_tests.ledger.erp_returns import credit, invoice
from sfcc_cin7_tests.ledger.merchant_house import FINANCE, UK, House, house

A_DAY = 86_400


class Sold:
    """An order that was posted, and what the ledger finds about its goods."""

    def __init__(self, merchant: House) -> None:
        self.house, self.cin7 = merchant, merchant.sandbox.cin7
        self.key = merchant.place(UK, "several-units")
        merchant.clock.sleep(5)
        merchant.lane.run_until_quiet(100)
        merchant.clock.sleep(60)
        self.sale_id = merchant.sale(self.key)["ID"]

    def goods_breaks(self, after_days: float = 0) -> list[tuple[str, str]]:
        """Class and owner, after so many days and a pass."""
        self.house.clock.sleep(61 + after_days * A_DAY)
        self.house.pass_()
        seen = [one for one in self.house.seen() if one.leg == "goods"]
        assert all(one.subject == self.key for one in seen)
        return [(one.kind, one.owner) for one in seen]

    def one_unit(self) -> dict[str, Decimal]:
        return {self.house.sale(self.key)["Lines"][0]["SKU"]: Decimal(1)}

    def deferred(self, month: str) -> tuple[Decimal, Decimal]:
        """What had not left by the end of a month, and the tax in it."""
        with self.house.engine.connect() as connection:
            rows = deferred(connection, month)
        return next(((row.deferred, row.tax) for row in rows), (Decimal(0), Decimal(0)))


@pytest.fixture
def sold(engine: Engine, clock: ManualClock, tmp_path: Path) -> Iterator[Sold]:
    with house(engine, clock, tmp_path) as merchant:
        yield Sold(merchant)


def test_what_left_has_its_days_to_be_invoiced_and_is_a_break_until_it_is(sold: Sold) -> None:
    sold.cin7.ship(sold.sale_id)
    assert sold.goods_breaks() == []
    sold.cin7.comment_sale(sold.sale_id, "the parcel was collected")
    assert sold.goods_breaks(after_days=2) == []
    assert sold.goods_breaks(after_days=1) == [("shipped-not-invoiced", FINANCE)]
    invoice(sold.house, sold.sale_id)
    assert sold.goods_breaks() == []


def test_what_is_invoiced_and_never_leaves_is_the_warehouses(sold: Sold) -> None:
    invoice(sold.house, sold.sale_id)
    assert sold.goods_breaks(after_days=13) == []
    assert sold.goods_breaks(after_days=2) == [("invoiced-not-shipped", "team:warehouse")]
    sold.cin7.ship(sold.sale_id)
    assert sold.goods_breaks() == []


def test_a_credit_without_the_goods_is_told_when_they_had_their_month_to_come(sold: Sold) -> None:
    sold.cin7.ship(sold.sale_id)
    number = invoice(sold.house, sold.sale_id)
    credit(sold.house, sold.sale_id, number, restock=False)
    assert sold.goods_breaks(after_days=29) == []
    assert sold.goods_breaks(after_days=2) == [("refund-without-return", FINANCE)]


def test_the_merchant_sets_the_age(sold: Sold) -> None:
    ledger = sold.house.model.ledger.model_copy(
        update={"grace_minutes": {"shipped-not-invoiced": 60.0}}
    )
    sold.house.model = sold.house.model.model_copy(update={"ledger": ledger})
    sold.cin7.ship(sold.sale_id)
    assert sold.goods_breaks() == []
    assert sold.goods_breaks(after_days=0.05) == [("shipped-not-invoiced", FINANCE)]


def test_a_person_may_accept_it_and_write_nothing_off(sold: Sold) -> None:
    sold.cin7.ship(sold.sale_id, sold.one_unit())
    sold.goods_breaks()
    assert sold.goods_breaks(after_days=3) == [("shipped-not-invoiced", FINANCE)]
    model = allowed(sold.house.model)
    engine, clock, who = sold.house.engine, sold.house.clock, Author("ann", "billed by hand")
    [row] = [one for one in breaks_of(sold, model) if one.code == "goods-shipped-not-invoiced"]
    with pytest.raises(ActionRefused, match="goods, not money"):
        write_breaks_off(engine, clock, model, [row.number], who)
    accept_breaks(engine, clock, model, [row.number], who)
    assert sold.goods_breaks() == []
    sold.cin7.ship(sold.sale_id)  # another figure than was accepted
    assert sold.goods_breaks() == [("shipped-not-invoiced", FINANCE)]


def test_deferred_revenue_is_what_was_captured_and_had_not_left(sold: Sold) -> None:
    sold.house.pass_()
    order = sold.house.document(sold.key)
    everything = (order["orderTotal"], order["taxTotal"])
    january = f"{sold.house.clock.now():%Y-%m}"
    assert sold.deferred(january) == everything
    sold.cin7.ship(sold.sale_id, sold.one_unit())
    sold.goods_breaks()
    [left] = sold.house.engine.connect().execute(select(erp_sales.c.shipments)).scalars()
    gone = Decimal(left[0]["amount"]), Decimal(left[0]["tax"])
    assert 0 < gone[1] < gone[0] < everything[0]
    assert sold.deferred(january) == (everything[0] - gone[0], everything[1] - gone[1])
    sold.house.clock.sleep(40 * A_DAY)
    sold.cin7.ship(sold.sale_id)
    sold.goods_breaks()
    assert sold.deferred(january) == (everything[0] - gone[0], everything[1] - gone[1])
    assert sold.deferred(f"{sold.house.clock.now():%Y-%m}") == (Decimal(0), Decimal(0))


def test_a_busy_warehouse_and_shoppers_who_send_things_back_make_no_false_break(
    engine: Engine, clock: ManualClock, tmp_path: Path
) -> None:
    """Everything is billed when it leaves, and what comes back is credited and refunded."""
    with house(engine, clock, tmp_path) as merchant:
        running = merchant.sandbox
        warehouse = Warehouse(running.cin7, running.sfcc, clock, BUSY, seed=7)
        settings = AftercareSettings(returns_per_hour=30, cancels_per_hour=6)
        aftercare = Aftercare(running.cin7, running.sfcc, running.gateways, clock, settings, seed=7)
        for _ in range(10):
            merchant.place(UK)
        merchant.lane.run_until_quiet(100)
        for _ in range(10):
            clock.sleep(600)
            warehouse.round()
            aftercare.round()
            merchant.lane.run_until_quiet(100)
        assert warehouse.done["shipped"]
        assert aftercare.done["returned"]
        for sale in running.cin7.sales_truth():
            if sale["CombinedInvoiceStatus"] == "NOT INVOICED" and sale["Shipped"] == "all":
                running.cin7.invoice(sale["ID"])
        clock.sleep(61)
        merchant.pass_()
        clock.sleep(60 * A_DAY)
        merchant.pass_()
        assert [one for one in merchant.seen() if one.leg == "goods"] == []


def allowed(model: OperatingModel) -> OperatingModel:
    """Ann may decide about anything."""
    ledger = model.ledger.model_copy(update={"limits": {"ann": Decimal(10_000)}})
    return model.model_copy(update={"ledger": ledger})


def breaks_of(sold: Sold, model: OperatingModel) -> list[Listed]:
    return listed_breaks(sold.house.engine, sold.house.clock, model)
