"""One order, SKU, payout or break from end to end, as text: what happened, and what is open."""
