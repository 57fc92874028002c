"""Where Cin7 Core is, and who asks."""

import hashlib
from typing import Literal

from pydantic import BaseModel, ConfigDict, SecretStr

Purpose = Literal["orders", "stock-now", "stock", "shipments", "stock-up", "catalogue", "reconcile"]
"""What a call is for; the first of these comes first when calls are scarce."""


class Cin7Connection(BaseModel):
    """One Cin7 Core company (Cin7 API reference, Authentication).

    The call limit is per application key, so a merchant who creates a second API application for
    orders gives them a budget of their own.
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

    def application(self, purpose: Purpose) -> str:
        """Which call budget a purpose draws on: a hash of its key, safe to store and to show."""
        return hashlib.sha256(self.key(purpose).encode()).hexdigest()[:12]

    @property
    def one_budget(self) -> bool:
        """Whether orders draw on the same call budget as everything else."""
        return self.application("orders") == self.application("stock")
