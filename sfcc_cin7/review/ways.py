"""How an order gets off the desk: what a person can do about each reason that it waits for.

Every reason has at least two ends. Its cause is mended where it lies, as the runbook says, and the
order is posted; or a person declines it, with the reason. Some can be mended at the desk too.
"""

from collections.abc import Iterator, Mapping

from sfcc_cin7.inbox.codes import known
from sfcc_cin7.orders import PASSABLE

CORRECTED_BY: Mapping[str, str] = {
    "sku-unknown": "--sku SHOP=ERP",
    "sku-case-clash": "--sku SHOP=ERP",
    "sku-too-long": "--sku SHOP=ERP",
    "sku-unreadable": "--sku SHOP=ERP",
    "erp-refused": "--sku SHOP=ERP",
    "option-unmapped": "--option ID:VALUE=SERVICE",
    "tax-rule-unmapped": "--tax-rule RATE=RULE",
    "tax-rule-unknown": "--tax-rule RATE=RULE",
    "payment-method-unmapped": "--account METHOD=ACCOUNT",
    "address-missing": "--address storefront",
    "price-inexact": "--rounding AMOUNT",
    **{code: f"--accept {code}" for code in PASSABLE if code != "payment-method-unmapped"},
}
"""The option of `sfcc-cin7 review correct` that mends a reason at the desk."""


def ways_out(code: str, order_key: str) -> Iterator[str]:
    """What can be done about an order that waits for a code, as commands and pages."""
    if option := CORRECTED_BY.get(code):
        yield f"at the desk: sfcc-cin7 review correct {order_key} {option} --by YOU --because WHY"
    row = known(code)
    retry = f"sfcc-cin7 review retry {order_key} --by YOU"
    then = f"then {retry}" if row.verbs[0] == "retry" else "then it goes on by itself"
    yield f"where it lies: {row.runbook}; {then}"
    yield f"not at all: sfcc-cin7 review decline {order_key} --by YOU --because WHY"
