"""The merchant's decisions about customer cards in the ERP."""

from typing import Annotated, Literal

from pydantic import Field

from sfcc_cin7.merchant.policy import Name, Policy


class ShopperCards(Policy):
    """A Cin7 customer for each registered shopper, and what a new one is given.

    Cin7 wants a term, two accounts and a tax rule on every card, and all of them must exist. The
    currency is the site's, because a sale takes its customer's.
    """

    payment_term: Name
    account_receivable: Annotated[str, Field(min_length=1, max_length=50)]
    """Code of the accounts receivable account."""
    revenue_account: Annotated[str, Field(min_length=1, max_length=50)]
    """Code of a revenue account."""
    tax_rule: Annotated[str, Field(min_length=1, max_length=50)]
    price_tier: Annotated[str, Field(min_length=1, max_length=50)] | None = None
    location: Name | None = None
    sales_representative: Name | None = None
    customer_list: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """The storefront's customer list, where sites share one; else the site has its own shoppers."""
    guests: Literal["shared", "card"] = "shared"
    """Whether a guest who has a customer number gets a card too; one without never does."""
    names: bool = False
    """Whether the shopper's name may be the card's DisplayName."""
