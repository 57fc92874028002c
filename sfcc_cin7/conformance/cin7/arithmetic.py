"""What lines add up to: totals, tax and rounding."""

from decimal import Decimal

from sfcc_cin7.conformance.cin7.access import CLIENTS, said
from sfcc_cin7.conformance.cin7.calls import Row
from sfcc_cin7.conformance.cin7.erp import CENT, Erp
from sfcc_cin7.conformance.cin7.headers import VOIDED
from sfcc_cin7.conformance.cin7.lines import A_DRAFT, AT_THE_END, ORDER
from sfcc_cin7.conformance.probe import CIN7, CannotProbe
from sfcc_cin7.values.money import round_half_up

NET_DRAFTS = "A marked sale with net prices and a draft"
WAIT = "Orders fail their proof, are voided and wait in review."


@CIN7.probe(
    "order.line-total",
    claim="With net prices the Total of a line does not hold its tax.",
    source=f"{ORDER}, examples; client projects disagree",
    certainty="assumed",
    expected="net",
    calls=5,
    writes=NET_DRAFTS,
    cleans=VOIDED,
    changes="Orders of net sites are refused until `line_total` says so; the profile sets it.",
    by_value={"either": "Nothing: this account takes both."},
    unworkable={"neither": "A live order that Cin7 accepted, to see what its Totals hold."},
)
def line_total(erp: Erp) -> str:
    sale = erp.sale(TaxInclusive=False)
    net = erp.save_order(sale, [_net_line(erp)]).ok
    line = _net_line(erp)
    with_tax = erp.save_order(sale, [line | {"Total": line["Total"] + line["Tax"]}]).ok
    return {(True, False): "net", (False, True): "with-tax", (True, True): "either"}.get(
        (net, with_tax), "neither"
    )


@CIN7.probe(
    "order.total-checked",
    claim="A line whose Total is not Quantity times Price is refused.",
    source=f"{ORDER}: Total is for validation",
    certainty="documented",
    expected="refused",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes="Nothing: the answer is proved line by line.",
)
def total_checked(erp: Erp) -> str:
    line = erp.line()
    return said(erp.draft(line | {"Total": line["Total"] + 1}))


@CIN7.probe(
    "order.tax-handling",
    claim="The tax of a line is booked as it was sent, not computed from the rule.",
    source="not documented",
    certainty="assumed",
    expected="as-sent",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes="Orders whose tax the storefront rounded differently from Cin7 wait in review.",
    unworkable={
        "refused": "Sending only tax that Cin7 would compute, and the rest as a charge."
        " Until then such orders wait in review."
    },
)
def tax_handling(erp: Erp) -> str:
    line = erp.line()
    answer = erp.draft(line | {"Tax": line["Tax"] - Decimal("0.03")})
    if not answer.ok:
        return "refused"
    booked = Decimal(answer.rows("Lines", "POST /sale/order")[0]["Tax"])
    return "as-sent" if booked == line["Tax"] - Decimal("0.03") else "recomputed"


@CIN7.probe(
    "order.tax-inside",
    claim="With gross prices the total is the sum of the lines, and tax is inside it.",
    source=ORDER,
    certainty="documented",
    expected="inside",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes=WAIT,
    unworkable={"*": "Another translation of gross orders."},
)
def tax_inside(erp: Erp) -> str:
    line = erp.line()
    order = erp.draft(line).document("POST /sale/order")
    if Decimal(order["Total"]) == line["Total"]:
        before = Decimal(order["TotalBeforeTax"]) == line["Total"] - Decimal(order["Tax"])
        return "inside" if before else "inside-but-not-before"
    return "added"


@CIN7.probe(
    "order.tax-added",
    claim="With net prices the total is the sum of the lines and their tax.",
    source=ORDER,
    certainty="documented",
    expected="added",
    calls=5,
    writes=NET_DRAFTS,
    cleans=VOIDED,
    changes=WAIT,
    unworkable={"*": "Another translation of net orders."},
)
def tax_added(erp: Erp) -> str:
    sale, line = erp.sale(TaxInclusive=False), _net_line(erp)
    answer = erp.save_order(sale, [line])
    if not answer.ok:
        with_tax = line | {"Total": line["Total"] + line["Tax"]}
        answer = erp.save_order(sale, [with_tax])
    order = answer.document("POST /sale/order")
    wanted = (line["Total"], line["Total"] + line["Tax"])
    booked = (Decimal(order["TotalBeforeTax"]), Decimal(order["Total"]))
    return "added" if booked == wanted else "other"


@CIN7.probe(
    "order.header-totals",
    claim="The order's own totals, sent with it, are ignored and computed anew.",
    source=CLIENTS,
    certainty="observed",
    expected="ignored",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes="Nothing: the totals that are sent are right.",
)
def header_totals(erp: Erp) -> str:
    line = erp.line()
    answer = erp.draft(line, TotalBeforeTax=Decimal(1), Tax=Decimal(1), Total=Decimal(1))
    if not answer.ok:
        return "checked"
    total = Decimal(answer.document("POST /sale/order")["Total"])
    return "ignored" if total == line["Total"] else "believed"


@CIN7.probe(
    "order.price-places",
    claim="A price keeps four decimals, and its extension is rounded half up to cents.",
    source=ORDER,
    certainty="assumed",
    expected="four-half-up",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes="Orders whose discount does not divide into cents fail their proof and wait.",
    unworkable={"refused": "Unit prices of two decimals, with a rounding charge for the rest."},
)
def price_places(erp: Erp) -> str:
    line = erp.line(Quantity=Decimal(2), Price=Decimal("6.1725"))  # 12.3450, half a cent
    answer = erp.draft(line)
    if not answer.ok:
        return "refused"
    order = answer.document("POST /sale/order")
    if Decimal(order["Lines"][0]["Price"]) != line["Price"]:
        return "rounded-price"
    total = round_half_up(Decimal(order["Total"]), Decimal("0.0001"))
    return {Decimal("12.35"): "four-half-up", Decimal("12.34"): "four-half-even"}.get(
        total, "four-not-rounded"
    )


@CIN7.probe(
    "order.charge-in-total",
    claim="Charges count towards the order's total and tax like lines.",
    source=ORDER,
    certainty="documented",
    expected="counted",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes=WAIT,
    unworkable={"*": "Another way to book shipping, such as a line."},
)
def charge_in_total(erp: Erp) -> str:
    line, charge = erp.line(), erp.charge(Price=Decimal(6))
    order = erp.draft(line, AdditionalCharges=[charge]).document("POST /sale/order")
    wanted = (line["Total"] + charge["Total"], line["Tax"] + charge["Tax"])
    return "counted" if (Decimal(order["Total"]), Decimal(order["Tax"])) == wanted else "apart"


@CIN7.probe(
    "order.discount",
    claim="Discount is a percentage off Quantity times Price.",
    source=ORDER,
    certainty="documented",
    expected="percentage",
    calls=2,
    writes=A_DRAFT,
    cleans=AT_THE_END,
    changes="Nothing: discounts are inside the prices.",
)
def discount(erp: Erp) -> str:
    line = erp.line(Price=Decimal(20))
    reduced = erp.line(Price=Decimal(15))
    money = {"Total": reduced["Total"], "Tax": reduced["Tax"], "Discount": Decimal(25)}
    answer = erp.draft(line | money)
    if not answer.ok:
        return "refused"
    total = Decimal(answer.document("POST /sale/order")["Total"])
    return "percentage" if total == reduced["Total"] else "other"


@CIN7.probe(
    "me.tax-method",
    claim="Tax is rounded on each row, not once on the document.",
    source="Cin7 API reference, Me",
    certainty="documented",
    expected="Row Total",
    calls=1,
    changes="Nothing while tax is booked as it is sent; see cin7.order.tax-handling.",
)
def tax_method(erp: Erp) -> str:
    return str(erp.me.get("TaxCalculationMethod"))


@CIN7.probe(
    "me.auto-discounts",
    claim="Cin7 does not apply discounts of its own when an order is authorised.",
    source="Cin7 API reference, Me",
    certainty="documented",
    expected="not-applied",
    calls=1,
    changes="Prices may change on authorisation; such orders fail their proof and wait in review.",
    unworkable={"applied": "Turning AutomaticallyApplyDiscounts off in Cin7's settings."},
)
def auto_discounts(erp: Erp) -> str:
    return "applied" if erp.me.get("AutomaticallyApplyDiscounts") else "not-applied"


@CIN7.probe(
    "me.lock-date",
    claim="No lock date refuses documents of the past.",
    source="Cin7 API reference, Me",
    certainty="documented",
    expected="none",
    calls=1,
    changes="Orders placed on or before the lock date are refused and wait in review.",
)
def lock_date(erp: Erp) -> str:
    date = erp.me.get("LockDate")
    return str(date)[:10].replace("/", "-") if date else "none"


def _net_line(erp: Erp) -> Row:
    """A line of a sale with net prices: 12.00 and the rule's tax on top."""
    rate = Decimal(erp.tax_rule["TaxPercent"]) / 100
    tax = round_half_up(Decimal(12) * rate, CENT)
    if tax < Decimal("0.05"):
        raise CannotProbe("the tax rule is too low to tell net from gross")
    return erp.line() | {"Tax": tax}
