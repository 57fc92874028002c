"""What orders, exports and resets do to the storefront's stock, for both on-order settings."""

from datetime import timedelta
from decimal import Decimal

from sfcc_cin7.conformance.probe import SFCC, CannotProbe
from sfcc_cin7.conformance.sfcc.calls import Row, address, instant
from sfcc_cin7.conformance.sfcc.orders import CANCELLED, USED_UP
from sfcc_cin7.conformance.sfcc.shop import Shop
from sfcc_cin7.values.money import ZERO

ON_ORDER = "Salesforce Help, On Order Inventory"
ATS = "Salesforce Help, Available to Sell calculation"
EXPORTED = f"{USED_UP}: it is exported"
REDATED = "The allocation of a test order's product is dated now; what is offered stays the same"
SAME_OFFER = "What shoppers are offered is what it was; the reset date stays."
WRONG_OFFER = "Stock is offered twice or held back, because orders in flight are counted wrongly."
UNWORKABLE = {"*": "Another correction for orders in flight in the stock lane."}


@SFCC.probe(
    "stock.flag-told",
    claim="An inventory list tells whether on-order inventory is on.",
    source="OCAPI Data API 25.6, inventory_list",
    certainty="documented",
    expected="told",
    calls=2,
    changes="The operating model would have to say it for each list.",
    unworkable={"not-told": "A setting of each inventory list in the operating model."},
)
def flag_told(shop: Shop) -> str:
    documents = shop.list_documents.values()
    told = all(isinstance(each.get("on_order_inventory_enabled"), bool) for each in documents)
    return "told" if told else "not-told"


@SFCC.probe(
    "stock.ats-formula",
    claim="ATS is allocation less turnover less on order, and never below zero.",
    source=ATS,
    certainty="documented",
    expected="agrees",
    calls=4,
    changes=WRONG_OFFER,
    unworkable=UNWORKABLE,
)
def ats_formula(shop: Shop) -> str:
    looked_at = 0
    for site, list_id in shop.sites:
        for order in shop.orders(site, limit="5"):
            if not order.get("productItems"):
                continue
            answer = shop.record(list_id, str(order["productItems"][0]["productId"]))
            if answer.ok and isinstance(answer.body, dict) and not _special(answer.body):
                looked_at += 1
                if answer.body["ats"] != _ats(answer.body):
                    return "differs"
    if not looked_at:
        raise CannotProbe("no record of an ordered product can be read")
    return "agrees"


@SFCC.probe(
    "stock.order-on",
    claim="On a list with on-order inventory, a new order is on order, not turnover.",
    source=ON_ORDER,
    certainty="documented",
    expected="on-order",
    calls=4,
    changes=WRONG_OFFER,
    unworkable=UNWORKABLE,
)
def order_on(shop: Shop) -> str:
    return _where(shop, on_order=True)


@SFCC.probe(
    "stock.order-off",
    claim="On a list without on-order inventory, a new order is turnover at once.",
    source=ON_ORDER,
    certainty="documented",
    expected="turnover",
    calls=4,
    changes=WRONG_OFFER,
    unworkable=UNWORKABLE,
)
def order_off(shop: Shop) -> str:
    return _where(shop, on_order=False)


@SFCC.probe(
    "stock.export-on",
    claim="With on-order inventory, `exported` moves an order's units from on order to turnover.",
    source=ON_ORDER,
    certainty="documented",
    expected="moves",
    calls=6,
    writes=EXPORTED,
    cleans=CANCELLED,
    changes=WRONG_OFFER,
    unworkable=UNWORKABLE,
)
def export_on(shop: Shop) -> str:
    return _export(shop, on_order=True)


@SFCC.probe(
    "stock.export-off",
    claim="Without on-order inventory, `exported` leaves the stock as it is.",
    source=ON_ORDER,
    certainty="documented",
    expected="nothing",
    calls=6,
    writes=EXPORTED,
    cleans=CANCELLED,
    changes=WRONG_OFFER,
    unworkable=UNWORKABLE,
)
def export_off(shop: Shop) -> str:
    return _export(shop, on_order=False)


@SFCC.probe(
    "stock.reset-keeps-on-order",
    claim="A new reset date leaves what is on order as it is.",
    source=ON_ORDER,
    certainty="documented",
    expected="kept",
    calls=5,
    writes=REDATED,
    cleans=SAME_OFFER,
    changes=WRONG_OFFER,
    unworkable=UNWORKABLE,
)
def reset_keeps_on_order(shop: Shop) -> str:
    before, after = _redate(shop, on_order=True)
    if before["quantity_on_order"] == 0:
        raise CannotProbe("nothing is on order")
    return "kept" if after["quantity_on_order"] == before["quantity_on_order"] else "changed"


@SFCC.probe(
    "stock.reset-drops-turnover",
    claim="Turnover counts only what happened after the reset date.",
    source=ATS,
    certainty="documented",
    expected="dropped",
    calls=5,
    writes=REDATED,
    cleans=SAME_OFFER,
    changes=WRONG_OFFER,
    unworkable=UNWORKABLE,
)
def reset_drops_turnover(shop: Shop) -> str:
    before, after = _redate(shop, on_order=False)
    if before["inventory_turnover"] == 0:
        raise CannotProbe("there is no turnover")
    return "dropped" if after["inventory_turnover"] == 0 else "kept"


@SFCC.probe(
    "stock.backorder-part",
    claim="A backorder allocation counts only where backorders are handled.",
    source=ATS,
    certainty="documented",
    expected="when-handled",
    calls=6,
    writes="A record of a product that has none",
    cleans="The record is deleted.",
    changes="Nothing: the product publishes allocations and leaves backorder settings alone.",
)
def backorder_part(shop: Shop) -> str:
    offered = []
    for handling in ("none", "backorder"):
        settings = {
            "pre_order_back_order_handling": handling,
            "pre_order_back_order_allocation": 5,
        }
        _, _, record = shop.new_record(**settings)
        offered.append(int(record["ats"]))
    return {(0, 5): "when-handled", (5, 5): "always", (0, 0): "never"}.get(
        (offered[0], offered[1]), "other"
    )


def _special(record: Row) -> bool:
    return bool(record.get("perpetual_flag")) or (
        record.get("pre_order_back_order_handling") not in (None, "none")
    )


def _ats(record: Row) -> Decimal:
    drawn = Decimal(record["inventory_turnover"]) + Decimal(record["quantity_on_order"])
    return max(ZERO, Decimal(record["allocation"]["amount"]) - drawn)


def _where(shop: Shop, *, on_order: bool) -> str:
    """Where the units of an order that is not exported stand."""
    list_id, sku, units = shop.drawn(shop.test_order(on_order=on_order))
    record = shop.figures(list_id, sku)
    if record["quantity_on_order"] >= units:
        return "on-order"
    return "turnover" if record["inventory_turnover"] >= units else "nowhere"


def _export(shop: Shop, *, on_order: bool) -> str:
    order = shop.test_order(on_order=on_order, use_up=True)
    list_id, sku, units = shop.drawn(order)
    before = shop.figures(list_id, sku)
    shop.clock.sleep(1)
    if not shop.put_status(address(order), "export-status", "exported").ok:
        raise CannotProbe("the order could not be exported")
    after = shop.figures(list_id, sku)
    waiting = before["quantity_on_order"] - after["quantity_on_order"]
    sold = after["inventory_turnover"] - before["inventory_turnover"]
    if (waiting, sold) == (units, units):
        return "moves"
    return "nothing" if (waiting, sold) == (0, 0) else "other"


def _redate(shop: Shop, *, on_order: bool) -> tuple[Row, Row]:
    """The record of a test order's product before and after its allocation is dated now."""
    list_id, sku, _ = shop.drawn(shop.test_order(on_order=on_order))
    before = shop.figures(list_id, sku)
    left = before["allocation"]["amount"] - before["inventory_turnover"]
    shop.clock.sleep(2)
    moment = shop.clock.now() - timedelta(seconds=1)
    body = {"allocation": {"amount": max(left, 0), "reset_date": instant(moment)}}
    if not shop.write_record("PATCH", list_id, sku, body).ok:
        raise CannotProbe("the allocation could not be dated anew")
    return before, shop.figures(list_id, sku)
