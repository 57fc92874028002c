"""What becomes of an order under another operating model, beside what does under this one. Pure.

Sentences name settings and figures, never what is personal: names, addresses and notes are
compared, and only told to differ.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sfcc_cin7.orders.translation.sale import Sale, SaleCharge, SaleLine

Outcome = Sale | tuple[str, ...]
"""The sale that an order becomes, or the codes of the reasons why it would wait."""
TOLD = ("customer", "location", "currency", "currency_rate", "tax_inclusive", "totals_with_tax")
UNTOLD = (
    *("reference", "external_id", "order_date", "contact", "phone", "email"),
    *("note", "shipping_notes", "billing", "shipping"),
)
SHOWN_ORDERS = 3


def differences(before: Outcome, after: Outcome) -> list[str]:
    """A sentence for each thing that is otherwise; the same for orders that differ alike. Empty
    where the ERP would hold the same."""
    if isinstance(before, tuple) or isinstance(after, tuple):
        return [] if before == after else [f"{_fate(before)} -> {_fate(after)}"]
    return list(_of_sales(before, after))


def _fate(outcome: Outcome) -> str:
    if isinstance(outcome, Sale):
        return "posted"
    return f"waits ({', '.join(sorted({*outcome}))})"


def _of_sales(before: Sale, after: Sale) -> Iterator[str]:
    for name in TOLD:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield f"{name}: {old} -> {new}"
    if any(getattr(before, name) != getattr(after, name) for name in UNTOLD):
        yield "addresses, notes or references differ"
    rules = _rules(before), _rules(after)
    if rules[0] != rules[1]:
        yield f"tax rules: {_named(rules[0] - rules[1])} -> {_named(rules[1] - rules[0])}"
    if _money(before.lines) != _money(after.lines):
        yield "lines: other SKUs, units or amounts"
    if _money(before.charges) != _money(after.charges):
        yield "charges: others, or other amounts"
    if _told(before) != _told(after):
        yield "comments or prices of lines differ"
    if before.payments != after.payments:
        paid = [_named({each.account for each in sale.payments}) for sale in (before, after)]
        yield f"payments: accounts {paid[0]} -> {paid[1]}"
    if (before.total, before.tax) != (after.total, after.tax):
        yield "total or tax differs"  # what the proof would refuse, if it were not the same


def _rules(sale: Sale) -> set[str]:
    return {entry.tax_rule for entry in sale.entries}


def _money(entries: Sequence[SaleLine | SaleCharge]) -> Counter[tuple[str, Decimal, Decimal]]:
    found: Counter[tuple[str, Decimal, Decimal]] = Counter()
    for each in entries:
        what = f"{each.sku} x {each.quantity}" if isinstance(each, SaleLine) else each.description
        found[what, each.amount, each.tax] += 1
    return found


def _told(sale: Sale) -> list[tuple[str, Decimal | None]]:
    return [(each.comment, getattr(each, "price", None)) for each in sale.entries]


def _named(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


@dataclass
class Comparison:
    """Counts orders that would become something else. It holds no order."""

    tried: int = 0
    differing: int = 0
    _kinds: Counter[str] = field(default_factory=Counter)
    _examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, number: str, before: Outcome, after: Outcome) -> None:
        """One order; its number is kept as an example."""
        self.tried += 1
        found = differences(before, after)
        self.differing += bool(found)
        for sentence in found:
            self._kinds[sentence] += 1
            examples = self._examples.setdefault(sentence, [])
            if len(examples) < SHOWN_ORDERS:
                examples.append(number)

    def by_kind(self) -> list[tuple[str, int, str]]:
        """(what is otherwise, in how many orders, some of them), the most frequent first."""
        return [
            (sentence, count, ", ".join(self._examples[sentence]))
            for sentence, count in self._kinds.most_common()
        ]
