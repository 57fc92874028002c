"""Where Cin7 Core is, and who asks."""

import hashlib
from typing import Literal

from pydantic import BaseModel, ConfigDict, SecretStr

Purpose = Literal[
    "orders", "stock-now", "trail", "stock", "shipments", "stock-up", "catalogue", "changes"
]
"""What a call is for; the first of these comes first when calls are scarce."""

LimitScope = Literal["key", "account"]
"""What Cin7 counts calls of: each application key, or all keys of an account together."""

_OF_AN_ACCOUNT = "account-"


class Cin7Connection(BaseModel):
    """One Cin7 Core company (Cin7 API reference, Authentication).

    A second API application gives orders a budget of their own where the call limit holds for each
    key. Whether it does is disputed: docs/systems/cin7.md.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    url: str
    """Up to and with the version, e.g. `https://inventory.dearsystems.com/ExternalApi/v2`."""
    account_id: str
    application_key: SecretStr
    orders_application_key: SecretStr | None = None

    def key(self, purpose: Purpose) -> str:
        """The application key that a purpose uses."""
        if purpose == "orders" and self.orders_application_key is not None:
            return self.orders_application_key.get_secret_value()
        return self.application_key.get_secret_value()

    @property
    def two_keys(self) -> bool:
        """Whether orders have a key of their own."""
        return self.key("orders") != self.key("stock")

    def budget(self, purpose: Purpose, scope: LimitScope) -> str:
        """Which call budget a purpose draws on, as a name that is safe to store and to show.

        It is a hash of the key, or of the account where all its keys share one budget.
        """
        if scope == "account":
            return f"{_OF_AN_ACCOUNT}{self.account}"
        return _hash(self.key(purpose))

    @property
    def account(self) -> str:
        """The account, as a hash: what two brands share that sell from one company."""
        return _hash(self.account_id.lower())

    def one_budget(self, scope: LimitScope) -> bool:
        """Whether orders draw on the same call budget as everything else."""
        return self.budget("orders", scope) == self.budget("stock", scope)


def scope_of(budget: str) -> LimitScope:
    """What a budget holds for, by its name."""
    return "account" if budget.startswith(_OF_AN_ACCOUNT) else "key"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
