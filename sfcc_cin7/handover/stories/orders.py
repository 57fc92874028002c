"""The story of an order: placed, booked, shipped, settled, and what stands in its way. Pure."""

from collections.abc import Iterator
from datetime import datetime

from sfcc_cin7.handover.stories.facts import Event, OrderFacts, Sale
from sfcc_cin7.handover.stories.story import (
    Story,
    items_told,
    still_open,
    story,
    waits_told,
)
from sfcc_cin7.values.ages import age_in_words
from sfcc_cin7.values.money import figure
from sfcc_cin7.values.states import OrderState, Stage
from sfcc_cin7.values.wording import Wording, plain

LEGS = {
    "captured": "charged by the storefront",
    "captured_tax": "tax of that",
    "booked": "booked in the ERP",
    "booked_tax": "tax of that",
    "due": "due from gateways",
    "settled": "settled by gateways",
}
LEFT = {
    Stage.NOT_SHIPPED: "nothing has left",
    Stage.PART_SHIPPED: "a part has left",
    Stage.SHIPPED: "all of it has left",
}
CANCELLED = "cancelled"


def order_story(facts: OrderFacts, now: datetime, words: Wording) -> Story:
    """Everything that is known of an order at an instant."""
    return story(
        f"Order {words.subject(facts.order.key)}  [{facts.order.key}]",
        _verdict(facts, now, words),
        ("What waits for a person, and what did", items_told(facts.items, now, words)),
        ("In the storefront", _placed(facts, words)),
        ("What happened", (event_told(each, words) for each in facts.events)),
        ("In the ERP", (_sale(each, words) for each in facts.sales)),
        ("Units", (f"{plain(units)} of {sku}" for sku, units in facts.units)),
        ("On its way", _shipped(facts, words)),
        ("Money", _money(facts, words)),
    )


def event_told(event: Event, words: Wording) -> str:
    """One line of the trail."""
    detail = ", ".join(f"{name}: {value}" for name, value in event.detail.items())
    return f"{words.second(event.at)}  {event.kind}" + (f"  {detail}" if detail else "")


def _verdict(facts: OrderFacts, now: datetime, words: Wording) -> str:
    order = facts.order
    placed = f"Placed {words.second(order.created_at)} for {figure(order.total, order.currency)}"
    return f"{placed}; {_state(facts, now, words)}.{_after(facts)}{waits_told(facts.items)}"


def _state(facts: OrderFacts, now: datetime, words: Wording) -> str:
    order = facts.order
    match order.state:
        case OrderState.ACKNOWLEDGED:
            took = ""
            if order.authorised_at is not None:
                lasted = order.authorised_at - order.due_at
                took = f" {age_in_words(max(lasted, lasted * 0), seconds=True)} after it could be"
            return f"in the ERP as {order.sale_number or 'a sale'}{took}"
        case OrderState.IN_REVIEW:
            return "not booked: it waits for a person"
        case OrderState.CANCELLED:
            return "cancelled in the storefront, and in the ERP where it had a sale"
        case OrderState.DECLINED:
            return "declined by a person: nothing is booked by itself"
        case OrderState.BATCHED:
            return f"part of the consolidated sale {words.subject(order.batch_key or '')}"
        case OrderState.POSTING:
            return "being booked right now"
    if order.due_at > now:
        return f"held until {words.second(order.due_at)}"
    if order.next_attempt_at > now:
        return f"tried again {words.second(order.next_attempt_at)}: {order.problem or 'it failed'}"
    return "to be booked next"


def _after(facts: OrderFacts) -> str:
    """What became of it after it was booked."""
    told = []
    if facts.shipment is not None:
        known = "the storefront knows" if facts.shipment.state == "told" else "untold"
        told.append(f"{LEFT[Stage(facts.shipment.stage)]} ({known})")
    if facts.legs_agree is not None:
        told.append("the books agree" if facts.legs_agree else "the books do not agree")
    if not still_open(facts.items) and facts.order.state == OrderState.ACKNOWLEDGED:
        told.append("nothing is open")
    if not told:
        return ""
    sentence = ", ".join(told)
    return f" {sentence[0].upper()}{sentence[1:]}."


def _placed(facts: OrderFacts, words: Wording) -> Iterator[str]:
    order = facts.order
    yield f"status {order.shop_status}; received {words.second(order.received_at)}"
    if order.promise_at is not None:
        yield f"promised to be on its way by {words.instant(order.promise_at)}"
    if order.exported_at is not None:
        yield f"it knows since {words.second(order.exported_at)} that the ERP has the order"
    if order.pruned_at is not None:
        yield f"what was personal in it was forgotten {words.instant(order.pruned_at)}"


def _sale(sale: Sale, words: Wording) -> str:
    total, tax = (figure(each, sale.currency) for each in (sale.total, sale.tax))
    more = f", {plain(sale.backordered)} units backordered" if sale.backordered else ""
    more += f", {figure(sale.credited, sale.currency)} credited" if sale.credited else ""
    return (
        f"{sale.order_number}: {sale.status}, order {sale.order_status}, {total} with {tax} tax"
        f"{more}; read {words.second(sale.read_at)}"
    )


def _shipped(facts: OrderFacts, words: Wording) -> Iterator[str]:
    its = facts.shipment
    if its is None:
        return
    since = f" since {words.second(its.shipped_at)}" if its.shipped_at else ""
    yield f"{LEFT[Stage(its.stage)]}{since}; picking is {its.picking}"
    if its.told_at is not None:
        yield f"the storefront was told {words.second(its.told_at)}"
    if its.problem:
        yield f"telling it failed: {its.problem}"


def _money(facts: OrderFacts, words: Wording) -> Iterator[str]:
    currency = facts.order.currency
    for name, amount in facts.legs.items():
        if amount:
            yield f"{figure(amount, currency)} {LEGS.get(name, name)}"
    for each in facts.movements:
        paid = facts.paid_out.get(each.payout_id)
        when = f", paid {words.day(paid)}" if paid else ", not paid out yet"
        fee = figure(each.fee, each.settled_currency)
        yield (
            f"{each.gateway} {each.kind}: {figure(each.gross, each.currency)}, fee {fee}, in"
            f" payout {each.payout_id or 'none yet'}{when}"
        )
