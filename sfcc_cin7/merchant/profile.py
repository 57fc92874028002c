"""The profile of an account: what its two systems were seen to do, one value for each behaviour.

`sfcc-cin7 conformance run` writes it; the operating model may name it (`profile: <path>`), and the
sandbox can be served with it. A behaviour has the id of the probe that observed it.
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from sfcc_cin7.values.problems import ConfigurationError

LINE_TOTAL = "cin7.order.line-total"
PREPAYMENT = "cin7.payment.timing"
READY = "sfcc.orders.ready"
LIST_LAG = "sfcc.orders.lag"
LIMIT_SCOPE = "cin7.limit.scope"
ORDER_SCOPE = "cin7.order.backorder-scope"
TAX_HANDLING = "cin7.order.tax-handling"
AVAILABILITY_AGE = "cin7.stock.availability-age"

_SITE_DECISIONS = {
    LINE_TOTAL: ("line_total", {"net": "net", "with-tax": "with-tax"}),
    PREPAYMENT: (
        "prepayment",
        {"before": "before-authorisation", "after": "after-authorisation"},
    ),
    READY: ("export_gate", {"set": "ready", "never-set": "not_exported"}),
}
"""The key of a site that a behaviour decides, and how; other values leave it to the merchant."""

_SETTLE_SECONDS = {"within-5-s": 60, "within-60-s": 120, "within-300-s": 600}
"""How far back stock is dated, by the lag of the order list; always longer than the lag."""

_AGES = {"at-once": 0, "within-60-s": 60, "within-1200-s": 1200, "longer": 3600}
"""How old availability may be, in seconds, by how long it took to show an order."""

_TRAIL = {
    "cin7.stock-documents.purchases-since": "filters",
    "cin7.stock-documents.adjustments-order": "oldest-first",
    "cin7.stock-documents.transfers-order": "newest-first",
    "cin7.stock-documents.assemblies-order": "oldest-first",
}
"""What lists of stock documents must have been seen to do before they are followed."""
_OF_SOME = frozenset(
    {"cin7.stock-documents.transfers-order", "cin7.stock-documents.assemblies-order"}
)
"""Lists that may be empty: a merchant need not transfer or assemble anything."""


def _as_text(value: object) -> object:
    """YAML reads 403 as a number and 2026-01-01 as a date; a behaviour's value is text."""
    return str(value) if isinstance(value, int | date) and not isinstance(value, bool) else value


class Observation(BaseModel):
    """What was seen of one behaviour, when, and by which probe."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: Annotated[str, BeforeValidator(_as_text), Field(pattern=r"^[\w. -]{1,80}$")]
    observed: date
    probe: str


class Profile(BaseModel):
    """Everything that was seen of one account. It holds nothing of the account's own data."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    account: Literal["sandbox", "trial", "test", "live"]
    """What kind of account it is."""
    behaviours: dict[str, Observation]

    def value(self, behaviour: str) -> str | None:
        """What was seen; None where the behaviour could not be probed."""
        seen = self.behaviours.get(behaviour)
        return seen.value if seen else None

    def site_decisions(self) -> dict[str, str]:
        """Keys of every site that the account decides, as the operating model writes them."""
        decided = {}
        for behaviour, (key, meanings) in _SITE_DECISIONS.items():
            meaning = meanings.get(self.value(behaviour) or "")
            if meaning is not None:
                decided[key] = meaning
        return decided

    def settle_seconds(self) -> int | None:
        """How far back stock has to be dated; None where the lag is not known."""
        return _SETTLE_SECONDS.get(self.value(LIST_LAG) or "")

    def limit_scope(self) -> str | None:
        """What the ERP's call limit holds for, `key` or `account`; None where it is not known."""
        seen = self.value(LIMIT_SCOPE)
        return seen if seen in ("key", "account") else None

    def order_scope(self) -> str | None:
        """Whose stock a sale may allocate, `location` or `all`; None where it is not known."""
        seen = self.value(ORDER_SCOPE)
        return seen if seen in ("location", "all") else None

    def availability_age(self) -> int | None:
        """How old availability may be, in seconds; None where it is not known."""
        return _AGES.get(self.value(AVAILABILITY_AGE) or "")

    def trail(self) -> bool | None:
        """Whether lists tell of stock documents as expected; None where they were not asked."""
        seen = {name: self.value(name) for name in _TRAIL}
        if not any(seen.values()):
            return None
        return all(
            seen[name] == expected or (name in _OF_SOME and seen[name] is None)
            for name, expected in _TRAIL.items()
        )

    def as_yaml(self) -> str:
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def load_profile(path: Path) -> Profile:
    """The profile in a YAML file.

    Raises:
        ConfigurationError: the file is missing, or is not a profile.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Profile.model_validate(content)
    except OSError as error:
        raise ConfigurationError(
            f"Cannot read the profile {path}: {error.strerror}. `sfcc-cin7 conformance run` makes"
            " one."
        ) from None
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path} is not valid YAML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"]) or "the whole file"
        raise ConfigurationError(f"{path}: {place}: {first['msg']}") from None


def with_profile(model: Any, profile: Profile) -> Any:
    """An operating model as it was read, with what the profile decides where it is left out."""
    if not isinstance(model, dict):
        return model
    filled = dict(model)
    sites = model.get("sites")
    if isinstance(sites, list):
        decided = profile.site_decisions()
        filled["sites"] = [decided | s if isinstance(s, dict) else s for s in sites]
    stock = model.get("stock", {})
    seen = {
        "settle_seconds": profile.settle_seconds(),
        "order_scope": profile.order_scope(),
        "availability_age": profile.availability_age(),
        "trail": profile.trail(),
    }
    known = {key: value for key, value in seen.items() if value is not None}
    if known and isinstance(stock, dict):
        filled["stock"] = known | stock
    scope, calls = profile.limit_scope(), model.get("calls", {})
    if scope is not None and isinstance(calls, dict):
        filled["calls"] = {"limit_scope": scope} | calls
    return filled
