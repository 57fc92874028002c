"""What a cause brings about, in the words of whom it concerns."""

from collections.abc import Mapping

ORDERS_WAIT = "These orders are not in the ERP and hold their units back; nothing is lost."
EFFECTS: Mapping[str, str] = {
    "database-away": "Everything stands still: no order is booked and no stock is published."
    " What the storefront places meanwhile is read afterwards.",
    "watcher-failed": "Nobody knows how things are.",
    "model-unreadable": "The watcher cannot judge; what runs goes on with the model it had.",
    "dagster-dead": "Nothing is started any more: orders, stock and books stand still.",
    "dagster-blind": "No sensor or schedule looks: orders, stock and books stand still.",
    "run-queue": "Runs that were asked for do not start.",
    "lane-dead": "Nobody does the work of this lane.",
    "lane-late": "What this lane brings up to date grows old.",
    "lane-fails": "What this lane brings up to date grows old.",
    "posting-stalled": ORDERS_WAIT,
    "system-down": "What needs it waits and is taken up by itself when it answers.",
    "key-refused": "Nothing that needs this system works until the key is valid.",
    "reading-doubted": "No stock is published until a reading is believed.",
    "reading-late": "The storefront sells by an old figure.",
    "list-unpublished": "The storefront sells by an old figure.",
    "calls-refused": "Somebody else uses our calls to Cin7: orders may become late.",
    "stock-drift": "The storefront offers another stock than there is.",
    "sku-sold-unready": "Shoppers see, or buy, what is not ready to be sold.",
    "price-below-floor": "The shop keeps the older price until somebody decides.",
    "price-change-large": "The shop keeps the older price until somebody decides.",
    "price-refused": "The shop keeps the older price.",
    "price-drift": "Shoppers are asked another price than the ERP's.",
    "price-gone": "The shop keeps a price that the ERP has no more.",
    "stock-held": "The list keeps its old figures until it is released.",
    "oversold": "Goods were sold that the ERP has to backorder.",
    "check-fails": "What this check looks at is not as it should be.",
    "webhook-off": "Changes of stock are seen at the next reading only, not at once.",
    "channel-fails": "Alerts go over the next channel, or wait.",
    "promise-broken": "A shopper waits longer than they were promised.",
    "attribute-undefined": "The storefront cannot keep what it is told of shipments.",
    "shipped-though-cancelled": "Goods of a cancelled order have left.",
    "clock-wrong": "Which of two figures is the later one cannot be told for sure.",
    "not-known": "This could not be looked at: a failure may be hidden behind it.",
}
OF_FAMILIES: Mapping[str, str] = {
    "books-": "Storefront and ERP disagree about money: the books do not close.",
    "goods-": "Goods, bills and credit notes disagree: the books do not close.",
    "bank-": "The bank and the books disagree about money: the books do not close.",
    "statement-": "What the bank booked is not matched.",
    "shipment-": "The shopper is told something else than what has left.",
    "payout-": "The gateway and the books disagree about money: the books do not close.",
    "refund-": "A shopper waits for a refund that the ERP has not booked.",
    "report-": "Payouts of this report are not matched.",
    "stock-": "The storefront may offer another stock than there is.",
    "prices-": "The shop may ask other prices than the ERP's.",
    "field-": "Both systems tell another story about one product.",
    "sku-": "The storefront sells what the ERP does not know under this name.",
    "ean-": "Both systems name one product differently.",
}
"""By how a code begins, where it has no row of its own."""


def effect_of(code: str) -> str:
    """What a cause with this code brings about; what is about orders alone keeps them waiting."""
    if code in EFFECTS:
        return EFFECTS[code]
    families = (effect for start, effect in OF_FAMILIES.items() if code.startswith(start))
    return next(families, ORDERS_WAIT)
