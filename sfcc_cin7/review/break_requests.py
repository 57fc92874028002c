"""What a person asks about breaks between the books, as the Launchpad gives it."""

import dagster as dg
from pydantic import Field

from sfcc_cin7.review.requests import BECAUSE, BY

NUMBERS = "Numbers of breaks, as `books` and `sfcc-cin7 breaks list` show them."


class DecideBreaks(dg.Config):
    """Open breaks, all of them or, if one cannot, none."""

    by: str = Field(description=BY, examples=["kim@alpenglow.example"])
    because: str = Field(description=BECAUSE, examples=["A cent of the bank's rounding"])
    breaks: list[int] = Field(description=NUMBERS, examples=[[17]])


class MatchLine(dg.Config):
    """The settlement line that a break is about belongs to an order."""

    by: str = Field(description=BY, examples=["kim@alpenglow.example"])
    because: str = Field(description=BECAUSE, examples=["The gateway told us on the phone"])
    number: int = Field(description="The break's number.", examples=[17])
    order: str = Field(
        description="The order by number, or as brand:site:number.",
        examples=["alpenglow:alpenglow-uk:00001234"],
    )


class UndoDecision(dg.Config):
    """A decision about a break is taken back."""

    by: str = Field(description=BY, examples=["kim@alpenglow.example"])
    because: str = Field(description=BECAUSE, examples=["It was another payment"])
    decision: int = Field(description="Its number, as it was told when it was made.", examples=[3])


class ExportBreaks(dg.Config):
    """Breaks as files, to work on elsewhere."""

    state: str = Field(default="open", description="open, closed or all.")
    code: str = Field(default="", description="Only this cause: payout-amount.")
    owner: str = Field(default="", description="Only what this owner is asked about.")
    month: str = Field(default="", description="Only breaks of this month: 2026-03.")


class SignMonth(dg.Config):
    """A month's books are signed, with the list of what was open."""

    by: str = Field(description=BY, examples=["kim@alpenglow.example"])
    because: str = Field(description=BECAUSE, examples=["Reviewed with the bank's statements"])
    month: str = Field(description="The month, which is over: 2026-03.", examples=["2026-03"])
