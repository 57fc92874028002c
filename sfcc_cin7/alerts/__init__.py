"""Those who run it are told, in a minute, once, and about the cause."""

from sfcc_cin7.alerts.acknowledging import acknowledging_page
from sfcc_cin7.alerts.deciding.evidence import EVERYTHING, Evidence, Seen
from sfcc_cin7.alerts.gathering import of_inbox, piece
from sfcc_cin7.alerts.links import Links
from sfcc_cin7.alerts.records.alerts import (
    AlertRow,
    acknowledge,
    history,
    open_alerts,
)
from sfcc_cin7.alerts.records.database import Database
from sfcc_cin7.alerts.sending import Post, addresses, send_by_apprise
from sfcc_cin7.alerts.spool import Spool
from sfcc_cin7.alerts.teller import Teller
from sfcc_cin7.alerts.trial import trial_letter

__all__ = [
    "EVERYTHING",
    "AlertRow",
    "Database",
    "Evidence",
    "Links",
    "Post",
    "Seen",
    "Spool",
    "Teller",
    "acknowledge",
    "acknowledging_page",
    "addresses",
    "history",
    "of_inbox",
    "open_alerts",
    "piece",
    "send_by_apprise",
    "trial_letter",
]
