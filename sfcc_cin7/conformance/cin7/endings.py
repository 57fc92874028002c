"""Authorising, allocating, voiding and undoing."""

from decimal import Decimal

from sfcc_cin7.conformance.cin7.access import CLIENTS, said
from sfcc_cin7.conformance.cin7.erp import Erp
from sfcc_cin7.conformance.cin7.headers import ONE_SALE, SALE, VOIDED
from sfcc_cin7.conformance.cin7.lines import ORDER
from sfcc_cin7.conformance.probe import CIN7, CannotProbe
from sfcc_cin7.values.money import ZERO

ONE_UNIT = "A marked sale of one unit, authorised"
GIVEN_BACK = "The sale is voided, which gives the unit back."


@CIN7.probe(
    "order.locked",
    claim="The lines of an authorised order cannot be saved again.",
    source=ORDER,
    certainty="documented",
    expected="refused",
    calls=5,
    writes=ONE_UNIT,
    cleans=GIVEN_BACK,
    changes="A late repetition could change an order that the warehouse already picks.",
)
def locked(erp: Erp) -> str:
    sale, _ = erp.authorised()
    return said(erp.save_order(sale, [erp.line(Price=Decimal(13))], "AUTHORISED"))


@CIN7.probe(
    "order.authorised-status",
    claim="An authorised order that can be supplied makes the sale ORDERED.",
    source=f"{SALE}, status values",
    certainty="documented",
    expected="ORDERED",
    calls=5,
    writes=ONE_UNIT,
    cleans=GIVEN_BACK,
    changes="Nothing: the order's own status decides.",
)
def authorised_status(erp: Erp) -> str:
    sale, _ = erp.authorised()
    return str(erp.get("sale", ID=str(sale["ID"])).document("GET /sale")["Status"])


@CIN7.probe(
    "order.allocates",
    claim="Authorising takes the units out of Available at once.",
    source=ORDER,
    certainty="documented",
    expected="allocates",
    calls=6,
    writes=ONE_UNIT,
    cleans=GIVEN_BACK,
    changes="The storefront may be offered units that an order has already taken.",
    unworkable={
        "later": "A longer `stock.settle_seconds`, so that orders are deducted until Cin7 has."
    },
)
def allocates(erp: Erp) -> str:
    before = erp.available(*erp.goods)
    erp.authorised()
    return "allocates" if erp.available(*erp.goods) == before - 1 else "later"


@CIN7.probe(
    "order.draft-allocates",
    claim="A draft takes no stock.",
    source=ORDER,
    certainty="documented",
    expected="nothing",
    calls=6,
    writes="A marked sale of one unit, as a draft",
    cleans=VOIDED,
    changes="Stock is held by sales that were never finished.",
)
def draft_allocates(erp: Erp) -> str:
    before = erp.available(*erp.goods)
    if not erp.save_order(erp.sale(), [erp.line()]).ok:
        raise CannotProbe("the draft was not accepted")
    return "nothing" if erp.available(*erp.goods) == before else "allocates"


@CIN7.probe(
    "order.backorder",
    claim="Too little stock is no error: the order is authorised, and the line says what is short.",
    source=ORDER,
    certainty="documented",
    expected="backordered",
    calls=6,
    writes="A marked product without stock, and a marked sale of it",
    cleans="The sale is voided, the product deprecated.",
    changes="Oversold orders would be refused and wait in review instead of being told.",
    by_value={"not-told": "Oversold orders are booked, and nobody is told which units are short."},
)
def backorder(erp: Erp) -> str:
    _, answer = erp.short
    if not answer.ok:
        return "refused"
    [line] = answer.rows("Lines", "POST /sale/order")
    return "backordered" if Decimal(line["BackorderQuantity"]) == 2 else "not-told"


@CIN7.probe(
    "order.backorder-status",
    claim="A sale that cannot be supplied has the status BACKORDERED.",
    source=f"{SALE}, status values",
    certainty="documented",
    expected="BACKORDERED",
    calls=2,
    writes="A marked product without stock, and a marked sale of it",
    cleans="The sale is voided, the product deprecated.",
    changes="Nothing: the line's BackorderQuantity decides.",
)
def backorder_status(erp: Erp) -> str:
    sale, answer = erp.short
    answer.document("POST /sale/order")
    return str(erp.get("sale", ID=str(sale["ID"])).document("GET /sale")["Status"])


@CIN7.probe(
    "order.backorder-scope",
    claim="An order takes stock of its own location alone, even if another one has some.",
    source=f"{ORDER}; an account setting decides",
    certainty="assumed",
    expected="location",
    calls=6,
    writes="A marked sale of one unit from a location that has none",
    cleans=GIVEN_BACK,
    changes="An order may take units that another site's storefront offers: one list should be fed"
    " by all locations.",
    unworkable={
        "all": "Inventory lists that share locations. Until then hold back a buffer on every list."
    },
)
def backorder_scope(erp: Erp) -> str:
    on_hand: dict[str, dict[str, Decimal]] = {}
    for row in erp.availability:
        units = on_hand.setdefault(row["SKU"], dict.fromkeys(erp.warehouses, ZERO))
        units[row["Location"]] = units.get(row["Location"], ZERO) + row["Available"]
    for sku, units in on_hand.items():
        bare = [name for name, available in units.items() if available == 0]
        if bare and max(units.values()) >= 1:
            _, order = erp.authorised(erp.line(sku), Location=bare[0])
            short = Decimal(order["Lines"][0]["BackorderQuantity"])
            return "location" if short == 1 else "all"
    raise CannotProbe("every product has stock in every location")


@CIN7.probe(
    "sale.void",
    claim="DELETE with Void=true voids a sale.",
    source=SALE,
    certainty="documented",
    expected="VOIDED",
    calls=5,
    writes=ONE_UNIT,
    cleans=GIVEN_BACK,
    changes="Sales that fail their proof would stay in the books.",
    unworkable={"*": "Another way to void a sale; nothing may be posted before there is one."},
)
def void(erp: Erp) -> str:
    sale, _ = erp.authorised()
    erp.void(str(sale["ID"]))
    return str(erp.get("sale", ID=str(sale["ID"])).document("GET /sale")["Status"])


@CIN7.probe(
    "sale.void-releases",
    claim="Voiding gives the units back.",
    source=SALE,
    certainty="documented",
    expected="released",
    calls=7,
    writes=ONE_UNIT,
    cleans=GIVEN_BACK,
    changes="Units of voided sales are never offered again.",
)
def void_releases(erp: Erp) -> str:
    sku, location = erp.goods
    sale, _ = erp.authorised()
    while_ordered = erp.available(sku, location)
    if not erp.void(str(sale["ID"])).ok:
        raise CannotProbe("the sale could not be voided")
    return "released" if erp.available(sku, location) > while_ordered else "held"


@CIN7.probe(
    "sale.undo",
    claim="DELETE without Void reopens a sale instead: its order is a draft again.",
    source=SALE,
    certainty="documented",
    expected="reopens",
    calls=6,
    writes=ONE_UNIT,
    cleans=GIVEN_BACK,
    changes="Nothing: the product always says Void=true.",
)
def undo(erp: Erp) -> str:
    sale, _ = erp.authorised()
    if not erp.call("DELETE", "sale", params={"ID": str(sale["ID"])}).ok:
        return "refused"
    order = erp.get("sale/order", SaleID=str(sale["ID"])).document("GET /sale/order")
    return {"DRAFT": "reopens", "VOIDED": "voids"}.get(str(order["Status"]), "other")


@CIN7.probe(
    "sale.voided-final",
    claim="A voided sale takes no lines any more.",
    source=SALE,
    certainty="documented",
    expected="refused",
    calls=4,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="A late repetition could bring a voided sale back to life.",
)
def voided_final(erp: Erp) -> str:
    sale = erp.sale()
    erp.void(str(sale["ID"]))
    if erp.get("sale", ID=str(sale["ID"])).document("GET /sale")["Status"] != "VOIDED":
        raise CannotProbe("the sale was not voided")
    return said(erp.save_order(sale, [erp.line()]))


@CIN7.probe(
    "sale.void-twice",
    claim="Voiding a voided sale again is refused and changes nothing.",
    source=CLIENTS,
    certainty="assumed",
    expected="refused",
    calls=4,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="Nothing: a void whose answer was lost is looked up first.",
)
def void_twice(erp: Erp) -> str:
    sale = erp.sale()
    if not erp.void(str(sale["ID"])).ok:
        raise CannotProbe("the sale could not be voided")
    return said(erp.void(str(sale["ID"])))
