"""Which rule holds stock of a SKU back, and what it leaves to offer. Quantities are units.

Rules are the merchant's (`stock_policies.SafetyRule`, docs/decisions/14-safety-stock.md).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import Generic

from sfcc_cin7.merchant.stock import AnyRule, SafetyRule, ScopedRule
from sfcc_cin7.values.money import ZERO

LIST_BUFFER = "the list's buffer"
COMPONENTS = "its components"
WHOLE_SHARE = Decimal(100)


class Scope(Generic[AnyRule]):
    """The rules of an inventory list that apply at one instant, the most specific first."""

    def __init__(self, rules: Sequence[AnyRule], list_id: str, now: datetime) -> None:
        in_force = [
            rule
            for rule in rules
            if (not rule.lists or list_id in rule.lists)
            and (rule.begins is None or rule.begins <= now)
            and (rule.until is None or now < rule.until)
        ]
        ranked = sorted(in_force, key=_specificity, reverse=True)  # stable: as they are written
        self._by_sku: dict[str, AnyRule] = {}
        for rule in ranked:
            for sku in rule.skus:
                self._by_sku.setdefault(sku, rule)
        self._others = [rule for rule in ranked if not rule.skus]

    def of(self, sku: str, category: str | None) -> AnyRule | None:
        """The one rule that decides about a SKU; None where there is none."""
        rule = self._by_sku.get(sku)
        if rule is not None and (not rule.categories or category in rule.categories):
            return rule
        for rule in self._others:
            if not rule.categories or category in rule.categories:
                return rule
        return None


class Rules:
    """What is held back in an inventory list at one instant."""

    def __init__(
        self, rules: Sequence[SafetyRule], list_id: str, buffer: Decimal, now: datetime
    ) -> None:
        self._scope = Scope(rules, list_id, now)
        self._otherwise = SafetyRule(name=LIST_BUFFER, units=buffer)
        self._kits = SafetyRule(name=COMPONENTS)

    def of(self, sku: str, category: str | None) -> SafetyRule:
        """The one rule that decides about a SKU."""
        return self._scope.of(sku, category) or self._otherwise

    def of_kit(self, sku: str, category: str | None) -> SafetyRule:
        """The rule of a kit: one that names it or its category. Others, and the list's buffer, have
        already held its components back."""
        rule = self.of(sku, category)
        return rule if rule.skus or rule.categories else self._kits


def free(supply: Decimal, rule: SafetyRule) -> Decimal:
    """What a rule leaves of a supply; one below 0 stays as it is, less the units held back."""
    share = (max(supply, ZERO) * rule.percent / WHOLE_SHARE).to_integral_value(ROUND_CEILING)
    left = supply - max(rule.units, share)
    return min(left, ZERO) if left < rule.hide_below else left


def shown(left: Decimal, rule: SafetyRule) -> Decimal:
    """How much of what is left a rule lets shoppers see."""
    return left if rule.cap is None else min(left, rule.cap)


def changing_between(
    rules: Iterable[ScopedRule], since: datetime, now: datetime
) -> list[ScopedRule]:
    """The rules that began or ended after `since`, up to `now`."""
    return [
        rule
        for rule in rules
        if any(at is not None and since < at <= now for at in (rule.begins, rule.until))
    ]


def _specificity(rule: ScopedRule) -> tuple[bool, bool, bool, bool]:
    dated = rule.begins is not None or rule.until is not None
    return bool(rule.skus), bool(rule.categories), bool(rule.lists), dated
