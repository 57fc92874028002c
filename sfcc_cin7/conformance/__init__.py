"""What we believe about both APIs, one probe for each belief, and what an account really does.

A probe asks one small question of a live system and names what it saw. The answers become a profile
(`sfcc_cin7.merchant.profile`), which the operating model, the sandbox and a person can read.
"""

from sfcc_cin7.conformance.accounts import Accounts, open_accounts
from sfcc_cin7.conformance.against_model import contradictions, unworkable
from sfcc_cin7.conformance.cleaning import clean
from sfcc_cin7.conformance.journal import journals
from sfcc_cin7.conformance.kit import Kit, open_kit
from sfcc_cin7.conformance.plan import Plan, describe
from sfcc_cin7.conformance.probe import CannotProbe, Probe
from sfcc_cin7.conformance.ranking import foremost
from sfcc_cin7.conformance.recording import HTML, PROFILE, Recording
from sfcc_cin7.conformance.registry import PROBES, chosen
from sfcc_cin7.conformance.results import AccountKind, Result
from sfcc_cin7.conformance.subjects import MARKER, Subjects

__all__ = [
    "HTML",
    "MARKER",
    "PROBES",
    "PROFILE",
    "AccountKind",
    "Accounts",
    "CannotProbe",
    "Kit",
    "Plan",
    "Probe",
    "Recording",
    "Result",
    "Subjects",
    "chosen",
    "clean",
    "contradictions",
    "describe",
    "foremost",
    "journals",
    "open_accounts",
    "open_kit",
    "unworkable",
]
