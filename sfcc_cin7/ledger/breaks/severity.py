"""How bad open breaks are: by the money that they put at risk, and by their age."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol, TypeVar

from sfcc_cin7.merchant.base_currency import BaseCurrency
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.values.money import ZERO


class OpenBreak(Protocol):
    """What weighs: the money at risk in its currency (None: not known), and since when."""

    @property
    def amount(self) -> Decimal | None: ...
    @property
    def currency(self) -> str | None: ...
    @property
    def opened_at(self) -> datetime: ...


Found = TypeVar("Found", bound=OpenBreak)


class Scales:
    """Weighs open breaks of any currency at one instant."""

    def __init__(self, model: OperatingModel, at: datetime) -> None:
        self._policy = model.ledger
        self._base = BaseCurrency(model, at.date())
        self._at = at

    def worst_first(self, found: Sequence[Found]) -> list[Found]:
        """Most money first, whatever its currency; then the oldest."""
        return sorted(found, key=lambda one: (-self._weight(one), one.opened_at))

    def is_error(self, found: Sequence[OpenBreak]) -> bool:
        """Whether all of them together put too much at risk, or nobody knows how much, or one
        stands for too long."""
        money = sum(map(self._weight, found), ZERO)
        patience = timedelta(hours=self._policy.error_after_hours)
        return bool(found) and (
            money >= self._policy.error_from
            or any(one.amount is None for one in found)
            or any(self._at - one.opened_at >= patience for one in found)
        )

    def _weight(self, one: OpenBreak) -> Decimal:
        return self._base.weight(one.amount, one.currency)
