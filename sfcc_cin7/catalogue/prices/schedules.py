"""When prices are kept: every five minutes, after orders and stock in the ERP's call budget."""

import dagster as dg

from sfcc_cin7.catalogue.prices.assets import keep_prices, price_books
from sfcc_cin7.catalogue.prices.checks import prices_agree, prices_keep_margin
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.arming import when_armed
from sfcc_cin7.runtime.lanes import is_running, lane_tags
from sfcc_cin7.runtime.resources import Erp, Merchant, Store, Storefront
from sfcc_cin7.runtime.telling import evaluated, tell


@dg.op
def keep_and_prove(
    context: dg.OpExecutionContext,
    merchant: Merchant,
    store: Store,
    storefront: Storefront,
    erp: Erp,
) -> None:
    model = merchant.model()
    if not model.prices.books:
        return
    told = keep_prices(model, store, storefront, erp)
    given = {"merchant": merchant, "store": store, "storefront": storefront}
    checks = (prices_agree, prices_keep_margin)
    tell(context, price_books, told, [evaluated(check, **given) for check in checks])


# No asset job: while one waits or runs, its checks show nothing but "Running".
@brands.job(
    executor_def=dg.in_process_executor,
    tags=lane_tags("prices", max_seconds=1800),
    description="Keeps every price book as its tier of the ERP, and proves it.",
)
def keep_price_books() -> None:
    keep_and_prove()


@dg.schedule(
    job=keep_price_books,
    cron_schedule="*/5 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every five minutes, where the operating model names price books.",
)
@when_armed
def keep_price_books_regularly(
    context: dg.ScheduleEvaluationContext, merchant: Merchant
) -> dg.RunRequest | dg.SkipReason:
    if not merchant.model().prices.books:
        return dg.SkipReason("No price book is ours.")
    if is_running(context.instance, keep_price_books.name):
        return dg.SkipReason(f"A run of {keep_price_books.name} still waits or runs.")
    return dg.RunRequest()
