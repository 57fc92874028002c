"""What a person can do from the Launchpad: each job is prefilled with an example to write over."""

from collections.abc import Callable

import dagster as dg

from sfcc_cin7.inbox.action import ActionRefused
from sfcc_cin7.review import acting, assets
from sfcc_cin7.review.checks import review_backlog
from sfcc_cin7.review.requests import (
    CorrectOrder,
    DeclineOrders,
    PreviewOrder,
    ReleaseOrders,
    RetryOrders,
    WaiveItems,
)
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.lanes import FOR_PEOPLE, lane_tags
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.telling import evaluated, tell
from sfcc_cin7.values.examples import Examples

TAGS = lane_tags("review", priority=FOR_PEOPLE)
AN_ORDER = "alpenglow:alpenglow-uk:00001234"
YOU = "your name"


@dg.op
def look(context: dg.OpExecutionContext, merchant: Merchant, store: Store) -> None:
    shown = assets.look(merchant.model(), store)
    said = evaluated(review_backlog, merchant=merchant, store=store)
    tell(context, assets.review_inbox, shown, [said])


# No asset job: while one waits or runs, its check shows nothing but "Running".
@brands.job(
    tags=TAGS,
    executor_def=dg.in_process_executor,
    description="Lets go on what can, and shows what waits for a person.",
)
def look_at_inbox() -> None:
    look()


def told(context: dg.OpExecutionContext, act: Callable[[], list[str]]) -> list[str]:
    """Do it and tell what became of it; what was refused ends the run with one sentence."""
    try:
        said = act()
    except ActionRefused as refused:
        raise dg.Failure(description=str(refused), allow_retries=False) from None
    done = Examples()
    for sentence in said:
        done.add(sentence)
    context.log.info(str(done))
    context.add_output_metadata({"done": "\n".join(said)})
    return said


@dg.op
def retry(context: dg.OpExecutionContext, config: RetryOrders, store: Store) -> list[str]:
    return told(context, lambda: acting.retry_orders(store.engine, store.clock, config))


@dg.op
def release(context: dg.OpExecutionContext, config: ReleaseOrders, store: Store) -> list[str]:
    return told(context, lambda: acting.release_orders(store.engine, store.clock, config))


@dg.op
def waive(context: dg.OpExecutionContext, config: WaiveItems, store: Store) -> list[str]:
    return told(context, lambda: acting.waive_items(store.engine, store.clock, config))


@dg.op
def correct(
    context: dg.OpExecutionContext, config: CorrectOrder, merchant: Merchant, store: Store
) -> list[str]:
    model = merchant.model()
    return told(context, lambda: acting.correct_order(store.engine, store.clock, model, config))


@dg.op
def preview(
    context: dg.OpExecutionContext, config: PreviewOrder, merchant: Merchant, store: Store
) -> list[str]:
    model = merchant.model()
    return told(context, lambda: acting.preview_order(store.engine, store.clock, model, config))


@dg.op
def decline(context: dg.OpExecutionContext, config: DeclineOrders, store: Store) -> list[str]:
    return told(context, lambda: acting.decline_orders(store.engine, store.clock, config))


@brands.job(
    tags=TAGS,
    executor_def=dg.in_process_executor,
    config=dg.RunConfig(ops={"retry": RetryOrders(by=YOU, because="", orders=[AN_ORDER])}),
    description=(
        "Sends orders in review back to be posted: some by their keys, or (`code`) all that wait"
        " for one reason. Posting reads them anew and looks first at what the ERP holds."
    ),
)
def retry_orders() -> None:
    retry()


@brands.job(
    tags=TAGS,
    executor_def=dg.in_process_executor,
    config=dg.RunConfig(ops={"release": ReleaseOrders(by=YOU, because="why", orders=[AN_ORDER])}),
    description=(
        "Lets orders go on that a hold, a window, their shopper's sequence or a waived finding"
        " holds. All of them or, if one cannot, none."
    ),
)
def release_orders() -> None:
    release()


@brands.job(
    tags=TAGS,
    executor_def=dg.in_process_executor,
    config=dg.RunConfig(
        ops={"waive": WaiveItems(by=YOU, because="why", subjects=[AN_ORDER], code="", days=1)}
    ),
    description=(
        "Takes items out of the inbox until a day, by subject, by code, or both. The orders"
        " themselves go on waiting, and they come back when the cause is still there then."
    ),
)
def waive_items() -> None:
    waive()


@brands.job(
    tags=TAGS,
    executor_def=dg.in_process_executor,
    config=dg.RunConfig(
        ops={
            "correct": CorrectOrder(
                by=YOU, because="why", order=AN_ORDER, skus={"SKU-OF-THE-SHOP": "SKU-OF-THE-ERP"}
            )
        }
    ),
    description=(
        "Books an order in review, or (`code`) all that wait for one reason, under other names:"
        " SKUs, tax rules, options, payment accounts, the country, the address, a rounding or a"
        " finding that is accepted. The result is checked like any order before it is kept; what"
        " the shopper paid cannot be corrected."
    ),
)
def correct_order() -> None:
    correct()


@brands.job(
    tags=TAGS,
    executor_def=dg.in_process_executor,
    config=dg.RunConfig(ops={"preview": PreviewOrder(order=AN_ORDER)}),
    description=(
        "Shows the sale that would be sent of an order in review, with these corrections, and what"
        " Cin7 would have to answer. Nothing is kept or sent."
    ),
)
def preview_order() -> None:
    preview()


@brands.job(
    tags=TAGS,
    executor_def=dg.in_process_executor,
    config=dg.RunConfig(
        ops={"decline": DeclineOrders(by=YOU, because="booked by hand", orders=[AN_ORDER])}
    ),
    description=(
        "Gives orders in review up for good: some by their keys, or (`code`) all that wait for one"
        " reason. They are booked by hand or not at all, and nothing is sent."
    ),
)
def decline_orders() -> None:
    decline()
