"""Order lines and charges: what is accepted and what is refused."""

from decimal import Decimal

from sfcc_cin7.conformance.cin7.access import CLIENTS, said
from sfcc_cin7.conformance.cin7.erp import Erp
from sfcc_cin7.conformance.probe import CIN7, CannotProbe
from sfcc_cin7.values.money import ZERO

ORDER = "Cin7 API reference, Sale Order"
A_DRAFT = "Lines of a marked draft"
AT_THE_END = "The sale is voided at the end of the run."
NEVER_SENT = "Nothing: the product never sends this."


@CIN7.probe(
    "order.accepted",
    claim="A line with SKU, Quantity, Price, Tax, Total and TaxRule is accepted as a draft.",
    source=ORDER,
    certainty="observed",
    expected="accepted",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes="No order can be posted: see what Cin7 says about the first one in review.",
    unworkable={"*": "Whatever the refusal asks for: run the other order probes and read them."},
)
def accepted(erp: Erp) -> str:
    return said(erp.draft(erp.line()))


@CIN7.probe(
    "order.duplicate-sku",
    claim="A SKU may stand in the lines only once.",
    source=CLIENTS,
    certainty="observed",
    expected="refused",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes="Nothing: lines of one SKU are merged all the same.",
)
def duplicate_sku(erp: Erp) -> str:
    return said(erp.draft(erp.line(), erp.line()))


@CIN7.probe(
    "order.unknown-sku",
    claim="A line with an unknown SKU is refused with status 400.",
    source="not recorded anywhere",
    certainty="assumed",
    expected="400",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes="Nothing: either refusal sends the order to review.",
    by_value={"accepted": "Orders are booked with lines that no warehouse can pick."},
    unworkable={"accepted": "Checking every SKU before an order is posted."},
)
def unknown_sku(erp: Erp) -> str:
    answer = erp.draft(erp.line(f"{erp.marker}-no-such-sku"))
    return "accepted" if answer.ok else str(answer.status)


@CIN7.probe(
    "order.sku-case",
    claim="Lines tell upper and lower case of a SKU apart.",
    source="not documented",
    certainty="assumed",
    expected="told-apart",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes="Two storefront SKUs that differ in case alone would be one product in Cin7.",
)
def sku_case(erp: Erp) -> str:
    swapped = erp.sku.swapcase()
    if swapped == erp.sku:
        raise CannotProbe("the SKU has no letters")
    return "told-apart" if said(erp.draft(erp.line(swapped))) == "refused" else "ignored"


@CIN7.probe(
    "order.sku-alone",
    claim="A line may name its product by SKU alone; the answer says which product it is.",
    source=CLIENTS,
    certainty="observed",
    expected="resolved",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes="Lines would need Cin7's product ids.",
    unworkable={"*": "Sending ProductID from the SKU map with every line."},
)
def sku_alone(erp: Erp) -> str:
    lines = erp.draft(erp.line()).rows("Lines", "POST /sale/order")
    return "resolved" if lines and lines[0].get("ProductID") == erp.product["ID"] else "not-told"


@CIN7.probe(
    "order.unknown-tax-rule",
    claim="A line with an unknown tax rule is refused.",
    source=f"{ORDER}: reference books are not extended",
    certainty="documented",
    expected="refused",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes="Orders are booked under a tax rule that nobody made.",
    unworkable={"accepted": "Checking the tax rule before an order is posted."},
)
def unknown_tax_rule(erp: Erp) -> str:
    return said(erp.draft(erp.line(TaxRule=f"{erp.marker} no rule"[:50])))


@CIN7.probe(
    "order.min-quantity",
    claim="A line needs a quantity of at least 1.",
    source=f"{ORDER}, attributes",
    certainty="documented",
    expected="1",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes="Goods sold by length or weight can be booked in parts of a unit.",
)
def min_quantity(erp: Erp) -> str:
    line = erp.line(Quantity=Decimal("0.5"))
    return "1" if said(erp.draft(line)) == "refused" else "less-than-1"


@CIN7.probe(
    "order.quantity-places",
    claim="A quantity keeps four decimals.",
    source=f"{ORDER}, attributes",
    certainty="documented",
    expected="kept",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes="Orders with fractions of a unit fail their proof and wait in review.",
)
def quantity_places(erp: Erp) -> str:
    answer = erp.draft(erp.line(Quantity=Decimal("1.2345"), Price=Decimal(10)))
    if not answer.ok:
        return "refused"
    lines = answer.rows("Lines", "POST /sale/order")
    return "kept" if Decimal(lines[0]["Quantity"]) == Decimal("1.2345") else "rounded"


@CIN7.probe(
    "order.negative-price",
    claim="A line with a price below zero is refused.",
    source=ORDER,
    certainty="assumed",
    expected="refused",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes=NEVER_SENT,
)
def negative_price(erp: Erp) -> str:
    return said(erp.draft(erp.line(Price=Decimal(-12))))


@CIN7.probe(
    "order.negative-charge",
    claim="A charge may have a price below zero.",
    source="not documented",
    certainty="assumed",
    expected="accepted",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes="Nothing: discounts are inside the prices, and a rounding charge never is negative.",
)
def negative_charge(erp: Erp) -> str:
    return said(erp.draft(erp.line(), AdditionalCharges=[erp.charge(Price=Decimal(-6))]))


@CIN7.probe(
    "order.charge-name",
    claim="A charge whose description is no Service product's name is refused.",
    source=ORDER,
    certainty="documented",
    expected="refused",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes="A misspelt charge of the operating model is booked all the same.",
)
def charge_name(erp: Erp) -> str:
    charge = erp.charge(Description=f"{erp.marker} no service")
    return said(erp.draft(erp.line(), AdditionalCharges=[charge]))


@CIN7.probe(
    "order.charge-accepted",
    claim="A charge with the name of a Service product is accepted.",
    source=ORDER,
    certainty="documented",
    expected="accepted",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes="Orders with shipping cannot be posted.",
    unworkable={"*": "Another way to book shipping, such as a line."},
)
def charge_accepted(erp: Erp) -> str:
    return said(erp.draft(erp.line(), AdditionalCharges=[erp.charge()]))


@CIN7.probe(
    "order.service-line",
    claim="A Service product is refused as a line; it belongs in the charges.",
    source=ORDER,
    certainty="assumed",
    expected="refused",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes="Nothing: services are booked as charges.",
)
def service_line(erp: Erp) -> str:
    return said(erp.draft(erp.line(str(erp.service["SKU"]))))


@CIN7.probe(
    "order.discount-range",
    claim="A discount above 100 % is refused.",
    source=f"{ORDER}, attributes",
    certainty="documented",
    expected="refused",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes="Nothing: discounts are inside the prices.",
)
def discount_range(erp: Erp) -> str:
    line = erp.line(Discount=Decimal(101), Total=Decimal("-0.12"), Tax=ZERO)
    return said(erp.draft(line))


@CIN7.probe(
    "order.comment-length",
    claim="A line comment of more than 256 characters is refused, not cut.",
    source=f"{ORDER}, attributes",
    certainty="documented",
    expected="refused",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes="Nothing: comments are cut before they are sent.",
)
def comment_length(erp: Erp) -> str:
    return said(erp.draft(erp.line(Comment="~" * 257)))


@CIN7.probe(
    "order.replaces",
    claim="Saving lines again replaces those before.",
    source=ORDER,
    certainty="documented",
    expected="replaces",
    calls=4,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes="An order that is posted again after a time-out would have its lines twice.",
    unworkable={"*": "Voiding a sale whose answer was lost instead of saving its lines again."},
)
def replaces(erp: Erp) -> str:
    if not erp.draft(erp.line(Price=Decimal(12))).ok:
        raise CannotProbe("the lines were not accepted")
    erp.draft(erp.line(Price=Decimal(13)))
    shown = erp.get("sale/order", SaleID=str(erp.scratch["ID"])).rows("Lines", "GET /sale/order")
    prices = [Decimal(line["Price"]) for line in shown]
    return "replaces" if prices == [Decimal(13)] else "adds" if len(prices) > 1 else "keeps"
