"""Both clients against both emulated systems, over real HTTP."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from sfcc_cin7.systems.cin7 import Cin7Client, Governor
from sfcc_cin7.systems.cin7.availability import SCALE, joined
from sfcc_cin7.systems.cin7.documents import SaleDocument
from sfcc_cin7.systems.cin7.kinds import SALE
from sfcc_cin7.systems.http.errors import ApiError, Conflict, NotFound, Refused, Throttled
from sfcc_cin7.systems.sfcc import SfccClient
from sfcc_cin7.values.clock import ManualClock, SystemClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.contract.emulators import (
    UK,
    UK_LIST,
    UK_LOCATION,
    cin7_connection,
    running,
    sfcc_connection,
)

VAT = "20% (VAT on Income)"


@pytest.fixture(scope="module")
def systems():
    """The clients wait on a clock of their own, so that no test waits for real."""
    with running(ManualClock()) as both:
        yield both


@pytest.fixture(autouse=True)
def no_faults(systems):
    yield
    systems.faults.rates.clear()


def header(external_id):
    return {
        "Customer": "Alpenglow UK Web",
        "Location": UK_LOCATION,
        "ExternalID": external_id,
        "CustomerReference": external_id.split(":")[-1],
        "SkipQuote": True,
        "SaleType": "Simple",
        "TaxInclusive": True,
        "TaxRule": VAT,
    }


def customer(name):
    return {
        "Name": name,
        "DisplayName": "Zoë O'Neill",
        "Status": "Active",
        "Currency": "GBP",
        "PaymentTerm": "Paid online",
        "AccountReceivable": "610",
        "RevenueAccount": "200",
        "TaxRule": VAT,
        "PriceTier": "UK Retail",
        "Location": UK_LOCATION,
        "SalesRepresentative": "DEFAULT billing contact",
    }


def order(sale_id, *lines, charges=()):
    return {
        "SaleID": sale_id,
        "Status": "AUTHORISED",
        "Lines": [
            {
                "SKU": sku,
                "Quantity": quantity,
                "Price": price,
                "Discount": 0,
                "Tax": tax,
                "Total": quantity * price,
                "TaxRule": VAT,
            }
            for sku, quantity, price, tax in lines
        ],
        "AdditionalCharges": list(charges),
    }


def line(systems, quantity=2):
    return systems.goods(), Decimal(quantity), Decimal("19.95"), Decimal("6.65")


# Cin7 Core


def test_a_sale_is_created_authorised_paid_found_and_voided(systems):
    cin7 = systems.cin7
    sale = cin7.create_sale(header("alpenglow:uk:0001"))
    assert sale.order is not None
    assert sale.order.lines == ()
    saved = cin7.save_order(order(sale.id, line(systems)))
    assert (saved.status, saved.total, saved.tax) == (
        "AUTHORISED",
        Decimal("39.9"),
        Decimal("6.65"),
    )
    assert saved.total_before_tax == Decimal("33.25")
    assert saved.lines[0].backorder_quantity == 0

    paid = cin7.add_payment(
        {
            "TaskID": sale.id,
            "Type": "Prepayment",
            "Amount": Decimal("39.90"),
            "DatePaid": "2026-01-01T00:00:00.000",
            "Account": "1200",
            "CurrencyRate": 1,
        }
    )
    assert cin7.payments(sale.id) == [paid]
    assert paid.amount == Decimal("39.90")

    [row] = cin7.sales(external_id="alpenglow:uk:0001")
    assert (row.sale_id, row.order_status) == (sale.id, "AUTHORISED")
    assert row.updated is not None
    assert cin7.sale(sale.id).order.lines == saved.lines
    assert [found.sale_id for found in cin7.sales(search="0001")] == [sale.id]
    assert [found.id for found in cin7.touched(SALE, row.updated)] == [sale.id]
    kept = SaleDocument.model_validate_json(SALE.kept(cin7.document(SALE, sale.id)))
    assert kept.order == cin7.sale(sale.id).order
    assert kept.shipping_address == SaleDocument.model_fields["shipping_address"].default
    assert kept.customer == ""

    cin7.void_sale(sale.id)
    assert cin7.sale(sale.id).status == "VOIDED"


def test_a_sale_that_does_not_exist_is_refused(systems):
    with pytest.raises(Refused):
        systems.cin7.sale("00000000-0000-0000-0000-000000000001")


def test_an_oversold_sku_is_authorised_and_shows_its_backorder(systems):
    sale = systems.cin7.create_sale(header("alpenglow:uk:0002"))
    saved = systems.cin7.save_order(order(sale.id, line(systems, quantity=10_000)))
    assert saved.status == "AUTHORISED"
    assert 0 < saved.lines[0].backorder_quantity < 10_000
    systems.cin7.void_sale(sale.id)


def test_one_line_per_sku_is_all_that_cin7_takes(systems):
    sale = systems.cin7.create_sale(header("alpenglow:uk:0003"))
    with pytest.raises(Refused, match="one SKU more once"):
        systems.cin7.save_order(order(sale.id, line(systems), line(systems)))


def test_the_reference_books_are_those_of_the_world(systems):
    cin7, world = systems.cin7, systems.world
    assert {rule.name: rule.percent for rule in cin7.tax_rules()}[VAT] == 20
    assert set(world.price_tiers) <= {tier.name for tier in cin7.price_tiers()}
    warehouses = {place.name for place in cin7.locations() if place.parent_id is None}
    assert {place.name for place in world.locations} <= warehouses
    assert [customer.currency for customer in cin7.customers("alpenglow uk web")] == ["GBP"]
    assert cin7.customers("Alpenglow") == []
    assert cin7.me().currency == world.base_currency
    known = {sku.id for sku in world.skus if sku.in_erp}
    assert {product.sku for product in cin7.products(include_deprecated=True)} == known
    assert list(cin7.products(modified_since=datetime(2100, 1, 1, tzinfo=UTC))) == []


def test_what_a_customer_card_may_name_is_listed(systems):
    terms = {term.name: term.active for term in systems.cin7.payment_terms()}
    assert terms == {"30 days": True, "Paid online": True}
    accounts = {account.code: account for account in systems.cin7.accounts()}
    assert accounts["610"].system_account_code == "DEBTORS"
    assert (accounts["200"].type, accounts["200"].status) == ("REVENUE", "ACTIVE")


def test_a_customer_is_created_once_under_its_name(systems):
    name = "alpenglow:alpenglow-uk:00001234"
    created = systems.cin7.create_customer(customer(name))
    assert (created.name, created.status, created.currency) == (name, "Active", "GBP")
    systems.cin7.create_customer(customer(f"{name}5"))
    with pytest.raises(Refused, match="already exists"):
        systems.cin7.create_customer(customer(name.upper()))
    assert systems.cin7.customers(name) == [created]
    assert systems.cin7.create_sale(header("b:s:1") | {"Customer": name}).customer == name


def test_stock_is_listed_over_pages_and_adds_up(systems):
    first = systems.cin7.availability_page(1, limit=50)
    pages = [first]
    while sum(len(page.rows) for page in pages) < first.total:
        pages.append(systems.cin7.availability_page(len(pages) + 1, limit=50))
    rows = joined([page.rows for page in pages])
    assert len(rows) == first.total > 50
    london = [
        Decimal(on_hand) / SCALE
        for sku, location, on_hand in zip(rows.sku, rows.location, rows.on_hand, strict=True)
        if sku == systems.goods() and location.startswith(UK_LOCATION)
    ]
    held = {sku.id: sku.stock for sku in systems.world.skus}
    assert sum(london) == held[systems.goods()][UK_LOCATION]


def test_a_listing_that_repeats_a_row_gives_it_once(systems):
    systems.faults.rates["cin7.duplicate_listing"] = 1
    skus = [product.sku for product in systems.cin7.products()]
    assert len(skus) == len(set(skus))


@pytest.mark.parametrize(("form", "wait"), [("429", 60), ("503", 60), ("400-list", None)])
def test_a_refusal_in_any_form_is_throttling(form, wait):
    settings = Cin7Settings(calls_per_window=1, throttle_form=form)
    with running(ManualClock(), settings) as limited:
        limited.cin7.me()
        with pytest.raises(Throttled) as caught:
            limited.cin7.create_sale(header("alpenglow:uk:0004"))
        assert caught.value.retry_after == wait


def test_wrong_credentials_are_refused(systems):
    wrong = cin7_connection(systems.url, Cin7Settings(application_keys=("no-such-key",)))
    budget = systems.cin7._governor
    with (
        Cin7Client(wrong, budget, "stock", ManualClock()) as client,
        pytest.raises(Refused, match="Incorrect credentials!"),
    ):
        client.me()


def test_an_address_without_the_version_is_an_error_not_an_empty_list(systems):
    wrong = cin7_connection(systems.url, Cin7Settings())
    wrong = wrong.model_copy(update={"url": f"{systems.url}/ExternalApi/v2/no-such"})
    with (
        Cin7Client(wrong, systems.cin7._governor, "stock", ManualClock()) as client,
        pytest.raises(ApiError),
    ):
        client.tax_rules()


def test_the_governor_keeps_a_busy_client_below_the_real_limit(engine):
    clock = SystemClock()
    settings = Cin7Settings(calls_per_window=8, speed=120)  # 8 calls in any half second
    with running(clock, settings) as limited:
        governor = Governor(engine, clock, limit=8, window=0.5)
        connection = cin7_connection(limited.url, settings)
        with Cin7Client(connection, governor, "orders", clock) as client:
            for number in range(20):  # a write is not repeated, so one refusal would raise
                client.create_sale(header(f"alpenglow:uk:{number}"))


# Commerce Cloud


def test_an_order_is_listed_read_and_marked_exported_once_and_again(systems):
    sfcc, number = systems.sfcc, systems.place()["orderNo"]
    [listed] = [o for o in sfcc.orders(UK, export_statuses=["ready"]) if o["orderNo"] == number]
    assert listed == sfcc.order(UK, number)
    assert listed["orderTotal"] == Decimal("19.95")
    sfcc.set_external_status(UK, number, "SO-00001")
    sfcc.set_confirmation_status(UK, number, "confirmed")
    for _ in range(2):
        sfcc.set_export_status(UK, number, "exported")
    marked = sfcc.order(UK, number)
    assert marked["exportStatus"] == "exported"
    assert marked["externalOrderStatus"] == "SO-00001"
    assert marked["confirmationStatus"] == "confirmed"
    with pytest.raises(Conflict):
        sfcc.set_export_status(UK, number, "ready")


def test_an_unknown_order_is_not_found(systems):
    with pytest.raises(NotFound):
        systems.sfcc.order(UK, "no-such-order")


def test_all_orders_of_a_window_come_once_and_in_order(systems):
    start = datetime.now(UTC)
    start -= timedelta(microseconds=start.microsecond % 1000)  # orders know milliseconds only
    placed = [systems.place()["orderNo"] for _ in range(5)]
    window = {"created_from": start, "created_to": datetime.now(UTC) + timedelta(seconds=1)}
    systems.faults.rates["sfcc.duplicate_listing"] = 1
    found = systems.sfcc.all_orders(UK, statuses=["new", "completed"], **window)
    assert [order["orderNo"] for order in found] == placed
    assert list(systems.sfcc.all_orders(UK, statuses=["cancelled"], **window)) == []


def test_a_status_write_that_was_applied_behind_a_504_is_done(systems):
    number = systems.place()["orderNo"]
    systems.faults.rates["sfcc.504_applied"] = 1
    systems.sfcc.set_export_status(UK, number, "exported")
    systems.faults.rates.clear()
    assert systems.sfcc.order(UK, number)["exportStatus"] == "exported"


def test_a_status_write_that_lost_a_lock_is_a_conflict(systems):
    number = systems.place()["orderNo"]
    systems.faults.rates["sfcc.lock_clash"] = 1
    with pytest.raises(Conflict):
        systems.sfcc.set_export_status(UK, number, "exported")


def test_products_are_all_that_the_shop_sells(systems):
    sold = {sku.id for sku in systems.world.skus if sku.in_shop and sku.kind != "option"}
    assert {product.id for product in systems.sfcc.products(UK)} == sold
    assert {product.id for product in systems.sfcc.products()} == sold


def test_an_allocation_is_set_shown_and_created_where_there_is_none(systems):
    sfcc, sku = systems.sfcc, systems.goods()
    at = datetime.now(UTC)
    record = sfcc.set_allocation(UK_LIST, sku, Decimal(7), at)
    assert (record.sku, record.allocation, record.turnover) == (sku, 7, 0)
    assert record == sfcc.inventory_record(UK_LIST, sku)
    assert record.reset_at is not None
    assert timedelta(0) <= at - record.reset_at < timedelta(milliseconds=1)
    assert record.ats == systems.shop.ats(UK_LIST, sku)

    master = next(each.master_id for each in systems.world.skus if each.master_id)
    assert sfcc.inventory_record(UK_LIST, master) is None
    assert sfcc.set_allocation(UK_LIST, master, Decimal(3), at).ats == 3


def test_a_list_says_how_it_counts_and_gives_every_record_once(systems):
    assert systems.sfcc.inventory_list(UK_LIST).on_order_enabled
    assert not systems.sfcc.inventory_list("inventory-us").on_order_enabled
    with pytest.raises(NotFound):
        systems.sfcc.inventory_record("no-such-list", systems.goods())
    skus = [record.sku for record in systems.sfcc.inventory_records(UK_LIST)]
    kept = {row["sku"] for row in systems.shop.truth()["inventory"] if row["list"] == UK_LIST}
    assert len(skus) == len(set(skus))
    assert set(skus) == kept


def test_a_wrong_secret_is_refused_with_one_clear_sentence(systems):
    connection = sfcc_connection(systems.url, SfccSettings()).model_copy(
        update={"client_id": "who+am/i"}
    )
    with (
        SfccClient(connection, ManualClock(), httpx.HTTPTransport()) as client,
        pytest.raises(Refused, match="client id and secret: check both"),
    ):
        client.order(UK, "1")
