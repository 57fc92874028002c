"""What would release an order that waits for a reason: in words, the same for all that lack it.

A reason tells what is wrong with one order; whoever sets a merchant up wants to know what to write
where. Both are about the same thing, so most reasons' own sentences do.
"""

import re

from sfcc_cin7.order_document.reason import Reason

NAMED = frozenset(
    {
        "currency-rate-missing",
        "currency-unmapped",
        "option-unmapped",
        "payment-method-unmapped",
        "sku-unknown",
        "tax-rule-unknown",
        "tax-rule-unmapped",
        "tax-rules-differ",
        "taxation-mismatch",
    }
)
"""Reasons whose sentence names what is to be added or changed, the same for every order that lacks
it. So does every other code that ends so:"""
NAMING = ("-unmapped", "-unknown")
_UNDER = {
    "currency-unmapped": "Add it under `currencies` of the site.",
    "option-unmapped": "Add it under `options` of the site.",
    "payment-method-unmapped": "Add it under `payment_accounts` of the site.",
    "tax-rule-unknown": "Create it there, or name another one under `tax_rules`.",
}
_DUTIES = "charges.duties"
_PERCENT = re.compile(r"maps no tax rule to (\d+(?:\.\d+)? %) in ")


def to_add(reason: Reason) -> str:
    """What to add or change; empty where the reason names nothing that could be."""
    if reason.code == "tax-rule-unmapped" and reason.expected:
        return _tax_rule(reason.expected)
    if reason.code == "tax-not-attributable" and _DUTIES in reason.sentence:
        return f"If the tax of the freight is duty, name a Service product of Cin7 in `{_DUTIES}`."
    if reason.code not in NAMED and not reason.code.endswith(NAMING):
        return ""
    return f"{reason.sentence} {_UNDER.get(reason.code, '')}".strip()


def stated_percent(reason: Reason) -> str | None:
    """The percent that an order states where it lacks a tax rule, if somebody set one."""
    found = _PERCENT.search(reason.sentence) if reason.code == "tax-rule-unmapped" else None
    return found[1] if found else None


def _tax_rule(wanted: str) -> str:
    """Of a place and `taxed` or `untaxed`. What is untaxed is so in all of a country: its states
    need no rules of their own."""
    where, _, what = wanted.rpartition("/")
    country, _, state = where.partition("/")
    if what == "untaxed":
        mapping = f"{{country: {country}, kind: untaxed, rule: ...}}"
        return f"Name a tax rule of Cin7 for what is untaxed in {country}: `{mapping}`."
    place = f"country: {country}" + (f", state: {state}" if state else "")
    mapping = f"{{{place}, rate: ..., rule: ...}}"
    return f"Name a tax rule of Cin7 for what is taxed in {where}: `{mapping}`."
