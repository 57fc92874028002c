"""The run that is always there and keeps the books: payouts, postings and breaks, margins."""

from typing import Any

import dagster as dg

from sfcc_cin7.db.erp_documents import not_taken
from sfcc_cin7.db.residents import Residency
from sfcc_cin7.ledger.assets import of_the_pass, order_ledger, reconciled
from sfcc_cin7.ledger.bank_assets import bank_statements, read_statements
from sfcc_cin7.ledger.books import books, books_agree, open_breaks_shown, together
from sfcc_cin7.ledger.checks import (
    balanced,
    each_once,
    events_are_untampered,
    money_agrees,
    nothing_missing_or_doubled,
    payouts_agree,
    postings_sum_to_zero,
    totals_and_tax_agree,
)
from sfcc_cin7.ledger.close_checks import bank_agrees
from sfcc_cin7.ledger.goods_check import goods_agree
from sfcc_cin7.ledger.margin_assets import gross_margin, weigh_margins
from sfcc_cin7.ledger.margin_checks import margins_plausible
from sfcc_cin7.ledger.passes.sales_image import (
    LEDGER,
    follow_sales,
    take_sales,
    with_the_rest,
)
from sfcc_cin7.ledger.payout_assets import payouts, read_payouts
from sfcc_cin7.ledger.sights import RECONCILING, SETTLING, WEIGHING
from sfcc_cin7.ledger.tax_checks import tax_rules_agree
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.partitions import todays
from sfcc_cin7.runtime.passes import Pass, in_passes
from sfcc_cin7.runtime.places import PlaceSettings
from sfcc_cin7.runtime.resident import BOOKS, keep_resident_regularly, reside
from sfcc_cin7.runtime.resources import Erp, Merchant, Payouts, Store
from sfcc_cin7.runtime.telling import evaluated, evaluation, say, tell
from sfcc_cin7.systems.cin7 import changes
from sfcc_cin7.systems.cin7.kinds import SALE


@dg.op(description="Stands by until it is its turn, then reconciles, and weighs margins.")
def keep_books_up_to_date(
    context: dg.OpExecutionContext, merchant: Merchant, store: Store, erp: Erp, reports: Payouts
) -> None:
    read = 0
    """Sales, since it was last told."""
    settled: dict[str, Any] | None = None
    """What is shown of payouts, until it was told."""

    def settle() -> None:
        nonlocal settled
        settled = read_payouts(merchant.model(), store, reports)
        banked = read_statements(merchant.model(), store, reports)
        said = [evaluated(bank_agrees, merchant=merchant, store=store)]
        tell(context, bank_statements, banked, said)

    def has_to_follow() -> bool:
        return changes.is_due(store.engine, SALE, store.clock)

    def follow() -> None:
        nonlocal read
        model = merchant.model()
        turn = follow_sales(store.engine, erp.client("changes"), model, store.clock)
        read += turn.read

    def has_to_take() -> bool:
        with store.engine.connect() as connection:
            return not_taken(connection, SALE.name, LEDGER, most=1) > 0

    def take() -> None:
        take_sales(store.engine, merchant.model())

    def reconcile() -> None:
        nonlocal read, settled
        model, keys = merchant.model(), todays(store.clock.now())
        if not keys:  # the merchant's first day is still to come
            return
        reading, read = with_the_rest(store.engine, read), 0
        shown = {key: reconciled(model, store, key, reading) for key in keys}
        whole = of_the_pass(store, reading)
        for key in keys[:-1]:
            tell(context, order_ledger, {**shown[key], **whole}, partition=key)
        looked_at = (keys[0], keys[-1])
        said = [
            evaluation(totals_and_tax_agree, money_agrees(merchant, store, looked_at)),
            evaluation(nothing_missing_or_doubled, each_once(merchant, store, looked_at)),
            evaluation(postings_sum_to_zero, balanced(merchant, store, looked_at)),
            evaluated(events_are_untampered, merchant=merchant, store=store),
            evaluated(tax_rules_agree, merchant=merchant, store=store),
            evaluated(goods_agree, merchant=merchant, store=store),
        ]
        if PlaceSettings().payouts:
            agree = [evaluated(payouts_agree, merchant=merchant, store=store)]
            if settled is None:
                say(context, agree)
            else:  # only now are its lines matched, and a materialization alone hides the verdict
                tell(context, payouts, settled, agree)
                settled = None
        tell(context, order_ledger, {**shown[keys[-1]], **whole}, said, partition=keys[-1])
        altogether = together(said, model, store.clock.now())
        tell(context, books, open_breaks_shown(model, store), [evaluation(books_agree, altogether)])

    def weigh() -> None:
        told = weigh_margins(merchant.model(), store)
        checks = [evaluated(margins_plausible, merchant=merchant, store=store)]
        tell(context, gross_margin, told, checks)

    def work(here: Residency) -> None:
        passes = [
            Pass("Reading what changed in the ERP", follow, is_due=has_to_follow),
            # the lane of shipments reads them too, and more often
            Pass("Taking what was read", take, is_due=has_to_take),
            Pass("Reconciling", reconcile, every=RECONCILING),
            Pass("Weighing margins", weigh, every=WEIGHING),
        ]
        if PlaceSettings().payouts:
            passes.insert(0, Pass("Reading payouts", settle, every=SETTLING))
        in_passes(here, context, store.engine, store.clock, passes, between_looks=1)

    reside(store.engine, store.clock, BOOKS, context.run_id, work)


@brands.job(
    executor_def=dg.in_process_executor,
    tags=BOOKS.tags(),
    description=(
        "Reads payouts, reconciles and weighs margins every few minutes, for a quarter of an hour;"
        " then the next run goes on. It is started by `keep_books_regularly`; more than one do no"
        " harm."
    ),
)
def keep_books() -> None:
    keep_books_up_to_date()


keep_books_regularly = keep_resident_regularly(
    "keep_books_regularly",
    keep_books,
    BOOKS,
    "Sees to it every minute that a run is there which keeps the books.",
    lambda _model, _store: None,
)
