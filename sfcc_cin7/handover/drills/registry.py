"""The drills, by the code that each is of: troubles that people can plant in the sandbox, or here.

Many codes have none yet: `without_drill` names them.
"""

from collections.abc import Iterator, Mapping

from sfcc_cin7.handover.drills.drill import BOOKED, PLACED, Drill, Step
from sfcc_cin7.inbox.codes import CODES

UK = "alpenglow-uk"
ORDER = "{order}"
MISTAKES = [
    "gross-mismatch",
    "line-price-mismatch",
    "line-discount-mismatch",
    "shipping-discount-mismatch",
    "product-sub-total-mismatch",
    "product-total-mismatch",
    "proration-mismatch",
    "merchandise-tax-mismatch",
    "shipping-tax-mismatch",
    "tax-total-mismatch",
    "shipping-total-mismatch",
    "order-total-mismatch",
    "shipment-tax-mismatch",
    "item-duplicated",
    "shipment-duplicated",
    "amount-too-precise",
    "sku-too-long",
    "sku-unreadable",
    "currency-unknown",
    "currency-unmapped",
    "field-missing",
    "field-type",
    "field-range",
    "field-choice",
]
"""Codes of orders that the sandbox makes with just that mistake, by the same names."""
ITS_ORDER = {"site": UK, "order": ORDER}
PLACE, BOOK = Step(PLACED), Step(BOOKED)
HEALTHY = Step("faults", method="PUT")


def _sale(call: str, **body: object) -> Step:
    return Step(f"sales/{call}", {"sale": "{sale}", **body})


def _gateway(call: str, **body: object) -> Step:
    return Step(f"gateways/{call}", {**ITS_ORDER, **body})


SETTLE = Step("gateways/settle")
CANCEL, REINSTATE = Step("orders/cancel", ITS_ORDER), Step("orders/reinstate", ITS_ORDER)


def _fault(**rates: float) -> Step:
    return Step("faults", {f"cin7.{name}": rate for name, rate in rates.items()}, method="PUT")


def _drills() -> Iterator[Drill]:
    # Orders that cannot be booked as they are
    for code in MISTAKES:
        poison = Step("raw-orders", {"poison": code, "site": UK}, {"order": "orderNo"})
        yield Drill(code, [poison], names=ORDER)
    for code, shape in (("sku-unknown", "unknown-sku"), ("tax-rule-unknown", "missing-tax-rule")):
        shaped = Step("orders", {"shape": shape}, {"order": "orders.0.orderNo"})
        yield Drill(code, [shaped], names=ORDER)
    broken = Step("raw-orders", {"poison": "broken-json", "site": UK})
    yield Drill("order-unreadable", [broken], names=UK)
    yield Drill(
        "keeps-failing",
        [_fault(create_500=1), PLACE],
        [HEALTHY],
        ORDER,
        also=frozenset({"posting-stalled"}),
    )
    # The books
    booked = [PLACE, BOOK]
    again = Step("sales/void", {"sale": "{again}"})
    dearer = _sale("line", sku="{sku}", price="{dearer}")
    as_before = _sale("line", sku="{sku}", price="{price}")
    totals, missing = ["totals_and_tax_agree"], ["nothing_missing_or_doubled", "books_agree"]
    yield Drill("books-amount", [*booked, dearer], [as_before], ORDER, checks=totals)
    other_tax, own_tax = (
        _sale("line", sku="{sku}", tax=f"{{{each}}}") for each in ("taxed", "tax")
    )
    yield Drill("books-tax", [*booked, other_tax], [own_tax], ORDER, checks=totals)
    yield Drill(
        "books-state",
        [*booked, _sale("void")],
        [CANCEL],
        ORDER,
        also=frozenset({"books-missing-erp", "sale-voided"}),
        checks=missing,
    )
    yield Drill("books-duplicate", [*booked, _sale("repeat"), BOOK], [again], ORDER, checks=missing)
    yield Drill(
        "shipped-though-cancelled",
        [*booked, _sale("ship"), CANCEL],
        [REINSTATE],
        ORDER,
        also=frozenset({"books-state", "books-missing-shop", "fulfilment-begun"}),
        checks=["shipments_told"],
    )
    # Gateways
    paid = [Step(PLACED, {"gateway": "stripe"}), BOOK]
    yield Drill(
        "payout-amount",
        [*paid, _gateway("short", amount=2), SETTLE],
        [_gateway("make-up", amount=2), SETTLE],
        ORDER,
        checks=["payouts_agree"],
    )
    yield Drill(
        "payout-duplicate", [*paid, _gateway("twice"), SETTLE], [_gateway("refund"), SETTLE], ORDER
    )
    yield Drill(
        "payout-state",
        [*paid, SETTLE, _gateway("chargeback"), SETTLE],
        [_gateway("win"), SETTLE],
        ORDER,
        checks=["clearing_explained"],
    )
    # Catalogue and stock
    yield Drill(
        "sku-unknown-in-erp",
        [Step("storefront-products", {"sku": "DRILL-LAMP-01", "name": "A lamp for a drill"})],
        [Step("storefront-products/withdraw", {"sku": "DRILL-LAMP-01"})],
        "DRILL-LAMP-01",
        checks=["sku_divergence"],
    )
    yield Drill(
        "stock-drift",
        [
            PLACE,
            BOOK,
            Step("storefront-stock", {"list": "inventory-uk", "sku": "{sku}", "allocation": 9000}),
        ],
        names="{sku}",
        checks=["inventory_drift"],
    )
    yield Drill(
        "reading-doubted",
        [_fault(short_snapshot=1)],
        [HEALTHY],
        also=frozenset({"reading-late"}),
        checks=["snapshot_believed"],
    )
    # Systems
    yield Drill(
        "system-down", [_fault(**{"503": 1})], [HEALTHY], "cin7", checks=["stalled_posting"]
    )
    keys = {revoked: {"key": "sandbox-orders-key", "revoked": revoked} for revoked in (True, False)}
    yield Drill("key-refused", [Step("keys", keys[True])], [Step("keys", keys[False])], "cin7")
    yield Drill("calls-refused", [_fault(throttle=1)], [HEALTHY], checks=["call_budget"])
    yield Drill("posting-stalled", [_fault(create_500=1), PLACE], [HEALTHY])
    shut = {revoked: {"revoked": revoked} for revoked in (True, False)}
    yield Drill(
        "lane-fails",
        [Step("storefront-password", shut[True])],
        [Step("storefront-password", shut[False])],
        also=frozenset({"key-refused", "system-down", "lane-late"}),
        checks=["lanes_on_time"],
    )
    # This machine
    yield Drill(
        "dagster-dead",
        by_hand="stop Dagster's daemon: find it with `pgrep -f 'dagster-daemon run'`, `kill -STOP`"
        " it, and `kill -CONT` it when you know what the product says about it",
        also=frozenset({"dagster-blind", "lane-dead", "run-queue"}),
    )
    yield Drill(
        "model-unreadable",
        by_hand="write a word that it does not know into a copy of the operating model that"
        " SFCC_CIN7_OPERATING_MODEL names, and take it out again",
    )
    yield Drill(
        "channel-fails",
        by_hand="give a channel of `alerts.channels` an address where nobody listens, such as"
        " json://127.0.0.1:1, and start the watcher anew",
    )


DRILLS: Mapping[str, Drill] = {each.code: each for each in _drills()}


def without_drill() -> list[str]:
    """Codes for which nobody can be drilled yet."""
    return sorted(set(CODES) - set(DRILLS))
