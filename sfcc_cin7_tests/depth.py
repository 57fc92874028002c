"""How deep the suite looks: by day enough to find an error, at night enough for a rare one."""

import os

EXAMPLES = int(os.environ.get("SFCC_CIN7_EXAMPLES", "100"))
"""Examples of each property of an order, other ones in each run: 20,000 at night."""

DAYS = max(40, EXAMPLES // 5)
"""Examples of a property of a whole day of orders."""

STOCK_EXAMPLES = int(os.environ.get("SFCC_CIN7_STOCK_EXAMPLES", "50"))
"""Courses of stock of fifty steps each, other ones in each run: 1,500 at night."""

FULFILMENT_EXAMPLES = max(40, EXAMPLES // 5)
"""Examples of a property of what the warehouse did with a sale."""

SCHEDULES = int(os.environ.get("SFCC_CIN7_SCHEDULES", "50"))
"""Random schedules of orders, faults and deaths, from the same seed on: 5,000 at night."""

AT_NIGHT = SCHEDULES > 100


def by_day(stride: int) -> int:
    """How many moments of a life to go on by: at night none is left out."""
    return 1 if AT_NIGHT else stride
