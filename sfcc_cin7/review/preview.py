"""The sale that would be sent, in lines for a person, without anything personal."""

from collections.abc import Iterator
from decimal import Decimal

from sfcc_cin7.order_document.reason import Reason
from sfcc_cin7.orders import Accepted
from sfcc_cin7.values.money import figure


def preview_lines(found: Accepted | tuple[Reason, ...]) -> Iterator[str]:
    """Lines, charges and payments of the sale, and the proof of what Cin7 would have to answer; or
    what stands against it."""
    if not isinstance(found, Accepted):
        yield "It would not be sent:"
        yield from (f"  {reason.sentence} ({reason.code}){_figures(reason)}" for reason in found)
        return
    sale, proof = found.sale, found.proof

    def money(amount: Decimal) -> str:
        return figure(amount, sale.currency)

    inside = "with tax inside" if sale.tax_inclusive else "before tax"
    yield f"A sale {sale.external_id} for {sale.customer}, from {sale.location}; prices {inside}:"
    for line in sale.lines:
        yield (
            f"  {line.quantity.normalize():f} x {line.sku} at {line.price:f}:"
            f" {money(line.amount)}, tax {money(line.tax)} ({line.tax_rule})"
        )
    for charge in sale.charges:
        yield (
            f"  charge {charge.description}: {money(charge.amount)}, tax {money(charge.tax)}"
            f" ({charge.tax_rule}) {charge.comment}".rstrip()
        )
    for payment in sale.payments:
        yield f"  payment {money(payment.amount)} on {payment.account}"
    yield f"Tax {money(sale.tax)}, total {money(sale.total)}: what the shopper was charged."
    yield (
        f"Cin7 has to answer {len(proof.lines)} lines, {len(proof.charges)} kinds of charges, and"
        f" {proof.total_before_tax} + {proof.tax} = {proof.total} in the smallest unit of"
        f" {proof.currency}, each line's and charge's figures as above; else it is voided."
    )


def _figures(reason: Reason) -> str:
    if reason.expected is None and reason.actual is None:
        return ""
    return f" expected: {reason.expected or '-'}, found: {reason.actual or '-'}"
