"""What a person does at the month's end from the Launchpad: close a month, or open it again."""

import dagster as dg
from pydantic import Field

from sfcc_cin7.ledger.close_assets import (
    deferred_revenue,
    gateway_roll_forward,
    gift_certificate_liability,
    margin_by_month,
    tax_by_place,
)
from sfcc_cin7.ledger.periods.closing import NOBODY
from sfcc_cin7.ledger.periods.closing import close_month as close
from sfcc_cin7.ledger.periods.closing import reopen_month as reopen
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.lanes import FOR_PEOPLE, lane_tags
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.values.problems import ConfigurationError

TAGS = lane_tags("month_end", priority=FOR_PEOPLE)


class Closing(dg.Config):
    """A month (YYYY-MM) of the merchant's zone, who closes or opens it, and why."""

    month: str
    author: str = Field(min_length=1)
    reason: str = ""


EXAMPLE = Closing(month="2026-01", author=NOBODY, reason="why")


def _refused(error: ConfigurationError) -> dg.Failure:
    return dg.Failure(description=str(error), allow_retries=False)


@dg.op(description="Closes a month of the books, if nothing is in the way.")
def close_the_month(
    context: dg.OpExecutionContext, config: Closing, merchant: Merchant, store: Store
) -> None:
    try:
        close(
            store.engine, merchant.model(), store.clock, config.month, config.author, config.reason
        )
    except ConfigurationError as error:
        raise _refused(error) from None
    context.add_output_metadata({"closed": config.month})


@dg.op(description="Opens the last closed month again.")
def open_the_month_again(context: dg.OpExecutionContext, config: Closing, store: Store) -> None:
    try:
        reopen(store.engine, store.clock, config.month, config.author, config.reason)
    except ConfigurationError as error:
        raise _refused(error) from None
    context.add_output_metadata({"open again": config.month})


@brands.job(
    tags=TAGS,
    executor_def=dg.in_process_executor,
    config=dg.RunConfig(ops={"close_the_month": EXAMPLE}),
    description=(
        "Closes a month: what comes later for it is posted in the open one. Refused with a"
        " sentence while a report is not final, the month is not over or one before it is open."
    ),
)
def close_month() -> None:
    close_the_month()


@brands.job(
    tags=TAGS,
    executor_def=dg.in_process_executor,
    config=dg.RunConfig(ops={"open_the_month_again": EXAMPLE}),
    description="Opens the last closed month again, with who and why.",
)
def reopen_month() -> None:
    open_the_month_again()


report_month = brands.asset_job(
    "report_month",
    selection=[
        gateway_roll_forward,
        tax_by_place,
        gift_certificate_liability,
        deferred_revenue,
        margin_by_month,
    ],
    tags=TAGS,
    description="The reports of a month; without a month in the Launchpad, of the one before this.",
)
