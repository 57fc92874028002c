"""How the figure of one SKU in one list comes about, from the shelves to the storefront.

It reads and changes nothing. The decision is made anew with the code that publishes; only whether
orders are missing that would hold the reset date back is not asked of the storefront.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Engine

from sfcc_cin7.db import levels
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.stock.deciding.allocation import counted, supply
from sfcc_cin7.stock.deciding.backorders import backordered
from sfcc_cin7.stock.deciding.clocks import shift
from sfcc_cin7.stock.deciding.offering import SkuState
from sfcc_cin7.stock.deciding.old_readings import fallen
from sfcc_cin7.stock.deciding.plan import ListState, decide_sku, split
from sfcc_cin7.stock.publishing.gathering import ListDeciding
from sfcc_cin7.stock.publishing.writers.factory import shelf_of
from sfcc_cin7.stock.records import offers
from sfcc_cin7.stock.records.holds import held
from sfcc_cin7.stock.showing.not_sold import not_sold
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.backorder import Backorder
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.money import ZERO
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7.values.wording import plain

Line = tuple[str, str]


def explain(
    engine: Engine, shop: SfccClient, model: OperatingModel, clock: Clock, list_id: str, sku: str
) -> Iterator[Line]:
    """What is known and decided, as (what, figure), in the order in which it comes about.

    Raises:
        ConfigurationError: there is no such list, or stock was never read.
        ApiError: the storefront could not be read.
    """
    policy = next((each for each in model.inventory_lists if each.id == list_id), None)
    if policy is None:
        known = ", ".join(each.id for each in model.inventory_lists)
        raise ConfigurationError(f"There is no inventory list {list_id!r}; there are: {known}.")
    with engine.connect() as connection:
        snapshot = levels.last_snapshot(connection, believed=True)
        rows = levels.levels_of(connection, sku, policy.locations)
        known_told = offers.told(connection, list_id, [sku]).get(sku)
        unsold = not_sold(connection, sku, model.stock.kits)
        elsewhere = levels.elsewhere(connection, sku, policy.locations)
        holding = held(connection, list_id)
    if snapshot is None:
        raise ConfigurationError("The stock was never read, or no reading was believed.")
    described = shop.inventory_list(list_id)
    record = shelf_of(policy.writer, shop).inventory_record(list_id, sku)
    now = clock.now()
    ahead = shift(shop.remote_clock.ahead)
    deciding = ListDeciding(engine, model, policy, snapshot, ahead)
    shown = {sku: record.reset_at} if record and record.reset_at else {}
    states = deciding.states_of(sku, shown)
    settled = snapshot.started_at - ahead - timedelta(seconds=model.stock.settle_seconds)
    where = ListState(described.on_order_enabled, settled)
    words = wording(model)

    yield "list", f"{list_id}, {'with' if where.on_order else 'without'} on-order inventory"
    yield "read", f"{words.second(deciding.read_at(sku))}, the last believed reading of it"
    for row in rows:
        yield (
            f"in {row.location}",
            f"{plain(row.available)} available ({plain(row.on_hand)} on hand,"
            f" {plain(row.allocated)} allocated), {plain(row.on_order)} on order"
            + (f" for {row.arrives_at:%Y-%m-%d}" if row.arrives_at else "")
            + (f"; {plain(row.not_for_sale)} not for sale" if row.not_for_sale else ""),
        )
    if not rows:
        yield "in its locations", "no level was ever read"
    if elsewhere:
        yield "elsewhere", ", ".join(f"{plain(units)} in {name}" for name, units in elsewhere)
    if unsold is not None:
        yield "decision", f"not sold, because {unsold}"
    else:
        yield from _decided(model, deciding, states, where, sku, now)
    if holding is not None:
        yield "list is held", holding.sentence
    if known_told:
        told = _told(known_told.allocation, known_told.backorder)
        yield "told last", f"{told}, true at {words.second(known_told.reset_at)}"
    else:
        yield "told last", "nothing"
    if record is None:
        yield "storefront shows", "no record"
    else:
        shows = _told(record.allocation, record.backorder)
        ats = "without end (perpetual)" if record.perpetual else plain(record.ats)
        at = words.second(record.reset_at) if record.reset_at else "no date"
        yield (
            "storefront shows",
            f"{ats} for sale: {shows}, true at {at}, less"
            f" {plain(record.turnover)} sold since and {plain(record.on_order)} on order",
        )


def _decided(
    model: OperatingModel,
    deciding: ListDeciding,
    states: dict[str, SkuState],
    where: ListState,
    sku: str,
    now: datetime,
) -> Iterator[Line]:
    state, kits, words = states[sku], model.stock.kits, wording(model)
    offered = deciding.offers(states, now).get(sku)
    reset_at = state.told.reset_at if state.told else where.settled
    on_its_way = ZERO if state.available is None else -supply(ZERO, state.orders, state.as_of)
    yield (
        "orders in flight",
        f"{plain(on_its_way)} units that the reading does not know of,"
        f" {plain(counted(state.orders, on_order=where.on_order, reset_at=reset_at))} that the"
        f" storefront subtracts by itself, of {len(state.orders)} orders",
    )
    if taken := fallen(state.falls, state.as_of):
        yield "documents", f"took {plain(taken)} units that the reading may not show"
    if sku in kits:
        parts = ", ".join(f"{plain(each)} {name}" for name, each in kits[sku].components.items())
        yield "kit", f"of {parts}, which may use {plain(kits[sku].percent)} percent of each"
    if components := deciding.components(sku):
        parts = ", ".join(f"{plain(each)} {name}" for name, each in components.items())
        percent = plain(model.stock.assembled_percent)
        yield (
            "assembled",
            f"of {parts} where an order lacks it; {percent} percent of each are for such products",
        )
    if offered is None:
        yield "decision", "its stock is not known: what was told last stays"
        return
    yield "supply", plain(offered.supply)
    yield "rule", f"{offered.rule}, which leaves {plain(offered.there)}"
    if offered.is_ours:
        behind = backordered(state.waiting, state.as_of)
        coming = state.coming
        what = "nothing may be promised"
        if offered.promised and offered.promised.expected_at:
            day = offered.promised.expected_at
            what = f"{plain(offered.promised.units)} may be promised for {day:%Y-%m-%d}"
        yield (
            "on the way",
            f"{plain(coming.units)} on order, {plain(behind)} backordered already: {what}",
        )
    yield "to be offered", plain(max(ZERO, offered.units))
    decision, reset_at, waits = decide_sku(state, offered, where)
    if decision.publish is not None:
        units, backorder = split(decision.publish, state, offered, where.on_order, reset_at)
        yield "decision", f"publish {_told(units, backorder)}, true at {words.second(reset_at)}"
    elif waits:
        yield "decision", "a correction waits until the reading is later than the record's date"
    elif decision.rise_seen is not None:
        yield "decision", f"a rise of {plain(decision.rise_seen)} waits for a second reading"
    else:
        yield "decision", "nothing: what was told last offers just that"


def _told(units: Decimal, backorder: Backorder | None) -> str:
    text = f"{plain(units)} allocated"
    if backorder is None or backorder.handling == "none":
        return text
    day = f" for {backorder.expected_at:%Y-%m-%d}" if backorder.expected_at else ""
    return f"{text} and {plain(backorder.units)} as {backorder.handling}{day}"
