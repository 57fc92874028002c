"""Payments of a sale that has no invoice yet."""

from decimal import Decimal

from sfcc_cin7.conformance.cin7.access import said
from sfcc_cin7.conformance.cin7.calls import Row
from sfcc_cin7.conformance.cin7.erp import Erp
from sfcc_cin7.conformance.probe import CIN7, CannotProbe
from sfcc_cin7.conformance.wire import Answer

PAYMENT = "Cin7 API reference, Sale Payments"
A_PAYMENT = "A marked sale of one unit and a prepayment of 1.00"
TAKEN_BACK = "The prepayment is deleted, the sale voided."


@CIN7.probe(
    "payment.timing",
    claim="A prepayment is taken both before and after the order is authorised.",
    source=f"{PAYMENT}: contradictory",
    certainty="assumed",
    expected="either",
    calls=9,
    writes="A marked sale of one unit and up to two prepayments of 1.00",
    cleans="The prepayments are deleted, the sale voided.",
    changes="Sites that book payments must book them at that time; the profile sets `prepayment`.",
    unworkable={"neither": "Booking payments against invoices; until then no site may book any."},
)
def timing(erp: Erp) -> str:
    sale = erp.sale()
    before = erp.pay(sale).ok
    if not erp.save_order(sale, [erp.line()], "AUTHORISED").ok:
        raise CannotProbe("the order was not authorised")
    after = erp.pay(sale, Reference=f"{erp.marker}-2").ok
    return {(True, True): "either", (True, False): "before", (False, True): "after"}.get(
        (before, after), "neither"
    )


@CIN7.probe(
    "payment.places",
    claim="An amount of more than two decimals is refused.",
    source=f"{PAYMENT}, attributes",
    certainty="documented",
    expected="refused",
    calls=6,
    writes=A_PAYMENT,
    cleans=TAKEN_BACK,
    changes="Nothing: amounts are in whole cents, except in currencies of three decimals.",
)
def places(erp: Erp) -> str:
    return said(_pay_at_some_time(erp, Amount=Decimal("1.005")))


@CIN7.probe(
    "payment.account",
    claim="An account that takes no payments is refused.",
    source=PAYMENT,
    certainty="documented",
    expected="refused",
    calls=7,
    writes=A_PAYMENT,
    cleans=TAKEN_BACK,
    changes="A wrong account of the operating model receives money in the books.",
)
def account(erp: Erp) -> str:
    rows = erp.rows("ref/account", "AccountsList", Limit="1000")
    wrong = [row["Code"] for row in rows if not row.get("ForPayments")]
    if not wrong:
        raise CannotProbe("every account takes payments")
    return said(_pay_at_some_time(erp, Account=wrong[0]))


@CIN7.probe(
    "payment.type-case",
    claim="The type of a payment may be written in any case.",
    source=f"{PAYMENT}: examples differ from the table",
    certainty="assumed",
    expected="ignored",
    calls=6,
    writes=A_PAYMENT,
    cleans=TAKEN_BACK,
    changes="Payments are refused if Cin7 wants PREPAYMENT where the product writes Prepayment.",
    by_value={"lower-refused": "Nothing: the product writes Prepayment, which is accepted."},
    unworkable={"only-upper": "Writing the type in upper case."},
)
def type_case(erp: Erp) -> str:
    spelt = [name for name in ("prepayment", "Prepayment") if _pay_at_some_time(erp, Type=name).ok]
    if len(spelt) == 2:
        return "ignored"
    return "lower-refused" if spelt == ["Prepayment"] else "only-upper"


@CIN7.probe(
    "payment.reference-twice",
    claim="The same payment is booked twice when it is sent twice.",
    source=PAYMENT,
    certainty="assumed",
    expected="twice",
    calls=8,
    writes="A marked sale of one unit and two prepayments of 1.00",
    cleans="The prepayments are deleted, the sale voided.",
    changes="Nothing: a payment whose answer was lost is looked for by its reference first.",
)
def reference_twice(erp: Erp) -> str:
    first = _pay_at_some_time(erp)
    if not first.ok:
        raise CannotProbe("no prepayment was accepted")
    sale_id = str(first.document("POST /sale/payment")["TaskID"])
    again = erp.pay({"ID": sale_id})
    return "twice" if again.ok else "refused"


@CIN7.probe(
    "payment.list-form",
    claim="The payments of a sale come as a bare list, each with its Reference.",
    source=PAYMENT,
    certainty="documented",
    expected="bare-list",
    calls=7,
    writes=A_PAYMENT,
    cleans=TAKEN_BACK,
    changes="A payment whose answer was lost cannot be found, and might be booked twice.",
    unworkable={"*": "Another way to read the payments of a sale."},
)
def list_form(erp: Erp) -> str:
    paid = _pay_at_some_time(erp)
    if not paid.ok:
        raise CannotProbe("no prepayment was accepted")
    answer = erp.get("sale/payment", SaleID=str(paid.document("POST /sale/payment")["TaskID"]))
    if not isinstance(answer.body, list):
        return "wrapped"
    told = [row.get("Reference") for row in answer.body if isinstance(row, dict)]
    return "bare-list" if erp.marker in told else "without-reference"


@CIN7.probe(
    "payment.deletable",
    claim="A prepayment can be deleted.",
    source=PAYMENT,
    certainty="documented",
    expected="deleted",
    calls=8,
    writes=A_PAYMENT,
    cleans=TAKEN_BACK,
    changes="Nothing for orders; what this kit books stays with its voided sale.",
)
def deletable(erp: Erp) -> str:
    paid = _pay_at_some_time(erp)
    if not paid.ok:
        raise CannotProbe("no prepayment was accepted")
    payment: Row = paid.document("POST /sale/payment")
    erp.call("DELETE", "sale/payment", params={"ID": str(payment["ID"])})
    left = erp.get("sale/payment", SaleID=str(payment["TaskID"])).body or []
    return "kept" if any(row.get("ID") == payment["ID"] for row in left) else "deleted"


@CIN7.probe(
    "payment.void-paid",
    claim="A sale with a prepayment cannot be voided.",
    source="not documented",
    certainty="assumed",
    expected="refused",
    calls=9,
    writes=A_PAYMENT,
    cleans=TAKEN_BACK,
    changes="Sales of cancelled orders are void while their prepayments stay in the books.",
)
def void_paid(erp: Erp) -> str:
    paid = _pay_at_some_time(erp)
    if not paid.ok:
        raise CannotProbe("no prepayment was accepted")
    return said(erp.void(str(paid.document("POST /sale/payment")["TaskID"])))


def _pay_at_some_time(erp: Erp, **changes: object) -> Answer:
    """A prepayment on a new sale, before authorisation or else after it; the better answer."""
    sale = erp.sale()
    answer = erp.pay(sale, **changes)
    if answer.ok:
        return answer
    if not erp.save_order(sale, [erp.line()], "AUTHORISED").ok:
        raise CannotProbe("the order was not authorised")
    return erp.pay(sale, **changes)
