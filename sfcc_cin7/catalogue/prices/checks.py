"""Whether shoppers are asked what the tiers say, and whether that earns what it should."""

import dagster as dg

from sfcc_cin7.catalogue.prices.assets import EVERY, price_books, shown
from sfcc_cin7.catalogue.prices.reading import read_until
from sfcc_cin7.catalogue.prices.showing import (
    MARGIN_COLUMNS,
    MarginState,
    book_states,
    margin_states,
)
from sfcc_cin7.runtime.horizons import seen
from sfcc_cin7.runtime.resources import Merchant, Store, Storefront
from sfcc_cin7.runtime.runbooks import verdict
from sfcc_cin7.runtime.tables import table
from sfcc_cin7.values.horizon import Sight


@dg.asset_check(
    asset=price_books,
    description=(
        "Every price book holds what its tier says: all of it was told, to staging too, nothing was"
        " refused, and what was read back as shoppers see it is the same. What cannot be read is"
        " not green."
    ),
)
def prices_agree(merchant: Merchant, store: Store, storefront: Storefront) -> dg.AssetCheckResult:
    model = merchant.model()
    books = model.prices.books
    with store.engine.connect() as connection:
        states = book_states(connection, books, staging=storefront.staging is not None)
        read = read_until(connection) if books else store.clock.now()
    differing = sum(state.differing for state in states)
    untold = sum(state.untold + state.unstaged for state in states)
    refused = sum(state.refused for state in states)
    unproved = [state.book.id for state in states if not state.is_proved]
    parts = [
        f"{differing:,} are shown otherwise" if differing else "",
        f"{untold:,} are still to be told" if untold else "",
        f"{refused:,} are refused" if refused else "",
        f"not proved by what shoppers see: {', '.join(unproved)}" if unproved else "",
    ]
    wrong = [part for part in parts if part]
    proved, all_ = sum(s.proved for s in states), sum(s.prices for s in states)
    well = f"{proved:,} of {all_:,} prices were read back, and are what the tiers say."
    nothing = "No price book is ours: `prices.books` of the operating model is empty."
    return verdict(
        "prices_agree",
        passed=not wrong,
        horizon=seen(model, store.clock.now(), Sight("price", "prices", read, EVERY)),
        severity=dg.AssetCheckSeverity.ERROR
        if differing or refused
        else dg.AssetCheckSeverity.WARN,
        description=f"Of the prices {'; '.join(wrong)}." if wrong else well if books else nothing,
        metadata=shown(model, states),
    )


@dg.asset_check(
    asset=price_books,
    description=(
        "What shoppers are asked earns at least the margin floor of its price book, or a person"
        " released it."
    ),
)
def prices_keep_margin(merchant: Merchant, store: Store) -> dg.AssetCheckResult:
    model = merchant.model()
    books = model.prices.books
    with store.engine.connect() as connection:
        states = margin_states(connection, books)
        read = read_until(connection) if books else store.clock.now()
    below = sum(state.below for state in states)
    unknown = sum(state.unknown for state in states if state.book.margin_floor is not None)
    sentence = f"{below:,} prices earn less than the floor of their book."
    if not below:
        sentence = "Every price with a known cost earns at least the floor of its book."
        sentence += f" Of {unknown:,} the cost is not known." if unknown else ""
    return verdict(
        "prices_keep_margin",
        passed=not below,
        horizon=seen(model, store.clock.now(), Sight("price", "prices", read, EVERY)),
        description=sentence,
        metadata={"margins": table(MARGIN_COLUMNS, map(_margin_row, states))},
    )


def _margin_row(state: MarginState) -> tuple[str | int, ...]:
    floor = state.book.margin_floor
    return (
        state.book.id,
        state.book.currency,
        state.prices,
        state.unknown,
        "unknown" if state.lowest is None else f"{state.lowest:.1%}",
        "none" if floor is None else f"{floor:.1%}",
        state.below,
        state.released,
    )
