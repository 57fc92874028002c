"""What each role does every day and every week, and where."""

from collections.abc import Mapping, Sequence

ROUTINES: Mapping[str, Sequence[Sequence[str]]] = {
    "operations": (
        ("every morning", "what needs a person today, the worst first", "sfcc-cin7 review list"),
        ("every morning", "what is open and who has it", "sfcc-cin7 alerts list"),
        ("when told", "take it on, then read its page", "sfcc-cin7 alerts ack ALERT --by NAME"),
        ("when asked", "what became of an order", "sfcc-cin7 explain ORDER"),
        ("every week", "a drill that nobody has done for long", "sfcc-cin7 drill list"),
    ),
    "e-commerce": (
        (
            "every morning",
            "SKUs that the two systems do not agree about",
            "the check sku_divergence",
        ),
        (
            "before a campaign",
            "that lists are published, and that none is held",
            "sfcc-cin7 health",
        ),
        ("when asked", "why the storefront shows a figure", "sfcc-cin7 stock explain LIST SKU"),
        ("when a list is held", "look first whether it is true", "sfcc-cin7 stock release LIST"),
    ),
    "finance": (
        ("every morning", "breaks between the books, most money first", "sfcc-cin7 breaks list"),
        ("every week", "payouts that the bank does not show", "the check bank_agrees"),
        ("every month", "close the month", "sfcc-cin7 periods"),
        ("when asked", "what a payout is made of", "sfcc-cin7 explain PAYOUT"),
    ),
    "the engineer": (
        ("every morning", "that every sign is well", "sfcc-cin7 health"),
        ("every week", "calls a minute, lane by lane", "the asset cin7_calls"),
        ("after a change", "that both systems can be used", "sfcc-cin7 check"),
        ("every month", "that every channel takes a letter", "sfcc-cin7 alerts test"),
        ("every week", "what agents proposed and asked", "sfcc-cin7 agent calls"),
    ),
}
