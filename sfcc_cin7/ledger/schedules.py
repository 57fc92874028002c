"""When the books are brought up to date."""

import dagster as dg

from sfcc_cin7.ledger.assets import order_ledger
from sfcc_cin7.ledger.margin_assets import gross_margin
from sfcc_cin7.ledger.payout_assets import payouts
from sfcc_cin7.runtime.lanes import lane_tags, regularly
from sfcc_cin7.runtime.partitions import todays_runs
from sfcc_cin7.runtime.places import PlaceSettings
from sfcc_cin7.runtime.settings import PAYOUTS

reconcile_day = dg.define_asset_job(
    "reconcile_day",
    selection=dg.AssetSelection.assets(order_ledger),
    executor_def=dg.in_process_executor,
    tags=lane_tags("reconcile"),
    description="Brings the books of a day up to date and says where the systems disagree.",
)


reconcile_regularly = regularly(
    "reconcile_regularly",
    reconcile_day,
    "*/2 * * * *",
    "Today every two minutes, and yesterday too in the first hour of a day.",
    todays_runs,
)

read_payouts = dg.define_asset_job(
    "read_payouts",
    selection=dg.AssetSelection.assets(payouts),
    executor_def=dg.in_process_executor,
    tags=lane_tags("payouts"),
    description="Reads the settlement reports that are new.",
)


def _reports_wanted(_: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    if not PlaceSettings().payouts:
        return dg.SkipReason(f"{PAYOUTS} names no folder or address of settlement reports.")
    return dg.RunRequest()


read_payouts_regularly = regularly(
    "read_payouts_regularly",
    read_payouts,
    "*/5 * * * *",
    "Every five minutes, where the environment says where reports lie.",
    _reports_wanted,
)

weigh_margins = dg.define_asset_job(
    "weigh_margins",
    selection=dg.AssetSelection.assets(gross_margin),
    executor_def=dg.in_process_executor,
    tags=lane_tags("margins"),
    description="Works out the gross margin of the orders that changed.",
)


weigh_margins_regularly = regularly(
    "weigh_margins_regularly",
    weigh_margins,
    "4-59/5 * * * *",
    "Every five minutes, beside the passes of the ledger.",
)
