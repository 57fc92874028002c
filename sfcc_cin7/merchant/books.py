"""The merchant's decisions about the accounting system that journals are exported to."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sfcc_cin7.merchant.policy import Day, Name, Policy


class BooksPolicy(Policy):
    """Which accounting system gets journals, under which accounts, and what it has already."""

    target: Literal["xero", "quickbooks", "generic"]
    """Whose form the files have."""
    accounts: Annotated[dict[Name, Name], Field(min_length=1)]
    """The ledger's accounts by the codes (Xero) or names (QuickBooks) of the books. `due from`
    stands for every account that begins so, where it is not named by itself."""
    settlements: Literal["payout", "day"] = "payout"
    """An entry for each payout, on the day on which it was sent, or one for each day."""
    sales_posted_by_erp: bool = False
    """Cin7 itself posts its sales and credit notes to this accounting system: then journals hold
    what gateways settled, and write-offs, alone."""
    tax_rate: Name | None = None
    """The name of the tax rate that means none, as Xero shows it; tax has an account of its own."""
    dates: Literal["day", "month"] | None = None
    """What stands first in a date; else what the accounting system does by default."""
    since: Day | None = None
    """Days before it are in the books already, and are not exported."""

    @model_validator(mode="after")
    def _xero_wants_a_tax_rate(self) -> "BooksPolicy":
        if self.target == "xero" and self.tax_rate is None:
            raise ValueError("xero needs a tax_rate: the name of the one that means no tax")
        return self
