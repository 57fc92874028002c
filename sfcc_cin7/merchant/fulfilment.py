"""How a site's shoppers are told of their parcels, and how soon."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from sfcc_cin7.merchant.policy import Name, Policy

AttributeName = Annotated[str, Field(pattern="^c_[A-Za-z0-9_]{1,254}$")]
"""A custom attribute of orders, as the Orders API names it."""


def _with_a_place(template: str) -> str:
    if "{number}" not in template or not template.startswith("https://"):
        raise ValueError("a carrier's address begins with https:// and has {number} in it")
    return template


CarrierAddress = Annotated[str, AfterValidator(_with_a_place)]


class FulfilmentPolicy(Policy):
    """What a site is told of what has left."""

    told_by: Literal["attributes", "cartridge", "nothing"] = "nothing"
    """How the storefront learns of it: by custom attributes of the order and its shipping status,
    which the Orders API can write; by the merchant's cartridge, which also writes each shipment's
    number and status (`cartridge/`); or not by us, where an order management does."""
    parcels_attribute: AttributeName = "c_cin7Parcels"
    """Where parcels are kept as JSON; text without a limit, defined for orders in Business
    Manager. Of attributes that are not defined the storefront says nothing and keeps nothing."""
    refunds_attribute: AttributeName | None = None
    """Where credit notes that staff made in the ERP are kept as JSON; None: nobody is told."""
    refunds_asked_attribute: AttributeName | None = None
    """Where customer service asks for refunds, as JSON (docs/fulfilment.md); finance is told which
    credit note to book until the ERP has it. None: nobody asks there."""
    external_status: bool = False
    """Whether the external status tells the stage too, after the ERP's order number."""
    partial: bool = True
    """Whether shoppers are told of parcels before everything has left."""
    without_number: bool = True
    """Whether they are told of parcels that have no number yet."""
    carriers: dict[Name, CarrierAddress] = {}
    """A carrier's address for a number, `https://.../{number}`, where the ERP gives none."""


class ShipmentsPolicy(Policy):
    """The rhythm of the lane that tells of shipments."""

    look_seconds: Annotated[float, Field(ge=5, le=60)] = 15.0
    """How often it is looked what changed in the ERP while shipments are awaited."""
    awaited_days: Annotated[int, Field(ge=1, le=365)] = 30
    """For how long after it was posted an order is waited for in this rhythm."""
    lease_seconds: Annotated[float, Field(ge=60, le=900)] = 120.0
    """How long a worker may hold what it tells of: longer than the calls of one order take."""
    late_minutes: Annotated[float, Field(gt=0)] = 5.0
    """What has left and the storefront does not know for so long is a failing check."""
