"""A sale in the making: the order, the merchant's decisions, and what stands against it so far."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sfcc_cin7.merchant.operating_model import SitePolicy
from sfcc_cin7.order_document.model import Order
from sfcc_cin7.order_document.reason import Reason
from sfcc_cin7.orders.translation.ship_to import destination
from sfcc_cin7.orders.translation.tax import Taxed, attribute, tax_rule
from sfcc_cin7.values.money import ZERO, quantum


@dataclass
class Draft:
    """What every part of the translation reads, and where it says why it cannot go on.

    `known_rules` are the names of the ERP's tax rules; None leaves their existence to the ERP.
    `rounding` is the largest rounding of one SKU where a person has accepted one. `services` are
    the SKUs that the ERP keeps as Service products, with their Names.
    """

    order: Order
    site: SitePolicy
    known_rules: Collection[str] | None
    rounding: Decimal | None = None
    services: Mapping[str, str] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)

    @property
    def step(self) -> Decimal:
        """The smallest amount of the order's currency."""
        return quantum(self.order.currency)

    def refuse(
        self, code: str, sentence: str, expected: object = None, actual: object = None
    ) -> None:
        """Note a reason; the order will not be booked, but further reasons are still looked for."""
        figures = [None if figure is None else str(figure) for figure in (expected, actual)]
        self.reasons.append(Reason(code, sentence, *figures))

    def rule(self, rate: Decimal, shipment_id: str) -> str:
        """The tax rule for a rate where a shipment goes; empty once the order is refused."""
        address = destination(self.order, shipment_id)
        rule = tax_rule(self.site, address, rate)
        if rule is None:
            country = address.country or self.site.country
            place = f"{country}/{address.state}" if address.state else country
            percent = f"{(rate * 100).normalize():f} %"
            sentence = f"The operating model maps no tax rule to {percent} in {place}."
            self.refuse("tax-rule-unmapped", sentence)
            return ""
        if self.known_rules is not None and rule not in self.known_rules:
            self.refuse("tax-rule-unknown", f"Cin7 has no tax rule {rule!r}.")
        return rule

    def attribute(self, total: Decimal, parts: Sequence[Taxed], what: str) -> list[Decimal]:
        """The tax of each part, adding up to what the storefront states in total."""
        taxes = attribute(total, parts, self.order.taxation, self.step)
        if taxes is None:
            sentence = f"The {what} tax does not fit within the prices it is charged on."
            self.refuse("tax-not-attributable", sentence, actual=total)
            return [ZERO] * len(parts)
        return taxes
