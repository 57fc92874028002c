"""The availability list: what a row says, and which rows there are."""

from decimal import Decimal

from sfcc_cin7.conformance.cin7.access import CLIENTS, said
from sfcc_cin7.conformance.cin7.erp import Erp
from sfcc_cin7.conformance.cin7.lists import prefix_filter
from sfcc_cin7.conformance.probe import CIN7, CannotProbe

STOCK = "Cin7 API reference, Product Availability"
NEW_PRODUCT = "A marked product without stock"
DEPRECATED = "The product is deprecated."


@CIN7.probe(
    "stock.available",
    claim="Available is OnHand less Allocated.",
    source=f"{CLIENTS}; an example of the reference contradicts it",
    certainty="observed",
    expected="on-hand-less-allocated",
    calls=1,
    changes="What the storefront is offered is not what Cin7 can supply.",
    unworkable={"*": "Knowing what this account's Available holds before stock is published."},
)
def available(erp: Erp) -> str:
    if not erp.availability:
        raise CannotProbe("the account has no stock")
    agree = (r["Available"] == r["OnHand"] - r["Allocated"] for r in erp.availability)
    return "on-hand-less-allocated" if all(agree) else "other"


@CIN7.probe(
    "stock.on-hand-value",
    claim="StockOnHand is a value in money, not units.",
    source=CLIENTS,
    certainty="observed",
    expected="money",
    calls=2,
    changes="Nothing: the product reads OnHand, Allocated and Available.",
)
def on_hand_value(erp: Erp) -> str:
    for row in erp.availability:
        if row["OnHand"] > 0 and row["StockOnHand"] not in (0, row["OnHand"]):
            return "money"
    if not any(row["OnHand"] > 0 for row in erp.availability):
        raise CannotProbe("the account has no stock on hand")
    return "units"


@CIN7.probe(
    "stock.rows",
    claim="A product has one row for each location and bin, which must be added up.",
    source=STOCK,
    certainty="documented",
    expected="by-bin",
    calls=2,
    changes="Nothing: rows are added up, whether there is one or many.",
)
def rows(erp: Erp) -> str:
    locations = erp.rows("ref/location", "LocationList", Limit="1000")
    if not any(row.get("Bins") for row in locations):
        raise CannotProbe("the account has no bins")
    seen: set[tuple[str, str]] = set()
    for row in erp.availability:
        place = (row["SKU"], row["Location"])
        if place in seen:
            return "by-bin"
        seen.add(place)
    return "by-location"


@CIN7.probe(
    "stock.services",
    claim="Service products are not in the list.",
    source=CLIENTS,
    certainty="observed",
    expected="absent",
    calls=2,
    changes="Nothing: stock of a SKU that the storefront does not sell is not published.",
)
def services(erp: Erp) -> str:
    sku = str(erp.service["SKU"])
    return "present" if any(row["SKU"] == sku for row in erp.stock_rows(Sku=sku)) else "absent"


@CIN7.probe(
    "stock.unknown-filter",
    claim="There is no modified-since: such a key is ignored, and the whole list comes back.",
    source=STOCK,
    certainty="documented",
    expected="ignored",
    calls=2,
    changes="Stock could be read by what has changed, in far fewer calls.",
)
def no_delta(erp: Erp) -> str:
    answer = erp.get("ref/productavailability", ModifiedSince="2099-01-01T00:00:00Z", Limit="1")
    if not answer.ok:
        return "refused"
    return "ignored" if answer.rows("ProductAvailabilityList", "the list") else "filters"


@CIN7.probe(
    "stock.sku-filter",
    claim="The filter Sku finds what starts with it, in any case.",
    source="the texts of the reference disagree",
    certainty="assumed",
    expected="starts-with",
    calls=4,
    changes="Nothing: SKUs are compared exactly again.",
)
def sku_filter(erp: Erp) -> str:
    sku = erp.sku
    return prefix_filter(
        lambda text: any(row["SKU"] == sku for row in erp.stock_rows(Sku=text)), sku
    )


@CIN7.probe(
    "stock.location-filter",
    claim="The filter Location finds the rows of that location alone.",
    source=STOCK,
    certainty="documented",
    expected="filters",
    calls=2,
    changes="Nothing: the product reads all locations and sorts them itself.",
)
def location_filter(erp: Erp) -> str:
    if len({row["Location"] for row in erp.availability}) < 2:
        raise CannotProbe("all stock is in one location")
    found = {row["Location"] for row in erp.stock_rows(Location=erp.location)}
    return "filters" if found == {erp.location} else "ignored"


@CIN7.probe(
    "stock.zero-rows",
    claim="A product without stock has rows only for bins that once held it.",
    source="client projects disagree",
    certainty="assumed",
    expected="emptied-bins",
    calls=4,
    writes=NEW_PRODUCT,
    cleans=DEPRECATED,
    changes="Nothing: a SKU that vanishes from the list is zero after two snapshots.",
    by_value={"every-location": "Nothing, but the list is longer and takes more calls to read."},
)
def zero_rows(erp: Erp) -> str:
    sku = str(erp.new_product["SKU"])
    if any(row["SKU"] == sku for row in erp.stock_rows(Sku=sku)):
        return "every-location"
    empty = any(r["OnHand"] == 0 and r["Allocated"] == 0 for r in erp.availability)
    return "emptied-bins" if empty else "none"


@CIN7.probe(
    "stock.deprecated",
    claim="A deprecated product vanishes from the list, even with stock on hand.",
    source=CLIENTS,
    certainty="observed",
    expected="vanishes",
    calls=5,
    writes="The stock product of the probe is deprecated for one call",
    cleans="It gets its status back at once.",
    changes="Products that nobody should sell any more stay on offer.",
)
def deprecated(erp: Erp) -> str:
    product = erp.product
    if not erp.set_product_status(product, "Deprecated").ok:
        raise CannotProbe("the product could not be deprecated")
    try:
        left = [row for row in erp.stock_rows(Sku=erp.sku) if row["SKU"] == erp.sku]
    finally:
        erp.give_back()
    return "stays" if left else "vanishes"


@CIN7.probe(
    "product.deprecated-hidden",
    claim="Deprecated products are listed only with IncludeDeprecated.",
    source="Cin7 API reference, Product",
    certainty="documented",
    expected="on-request",
    calls=5,
    writes=NEW_PRODUCT,
    cleans=DEPRECATED,
    changes="The SKU map holds products that nobody should sell any more.",
    by_value={"never": "The SKU map cannot tell a deprecated product from a missing one."},
)
def deprecated_hidden(erp: Erp) -> str:
    product = erp.new_product
    if not erp.set_product_status(product, "Deprecated").ok:
        raise CannotProbe("the product could not be deprecated")
    try:
        sku = str(product["SKU"])
        plain = erp.rows("product", "Products", Sku=sku)
        asked = erp.rows("product", "Products", Sku=sku, IncludeDeprecated="true")
    finally:
        erp.give_back()
    shown = [any(row["ID"] == product["ID"] for row in found) for found in (plain, asked)]
    return {(False, True): "on-request", (True, True): "always"}.get((shown[0], shown[1]), "never")


@CIN7.probe(
    "product.sku-unique",
    claim="A second product with the same SKU is refused, whatever its case.",
    source=CLIENTS,
    certainty="observed",
    expected="refused",
    calls=4,
    writes=NEW_PRODUCT,
    cleans=DEPRECATED,
    changes="A SKU of an order line may stand for two products.",
    unworkable={"accepted": "Sending product ids with every line."},
)
def sku_unique(erp: Erp) -> str:
    return said(erp.post_product(SKU=str(erp.new_product["SKU"]).lower()))


@CIN7.probe(
    "product.price-tier",
    claim="A new product needs at least one price.",
    source=CLIENTS,
    certainty="observed",
    expected="required",
    calls=3,
    writes="A marked product, should it be accepted",
    cleans=DEPRECATED,
    changes="Nothing: the product creates no products.",
)
def price_tier(erp: Erp) -> str:
    answer = erp.post_product(SKU=f"{erp.marker}-N".upper(), PriceTier1=None)
    return "required" if said(answer) == "refused" else "optional"


@CIN7.probe(
    "product.case-of-reference-names",
    claim="Names of reference books may be written in any case.",
    source=CLIENTS,
    certainty="observed",
    expected="ignored",
    calls=2,
    writes="Lines of a marked draft",
    cleans="The sale is voided at the end of the run.",
    changes="A tax rule that differs in case from Cin7's is refused, and orders wait in review.",
)
def reference_case(erp: Erp) -> str:
    name = str(erp.tax_rule["Name"])
    if name.swapcase() == name:
        raise CannotProbe("the tax rule's name has no letters")
    return "ignored" if erp.draft(erp.line(TaxRule=name.swapcase())).ok else "matters"


@CIN7.probe(
    "product.inactive-on-line",
    claim="A deprecated product is refused on a line.",
    source="not documented",
    certainty="assumed",
    expected="refused",
    calls=5,
    writes=f"{NEW_PRODUCT}; lines of a marked draft",
    cleans=DEPRECATED,
    changes="Orders for products that nobody should sell any more are booked.",
)
def inactive_on_line(erp: Erp) -> str:
    product = erp.new_product
    if not erp.set_product_status(product, "Deprecated").ok:
        raise CannotProbe("the product could not be deprecated")
    try:
        answer = erp.draft(erp.line(str(product["SKU"]), Quantity=Decimal(1)))
    finally:
        erp.give_back()
    return said(answer)
