"""Double entry: each leg of an order is a debit and its credits, which sum to zero.

A posting is never changed. Where a leg is not any more what was posted, the old posting is reversed
by a new one and the leg is posted again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Leg = Literal["storefront", "erp"]
Balances = Mapping[tuple[str, str], Decimal]
"""What is posted, or should be: (currency, account) to amount; debit positive, credit negative."""


@dataclass(frozen=True)
class Entry:
    """One line of a posting; `source` says what it was taken from."""

    order_key: str
    day: str
    leg: Leg
    account: str
    currency: str
    amount: Decimal
    source: str


def balances(
    leg: Leg, currency: str, total: Decimal, tax: Decimal
) -> dict[tuple[str, str], Decimal]:
    """A leg of `total`, of which `tax` is tax: what is owed, earned, and owed to the state."""
    return {
        (currency, account): amount
        for account, amount in (
            (f"{leg} receivable", total),
            ("revenue", tax - total),
            ("tax", -tax),
        )
        if amount
    }


def corrections(
    order_key: str, day: str, leg: Leg, held: Balances, wanted: Balances, source: str
) -> Iterator[Entry]:
    """The entries that lead from what is posted to what should be; none where that is the same."""
    posted = {key: amount for key, amount in held.items() if amount}
    if posted == wanted:
        return
    for (currency, account), amount in sorted(posted.items()):
        yield Entry(order_key, day, leg, account, currency, -amount, f"reversal: {source}")
    for (currency, account), amount in wanted.items():
        yield Entry(order_key, day, leg, account, currency, amount, source)
