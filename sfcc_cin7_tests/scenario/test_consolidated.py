"""Many orders in one sale: none lost, none doubled, and each can be told from the others."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select, update

from sfcc_cin7.cli import main
from sfcc_cin7.clock import ManualClock
from sfcc_cin7.http import decimal_json
from sfcc_cin7.http.errors import Refused
from sfcc_cin7.operating_model import ConsolidationPolicy, NeutralAddress
from sfcc_cin7.orders.consolidate import Common, consolidated_sale
from sfcc_cin7.orders.forming import Forming
from sfcc_cin7.orders.membership import read_shares
from sfcc_cin7.orders.model import Address
from sfcc_cin7.orders.shares import reconstruct
from sfcc_cin7.review.retry import retry
from sfcc_cin7.store.batches import BatchQueue
from sfcc_cin7.store.catalogue import replace_sku_map
from sfcc_cin7.store.leases import LeaseLost
from sfcc_cin7.store.schema import order_batches, orders, review_items
from sfcc_cin7_tests.scenario.order_lane import Crash, OrderLane, order_lane

US = "alpenglow-us"
ELSEWHERE = ConsolidationPolicy(
    ships_from="elsewhere",
    address=NeutralAddress(company="Parcels Ltd", line1="Dock 4", city="Reno", country="US"),
    window_minutes=5,
)
WINDOW = 5 * 60


class ConsolidatingLane:
    """The order lane of a merchant who consolidates, and what it holds."""

    def __init__(self, lane: OrderLane) -> None:
        self.lane = lane
        self.clock = lane.clock

    def consolidate(self, site_id: str = US, **changes: Any) -> None:
        policy = ELSEWHERE.model_copy(update=changes)
        sites = [
            site.model_copy(update={"consolidation": policy}) if site.id == site_id else site
            for site in self.lane.model.sites
        ]
        self.lane.model = self.lane.model.model_copy(update={"sites": sites})

    def window_of(self, count: int, shape: str = "plain", site: str = US) -> list[str]:
        """Orders that come within one window, at whose end they are due together."""
        keys = [self.lane.order(site, shape) for _ in range(count)]
        self.lane.run()
        self.clock.sleep(WINDOW)
        return keys

    def read_catalogue(self) -> None:
        """We know what the ERP sells."""
        products = self.lane.sandbox.cin7.truth()["products"]
        rows = [{"sku": each["SKU"], "in_shop": True, "in_erp": True} for each in products]
        with self.lane.engine.begin() as connection:
            replace_sku_map(connection, rows, self.clock.now())

    def edit(self, key: str, **fields: Any) -> None:
        """Customer service changes an order."""
        _, site, number = key.split(":")
        shop: Any = self.lane.sandbox.sfcc
        shop._book.update(site, number, **fields)
        self.clock.sleep(20)

    def rows(self) -> dict[str, Any]:
        with self.lane.engine.connect() as connection:
            return {row.order_key: row for row in connection.execute(select(orders))}

    def batches(self) -> list[Any]:
        with self.lane.engine.connect() as connection:
            return list(connection.execute(select(order_batches)))

    def standing(self) -> list[dict[str, Any]]:
        """Every sale that is not voided."""
        sales = self.lane.sandbox.cin7.sales_truth()
        return [sale for sale in sales if sale["Status"] != "VOIDED"]

    def document(self, key: str) -> dict[str, Any]:
        _, site, number = key.split(":")
        shown = self.lane.sandbox.sfcc.truth()["orders"]
        return next(o for o in shown if (o["siteId"], o["orderNo"]) == (site, number))

    def cancel(self, key: str) -> None:
        _, site, number = key.split(":")
        self.lane.sandbox.sfcc.cancel(site, number)
        self.clock.sleep(1)

    def money_of_standing_sales(self) -> Decimal:
        return sum((sale["Total"] for sale in self.standing()), Decimal(0))

    def assert_each_order_stands_once(self, keys: list[str]) -> None:
        """Every order is in exactly one live sale, and the sales hold nothing else."""
        rows = self.rows()
        assert {rows[key].state for key in keys} == {"acknowledged"}
        homes = {rows[key].batch_key or key for key in keys}
        standing = self.standing()
        assert sorted(sale["ExternalID"] for sale in standing) == sorted(homes)
        charged = sum((self.document(key)["orderTotal"] for key in keys), Decimal(0))
        assert self.money_of_standing_sales() == charged
        assert all(self.document(key)["exportStatus"] == "exported" for key in keys)


@pytest.fixture
def day(engine: Engine, clock: ManualClock) -> Iterator[ConsolidatingLane]:
    with order_lane(engine, clock) as lane:
        consolidating = ConsolidatingLane(lane)
        consolidating.consolidate()
        yield consolidating


def verified_with_claims(day: ConsolidatingLane) -> Counter[str]:
    """What `sfcc-cin7 claims | sfcc-cin7 sandbox verify --grace 0 --claims -` counts."""
    database = day.lane.engine.url.render_as_string(hide_password=False)
    told = CliRunner().invoke(main, ["claims"], env={"SFCC_CIN7_DATABASE_URL": database})
    command = ["sandbox", "verify", "--url", day.lane.url, "--grace", "0", "--claims", "-"]
    result = CliRunner().invoke(main, command, input=told.output)
    found = decimal_json.loads(result.output.splitlines()[-1])
    assert found["clean"] == (result.exit_code == 0)
    return Counter({name: count for name, count in found["counts"].items() if count})


def test_what_the_product_claims_can_be_checked_from_outside(day: ConsolidatingLane) -> None:
    keys = day.window_of(4, "several-lines")
    day.lane.run()
    day.assert_each_order_stands_once(keys)
    assert verified_with_claims(day) == {"matched": 4}

    day.cancel(keys[0])
    assert verified_with_claims(day) == {"matched": 3, "cancelled_but_booked": 1}
    day.lane.sweep(timedelta(hours=1))
    day.lane.run()
    assert day.lane.review_codes(keys[0]) == {"cancelled-in-consolidated-sale"}
    assert verified_with_claims(day) == {"matched": 3, "cancelled_reported": 1}


def test_a_window_of_thirty_orders_becomes_one_sale_that_gives_each_of_them_back(
    day: ConsolidatingLane,
) -> None:
    keys = [
        day.lane.order(US, shape)
        for shape in ("plain", "several-lines", "order-discount", "option", "surcharge")
        for _ in range(6)
    ]
    day.lane.run()
    assert day.standing() == []
    day.clock.sleep(WINDOW)
    day.lane.run()

    batched = {row.batch_key for row in day.rows().values()}
    sales = day.standing()
    assert len(sales) == len(batched) <= 4  # states of the US tax a product differently
    day.assert_each_order_stands_once(keys)
    calls = decimal_json.loads(httpx.get(f"{day.lane.url}/_control/calls").content)
    assert calls["arrivals"]["cin7"] == sum(2 + len(sale["Payments"]) for sale in sales)
    for batch in day.batches():
        assert_every_order_comes_back(day, batch)


def assert_every_order_comes_back(day: ConsolidatingLane, batch: Any) -> None:
    """From Cin7's own answer and the map, against the storefront's documents."""
    answer = day.lane._erp.sale(batch.sale_id).order
    assert answer is not None
    shares = read_shares(BatchQueue(day.lane.engine, day.clock), batch.batch_key)
    nowhere = Address(name="", company="", line1="", line2="", city="", state="", postcode="",
                      country="", phone="")  # fmt: skip
    alike = Common(customer="", location="", currency="USD", currency_rate=Decimal(1),
                   tax_inclusive=False, totals_with_tax=False, order_date=day.clock.now(),
                   addressee=nowhere, shipping_notes="")  # fmt: skip
    sale = consolidated_sale(batch.batch_key, US, shares, alike)
    assert (answer.total, answer.tax) == (sale.total, sale.tax)
    assert {line.sku: (line.quantity, line.total, line.tax) for line in answer.lines} == {
        line.sku: (line.quantity, line.amount, line.tax) for line in sale.lines
    }
    paid = {row.account: row.amount for row in day.lane._erp.payments(batch.sale_id)}
    assert paid == {payment.account: payment.amount for payment in sale.payments}
    for key, row in day.rows().items():
        if row.batch_key != batch.batch_key:
            continue
        shown = day.document(key)
        rebuilt = reconstruct(sale, shares, key)
        assert (rebuilt.total, rebuilt.tax) == (shown["orderTotal"], shown["taxTotal"])
        assert (row.sale_total, row.sale_tax) == (shown["orderTotal"], shown["taxTotal"])
        assert sum(payment.amount for payment in rebuilt.payments) == shown["orderTotal"]
        wanted: dict[str, Decimal] = {}
        for item in shown["productItems"]:
            sku = item["productId"]
            wanted[sku] = wanted.get(sku, Decimal(0)) + item["quantity"]
        assert {line.sku: line.quantity for line in rebuilt.lines} == wanted


def test_enough_orders_do_not_wait_for_the_window_to_end(day: ConsolidatingLane) -> None:
    day.consolidate("alpenglow-uk", most_orders=3)
    keys = [day.lane.order("alpenglow-uk", "plain") for _ in range(3)]
    day.lane.run()
    assert len({row.batch_key for row in day.rows().values()}) == 1
    day.assert_each_order_stands_once(keys)


def test_where_the_erp_ships_an_order_with_an_address_of_its_own_is_posted_alone(
    day: ConsolidatingLane,
) -> None:
    day.consolidate(ships_from="erp", address=None)
    keys = day.window_of(3)
    day.lane.run_until_quiet()
    assert day.batches() == []
    day.assert_each_order_stands_once(keys)


def test_an_order_that_came_alone_is_posted_alone_when_its_window_ends(
    day: ConsolidatingLane,
) -> None:
    [key] = day.window_of(1)
    assert day.rows()[key].state == "received"
    day.lane.run_until_quiet()
    assert day.batches() == []
    day.assert_each_order_stands_once([key])
    assert "posted-alone" in day.lane.events(key)


def test_orders_of_a_site_that_stops_consolidating_are_posted_alone(
    day: ConsolidatingLane,
) -> None:
    keys = [day.lane.order(US), day.lane.order(US)]
    day.lane.run()
    sites = [site.model_copy(update={"consolidation": None}) for site in day.lane.model.sites]
    day.lane.model = day.lane.model.model_copy(update={"sites": sites})
    day.lane.run()
    assert day.batches() == []
    day.assert_each_order_stands_once(keys)


def test_a_crash_at_any_step_neither_loses_nor_doubles_an_order(day: ConsolidatingLane) -> None:
    every: list[str] = []
    steps = 0
    while True:
        steps += 1
        every += day.window_of(2)
        day.lane.fuse.left = steps
        try:
            day.lane.run()
        except Crash:
            day.clock.sleep(day.lane.model.posting.lease_seconds + 1)
            day.lane.run_until_quiet()
        survived = day.lane.fuse.left is not None
        day.lane.fuse.left = None
        rows = day.rows()
        assert {rows[key].state for key in every} == {"acknowledged"}, f"crash at step {steps}"
        homes = {rows[key].batch_key or key for key in every}
        assert len(day.standing()) == len(homes), f"crash at step {steps}"
        if survived:
            break
    assert steps > 30
    day.assert_each_order_stands_once(every)
    assert any(batch.state == "acknowledged" for batch in day.batches())


@pytest.mark.parametrize(
    "fault",
    ["cin7.timeout_before_commit", "cin7.timeout_after_commit", "cin7.502", "cin7.html_200",
     "sfcc.504_applied", "sfcc.503"],
)  # fmt: skip
def test_a_consolidated_sale_survives_a_system_that_fails_every_third_time(
    day: ConsolidatingLane, fault: str
) -> None:
    keys: list[str] = []
    for _ in range(2):
        keys += day.window_of(3)
        day.lane.sandbox.faults.rates = {fault: 0.35}
        for _ in range(4):
            day.lane.run()
            day.clock.sleep(400)
        day.lane.sandbox.faults.rates = {}
    day.lane.run_until_quiet()
    day.assert_each_order_stands_once(keys)


def test_two_workers_never_hold_one_batch(day: ConsolidatingLane) -> None:
    day.window_of(3)
    queue = BatchQueue(day.lane.engine, day.clock)
    forming = Forming(day.lane.engine, queue, day.lane.model)
    assert forming.form() >= 1
    count = len(day.batches())
    assert Forming(day.lane.engine, queue, day.lane.model).form() == 0
    first = [queue.claim("first", 100) for _ in range(count)]
    assert queue.claim("second", 100) is None
    day.clock.sleep(101)
    second = queue.claim("second", 100)
    assert second is not None
    lost = next(each for each in first if each is not None and each.key == second.key)
    key = next(key for key, row in day.rows().items() if row.batch_key == lost.key)
    with pytest.raises(LeaseLost):
        queue.leave_out(lost, key, "late")
    with pytest.raises(LeaseLost):
        queue.dissolve(lost, "late")
    assert day.rows()[key].state == "batched"


def test_an_order_that_the_erp_is_known_to_refuse_is_posted_alone_and_the_others_together(
    day: ConsolidatingLane,
) -> None:
    day.read_catalogue()
    poison = day.lane.order(US, "unknown-sku")
    good = day.window_of(5)
    day.lane.run_until_quiet()
    rows = day.rows()
    assert (rows[poison].state, rows[poison].batch_key) == ("in_review", None)
    day.assert_each_order_stands_once(good)
    assert any(rows[key].batch_key for key in good)


def test_a_sale_that_the_erp_refuses_is_dissolved_and_only_the_refused_order_waits(
    day: ConsolidatingLane,
) -> None:
    poison = day.lane.order(US, "unknown-sku")
    good = day.window_of(5)
    day.lane.run_until_quiet()
    assert day.rows()[poison].state == "in_review"
    assert day.lane.review_codes(poison) == {"erp-refused"}
    assert "dissolved" in {batch.state for batch in day.batches()}
    day.assert_each_order_stands_once(good)


def test_an_order_cancelled_while_it_waits_is_left_out(day: ConsolidatingLane) -> None:
    gone, *others = day.window_of(5)
    day.cancel(gone)
    day.lane.run_until_quiet()
    assert day.rows()[gone].state == "cancelled"
    assert day.rows()[gone].batch_key is None
    day.assert_each_order_stands_once(others)


def test_an_order_cancelled_between_header_and_lines_dissolves_the_batch(
    day: ConsolidatingLane,
) -> None:
    keys = day.window_of(4)
    crash_after(day, "create_sale")
    changed = next(key for key, row in day.rows().items() if row.batch_key)
    day.cancel(changed)
    day.clock.sleep(day.lane.model.posting.lease_seconds + 1)
    day.lane.run_until_quiet()
    assert "dissolved" in {batch.state for batch in day.batches()}
    assert day.rows()[changed].state == "cancelled"
    day.assert_each_order_stands_once([key for key in keys if key != changed])


def test_an_order_edited_between_header_and_lines_dissolves_the_batch(
    day: ConsolidatingLane,
) -> None:
    keys = day.window_of(4)
    crash_after(day, "create_sale")
    changed = next(key for key, row in day.rows().items() if row.batch_key)
    address = day.document(changed)["billingAddress"]
    day.edit(changed, billingAddress=address | {"address2": "Flat 2"})
    day.clock.sleep(day.lane.model.posting.lease_seconds + 1)
    day.lane.run_until_quiet()
    assert "dissolved" in {batch.state for batch in day.batches()}
    assert day.rows()[changed].batch_key is None
    day.assert_each_order_stands_once(keys)


def crash_after(day: ConsolidatingLane, method: str) -> None:
    """The process dies right after one call to the ERP was answered."""
    original: Callable[..., Any] = getattr(day.lane._erp, method)

    def die(*args: Any, **kwargs: Any) -> Any:
        original(*args, **kwargs)
        raise Crash

    setattr(day.lane._erp, method, die)
    with pytest.raises(Crash):
        day.lane.run()
    delattr(day.lane._erp, method)


def test_an_order_cancelled_after_the_lines_were_authorised_waits_for_a_person(
    day: ConsolidatingLane,
) -> None:
    keys = day.window_of(4)
    crash_after(day, "save_order")
    changed = next(key for key, row in day.rows().items() if row.batch_key)
    day.cancel(changed)
    day.clock.sleep(day.lane.model.posting.lease_seconds + 1)
    day.lane.run_until_quiet()
    rows = day.rows()
    assert rows[changed].state == "in_review"
    assert {rows[key].state for key in keys if key != changed} == {"acknowledged"}


def consolidated(day: ConsolidatingLane, count: int = 5) -> tuple[str, list[str], dict[str, Any]]:
    """An order of a consolidated sale, the others of that sale, and the sale."""
    day.window_of(count)
    day.lane.run_until_quiet()
    rows = day.rows()
    [batch, *_] = sorted(
        (batch for batch in day.batches() if batch.state == "acknowledged"),
        key=lambda batch: -sum(row.batch_key == batch.batch_key for row in rows.values()),
    )
    one, *others = [key for key, row in rows.items() if row.batch_key == batch.batch_key]
    [sale] = day.lane.sales(batch.batch_key)
    return one, others, sale


def test_an_order_cancelled_after_posting_says_what_to_take_out_and_voids_nothing(
    day: ConsolidatingLane,
) -> None:
    key, others, sale = consolidated(day)
    day.cancel(key)
    day.clock.sleep(20)
    day.lane.run_until_quiet()

    assert day.lane.review_codes(key) == {"cancelled-in-consolidated-sale"}
    assert day.lane.sales(sale["ExternalID"]) == [sale]
    assert {day.rows()[other].state for other in others} == {"acknowledged"}
    sentence = review_sentence(day, key)
    assert sale["SaleOrderNumber"] in sentence
    for item in day.document(key)["productItems"]:
        assert f"{item['quantity'].normalize():f} x {item['productId']}" in sentence


def test_an_order_taken_out_of_the_sale_by_hand_is_done_with_after_a_retry(
    day: ConsolidatingLane,
) -> None:
    key, others, sale = consolidated(day)
    day.cancel(key)
    day.clock.sleep(20)
    day.lane.run_until_quiet()
    retry(day.lane.engine, day.clock.now(), [key], by="Kim")
    day.lane.run_until_quiet()
    assert day.lane.review_codes(key) == {"cancelled-in-consolidated-sale"}

    take_out_by_hand(day, key, others, sale)
    retry(day.lane.engine, day.clock.now(), [key], by="Kim")
    day.lane.run_until_quiet()
    assert day.lane.review_codes(key) == set()
    assert (day.rows()[key].state, day.rows()[key].batch_key) == ("cancelled", None)


def test_an_edited_order_that_was_taken_out_by_hand_is_posted_alone_as_it_is_now(
    day: ConsolidatingLane,
) -> None:
    key, others, sale = consolidated(day)
    addresses = day.document(key)["billingAddress"]
    day.edit(key, billingAddress=addresses | {"address2": "Flat 2"})
    day.lane.run_until_quiet()
    assert day.lane.review_codes(key) == {"changed-in-consolidated-sale"}

    take_out_by_hand(day, key, others, sale)
    retry(day.lane.engine, day.clock.now(), [key], by="Kim")
    day.lane.run_until_quiet()
    assert (day.rows()[key].state, day.rows()[key].batch_key) == ("acknowledged", None)
    [alone] = day.lane.sales(key)
    assert alone["Total"] == day.document(key)["orderTotal"]


def take_out_by_hand(
    day: ConsolidatingLane, key: str, others: list[str], sale: dict[str, Any]
) -> None:
    """Somebody puts the sale back to draft in Cin7 and enters what is left of it."""
    shares = read_shares(BatchQueue(day.lane.engine, day.clock), sale["ExternalID"])
    left = [share for share in shares if share.order_key in others]

    class CorrectedSale:
        def __getattr__(self, name: str) -> Any:
            return getattr(day_erp, name)

        def sale(self, sale_id: str) -> Any:
            shown = day_erp.sale(sale_id)
            order = shown.order
            assert order is not None
            units: dict[str, Decimal] = {}
            for share in left:
                if share.kind == "line":
                    units[share.name] = units.get(share.name, Decimal(0)) + share.quantity
            lines = tuple(
                line.model_copy(update={"quantity": units[line.sku]})
                for line in order.lines
                if line.sku in units
            )
            entries = [share for share in left if share.kind != "payment"]
            tax = sum((share.tax for share in entries), Decimal(0))
            total = sum((share.amount for share in entries), tax)
            corrected = order.model_copy(update={"lines": lines, "tax": tax, "total": total})
            return shown.model_copy(update={"order": corrected})

    day_erp = day.lane._erp
    day.lane._erp = CorrectedSale()  # type: ignore[assignment]


def review_sentence(day: ConsolidatingLane, key: str) -> str:
    with day.lane.engine.connect() as connection:
        return str(
            connection.scalar(
                select(review_items.c.sentence).where(
                    review_items.c.subject == key, review_items.c.closed_at.is_(None)
                )
            )
        )


def test_an_order_edited_after_posting_waits_for_a_person_until_it_is_as_it_was(
    day: ConsolidatingLane,
) -> None:
    key, _, sale = consolidated(day)
    document = day.document(key)
    items = [dict(item) for item in document["productItems"]]
    items[0]["quantity"] = items[0]["quantity"] + 1
    day.edit(key, productItems=items)
    day.lane.run_until_quiet()
    assert day.lane.review_codes(key) == {"changed-in-consolidated-sale"}

    day.edit(key, productItems=document["productItems"])
    day.lane.run_until_quiet()
    assert day.lane.review_codes(key) == set()
    assert day.rows()[key].state == "acknowledged"
    assert day.lane.sales(sale["ExternalID"]) == [sale]


def stopped_after_authorisation(day: ConsolidatingLane) -> tuple[list[str], Any]:
    """Orders whose sale somebody edited in the ERP before they were acknowledged, and the batch."""
    day.consolidate("alpenglow-uk")
    keys = day.window_of(3, site="alpenglow-uk")
    crash_after(day, "save_order")
    [sale] = day.standing()
    line = next(line for line in sale["Lines"] if line["Price"])
    cin7 = day.lane.sandbox.cin7
    cin7.edit_sale(sale["ID"], sku=line["SKU"], price=line["Price"] + 1)
    day.clock.sleep(day.lane.model.posting.lease_seconds + 1)
    with day.lane.engine.begin() as connection:  # its proof was recorded before the crash
        connection.execute(
            update(order_batches).values(sale_id=sale["ID"].lower(), authorised_at=day.clock.now())
        )
    day.lane.run()
    [batch] = day.batches()
    assert batch.state == "in_review"
    assert day.lane.review_codes(batch.batch_key) >= {"changed-after-posting"}
    cin7.edit_sale(sale["ID"], sku=line["SKU"], price=line["Price"])
    return keys, batch


def test_a_sale_edited_before_its_orders_were_acknowledged_waits_until_it_is_put_right(
    day: ConsolidatingLane,
) -> None:
    keys, batch = stopped_after_authorisation(day)
    assert {day.rows()[key].state for key in keys} == {"batched"}
    retry(day.lane.engine, day.clock.now(), [batch.batch_key], by="Kim")
    day.lane.run_until_quiet()
    assert day.lane.review_codes(batch.batch_key) == set()
    day.assert_each_order_stands_once(keys)
    assert {day.rows()[key].batch_key for key in keys} == {batch.batch_key}


def test_a_sale_in_review_that_somebody_voids_is_dissolved_by_a_retry(
    day: ConsolidatingLane,
) -> None:
    keys, batch = stopped_after_authorisation(day)
    day.lane._erp.void_sale(batch.sale_id)
    retry(day.lane.engine, day.clock.now(), [batch.batch_key], by="Kim")
    day.lane.run_until_quiet()
    day.assert_each_order_stands_once(keys)
    assert {day.rows()[key].batch_key for key in keys} == {None}


def test_a_payment_that_the_erp_refuses_leaves_no_consolidated_sale(
    day: ConsolidatingLane,
) -> None:
    wrong = dict.fromkeys(("CREDIT_CARD", "PayPal", "DW_APPLE_PAY", "GIFT_CERTIFICATE"), "9999")
    sites = [
        site.model_copy(update={"payment_accounts": wrong}) if site.id == US else site
        for site in day.lane.model.sites
    ]
    day.lane.model = day.lane.model.model_copy(update={"sites": sites})
    keys = day.window_of(3)
    day.lane.run_until_quiet()
    assert "dissolved" in {batch.state for batch in day.batches()}
    assert {code for key in keys for code in day.lane.review_codes(key)} == {"payment-refused"}
    assert {sale["ExternalID"] for sale in day.standing()} == set(keys)


def test_an_order_that_the_storefront_does_not_let_be_exported_is_the_only_one_to_wait(
    day: ConsolidatingLane,
) -> None:
    day.consolidate("alpenglow-uk")
    first, *others = day.window_of(3, site="alpenglow-uk")
    shop: Any = day.lane._shop
    tell = shop.set_export_status

    def refuse(site: str, number: str, status: str) -> None:
        if first.endswith(number):
            raise Refused("sfcc", "PUT /orders/export-status", 400, "no")
        tell(site, number, status)

    shop.set_export_status = refuse
    day.lane.run()
    assert day.rows()[first].state == "in_review"
    assert {day.rows()[key].state for key in others} == {"acknowledged"}

    shop.set_export_status = tell
    retry(day.lane.engine, day.clock.now(), [first], by="Kim")
    day.lane.run_until_quiet()
    day.assert_each_order_stands_once([first, *others])
    assert day.rows()[first].batch_key == day.rows()[others[0]].batch_key
