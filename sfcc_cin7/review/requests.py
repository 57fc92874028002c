"""What a person asks of the desk, as the Launchpad and the command line give it.

Every field says what to write. Figures are texts, because run config knows no exact numbers.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import dagster as dg
from pydantic import Field

from sfcc_cin7.inbox.action import ActionRefused, Author
from sfcc_cin7.orders import PASSABLE, Correction

BY = "Who you are: your name or e-mail address. It is kept with what you do."
BECAUSE = "Why you do it. It is kept with what you do."
ORDERS = "Orders by number, or as brand:site:number: alpenglow:alpenglow-uk:00001234."
CODE = "All that wait for this reason, for example sku-unknown."


class RetryOrders(dg.Config):
    """Orders in review go back to be posted."""

    by: str = Field(description=BY, examples=["kim@alpenglow.example"])
    because: str = Field(default="", description=BECAUSE)
    orders: list[str] = Field(default=[], description=ORDERS)
    code: str = Field(default="", description=CODE, examples=["sku-unknown"])


class ReleaseOrders(dg.Config):
    """Orders that something holds go on at once."""

    by: str = Field(description=BY, examples=["kim@alpenglow.example"])
    because: str = Field(description=BECAUSE, examples=["The shopper asked for it on the phone"])
    orders: list[str] = Field(description=ORDERS)


class WaiveItems(dg.Config):
    """Items leave the inbox for a while; what they are about goes on waiting."""

    by: str = Field(description=BY, examples=["kim@alpenglow.example"])
    because: str = Field(description=BECAUSE, examples=["The product is created on Monday"])
    subjects: list[str] = Field(
        default=[],
        description="Orders or other subjects of the inbox, for example sku:NOMAD-TARP-01.",
    )
    code: str = Field(default="", description=f"{CODE} With subjects: only this reason of theirs.")
    until: str = Field(
        default="",
        description="When it ends, in UTC: 2026-03-02 or 2026-03-02T09:00. At most 90 days off.",
    )
    days: int = Field(default=0, description="Instead of `until`: days from now.", ge=0, le=90)


class Corrections(dg.Config):
    """Under which names an order is booked, and what may pass. Money is never corrected."""

    skus: dict[str, str] = Field(
        default={}, description="Storefront SKU: the ERP's SKU that it is booked as."
    )
    tax_rules: dict[str, str] = Field(
        default={},
        description='"GB/20" (percent), "US/CA/7.25", "US/taxed" or "US/untaxed": its tax rule.',
    )
    options: dict[str, str] = Field(
        default={}, description="optionId:optionValueId, or product id: the ERP's Service product."
    )
    payment_accounts: dict[str, str] = Field(
        default={}, description="Storefront payment method: the ERP's account."
    )
    ship_to_country: str = Field(
        default="", description="Country of every shipment, two letters: GB.", examples=["GB"]
    )
    ship_to_address: str = Field(
        default="",
        description="Which of the order's addresses every shipment goes to: billing, a shipment's"
        " id, or storefront (the sale says to look it up there).",
        examples=["billing"],
    )
    rounding_charge: str = Field(
        default="",
        description="The largest rounding charge on one SKU that is accepted, at most 1 %.",
        examples=["25.00"],
    )
    accept: list[str] = Field(
        default=[],
        description=f"Findings that may pass: {', '.join(PASSABLE)}. Payments that may pass are"
        " booked by hand.",
    )


class CorrectOrder(Corrections):
    """One order, or all that wait for one reason, are booked with other names than the storefront
    gave."""

    by: str = Field(description=BY, examples=["kim@alpenglow.example"])
    because: str = Field(description=BECAUSE, examples=["Renamed in the ERP last week"])
    order: str = Field(
        default="",
        description="The order as brand:site:number.",
        examples=["alpenglow:alpenglow-uk:00001234"],
    )
    code: str = Field(default="", description=f"Instead of an order: {CODE}")


class PreviewOrder(Corrections):
    """What would be sent of an order in review, with these corrections; nothing is kept."""

    order: str = Field(
        description="The order as brand:site:number.", examples=["alpenglow:alpenglow-uk:00001234"]
    )


class DeclineOrders(dg.Config):
    """Orders in review are not posted: they are booked by hand, or not at all."""

    by: str = Field(description=BY, examples=["kim@alpenglow.example"])
    because: str = Field(description=BECAUSE, examples=["Booked by hand as SO-01234"])
    orders: list[str] = Field(default=[], description=ORDERS)
    code: str = Field(default="", description=CODE)


def author(by: str, because: str, *, reason_needed: bool = True) -> Author:
    """Who asks. Raises ActionRefused."""
    return Author.of(by, because, reason_needed=reason_needed)


def corrections(request: Corrections) -> list[Correction]:
    """What is to be corrected, one by one."""
    return list(_corrections(request))


def _corrections(request: Corrections) -> Iterator[Correction]:
    mapped: dict[str, Mapping[str, str]] = {
        "sku": request.skus,
        "tax-rule": request.tax_rules,
        "option": request.options,
        "payment-account": request.payment_accounts,
    }
    for kind, names in mapped.items():
        for name, value in names.items():
            yield Correction(kind, str(name).strip(), str(value).strip())
    if request.ship_to_country:
        yield Correction("country", "", request.ship_to_country.strip())
    if request.ship_to_address:
        yield Correction("address", "", request.ship_to_address.strip())
    for code in request.accept:
        yield Correction("accepted", code.strip(), "yes")
    if request.rounding_charge:
        yield Correction("rounding", "", request.rounding_charge.strip())


def end_of_waiver(until: str, days: int, now: datetime) -> datetime:
    """When a waiver ends. Raises ActionRefused unless exactly one way of saying so is used."""
    if bool(until) == bool(days):
        raise ActionRefused("Say when the waiver ends: either `until` a day, or in so many `days`.")
    if days:
        return now + timedelta(days=days)
    try:
        end = datetime.fromisoformat(until)
    except ValueError:
        raise ActionRefused(
            f"{until!r} is no day or time: write 2026-03-02 or 2026-03-02T09:00 (UTC)."
        ) from None
    return end if end.tzinfo else end.replace(tzinfo=UTC)
