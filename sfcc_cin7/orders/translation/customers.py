"""Which Cin7 customer an order belongs to, and the card of a shopper who has none yet.

Cin7 has no external id on customers, but a card's Name is unique and its DisplayName need not be
(Cin7 API reference, Customer). So the Name of a shopper's card is a key, and two people of one name
are never taken for each other. A card holds no address and no contact: those belong to the sale.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sfcc_cin7.merchant.operating_model import ShopperCards, SitePolicy
from sfcc_cin7.order_document.model import Order
from sfcc_cin7.order_document.reason import Reason
from sfcc_cin7.orders.translation.text import fit

NAME_LENGTH = 256


@dataclass(frozen=True)
class Card:
    """A customer card as Cin7 shows it."""

    id: str
    status: str
    currency: str


def card_name(order: Order, site: SitePolicy, brand: str) -> str | None:
    """The Name of the shopper's own card, or None where the site's shared customer buys.

    `<brand>:<customer list or site>:<customerNo>`: a customer number is unique within its list. A
    guest may carry a number too, but need not keep it; only `guest` of the order's CustomerInfo
    tells them apart (Orders API), so an order that does not say is taken for a guest's.
    """
    policy = site.shopper_cards
    if policy is None or not order.customer_no:
        return None
    if not order.registered and policy.guests == "shared":
        return None
    return f"{brand}:{policy.customer_list or site.id}:{order.customer_no}"


def misfit(name: str) -> Reason | None:
    """Why Cin7 could not hold this Name as it is, if it could not."""
    if fit(name, NAME_LENGTH) == name:
        return None
    sentence = "The shopper's customer number does not fit into the Name of a Cin7 customer."
    return Reason("reference-too-long", sentence)


def card_document(
    name: str, order: Order, site: SitePolicy, policy: ShopperCards
) -> dict[str, object]:
    """The body of POST /customer for a shopper's first order."""
    shown = fit(order.customer_name or order.billing.name, NAME_LENGTH) if policy.names else ""
    document = {
        "Name": name,
        "DisplayName": shown,
        "Status": "Active",
        "Currency": site.currency,
        "PaymentTerm": policy.payment_term,
        "AccountReceivable": policy.account_receivable,
        "RevenueAccount": policy.revenue_account,
        "TaxRule": policy.tax_rule,
        "PriceTier": policy.price_tier,
        "Location": policy.location,
        "SalesRepresentative": policy.sales_representative,
    }
    return {key: value for key, value in document.items() if value}


def unusable(name: str, cards: Sequence[Card], site: SitePolicy) -> list[Reason]:
    """Why no sale can be booked to the cards that were found under this Name; at least one was."""
    if len(cards) > 1:
        sentence = f"The ERP has {name} more than once: merge the cards."
        ids = ", ".join(card.id for card in cards)
        return [Reason("duplicate-customer", sentence, "1 card", ids)]
    [card] = cards
    reasons = []
    if card.status != "Active":
        sentence = f"Customer {name} is not active in the ERP: activate it."
        reasons.append(Reason("customer-deprecated", sentence, "Active", card.status))
    if card.currency != site.currency:
        sentence = f"A sale takes its customer's currency, and {name} has another than the site."
        code = "customer-currency-mismatch"
        reasons.append(Reason(code, sentence, site.currency, card.currency))
    return reasons
