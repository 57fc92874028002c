"""The day on one page, the ERP's call budget, and how things are, also from outside Dagster."""

from sfcc_cin7.operations.evidence import seen
from sfcc_cin7.operations.lookout import DayBook, Lookout
from sfcc_cin7.operations.state.verdicts import Sign, State, Verdict
from sfcc_cin7.operations.wall_page import status_page
from sfcc_cin7.operations.watch import Watch, serve_watch

__all__ = [
    "DayBook",
    "Lookout",
    "Sign",
    "State",
    "Verdict",
    "Watch",
    "seen",
    "serve_watch",
    "status_page",
]
