"""What of prices can wait for a person: code, cause, when it closes."""

PRICE_CODES: tuple[tuple[str, str, str], ...] = (
    (
        "price-below-floor",
        "A price earns less than the margin floor",
        "when tier or cost is another, or by `sfcc-cin7 prices release`",
    ),
    (
        "price-change-large",
        "A price moves by more than it may by itself",
        "when the tier is another, or by `sfcc-cin7 prices release`",
    ),
    (
        "prices-held",
        "Many prices of a book wait for a person",
        "when fewer wait, or by `sfcc-cin7 prices release`",
    ),
    (
        "price-refused",
        "The storefront does not take a price",
        "when it takes it, or the price is another",
    ),
    (
        "price-drift",
        "Shoppers are asked another price than the storefront was told",
        "when they are asked what it was told",
    ),
    (
        "price-gone",
        "A tier has no price any more of what is sold",
        "when it has one, or the price is removed",
    ),
    (
        "prices-doubted",
        "Too many prices are gone at once to be believed",
        "when they are there again, or by `sfcc-cin7 prices release`",
    ),
    (
        "prices-not-taken",
        "Prices did not reach the storefront for certain",
        "when the job took them",
    ),
    (
        "prices-follow-cost",
        "A tier is calculated from the cost",
        "when its prices stand while costs move",
    ),
)
