"""The merchant's decisions about small orders that are posted together."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from sfcc_cin7.merchant.policy import Name, Policy


class NeutralAddress(Policy):
    """Where a sale goes whose goods are not sent from the ERP; Cin7 insists on line and country."""

    company: Annotated[str, Field(max_length=128)] = ""
    line1: Name
    city: str = ""
    state: str = ""
    postcode: Annotated[str, Field(max_length=20)] = ""
    country: Name


class ConsolidationPolicy(Policy):
    """Many small orders of a site become one sale per window, for days beyond the call budget."""

    window_minutes: Annotated[float, Field(gt=0, le=240)] = 10.0
    """How long an order waits for others after its hold."""
    most_orders: Annotated[int, Field(ge=2, le=500)] = 50
    most_lines: Annotated[int, Field(ge=1, le=1000)] = 200
    """Different SKUs of one sale."""
    largest_order: Annotated[Decimal, Field(gt=0)] | None = None
    """An order above this amount (in the site's currency) is posted alone."""
    shipping_methods: list[Name] = []
    """SFCC shipping methods whose orders wait for others (say, click and collect); empty: all."""
    ships_from: Literal["erp", "elsewhere"] = "erp"
    """Who sends the goods. From the ERP, only orders with the very same addressee share a sale; if
    a warehouse outside works from the storefront's orders, the addressee does not matter."""
    address: NeutralAddress | None = None
    """The address of the sales of a site that ships from elsewhere."""

    @model_validator(mode="after")
    def _elsewhere_has_an_address(self) -> "ConsolidationPolicy":
        if self.ships_from == "elsewhere" and self.address is None:
            raise ValueError("address is needed when goods ship from elsewhere")
        return self
