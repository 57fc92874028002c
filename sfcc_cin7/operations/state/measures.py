"""Every figure that is told, by the name that Prometheus scrapes it under, and what it means.

Units are base units and part of the name: seconds, instants in seconds since 1970.
"""

from collections.abc import Mapping

PREFIX = "sfcc_cin7_"

STATE, SIGN, LOOKED = "state", "sign", "looked_timestamp_seconds"
HEARTBEAT = "dagster_heartbeat_timestamp_seconds"
LAST_LOOK = "dagster_last_look_timestamp_seconds"
QUEUED = "dagster_runs_queued"
RUNNING = "dagster_runs_running"
RESIDENT = "resident_heartbeat_timestamp_seconds"
SUCCEEDED = "lane_last_success_timestamp_seconds"
EXPECTED = "lane_expected_by_timestamp_seconds"
WAITING = "orders_waiting"
OLDEST_ORDER = "order_oldest_wait_seconds"
ALLOWED_WAIT = "order_allowed_wait_seconds"
CIRCUIT = "circuit_open"
READ = "stock_reading_timestamp_seconds"
BELIEVED = "stock_reading_believed"
ROWS = "stock_reading_rows"
PUBLISHED = "publication_timestamp_seconds"
CALLS_USED = "erp_calls_used"
CALLS_ALLOWED = "erp_calls_allowed"
REFUSED = "erp_calls_refused"
ITEMS = "review_items"
OLDEST_ITEM = "review_oldest_age_seconds"
MONEY = "review_money_at_risk"

MEANINGS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    STATE: ("1 for the verdict on everything together, 0 for the others.", ("verdict",)),
    SIGN: ("1 for the verdict on one thing, 0 for the others.", ("sign", "verdict")),
    LOOKED: ("The instant that all this is told of.", ()),
    HEARTBEAT: ("When a daemon of Dagster last gave a sign of life.", ("daemon",)),
    LAST_LOOK: ("When the last look of any sensor or schedule began that failed at nothing.", ()),
    QUEUED: ("Runs that wait to be started.", ()),
    RUNNING: ("Runs that are started or starting.", ()),
    RESIDENT: ("When the live run of a lane last gave a sign of life.", ("lane",)),
    SUCCEEDED: ("When a lane last succeeded; no series before its first success.", ("lane",)),
    EXPECTED: ("By when a lane has to have succeeded again.", ("lane",)),
    WAITING: ("Orders that could be posted and are not yet.", ()),
    OLDEST_ORDER: ("How long the first of them has waited; 0 where none waits.", ()),
    ALLOWED_WAIT: ("How long an order may wait (posting.stalled_after_seconds).", ()),
    CIRCUIT: ("1 while an outside system does not answer, else 0.", ("system",)),
    READ: ("When the last reading of all stock began.", ()),
    BELIEVED: ("1 if the last reading of all stock was believed, else 0.", ()),
    ROWS: ("Rows of the last reading of all stock.", ()),
    PUBLISHED: ("When the last pass over an inventory list began that succeeded.", ("list",)),
    CALLS_USED: (
        "Calls to Cin7 of the last minute, with those under way; the application is a hash.",
        ("application",),
    ),
    CALLS_ALLOWED: ("Calls to Cin7 that a minute allows.", ("application",)),
    REFUSED: (
        "Calls that Cin7 refused in the last 15 minutes for being too many.",
        ("application",),
    ),
    ITEMS: ("Things that wait for a person.", ()),
    OLDEST_ITEM: ("How long the first of them has waited; 0 where none does.", ()),
    MONEY: ("Money that they put at risk, in the base currency.", ("currency",)),
}
"""Name without `PREFIX` -> what it tells, and its labels."""
