"""Whatever a shopper buys, Cin7 holds what was paid, under every combination of the money switches.

The real lane receives, posts, pays and acknowledges each order on an emulated account with these
switches; the model learns of them from the account's profile. What the ERP then holds is compared
with the storefront's document by this module alone.
"""

from collections import Counter
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, event, given, settings
from sqlalchemy import Engine

from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.control.poison import as_placed
from sfcc_cin7_sandbox.control.profile import settings_of
from sfcc_cin7_sandbox.merchant.catalogue import MISSING_TAX_RULE
from sfcc_cin7_tests.depth import EXAMPLES
from sfcc_cin7_tests.orders.next_to_nothing import taxed_on_next_to_nothing
from sfcc_cin7_tests.orders.translation.test_translate_properties import HONEST_REASONS
from sfcc_cin7_tests.scenario.accounts import profiled_model
from sfcc_cin7_tests.scenario.any_order import BOOKED_OPTIONS, any_orders
from sfcc_cin7_tests.scenario.order_lane import OrderLane, order_lane

Document = dict[str, Any]
LINE_TOTALS = ("net", "with-tax")
TAX_METHODS = ("Row Total", "Total")
TIMES = ("before", "after")
ORDERS = max(13, EXAMPLES // 40)
"""Orders for each of the eight combinations: a hundred and four, and four thousand by night."""
PAUSE = 10
"""Seconds between orders: the list shows them by then, and there are calls left for each."""
ACCOUNTS = {"CREDIT_CARD": "1200", "PayPal": "1200", "DW_APPLE_PAY": "1200",
            "GIFT_CERTIFICATE": "1210"}  # fmt: skip
FREIGHT, CERTIFICATE = ("Shipping", "Shipping Surcharge"), "Gift Certificate"


def open_profile(folder: Path, line_total: str, tax_method: str, time: str) -> Path:
    """The profile of an account with these switches, which sells parts of a unit as well."""
    seen = {
        "cin7.order.line-total": line_total,
        "cin7.me.tax-method": tax_method,
        "cin7.payment.timing": time,
        "cin7.order.min-quantity": "less-than-1",
    }
    behaviours = {
        name: {"value": value, "observed": "2026-01-01", "probe": name}
        for name, value in seen.items()
    }
    path = folder / "switches.yaml"
    path.write_text(yaml.safe_dump({"account": "sandbox", "behaviours": behaviours}))
    return path


def books_every_payment(lane: OrderLane) -> None:
    """Every site books payments, the options of any basket, and tax under rules that are there: two
    percents may explain the tax of a few yen, and the sandbox's ERP lacks the rule of one."""
    sites = [
        site.model_copy(
            update={
                "payment_accounts": ACCOUNTS,
                "options": {**site.options, **BOOKED_OPTIONS},
                "tax_rules": [
                    each for each in site.tax_rules if each.rule != MISSING_TAX_RULE.name
                ],
            }
        )
        for site in lane.model.sites
    ]
    lane.model = lane.model.model_copy(update={"sites": sites})


def place(lane: OrderLane, priced: Document) -> tuple[str, Document]:
    """Put an order into the storefront as it is: its key and document, once the list shows it."""
    shop = lane.sandbox.sfcc
    document = as_placed(priced, f"{shop.orders_taken + 1:08d}", lane.clock.now())
    shop.place_raw(document)
    lane.clock.sleep(PAUSE)
    return f"alpenglow:{document['siteId']}:{document['orderNo']}", document


def money(rows: list[Document], *, tax_is_on_top: bool) -> tuple[Decimal, Decimal]:
    """What some rows of a sale come to as the storefront states prices, and their tax."""
    tax = sum((Decimal(row["Tax"]) for row in rows), Decimal(0))
    total = sum((Decimal(row["Total"]) for row in rows), Decimal(0))
    return total - (tax if tax_is_on_top else 0), tax


def units(rows: list[Document], sku: str, quantity: str) -> Counter[str]:
    counted: Counter[str] = Counter()
    for row in rows:
        counted[row[sku]] += row[quantity]
    return counted


def explained(document: Document) -> set[str]:
    """The reasons that may keep such an order waiting."""
    transactions = [each["paymentTransaction"] for each in document["paymentInstruments"]]
    stated = sum((Decimal(each.get("amount") or 0) for each in transactions), Decimal(0))
    untold = {"payment-amount-missing", "payments-mismatch"}
    reasons = HONEST_REASONS | (untold if stated != document["orderTotal"] else set())
    return reasons | ({"tax-rule-unmapped"} if taxed_on_next_to_nothing(document) else set())


def assert_holds_what_was_paid(sale: Document, document: Document, line_total: str) -> None:
    """To the minor unit: total and tax, goods, freight and certificates apart, and payments."""
    paid, tax = Decimal(document["orderTotal"]), Decimal(document["taxTotal"])
    assert (sale["OrderStatus"], sale["CustomerCurrency"]) == ("AUTHORISED", document["currency"])
    assert (sale["Total"], sale["Tax"], sale["TotalBeforeTax"]) == (paid, tax, paid - tax)
    assert units(sale["Lines"], "SKU", "Quantity") == units(
        document["productItems"], "productId", "quantity"
    )
    charges = sale["AdditionalCharges"]
    freight = [row for row in charges if row["Description"] in FREIGHT]
    certificates = [row for row in charges if row["Description"] == CERTIFICATE]
    goods = [row for row in charges if row not in freight and row not in certificates]
    on_top = document["taxation"] == "net" and line_total == "with-tax"
    assert money(sale["Lines"] + goods, tax_is_on_top=on_top) == (
        document["productTotal"], document["adjustedMerchandizeTotalTax"],
    )  # fmt: skip
    assert money(freight, tax_is_on_top=on_top) == (
        document["shippingTotal"], document["adjustedShippingTotalTax"],
    )  # fmt: skip
    bought = (Decimal(row["grossPrice"]) for row in document.get("giftCertificateItems") or [])
    assert money(certificates, tax_is_on_top=on_top) == (sum(bought, Decimal(0)), Decimal(0))
    assert sum((each["Amount"] for each in sale["Payments"]), Decimal(0)) == paid


@pytest.mark.parametrize(
    ("line_total", "tax_method", "time"), list(product(LINE_TOTALS, TAX_METHODS, TIMES))
)
def test_any_order_is_held_as_it_was_paid_or_waits_for_a_reason_that_explains_it(
    engine: Engine, clock: ManualClock, tmp_path: Path, line_total: str, tax_method: str, time: str
) -> None:
    profile = open_profile(tmp_path, line_total, tax_method, time)
    cin7, sfcc = settings_of(profile)
    ended: Counter[str] = Counter()
    with order_lane(
        engine, clock, model=profiled_model(tmp_path, profile), cin7=cin7, sfcc=sfcc
    ) as lane:
        books_every_payment(lane)

        @settings(max_examples=ORDERS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(any_orders())
        def goes_through_the_lane(priced: Document) -> None:
            key, document = place(lane, priced)
            lane.run()
            state, codes, sales = lane.states()[key], lane.review_codes(key), lane.sales(key)
            ended[state] += 1
            event(f"{state} {', '.join(sorted(codes))}")
            if state == "in_review":
                assert codes
                assert codes <= explained(document)
                assert sales == []
                return
            assert (state, codes, len(sales)) == ("acknowledged", set(), 1)
            assert_holds_what_was_paid(sales[0], document, line_total)
            events = lane.events(key)
            if "paid" in events:
                first = events.index("paid") < events.index("authorised")
                assert first == (time == "before")
            assert lane.document(key)["exportStatus"] == "exported"

        goes_through_the_lane()
    assert ended["acknowledged"] > ended["in_review"]
