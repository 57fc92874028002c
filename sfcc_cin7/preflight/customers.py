"""Whether the ERP has what the operating model says about customers; a sentence for each lack."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sfcc_cin7.merchant.operating_model import OperatingModel, ShopperCards, SitePolicy
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.documents import Account, Customer


@dataclass(frozen=True)
class ReferenceBooks:
    """What a new customer may name; names are compared without case, as Cin7 does."""

    terms: Collection[str]
    tax_rules: Collection[str]
    price_tiers: Collection[str]
    locations: Collection[str]
    accounts: Sequence[Account]


def customer_problems(erp: Cin7Client, model: OperatingModel) -> Iterator[str]:
    """Asks Cin7 for each site's customer, and for its books where a site gives shoppers cards.

    Raises:
        ApiError: Cin7 could not be asked.
    """
    sites = [each for site in model.sites for each in site.in_each_currency]
    for site in sites:
        found = erp.customers(site.customer, include_deprecated=True)
        yield from shared_customer_problems(site, found)
    with_cards = [(site, site.shopper_cards) for site in sites if site.shopper_cards]
    if not with_cards:
        return
    books = ReferenceBooks(
        terms=[term.name for term in erp.payment_terms() if term.active],
        tax_rules=[rule.name for rule in erp.tax_rules() if rule.active and rule.for_sale],
        price_tiers=[tier.name for tier in erp.price_tiers()],
        locations=[
            place.name
            for place in erp.locations()
            if place.parent_id is None and not place.deprecated
        ],
        accounts=erp.accounts(),
    )
    for site, cards in with_cards:
        for problem in card_problems(cards, books):
            yield f"site {site.id}: shopper_cards: {problem}"


def shared_customer_problems(site: SitePolicy, found: Sequence[Customer]) -> Iterator[str]:
    """What keeps a sale from being booked to the site's shared customer."""
    if not found:
        yield f"site {site.id}: Cin7 has no customer {site.customer!r}: create it."
    for customer in found:
        if customer.status != "Active":
            yield f"site {site.id}: customer {site.customer!r} is {customer.status} in Cin7."
        if customer.currency != site.currency:
            yield (
                f"site {site.id}: customer {site.customer!r} has currency {customer.currency},"
                f" but the site sells in {site.currency}, and a sale takes its customer's."
            )


def card_problems(cards: ShopperCards, books: ReferenceBooks) -> Iterator[str]:
    """What Cin7 would refuse of a new shopper's card. Sales representatives cannot be listed."""
    for what, name, known in (
        ("active payment term", cards.payment_term, books.terms),
        ("active sale tax rule", cards.tax_rule, books.tax_rules),
        ("price tier", cards.price_tier, books.price_tiers),
        ("warehouse", cards.location, books.locations),
    ):
        if name is not None and name.casefold() not in {each.casefold() for each in known}:
            yield f"Cin7 has no {what} {name!r}."
    accounts = {account.code: account for account in books.accounts if account.status == "ACTIVE"}
    receivable = accounts.get(cards.account_receivable)
    if receivable is None or receivable.system_account_code != "DEBTORS":
        yield f"{cards.account_receivable!r} is no accounts receivable account of Cin7."
    revenue = accounts.get(cards.revenue_account)
    if revenue is None or revenue.type != "REVENUE":
        yield f"{cards.revenue_account!r} is no revenue account of Cin7."
